#pragma once
// Random data, memory with guards around it, and the error that a float sum may have.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace tfjs_sparse::test {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

inline std::vector<float> normal(size_t n, uint64_t stream) {
  std::mt19937_64 random(seed() + stream);
  std::normal_distribution<float> distribution;
  std::vector<float> values(n);
  for (float& v : values) v = distribution(random);
  return values;
}

/// A weight [n][k] whose entries are zero with probability 1 - density.
inline std::vector<float> sparse(size_t n, size_t k, double density, uint64_t stream) {
  std::vector<float> weight = normal(n * k, stream);
  std::mt19937_64 random(seed() + stream + 1);
  std::uniform_real_distribution<double> uniform;
  for (float& w : weight)
    if (uniform(random) >= density) w = 0;
  return weight;
}

/// A value and how far a right float computation may be from it.
struct Number {
  double value = 0, bound = 0;
};

/// A sum of products in float, in any order, fused or not: |error| <= (terms + 1) · epsilon · sum of
/// magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1; twice the bound, as epsilon is
/// two units of rounding). A denormal product may lose the smallest denormal.
class Sum {
 public:
  explicit Sum(Number start = {})
      : value_(start.value), magnitude_(std::fabs(start.value)), bound_(start.bound) {}
  void add(double weight, Number x) {
    value_ += weight * x.value;
    magnitude_ += std::fabs(weight * x.value);
    bound_ += std::fabs(weight) * x.bound;
    ++terms_;
  }
  Number result() const {
    const double rounding =
        double(terms_ + 1) * std::numeric_limits<float>::epsilon() * (magnitude_ + bound_);
    return {value_, bound_ + rounding + double(terms_) * std::numeric_limits<float>::denorm_min()};
  }
  Number clamped(float min, float max) const {
    const Number sum = result();
    if (std::isnan(sum.value)) return sum;
    return {std::fmin(std::fmax(sum.value, double(min)), double(max)), sum.bound};
  }

 private:
  double value_, magnitude_, bound_;
  size_t terms_ = 0;
};

/// @returns whether `got` is within the bound of `want`; a value that is not finite must be the same.
inline testing::AssertionResult close(float got, Number want) {
  const bool overflows = std::isinf(float(want.value));
  if (std::isnan(want.value) ? std::isnan(got)
      : overflows            ? got == float(want.value)
                             : std::fabs(double(got) - want.value) <= want.bound)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "received " << got << ", expected " << want.value << " +- "
                                     << want.bound;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/// Floats to be read, in memory that ends with them: the address sanitizer sees the first one too many.
class Exact {
 public:
  explicit Exact(const std::vector<float>& values, size_t offset = 0) : memory_(offset), offset_(offset) {
    memory_.insert(memory_.end(), values.begin(), values.end());
    memory_.shrink_to_fit();
  }
  const float* data() const { return memory_.data() + offset_; }
  float operator[](size_t i) const { return data()[i]; }

 private:
  std::vector<float> memory_;
  size_t offset_;
};

/// Floats with a guard before and after: a NaN of its own, so that reading it spoils a result and writing it
/// shows. The first float lies `offset` floats behind a cache line's beginning.
class Guarded {
 public:
  explicit Guarded(size_t size, size_t offset = 0) : memory_(size + 2 * kGuard + 32), size_(size) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(memory_.data() + kGuard);
    begin_ = kGuard + (64 - address % 64) % 64 / sizeof(float) + offset;
    for (float& v : memory_) std::memcpy(&v, &kPattern, sizeof(v));
  }
  Guarded(const std::vector<float>& values, size_t offset) : Guarded(values.size(), offset) {
    std::copy(values.begin(), values.end(), data());
  }
  float* data() { return memory_.data() + begin_; }
  const float* data() const { return memory_.data() + begin_; }
  float operator[](size_t i) const { return data()[i]; }
  size_t size() const { return size_; }
  /// Float i still has the pattern.
  bool untouched(size_t i) const { return is_pattern(begin_ + i); }
  bool intact() const {
    for (size_t i = 0; i < memory_.size(); ++i)
      if ((i < begin_ || i >= begin_ + size_) && !is_pattern(i)) return false;
    return true;
  }

 private:
  static constexpr size_t kGuard = 128;
  static constexpr uint32_t kPattern = 0x7fc0beef;
  bool is_pattern(size_t i) const { return std::memcmp(&memory_[i], &kPattern, sizeof(kPattern)) == 0; }

  std::vector<float> memory_;
  size_t size_, begin_ = 0;
};

}  // namespace tfjs_sparse::test
