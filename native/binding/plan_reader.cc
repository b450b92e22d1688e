#include "binding/plan_reader.h"

#include <cmath>
#include <utility>

namespace tfjs_sparse::binding {

namespace {

constexpr int64_t kLargest = int64_t{1} << 40;

Napi::Object object_field(const Napi::Object& object, const char* what, const char* field) {
  const Napi::Value value = object.Get(field);
  if (!value.IsObject())
    throw make_error(object.Env(), Status::Error(StatusCode::kArgument,
                                                 std::string(what) + "." + field + ": expected an object"));
  return value.As<Napi::Object>();
}

template <typename Visit>
void for_each_element(const Napi::Object& object, const char* what, const char* field, Visit visit) {
  const Napi::Value value = object.Get(field);
  if (!value.IsArray())
    throw make_error(object.Env(), Status::Error(StatusCode::kArgument,
                                                 std::string(what) + "." + field + ": expected an array"));
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) visit(array.Get(i));
}

size_t size_field(const Napi::Object& object, const char* what, const char* field) {
  return static_cast<size_t>(integer_field(object, what, field, 0, kLargest));
}

std::vector<size_t> size_list(const Napi::Object& object, const char* what, const char* field) {
  std::vector<size_t> sizes;
  for_each_element(object, what, field, [&](const Napi::Value& value) {
    if (!value.IsNumber() || !(value.As<Napi::Number>().DoubleValue() >= 0))
      throw make_error(object.Env(), Status::Error(StatusCode::kArgument, std::string(what) + "." + field +
                                                                              ": expected whole numbers"));
    sizes.push_back(static_cast<size_t>(value.As<Napi::Number>().Int64Value()));
  });
  return sizes;
}

/// Whole numbers of up to 40 bits, negative ones too.
std::vector<int64_t> integer_list(const Napi::Object& object, const char* what, const char* field) {
  std::vector<int64_t> list;
  for_each_element(object, what, field, [&](const Napi::Value& value) {
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.5;
    if (!(std::floor(number) == number && std::fabs(number) <= double(kLargest)))
      throw make_error(object.Env(), Status::Error(StatusCode::kArgument, std::string(what) + "." + field +
                                                                              ": expected whole numbers"));
    list.push_back(static_cast<int64_t>(number));
  });
  return list;
}

Napi::Object as_object(const Napi::Value& value, const char* what) {
  if (!value.IsObject())
    throw make_error(value.Env(),
                     Status::Error(StatusCode::kArgument, std::string(what) + ": expected an object"));
  return value.As<Napi::Object>();
}

PlanStep::Op read_op(const Napi::Object& object) {
  static constexpr std::pair<const char*, PlanStep::Op> kOps[] = {
      {"matmul", PlanStep::Op::kMatmul},
      {"conv2d", PlanStep::Op::kConv2d},
      {"depthwise", PlanStep::Op::kDepthwise},
      {"maxPool", PlanStep::Op::kMaxPool},
      {"avgPool", PlanStep::Op::kAvgPool},
      {"affine", PlanStep::Op::kAffine},
      {"activation", PlanStep::Op::kActivation},
      {"softmax", PlanStep::Op::kSoftmax},
      {"normalize", PlanStep::Op::kNormalize},
      {"alias", PlanStep::Op::kAlias},
      {"constant", PlanStep::Op::kConstant},
      {"toArray", PlanStep::Op::kToArray},
      {"toMap", PlanStep::Op::kToMap},
      {"binary", PlanStep::Op::kBinary},
      {"unary", PlanStep::Op::kUnary},
      {"prelu", PlanStep::Op::kPrelu},
      {"pick", PlanStep::Op::kPick},
      {"resize", PlanStep::Op::kResize},
      {"blocks", PlanStep::Op::kBlocks},
      {"concat", PlanStep::Op::kConcat},
      {"overlapAdd", PlanStep::Op::kOverlapAdd},
      {"strided", PlanStep::Op::kStrided},
      {"fill", PlanStep::Op::kFill},
      {"cast", PlanStep::Op::kCast},
      {"reduce", PlanStep::Op::kReduce},
      {"select", PlanStep::Op::kSelect},
      {"product", PlanStep::Op::kProduct},
      {"gather", PlanStep::Op::kGather},
      {"gatherNd", PlanStep::Op::kGatherNd},
      {"topK", PlanStep::Op::kTopK},
      {"where", PlanStep::Op::kWhere},
      {"nonMaxSuppression", PlanStep::Op::kNonMaxSuppression},
      {"recurrence", PlanStep::Op::kRecurrence}};
  const std::string name = string_field(object, "step", "op");
  for (const auto& [text, op] : kOps)
    if (name == text) return op;
  throw make_error(object.Env(),
                   Status::Error(StatusCode::kPlan, "plan: unknown operation \"" + name + "\""));
}

WindowShape read_window(const Napi::Object& object) {
  WindowShape window{};
  window.kernel_height = size_field(object, "window", "kernelHeight");
  window.kernel_width = size_field(object, "window", "kernelWidth");
  window.stride_y = size_field(object, "window", "strideY");
  window.stride_x = size_field(object, "window", "strideX");
  window.dilation_y = size_field(object, "window", "dilationY");
  window.dilation_x = size_field(object, "window", "dilationX");
  window.pad_top = size_field(object, "window", "padTop");
  window.pad_left = size_field(object, "window", "padLeft");
  return window;
}

WeightView read_weight(const Napi::Object& object, const char* field) {
  const Span<float> span = float32_field_or_none(object, "step", field);
  return {span.data, span.size};
}

PlanStep read_step(const Napi::Object& object) {
  PlanStep step;
  step.op = read_op(object);
  step.inputs = size_list(object, "step", "inputs");
  step.output = size_field(object, "step", "output");
  if (object.Has("activation")) step.activation = read_activation(object_field(object, "step", "activation"));
  if (object.Has("window")) step.window = read_window(object_field(object, "step", "window"));
  if (object.Has("choice")) step.choice = read_choice(object_field(object, "step", "choice"));
  if (object.Has("n")) step.n = size_field(object, "step", "n");
  if (object.Has("k")) step.k = size_field(object, "step", "k");
  if (object.Has("multiplier")) step.multiplier = size_field(object, "step", "multiplier");
  if (object.Has("whole")) step.whole = object.Get("whole").ToBoolean().Value();
  if (object.Has("function")) step.function = string_field(object, "step", "function");
  if (object.Has("integers")) step.integers = object.Get("integers").ToBoolean().Value();
  if (object.Has("rows")) {
    step.rows = integer_list(object, "step", "rows");
    step.columns = integer_list(object, "step", "columns");
    step.channels = integer_list(object, "step", "channels");
  }
  if (object.Has("value")) step.value = static_cast<float>(number_field(object, "step", "value"));
  if (object.Has("sizes")) step.sizes = integer_list(object, "step", "sizes");
  if (object.Has("offsets")) {
    step.offsets = integer_list(object, "step", "offsets");
    for_each_element(object, "step", "strides", [&](const Napi::Value& value) {
      Napi::Object holder = Napi::Object::New(value.Env());
      holder.Set("strides", value);
      step.strides.push_back(integer_list(holder, "step", "strides"));
    });
  }
  if (object.Has("thresholds"))
    for_each_element(object, "step", "thresholds", [&](const Napi::Value& value) {
      if (!value.IsNumber())
        throw make_error(object.Env(),
                         Status::Error(StatusCode::kArgument, "step.thresholds: expected numbers"));
      step.thresholds.push_back(value.As<Napi::Number>().DoubleValue());
    });
  if (object.Has("axes")) step.axes = size_field(object, "step", "axes");
  if (object.Has("alignCorners")) step.align_corners = object.Get("alignCorners").ToBoolean().Value();
  if (object.Has("halfPixels")) step.half_pixels = object.Get("halfPixels").ToBoolean().Value();
  if (object.Has("gateActivation"))
    step.gate_activation = read_activation(object_field(object, "step", "gateActivation"));
  if (object.Has("backwards")) step.backwards = object.Get("backwards").ToBoolean().Value();
  if (object.Has("masked")) step.masked = object.Get("masked").ToBoolean().Value();
  if (object.Has("initial")) step.initial = object.Get("initial").ToBoolean().Value();
  step.weight = read_weight(object, "weight");
  step.bias = read_weight(object, "bias");
  return step;
}

}  // namespace

ActivationCall read_activation(const Napi::Object& object) {
  ActivationCall activation;
  activation.type =
      static_cast<Activation>(integer_field(object, "activation", "type", 0, kActivationCount - 1));
  activation.alpha = static_cast<float>(number_field(object, "activation", "alpha"));
  activation.min = static_cast<float>(number_field(object, "activation", "min"));
  activation.max = static_cast<float>(number_field(object, "activation", "max"));
  return activation;
}

KernelChoice read_choice(const Napi::Object& object) {
  KernelChoice choice;
  choice.vector =
      static_cast<KernelChoice::Vector>(integer_field(object, "choice", "vector", 0, KernelChoice::kNarrow));
  choice.vector_columns = integer_field(object, "choice", "vectorColumns", 1, kMostVectorColumns);
  choice.nr = static_cast<unsigned>(integer_field(object, "choice", "nr", 0, 8));
  choice.dense = object.Get("dense").ToBoolean().Value();
  choice.slice_columns = integer_field(object, "choice", "sliceColumns", 0, kMostSliceColumns);
  choice.storage = static_cast<Storage>(integer_field(object, "choice", "storage", 0, kStorageCount - 1));
  return choice;
}

Plan read_plan(const Napi::Object& object) {
  Plan plan;
  for_each_element(object, "plan", "values", [&](const Napi::Value& value) {
    const Napi::Object shape = as_object(value, "value");
    ValueShape read;
    read.channels = size_field(shape, "value", "channels");
    read.height = size_field(shape, "value", "height");
    read.width = size_field(shape, "value", "width");
    read.array = shape.Get("array").ToBoolean().Value();
    read.fixed = shape.Get("fixed").ToBoolean().Value();
    read.integers = shape.Get("integers").ToBoolean().Value();
    plan.values.push_back(read);
  });
  for_each_element(object, "plan", "steps", [&](const Napi::Value& value) {
    plan.steps.push_back(read_step(as_object(value, "step")));
  });
  plan.batch = size_field(object, "plan", "batch");
  plan.inputs = size_list(object, "plan", "inputs");
  plan.outputs = size_list(object, "plan", "outputs");
  return plan;
}

}  // namespace tfjs_sparse::binding
