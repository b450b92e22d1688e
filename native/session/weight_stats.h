#pragma once
#include <cstddef>

#include "core/cpu.h"
#include "core/csr.h"

namespace tfjs_sparse {

/// What the cost model asks of a weight [n outputs, k inputs].
struct WeightStats {
  size_t non_zeros = 0;
  /// Inputs that any output of a group of 2, 4 or 8 uses, summed over the groups: entries of spmm with that
  /// nr.
  size_t entries2 = 0, entries4 = 0, entries8 = 0;
  /// Slots of spmv's windows, padding included, in the ISA's slices.
  size_t window_slots = 0;
};

WeightStats weight_stats(const CsrView& weight, Isa isa);

}  // namespace tfjs_sparse
