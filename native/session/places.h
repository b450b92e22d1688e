#pragma once
#include <memory>
#include <vector>

#include "session/plan.h"

namespace tfjs_sparse {

/// For every value the one in whose memory it lies: itself, or what an alias renames, or the input that a
/// step writes over. A step writes over an input of its output's shape that nobody reads after it, where
/// Step::may_write_over says that it can; never over an input or an output of the session, nor a constant.
std::vector<size_t> assign_places(const Plan& plan, const std::vector<std::unique_ptr<Step>>& steps);

}  // namespace tfjs_sparse
