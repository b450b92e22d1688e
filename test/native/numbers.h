#pragma once
// Random data, memory with guards around it, and the error that a float sum may have.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace tfjs_sparse::test {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The first n numbers of a stream. Cases ask for the same ones again and again, and under a sanitizer
/// drawing them took longer than the kernels: they are kept.
template <typename Distribution>
const typename Distribution::result_type* drawn(size_t n, uint64_t stream) {
  static std::map<uint64_t, std::vector<typename Distribution::result_type>> kept;
  auto& values = kept[stream];
  if (values.size() < n) {
    if (kept.size() > 64) {
      kept.clear();
      return drawn<Distribution>(n, stream);
    }
    std::mt19937_64 random(seed() + stream);
    Distribution distribution;
    values.resize(std::max(n, 2 * values.size()));
    for (auto& value : values) value = distribution(random);
  }
  return values.data();
}

inline std::vector<float> normal(size_t n, uint64_t stream) {
  const float* values = drawn<std::normal_distribution<float>>(n, stream);
  return {values, values + n};
}

/// A weight [n][k] whose entries are zero with probability 1 - density.
inline std::vector<float> sparse(size_t n, size_t k, double density, uint64_t stream) {
  std::vector<float> weight = normal(n * k, stream);
  const double* uniform = drawn<std::uniform_real_distribution<double>>(n * k, stream + 1);
  for (size_t i = 0; i < n * k; ++i)
    if (uniform[i] >= density) weight[i] = 0;
  return weight;
}

#if defined(__GNUC__)
#define SPARSE_UNSANITIZED __attribute__((no_sanitize("address", "undefined", "thread")))
#else
#define SPARSE_UNSANITIZED
#endif

/// A value and how far a right float computation may be from it.
struct Number {
  double value = 0, bound = 0;
  Number clamped(float min, float max) const {
    if (std::isnan(value)) return *this;
    return {std::fmin(std::fmax(value, double(min)), double(max)), bound};
  }
};

/// The error that a sum of products in float may have, in any order, fused or not: |error| <= (terms + 1) ·
/// epsilon · sum of magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1; twice the bound,
/// as epsilon is two units of rounding). A denormal product may lose the smallest denormal.
inline double rounding_of(size_t terms, double magnitude) {
  return double(terms + 1) * std::numeric_limits<float>::epsilon() * magnitude +
         double(terms) * std::numeric_limits<float>::denorm_min();
}

/// A sum of products, each of which may have an error already.
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
  Number result() const { return {value_, bound_ + rounding_of(terms_, magnitude_ + bound_)}; }
  Number clamped(float min, float max) const { return result().clamped(min, max); }

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

/// A matrix whose element [i][j] lies at values[i * row + j * column].
struct Strided {
  const float* values;
  size_t row, column;
};

/// Sums [n][m] of a weight [n][k] times x [k][m], from a bias on where there is one. A weight of zero is
/// pruned: it meets nothing. Not sanitized: it is most of the multiplications of a test, and reads only what
/// the test owns.
SPARSE_UNSANITIZED inline std::vector<Number> product(const std::vector<double>& weight, size_t n, size_t k,
                                                      const Strided& x, size_t m, const float* bias) {
  std::vector<Number> out(n * m);
  std::vector<double> sums(2 * m);
  double *value = sums.data(), *magnitude = value + m;
  const double* w = weight.data();
  for (size_t o = 0; o < n; ++o, w += k) {
    const double start = bias == nullptr ? 0 : bias[o];
    size_t terms = 0;
    for (size_t j = 0; j < m; ++j) {
      value[j] = start;
      magnitude[j] = std::fabs(start);
    }
    for (size_t i = 0; i < k; ++i) {
      if (w[i] == 0) continue;
      const float* row = x.values + i * x.row;
      for (size_t j = 0; j < m; ++j) {
        const double term = w[i] * row[j * x.column];
        value[j] += term;
        magnitude[j] += std::fabs(term);
      }
      ++terms;
    }
    Number* to = out.data() + o * m;
    for (size_t j = 0; j < m; ++j) to[j] = {value[j], rounding_of(terms, magnitude[j])};
  }
  return out;
}

/// Whether each of n values is close to what is expected, clamped.
inline testing::AssertionResult close(const float* got, const Number* want, size_t n, float min = -kInfinity,
                                      float max = kInfinity) {
  for (size_t i = 0; i < n; ++i) {
    const testing::AssertionResult result = close(got[i], want[i].clamped(min, max));
    if (!result) return testing::AssertionFailure() << "value " << i << ": " << result.message();
  }
  return testing::AssertionSuccess();
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
    float pattern;
    std::memcpy(&pattern, &kPattern, sizeof(pattern));
    std::fill(memory_.begin(), memory_.end(), pattern);
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
    for (size_t i = 0; i < begin_; ++i)
      if (!is_pattern(i)) return false;
    for (size_t i = begin_ + size_; i < memory_.size(); ++i)
      if (!is_pattern(i)) return false;
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
