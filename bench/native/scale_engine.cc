#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/aligned_buffer.h"
#include "engine.h"
#include "session/csr_product.h"
#include "session/weight_stats.h"

namespace tfjs_sparse {

namespace {

/// 64 random bits at each call (splitmix64).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  /// In (0, 1] or [-1, 0): never zero.
  float value() {
    const uint64_t bits = next();
    const float magnitude = float((bits >> 40) + 1) * 0x1p-24f;
    return bits & 1 ? -magnitude : magnitude;
  }

 private:
  uint64_t state_;
};

/// A weight [n][k] whose places are kept with the same probability each, made where it is used: as CSR it
/// takes 8 bytes for each weight that is there, and no dense copy is ever made.
struct RandomWeight {
  std::string spec;
  size_t n = 0, k = 0;
  std::vector<int32_t> offsets, columns;
  std::vector<float> values;

  RandomWeight(size_t outputs, size_t inputs, double sparsity, uint64_t seed)
      : n(outputs), k(inputs), offsets(outputs + 1) {
    Random random(seed);
    const uint64_t kept = uint64_t((1 - sparsity) * 0x1p32);
    const size_t expected = size_t(double(n) * double(k) * (1 - sparsity) * 1.01) + 1000;
    columns.reserve(expected);
    values.reserve(expected);
    for (size_t row = 0; row < n; ++row) {
      for (size_t i = 0; i < k; ++i) {
        if ((random.next() >> 32) >= kept) continue;
        columns.push_back(int32_t(i));
        values.push_back(random.value());
      }
      offsets[row + 1] = int32_t(columns.size());
    }
  }
  CsrView view() const { return {n, k, offsets.data(), columns.data(), values.data()}; }
};

std::string word(const Words& words, const char* name) {
  const auto found = words.find(name);
  return found == words.end() ? std::string() : found->second;
}

size_t size_word(const Words& words, const char* name) {
  return std::strtoull(word(words, name).c_str(), nullptr, 10);
}

/// The weight that was asked for last is kept: the next request is about it, or the last.
const RandomWeight& weight_of(const Words& words) {
  static std::unique_ptr<RandomWeight> last;
  const std::string spec =
      word(words, "n") + "x" + word(words, "k") + " " + word(words, "sparsity") + " " + word(words, "seed");
  if (last == nullptr || last->spec != spec) {
    last.reset();
    last =
        std::make_unique<RandomWeight>(size_word(words, "n"), size_word(words, "k"),
                                       std::atof(word(words, "sparsity").c_str()), size_word(words, "seed"));
    last->spec = spec;
  }
  return *last;
}

bool isa_of(const Words& words, Isa* isa) {
  return isa_from_name(word(words, "isa"), isa) && isas_built().has(*isa) && isas_supported().has(*isa);
}

class ScaleEngine final : public BenchEngine {
 public:
  ScaleEngine(const RandomWeight& weight, Isa isa, const KernelChoice& choice, size_t m, size_t threads)
      : product_(weight.view(), isa, choice), m_(m), threads_(threads), x_(m * weight.k), y_(m * weight.n) {
    Random random(2);
    for (size_t i = 0; i < x_.size(); ++i) x_.data()[i] = random.value();
  }
  void run() override { product_.multiply(x_.data(), m_, nullptr, {}, y_.data(), threads_); }
  std::vector<float> output() const override { return {y_.data(), y_.data() + y_.size()}; }
  std::vector<std::pair<std::string, std::string>> facts() const override {
    return {{"binding", "CsrProduct, row-major, in a native loop"},
            {"bytes", std::to_string(product_.bytes())}};
  }

  /// Every output of the first and the last row lies within (t + 2) · 2⁻²³ · Σ|w||x| of the sum of its t
  /// terms in float64.
  std::string check(const RandomWeight& weight) const {
    for (const size_t row : {size_t{0}, m_ - 1})
      for (size_t n = 0; n < weight.n; ++n) {
        double sum = 0, magnitude = 0;
        for (int32_t p = weight.offsets[n]; p < weight.offsets[n + 1]; ++p) {
          const double term =
              double(weight.values[p]) * x_.data()[row * weight.k + size_t(weight.columns[p])];
          sum += term;
          magnitude += std::fabs(term);
        }
        const double terms = double(weight.offsets[n + 1] - weight.offsets[n]);
        const double difference = std::fabs(double(y_.data()[row * weight.n + n]) - sum);
        if (!(difference <= (terms + 2) * std::ldexp(1.0, -23) * magnitude))
          return "y[" + std::to_string(row) + "][" + std::to_string(n) + "] is off by " +
                 std::to_string(difference);
      }
    return "";
  }

 private:
  CsrProduct product_;
  const size_t m_, threads_;
  AlignedBuffer<float> x_, y_;
};

}  // namespace

std::string random_weight_stats(const Words& words) {
  Isa isa;
  if (!isa_of(words, &isa)) return "error\tthis machine does not run " + word(words, "isa");
  const WeightStats stats = weight_stats(weight_of(words).view(), isa);
  const std::pair<const char*, size_t> counts[] = {
      {"nonZeros", stats.non_zeros},       {"entries2", stats.entries2},
      {"entries4", stats.entries4},        {"entries8", stats.entries8},
      {"windowSlots", stats.window_slots}, {"narrowSlots", stats.narrow_slots}};
  std::string reply = "stats";
  for (const auto& [name, count] : counts) reply += std::string("\t") + name + "=" + std::to_string(count);
  return reply;
}

MadeEngine make_scale_engine(const Words& words) {
  MadeEngine made;
  Isa isa;
  if (!isa_of(words, &isa)) {
    made.unavailable = "this machine does not run " + word(words, "isa");
    return made;
  }
  KernelChoice choice;
  choice.vector = static_cast<KernelChoice::Vector>(size_word(words, "vector"));
  choice.nr = unsigned(size_word(words, "nr"));
  choice.slice_columns = size_word(words, "sliceColumns");
  if (!storage_from_name(word(words, "storage"), &choice.storage) || size_word(words, "m") == 0) {
    made.error = "the case has no storage or no m";
    return made;
  }
  const RandomWeight& weight = weight_of(words);
  auto engine =
      std::make_unique<ScaleEngine>(weight, isa, choice, size_word(words, "m"), size_word(words, "threads"));
  engine->run();
  // What a narrow storage keeps is not what the check sums.
  if (choice.storage == Storage::kFloat32) made.error = engine->check(weight);
  if (made.error.empty()) made.engine = std::move(engine);
  return made;
}

}  // namespace tfjs_sparse
