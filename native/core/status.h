#pragma once
#include <string>
#include <utility>

namespace tfjs_sparse {

enum class StatusCode {
  kOk = 0,
#define SPARSE_STATUS(name, code) name,
#include "core/status.inc"
#undef SPARSE_STATUS
};

/// The public code of a status, "ERR_SPARSE_…"; "" for kOk.
const char* status_name(StatusCode code);

/// Outcome of an operation that can fail. The message names what, expected and received.
struct Status {
  StatusCode code = StatusCode::kOk;
  std::string message;

  bool ok() const { return code == StatusCode::kOk; }
  static Status Ok() { return {}; }
  static Status Error(StatusCode code, std::string message) { return {code, std::move(message)}; }
};

}  // namespace tfjs_sparse
