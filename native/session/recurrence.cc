#include "session/recurrence.h"

#include <algorithm>

#include "kernels/spmm/spmm.h"
#include "kernels/transpose/transpose.h"

namespace tfjs_sparse {

namespace {

/// Time steps of a single sequence that are made contiguous together: a cache line of every gate.
constexpr size_t kTurnedSteps = 16;

bool cell_of(const std::string& name, Cell* cell, size_t* gates) {
  static constexpr struct {
    const char* name;
    Cell cell;
    size_t gates;
  } kCells[] = {{"simple", Cell::kSimple, 1},
                {"lstm", Cell::kLstm, 4},
                {"gru", Cell::kGru, 3},
                {"gruResetAfter", Cell::kGruResetAfter, 3}};
  for (const auto& known : kCells)
    if (name == known.name) {
      *cell = known.cell;
      *gates = known.gates;
      return true;
    }
  return false;
}

/// Rows of floats at a constant distance.
struct Rows {
  float* data;
  size_t stride;
};

class RecurrenceStep final : public Step {
 public:
  RecurrenceStep(const StepRequest& request, Cell cell, std::vector<std::unique_ptr<Step>> products)
      : Step(request.in[0], request.out),
        cell_(cell),
        units_(request.step.k),
        activation_(request.step.activation),
        gate_(request.step.gate_activation),
        backwards_(request.step.backwards),
        masked_(request.step.masked),
        initial_(request.step.initial),
        products_(std::move(products)) {}

  size_t bytes() const override {
    size_t bytes = 0;
    for (const auto& product : products_) bytes += product->bytes();
    return bytes;
  }
  std::string kernel(Isa isa, size_t batch) const override { return products_[0]->kernel(isa, batch); }
  Division division(Isa isa, size_t batch, size_t threads) const override {
    return products_[0]->division(isa, batch, threads);
  }
  size_t scratch_floats(size_t batch) const override {
    size_t most = 0;
    for (const auto& product : products_) most = std::max(most, product->scratch_floats(batch));
    return own_floats(batch) + most;
  }

  void run(const StepContext& context) const override {
    const size_t batch = context.batch, steps = in_shape_.positions();
    const State s = lay_out(context);
    start(context, s);
    for (size_t i = 0; i < steps; ++i) {
      const size_t t = backwards_ ? steps - 1 - i : i;
      const Rows x = inputs_at(context, s, i, t);
      const float* const mask = masked_ ? context.inputs[1].data + t * batch : nullptr;
      // Where every sequence is masked nothing changes.
      if (mask == nullptr || !std::all_of(mask, mask + batch, [](float m) { return m == 0; })) {
        if (mask != nullptr) std::copy(s.h.data, s.h.data + state_rows() * s.h.stride, s.kept);
        advance(s, x);
        if (mask != nullptr) keep_masked(s, mask);
      }
      if (out_shape_.positions() == steps)
        write(s, context.out, i * batch);
      else if (i + 1 == steps)
        write(s, context.out, 0);
    }
  }

 private:
  /// The memory of a run. All rows have the same stride, so that gates and states are long runs of floats.
  struct State {
    size_t batch;
    /// h, and behind it c: [states · units]; gates [gates · units]; r·h and the candidates of a gru: [units].
    Rows h, gates, reset, candidates;
    /// h and c before a masked step; a block of the inputs of one sequence, time step by time step.
    float *kept, *turned;
    StepContext products;
  };

  size_t state_rows() const { return (cell_ == Cell::kLstm ? 2 : 1) * units_; }
  size_t gate_rows() const { return in_shape_.channels; }
  size_t own_floats(size_t batch) const {
    return 2 * buffer_floats(state_rows(), batch) + buffer_floats(gate_rows(), batch) +
           (cell_ == Cell::kGru ? 2 * buffer_floats(units_, batch) : 0) +
           (batch == 1 ? (kTurnedSteps * gate_rows() + 15) / 16 * 16 : 0);
  }

  State lay_out(const StepContext& context) const {
    State s{};
    const size_t batch = context.batch;
    s.batch = batch;
    // Few columns take no more than the registers that kernels write; states that are not finite take scalar
    // ones.
    const size_t lanes = std::max(spmm_lanes(context.isa, batch), spmm_lanes(Isa::kScalar, batch));
    const size_t stride =
        batch == 1 || batch > 16 ? buffer_stride(batch) : (batch + lanes - 1) / lanes * lanes;
    float* at = context.scratch(0);
    // What a product reads or writes has the room behind it that its kernels need.
    const auto take = [&](size_t rows) {
      const Rows taken{at, stride};
      at += buffer_floats(rows, batch);
      return taken;
    };
    s.h = take(state_rows());
    s.kept = take(state_rows()).data;
    s.gates = take(gate_rows());
    if (cell_ == Cell::kGru) {
      s.reset = take(units_);
      s.candidates = take(units_);
    }
    s.turned = at;
    s.products = context;
    const size_t own = own_floats(batch);
    s.products.scratch = [&context, own](size_t worker) { return context.scratch(worker) + own; };
    return s;
  }

  void start(const StepContext& context, const State& s) const {
    std::fill(s.h.data, s.h.data + state_rows() * s.h.stride, 0.0f);
    std::fill(s.gates.data, s.gates.data + gate_rows() * s.h.stride, 0.0f);
    if (!initial_) return;
    for (size_t row = 0; row < state_rows(); ++row) {
      const Buffer& from = context.inputs[(masked_ ? 2 : 1) + row / units_];
      const float* const values = from.data + row % units_ * from.stride;
      std::copy(values, values + s.batch, s.h.data + row * s.h.stride);
    }
  }

  /// The columns of time step t, the i-th that runs.
  Rows inputs_at(const StepContext& context, const State& s, size_t i, size_t t) const {
    const size_t steps = in_shape_.positions(), rows = gate_rows();
    if (s.batch != 1 || steps == 1) return {context.in.data + t * s.batch, context.in.stride};
    // Of one sequence a time step is a column: as many at a time as a cache line of every gate holds.
    const size_t block = i / kTurnedSteps * kTurnedSteps, count = std::min(kTurnedSteps, steps - block);
    const size_t first = backwards_ ? steps - block - count : block;
    if (i == block)
      choose_transpose(context.isa)(context.in.data + first, context.in.stride, s.turned, rows, rows, count);
    return {s.turned + (t - first) * rows, 1};
  }

  void multiply(const State& s, size_t product, Rows in, Rows out) const {
    StepContext context = s.products;
    context.in = {in.data, in.stride};
    context.inputs = &context.in;
    context.out = {out.data, out.stride};
    products_[product]->run(context);
  }

  void activate(const State& s, const ActivationCall& call, float* rows, size_t count) const {
    choose_activation(s.products.isa).activate(call, rows, count * s.h.stride);
  }

  /// gates[row] += x[row] for the rows [first, last).
  static void add(const State& s, Rows gates, Rows x, size_t first, size_t last, size_t to = 0) {
    if (s.batch == 1) {
      for (size_t r = first; r < last; ++r) gates.data[r - to] += x.data[r];
      return;
    }
    for (size_t r = first; r < last; ++r) {
      float* const out = gates.data + (r - to) * gates.stride;
      const float* const in = x.data + r * x.stride;
      for (size_t b = 0; b < s.batch; ++b) out[b] += in[b];
    }
  }

  void advance(const State& s, Rows x) const {
    const size_t floats = units_ * s.h.stride;
    float *const h = s.h.data, *const gates = s.gates.data;
    multiply(s, 0, s.h, s.gates);
    switch (cell_) {
      case Cell::kSimple:
        add(s, s.gates, x, 0, units_);
        activate(s, activation_, gates, units_);
        std::copy(gates, gates + floats, h);
        return;
      case Cell::kLstm: {
        add(s, s.gates, x, 0, 4 * units_);
        float *const c = h + floats, *const g = gates + 2 * floats, *const o = gates + 3 * floats;
        activate(s, gate_, gates, 2 * units_);
        activate(s, activation_, g, units_);
        activate(s, gate_, o, units_);
        const float* const f = gates + floats;
        for (size_t j = 0; j < floats; ++j) g[j] = c[j] = f[j] * c[j] + gates[j] * g[j];
        activate(s, activation_, g, units_);
        for (size_t j = 0; j < floats; ++j) h[j] = o[j] * g[j];
        return;
      }
      case Cell::kGru: {
        add(s, s.gates, x, 0, 2 * units_);
        activate(s, gate_, gates, 2 * units_);
        const float* const r = gates + floats;
        for (size_t j = 0; j < floats; ++j) s.reset.data[j] = r[j] * h[j];
        multiply(s, 1, s.reset, s.candidates);
        add(s, s.candidates, x, 2 * units_, 3 * units_, 2 * units_);
        mix(s, s.candidates.data);
        return;
      }
      case Cell::kGruResetAfter: {
        add(s, s.gates, x, 0, 2 * units_);
        activate(s, gate_, gates, 2 * units_);
        float* const g = gates + 2 * floats;
        const float* const r = gates + floats;
        for (size_t j = 0; j < floats; ++j) g[j] *= r[j];
        add(s, s.gates, x, 2 * units_, 3 * units_);
        mix(s, g);
        return;
      }
    }
  }

  /// h = z·h + (1 - z)·act(g)
  void mix(const State& s, float* g) const {
    const size_t floats = units_ * s.h.stride;
    activate(s, activation_, g, units_);
    const float* const z = s.gates.data;
    float* const h = s.h.data;
    for (size_t j = 0; j < floats; ++j) h[j] = z[j] * h[j] + (1 - z[j]) * g[j];
  }

  void keep_masked(const State& s, const float* mask) const {
    for (size_t b = 0; b < s.batch; ++b)
      if (mask[b] == 0)
        for (size_t row = 0; row < state_rows(); ++row)
          s.h.data[row * s.h.stride + b] = s.kept[row * s.h.stride + b];
  }

  /// The states as columns of the output, from this one on.
  void write(const State& s, const Buffer& out, size_t column) const {
    for (size_t row = 0; row < out_shape_.channels; ++row) {
      const float* const from = s.h.data + row * s.h.stride;
      std::copy(from, from + s.batch, out.data + row * out.stride + column);
    }
  }

  const Cell cell_;
  const size_t units_;
  const ActivationCall activation_, gate_;
  const bool backwards_, masked_, initial_;
  const std::vector<std::unique_ptr<Step>> products_;
};

}  // namespace

Status read_recurrence(const StepRequest& request, RecurrenceParts* parts) {
  // Not a structured binding: a lambda of C++17 may not name one.
  const PlanStep& step = request.step;
  const std::vector<ValueShape>& in = request.in;
  const ValueShape& out = request.out;
  size_t gates = 0;
  if (!cell_of(step.function, &parts->cell, &gates)) return unfit("no recurrence is called " + step.function);
  const bool is_lstm = parts->cell == Cell::kLstm;
  const size_t units = step.k, states = is_lstm ? 2 : 1;
  Status status = expect_equal("inputs", 1 + (step.masked ? 1 : 0) + (step.initial ? states : 0), in.size());
  if (!status.ok()) return status;
  for (const ValueShape& shape : in)
    if (shape.array) return unfit("expected maps");
  if (out.array) return unfit("expected maps");
  const size_t steps = in[0].positions();
  // n and k are in range: the weight was looked at before.
  status = expect_equal("gates of all units", gates * units, step.n);
  if (status.ok()) status = expect_equal("channels", step.n, in[0].channels);
  if (status.ok() && out.channels != units && !(is_lstm && out.channels == 2 * units))
    status =
        unfit("outputs: expected " + std::to_string(units) + ", received " + std::to_string(out.channels));
  if (status.ok() && out.positions() != 1) status = expect_equal("time steps", steps, out.positions());
  size_t next = 1;
  if (status.ok() && step.masked) {
    status = expect_equal("channels of the mask", 1, in[next].channels);
    if (status.ok()) status = expect_equal("time steps of the mask", steps, in[next].positions());
    ++next;
  }
  for (; status.ok() && next < in.size(); ++next) {
    status = expect_equal("units of a state", units, in[next].channels);
    if (status.ok()) status = expect_equal("positions of a state", 1, in[next].positions());
  }
  if (!status.ok()) return status;
  const auto product = [&](size_t first, size_t last) {
    PlanStep matmul;
    matmul.op = PlanStep::Op::kMatmul;
    matmul.n = last - first;
    matmul.k = units;
    matmul.choice = step.choice;
    matmul.weight = {step.weight.data + first * units, matmul.n * units};
    if (step.bias.data != nullptr) matmul.bias = {step.bias.data + first, matmul.n};
    parts->products.push_back(matmul);
  };
  // The candidates of a gru see the state only after the reset gate.
  const size_t together = parts->cell == Cell::kGru ? 2 * units : step.n;
  product(0, together);
  if (together != step.n) product(together, step.n);
  return Status::Ok();
}

std::unique_ptr<Step> make_recurrence(const StepRequest& request, Cell cell,
                                      std::vector<std::unique_ptr<Step>> products) {
  return std::make_unique<RecurrenceStep>(request, cell, std::move(products));
}

}  // namespace tfjs_sparse
