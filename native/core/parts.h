#pragma once
#include <cstddef>
#include <functional>

namespace tfjs_sparse {

/// Calls task(i) for every i in [0, count), in any order and perhaps several at once, and returns when all
/// are done. It lets work that knows no threads be split by a caller who has some.
using RunParts = std::function<void(size_t count, const std::function<void(size_t i)>& task)>;

}  // namespace tfjs_sparse
