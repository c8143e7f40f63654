/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whole remote command scripts and responses, TS 102 226 §5: the template around the objects, which are
 * script-object.c's. What the commands do is the matter of the application that they are for.
 */

#include "core/script.h"

#include "core/error.h"
#include "core/script-private.h"
#include "core/tlv.h"

/* Walks to the end of the objects, or to the end of contents of an indefinite length. */
static gboolean
walk (EaScriptCursor *cursor, GError **error)
{
  gboolean is_indefinite = cursor->format == EA_SCRIPT_FORMAT_INDEFINITE;
  EaScriptObject object;

  while (ea_script_cursor_has_next (cursor))
    {
      if (is_indefinite && ea_reader_peek_u8 (&cursor->reader) == 0)
        return TRUE;
      if (!ea_script_cursor_next (cursor, &object, error))
        return FALSE;
    }
  if (is_indefinite)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_reader_position (&cursor->reader),
                              "Script has no end of contents after %u objects", cursor->n_objects);
  return TRUE;
}

static gboolean
read_end (EaReader *reader, EaScriptFormat format, GError **error)
{
  const guint8 *position = ea_reader_position (reader);

  if (format == EA_SCRIPT_FORMAT_INDEFINITE && ea_reader_u16be (reader) != EA_TLV_END_OF_CONTENTS)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "End of contents is not 0000");
  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "End of contents is 00, not 0000");
  if (!ea_reader_done (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (reader),
                              "Input has %" G_GSIZE_FORMAT " bytes after the end of the script",
                              ea_reader_remaining (reader));
  return TRUE;
}

gboolean
ea_script_check_template (const EaTlvHead *head, EaScriptFormat *format, const guint8 *position,
                          GError **error)
{
  gboolean is_indefinite = head->tag == EA_SCRIPT_TAG_COMMANDS_INDEFINITE
                           || head->tag == EA_SCRIPT_TAG_RESPONSES_INDEFINITE;

  if (head->is_indefinite != is_indefinite)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Template %02X has %s length", head->tag,
                              is_indefinite ? "a definite" : "an indefinite");
  *format = is_indefinite ? EA_SCRIPT_FORMAT_INDEFINITE : EA_SCRIPT_FORMAT_DEFINITE;
  return TRUE;
}

/* Reads the template of an expanded script; @cursor has gone through its objects then. */
static gboolean
read_template (EaScriptCursor *cursor, EaScriptDirection direction, EaSpan script, EaSpan *objects,
               GError **error)
{
  EaScriptFormat format;
  EaReader reader;
  EaTlvHead head;

  ea_reader_init (&reader, script);
  if (!ea_tlv_read_ber_head (&reader, &head, error)
      || !ea_script_check_template (&head, &format, script.data, error))
    return FALSE;
  if (head.length > ea_reader_remaining (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (script),
                              "Script has %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes",
                              ea_reader_remaining (&reader), head.length);
  if (head.is_indefinite && ea_reader_remaining (&reader) == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (script),
                              "Script ends after its template");

  *objects = head.is_indefinite ? ea_span_tail (script, ea_reader_offset (&reader))
                                : ea_reader_bytes (&reader, head.length);
  ea_script_cursor_init (cursor, direction, format, *objects);
  if (!walk (cursor, error))
    return FALSE;
  if (head.is_indefinite)
    {
      *objects = ea_span_head (*objects, ea_reader_offset (&cursor->reader));
      return read_end (&cursor->reader, format, error);
    }
  return read_end (&reader, format, error);
}

EaScriptTemplate
ea_script_get_template (guint8 first)
{
  switch (first)
    {
    case EA_SCRIPT_TAG_COMMANDS:
    case EA_SCRIPT_TAG_COMMANDS_INDEFINITE:
      return EA_SCRIPT_TEMPLATE_COMMANDS;
    case EA_SCRIPT_TAG_RESPONSES:
    case EA_SCRIPT_TAG_RESPONSES_INDEFINITE:
      return EA_SCRIPT_TEMPLATE_RESPONSES;
    default:
      return EA_SCRIPT_TEMPLATE_NONE;
    }
}

gboolean
ea_script_fail_template (guint8 first, const guint8 *position, GError **error)
{
  return ea_core_error_set (
      error, EA_CORE_ERROR_UNSUPPORTED, position, "This is a %s script: its template is %02X",
      ea_script_get_template (first) == EA_SCRIPT_TEMPLATE_RESPONSES ? "response" : "command",
      first);
}

gboolean
ea_script_parse (EaScript *out, EaSpan script, GError **error)
{
  EaSpan objects = script;
  EaScriptCursor cursor;
  guint8 first;

  if (script.size == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, script.data, "Script is empty");

  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, EA_SCRIPT_FORMAT_COMPACT, script);
  first = ea_reader_peek_u8 (&cursor.reader);
  switch (ea_script_get_template (first))
    {
    case EA_SCRIPT_TEMPLATE_COMMANDS:
      if (!read_template (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script, &objects, error))
        return FALSE;
      break;
    case EA_SCRIPT_TEMPLATE_RESPONSES:
      return ea_script_fail_template (first, script.data, error);
    case EA_SCRIPT_TEMPLATE_NONE:
      if (!walk (&cursor, error))
        return FALSE;
      break;
    }

  *out = (EaScript){ .format = cursor.format, .objects = objects, .n_objects = cursor.n_objects };
  return TRUE;
}

guint32
ea_script_get_executed (const EaScriptObject *object)
{
  guint32 executed = 0;
  EaReader reader;

  ea_reader_init (&reader, object->value);
  while (ea_reader_remaining (&reader) > 0)
    executed = executed << 8 | ea_reader_u8 (&reader);
  return executed;
}

static gboolean
read_executed (EaScriptResponse *response, EaSpan script, GError **error)
{
  EaScriptObject object = { 0 };
  EaScriptCursor cursor;

  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, response->format,
                         response->objects);
  if (ea_script_cursor_has_next (&cursor))
    (void) ea_script_cursor_next (&cursor, &object, NULL); /* it was read before */
  response->has_executed = object.tag == EA_SCRIPT_TAG_EXECUTED;
  if (response->has_executed)
    response->executed = ea_script_get_executed (&object);
  else if (response->format == EA_SCRIPT_FORMAT_DEFINITE)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING,
                              object.tag != 0 ? object.object.data : ea_span_end (script),
                              "Response script has no number of executed commands");
  return TRUE;
}

static gboolean
parse_compact_response (EaScriptResponse *response, EaSpan script, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, script);
  response->format = EA_SCRIPT_FORMAT_COMPACT;
  response->has_executed = TRUE;
  response->executed = ea_reader_u8 (&reader);
  response->last.sw = ea_reader_u16be (&reader);
  response->last.data = ea_reader_rest (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (script),
                              "Compact response of %" G_GSIZE_FORMAT " bytes has no status word",
                              script.size);
  return TRUE;
}

gboolean
ea_script_parse_response (EaScriptResponse *out, EaSpan script, GError **error)
{
  EaScriptResponse response = { 0 };
  EaScriptCursor cursor;
  EaReader reader;
  guint8 first;

  ea_reader_init (&reader, script);
  first = ea_reader_peek_u8 (&reader);
  switch (ea_script_get_template (first))
    {
    case EA_SCRIPT_TEMPLATE_COMMANDS:
      return ea_script_fail_template (first, script.data, error);
    case EA_SCRIPT_TEMPLATE_RESPONSES:
      if (!read_template (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, script, &response.objects, error))
        return FALSE;
      response.format = cursor.format;
      response.n_objects = cursor.n_objects;
      if (!read_executed (&response, script, error))
        return FALSE;
      break;
    case EA_SCRIPT_TEMPLATE_NONE:
      if (!parse_compact_response (&response, script, error))
        return FALSE;
      break;
    }

  *out = response;
  return TRUE;
}
