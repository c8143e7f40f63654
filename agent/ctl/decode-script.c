/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `euiccctl decode script` and `script-response`: TS 102 226 §5. A command is shown with its parts, and with
 * the function of SGP.02 or the PUSH that it is; what SCP03t seals stays sealed.
 */

#include "core/apdu.h"
#include "core/error.h"
#include "core/push.h"
#include "core/script.h"
#include "core/sgp02.h"
#include "core/tlv.h"
#include "ctl/decode-part.h"
#include "ctl/decode.h"

#define TAG_PROACTIVE_COMMAND 0xD0 /* TS 101 220 table 7.17 */

static const char *
get_format_name (EaScriptFormat format)
{
  switch (format)
    {
    case EA_SCRIPT_FORMAT_COMPACT:
      return "compact";
    case EA_SCRIPT_FORMAT_DEFINITE:
      return "expanded-definite";
    case EA_SCRIPT_FORMAT_INDEFINITE:
      break;
    }
  return "expanded-indefinite";
}

static void
add_format (EaView *view, EaSpan item, EaScriptFormat format)
{
  ea_view_at (view, ea_span_head (item, 1));
  ea_view_cite (view, format == EA_SCRIPT_FORMAT_COMPACT ? "TS 102 226 §5.1" : "TS 102 226 §5.2");
  ea_view_add_string (view, "format", get_format_name (format));
}

static void
add_object_tag (EaView *view, EaScriptDirection direction, const EaScriptObject *object)
{
  const EaTlv tlv = { .tag = object->tag, .object = object->object };

  if (object->tag == 0) /* compact */
    return;
  ea_decode_add_tag (view, &tlv, FALSE);
  ea_view_add_string (view, "name", ea_script_get_tag_name (direction, object->tag));
}

static void
add_header (EaView *view, EaSpan apdu)
{
  static const char *const names[] = { "cla", "ins", "p1", "p2" };
  EaReader reader;

  ea_reader_init (&reader, apdu);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    ea_view_add_bytes_here (view, names[i], ea_reader_bytes (&reader, 1));
}

static void
add_push (EaView *view, EaSpan apdu)
{
  EaViewMark mark = ea_view_get_mark (view);
  EaPush push;

  if (!ea_push_parse (&push, apdu, NULL))
    return;
  ea_view_begin_object (view, "push");
  if (ea_decode_add_push (view, &push, apdu, NULL))
    ea_view_end_object (view);
  else
    ea_view_rewind (view, mark);
}

static void
add_function (EaView *view, const EaApduCommand *command)
{
  const char *function = ea_sgp02_get_function_name (command);
  EaSpan target;

  if (function == NULL)
    return;
  ea_view_cite (view, "SGP.02 §4.1");
  ea_view_add_string (view, "function", function);
  if (ea_sgp02_get_function_target (command, &target))
    ea_decode_add_aid (view, "target", target);
}

static void
add_command_apdu (EaView *view, EaSpan apdu)
{
  const char *name;
  EaApduCommand command;

  ea_view_cite (view, "TS 102 221 §10.1");
  ea_view_add_bytes_here (view, "apdu", apdu);
  if (!ea_apdu_parse_command (&command, apdu, NULL))
    return;

  name = ea_apdu_get_command_name (&command);
  if (name != NULL)
    ea_view_add_string (view, "instruction", name);
  add_function (view, &command);
  add_header (view, apdu);
  if (command.data.size > 0)
    {
      ea_view_add_number (view, "lc", command.data.size);
      ea_view_add_bytes_here (view, "data", command.data);
    }
  if (command.ne > 0)
    ea_view_add_number (view, "le", command.ne);
  add_push (view, apdu);
}

/* The first octet of @value with its name. */
static void
add_octet (EaView *view, const char *name, EaSpan value, const char *(*get_name) (guint8 value))
{
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, value);
  octet = ea_reader_u8 (&reader);
  ea_view_at (view, value);
  ea_view_add_named (view, name, octet, get_name (octet));
}

/* The objects of a proactive command, which stand here without its template. */
static void
add_proactive (EaView *view, EaSpan value, const EaDecodeOptions *options)
{
  EaViewMark mark = ea_view_get_mark (view);
  g_auto (EaWriter) command = { 0 };

  ea_writer_init (&command);
  ea_tlv_write_ber (&command, TAG_PROACTIVE_COMMAND, value);
  ea_view_begin_object (view, "proactive");
  if (ea_decode_proactive (view, ea_writer_span (&command), options, NULL))
    {
      ea_view_end_object (view);
      return;
    }
  ea_view_rewind (view, mark);
  ea_view_add_bytes_here (view, "data", value);
}

static void
add_terminal_response (EaView *view, EaSpan value, const EaDecodeOptions *options)
{
  EaViewMark mark = ea_view_get_mark (view);

  ea_view_begin_object (view, "terminal_response");
  if (ea_decode_terminal_response (view, value, options, NULL))
    {
      ea_view_end_object (view);
      return;
    }
  ea_view_rewind (view, mark);
  ea_view_add_bytes_here (view, "data", value);
}

static void
add_action (EaView *view, EaSpan value, const EaDecodeOptions *options)
{
  EaScriptAction action = ea_script_get_action (value);
  EaReader reader;

  ea_reader_init (&reader, value);
  ea_view_at (view, value);
  ea_view_cite (view, "TS 102 226 §5.2.1.2");
  switch (action)
    {
    case EA_SCRIPT_ACTION_NONE:
    case EA_SCRIPT_ACTION_OBJECTS:
      ea_view_add_string (view, "action", ea_script_get_action_name (action));
      if (action == EA_SCRIPT_ACTION_OBJECTS)
        add_proactive (view, value, options);
      break;
    case EA_SCRIPT_ACTION_RECORD:
    case EA_SCRIPT_ACTION_SESSION:
    case EA_SCRIPT_ACTION_EARLY_RESPONSE:
    case EA_SCRIPT_ACTION_RESERVED:
      ea_view_add_named (view, "action", ea_reader_u8 (&reader),
                         ea_script_get_action_name (action));
      break;
    }
}

static void
add_command (EaView *view, const EaScriptObject *object, const EaDecodeOptions *options)
{
  ea_view_at (view, object->object);
  ea_view_begin_object (view, NULL);
  add_object_tag (view, EA_SCRIPT_DIRECTION_COMMANDS, object);
  switch (object->type)
    {
    case EA_SCRIPT_OBJECT_APDU:
      add_command_apdu (view, object->value);
      break;
    case EA_SCRIPT_OBJECT_IMMEDIATE_ACTION:
    case EA_SCRIPT_OBJECT_ERROR_ACTION:
      add_action (view, object->value, options);
      break;
    case EA_SCRIPT_OBJECT_CHAINING:
      ea_view_cite (view, "TS 102 226 §5.2.1.4");
      add_octet (view, "chaining", object->value, ea_script_get_chaining_name);
      break;
    case EA_SCRIPT_OBJECT_EXECUTED:
    case EA_SCRIPT_OBJECT_BAD_FORMAT:
    case EA_SCRIPT_OBJECT_SCP03T:
      ea_view_cite (view, "SGP.02 §4.1.3.3");
      ea_view_add_bytes_here (view, "data", object->value);
      break;
    }
  ea_view_end_object (view);
}

gboolean
ea_decode_script (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaScriptObject object;
  EaScriptCursor cursor;
  EaScript script;

  if (!ea_script_parse (&script, item, error))
    return FALSE;

  add_format (view, item, script.format);
  ea_view_begin_list (view, "commands");
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script.format, script.objects);
  while (ea_script_cursor_has_next (&cursor) && ea_script_cursor_next (&cursor, &object, error))
    add_command (view, &object, options);
  ea_view_end_list (view);
  return TRUE;
}

static void
add_response_apdu (EaView *view, const EaApduResponse *response, EaSpan sw)
{
  const char *name = ea_apdu_get_sw_name (response->sw);

  ea_view_add_bytes_here (view, "data", response->data);
  ea_view_cite (view, "TS 102 221 §10.2.1");
  ea_view_add_bytes_here (view, "sw", sw);
  if (name != NULL)
    ea_view_add_string (view, "status", name);
}

static void
add_object_apdu (EaView *view, EaSpan apdu)
{
  EaApduResponse response;

  if (ea_apdu_parse_response (&response, apdu, NULL))
    add_response_apdu (view, &response, ea_span_tail (apdu, apdu.size - EA_APDU_SW_SIZE));
}

static void
add_response (EaView *view, const EaScriptObject *object, const EaDecodeOptions *options)
{
  ea_view_at (view, object->object);
  ea_view_begin_object (view, NULL);
  add_object_tag (view, EA_SCRIPT_DIRECTION_RESPONSES, object);
  switch (object->type)
    {
    case EA_SCRIPT_OBJECT_APDU:
      add_object_apdu (view, object->value);
      break;
    case EA_SCRIPT_OBJECT_IMMEDIATE_ACTION:
      ea_view_cite (view, "TS 102 226 table 5.14");
      if (object->value.size > 1)
        add_terminal_response (view, object->value, options);
      else
        add_octet (view, "immediate_action_response", object->value,
                   ea_script_get_action_response_name);
      break;
    case EA_SCRIPT_OBJECT_CHAINING:
      ea_view_cite (view, "TS 102 226 table 5.16");
      add_octet (view, "chaining_response", object->value, ea_script_get_chaining_response_name);
      break;
    case EA_SCRIPT_OBJECT_BAD_FORMAT:
      ea_view_cite (view, "TS 102 226 table 5.12");
      add_octet (view, "bad_format", object->value, ea_script_get_bad_format_name);
      break;
    case EA_SCRIPT_OBJECT_ERROR_ACTION:
    case EA_SCRIPT_OBJECT_EXECUTED:
    case EA_SCRIPT_OBJECT_SCP03T:
      ea_view_cite (view, "SGP.02 §4.1.3.3");
      ea_view_add_bytes_here (view, "data", object->value);
      break;
    }
  ea_view_end_object (view);
}

static void
add_compact_response (EaView *view, EaSpan item, const EaApduResponse *last)
{
  ea_view_begin_object (view, NULL);
  add_response_apdu (view, last, ea_span_head (ea_span_tail (item, 1), EA_APDU_SW_SIZE));
  ea_view_end_object (view);
}

gboolean
ea_decode_script_response (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error)
{
  EaScriptResponse response;
  EaScriptObject object;
  EaScriptCursor cursor;

  if (!ea_script_parse_response (&response, item, error))
    return FALSE;

  add_format (view, item, response.format);
  if (response.has_executed)
    {
      ea_view_cite (view, "TS 102 226 table 5.11");
      ea_view_add_number (view, "executed", response.executed);
    }
  ea_view_begin_list (view, "responses");
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, response.format, response.objects);
  while (ea_script_cursor_has_next (&cursor) && ea_script_cursor_next (&cursor, &object, error))
    if (object.type != EA_SCRIPT_OBJECT_EXECUTED)
      add_response (view, &object, options);
  if (response.format == EA_SCRIPT_FORMAT_COMPACT)
    add_compact_response (view, item, &response.last);
  ea_view_end_list (view);
  return TRUE;
}
