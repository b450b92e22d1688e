#include <cmath>
#include <memory>
#include <string>

#include "binding/arguments.h"
#include "binding/csr_reader.h"
#include "binding/environment.h"
#include "binding/exports.h"
#include "core/csr.h"
#include "core/thread_pool.h"
#include "kernels/dense_csr/dense_csr.h"

namespace tfjs_sparse::binding {

namespace {

[[noreturn]] void fail(Napi::Env env, StatusCode code, const std::string& message) {
  throw make_error(env, Status::Error(code, message));
}

constexpr size_t kMaxEntries = 0x7fffffff;

/// Arrays of JavaScript that hold a CSR matrix.
struct CsrArrays {
  Napi::Int32Array row_offsets, col_indices;
  Napi::Float32Array values;

  void allocate(Napi::Env env, size_t nnz) {
    col_indices = Napi::Int32Array::New(env, nnz);
    values = Napi::Float32Array::New(env, nnz);
  }
  CsrParts parts() { return {row_offsets.Data(), col_indices.Data(), values.Data()}; }
  Napi::Object object(Napi::Env env) const {
    Napi::Object out = Napi::Object::New(env);
    out.Set("rowOffsets", row_offsets);
    out.Set("colIndices", col_indices);
    out.Set("values", values);
    return out;
  }
};

/// The greatest float32 that is not above a limit: the same floats lie below both.
float float_below(double limit) {
  const float nearest = static_cast<float>(limit);
  return static_cast<double>(nearest) > limit ? std::nextafter(nearest, 0.0f) : nearest;
}

}  // namespace

/// (values: Float32Array, rows, cols, transposed: boolean, tolerance, threads) -> { rowOffsets, colIndices,
/// values }
Napi::Value csr_from_dense(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  DenseView dense{};
  dense.rows = args.size(1, "rows");
  dense.cols = args.size(2, "cols");
  dense.transposed = args.boolean(3, "transposed");
  dense.tolerance = float_below(args.number(4, "tolerance"));
  if (dense.rows >= kMaxEntries || dense.cols >= kMaxEntries || dense.rows * dense.cols > kMaxEntries)
    fail(env, StatusCode::kShape, "values: more than 2^31 - 1 of them");
  dense.values = args.float32_of(0, "values", dense.rows * dense.cols).data;
  CsrArrays arrays;
  arrays.row_offsets = Napi::Int32Array::New(env, dense.rows + 1);
  const Isa isa = environment(env).isa;
  const RunParts run = ThreadPool::shared().run_parts(args.size(5, "threads"));
  arrays.allocate(env, csr_count(isa, dense, run, arrays.row_offsets.Data()));
  const std::unique_ptr<int32_t[]> next(new int32_t[dense.rows]);
  csr_fill(isa, dense, run, arrays.parts(), next.get());
  return arrays.object(env);
}

/// (rows, cols, rowOffsets, colIndices, values): throws ERR_SPARSE_CSR when they are not well formed
Napi::Value csr_check(const Napi::CallbackInfo& info) {
  read_csr(Arguments(info));
  return info.Env().Undefined();
}

/// (rows, cols, rowOffsets, colIndices, values) -> Float32Array [rows, cols]
Napi::Value csr_dense_values(const Napi::CallbackInfo& info) {
  const CsrView csr = read_csr(Arguments(info));
  if (csr.cols != 0 && csr.rows > kMaxEntries / csr.cols)
    fail(info.Env(), StatusCode::kShape, "toDense: more than 2^31 - 1 values");
  Napi::Float32Array dense = Napi::Float32Array::New(info.Env(), csr.rows * csr.cols);
  csr_to_dense(csr, dense.Data());
  return dense;
}

/// (rows, cols, rowOffsets, colIndices, values) -> { rowOffsets, colIndices, values } of the transposed
/// matrix
Napi::Value csr_transposed(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const CsrView csr = read_csr(Arguments(info));
  CsrArrays arrays;
  arrays.row_offsets = Napi::Int32Array::New(env, csr.cols + 1);
  arrays.allocate(env, static_cast<size_t>(csr.row_offsets[csr.rows]));
  const std::unique_ptr<int32_t[]> next(new int32_t[csr.cols]);
  csr_transpose(csr, arrays.parts(), next.get());
  return arrays.object(env);
}

}  // namespace tfjs_sparse::binding
