/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the analyzers of one file can't see of another: included before each. */
#include "core/error.h"

/* FALSE is all that comes back, so what is read after TRUE was written. */
#define ea_core_error_set(...) ((void) ea_core_error_set (__VA_ARGS__), FALSE)
