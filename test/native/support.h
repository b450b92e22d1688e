#pragma once
// What every native test needs: which instruction sets run here, and a seed.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "core/cpu.h"

namespace tfjs_sparse::test {

/// Built, and this CPU runs it (AVX-512 on SIMDe runs everywhere).
inline bool runs_here(Isa isa) {
#if defined(TFJS_SPARSE_EMULATE_AVX512)
  if (isa == Isa::kAvx512) return true;
#endif
  return isas_built().has(isa) && isas_supported().has(isa);
}

/// Every instruction set that runs here; those that do not are printed once.
inline const std::vector<Isa>& isas_to_test() {
  static const std::vector<Isa> isas = [] {
    std::vector<Isa> out;
    for (int i = 0; i < kIsaCount; ++i) {
      const Isa isa = static_cast<Isa>(i);
      if (runs_here(isa))
        out.push_back(isa);
      else
        std::cout << "[  SKIPPED ] instruction set " << isa_name(isa) << " does not run here\n";
    }
    return out;
  }();
  return isas;
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
