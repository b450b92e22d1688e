#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace tfjs_sparse {

/// How the weights of a product lie in memory. Sums are float32 always.
///   float32   as given
///   bfloat16  the upper half of a float32, rounded to the nearest, ties to even; no finite weight becomes
///             infinite
///   int8      whole numbers in [-127, 127] and one scale per output, largest magnitude / 127; an output
///   whose
///             scale would be no normal number is all zeros. Finite weights only.
enum class Storage : uint8_t {
#define SPARSE_STORAGE(name, text, bytes) name,
#include "core/storage.inc"
#undef SPARSE_STORAGE
};

inline constexpr int kStorageCount = 0
#define SPARSE_STORAGE(name, text, bytes) +1
#include "core/storage.inc"
#undef SPARSE_STORAGE
    ;

const char* storage_name(Storage storage);
/// @returns false when the name is unknown.
bool storage_from_name(const std::string& name, Storage* storage);
/// Bytes of one weight.
size_t storage_bytes(Storage storage);

/// The nearest bfloat16, as a float.
float round_to_bfloat16(float value);
/// Scale of an int8 output whose largest magnitude is `largest`; 0 where it would be no normal number.
float int8_scale(float largest);
/// The whole number that stands for a finite weight; 0 where the scale is.
float round_to_int8(float value, float scale);

/// Writes floats that the storage holds exactly (rounded by the functions above) as its elements.
void store_weights(const float* values, size_t size, Storage storage, void* out);

}  // namespace tfjs_sparse
