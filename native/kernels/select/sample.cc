#include "kernels/select/sample.h"

#include <algorithm>
#include <cmath>

namespace tfjs_sparse {

SamplePlaces::SamplePlaces(size_t n) {
  // Half of n^(2/3): sorting the sample and sorting what falls into its bracket then cost about the same.
  const double wanted = std::pow(static_cast<double>(n), 2.0 / 3) / 2;
  runs_ = std::max<size_t>(64, std::min<size_t>(static_cast<size_t>(wanted) / kRun, kMax / kRun));
  stratum_ = n / runs_;
}

size_t SamplePlaces::next() {
  state_ = state_ * 1664525u + 1013904223u;
  const size_t jitter = static_cast<size_t>((uint64_t{state_} * (stratum_ - kRun + 1)) >> 32);
  return run_++ * stratum_ + jitter;
}

}  // namespace tfjs_sparse
