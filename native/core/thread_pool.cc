#include "core/thread_pool.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tfjs_sparse {

namespace {
// About 20 µs of spinning on current x86 server CPUs (a pause is 40 to 140 cycles): longer than the gap
// between two layers.
constexpr int kSpins = 600;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}
}  // namespace

struct ThreadPool::State {
  std::atomic<bool> busy{false};  // a caller's job runs
  std::mutex sleep_mutex;
  std::condition_variable wake;
  std::atomic<uint64_t> generation{0};
  std::atomic<bool> stop{false};

  // The current job; written before `generation` rises, read after.
  const std::function<void(size_t, size_t)>* task = nullptr;
  size_t count = 0;
  size_t helpers = 0;
  std::atomic<size_t> next{0};
  std::atomic<size_t> running{0};

  std::vector<std::thread> workers;

  void work(size_t worker) {
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) (*task)(i, worker);
  }

  void loop(size_t index, uint64_t seen) {
    for (;;) {
      for (int spin = 0; spin < kSpins && generation.load(std::memory_order_acquire) == seen; ++spin) relax();
      if (generation.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(sleep_mutex);
        wake.wait(lock, [&] { return generation.load() != seen || stop.load(); });
      }
      if (stop.load()) return;
      seen = generation.load(std::memory_order_acquire);
      if (index < helpers) work(index + 1);
      running.fetch_sub(1, std::memory_order_release);
    }
  }
};

ThreadPool& ThreadPool::shared() {
  // Never destroyed: at process exit a worker may still be inside a run.
  static ThreadPool* pool = new ThreadPool();
  return *pool;
}

ThreadPool::ThreadPool() : state_(new State()) {}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(state_->sleep_mutex);
    state_->stop.store(true);
  }
  state_->wake.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
}

void ThreadPool::parallel_for(size_t count, size_t threads, const std::function<void(size_t, size_t)>& task) {
  State& state = *state_;
  if (threads <= 1 || count <= 1 || state.busy.exchange(true, std::memory_order_acquire)) {
    for (size_t i = 0; i < count; ++i) task(i, 0);
    return;
  }
  const size_t helpers = (threads < count ? threads : count) - 1;
  try {
    while (state.workers.size() < helpers) {
      const size_t index = state.workers.size();
      const uint64_t seen = state.generation.load();
      state.workers.emplace_back([this, index, seen] { state_->loop(index, seen); });
    }
  } catch (const std::exception&) {
    // The system gives no more threads: those that there are do the work, the caller's if no other.
  }
  state.task = &task;
  state.count = count;
  state.helpers = helpers;
  state.next.store(0);
  state.running.store(state.workers.size());
  {
    std::lock_guard<std::mutex> lock(state.sleep_mutex);
    state.generation.fetch_add(1, std::memory_order_release);
  }
  state.wake.notify_all();
  state.work(0);
  while (state.running.load(std::memory_order_acquire) != 0) relax();
  state.busy.store(false, std::memory_order_release);
}

}  // namespace tfjs_sparse
