#include <cmath>
#include <memory>

#include "binding/csr_reader.h"
#include "binding/environment.h"
#include "binding/exports.h"
#include "binding/handle.h"
#include "binding/plan_reader.h"
#include "session/csr_product.h"
#include "session/layout.h"
#include "session/owned_csr.h"
#include "session/weight_stats.h"

namespace tfjs_sparse::binding {

namespace {

using ProductHandle = Handle<std::unique_ptr<CsrProduct>, 0x7370617273655031>;

Napi::Object stats_object(Napi::Env env, const WeightStats& stats) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("nonZeros", static_cast<double>(stats.non_zeros));
  out.Set("entries2", static_cast<double>(stats.entries2));
  out.Set("entries4", static_cast<double>(stats.entries4));
  out.Set("entries8", static_cast<double>(stats.entries8));
  out.Set("windowSlots", static_cast<double>(stats.window_slots));
  out.Set("narrowSlots", static_cast<double>(stats.narrow_slots));
  out.Set("balanced", stats.balanced);
  out.Set("nmKeep", static_cast<double>(stats.nm_keep));
  out.Set("nmOf", static_cast<double>(stats.nm_of));
  out.Set("usedInputs", static_cast<double>(stats.used_inputs));
  out.Set("usedOutputs", static_cast<double>(stats.used_outputs));
  return out;
}

}  // namespace

/// (weight, n, k, positions) -> { nonZeros, entries2, entries4, entries8, windowSlots, narrowSlots,
/// balanced, nmKeep, nmOf, usedInputs, usedOutputs }
Napi::Value dense_weight_stats(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  const size_t n = arguments.size(1, "n"), k = arguments.size(2, "k");
  const Span<float> weight = arguments.float32_of(0, "weight", n * k);
  const size_t positions = arguments.size(3, "positions");
  if (positions == 0 || k % positions != 0)
    throw make_error(info.Env(), Status::Error(StatusCode::kShape, "positions: do not divide the inputs"));
  const OwnedCsr csr(weight.data, n, k);
  return stats_object(info.Env(), weight_stats(csr.view(), environment(info.Env()).isa, positions));
}

/// (rows, cols, rowOffsets, colIndices, values) -> the same
Napi::Value csr_weight_stats(const Napi::CallbackInfo& info) {
  return stats_object(info.Env(), weight_stats(read_csr(Arguments(info)), environment(info.Env()).isa));
}

/// (rows, cols, rowOffsets, colIndices, values, choice) -> handle
Napi::Value csr_pack(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  const CsrView csr = read_csr(arguments);
  const KernelChoice choice = read_choice(arguments.object(5, "choice"));
  const bool has_matrix = choice.nr == 1 || choice.nr == 2 || choice.nr == 4 || choice.nr == 8;
  const bool has_other =
      (choice.vector != KernelChoice::kNone || choice.slice_columns != 0) && choice.nr == 0;
  if (!has_matrix && !has_other)
    throw make_error(
        info.Env(), Status::Error(StatusCode::kPlan,
                                  "choice: expected nr 1, 2, 4 or 8, or a vector kernel or slices and nr 0"));
  const size_t nnz = static_cast<size_t>(csr.row_offsets[csr.rows]);
  if (choice.storage == Storage::kInt8 && !all_finite(csr.values, 1, nnz, nnz))
    throw make_error(info.Env(), Status::Error(StatusCode::kStorage,
                                               "a weight that is not finite cannot be stored as int8"));
  auto product = std::make_unique<CsrProduct>(csr, environment(info.Env()).isa, choice);
  const size_t bytes = product->bytes();
  return ProductHandle::wrap(info.Env(), std::move(product), bytes);
}

/// (handle, x, m, bias | null, activation, out, threads) -> undefined
Napi::Value csr_multiply(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  CsrProduct& product = *ProductHandle::argument(info, 0, "product").value;
  const size_t m = arguments.size(2, "m");
  const Span<float> x = arguments.float32_of(1, "x", m * product.cols());
  const Span<float> bias = arguments.float32_or_none(3, "bias");
  const Span<float> out = arguments.float32_of(5, "out", m * product.rows());
  if (bias.data != nullptr && bias.size != product.rows())
    throw make_error(info.Env(),
                     Status::Error(StatusCode::kShape, "bias: expected " + std::to_string(product.rows()) +
                                                           " values, received " + std::to_string(bias.size)));
  product.multiply(x.data, m, bias.data, read_activation(arguments.object(4, "activation")), out.data,
                   arguments.size(6, "threads"));
  return info.Env().Undefined();
}

}  // namespace tfjs_sparse::binding
