#pragma once
#include <string>
#include <utility>
#include <vector>

namespace tfjs_sparse {

/// Name and number of each limit, for bench/suites/limits.ts: `fma`, `load_<mr>x<nr>` and
/// `load_slices_<mr>x<outputs>` in GFLOP/s,
/// `read_<level>` in GB/s, `size_<level>` in bytes. Takes about two seconds; the best of several tries
/// counts, since a limit is what is possible.
/// @returns nothing when there are no loops for the instruction set
std::vector<std::pair<std::string, double>> measure_limits(const std::string& isa);

}  // namespace tfjs_sparse
