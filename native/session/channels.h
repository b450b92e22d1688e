#pragma once
#include <cstring>

#include "core/thread_pool.h"
#include "session/step.h"

namespace tfjs_sparse {

/// Floats below which splitting a step's channels among threads does not pay.
inline constexpr size_t kSmallestSplit = 64 * 1024;

/// Calls work(channel, worker) for every channel, on the threads of the run where the step touches enough
/// floats.
template <typename Work>
void for_each_channel(size_t channels, size_t floats, const StepContext& context, const Work& work) {
  const size_t threads = floats < kSmallestSplit ? 1 : context.threads;
  ThreadPool::shared().parallel_for(channels, threads, work);
}

/// For a step that then works on its output; nothing to do where that lies over the input.
inline void copy_row(const float* in, float* out, size_t count) {
  if (in != out) std::memcpy(out, in, count * sizeof(float));
}

}  // namespace tfjs_sparse
