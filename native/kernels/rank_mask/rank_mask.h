#pragma once
// rank_mask: the mask of the weights that rank from the k-th smallest up, in one read of them.
//
//   sample:    bracket = [low, high] around the k-th, and a guess of it          (kernels/select)
//   one pass:  mask = key >= guess; count up to low; collect keys strictly inside the bracket with
//              their positions                                                  (the kernel)
//   few keys:  the exact k-th among those inside
//   patch:     the bytes of those between the guess and the k-th, and of ties
//
// A byte outside the bracket is right at once. Inside lie one or two keys of a hundred, and the guess is
// right for nine of ten of them: patching all would touch every cache line of the mask once more.
//
// Where the sample says that many values tie with the k-th (most are zero, or they are quantized), and where
// the bracket missed, selecting and masking follow one after the other: counting ties in the pass would cost
// all others.
//
// Measured on 16.8 M normal weights, k at 90 %, AVX2, one core of a Zen 4 server CPU, November 2026, CPU
// time: only reading them 2.4 ms; all of this 4.1 ms (the pass 3.2, sample, selection and patch the rest);
// selecting and then masking 7.7 ms. Of 3.3 ms that a plain form of the pass took, changes made: plain
// instead of streaming stores 4.3; a compress of every register instead of taking the set bits one by
// one 4.8; a branch for each register that has something inside 7.1. Software prefetch slowed every form
// down.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "kernels/mask/mask.h"
#include "kernels/select/select.h"

namespace tfjs_sparse {

/// A key strictly inside the bracket. The two lie together: written to an array each, they made the pass two
/// to three times slower whenever the distance of the arrays fooled the way predictor of Zen's L1 cache.
struct InsideKey {
  int32_t key;
  uint32_t position;
};

/// Outcome of one pass.
struct RankMaskTally {
  size_t up_to_low = 0;  ///< keys <= low
  size_t inside = 0;     ///< low < keys < high
  bool nan = false;      ///< a float was NaN: the counts mean nothing
};

/// One pass over n < 2^32 values, `low < guess <= high`: mask[i] = key(values[i]) >= guess;
/// counts, and collects the keys strictly inside. When `tally.inside > capacity` the pass has stopped and
/// nothing else is meaningful.
/// @param inside  room for `capacity` of them, in order of position; not overlapping anything
using RankMaskFunction = void (*)(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                                  InsideKey* inside, size_t capacity, RankMaskTally* tally);

struct RankMaskKernel {
  Isa isa;
  RankOrder order;
  const char* name;
  RankMaskFunction function;
};

#define RANK_MASK_KERNEL(isa, order, name)                                                           \
  void name(const float* values, size_t n, const Bracket& bracket, uint8_t* mask, InsideKey* inside, \
            size_t capacity, RankMaskTally* tally);
#include "kernels/rank_mask/kernels.inc"
#undef RANK_MASK_KERNEL

/// Every kernel in this binary, best first.
const RankMaskKernel* rank_mask_kernels(size_t* count);
const RankMaskKernel& choose_rank_mask(Isa isa, RankOrder order);

/// Values from which one pass is used. Shorter arrays stay in the caches, and there reading them twice is as
/// fast: 1.6 and 1.0 ms for four million, no difference for one (CPU as above).
inline constexpr size_t kOnePassFrom = size_t{2} << 20;

/// Bytes of a mask from which kernels write around the caches.
inline constexpr size_t kStreamFrom = size_t{4} << 20;

/// How a mask came about.
enum class MaskRoad : uint8_t {
  kShort,    ///< fewer values than kOnePassFrom: selected, then masked
  kOnePass,  ///< the bracket held the k-th
  kTied,     ///< many tie with the k-th: selected, then masked
  kMissed,   ///< the bracket did not hold it, or too much else: after the pass, selected, then masked
};

struct RankedMask {
  int32_t key = 0;   ///< of the k-th smallest, see core/float_order.h
  size_t kept = 0;   ///< ones in the mask
  bool nan = false;  ///< a NaN was met: nothing else is set, and the mask is undefined
  MaskRoad road = MaskRoad::kShort;
};

/// Words of scratch memory.
size_t rank_mask_scratch(size_t n);

/// Keeps what ranks from the k-th smallest up (k from 1 to n); ties with it as `ties` says.
/// @param scratch  rank_mask_scratch(n) words, not overlapping anything
/// @param mask     n bytes out, not overlapping `values`
/// @param run      splits the pass; nullptr runs it whole
RankedMask rank_mask(Isa isa, RankOrder order, const float* values, size_t n, size_t k, Ties ties,
                     int32_t* scratch, uint8_t* mask, const RunParts* run = nullptr);

}  // namespace tfjs_sparse
