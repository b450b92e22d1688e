#include "core/status.h"

namespace tfjs_sparse {

const char* status_name(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "";
#define SPARSE_STATUS(name, text) \
  case StatusCode::name:          \
    return text;
#include "core/status.inc"
#undef SPARSE_STATUS
  }
  return "ERR_SPARSE_NATIVE";
}

}  // namespace tfjs_sparse
