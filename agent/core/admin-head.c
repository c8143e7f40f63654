/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An administration session at rest: its head, and the answers that are stored beside it. The head is
 *
 *   version (1), flags (1), exchange (4), commands (4), scripts (4), answers without a script (2)
 *   the POST: status (1), format (1), URI
 *   with FLAG_SCRIPT: format (1), objects that were started (4), their digest (32), target, next URI
 *
 * numbers with their highest byte first, a text with its length in two bytes in front. Where the answers have one
 * object less than were started, that one was in flight. Nothing is taken on trust: it may have lain on a bad medium.
 */

#include <string.h>

#include "core/admin-private.h"
#include "core/error.h"
#include "core/script.h"
#include "core/sgp02.h"
#include "core/tlv.h"

#define VERSION 1

#define FLAG_POSTED 0x01
#define FLAG_FINISHED 0x02
#define FLAG_BODY 0x04     /* the POST has answers with it */
#define FLAG_BODY_RFM 0x08 /* of their other type */
#define FLAG_SCRIPT 0x10   /* a script is open */
#define FLAG_SCRIPT_RFM 0x20
#define FLAG_STATE 0x40 /* it has left state on the logical channel */
#define FLAG_NEXT 0x80  /* its answers are POSTed */

/* Bytes of stored answers: with the last object, and the end that may be put behind it. */
#define ANSWERS_SIZE_MAX (EA_ADMIN_ANSWERS_MAX + 16)

static void
write_text (EaWriter *writer, EaSpan text)
{
  ea_writer_u16be (writer, (guint16) text.size);
  ea_writer_bytes (writer, text);
}

static void
write_string (EaWriter *writer, const char *string)
{
  write_text (writer, ea_span_init (string, strlen (string)));
}

static guint8
get_flags (const EaAdmin *self)
{
  const EaAdminScript *script = &self->script;
  guint flags = 0;

  flags |= self->has_posted ? FLAG_POSTED : 0;
  flags |= self->is_finished ? FLAG_FINISHED : 0;
  flags |= self->post.has_body ? FLAG_BODY : 0;
  flags |= self->post.is_rfm ? FLAG_BODY_RFM : 0;
  if (!script->is_open)
    return (guint8) flags;
  flags |= FLAG_SCRIPT;
  flags |= script->is_rfm ? FLAG_SCRIPT_RFM : 0;
  flags |= script->leaves_state ? FLAG_STATE : 0;
  flags |= script->next_uri != NULL ? FLAG_NEXT : 0;
  return (guint8) flags;
}

static void
write_script (EaWriter *writer, const EaAdminScript *script)
{
  ea_writer_u8 (writer, (guint8) script->format);
  ea_writer_u32be (writer, script->n_started);
  ea_writer_bytes (writer, EA_SPAN_OF_ARRAY (script->digest));
  write_text (writer, ea_span_from_bytes (script->target));
  if (script->next_uri != NULL)
    write_string (writer, script->next_uri);
}

GBytes *
ea_admin_save (const EaAdmin *self)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, VERSION);
  ea_writer_u8 (&writer, get_flags (self));
  ea_writer_u32be (&writer, self->exchange);
  ea_writer_u32be (&writer, self->script.n_commands);
  ea_writer_u32be (&writer, self->n_scripts);
  ea_writer_u16be (&writer, (guint16) self->n_empty);
  ea_writer_u8 (&writer, (guint8) self->post.status);
  ea_writer_u8 (&writer, (guint8) self->post.format);
  write_string (&writer, self->post.uri);
  if (self->script.is_open)
    write_script (&writer, &self->script);
  return ea_writer_steal (&writer);
}

static EaSpan
read_text (EaReader *reader)
{
  return ea_reader_bytes (reader, ea_reader_u16be (reader));
}

/* (transfer full) (nullable): the URI that comes; %NULL when it is none */
static char *
read_uri (EaReader *reader, GError **error)
{
  EaSpan text = read_text (reader);
  g_autofree char *uri = text.size > 0 ? g_strndup ((const char *) text.data, text.size) : NULL;

  if (uri == NULL || strlen (uri) != text.size)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, text.data,
                         "Session has a URI without characters, or with a NUL");
      return NULL;
    }
  return ea_admin_check_uri (uri, error) ? g_steal_pointer (&uri) : NULL;
}

static gboolean
read_format (EaReader *reader, EaScriptFormat *format, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 value = ea_reader_u8 (reader);

  *format = (EaScriptFormat) value;
  if (value <= EA_SCRIPT_FORMAT_INDEFINITE)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                            "Session has the script format %u", value);
}

static gboolean
read_post (EaAdmin *self, EaReader *reader, guint8 flags, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 status = ea_reader_u8 (reader);
  g_autofree char *uri = NULL;

  if (status > EA_ADMIN_STATUS_SCRIPT_FORMAT_ERROR)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Session has the script status %u", status);
  if (!read_format (reader, &self->post.format, error))
    return FALSE;
  uri = read_uri (reader, error);
  if (uri == NULL)
    return FALSE;

  g_free (self->post.uri);
  self->post.uri = g_steal_pointer (&uri);
  self->post.status = (EaAdminStatus) status;
  self->post.has_body = (flags & FLAG_BODY) != 0;
  self->post.is_rfm = (flags & FLAG_BODY_RFM) != 0;
  return TRUE;
}

static gboolean
read_target (EaAdminScript *script, EaReader *reader, GError **error)
{
  EaSpan target = read_text (reader);

  if (target.size > EA_SGP02_AID_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, target.data,
                              "Session has a target of %" G_GSIZE_FORMAT " bytes", target.size);
  script->target = ea_span_to_bytes (target);
  return TRUE;
}

static gboolean
read_script (EaAdminScript *script, EaReader *reader, guint8 flags, GError **error)
{
  EaSpan digest;

  if (!read_format (reader, &script->format, error))
    return FALSE;
  script->n_started = ea_reader_u32be (reader);
  digest = ea_reader_bytes (reader, EA_ADMIN_DIGEST_SIZE);
  if (digest.size == EA_ADMIN_DIGEST_SIZE)
    memcpy (script->digest, digest.data, EA_ADMIN_DIGEST_SIZE);
  if (!read_target (script, reader, error))
    return FALSE;
  script->is_open = TRUE;
  script->is_rfm = (flags & FLAG_SCRIPT_RFM) != 0;
  script->leaves_state = (flags & FLAG_STATE) != 0;
  if ((flags & FLAG_NEXT) != 0)
    script->next_uri = read_uri (reader, error);
  return (flags & FLAG_NEXT) == 0 || script->next_uri != NULL;
}

/* The version and the flags, which all of the head rests on. */
static gboolean
read_flags (EaReader *reader, guint8 *flags, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  guint8 version = ea_reader_u8 (reader);

  *flags = ea_reader_u8 (reader);
  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, position,
                              "Session ends within its head");
  if (version != VERSION)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, position,
                              "Session has the version %u, not %d", version, VERSION);
  return TRUE;
}

static gboolean
check_done (const EaReader *reader, GError **error)
{
  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_reader_position (reader),
                              "Session ends within its head");
  if (!ea_reader_done (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (reader),
                              "Session has %" G_GSIZE_FORMAT " bytes after its head",
                              ea_reader_remaining (reader));
  return TRUE;
}

static gboolean
read_head (EaAdmin *self, EaSpan head, GError **error)
{
  g_autoptr (GError) local = NULL;
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, head);
  if (!read_flags (&reader, &flags, error))
    return FALSE;
  self->has_posted = (flags & FLAG_POSTED) != 0;
  self->is_finished = (flags & FLAG_FINISHED) != 0;
  self->exchange = ea_reader_u32be (&reader);
  self->script.n_commands = ea_reader_u32be (&reader);
  self->n_scripts = ea_reader_u32be (&reader);
  self->n_empty = ea_reader_u16be (&reader);

  if (read_post (self, &reader, flags, &local)
      && ((flags & FLAG_SCRIPT) == 0 || read_script (&self->script, &reader, flags, &local)))
    return check_done (&reader, error);
  if (ea_reader_is_ok (&reader))
    g_propagate_error (error, g_steal_pointer (&local));
  else
    (void) check_done (&reader, error); /* what was read was wrong because it was not there */
  return FALSE;
}

gboolean
ea_admin_read_exchange (EaSpan head, guint32 *exchange, gboolean *has_sent, GError **error)
{
  guint8 both = FLAG_BODY | FLAG_SCRIPT;
  EaReader reader;
  guint32 number;
  guint8 flags;

  ea_reader_init (&reader, head);
  if (!read_flags (&reader, &flags, error))
    return FALSE;
  number = ea_reader_u32be (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_reader_position (&reader),
                              "Session ends within its head");
  *exchange = number;
  *has_sent = (flags & both) == both;
  return TRUE;
}

/* The answers that go with the POST have to be whole. */
static gboolean
restore_body (EaAdminPost *post, EaSpan answers, GError **error)
{
  g_auto (EaWriter) frame = { 0 };
  EaSpan rest;

  if (!post->has_body)
    return TRUE;
  if (answers.size > ANSWERS_SIZE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, answers.data,
                              "Session has %" G_GSIZE_FORMAT " bytes of answers, over %d",
                              answers.size, ANSWERS_SIZE_MAX);
  ea_writer_init (&frame);
  if (!ea_script_frame_response (answers, post->format, &frame, &rest, error))
    return FALSE;
  g_byte_array_append (post->answers, answers.data, (guint) answers.size);
  return TRUE;
}

/* What stored answers hold. */
typedef struct
{
  guint n_answered;
  gboolean has_sealed;
  gboolean has_bad_format;
  gboolean is_over; /* the last object is no answer to a command */
  gboolean is_whole;
} Summary;

static gboolean
add_to_summary (Summary *summary, const EaScriptObject *object)
{
  switch (object->type)
    {
    case EA_SCRIPT_OBJECT_APDU:
    case EA_SCRIPT_OBJECT_SCP03T:
      summary->n_answered++;
      summary->has_sealed |= object->type == EA_SCRIPT_OBJECT_SCP03T;
      break;
    case EA_SCRIPT_OBJECT_BAD_FORMAT:
    case EA_SCRIPT_OBJECT_IMMEDIATE_ACTION:
    case EA_SCRIPT_OBJECT_CHAINING:
      summary->has_bad_format = object->type == EA_SCRIPT_OBJECT_BAD_FORMAT;
      summary->is_over = TRUE;
      break;
    case EA_SCRIPT_OBJECT_ERROR_ACTION:
    case EA_SCRIPT_OBJECT_EXECUTED:
      return FALSE;
    }
  return TRUE;
}

/* FALSE when @answers, which are not empty, are none of this machine's. */
static gboolean
summarize (EaSpan answers, Summary *summary)
{
  static const guint8 start[] = { EA_SCRIPT_TAG_RESPONSES_INDEFINITE, EA_TLV_LENGTH_INDEFINITE };
  EaScriptCursor cursor;
  EaScriptObject object;

  *summary = (Summary){ 0 };
  if (answers.size > ANSWERS_SIZE_MAX || !ea_span_has_prefix (answers, EA_SPAN_OF_ARRAY (start)))
    return FALSE;
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE,
                         ea_span_tail (answers, sizeof start));
  while (ea_script_cursor_has_next (&cursor) && ea_reader_peek_u8 (&cursor.reader) != 0)
    if (summary->is_over || !ea_script_cursor_next (&cursor, &object, NULL)
        || !add_to_summary (summary, &object))
      return FALSE;
  summary->is_whole = ea_script_cursor_has_next (&cursor);
  return TRUE;
}

/* TRUE when answers may be of the script whose head was stored. */
static gboolean
fits (const EaAdminScript *script, EaSpan answers, const Summary *summary)
{
  gboolean is_compact = script->format == EA_SCRIPT_FORMAT_COMPACT;
  g_auto (EaWriter) frame = { 0 };
  EaSpan rest;

  if (is_compact && (summary->has_sealed || script->n_started > EA_SCRIPT_COMPACT_EXECUTED_MAX))
    return FALSE;
  if (!summary->is_whole)
    return !summary->is_over && summary->n_answered <= script->n_started
           && summary->n_answered + 1 >= script->n_started;
  ea_writer_init (&frame);
  return summary->n_answered >= script->n_started
         && ea_script_frame_response (answers, script->format, &frame, &rest, NULL);
}

/* The script that was open goes on when the server sends it again, or has ended by now. */
static gboolean
restore_script (EaAdmin *self, EaSpan answers, GError **error)
{
  EaAdminScript *script = &self->script;
  Summary summary = { 0 };

  if (!script->is_open || script->n_started == 0)
    return TRUE;
  if (answers.size > 0 && !summarize (answers, &summary))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, answers.data,
                              "Answers of a session are none");
  if (!fits (script, answers, &summary))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, answers.data,
                              "Answers of a session do not go with its head: %u of %u commands",
                              summary.n_answered, script->n_started);

  g_byte_array_append (script->answers, answers.data, (guint) answers.size);
  script->n_answered = summary.n_answered;
  script->is_channel_lost = script->leaves_state;
  if (!summary.is_whole && summary.n_answered < script->n_started)
    ea_admin_script_abandon (script);
  else
    script->has_ended = summary.is_whole;
  if (summary.has_bad_format)
    script->end = EA_SCRIPT_RUN_END_BAD_FORMAT;
  ea_admin_check_script (self);
  return TRUE;
}

EaAdmin *
ea_admin_restore (const EaAdminOptions *options, EaSpan head, EaSpan sent, EaSpan answers,
                  GError **error)
{
  g_autoptr (EaAdmin) self = ea_admin_new (options);
  EaSpan body;

  if (!read_head (self, head, error))
    return NULL;
  body = self->script.is_open ? sent : answers;
  if (!restore_body (&self->post, body, error) || !restore_script (self, answers, error))
    return NULL;
  if (self->is_finished)
    ea_admin_add_event (self, EA_ADMIN_EVENT_FINISHED);
  return g_steal_pointer (&self);
}
