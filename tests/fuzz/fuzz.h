/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* What every fuzz target shares: the entry point that libFuzzer calls, and claims that must hold. */

/* Any bytes may come; a claim that does not hold aborts. Returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Aborts, in every kind of build, unless @condition holds. */
#define FUZZ_CLAIM(condition) fuzz_claim ((condition), #condition, G_STRLOC)
void fuzz_claim (gboolean holds, const char *condition, const char *location);

/* TRUE when @inner lies within @outer; an empty span lies in any. */
gboolean fuzz_is_inside (EaSpan inner, EaSpan outer);

/* Fills @memory with a value that tells whether a parser touched it. */
void fuzz_poison (void *memory, gsize size);
gboolean fuzz_is_poisoned (const void *memory, gsize size);
