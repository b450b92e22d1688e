#pragma once
#include <memory>
#include <string>
#include <vector>

#include "session/plan.h"

namespace tfjs_sparse {

/// A step between its values: they exist and their sizes are in range. Every function below checks that the
/// step fits them, so that no run reads or writes outside; errors come without the step's number.
struct StepRequest {
  const PlanStep& step;
  const std::vector<ValueShape>& in;
  const ValueShape& out;
};
using StepFactory = Status (*)(const StepRequest& request, std::unique_ptr<Step>* built);

// On maps, or on anything.
Status build_constant(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_convert(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_map_binary(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_unary(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_prelu(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_pick(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_resize(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_blocks(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_concat(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_overlap_add(const StepRequest& request, std::unique_ptr<Step>* built);

// On arrays.
Status build_array_pointwise(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_strided(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_array_binary(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_select(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_cast(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_reduce(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_product(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_gather(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_gather_nd(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_top_k(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_where(const StepRequest& request, std::unique_ptr<Step>* built);
Status build_non_max_suppression(const StepRequest& request, std::unique_ptr<Step>* built);

inline Status unfit(const std::string& message) { return Status::Error(StatusCode::kPlan, message); }
inline Status expect_equal(const char* what, size_t expected, size_t received) {
  return expected == received ? Status::Ok()
                              : unfit(std::string(what) + ": expected " + std::to_string(expected) +
                                      ", received " + std::to_string(received));
}

}  // namespace tfjs_sparse
