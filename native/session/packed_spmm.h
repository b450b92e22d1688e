#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "core/csr.h"
#include "kernels/spmm/spmm.h"
#include "session/stored_weights.h"

namespace tfjs_sparse {

/// Inputs per K block that suit a weight in groups or slices of nr outputs.
size_t block_k_for(const CsrView& weight, Isa isa, unsigned nr, SpmmPattern pattern);

/// Outputs that share a pattern, and how.
struct SpmmWay {
  unsigned nr;
  SpmmPattern pattern;
};

/// How a weight whose outputs share nothing is packed for many columns: as slices where the ISA has wide ones
/// and the activations are copied into panels, which slices need. Kernel level, AVX2, us of csr tiles and of
/// slices: 1024², 99 % zeros, M = 64 (10 reads of an input) 66 and 49; 64×1024, 95 % (3.2 reads, in
/// place) 9.8 and 13.2; 16×512, 70 %, M = 200 (4.8 reads, in place) 17.2 and 26.5 (Zen 4, 2026-11).
/// @param copied  they are copied however rarely they are read
SpmmWay unstructured_way(const CsrView& weight, Isa isa, bool copied);

/// A weight [n outputs, k inputs] in spmm's layout: K blocks of groups of nr outputs (kernels/spmm/spmm.h).
class PackedSpmm {
 public:
  /// Most outputs of a chunk.
  static constexpr size_t kChunkOutputs = 256;

  /// Twice a common L2 cache.
  static constexpr size_t kFarBytes = size_t{2} << 20;
  /// Of slices, which the hardware follows longer; see far().
  static constexpr size_t kFarSliceBytes = size_t{8} << 20;

  PackedSpmm() = default;
  /// @param weight   n rows of k inputs; a stored zero is dropped, as is a weight that the storage rounds to
  /// zero; finite where the storage is int8
  /// @param bias     n values, or nullptr for zeros
  /// @param nr       1, 2, 4 or 8; in slices 4 or 8
  /// @param block_k  inputs per K block, at most spmm_max_block_k(nr): block_k_for()
  PackedSpmm(const CsrView& weight, const float* bias, unsigned nr, SpmmPattern pattern, size_t block_k,
             Storage storage = Storage::kFloat32);

  size_t n() const { return n_; }
  size_t k() const { return k_; }
  unsigned nr() const { return nr_; }
  SpmmPattern pattern() const { return pattern_; }
  Storage storage() const { return storage_; }
  /// Groups are put in order of their counts only inside a chunk of this many outputs, so that a chunk is a
  /// unit of work that threads can take: its groups are the same outputs in every block.
  size_t chunk_outputs() const { return chunk_outputs_; }
  size_t chunks() const { return (n_ + chunk_outputs_ - 1) / chunk_outputs_; }
  /// Rows of C that a run writes: n rounded up to a multiple of nr.
  size_t padded_n() const { return (n_ + nr_ - 1) / nr_ * nr_; }
  /// Some stored value is zero: non-finite activations take the scalar kernel.
  bool has_zeros() const { return has_zeros_; }
  /// Entries that a run multiplies, stored zeros among them.
  size_t stored() const { return values_.size(); }
  size_t bytes() const;
  /// A run reads an activation often enough to pay for its copy into a panel. 512², 90 % zeros in blocks of
  /// 4, AVX2: 12.8 reads, 42.9 us with the copy and 40.8 without. Groups of four ask for rows in place ahead:
  /// 1024², 25.6 reads, M = 64 and 256: 164 and 650 us with the copy, 159 and 636 without; 2048x768, 51
  /// reads, 979 and 995; 3072x768, 77 reads, 1461 and 1547. No difference where they are far, and a request
  /// eight entries ahead is no lead on memory: 768x3072, M = 256: 1552 and 1541 (Zen 4, 2026-11).
  /// Slices are made for panels.
  /// @param stride  floats from input to input
  bool panel_pays(size_t stride) const;

  /// Twice a common L2 cache, or more: 3072x768 at 90 % zeros, 1.2 MB, lost 4 % where it was counted as far.
  /// Slices are two streams that the hardware follows, and asking takes two loads of sixteen: 24 columns,
  /// 4096x2048, 4096x3072 and 4096² (5, 7.5 and 10 MB) 1401, 2153 and 3037 us without, 1469, 2243 and 3033 us
  /// with it, 16 columns 488, 793 and 1206 us without, 508, 773 and 1071 us with it (Zen 4, 2026-11).
  bool far() const { return bytes() > (pattern_ == kSpmmSlices ? kFarSliceBytes : kFarBytes); }
  size_t blocks() const { return block_entries_.size(); }
  /// Floats of scratch that a panel takes.
  size_t panel_floats() const { return (block_k_ + (pattern_ == kSpmmSlices)) * kSpmmMaxMr; }
  size_t block_begin(size_t block) const { return block * block_k_; }
  size_t block_size(size_t block) const;
  /// The groups of one chunk of outputs in one block.
  SpmmBlock block(size_t block, size_t chunk, size_t* groups) const;
  const float* bias() const { return bias_.data(); }

 private:
  size_t chunk_groups() const { return chunk_outputs_ / nr_; }
  /// Outputs of a group that have patterns, and so columns, of their own.
  size_t group_outputs() const { return pattern_ == kSpmmSlices ? nr_ : 1; }

  size_t n_ = 0, k_ = 0, groups_ = 0, block_k_ = spmm_max_block_k(1), chunk_outputs_ = kChunkOutputs;
  unsigned nr_ = 1;
  SpmmPattern pattern_ = kSpmmSparse;
  Storage storage_ = Storage::kFloat32;
  bool has_zeros_ = false;
  /// First entry of each block, in `columns_`.
  std::vector<size_t> block_entries_;
  /// Per block: groups + 1 offsets relative to the block, then outputs.
  AlignedBuffer<uint32_t> offsets_, outputs_;
  /// spmm_column_bytes of each entry.
  WeightBuffer<uint8_t> columns_;
  StoredWeights values_;
  AlignedBuffer<float> scales_, bias_;
};

/// The kernel that takes up to so many columns of the weight at a time.
inline const SpmmKernel& spmm_kernel(const PackedSpmm& weight, Isa isa, size_t columns) {
  return *choose_spmm(isa, weight.nr(), weight.pattern(), columns, weight.storage());
}

/// What the weight is multiplied with: input k's activations for the columns [0, m), which `fill` copies into
/// a panel.
class PanelSource {
 public:
  virtual ~PanelSource() = default;
  /// Copies inputs [k0, k0 + count) at columns [m0, m0 + width) to panel[i·width + j]; columns past the end
  /// may hold anything.
  virtual void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const = 0;
  /// Where input k0's columns from m0 lie when they need no copy, with the stride from input to input; else
  /// nullptr.
  virtual const float* direct(size_t k0, size_t m0, size_t width, size_t* stride) const = 0;
};

/// One tile of `kernel.mr` columns from m on, all K blocks in order, for the outputs of the chunks [first,
/// last).
/// @param c        output n's mr floats at c + n·c_stride
/// @param scratch  weight.panel_floats() floats
void spmm_tile(const PackedSpmm& weight, const SpmmKernel& kernel, const PanelSource& source,
               const float* bias, size_t first_chunk, size_t last_chunk, size_t m, float* c, size_t c_stride,
               float min, float max, float* scratch);

size_t spmm_chunks_scratch_floats(const PackedSpmm& weight, size_t chunks);

/// C for the outputs of the chunks [first, last) and the columns [m_begin, m_end): all K blocks in order. A
/// panel is filled once for all of the chunks. Sums of a tile lie side by side until the last block writes C:
/// in place, rows of C a page apart cost address translations (4096², 90 % zeros, M = 256: 20.4 ms in place,
/// 18.9 so). A block of dense weights, which may come from memory, is read once for kSpmmMaxMr columns of
/// tiles: 4096², M = 64 and 256: 83.3 and 53.7 GFLOP/s in place and tile by tile, 85.3 and 84.6 so (AVX2,
/// Zen 4, 2026-11); sparse ones gain nothing by it, since their sums are more than their weights.
/// @param bias     padded_n() floats
/// @param m_end    columns are computed up to the next multiple of spmm_lanes() at most; C's rows are that
/// long
/// @param scratch  spmm_chunks_scratch_floats() of so many chunks
void spmm_chunks(const PackedSpmm& weight, Isa isa, const PanelSource& source, const float* bias,
                 size_t first_chunk, size_t last_chunk, size_t m_begin, size_t m_end, float* c,
                 size_t c_stride, float min, float max, float* scratch);

}  // namespace tfjs_sparse
