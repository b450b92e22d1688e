#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/aligned_buffer.h"
#include "engine.h"
#include "session/plan.h"

namespace tfjs_sparse {

namespace {

/// One dense layer without bias and activation as a session would run it, its input and output feature-major.
class Layer {
 public:
  Layer(size_t n, size_t k, size_t m, size_t threads, Isa isa)
      : n_(n), k_(k), m_(m), threads_(threads), isa_(isa) {}

  Status build(const std::vector<float>& weight, const KernelChoice& choice) {
    Plan plan;
    plan.values = {ValueShape{k_, 1, 1}, ValueShape{n_, 1, 1}};
    plan.inputs = {0};
    plan.outputs = {1};
    PlanStep step;
    step.op = PlanStep::Op::kMatmul;
    step.inputs = {0};
    step.output = 1;
    step.n = n_;
    step.k = k_;
    step.weight = {weight.data(), weight.size()};
    step.choice = choice;
    plan.steps = {step};
    const Status status = build_steps(plan, isa_, &steps_);
    if (!status.ok()) return status;
    const size_t in_floats = buffer_floats(k_, m_), out_floats = buffer_floats(n_, m_);
    scratch_floats_ = (steps_[0]->scratch_floats(m_) + 15) / 16 * 16;
    memory_ = AlignedBuffer<float>(in_floats + out_floats + scratch_floats_ * threads_);
    in_ = {memory_.data(), buffer_stride(m_)};
    out_ = {memory_.data() + in_floats, buffer_stride(m_)};
    scratch_ = out_.data + out_floats;
    return status;
  }

  /// @param x  [m][k]
  void set_input(const float* x) {
    for (size_t m = 0; m < m_; ++m)
      for (size_t k = 0; k < k_; ++k) in_.data[k * in_.stride + m] = x[m * k_ + k];
  }
  void run() const {
    steps_[0]->run(StepContext{isa_, m_, threads_, in_, out_, &in_,
                               [this](size_t worker) { return scratch_ + worker * scratch_floats_; }});
  }
  float at(size_t m, size_t n) const { return out_.data[n * out_.stride + m]; }
  std::string kernel() const { return steps_[0]->kernel(isa_, m_); }
  size_t bytes() const { return steps_[0]->bytes(); }

 private:
  const size_t n_, k_, m_, threads_;
  const Isa isa_;
  std::vector<std::unique_ptr<Step>> steps_;
  AlignedBuffer<float> memory_;
  Buffer in_, out_;
  size_t scratch_floats_ = 0;
  float* scratch_ = nullptr;
};

/// Rows of x that are checked: the first and the last ones, where ragged ends are.
std::vector<size_t> rows_to_check(size_t m) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < m; ++i)
    if (i < 8 || i + 8 >= m) rows.push_back(i);
  return rows;
}

/// The scalar kernels over some rows of x.
Status run_scalar(const ProductCase& product, const std::vector<size_t>& rows, bool magnitudes,
                  Layer* layer) {
  const auto prepared = [&](float v) { return magnitudes ? std::fabs(v) : v; };
  std::vector<float> weight(product.weight.size()), x;
  std::transform(product.weight.begin(), product.weight.end(), weight.begin(), prepared);
  for (const size_t row : rows)
    for (size_t k = 0; k < product.k; ++k) x.push_back(prepared(product.x[row * product.k + k]));
  KernelChoice choice;
  choice.nr = 1;
  const Status status = layer->build(weight, choice);
  if (!status.ok()) return status;
  layer->set_input(x.data());
  layer->run();
  return status;
}

/// Every checked output lies within (k + 2) · 2⁻²³ · Σ|w||x| of the scalar float32 kernels' one: two sums of
/// at most k terms in different orders. (The case's weights are such as the storage holds.)
std::string compare_with_scalar(const ProductCase& product, const Layer& layer) {
  const std::vector<size_t> rows = rows_to_check(product.m);
  Layer scalar(product.n, product.k, rows.size(), 1, Isa::kScalar),
      magnitude(product.n, product.k, rows.size(), 1, Isa::kScalar);
  for (const auto& [target, magnitudes] : {std::pair{&scalar, false}, std::pair{&magnitude, true}}) {
    const Status status = run_scalar(product, rows, magnitudes, target);
    if (!status.ok()) return status.message;
  }
  const double relative = double(product.k + 2) * std::ldexp(1.0, -23);
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t n = 0; n < product.n; ++n) {
      const double difference = std::fabs(double(layer.at(rows[i], n)) - scalar.at(i, n));
      if (!(difference <= relative * magnitude.at(i, n)))
        return "y[" + std::to_string(rows[i]) + "][" + std::to_string(n) +
               "] differs from the scalar kernel by " + std::to_string(difference);
    }
  return "";
}

class KernelEngine final : public BenchEngine {
 public:
  KernelEngine(const ProductCase& product, std::unique_ptr<Layer> layer)
      : n_(product.n), m_(product.m), layer_(std::move(layer)) {}
  void run() override { layer_->run(); }
  std::vector<float> output() const override {
    std::vector<float> y(m_ * n_);
    for (size_t m = 0; m < m_; ++m)
      for (size_t n = 0; n < n_; ++n) y[m * n_ + n] = layer_->at(m, n);
    return y;
  }
  std::vector<std::pair<std::string, std::string>> facts() const override {
    return {{"kernel", layer_->kernel()}, {"bytes", std::to_string(layer_->bytes())}};
  }

 private:
  const size_t n_, m_;
  const std::unique_ptr<Layer> layer_;
};

}  // namespace

MadeEngine make_kernel_engine(const Words& words) {
  MadeEngine made;
  const auto word = [&](const char* name) {
    const auto found = words.find(name);
    return found == words.end() ? std::string() : found->second;
  };
  KernelChoice choice;
  if (!storage_from_name(word("storage"), &choice.storage)) {
    made.error = "no storage \"" + word("storage") + "\"";
    return made;
  }
  Isa isa;
  if (!isa_from_name(word("isa"), &isa) || !isas_built().has(isa) || !isas_supported().has(isa)) {
    made.unavailable = "this machine does not run " + word("isa");
    return made;
  }
  ProductCase product;
  if (!read_case(words, &product, &made.error)) return made;
  choice.vector = static_cast<KernelChoice::Vector>(std::atoi(word("vector").c_str()));
  choice.vector_columns = static_cast<size_t>(std::atoi(word("vectorColumns").c_str()));
  choice.slice_columns = static_cast<size_t>(std::atoi(word("sliceColumns").c_str()));
  choice.nr = static_cast<unsigned>(std::atoi(word("nr").c_str()));
  choice.dense = word("dense") == "1";
  auto layer = std::make_unique<Layer>(product.n, product.k, product.m, product.threads, isa);
  const Status status = layer->build(product.weight, choice);
  if (!status.ok()) {
    made.error = status.message;
    return made;
  }
  layer->set_input(product.x.data());
  layer->run();
  made.error = compare_with_scalar(product, *layer);
  if (made.error.empty()) made.engine = std::make_unique<KernelEngine>(product, std::move(layer));
  return made;
}

}  // namespace tfjs_sparse
