#include "kernels/vec/pair/arm_neon.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmv/generic.h"
// clang-format on

namespace tfjs_sparse {
namespace {

/// A table look-up in bytes reaches the 64 bytes of a whole window: bytes 4·place to 4·place + 3 of each
/// lane.
struct Window16 {
  static constexpr int kRows = 8, kColumnBits = 4;
  struct Words {
    uint32x4_t low, high;
  };
  static TFJS_SPARSE_INLINE Words words(const uint32_t* places) {
    return {vld1q_u32(places), vld1q_u32(places + 4)};
  }
  /// The byte places of the first four lanes and of the others.
  struct Places {
    uint8x16_t low, high;
  };
  template <int kStep>
  static TFJS_SPARSE_INLINE uint8x16_t bytes(uint32x4_t words) {
    const uint32x4_t place = vandq_u32(vshlq_u32(words, vdupq_n_s32(-4 * kStep)), vdupq_n_u32(15));
    return vreinterpretq_u8_u32(vmlaq_n_u32(vdupq_n_u32(0x03020100), place, 0x04040404));
  }
  template <int kStep>
  static TFJS_SPARSE_INLINE Places places(Words words) {
    return {bytes<kStep>(words.low), bytes<kStep>(words.high)};
  }
  static TFJS_SPARSE_INLINE Vec::T pick(const float* x, const Places& p) {
    const uint8x16x4_t window = vld1q_u8_x4(reinterpret_cast<const uint8_t*>(x));
    return {vreinterpretq_f32_u8(vqtbl4q_u8(window, p.low)),
            vreinterpretq_f32_u8(vqtbl4q_u8(window, p.high))};
  }
};

}  // namespace

SPMV_DEFINE(window, 8x16, neon, spmv_window, Window16)
SPMV_DEFINE(dense, 24, neon, spmv_dense, 3)
SPMV_DEFINE(dense, 8, neon, spmv_dense, 1)

}  // namespace tfjs_sparse
