// Steps that move elements: between layouts, and inside maps.
#include <algorithm>
#include <cstring>

#include "core/aligned_buffer.h"
#include "core/thread_pool.h"
#include "session/build.h"
#include "session/layout.h"

namespace tfjs_sparse {

namespace {

constexpr size_t kSmallestSplit = 64 * 1024;

template <typename Work>
void for_each_channel(const ValueShape& out, const StepContext& context, const Work& work) {
  const size_t floats = out.features() * context.batch;
  const size_t threads = floats < kSmallestSplit ? 1 : context.threads;
  ThreadPool::shared().parallel_for(out.channels, threads, [&](size_t c, size_t) { work(c); });
}

class ConstantStep final : public Step {
 public:
  ConstantStep(ValueShape shape, AlignedBuffer<float> values)
      : Step(shape, shape), values_(std::move(values)) {}
  void run(const StepContext&) const override {}
  size_t bytes() const override { return values_.bytes(); }
  const float* constant() const override { return values_.data(); }
  std::string kernel(Isa, size_t) const override { return "constant"; }

 private:
  const AlignedBuffer<float> values_;
};

class ToArrayStep final : public Step {
 public:
  using Step::Step;
  void run(const StepContext& context) const override {
    export_rows(context.isa, context.in, in_shape_, context.batch, context.out.data);
  }
  std::string kernel(Isa, size_t) const override { return "toArray"; }
};

class ToMapStep final : public Step {
 public:
  using Step::Step;
  void run(const StepContext& context) const override {
    import_rows(context.isa, context.in.data, out_shape_, context.batch, context.out);
  }
  std::string kernel(Isa, size_t) const override { return "toMap"; }
};

/// A run of output columns that are a run of input columns, or padding.
struct Run {
  size_t at, length;
  int64_t from;  // -1: padding
};

/// Every channel, row and column of the output is one of the input or a constant: padding, cropping, slices,
/// nearest neighbours, repetition.
class PickStep final : public Step {
 public:
  PickStep(ValueShape in, ValueShape out, const PlanStep& step)
      : Step(in, out), rows_(step.rows), channels_(step.channels), value_(step.value) {
    for (size_t x = 0; x < step.columns.size(); ++x) {
      const int64_t from = step.columns[x];
      if (!runs_.empty()) {
        Run& last = runs_.back();
        const bool goes_on =
            from < 0 ? last.from < 0 : last.from >= 0 && from == last.from + int64_t(last.length);
        if (goes_on) {
          ++last.length;
          continue;
        }
      }
      runs_.push_back({x, 1, from});
    }
  }
  void run(const StepContext& context) const override {
    const size_t batch = context.batch, in_row = in_shape_.width * batch, out_row = out_shape_.width * batch;
    for_each_channel(out_shape_, context, [&](size_t c) {
      float* out = context.out.data + c * context.out.stride;
      if (channels_[c] < 0) return void(std::fill(out, out + out_shape_.height * out_row, value_));
      const float* in = context.in.data + size_t(channels_[c]) * context.in.stride;
      for (size_t y = 0; y < rows_.size(); ++y, out += out_row) {
        if (rows_[y] < 0) {
          std::fill(out, out + out_row, value_);
        } else if (y > 0 && rows_[y] == rows_[y - 1]) {
          std::memcpy(out, out - out_row, out_row * sizeof(float));
        } else {
          pick_row(in + size_t(rows_[y]) * in_row, out, batch);
        }
      }
    });
  }
  std::string kernel(Isa, size_t) const override { return "pick"; }

 private:
  void pick_row(const float* in, float* out, size_t batch) const {
    for (const Run& run : runs_) {
      float* to = out + run.at * batch;
      if (run.from < 0) {
        std::fill(to, to + run.length * batch, value_);
      } else if (run.length * batch < 8) {
        const float* from = in + size_t(run.from) * batch;
        for (size_t i = 0; i < run.length * batch; ++i) to[i] = from[i];
      } else {
        std::memcpy(to, in + size_t(run.from) * batch, run.length * batch * sizeof(float));
      }
    }
  }

  const std::vector<int64_t> rows_, channels_;
  std::vector<Run> runs_;
  const float value_;
};

/// Depth to space and back: channel (i·block + j)·c' + c of position (y, x) is channel c of (y·block + i,
/// x·block + j).
class BlocksStep final : public Step {
 public:
  BlocksStep(ValueShape in, ValueShape out, size_t block, bool to_depth)
      : Step(in, out), block_(block), to_depth_(to_depth) {}
  void run(const StepContext& context) const override {
    const ValueShape& wide = to_depth_ ? in_shape_ : out_shape_;  // the one with more positions
    const ValueShape& deep = to_depth_ ? out_shape_ : in_shape_;
    const size_t batch = context.batch;
    for_each_channel(deep, context, [&](size_t d) {
      const size_t c = d % wide.channels, i = d / wide.channels / block_, j = d / wide.channels % block_;
      float* deep_row = (to_depth_ ? context.out.data : context.in.data) +
                        d * (to_depth_ ? context.out.stride : context.in.stride);
      float* wide_plane = (to_depth_ ? context.in.data : context.out.data) +
                          c * (to_depth_ ? context.in.stride : context.out.stride);
      for (size_t y = 0; y < deep.height; ++y) {
        float* wide_row = wide_plane + ((y * block_ + i) * wide.width + j) * batch;
        for (size_t x = 0; x < deep.width; ++x, deep_row += batch)
          for (size_t b = 0; b < batch; ++b) {
            float& far = wide_row[x * block_ * batch + b];
            if (to_depth_)
              deep_row[b] = far;
            else
              far = deep_row[b];
          }
      }
    });
  }
  std::string kernel(Isa, size_t) const override { return to_depth_ ? "spaceToDepth" : "depthToSpace"; }

 private:
  const size_t block_;
  const bool to_depth_;
};

/// Maps one behind the other along the channels; arrays along an axis, `outer` times.
class ConcatStep final : public Step {
 public:
  ConcatStep(std::vector<ValueShape> in, ValueShape out, size_t outer)
      : Step(in[0], out), inputs_(std::move(in)), outer_(outer) {}
  void run(const StepContext& context) const override {
    if (out_shape_.array) return join_arrays(context);
    const size_t floats = out_shape_.positions() * context.batch;
    float* out = context.out.data;
    for (size_t i = 0; i < inputs_.size(); ++i)
      for (size_t c = 0; c < inputs_[i].channels; ++c, out += context.out.stride)
        std::memcpy(out, context.inputs[i].data + c * context.inputs[i].stride, floats * sizeof(float));
  }
  std::string kernel(Isa, size_t) const override { return "concat"; }

 private:
  void join_arrays(const StepContext& context) const {
    float* out = context.out.data;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block)
      for (size_t o = 0; o < outer_; ++o)
        for (size_t i = 0; i < inputs_.size(); ++i) {
          const size_t part = inputs_[i].features() / outer_;
          const size_t first = (inputs_[i].fixed ? 0 : block) * inputs_[i].features() + o * part;
          std::memcpy(out, context.inputs[i].data + first, part * sizeof(float));
          out += part;
        }
  }

  const std::vector<ValueShape> inputs_;
  const size_t outer_;
};

bool all_below(const std::vector<int64_t>& list, size_t size) {
  return std::all_of(list.begin(), list.end(), [&](int64_t i) { return i >= -1 && i < int64_t(size); });
}

}  // namespace

Status build_constant(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (!in.empty() || !out.array || !out.fixed) return unfit("a constant is a fixed array without inputs");
  const Status status = expect_equal("values", out.features(), step.weight.size);
  if (!status.ok()) return status;
  AlignedBuffer<float> values(step.weight.size);
  // As bytes: they may be integers.
  std::memcpy(values.data(), step.weight.data, values.bytes());
  *built = std::make_unique<ConstantStep>(out, std::move(values));
  return Status::Ok();
}

Status build_convert(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  const bool to_array = step.op == PlanStep::Op::kToArray;
  const ValueShape &map = to_array ? in[0] : out, &array = to_array ? out : in[0];
  if (map.array || !array.array) return unfit("expected a map and an array");
  const size_t batch = array.fixed ? step.n : 1;
  const Status status = expect_equal("elements", map.features() * batch, array.features());
  if (!status.ok()) return status;
  if (to_array)
    *built = std::make_unique<ToArrayStep>(in[0], out);
  else
    *built = std::make_unique<ToMapStep>(in[0], out);
  return Status::Ok();
}

Status build_pick(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (in[0].array || out.array) return unfit("expected maps");
  if (step.rows.size() != out.height || step.columns.size() != out.width ||
      step.channels.size() != out.channels)
    return unfit("expected one entry for each row, column and channel of the output");
  if (!all_below(step.rows, in[0].height) || !all_below(step.columns, in[0].width) ||
      !all_below(step.channels, in[0].channels))
    return unfit("an entry is outside of the input");
  *built = std::make_unique<PickStep>(in[0], out, step);
  return Status::Ok();
}

Status build_blocks(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  const bool to_depth = step.function == "spaceToDepth";
  if (in[0].array || out.array || (!to_depth && step.function != "depthToSpace"))
    return unfit("expected maps");
  const ValueShape &wide = to_depth ? in[0] : out, &deep = to_depth ? out : in[0];
  const size_t block = step.n;
  if (block == 0 || block > wide.height || deep.height * block != wide.height ||
      deep.width * block != wide.width || deep.channels != wide.channels * block * block)
    return unfit("blocks of " + std::to_string(block) + " do not fit");
  *built = std::make_unique<BlocksStep>(in[0], out, block, to_depth);
  return Status::Ok();
}

Status build_concat(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (in.empty()) return unfit("nothing to join");
  const size_t outer = out.array ? step.n : 1;
  if (outer == 0 || outer > out.features()) return unfit("outer is " + std::to_string(outer));
  size_t total = 0;
  for (const ValueShape& x : in) {
    if (x.array != out.array) return unfit("maps and arrays together");
    if (!out.array && (x.height != out.height || x.width != out.width)) return unfit("positions differ");
    if (out.array && (x.features() % outer != 0 || (out.fixed && !x.fixed)))
      return unfit("an input does not fit");
    total += out.array ? x.features() : x.channels;
  }
  const Status status = expect_equal("parts together", out.array ? out.features() : out.channels, total);
  if (!status.ok()) return status;
  *built = std::make_unique<ConcatStep>(in, out, outer);
  return Status::Ok();
}

}  // namespace tfjs_sparse
