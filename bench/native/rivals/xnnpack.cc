// XNNPACK's sparse path: a 1×1 convolution of feature-major activations, which it packs by the zeros of its
// weight.
#include <xnnpack.h>

#include <cmath>

#include "engine.h"

namespace tfjs_sparse {

namespace {

class XnnpackEngine final : public BenchEngine {
 public:
  explicit XnnpackEngine(ProductCase product)
      : product_(std::move(product)),
        in_(product_.k * product_.m + XNN_EXTRA_BYTES),
        out_(product_.n * product_.m + XNN_EXTRA_BYTES) {
    for (size_t m = 0; m < product_.m; ++m)
      for (size_t k = 0; k < product_.k; ++k) in_[k * product_.m + m] = product_.x[m * product_.k + k];
  }
  ~XnnpackEngine() override {
    if (operator_ != nullptr) xnn_delete_operator(operator_);
  }

  /// @returns whether XNNPACK takes the product
  bool create() {
    const size_t n = product_.n, k = product_.k;
    return xnn_initialize(nullptr) == xnn_status_success &&
           xnn_create_convolution2d_nchw_f32(0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, k, n, k, n,
                                             product_.weight.data(), nullptr, -INFINITY, INFINITY, 0,
                                             &operator_) == xnn_status_success &&
           xnn_setup_convolution2d_nchw_f32(operator_, 1, 1, product_.m, in_.data(), out_.data(), nullptr) ==
               xnn_status_success;
  }

  void run() override { xnn_run_operator(operator_, nullptr); }
  std::vector<float> output() const override {
    std::vector<float> y(product_.m * product_.n);
    for (size_t m = 0; m < product_.m; ++m)
      for (size_t n = 0; n < product_.n; ++n) y[m * product_.n + n] = out_[n * product_.m + m];
    return y;
  }
  std::vector<std::pair<std::string, std::string>> facts() const override {
    return {{"binding", "C, convolution2d_nchw_f32"}, {"layout", "feature-major, its own"}};
  }

 private:
  const ProductCase product_;
  std::vector<float> in_, out_;
  xnn_operator_t operator_ = nullptr;
};

}  // namespace

MadeEngine make_xnnpack_engine(const Words& words) {
  MadeEngine made;
  ProductCase product;
  if (!read_case(words, &product, &made.error)) return made;
  if (product.threads > 1) {
    made.unavailable = "the bench gives XNNPACK no pool of threads";
    return made;
  }
  auto engine = std::make_unique<XnnpackEngine>(std::move(product));
  if (!engine->create()) {
    made.unavailable = "XNNPACK refused the product";
    return made;
  }
  engine->run();
  made.engine = std::move(engine);
  return made;
}

}  // namespace tfjs_sparse
