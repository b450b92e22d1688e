#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "product_case.h"

namespace tfjs_sparse {

/// One way to compute a case, ready to be timed.
class BenchEngine {
 public:
  virtual ~BenchEngine() = default;
  virtual void run() = 0;
  /// y [m][n], row-major, of the last run.
  virtual std::vector<float> output() const = 0;
  virtual std::vector<std::pair<std::string, std::string>> facts() const = 0;
};

/// What making an engine gave: the engine, or why there is none here, or what went wrong.
struct MadeEngine {
  std::unique_ptr<BenchEngine> engine;
  std::string unavailable, error;
};

/// Our own kernel over feature-major buffers, packed as a session packs it and compared with the scalar
/// kernels.
/// @param words  besides the case's: `isa`, and `vector`, `nr`, `dense` of the choice (session/plan.h)
MadeEngine make_kernel_engine(const Words& words);

/// A product of a random weight that is made here, too large for files and dense copies, and compared with
/// sums in float64.
/// @param words  `n`, `k`, `sparsity`, `seed` of the weight; `m`, `threads`, `storage`; `isa`, and `vector`
/// or `nr` of the choice; the folder for the output
MadeEngine make_scale_engine(const Words& words);
/// What the cost model asks of that weight. @returns the reply: stats name=value …
std::string random_weight_stats(const Words& words);

/// Rivals written in C; without their libraries (Debian: libxnnpack-dev and libpthreadpool-dev, libxsmm-dev)
/// a build lacks them.
#if defined(SPARSE_BENCH_XNNPACK)
MadeEngine make_xnnpack_engine(const Words& words);
#endif
#if defined(SPARSE_BENCH_LIBXSMM)
MadeEngine make_libxsmm_engine(const Words& words);
#endif

}  // namespace tfjs_sparse
