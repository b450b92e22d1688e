#pragma once
// The kernels over small vector types; each <arch>_<isa>.cc instantiates them with its own Keys and Doubles
// (kernels/vec/keys). Sums are added in the order that norm_rank.h fixes.
#include "core/float_order.h"
#include "kernels/norm_rank/norm_rank.h"

namespace tfjs_sparse {
namespace {

/// What is added of a value: of a register of them, of one.
struct L1Term {
  static TFJS_SPARSE_INLINE Doubles::T of(Doubles::T x) { return Doubles::abs(x); }
  static TFJS_SPARSE_INLINE double of(double x) { return x < 0 ? -x : x; }
};
struct L2Term {
  static TFJS_SPARSE_INLINE Doubles::T of(Doubles::T x) { return Doubles::square(x); }
  static TFJS_SPARSE_INLINE double of(double x) { return x * x; }
};
struct PlainTerm {
  static TFJS_SPARSE_INLINE Doubles::T of(Doubles::T x) { return x; }
  static TFJS_SPARSE_INLINE double of(double x) { return x; }
};

struct MagnitudeKey {
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::magnitudes(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return magnitude_key(value); }
};
struct ScoreKey {
  static TFJS_SPARSE_INLINE Keys::T keys(Keys::T words) { return Keys::scores(words); }
  static TFJS_SPARSE_INLINE int32_t key(float value) { return score_key(value); }
};

template <typename Term>
TFJS_SPARSE_INLINE double row_sum(const float* values, size_t n) {
  constexpr size_t kRegisters = kNormLanes / Doubles::kLanes;
  Doubles::T acc[kRegisters];
  for (size_t v = 0; v < kRegisters; ++v) acc[v] = Doubles::zero();
  const size_t whole = n / kNormLanes * kNormLanes;
  for (size_t i = 0; i < whole; i += kNormLanes)
    for (size_t v = 0; v < kRegisters; ++v)
      acc[v] = Doubles::add(acc[v], Term::of(Doubles::widen(values + i + v * Doubles::kLanes)));
  double sums[kNormLanes];
  for (size_t v = 0; v < kRegisters; ++v) Doubles::store(sums + v * Doubles::kLanes, acc[v]);
  for (size_t half = kNormLanes / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  for (size_t i = whole; i < n; ++i) sums[0] += Term::of(static_cast<double>(values[i]));
  return sums[0];
}

template <typename Term>
TFJS_SPARSE_INLINE void column_sums(const float* values, size_t rows, size_t columns, size_t stride,
                                    double* sums) {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = values + r * stride;
    size_t c = 0;
    for (; c + Doubles::kLanes <= columns; c += Doubles::kLanes)
      Doubles::store(sums + c, Doubles::add(Doubles::load(sums + c), Term::of(Doubles::widen(row + c))));
    for (; c < columns; ++c) sums[c] += Term::of(static_cast<double>(row[c]));
  }
}

template <typename Key>
TFJS_SPARSE_INLINE int32_t row_max(const float* values, size_t n) {
  int32_t greatest = Key::key(values[0]);
  Keys::T lanes = Keys::set1(greatest);
  size_t i = 0;
  for (; i + Keys::kLanes <= n; i += Keys::kLanes)
    lanes = Keys::max(lanes, Key::keys(Keys::load(values + i)));
  greatest = Keys::greatest(lanes);
  for (; i < n; ++i) {
    const int32_t key = Key::key(values[i]);
    greatest = key > greatest ? key : greatest;
  }
  return greatest;
}

template <typename Key>
TFJS_SPARSE_INLINE void column_maxima(const float* values, size_t rows, size_t columns, size_t stride,
                                      int32_t* maxima) {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = values + r * stride;
    size_t c = 0;
    for (; c + Keys::kLanes <= columns; c += Keys::kLanes)
      Keys::store(maxima + c, Keys::max(Keys::load(maxima + c), Key::keys(Keys::load(row + c))));
    for (; c < columns; ++c) {
      const int32_t key = Key::key(row[c]);
      maxima[c] = key > maxima[c] ? key : maxima[c];
    }
  }
}

}  // namespace

/// The kernels of one ISA, as NORM_KERNELS declares them.
#define NORM_DEFINE(suffix)                                                                                  \
  double norm_row_l1__##suffix(const float* values, size_t n) { return row_sum<L1Term>(values, n); }         \
  double norm_row_l2__##suffix(const float* values, size_t n) { return row_sum<L2Term>(values, n); }         \
  double norm_row_plain__##suffix(const float* values, size_t n) { return row_sum<PlainTerm>(values, n); }   \
  int32_t norm_row_max_magnitude__##suffix(const float* values, size_t n) {                                  \
    return row_max<MagnitudeKey>(values, n);                                                                 \
  }                                                                                                          \
  int32_t norm_row_max_score__##suffix(const float* values, size_t n) {                                      \
    return row_max<ScoreKey>(values, n);                                                                     \
  }                                                                                                          \
  void norm_columns_l1__##suffix(const float* x, size_t rows, size_t columns, size_t stride, double* sums) { \
    column_sums<L1Term>(x, rows, columns, stride, sums);                                                     \
  }                                                                                                          \
  void norm_columns_l2__##suffix(const float* x, size_t rows, size_t columns, size_t stride, double* sums) { \
    column_sums<L2Term>(x, rows, columns, stride, sums);                                                     \
  }                                                                                                          \
  void norm_columns_plain__##suffix(const float* x, size_t rows, size_t columns, size_t stride,              \
                                    double* sums) {                                                          \
    column_sums<PlainTerm>(x, rows, columns, stride, sums);                                                  \
  }                                                                                                          \
  void norm_columns_max_magnitude__##suffix(const float* x, size_t rows, size_t columns, size_t stride,      \
                                            int32_t* maxima) {                                               \
    column_maxima<MagnitudeKey>(x, rows, columns, stride, maxima);                                           \
  }                                                                                                          \
  void norm_columns_max_score__##suffix(const float* x, size_t rows, size_t columns, size_t stride,          \
                                        int32_t* maxima) {                                                   \
    column_maxima<ScoreKey>(x, rows, columns, stride, maxima);                                               \
  }

}  // namespace tfjs_sparse
