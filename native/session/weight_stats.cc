#include "session/weight_stats.h"

#include <algorithm>
#include <vector>

#include "session/packed_spmv.h"

namespace tfjs_sparse {

namespace {

size_t group_entries(const CsrView& weight, size_t nr) {
  std::vector<size_t> last_group(weight.cols, static_cast<size_t>(-1));
  size_t entries = 0;
  for (size_t r = 0; r < weight.rows; ++r)
    for (int32_t p = weight.row_offsets[r]; p < weight.row_offsets[r + 1]; ++p) {
      size_t& last = last_group[static_cast<size_t>(weight.col_indices[p])];
      if (weight.values[p] == 0 || last == r / nr) continue;
      last = r / nr;
      ++entries;
    }
  return entries;
}

/// Counts what an output keeps of each `group` neighbouring inputs, in the order of the model.
void count_groups(const CsrView& weight, size_t positions, size_t output, size_t group,
                  std::vector<size_t>* counts) {
  const size_t channels = weight.cols / positions;
  counts->assign((weight.cols + group - 1) / group, 0);
  for (int32_t p = weight.row_offsets[output]; p < weight.row_offsets[output + 1]; ++p) {
    if (weight.values[p] == 0) continue;
    const size_t i = static_cast<size_t>(weight.col_indices[p]);
    ++(*counts)[(i % positions * channels + i / positions) / group];
  }
}

bool is_balanced(const CsrView& weight, size_t positions) {
  if (weight.rows < 2) return false;
  std::vector<size_t> first, counts;
  count_groups(weight, positions, 0, kBalancedGroup, &first);
  for (size_t r = 1; r < weight.rows; ++r) {
    count_groups(weight, positions, r, kBalancedGroup, &counts);
    if (counts != first) return false;
  }
  return true;
}

/// @returns what every group of so many inputs keeps, 0 where they differ or keep none or all; also for a
/// single output or group, which is like itself
size_t kept_of_group(const CsrView& weight, size_t positions, size_t group) {
  const size_t whole = weight.cols / group;
  if (weight.rows < 2 || whole < 2) return 0;
  size_t keep = 0;
  std::vector<size_t> counts;
  for (size_t r = 0; r < weight.rows; ++r) {
    count_groups(weight, positions, r, group, &counts);
    if (r == 0) keep = counts[0];
    const bool is_like = std::all_of(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(whole),
                                     [&](size_t count) { return count == keep; });
    if (!is_like || counts.back() > keep) return 0;
  }
  return keep == group ? 0 : keep;
}

void count_used(const CsrView& weight, WeightStats* stats) {
  std::vector<bool> used(weight.cols);
  for (size_t r = 0; r < weight.rows; ++r) {
    bool any = false;
    for (int32_t p = weight.row_offsets[r]; p < weight.row_offsets[r + 1]; ++p) {
      if (weight.values[p] == 0) continue;
      any = true;
      used[static_cast<size_t>(weight.col_indices[p])] = true;
    }
    stats->used_outputs += any;
  }
  stats->used_inputs = static_cast<size_t>(std::count(used.begin(), used.end(), true));
}

}  // namespace

WeightStats weight_stats(const CsrView& weight, Isa isa, size_t positions) {
  WeightStats stats;
  const float* values = weight.values;
  stats.non_zeros = static_cast<size_t>(std::count_if(values, values + weight.row_offsets[weight.rows],
                                                      [](float value) { return value != 0; }));
  stats.entries2 = group_entries(weight, 2);
  stats.entries4 = group_entries(weight, 4);
  stats.entries8 = group_entries(weight, 8);
  stats.window_slots = PackedSpmv::count_slots(weight, *choose_spmv(isa, kSpmvSparse, weight.rows));
  const SpmvKernel& narrow = *choose_spmv(isa, kSpmvNarrow, weight.rows);
  stats.narrow_slots =
      narrow.pattern == kSpmvSparse ? stats.window_slots : PackedSpmv::count_slots(weight, narrow);
  stats.balanced = is_balanced(weight, positions);
  for (const size_t group : kNmGroups) {
    if (stats.nm_of != 0) break;
    stats.nm_keep = kept_of_group(weight, positions, group);
    if (stats.nm_keep != 0) stats.nm_of = group;
  }
  count_used(weight, &stats);
  return stats;
}

}  // namespace tfjs_sparse
