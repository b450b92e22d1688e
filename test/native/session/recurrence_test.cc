// Recurrent steps of every cell against plain loops in double precision, and plans that must be refused.
#include "reference.h"
#include "session/session.h"

namespace tfjs_sparse {
namespace {

using namespace test;

struct CellCase {
  const char* name;
  size_t gates;
};
constexpr CellCase kCells[] = {{"simple", 1}, {"lstm", 4}, {"gru", 3}, {"gruResetAfter", 3}};

/// A recurrence under test: its step, and the values around it.
struct Recurrence {
  size_t units, steps;
  bool masked, initial, backwards, sequence, both_states;
  ActivationCall activation{Activation::kTanh, 0, 0, 0}, gate{Activation::kHardSigmoid, 0, 0, 0};
};

/// Weights q / 2^14 with |q| < 128, the first of a row 127: every storage holds them exactly, and rows of up
/// to 60 sum to less than a half, so that errors shrink from step to step.
std::vector<float> exact_weights(size_t n, size_t k, double density, uint64_t stream) {
  std::vector<float> weight = sparse(n, k, density, stream);
  for (size_t i = 0; i < weight.size(); ++i) {
    const float q = std::round(std::fmod(40 * weight[i], 127.0f));
    weight[i] = (i % k == 0 ? 127.0f : q) / 16384;
  }
  return weight;
}

size_t states_of(const std::string& cell) { return cell == "lstm" ? 2 : 1; }

/// The plan of one recurrence; inputs are x, mask, states.
size_t add_recurrence(PlanMaker* maker, const CellCase& cell, const Recurrence& r, double density,
                      KernelChoice choice) {
  PlanStep step;
  step.op = PlanStep::Op::kRecurrence;
  step.function = cell.name;
  step.n = cell.gates * r.units;
  step.k = r.units;
  step.weight = maker->keep(exact_weights(step.n, step.k, density, 3));
  if (std::string(cell.name) == "gruResetAfter") step.bias = maker->keep(normal(step.n, 4));
  step.choice = choice;
  step.activation = r.activation;
  step.gate_activation = r.gate;
  step.backwards = r.backwards;
  step.masked = r.masked;
  step.initial = r.initial;
  step.inputs = {maker->input({step.n, 1, r.steps})};
  if (r.masked) step.inputs.push_back(maker->input({1, 1, r.steps}));
  for (size_t s = 0; r.initial && s < states_of(cell.name); ++s)
    step.inputs.push_back(maker->input({r.units, 1, 1}));
  step.output = maker->value({r.both_states ? 2 * r.units : r.units, 1, r.sequence ? r.steps : 1});
  maker->plan.steps.push_back(step);
  maker->plan.outputs = {step.output};
  return step.output;
}

double apply(const ActivationCall& call, double v) {
  switch (call.type) {
    case Activation::kTanh:
      return std::tanh(v);
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-v));
    case Activation::kHardSigmoid:
      return std::min(1.0, std::max(0.0, 0.2 * v + 0.5));
    default:
      return std::max(0.0, v);
  }
}

/// Row-major [batch][steps or 1][channels].
std::vector<double> run_slowly(const PlanStep& step, const Recurrence& r, size_t batch,
                               const std::vector<std::vector<float>>& inputs) {
  const std::string cell = step.function;
  const size_t u = r.units, states = states_of(cell), channels = r.both_states ? 2 * u : u;
  std::vector<double> y;
  for (size_t b = 0; b < batch; ++b) {
    std::vector<double> h(u), c(u);
    for (size_t i = 0; r.initial && i < u; ++i) {
      h[i] = inputs[r.masked ? 2 : 1][b * u + i];
      if (states == 2) c[i] = inputs[r.masked ? 3 : 2][b * u + i];
    }
    const auto product = [&](const std::vector<double>& state, size_t row) {
      double sum = step.bias.data == nullptr ? 0 : step.bias.data[row];
      for (size_t k = 0; k < u; ++k) sum += double(step.weight.data[row * u + k]) * state[k];
      return sum;
    };
    for (size_t i = 0; i < r.steps; ++i) {
      const size_t t = r.backwards ? r.steps - 1 - i : i;
      const float* x = &inputs[0][(b * r.steps + t) * step.n];
      if (!r.masked || inputs[1][b * r.steps + t] != 0) {
        std::vector<double> next(u), next_c(c), reset(u);
        const auto gate = [&](size_t g, size_t j) {
          return apply(step.gate_activation, x[g * u + j] + product(h, g * u + j));
        };
        for (size_t j = 0; cell == "gru" && j < u; ++j) reset[j] = gate(1, j) * h[j];
        for (size_t j = 0; j < u; ++j) {
          if (cell == "simple") {
            next[j] = apply(step.activation, x[j] + product(h, j));
          } else if (cell == "lstm") {
            next_c[j] =
                gate(1, j) * c[j] + gate(0, j) * apply(step.activation, x[2 * u + j] + product(h, 2 * u + j));
            next[j] = gate(3, j) * apply(step.activation, next_c[j]);
          } else {
            const double recurrent =
                cell == "gru" ? product(reset, 2 * u + j) : gate(1, j) * product(h, 2 * u + j);
            next[j] = gate(0, j) * h[j] + (1 - gate(0, j)) * apply(step.activation, x[2 * u + j] + recurrent);
          }
        }
        h = next;
        c = next_c;
      }
      if (r.sequence || i + 1 == r.steps) {
        y.insert(y.end(), h.begin(), h.end());
        if (channels == 2 * u) y.insert(y.end(), c.begin(), c.end());
      }
    }
  }
  return y;
}

/// Inputs as Session::run takes them; one sequence in three is masked from its middle on, others here and
/// there.
std::vector<std::vector<float>> inputs_of(const Plan& plan, const Recurrence& r, size_t batch) {
  std::vector<std::vector<float>> inputs;
  for (size_t i = 0; i < plan.inputs.size(); ++i)
    inputs.push_back(normal(plan.values[plan.inputs[i]].features() * batch, 7 * i + batch));
  if (r.masked)
    for (size_t b = 0; b < batch; ++b)
      for (size_t t = 0; t < r.steps; ++t) {
        float& mask = inputs[1][b * r.steps + t];
        mask = b % 3 == 0 ? 2 * t < r.steps : mask > -0.5f;
      }
  return inputs;
}

std::vector<float> run(const Plan& plan, Isa isa, size_t threads, size_t batch,
                       const std::vector<std::vector<float>>& inputs) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, isa, threads, &session);
  EXPECT_TRUE(status.ok()) << status.message;
  if (!status.ok()) return {};
  std::vector<Exact> in;
  std::vector<const float*> pointers;
  for (const std::vector<float>& values : inputs) in.emplace_back(values, 1);
  for (const Exact& values : in) pointers.push_back(values.data());
  Guarded out(batch * session->output_features(0));
  float* outputs[] = {out.data()};
  EXPECT_TRUE(session->run(pointers.data(), outputs, batch).ok());
  EXPECT_TRUE(out.intact());
  return {out.data(), out.data() + out.size()};
}

/// @param spoilt  the first state of the first sequence is infinite: the others are compared alone
void check(const CellCase& cell, const Recurrence& r, double density, KernelChoice choice, size_t batch,
           Isa isa, bool spoilt = false) {
  PlanMaker maker;
  add_recurrence(&maker, cell, r, density, choice);
  auto inputs = inputs_of(maker.plan, r, batch);
  if (spoilt) inputs[r.masked ? 2 : 1][0] = kInfinity;
  const std::vector<double> want = run_slowly(maker.plan.steps[0], r, batch, inputs);
  const std::vector<float> got = run(maker.plan, isa, 1, batch, inputs);
  // A step adds the rounding of a sum of units + 1 products below 4 and of three activations, each off by
  // 2e-6; with U's rows summing to less than a half, what earlier steps were off by at most doubles it. c of
  // an LSTM may keep what it was off by: all steps add up.
  const double bound = (4 * double(r.units + 1) * 6e-8 + 3 * 2e-6) * 2 * double(r.steps);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = spoilt ? got.size() / batch : 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], want[i], bound * (1 + std::fabs(want[i])))
        << cell.name << " on " << isa_name(isa) << ", batch " << batch << ", " << r.units << " units, "
        << r.steps << " steps, " << i;
}

TEST(Recurrence, equals_plain_loops_for_every_cell_batch_and_choice) {
  const KernelChoice choices[] = {{KernelChoice::kWindow, 1, false},
                                  {KernelChoice::kDense, 4, true},
                                  {KernelChoice::kNone, 2, false},
                                  {KernelChoice::kWindow, 8, false, Storage::kBfloat16, 15},
                                  {KernelChoice::kDense, 1, false, Storage::kInt8, 3},
                                  {KernelChoice::kNone, 0, false, Storage::kFloat32, 1, 8},
                                  {KernelChoice::kWindow, 1, false, Storage::kBfloat16, 2, 8}};
  std::mt19937_64 random(seed());
  for (const CellCase& cell : kCells)
    for (const Isa isa : isas_to_test())
      for (const KernelChoice& choice : choices)
        for (const size_t batch : {1, 2, 7, 8, 16, 17, 33}) {
          Recurrence r{};
          r.units = 1 + random() % 40;
          r.steps = 1 + random() % 37;
          r.masked = random() % 2;
          r.initial = random() % 2;
          r.backwards = random() % 2;
          r.sequence = random() % 2;
          r.both_states = states_of(cell.name) == 2 && random() % 2;
          if (random() % 2) r.gate.type = Activation::kSigmoid;
          if (random() % 3 == 0) r.activation.type = Activation::kRelu;
          check(cell, r, 0.3, choice, batch, isa);
          if (HasFatalFailure()) return;
        }
}

TEST(Recurrence, keeps_a_state_that_is_not_finite_to_its_sequence) {
  Recurrence r{};
  r.units = 37;
  r.steps = 4;
  r.initial = r.sequence = true;
  for (const CellCase& cell : kCells)
    for (const Isa isa : isas_to_test())
      for (const KernelChoice& choice :
           {KernelChoice{KernelChoice::kNone, 4, false}, KernelChoice{KernelChoice::kNone, 4, true},
            KernelChoice{KernelChoice::kNone, 0, false, Storage::kFloat32, 1, 8}})
        for (const size_t batch : {2, 3, 9, 12}) {
          check(cell, r, 0.3, choice, batch, isa, true);
          if (HasFatalFailure()) return;
        }
}

TEST(Recurrence, gives_the_same_bits_on_any_number_of_threads) {
  for (const CellCase& cell : kCells) {
    Recurrence r{};
    r.units = 300;
    r.steps = 3;
    r.sequence = true;
    PlanMaker maker;
    add_recurrence(&maker, cell, r, 0.2, {KernelChoice::kWindow, 1, false});
    for (const size_t batch : {1, 40}) {
      const auto inputs = inputs_of(maker.plan, r, batch);
      const Isa isa = isas_to_test().back();
      EXPECT_TRUE(same_bits(run(maker.plan, isa, 1, batch, inputs), run(maker.plan, isa, 3, batch, inputs)))
          << cell.name << ", batch " << batch;
    }
  }
}

/// A good plan, spoilt by one change. @returns the message
std::string refusal(const std::function<void(Plan*, PlanStep*)>& spoil) {
  PlanMaker maker;
  Recurrence r{};
  r.units = 5;
  r.steps = 7;
  r.masked = r.initial = r.sequence = true;
  add_recurrence(&maker, kCells[1], r, 0.5, {KernelChoice::kWindow, 1, false});
  std::shared_ptr<Session> session;
  EXPECT_TRUE(Session::create(maker.plan, Isa::kScalar, 1, &session).ok());
  session.reset();
  spoil(&maker.plan, &maker.plan.steps[0]);
  const Status status = Session::create(maker.plan, Isa::kScalar, 1, &session);
  EXPECT_EQ(status.code, StatusCode::kPlan);
  EXPECT_EQ(session, nullptr);
  return status.message;
}

TEST(RecurrenceRefuses, what_does_not_fit) {
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->function = "peephole"; }),
            "plan, step 0: no recurrence is called peephole");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->function = "gru"; }),
            "plan, step 0: inputs: expected 3, received 4");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->inputs.clear(); }),
            "plan, step 0: inputs: expected 4, received 0");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->masked = false; }),
            "plan, step 0: inputs: expected 3, received 4");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->k = 0; }), "plan, step 0: a weight of 20 x 0");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->n = 15; }),
            "plan, step 0: weight values: expected 75, received 100");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { std::swap(s->n, s->k); }),
            "plan, step 0: gates of all units: expected 80, received 5");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->bias = {s->weight.data, 3}; }),
            "plan, step 0: bias values: expected 20, received 3");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[0].channels = 21; }),
            "plan, step 0: channels: expected 20, received 21");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[0].width = 6; }),
            "plan, step 0: time steps: expected 6, received 7");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[1].channels = 2; }),
            "plan, step 0: channels of the mask: expected 1, received 2");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[1].width = 6; }),
            "plan, step 0: time steps of the mask: expected 7, received 6");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[3].channels = 4; }),
            "plan, step 0: units of a state: expected 5, received 4");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[2].width = 2; }),
            "plan, step 0: positions of a state: expected 1, received 2");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[4].channels = 15; }),
            "plan, step 0: outputs: expected 5, received 15");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) { p->values[4].width = 2; }),
            "plan, step 0: time steps: expected 7, received 2");
  EXPECT_EQ(refusal([](Plan* p, PlanStep*) {
              p->values[1] = {7, 1, 1};
              p->values[1].array = true;
            }),
            "plan, step 0: expected maps");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->choice.nr = 3; }),
            "plan, step 0: nr is 3, expected 0, 1, 2, 4 or 8");
  EXPECT_EQ(refusal([](Plan*, PlanStep* s) { s->choice = {KernelChoice::kNone, 0, false}; }),
            "plan, step 0: no kernel was chosen");
}

}  // namespace
}  // namespace tfjs_sparse
