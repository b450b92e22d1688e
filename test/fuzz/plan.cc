// Any plan: a session is made or refused with a message, and one that is made runs inside its memory.
#include <cstring>

#include "bytes.h"
#include "session/session.h"

using namespace tfjs_sparse;

namespace {

constexpr const char* kFunctions[] = {
    "add",   "sub",    "mul",          "div",          "max",    "min",      "equal",    "less",
    "and",   "not",    "abs",          "exp",          "sum",    "mean",     "prod",     "any",
    "all",   "argMax", "neg",          "sqrt",         "pow",    "floorDiv", "floorMod", "toFloat",
    "toInt", "toBool", "spaceToDepth", "depthToSpace", "nothing"};
/// Floats of all values at a batch, above which a session is not run.
constexpr size_t kMostFloats = 1 << 16;

std::vector<int64_t> distances(fuzz::Bytes* bytes) {
  std::vector<int64_t> out(bytes->below(5));
  for (int64_t& v : out) v = bytes->distance();
  return out;
}

size_t value(fuzz::Bytes* bytes, const Plan& plan) {
  const uint8_t b = bytes->byte();
  return b == 255 ? plan.values.size() : b % plan.values.size();
}

ActivationCall activation(fuzz::Bytes* bytes) {
  return {static_cast<Activation>(bytes->below(13)), bytes->weight(), bytes->weight(), bytes->weight()};
}

WeightView weight(fuzz::Bytes* bytes, std::vector<std::vector<float>>* kept) {
  const size_t size = bytes->flag() ? bytes->below(12) * bytes->below(12) : bytes->below(12);
  if (size == 0) return {};
  kept->push_back(bytes->weights(size));
  return {kept->back().data(), size};
}

WindowShape window(fuzz::Bytes* bytes) {
  WindowShape w{};
  for (size_t* field :
       {&w.in_height, &w.in_width, &w.out_height, &w.out_width, &w.kernel_height, &w.kernel_width,
        &w.stride_y, &w.stride_x, &w.dilation_y, &w.dilation_x, &w.pad_top, &w.pad_left})
    *field = bytes->size();
  return w;
}

PlanStep step(fuzz::Bytes* bytes, const Plan& plan, std::vector<std::vector<float>>* kept) {
  PlanStep out;
  out.op = static_cast<PlanStep::Op>(bytes->below(static_cast<size_t>(PlanStep::Op::kRecurrence) + 1));
  for (size_t i = bytes->below(4); i > 0; --i) out.inputs.push_back(value(bytes, plan));
  out.output = value(bytes, plan);
  const uint8_t has = bytes->byte();
  if (has & 1) out.activation = activation(bytes);
  if (has & 2) out.weight = weight(bytes, kept);
  if (has & 2) out.bias = weight(bytes, kept);
  out.n = bytes->size();
  out.k = bytes->size();
  if (has & 4) out.multiplier = bytes->size();
  if (has & 8) out.window = window(bytes);
  if (has & 16) {
    out.choice.vector = static_cast<KernelChoice::Vector>(bytes->below(3));
    out.choice.nr = static_cast<unsigned>(bytes->below(10));
    out.choice.dense = bytes->flag();
    out.choice.storage = static_cast<Storage>(bytes->below(3));
    out.choice.vector_columns = bytes->size();
    if (bytes->flag()) out.choice.slice_columns = bytes->size();
  }
  out.whole = bytes->flag();
  out.function = kFunctions[bytes->below(sizeof(kFunctions) / sizeof(kFunctions[0]))];
  out.integers = bytes->flag();
  if (has & 32) {
    out.rows = distances(bytes);
    out.columns = distances(bytes);
    out.channels = distances(bytes);
    out.value = bytes->weight();
  }
  if (has & 64) {
    out.sizes = distances(bytes);
    out.offsets = distances(bytes);
    for (size_t i = bytes->below(4); i > 0; --i) out.strides.push_back(distances(bytes));
    out.axes = bytes->size();
  }
  if (has & 128) {
    out.align_corners = bytes->flag();
    out.half_pixels = bytes->flag();
    out.gate_activation = activation(bytes);
    out.backwards = bytes->flag();
    out.masked = bytes->flag();
    out.initial = bytes->flag();
  }
  return out;
}

void run(Session* session, const Plan& plan, size_t batch) {
  size_t floats = 0;
  for (const ValueShape& shape : plan.values) {
    floats += shape.features() * (shape.array ? shape.blocks(batch) : batch);
    if (floats > kMostFloats) return;
  }
  std::vector<std::vector<float>> in(session->inputs()), out(session->outputs());
  std::vector<const float*> sources;
  std::vector<float*> targets;
  for (size_t i = 0; i < in.size(); ++i) {
    in[i].resize(session->input_size(i, batch));
    for (size_t e = 0; e < in[i].size(); ++e) {
      const int32_t number = static_cast<int32_t>(e % 23) - 7;
      if (session->input_is_integer(i))
        std::memcpy(&in[i][e], &number, sizeof(number));
      else
        in[i][e] = static_cast<float>(number) / 4;
    }
    sources.push_back(in[i].data());
  }
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].resize(session->output_size(i, batch));
    targets.push_back(out[i].data());
  }
  session->report(batch);
  const Status status = session->run(sources.data(), targets.data(), batch);
  fuzz::check(status.ok() || !status.message.empty(), "an error has a message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Bytes bytes(data, size);
  Plan plan;
  std::vector<std::vector<float>> kept;
  for (size_t i = 1 + bytes.below(5); i > 0; --i) {
    ValueShape shape{bytes.size(), bytes.size(), bytes.size()};
    const uint8_t kind = bytes.byte();
    shape.array = (kind & 1) != 0;
    shape.fixed = (kind & 2) != 0;
    shape.integers = (kind & 4) != 0;
    plan.values.push_back(shape);
  }
  for (size_t i = bytes.below(3); i > 0; --i) plan.inputs.push_back(value(&bytes, plan));
  for (size_t i = bytes.below(3); i > 0; --i) plan.outputs.push_back(value(&bytes, plan));
  plan.batch = bytes.below(3);
  for (size_t i = bytes.below(5); i > 0; --i) plan.steps.push_back(step(&bytes, plan, &kept));
  for (const Isa isa : fuzz::isas()) {
    std::shared_ptr<Session> session;
    const Status status = Session::create(plan, isa, 1, &session);
    fuzz::check(status.ok() == (session != nullptr), "a session is made or refused");
    fuzz::check(status.ok() || !status.message.empty(), "a refusal has a message");
    if (session == nullptr) continue;
    for (const size_t batch : {1, 2, 5}) run(session.get(), plan, batch);
  }
  return 0;
}
