#include "core/cpu.h"

#include <gtest/gtest.h>

namespace tfjs_sparse {
namespace {

IsaSet set_of(std::initializer_list<Isa> isas) {
  IsaSet set;
  for (const Isa isa : isas) set.add(isa);
  return set;
}

const IsaSet kAll = set_of({Isa::kAvx512, Isa::kAvx2Fma, Isa::kNeon, Isa::kScalar});

struct Choice {
  StatusCode code;
  Isa isa;
};

Choice choose(IsaSet built, IsaSet supported, const std::string& forced) {
  Isa isa = Isa::kScalar;
  const Status status = choose_isa(built, supported, forced, &isa);
  return {status.code, isa};
}

// Built and supported are two facts; these CPUs need not be ours.
TEST(ChooseIsa, takes_the_best_that_is_built_and_supported) {
  EXPECT_EQ(choose(kAll, kAll, "").isa, Isa::kAvx512);
  EXPECT_EQ(choose(kAll, set_of({Isa::kAvx2Fma, Isa::kScalar}), "").isa, Isa::kAvx2Fma);
  EXPECT_EQ(choose(set_of({Isa::kAvx2Fma, Isa::kScalar}), kAll, "").isa, Isa::kAvx2Fma);
  EXPECT_EQ(choose(set_of({Isa::kScalar}), kAll, "").isa, Isa::kScalar);
  EXPECT_EQ(choose(kAll, set_of({Isa::kScalar}), "").isa, Isa::kScalar);
}

TEST(ChooseIsa, forced_is_taken_although_a_better_one_exists) {
  for (int i = 0; i < kIsaCount; ++i) {
    const Isa isa = static_cast<Isa>(i);
    const Choice choice = choose(kAll, kAll, isa_name(isa));
    EXPECT_EQ(choice.code, StatusCode::kOk);
    EXPECT_EQ(choice.isa, isa);
  }
}

TEST(ChooseIsa, forced_unknown_is_an_error) {
  for (const char* name : {"avx", "AVX512", " scalar", "neon2"})
    EXPECT_EQ(choose(kAll, kAll, name).code, StatusCode::kIsa) << name;
}

TEST(ChooseIsa, forced_not_built_is_an_error) {
  EXPECT_EQ(choose(set_of({Isa::kScalar}), kAll, "avx512").code, StatusCode::kIsa);
}

TEST(ChooseIsa, forced_not_supported_is_an_error) {
  EXPECT_EQ(choose(kAll, set_of({Isa::kScalar}), "avx2_fma").code, StatusCode::kIsa);
}

TEST(ChooseIsa, scalar_is_always_built_and_supported) {
  EXPECT_TRUE(isas_built().has(Isa::kScalar));
  EXPECT_TRUE(isas_supported().has(Isa::kScalar));
}

TEST(IsaName, reads_back_what_it_writes) {
  for (int i = 0; i < kIsaCount; ++i) {
    Isa isa;
    ASSERT_TRUE(isa_from_name(isa_name(static_cast<Isa>(i)), &isa));
    EXPECT_EQ(isa, static_cast<Isa>(i));
  }
}

}  // namespace
}  // namespace tfjs_sparse
