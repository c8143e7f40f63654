/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names that a trigger brings (agent/net/resolver-name.c): what is let through has the form of a host name, and
 * stays what it is.
 *
 * Input: the characters of a name, which ends at a NUL if there is one.
 */

#include <string.h>

#include "fuzz.h"
#include "net/resolver-private.h"

#define ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789-_"

static void
check_form (const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  FUZZ_CLAIM (strlen (name) <= EA_RESOLVER_NAME_MAX && labels[0] != NULL);
  for (gsize i = 0; labels[i] != NULL; i++)
    {
      gsize size = strlen (labels[i]);

      FUZZ_CLAIM (size > 0 && size <= EA_RESOLVER_LABEL_MAX);
      FUZZ_CLAIM (strspn (labels[i], ALPHABET) == size);
    }
  FUZZ_CLAIM (!g_hostname_is_ip_address (name));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *input = size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ea_resolver_canonicalize (input, &error);
  g_autofree char *dotted = NULL;
  g_autofree char *again = NULL;

  if (name == NULL)
    {
      FUZZ_CLAIM (g_error_matches (error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_BAD_NAME));
      FUZZ_CLAIM (g_str_is_ascii (error->message));
      return 0;
    }
  FUZZ_CLAIM (error == NULL);
  check_form (name);
  dotted = g_strdup_printf ("%s.", name);
  again = ea_resolver_canonicalize (dotted, NULL);
  FUZZ_CLAIM (g_strcmp0 (again, name) == 0);
  return 0;
}
