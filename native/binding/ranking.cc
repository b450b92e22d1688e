#include <algorithm>
#include <memory>
#include <string>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/exports.h"
#include "core/large_pages.h"
#include "core/thread_pool.h"
#include "kernels/mask/mask.h"
#include "kernels/norm_rank/norm_rank.h"
#include "kernels/rank_mask/rank_mask.h"
#include "kernels/select/select.h"

namespace tfjs_sparse::binding {

namespace {

/// Scratch memory whose pages are touched only as far as they are used.
template <typename T>
std::unique_ptr<T[]> scratch_of(size_t n) {
  return std::unique_ptr<T[]>(new T[n]);
}

[[noreturn]] void fail(Napi::Env env, StatusCode code, const std::string& message) {
  throw make_error(env, Status::Error(code, message));
}

void check_size(Napi::Env env, const char* name, size_t size, size_t expected) {
  if (size != expected)
    fail(env, StatusCode::kShape,
         std::string(name) + ": expected " + std::to_string(expected) + " values, received " +
             std::to_string(size));
}

RankOrder read_order(const Arguments& args, size_t position) {
  return args.boolean(position, "magnitude") ? RankOrder::kMagnitude : RankOrder::kScore;
}

size_t read_rank(const Arguments& args, size_t position, size_t n) {
  const size_t k = args.size(position, "k");
  if (k < 1 || k > n)
    fail(args.env(), StatusCode::kOption,
         "k: expected a rank from 1 to " + std::to_string(n) + ", received " + std::to_string(k));
  return k;
}

size_t read_positive(const Arguments& args, size_t position, const char* name) {
  const size_t value = args.size(position, name);
  if (value == 0)
    fail(args.env(), StatusCode::kOption, std::string(name) + ": expected at least 1, received 0");
  return value;
}

[[noreturn]] void fail_nan(Napi::Env env, const Span<float>& values) {
  const size_t position = first_nan(environment(env).isa, values.data, values.size);
  fail(env, StatusCode::kNan, "values[" + std::to_string(position) + "] is NaN");
}

std::string read_name(const Arguments& args, const Napi::Value& value, const char* name) {
  if (!value.IsString()) fail(args.env(), StatusCode::kArgument, std::string(name) + ": expected a string");
  return value.As<Napi::String>().Utf8Value();
}

Ties read_ties(const Arguments& args, const Napi::Value& value) {
  const std::string name = read_name(args, value, "ties");
#define SPARSE_TIES(enumerator, text) \
  if (name == text) return Ties::enumerator;
#include "kernels/mask/ties.inc"
#undef SPARSE_TIES
  fail(args.env(), StatusCode::kOption, "ties: unknown rule \"" + name + "\"");
}

Norm read_norm(const Arguments& args, const Napi::Value& value) {
  const std::string name = read_name(args, value, "norm");
#define SPARSE_NORM(enumerator, text) \
  if (name == text) return Norm::enumerator;
#include "kernels/norm_rank/norms.inc"
#undef SPARSE_NORM
  fail(args.env(), StatusCode::kOption, "norm: unknown norm \"" + name + "\"");
}

}  // namespace

/// (values: Float32Array, k, magnitude: boolean, threads) -> the k-th smallest value, or magnitude
Napi::Value select_kth_value(const Napi::CallbackInfo& info) {
  const Arguments args(info);
  const Span<float> values = args.float32(0, "values");
  const size_t k = read_rank(args, 1, values.size);
  const auto scratch = scratch_of<int32_t>(select_scratch(values.size));
  const RunParts run = ThreadPool::shared().run_parts(read_positive(args, 3, "threads"));
  const Selection selection = select_kth(environment(info.Env()).isa, read_order(args, 2), values.data,
                                         values.size, k, scratch.get(), &run);
  if (selection.nan) fail_nan(info.Env(), values);
  return Napi::Number::New(info.Env(), key_value(selection.key));
}

/// (values: Float32Array, k, ties, magnitude: boolean, mask: Uint8Array, threads) -> { threshold, kept }
Napi::Value rank_and_mask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const Span<float> values = args.float32(0, "values");
  const size_t k = read_rank(args, 1, values.size);
  const Ties ties = read_ties(args, info[2]);
  const RankOrder order = read_order(args, 3);
  const Span<uint8_t> mask = args.uint8(4, "mask");
  check_size(env, "mask", mask.size, values.size);
  const size_t words = rank_mask_scratch(values.size);
  const auto scratch = scratch_of<int32_t>(words);
  advise_large_pages(scratch.get(), words * sizeof(int32_t));
  advise_large_pages(mask.data, mask.size);
  const RunParts run = ThreadPool::shared().run_parts(read_positive(args, 5, "threads"));
  const RankedMask ranked = rank_mask(environment(env).isa, order, values.data, values.size, k, ties,
                                      scratch.get(), mask.data, &run);
  if (ranked.nan) fail_nan(env, values);
  Napi::Object out = Napi::Object::New(env);
  out.Set("threshold", static_cast<double>(key_value(ranked.key)));
  out.Set("kept", static_cast<double>(ranked.kept));
  return out;
}

/// (values: Float32Array) -> position of the first NaN, or -1
Napi::Value first_nan_index(const Napi::CallbackInfo& info) {
  const Span<float> values = Arguments(info).float32(0, "values");
  const size_t position = first_nan(environment(info.Env()).isa, values.data, values.size);
  return Napi::Number::New(info.Env(), position == values.size ? -1.0 : static_cast<double>(position));
}

/// (values: Float32Array, inputs, outputs, blockInputs, blockOutputs, firstInputs, firstOutputs, norm,
/// threads)
///   -> Float32Array, one number per block
Napi::Value norms_of_blocks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  NormBlocks blocks{};
  blocks.inputs = read_positive(args, 1, "inputs");
  blocks.outputs = read_positive(args, 2, "outputs");
  blocks.block_inputs = read_positive(args, 3, "blockInputs");
  blocks.block_outputs = read_positive(args, 4, "blockOutputs");
  blocks.first_inputs = read_positive(args, 5, "firstInputs");
  blocks.first_outputs = read_positive(args, 6, "firstOutputs");
  const Norm norm = read_norm(args, info[7]);
  const Span<float> values = args.float32(0, "values");
  if (values.size % blocks.inputs != 0 || values.size / blocks.inputs != blocks.outputs)
    fail(env, StatusCode::kShape,
         "values: expected inputs x outputs values, received " + std::to_string(values.size));
  Napi::Float32Array norms = Napi::Float32Array::New(env, blocks.bands() * blocks.across());
  const size_t threads = read_positive(args, 8, "threads");
  const RunParts run = ThreadPool::shared().run_parts(threads);
  block_norms(environment(env).isa, norm, values.data, blocks, norms.Data(), threads > 1 ? &run : nullptr);
  return norms;
}

/// (norms: Float32Array) -> Uint32Array, positions in rising order
Napi::Value rank_rising_order(const Napi::CallbackInfo& info) {
  const Span<float> norms = Arguments(info).float32(0, "norms");
  Napi::Uint32Array ranking = Napi::Uint32Array::New(info.Env(), norms.size);
  const auto scratch = scratch_of<uint64_t>(2 * norms.size);
  rank_rising(norms.data, norms.size, scratch.get(), ranking.Data());
  return ranking;
}

/// (scores: Float32Array, inputs, outputs, group, keep: Int32Array, mask: Uint8Array): keep[b] of each block
/// of inputs
Napi::Value group_mask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const Span<float> scores = args.float32(0, "scores");
  const size_t inputs = read_positive(args, 1, "inputs"), outputs = read_positive(args, 2, "outputs"),
               group = std::min(read_positive(args, 3, "group"), inputs);
  const Span<int32_t> keep = args.int32(4, "keep");
  const Span<uint8_t> mask = args.uint8(5, "mask");
  if (scores.size % inputs != 0 || scores.size / inputs != outputs)
    fail(env, StatusCode::kShape,
         "scores: expected inputs x outputs values, received " + std::to_string(scores.size));
  check_size(env, "mask", mask.size, scores.size);
  check_size(env, "keep", keep.size, (inputs + group - 1) / group);
  for (size_t b = 0; b < keep.size; ++b) {
    if (keep.data[b] < 0 || static_cast<size_t>(keep.data[b]) > group)
      fail(env, StatusCode::kOption,
           "keep[" + std::to_string(b) + "]: expected 0 to " + std::to_string(group) + ", received " +
               std::to_string(keep.data[b]));
  }
  const auto scratch = scratch_of<int32_t>(mask_groups_scratch(group));
  mask_groups(environment(env).isa, scores.data, inputs, outputs, group, keep.data, scratch.get(), mask.data);
  return env.Undefined();
}

/// (mask: Uint8Array) -> sum of its bytes
Napi::Value count_ones(const Napi::CallbackInfo& info) {
  const Span<uint8_t> mask = Arguments(info).uint8(0, "mask");
  return Napi::Number::New(info.Env(), static_cast<double>(mask_count(mask.data, mask.size)));
}

/// (blocks: Uint8Array, inputs, outputs, blockInputs, blockOutputs, mask: Uint8Array)
///   -> ones in the mask
Napi::Value expand_mask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const Span<uint8_t> blocks = args.uint8(0, "blocks");
  const size_t inputs = read_positive(args, 1, "inputs"), outputs = read_positive(args, 2, "outputs"),
               block_inputs = read_positive(args, 3, "blockInputs"),
               block_outputs = read_positive(args, 4, "blockOutputs");
  const Span<uint8_t> mask = args.uint8(5, "mask");
  if (mask.size % inputs != 0 || mask.size / inputs != outputs)
    fail(env, StatusCode::kShape,
         "mask: expected inputs x outputs values, received " + std::to_string(mask.size));
  const NormBlocks layout{inputs, outputs, block_inputs, block_outputs, block_inputs, block_outputs};
  check_size(env, "blocks", blocks.size, layout.bands() * layout.across());
  const size_t kept = mask_expand(blocks.data, inputs, outputs, block_inputs, block_outputs, mask.data);
  return Napi::Number::New(env, static_cast<double>(kept));
}

/// Values from which applying a mask is split among threads, and how many each part has.
constexpr size_t kApplyPart = size_t{1} << 17;

/// (values: Float32Array, mask: Uint8Array, out: Float32Array, threads): out may be values
Napi::Value apply_mask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments args(info);
  const Span<float> values = args.float32(0, "values");
  const Span<uint8_t> mask = args.uint8(1, "mask");
  const Span<float> out = args.float32_of(2, "out", values.size);
  check_size(env, "mask", mask.size, values.size);
  if (out.data != values.data) advise_large_pages(out.data, out.size * sizeof(float));
  const auto apply = choose_mask(environment(env).isa).apply;
  const size_t threads = read_positive(args, 3, "threads"),
               parts = (values.size + kApplyPart - 1) / kApplyPart;
  ThreadPool::shared().parallel_for(parts, threads, [&](size_t part, size_t) {
    const size_t from = part * kApplyPart, n = std::min(kApplyPart, values.size - from);
    apply(values.data + from, mask.data + from, n, out.data + from);
  });
  return env.Undefined();
}

}  // namespace tfjs_sparse::binding
