#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace tfjs_sparse {

/// Memory for packed weights, on a cache line. Where the system has large pages (2 MB, Linux) what is larger
/// than half a one lies in pages of its own, but for a last part of less than half; smaller weights share
/// one, whose parts are used once and which is given back when the last of them is. A product that finds its
/// weights in memory then looks up few pages (docs/decisions/0006).
/// @throws std::bad_alloc
std::shared_ptr<void> weight_memory(size_t bytes);

/// `size` values of a trivial type in such memory, zeroed.
template <typename T>
class WeightBuffer {
 public:
  WeightBuffer() = default;
  explicit WeightBuffer(size_t size) : size_(size) {
    if (size == 0) return;
    if (size > static_cast<size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    data_ = std::static_pointer_cast<T>(weight_memory(size * sizeof(T)));
    std::memset(data_.get(), 0, size * sizeof(T));
  }
  WeightBuffer(WeightBuffer&&) noexcept = default;
  WeightBuffer& operator=(WeightBuffer&&) noexcept = default;

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t bytes() const { return size_ * sizeof(T); }

 private:
  std::shared_ptr<T> data_;
  size_t size_ = 0;
};

}  // namespace tfjs_sparse
