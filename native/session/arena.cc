#include "session/arena.h"

#include <algorithm>
#include <numeric>

namespace tfjs_sparse {

size_t place_buffers(const std::vector<Lifetime>& buffers, std::vector<size_t>* offsets) {
  constexpr size_t kLine = 16;
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return buffers[a].floats > buffers[b].floats; });
  offsets->assign(buffers.size(), 0);
  std::vector<size_t> placed;
  size_t total = 0;
  for (const size_t i : order) {
    std::vector<size_t> rivals;
    for (const size_t j : placed)
      if (buffers[j].first <= buffers[i].last && buffers[i].first <= buffers[j].last) rivals.push_back(j);
    std::sort(rivals.begin(), rivals.end(),
              [&](size_t a, size_t b) { return (*offsets)[a] < (*offsets)[b]; });
    size_t offset = 0;
    for (const size_t j : rivals) {
      if (offset + buffers[i].floats <= (*offsets)[j]) break;
      offset = std::max(offset, ((*offsets)[j] + buffers[j].floats + kLine - 1) / kLine * kLine);
    }
    (*offsets)[i] = offset;
    total = std::max(total, offset + buffers[i].floats);
    placed.push_back(i);
  }
  return total;
}

}  // namespace tfjs_sparse
