/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A command script that arrives in pieces, TS 102 226 §5: as much of it is kept as one object has, and in a
 * compact script two bytes more, which tell whether a command was the last.
 */

#include "core/error.h"
#include "core/script-private.h"
#include "core/script.h"
#include "core/tlv.h"

typedef enum
{
  PHASE_TEMPLATE, /* the first bytes, which tell the format */
  PHASE_OBJECTS,
  PHASE_END,    /* nothing may follow */
  PHASE_FAILED, /* not a script */
} Phase;

#define TLV_SIZE_MIN 2 /* tag and length, or the end of contents */

void
ea_script_reader_init (EaScriptReader *reader)
{
  *reader = (EaScriptReader){ .pending = g_byte_array_new (), .phase = PHASE_TEMPLATE };
}

void
ea_script_reader_clear (EaScriptReader *reader)
{
  g_clear_pointer (&reader->pending, g_byte_array_unref);
}

static EaSpan
get_pending (const EaScriptReader *reader)
{
  return ea_span_from_array (reader->pending);
}

static void
take (EaScriptReader *reader, EaSpan *data, gsize wanted)
{
  EaSpan piece = ea_span_head (*data, wanted);

  g_byte_array_append (reader->pending, piece.data, (guint) piece.size);
  reader->n_taken += piece.size;
  *data = ea_span_tail (*data, piece.size);
}

static void
drop (EaScriptReader *reader, gsize size)
{
  g_byte_array_remove_range (reader->pending, 0, (guint) size);
}

/* Reads tag and length at the start of what is pending. @is_complete gets FALSE when more bytes are needed. */
static gboolean
read_head (const EaScriptReader *reader, EaTlvHead *head, gsize *head_size, gboolean *is_complete,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  EaReader bytes;

  ea_reader_init (&bytes, get_pending (reader));
  *is_complete = ea_tlv_read_ber_head (&bytes, head, &local);
  *head_size = ea_reader_offset (&bytes);
  if (*is_complete || local->code == EA_CORE_ERROR_TRUNCATED)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
open_template (EaScriptReader *reader, GError **error)
{
  EaScriptFormat format;
  gboolean is_complete;
  gsize head_size;
  EaTlvHead head;

  if (!read_head (reader, &head, &head_size, &is_complete, error))
    return FALSE;
  if (!is_complete)
    return TRUE;
  if (!ea_script_check_template (&head, &format, reader->pending->data, error))
    return FALSE;

  ea_script_cursor_init (&reader->cursor, EA_SCRIPT_DIRECTION_COMMANDS, format, EA_SPAN_EMPTY);
  reader->remaining = head.length;
  reader->phase
      = format == EA_SCRIPT_FORMAT_DEFINITE && head.length == 0 ? PHASE_END : PHASE_OBJECTS;
  drop (reader, head_size);
  return TRUE;
}

static gboolean
feed_template (EaScriptReader *reader, EaSpan *data, GError **error)
{
  EaReader bytes;
  guint8 first;

  take (reader, data, 1);
  ea_reader_init (&bytes, get_pending (reader));
  first = ea_reader_peek_u8 (&bytes);
  switch (ea_script_get_template (first))
    {
    case EA_SCRIPT_TEMPLATE_COMMANDS:
      return open_template (reader, error);
    case EA_SCRIPT_TEMPLATE_RESPONSES:
      return ea_script_fail_template (first, reader->pending->data, error);
    case EA_SCRIPT_TEMPLATE_NONE:
      break;
    }
  ea_script_cursor_init (&reader->cursor, EA_SCRIPT_DIRECTION_COMMANDS, EA_SCRIPT_FORMAT_COMPACT,
                         EA_SPAN_EMPTY);
  reader->phase = PHASE_OBJECTS;
  return TRUE;
}

/* The first @size bytes that are pending are an object. */
static gboolean
complete (EaScriptReader *reader, gsize size, GError **error)
{
  EaScriptObject object;

  ea_reader_init (&reader->cursor.reader, ea_span_head (get_pending (reader), size));
  if (!ea_script_cursor_next (&reader->cursor, &object, error))
    return FALSE;
  reader->object_size = size;
  return TRUE;
}

static gboolean
feed_compact (EaScriptReader *reader, EaSpan *data, GError **error)
{
  EaSpan pending = get_pending (reader);
  EaReader bytes;
  gsize wanted = EA_APDU_HEADER_SIZE + 1;
  gsize size;

  ea_reader_init (&bytes, pending);
  (void) ea_reader_bytes (&bytes, EA_APDU_HEADER_SIZE);
  if (pending.size >= wanted)
    wanted += ea_reader_u8 (&bytes) + EA_SCRIPT_LOOK_AHEAD;
  take (reader, data, wanted - pending.size);

  return ea_script_cut_command (get_pending (reader), FALSE, &size, error)
         && (size == 0 || complete (reader, size, error));
}

/* How many bytes the object that is pending wants before it can be read, or its head can; 0 when it is whole. */
static gboolean
get_wanted (const EaScriptReader *reader, gsize *wanted, GError **error)
{
  gboolean is_definite = reader->cursor.format == EA_SCRIPT_FORMAT_DEFINITE;
  EaSpan pending = get_pending (reader);
  gboolean is_complete;
  gsize head_size;
  EaTlvHead head;

  *wanted = TLV_SIZE_MIN - MIN (pending.size, TLV_SIZE_MIN);
  if (*wanted > 0)
    return TRUE;
  if (!read_head (reader, &head, &head_size, &is_complete, error))
    return FALSE;
  if (is_complete && !ea_script_check_head (&head, pending.data, error))
    return FALSE;
  *wanted = is_complete ? head_size + head.length - pending.size : 1;
  if (is_complete && is_definite && *wanted > reader->remaining)
    return ea_script_fail_beyond (&head, head.length - *wanted + reader->remaining, NULL, error);
  return TRUE;
}

static gboolean
close_indefinite (EaScriptReader *reader, GError **error)
{
  EaReader bytes;

  ea_reader_init (&bytes, get_pending (reader));
  if (ea_reader_u16be (&bytes) != EA_TLV_END_OF_CONTENTS)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "End of contents is not 0000, at offset %" G_GUINT64_FORMAT,
                              reader->n_taken - TLV_SIZE_MIN);
  drop (reader, TLV_SIZE_MIN);
  reader->phase = PHASE_END;
  return TRUE;
}

static gboolean
is_end_of_contents (const EaScriptReader *reader)
{
  EaReader bytes;

  ea_reader_init (&bytes, get_pending (reader));
  return reader->cursor.format == EA_SCRIPT_FORMAT_INDEFINITE
         && ea_reader_remaining (&bytes) == TLV_SIZE_MIN && ea_reader_peek_u8 (&bytes) == 0;
}

static gboolean
feed_expanded (EaScriptReader *reader, EaSpan *data, GError **error)
{
  gboolean is_definite = reader->cursor.format == EA_SCRIPT_FORMAT_DEFINITE;
  gsize before = data->size;
  gsize wanted;

  if (!get_wanted (reader, &wanted, error))
    return FALSE;
  if (is_definite && wanted > reader->remaining)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, NULL,
                              "Script ends within a tag or length, at offset %" G_GUINT64_FORMAT,
                              reader->n_taken + reader->remaining);
  take (reader, data, wanted);
  reader->remaining -= is_definite ? before - data->size : 0;

  if (is_end_of_contents (reader))
    return close_indefinite (reader, error);
  if (!get_wanted (reader, &wanted, error))
    return FALSE;
  return wanted > 0 || complete (reader, reader->pending->len, error);
}

static gboolean
feed_some (EaScriptReader *reader, EaSpan *data, GError **error)
{
  switch ((Phase) reader->phase)
    {
    case PHASE_TEMPLATE:
      return feed_template (reader, data, error);
    case PHASE_OBJECTS:
      return reader->cursor.format == EA_SCRIPT_FORMAT_COMPACT
                 ? feed_compact (reader, data, error)
                 : feed_expanded (reader, data, error);
    case PHASE_END:
      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, data->data,
                                "Input has %" G_GSIZE_FORMAT " bytes after the end of the script",
                                data->size);
    case PHASE_FAILED:
      break;
    }
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL, "Script was found bad before");
}

/* The object that was pulled is gone; after the last of a definite length, so is the script. */
static void
forget_object (EaScriptReader *reader)
{
  if (reader->object_size == 0)
    return;
  drop (reader, reader->object_size);
  reader->object_size = 0;
  if (reader->cursor.format == EA_SCRIPT_FORMAT_DEFINITE && reader->remaining == 0)
    reader->phase = PHASE_END;
}

void
ea_script_reader_leave_rest (EaScriptReader *reader)
{
  reader->leaves_rest = TRUE;
}

/* TRUE when the reader waits for what follows: an object, or what should not be there. */
static gboolean
wants_more (const EaScriptReader *reader)
{
  return reader->object_size == 0 && !(reader->leaves_rest && reader->phase == PHASE_END);
}

gboolean
ea_script_reader_feed (EaScriptReader *reader, EaSpan *data, GError **error)
{
  forget_object (reader);
  while (data->size > 0 && wants_more (reader))
    if (!feed_some (reader, data, error))
      {
        reader->phase = PHASE_FAILED;
        return FALSE;
      }
  return TRUE;
}

static gboolean
end_compact (EaScriptReader *reader, GError **error)
{
  gsize size;

  if (reader->pending->len > 0
      && (!ea_script_cut_command (get_pending (reader), TRUE, &size, error)
          || !complete (reader, size, error)))
    return FALSE;
  if (reader->object_size < reader->pending->len)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, NULL,
                              "One byte after the last command, at offset %" G_GUINT64_FORMAT,
                              reader->n_taken - 1);
  return TRUE;
}

gboolean
ea_script_reader_end (EaScriptReader *reader, GError **error)
{
  Phase phase;

  forget_object (reader);
  phase = (Phase) reader->phase;
  reader->phase = PHASE_FAILED;
  if (phase == PHASE_OBJECTS && reader->cursor.format == EA_SCRIPT_FORMAT_COMPACT)
    {
      if (!end_compact (reader, error))
        {
          reader->object_size = 0;
          return FALSE;
        }
      reader->phase = PHASE_END;
      return TRUE;
    }
  if (phase != PHASE_END)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, NULL,
                              "Script ends after %u objects, before its end, at offset "
                              "%" G_GUINT64_FORMAT,
                              reader->cursor.n_objects, reader->n_taken);
  reader->phase = PHASE_END;
  return TRUE;
}

gboolean
ea_script_reader_pull (EaScriptReader *reader, EaScriptObject *out)
{
  EaScriptCursor again = reader->cursor;

  if (reader->object_size == 0)
    return FALSE;
  ea_reader_init (&again.reader, ea_span_head (get_pending (reader), reader->object_size));
  again.n_objects = 0;
  return ea_script_cursor_next (&again, out, NULL);
}

gboolean
ea_script_reader_is_at_end (const EaScriptReader *reader)
{
  return reader->phase == PHASE_END
         || (reader->phase == PHASE_OBJECTS && reader->cursor.format == EA_SCRIPT_FORMAT_DEFINITE
             && reader->remaining == 0);
}

gboolean
ea_script_reader_get_format (const EaScriptReader *reader, EaScriptFormat *format)
{
  if (reader->phase == PHASE_TEMPLATE || reader->phase == PHASE_FAILED)
    return FALSE;
  *format = reader->cursor.format;
  return TRUE;
}
