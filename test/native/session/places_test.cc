// Steps that write over their input: where each value lies, and the same bits as without.
#include "session/places.h"

#include "array_plans.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr ActivationCall kTanh{Activation::kTanh, 0, 0, 0};

std::vector<size_t> places_of(const Plan& plan) {
  std::vector<std::unique_ptr<Step>> steps;
  const Status status = build_steps(plan, Isa::kScalar, &steps);
  EXPECT_TRUE(status.ok()) << status.message;
  return assign_places(plan, steps);
}

size_t binary(PlanMaker* maker, const std::string& function, size_t a, size_t b, ValueShape out) {
  return add(maker, named(Op::kBinary, function), {a, b}, out);
}

PlanStep affine(PlanMaker* maker, size_t channels) {
  PlanStep step = named(Op::kAffine);
  step.weight = maker->keep(normal(channels, 1));
  step.bias = maker->keep(normal(channels, 2));
  return step;
}

TEST(Places, of_a_chain_are_one_and_inputs_keep_theirs) {
  PlanMaker maker;
  const ValueShape shape{6, 4, 5};
  const size_t x = maker.input(shape), a = maker.simple(Op::kActivation, x, kTanh);
  const size_t b = maker.add(affine(&maker, 6), a, shape), c = maker.simple(Op::kAlias, b);
  const size_t d = maker.simple(Op::kActivation, c, kTanh), e = maker.simple(Op::kSoftmax, d);
  maker.plan.outputs = {maker.simple(Op::kActivation, e, kTanh)};
  EXPECT_EQ(places_of(maker.plan), (std::vector<size_t>{x, a, a, a, a, e, e}));
}

TEST(Places, are_not_taken_from_outputs_or_from_what_is_read_later) {
  PlanMaker maker;
  const ValueShape shape{6, 4, 5};
  const size_t x = maker.input(shape), a = maker.simple(Op::kActivation, x, kTanh);
  const size_t b = maker.simple(Op::kAlias, a), c = maker.simple(Op::kActivation, b, kTanh);
  // Under its first name it is read here.
  const size_t d = binary(&maker, "add", a, c, shape), e = maker.simple(Op::kActivation, d, kTanh);
  maker.plan.outputs = {d, e};
  EXPECT_EQ(places_of(maker.plan), (std::vector<size_t>{x, a, a, c, a, e}));
}

TEST(Places, of_a_sum_are_those_of_the_operand_of_its_size) {
  PlanMaker maker;
  const ValueShape shape{6, 4, 5}, vector{6, 1, 1};
  const size_t x = maker.input(shape), y = maker.input(vector);
  const size_t a = maker.simple(Op::kActivation, y, kTanh), b = maker.simple(Op::kActivation, x, kTanh);
  const size_t c = binary(&maker, "mul", a, b, shape), d = binary(&maker, "mul", c, c, shape);
  maker.plan.outputs = {d};
  EXPECT_EQ(places_of(maker.plan), (std::vector<size_t>{x, y, a, b, b, b}));
}

TEST(Places, of_arrays_are_shared_where_each_element_stays_where_it_is) {
  PlanMaker maker;
  const size_t x = maker.input(array_of(9));
  const size_t a = add(&maker, named(Op::kUnary, "neg"), {x}, array_of(9));
  // It reads a twice, once turned.
  const size_t b =
      add(&maker, looped(named(Op::kBinary, "sub"), {3, 3}, {{3, 1}, {1, 3}, {3, 1}}), {a, a}, array_of(9));
  const size_t three = constant(&maker, Floats{1, 2, 3});
  const size_t c = add(&maker, looped(named(Op::kBinary, "mul"), {3, 3}, {{0, 1}, {3, 1}, {3, 1}}),
                       {three, b}, array_of(9));
  // A comparison makes integers of floats.
  const size_t d =
      add(&maker, looped(named(Op::kBinary, "less"), {9}, {{1}, {0}, {1}}), {c, three}, array_of(9, true));
  EXPECT_EQ(places_of(maker.plan), (std::vector<size_t>{x, a, b, three, b, d}));
  EXPECT_EQ(integers(run_plan(maker.plan, {{0, 9, 1, 2, 0, 0, 5, 5, 0}})), (Ints{1, 1, 0, 0, 1, 0, 1, 1, 1}));
}

TEST(Places, of_constants_stay_theirs) {
  PlanMaker maker;
  maker.input(array_of(2));
  const size_t two = constant(&maker, Floats{1, -2});
  const size_t a = add(&maker, named(Op::kUnary, "neg"), {two}, fixed_array(2));
  EXPECT_EQ(places_of(maker.plan), (std::vector<size_t>{0, two, a}));
  EXPECT_EQ(run_plan(maker.plan, {{0, 0}}), (Floats{-1, 2}));
}

/// Steps on maps of one size, or of one position, that read any value before them.
void make_random_plan(PlanMaker* maker, std::mt19937_64* random) {
  const ValueShape shape{1 + (*random)() % 9, 1 + (*random)() % 4, 1 + (*random)() % 4};
  std::vector<size_t> maps = {maker->input(shape)}, vectors = {maker->input({shape.channels, 1, 1})};
  const auto any = [&](const std::vector<size_t>& values) {
    // As a rule a late one, so that many values die.
    return values[values.size() - 1 - (*random)() % std::min<size_t>(values.size(), 2)];
  };
  for (size_t i = 3 + (*random)() % 12; i > 0; --i) {
    const bool is_map = (*random)() % 4 != 0;
    std::vector<size_t>& values = is_map ? maps : vectors;
    const ValueShape out = maker->plan.values[values[0]];
    PlanStep step = named(Op::kPrelu);
    switch ((*random)() % 7) {
      case 6:
        // Writes over nothing.
        values.push_back(maker->simple(Op::kSoftmax, any(values)));
        break;
      case 0:
        values.push_back(maker->simple(Op::kActivation, any(values), kTanh));
        break;
      case 1:
        values.push_back(maker->add(affine(maker, out.channels), any(values), out));
        break;
      case 2:
        step.weight = maker->keep(normal(out.channels, i));
        values.push_back(maker->add(step, any(values), out));
        break;
      case 3:
        values.push_back(maker->add(named(Op::kUnary, "abs"), any(values), out));
        break;
      case 4:
        values.push_back(maker->simple(Op::kAlias, any(values)));
        break;
      default: {
        const size_t other = any((*random)() % 2 == 0 ? maps : values);
        const bool fits = is_map || maker->plan.values[other].positions() == 1;
        values.push_back(binary(maker, "max", any(values), fits ? other : any(values), out));
      }
    }
  }
  maker->plan.outputs = {maps.back(), any(maps), vectors.back()};
}

/// Steps on square arrays, one per row of the batch, and on one row of them: straight, turned, repeated.
void make_random_arrays(PlanMaker* maker, std::mt19937_64* random) {
  const size_t side = 1 + (*random)() % 5;
  const int64_t n = static_cast<int64_t>(side);
  const std::vector<int64_t> straight = {n, 1}, turned = {1, n}, repeated = {0, 1}, tall = {1, 0};
  std::vector<size_t> squares = {maker->input(array_of(side * side))}, rows = {maker->input(array_of(side))};
  const auto any = [&](const std::vector<size_t>& values) {
    return values[values.size() - 1 - (*random)() % std::min<size_t>(values.size(), 2)];
  };
  const ValueShape square = array_of(side * side);
  for (size_t i = 3 + (*random)() % 12; i > 0; --i) {
    const size_t a = any(squares);
    switch ((*random)() % 6) {
      case 0:
        squares.push_back(add(maker, named(Op::kUnary, "neg"), {a}, square));
        break;
      case 1:
        rows.push_back(add(maker, named(Op::kUnary, "abs"), {any(rows)}, array_of(side)));
        break;
      case 2:
        squares.push_back(add(maker, named(Op::kAlias), {a}, square));
        break;
      case 3:
        squares.push_back(add(maker, looped(named(Op::kStrided), {n, n}, {turned, straight}), {a}, square));
        break;
      case 4: {
        const auto& along = (*random)() % 2 == 0 ? repeated : tall;
        squares.push_back(add(maker, looped(named(Op::kBinary, "sub"), {n, n}, {straight, along, straight}),
                              {a, any(rows)}, square));
        break;
      }
      default: {
        const auto& way = (*random)() % 2 == 0 ? straight : turned;
        squares.push_back(add(maker, looped(named(Op::kBinary, "max"), {n, n}, {way, straight, straight}),
                              {any(squares), a}, square));
      }
    }
  }
  maker->plan.outputs = {squares.back(), any(squares), rows.back()};
}

TEST(Places, of_random_plans_give_the_bits_that_they_give_without) {
  std::mt19937_64 random(seed());
  size_t shared = 0;
  for (int round = 0; round < 200; ++round) {
    PlanMaker maker;
    (round % 2 == 0 ? make_random_plan : make_random_arrays)(&maker, &random);
    // What is an output keeps its memory.
    Plan apart = maker.plan;
    for (size_t v = 0; v < apart.values.size(); ++v) apart.outputs.push_back(v);
    for (const Isa isa : isas_to_test())
      for (const size_t batch : {1, 3}) {
        std::vector<Exact> in;
        const float* inputs[2];
        for (const size_t input : maker.plan.inputs)
          in.emplace_back(normal(maker.plan.values[input].features() * batch, round + input), 1);
        for (size_t i = 0; i < 2; ++i) inputs[i] = in[i].data();
        std::vector<std::vector<Guarded>> outputs(2);
        size_t bytes[2];
        for (size_t which = 0; which < 2; ++which) {
          std::shared_ptr<Session> session;
          ASSERT_TRUE(Session::create(which == 0 ? maker.plan : apart, isa, 1, &session).ok());
          std::vector<float*> out;
          for (size_t i = 0; i < session->outputs(); ++i)
            outputs[which].emplace_back(batch * session->output_features(i), 1);
          for (Guarded& values : outputs[which]) out.push_back(values.data());
          ASSERT_TRUE(session->run(inputs, out.data(), batch).ok());
          bytes[which] = session->arena_bytes(batch);
        }
        for (size_t i = 0; i < maker.plan.outputs.size(); ++i)
          for (size_t j = 0; j < outputs[0][i].size(); ++j)
            ASSERT_EQ(outputs[0][i].data()[j], outputs[1][i].data()[j])
                << isa_name(isa) << " batch " << batch << ", round " << round << ", output " << i;
        ASSERT_LE(bytes[0], bytes[1]);
      }
    const std::vector<size_t> places = places_of(maker.plan);
    for (const PlanStep& step : maker.plan.steps)
      shared += step.op != Op::kAlias && places[step.output] != step.output;
  }
  EXPECT_GT(shared, 100u);
}

TEST(Places, make_a_sum_of_branches_take_the_memory_of_two_values) {
  PlanMaker maker;
  const ValueShape shape{64, 8, 8};
  const size_t x = maker.input(shape);
  // A softmax writes over nothing; when its output is there the input is not needed any more.
  const size_t a = maker.simple(Op::kSoftmax, x);
  const size_t b = maker.simple(Op::kSoftmax, a);
  const size_t sum = binary(&maker, "add", maker.simple(Op::kActivation, a, kTanh), b, shape);
  maker.plan.outputs = {maker.simple(Op::kActivation, sum, kTanh)};
  std::shared_ptr<Session> session;
  ASSERT_TRUE(Session::create(maker.plan, Isa::kScalar, 1, &session).ok());
  EXPECT_EQ(session->arena_bytes(1), 2 * buffer_floats(64, 64) * sizeof(float));
}

}  // namespace
}  // namespace tfjs_sparse
