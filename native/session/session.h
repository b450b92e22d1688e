#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "core/status.h"
#include "session/plan.h"

namespace tfjs_sparse {

/// A compiled model: packed weights that any number of runs share, and memory that a run borrows.
class Session {
 public:
  /// @param threads  of one run, at least 1
  static Status create(const Plan& plan, Isa isa, size_t threads, std::shared_ptr<Session>* session);

  size_t inputs() const { return inputs_.size(); }
  size_t outputs() const { return outputs_.size(); }
  /// Floats of one batch element.
  size_t input_features(size_t i) const { return values_[inputs_[i]].features(); }
  size_t output_features(size_t i) const { return values_[outputs_[i]].features(); }
  /// All elements of a port at a batch.
  size_t input_size(size_t i, size_t batch) const { return size_of(values_[inputs_[i]], batch); }
  size_t output_size(size_t i, size_t batch) const { return size_of(values_[outputs_[i]], batch); }
  /// The elements are int32, in the same four bytes as a float.
  bool input_is_integer(size_t i) const { return values_[inputs_[i]].integers; }
  bool output_is_integer(size_t i) const { return values_[outputs_[i]].integers; }
  /// The only batch that runs, 0 for any.
  size_t fixed_batch() const { return batch_; }

  /// One run. Several may be under way at once, on any threads.
  /// @param inputs   row-major [batch][features], one per input; only read while the call lasts
  /// @param outputs  likewise, written; may not overlap the inputs
  Status run(const float* const* inputs, float* const* outputs, size_t batch);

  struct StepReport {
    std::string kernel;
    size_t bytes;
    Division division;
  };
  /// What each step of the plan would run at this batch; an empty kernel for an alias.
  std::vector<StepReport> report(size_t batch) const;
  /// Bytes of activations and scratch that a run of this batch takes.
  size_t arena_bytes(size_t batch) const;
  /// Bytes of all packed weights.
  size_t weight_bytes() const;

  /// Time of each step in microseconds, from a run on zeros: the least of `repeats`.
  Status time_steps(size_t batch, size_t repeats, std::vector<double>* microseconds);

 private:
  struct Link {
    std::vector<size_t> inputs;
    size_t output;
  };
  static size_t size_of(const ValueShape& shape, size_t batch) {
    return shape.features() * (shape.array ? shape.blocks(batch) : batch);
  }
  /// Where everything lies for one batch size.
  struct Layout {
    size_t batch = 0, floats = 0, scratch_offset = 0, scratch_floats = 0;
    /// By value, then the steps' shared scratch; strides by value.
    std::vector<size_t> offsets, strides;
  };
  /// The memory of one run.
  struct Workspace {
    Layout layout;
    AlignedBuffer<float> memory;
    /// Inputs of the step that runs.
    std::vector<Buffer> sources;
  };

  Session() = default;
  Status check_batch(const char* what, size_t batch) const;
  Layout plan_layout(size_t batch) const;
  std::unique_ptr<Workspace> borrow(size_t batch);
  void give_back(std::unique_ptr<Workspace> workspace);
  /// The value in whose memory a value lies (assign_places).
  size_t root(size_t value) const { return roots_[value]; }
  bool reads_in_place(size_t input, size_t batch) const;
  template <typename OnStep>
  void run_steps(Workspace* workspace, const float* const* inputs, float* const* outputs, size_t batch,
                 OnStep on_step);

  Isa isa_ = Isa::kScalar;
  size_t threads_ = 1, batch_ = 0;
  std::vector<ValueShape> values_;
  std::vector<size_t> roots_, inputs_, outputs_;
  std::vector<Link> links_;
  /// By root value: where a constant lies, else nullptr.
  std::vector<const float*> constants_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace tfjs_sparse
