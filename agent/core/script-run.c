/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A remote command script that is carried out, TS 102 226 §5: one object of it at a time, which is answered
 * before the next one is looked at, so that commands in front of a fault have run. What the commands mean is
 * the matter of the application that they are for.
 */

#include "core/script-run.h"

#include "core/scp80-crypto.h"

typedef enum
{
  PHASE_READING,  /* to the next object, or to the end */
  PHASE_CHAINING, /* it is to be said whether the script may follow those before */
  PHASE_COMMAND,  /* one waits for its response */
  PHASE_ENDED,
} Phase;

/* Bytes of the response that its last object needs, which says why the script ends: 23 02 and a status word */
#define LAST_OBJECT_SIZE 4
#define RESPONSE_HEAD_MAX 4 /* bytes: 23 82 and the length */

#define INDEFINITE_END_SIZE 2 /* bytes: end of contents, behind the last object */

#define SW_WRONG_LENGTH 0x6700 /* TS 102 221 §10.2.1.5 */

void
ea_script_run_init (EaScriptRun *self)
{
  *self = (EaScriptRun){ .input = g_byte_array_new (), .phase = PHASE_READING };
  ea_script_reader_init (&self->reader);
}

void
ea_script_run_clear (EaScriptRun *self)
{
  ea_script_reader_clear (&self->reader);
  ea_script_writer_clear (&self->writer);
  if (self->input != NULL)
    ea_scp80_wipe (self->input->data, self->input->len); /* a script may bring keys */
  g_clear_pointer (&self->input, g_byte_array_unref);
}

/* The first byte tells the format of the answer, even where it is not the first of a command script. */
static EaScriptFormat
find_format (guint8 first)
{
  switch (first)
    {
    case EA_SCRIPT_TAG_COMMANDS:
    case EA_SCRIPT_TAG_RESPONSES:
      return EA_SCRIPT_FORMAT_DEFINITE;
    case EA_SCRIPT_TAG_COMMANDS_INDEFINITE:
    case EA_SCRIPT_TAG_RESPONSES_INDEFINITE:
      return EA_SCRIPT_FORMAT_INDEFINITE;
    default:
      return EA_SCRIPT_FORMAT_COMPACT;
    }
}

static gboolean
is_stream (const EaScriptRun *self)
{
  return (self->flags & EA_SCRIPT_RUN_STREAM) != 0;
}

static void
open_response (EaScriptRun *self, EaSpan data)
{
  EaReader reader;

  ea_reader_init (&reader, data);
  self->format = find_format (ea_reader_peek_u8 (&reader));
  self->has_format = TRUE;
  ea_script_writer_init (&self->writer, EA_SCRIPT_DIRECTION_RESPONSES,
                         is_stream (self) ? EA_SCRIPT_FORMAT_INDEFINITE : self->format);
}

static gboolean
is_compact (const EaScriptRun *self)
{
  return self->format == EA_SCRIPT_FORMAT_COMPACT;
}

/* The response to a compact script can count no more commands. */
static gboolean
is_full (const EaScriptRun *self)
{
  return is_compact (self) && self->n_commands == EA_SCRIPT_COMPACT_EXECUTED_MAX;
}

static void
end (EaScriptRun *self, guint n_executed, EaScriptRunEnd why)
{
  self->phase = PHASE_ENDED;
  self->end = why;
  self->n_rest = self->input->len - self->n_read;
  g_byte_array_set_size (self->input, 0);
  self->n_read = 0;
  if (self->has_format)
    (void) ea_script_writer_finish (&self->writer, n_executed, NULL); /* its limits were kept */
}

static void
end_with_object (EaScriptRun *self, guint32 tag, guint8 value, EaScriptRunEnd why)
{
  ea_script_writer_add (&self->writer, tag, ea_span_init (&value, sizeof value));
  end (self, self->n_commands, why);
}

static void
end_with_bad_format (EaScriptRun *self, int code)
{
  guint n_executed = self->n_commands;

  if (!is_compact (self))
    {
      end_with_object (self, EA_SCRIPT_TAG_BAD_FORMAT, ea_script_get_bad_format (code),
                       EA_SCRIPT_RUN_END_BAD_FORMAT);
      return;
    }
  if (!is_full (self))
    {
      ea_script_writer_add_response (&self->writer, EA_SPAN_EMPTY, SW_WRONG_LENGTH);
      n_executed++;
    }
  end (self, n_executed, EA_SCRIPT_RUN_END_BAD_FORMAT);
}

static void
take_command (EaScriptRun *self, const EaScriptObject *command)
{
  if (is_full (self))
    {
      end (self, self->n_commands, EA_SCRIPT_RUN_END_FULL);
      return;
    }
  self->command = *command;
  self->phase = PHASE_COMMAND;
}

static void
take_chaining (EaScriptRun *self, EaSpan value)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  self->chaining = ea_reader_u8 (&reader);
  self->has_chaining = TRUE;
  self->phase = PHASE_CHAINING;
}

static void
refuse_object (EaScriptRun *self)
{
  end_with_object (self, EA_SCRIPT_TAG_BAD_FORMAT, EA_SCRIPT_BAD_FORMAT_UNKNOWN_TAG,
                   EA_SCRIPT_RUN_END_BAD_FORMAT);
}

static void
take_object (EaScriptRun *self, const EaScriptObject *object)
{
  switch (object->type)
    {
    case EA_SCRIPT_OBJECT_APDU:
      take_command (self, object);
      break;
    case EA_SCRIPT_OBJECT_CHAINING:
      take_chaining (self, object->value);
      break;
    case EA_SCRIPT_OBJECT_IMMEDIATE_ACTION:
      end_with_object (self, EA_SCRIPT_TAG_IMMEDIATE_ACTION, EA_SCRIPT_ACTION_SUSPENSION_ERROR,
                       EA_SCRIPT_RUN_END_ACTION);
      break;
    case EA_SCRIPT_OBJECT_ERROR_ACTION:
      break;
    case EA_SCRIPT_OBJECT_EXECUTED:
    case EA_SCRIPT_OBJECT_BAD_FORMAT:
      refuse_object (self);
      break;
    case EA_SCRIPT_OBJECT_SCP03T:
      if ((self->flags & EA_SCRIPT_RUN_SEALED) != 0)
        take_command (self, object);
      else
        refuse_object (self);
      break;
    }
}

static gboolean
has_input (const EaScriptRun *self)
{
  return self->n_read < self->input->len;
}

static void
read_input (EaScriptRun *self)
{
  EaSpan rest = ea_span_tail (ea_span_from_array (self->input), self->n_read);
  g_autoptr (GError) error = NULL;
  EaScriptObject object;

  if (!ea_script_reader_feed (&self->reader, &rest, &error))
    {
      end_with_bad_format (self, error->code);
      return;
    }
  self->n_read = self->input->len - rest.size;
  if (ea_script_reader_pull (&self->reader, &object))
    take_object (self, &object);
}

static void
read_end (EaScriptRun *self)
{
  g_autoptr (GError) error = NULL;
  EaScriptObject object;

  if (!self->has_format)
    end (self, 0, EA_SCRIPT_RUN_END_COMPLETE);
  else if (!ea_script_reader_end (&self->reader, &error))
    end_with_bad_format (self, error->code);
  else if (ea_script_reader_pull (&self->reader, &object))
    take_object (self, &object);
  else
    end (self, self->n_commands, EA_SCRIPT_RUN_END_COMPLETE);
}

/* What follows an expanded script is of no interest in a stream. */
static gboolean
is_over (const EaScriptRun *self)
{
  return is_stream (self) && ea_script_reader_is_at_end (&self->reader);
}

/* Reads on until something has to be answered first, or more bytes have to come. */
static void
read_on (EaScriptRun *self)
{
  while (self->phase == PHASE_READING && has_input (self) && !is_over (self))
    read_input (self);
  if (self->phase == PHASE_READING && (self->is_all || is_over (self)))
    read_end (self);
}

void
ea_script_run_set_flags (EaScriptRun *self, EaScriptRunFlags flags)
{
  self->flags = flags;
  if (is_stream (self))
    ea_script_reader_leave_rest (&self->reader);
}

void
ea_script_run_feed (EaScriptRun *self, EaSpan data)
{
  g_return_if_fail (!self->is_all);

  if (self->phase == PHASE_ENDED)
    self->n_rest += data.size;
  if (self->phase == PHASE_ENDED || data.size == 0)
    return;
  if (!self->has_format)
    open_response (self, data);
  g_byte_array_remove_range (self->input, 0, (guint) self->n_read);
  self->n_read = 0;
  g_byte_array_append (self->input, data.data, (guint) data.size);
  read_on (self);
}

void
ea_script_run_end (EaScriptRun *self)
{
  self->is_all = TRUE;
  read_on (self);
}

gboolean
ea_script_run_pull_command (EaScriptRun *self, EaSpan *apdu)
{
  if (self->phase != PHASE_COMMAND || self->command.type != EA_SCRIPT_OBJECT_APDU)
    return FALSE;
  *apdu = self->command.value;
  return TRUE;
}

gboolean
ea_script_run_pull_sealed (EaScriptRun *self, EaSpan *object)
{
  if (self->phase != PHASE_COMMAND || self->command.type != EA_SCRIPT_OBJECT_SCP03T)
    return FALSE;
  *object = self->command.object;
  return TRUE;
}

EaSpan
ea_script_run_get_object (const EaScriptRun *self)
{
  return self->phase == PHASE_COMMAND ? self->command.object : EA_SPAN_EMPTY;
}

static gboolean
is_error (guint16 sw)
{
  switch (sw >> 8)
    {
    case 0x61:
    case 0x62:
    case 0x63:
      return sw == EA_SCRIPT_SW_TRUNCATED;
    default:
      return sw >> 12 != 9;
    }
}

/* An R-APDU has the comprehension bit that its command has. */
static guint32
get_response_tag (const EaScriptRun *self)
{
  gboolean is_command = self->command.type == EA_SCRIPT_OBJECT_APDU;

  return EA_SCRIPT_TAG_RESPONSE_APDU
         | (is_command ? self->command.tag & EA_SCRIPT_TAG_COMPREHENSION_REQUIRED : 0);
}

/* The answer to the command that waits is written. */
static void
go_on (EaScriptRun *self, guint16 sw, gboolean has_failed)
{
  self->n_commands++;
  self->last_sw = sw;
  if (has_failed)
    {
      end (self, self->n_commands,
           sw == EA_SCRIPT_SW_INTERRUPTED ? EA_SCRIPT_RUN_END_INTERRUPTED
                                          : EA_SCRIPT_RUN_END_ERROR);
      return;
    }
  self->phase = PHASE_READING;
  read_on (self);
}

static void
answer_command (EaScriptRun *self, EaSpan response, guint16 sw)
{
  ea_script_writer_add (&self->writer, get_response_tag (self), response);
  go_on (self, sw, is_error (sw));
}

static void
answer_without_data (EaScriptRun *self, guint16 sw)
{
  g_auto (EaWriter) response = { 0 };

  ea_writer_init (&response);
  ea_writer_u16be (&response, sw);
  answer_command (self, ea_writer_span (&response), sw);
}

static gsize
get_room (const EaScriptRun *self)
{
  gsize most = self->format == EA_SCRIPT_FORMAT_DEFINITE ? EA_SCRIPT_BODY_MAX : G_MAXSIZE;

  return self->room != 0 ? MIN (self->room, most) : most;
}

/* Bytes that the room has to hold beside the next answer. */
static gsize
get_others (const EaScriptRun *self)
{
  gsize waiting = ea_script_writer_get_size (&self->writer);

  if (is_stream (self))
    return self->n_pulled + waiting + INDEFINITE_END_SIZE;
  return is_compact (self) ? 0 : waiting; /* a compact one has the last only */
}

static gboolean
has_room (const EaScriptRun *self, gsize size)
{
  gsize others = RESPONSE_HEAD_MAX + LAST_OBJECT_SIZE + get_others (self);

  return size <= EA_SCRIPT_VALUE_MAX && others + size <= get_room (self);
}

void
ea_script_run_set_room (EaScriptRun *self, gsize size)
{
  self->room = size;
}

void
ea_script_run_push_response (EaScriptRun *self, EaSpan response)
{
  EaApduResponse parsed;

  g_return_if_fail (self->phase == PHASE_COMMAND);

  if (!ea_apdu_parse_response (&parsed, response, NULL))
    answer_without_data (self, EA_SCRIPT_SW_INTERRUPTED);
  else if (has_room (self, response.size))
    answer_command (self, response, parsed.sw);
  else
    answer_without_data (self, EA_SCRIPT_SW_TRUNCATED);
}

void
ea_script_run_push_sealed (EaScriptRun *self, EaSpan response)
{
  EaScriptObject object;

  g_return_if_fail (self->phase == PHASE_COMMAND);

  if (!ea_script_parse_sealed_response (&object, response))
    answer_without_data (self, EA_SCRIPT_SW_INTERRUPTED);
  else if (!has_room (self, object.object.size))
    answer_without_data (self, EA_SCRIPT_SW_TRUNCATED);
  else
    {
      ea_script_writer_add_object (&self->writer, object.object);
      go_on (self, EA_APDU_SW_OK, ea_script_is_sealed_error (object.tag));
    }
}

void
ea_script_run_interrupt (EaScriptRun *self)
{
  g_return_if_fail (self->phase == PHASE_COMMAND);

  answer_without_data (self, EA_SCRIPT_SW_INTERRUPTED);
}

gboolean
ea_script_run_is_ended (const EaScriptRun *self)
{
  return self->phase == PHASE_ENDED;
}

GBytes *
ea_script_run_pull (EaScriptRun *self)
{
  GBytes *bytes = self->has_format ? ea_script_writer_pull (&self->writer) : NULL;

  if (bytes != NULL)
    self->n_pulled += g_bytes_get_size (bytes);
  return bytes;
}

gboolean
ea_script_run_get_chaining (const EaScriptRun *self, guint8 *value)
{
  if (self->has_chaining)
    *value = self->chaining;
  return self->has_chaining;
}

gboolean
ea_script_run_wants_chaining (const EaScriptRun *self)
{
  return self->phase == PHASE_CHAINING;
}

void
ea_script_run_accept_chaining (EaScriptRun *self)
{
  g_return_if_fail (self->phase == PHASE_CHAINING);

  self->phase = PHASE_READING;
  read_on (self);
}

void
ea_script_run_refuse_chaining (EaScriptRun *self, guint8 answer)
{
  g_return_if_fail (self->phase == PHASE_CHAINING);

  end_with_object (self, EA_SCRIPT_TAG_CHAINING, answer, EA_SCRIPT_RUN_END_CHAINING);
}

guint
ea_script_run_count_commands (const EaScriptRun *self)
{
  return self->n_commands;
}

gboolean
ea_script_run_has_failed (const EaScriptRun *self)
{
  return self->end != EA_SCRIPT_RUN_END_NONE && self->end != EA_SCRIPT_RUN_END_COMPLETE;
}

guint16
ea_script_run_get_last_sw (const EaScriptRun *self)
{
  return self->last_sw;
}

EaScriptFormat
ea_script_run_get_format (const EaScriptRun *self)
{
  return self->format;
}

gsize
ea_script_run_count_rest (const EaScriptRun *self)
{
  return self->n_rest;
}

EaScriptRunEnd
ea_script_run_get_end (const EaScriptRun *self)
{
  return self->end;
}
