#include <algorithm>

#include "session/build.h"
#include "session/conv.h"
#include "session/depthwise.h"
#include "session/layout.h"
#include "session/matmul.h"
#include "session/owned_csr.h"
#include "session/plan.h"
#include "session/pointwise.h"
#include "session/recurrence.h"
#include "session/vector_kernel.h"

namespace tfjs_sparse {

namespace {

/// No dimension of a plan is larger: products of three of them stay in 64 bits.
constexpr size_t kLargestSize = size_t{1} << 20;
constexpr size_t kLargestValue = size_t{1} << 31;
/// batch · features stays far from 2^64.
constexpr size_t kLargestBatch = 0x7fffffff;

AlignedBuffer<float> copy(const WeightView& view, size_t size) {
  AlignedBuffer<float> out(size);
  if (view.data != nullptr) std::copy(view.data, view.data + std::min(size, view.size), out.data());
  return out;
}

class Builder {
 public:
  Builder(const Plan& plan, Isa isa) : plan_(plan), isa_(isa) {}

  Status build(std::vector<std::unique_ptr<Step>>* steps) {
    if (plan_.batch > kLargestBatch) return fail("a batch of " + std::to_string(plan_.batch));
    for (const ValueShape& shape : plan_.values) {
      const size_t sizes[] = {shape.channels, shape.height, shape.width};
      for (const size_t size : sizes)
        if (size == 0 || size > (shape.array ? kLargestValue : kLargestSize))
          return fail("a value has a size of " + std::to_string(size));
      if (shape.array ? shape.positions() != 1 : shape.fixed)
        return fail("a value is neither a map nor an array");
      if (shape.features() > kLargestValue)
        return fail("a value has " + std::to_string(shape.features()) + " features");
    }
    std::vector<bool> ready(plan_.values.size(), false);
    for (const size_t input : plan_.inputs) {
      if (input >= ready.size()) return fail("input " + std::to_string(input) + " does not exist");
      ready[input] = true;
    }
    for (index_ = 0; index_ < plan_.steps.size(); ++index_) {
      const PlanStep& step = plan_.steps[index_];
      for (const size_t input : step.inputs)
        if (input >= ready.size() || !ready[input]) return fail("reads a value that is not there yet");
      if (step.output >= ready.size() || ready[step.output])
        return fail("writes a value that is already there");
      ready[step.output] = true;
      std::unique_ptr<Step> built;
      const Status status = build_step(step, &built);
      if (!status.ok()) return status;
      steps->push_back(std::move(built));
    }
    for (const size_t output : plan_.outputs)
      if (output >= ready.size() || !ready[output])
        return fail("output " + std::to_string(output) + " is never made");
    return Status::Ok();
  }

 private:
  Status fail(const std::string& message, StatusCode code = StatusCode::kPlan) const {
    const std::string where = index_ < plan_.steps.size() ? "plan, step " + std::to_string(index_) : "plan";
    return Status::Error(code, where + ": " + message);
  }
  Status expect(const char* what, size_t expected, size_t received) const {
    return expected == received ? Status::Ok()
                                : fail(std::string(what) + ": expected " + std::to_string(expected) +
                                       ", received " + std::to_string(received));
  }

  Status check_window(const WindowShape& w, const ValueShape& in, const ValueShape& out) const {
    const size_t positive[] = {w.kernel_height, w.kernel_width, w.stride_y,
                               w.stride_x,      w.dilation_y,   w.dilation_x};
    for (const size_t size : positive)
      if (size == 0 || size > kLargestSize) return fail("a window has a size of " + std::to_string(size));
    if (w.pad_top >= w.kernel_height * w.dilation_y || w.pad_left >= w.kernel_width * w.dilation_x)
      return fail("padding is as large as the window");
    // The last window begins inside the padded input.
    if ((out.height - 1) * w.stride_y >= in.height + w.pad_top ||
        (out.width - 1) * w.stride_x >= in.width + w.pad_left)
      return fail("the output is larger than the input allows");
    return Status::Ok();
  }

  Status build_step(const PlanStep& step, std::unique_ptr<Step>* built) const {
    const ValueShape& out = plan_.values[step.output];
    std::vector<ValueShape> inputs;
    for (const size_t input : step.inputs) inputs.push_back(plan_.values[input]);
    const size_t expected = input_count(step.op);
    // What a product is added to is a second input.
    const bool adds =
        (step.op == PlanStep::Op::kMatmul || step.op == PlanStep::Op::kConv2d) && inputs.size() == 2;
    if (adds) {
      const ValueShape& addend = inputs[1];
      if (addend.array || addend.channels != out.channels || addend.height != out.height ||
          addend.width != out.width)
        return fail("adds a value that is not as large as the output");
    } else if (expected != kAnyCount && inputs.size() != expected)
      return fail("reads " + std::to_string(inputs.size()) + " values, expected " + std::to_string(expected));
    if (step.op == PlanStep::Op::kToArray || step.op == PlanStep::Op::kToMap) {
      // A fixed array holds the rows of the one batch that runs.
      const ValueShape& array = step.op == PlanStep::Op::kToArray ? out : inputs[0];
      if (array.fixed && (plan_.batch == 0 || step.n != plan_.batch))
        return fail("a fixed array of " + std::to_string(step.n) + " rows in a plan for a batch of " +
                    std::to_string(plan_.batch));
    }
    const StepFactory factory = factory_of(step, out);
    if (factory != nullptr) {
      const Status status = factory({step, inputs, out}, built);
      return status.ok() ? status : fail(status.message);
    }
    if (step.op == PlanStep::Op::kRecurrence) return build_recurrence({step, inputs, out}, built);
    const ValueShape& in = inputs[0];
    if (step.op == PlanStep::Op::kAlias && in.array && out.array) {
      const Status status = expect("elements", in.features(), out.features());
      return status.ok() && in.fixed != out.fixed ? fail("an alias of another kind of array") : status;
    }
    if (in.array || out.array) return fail("expected maps");
    switch (step.op) {
      case PlanStep::Op::kMatmul:
        return build_matmul(step, in, out, built);
      case PlanStep::Op::kConv2d:
        return build_conv(step, in, out, built);
      case PlanStep::Op::kDepthwise:
        return build_depthwise(step, in, out, built);
      case PlanStep::Op::kMaxPool:
      case PlanStep::Op::kAvgPool:
        return build_pool(step, in, out, built);
      case PlanStep::Op::kAlias:
        return same_memory(in, out);
      default:
        return build_pointwise(step, in, out, built);
    }
  }

  static constexpr size_t kAnyCount = static_cast<size_t>(-1);
  static size_t input_count(PlanStep::Op op) {
    switch (op) {
      case PlanStep::Op::kConcat:
      case PlanStep::Op::kRecurrence:
        return kAnyCount;
      case PlanStep::Op::kConstant:
        return 0;
      case PlanStep::Op::kBinary:
      case PlanStep::Op::kProduct:
      case PlanStep::Op::kGather:
      case PlanStep::Op::kGatherNd:
      case PlanStep::Op::kNonMaxSuppression:
        return 2;
      case PlanStep::Op::kSelect:
        return 3;
      default:
        return 1;
    }
  }

  /// Who builds a step; nullptr for those below.
  static StepFactory factory_of(const PlanStep& step, const ValueShape& out) {
    switch (step.op) {
      case PlanStep::Op::kConstant:
        return build_constant;
      case PlanStep::Op::kToArray:
      case PlanStep::Op::kToMap:
        return build_convert;
      case PlanStep::Op::kBinary:
        return out.array ? build_array_binary : build_map_binary;
      case PlanStep::Op::kUnary:
        return build_unary;
      case PlanStep::Op::kPrelu:
        return build_prelu;
      case PlanStep::Op::kPick:
        return build_pick;
      case PlanStep::Op::kResize:
        return build_resize;
      case PlanStep::Op::kBlocks:
        return build_blocks;
      case PlanStep::Op::kConcat:
        return build_concat;
      case PlanStep::Op::kOverlapAdd:
        return build_overlap_add;
      case PlanStep::Op::kStrided:
      case PlanStep::Op::kFill:
        return build_strided;
      case PlanStep::Op::kCast:
        return build_cast;
      case PlanStep::Op::kReduce:
        return build_reduce;
      case PlanStep::Op::kSelect:
        return build_select;
      case PlanStep::Op::kProduct:
        return build_product;
      case PlanStep::Op::kGather:
        return build_gather;
      case PlanStep::Op::kGatherNd:
        return build_gather_nd;
      case PlanStep::Op::kTopK:
        return build_top_k;
      case PlanStep::Op::kWhere:
        return build_where;
      case PlanStep::Op::kNonMaxSuppression:
        return build_non_max_suppression;
      case PlanStep::Op::kActivation:
      case PlanStep::Op::kSoftmax:
      case PlanStep::Op::kNormalize:
        return out.array ? build_array_pointwise : nullptr;
      default:
        return nullptr;
    }
  }

  /// An alias may rename the axes, never move a value: what is read as [channels][positions] keeps both
  /// counts.
  Status same_memory(const ValueShape& in, const ValueShape& out) const {
    const Status channels = expect("channels", in.channels, out.channels);
    return channels.ok() ? expect("positions", in.positions(), out.positions()) : channels;
  }

  Status check_weight(const PlanStep& step) const {
    if (step.n == 0 || step.k == 0 || step.n > kLargestValue || step.k > kLargestValue ||
        step.n * step.k >= kLargestValue)
      return fail("a weight of " + std::to_string(step.n) + " x " + std::to_string(step.k));
    Status status = expect("weight values", step.n * step.k, step.weight.size);
    if (status.ok() && step.bias.data != nullptr) status = expect("bias values", step.n, step.bias.size);
    const KernelChoice& choice = step.choice;
    if (status.ok() && choice.nr != 0 && choice.nr != 1 && choice.nr != 2 && choice.nr != 4 && choice.nr != 8)
      status = fail("nr is " + std::to_string(choice.nr) + ", expected 0, 1, 2, 4 or 8");
    if (status.ok() && choice.slice_columns > kMostSliceColumns)
      status = fail("slices for " + std::to_string(choice.slice_columns) + " columns, expected at most " +
                    std::to_string(kMostSliceColumns));
    if (status.ok() && choice.storage == Storage::kInt8 &&
        !all_finite(step.weight.data, 1, step.weight.size, step.weight.size))
      status = fail("a weight that is not finite cannot be stored as int8", StatusCode::kStorage);
    return status;
  }

  /// @param copied  the activations are copied into panels however rarely they are read
  ColumnsWeight pack_columns(const PlanStep& step, const OwnedCsr& weight, bool copied) const {
    const KernelChoice& choice = step.choice;
    ColumnsWeight packed;
    const auto pack = [&](SpmmWay way, std::optional<PackedSpmm>* into) {
      into->emplace(weight.view(), step.bias.data, way.nr, way.pattern,
                    block_k_for(weight.view(), isa_, way.nr, way.pattern), choice.storage);
    };
    packed.slice_columns = choice.slice_columns;
    if (choice.slice_columns != 0) pack({kSpmmSliceOutputs, kSpmmSlices}, &packed.slices);
    if (choice.nr == 1 && !choice.dense)
      pack(unstructured_way(weight.view(), isa_, copied), &packed.matrix);
    else if (choice.nr != 0)
      pack({choice.nr, choice.dense ? kSpmmDense : kSpmmSparse}, &packed.matrix);
    return packed;
  }

  Status build_matmul(const PlanStep& step, const ValueShape& in, const ValueShape& out,
                      std::unique_ptr<Step>* built) const {
    Status status = check_weight(step);
    if (!status.ok()) return status;
    const bool whole = step.k != in.channels;
    if (whole && step.k != in.features())
      return fail("weight inputs: expected " + std::to_string(in.channels) + " or " +
                  std::to_string(in.features()) + ", received " + std::to_string(step.k));
    status = expect("outputs", step.n, out.channels);
    if (status.ok()) status = expect("positions", whole ? 1 : in.positions(), out.positions());
    if (!status.ok()) return status;
    const OwnedCsr csr(step.weight.data, step.n, step.k);
    MatmulWeight weight;
    weight.vector_columns = step.choice.vector_columns;
    if (step.choice.vector != KernelChoice::kNone)
      weight.vector.emplace(csr.view(), step.bias.data, vector_kernel(step.choice, isa_, step.n));
    weight.columns = pack_columns(step, csr, false);
    if (!weight.vector && !weight.columns.any()) return fail("no kernel was chosen");
    *built = std::make_unique<MatmulStep>(in, out, step.k, std::move(weight), step.activation,
                                          step.inputs.size() == 2);
    return Status::Ok();
  }

  Status build_recurrence(const StepRequest& request, std::unique_ptr<Step>* built) const {
    RecurrenceParts parts;
    Status status = check_weight(request.step);
    if (!status.ok()) return status;
    status = read_recurrence(request, &parts);
    if (!status.ok()) return fail(status.message);
    std::vector<std::unique_ptr<Step>> products;
    for (const PlanStep& product : parts.products) {
      products.emplace_back();
      status = build_matmul(product, {product.k, 1, 1}, {product.n, 1, 1}, &products.back());
      if (!status.ok()) return status;
    }
    *built = make_recurrence(request, parts.cell, std::move(products));
    return Status::Ok();
  }

  Status build_conv(const PlanStep& step, const ValueShape& in, const ValueShape& out,
                    std::unique_ptr<Step>* built) const {
    Status status = check_weight(step);
    if (status.ok()) status = check_window(step.window, in, out);
    if (status.ok())
      status =
          expect("weight inputs", step.window.kernel_height * step.window.kernel_width * in.channels, step.k);
    if (status.ok()) status = expect("outputs", step.n, out.channels);
    if (status.ok() && step.choice.nr == 0 && step.choice.slice_columns == 0)
      status = fail("no kernel was chosen");
    if (!status.ok()) return status;
    *built = std::make_unique<ConvStep>(in, out, window_of(step, in, out),
                                        pack_columns(step, OwnedCsr(step.weight.data, step.n, step.k), true),
                                        step.activation, step.inputs.size() == 2);
    return Status::Ok();
  }

  Status build_depthwise(const PlanStep& step, const ValueShape& in, const ValueShape& out,
                         std::unique_ptr<Step>* built) const {
    if (step.multiplier == 0 || step.multiplier > kLargestSize)
      return fail("a multiplier of " + std::to_string(step.multiplier));
    const size_t taps = step.window.kernel_height * step.window.kernel_width;
    Status status = check_window(step.window, in, out);
    if (status.ok()) status = expect("outputs", in.channels * step.multiplier, out.channels);
    if (status.ok()) status = expect("weight values", out.channels * taps, step.weight.size);
    if (status.ok() && step.bias.data != nullptr)
      status = expect("bias values", out.channels, step.bias.size);
    if (!status.ok()) return status;
    *built = std::make_unique<DepthwiseStep>(in, out, window_of(step, in, out), step.multiplier,
                                             copy(step.weight, step.weight.size),
                                             copy(step.bias, out.channels), step.activation);
    return Status::Ok();
  }

  Status build_pool(const PlanStep& step, const ValueShape& in, const ValueShape& out,
                    std::unique_ptr<Step>* built) const {
    Status status = check_window(step.window, in, out);
    if (status.ok()) status = expect("channels", in.channels, out.channels);
    if (!status.ok()) return status;
    *built =
        std::make_unique<PoolStep>(in, out, window_of(step, in, out),
                                   step.op == PlanStep::Op::kMaxPool ? PoolStep::kMax : PoolStep::kAverage);
    return Status::Ok();
  }

  Status build_pointwise(const PlanStep& step, const ValueShape& in, const ValueShape& out,
                         std::unique_ptr<Step>* built) const {
    const Status status = same_memory(in, out);
    if (!status.ok()) return status;
    if (step.op == PlanStep::Op::kActivation) {
      *built = std::make_unique<ActivationStep>(in, step.activation);
    } else if (step.op == PlanStep::Op::kSoftmax || step.op == PlanStep::Op::kNormalize) {
      const auto function =
          step.op == PlanStep::Op::kSoftmax ? OverFeaturesStep::kSoftmax : OverFeaturesStep::kNormalize;
      *built = std::make_unique<OverFeaturesStep>(in, function, step.value, step.whole);
    } else {
      if (step.weight.size != in.channels && step.weight.size != in.features())
        return fail("scale values: expected " + std::to_string(in.channels) + " or " +
                    std::to_string(in.features()) + ", received " + std::to_string(step.weight.size));
      const Status shift = expect("shift values", step.weight.size, step.bias.size);
      if (!shift.ok()) return shift;
      *built = std::make_unique<AffineStep>(in, copy(step.weight, step.weight.size),
                                            copy(step.bias, step.bias.size), step.activation);
    }
    return Status::Ok();
  }

  static WindowShape window_of(const PlanStep& step, const ValueShape& in, const ValueShape& out) {
    WindowShape window = step.window;
    window.in_height = in.height;
    window.in_width = in.width;
    window.out_height = out.height;
    window.out_width = out.width;
    window.batch = 1;
    return window;
  }

  const Plan& plan_;
  const Isa isa_;
  size_t index_ = static_cast<size_t>(-1);  // of the step that is looked at, if any
};

}  // namespace

Status build_steps(const Plan& plan, Isa isa, std::vector<std::unique_ptr<Step>>* steps) {
  return Builder(plan, isa).build(steps);
}

}  // namespace tfjs_sparse
