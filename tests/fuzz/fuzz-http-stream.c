/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A stream of HTTP messages must be read alike however it is cut (agent/core/http-reader.h). The
 * first byte says whether it has requests or responses, the second one how it is cut.
 */

#include "core/http-reader.h"
#include "fuzz.h"

#define SETTINGS_SIZE 2
#define CUTS 7 /* lengths of the pieces go through 1 to this many steps */

static void
add_head (GString *story, const EaHttpHead *head)
{
  g_string_append_printf (story, "%s %s %u '%s' %d %" G_GUINT64_FORMAT " %d\n", head->method,
                          head->uri, head->status, head->reason, (int) head->framing,
                          head->content_length, head->keeps_alive);
  for (gsize i = 0; i < head->n_fields; i++)
    g_string_append_printf (story, "%s=%s@%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "\n",
                            head->fields[i].name, head->fields[i].value,
                            head->fields[i].name_offset, head->fields[i].value_offset);
}

/* FALSE at the error, of which only the fact is told: with two faults the cuts may decide which is
 * found. */
static gboolean
add_events (GString *story, EaHttpReader *reader)
{
  g_autoptr (GError) error = NULL;
  EaHttpEvent event;
  EaSpan piece;

  while (ea_http_reader_next (reader, &event, &piece, &error))
    switch (event)
      {
      case EA_HTTP_EVENT_NEEDS_BYTES:
        FUZZ_CLAIM (ea_http_reader_get_rest (reader).size == 0);
        return TRUE;
      case EA_HTTP_EVENT_HEAD:
        add_head (story, ea_http_reader_get_head (reader));
        break;
      case EA_HTTP_EVENT_BODY:
        g_string_append_len (story, (const char *) piece.data, (gssize) piece.size);
        break;
      case EA_HTTP_EVENT_COMPLETE:
        g_string_append (story, "complete\n");
        break;
      }
  FUZZ_CLAIM (error != NULL);
  g_string_append (story, "error\n");
  return FALSE;
}

/* (transfer full): each piece is in a buffer of its own, which dies before the next one comes. */
static GString *
tell (EaHttpKind kind, EaSpan stream, gsize step)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (kind, TRUE);
  GString *story = g_string_new (NULL);
  gsize used = 0;
  gsize n_cuts = 0;

  while (used < stream.size)
    {
      EaSpan piece = ea_span_head (ea_span_tail (stream, used), (n_cuts % CUTS + 1) * step);
      g_autofree guint8 *copy = g_memdup2 (piece.data, piece.size);

      ea_http_reader_feed (reader, ea_span_init (copy, piece.size));
      if (!add_events (story, reader))
        return story;
      used += piece.size;
      n_cuts++;
    }
  ea_http_reader_feed_end (reader);
  (void) add_events (story, reader);
  return story;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GString) whole = NULL;
  g_autoptr (GString) cut = NULL;
  EaReader settings;
  EaHttpKind kind;
  gsize step;
  EaSpan stream;

  if (size < SETTINGS_SIZE)
    return 0;
  ea_reader_init (&settings, ea_span_init (data, size));
  kind = ea_reader_u8 (&settings) % 2 == 0 ? EA_HTTP_REQUEST : EA_HTTP_RESPONSE;
  step = (gsize) ea_reader_u8 (&settings) % 16 + 1;
  stream = ea_reader_rest (&settings);

  whole = tell (kind, stream, size);
  cut = tell (kind, stream, step);
  FUZZ_CLAIM (g_string_equal (whole, cut));
  return 0;
}
