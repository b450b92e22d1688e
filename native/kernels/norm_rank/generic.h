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

/// Rows that go through the columns together: a sum is loaded and stored once for all of them.
constexpr size_t kRowsAtOnce = 8;
constexpr size_t kLineFloats = 16;

/// Asks for the cache line at column c of the next kRows rows, to wait in the L2 cache: rows are whole pages
/// apart, and the prefetcher stops at the end of each. L1 norms of the outputs of 4096² took 2.45 ms with
/// it, 3.45 without, and 2.5 are a mere sum of all values (one core of an AMD EPYC (Zen 4), AVX2, November
/// 2026).
template <size_t kRows>
TFJS_SPARSE_INLINE void prefetch_rows(const float* next, size_t stride, size_t c) {
  for (size_t r = 0; r < kRows; ++r) __builtin_prefetch(next + r * stride + c, 0, 2);
}

/// @param ahead  floats to the rows that come after; 0 asks for what is read anyhow
template <typename Term, size_t kRows>
TFJS_SPARSE_INLINE void add_rows(const float* values, size_t columns, size_t stride, size_t ahead,
                                 double* sums) {
  size_t c = 0;
  for (; c + kLineFloats <= columns; c += kLineFloats) {
    prefetch_rows<kRows>(values + ahead, stride, c);
    for (size_t v = c; v < c + kLineFloats; v += Doubles::kLanes) {
      Doubles::T acc = Doubles::load(sums + v);
      for (size_t r = 0; r < kRows; ++r)
        acc = Doubles::add(acc, Term::of(Doubles::widen(values + r * stride + v)));
      Doubles::store(sums + v, acc);
    }
  }
  for (; c < columns; ++c)
    for (size_t r = 0; r < kRows; ++r) sums[c] += Term::of(static_cast<double>(values[r * stride + c]));
}

template <typename Key, size_t kRows>
TFJS_SPARSE_INLINE void raise_to_rows(const float* values, size_t columns, size_t stride, size_t ahead,
                                      int32_t* maxima) {
  size_t c = 0;
  for (; c + kLineFloats <= columns; c += kLineFloats) {
    prefetch_rows<kRows>(values + ahead, stride, c);
    for (size_t v = c; v < c + kLineFloats; v += Keys::kLanes) {
      Keys::T greatest = Keys::load(maxima + v);
      for (size_t r = 0; r < kRows; ++r)
        greatest = Keys::max(greatest, Key::keys(Keys::load(values + r * stride + v)));
      Keys::store(maxima + v, greatest);
    }
  }
  for (; c < columns; ++c) {
    for (size_t r = 0; r < kRows; ++r) {
      const int32_t key = Key::key(values[r * stride + c]);
      maxima[c] = key > maxima[c] ? key : maxima[c];
    }
  }
}

template <typename Term>
TFJS_SPARSE_INLINE void column_sums(const float* values, size_t rows, size_t columns, size_t stride,
                                    double* sums) {
  constexpr size_t kStep = kRowsAtOnce;
  size_t r = 0;
  for (const float* at = values; r + kStep <= rows; r += kStep, at += kStep * stride) {
    const size_t ahead = r + 2 * kStep <= rows ? kStep * stride : 0;
    add_rows<Term, kStep>(at, columns, stride, ahead, sums);
  }
  for (; r + 2 <= rows; r += 2) add_rows<Term, 2>(values + r * stride, columns, stride, 0, sums);
  for (; r < rows; ++r) add_rows<Term, 1>(values + r * stride, columns, stride, 0, sums);
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
  constexpr size_t kStep = kRowsAtOnce;
  size_t r = 0;
  for (const float* at = values; r + kStep <= rows; r += kStep, at += kStep * stride) {
    const size_t ahead = r + 2 * kStep <= rows ? kStep * stride : 0;
    raise_to_rows<Key, kStep>(at, columns, stride, ahead, maxima);
  }
  for (; r + 2 <= rows; r += 2) raise_to_rows<Key, 2>(values + r * stride, columns, stride, 0, maxima);
  for (; r < rows; ++r) raise_to_rows<Key, 1>(values + r * stride, columns, stride, 0, maxima);
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
