// Products of a session whose weights are packed as slices, alone and beside the other ways.
#include "numbers.h"
#include "one_output.h"
#include "reference.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

constexpr size_t kOutputs = 300, kInputs = 1100;  // two chunks and three blocks

KernelChoice slices_for(size_t columns, Storage storage = Storage::kFloat32) {
  KernelChoice choice;
  choice.slice_columns = columns;
  choice.storage = storage;
  return choice;
}

TEST(Slices, agree_with_every_storage_and_number_of_columns) {
  for (const Storage storage : {Storage::kFloat32, Storage::kBfloat16, Storage::kInt8}) {
    PlanMaker maker;
    const size_t x = maker.input({kInputs, 1, 1});
    maker.plan.outputs = {maker.matmul(x, kOutputs, kInputs, 0.1, slices_for(8, storage))};
    Plan stored = maker.plan;
    const WeightView weight = maker.plan.steps[0].weight;
    const std::vector<double> rounded =
        kept({weight.data, weight.data + weight.size}, kOutputs, kInputs, storage);
    stored.steps[0].weight = maker.keep({rounded.begin(), rounded.end()});
    const std::vector<SessionOn> sessions = sessions_of(maker.plan, 1);
    for (size_t batch = 1; batch <= 18; ++batch) {
      const std::vector<float> in = normal(batch * kInputs, batch);
      const std::vector<Number> want = run_reference(stored, {in}, batch)[0];
      for (const auto& [isa, session] : sessions) {
        ASSERT_NE(session, nullptr);
        const std::vector<float> got = run_one(session.get(), batch, in);
        ASSERT_EQ(got.size(), want.size());
        ASSERT_TRUE(close(got.data(), want.data(), got.size()))
            << storage_name(storage) << " on " << isa_name(isa) << ", batch " << batch;
      }
    }
  }
}

TEST(Slices, are_taken_between_vectors_and_the_matrix_kernel) {
  KernelChoice choice = slices_for(6);
  choice.vector = KernelChoice::kWindow;
  choice.vector_columns = 2;
  choice.nr = 2;
  PlanMaker maker;
  const size_t x = maker.input({40, 1, 1});
  maker.plan.outputs = {maker.matmul(x, 30, 40, 0.3, choice)};
  for (const Isa isa : isas_to_test()) {
    std::shared_ptr<Session> session;
    ASSERT_TRUE(Session::create(maker.plan, isa, 1, &session).ok());
    for (size_t batch = 1; batch <= 20; ++batch) {
      const std::string kernel = session->report(batch)[0].kernel;
      const std::string expected = batch <= 2 ? "spmv_window" : batch <= 6 ? "spmm_slices" : "spmm_bsr";
      EXPECT_EQ(kernel.substr(0, expected.size()), expected) << isa_name(isa) << ", batch " << batch;
    }
    // The weights of all three.
    EXPECT_GT(session->weight_bytes(), 3 * 4 * size_t(30 * 40 * 0.3 * 0.8));
  }
  maker.plan.steps[0].choice = slices_for(1);
  for (const Isa isa : isas_to_test()) {
    std::shared_ptr<Session> session;
    ASSERT_TRUE(Session::create(maker.plan, isa, 1, &session).ok());
    for (const size_t batch : {1, 8, 40})
      EXPECT_EQ(session->report(batch)[0].kernel.substr(0, 11), "spmm_slices") << "nothing else is there";
  }
}

TEST(Slices, give_the_same_bits_on_any_number_of_threads) {
  for (const Storage storage : {Storage::kFloat32, Storage::kBfloat16, Storage::kInt8}) {
    PlanMaker maker;
    const size_t x = maker.input({kInputs, 1, 1});
    maker.plan.outputs = {
        maker.matmul(x, 3 * kOutputs, kInputs, 0.2, slices_for(8, storage), {Activation::kTanh, 0, 0, 0})};
    for (const Isa isa : isas_to_test()) {
      const auto alone = create_session(maker.plan, isa, 1);
      for (const size_t threads : {2, 3}) {
        const auto together = create_session(maker.plan, isa, threads);
        ASSERT_TRUE(alone != nullptr && together != nullptr);
        for (const size_t batch : {3, 8, 40}) {
          const std::vector<float> in = normal(batch * kInputs, batch);
          EXPECT_TRUE(same_bits(run_one(alone.get(), batch, in), run_one(together.get(), batch, in)))
              << storage_name(storage) << " on " << isa_name(isa) << ", batch " << batch << ", " << threads
              << " threads";
        }
      }
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
