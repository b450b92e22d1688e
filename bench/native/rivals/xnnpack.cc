// XNNPACK's sparse path: a 1×1 convolution of feature-major activations, which it packs by the zeros of its
// weight.
#include <xnnpack.h>

#include <cmath>

#include "rivals/feature_major.h"

namespace tfjs_sparse {

namespace {

class XnnpackEngine final : public FeatureMajorRival {
 public:
  explicit XnnpackEngine(ProductCase product)
      : FeatureMajorRival(std::move(product), "C, convolution2d_nchw_f32", XNN_EXTRA_BYTES) {}
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

 private:
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
