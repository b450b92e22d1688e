#include "kernels/vec/pair/arm_neon.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmv/generic.h"
// clang-format on

#include <cstring>

namespace tfjs_sparse {
namespace {

/// A table look-up in bytes reaches the 64 bytes of a whole window: bytes 4·place to 4·place + 3 of each
/// lane.
struct Window16 {
  static constexpr int kRows = 8, kColumnBytes = 4;
  /// The byte places of the first four lanes and of the others.
  struct Places {
    uint8x16_t low, high;
  };
  static TFJS_SPARSE_INLINE Places places(const uint8_t* columns) {
    uint32_t word;
    std::memcpy(&word, columns, sizeof(word));
    const uint8x16_t nibbles = vreinterpretq_u8_u32(vdupq_n_u32(word));
    // Two lanes share a byte: to all their bytes, and the lane's half of it to bits 2 to 5.
    const uint8x16_t first = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    const uint8x16_t second = {2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3};
    const int8x16_t shifts = {2, 2, 2, 2, -2, -2, -2, -2, 2, 2, 2, 2, -2, -2, -2, -2};
    const uint8x16_t bytes_of_a_float = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3};
    const uint8x16_t field = vdupq_n_u8(15 << 2);
    return {vbslq_u8(field, vshlq_u8(vqtbl1q_u8(nibbles, first), shifts), bytes_of_a_float),
            vbslq_u8(field, vshlq_u8(vqtbl1q_u8(nibbles, second), shifts), bytes_of_a_float)};
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
