#include "session/packed_spmv.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {

constexpr size_t kFarthest = 65535;  // of one advance

/// Places the windows of one slice; see the greedy rule in kernels/spmv/spmv.h.
class WindowPlacer {
 public:
  WindowPlacer(const float* weights, size_t n, size_t k, size_t row, const SpmvKernel& kernel)
      : k_(k), lanes_(kernel.rows), columns_(kernel.columns), weights_(weights + row * k), rows_(std::min<size_t>(kernel.rows, n - row)),
        heads_(rows_) {
    for (size_t r = 0; r < rows_; ++r) heads_[r] = next(r, 0);
  }

  /// Moves to the next step. @returns false when no weight is left.
  bool step() {
    const size_t first = *std::min_element(heads_.begin(), heads_.end());
    if (first == k_) return false;
    // On a multiple of the lanes, so that a load of an aligned x does not cross a cache line; and inside x, so that x needs
    // no padding.
    size_t begin = std::min(first / lanes_ * lanes_, k_ - std::min(k_, columns_));
    begin = std::min(begin, begin_ + kFarthest);
    advance_ = begin - begin_;
    begin_ = begin;
    return true;
  }

  size_t advance() const { return advance_; }

  /// Gives output r's weight in the window, if it has one. @returns its place, or -1.
  int take(size_t r, float* value) {
    if (r >= rows_ || heads_[r] == k_ || heads_[r] >= begin_ + columns_) return -1;
    const size_t column = heads_[r];
    *value = weights_[r * k_ + column];
    heads_[r] = next(r, column + 1);
    return static_cast<int>(column - begin_);
  }

 private:
  size_t next(size_t r, size_t column) const {
    const float* row = weights_ + r * k_;
    while (column < k_ && row[column] == 0) ++column;
    return column;
  }

  size_t k_, lanes_, columns_;
  const float* weights_;
  size_t rows_, begin_ = 0, advance_ = 0;
  std::vector<size_t> heads_;
};

}  // namespace

size_t PackedSpmv::count_slots(const float* weights, size_t n, size_t k, const SpmvKernel& kernel) {
  size_t slots = 0;
  float value;
  for (size_t row = 0; row < n; row += kernel.rows) {
    WindowPlacer windows(weights, n, k, row, kernel);
    for (; windows.step(); slots += kernel.rows)
      for (size_t r = 0; r < kernel.rows; ++r) windows.take(r, &value);
  }
  return slots;
}

PackedSpmv::PackedSpmv(const float* weights, const float* bias, size_t n, size_t k, const SpmvKernel& kernel)
    : kernel_(&kernel), n_(n), k_(k), slices_((n + kernel.rows - 1) / kernel.rows) {
  bias_ = AlignedBuffer<float>(slices_ * kernel.rows);
  if (bias != nullptr) std::copy(bias, bias + n, bias_.data());
  if (kernel.pattern == kSpmvDense)
    pack_dense(weights);
  else
    pack_windows(weights);
}

void PackedSpmv::pack_dense(const float* weights) {
  const size_t rows = kernel_->rows;
  values_ = AlignedBuffer<float>(slices_ * rows * k_);
  for (size_t row = 0; row < n_; ++row)
    for (size_t c = 0; c < k_; ++c) {
      const float value = weights[row * k_ + c];
      if (value == 0) has_zeros_ = true;
      values_[(row / rows * k_ + c) * rows + row % rows] = value;
    }
  steps_.assign(slices_, static_cast<uint32_t>(k_));
  for (size_t s = 0; s < slices_; ++s) starts_.push_back(s * k_);
}

void PackedSpmv::pack_windows(const float* weights) {
  const size_t rows = kernel_->rows, bits = kernel_->column_bits;
  std::vector<uint16_t> advances;
  std::vector<uint8_t> columns;
  std::vector<float> values;
  for (size_t slice = 0; slice < slices_; ++slice) {
    starts_.push_back(advances.size());
    WindowPlacer windows(weights, n_, k_, slice * rows, *kernel_);
    while (windows.step()) {
      advances.push_back(static_cast<uint16_t>(windows.advance()));
      const size_t slot = values.size(), byte = columns.size();
      values.resize(slot + rows, 0.0f);
      columns.resize(byte + rows * bits / 8, 0);
      for (size_t r = 0; r < rows; ++r) {
        const int place = windows.take(r, &values[slot + r]);
        if (place < 0) {
          has_zeros_ = true;
          continue;
        }
        columns[byte + r * bits / 8] |= static_cast<uint8_t>(place << (r * bits % 8));
      }
    }
    steps_.push_back(static_cast<uint32_t>(advances.size() - starts_.back()));
  }
  advances_ = AlignedBuffer<uint16_t>(advances.size());
  std::copy(advances.begin(), advances.end(), advances_.data());
  columns_ = AlignedBuffer<uint8_t>(columns.size());
  std::copy(columns.begin(), columns.end(), columns_.data());
  values_ = AlignedBuffer<float>(values.size());
  std::copy(values.begin(), values.end(), values_.data());
}

size_t PackedSpmv::bytes() const {
  return steps_.size() * sizeof(uint32_t) + starts_.size() * sizeof(size_t) + advances_.bytes() + columns_.bytes() +
         values_.bytes() + bias_.bytes();
}

void PackedSpmv::run(const float* x, float* y, size_t first, size_t last, float min, float max, bool scalar) const {
  if (first >= last) return;
  const size_t rows = kernel_->rows, start = starts_[first];
  const SpmvSlices slices{last - first, steps_.data() + first, advances_.data() + start,
                          columns_.data() + start * rows * kernel_->column_bits / 8, values_.data() + start * rows};
  const SpmvCall call{x, bias_.data() + first * rows, y + first * rows, k_, min, max};
  (scalar ? scalar_spmv(*kernel_) : kernel_)->function(call, slices);
}

}  // namespace tfjs_sparse
