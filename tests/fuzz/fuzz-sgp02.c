/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The EID that a card tells (agent/core/sgp02.h): 32 digits, whose octets alone are read alike. */

#include "core/sgp02.h"

#include <string.h>

#include "fuzz.h"

/* 5A 10 EID 90 00 (SGP.02 §2.2.2) */
#define EID_RESPONSE_FORMAT "5A10%s9000"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *eid = ea_sgp02_parse_eid (ea_span_init (data, size), &error);
  g_autofree char *again = NULL;
  g_autofree char *hex = NULL;
  g_autoptr (GBytes) response = NULL;

  FUZZ_CLAIM ((eid == NULL) == (error != NULL));
  if (eid == NULL)
    return 0;

  FUZZ_CLAIM (strlen (eid) == EA_SGP02_EID_DIGITS);
  FUZZ_CLAIM (strspn (eid, "0123456789") == EA_SGP02_EID_DIGITS);
  hex = g_strdup_printf (EID_RESPONSE_FORMAT, eid);
  response = ea_bytes_from_hex (hex, NULL);
  again = ea_sgp02_parse_eid (ea_span_from_bytes (response), NULL);
  FUZZ_CLAIM (g_strcmp0 (again, eid) == 0);
  return 0;
}
