#include "binding/csr_reader.h"

namespace tfjs_sparse::binding {

CsrView read_csr(const Arguments& args) {
  const size_t rows = args.size(0, "rows"), cols = args.size(1, "cols");
  const Span<int32_t> offsets = args.int32(2, "rowOffsets"), indices = args.int32(3, "colIndices");
  const Span<float> values = args.float32_of(4, "values", indices.size);
  if (offsets.size != rows + 1)
    throw make_error(args.env(), Status::Error(StatusCode::kShape,
                                               "rowOffsets: expected " + std::to_string(rows + 1) +
                                                   " values, received " + std::to_string(offsets.size)));
  throw_if_error(args.env(), csr_validate(rows, cols, offsets.data, indices.data, indices.size));
  return {rows, cols, offsets.data, indices.data, values.data};
}

}  // namespace tfjs_sparse::binding
