#pragma once
// What every native test needs: which instruction sets run here, and a seed.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "core/cpu.h"

namespace tfjs_sparse::test {

/// Built, and this CPU runs it (AVX-512 on SIMDe runs everywhere); SPARSE_TEST_ISA asks for one only, as
/// instruction by instruction every case takes long. The answer yes is noted in the report of
/// the test that asked: an instruction set that no test noted counts as a failure of the whole run.
inline bool runs_here(Isa isa) {
  const char* only = std::getenv("SPARSE_TEST_ISA");
  if (only != nullptr && std::string(only) != isa_name(isa)) return false;
  static const IsaSet supported = isas_supported();  // a virtual machine is slow to tell
  bool runs = isas_built().has(isa) && supported.has(isa);
#if defined(TFJS_SPARSE_EMULATE_AVX512)
  runs = runs || isa == Isa::kAvx512;
#endif
  if (runs) testing::Test::RecordProperty(std::string("isa_") + isa_name(isa), "tested");
  return runs;
}

/// Every instruction set that runs here.
inline std::vector<Isa> isas_to_test() {
  std::vector<Isa> out;
  for (int i = 0; i < kIsaCount; ++i)
    if (runs_here(static_cast<Isa>(i))) out.push_back(static_cast<Isa>(i));
  return out;
}

/// Seed of random data: SPARSE_TEST_SEED, or the same every time.
inline uint64_t seed() {
  static const uint64_t value = [] {
    const char* text = std::getenv("SPARSE_TEST_SEED");
    const uint64_t chosen = text == nullptr ? 20261122 : std::stoull(text);
    std::cout << "[   SEED   ] SPARSE_TEST_SEED=" << chosen << "\n";
    return chosen;
  }();
  return value;
}

}  // namespace tfjs_sparse::test
