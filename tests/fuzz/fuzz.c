/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define POISON 0xA5

void
fuzz_claim (gboolean holds, const char *condition, const char *location)
{
  if (holds)
    return;
  g_printerr ("%s: does not hold: %s\n", location, condition);
  abort (); /* not g_error(): of its SIGTRAP a fuzzer keeps no input */
}

gboolean
fuzz_is_inside (EaSpan inner, EaSpan outer)
{
  return inner.size == 0
         || (inner.data >= outer.data && inner.data + inner.size <= outer.data + outer.size);
}

void
fuzz_poison (void *memory, gsize size)
{
  memset (memory, POISON, size);
}

gboolean
fuzz_is_poisoned (const void *memory, gsize size)
{
  const guint8 *bytes = memory;

  for (gsize i = 0; i < size; i++)
    if (bytes[i] != POISON)
      return FALSE;
  return TRUE;
}
