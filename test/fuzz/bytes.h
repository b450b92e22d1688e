#pragma once
// A fuzzer's bytes as numbers, and what a target does when a promise is broken.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/cpu.h"

namespace tfjs_sparse::fuzz {

/// Takes bytes from the front; 0 when none are left.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  bool empty() const { return at_ == end_; }
  uint8_t byte() { return empty() ? 0 : *at_++; }
  bool flag() { return byte() % 2 != 0; }
  /// A number below `limit`.
  size_t below(size_t limit) { return byte() % limit; }
  int32_t word() {
    uint32_t out = 0;
    for (int i = 0; i < 4; ++i) out = out << 8 | byte();
    return static_cast<int32_t>(out);
  }
  /// Mostly a small number, now and then one that overflows what is multiplied with it.
  size_t size() {
    const uint8_t first = byte();
    if (first < 250) return first % 12;
    return static_cast<size_t>(static_cast<uint32_t>(word())) << (first - 250) * 6;
  }
  int64_t distance() {
    const uint8_t first = byte();
    return first < 250 ? int64_t{first} % 17 - 4 : int64_t{word()} * (int64_t{1} << (first - 250) * 6);
  }
  /// Zero as often as not, else a number of a few bits, so that sums are exact.
  float weight() {
    const uint8_t b = byte();
    return b % 2 == 0 ? 0.0f : static_cast<float>(static_cast<int8_t>(b)) / 8;
  }
  std::vector<float> weights(size_t n) {
    std::vector<float> out(n);
    for (float& w : out) w = weight();
    return out;
  }

 private:
  const uint8_t *at_, *end_;
};

/// The instruction sets that this computer runs.
inline std::vector<Isa> isas() {
  std::vector<Isa> out;
  for (int i = 0; i < kIsaCount; ++i) {
    const Isa isa = static_cast<Isa>(i);
    if (isas_built().has(isa) && isas_supported().has(isa)) out.push_back(isa);
  }
  return out;
}

/// A promise: libFuzzer keeps the input that breaks it.
inline void check(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace tfjs_sparse::fuzz
