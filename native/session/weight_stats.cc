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

}  // namespace

WeightStats weight_stats(const CsrView& weight, Isa isa) {
  WeightStats stats;
  const float* values = weight.values;
  stats.non_zeros = static_cast<size_t>(std::count_if(values, values + weight.row_offsets[weight.rows],
                                                      [](float value) { return value != 0; }));
  stats.entries2 = group_entries(weight, 2);
  stats.entries4 = group_entries(weight, 4);
  stats.entries8 = group_entries(weight, 8);
  stats.window_slots = PackedSpmv::count_slots(weight, *choose_spmv(isa, kSpmvSparse, weight.rows));
  return stats;
}

}  // namespace tfjs_sparse
