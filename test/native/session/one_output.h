#pragma once
// Sessions of plans with one input and one output, run in memory with guards.
#include <memory>
#include <vector>

#include "numbers.h"
#include "session/session.h"

namespace tfjs_sparse::test {

/// @returns null, after a failure was noted, where the plan is refused
inline std::shared_ptr<Session> create_session(const Plan& plan, Isa isa, size_t threads) {
  std::shared_ptr<Session> session;
  const Status status = Session::create(plan, isa, threads, &session);
  EXPECT_TRUE(status.ok()) << status.message;
  return status.ok() ? session : nullptr;
}

/// A plan's session on an instruction set. Every batch runs on the same one: packing weights takes longer
/// than a run.
struct SessionOn {
  Isa isa;
  std::shared_ptr<Session> session;
};

inline std::vector<SessionOn> sessions_of(const Plan& plan, size_t threads) {
  std::vector<SessionOn> sessions;
  for (const Isa isa : isas_to_test()) sessions.push_back({isa, create_session(plan, isa, threads)});
  return sessions;
}

inline std::vector<float> run_one(Session* session, size_t batch, const std::vector<float>& x) {
  const Exact in(x, 1);
  Guarded out(batch * session->output_features(0));
  const float* inputs[] = {in.data()};
  float* outputs[] = {out.data()};
  EXPECT_TRUE(session->run(inputs, outputs, batch).ok());
  EXPECT_TRUE(out.intact());
  return {out.data(), out.data() + out.size()};
}

}  // namespace tfjs_sparse::test
