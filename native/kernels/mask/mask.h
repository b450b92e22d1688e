#pragma once
// mask: from a threshold to bytes (1 = keep, 0 = pruned), and from bytes to pruned weights.
//
// Thresholds are keys (core/float_order.h), so "greater than t" is "at least t + 1" and one kernel serves
// both:
//
//   ties all kept, or all dropped:   mask = key >= t, or key >= t + 1; one pass
//   an exact count, ties by index:   in chunks that stay in the cache: ties of the chunk fit into the quota:
//   key >= t;
//                                    the quota is spent: key >= t + 1; in between, once: one by one
//
// Groups (N:M, balanced) lie along the inputs, so their members are rows of the matrix and lanes run along
// the outputs: a member's rank is the number of members that beat it, counted by compares of whole rows: no
// sort, no gathers.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "kernels/select/select.h"

namespace tfjs_sparse {

/// Members of a group that mask_group ranks by compares; their number grows with the square.
inline constexpr size_t kMaskGroupMax = 64;

/// The kernels of one ISA. Any alignment; nothing is read or written past the sizes given.
struct MaskKernels {
  Isa isa;
  const char* suffix;
  /// mask[i] = key(values[i]) >= key, n of them. The index of both: RankOrder.
  void (*at_least[2])(const float* values, size_t n, int32_t key, uint8_t* mask);
  /// How many keys equal `key`.
  size_t (*count_equal[2])(const float* values, size_t n, int32_t key);
  /// out[i] = mask[i] ? values[i] : +0, whatever values[i] is. `out` may be `values`.
  void (*apply)(const float* values, const uint8_t* mask, size_t n, float* out);
  /// One group: `members` <= kMaskGroupMax rows of `columns` scores, `stride` apart, as are the rows of the
  /// mask. In each column the `keep` highest are kept, the upper row on a tie.
  void (*group)(const float* scores, size_t members, size_t columns, size_t stride, size_t keep,
                uint8_t* mask);
};

#define MASK_KERNELS(isa, suffix)                                                                            \
  void mask_at_least_magnitudes__##suffix(const float* values, size_t n, int32_t key, uint8_t* mask);        \
  void mask_at_least_scores__##suffix(const float* values, size_t n, int32_t key, uint8_t* mask);            \
  size_t mask_count_equal_magnitudes__##suffix(const float* values, size_t n, int32_t key);                  \
  size_t mask_count_equal_scores__##suffix(const float* values, size_t n, int32_t key);                      \
  void mask_apply__##suffix(const float* values, const uint8_t* mask, size_t n, float* out);                 \
  void mask_group__##suffix(const float* scores, size_t members, size_t columns, size_t stride, size_t keep, \
                            uint8_t* mask);
#include "kernels/mask/kernels.inc"
#undef MASK_KERNELS

/// Every set in this binary, best first.
const MaskKernels* mask_kernels(size_t* count);
const MaskKernels& choose_mask(Isa isa);

/// What becomes of the weights that tie with the threshold.
enum class Ties : uint8_t {
#define SPARSE_TIES(name, text) name,
#include "kernels/mask/ties.inc"
#undef SPARSE_TIES
};

/// How many of the values that equal `cut`, the k-th smallest of n, are kept.
size_t kept_ties(size_t n, size_t k, const Selection& cut, Ties ties);

/// Builds the mask of values ranked above `cut`, the k-th smallest of them.
/// @returns how many are kept
size_t mask_by_rank(Isa isa, RankOrder order, const float* values, size_t n, size_t k, const Selection& cut,
                    Ties ties, uint8_t* mask);

/// Words of scratch memory that mask_groups needs.
size_t mask_groups_scratch(size_t group);

/// In each output, of each block b of `group` neighbouring inputs the keep[b] highest scores, the lower input
/// on a tie.
/// @param scores  [inputs][outputs], no NaN
/// @param keep    one count for each of ceil(inputs / group) blocks, at most the block's inputs
void mask_groups(Isa isa, const float* scores, size_t inputs, size_t outputs, size_t group,
                 const int32_t* keep, int32_t* scratch, uint8_t* mask);

/// Sum of the bytes: the ones of a mask.
size_t mask_count(const uint8_t* mask, size_t n);

/// Repeats each bit of a block mask over its block, cut at the edges of [inputs][outputs].
/// @param blocks  bytes of 0 and 1
/// @returns how many ones `mask` has
size_t mask_expand(const uint8_t* blocks, size_t inputs, size_t outputs, size_t block_inputs,
                   size_t block_outputs, uint8_t* mask);

}  // namespace tfjs_sparse
