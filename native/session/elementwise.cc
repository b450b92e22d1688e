// Element by element on maps, and functions of one number on anything.
#include "kernels/binary/binary.h"
#include "session/build.h"
#include "session/channels.h"
#include "session/functions.h"

namespace tfjs_sparse {

namespace {

/// Rows of a value that are contiguous: a map's channels, the whole of an array.
struct Rows {
  size_t count, length;
};
Rows rows_of(const ValueShape& shape, size_t batch) {
  if (shape.array) return {1, shape.features() * shape.blocks(batch)};
  return {shape.channels, shape.positions() * batch};
}

template <typename Work>
void for_each_row(const Rows& rows, const StepContext& context, const Work& work) {
  for_each_channel(rows.count, rows.count * rows.length, context, [&](size_t row, size_t) { work(row); });
}

constexpr std::pair<const char*, BinaryOp> kBinaryOps[] = {{"add", BinaryOp::kAdd}, {"sub", BinaryOp::kSub},
                                                           {"mul", BinaryOp::kMul}, {"div", BinaryOp::kDiv},
                                                           {"max", BinaryOp::kMax}, {"min", BinaryOp::kMin}};

/// y = activation(f(a, b)) on two maps; one of them may have a single channel or a single position.
class MapBinaryStep final : public Step {
 public:
  MapBinaryStep(ValueShape a, ValueShape b, ValueShape out, BinaryOp op, ActivationCall activation)
      : Step(a, out), b_shape_(b), op_(op), activation_(activation) {}

  void run(const StepContext& context) const override {
    const BinaryFunction function = choose_binary(context.isa).function;
    const ActivationFunction activate = choose_activation(context.isa).activate;
    const size_t positions = out_shape_.positions(), columns = positions * context.batch;
    const bool spread_a = in_shape_.positions() != positions, spread_b = b_shape_.positions() != positions;
    for_each_row({out_shape_.channels, columns}, context, [&](size_t c) {
      const float* a = row(context.inputs[0], in_shape_, c);
      const float* b = row(context.inputs[1], b_shape_, c);
      float* out = context.out.data + c * context.out.stride;
      if ((!spread_a && !spread_b) || context.batch == 1) {
        function(op_, a, spread_a, b, spread_b, out, columns);
      } else {
        for (size_t p = 0; p < positions; ++p)
          function(op_, a + (spread_a ? 0 : p * context.batch), false, b + (spread_b ? 0 : p * context.batch),
                   false, out + p * context.batch, context.batch);
      }
      if (activation_.type != Activation::kLinear) activate(activation_, out, columns);
    });
  }
  bool may_write_over(size_t) const override { return true; }
  std::string kernel(Isa isa, size_t) const override {
    return std::string("binary_f32__") + choose_binary(isa).name;
  }

 private:
  static const float* row(const Buffer& buffer, const ValueShape& shape, size_t c) {
    return buffer.data + (shape.channels == 1 ? 0 : c * buffer.stride);
  }

  const ValueShape b_shape_;
  const BinaryOp op_;
  const ActivationCall activation_;
};

/// y = x where it is positive, alpha[channel] · x where not.
class PreluStep final : public Step {
 public:
  PreluStep(ValueShape shape, std::vector<float> alpha) : Step(shape, shape), alpha_(std::move(alpha)) {}
  void run(const StepContext& context) const override {
    const ActivationFunction activate = choose_activation(context.isa).activate;
    const Rows rows = rows_of(in_shape_, context.batch);
    for_each_row(rows, context, [&](size_t c) {
      float* out = context.out.data + c * context.out.stride;
      copy_row(context.in.data + c * context.in.stride, out, rows.length);
      activate({Activation::kLeakyRelu, alpha_[c], 0, 0}, out, rows.length);
    });
  }
  bool may_write_over(size_t) const override { return true; }
  size_t bytes() const override { return alpha_.size() * sizeof(float); }
  std::string kernel(Isa isa, size_t) const override {
    return std::string("activate_f32__") + choose_activation(isa).name;
  }

 private:
  const std::vector<float> alpha_;
};

template <typename T, typename F>
class UnaryStep final : public Step {
 public:
  UnaryStep(ValueShape shape, F function) : Step(shape, shape), function_(function) {}
  void run(const StepContext& context) const override {
    const Rows rows = rows_of(in_shape_, context.batch);
    for_each_row(rows, context, [&](size_t r) {
      const T* in = reinterpret_cast<const T*>(context.in.data + r * context.in.stride);
      T* out = reinterpret_cast<T*>(context.out.data + r * context.out.stride);
      for (size_t i = 0; i < rows.length; ++i) out[i] = function_(in[i]);
    });
  }
  bool may_write_over(size_t) const override { return true; }
  std::string kernel(Isa, size_t) const override { return "unary"; }

 private:
  const F function_;
};

/// An activation, or softmax or normalization over runs of `size`, on an array.
class ArrayPointwiseStep final : public Step {
 public:
  enum Function { kActivation, kSoftmax, kNormalize };
  ArrayPointwiseStep(ValueShape shape, Function function, ActivationCall activation, size_t size,
                     float epsilon)
      : Step(shape, shape), function_(function), activation_(activation), size_(size), epsilon_(epsilon) {}
  void run(const StepContext& context) const override {
    const size_t count = in_shape_.features() * in_shape_.blocks(context.batch);
    const ActivationKernel& kernels = choose_activation(context.isa);
    if (function_ == kActivation) {
      copy_row(context.in.data, context.out.data, count);
      kernels.activate(activation_, context.out.data, count);
      return;
    }
    for (size_t i = 0; i < count; i += size_) {
      const float* in = context.in.data + i;
      float* out = context.out.data + i;
      if (function_ == kSoftmax)
        kernels.softmax(in, out, size_, 1, 1);
      else
        kernels.normalize(in, out, size_, 1, 1, epsilon_);
    }
  }
  bool may_write_over(size_t) const override { return function_ == kActivation; }
  std::string kernel(Isa isa, size_t) const override {
    constexpr const char* kNames[] = {"activate_f32__", "softmax_f32__", "normalize_f32__"};
    return std::string(kNames[function_]) + choose_activation(isa).name;
  }

 private:
  const Function function_;
  const ActivationCall activation_;
  const size_t size_;
  const float epsilon_;
};

bool same_shape(const ValueShape& a, const ValueShape& b) {
  return a.array == b.array && a.fixed == b.fixed && a.channels == b.channels && a.height == b.height &&
         a.width == b.width;
}

}  // namespace

Status build_map_binary(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  for (const ValueShape& x : in) {
    if (x.array) return unfit("a map and an array");
    if (x.channels != out.channels && x.channels != 1) return unfit("operands differ in channels");
    const bool same = x.height == out.height && x.width == out.width;
    if (!same && x.positions() != 1) return unfit("operands differ in positions");
  }
  for (const auto& [name, op] : kBinaryOps) {
    if (step.function != name) continue;
    *built = std::make_unique<MapBinaryStep>(in[0], in[1], out, op, step.activation);
    return Status::Ok();
  }
  return unfit("no function \"" + step.function + "\" of two maps");
}

Status build_array_pointwise(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (!in[0].array || !same_shape(in[0], out)) return unfit("the output differs from the input");
  const auto function = step.op == PlanStep::Op::kSoftmax     ? ArrayPointwiseStep::kSoftmax
                        : step.op == PlanStep::Op::kNormalize ? ArrayPointwiseStep::kNormalize
                                                              : ArrayPointwiseStep::kActivation;
  if (function != ArrayPointwiseStep::kActivation && (step.n == 0 || in[0].features() % step.n != 0))
    return unfit("no such runs");
  *built = std::make_unique<ArrayPointwiseStep>(in[0], function, step.activation, step.n, step.value);
  return Status::Ok();
}

Status build_prelu(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (in[0].array || !same_shape(in[0], out)) return unfit("the output differs from the input");
  const Status status = expect_equal("slopes", in[0].channels, step.weight.size);
  if (!status.ok()) return status;
  *built = std::make_unique<PreluStep>(
      in[0], std::vector<float>(step.weight.data, step.weight.data + step.weight.size));
  return Status::Ok();
}

Status build_unary(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  const ValueShape& shape = in[0];
  if (!same_shape(shape, out)) return unfit("the output differs from the input");
  const auto make = [&](auto tag) {
    using T = decltype(tag);
    return
        [&](auto function) { *built = std::make_unique<UnaryStep<T, decltype(function)>>(shape, function); };
  };
  const bool known = step.integers ? visit_integer_unary(step.function, make(int32_t{}))
                                   : visit_float_unary(step.function, make(float{}));
  return known ? Status::Ok() : unfit("no function \"" + step.function + "\"");
}

}  // namespace tfjs_sparse
