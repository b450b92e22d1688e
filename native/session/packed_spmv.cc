#include "session/packed_spmv.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {

constexpr size_t kFarthest = 65535;  // of one offset

/// Useful bytes, a place's byte among them, from which on a weight is read from memory or a full last cache.
/// 90 % zeros, us with and without requests ahead (Zen 4, 2026-11): 2048² (2.1 MB) 78 and 73, 2600² (3.4 MB)
/// 179 and 235, 4096² (8.4 MB) 539 and 844.
constexpr size_t kStreamedBytes = 2'750'000;

bool is_streamed(const CsrView& weight, const SpmvKernel& kernel) {
  return static_cast<size_t>(weight.row_offsets[weight.rows]) * (storage_bytes(kernel.storage) + 1) >
         kStreamedBytes;
}

/// Every window begins at a multiple of so many inputs.
size_t window_unit(const CsrView& weight, const SpmvKernel& kernel) {
  // A narrow one reads so little that it may cross cache lines: slots per weight at 90 % zeros are 2.06, and
  // 2.25 from halves of a register on, 2.68 from whole ones.
  if (kernel.pattern == kSpmvNarrow) return 1;
  // Whole registers of an aligned x never cross a cache line. Where weights are late anyway, fewer of them
  // pay for some that do: 4096², 90 % zeros: 539 us, 506 with halves.
  return is_streamed(weight, kernel) ? kernel.rows / 2 : kernel.rows;
}

/// Places the windows of one slice; see the greedy rule in kernels/spmv/spmv.h.
class WindowPlacer {
 public:
  WindowPlacer(const CsrView& weight, size_t row, const SpmvKernel& kernel)
      : weight_(weight),
        unit_(window_unit(weight, kernel)),
        columns_(kernel.columns),
        group_(kernel.steps()) {
    for (size_t r = row; r < std::min(weight.rows, row + kernel.rows); ++r) {
      heads_.push_back({weight.row_offsets[r], weight.row_offsets[r + 1]});
      skip_zeros(&heads_.back());
    }
  }

  /// Moves to the next step. @returns false when no weight is left.
  bool next() {
    size_t first = weight_.cols;
    for (const Head& head : heads_)
      if (head.next < head.end) first = std::min(first, column(head));
    if (first == weight_.cols) return false;
    // Inside x, so that x needs no padding.
    const size_t last = weight_.cols - std::min(weight_.cols, columns_);
    begin_ = std::min({first / unit_ * unit_, last, group_begin_ + kFarthest});
    offset_ = begin_ - group_begin_;
    if (step_++ % group_ == 0) group_begin_ = begin_;
    return true;
  }

  /// Steps so far.
  size_t steps() const { return step_; }
  size_t offset() const { return offset_; }

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
  const size_t unit_, columns_, group_;
  size_t step_ = 0, begin_ = 0, group_begin_ = 0, offset_ = 0;
  std::vector<Head> heads_;
};

}  // namespace

size_t PackedSpmv::count_slots(const CsrView& weight, const SpmvKernel& kernel) {
  size_t groups = 0;
  float value;
  for (size_t row = 0; row < weight.rows; row += kernel.rows) {
    WindowPlacer windows(weight, row, kernel);
    while (windows.next())
      for (size_t r = 0; r < kernel.rows; ++r) windows.take(r, &value);
    groups += (windows.steps() + kernel.steps() - 1) / kernel.steps();
  }
  return groups * kernel.steps() * kernel.rows;
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
  const size_t rows = kernel_->rows, steps = kernel_->steps();
  std::vector<uint16_t> offsets;
  std::vector<uint32_t> places;
  std::vector<float> values;
  size_t taken = 0;
  for (size_t slice = 0; slice < slices_; ++slice) {
    const size_t start = offsets.size();
    starts_.push_back(start);
    WindowPlacer windows(weight, slice * rows, *kernel_);
    while (windows.next()) {
      const size_t step = start + windows.steps() - 1;
      if (step == offsets.size()) {
        offsets.resize(step + steps, 0);
        places.resize(places.size() + rows, 0);
        values.resize(values.size() + steps * rows, 0.0f);
      }
      offsets[step] = static_cast<uint16_t>(windows.offset());
      for (size_t r = 0; r < rows; ++r) {
        const int place = windows.take(r, &values[step * rows + r]);
        if (place < 0) continue;
        places[step / steps * rows + r] |= static_cast<uint32_t>(place)
                                           << (step % steps * kernel_->column_bits);
        ++taken;
      }
    }
    groups_.push_back(static_cast<uint32_t>((offsets.size() - start) / steps));
  }
  has_zeros_ = taken != values.size();
  streamed_ = is_streamed(weight, *kernel_);
  offsets_ = WeightBuffer<uint16_t>(offsets.size());
  std::copy(offsets.begin(), offsets.end(), offsets_.data());
  places_ = WeightBuffer<uint32_t>(places.size());
  std::copy(places.begin(), places.end(), places_.data());
  values_ = StoredWeights(values, kernel_->storage);
}

size_t PackedSpmv::bytes() const {
  return groups_.size() * sizeof(uint32_t) + starts_.size() * sizeof(size_t) + offsets_.bytes() +
         places_.bytes() + values_.bytes() + scales_.bytes() + bias_.bytes();
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
    slices.groups = groups_.data() + first;
    slices.offsets = offsets_.data() + step;
    slices.places = places_.data() + step / kernel.steps() * kernel.rows;
    slices.values = values_.at(step * kernel.rows);
    slices.streamed = streamed_;
  }
  const SpmvCall call{v.x, bias + output, v.y + output, k_, min, max, v.count, v.x_stride, v.y_stride};
  (scalar ? scalar_spmv(kernel) : &kernel)->function(call, slices);
}

}  // namespace tfjs_sparse
