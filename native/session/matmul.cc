#include "session/matmul.h"

#include <algorithm>
#include <cstring>

#include "core/thread_pool.h"
#include "kernels/binary/binary.h"
#include "kernels/transpose/transpose.h"
#include "session/layout.h"

namespace tfjs_sparse {

namespace {

/// Multiply-adds below which a layer is not worth waking a second thread: about 10 µs of one core.
constexpr double kSmallestSplit = 300e3;

/// Columns that are turned into rows at a time.
constexpr size_t kVectorRows = 16;

/// Floats from row to row: whole cache lines, and not a multiple of 1 KB (see buffer_stride).
size_t vector_stride(size_t floats) { return buffer_stride(floats + (floats == 1)); }

/// More than one, so that a buffer of so many columns is no plain vector.
constexpr size_t kWideColumns = 2;

size_t worthwhile_threads(size_t threads, double multiply_adds) {
  return multiply_adds < kSmallestSplit ? 1 : threads;
}

/// A flattened feature map: input k is position k mod positions of channel k / positions.
class FeaturesSource final : public PanelSource {
 public:
  FeaturesSource(const Buffer& buffer, size_t positions, size_t batch)
      : buffer_(buffer), positions_(positions), batch_(batch) {}
  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override {
    size_t c = k0 / positions_, p = k0 % positions_;
    for (size_t i = 0; i < count; ++i) {
      std::memcpy(panel + i * width, buffer_.data + c * buffer_.stride + p * batch_ + m0,
                  width * sizeof(float));
      if (++p == positions_) {
        p = 0;
        ++c;
      }
    }
  }
  const float* direct(size_t, size_t, size_t, size_t*) const override { return nullptr; }

 private:
  const Buffer buffer_;
  const size_t positions_, batch_;
};

/// Columns that tiles of the ISA compute for m, at most.
size_t whole_lanes(size_t m, Isa isa) {
  const size_t lanes = spmm_lanes(isa, m);
  return (m + lanes - 1) / lanes * lanes;
}

/// Row-major activations, turned while they are copied into a panel.
class TurnedSource final : public PanelSource {
 public:
  TurnedSource(const VectorRows& rows, TransposeFunction transpose) : rows_(rows), transpose_(transpose) {}
  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override {
    const size_t columns = std::min(width, rows_.count - m0);
    transpose_(rows_.x + m0 * rows_.x_stride + k0, rows_.x_stride, panel, width, columns, count);
    // Results of the columns past the end are thrown away; they are computed on numbers all the same, since
    // what lies in memory may be subnormal, and slow.
    if (columns < width)
      for (size_t k = 0; k < count; ++k)
        std::fill(panel + k * width + columns, panel + (k + 1) * width, 0.0f);
  }
  const float* direct(size_t, size_t, size_t, size_t*) const override { return nullptr; }

 private:
  const VectorRows& rows_;
  const TransposeFunction transpose_;
};

/// How a product is cut into tasks: `teams` times `ranges` of them.
struct SpmmSplit {
  size_t team, teams;    ///< chunks of outputs per task, and how many such teams there are
  size_t range, ranges;  ///< columns per task, and how many such ranges there are
};

/// Chunks that share a panel: so many outputs that filling the panel costs little beside them, and so few
/// that a tile of their results stays in the L2 cache from one K block to the next.
constexpr size_t kTeamChunks = 4;

/// Registers of columns that a thread's tiles must have at least where columns are divided below whole
/// panels: half of the widest unstructured tile.
constexpr size_t kLeastRegisters = 2;

/// Columns are divided among the threads where there are two panels of them or more for each, else outputs:
/// the same number of teams for each thread, as large as they can be, since each fills the panels again.
/// `apart`: columns are rows in memory, and two threads that write parts of one row make its lines go to and
/// fro (512², 90 % zeros, 32 rows from rows to rows: one thread 33 us, of which 3 write the results; half of
/// the outputs each: 39, of which 13 do). Few outputs, whose panels cost most, are then left together as long
/// as tiles are wide enough. No result depends on the split: every tile sums in the same order.
SpmmSplit split_spmm(const PackedSpmm& weight, size_t columns, size_t panel, size_t lanes, size_t threads,
                     bool apart) {
  const size_t chunks = weight.chunks(),
               most = weight.blocks() == 1 ? std::max<size_t>(chunks, 1) : kTeamChunks;
  const auto divide = [](size_t whole, size_t parts) { return (whole + parts - 1) / parts; };
  SpmmSplit split{most, 1, std::max<size_t>(1, columns), 1};
  if (threads > 1) {
    const size_t panels = divide(columns, panel);
    if (panels >= 2 * threads) {
      split.range = divide(panels, std::min(panels, 4 * threads)) * panel;
    } else if (apart && chunks < kTeamChunks * threads && columns >= kLeastRegisters * lanes * threads) {
      split.range = divide(columns / lanes, threads) * lanes;
    } else {
      split.team = divide(chunks, threads * divide(chunks, threads * most));
      if (chunks < threads) split.range = divide(panels, std::min(panels, 2 * threads)) * panel;
    }
  }
  split.teams = divide(chunks, split.team);
  split.ranges = divide(columns, split.range);
  return split;
}

/// The threads that a product is worth, and what they take.
struct SpmmWork {
  size_t threads;
  SpmmSplit split;
};
SpmmWork spmm_work(const PackedSpmm& weight, Isa isa, size_t columns, size_t threads, bool apart) {
  threads = worthwhile_threads(threads, double(weight.stored()) * double(columns));
  return {threads, split_spmm(weight, columns, spmm_kernel(weight, isa, columns).mr, spmm_lanes(isa, columns),
                              threads, apart)};
}

struct SpmvWork {
  size_t threads, parts;
};
SpmvWork spmv_work(const PackedSpmv& weight, size_t vectors, size_t threads) {
  threads = worthwhile_threads(threads, double(weight.stored()) * double(vectors));
  return {threads, threads == 1 ? 1 : std::min(weight.slices(), 4 * threads)};
}

/// One thread does it all.
Division undivided(size_t threads, double multiply_adds) {
  if (threads <= 1) return {1, 1, "a run has one thread"};
  return {1, 1,
          std::to_string(static_cast<size_t>(multiply_adds)) + " multiply-adds, fewer than " +
              std::to_string(static_cast<size_t>(kSmallestSplit))};
}

void apply_activation(const ActivationCall& activation, Isa isa, float* c, size_t stride, size_t first,
                      size_t last, size_t columns) {
  const ActivationFunction activate = choose_activation(isa).activate;
  for (size_t n = first; n < last; ++n) activate(activation, c + n * stride, columns);
}

}  // namespace

RowsSource::RowsSource(const float* data, size_t stride, bool copies, Isa isa)
    : data_(data), stride_(stride), copies_(copies), fill_(choose_stage(isa).fill) {}
void RowsSource::fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const {
  const PanelPiece row{0, 0, width};
  fill_(data_ + k0 * stride_ + m0, stride_, count, &row, 1, panel, width);
}
const float* RowsSource::direct(size_t k0, size_t m0, size_t width, size_t* stride) const {
  if (copies_ && stride_ != width) return nullptr;
  *stride = stride_;
  return data_ + k0 * stride_ + m0;
}

void add_residual(const Residual& residual, Isa isa, const Buffer& out, size_t first, size_t last,
                  size_t begin, size_t end) {
  const BinaryFunction add = choose_binary(isa).function;
  const ActivationFunction activate = choose_activation(isa).activate;
  for (size_t n = first; n < last; ++n) {
    float* y = out.data + n * out.stride + begin;
    add(BinaryOp::kAdd, y, false, residual.addend.data + n * residual.addend.stride + begin, false, y,
        end - begin);
    activate(residual.activation, y, end - begin);
  }
}

Division spmm_division(const PackedSpmm& weight, Isa isa, size_t columns, size_t threads) {
  const SpmmWork work = spmm_work(weight, isa, columns, threads, false);
  if (work.threads <= 1) return undivided(threads, double(weight.stored()) * double(columns));
  const size_t mr = spmm_kernel(weight, isa, columns).mr;
  return {work.split.teams, work.split.ranges,
          "tiles of " + std::to_string(mr) + " columns: " + std::to_string((columns + mr - 1) / mr) +
              ", chunks of " + std::to_string(weight.chunk_outputs()) +
              " outputs: " + std::to_string(weight.chunks())};
}

size_t spmm_scratch_floats(const PackedSpmm& weight, size_t columns) {
  return spmm_chunks_scratch_floats(weight, kTeamChunks) +
         (columns == 1 ? buffer_floats(weight.n(), kWideColumns) : 0);
}

void run_spmm(const PackedSpmm& weight, const float* bias, const ActivationCall& activation,
              const PanelSource& source, size_t columns, bool finite, const StepContext& context,
              const Residual* residual) {
  if (columns == 1 && context.out.stride == 1) {
    // A tile writes whole registers of columns: in a plain vector they would lie on the next outputs.
    StepContext wide = context;
    wide.out = {context.scratch(0) + spmm_chunks_scratch_floats(weight, kTeamChunks),
                buffer_stride(kWideColumns)};
    run_spmm(weight, bias, activation, source, columns, finite, wide);
    for (size_t n = 0; n < weight.n(); ++n) context.out.data[n] = wide.out.data[n * wide.out.stride];
    if (residual != nullptr) add_residual(*residual, context.isa, context.out, 0, weight.n(), 0, 1);
    return;
  }
  float min, max;
  const bool is_clamp = activation_clamp(activation, &min, &max);
  const Isa isa = finite ? context.isa : Isa::kScalar;
  const SpmmWork work = spmm_work(weight, isa, columns, context.threads, false);
  const SpmmSplit& split = work.split;
  ThreadPool::shared().parallel_for(
      split.teams * split.ranges, work.threads, [&](size_t task, size_t worker) {
        const size_t begin = task / split.teams * split.range;
        const size_t end = std::min(columns, begin + split.range);
        const size_t first = task % split.teams * split.team,
                     last = std::min(weight.chunks(), first + split.team);
        spmm_chunks(weight, isa, source, bias, first, last, begin, end, context.out.data, context.out.stride,
                    min, max, context.scratch(worker));
        const size_t first_output = first * weight.chunk_outputs(),
                     last_output = std::min(weight.n(), last * weight.chunk_outputs());
        if (!is_clamp)
          apply_activation(activation, isa, context.out.data + begin, context.out.stride, first_output,
                           last_output, end - begin);
        if (residual != nullptr)
          add_residual(*residual, context.isa, context.out, first_output, last_output, begin, end);
      });
}

size_t spmm_rows_scratch_floats(const PackedSpmm& weight, Isa isa, size_t m) {
  const auto tile = [&](Isa which) { return spmm_kernel(weight, which, m).mr; };
  // Activations that are not finite take the scalar kernels.
  return weight.panel_floats() + weight.padded_n() * std::max(tile(isa), tile(Isa::kScalar));
}

void run_spmm_rows(const PackedSpmm& weight, const float* bias, const ActivationCall& activation,
                   const VectorRows& rows, Isa isa, size_t threads,
                   const std::function<float*(size_t worker)>& scratch) {
  float min, max;
  const bool is_clamp = activation_clamp(activation, &min, &max);
  const TransposeFunction transpose = choose_transpose(isa);
  if (weight.has_zeros() && !all_finite(rows.x, rows.count, weight.k(), rows.x_stride)) isa = Isa::kScalar;
  const size_t columns = whole_lanes(rows.count, isa);
  const SpmmWork work = spmm_work(weight, isa, columns, threads, true);
  const SpmmSplit& split = work.split;
  const TurnedSource source(rows, transpose);
  ThreadPool::shared().parallel_for(
      split.teams * split.ranges, work.threads, [&](size_t task, size_t worker) {
        const size_t begin = task / split.teams * split.range,
                     end = std::min(rows.count, begin + split.range);
        const size_t first = task % split.teams * split.team,
                     last = std::min(weight.chunks(), first + split.team);
        const size_t first_output = first * weight.chunk_outputs(),
                     last_output = std::min(weight.n(), last * weight.chunk_outputs());
        float* const panel = scratch(worker);
        float* const c = panel + weight.panel_floats();
        for (size_t m = begin; m < end;) {
          const SpmmKernel& kernel = spmm_kernel(weight, isa, end - m);
          const size_t real = std::min<size_t>(kernel.mr, rows.count - m);
          spmm_tile(weight, kernel, source, bias, first, last, m, c, kernel.mr, min, max, panel);
          if (!is_clamp) apply_activation(activation, isa, c, kernel.mr, first_output, last_output, real);
          transpose(c + first_output * kernel.mr, kernel.mr, rows.y + m * rows.y_stride + first_output,
                    rows.y_stride, last_output - first_output, real);
          m += kernel.mr;
        }
      });
}

void run_spmv(const PackedSpmv& weight, const float* bias, const ActivationCall& activation,
              const VectorRows& vectors, Isa isa, size_t threads) {
  float min, max;
  const bool is_clamp = activation_clamp(activation, &min, &max);
  const bool scalar =
      weight.has_zeros() && !all_finite(vectors.x, vectors.count, weight.k(), vectors.x_stride);
  const SpmvWork work = spmv_work(weight, vectors.count, threads);
  const size_t slices = weight.slices(), parts = work.parts;
  ThreadPool::shared().parallel_for(parts, work.threads, [&](size_t part, size_t) {
    weight.run(vectors, bias, part * slices / parts, (part + 1) * slices / parts, min, max, scalar);
  });
  if (is_clamp) return;
  for (size_t v = 0; v < vectors.count; ++v)
    choose_activation(isa).activate(activation, vectors.y + v * vectors.y_stride, weight.n());
}

MatmulStep::MatmulStep(ValueShape in, ValueShape out, size_t k, MatmulWeight weight,
                       ActivationCall activation, bool adds)
    : Step(in, out),
      k_(k),
      whole_(k != in.channels),
      weight_(std::move(weight)),
      activation_(adds ? ActivationCall{} : activation),
      added_activation_(activation),
      adds_(adds) {}

size_t MatmulStep::bytes() const {
  return (weight_.vector ? weight_.vector->bytes() : 0) + weight_.columns.bytes();
}

std::string MatmulStep::kernel(Isa isa, size_t batch) const {
  if (weight_.runs_as_vectors(columns(batch))) return weight_.vector->kernel().name;
  return spmm_kernel(weight_.columns.of(columns(batch)), isa, columns(batch)).name;
}

Division MatmulStep::division(Isa isa, size_t batch, size_t threads) const {
  const size_t m = columns(batch);
  if (!weight_.runs_as_vectors(m)) return spmm_division(weight_.columns.of(m), isa, m, threads);
  const size_t vectors = std::min(m, kVectorRows);
  const SpmvWork work = spmv_work(*weight_.vector, vectors, threads);
  if (work.threads <= 1) return undivided(threads, double(weight_.vector->stored()) * double(vectors));
  return {work.parts, 1,
          "slices of outputs: " + std::to_string(weight_.vector->slices()) +
              ", each for all columns: " + std::to_string(vectors)};
}

size_t MatmulStep::scratch_floats(size_t batch) const {
  if (!weight_.runs_as_vectors(columns(batch)))
    return spmm_scratch_floats(weight_.columns.of(columns(batch)), columns(batch));
  const size_t rows = std::min(columns(batch), kVectorRows);
  return rows * (vector_stride(weight_.vector->padded_k()) + vector_stride(weight_.vector->padded_n()));
}

void MatmulStep::run(const StepContext& context) const {
  const size_t m = columns(context.batch);
  const Residual residual{adds_ ? context.inputs[1] : Buffer{}, added_activation_};
  if (weight_.runs_as_vectors(m)) {
    m == 1 ? run_vector(context) : run_vectors(context);
    if (adds_) add_residual(residual, context.isa, context.out, 0, weight_.vector->n(), 0, m);
    return;
  }
  const Residual* added = adds_ ? &residual : nullptr;
  const PackedSpmm& weight = weight_.columns.of(m);
  const bool finite =
      !weight.has_zeros() || all_finite(context.in.data, in_shape_.channels,
                                        in_shape_.positions() * context.batch, context.in.stride);
  if (!whole_)
    run_spmm(
        weight, weight.bias(), activation_,
        RowsSource(context.in.data, context.in.stride, weight.panel_pays(context.in.stride), context.isa), m,
        finite, context, added);
  else if (context.in.stride == in_shape_.positions() * context.batch)
    run_spmm(weight, weight.bias(), activation_,
             RowsSource(context.in.data, context.batch, weight.panel_pays(context.batch), context.isa), m,
             finite, context, added);
  else
    run_spmm(weight, weight.bias(), activation_,
             FeaturesSource(context.in, in_shape_.positions(), context.batch), m, finite, context, added);
}

void MatmulStep::run_vector(const StepContext& context) const {
  const PackedSpmv& weight = *weight_.vector;
  const float* x = context.in.data;
  if (in_shape_.positions() > 1 && context.in.stride != in_shape_.positions()) {
    float* gathered = context.scratch(0);
    gather_features(context.in, in_shape_, 1, gathered);
    x = gathered;
  }
  run_spmv(weight, weight.bias(), activation_, {x, context.out.data}, context.isa, context.threads);
}

/// Columns become rows, so many at a time, and the results columns again.
void MatmulStep::run_vectors(const StepContext& context) const {
  const PackedSpmv& weight = *weight_.vector;
  const TransposeFunction transpose = choose_transpose(context.isa);
  const size_t m = columns(context.batch), positions = whole_ ? in_shape_.positions() : 1;
  const size_t x_stride = vector_stride(weight.padded_k()), y_stride = vector_stride(weight.padded_n());
  float* const x = context.scratch(0);
  for (size_t begin = 0; begin < m; begin += kVectorRows) {
    const size_t count = std::min(kVectorRows, m - begin);
    float* const y = x + std::min(m, kVectorRows) * x_stride;
    const float* in = context.in.data + begin;
    if (!whole_) {
      transpose(in, context.in.stride, x, x_stride, k_, count);
    } else {
      for (size_t c = 0; c < in_shape_.channels; ++c)
        transpose(in + c * context.in.stride, context.batch, x + c * positions, x_stride, positions, count);
    }
    run_spmv(weight, weight.bias(), activation_, {x, y, count, x_stride, y_stride}, context.isa,
             context.threads);
    transpose(y, y_stride, context.out.data + begin, context.out.stride, count, weight.n());
  }
}

}  // namespace tfjs_sparse
