/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* What the ISD-R tells of the ISD-Ps: GET STATUS (SGP.02 §4.1.1.5, GlobalPlatform Card Specification §11.4). */

/* Life cycle of an ISD-P whose profile is enabled, SGP.02 §2.2.1.3 */
#define EA_SGP02_STATE_ENABLED 0x3F

/* (transfer full): GET STATUS for applications and security domains, on the basic channel */
GBytes *ea_sgp02_build_get_status (void);

/**
 * ea_sgp02_find_enabled:
 * @response: R-APDU to ea_sgp02_build_get_status()
 * @aid: (out): of the ISD-P whose profile is enabled, 5 to 16 bytes, borrowed from @response; untouched on failure
 *
 * Errors: EA_CORE_ERROR_UNSUPPORTED (another status word than 9000), _TRUNCATED, _MALFORMED, _MISSING (none is
 * enabled).
 */
gboolean ea_sgp02_find_enabled (EaSpan response, EaSpan *aid, GError **error);
