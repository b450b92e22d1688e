// One weight in every layout and storage that a kernel choice can name, as a session packs and runs it.
#include <cmath>
#include <limits>

#include "bytes.h"
#include "session/csr_product.h"
#include "session/owned_csr.h"

using namespace tfjs_sparse;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Bytes bytes(data, size);
  // Past the borders of a slice, of a group and of a block of inputs.
  const size_t n = bytes.below(70), k = bytes.flag() ? bytes.below(40) : 240 + bytes.below(40),
               m = 1 + bytes.below(40);
  KernelChoice choice;
  choice.vector = static_cast<KernelChoice::Vector>(bytes.below(3));
  constexpr unsigned kGroups[] = {1, 2, 4, 8};  // the binding lets no product have none
  choice.nr = kGroups[bytes.below(4)];
  choice.storage = static_cast<Storage>(bytes.below(3));
  choice.slice_columns = bytes.below(2);
  const std::vector<float> bias = bytes.weights(n), weight = bytes.weights(n * k), x = bytes.weights(m * k);
  const OwnedCsr csr(weight.data(), n, k);
  for (const Isa isa : fuzz::isas()) {
    CsrProduct product(csr.view(), isa, choice);
    std::vector<float> y(m * n, -9);
    product.multiply(x.data(), m, bias.data(), {}, y.data(), 1);
    for (size_t i = 0; i < m; ++i)
      for (size_t o = 0; o < n; ++o) {
        double sum = bias[o], magnitude = std::fabs(sum);
        float largest = 0;
        for (size_t j = 0; j < k; ++j) {
          const double term = double(weight[o * k + j]) * x[i * k + j];
          sum += term;
          magnitude += std::fabs(term);
          largest = std::fmax(largest, std::fabs(weight[o * k + j]));
        }
        // Eight bits hold these weights but for int8's scale, half of which each may be off; x is at most 16.
        const double rounding = choice.storage == Storage::kInt8 ? 0.5 / 127 * largest * 16 * double(k) : 0;
        const double bound =
            rounding + double(k + 2) * std::numeric_limits<float>::epsilon() * (magnitude + rounding);
        fuzz::check(std::fabs(double(y[i * n + o]) - sum) <= bound,
                    "a packed product is close to the dense one");
      }
  }
  return 0;
}
