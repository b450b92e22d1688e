#include "session/packed_spmv.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {

constexpr size_t kFarthest = 65535;  // of one advance

/// Places the windows of one slice; see the greedy rule in kernels/spmv/spmv.h.
class WindowPlacer {
 public:
  WindowPlacer(const CsrView& weight, size_t row, const SpmvKernel& kernel)
      : weight_(weight), lanes_(kernel.rows), columns_(kernel.columns) {
    for (size_t r = row; r < std::min(weight.rows, row + kernel.rows); ++r) {
      heads_.push_back({weight.row_offsets[r], weight.row_offsets[r + 1]});
      skip_zeros(&heads_.back());
    }
  }

  /// Moves to the next step. @returns false when no weight is left.
  bool step() {
    size_t first = weight_.cols;
    for (const Head& head : heads_)
      if (head.next < head.end) first = std::min(first, column(head));
    if (first == weight_.cols) return false;
    // On a multiple of the lanes, so that a load of an aligned x does not cross a cache line; and inside x,
    // so that x needs no padding.
    const size_t last = weight_.cols - std::min(weight_.cols, columns_);
    const size_t begin = std::min({first / lanes_ * lanes_, last, begin_ + kFarthest});
    advance_ = begin - begin_;
    begin_ = begin;
    return true;
  }

  size_t advance() const { return advance_; }

  /// Gives output r's weight in the window, if it has one. @returns its place, or -1.
  int take(size_t r, float* value) {
    if (r >= heads_.size() || heads_[r].next == heads_[r].end || column(heads_[r]) >= begin_ + columns_)
      return -1;
    const size_t place = column(heads_[r]) - begin_;
    *value = weight_.values[heads_[r].next++];
    skip_zeros(&heads_[r]);
    return static_cast<int>(place);
  }

 private:
  struct Head {
    int32_t next, end;
  };
  size_t column(const Head& head) const { return static_cast<size_t>(weight_.col_indices[head.next]); }
  void skip_zeros(Head* head) const {
    while (head->next < head->end && weight_.values[head->next] == 0) ++head->next;
  }

  const CsrView& weight_;
  const size_t lanes_, columns_;
  size_t begin_ = 0, advance_ = 0;
  std::vector<Head> heads_;
};

}  // namespace

size_t PackedSpmv::count_slots(const CsrView& weight, const SpmvKernel& kernel) {
  size_t slots = 0;
  float value;
  for (size_t row = 0; row < weight.rows; row += kernel.rows) {
    WindowPlacer windows(weight, row, kernel);
    for (; windows.step(); slots += kernel.rows)
      for (size_t r = 0; r < kernel.rows; ++r) windows.take(r, &value);
  }
  return slots;
}

PackedSpmv::PackedSpmv(const CsrView& weight, const float* bias, const SpmvKernel& kernel)
    : kernel_(&kernel),
      narrow_(kernel.pattern == kSpmvDense ? choose_spmv(kernel.isa, kSpmvDense, 0, kernel.storage)
                                           : &kernel),
      n_(weight.rows),
      k_(weight.cols),
      wide_slices_((n_ + narrow_->rows - 1) / kernel.rows) {
  const size_t wide = wide_slices_ * kernel.rows;
  slices_ = wide_slices_ + (n_ > wide ? (n_ - wide + narrow_->rows - 1) / narrow_->rows : 0);
  bias_ = AlignedBuffer<float>(padded_n());
  if (bias != nullptr) std::copy(bias, bias + n_, bias_.data());
  const RoundedCsr rounded(weight, kernel.storage);
  scales_ = AlignedBuffer<float>(rounded.scales().empty() ? 0 : bias_.size());
  std::copy(rounded.scales().begin(), rounded.scales().end(), scales_.data());
  if (kernel.pattern == kSpmvDense)
    pack_dense(rounded.view());
  else
    pack_windows(rounded.view());
}

void PackedSpmv::pack_dense(const CsrView& weight) {
  std::vector<float> values(padded_n() * k_);
  size_t non_zeros = 0;
  for (size_t slice = 0; slice < slices_; ++slice) {
    const size_t first = first_output(slice), rows = first_output(slice + 1) - first;
    for (size_t row = first; row < std::min(n_, first + rows); ++row)
      for (int32_t p = weight.row_offsets[row]; p < weight.row_offsets[row + 1]; ++p) {
        const size_t column = static_cast<size_t>(weight.col_indices[p]);
        values[first * k_ + column * rows + row - first] = weight.values[p];
        non_zeros += weight.values[p] != 0;
      }
  }
  values_ = StoredWeights(values, kernel_->storage);
  has_zeros_ = non_zeros != n_ * k_;
}

void PackedSpmv::pack_windows(const CsrView& weight) {
  const size_t rows = kernel_->rows, bits = kernel_->column_bits;
  std::vector<uint16_t> advances;
  std::vector<uint8_t> columns;
  std::vector<float> values;
  for (size_t slice = 0; slice < slices_; ++slice) {
    starts_.push_back(advances.size());
    WindowPlacer windows(weight, slice * rows, *kernel_);
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
  values_ = StoredWeights(values, kernel_->storage);
}

size_t PackedSpmv::bytes() const {
  return steps_.size() * sizeof(uint32_t) + starts_.size() * sizeof(size_t) + advances_.bytes() +
         columns_.bytes() + values_.bytes() + scales_.bytes() + bias_.bytes();
}

void PackedSpmv::run(const VectorRows& v, const float* bias, size_t first, size_t last, float min, float max,
                     bool scalar) const {
  const size_t middle = std::clamp(wide_slices_, first, last);
  run_slices(v, bias, first, middle, min, max, scalar);
  run_slices(v, bias, middle, last, min, max, scalar);
}

void PackedSpmv::run_slices(const VectorRows& v, const float* bias, size_t first, size_t last, float min,
                            float max, bool scalar) const {
  if (first >= last) return;
  const SpmvKernel& kernel = first < wide_slices_ ? *kernel_ : *narrow_;
  const size_t output = first_output(first);
  SpmvSlices slices{};
  slices.slices = last - first;
  slices.scales = scales_.size() == 0 ? nullptr : scales_.data() + output;
  if (kernel.pattern == kSpmvDense) {
    slices.values = values_.at(output * k_);
  } else {
    const size_t step = starts_[first];
    slices.steps = steps_.data() + first;
    slices.advances = advances_.data() + step;
    slices.columns = columns_.data() + step * kernel.rows * kernel.column_bits / 8;
    slices.values = values_.at(step * kernel.rows);
  }
  const SpmvCall call{v.x, bias + output, v.y + output, k_, min, max, v.count, v.x_stride, v.y_stride};
  (scalar ? scalar_spmv(kernel) : &kernel)->function(call, slices);
}

}  // namespace tfjs_sparse
