/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Mutators that know how an input is built: what they change is an object, a field or a message, and lengths,
 * checksums and keys then fit again, so that a parser's later checks are reached. Now and then one is left wrong.
 * All that they do follows from the random numbers that they are given, and from LLVMFuzzerMutate().
 */

/* Of libFuzzer, or of stand-in.c in a program without it: changes the bytes of one value in place and returns their new
 * number, at most @max. */
gsize LLVMFuzzerMutate (guint8 *data, gsize size, gsize max);

/* What libFuzzer calls (mutator.c): rewrites the input in place and returns its new size, at most @max. */
gsize LLVMFuzzerCustomMutator (guint8 *data, gsize size, gsize max, unsigned int seed);

/* Likewise: writes what is made of two inputs, at most @max bytes, to @out. */
gsize LLVMFuzzerCustomCrossOver (const guint8 *data, gsize size, const guint8 *other,
                                 gsize other_size, guint8 *out, gsize max, unsigned int seed);

/* Random numbers of an xorshift generator */
typedef struct
{
  guint32 state;
} FuzzRandom;

void fuzz_random_init (FuzzRandom *random, guint32 seed);

/* A number below @n, which is not 0 */
guint32 fuzz_random_below (FuzzRandom *random, guint32 n);

/* TRUE once in @n times on average */
gboolean fuzz_random_one_in (FuzzRandom *random, guint32 n);

/* Grows, shrinks or changes @bytes by LLVMFuzzerMutate(). */
void fuzz_mutate_bytes (GByteArray *bytes);

/*
 * Each returns (transfer full) @input, changed once or a few times; with a part of @other, if that is not empty and has
 * any.
 */

/* Data objects with tag and length as in BER and in COMPREHENSION-TLV: proactive commands, terminal responses,
 * envelopes, scripts, PUSH commands */
GByteArray *fuzz_mutate_tlv (EaSpan input, EaSpan other, FuzzRandom *random);

/* The TLVs of QMI messages: type, length of two octets, little-endian */
GByteArray *fuzz_mutate_qmi (EaSpan input, EaSpan other, FuzzRandom *random);

/* Command and response packets of TS 102 225, sealed anew with the keys of fuzz-scp80.c */
GByteArray *fuzz_mutate_scp80 (EaSpan input, EaSpan other, FuzzRandom *random);

/* HTTP messages, one after the other; and those of fuzz-admin.c, with a line of "%%" between */
GByteArray *fuzz_mutate_http (EaSpan input, EaSpan other, FuzzRandom *random);
GByteArray *fuzz_mutate_admin (EaSpan input, EaSpan other, FuzzRandom *random);

/* One PDU of TS 102 127 */
GByteArray *fuzz_mutate_cattp_pdu (EaSpan input, EaSpan other, FuzzRandom *random);
