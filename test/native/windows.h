#pragma once
// Windows for tests: their definition, and random ones.
#include <initializer_list>
#include <random>
#include <string>

#include "kernels/window/window.h"

namespace tfjs_sparse::test {

/// Calls visit(tap, index into the input) for the taps of one output that are not padding.
template <typename Visit>
void for_each_tap(const WindowShape& s, size_t y, size_t x, size_t b, Visit visit) {
  for (size_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
    const long row = long(y * s.stride_y + tap / s.kernel_width * s.dilation_y) - long(s.pad_top);
    const long column = long(x * s.stride_x + tap % s.kernel_width * s.dilation_x) - long(s.pad_left);
    if (row >= 0 && column >= 0 && row < long(s.in_height) && column < long(s.in_width))
      visit(tap, (size_t(row) * s.in_width + size_t(column)) * s.batch + b);
  }
}

inline std::string text(const WindowShape& s) {
  std::string out;
  for (const size_t size :
       {s.in_height, s.in_width, s.out_height, s.out_width, s.kernel_height, s.kernel_width, s.stride_y,
        s.stride_x, s.dilation_y, s.dilation_x, s.pad_top, s.pad_left, s.batch})
    out += std::to_string(size) + " ";
  return out;
}

/// A window over an input, with all outputs that fit and padding of at most one window's reach.
inline WindowShape random_shape(std::mt19937_64* random) {
  const auto one_of = [&](std::initializer_list<size_t> sizes) {
    return sizes.begin()[(*random)() % sizes.size()];
  };
  for (;;) {
    WindowShape s{};
    s.in_height = one_of({1, 2, 3, 5, 8, 14});
    s.in_width = one_of({1, 2, 3, 7, 8, 9, 20});
    s.kernel_height = one_of({1, 2, 3, 5});
    s.kernel_width = one_of({1, 2, 3, 5});
    s.stride_y = one_of({1, 1, 2, 3});
    s.stride_x = one_of({1, 1, 2, 3});
    s.dilation_y = one_of({1, 1, 2});
    s.dilation_x = one_of({1, 1, 2, 3});
    const size_t reach_y = (s.kernel_height - 1) * s.dilation_y + 1,
                 reach_x = (s.kernel_width - 1) * s.dilation_x + 1;
    s.pad_top = (*random)() % reach_y;
    s.pad_left = (*random)() % reach_x;
    const size_t bottom = (*random)() % reach_y, right = (*random)() % reach_x;
    s.batch = one_of({1, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33});
    if (s.in_height + s.pad_top + bottom < reach_y || s.in_width + s.pad_left + right < reach_x) continue;
    s.out_height = (s.in_height + s.pad_top + bottom - reach_y) / s.stride_y + 1;
    s.out_width = (s.in_width + s.pad_left + right - reach_x) / s.stride_x + 1;
    return s;
  }
}

}  // namespace tfjs_sparse::test
