// What a step says of how its work is divided; that no result depends on it is tested with the steps.
#include "reference.h"
#include "session/session.h"

namespace tfjs_sparse {
namespace {

using namespace test;

struct Case {
  const char* name;
  size_t n, k, batch, threads;
  KernelChoice choice;
  bool outputs, columns;  ///< are divided
  const char* reason;
};

constexpr KernelChoice kWindows{KernelChoice::kWindow, 0, false};
constexpr KernelChoice kPanels{KernelChoice::kNone, 1, false};
constexpr KernelChoice kSlices{KernelChoice::kNone, 0, false, Storage::kFloat32, 1, 8};

const Case kCases[] = {
    {"one thread", 2048, 600, 64, 1, kPanels, false, false, "a run has one thread"},
    {"too small", 2048, 20, 2, 4, kPanels, false, false, "multiply-adds, fewer than 300000"},
    {"too small for vectors", 2048, 20, 1, 4, kWindows, false, false, "multiply-adds, fewer than 300000"},
    {"many columns", 300, 600, 2000, 2, kPanels, false, true, ", chunks of 152 outputs: 2"},
    {"few columns", 2048, 600, 8, 2, kPanels, true, false, "tiles of 8 columns: 1, chunks of 256 outputs: 8"},
    {"few columns in slices", 2048, 600, 8, 2, kSlices, true, false, ", chunks of 256 outputs: 8"},
    {"a single part", 250, 4000, 8, 2, kSlices, false, false, ", chunks of 256 outputs: 1"},
    {"one vector", 2048, 600, 1, 2, kWindows, true, false, ", each for all columns: 1"},
    {"a few vectors", 2048, 600, 5, 2, kWindows, true, false, ", each for all columns: 5"},
};

TEST(Division, is_what_the_size_of_the_work_and_the_threads_allow) {
  for (const Case& c : kCases) {
    PlanMaker maker;
    maker.plan.outputs = {maker.matmul(maker.input({c.k, 1, 1}), c.n, c.k, 0.5, c.choice)};
    std::shared_ptr<Session> session;
    // Its tiles have 8 columns and its slices of outputs are as many as AVX2's.
    ASSERT_TRUE(Session::create(maker.plan, Isa::kScalar, c.threads, &session).ok());
    const Division division = session->report(c.batch)[0].division;
    EXPECT_EQ(division.outputs > 1, c.outputs) << c.name << ": " << division.outputs;
    EXPECT_EQ(division.columns > 1, c.columns) << c.name << ": " << division.columns;
    EXPECT_NE(division.reason.find(c.reason), std::string::npos) << c.name << ": " << division.reason;
  }
}

TEST(Division, is_said_of_products_and_of_nothing_else) {
  PlanMaker maker;
  WindowShape w{};
  w.kernel_height = w.kernel_width = w.stride_y = w.stride_x = w.dilation_y = w.dilation_x = 1;
  const size_t conv = maker.conv(maker.input({64, 30, 30}), 300, w, {0, 30, 30}, 0.5, kPanels);
  maker.plan.outputs = {maker.simple(PlanStep::Op::kSoftmax, conv)};
  for (const Isa isa : isas_to_test()) {
    std::shared_ptr<Session> session;
    ASSERT_TRUE(Session::create(maker.plan, isa, 2, &session).ok());
    const std::vector<Session::StepReport> steps = session->report(1);
    EXPECT_GT(steps[0].division.columns, 1u);
    EXPECT_EQ(steps[1].division.reason, "");
  }
}

}  // namespace
}  // namespace tfjs_sparse
