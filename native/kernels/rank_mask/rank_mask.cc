#include "kernels/rank_mask/rank_mask.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {

constexpr RankMaskKernel kKernels[] = {
#define RANK_MASK_KERNEL(isa, order, name) {Isa::isa, RankOrder::order, #name, name},
#include "kernels/rank_mask/kernels.inc"
#undef RANK_MASK_KERNEL
};

/// Positions are 32-bit.
bool fits_one_pass(size_t n) { return n >= kOnePassFrom && n <= UINT32_MAX; }

/// Turns the bytes that the guess got wrong. `cut` counts among all n keys. First the wrong ones are listed,
/// so that the writes, most of which miss the caches, do not wait for mispredicted branches.
/// @param wrong  room for `size` positions
/// @returns how many of the n are kept
size_t patch(const InsideKey* inside, size_t size, int32_t guess, size_t n, size_t k, const Selection& cut,
             Ties ties, uint32_t* wrong, uint8_t* mask) {
  size_t quota = kept_ties(n, k, cut, ties), count = 0;
  const size_t kept = n - cut.below - cut.equal + quota;
  if (quota == 0 || quota == cut.equal) {
    // One key parts the kept from the pruned: wrong are those between it and the guess.
    const int32_t least = quota == 0 ? cut.key + 1 : cut.key;
    const int32_t from = std::min(least, guess);
    const uint32_t width = static_cast<uint32_t>(std::max(least, guess)) - static_cast<uint32_t>(from);
    for (size_t i = 0; i < size; ++i) {
      wrong[count] = inside[i].position;
      count += static_cast<uint32_t>(inside[i].key) - static_cast<uint32_t>(from) < width;
    }
  } else {
    for (size_t i = 0; i < size; ++i) {
      const int32_t key = inside[i].key;
      const bool tied = key == cut.key && quota > 0;
      quota -= tied;
      wrong[count] = inside[i].position;
      count += (key > cut.key || tied) != (key >= guess);
    }
  }
  for (size_t i = 0; i < count; ++i) mask[wrong[i]] ^= 1;
  return kept;
}

/// The pass in parts; each has its share of the room for keys inside the bracket.
/// @returns false when a part had not enough of it
bool split_pass(RankMaskFunction pass, const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                InsideKey* inside, size_t capacity, const RunParts& run, RankMaskTally* sum) {
  const size_t room = capacity / kPassParts;
  RankMaskTally tallies[kPassParts];
  run(kPassParts, [&](size_t part) {
    const size_t from = n * part / kPassParts, to = n * (part + 1) / kPassParts;
    pass(values + from, to - from, bracket, mask + from, inside + part * room, room, &tallies[part]);
  });
  *sum = {};
  for (size_t part = 0; part < kPassParts; ++part) {
    const RankMaskTally& t = tallies[part];
    if (t.inside > room) return false;
    const uint32_t from = static_cast<uint32_t>(n * part / kPassParts);
    for (size_t i = 0; i < t.inside; ++i) {
      const InsideKey& found = inside[part * room + i];
      inside[sum->inside + i] = {found.key, found.position + from};
    }
    sum->up_to_low += t.up_to_low;
    sum->inside += t.inside;
    sum->nan |= t.nan;
  }
  return true;
}

/// @returns whether that settled it; if not, the mask is undefined and `out->road` says why
bool one_pass(Isa isa, RankOrder order, const float* values, size_t n, size_t k, Ties ties, int32_t* scratch,
              uint8_t* mask, const RunParts* run, RankedMask* out) {
  const size_t capacity = select_capacity(n);
  InsideKey* inside = reinterpret_cast<InsideKey*>(scratch);
  int32_t* keys = scratch + 2 * capacity;
  int32_t* rest = keys + capacity;
  const Bracket bracket = sample_bracket(order, values, n, k, rest);
  out->road = MaskRoad::kTied;
  if (bracket.tied) return false;
  RankMaskTally t;
  const RankMaskFunction pass = choose_rank_mask(isa, order).function;
  if (run == nullptr || !split_pass(pass, values, n, bracket, mask, inside, capacity, *run, &t))
    pass(values, n, bracket, mask, inside, capacity, &t);
  out->road = MaskRoad::kMissed;
  if (t.inside > capacity) return false;
  if (t.nan) {
    out->nan = true;
    return true;
  }
  if (k <= t.up_to_low || k > t.up_to_low + t.inside) return false;
  for (size_t i = 0; i < t.inside; ++i) keys[i] = inside[i].key;
  Selection cut = select_kth_key(isa, keys, t.inside, k - t.up_to_low, rest);
  cut.below += t.up_to_low;
  out->road = MaskRoad::kOnePass;
  out->key = cut.key;
  out->kept =
      patch(inside, t.inside, bracket.guess, n, k, cut, ties, reinterpret_cast<uint32_t*>(keys), mask);
  return true;
}

}  // namespace

const RankMaskKernel* rank_mask_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const RankMaskKernel& choose_rank_mask(Isa isa, RankOrder order) {
  for (const RankMaskKernel& kernel : kKernels)
    if (kernel.isa == isa && kernel.order == order) return kernel;
  return choose_rank_mask(Isa::kScalar, order);
}

size_t rank_mask_scratch(size_t n) {
  if (!fits_one_pass(n)) return select_scratch(n);
  // Never less than what selecting needs, for when the bracket misses.
  return 3 * select_capacity(n) + select_key_scratch(select_capacity(n));
}

RankedMask rank_mask(Isa isa, RankOrder order, const float* values, size_t n, size_t k, Ties ties,
                     int32_t* scratch, uint8_t* mask, const RunParts* run) {
  RankedMask out;
  if (fits_one_pass(n) && one_pass(isa, order, values, n, k, ties, scratch, mask, run, &out)) return out;
  const Selection cut = select_kth(isa, order, values, n, k, scratch, run);
  out.nan = cut.nan;
  out.key = cut.key;
  if (!cut.nan) out.kept = mask_by_rank(isa, order, values, n, k, cut, ties, mask);
  return out;
}

}  // namespace tfjs_sparse
