#pragma once
#include <chrono>

namespace tfjs_sparse {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace tfjs_sparse
