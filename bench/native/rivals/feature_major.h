#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine.h"

namespace tfjs_sparse {

/// What rivals in C share: activations and results feature-major, as they like them best, turned outside of
/// what is timed.
class FeatureMajorRival : public BenchEngine {
 public:
  /// @param spare  floats past the ends that the rival may read
  FeatureMajorRival(ProductCase product, std::string binding, size_t spare)
      : product_(std::move(product)),
        in_(product_.k * product_.m + spare),
        out_(product_.n * product_.m + spare),
        binding_(std::move(binding)) {
    for (size_t m = 0; m < product_.m; ++m)
      for (size_t k = 0; k < product_.k; ++k) in_[k * product_.m + m] = product_.x[m * product_.k + k];
  }
  std::vector<float> output() const final {
    std::vector<float> y(product_.m * product_.n);
    for (size_t m = 0; m < product_.m; ++m)
      for (size_t n = 0; n < product_.n; ++n) y[m * product_.n + n] = out_[n * product_.m + m];
    return y;
  }
  std::vector<std::pair<std::string, std::string>> facts() const final {
    return {{"binding", binding_}, {"layout", "feature-major, its own"}};
  }

 protected:
  const ProductCase product_;
  std::vector<float> in_, out_;

 private:
  const std::string binding_;
};

}  // namespace tfjs_sparse
