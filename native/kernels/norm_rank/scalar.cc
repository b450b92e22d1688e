#include "kernels/norm_rank/norm_rank.h"

namespace tfjs_sparse {
namespace {

double l1(float x) { return x < 0 ? -static_cast<double>(x) : static_cast<double>(x); }
double l2(float x) { return static_cast<double>(x) * static_cast<double>(x); }
double plain(float x) { return static_cast<double>(x); }

template <double (*kTerm)(float)>
double row_sum(const float* values, size_t n) {
  double sums[kNormLanes] = {};
  const size_t whole = n / kNormLanes * kNormLanes;
  for (size_t i = 0; i < whole; ++i) sums[i % kNormLanes] += kTerm(values[i]);
  for (size_t half = kNormLanes / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  for (size_t i = whole; i < n; ++i) sums[0] += kTerm(values[i]);
  return sums[0];
}

template <double (*kTerm)(float)>
void column_sums(const float* values, size_t rows, size_t columns, size_t stride, double* sums) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c) sums[c] += kTerm(values[r * stride + c]);
}

template <int32_t (*kKey)(float)>
int32_t row_max(const float* values, size_t n) {
  int32_t greatest = kKey(values[0]);
  for (size_t i = 1; i < n; ++i) greatest = kKey(values[i]) > greatest ? kKey(values[i]) : greatest;
  return greatest;
}

template <int32_t (*kKey)(float)>
void column_maxima(const float* values, size_t rows, size_t columns, size_t stride, int32_t* maxima) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const int32_t key = kKey(values[r * stride + c]);
      maxima[c] = key > maxima[c] ? key : maxima[c];
    }
  }
}

}  // namespace

double norm_row_l1__scalar(const float* values, size_t n) { return row_sum<l1>(values, n); }
double norm_row_l2__scalar(const float* values, size_t n) { return row_sum<l2>(values, n); }
double norm_row_plain__scalar(const float* values, size_t n) { return row_sum<plain>(values, n); }
int32_t norm_row_max_magnitude__scalar(const float* values, size_t n) {
  return row_max<magnitude_key>(values, n);
}
int32_t norm_row_max_score__scalar(const float* values, size_t n) { return row_max<score_key>(values, n); }

#define NORM_COLUMNS(name, type, function)                                                \
  void name(const float* values, size_t rows, size_t columns, size_t stride, type* out) { \
    function(values, rows, columns, stride, out);                                         \
  }
NORM_COLUMNS(norm_columns_l1__scalar, double, column_sums<l1>)
NORM_COLUMNS(norm_columns_l2__scalar, double, column_sums<l2>)
NORM_COLUMNS(norm_columns_plain__scalar, double, column_sums<plain>)
NORM_COLUMNS(norm_columns_max_magnitude__scalar, int32_t, column_maxima<magnitude_key>)
NORM_COLUMNS(norm_columns_max_score__scalar, int32_t, column_maxima<score_key>)
#undef NORM_COLUMNS

}  // namespace tfjs_sparse
