/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * A script that is larger than its carrier takes at once, as several scripts that go one after the other:
 * each has whole commands, and what answers them becomes one response script (ETSI TS 102 226 §5.2). The
 * parts know nothing of each other: there is no script chaining.
 */

typedef struct _SimSmsrParts SimSmsrParts;

/**
 * sim_smsr_parts_new:
 * @script: copied; when it fits, it is the only part, and may be anything
 * @size_max: octets of each part
 *
 * Returns: (transfer full) (nullable)
 *
 * Errors: EA_CORE_ERROR_LIMIT (a command alone is larger), _MALFORMED (too large, and no expanded script).
 */
SimSmsrParts *sim_smsr_parts_new (EaSpan script, gsize size_max, GError **error);
void sim_smsr_parts_free (SimSmsrParts *parts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrParts, sim_smsr_parts_free)

/* Borrowed until sim_smsr_parts_take(): the part that is to go */
EaSpan sim_smsr_parts_get (const SimSmsrParts *parts);

/**
 * sim_smsr_parts_take:
 * @response: what answers the part; where that is not all well, no other part goes
 *
 * Returns: (transfer full) (nullable): what answers the whole script; NULL without @error: another part is to go
 *
 * Errors: EA_CORE_ERROR_MALFORMED: it is no response script
 */
GBytes *sim_smsr_parts_take (SimSmsrParts *parts, EaSpan response, GError **error);
