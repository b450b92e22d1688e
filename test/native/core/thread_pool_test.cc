#include "core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tfjs_sparse {
namespace {

/// Runs a job and checks that every index came once and that no two threads shared a worker's number.
void check_job(ThreadPool* pool, size_t count, size_t threads) {
  std::vector<std::atomic<int>> calls(count);
  std::vector<std::atomic<int>> inside(threads == 0 ? 1 : threads);
  std::atomic<bool> shared{false};
  pool->parallel_for(count, threads, [&](size_t i, size_t worker) {
    ASSERT_LT(i, count);
    ASSERT_LT(worker, inside.size());
    if (inside[worker].fetch_add(1) != 0) shared = true;
    ++calls[i];
    inside[worker].fetch_sub(1);
  });
  EXPECT_FALSE(shared);
  for (size_t i = 0; i < count; ++i) ASSERT_EQ(calls[i], 1) << "index " << i << " of " << count;
}

TEST(ThreadPool, calls_every_index_once) {
  ThreadPool pool;
  for (const size_t threads : {0, 1, 2, 3, 5})
    for (const size_t count : {0, 1, 2, 3, 7, 1000}) check_job(&pool, count, threads);
}

TEST(ThreadPool, shows_the_callers_writes_to_workers_and_theirs_to_the_caller) {
  ThreadPool pool;
  std::vector<size_t> in(257), out(257);
  for (size_t round = 1; round <= 200; ++round) {
    for (size_t& v : in) v = round;
    pool.parallel_for(in.size(), 4, [&](size_t i, size_t) { out[i] = in[i] * i; });
    for (size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], round * i);
  }
}

TEST(ThreadPool, stays_on_the_callers_thread_for_one_thread_or_one_index) {
  ThreadPool pool;
  const std::thread::id caller = std::this_thread::get_id();
  const auto on_caller = [&](size_t, size_t worker) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(worker, 0u);
  };
  pool.parallel_for(50, 1, on_caller);
  pool.parallel_for(1, 4, on_caller);
}

TEST(ThreadPool, runs_a_job_inside_a_job_on_the_thread_that_asks) {
  ThreadPool pool;
  std::atomic<int> calls{0};
  pool.parallel_for(8, 3, [&](size_t, size_t) {
    const std::thread::id asks = std::this_thread::get_id();
    pool.parallel_for(5, 3, [&](size_t, size_t worker) {
      EXPECT_EQ(std::this_thread::get_id(), asks);
      EXPECT_EQ(worker, 0u);
      ++calls;
    });
  });
  EXPECT_EQ(calls, 40);
}

TEST(ThreadPool, serves_callers_at_once_without_waiting_for_each_other) {
  ThreadPool pool;
  // The first caller's job does not end before the second caller's did: it would hang if that one waited.
  std::atomic<bool> second_done{false}, first_inside{false};
  std::thread first([&] {
    pool.parallel_for(2, 2, [&](size_t, size_t) {
      first_inside = true;
      while (!second_done) std::this_thread::yield();
    });
  });
  while (!first_inside) std::this_thread::yield();
  check_job(&pool, 100, 2);
  second_done = true;
  first.join();
}

TEST(ThreadPool, stands_many_tiny_jobs_of_many_callers) {
  ThreadPool pool;
  std::vector<std::thread> callers;
  for (size_t caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (size_t job = 0; job < 500; ++job) check_job(&pool, (job + caller) % 9, 1 + (job + caller) % 4);
    });
  for (std::thread& caller : callers) caller.join();
}

TEST(ThreadPool, wakes_workers_that_went_to_sleep) {
  ThreadPool pool;
  for (int round = 0; round < 5; ++round) {
    check_job(&pool, 64, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
}

TEST(ThreadPool, ends_its_workers_with_itself) {
  for (int round = 0; round < 20; ++round) {
    ThreadPool pool;
    if (round % 2 == 0) check_job(&pool, 10, 3);
  }
}

TEST(ThreadPool, the_shared_pool_is_one) {
  EXPECT_EQ(&ThreadPool::shared(), &ThreadPool::shared());
  check_job(&ThreadPool::shared(), 33, 2);
}

}  // namespace
}  // namespace tfjs_sparse
