#pragma once
// The limit loops over a small vector type (kernels/vec); each x86_*.cc instantiates them with its own Vec
// and WeightF32.
#include "limit_loops.h"

namespace tfjs_sparse {
namespace {

/// Enough independent sums to hide the latency of a fused multiply-add: 4 cycles, two a cycle, and some more.
constexpr int kChains = 10;

double fma_loop(size_t repeats, float* sink) {
  typename Vec::T acc[kChains];
  for (int i = 0; i < kChains; ++i) acc[i] = Vec::set1(1.0f + float(i));
  const typename Vec::T a = Vec::set1(sink[0]), b = Vec::set1(sink[1]);
  for (size_t r = 0; r < repeats; ++r)
    for (int i = 0; i < kChains; ++i) acc[i] = Vec::fma(a, b, acc[i]);
  for (int i = 0; i < kChains; ++i) Vec::store(sink + i * Vec::kLanes, acc[i]);
  return 2.0 * double(repeats) * kChains * Vec::kLanes;
}

void read_loop(const float* data, size_t floats, size_t repeats, float* sink) {
  constexpr int kSums = 8;
  typename Vec::T acc[kSums];
  for (int i = 0; i < kSums; ++i) acc[i] = Vec::zero();
  for (size_t r = 0; r < repeats; ++r)
    for (size_t p = 0; p < floats; p += kSums * Vec::kLanes)
      for (int i = 0; i < kSums; ++i) acc[i] = Vec::add(acc[i], Vec::load(data + p + i * Vec::kLanes));
  for (int i = 0; i < kSums; ++i) Vec::store(sink + i * Vec::kLanes, acc[i]);
}

/// As the kernel does, several groups run side by side where one has too few sums.
template <int kVectors, int kNr>
double load_loop(const float* panel, const float* weights, size_t repeats, float* sink) {
  constexpr int kTile = kVectors * kNr;
  constexpr int kGroups = kTile >= 8 ? 1 : 8 / kTile;
  constexpr int kLanes = Vec::kLanes;
  constexpr size_t kMask = kLimitEntries - 1;
  typename Vec::T acc[kGroups][kNr][kVectors];
  for (int i = 0; i < kGroups; ++i)
    for (int r = 0; r < kNr; ++r)
      for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::zero();
  for (size_t repeat = 0; repeat < repeats; ++repeat)
    for (size_t p = 0; p < kLimitEntries; ++p)
      for (int i = 0; i < kGroups; ++i) {
        const float* row = panel + ((p + i) & kMask) * (kVectors * kLanes);
        const float* w = weights + ((p + i) & kMask) * kNr;
        if (kNr == 1) {
          const typename Vec::T broadcast = Vec::set1(w[0]);
          for (int v = 0; v < kVectors; ++v)
            acc[i][0][v] = Vec::fma(broadcast, Vec::load(row + v * kLanes), acc[i][0][v]);
        } else {
          typename Vec::T x[kVectors];
          for (int v = 0; v < kVectors; ++v) x[v] = Vec::load(row + v * kLanes);
          for (int r = 0; r < kNr; ++r) {
            const typename Vec::T broadcast = Vec::set1(w[r]);
            for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::fma(broadcast, x[v], acc[i][r][v]);
          }
        }
      }
  for (int i = 0; i < kGroups; ++i)
    for (int r = 0; r < kNr; ++r)
      for (int v = 0; v < kVectors; ++v)
        Vec::store(sink + ((i * kNr + r) * kVectors + v) * kLanes, acc[i][r][v]);
  return 2.0 * double(repeats) * kLimitEntries * kGroups * kTile * kLanes;
}

/// Slices: every output has entries of its own, and one load gives the weights of four.
template <int kVectors, int kOutputs>
double slices_load_loop(const float* panel, const float* weights, size_t repeats, float* sink) {
  constexpr int kLanes = Vec::kLanes, kQuads = kOutputs / 4;
  constexpr size_t kMask = kLimitEntries - 1, kRow = size_t{kVectors} * kLanes;
  typename Vec::T acc[kQuads][4][kVectors];
  for (int q = 0; q < kQuads; ++q)
    for (int i = 0; i < 4; ++i)
      for (int v = 0; v < kVectors; ++v) acc[q][i][v] = Vec::zero();
  for (size_t repeat = 0; repeat < repeats; ++repeat)
    for (size_t p = 0; p < kLimitEntries; ++p)
      for (int q = 0; q < kQuads; ++q) {
        const float* rows = panel + (p * kOutputs & kMask) * kRow + q * 4 * kRow;
        const typename Vec::T four = WeightF32::quad(weights + p * kOutputs + q * 4);
        const typename Vec::T w[4] = {Vec::template spread<0>(four), Vec::template spread<1>(four),
                                      Vec::template spread<2>(four), Vec::template spread<3>(four)};
        for (int i = 0; i < 4; ++i)
          for (int v = 0; v < kVectors; ++v)
            acc[q][i][v] = Vec::fma(w[i], Vec::load(rows + i * kRow + v * kLanes), acc[q][i][v]);
      }
  for (int q = 0; q < kQuads; ++q)
    for (int i = 0; i < 4; ++i)
      for (int v = 0; v < kVectors; ++v)
        Vec::store(sink + ((q * 4 + i) * kVectors + v) * kLanes, acc[q][i][v]);
  return 2.0 * double(repeats) * kLimitEntries * kOutputs * kVectors * kLanes;
}

template <int kVectors, int kNr>
constexpr TileLoop tile_loop() {
  return {unsigned(kVectors * Vec::kLanes), unsigned(kNr), false, load_loop<kVectors, kNr>};
}

template <int kVectors, int kOutputs>
constexpr TileLoop slices_loop() {
  return {unsigned(kVectors * Vec::kLanes), unsigned(kOutputs), true, slices_load_loop<kVectors, kOutputs>};
}

}  // namespace
}  // namespace tfjs_sparse
