/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mutator of one target: FUZZ_MUTATE is what knows how its inputs are built, FUZZ_HEAD the number of octets before
 * that which tell the target what to do.
 */

#include <string.h>

#include "mutate.h"

#define AS_BYTES_ONE_IN 2
#define HEAD_ONE_IN 8

static const gsize head_size = FUZZ_HEAD;

/* The new size, or 0 when there is no room for what was made */
static gsize
mutate_body (guint8 *data, gsize size, gsize max, EaSpan other, FuzzRandom *random)
{
  g_autoptr (GByteArray) body
      = FUZZ_MUTATE (ea_span_init (data + head_size, size - head_size), other, random);

  if (head_size + body->len > max)
    return 0;
  if (body->len > 0)
    memcpy (data + head_size, body->data, body->len);
  return head_size + body->len;
}

gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max, unsigned int seed)
{
  FuzzRandom random;
  gsize changed;

  fuzz_random_init (&random, seed);
  if (size < head_size || fuzz_random_one_in (&random, AS_BYTES_ONE_IN))
    return LLVMFuzzerMutate (data, size, max);
  for (gsize i = 0; i < head_size; i++)
    if (fuzz_random_one_in (&random, HEAD_ONE_IN))
      data[i] = (guint8) fuzz_random_below (&random, 256);

  changed = mutate_body (data, size, max, EA_SPAN_EMPTY, &random);
  return changed > 0 ? changed : LLVMFuzzerMutate (data, size, max);
}

gsize
LLVMFuzzerCustomCrossOver (const guint8 *data, gsize size, const guint8 *other, gsize other_size,
                           guint8 *out, gsize max, unsigned int seed)
{
  FuzzRandom random;

  if (size < head_size || other_size < head_size || size > max)
    return 0;
  fuzz_random_init (&random, seed);
  memcpy (out, data, size);
  return mutate_body (out, size, max, ea_span_init (other + head_size, other_size - head_size),
                      &random);
}
