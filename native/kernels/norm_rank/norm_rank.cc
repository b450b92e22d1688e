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

/// Columns whose sums are held at once: 32 KB of them.
constexpr size_t kColumnTile = 4096;
/// Values of a part, about, where threads share the work; most parts; and columns that a part has at least:
/// rows of 512 columns take half as long again as rows of 4096, which the prefetcher follows.
constexpr size_t kPartValues = size_t{1} << 17, kMostParts = 16, kPartColumns = 1024;

constexpr int32_t kLowestKey = -kInfinityKey;

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

struct NormWork {
  const NormKernels& kernels;
  Norm norm;
  const float* values;
  const NormBlocks& s;
  float* norms;

  size_t column_of(size_t b) const {
    return std::min(start_of(b, s.first_outputs, s.block_outputs), s.outputs);
  }
  size_t row_of(size_t band) const {
    return std::min(start_of(band, s.first_inputs, s.block_inputs), s.inputs);
  }

  /// The blocks [b, b_end) of the bands [band, band_end).
  void some_bands(size_t band, size_t band_end, size_t b, size_t b_end) const {
    for (; band < band_end; ++band) {
      const size_t top = row_of(band), rows = row_of(band + 1) - top;
      const float* at = values + top * s.outputs;
      float* out = norms + band * s.across();
      if (rows == 1 && s.across() == 1)
        *out = whole_row(at);
      else if (is_maximum(norm))
        maxima(at, rows, b, b_end, out);
      else
        sums(at, rows, b, b_end, out);
    }
  }

  float whole_row(const float* row) const {
    const int kernel = kernel_of(norm);
    return is_maximum(norm) ? key_value(kernels.row_max[kernel](row, s.outputs))
                            : finish_sum(norm, kernels.row_sum[kernel](row, s.outputs), s.outputs);
  }

  void sums(const float* band, size_t rows, size_t b, size_t b_end, float* out) const {
    const auto kernel = kernels.column_sums[kernel_of(norm)];
    double tile[kColumnTile];
    size_t c = column_of(b), end = column_of(b + 1), begin = c;
    const size_t last = column_of(b_end);
    double sum = 0;
    while (c < last) {
      const size_t from = c, columns = std::min(kColumnTile, last - c);
      std::fill_n(tile, columns, 0.0);
      kernel(band + from, rows, columns, s.outputs, tile);
      while (c < from + columns) {
        const size_t stop = std::min(end, from + columns);
        for (; c < stop; ++c) sum += tile[c - from];
        if (c < end) break;
        out[b] = finish_sum(norm, sum, rows * (end - begin));
        sum = 0, begin = c, end = column_of(++b + 1);
      }
    }
  }

  void maxima(const float* band, size_t rows, size_t b, size_t b_end, float* out) const {
    const auto kernel = kernels.column_maxima[kernel_of(norm)];
    int32_t tile[kColumnTile];
    size_t c = column_of(b), end = column_of(b + 1);
    const size_t last = column_of(b_end);
    int32_t greatest = kLowestKey;
    while (c < last) {
      const size_t from = c, columns = std::min(kColumnTile, last - c);
      std::fill_n(tile, columns, kLowestKey);
      kernel(band + from, rows, columns, s.outputs, tile);
      while (c < from + columns) {
        const size_t stop = std::min(end, from + columns);
        for (; c < stop; ++c) greatest = std::max(greatest, tile[c - from]);
        if (c < end) break;
        out[b] = key_value(greatest);
        greatest = kLowestKey, end = column_of(++b + 1);
      }
    }
  }
};

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

void block_norms(Isa isa, Norm norm, const float* values, const NormBlocks& s, float* norms,
                 const RunParts* run) {
  const size_t bands = s.bands(), across = s.across();
  const NormWork work{choose_norm(isa), norm, values, s, norms};
  const size_t wanted = run == nullptr ? 1 : std::min(s.inputs * s.outputs / kPartValues, kMostParts);
  const size_t by_columns = std::min({wanted, across, s.outputs / kPartColumns});
  const size_t by_bands = std::min(wanted, bands);
  const bool columns = by_columns > by_bands;
  const size_t parts = std::max(by_columns, by_bands);
  const auto part = [&](size_t i) {
    if (columns)
      work.some_bands(0, bands, across * i / parts, across * (i + 1) / parts);
    else
      work.some_bands(bands * i / parts, bands * (i + 1) / parts, 0, across);
  };
  if (parts > 1)
    (*run)(parts, part);
  else
    work.some_bands(0, bands, 0, across);
}

size_t first_nan(Isa isa, const float* values, size_t n) {
  constexpr size_t kChunk = 1 << 14;
  const auto greatest = choose_norm(isa).row_max[0];
  for (size_t at = 0; at < n; at += kChunk) {
    const size_t size = std::min(kChunk, n - at);
    if (greatest(values + at, size) > kInfinityKey) return at + first_nan(values + at, size);
  }
  return n;
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
