#include "core/weight_memory.h"

#include <cstdint>
#include <mutex>
#include <new>

#include "core/aligned_buffer.h"
#include "core/large_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TFJS_SPARSE_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TFJS_SPARSE_ADDRESS_SANITIZER
#endif
#endif

namespace tfjs_sparse {

namespace {

std::shared_ptr<void> alone(size_t bytes) {
  const auto buffer = std::make_shared<AlignedBuffer<uint8_t>>(bytes);
  return {buffer, buffer->data()};
}

// The address sanitizer looks for the end of each weight, which a shared page hides.
#if defined(__linux__) && !defined(TFJS_SPARSE_ADDRESS_SANITIZER)

constexpr size_t kCacheLine = 64, kLargePage = size_t{2} << 20;

/// So much that a program of a few small layers does not grow by a large page.
constexpr size_t kLeastShared = size_t{64} << 10;

constexpr size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

/// Mapped for itself: what malloc hands out a second time lies in small pages already.
std::shared_ptr<void> in_large_pages(size_t bytes) {
  const size_t mapped = round_up(bytes, kLargePage);
  void* const all =
      mmap(nullptr, mapped + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  const size_t before = (kLargePage - reinterpret_cast<uintptr_t>(all) % kLargePage) % kLargePage;
  uint8_t* const memory = static_cast<uint8_t*>(all) + before;
  // A large page is not filled for less than half of one.
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t kept = mapped - bytes < kLargePage / 2 ? mapped : round_up(bytes, page);
  if (before != 0) munmap(all, before);
  munmap(memory + kept, mapped + kLargePage - before - kept);
  advise_large_pages(memory, kept);
  return {memory, [kept](void* p) { munmap(p, kept); }};
}

/// The large page that smaller weights are put into, one behind the other.
class SharedPage {
 public:
  std::shared_ptr<void> take(size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<void> page = page_.lock();
    if (page == nullptr || used_ + bytes > kLargePage) {
      page = in_large_pages(kLargePage);
      page_ = page;
      used_ = 0;
    }
    const std::shared_ptr<void> taken(page, static_cast<uint8_t*>(page.get()) + used_);
    used_ += round_up(bytes, kCacheLine);
    return taken;
  }

 private:
  std::mutex mutex_;
  /// Its weights own it.
  std::weak_ptr<void> page_;
  size_t used_ = 0;
};

}  // namespace

std::shared_ptr<void> weight_memory(size_t bytes) {
  static SharedPage shared;
  if (bytes < kLeastShared || bytes > static_cast<size_t>(-1) / 2) return alone(bytes);
  if (bytes <= kLargePage / 2) return shared.take(bytes);
  return in_large_pages(bytes);
}

#else

}  // namespace

std::shared_ptr<void> weight_memory(size_t bytes) { return alone(bytes); }

#endif

}  // namespace tfjs_sparse
