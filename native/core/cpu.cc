#include "core/cpu.h"

#include <cstring>
#if defined(__linux__)
#include <fstream>
#endif

#if defined(__x86_64__) || defined(_M_X64)
#define TFJS_SPARSE_X86 1
#include <cpuid.h>
#endif

namespace tfjs_sparse {

const char* isa_name(Isa isa) {
  switch (isa) {
#define SPARSE_ISA(name, text, built) \
  case Isa::name:                     \
    return text;
#include "core/isa.inc"
#undef SPARSE_ISA
  }
  return "unknown";
}

bool isa_from_name(const std::string& name, Isa* isa) {
#define SPARSE_ISA(enumerator, text, built) \
  if (name == text) {                       \
    *isa = Isa::enumerator;                 \
    return true;                            \
  }
#include "core/isa.inc"
#undef SPARSE_ISA
  return false;
}

IsaSet isas_built() {
  IsaSet set;
#if defined(TFJS_SPARSE_BUILT_AVX512)
  set.add(Isa::kAvx512);
#endif
#if defined(TFJS_SPARSE_BUILT_AVX2_FMA)
  set.add(Isa::kAvx2Fma);
#endif
#if defined(TFJS_SPARSE_BUILT_NEON)
  set.add(Isa::kNeon);
#endif
  set.add(Isa::kScalar);
  return set;
}

#if defined(TFJS_SPARSE_X86)
namespace {
// __builtin_cpu_supports answers false under some clang distributions; cpuid and xgetbv are right under all.
uint64_t enabled_state() {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}
}  // namespace
#endif

IsaSet isas_supported() {
  IsaSet set;
  set.add(Isa::kScalar);
#if defined(TFJS_SPARSE_X86)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return set;
  const bool fma = (c >> 12) & 1, f16c = (c >> 29) & 1, osxsave = (c >> 27) & 1;
  const uint64_t state = osxsave ? enabled_state() : 0;
  unsigned b7 = 0;
  if (!__get_cpuid_count(7, 0, &a, &b7, &c, &d)) return set;
  // AVX2 and BMI2
  const bool avx2 = ((b7 >> 5) & 1) && ((b7 >> 8) & 1) && fma && f16c && (state & 0x6) == 0x6;
  if (avx2) set.add(Isa::kAvx2Fma);
  const bool avx512f = (b7 >> 16) & 1, avx512dq = (b7 >> 17) & 1, avx512bw = (b7 >> 30) & 1,
             avx512vl = (b7 >> 31) & 1;
  if (avx2 && avx512f && avx512dq && avx512bw && avx512vl && (state & 0xe6) == 0xe6) set.add(Isa::kAvx512);
#elif defined(__aarch64__) || defined(_M_ARM64)
  set.add(Isa::kNeon);  // the base of the architecture has it
#endif
  return set;
}

namespace {
std::string names(IsaSet set) {
  std::string out;
  for (int i = 0; i < kIsaCount; ++i) {
    if (!set.has(static_cast<Isa>(i))) continue;
    if (!out.empty()) out += ", ";
    out += isa_name(static_cast<Isa>(i));
  }
  return out;
}
}  // namespace

Status choose_isa(IsaSet built, IsaSet supported, const std::string& forced, Isa* chosen) {
  if (forced.empty()) {
    for (int i = 0; i < kIsaCount; ++i) {
      const Isa isa = static_cast<Isa>(i);
      if (built.has(isa) && supported.has(isa)) {
        *chosen = isa;
        return Status::Ok();
      }
    }
    return Status::Error(StatusCode::kIsa, "no instruction set is both built and supported");
  }
  Isa isa;
  if (!isa_from_name(forced, &isa))
    return Status::Error(StatusCode::kIsa, "TFJS_SPARSE_ISA: unknown instruction set \"" + forced +
                                               "\", expected one of " + names(built));
  if (!built.has(isa))
    return Status::Error(StatusCode::kIsa, "TFJS_SPARSE_ISA: \"" + forced +
                                               "\" is not in this binary, expected one of " + names(built));
  if (!supported.has(isa))
    return Status::Error(StatusCode::kIsa, "TFJS_SPARSE_ISA: this CPU does not support \"" + forced +
                                               "\", it supports " + names(supported));
  *chosen = isa;
  return Status::Ok();
}

std::string cpu_brand() {
#if defined(TFJS_SPARSE_X86)
  unsigned regs[12];
  unsigned highest = __get_cpuid_max(0x80000000u, nullptr);
  if (highest >= 0x80000004u) {
    for (unsigned i = 0; i < 3; ++i)
      __get_cpuid(0x80000002u + i, &regs[4 * i], &regs[4 * i + 1], &regs[4 * i + 2], &regs[4 * i + 3]);
    char text[49];
    std::memcpy(text, regs, 48);
    text[48] = '\0';
    std::string brand(text);
    while (!brand.empty() && brand.back() == ' ') brand.pop_back();
    while (!brand.empty() && brand.front() == ' ') brand.erase(brand.begin());
    return brand;
  }
#endif
  return "unknown";
}

CacheSizes cache_sizes() {
  CacheSizes sizes;
#if defined(__linux__)
  // The kernel's table and not sysconf: glibc 2.36 gave 320 MB for the 32 MB of a Zen 4 core in a virtual
  // machine.
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    std::string type;
    int level = 0;
    size_t kilobytes = 0;
    std::ifstream(folder + "type") >> type;
    std::ifstream(folder + "level") >> level;
    std::ifstream(folder + "size") >> kilobytes;
    if (type != "Data" && type != "Unified") continue;
    size_t* const found[] = {&sizes.l1, &sizes.l2, &sizes.l3};
    if (level >= 1 && level <= 3) *found[level - 1] = kilobytes * 1024;
  }
#endif
  return sizes;
}

}  // namespace tfjs_sparse
