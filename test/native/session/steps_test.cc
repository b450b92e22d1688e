// Every kind of step, alone, against the slow way.
#include <iterator>

#include "one_output.h"
#include "reference.h"

namespace tfjs_sparse {
namespace {

using namespace test;

/// Batches that leave registers empty, fill them, and go one over.
const size_t kBatches[] = {1, 2, 7, 8, 9, 15, 16, 17, 33};

void check_plan(const Plan& plan, const std::vector<SessionOn>& sessions, size_t batch,
                const std::vector<float>& x, const std::string& what) {
  const std::vector<Number> want = run_reference(plan, {x}, batch)[0];
  for (const SessionOn& one : sessions) {
    ASSERT_NE(one.session, nullptr);
    const std::vector<float> got = run_one(one.session.get(), batch, x);
    ASSERT_EQ(got.size(), want.size());
    ASSERT_TRUE(close(got.data(), want.data(), got.size()))
        << what << " on " << isa_name(one.isa) << ", batch " << batch;
  }
}

void check_plan(PlanMaker* maker, size_t last, const std::string& what) {
  maker->plan.outputs = {last};
  const std::vector<SessionOn> sessions = sessions_of(maker->plan, 1);
  for (const size_t batch : kBatches) {
    const std::vector<float> x = normal(batch * maker->plan.values[maker->plan.inputs[0]].features(), batch);
    check_plan(maker->plan, sessions, batch, x, what);
    if (testing::Test::HasFatalFailure()) return;
  }
}

constexpr KernelChoice kSlices{KernelChoice::kNone, 0, false, Storage::kFloat32, 1, 8};

/// Each way in which a matmul can run: both kernels for one vector, every nr, and one of the two alone;
/// slices alone and beside them.
std::vector<KernelChoice> all_choices() {
  std::vector<KernelChoice> choices;
  for (const auto vector :
       {KernelChoice::kNone, KernelChoice::kWindow, KernelChoice::kDense, KernelChoice::kNarrow})
    for (const unsigned nr : {0, 1, 2, 4, 8})
      for (const bool dense : {false, true})
        if ((vector != KernelChoice::kNone || nr != 0) && !(nr == 0 && dense))
          for (const size_t vector_columns : {size_t{1}, size_t{15}})
            choices.push_back({vector, nr, dense, Storage::kFloat32, vector_columns});
  choices.push_back(kSlices);
  choices.push_back({KernelChoice::kNone, 1, false, Storage::kFloat32, 1, 7});
  choices.push_back({KernelChoice::kWindow, 4, false, Storage::kFloat32, 2, 8});
  return choices;
}

std::string text(const KernelChoice& choice) {
  return "vector " + std::to_string(int(choice.vector)) + ", nr " + std::to_string(choice.nr) +
         (choice.dense ? " dense" : " sparse") + ", slices up to " + std::to_string(choice.slice_columns);
}

TEST(MatmulStep, agrees_for_every_choice_of_kernels) {
  for (const KernelChoice& choice : all_choices())
    for (const auto& [n, k] : {std::pair<size_t, size_t>{1, 1}, {10, 5}, {13, 70}}) {
      PlanMaker maker;
      check_plan(&maker, maker.matmul(maker.input({k, 1, 1}), n, k, 0.3, choice), text(choice));
      if (HasFatalFailure()) return;
    }
}

TEST(MatmulStep, reads_a_feature_map_at_every_position) {
  for (const KernelChoice& choice : all_choices()) {
    PlanMaker maker;
    check_plan(&maker, maker.matmul(maker.input({6, 3, 5}), 11, 6, 0.4, choice), text(choice));
    if (HasFatalFailure()) return;
  }
}

TEST(MatmulStep, reads_a_flattened_feature_map) {
  // 16 positions: at batch 1 channels follow each other without padding; 15: they do not.
  for (const ValueShape& shape : {ValueShape{5, 4, 4}, ValueShape{5, 3, 5}, ValueShape{1, 4, 4}})
    for (const KernelChoice& choice : all_choices()) {
      PlanMaker maker;
      check_plan(&maker, maker.matmul(maker.input(shape), 9, shape.features(), 0.3, choice), text(choice));
      if (HasFatalFailure()) return;
    }
}

TEST(MatmulStep, fuses_activations_and_does_without_a_bias) {
  const ActivationCall activations[] = {{Activation::kRelu, 0, 0, 0},
                                        {Activation::kClamp, 0, -0.25f, 0.5f},
                                        {Activation::kTanh, 0, 0, 0},
                                        {Activation::kSwish, 0, 0, 0}};
  for (const ActivationCall& activation : activations)
    for (const bool biased : {true, false})
      for (const KernelChoice& choice : {KernelChoice{KernelChoice::kWindow, 1, false}, kSlices}) {
        PlanMaker maker;
        check_plan(&maker, maker.matmul(maker.input({40, 1, 1}), 300, 40, 0.2, choice, activation, biased),
                   "activation " + std::to_string(int(activation.type)) + ", " + text(choice));
        if (HasFatalFailure()) return;
      }
}

TEST(MatmulStep, keeps_non_finite_inputs_out_of_pruned_weights) {
  // Inputs 2 and 3 of output 0 are pruned; output 1 keeps all.
  const size_t n = 9, k = 40;
  for (const KernelChoice& choice : all_choices()) {
    PlanMaker maker;
    const size_t y = maker.matmul(maker.input({k, 1, 1}), n, k, 0.6, choice);
    std::vector<float> weight(maker.plan.steps[0].weight.data, maker.plan.steps[0].weight.data + n * k);
    weight[2] = weight[3] = 0;
    for (size_t i = 0; i < k; ++i) weight[k + i] = 0.5f;
    maker.plan.steps[0].weight = maker.keep(weight);
    maker.plan.outputs = {y};
    const std::vector<SessionOn> sessions = sessions_of(maker.plan, 1);
    const auto scalar = create_session(maker.plan, Isa::kScalar, 1);
    for (const size_t batch : {1, 2, 17})
      for (const float bad : {kNan, kInfinity}) {
        std::vector<float> x = normal(batch * k, batch);
        x[2] = bad;
        x[3] = bad;
        check_plan(maker.plan, sessions, batch, x, text(choice));
        if (HasFatalFailure()) return;
        EXPECT_TRUE(std::isfinite(run_one(scalar.get(), batch, x)[0]));
      }
  }
}

WindowShape window(size_t kernel, size_t stride, size_t dilation, size_t pad) {
  WindowShape w{};
  w.kernel_height = w.kernel_width = kernel;
  w.stride_y = w.stride_x = stride;
  w.dilation_y = w.dilation_x = dilation;
  w.pad_top = w.pad_left = pad;
  return w;
}

/// Outputs with `pad` on every side.
size_t outputs(size_t in, const WindowShape& w) {
  return (in + 2 * w.pad_top - (w.kernel_height - 1) * w.dilation_y - 1) / w.stride_y + 1;
}

TEST(ConvStep, agrees_for_strides_dilations_and_padding) {
  for (const WindowShape& w : {window(1, 1, 1, 0), window(1, 2, 1, 0), window(3, 1, 1, 1), window(3, 2, 1, 1),
                               window(3, 1, 2, 2), window(5, 3, 1, 2), window(2, 2, 1, 0)})
    for (const KernelChoice& choice : {KernelChoice{KernelChoice::kNone, 1, false},
                                       {KernelChoice::kNone, 4, false},
                                       {KernelChoice::kNone, 8, true},
                                       {KernelChoice::kNone, 2, true},
                                       kSlices}) {
      PlanMaker maker;
      const ValueShape out{0, outputs(7, w), outputs(9, w)};
      check_plan(&maker, maker.conv(maker.input({3, 7, 9}), 10, w, out, 0.4, choice), text(choice));
      if (HasFatalFailure()) return;
    }
}

/// A product of the input, and the input through a second product, as large.
struct Shortcut {
  PlanMaker maker;
  size_t product, other;
};

/// The same bits as a product without activation, a sum, and an activation.
void check_residual(Shortcut* shortcut, const ActivationCall& activation, const std::vector<size_t>& batches,
                    const std::vector<size_t>& threads_of_runs, const std::string& what) {
  Plan& fused = shortcut->maker.plan;
  Plan apart = fused;
  PlanStep sum;
  sum.op = PlanStep::Op::kBinary;
  sum.function = "add";
  sum.inputs = {shortcut->product, shortcut->other};
  sum.output = apart.values.size();
  sum.activation = activation;
  apart.values.push_back(apart.values[shortcut->product]);
  apart.steps.push_back(sum);
  apart.outputs = {sum.output};
  // The product is the last step.
  fused.steps.back().inputs.push_back(shortcut->other);
  fused.steps.back().activation = activation;
  fused.outputs = {shortcut->product};
  for (const size_t threads : threads_of_runs) {
    const std::vector<SessionOn> ours = sessions_of(fused, threads), others = sessions_of(apart, threads);
    for (const size_t batch : batches) {
      const std::vector<float> x = normal(batch * fused.values[fused.inputs[0]].features(), batch);
      for (size_t i = 0; i < ours.size(); ++i) {
        ASSERT_TRUE(ours[i].session != nullptr && others[i].session != nullptr);
        ASSERT_TRUE(
            same_bits(run_one(ours[i].session.get(), batch, x), run_one(others[i].session.get(), batch, x)))
            << what << " on " << isa_name(ours[i].isa) << ", batch " << batch << ", threads " << threads;
      }
    }
  }
}

TEST(MatmulStep, adds_a_second_input_before_the_activation) {
  for (const KernelChoice& choice : all_choices())
    for (const ActivationCall& activation :
         {ActivationCall{}, {Activation::kRelu6, 0, 0, 0}, {Activation::kTanh, 0, 0, 0}})
      for (const ValueShape& shape : {ValueShape{6, 3, 5}, ValueShape{6, 1, 1}}) {
        Shortcut shortcut;
        const size_t x = shortcut.maker.input(shape);
        shortcut.other = shortcut.maker.matmul(x, 11, 6, 0.9, {KernelChoice::kNone, 1, false});
        shortcut.product = shortcut.maker.matmul(x, 11, 6, 0.4, choice);
        // These products are too small to be divided.
        check_residual(&shortcut, activation, {std::begin(kBatches), std::end(kBatches)}, {1}, text(choice));
        if (HasFatalFailure()) return;
      }
}

TEST(ConvStep, adds_a_second_input_before_the_activation) {
  // Every tile with few outputs; with several chunks of them, threads that share outputs and ones that share
  // columns.
  const std::pair<size_t, std::vector<size_t>> sizes[] = {{10, {std::begin(kBatches), std::end(kBatches)}},
                                                          {600, {2, 9}}};
  for (const auto& [outputs, batches] : sizes)
    for (const ActivationCall& activation : {ActivationCall{}, {Activation::kSwish, 0, 0, 0}})
      for (const KernelChoice& choice : {KernelChoice{KernelChoice::kNone, 4, true}, kSlices}) {
        Shortcut shortcut;
        const WindowShape w = window(3, 2, 1, 1);
        const size_t x = shortcut.maker.input({3, 7, 9});
        shortcut.other = shortcut.maker.conv(x, outputs, w, {0, 4, 5}, 0.9, {KernelChoice::kNone, 1, false});
        shortcut.product = shortcut.maker.conv(x, outputs, w, {0, 4, 5}, 0.9, choice);
        check_residual(&shortcut, activation, batches, {1, 2}, "conv");
        if (HasFatalFailure()) return;
      }
}

TEST(ConvStep, refuses_to_add_what_is_not_as_large) {
  PlanMaker maker;
  const size_t x = maker.input({3, 7, 9});
  const size_t y = maker.conv(x, 10, window(3, 2, 1, 1), {0, 4, 5}, 0.9, {KernelChoice::kNone, 1, false});
  maker.plan.steps.back().inputs.push_back(x);
  maker.plan.outputs = {y};
  std::vector<std::unique_ptr<Step>> steps;
  const Status status = build_steps(maker.plan, Isa::kScalar, &steps);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message.find("as large as the output"), std::string::npos) << status.message;
}

TEST(ConvStep, agrees_where_height_and_width_differ_in_everything) {
  WindowShape w = window(1, 1, 1, 0);
  w.kernel_height = 3;
  w.kernel_width = 2;
  w.stride_x = 2;
  w.dilation_y = 2;
  w.pad_top = 3;
  w.pad_left = 1;
  PlanMaker maker;
  check_plan(&maker,
             maker.conv(maker.input({4, 6, 11}), 5, w, {0, 4, 6}, 0.5, {KernelChoice::kNone, 2, false}),
             "uneven");
}

TEST(ConvStep, agrees_with_one_output_position) {
  PlanMaker maker;
  check_plan(&maker,
             maker.conv(maker.input({3, 3, 3}), 20, window(3, 1, 1, 0), {0, 1, 1}, 0.5,
                        {KernelChoice::kNone, 1, false}),
             "one position");
}

TEST(ConvStep, agrees_over_several_blocks_of_inputs) {
  PlanMaker maker;
  check_plan(&maker,
             maker.conv(maker.input({60, 3, 3}), 6, window(3, 1, 1, 1), {0, 3, 3}, 0.2,
                        {KernelChoice::kNone, 1, false}),
             "540 inputs");
}

TEST(DepthwiseStep, agrees_with_and_without_multiplier) {
  for (const size_t multiplier : {1, 3})
    for (const WindowShape& w : {window(3, 1, 1, 1), window(3, 2, 1, 1), window(2, 1, 2, 1)}) {
      PlanMaker maker;
      const size_t x = maker.input({5, 6, 7});
      PlanStep step;
      step.op = PlanStep::Op::kDepthwise;
      step.window = w;
      step.multiplier = multiplier;
      step.weight = maker.keep(sparse(5 * multiplier, w.kernel_height * w.kernel_width, 0.8, 1));
      step.bias = multiplier == 1 ? WeightView{} : maker.keep(normal(5 * multiplier, 2));
      step.activation.type = multiplier == 1 ? Activation::kRelu6 : Activation::kElu;
      check_plan(&maker, maker.add(step, x, {5 * multiplier, outputs(6, w), outputs(7, w)}), "depthwise");
      if (HasFatalFailure()) return;
    }
}

TEST(PoolStep, agrees_for_both_modes) {
  for (const auto op : {PlanStep::Op::kMaxPool, PlanStep::Op::kAvgPool})
    for (const WindowShape& w :
         {window(2, 2, 1, 0), window(3, 2, 1, 1), window(3, 1, 2, 2), window(2, 1, 1, 1)}) {
      PlanMaker maker;
      const size_t x = maker.input({4, 8, 6});
      PlanStep step;
      step.op = op;
      step.window = w;
      check_plan(&maker, maker.add(step, x, {4, outputs(8, w), outputs(6, w)}), "pool");
      if (HasFatalFailure()) return;
    }
}

TEST(PointwiseSteps, agree) {
  const ValueShape shapes[] = {{10, 1, 1}, {50, 1, 1}, {7, 3, 5}, {1, 1, 40}};
  for (const ValueShape& shape : shapes) {
    for (const bool whole : {false, true}) {
      PlanMaker maker;
      check_plan(&maker, maker.simple(PlanStep::Op::kSoftmax, maker.input(shape), {}, whole), "softmax");
    }
    for (const auto type : {Activation::kTanh, Activation::kRelu6}) {
      PlanMaker maker;
      check_plan(&maker, maker.simple(PlanStep::Op::kActivation, maker.input(shape), {type, 0, 0, 0}),
                 "activation");
    }
    for (const size_t size : {shape.channels, shape.features()}) {
      PlanMaker maker;
      const size_t x = maker.input(shape);
      PlanStep step;
      step.op = PlanStep::Op::kAffine;
      step.weight = maker.keep(normal(size, 1));
      step.bias = maker.keep(normal(size, 2));
      step.activation.type = Activation::kRelu;
      check_plan(&maker, maker.add(step, x, shape), "affine");
    }
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tfjs_sparse
