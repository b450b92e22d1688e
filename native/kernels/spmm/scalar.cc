// The specification: the shortest correct loop. A weight that is exactly zero contributes nothing, so that a
// NaN or an infinity that meets only pruned weights stays out of the sum; the vector kernels multiply by the
// stored zeros of a block instead, and are only called on finite activations then.
#include "kernels/vec/weights/scalar.h"
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

template <typename Weight>
float spmm_finish(float acc, const SpmmTile& tile, const SpmmBlock& block, size_t output) {
  if (Weight::kScaled) acc = block.scales[output] * acc + tile.bias[output];
  acc = tile.min > acc ? tile.min : acc;
  return tile.max < acc ? tile.max : acc;
}

template <typename Weight, unsigned kNr, bool kDense>
void spmm(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr size_t kMr = 8;
  const auto* values = static_cast<const typename Weight::T*>(block.values);
  const auto* columns = static_cast<const SpmmColumn<kNr>*>(block.columns);
  for (size_t g = 0; g < tile.groups; ++g) {
    for (unsigned r = 0; r < kNr; ++r) {
      const size_t output = block.outputs[g] + r;
      float* c = tile.c + output * tile.c_stride;
      const float* sums = tile.first ? nullptr : tile.sums + output * tile.sums_stride;
      for (size_t m = 0; m < kMr; ++m) {
        float acc = !tile.first ? sums[m] : Weight::kScaled ? 0 : tile.bias[output];
        for (uint32_t p = block.offsets[g]; p < block.offsets[g + 1]; ++p) {
          const size_t column = kDense ? p - block.offsets[g] : columns[p];
          const float value = Weight::get(values + size_t{p} * kNr + r);
          if (value != 0) acc += value * tile.a[column * tile.a_stride + m];
        }
        c[m] = tile.last ? spmm_finish<Weight>(acc, tile, block, output) : acc;
      }
    }
  }
}

template <typename Weight, size_t kMr, size_t kOutputs>
void spmm_slices(const SpmmTile& tile, const SpmmBlock& block) {
  const auto* values = static_cast<const typename Weight::T*>(block.values);
  const auto* columns = static_cast<const uint16_t*>(block.columns);
  for (size_t g = 0; g < tile.groups; ++g)
    for (size_t r = 0; r < kOutputs; ++r) {
      const size_t output = block.outputs[g * kOutputs + r];
      for (size_t m = 0; m < kMr; ++m) {
        float acc = !tile.first       ? tile.sums[output * tile.sums_stride + m]
                    : Weight::kScaled ? 0
                                      : tile.bias[output];
        for (size_t p = block.offsets[g]; p < block.offsets[g + 1]; ++p) {
          const size_t column = columns[p * kOutputs + r] / (kSpmmSliceUnit * sizeof(float));
          const float value = Weight::get(values + p * kOutputs + r);
          if (value != 0) acc += value * tile.a[column * tile.a_stride + m];
        }
        tile.c[output * tile.c_stride + m] = tile.last ? spmm_finish<Weight>(acc, tile, block, output) : acc;
      }
    }
}

}  // namespace

SPMM_DEFINE(csr, 8, 1, scalar, spmm, 1, false)
SPMM_DEFINE(bsr, 8, 2, scalar, spmm, 2, false)
SPMM_DEFINE(bsr, 8, 4, scalar, spmm, 4, false)
SPMM_DEFINE(bsr, 8, 8, scalar, spmm, 8, false)
SPMM_DEFINE(dense, 8, 1, scalar, spmm, 1, true)
SPMM_DEFINE(dense, 8, 2, scalar, spmm, 2, true)
SPMM_DEFINE(dense, 8, 4, scalar, spmm, 4, true)
SPMM_DEFINE(dense, 8, 8, scalar, spmm, 8, true)
SPMM_DEFINE(slices, 8, 4, scalar, spmm_slices, 8, 4)
SPMM_DEFINE(slices, 8, 8, scalar, spmm_slices, 8, 8)

}  // namespace tfjs_sparse
