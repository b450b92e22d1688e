#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/status.h"

namespace tfjs_sparse {

/// Instruction sets that kernels are written for. "Built" and "supported by this CPU" are two facts.
enum class Isa : uint8_t {
#define SPARSE_ISA(name, text, built) name,
#include "core/isa.inc"
#undef SPARSE_ISA
};

inline constexpr int kIsaCount = 0
#define SPARSE_ISA(name, text, built) +1
#include "core/isa.inc"
#undef SPARSE_ISA
    ;

/// Set of instruction sets, one bit each.
struct IsaSet {
  uint32_t bits = 0;
  bool has(Isa isa) const { return (bits >> static_cast<int>(isa)) & 1u; }
  void add(Isa isa) { bits |= 1u << static_cast<int>(isa); }
};

const char* isa_name(Isa isa);
/// @returns false when the name is unknown.
bool isa_from_name(const std::string& name, Isa* isa);

/// Compiled into this binary.
IsaSet isas_built();
/// Offered by this CPU and enabled by its operating system (x86: cpuid and xgetbv; AArch64 always has NEON).
IsaSet isas_supported();

/// The best of built ∩ supported, or the one that `forced` (the value of TFJS_SPARSE_ISA, "" for none) names.
/// Unknown, not built or not supported: ERR_SPARSE_ISA, never a silent fall-back.
Status choose_isa(IsaSet built, IsaSet supported, const std::string& forced, Isa* chosen);

/// Brand string of the CPU, or "unknown".
std::string cpu_brand();
/// Data cache sizes of this CPU in bytes, level 1 to 3; 0 where unknown.
struct CacheSizes {
  size_t l1 = 0, l2 = 0, l3 = 0;
};
CacheSizes cache_sizes();

}  // namespace tfjs_sparse
