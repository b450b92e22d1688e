// Element by element on arrays, with broadcasting by strides of zero.
#include <cstring>
#include <limits>

#include "session/arrays.h"
#include "session/build.h"
#include "session/functions.h"
#include "session/strided.h"

namespace tfjs_sparse {

namespace {

/// Moves elements: transposes, slices, repetition; what the loop does not write is `value`.
class StridedStep final : public Step {
 public:
  StridedStep(ValueShape in, ValueShape out, Loop<2> loop, bool fill, float value)
      : Step(in, out), loop_(std::move(loop)), fill_(fill), value_(value) {}
  void run(const StepContext& context) const override {
    const auto [from, to] = loop_.axes.back().strides;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const float* in = block_of<float>(context.in, in_shape_, block);
      float* out = block_of<float>(context.out, out_shape_, block);
      if (fill_) std::fill(out, out + out_shape_.features(), value_);
      for_each_run(loop_, [&, from = from, to = to](const std::array<int64_t, 2>& at, size_t count) {
        const float* source = in + at[0];
        float* target = out + at[1];
        if (from == 1 && to == 1) {
          std::memcpy(target, source, count * sizeof(float));
        } else {
          for (size_t i = 0; i < count; ++i) target[int64_t(i) * to] = source[int64_t(i) * from];
        }
      });
    }
  }
  std::string kernel(Isa, size_t) const override { return "strided"; }

 private:
  const Loop<2> loop_;
  const bool fill_;
  const float value_;
};

/// out = f(a, b): in elements of T, result in elements of R.
template <typename T, typename R, typename F>
class ArrayBinaryStep final : public Step {
 public:
  ArrayBinaryStep(ValueShape a, ValueShape b, ValueShape out, Loop<3> loop, F function)
      : Step(a, out), b_shape_(b), loop_(std::move(loop)), function_(function) {}
  void run(const StepContext& context) const override {
    const auto [sa, sb, so] = loop_.axes.back().strides;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const T* a = block_of<T>(context.inputs[0], in_shape_, block);
      const T* b = block_of<T>(context.inputs[1], b_shape_, block);
      R* out = block_of<R>(context.out, out_shape_, block);
      for_each_run(loop_, [&, sa = sa, sb = sb, so = so](const std::array<int64_t, 3>& at, size_t count) {
        const T *x = a + at[0], *y = b + at[1];
        R* z = out + at[2];
        if (sa == 1 && sb == 1 && so == 1) {
          for (size_t i = 0; i < count; ++i) z[i] = function_(x[i], y[i]);
        } else {
          for (size_t i = 0; i < count; ++i)
            z[int64_t(i) * so] = function_(x[int64_t(i) * sa], y[int64_t(i) * sb]);
        }
      });
    }
  }
  bool may_write_over(size_t input) const override {
    if (!std::is_same_v<T, R> || loop_.offsets[input] != loop_.offsets[2]) return false;
    for (const auto& axis : loop_.axes)
      if (axis.strides[input] != axis.strides[2]) return false;
    return true;
  }
  std::string kernel(Isa, size_t) const override { return "arrayBinary"; }

 private:
  const ValueShape b_shape_;
  const Loop<3> loop_;
  const F function_;
};

class SelectStep final : public Step {
 public:
  SelectStep(std::vector<ValueShape> in, ValueShape out, Loop<4> loop)
      : Step(in[0], out), inputs_(std::move(in)), loop_(std::move(loop)) {}
  void run(const StepContext& context) const override {
    const auto& strides = loop_.axes.back().strides;
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const int32_t* which = block_of<int32_t>(context.inputs[0], inputs_[0], block);
      const float* a = block_of<float>(context.inputs[1], inputs_[1], block);
      const float* b = block_of<float>(context.inputs[2], inputs_[2], block);
      float* out = block_of<float>(context.out, out_shape_, block);
      for_each_run(loop_, [&](const std::array<int64_t, 4>& at, size_t count) {
        for (int64_t i = 0; i < int64_t(count); ++i) {
          const float* chosen =
              which[at[0] + i * strides[0]] != 0 ? a + at[1] + i * strides[1] : b + at[2] + i * strides[2];
          // As bytes: the elements may be integers.
          std::memcpy(out + at[3] + i * strides[3], chosen, sizeof(float));
        }
      });
    }
  }
  std::string kernel(Isa, size_t) const override { return "select"; }

 private:
  const std::vector<ValueShape> inputs_;
  const Loop<4> loop_;
};

template <typename From, typename To>
class CastStep final : public Step {
 public:
  CastStep(ValueShape in, ValueShape out, bool to_bool) : Step(in, out), to_bool_(to_bool) {}
  void run(const StepContext& context) const override {
    const From* in = reinterpret_cast<const From*>(context.in.data);
    To* out = reinterpret_cast<To*>(context.out.data);
    const size_t count = out_shape_.features() * out_shape_.blocks(context.batch);
    for (size_t i = 0; i < count; ++i) out[i] = to_bool_ ? To(in[i] != 0) : convert(in[i]);
  }
  std::string kernel(Isa, size_t) const override { return "cast"; }

 private:
  static To convert(From x) {
    if constexpr (std::is_same_v<From, float> && std::is_same_v<To, int32_t>) {
      // What does not fit, NaN among it, is the lowest number, as the CPU's instruction gives.
      if (!(x >= -2147483648.0f && x < 2147483648.0f)) return std::numeric_limits<int32_t>::min();
    }
    return To(x);
  }

  const bool to_bool_;
};

}  // namespace

Status build_strided(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Loop<2> loop;
  Status status = check_arrays(request, 1);
  if (status.ok()) status = read_loop<2>(step, {in[0].features(), out.features()}, &loop);
  const bool fill = step.op == PlanStep::Op::kFill;
  if (status.ok() && !fill) status = check_written(loop, 0, out);
  if (!status.ok()) return status;
  *built = std::make_unique<StridedStep>(in[0], out, simplify(loop), fill, step.value);
  return Status::Ok();
}

Status build_array_binary(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Loop<3> read;
  Status status = check_arrays(request, 2);
  if (status.ok()) status = read_loop<3>(step, {in[0].features(), in[1].features(), out.features()}, &read);
  if (status.ok()) status = check_written(read, 0, out);
  if (!status.ok()) return status;
  const Loop<3> loop = simplify(read);
  const ValueShape a = in[0], b = in[1], y = out;
  const auto make = [&](auto from, auto to) {
    using T = decltype(from);
    using R = decltype(to);
    return [&](auto function) {
      *built = std::make_unique<ArrayBinaryStep<T, R, decltype(function)>>(a, b, y, loop, function);
    };
  };
  const bool known = step.integers ? visit_compare<int32_t>(step.function, make(int32_t{}, int32_t{})) ||
                                         visit_integer_binary(step.function, make(int32_t{}, int32_t{}))
                                   : visit_compare<float>(step.function, make(float{}, int32_t{})) ||
                                         visit_float_binary(step.function, make(float{}, float{}));
  return known ? Status::Ok() : unfit("no function \"" + step.function + "\"");
}

Status build_select(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Loop<4> loop;
  Status status = check_arrays(request, 3);
  if (status.ok())
    status =
        read_loop<4>(step, {in[0].features(), in[1].features(), in[2].features(), out.features()}, &loop);
  if (status.ok()) status = check_written(loop, 0, out);
  if (!status.ok()) return status;
  *built = std::make_unique<SelectStep>(in, out, simplify(loop));
  return Status::Ok();
}

Status build_cast(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 1);
  if (status.ok() && in[0].fixed != out.fixed) status = unfit("the output differs from the input");
  if (status.ok()) status = expect_equal("elements", in[0].features(), out.features());
  if (!status.ok()) return status;
  if (step.function == "toFloat")
    *built = std::make_unique<CastStep<int32_t, float>>(in[0], out, false);
  else if (step.function == "toInteger")
    *built = std::make_unique<CastStep<float, int32_t>>(in[0], out, false);
  else if (step.function == "floatToBool")
    *built = std::make_unique<CastStep<float, int32_t>>(in[0], out, true);
  else if (step.function == "integerToBool")
    *built = std::make_unique<CastStep<int32_t, int32_t>>(in[0], out, true);
  else
    return unfit("no function \"" + step.function + "\"");
  return Status::Ok();
}

}  // namespace tfjs_sparse
