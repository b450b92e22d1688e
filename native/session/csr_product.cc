#include "session/csr_product.h"

#include <algorithm>
#include <cstring>

#include "session/layout.h"
#include "session/vector_kernel.h"

namespace tfjs_sparse {

CsrProduct::CsrProduct(const CsrView& weight, Isa isa, const KernelChoice& choice)
    : isa_(isa), rows_(weight.rows), cols_(weight.cols) {
  if (choice.vector != KernelChoice::kNone) {
    vector_.emplace(weight, nullptr, vector_kernel(choice, isa, rows_));
  } else {
    const auto [nr, pattern] = choice.slice_columns != 0 ? SpmmWay{kSpmmSliceOutputs, kSpmmSlices}
                               : choice.nr == 1          ? unstructured_way(weight, isa, true)
                                                         : SpmmWay{choice.nr, kSpmmSparse};
    matrix_.emplace(weight, nullptr, nr, pattern, block_k_for(weight, isa, nr, pattern), choice.storage);
  }
  bias_ = AlignedBuffer<float>(vector_ ? vector_->padded_n() : matrix_->padded_n());
}

void CsrProduct::multiply(const float* x, size_t m, const float* bias, const ActivationCall& activation,
                          float* out, size_t threads) {
  if (m == 0 || rows_ == 0) return;
  threads = std::max<size_t>(1, threads);
  const float* call_bias = vector_ ? vector_->bias() : matrix_->bias();
  if (bias != nullptr) {
    std::copy(bias, bias + rows_, bias_.data());
    call_bias = bias_.data();
  }
  if (vector_)
    multiply_vectors(x, m, call_bias, activation, out, threads);
  else
    multiply_columns(x, m, call_bias, activation, out, threads);
}

size_t CsrProduct::bytes() const { return vector_ ? vector_->bytes() : matrix_->bytes(); }

void CsrProduct::multiply_vectors(const float* x, size_t m, const float* bias,
                                  const ActivationCall& activation, float* out, size_t threads) {
  const PackedSpmv& weight = *vector_;
  // Aligned, so that no load of a register crosses a cache line, and as long as a window, which may read more
  // inputs than there are. 1024², 90 % zeros: 21.4 us, and 25.5 from where JavaScript puts arrays (Zen 4,
  // 2026-11).
  const size_t x_stride = buffer_stride(weight.padded_k() + (weight.padded_k() == 1)),
               y_floats = weight.padded_n();
  const bool pad_y = rows_ < y_floats;  // the last slice writes more outputs than there are
  const size_t total = m * x_stride + m * (pad_y ? y_floats : 0);
  if (memory_.size() < total) memory_ = AlignedBuffer<float>(total);
  float* memory = memory_.data();
  for (size_t v = 0; v < m; ++v) {
    float* const row = memory + v * x_stride;
    std::copy(x + v * cols_, x + (v + 1) * cols_, row);
    std::fill(row + cols_, row + x_stride, 0.0f);
  }
  VectorRows rows{memory, out, m, x_stride, rows_};
  memory += m * x_stride;
  if (pad_y) {
    rows.y = memory;
    rows.y_stride = y_floats;
  }
  run_spmv(weight, bias, activation, rows, isa_, threads);
  for (size_t v = 0; pad_y && v < m; ++v)
    std::memcpy(out + v * rows_, memory + v * y_floats, rows_ * sizeof(float));
}

void CsrProduct::multiply_columns(const float* x, size_t m, const float* bias,
                                  const ActivationCall& activation, float* out, size_t threads) {
  const PackedSpmm& weight = *matrix_;
  const size_t worker_floats = (spmm_rows_scratch_floats(weight, isa_, m) + 15) / 16 * 16;
  if (memory_.size() < threads * worker_floats) memory_ = AlignedBuffer<float>(threads * worker_floats);
  run_spmm_rows(weight, bias, activation, {x, out, m, cols_, rows_}, isa_, threads,
                [&](size_t worker) { return memory_.data() + worker * worker_floats; });
}

}  // namespace tfjs_sparse
