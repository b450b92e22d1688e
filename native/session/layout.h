#pragma once
#include "core/cpu.h"
#include "session/buffer.h"

namespace tfjs_sparse {

/// Row-major [batch][positions][channels], as TF.js has it, into a feature-major buffer.
void import_rows(Isa isa, const float* rows, const ValueShape& shape, size_t batch, const Buffer& out);
/// And back.
void export_rows(Isa isa, const Buffer& in, const ValueShape& shape, size_t batch, float* rows);

/// A value seen as one vector of features per batch element: row (c, p) of [channels · positions][batch],
/// contiguous.
void gather_features(const Buffer& in, const ValueShape& shape, size_t batch, float* out);
void scatter_features(const float* in, const ValueShape& shape, size_t batch, const Buffer& out);

/// No NaN and no infinity among the first `columns` floats of each of `rows` rows.
bool all_finite(const float* data, size_t rows, size_t columns, size_t stride);

}  // namespace tfjs_sparse
