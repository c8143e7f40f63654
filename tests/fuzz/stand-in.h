/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* From here on LLVMFuzzerMutate() does what it did after the same call. */
void stand_in_seed (guint32 seed);
