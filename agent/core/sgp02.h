/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Names and identities of GSMA SGP.02: application identifiers, the EID. */

#define EA_SGP02_EID_DIGITS 32

/* (transfer full): the ECASD's AID (SGP.02 §2.2.3) */
GBytes *ea_sgp02_get_ecasd_aid (void);

/* (transfer full): GET DATA 5A for the ECASD on the basic channel (SGP.02 §2.2.2) */
GBytes *ea_sgp02_build_get_eid (void);

/**
 * ea_sgp02_parse_eid:
 * @response: R-APDU to ea_sgp02_build_get_eid()
 *
 * Returns: (transfer full) (nullable): %EA_SGP02_EID_DIGITS digits
 *
 * Errors: EA_CORE_ERROR_UNSUPPORTED (another status word than 9000), _TRUNCATED, _MALFORMED (no EID in it).
 */
char *ea_sgp02_parse_eid (EaSpan response, GError **error);
