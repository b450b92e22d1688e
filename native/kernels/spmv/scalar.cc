// The specification. As in spmm, a weight that is exactly zero contributes nothing.
#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {
namespace {

float clamp(float value, const SpmvCall& call) {
  value = call.min > value ? call.min : value;
  return call.max < value ? call.max : value;
}

template <size_t kRows, size_t kColumnBits>
void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  const uint16_t* advance = slices.advances;
  const uint8_t* columns = slices.columns;
  const float* values = slices.values;
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    float acc[kRows];
    for (size_t r = 0; r < kRows; ++r) acc[r] = call.bias[slice * kRows + r];
    const float* window = call.x;
    for (uint32_t step = 0; step < slices.steps[slice]; ++step) {
      window += *advance++;
      for (size_t r = 0; r < kRows; ++r) {
        const size_t bit = r * kColumnBits;
        const size_t column = columns[bit / 8] >> (bit % 8) & ((1u << kColumnBits) - 1);
        if (values[r] != 0) acc[r] += values[r] * window[column];
      }
      columns += kRows * kColumnBits / 8;
      values += kRows;
    }
    for (size_t r = 0; r < kRows; ++r) call.y[slice * kRows + r] = clamp(acc[r], call);
  }
}

template <size_t kRows>
void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  const float* values = slices.values;
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    float acc[kRows];
    for (size_t r = 0; r < kRows; ++r) acc[r] = call.bias[slice * kRows + r];
    for (size_t k = 0; k < call.k; ++k, values += kRows)
      for (size_t r = 0; r < kRows; ++r)
        if (values[r] != 0) acc[r] += values[r] * call.x[k];
    for (size_t r = 0; r < kRows; ++r) call.y[slice * kRows + r] = clamp(acc[r], call);
  }
}

}  // namespace

void spmv_window_f32_minmax_8x16__scalar(const SpmvCall& c, const SpmvSlices& s) { spmv_window<8, 4>(c, s); }
void spmv_window_f32_minmax_16x32__scalar(const SpmvCall& c, const SpmvSlices& s) {
  spmv_window<16, 8>(c, s);
}
void spmv_dense_f32_minmax_64__scalar(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<64>(c, s); }
void spmv_dense_f32_minmax_32__scalar(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<32>(c, s); }
void spmv_dense_f32_minmax_16__scalar(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<16>(c, s); }
void spmv_dense_f32_minmax_8__scalar(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<8>(c, s); }

}  // namespace tfjs_sparse
