// 32 registers: at most 24 sums beside the activations and a weight.
#include "kernels/vec/x86_avx512.h"

#include "kernels/vec/weights/x86_avx512.h"

#include "limit_loops_generic.h"

namespace tfjs_sparse {
namespace {
constexpr TileLoop kTiles[] = {
    tile_loop<1, 1>(), tile_loop<2, 1>(), tile_loop<3, 1>(), tile_loop<4, 1>(), tile_loop<6, 1>(),
    tile_loop<8, 1>(), tile_loop<1, 2>(), tile_loop<2, 2>(), tile_loop<3, 2>(), tile_loop<4, 2>(),
    tile_loop<6, 2>(), tile_loop<1, 4>(), tile_loop<2, 4>(), tile_loop<3, 4>(), tile_loop<4, 4>(),
    tile_loop<6, 4>(), tile_loop<1, 8>(), tile_loop<2, 8>(), tile_loop<3, 8>(), slices_loop<1, 8>(),
};
}  // namespace
extern const LimitLoops kLimitLoopsAvx512 = {"avx512", fma_loop, read_loop, kTiles,
                                             sizeof(kTiles) / sizeof(kTiles[0])};
}  // namespace tfjs_sparse
