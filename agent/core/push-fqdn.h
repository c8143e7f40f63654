/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Characters of a name of DNS in text, without the dot of the root, and of one of its labels (RFC 1035 §2.3.4) */
#define EA_PUSH_FQDN_MAX 253
#define EA_PUSH_LABEL_MAX 63

/**
 * ea_push_read_fqdn:
 * @fqdn: value of %EA_PUSH_TAG_FQDN
 *
 * The name of an SM-SR (GlobalPlatform Amendment B §3.11.4). How it is coded is not certain: it is read as text and as
 * labels with their lengths, as in DNS, of which only one can fit.
 *
 * Returns: (transfer full) (nullable): letters, digits, hyphens, underscores and dots between labels
 *
 * Errors: EA_CORE_ERROR_MALFORMED, _LIMIT (over %EA_PUSH_FQDN_MAX or %EA_PUSH_LABEL_MAX), _TRUNCATED (no name).
 */
char *ea_push_read_fqdn (EaSpan fqdn, GError **error);
