// Products of a session whose weights are packed as slices, alone and beside the other ways.
#include "numbers.h"
#include "reference.h"
#include "session/session.h"
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

std::vector<float> run_one(const Plan& plan, Isa isa, size_t threads, size_t batch,
                           const std::vector<float>& x) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, isa, threads, &session);
  EXPECT_TRUE(status.ok()) << status.message;
  Guarded out(batch * session->output_features(0));
  const Exact in(x, 1);
  const float* inputs[] = {in.data()};
  float* outputs[] = {out.data()};
  EXPECT_TRUE(session->run(inputs, outputs, batch).ok());
  EXPECT_TRUE(out.intact());
  return {out.data(), out.data() + out.size()};
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
    for (const Isa isa : isas_to_test())
      for (size_t batch = 1; batch <= 18; ++batch) {
        const std::vector<float> in = normal(batch * kInputs, batch);
        const std::vector<float> got = run_one(maker.plan, isa, 1, batch, in);
        const std::vector<Number> want = run_reference(stored, {in}, batch)[0];
        ASSERT_EQ(got.size(), want.size());
        for (size_t i = 0; i < got.size(); ++i)
          ASSERT_TRUE(close(got[i], want[i]))
              << storage_name(storage) << " on " << isa_name(isa) << ", batch " << batch << ", " << i;
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
    for (const Isa isa : isas_to_test())
      for (const size_t batch : {3, 8, 40}) {
        const std::vector<float> in = normal(batch * kInputs, batch);
        const std::vector<float> one = run_one(maker.plan, isa, 1, batch, in);
        for (const size_t threads : {2, 3})
          EXPECT_TRUE(same_bits(one, run_one(maker.plan, isa, threads, batch, in)))
              << storage_name(storage) << " on " << isa_name(isa) << ", batch " << batch << ", " << threads
              << " threads";
      }
  }
}

}  // namespace
}  // namespace tfjs_sparse
