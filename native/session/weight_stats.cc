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

bool is_balanced(const CsrView& weight, size_t positions) {
  if (weight.rows < 2) return false;
  const size_t channels = weight.cols / positions;
  std::vector<size_t> first(weight.cols / kBalancedGroup + 1), counts(first.size());
  for (size_t r = 0; r < weight.rows; ++r) {
    std::vector<size_t>& row = r == 0 ? first : counts;
    std::fill(row.begin(), row.end(), 0);
    for (int32_t p = weight.row_offsets[r]; p < weight.row_offsets[r + 1]; ++p) {
      if (weight.values[p] == 0) continue;
      const size_t i = static_cast<size_t>(weight.col_indices[p]);
      ++row[(i % positions * channels + i / positions) / kBalancedGroup];
    }
    if (r > 0 && counts != first) return false;
  }
  return true;
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
  stats.balanced = is_balanced(weight, positions);
  return stats;
}

}  // namespace tfjs_sparse
