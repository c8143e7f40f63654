/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GLib has SHA-256, too, but in plain C, and each command of a script is worth a digest. */

#include "core/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static void
add (gnutls_hash_hd_t hash, EaSpan span)
{
  int result = span.size > 0 ? gnutls_hash (hash, span.data, span.size) : 0;

  g_assert (result == 0);
}

void
ea_digest_compute (guint8 digest[EA_DIGEST_SIZE], EaSpan first, EaSpan second)
{
  gnutls_hash_hd_t hash = NULL;
  int result = gnutls_hash_init (&hash, GNUTLS_DIG_SHA256);

  g_assert (result == 0); /* every GnuTLS has it, for TLS 1.2 could not do without */
  add (hash, first);
  add (hash, second);
  gnutls_hash_deinit (hash, digest);
}
