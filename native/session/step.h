#pragma once
#include <functional>
#include <string>

#include "core/cpu.h"
#include "session/buffer.h"

namespace tfjs_sparse {

/// What a step sees of one run.
struct StepContext {
  Isa isa;
  size_t batch;
  size_t threads;
  Buffer in, out;
  /// All inputs; `in` is the first.
  const Buffer* inputs;
  /// Scratch of one worker, scratch_floats() of the step long.
  std::function<float*(size_t worker)> scratch;
  /// Scratch of the whole run, shared_floats() of the step long.
  float* shared = nullptr;
};

/// How a run divides a product among its threads, which take part after part.
struct Division {
  /// Parts that the outputs and the columns are cut into: their product, 1 where one thread does it all.
  size_t outputs = 1, columns = 1;
  /// Why, for people; empty for a step that is no product.
  std::string reason;
};

/// One operation of a plan, with its weights packed. Immutable: many runs may be inside it at once.
class Step {
 public:
  Step(ValueShape in, ValueShape out) : in_shape_(in), out_shape_(out) {}
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  virtual void run(const StepContext& context) const = 0;
  /// Floats of scratch per worker for a run of this batch.
  virtual size_t scratch_floats(size_t /*batch*/) const { return 0; }
  /// Floats of scratch that the workers share.
  virtual size_t shared_floats(size_t /*batch*/) const { return 0; }
  /// May read past the last column of the input: so the input must lie in the session's own memory.
  virtual bool reads_past_end(size_t /*batch*/) const { return false; }
  /// The output may lie where that input, of the same shape, lies: each element is read, once, before the one
  /// at its place is written.
  virtual bool may_write_over(size_t /*input*/) const { return false; }
  /// Bytes of packed weights.
  virtual size_t bytes() const { return 0; }
  /// The value of a step that computes nothing; it takes no memory of a run.
  virtual const float* constant() const { return nullptr; }
  /// Name of the kernel that a run of this batch uses.
  virtual std::string kernel(Isa isa, size_t batch) const = 0;
  /// What a run of this batch on so many threads does.
  virtual Division division(Isa /*isa*/, size_t /*batch*/, size_t /*threads*/) const { return {}; }

 protected:
  const ValueShape in_shape_, out_shape_;
};

}  // namespace tfjs_sparse
