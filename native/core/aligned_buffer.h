#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "core/large_pages.h"

namespace tfjs_sparse {

/// Memory for `size` values of a trivial type, on a cache line, zeroed. Moves, does not copy.
template <typename T>
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;

  AlignedBuffer() = default;
  /// @throws std::bad_alloc
  explicit AlignedBuffer(size_t size) : size_(size) {
    if (size == 0) return;
    if (size > (static_cast<size_t>(-1) - kAlignment) / sizeof(T)) throw std::bad_alloc();
    const size_t bytes = (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
#if defined(_WIN32)
    data_ = static_cast<T*>(_aligned_malloc(bytes, kAlignment));
#else
    data_ = static_cast<T*>(std::aligned_alloc(kAlignment, bytes));
#endif
    if (data_ == nullptr) throw std::bad_alloc();
    advise_large_pages(data_, bytes);
    std::memset(data_, 0, bytes);
  }
  ~AlignedBuffer() { release(); }
  AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  void swap(AlignedBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  void release() {
#if defined(_WIN32)
    _aligned_free(data_);
#else
    std::free(data_);
#endif
  }

  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace tfjs_sparse
