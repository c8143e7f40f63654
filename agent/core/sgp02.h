/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/apdu.h"
#include "core/bytes.h"

/* Names of GSMA SGP.02: application identifiers and toolkit application references, the EID, ES5 functions. */

#define EA_SGP02_EID_DIGITS 32
#define EA_SGP02_EID_SIZE 16
#define EA_SGP02_AID_SIZE 16
#define EA_SGP02_AID_SIZE_MIN 5 /* any application's, ISO/IEC 7816-4 §12.2.3: the RID alone */

/* Toolkit application references (SGP.02 §2.2.3), three octets as a number. */
#define EA_SGP02_TAR_ISD_R 0x000001
#define EA_SGP02_TAR_ECASD 0x000002
#define EA_SGP02_TAR_ISD_P_FILE 0x00000D
#define EA_SGP02_TAR_ISD_P_MODULE 0x00000E
#define EA_SGP02_TAR_ISD_P_FIRST 0x000010
#define EA_SGP02_TAR_ISD_P_LAST 0x00FFFF
#define EA_SGP02_TAR_MAX 0xFFFFFF

/* (transfer full): the ECASD's AID (SGP.02 §2.2.3) */
GBytes *ea_sgp02_get_ecasd_aid (void);

/* (transfer full): the AID of the security domain or executable file with @tar, at most %EA_SGP02_TAR_MAX */
GBytes *ea_sgp02_build_aid (guint32 tar);

/* TRUE when @aid is one of SGP.02's, with any @tar; @tar is untouched when not. */
gboolean ea_sgp02_find_tar (EaSpan aid, guint32 *tar);

/* "ISD-R", "ECASD", "ISD-P" …; %NULL for others. */
const char *ea_sgp02_get_tar_name (guint32 tar);
const char *ea_sgp02_get_aid_name (EaSpan aid);

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

/* TRUE for %EA_SGP02_EID_DIGITS digits. */
gboolean ea_sgp02_is_eid (const char *eid);

/* TRUE when the last two digits of @eid are its check digits: the number leaves 1 when divided by 97 (SGP.02
 * §2.2.2, ISO/IEC 7064). Test cards exist that do not care. */
gboolean ea_sgp02_has_check_digits (const char *eid);

/**
 * ea_sgp02_get_function_name:
 * @command: a command for the ISD-R or an ISD-P
 *
 * Returns: (nullable): the ES5 or ES8 function that such a command belongs to (SGP.02 §4.1.1, §4.1.3)
 */
const char *ea_sgp02_get_function_name (const EaApduCommand *command);

/* TRUE when @command enables, disables, deletes or makes the fall-back of a profile: @aid is that of the ISD-P then,
 * borrowed from @command; untouched when not. */
gboolean ea_sgp02_get_function_target (const EaApduCommand *command, EaSpan *aid);

/* TRUE when another profile is enabled after @command, if it succeeds: EnableProfile, DisableProfile (SGP.02 §4.1.1.2,
 * §4.1.1.3). The eUICC wants a REFRESH then. */
gboolean ea_sgp02_is_switch (const EaApduCommand *command);
