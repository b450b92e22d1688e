#include "session/layout.h"

#include <cstdint>
#include <cstring>

#include "kernels/transpose/transpose.h"

namespace tfjs_sparse {

void import_rows(Isa isa, const float* rows, const ValueShape& shape, size_t batch, const Buffer& out) {
  const size_t channels = shape.channels, positions = shape.positions();
  const TransposeFunction transpose = choose_transpose(isa);
  if (batch * positions == 1 || (batch == 1 && channels == 1)) {
    std::memcpy(out.data, rows, shape.features() * sizeof(float));
  } else if (batch == 1) {
    transpose(rows, channels, out.data, out.stride, positions, channels);
  } else if (positions == 1) {
    transpose(rows, channels, out.data, out.stride, batch, channels);
  } else if (channels == 1) {
    transpose(rows, positions, out.data, batch, batch, positions);
  } else {
    for (size_t p = 0; p < positions; ++p)
      transpose(rows + p * channels, positions * channels, out.data + p * batch, out.stride, batch, channels);
  }
}

void export_rows(Isa isa, const Buffer& in, const ValueShape& shape, size_t batch, float* rows) {
  const size_t channels = shape.channels, positions = shape.positions();
  const TransposeFunction transpose = choose_transpose(isa);
  if (batch * positions == 1 || (batch == 1 && channels == 1)) {
    std::memcpy(rows, in.data, shape.features() * sizeof(float));
  } else if (batch == 1) {
    transpose(in.data, in.stride, rows, channels, channels, positions);
  } else if (positions == 1) {
    transpose(in.data, in.stride, rows, channels, channels, batch);
  } else if (channels == 1) {
    transpose(in.data, batch, rows, positions, positions, batch);
  } else {
    for (size_t p = 0; p < positions; ++p)
      transpose(in.data + p * batch, in.stride, rows + p * channels, positions * channels, channels, batch);
  }
}

void gather_features(const Buffer& in, const ValueShape& shape, size_t batch, float* out) {
  const size_t columns = shape.positions() * batch;
  for (size_t c = 0; c < shape.channels; ++c)
    std::memcpy(out + c * columns, in.data + c * in.stride, columns * sizeof(float));
}

void scatter_features(const float* in, const ValueShape& shape, size_t batch, const Buffer& out) {
  const size_t columns = shape.positions() * batch;
  for (size_t c = 0; c < shape.channels; ++c)
    std::memcpy(out.data + c * out.stride, in + c * columns, columns * sizeof(float));
}

bool all_finite(const float* data, size_t rows, size_t columns, size_t stride) {
  constexpr uint32_t kExponent = 0x7f800000u;
  if (stride == columns) {
    columns *= rows;
    rows = 1;
  }
  for (size_t r = 0; r < rows; ++r) {
    const float* row = data + r * stride;
    uint32_t found = 0;
    for (size_t i = 0; i < columns; ++i) {
      uint32_t bits;
      std::memcpy(&bits, row + i, sizeof(bits));
      found |= (bits & kExponent) == kExponent ? 1u : 0u;
    }
    if (found != 0) return false;
  }
  return true;
}

}  // namespace tfjs_sparse
