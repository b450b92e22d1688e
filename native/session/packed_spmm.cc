#include "session/packed_spmm.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tfjs_sparse {

namespace {

/// Walks a CSR matrix block of inputs by block of inputs, group of outputs by group of outputs.
class GroupReader {
 public:
  GroupReader(const CsrView& weight, unsigned nr)
      : weight_(weight), nr_(nr), cursors_(weight.row_offsets, weight.row_offsets + weight.rows) {}

  /// Entries of the group of outputs from `output` on, inputs [k0, k0 + count): columns relative to k0, nr
  /// values each. Every group is read once per block, blocks in rising order.
  void read(size_t output, size_t k0, size_t count, bool dense, std::vector<uint16_t>* columns,
            std::vector<float>* values) {
    columns->clear();
    values->clear();
    const size_t rows = std::min<size_t>(nr_, weight_.rows - std::min(weight_.rows, output));
    // Most of a very sparse matrix is blocks without an entry.
    if (output >= weight_.rows || (!dense && !has_entry(output, rows, k0 + count))) return;
    float block[8][kSpmmMaxBlockK];
    bool used[kSpmmMaxBlockK];
    for (unsigned r = 0; r < nr_; ++r) std::fill_n(block[r], count, 0.0f);
    std::fill_n(used, count, false);
    for (size_t r = 0; r < rows; ++r) {
      int32_t& p = cursors_[output + r];
      const int32_t end = weight_.row_offsets[output + r + 1];
      for (; p < end && static_cast<size_t>(weight_.col_indices[p]) < k0 + count; ++p) {
        const size_t column = static_cast<size_t>(weight_.col_indices[p]) - k0;
        block[r][column] = weight_.values[p];
        used[column] = used[column] || weight_.values[p] != 0;
      }
    }
    for (size_t c = 0; c < count; ++c) {
      if (!used[c] && !dense) continue;
      columns->push_back(static_cast<uint16_t>(c));
      for (unsigned r = 0; r < nr_; ++r) values->push_back(block[r][c]);
    }
  }

 private:
  bool has_entry(size_t output, size_t rows, size_t end) const {
    for (size_t r = output; r < output + rows; ++r)
      if (cursors_[r] < weight_.row_offsets[r + 1] &&
          static_cast<size_t>(weight_.col_indices[cursors_[r]]) < end)
        return true;
    return false;
  }

  const CsrView& weight_;
  const unsigned nr_;
  std::vector<int32_t> cursors_;
};

/// Entries of one output, or of a group that shares a pattern, in one block.
struct Entries {
  std::vector<uint16_t> columns;
  std::vector<float> values;
};

/// The slice of `members`, the longest first: at each step a value and a column of every output, zero and the
/// row of zeros where it has none left. @returns steps
uint32_t append_slice(const std::vector<Entries>& all, const uint32_t* members, unsigned nr, size_t zeros_row,
                      std::vector<uint16_t>* columns, std::vector<float>* values) {
  const size_t steps = all[members[0]].values.size();
  for (size_t step = 0; step < steps; ++step)
    for (size_t r = 0; r < nr; ++r) {
      const Entries& own = all[members[r]];
      const bool has = step < own.values.size();
      const size_t row = has ? own.columns[step] : zeros_row;
      columns->push_back(uint16_t(row * kSpmmSliceUnit * sizeof(float)));
      values->push_back(has ? own.values[step] : 0);
    }
  return static_cast<uint32_t>(steps);
}

/// Outputs of a chunk: an even number of equal chunks, so that two threads have the same to do.
size_t even_chunk(size_t outputs) {
  constexpr size_t kMost = PackedSpmm::kChunkOutputs, kUnit = kSpmmSliceOutputs;
  if (outputs < kMost) return kMost;
  const size_t chunks = (outputs + 2 * kMost - 1) / (2 * kMost) * 2, even = (outputs + chunks - 1) / chunks;
  return (even + kUnit - 1) / kUnit * kUnit;
}

/// Reads of an activation from which on its copy into a panel pays, and in groups of four with their columns,
/// which ask for rows ahead; see panel_pays().
constexpr double kPanelReads = 8, kWidePanelReads = 16, kAskedPanelReads = 40;

double reads_of(size_t entries, size_t inputs) { return inputs == 0 ? 0 : double(entries) / double(inputs); }

/// Inputs per K block are a multiple of it: whole 8 x 8 squares are turned into panels.
constexpr size_t kBlockUnit = 8;

}  // namespace

size_t block_k_for(const CsrView& weight, Isa isa, unsigned nr, SpmmPattern pattern) {
  const double places = double(weight.rows) * double(weight.cols);
  const bool sparse = pattern == kSpmmSparse && places > 0;
  const size_t most =
      pattern != kSpmmSlices
          ? spmm_block_k(isa, nr, sparse ? double(weight.row_offsets[weight.rows]) / places : 1)
      : nr == kSpmmWideSliceOutputs ? kSpmmWideSliceBlockK
                                    : kSpmmSliceBlockK;
  // Equal blocks: a short last one costs as many sums as the others.
  const size_t blocks = std::max<size_t>(1, (weight.cols + most - 1) / most);
  const size_t even = std::max<size_t>(1, (weight.cols + blocks - 1) / blocks);
  return std::min(most, (even + kBlockUnit - 1) / kBlockUnit * kBlockUnit);
}

SpmmWay unstructured_way(const CsrView& weight, Isa isa, bool copied) {
  const bool panels = copied || reads_of(size_t(weight.row_offsets[weight.rows]), weight.cols) >= kPanelReads;
  return panels && spmm_has_wide_slices(isa) ? SpmmWay{kSpmmWideSliceOutputs, kSpmmSlices}
                                             : SpmmWay{1, kSpmmSparse};
}

PackedSpmm::PackedSpmm(const CsrView& weight, const float* bias, unsigned nr, SpmmPattern pattern,
                       size_t block_k, Storage storage)
    : n_(weight.rows),
      k_(weight.cols),
      groups_((n_ + nr - 1) / nr),
      block_k_(block_k),
      chunk_outputs_(even_chunk(n_)),
      nr_(nr),
      pattern_(pattern),
      storage_(storage) {
  const size_t blocks = std::max<size_t>(1, (k_ + block_k - 1) / block_k);
  offsets_ = AlignedBuffer<uint32_t>(blocks * (groups_ + 1));
  outputs_ = AlignedBuffer<uint32_t>(blocks * groups_ * group_outputs());
  bias_ = AlignedBuffer<float>(groups_ * nr_);
  if (bias != nullptr) std::copy(bias, bias + n_, bias_.data());

  const RoundedCsr rounded(weight, storage);
  const CsrView rounded_view = rounded.view();
  scales_ = AlignedBuffer<float>(rounded.scales().empty() ? 0 : bias_.size());
  std::copy(rounded.scales().begin(), rounded.scales().end(), scales_.data());
  const unsigned shared = nr_ / static_cast<unsigned>(group_outputs());  // outputs of a pattern
  const size_t patterns = groups_ * group_outputs(), chunk_patterns = chunk_outputs_ / shared;
  GroupReader reader(rounded_view, shared);
  std::vector<Entries> read(patterns);
  std::vector<uint32_t> order(patterns);
  std::vector<uint16_t> all_columns;
  std::vector<float> all_values;
  for (size_t b = 0; b < blocks; ++b) {
    const size_t k0 = b * block_k, count = std::min(block_k, k_ - std::min(k_, k0));
    for (size_t g = 0; g < patterns; ++g) {
      const std::vector<float>& values = read[g].values;
      reader.read(g * shared, k0, count, pattern_ == kSpmmDense, &read[g].columns, &read[g].values);
      const size_t real = std::min<size_t>(shared, n_ - std::min(n_, g * shared));
      for (size_t i = 0; i < values.size() && !has_zeros_; ++i)
        has_zeros_ = i % shared < real && values[i] == 0;
    }
    std::iota(order.begin(), order.end(), 0u);
    for (size_t first = 0; first < patterns; first += chunk_patterns)
      std::stable_sort(
          order.begin() + first, order.begin() + std::min(patterns, first + chunk_patterns),
          [&](uint32_t x, uint32_t y) { return read[x].columns.size() > read[y].columns.size(); });
    block_entries_.push_back(all_values.size() / nr_);
    uint32_t* offsets = offsets_.data() + b * (groups_ + 1);
    uint32_t entries = 0;
    for (size_t i = 0; i < groups_; ++i) {
      const uint32_t* members = order.data() + i * group_outputs();
      const Entries& first = read[members[0]];
      offsets[i] = entries;
      for (size_t r = 0; r < group_outputs(); ++r)
        outputs_[(b * groups_ + i) * group_outputs() + r] = members[r] * shared;
      if (pattern_ == kSpmmSlices) {
        entries += append_slice(read, members, nr_, block_k_, &all_columns, &all_values);
        continue;
      }
      if (pattern_ == kSpmmSparse)
        all_columns.insert(all_columns.end(), first.columns.begin(), first.columns.end());
      all_values.insert(all_values.end(), first.values.begin(), first.values.end());
      entries += static_cast<uint32_t>(first.columns.size());
    }
    offsets[groups_] = entries;
  }
  if (pattern_ == kSpmmSparse) all_columns.resize(all_columns.size() + kSpmmColumnsAhead);
  columns_ = WeightBuffer<uint8_t>(all_columns.size() * spmm_column_bytes(nr_));
  if (spmm_column_bytes(nr_) == 1)
    std::transform(all_columns.begin(), all_columns.end(), columns_.data(),
                   [](uint16_t column) { return static_cast<uint8_t>(column); });
  else if (!all_columns.empty())
    std::memcpy(columns_.data(), all_columns.data(), columns_.bytes());
  values_ = StoredWeights(all_values, storage);
}

size_t PackedSpmm::bytes() const {
  return offsets_.bytes() + outputs_.bytes() + columns_.bytes() + values_.bytes() + scales_.bytes() +
         bias_.bytes();
}

bool PackedSpmm::panel_pays(size_t stride) const {
  if (pattern_ == kSpmmSlices) return true;
  const bool asks = nr_ == kSpmmWideNr && pattern_ == kSpmmSparse && k_ * stride * sizeof(float) <= kFarBytes;
  const double least = asks ? kAskedPanelReads : nr_ >= kSpmmWideNr ? kWidePanelReads : kPanelReads;
  return reads_of(values_.size() / nr_, k_) >= least;
}

size_t PackedSpmm::block_size(size_t block) const { return std::min(block_k_, k_ - block_begin(block)); }

SpmmBlock PackedSpmm::block(size_t block, size_t chunk, size_t* groups) const {
  const size_t first = chunk * chunk_groups();
  *groups = std::min(groups_, first + chunk_groups()) - first;
  SpmmBlock view;
  view.offsets = offsets_.data() + block * (groups_ + 1) + first;
  view.outputs = outputs_.data() + (block * groups_ + first) * group_outputs();
  view.columns = pattern_ == kSpmmDense
                     ? nullptr
                     : columns_.data() + block_entries_[block] * group_outputs() * spmm_column_bytes(nr_);
  view.values = values_.at(block_entries_[block] * nr_);
  view.scales = scales_.data();
  return view;
}

namespace {

/// A tile of columns and where its results go.
struct TilePlace {
  const SpmmKernel* kernel;
  size_t m;
  float* c;  ///< output n at c + n·c_stride
  size_t c_stride;
  float* sums;  ///< likewise, from block to block; may be c
  size_t sums_stride;
};

/// One K block of a tile.
void run_block(const PackedSpmm& weight, const PanelSource& source, const float* bias, size_t first_chunk,
               size_t last_chunk, size_t b, const TilePlace& place, float min, float max, float* panel) {
  const size_t k0 = weight.block_begin(b), mr = place.kernel->mr;
  SpmmTile tile;
  const bool slices = weight.pattern() == kSpmmSlices;
  tile.a = slices ? nullptr : source.direct(k0, place.m, mr, &tile.a_stride);
  if (tile.a == nullptr) {
    source.fill(k0, weight.block_size(b), place.m, mr, panel);
    if (slices) std::fill_n(panel + weight.block_begin(1) * mr, mr, 0.0f);
    tile.a = panel;
    tile.a_stride = mr;
  }
  tile.bias = bias;
  tile.first = b == 0;
  tile.last = b + 1 == weight.blocks();
  tile.c = tile.last ? place.c : place.sums;
  tile.c_stride = tile.last ? place.c_stride : place.sums_stride;
  tile.sums = place.sums;
  tile.sums_stride = place.sums_stride;
  tile.far = weight.far();
  tile.min = min;
  tile.max = max;
  for (size_t chunk = first_chunk; chunk < last_chunk; ++chunk) {
    const SpmmBlock block = weight.block(b, chunk, &tile.groups);
    place.kernel->function(tile, block);
  }
}

size_t chunk_outputs(const PackedSpmm& weight, size_t chunks) {
  return std::min(weight.padded_n(), chunks * weight.chunk_outputs());
}

}  // namespace

void spmm_tile(const PackedSpmm& weight, const SpmmKernel& kernel, const PanelSource& source,
               const float* bias, size_t first_chunk, size_t last_chunk, size_t m, float* c, size_t c_stride,
               float min, float max, float* scratch) {
  const TilePlace place{&kernel, m, c, c_stride, c, c_stride};
  for (size_t b = 0; b < weight.blocks(); ++b)
    run_block(weight, source, bias, first_chunk, last_chunk, b, place, min, max, scratch);
}

size_t spmm_chunks_scratch_floats(const PackedSpmm& weight, size_t chunks) {
  return weight.panel_floats() + (weight.blocks() > 1 ? chunk_outputs(weight, chunks) * kSpmmMaxMr : 0);
}

void spmm_chunks(const PackedSpmm& weight, Isa isa, const PanelSource& source, const float* bias,
                 size_t first_chunk, size_t last_chunk, size_t m_begin, size_t m_end, float* c,
                 size_t c_stride, float min, float max, float* scratch) {
  const size_t range = weight.pattern() == kSpmmDense ? kSpmmMaxMr : 1;
  const size_t outputs = chunk_outputs(weight, last_chunk - first_chunk);
  float* const sums = scratch + weight.panel_floats();
  std::vector<TilePlace> tiles;
  for (size_t m = m_begin; m < m_end;) {
    tiles.clear();
    size_t columns = 0;
    while (m + columns < m_end) {
      const size_t at = m + columns;
      const SpmmKernel* kernel = &spmm_kernel(weight, isa, m_end - at);
      if (columns > 0 && columns + kernel->mr > range) break;
      // Outputs count from the first of all, not of these chunks.
      float* const own = sums + columns * outputs - first_chunk * weight.chunk_outputs() * kernel->mr;
      tiles.push_back({kernel, at, c + at, c_stride, own, kernel->mr});
      columns += kernel->mr;
    }
    for (size_t b = 0; b < weight.blocks(); ++b)
      for (const TilePlace& place : tiles)
        run_block(weight, source, bias, first_chunk, last_chunk, b, place, min, max, scratch);
    m += columns;
  }
}

}  // namespace tfjs_sparse
