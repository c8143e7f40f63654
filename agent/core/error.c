/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The error domain of the core. */

#include "core/error.h"

/* clang-format off */
G_DEFINE_QUARK (ea-core-error-quark, ea_core_error)
/* clang-format on */
