// Reductions, products and look-ups of arrays.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <type_traits>

#include "session/arrays.h"
#include "session/build.h"
#include "session/strided.h"

namespace tfjs_sparse {

namespace {

/// What a reduction keeps while it goes over elements.
enum class Reduction { kSum, kMean, kProd, kMax, kMin, kAny, kAll, kArgMax, kArgMin };

constexpr std::pair<const char*, Reduction> kReductions[] = {
    {"sum", Reduction::kSum}, {"mean", Reduction::kMean},     {"prod", Reduction::kProd},
    {"max", Reduction::kMax}, {"min", Reduction::kMin},       {"any", Reduction::kAny},
    {"all", Reduction::kAll}, {"argMax", Reduction::kArgMax}, {"argMin", Reduction::kArgMin}};

bool is_nan(float value) { return std::isnan(value); }
bool is_nan(int32_t) { return false; }

/// The last axes of the loop are reduced to one element; float sums are kept in float64.
template <typename T>
class ReduceStep final : public Step {
 public:
  ReduceStep(ValueShape in, ValueShape out, Loop<2> kept, Loop<1> reduced, Reduction reduction)
      : Step(in, out), kept_(std::move(kept)), reduced_(std::move(reduced)), reduction_(reduction) {
    for (const auto& axis : reduced_.axes) count_ *= axis.size;
  }
  void run(const StepContext& context) const override {
    const auto [from, to] = kept_.axes.back().strides;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const T* in = block_of<T>(context.in, in_shape_, block);
      float* out = block_of<float>(context.out, out_shape_, block);
      for_each_run(kept_, [&, from = from, to = to](const std::array<int64_t, 2>& at, size_t count) {
        for (int64_t i = 0; i < int64_t(count); ++i) reduce(in + at[0] + i * from, out + at[1] + i * to);
      });
    }
  }
  std::string kernel(Isa, size_t) const override { return "reduce"; }

 private:
  using Sum = std::conditional_t<std::is_same_v<T, float>, double, uint32_t>;

  template <typename Visit>
  void for_each(const T* in, const Visit& visit) const {
    const int64_t stride = reduced_.axes.back().strides[0];
    for_each_run(reduced_, [&](const std::array<int64_t, 1>& at, size_t count) {
      for (int64_t i = 0; i < int64_t(count); ++i) visit(in[at[0] + i * stride]);
    });
  }
  template <typename R>
  static void store(float* out, R value) {
    std::memcpy(out, &value, sizeof(float));
  }

  void reduce(const T* in, float* out) const {
    switch (reduction_) {
      case Reduction::kSum:
      case Reduction::kMean: {
        Sum sum = 0;
        for_each(in, [&](T x) { sum += Sum(x); });
        if (reduction_ == Reduction::kSum) return store(out, T(sum));
        if constexpr (std::is_same_v<T, float>) return store(out, float(sum / double(count_)));
        return store(out, int32_t(int64_t(int32_t(sum)) / int64_t(count_)));
      }
      case Reduction::kProd: {
        Sum product = 1;
        for_each(in, [&](T x) { product *= Sum(x); });
        return store(out, T(product));
      }
      case Reduction::kMax:
      case Reduction::kMin: {
        const bool highest = reduction_ == Reduction::kMax;
        T best = in[0];
        for_each(in, [&](T x) { best = (highest ? x > best : x < best) ? x : best; });
        return store(out, best);
      }
      case Reduction::kAny:
      case Reduction::kAll: {
        int32_t any = 0, all = 1;
        for_each(in, [&](T x) { (x != 0 ? any : all) = x != 0 ? 1 : 0; });
        return store(out, reduction_ == Reduction::kAny ? any : all);
      }
      case Reduction::kArgMax:
      case Reduction::kArgMin: {
        const bool highest = reduction_ == Reduction::kArgMax;
        T best = in[0];
        int64_t where = 0, i = 0;
        for_each(in, [&](T x) {
          if (highest ? x > best : x < best) {
            best = x;
            where = i;
          }
          ++i;
        });
        return store(out, int32_t(where));
      }
    }
  }

  const Loop<2> kept_;
  const Loop<1> reduced_;
  const Reduction reduction_;
  size_t count_ = 1;
};

/// out[..., m, n] = sum over k of a[..., m, k] · b[..., k, n]; strides say what is transposed or broadcast.
class ProductStep final : public Step {
 public:
  ProductStep(ValueShape a, ValueShape b, ValueShape out, Loop<3> batch, std::array<Loop<3>::Axis, 3> axes)
      : Step(a, out), b_shape_(b), batch_(std::move(batch)), axes_(axes) {}
  void run(const StepContext& context) const override {
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const float* a = block_of<float>(context.inputs[0], in_shape_, block);
      const float* b = block_of<float>(context.inputs[1], b_shape_, block);
      float* out = block_of<float>(context.out, out_shape_, block);
      for_each_run(batch_, [&](const std::array<int64_t, 3>& first, size_t count) {
        for (size_t i = 0; i < count; ++i) {
          std::array<int64_t, 3> at = first;
          for (size_t o = 0; o < 3; ++o) at[o] += int64_t(i) * batch_.axes.back().strides[o];
          multiply(a + at[0], b + at[1], out + at[2]);
        }
      });
    }
  }
  std::string kernel(Isa, size_t) const override { return "product"; }

 private:
  void multiply(const float* a, const float* b, float* out) const {
    const auto& [m, n, k] = axes_;
    for (size_t i = 0; i < m.size; ++i) {
      float* row = out + int64_t(i) * m.strides[2];
      for (size_t j = 0; j < n.size; ++j) row[int64_t(j) * n.strides[2]] = 0;
      for (size_t p = 0; p < k.size; ++p) {
        const float x = a[int64_t(i) * m.strides[0] + int64_t(p) * k.strides[0]];
        const float* y = b + int64_t(p) * k.strides[1];
        if (n.strides[1] == 1 && n.strides[2] == 1) {
          for (size_t j = 0; j < n.size; ++j) row[j] += x * y[j];
        } else {
          for (size_t j = 0; j < n.size; ++j)
            row[int64_t(j) * n.strides[2]] += x * y[int64_t(j) * n.strides[1]];
        }
      }
    }
  }

  const ValueShape b_shape_;
  const Loop<3> batch_;
  const std::array<Loop<3>::Axis, 3> axes_;
};

/// out[outer][i][inner] = in[outer][indices[i]][inner]; or, along, out[outer][i] =
/// in[outer][indices[outer][i]]. An index outside gives zeros.
class GatherStep final : public Step {
 public:
  GatherStep(ValueShape in, ValueShape indices, ValueShape out, size_t outer, size_t size, bool along)
      : Step(in, out), indices_(indices), outer_(outer), size_(size), along_(along) {}
  void run(const StepContext& context) const override {
    const size_t inner = in_shape_.features() / (outer_ * size_);
    const size_t count = indices_.features() / (along_ ? outer_ : 1);
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const float* in = block_of<float>(context.inputs[0], in_shape_, block);
      const int32_t* indices = block_of<int32_t>(context.inputs[1], indices_, block);
      float* out = block_of<float>(context.out, out_shape_, block);
      for (size_t o = 0; o < outer_; ++o)
        for (size_t i = 0; i < count; ++i, out += inner) {
          const int32_t index = indices[(along_ ? o * count : 0) + i];
          if (index < 0 || size_t(index) >= size_)
            std::memset(out, 0, inner * sizeof(float));
          else
            std::memcpy(out, in + (o * size_ + size_t(index)) * inner, inner * sizeof(float));
        }
    }
  }
  std::string kernel(Isa, size_t) const override { return "gather"; }

 private:
  const ValueShape indices_;
  const size_t outer_, size_;
  const bool along_;
};

/// Slices of the input, each named by a tuple of indices of its first axes. A tuple outside gives zeros.
class GatherNdStep final : public Step {
 public:
  GatherNdStep(ValueShape in, ValueShape indices, ValueShape out, std::vector<int64_t> sizes)
      : Step(in, out), indices_(indices), sizes_(std::move(sizes)) {}
  void run(const StepContext& context) const override {
    const size_t depth = sizes_.size(), tuples = indices_.features() / depth;
    const size_t inner = out_shape_.features() / tuples;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const float* in = block_of<float>(context.inputs[0], in_shape_, block);
      const int32_t* tuple = block_of<int32_t>(context.inputs[1], indices_, block);
      float* out = block_of<float>(context.out, out_shape_, block);
      for (size_t t = 0; t < tuples; ++t, tuple += depth, out += inner) {
        size_t at = 0;
        bool inside = true;
        for (size_t d = 0; d < depth; ++d) {
          inside = inside && tuple[d] >= 0 && tuple[d] < sizes_[d];
          at = inside ? at * size_t(sizes_[d]) + size_t(tuple[d]) : 0;
        }
        if (inside)
          std::memcpy(out, in + at * inner, inner * sizeof(float));
        else
          std::memset(out, 0, inner * sizeof(float));
      }
    }
  }
  std::string kernel(Isa, size_t) const override { return "gatherNd"; }

 private:
  const ValueShape indices_;
  const std::vector<int64_t> sizes_;
};

/// Positions of the k largest of each run of `size`, largest first, the lower position when two are equal.
template <typename T>
class TopKStep final : public Step {
 public:
  TopKStep(ValueShape in, ValueShape out, size_t size, size_t k) : Step(in, out), size_(size), k_(k) {}
  size_t scratch_floats(size_t) const override { return size_; }
  void run(const StepContext& context) const override {
    const size_t runs = in_shape_.features() / size_;
    int32_t* order = reinterpret_cast<int32_t*>(context.scratch(0));
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const T* in = block_of<T>(context.in, in_shape_, block);
      int32_t* out = block_of<int32_t>(context.out, out_shape_, block);
      for (size_t r = 0; r < runs; ++r, in += size_, out += k_) {
        std::iota(order, order + size_, 0);
        // NaN is larger than anything, so that the order is one.
        const auto before = [&](int32_t a, int32_t b) {
          const bool a_nan = is_nan(in[a]), b_nan = is_nan(in[b]);
          if (a_nan || b_nan) return a_nan != b_nan ? a_nan : a < b;
          return in[a] != in[b] ? in[a] > in[b] : a < b;
        };
        std::partial_sort(order, order + k_, order + size_, before);
        std::copy(order, order + k_, out);
      }
    }
  }
  std::string kernel(Isa, size_t) const override { return "topK"; }

 private:
  const size_t size_, k_;
};

}  // namespace

Status build_reduce(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Loop<2> all;
  Status status = check_arrays(request, 1);
  if (status.ok()) status = read_loop<2>(step, {in[0].features(), out.features()}, &all);
  if (status.ok() && (step.axes == 0 || step.axes > all.axes.size())) status = unfit("no axis is reduced");
  if (status.ok()) status = check_written(all, step.axes, out);
  if (!status.ok()) return status;
  Loop<2> kept;
  Loop<1> reduced;
  kept.offsets = all.offsets;
  const size_t first = all.axes.size() - step.axes;
  for (size_t a = 0; a < all.axes.size(); ++a) {
    if (a < first)
      kept.axes.push_back(all.axes[a]);
    else
      reduced.axes.push_back({all.axes[a].size, {all.axes[a].strides[0]}});
  }
  kept = simplify(kept);
  reduced = simplify(reduced);
  for (const auto& [name, reduction] : kReductions) {
    if (step.function != name) continue;
    if (step.integers)
      *built = std::make_unique<ReduceStep<int32_t>>(in[0], out, kept, reduced, reduction);
    else
      *built = std::make_unique<ReduceStep<float>>(in[0], out, kept, reduced, reduction);
    return Status::Ok();
  }
  return unfit("no function \"" + step.function + "\"");
}

Status build_product(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Loop<3> all;
  Status status = check_arrays(request, 2);
  if (status.ok()) status = read_loop<3>(step, {in[0].features(), in[1].features(), out.features()}, &all);
  if (status.ok() && all.axes.size() < 3) status = unfit("a product has the axes m, n and k");
  if (status.ok()) status = check_written(all, 1, out);
  if (!status.ok()) return status;
  const size_t batch_axes = all.axes.size() - 3;
  const std::array<Loop<3>::Axis, 3> axes = {all.axes[batch_axes], all.axes[batch_axes + 1],
                                             all.axes[batch_axes + 2]};
  all.axes.resize(batch_axes);
  *built = std::make_unique<ProductStep>(in[0], in[1], out, simplify(all), axes);
  return Status::Ok();
}

Status build_gather(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 2);
  if (!status.ok()) return status;
  const size_t outer = step.n, size = step.k;
  const bool along = step.whole;
  // Divided, not multiplied: the product of the two may not fit.
  if (outer == 0 || size == 0 || in[0].features() % outer != 0 || in[0].features() / outer % size != 0)
    return unfit("the input is not made of such slices");
  const size_t inner = in[0].features() / (outer * size);
  if (along && (inner != 1 || in[1].features() % outer != 0)) return unfit("the indices do not fit");
  status =
      expect_equal("elements", along ? in[1].features() : outer * in[1].features() * inner, out.features());
  if (!status.ok()) return status;
  *built = std::make_unique<GatherStep>(in[0], in[1], out, outer, size, along);
  return Status::Ok();
}

Status build_gather_nd(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 2);
  if (!status.ok()) return status;
  const size_t depth = step.sizes.size();
  if (depth == 0 || in[1].features() % depth != 0) return unfit("the indices are no tuples");
  size_t slices = 1;
  for (const int64_t size : step.sizes) {
    if (size < 1 || size_t(size) > in[0].features()) return unfit("the input has no such axes");
    slices *= size_t(size);
    if (slices > in[0].features()) return unfit("the input has no such axes");
  }
  if (in[0].features() % slices != 0) return unfit("the input has no such axes");
  status = expect_equal("elements", in[1].features() / depth * (in[0].features() / slices), out.features());
  if (!status.ok()) return status;
  *built = std::make_unique<GatherNdStep>(in[0], in[1], out, step.sizes);
  return Status::Ok();
}

Status build_top_k(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 1);
  if (!status.ok()) return status;
  const size_t size = step.n, k = step.k;
  if (size == 0 || k == 0 || k > size || in[0].features() % size != 0) return unfit("no such runs");
  status = expect_equal("elements", in[0].features() / size * k, out.features());
  if (!status.ok()) return status;
  if (step.integers)
    *built = std::make_unique<TopKStep<int32_t>>(in[0], out, size, k);
  else
    *built = std::make_unique<TopKStep<float>>(in[0], out, size, k);
  return Status::Ok();
}

}  // namespace tfjs_sparse
