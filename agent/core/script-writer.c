/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writes scripts and responses, TS 102 226 §5. With an indefinite length each object can go out as soon as it
 * is there; a definite length and the number of executed commands come first, so all else waits for them.
 */

#include "core/error.h"
#include "core/script-private.h"
#include "core/script.h"
#include "core/tlv.h"

#define INTEGER_SIGN_BYTE 0x80 /* an integer of one octet ends before it, ISO/IEC 8825-1 §8.3 */

void
ea_script_writer_init (EaScriptWriter *writer, EaScriptDirection direction, EaScriptFormat format)
{
  *writer = (EaScriptWriter){ .direction = direction, .format = format };
  ea_writer_init (&writer->body);
}

void
ea_script_writer_clear (EaScriptWriter *writer)
{
  ea_writer_clear (&writer->body);
}

static void
write_length_open (EaScriptWriter *writer)
{
  if (writer->format != EA_SCRIPT_FORMAT_INDEFINITE || writer->is_open)
    return;
  ea_writer_u8 (&writer->body, writer->direction == EA_SCRIPT_DIRECTION_COMMANDS
                                   ? EA_SCRIPT_TAG_COMMANDS_INDEFINITE
                                   : EA_SCRIPT_TAG_RESPONSES_INDEFINITE);
  ea_writer_u8 (&writer->body, EA_TLV_LENGTH_INDEFINITE);
  writer->is_open = TRUE;
}

static void
forget_body (EaScriptWriter *writer)
{
  ea_writer_clear (&writer->body);
  ea_writer_init (&writer->body);
}

/* Another command follows the last one, which has to end where its P3 says: §5.1.1. */
static void
end_compact_command (EaScriptWriter *writer)
{
  EaSpan last = ea_span_tail (ea_writer_span (&writer->body), writer->last_command);
  EaReader reader;

  ea_reader_init (&reader, last);
  (void) ea_reader_bytes (&reader, EA_APDU_HEADER_SIZE);
  if (last.size == EA_APDU_HEADER_SIZE)
    ea_writer_u8 (&writer->body, 0);
  else if ((ea_reader_u8 (&reader) != ea_reader_remaining (&reader) || !ea_reader_is_ok (&reader))
           && writer->bad_command == 0)
    writer->bad_command = writer->n_commands;
}

static void
add_compact_command (EaScriptWriter *writer, EaSpan command)
{
  if (writer->n_commands > 0)
    end_compact_command (writer);
  writer->n_commands++;
  writer->last_command = ea_writer_span (&writer->body).size;
  ea_writer_bytes (&writer->body, command);
}

void
ea_script_writer_add (EaScriptWriter *writer, guint32 tag, EaSpan value)
{
  g_return_if_fail (!writer->is_finished);

  if (writer->format != EA_SCRIPT_FORMAT_COMPACT)
    {
      write_length_open (writer);
      ea_tlv_write_ber (&writer->body, tag, value);
      return;
    }
  if (writer->direction == EA_SCRIPT_DIRECTION_COMMANDS)
    {
      add_compact_command (writer, value);
      return;
    }
  forget_body (writer);
  ea_writer_bytes (&writer->body, value);
}

void
ea_script_writer_add_object (EaScriptWriter *writer, EaSpan object)
{
  g_return_if_fail (!writer->is_finished && writer->format != EA_SCRIPT_FORMAT_COMPACT);

  write_length_open (writer);
  ea_writer_bytes (&writer->body, object);
}

void
ea_script_writer_add_response (EaScriptWriter *writer, EaSpan data, guint16 sw)
{
  g_auto (EaWriter) response = { 0 };

  ea_writer_init (&response);
  ea_writer_bytes (&response, data);
  ea_writer_u16be (&response, sw);
  ea_script_writer_add (writer, EA_SCRIPT_TAG_RESPONSE_APDU, ea_writer_span (&response));
}

/* ISO/IEC 8825-1 §8.3: the sign has a bit of its own, which readers that know none read alike. */
void
ea_script_write_executed (EaWriter *writer, guint32 executed)
{
  if (executed < INTEGER_SIGN_BYTE)
    ea_writer_u8 (writer, (guint8) executed);
  else if (executed < INTEGER_SIGN_BYTE << 8)
    ea_writer_u16be (writer, (guint16) executed);
  else if (executed < INTEGER_SIGN_BYTE << 16)
    ea_writer_u24be (writer, executed);
  else
    ea_writer_u32be (writer, executed);
}

static void
close_definite (EaScriptWriter *writer, guint32 executed)
{
  gboolean is_response = writer->direction == EA_SCRIPT_DIRECTION_RESPONSES;
  g_auto (EaWriter) number = { 0 };
  g_auto (EaWriter) content = { 0 };
  g_auto (EaWriter) script = { 0 };

  ea_writer_init (&number);
  ea_writer_init (&content);
  ea_writer_init (&script);
  ea_script_write_executed (&number, executed);
  if (is_response)
    ea_tlv_write_ber (&content, EA_SCRIPT_TAG_EXECUTED, ea_writer_span (&number));
  ea_writer_bytes (&content, ea_writer_span (&writer->body));
  ea_tlv_write_ber (&script, is_response ? EA_SCRIPT_TAG_RESPONSES : EA_SCRIPT_TAG_COMMANDS,
                    ea_writer_span (&content));
  forget_body (writer);
  ea_writer_bytes (&writer->body, ea_writer_span (&script));
}

static gboolean
close_compact (EaScriptWriter *writer, guint32 executed, GError **error)
{
  EaSpan body = ea_writer_span (&writer->body);
  g_auto (EaWriter) response = { 0 };
  EaApduResponse last;

  if (writer->bad_command > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Command %u of %u does not end with its data: Le is the last one's",
                              writer->bad_command, writer->n_commands);
  if (writer->direction == EA_SCRIPT_DIRECTION_COMMANDS)
    return TRUE;
  if (executed > EA_SCRIPT_COMPACT_EXECUTED_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "%u executed commands, a compact response tells at most %d", executed,
                              EA_SCRIPT_COMPACT_EXECUTED_MAX);
  if (!ea_apdu_parse_response (&last, body, NULL))
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, NULL,
                              "Compact response has no status word");

  ea_writer_init (&response);
  ea_writer_u8 (&response, (guint8) executed);
  ea_writer_u16be (&response, last.sw);
  ea_writer_bytes (&response, last.data);
  forget_body (writer);
  ea_writer_bytes (&writer->body, ea_writer_span (&response));
  return TRUE;
}

gsize
ea_script_writer_get_size (const EaScriptWriter *writer)
{
  return ea_writer_span (&writer->body).size;
}

gboolean
ea_script_writer_finish (EaScriptWriter *writer, guint32 executed, GError **error)
{
  gsize size = ea_script_writer_get_size (writer);

  g_return_val_if_fail (!writer->is_finished, FALSE);

  if (writer->format != EA_SCRIPT_FORMAT_INDEFINITE && size > EA_SCRIPT_BODY_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "Script has %" G_GSIZE_FORMAT " bytes, over %d", size,
                              EA_SCRIPT_BODY_MAX);
  switch (writer->format)
    {
    case EA_SCRIPT_FORMAT_COMPACT:
      if (!close_compact (writer, executed, error))
        return FALSE;
      break;
    case EA_SCRIPT_FORMAT_DEFINITE:
      close_definite (writer, executed);
      break;
    case EA_SCRIPT_FORMAT_INDEFINITE:
      write_length_open (writer);
      ea_writer_u16be (&writer->body, EA_TLV_END_OF_CONTENTS);
      break;
    }
  writer->is_finished = TRUE;
  return TRUE;
}

GBytes *
ea_script_writer_pull (EaScriptWriter *writer)
{
  GBytes *bytes;

  if (ea_script_writer_get_size (writer) == 0
      || (writer->format != EA_SCRIPT_FORMAT_INDEFINITE && !writer->is_finished))
    return NULL;

  bytes = ea_writer_steal (&writer->body);
  ea_writer_init (&writer->body);
  return bytes;
}
