#pragma once
// The one place that configures and includes napi.h.
#include <napi.h>
