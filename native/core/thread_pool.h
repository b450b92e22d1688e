#pragma once
#include <cstddef>
#include <functional>
#include <memory>

#include "core/parts.h"

namespace tfjs_sparse {

/// One pool, owned by the addon and shared by every session. Work is split outside kernels.
///
/// A worker spins for a few microseconds after a job, since the next layer of a model follows at once, and
/// then sleeps.
class ThreadPool {
 public:
  /// The process's pool; threads are started when a job first asks for them and stay until the process ends.
  static ThreadPool& shared();

  ThreadPool();
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Calls task(i, worker) for every i in [0, count), on at most `threads` threads, the caller's among them;
  /// worker < threads tells them apart (0 is the caller). Returns when all are done. Each thread begins
  /// with its own share of neighbouring tasks and then takes what others have left. When the pool is busy
  /// with another caller's job, or threads is 1, all run on the caller's thread: a run never waits for
  /// another session's run. Where the system gives no more threads, fewer do the work. The task must not
  /// throw.
  void parallel_for(size_t count, size_t threads, const std::function<void(size_t i, size_t worker)>& task);
  /// parallel_for on so many threads, for those who need not know of them.
  RunParts run_parts(size_t threads) {
    return [this, threads](size_t count, const std::function<void(size_t)>& task) {
      parallel_for(count, threads, [&](size_t i, size_t) { task(i); });
    };
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tfjs_sparse
