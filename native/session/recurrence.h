#pragma once
// Recurrent layers. What the inputs add to every gate is one product over all time steps, a matmul before
// this step; here the state goes around: a product with the recurrent weight (packed and sparse as any
// other), then the gates of all units at once.
//
//   simple          h = act(x + U·h)
//   lstm            i, f, g, o = gate(x + U·h) (act for g);  c = f·c + i·g;  h = o·act(c)
//   gru             z, r = gate(x + U·h);  g = act(x + U·(r·h));  h = z·h + (1 - z)·g
//   gruResetAfter   z, r = gate(x + U·h + b);  g = act(x + r·(U·h + b));  h = z·h + (1 - z)·g
#include <memory>
#include <string>
#include <vector>

#include "session/build.h"

namespace tfjs_sparse {

enum class Cell : uint8_t { kSimple, kLstm, kGru, kGruResetAfter };

/// What a recurrence does, and the products that it needs.
struct RecurrenceParts {
  Cell cell = Cell::kSimple;
  /// Matmuls over [units] columns, in the order in which a time step needs them.
  std::vector<PlanStep> products;
};

/// Checks everything but the weight's own size. Inputs: x [gates · units][steps], then the mask [1][steps],
/// then the initial states [units], where the step has them.
Status read_recurrence(const StepRequest& request, RecurrenceParts* parts);

/// @param products  as read_recurrence has them, built
std::unique_ptr<Step> make_recurrence(const StepRequest& request, Cell cell,
                                      std::vector<std::unique_ptr<Step>> products);

}  // namespace tfjs_sparse
