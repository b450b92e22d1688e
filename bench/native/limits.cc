#include "limits.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "limit_loops.h"
#include "timing.h"

namespace tfjs_sparse {

namespace {

const LimitLoops* loops_for(const std::string& isa) {
#if defined(TFJS_SPARSE_BUILT_AVX2_FMA)
  if (isa == kLimitLoopsAvx2Fma.isa) return &kLimitLoopsAvx2Fma;
#endif
#if defined(TFJS_SPARSE_BUILT_AVX512)
  if (isa == kLimitLoopsAvx512.isa) return &kLimitLoopsAvx512;
#endif
  (void)isa;
  return nullptr;
}

/// The tiles of an instruction set, and those that it takes from a narrower one (see choose_spmm).
std::vector<TileLoop> tiles_of(const LimitLoops& loops) {
  std::vector<TileLoop> tiles(loops.tiles, loops.tiles + loops.tile_count);
#if defined(TFJS_SPARSE_BUILT_AVX2_FMA) && defined(TFJS_SPARSE_BUILT_AVX512)
  if (&loops != &kLimitLoopsAvx512) return tiles;
  const LimitLoops& narrower = kLimitLoopsAvx2Fma;
  std::copy_if(narrower.tiles, narrower.tiles + narrower.tile_count, std::back_inserter(tiles),
               [&](const TileLoop& tile) { return tile.mr < loops.tiles[0].mr; });
#endif
  return tiles;
}

/// Most of `work(repeats)` per second, over tries of some milliseconds each.
double best_rate(const std::function<double(size_t repeats)>& work) {
  constexpr double kTry = 4e-3;
  constexpr int kTries = 12;
  size_t repeats = 1;
  for (;;) {
    const double start = seconds_now();
    work(repeats);
    if (seconds_now() - start >= kTry || repeats > (size_t{1} << 40)) break;
    repeats *= 2;
  }
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    const double start = seconds_now();
    const double done = work(repeats);
    best = std::max(best, done / (seconds_now() - start));
  }
  return best;
}

}  // namespace

std::vector<std::pair<std::string, double>> measure_limits(const std::string& isa) {
  const LimitLoops* loops = loops_for(isa);
  if (loops == nullptr) return {};
  std::vector<std::pair<std::string, double>> limits;
  AlignedBuffer<float> sink(kLimitSink), panel(kLimitEntries * 128), weights(kLimitEntries * 8);
  limits.emplace_back("fma",
                      best_rate([&](size_t repeats) { return loops->fma(repeats, sink.data()); }) / 1e9);
  for (const TileLoop& tile : tiles_of(*loops)) {
    const double rate = best_rate(
        [&](size_t repeats) { return tile.loop(panel.data(), weights.data(), repeats, sink.data()); });
    limits.emplace_back(std::string(tile.slices ? "load_slices_" : "load_") + std::to_string(tile.mr) + "x" +
                            std::to_string(tile.nr),
                        rate / 1e9);
    // A peak is the most that any loop reached: the plain one can fall 5 % short of a tile's by its own
    // jumps.
    limits[0].second = std::max(limits[0].second, rate / 1e9);
  }
  const CacheSizes sizes = cache_sizes();
  // Half of a cache, so that nothing else pushes it out; four times the last one for the memory.
  const std::pair<std::string, size_t> levels[] = {
      {"l1", sizes.l1 / 2}, {"l2", sizes.l2 / 2}, {"l3", sizes.l3 / 2}, {"memory", sizes.l3 * 4}};
  for (const auto& [name, bytes] : levels) {
    const size_t floats = std::max<size_t>(1, bytes / sizeof(float) / 128) * 128;
    const AlignedBuffer<float> data(floats);
    const double rate = best_rate([&, count = floats](size_t repeats) {
      loops->read(data.data(), count, repeats, sink.data());
      return double(repeats) * double(count) * sizeof(float);
    });
    limits.emplace_back("read_" + name, rate / 1e9);
  }
  limits.emplace_back("size_l1", double(sizes.l1));
  limits.emplace_back("size_l2", double(sizes.l2));
  limits.emplace_back("size_l3", double(sizes.l3));
  return limits;
}

}  // namespace tfjs_sparse
