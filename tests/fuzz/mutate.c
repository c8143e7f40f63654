/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mutate.h"

#define GROWTH_MAX 64

void
fuzz_random_init (FuzzRandom *random, guint32 seed)
{
  random->state = seed * 2654435761u + 1;
  if (random->state == 0)
    random->state = 1;
}

guint32
fuzz_random_below (FuzzRandom *random, guint32 n)
{
  random->state ^= random->state << 13;
  random->state ^= random->state >> 17;
  random->state ^= random->state << 5;
  return random->state % n;
}

gboolean
fuzz_random_one_in (FuzzRandom *random, guint32 n)
{
  return fuzz_random_below (random, n) == 0;
}

void
fuzz_mutate_bytes (GByteArray *bytes)
{
  guint size = bytes->len;

  g_byte_array_set_size (bytes, size + GROWTH_MAX);
  g_byte_array_set_size (bytes, (guint) LLVMFuzzerMutate (bytes->data, size, bytes->len));
}
