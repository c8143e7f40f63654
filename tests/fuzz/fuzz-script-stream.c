/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A script in pieces (agent/core/script.h) has the objects that it has as a whole, wherever it is cut. The
 * first byte of the input seeds the cuts, the others are the script.
 */

#include "core/script.h"

#include "fuzz.h"

/* xorshift: an input always has the same cuts */
#define PIECE_MAX 16

static gsize
next_piece (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return 1 + *state % PIECE_MAX;
}

typedef struct
{
  EaScriptCursor whole;
  gboolean is_good;
  guint n_objects;
} Expected;

static void
check_object (Expected *expected, const EaScriptObject *object)
{
  EaScriptObject same;

  expected->n_objects++;
  if (!expected->is_good)
    return;
  FUZZ_CLAIM (ea_script_cursor_has_next (&expected->whole));
  FUZZ_CLAIM (ea_script_cursor_next (&expected->whole, &same, NULL));
  FUZZ_CLAIM (same.tag == object->tag && same.type == object->type);
  FUZZ_CLAIM (ea_span_equal (same.value, object->value));
  FUZZ_CLAIM (ea_span_equal (same.object, object->object));
}

static gboolean
feed_piece (EaScriptReader *reader, EaSpan piece, Expected *expected)
{
  while (piece.size > 0)
    {
      g_autoptr (GError) error = NULL;
      gsize before = piece.size;
      EaScriptObject object;

      if (!ea_script_reader_feed (reader, &piece, &error))
        {
          FUZZ_CLAIM (error != NULL);
          return FALSE;
        }
      FUZZ_CLAIM (error == NULL && piece.size < before);
      if (ea_script_reader_pull (reader, &object))
        check_object (expected, &object);
      else
        FUZZ_CLAIM (piece.size == 0 || reader->pending->len == 0);
    }
  return TRUE;
}

static gboolean
end (EaScriptReader *reader, Expected *expected)
{
  EaScriptObject object;

  if (!ea_script_reader_end (reader, NULL))
    return FALSE;
  if (ea_script_reader_pull (reader, &object))
    check_object (expected, &object);
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaSpan rest = ea_span_tail (input, 1);
  guint32 state = size > 0 ? *data + 1u : 1u;
  g_auto (EaScriptReader) reader = { 0 };
  Expected expected = { 0 };
  gboolean is_good = TRUE;
  EaScript script = { 0 };

  expected.is_good = ea_script_parse (&script, rest, NULL);
  ea_script_cursor_init (&expected.whole, EA_SCRIPT_DIRECTION_COMMANDS, script.format,
                         script.objects);
  ea_script_reader_init (&reader);
  while (is_good && rest.size > 0)
    {
      EaSpan piece = ea_span_head (rest, next_piece (&state));

      rest = ea_span_tail (rest, piece.size);
      is_good = feed_piece (&reader, piece, &expected);
    }
  is_good = is_good && end (&reader, &expected);

  FUZZ_CLAIM (is_good == expected.is_good);
  FUZZ_CLAIM (!is_good || expected.n_objects == script.n_objects);
  return 0;
}
