// The specification. As in spmm, a weight that is exactly zero contributes nothing.
#include "kernels/vec/weights/scalar.h"
#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {
namespace {

float clamp(float value, const SpmvCall& call) {
  value = call.min > value ? call.min : value;
  return call.max < value ? call.max : value;
}

template <typename Weight, size_t kRows>
void start(const SpmvCall& call, size_t slice, float* acc) {
  for (size_t r = 0; r < kRows; ++r) acc[r] = Weight::kScaled ? 0 : call.bias[slice * kRows + r];
}

template <typename Weight, size_t kRows>
void finish(const SpmvCall& call, const SpmvSlices& slices, size_t slice, const float* acc) {
  for (size_t r = 0; r < kRows; ++r) {
    const size_t output = slice * kRows + r;
    call.y[output] =
        clamp(Weight::kScaled ? slices.scales[output] * acc[r] + call.bias[output] : acc[r], call);
  }
}

template <typename Weight, size_t kRows, size_t kColumnBits>
void spmv_window_vector(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr size_t kSteps = 32 / kColumnBits;
  const uint16_t* offsets = slices.offsets;
  const uint32_t* places = slices.places;
  const auto* values = static_cast<const typename Weight::T*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    float acc[kRows];
    start<Weight, kRows>(call, slice, acc);
    const float* first = call.x;
    for (uint32_t group = 0; group < slices.groups[slice]; ++group) {
      first += offsets[0];
      for (size_t step = 0; step < kSteps; ++step, values += kRows) {
        const float* window = step == 0 ? first : first + offsets[step];
        for (size_t r = 0; r < kRows; ++r) {
          const size_t column = places[r] >> (step * kColumnBits) & ((1u << kColumnBits) - 1);
          const float value = Weight::get(values + r);
          if (value != 0) acc[r] += value * window[column];
        }
      }
      offsets += kSteps;
      places += kRows;
    }
    finish<Weight, kRows>(call, slices, slice, acc);
  }
}

template <typename Weight, size_t kRows>
void spmv_dense_vector(const SpmvCall& call, const SpmvSlices& slices) {
  const auto* values = static_cast<const typename Weight::T*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    float acc[kRows];
    start<Weight, kRows>(call, slice, acc);
    for (size_t k = 0; k < call.k; ++k, values += kRows)
      for (size_t r = 0; r < kRows; ++r) {
        const float value = Weight::get(values + r);
        if (value != 0) acc[r] += value * call.x[k];
      }
    finish<Weight, kRows>(call, slices, slice, acc);
  }
}

template <typename Function>
void for_vectors(const SpmvCall& call, Function function) {
  for (size_t c = 0; c < call.count; ++c) {
    SpmvCall one = call;
    one.x += c * call.x_stride;
    one.y += c * call.y_stride;
    function(one);
  }
}

template <typename Weight, size_t kRows, size_t kColumnBits>
void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  for_vectors(call,
              [&](const SpmvCall& one) { spmv_window_vector<Weight, kRows, kColumnBits>(one, slices); });
}

template <typename Weight, size_t kRows>
void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  for_vectors(call, [&](const SpmvCall& one) { spmv_dense_vector<Weight, kRows>(one, slices); });
}

}  // namespace

SPMV_DEFINE(window, 8x16, scalar, spmv_window, 8, 4)
SPMV_DEFINE(window, 16x32, scalar, spmv_window, 16, 5)
SPMV_DEFINE(window, 8x8, scalar, spmv_window, 8, 4)
SPMV_DEFINE(dense, 48, scalar, spmv_dense, 48)
SPMV_DEFINE(dense, 24, scalar, spmv_dense, 24)
SPMV_DEFINE(dense, 16, scalar, spmv_dense, 16)
SPMV_DEFINE(dense, 8, scalar, spmv_dense, 8)

}  // namespace tfjs_sparse
