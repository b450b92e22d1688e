#include "kernels/mask/mask.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tfjs_sparse {

namespace {

constexpr MaskKernels kKernels[] = {
#define MASK_KERNELS(isa, suffix)                                              \
  {Isa::isa,                                                                   \
   #suffix,                                                                    \
   {mask_at_least_magnitudes__##suffix, mask_at_least_scores__##suffix},       \
   {mask_count_equal_magnitudes__##suffix, mask_count_equal_scores__##suffix}, \
   mask_apply__##suffix,                                                       \
   mask_group__##suffix},
#include "kernels/mask/kernels.inc"
#undef MASK_KERNELS
};

/// Values that stay in the L1 cache between counting their ties and writing their mask.
constexpr size_t kTieChunk = 4096;

int32_t key_of(RankOrder order, float value) {
  return order == RankOrder::kMagnitude ? magnitude_key(value) : score_key(value);
}

}  // namespace

const MaskKernels* mask_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const MaskKernels& choose_mask(Isa isa) {
  for (const MaskKernels& kernels : kKernels)
    if (kernels.isa == isa) return kernels;
  return choose_mask(Isa::kScalar);
}

size_t kept_ties(size_t n, size_t k, const Selection& cut, Ties ties) {
  if (ties == Ties::kKeepAll) return cut.equal;
  if (ties == Ties::kDropAll) return 0;
  return n - k + 1 - (n - cut.below - cut.equal);
}

size_t mask_by_rank(Isa isa, RankOrder order, const float* values, size_t n, size_t k, const Selection& cut,
                    Ties ties, uint8_t* mask) {
  const MaskKernels& kernels = choose_mask(isa);
  const auto at_least = kernels.at_least[static_cast<int>(order)];
  const auto count_equal = kernels.count_equal[static_cast<int>(order)];
  size_t quota = kept_ties(n, k, cut, ties);
  const size_t kept = n - cut.below - cut.equal + quota;
  if (quota == cut.equal) {
    at_least(values, n, cut.key, mask);
    return kept;
  }
  size_t i = 0;
  while (quota > 0 && i < n) {
    const size_t chunk = std::min(kTieChunk, n - i);
    const size_t tied = count_equal(values + i, chunk, cut.key);
    if (tied <= quota) {
      at_least(values + i, chunk, cut.key, mask + i);
      quota -= tied;
      i += chunk;
      continue;
    }
    for (; quota > 0; ++i) {
      const int32_t key = key_of(order, values[i]);
      mask[i] = key >= cut.key;
      quota -= key == cut.key;
    }
  }
  at_least(values + i, n - i, cut.key + 1, mask + i);
  return kept;
}

size_t mask_groups_scratch(size_t group) {
  // One gathered column, its mask, and what selecting in it needs.
  return group <= kMaskGroupMax ? 0 : group + (group + 3) / 4 + select_scratch(group);
}

namespace {

/// A group that is too long for rank by compares: column by column.
void mask_long_group(Isa isa, const float* scores, size_t members, size_t columns, size_t stride, size_t keep,
                     int32_t* scratch, uint8_t* mask) {
  float* gathered = reinterpret_cast<float*>(scratch);
  uint8_t* bits = reinterpret_cast<uint8_t*>(scratch + members);
  int32_t* rest = scratch + members + (members + 3) / 4;
  for (size_t c = 0; c < columns; ++c) {
    for (size_t i = 0; i < members; ++i) gathered[i] = scores[i * stride + c];
    const size_t k = members - keep + 1;
    const Selection cut = select_kth(isa, RankOrder::kScore, gathered, members, k, rest);
    mask_by_rank(isa, RankOrder::kScore, gathered, members, k, cut, Ties::kExact, bits);
    for (size_t i = 0; i < members; ++i) mask[i * stride + c] = bits[i];
  }
}

}  // namespace

void mask_groups(Isa isa, const float* scores, size_t inputs, size_t outputs, size_t group,
                 const int32_t* keep, int32_t* scratch, uint8_t* mask) {
  const MaskKernels& kernels = choose_mask(isa);
  for (size_t block = 0; block * group < inputs; ++block) {
    const size_t start = block * group * outputs;
    const size_t members = std::min(group, inputs - block * group);
    const size_t kept = static_cast<size_t>(keep[block]);
    if (kept == 0 || kept >= members)
      std::memset(mask + start, kept == 0 ? 0 : 1, members * outputs);
    else if (members <= kMaskGroupMax)
      kernels.group(scores + start, members, outputs, outputs, kept, mask + start);
    else
      mask_long_group(isa, scores + start, members, outputs, outputs, kept, scratch, mask + start);
  }
}

namespace {

/// A row of the mask: each bit repeated kWidth times, in stores of a known size. The last bit is left to the
/// caller.
template <size_t kWidth>
void repeat_bits(const uint8_t* bits, size_t count, uint8_t* row) {
  for (size_t b = 0; b < count; ++b) {
    uint8_t block[kWidth];
    std::memset(block, bits[b], kWidth);
    std::memcpy(row + b * kWidth, block, kWidth);
  }
}

void repeat_bits(const uint8_t* bits, size_t count, size_t width, uint8_t* row) {
  switch (width) {
    case 1:
      std::memcpy(row, bits, count);
      return;
    case 2:
      return repeat_bits<2>(bits, count, row);
    case 4:
      return repeat_bits<4>(bits, count, row);
    case 8:
      return repeat_bits<8>(bits, count, row);
    case 16:
      return repeat_bits<16>(bits, count, row);
    default:
      for (size_t b = 0; b < count; ++b) std::memset(row + b * width, bits[b], width);
  }
}

}  // namespace

size_t mask_count(const uint8_t* mask, size_t n) {
  // Sums of 32 bits, which the compiler adds eight bytes at a time; a chunk's sum fits by far.
  constexpr size_t kChunk = 1 << 16;
  size_t total = 0;
  for (size_t at = 0; at < n; at += kChunk) {
    uint32_t sum = 0;
    for (size_t i = at; i < std::min(n, at + kChunk); ++i) sum += mask[i];
    total += sum;
  }
  return total;
}

size_t mask_expand(const uint8_t* blocks, size_t inputs, size_t outputs, size_t block_inputs,
                   size_t block_outputs, uint8_t* mask) {
  const size_t across = (outputs + block_outputs - 1) / block_outputs;
  const size_t last = (across - 1) * block_outputs;  // where the last block begins, which may be cut
  size_t kept = 0;
  for (size_t top = 0; top < inputs; top += block_inputs, blocks += across) {
    uint8_t* row = mask + top * outputs;
    repeat_bits(blocks, across - 1, block_outputs, row);
    std::memset(row + last, blocks[across - 1], outputs - last);
    const size_t ones = std::accumulate(blocks, blocks + across - 1, size_t{0}) * block_outputs +
                        blocks[across - 1] * (outputs - last);
    const size_t rows = std::min(block_inputs, inputs - top);
    for (size_t r = 1; r < rows; ++r) std::memcpy(row + r * outputs, row, outputs);
    kept += rows * ones;
  }
  return kept;
}

}  // namespace tfjs_sparse
