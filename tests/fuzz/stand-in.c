/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In place of libFuzzer's way to change the bytes of a value, for programs that are built without it */

#include "stand-in.h"

#include <string.h>

#include "mutate.h"

static FuzzRandom stand_in_random = { 1 };

void
stand_in_seed (guint32 seed)
{
  fuzz_random_init (&stand_in_random, seed);
}

gsize
LLVMFuzzerMutate (guint8 *data, gsize size, gsize max)
{
  FuzzRandom *random = &stand_in_random;
  gsize at = size > 0 ? fuzz_random_below (random, (guint32) size) : 0;

  if (size < max && (size == 0 || fuzz_random_one_in (random, 4)))
    {
      memmove (data + at + 1, data + at, size - at);
      data[at] = (guint8) fuzz_random_below (random, 256);
      return size + 1;
    }
  if (size > 1 && fuzz_random_one_in (random, 4))
    {
      memmove (data + at, data + at + 1, size - at - 1);
      return size - 1;
    }
  if (size > 0)
    data[at] ^= (guint8) (1u << fuzz_random_below (random, 8));
  return size;
}
