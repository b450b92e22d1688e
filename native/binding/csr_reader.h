#pragma once
#include "binding/arguments.h"
#include "core/csr.h"

namespace tfjs_sparse::binding {

/// (rows, cols, rowOffsets, colIndices, values) at positions 0 to 4, checked.
/// @throws ERR_SPARSE_CSR, ERR_SPARSE_SHAPE
CsrView read_csr(const Arguments& args);

}  // namespace tfjs_sparse::binding
