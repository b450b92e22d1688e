#include "kernels/norm_rank/norm_rank.h"

#include <algorithm>
#include <cmath>

namespace tfjs_sparse {

namespace {

constexpr NormKernels kKernels[] = {
#define NORM_KERNELS(isa, suffix)                                                        \
  {Isa::isa,                                                                             \
   #suffix,                                                                              \
   {norm_row_l1__##suffix, norm_row_l2__##suffix, norm_row_plain__##suffix},             \
   {norm_row_max_magnitude__##suffix, norm_row_max_score__##suffix},                     \
   {norm_columns_l1__##suffix, norm_columns_l2__##suffix, norm_columns_plain__##suffix}, \
   {norm_columns_max_magnitude__##suffix, norm_columns_max_score__##suffix}},
#include "kernels/norm_rank/kernels.inc"
#undef NORM_KERNELS
};

/// Columns whose sums are held at once: 8 KB of them.
constexpr size_t kColumnTile = 1024;

bool is_maximum(Norm norm) { return norm == Norm::kLinf || norm == Norm::kMax; }
/// Index into the kernels of sums or of maxima.
int kernel_of(Norm norm) {
  return is_maximum(norm) ? static_cast<int>(norm) - static_cast<int>(Norm::kLinf) : static_cast<int>(norm);
}

float finish_sum(Norm norm, double sum, size_t count) {
  if (norm == Norm::kL2) return static_cast<float>(std::sqrt(sum));
  return static_cast<float>(norm == Norm::kMean ? sum / static_cast<double>(count) : sum);
}

size_t blocks_along(size_t size, size_t first, size_t block) {
  return size <= first ? 1 : 1 + (size - first + block - 1) / block;
}

/// First element of block b on a side.
size_t start_of(size_t b, size_t first, size_t block) { return b == 0 ? 0 : first + (b - 1) * block; }

}  // namespace

const NormKernels* norm_kernels(size_t* count) {
  *count = sizeof(kKernels) / sizeof(kKernels[0]);
  return kKernels;
}

const NormKernels& choose_norm(Isa isa) {
  for (const NormKernels& kernels : kKernels)
    if (kernels.isa == isa) return kernels;
  return choose_norm(Isa::kScalar);
}

size_t NormBlocks::bands() const { return blocks_along(inputs, first_inputs, block_inputs); }
size_t NormBlocks::across() const { return blocks_along(outputs, first_outputs, block_outputs); }

void block_norms(Isa isa, Norm norm, const float* values, const NormBlocks& s, double* scratch,
                 float* norms) {
  const NormKernels& kernels = choose_norm(isa);
  const int kernel = kernel_of(norm);
  const size_t bands = s.bands(), across = s.across();
  int32_t* maxima = reinterpret_cast<int32_t*>(scratch);
  for (size_t band = 0; band < bands; ++band) {
    const size_t top = start_of(band, s.first_inputs, s.block_inputs);
    const size_t rows = std::min(start_of(band + 1, s.first_inputs, s.block_inputs), s.inputs) - top;
    const float* at = values + top * s.outputs;
    float* out = norms + band * across;
    if (rows == 1 && across == 1) {
      *out = is_maximum(norm) ? key_value(kernels.row_max[kernel](at, s.outputs))
                              : finish_sum(norm, kernels.row_sum[kernel](at, s.outputs), s.outputs);
      continue;
    }
    for (size_t c = 0; c < s.outputs; c += kColumnTile) {
      const size_t columns = std::min(kColumnTile, s.outputs - c);
      if (is_maximum(norm)) {
        std::fill_n(maxima + c, columns, -kInfinityKey);
        kernels.column_maxima[kernel](at + c, rows, columns, s.outputs, maxima + c);
      } else {
        std::fill_n(scratch + c, columns, 0.0);
        kernels.column_sums[kernel](at + c, rows, columns, s.outputs, scratch + c);
      }
    }
    for (size_t b = 0; b < across; ++b) {
      const size_t from = start_of(b, s.first_outputs, s.block_outputs);
      const size_t to = std::min(start_of(b + 1, s.first_outputs, s.block_outputs), s.outputs);
      if (is_maximum(norm)) {
        out[b] = key_value(*std::max_element(maxima + from, maxima + to));
      } else {
        double sum = 0;
        for (size_t c = from; c < to; ++c) sum += scratch[c];
        out[b] = finish_sum(norm, sum, rows * (to - from));
      }
    }
  }
}

void rank_rising(const float* norms, size_t n, uint64_t* scratch, uint32_t* ranking) {
  // Radix sort of (key, position), 11 bits of the key at a time: stable, and linear in n.
  constexpr int kBits = 11, kBins = 1 << kBits;
  uint64_t *from = scratch, *to = scratch + n;
  for (size_t i = 0; i < n; ++i)
    from[i] = uint64_t{static_cast<uint32_t>(magnitude_key(norms[i]))} << 32 | static_cast<uint32_t>(i);
  for (int shift = 32; shift < 64; shift += kBits) {
    size_t starts[kBins] = {};
    for (size_t i = 0; i < n; ++i) ++starts[(from[i] >> shift) % kBins];
    size_t next = 0;
    for (size_t& start : starts) {
      const size_t count = start;
      start = next;
      next += count;
    }
    for (size_t i = 0; i < n; ++i) to[starts[(from[i] >> shift) % kBins]++] = from[i];
    std::swap(from, to);
  }
  for (size_t i = 0; i < n; ++i) ranking[i] = static_cast<uint32_t>(from[i]);
}

}  // namespace tfjs_sparse
