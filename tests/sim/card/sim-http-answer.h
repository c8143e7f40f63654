/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* A response of the SM-SR's HTTP server: what it says, and the liberties that servers take in writing it. */

/**
 * SimHttpAnswer:
 * @fields: (element-type utf8): names and values by turns
 * @body: (nullable): %NULL: none
 * @number: how many there were before it in this session: SimHttpStyle goes by it
 */
typedef struct
{
  guint status;
  GPtrArray *fields;
  GBytes *body;
  guint number;
} SimHttpAnswer;

/* (transfer full): @body: empty: none */
SimHttpAnswer *sim_http_answer_new (guint status, EaSpan body, guint number);
SimHttpAnswer *sim_http_answer_copy (const SimHttpAnswer *answer);
void sim_http_answer_free (SimHttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimHttpAnswer, sim_http_answer_free)

/* Behind the others; @name may be there already. */
void sim_http_answer_add (SimHttpAnswer *answer, const char *name, const char *value);

/* In place of the one with this name, or behind the others */
void sim_http_answer_replace (SimHttpAnswer *answer, const char *name, const char *value);

typedef enum
{
  SIM_HTTP_FRAMING_TURNS, /* chunks of 1024 octets, Content-Length, … */
  SIM_HTTP_FRAMING_LENGTH,
  SIM_HTTP_FRAMING_CHUNKS,
  SIM_HTTP_FRAMING_RANDOM_CHUNKS, /* of 1 to 2048 octets */
} SimHttpFraming;

/**
 * SimHttpStyle:
 * @chunk_size: with SIM_HTTP_FRAMING_CHUNKS; 0: all in one
 * @seed: with SIM_HTTP_FRAMING_RANDOM_CHUNKS
 * @is_spelt_by_turns: two responses as they are in books, two tight, in lower case and with two blanks;
 *   then the next three don't matter
 * @is_tight: no blank behind the colon
 * @is_reversed: the last field comes first
 * @closes: says "Connection: close"
 * @length: (nullable): what Content-Length says, true or not; there are no chunks then
 * @chunk_length: (nullable): what the first chunk says
 * @is_endless: the last chunk, of no octets, is missing
 */
typedef struct
{
  SimHttpFraming framing;
  gsize chunk_size;
  guint32 seed;
  gboolean is_spelt_by_turns;
  gboolean is_tight;
  gboolean is_lower;
  guint n_blanks;
  gboolean is_reversed;
  gboolean closes;
  const char *length;
  const char *chunk_length;
  gboolean is_endless;
} SimHttpStyle;

/* Framing and spelling by turns */
extern const SimHttpStyle sim_http_style_default;

/**
 * sim_http_style_parse:
 * @words: (array zero-terminated=1): "default" alone, or any of "length", "chunks=N", "chunks=all",
 *   "chunks=random:SEED", "tight", "lower", "blanks=N", "reverse", "close"
 *
 * Returns: FALSE when a word is wrong or there is none: @out is untouched
 */
gboolean sim_http_style_parse (SimHttpStyle *out, const char *const *words);

/* (transfer full) */
GBytes *sim_http_answer_write (const SimHttpAnswer *answer, const SimHttpStyle *style);
