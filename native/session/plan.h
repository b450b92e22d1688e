#pragma once
// The plan as C++ sees it: the same steps as lib/plan/plan.ts, checked by build_steps.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/cpu.h"
#include "core/status.h"
#include "core/storage.h"
#include "kernels/activation/activation.h"
#include "kernels/window/window.h"
#include "session/step.h"

namespace tfjs_sparse {

/// More columns than this never run as vectors where there is a matrix kernel too.
constexpr size_t kMostVectorColumns = 15;
/// Nor slices: the widest register.
constexpr size_t kMostSliceColumns = 16;

/// How a matmul or convolution runs; chosen by TypeScript, which says why.
struct KernelChoice {
  enum Vector : uint8_t { kNone, kWindow, kDense, kNarrow };
  /// For a single column, and for up to `vector_columns`.
  Vector vector = kNone;
  /// For the most: outputs that share a pattern, 0 for none.
  unsigned nr = 0;
  bool dense = false;
  /// Of the weights of all.
  Storage storage = Storage::kFloat32;
  size_t vector_columns = 1;
  /// Slices for more columns than vectors, and for up to so many; 0 for none.
  size_t slice_columns = 0;
};

/// A view of a weight; valid while the session is made.
struct WeightView {
  const float* data = nullptr;
  size_t size = 0;
};

struct PlanStep {
  enum class Op : uint8_t {
    kMatmul,
    kConv2d,
    kDepthwise,
    kMaxPool,
    kAvgPool,
    kAffine,
    kActivation,
    kSoftmax,
    kNormalize,
    kAlias,
    kConstant,
    kToArray,
    kToMap,
    kBinary,
    kUnary,
    kPrelu,
    kPick,
    kResize,
    kBlocks,
    kConcat,
    kOverlapAdd,
    kStrided,
    kFill,
    kCast,
    kReduce,
    kSelect,
    kProduct,
    kGather,
    kGatherNd,
    kTopK,
    kRecurrence,
    kWhere,
    kNonMaxSuppression
  };
  Op op = Op::kAlias;
  std::vector<size_t> inputs;
  size_t output = 0;
  ActivationCall activation;
  /// matmul, conv2d: weight [n][k], bias [n] or empty; depthwise: weight [channels · multiplier][taps];
  /// affine: scale, shift.
  WeightView weight, bias;
  size_t n = 0, k = 0, multiplier = 1;
  WindowShape window{};
  KernelChoice choice;
  /// softmax, normalize: over all features of a flattened value.
  bool whole = false;
  /// Which of its family a binary, unary, cast, reduce or blocks step is.
  std::string function;
  /// The elements are int32.
  bool integers = false;
  /// pick: for each row, column and channel of the output the one of the input, -1 for `value`.
  std::vector<int64_t> rows, columns, channels;
  float value = 0;
  /// Array steps: an N-d loop, and how far each input (and the output) moves on each of its axes.
  std::vector<int64_t> sizes, offsets;
  std::vector<std::vector<int64_t>> strides;
  /// reduce: the last axes of the loop are reduced; product: M, N, K are the last three.
  size_t axes = 0;
  /// nonMaxSuppression: boxes overlap from the first on, scores below the second are left out, and the sigma
  /// of soft suppression, 0 for none.
  std::vector<double> thresholds;
  /// resize: as TensorFlow's attributes.
  bool align_corners = false, half_pixels = false;
  /// recurrence: of the gates (`activation` is the cell's); from the last time step to the first; which
  /// inputs there are behind the first.
  ActivationCall gate_activation;
  bool backwards = false, masked = false, initial = false;
};

struct Plan {
  std::vector<ValueShape> values;
  std::vector<PlanStep> steps;
  std::vector<size_t> inputs, outputs;
  /// The only batch that runs, 0 for any.
  size_t batch = 0;
};

/// Checks the plan and packs its weights for an ISA: one Step per plan step, nullptr for an alias.
Status build_steps(const Plan& plan, Isa isa, std::vector<std::unique_ptr<Step>>* steps);

}  // namespace tfjs_sparse
