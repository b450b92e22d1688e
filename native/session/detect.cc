// Steps that find places: how many they find is known only after the run, so the rest of their output is -1.
#include <algorithm>
#include <cmath>
#include <queue>

#include "session/arrays.h"
#include "session/build.h"

namespace tfjs_sparse {

namespace {

/// Coordinates of the elements that are not 0, in row-major order, then tuples of -1.
class WhereStep final : public Step {
 public:
  WhereStep(ValueShape in, ValueShape out, std::vector<int64_t> sizes)
      : Step(in, out), sizes_(std::move(sizes)) {}
  void run(const StepContext& context) const override {
    const size_t count = in_shape_.features(), rank = sizes_.size();
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block) {
      const int32_t* in = block_of<int32_t>(context.in, in_shape_, block);
      int32_t* out = block_of<int32_t>(context.out, out_shape_, block);
      int32_t* const end = out + count * rank;
      for (size_t i = 0; i < count; ++i) {
        if (in[i] == 0) continue;
        size_t rest = i;
        for (size_t axis = rank; axis-- > 0; rest /= size_t(sizes_[axis]))
          out[axis] = int32_t(rest % size_t(sizes_[axis]));
        out += rank;
      }
      std::fill(out, end, -1);
    }
  }
  std::string kernel(Isa, size_t) const override { return "where"; }

 private:
  const std::vector<int64_t> sizes_;
};

/// Greedy: the box of the highest score is taken, those that overlap it too much are dropped (or, softly, get
/// a lower score), and so on. Gives the boxes' numbers, or their scores at last.
/// @see Bodla et al. 2017, arXiv:1704.04503, for the soft one
class NonMaxSuppressionStep final : public Step {
 public:
  NonMaxSuppressionStep(ValueShape boxes, ValueShape scores, ValueShape out, const PlanStep& step)
      : Step(boxes, out),
        scores_(scores),
        overlap_(step.thresholds[0]),
        lowest_(step.thresholds[1]),
        scale_(step.thresholds[2] > 0 ? -0.5 / step.thresholds[2] : 0),
        gives_scores_(step.function == "scores") {}
  void run(const StepContext& context) const override {
    for (size_t block = 0; block < out_shape_.blocks(context.batch); ++block)
      select(block_of<float>(context.inputs[0], in_shape_, block),
             block_of<float>(context.inputs[1], scores_, block),
             block_of<float>(context.out, out_shape_, block));
  }
  std::string kernel(Isa, size_t) const override { return "nonMaxSuppression"; }

 private:
  struct Candidate {
    double score;
    int32_t box;
    /// It was compared with the chosen ones before this.
    size_t compared;
    /// The last in a queue comes first: of equal scores the lower box.
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : box > other.box;
    }
  };

  void select(const float* boxes, const float* scores, float* out) const {
    std::vector<Candidate> first;
    for (size_t i = 0; i < scores_.features(); ++i)
      if (scores[i] > lowest_) first.push_back({scores[i], int32_t(i), 0});
    std::priority_queue<Candidate> candidates(std::less<Candidate>(), std::move(first));
    std::vector<int32_t> chosen;
    std::vector<float> values;
    while (chosen.size() < out_shape_.features() && !candidates.empty()) {
      Candidate next = candidates.top();
      candidates.pop();
      const double before = next.score;
      bool is_dropped = false;
      for (size_t j = chosen.size(); j-- > next.compared;) {
        const double shared = overlap(boxes + 4 * size_t(next.box), boxes + 4 * size_t(chosen[j]));
        is_dropped = shared >= overlap_;
        if (is_dropped) break;
        next.score *= shared <= overlap_ ? std::exp(scale_ * shared * shared) : 0;
        if (next.score <= lowest_) break;
      }
      next.compared = chosen.size();
      if (is_dropped) continue;
      if (next.score == before) {
        chosen.push_back(next.box);
        values.push_back(float(next.score));
      } else if (next.score > lowest_) {
        candidates.push(next);
      }
    }
    const size_t rest = out_shape_.features() - chosen.size();
    if (gives_scores_) {
      std::fill_n(std::copy(values.begin(), values.end(), out), rest, 0.0f);
    } else {
      int32_t* numbers = reinterpret_cast<int32_t*>(out);
      std::fill_n(std::copy(chosen.begin(), chosen.end(), numbers), rest, -1);
    }
  }

  /// Intersection over union of two boxes, each two corners in any order.
  static double overlap(const float* a, const float* b) {
    const auto low = [](const float* box, int axis) { return double(std::min(box[axis], box[axis + 2])); };
    const auto high = [](const float* box, int axis) { return double(std::max(box[axis], box[axis + 2])); };
    const auto area = [&](const float* box) {
      return (high(box, 0) - low(box, 0)) * (high(box, 1) - low(box, 1));
    };
    const double area_a = area(a), area_b = area(b);
    if (area_a <= 0 || area_b <= 0) return 0;
    const auto side = [&](int axis) {
      return std::max(std::min(high(a, axis), high(b, axis)) - std::max(low(a, axis), low(b, axis)), 0.0);
    };
    const double both = side(0) * side(1);
    return both / (area_a + area_b - both);
  }

  const ValueShape scores_;
  const double overlap_, lowest_, scale_;
  const bool gives_scores_;
};

}  // namespace

Status build_where(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 1);
  if (!status.ok()) return status;
  size_t count = 1;
  for (const int64_t size : step.sizes) {
    if (size < 1 || size_t(size) > in[0].features()) return unfit("the input has no such axes");
    count *= size_t(size);
    if (count > in[0].features()) return unfit("the input has no such axes");
  }
  if (step.sizes.empty() || count != in[0].features()) return unfit("the input has no such axes");
  status = expect_equal("coordinates", in[0].features() * step.sizes.size(), out.features());
  if (!status.ok()) return status;
  *built = std::make_unique<WhereStep>(in[0], out, step.sizes);
  return Status::Ok();
}

Status build_non_max_suppression(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  Status status = check_arrays(request, 2);
  if (!status.ok()) return status;
  if (step.thresholds.size() != 3 ||
      std::any_of(step.thresholds.begin(), step.thresholds.end(), [](double t) { return std::isnan(t); }))
    return unfit("expected three thresholds");
  if (step.function != "indices" && step.function != "scores")
    return unfit("no function \"" + step.function + "\"");
  if (in[1].features() > (size_t{1} << 29)) return unfit("too many boxes");
  status = expect_equal("coordinates", 4 * in[1].features(), in[0].features());
  if (status.ok() && out.features() > in[1].features()) status = unfit("more places than boxes");
  if (!status.ok()) return status;
  *built = std::make_unique<NonMaxSuppressionStep>(in[0], in[1], out, step);
  return Status::Ok();
}

}  // namespace tfjs_sparse
