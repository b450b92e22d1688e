#include "core/storage.h"

#include <cfloat>
#include <cmath>
#include <cstdint>

#include "numbers.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

float from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

TEST(Storage, has_names_and_sizes) {
  EXPECT_STREQ(storage_name(Storage::kFloat32), "float32");
  EXPECT_STREQ(storage_name(Storage::kBfloat16), "bfloat16");
  EXPECT_STREQ(storage_name(Storage::kInt8), "int8");
  EXPECT_EQ(storage_bytes(Storage::kFloat32), 4u);
  EXPECT_EQ(storage_bytes(Storage::kBfloat16), 2u);
  EXPECT_EQ(storage_bytes(Storage::kInt8), 1u);
  EXPECT_EQ(kStorageCount, 3);
}

TEST(Storage, is_found_by_its_name_and_no_other) {
  Storage storage;
  for (const Storage each : kStorages) {
    ASSERT_TRUE(storage_from_name(storage_name(each), &storage));
    EXPECT_EQ(storage, each);
  }
  EXPECT_FALSE(storage_from_name("int4", &storage));
  EXPECT_FALSE(storage_from_name("", &storage));
}

TEST(RoundToBfloat16, literal) {
  EXPECT_EQ(round_to_bfloat16(1.0f), 1.0f);
  EXPECT_EQ(round_to_bfloat16(-0.15625f), -0.15625f);
  EXPECT_EQ(round_to_bfloat16(1.00390625f), 1.0f);       // half way between 1 and 1.0078125: to the even one
  EXPECT_EQ(round_to_bfloat16(1.01171875f), 1.015625f);  // half way, and the upper one is even
  EXPECT_EQ(round_to_bfloat16(from_bits(0x3f808001)), from_bits(0x3f810000));  // just above half way
  EXPECT_EQ(bits_of(round_to_bfloat16(-0.0f)), 0x80000000u);
}

TEST(RoundToBfloat16, keeps_what_is_not_finite_and_makes_nothing_infinite) {
  EXPECT_EQ(round_to_bfloat16(kInfinity), kInfinity);
  EXPECT_EQ(round_to_bfloat16(-kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(round_to_bfloat16(kNan)));
  EXPECT_TRUE(std::isnan(round_to_bfloat16(from_bits(0x7f800001))));  // its payload lies in the lower half
  EXPECT_EQ(round_to_bfloat16(FLT_MAX), from_bits(0x7f7f0000));
  EXPECT_EQ(round_to_bfloat16(-FLT_MAX), from_bits(0xff7f0000));
}

TEST(RoundToBfloat16, errs_by_half_a_step_at_most) {
  for (const float value : normal(5000, 1)) {
    const float rounded = round_to_bfloat16(value);
    EXPECT_EQ(bits_of(rounded) & 0xffffu, 0u);
    EXPECT_LE(std::fabs(rounded - value), std::ldexp(1.0f, std::ilogb(value) - 8)) << value;
  }
}

TEST(Int8, literal) {
  const float scale = int8_scale(2.54f);
  EXPECT_FLOAT_EQ(scale, 0.02f);
  EXPECT_EQ(round_to_int8(2.54f, scale), 127);
  EXPECT_EQ(round_to_int8(-2.54f, scale), -127);
  EXPECT_EQ(round_to_int8(0.011f, scale), 1);
  EXPECT_EQ(round_to_int8(0.009f, scale), 0);
  EXPECT_EQ(round_to_int8(0, scale), 0);
  EXPECT_EQ(round_to_int8(0.5f, 1), 0);  // ties go to the even one
  EXPECT_EQ(round_to_int8(1.5f, 1), 2);
}

TEST(Int8, an_output_without_a_normal_scale_is_zero) {
  for (const float largest : {0.0f, 1e-44f, 100 * FLT_MIN}) {
    EXPECT_EQ(int8_scale(largest), 0) << largest;
    EXPECT_EQ(round_to_int8(largest, 0), 0);
  }
  EXPECT_GT(int8_scale(128 * FLT_MIN), 0);
  EXPECT_EQ(round_to_int8(FLT_MAX, int8_scale(FLT_MAX)), 127);
}

TEST(Int8, errs_by_half_a_scale_at_most) {
  for (const float largest : {1e-35f, 0.37f, 3.0f, 1e30f}) {
    const float scale = int8_scale(largest);
    for (const float value : normal(2000, 2)) {
      const float weight = std::fmin(std::fmax(value / 3, -1.0f), 1.0f) * largest;
      const double error = double(round_to_int8(weight, scale)) * scale - weight;
      EXPECT_LE(std::fabs(error), scale * (0.5 + 127 * double(FLT_EPSILON))) << weight << " of " << largest;
    }
  }
}

TEST(StoreWeights, writes_the_elements_of_each_storage) {
  const float values[] = {1, -127, 0, 2.5f};
  float floats[4];
  uint16_t halves[4];
  int8_t bytes[3];
  store_weights(values, 4, Storage::kFloat32, floats);
  store_weights(values, 4, Storage::kBfloat16, halves);
  store_weights(values, 3, Storage::kInt8, bytes);
  EXPECT_EQ(floats[3], 2.5f);
  EXPECT_EQ(halves[0], 0x3f80);
  EXPECT_EQ(halves[3], 0x4020);
  EXPECT_EQ(bytes[1], -127);
  store_weights(nullptr, 0, Storage::kFloat32, nullptr);
}

}  // namespace
}  // namespace tfjs_sparse
