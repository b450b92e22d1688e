// LIBXSMM's sparse times dense product (spmdm): slices of the weight are made once, feature-major
// activations.
#include <libxsmm.h>

#include "rivals/feature_major.h"

namespace tfjs_sparse {

namespace {

class LibxsmmEngine final : public FeatureMajorRival {
 public:
  explicit LibxsmmEngine(ProductCase product) : FeatureMajorRival(std::move(product), "C, spmdm", 0) {
    libxsmm_init();
    libxsmm_spmdm_init(int(product_.n), int(product_.m), int(product_.k), 1, &handle_, &slices_);
    const int blocks = libxsmm_spmdm_get_num_createSparseSlice_blocks(&handle_);
    for (int block = 0; block < blocks; ++block)
      libxsmm_spmdm_createSparseSlice_fp32_thread(&handle_, 'N', product_.weight.data(), slices_, block, 0,
                                                  1);
  }
  ~LibxsmmEngine() override { libxsmm_spmdm_destroy(&handle_); }

  void run() override {
    const float one = 1, zero = 0;
    const int blocks = libxsmm_spmdm_get_num_compute_blocks(&handle_);
    for (int block = 0; block < blocks; ++block)
      libxsmm_spmdm_compute_fp32_thread(&handle_, 'N', 'N', &one, slices_, in_.data(), 'N', &zero,
                                        out_.data(), block, 0, 1);
  }

 private:
  libxsmm_spmdm_handle handle_{};
  libxsmm_CSR_sparseslice* slices_ = nullptr;
};

}  // namespace

MadeEngine make_libxsmm_engine(const Words& words) {
  MadeEngine made;
  ProductCase product;
  if (!read_case(words, &product, &made.error)) return made;
  if (product.threads > 1) {
    made.unavailable = "the bench runs LIBXSMM on one thread";
    return made;
  }
  made.engine = std::make_unique<LibxsmmEngine>(std::move(product));
  made.engine->run();
  return made;
}

}  // namespace tfjs_sparse
