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
  /// The same of narrow windows.
  size_t narrow_slots = 0;
  /// There are several outputs, and each keeps as many weights of every kBalancedGroup neighbouring inputs as
  /// the others.
  bool balanced = false;
  /// N:M: every `nm_of` neighbouring inputs of every output keep `nm_keep` weights; the fewest such inputs of
  /// kNmGroups, both 0 where there are none. A shorter last group keeps no more.
  size_t nm_keep = 0, nm_of = 0;
  /// Inputs and outputs that any weight belongs to.
  size_t used_inputs = 0, used_outputs = 0;
};

/// Neighbouring inputs that the balanced structure counts together.
inline constexpr size_t kBalancedGroup = 32;

/// Neighbouring inputs that N:M patterns count together.
inline constexpr size_t kNmGroups[] = {2, 4, 8, 16};

/// @param positions  the inputs are a flattened feature map [channels][positions], whose neighbours are those
/// of [positions][channels], as the model has them; 1 for plain vectors; divides the number of inputs
WeightStats weight_stats(const CsrView& weight, Isa isa, size_t positions = 1);

}  // namespace tfjs_sparse
