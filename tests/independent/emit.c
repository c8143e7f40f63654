/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Prints what our builders make, and what the simulator's CAT_TP says, for a decoder of others to read
 * (test-tshark): one line for each item, divided by tabs: how it travels (envelope, command, response,
 * profile, objects, cat-tp), its name, its bytes, and what must be read, divided by semicolons:
 * "FIELD=VALUE" for a field of the decoder, its occurrences divided by commas, and "~LABEL: VALUE" for a
 * line of its output, which may say the value in words after it; with "..." at its end VALUE is only the
 * beginning.
 */

#include <stdio.h>

#include "core/bytes.h"
#include "emit.h"

void
emit (const char *transport, const char *name, GBytes *bytes, const char *expected)
{
  g_autofree char *hex = NULL;

  if (bytes == NULL)
    g_error ("%s: nothing was built", name);
  hex = ea_span_to_hex (ea_span_from_bytes (bytes));
  printf ("%s\t%s\t%s\t%s\n", transport, name, hex, expected);
  g_bytes_unref (bytes);
}

int
main (void)
{
  emit_profiles ();
  emit_envelopes ();
  emit_messages ();
  emit_commands ();
  emit_pdus ();
  emit_connections ();
  return 0;
}
