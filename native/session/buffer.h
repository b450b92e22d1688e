#pragma once
#include <cstddef>

namespace tfjs_sparse {

/// Geometry of an activation: a map [channels][height][width], the batch innermost at run time; or an array,
/// row-major, all of it in `channels`.
struct ValueShape {
  size_t channels = 0, height = 1, width = 1;
  bool array = false;
  /// Of an array: it has the batch in it or none; else there is one such block for each row of the batch.
  bool fixed = false;
  /// Of an array: the elements are int32.
  bool integers = false;
  size_t positions() const { return height * width; }
  size_t features() const { return channels * positions(); }
  /// Blocks of an array at a batch.
  size_t blocks(size_t batch) const { return fixed ? 1 : batch; }
};

/// An activation in memory: channel c's positions · batch floats begin at data + c · stride.
struct Buffer {
  float* data = nullptr;
  size_t stride = 0;
};

/// Floats from channel to channel: whole cache lines, so that kernels may write past the last column into
/// padding. A single column is a plain vector.
inline size_t buffer_stride(size_t columns) {
  if (columns == 1) return 1;
  const size_t lines = (columns + 15) / 16;
  // Not a multiple of 1 KB: channels would compete for the same few sets of the L1 cache.
  return (lines % 16 == 0 ? lines + 1 : lines) * 16;
}

/// Floats that a buffer takes: rows up to a multiple of 8 and one widest slice or tile more may be written.
inline size_t buffer_floats(size_t channels, size_t columns) {
  return (channels + 7) / 8 * 8 * buffer_stride(columns) + 128;
}

}  // namespace tfjs_sparse
