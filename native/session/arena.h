#pragma once
#include <cstddef>
#include <vector>

namespace tfjs_sparse {

/// When a buffer is in use: from the step that writes it to the last one that reads it, both included.
struct Lifetime {
  size_t first, last;
  size_t floats;
};

/// Offsets (in floats, whole cache lines) at which the buffers may lie so that none overlaps another that is
/// in use at the same time; large ones are placed first, each at the lowest gap. @returns floats that the
/// arena needs.
size_t place_buffers(const std::vector<Lifetime>& buffers, std::vector<size_t>* offsets);

}  // namespace tfjs_sparse
