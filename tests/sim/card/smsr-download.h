/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The download of a profile to an ISD-P (SGP.02 §4.1.3): scripts of SCP03t commands. What is sealed is
 * "PROF", the number of octets of the file as four octets, and the file, in segments of at most
 * SIM_SCP03T_PLAIN_MAX.
 */

typedef struct _SimSmsrDownload SimSmsrDownload;

/**
 * sim_smsr_download_new:
 * @path: the file of the profile, of any content
 * @n_segments: sealed segments in one script, at least 1
 *
 * Returns: (transfer full) (nullable)
 *
 * Errors: of g_file_get_contents(), EA_CORE_ERROR_LIMIT.
 */
SimSmsrDownload *sim_smsr_download_new (const char *path, guint n_segments, GError **error);
void sim_smsr_download_free (SimSmsrDownload *download);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsrDownload, sim_smsr_download_free)

/* (transfer full) (nullable): the next script, when the one before is answered; NULL: all is sent */
GBytes *sim_smsr_download_build (SimSmsrDownload *download);

/* The response script to the script built last. Errors: EA_CORE_ERROR_MALFORMED, _SECURITY. */
gboolean sim_smsr_download_take (SimSmsrDownload *download, EaSpan script, GError **error);

/* Of the file: octets, and SHA-256 as 64 hexadecimal digits */
gsize sim_smsr_download_get_size (const SimSmsrDownload *download);
const char *sim_smsr_download_get_hash (const SimSmsrDownload *download);
