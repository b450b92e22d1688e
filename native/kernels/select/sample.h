#pragma once
#include <cstddef>
#include <cstdint>

namespace tfjs_sparse {

/// Where a selection looks first in n words: runs of one cache line, one from each of equal strata, at a
/// place in it that a small generator picks. The places depend on n alone, so results never vary, and a test
/// can put there what misleads a selection.
class SamplePlaces {
 public:
  static constexpr size_t kRun = 16;     ///< words of one cache line
  static constexpr size_t kMax = 65536;  ///< words in all; more costs more than it narrows

  /// @param n  at least 64 runs
  explicit SamplePlaces(size_t n);

  size_t runs() const { return runs_; }
  size_t words() const { return runs_ * kRun; }
  /// First word of the next run.
  size_t next();

 private:
  size_t runs_, stratum_, run_ = 0;
  uint32_t state_ = 0x9e3779b9u;
};

}  // namespace tfjs_sparse
