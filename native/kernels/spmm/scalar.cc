// The specification: the shortest correct loop. A weight that is exactly zero contributes nothing, so that a
// NaN or an infinity that meets only pruned weights stays out of the sum; the vector kernels multiply by the
// stored zeros of a block instead, and are only called on finite activations then.
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

template <unsigned kNr, bool kDense>
void spmm(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr size_t kMr = 8;
  for (size_t g = 0; g < tile.groups; ++g) {
    for (unsigned r = 0; r < kNr; ++r) {
      const size_t output = block.outputs[g] + r;
      float* c = tile.c + output * tile.c_stride;
      for (size_t m = 0; m < kMr; ++m) {
        float acc = tile.first ? tile.bias[output] : c[m];
        for (uint32_t p = block.offsets[g]; p < block.offsets[g + 1]; ++p) {
          const size_t column = kDense ? p - block.offsets[g] : block.columns[p];
          const float value = block.values[size_t{p} * kNr + r];
          if (value != 0) acc += value * tile.a[column * tile.a_stride + m];
        }
        if (tile.last) {
          acc = tile.min > acc ? tile.min : acc;
          acc = tile.max < acc ? tile.max : acc;
        }
        c[m] = acc;
      }
    }
  }
}

}  // namespace

#define SPMM_SCALAR(name, nr, dense) \
  void name(const SpmmTile& tile, const SpmmBlock& block) { spmm<nr, dense>(tile, block); }
SPMM_SCALAR(spmm_csr_f32_minmax_8x1__scalar, 1, false)
SPMM_SCALAR(spmm_bsr_f32_minmax_8x2__scalar, 2, false)
SPMM_SCALAR(spmm_bsr_f32_minmax_8x4__scalar, 4, false)
SPMM_SCALAR(spmm_bsr_f32_minmax_8x8__scalar, 8, false)
SPMM_SCALAR(spmm_dense_f32_minmax_8x1__scalar, 1, true)
SPMM_SCALAR(spmm_dense_f32_minmax_8x2__scalar, 2, true)
SPMM_SCALAR(spmm_dense_f32_minmax_8x4__scalar, 4, true)
SPMM_SCALAR(spmm_dense_f32_minmax_8x8__scalar, 8, true)
#undef SPMM_SCALAR

}  // namespace tfjs_sparse
