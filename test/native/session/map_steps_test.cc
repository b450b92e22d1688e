// Steps that move or mix the elements of maps, against plain loops over row-major tensors.
#include <functional>

#include "array_plans.h"

namespace tfjs_sparse {
namespace {

using namespace test;

/// Batches that leave registers empty, fill them, and go one over.
const size_t kBatches[] = {1, 2, 7, 8, 9, 17};

/// Steps divide this many floats and more among threads.
constexpr size_t kSplit = 64 * 1024;

/// Element (b, y, x, c) as a session takes and gives it.
size_t place(const ValueShape& shape, size_t b, size_t y, size_t x, size_t c) {
  return ((b * shape.height + y) * shape.width + x) * shape.channels + c;
}

struct Maps {
  const std::vector<ValueShape>& shapes;
  const std::vector<Floats>& values;
  double get(size_t input, size_t b, size_t y, size_t x, size_t c) const {
    return values[input][place(shapes[input], b, y, x, c)];
  }
};

/// What an element of the output must be.
using Want = std::function<Number(const Maps& in, size_t b, size_t y, size_t x, size_t c)>;

Floats run_map(const Plan& plan, const std::vector<Floats>& x, size_t batch, Isa isa, size_t threads) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, isa, threads, &session);
  EXPECT_TRUE(status.ok()) << status.message;
  if (!status.ok()) return {};
  std::vector<Exact> in;
  for (const Floats& values : x) in.emplace_back(values, 1);
  std::vector<const float*> inputs;
  for (const Exact& values : in) inputs.push_back(values.data());
  Guarded out(batch * session->output_features(0));
  float* outputs[] = {out.data()};
  EXPECT_TRUE(session->run(inputs.data(), outputs, batch).ok());
  EXPECT_TRUE(out.intact());
  return {out.data(), out.data() + out.size()};
}

/// One step on random maps: the same bits on every instruction set and number of threads, and what `want`
/// says.
void check_step(const PlanStep& step, const std::vector<ValueShape>& shapes, ValueShape out,
                const std::string& what, const Want& want) {
  PlanMaker maker;
  std::vector<size_t> inputs;
  for (const ValueShape& shape : shapes) inputs.push_back(maker.input(shape));
  add(&maker, step, inputs, out);
  std::vector<size_t> batches(std::begin(kBatches), std::end(kBatches));
  size_t fewest = out.features();
  for (const ValueShape& shape : shapes) fewest = std::min(fewest, shape.features());
  batches.push_back(std::min<size_t>(3000, kSplit / fewest + 1));
  for (const size_t batch : batches) {
    std::vector<Floats> x;
    for (const ValueShape& shape : shapes)
      x.push_back(normal(batch * shape.features(), batch + x.size() + seed()));
    Floats first;
    for (const Isa isa : isas_to_test())
      for (const size_t threads : {1, 2, 3}) {
        const Floats got = run_map(maker.plan, x, batch, isa, threads);
        if (first.empty()) first = got;
        ASSERT_TRUE(same_bits(got, first)) << what << " on " << isa_name(isa) << ", threads " << threads;
      }
    const Maps maps{shapes, x};
    for (size_t b = 0; b < batch; b += batch > 400 ? 97 : batch > 100 ? 17 : 1)
      for (size_t y = 0; y < out.height; ++y)
        for (size_t column = 0; column < out.width; ++column)
          for (size_t c = 0; c < out.channels; ++c)
            ASSERT_TRUE(close(first[place(out, b, y, column, c)], want(maps, b, y, column, c)))
                << what << ", batch " << batch << ", at " << b << " " << y << " " << column << " " << c;
  }
}

PlanStep pick(std::vector<int64_t> rows, std::vector<int64_t> columns, std::vector<int64_t> channels,
              float value = 0) {
  PlanStep step = named(Op::kPick);
  step.rows = std::move(rows);
  step.columns = std::move(columns);
  step.channels = std::move(channels);
  step.value = value;
  return step;
}

void check_pick(const PlanStep& step, ValueShape in, const std::string& what) {
  const ValueShape out{step.channels.size(), step.rows.size(), step.columns.size()};
  check_step(step, {in}, out, what, [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
    const int64_t row = step.rows[y], column = step.columns[x], channel = step.channels[c];
    if (row < 0 || column < 0 || channel < 0) return Number{step.value, 0};
    return Number{maps.get(0, b, size_t(row), size_t(column), size_t(channel)), 0};
  });
}

TEST(Pick, pads_crops_turns_and_repeats) {
  const ValueShape in{5, 3, 7};
  check_pick(pick({-1, 0, 1, 2, -1, -1}, {-1, -1, 0, 1, 2, 3, 4, 5, 6, -1}, {0, 1, 2, 3, 4}, 2.5f), in,
             "pad");
  check_pick(pick({1}, {2, 3, 4, 5}, {4}), in, "crop");
  check_pick(pick({2, 1, 0}, {6, 4, 2, 0}, {4, 3, 2, 1, 0}), in, "reverse");
  check_pick(pick({0, 0, 1, 1, 2, 2}, {0, 0, 0, 1, 1, 1, 6, 6, 6}, {0, 0, 3}), in, "repeat");
  check_pick(pick({-1}, {-1, -1}, {-1, 2, -1}, -1), in, "nothing but padding, and beside it");
  check_pick(pick({0}, {0}, {0}), {1, 1, 1}, "one element");
}

/// As lib/layers/ops/resize.ts makes them.
std::vector<int64_t> nearest(size_t from, size_t to, bool align_corners, bool half_pixels) {
  std::vector<int64_t> entries;
  const double scale =
      align_corners && to > 1 ? double(from - 1) / double(to - 1) : double(from) / double(to);
  for (size_t i = 0; i < to; ++i) {
    const double exact = (double(i) + (half_pixels ? 0.5 : 0)) * scale;
    const auto entry = int64_t(align_corners ? std::floor(exact + 0.5) : std::floor(exact + 1e-9));
    entries.push_back(std::min(entry, int64_t(from) - 1));
  }
  return entries;
}

struct Resize {
  size_t height, width, to_height, to_width;
};
const Resize kResizes[] = {{3, 5, 6, 10}, {4, 7, 9, 5}, {1, 1, 3, 4},
                           {6, 2, 1, 1},  {5, 3, 5, 8}, {2, 9, 7, 13}};
const std::pair<bool, bool> kRules[] = {{false, false}, {true, false}, {false, true}};

TEST(Pick, of_nearest_neighbours) {
  for (const Resize& r : kResizes)
    for (const auto& [corners, halves] : kRules)
      check_pick(pick(nearest(r.height, r.to_height, corners, halves),
                      nearest(r.width, r.to_width, corners, halves), {0, 1, 2}),
                 {3, r.height, r.width}, "to " + std::to_string(r.to_height));
}

TEST(PickRefuses, what_is_outside_or_does_not_fit) {
  const ValueShape in{2, 3, 4}, out{2, 3, 4};
  const std::string outside = "plan, step 0: an entry is outside of the input";
  const std::string each = "plan, step 0: expected one entry for each row, column and channel of the output";
  EXPECT_EQ(refusal(pick({0, 1, 3}, {0, 1, 2, 3}, {0, 1}), {in}, out), outside);
  EXPECT_EQ(refusal(pick({0, 1, 2}, {0, 1, 2, 4}, {0, 1}), {in}, out), outside);
  EXPECT_EQ(refusal(pick({0, 1, 2}, {0, 1, 2, 3}, {0, 2}), {in}, out), outside);
  EXPECT_EQ(refusal(pick({0, -2, 2}, {0, 1, 2, 3}, {0, 1}), {in}, out), outside);
  EXPECT_EQ(refusal(pick({0, 1}, {0, 1, 2, 3}, {0, 1}), {in}, out), each);
  EXPECT_EQ(refusal(pick({0, 1, 2}, {0, 1, 2, 3, 3}, {0, 1}), {in}, out), each);
  EXPECT_EQ(refusal(pick({0, 1, 2}, {0, 1, 2, 3}, {}), {in}, out), each);
  EXPECT_EQ(refusal(pick({0}, {0}, {0, 1}), {array_of(2)}, {2, 1, 1}), "plan, step 0: expected maps");
}

PlanStep resize(bool align_corners, bool half_pixels) {
  PlanStep step = named(Op::kResize);
  step.align_corners = align_corners;
  step.half_pixels = half_pixels;
  return step;
}

struct Place {
  size_t low, high;
  double part;
};

Place between(size_t i, size_t from, size_t to, bool align_corners, bool half_pixels) {
  const double scale =
      align_corners && to > 1 ? double(from - 1) / double(to - 1) : double(from) / double(to);
  const double exact = half_pixels ? (double(i) + 0.5) * scale - 0.5 : double(i) * scale;
  const double low = std::floor(exact), last = double(from) - 1;
  return {size_t(std::clamp(low, 0.0, last)), size_t(std::clamp(low + 1, 0.0, last)), exact - low};
}

TEST(Resize, is_bilinear_between_the_four_neighbours) {
  for (const Resize& r : kResizes)
    for (const auto& [corners, halves] : kRules) {
      const ValueShape in{3, r.height, r.width}, out{3, r.to_height, r.to_width};
      const std::string what = std::to_string(r.height) + " x " + std::to_string(r.width) +
                               (corners  ? " corners"
                                : halves ? " halves"
                                         : "");
      const bool aligned = corners, centred = halves;
      check_step(resize(aligned, centred), {in}, out, what,
                 [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
                   const Place row = between(y, in.height, out.height, aligned, centred);
                   const Place column = between(x, in.width, out.width, aligned, centred);
                   const auto mix = [&](size_t line) {
                     const double left = maps.get(0, b, line, column.low, c);
                     return left + (maps.get(0, b, line, column.high, c) - left) * column.part;
                   };
                   const double value = mix(row.low) + (mix(row.high) - mix(row.low)) * row.part;
                   // Values up to 6; places up to 13 in float, along two axes, and four roundings.
                   return Number{value, 6 * (2 * 13 + 4) * 6e-8 * 2};
                 });
      if (HasFatalFailure()) return;
    }
}

TEST(ResizeRefuses, other_channels_and_arrays) {
  EXPECT_EQ(refusal(resize(false, false), {{2, 3, 3}}, {3, 6, 6}).rfind("plan, step 0: channels", 0), 0u);
  EXPECT_EQ(refusal(resize(false, false), {array_of(4)}, {1, 2, 2}), "plan, step 0: expected maps");
  EXPECT_EQ(refusal(resize(false, false), {{4, 1, 1}}, array_of(4)), "plan, step 0: expected maps");
}

PlanStep blocks(const std::string& function, size_t block) {
  PlanStep step = named(Op::kBlocks, function);
  step.n = block;
  return step;
}

TEST(Blocks, go_to_channels_and_back) {
  for (const size_t block : {1, 2, 3, 5})
    for (const ValueShape& deep : {ValueShape{1, 1, 1}, {2, 3, 1}, {3, 2, 5}}) {
      const ValueShape wide = {deep.channels, deep.height * block, deep.width * block};
      const ValueShape many = {deep.channels * block * block, deep.height, deep.width};
      const auto channel = [&](size_t y, size_t x, size_t c) {
        return (y % block * block + x % block) * wide.channels + c;
      };
      check_step(blocks("depthToSpace", block), {many}, wide, "to space",
                 [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
                   return Number{maps.get(0, b, y / block, x / block, channel(y, x, c)), 0};
                 });
      check_step(
          blocks("spaceToDepth", block), {wide}, many, "to depth",
          [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
            const size_t inside = c / wide.channels;
            return Number{
                maps.get(0, b, y * block + inside / block, x * block + inside % block, c % wide.channels), 0};
          });
      if (HasFatalFailure()) return;
    }
}

TEST(BlocksRefuse, what_does_not_divide) {
  const auto unfit = [](size_t block) {
    return "plan, step 0: blocks of " + std::to_string(block) + " do not fit";
  };
  EXPECT_EQ(refusal(blocks("depthToSpace", 2), {{8, 3, 3}}, {2, 6, 5}), unfit(2));
  EXPECT_EQ(refusal(blocks("depthToSpace", 2), {{7, 3, 3}}, {2, 6, 6}), unfit(2));
  EXPECT_EQ(refusal(blocks("spaceToDepth", 2), {{2, 5, 6}}, {8, 2, 3}), unfit(2));
  EXPECT_EQ(refusal(blocks("spaceToDepth", 0), {{2, 4, 6}}, {8, 2, 3}), unfit(0));
  EXPECT_EQ(refusal(blocks("spaceToDepth", size_t{1} << 33), {{2, 4, 6}}, {8, 2, 3}), unfit(size_t{1} << 33));
  EXPECT_EQ(refusal(blocks("turn", 2), {{8, 3, 3}}, {2, 6, 6}), "plan, step 0: expected maps");
  EXPECT_EQ(refusal(blocks("depthToSpace", 2), {array_of(8)}, {2, 2, 2}), "plan, step 0: expected maps");
}

WindowShape window(size_t height, size_t width, size_t stride_y, size_t stride_x, size_t top, size_t left) {
  WindowShape w{};
  w.kernel_height = height;
  w.kernel_width = width;
  w.stride_y = stride_y;
  w.stride_x = stride_x;
  w.dilation_y = w.dilation_x = 1;
  w.pad_top = top;
  w.pad_left = left;
  return w;
}

TEST(OverlapAdd, lays_every_tap_where_it_falls) {
  const float slopes[] = {0.5f, -2, 0.25f};
  for (const WindowShape& w : {window(3, 2, 2, 1, 1, 0), window(1, 1, 3, 2, 0, 0), window(4, 3, 1, 2, 2, 1),
                               window(2, 5, 3, 3, 0, 4)})
    for (const bool biased : {true, false}) {
      PlanMaker owner;
      PlanStep step = named(Op::kOverlapAdd);
      step.window = w;
      step.activation = {Activation::kRelu, 0, 0, 0};
      if (biased) step.bias = owner.keep({slopes[0], slopes[1], slopes[2]});
      const size_t taps = w.kernel_height * w.kernel_width;
      const ValueShape in{3 * taps, 3, 4}, out{3, 8, 7};
      check_step(
          step, {in}, out, "stride " + std::to_string(w.stride_y),
          [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
            double sum = biased ? slopes[c] : 0, size = std::fabs(sum);
            for (size_t row = 0; row < in.height; ++row)
              for (size_t column = 0; column < in.width; ++column) {
                const int64_t ky = int64_t(y + w.pad_top) - int64_t(row * w.stride_y);
                const int64_t kx = int64_t(x + w.pad_left) - int64_t(column * w.stride_x);
                if (ky < 0 || kx < 0 || ky >= int64_t(w.kernel_height) || kx >= int64_t(w.kernel_width))
                  continue;
                const size_t tap = size_t(ky) * w.kernel_width + size_t(kx);
                const double value = maps.get(0, b, row, column, c * taps + tap);
                sum += value;
                size += std::fabs(value);
              }
            return Number{std::max(sum, 0.0), size * double(taps + 1) * 6e-8};
          });
      if (HasFatalFailure()) return;
    }
}

TEST(OverlapAddRefuses, windows_planes_and_biases_that_do_not_fit) {
  const ValueShape in{12, 3, 4}, out{3, 6, 8};
  PlanMaker owner;
  PlanStep fits = named(Op::kOverlapAdd);
  fits.window = window(2, 2, 2, 2, 0, 0);
  const auto changed = [&](auto change) {
    PlanStep step = fits;
    change(&step);
    return refusal(step, {in}, out);
  };
  const std::string zero = "plan, step 0: a window has a size of 0";
  EXPECT_EQ(changed([](PlanStep* s) { s->window.stride_x = 0; }), zero);
  EXPECT_EQ(changed([](PlanStep* s) { s->window.kernel_height = 0; }), zero);
  EXPECT_EQ(changed([](PlanStep* s) { s->window.dilation_y = size_t{1} << 40; }),
            "plan, step 0: a window has a size of 1099511627776");
  EXPECT_EQ(changed([](PlanStep* s) { s->window.pad_left = size_t{1} << 40; }),
            "plan, step 0: padding is too large");
  EXPECT_EQ(changed([](PlanStep* s) { s->window.kernel_width = 3; }).rfind("plan, step 0: planes", 0), 0u);
  EXPECT_EQ(changed([&](PlanStep* s) { s->bias = owner.keep({1, 2}); }).rfind("plan, step 0: bias values", 0),
            0u);
  EXPECT_EQ(refusal(fits, {array_of(12)}, {3, 2, 2}), "plan, step 0: expected maps");
}

PlanStep prelu(PlanMaker* owner, const Floats& slopes) {
  PlanStep step = named(Op::kPrelu);
  step.weight = owner->keep(slopes);
  return step;
}

TEST(Prelu, has_a_slope_for_each_channel) {
  PlanMaker owner;
  const Floats slopes = {0, 1, -0.5f, 3, 0.1f};
  for (const size_t channels : {1, 3, 5})
    for (const ValueShape& shape : {ValueShape{channels, 1, 1}, {channels, 3, 5}, {channels, 1, 17}})
      check_step(prelu(&owner, {slopes.begin(), slopes.begin() + long(channels)}), {shape}, shape, "prelu",
                 [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
                   const auto value = float(maps.get(0, b, y, x, c));
                   return Number{value < 0 ? value * slopes[c] : value, 0};
                 });
}

TEST(PreluRefuses, other_shapes_and_numbers_of_slopes) {
  PlanMaker owner;
  const ValueShape shape{3, 2, 2};
  EXPECT_EQ(refusal(prelu(&owner, {1, 2}), {shape}, shape).rfind("plan, step 0: slopes", 0), 0u);
  EXPECT_EQ(refusal(prelu(&owner, {1, 2, 3}), {shape}, {3, 2, 3}),
            "plan, step 0: the output differs from the input");
  EXPECT_EQ(refusal(prelu(&owner, {1, 2, 3}), {array_of(3)}, array_of(3)),
            "plan, step 0: the output differs from the input");
}

TEST(MapConcat, lays_channels_one_behind_the_other) {
  const std::vector<std::vector<size_t>> parts = {{1}, {2, 3}, {1, 5, 2, 1}};
  for (const auto& channels : parts)
    for (const ValueShape& like : {ValueShape{1, 1, 1}, {1, 3, 5}, {1, 2, 16}}) {
      std::vector<ValueShape> shapes;
      size_t total = 0;
      for (const size_t own : channels) {
        shapes.push_back({own, like.height, like.width});
        total += own;
      }
      check_step(named(Op::kConcat), shapes, {total, like.height, like.width}, "concat",
                 [&](const Maps& maps, size_t b, size_t y, size_t x, size_t c) {
                   size_t input = 0;
                   while (c >= channels[input]) c -= channels[input++];
                   return Number{maps.get(input, b, y, x, c), 0};
                 });
      if (HasFatalFailure()) return;
    }
}

TEST(MapConcatRefuses, other_positions_totals_and_arrays) {
  const PlanStep step = named(Op::kConcat);
  EXPECT_EQ(refusal(step, {{2, 3, 3}, {1, 3, 4}}, {3, 3, 3}), "plan, step 0: positions differ");
  EXPECT_EQ(refusal(step, {{2, 3, 3}, {1, 3, 3}}, {4, 3, 3}).rfind("plan, step 0: parts together", 0), 0u);
  EXPECT_EQ(refusal(step, {{2, 1, 1}, array_of(1)}, {3, 1, 1}), "plan, step 0: maps and arrays together");
}

}  // namespace
}  // namespace tfjs_sparse
