#include "session/session.h"

#include <atomic>
#include <thread>

#include "reference.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr KernelChoice kSparse{KernelChoice::kWindow, 1, false};

/// A small network for pictures: convolution, depthwise, pooling, affine, flatten, two dense layers, softmax.
void make_picture_network(PlanMaker* maker) {
  const auto window = [](size_t kernel, size_t stride, size_t pad) {
    WindowShape w{};
    w.kernel_height = w.kernel_width = kernel;
    w.stride_y = w.stride_x = stride;
    w.dilation_y = w.dilation_x = 1;
    w.pad_top = w.pad_left = pad;
    return w;
  };
  const size_t x = maker->input({3, 9, 10});
  const size_t a =
      maker->conv(x, 12, window(3, 1, 1), {0, 9, 10}, 0.3, kSparse, {Activation::kRelu, 0, 0, 0});
  PlanStep step;
  step.op = PlanStep::Op::kDepthwise;
  step.window = window(3, 2, 1);
  step.weight = maker->keep(sparse(12, 9, 0.8, 1));
  step.activation.type = Activation::kSwish;
  const size_t b = maker->add(step, a, {12, 5, 5});
  step = PlanStep();
  step.op = PlanStep::Op::kAvgPool;
  step.window = window(2, 1, 0);
  const size_t c = maker->add(step, b, {12, 4, 4});
  step = PlanStep();
  step.op = PlanStep::Op::kAffine;
  step.weight = maker->keep(normal(12, 2));
  step.bias = maker->keep(normal(12, 3));
  const size_t d = maker->simple(PlanStep::Op::kAlias, maker->add(step, c, {12, 4, 4}));
  const size_t e =
      maker->matmul(d, 40, 192, 0.1, {KernelChoice::kWindow, 4, false}, {Activation::kTanh, 0, 0, 0});
  const size_t f = maker->matmul(e, 10, 40, 0.5, {KernelChoice::kDense, 2, true});
  maker->plan.outputs = {maker->simple(PlanStep::Op::kSoftmax, f), d};  // a value that is used and given out
}

std::shared_ptr<Session> create(const Plan& plan, Isa isa, size_t threads) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, isa, threads, &session);
  EXPECT_TRUE(status.ok()) << status.message;
  return session;
}

/// All outputs of a run.
std::vector<std::vector<float>> run(Session* session, const std::vector<std::vector<float>>& x,
                                    size_t batch) {
  std::vector<Exact> in;
  std::vector<Guarded> out;
  std::vector<const float*> inputs;
  std::vector<float*> outputs;
  for (const std::vector<float>& values : x) in.emplace_back(values, 1);
  for (size_t i = 0; i < session->outputs(); ++i) out.emplace_back(batch * session->output_features(i), 1);
  for (const Exact& values : in) inputs.push_back(values.data());
  for (Guarded& values : out) outputs.push_back(values.data());
  const Status status = session->run(inputs.data(), outputs.data(), batch);
  EXPECT_TRUE(status.ok()) << status.message;
  std::vector<std::vector<float>> results;
  for (const Guarded& values : out) {
    EXPECT_TRUE(values.intact());
    results.emplace_back(values.data(), values.data() + values.size());
  }
  return results;
}

std::vector<std::vector<float>> inputs_of(const Plan& plan, size_t batch, uint64_t stream = 0) {
  std::vector<std::vector<float>> inputs;
  for (const size_t input : plan.inputs)
    inputs.push_back(normal(plan.values[input].features() * batch, 100 * stream + input + batch));
  return inputs;
}

void expect_close(const std::vector<std::vector<float>>& got, const std::vector<std::vector<Number>>& want,
                  const std::string& what) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t o = 0; o < got.size(); ++o) {
    ASSERT_EQ(got[o].size(), want[o].size());
    for (size_t i = 0; i < got[o].size(); ++i)
      ASSERT_TRUE(close(got[o][i], want[o][i])) << what << ", output " << o << ", " << i;
  }
}

bool same_outputs(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return a.size() == b.size();
}

TEST(Session, runs_a_network_of_every_kind_of_step) {
  PlanMaker maker;
  make_picture_network(&maker);
  for (const Isa isa : isas_to_test()) {
    const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
    // Batch sizes alternate: each gets its own layout, more of them than are kept.
    for (const size_t batch : {1, 3, 16, 1, 17, 2, 1, 5, 4, 16, 1}) {
      const auto x = inputs_of(maker.plan, batch);
      expect_close(run(session.get(), x, batch), run_reference(maker.plan, x, batch),
                   std::string(isa_name(isa)) + " batch " + std::to_string(batch));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Session, runs_random_chains_of_dense_layers) {
  std::mt19937_64 random(seed());
  for (int round = 0; round < 40; ++round) {
    PlanMaker maker;
    size_t width = 1 + random() % 90, last = maker.input({width, 1, 1});
    const size_t layers = 1 + random() % 6;
    for (size_t layer = 0; layer < layers; ++layer) {
      const size_t n = 1 + random() % 90;
      const KernelChoice choice{static_cast<KernelChoice::Vector>(random() % 3), 1u << random() % 4,
                                random() % 2 == 0};
      last = maker.matmul(last, n, width, 0.3, choice, {Activation::kRelu, 0, 0, 0});
      width = n;
    }
    maker.plan.outputs = {last};
    for (const Isa isa : isas_to_test()) {
      const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
      for (const size_t batch : {1, 11}) {
        const auto x = inputs_of(maker.plan, batch);
        expect_close(run(session.get(), x, batch), run_reference(maker.plan, x, batch),
                     "round " + std::to_string(round) + " on " + isa_name(isa));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Session, runs_branches_with_several_inputs_and_outputs) {
  PlanMaker maker;
  const size_t a = maker.input({40, 1, 1}), b = maker.input({5, 2, 3});
  const size_t left = maker.matmul(a, 33, 40, 0.4, kSparse), right = maker.matmul(a, 8, 40, 0.4, kSparse);
  const size_t other = maker.matmul(b, 6, 30, 0.5, kSparse);
  maker.simple(PlanStep::Op::kActivation, other, {Activation::kTanh, 0, 0, 0});  // nobody reads it
  maker.plan.outputs = {right, other, left, a, b, right};
  for (const Isa isa : isas_to_test()) {
    const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
    EXPECT_EQ(session->inputs(), 2u);
    EXPECT_EQ(session->outputs(), 6u);
    EXPECT_EQ(session->input_features(1), 30u);
    EXPECT_EQ(session->output_features(2), 33u);
    for (const size_t batch : {1, 2, 9}) {
      const auto x = inputs_of(maker.plan, batch);
      expect_close(run(session.get(), x, batch), run_reference(maker.plan, x, batch), isa_name(isa));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Session, reads_a_vector_in_place_as_if_it_were_copied) {
  // 32 inputs are read where the caller has them, 31 are copied first. The same weights, one more of them 0.
  for (const Isa isa : isas_to_test()) {
    for (const auto vector : {KernelChoice::kWindow, KernelChoice::kDense})
      for (const size_t k : {31, 32, 33}) {
        PlanMaker maker;
        const size_t x = maker.input({k, 1, 1});
        maker.plan.outputs = {maker.matmul(x, 50, k, 0.5, {vector, 1, false}), x};
        const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
        const auto in = inputs_of(maker.plan, 1);
        expect_close(run(session.get(), in, 1), run_reference(maker.plan, in, 1), isa_name(isa));
        if (HasFatalFailure()) return;
      }
    // Read in place by one layer only; another one, which reads past the end, makes it be copied.
    PlanMaker maker;
    const size_t x = maker.input({40, 1, 1});
    maker.plan.outputs = {maker.matmul(x, 9, 40, 0.5, kSparse),
                          maker.matmul(x, 9, 40, 0.5, {KernelChoice::kNone, 1, false})};
    const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
    const auto in = inputs_of(maker.plan, 1);
    expect_close(run(session.get(), in, 1), run_reference(maker.plan, in, 1), isa_name(isa));
  }
}

/// Large enough that every kind of step is split among threads.
void make_large_network(PlanMaker* maker) {
  WindowShape w{};
  w.kernel_height = w.kernel_width = 3;
  w.stride_y = w.stride_x = w.dilation_y = w.dilation_x = w.pad_top = w.pad_left = 1;
  const size_t x = maker->input({20, 16, 16});
  const size_t a =
      maker->conv(x, 48, w, {0, 16, 16}, 0.3, {KernelChoice::kNone, 2, false}, {Activation::kSwish, 0, 0, 0});
  PlanStep step;
  step.op = PlanStep::Op::kDepthwise;
  step.window = w;
  step.weight = maker->keep(normal(48 * 9, 1));
  const size_t b = maker->add(step, a, {48, 16, 16});
  step = PlanStep();
  step.op = PlanStep::Op::kMaxPool;
  step.window = w;
  const size_t c = maker->add(step, b, {48, 16, 16});
  const size_t d =
      maker->matmul(c, 100, 48, 0.5, {KernelChoice::kNone, 4, true}, {Activation::kRelu, 0, 0, 0});
  const size_t e = maker->simple(PlanStep::Op::kActivation, d, {Activation::kTanh, 0, 0, 0});
  maker->plan.outputs = {maker->matmul(e, 17, 100 * 256, 0.5, {KernelChoice::kWindow, 1, false})};
}

TEST(Session, is_the_same_bit_for_bit_for_every_number_of_threads_and_every_run) {
  PlanMaker large, picture;
  make_large_network(&large);
  make_picture_network(&picture);
  for (const PlanMaker* maker : {&large, &picture})
    for (const Isa isa : isas_to_test())
      for (const size_t batch : {1, 2}) {
        const auto x = inputs_of(maker->plan, batch);
        const std::vector<std::vector<float>> first = run(create(maker->plan, isa, 1).get(), x, batch);
        for (const size_t threads : {0, 1, 2, 3}) {
          const std::shared_ptr<Session> session = create(maker->plan, isa, threads);
          for (int again = 0; again < 2; ++again)
            EXPECT_TRUE(same_outputs(first, run(session.get(), x, batch)))
                << isa_name(isa) << " threads=" << threads;
        }
      }
}

TEST(Session, stands_many_runs_at_once) {
  PlanMaker maker;
  make_picture_network(&maker);
  for (const Isa isa : isas_to_test()) {
    const std::shared_ptr<Session> session = create(maker.plan, isa, 2);
    const size_t batches[] = {1, 2, 5, 9};
    std::vector<std::vector<std::vector<float>>> inputs, want;
    for (const size_t batch : batches) {
      inputs.push_back(inputs_of(maker.plan, batch));
      want.push_back(run(session.get(), inputs.back(), batch));
    }
    std::atomic<int> different{0};
    std::vector<std::thread> callers;
    for (size_t caller = 0; caller < 4; ++caller)
      callers.emplace_back([&, caller] {
        for (size_t i = 0; i < 12; ++i) {
          const size_t which = (caller + i) % 4;
          if (!same_outputs(want[which], run(session.get(), inputs[which], batches[which]))) ++different;
        }
      });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(different, 0) << isa_name(isa);
  }
}

TEST(Session, does_nothing_for_an_empty_batch) {
  PlanMaker maker;
  make_picture_network(&maker);
  const std::shared_ptr<Session> session = create(maker.plan, Isa::kScalar, 1);
  const float* inputs[] = {nullptr};
  float* outputs[] = {nullptr, nullptr};
  EXPECT_TRUE(session->run(inputs, outputs, 0).ok());
  std::vector<double> times;
  EXPECT_TRUE(session->time_steps(0, 3, &times).ok());
  EXPECT_EQ(times, std::vector<double>(maker.plan.steps.size(), 0));
}

TEST(Session, says_so_when_memory_is_short) {
  PlanMaker maker;
  make_picture_network(&maker);
  const std::shared_ptr<Session> session = create(maker.plan, Isa::kScalar, 1);
  const float* inputs[] = {nullptr};
  float* outputs[] = {nullptr, nullptr};
  const size_t batch = size_t{1} << 52;  // of the largest value alone: more bytes than an address can count
  const Status status = session->run(inputs, outputs, batch);
  EXPECT_EQ(status.code, StatusCode::kNative);
  EXPECT_EQ(status.message, "run: not enough memory for a batch of " + std::to_string(batch));
  // And is as good as before.
  const auto x = inputs_of(maker.plan, 2);
  expect_close(run(session.get(), x, 2), run_reference(maker.plan, x, 2), "afterwards");
}

TEST(Session, reports_kernels_memory_and_times_of_every_step) {
  PlanMaker maker;
  make_picture_network(&maker);
  for (const Isa isa : isas_to_test()) {
    const std::shared_ptr<Session> session = create(maker.plan, isa, 1);
    size_t bytes = 0;
    for (const size_t batch : {1, 16}) {
      const std::vector<Session::StepReport> report = session->report(batch);
      ASSERT_EQ(report.size(), maker.plan.steps.size());
      bytes = 0;
      for (size_t s = 0; s < report.size(); ++s) {
        bytes += report[s].bytes;
        if (maker.plan.steps[s].op == PlanStep::Op::kAlias) {
          EXPECT_EQ(report[s].kernel, "");
          continue;
        }
        const std::string suffix = std::string("__") + isa_name(isa);
        ASSERT_GT(report[s].kernel.size(), suffix.size());
        EXPECT_EQ(report[s].kernel.substr(report[s].kernel.size() - suffix.size()), suffix);
      }
      EXPECT_EQ(report[5].kernel.substr(0, 4), batch == 1 ? "spmv" : "spmm");
    }
    EXPECT_EQ(session->weight_bytes(), bytes);
    EXPECT_GT(bytes, 0u);
    EXPECT_GT(session->arena_bytes(8), session->arena_bytes(1));
    std::vector<double> times;
    ASSERT_TRUE(session->time_steps(2, 2, &times).ok());
    ASSERT_EQ(times.size(), maker.plan.steps.size());
    for (const double time : times) EXPECT_GE(time, 0);
  }
}

TEST(Session, keeps_its_weights_when_the_plan_is_gone) {
  std::shared_ptr<Session> session;
  std::vector<std::vector<float>> x, want;
  {
    PlanMaker maker;
    make_picture_network(&maker);
    session = create(maker.plan, Isa::kScalar, 1);
    x = inputs_of(maker.plan, 2);
    want = run(session.get(), x, 2);
  }
  EXPECT_TRUE(same_outputs(want, run(session.get(), x, 2)));
}

}  // namespace
}  // namespace tfjs_sparse
