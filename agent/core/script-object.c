/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The objects of remote command scripts and responses, TS 102 226 §5: where they end, what they may be, and
 * where they may stand. A chaining TLV comes first and actions before the commands (§5.2.1.2, §5.2.1.4); in
 * which order actions come is not looked at. C-APDU and R-APDU are also taken with the comprehension bit.
 */

#include "core/error.h"
#include "core/script-private.h"
#include "core/script.h"
#include "core/tlv.h"

/* SCP03t, SGP.02 §4.1.3.3. A response with an error has another tag: 9F44 to 9F48, or 9F and the command's own
 * tag, which BER would read as three octets. */
#define TAG_SCP03T_FIRST 0x84
#define TAG_SCP03T_LAST 0x88
#define TAG_SCP03T_ERROR 0x9F
#define TAG_SCP03T_ERROR_FIRST 0x9F44
#define TAG_SCP03T_ERROR_LAST 0x9F48

#define EXECUTED_SIZE_MAX 4 /* bytes of the integer */

static gboolean
is_scp03t (guint32 tag)
{
  return tag >= TAG_SCP03T_FIRST && tag <= TAG_SCP03T_LAST;
}

static gboolean
is_scp03t_error (guint32 tag)
{
  return (tag >> 8 == TAG_SCP03T_ERROR && is_scp03t (tag & 0xFF))
         || (tag >= TAG_SCP03T_ERROR_FIRST && tag <= TAG_SCP03T_ERROR_LAST);
}

static gboolean
find_command_type (guint32 tag, EaScriptObjectType *type)
{
  switch (tag)
    {
    case EA_SCRIPT_TAG_COMMAND_APDU:
    case EA_SCRIPT_TAG_COMMAND_APDU | EA_SCRIPT_TAG_COMPREHENSION_REQUIRED:
      *type = EA_SCRIPT_OBJECT_APDU;
      return TRUE;
    case EA_SCRIPT_TAG_IMMEDIATE_ACTION:
      *type = EA_SCRIPT_OBJECT_IMMEDIATE_ACTION;
      return TRUE;
    case EA_SCRIPT_TAG_ERROR_ACTION:
      *type = EA_SCRIPT_OBJECT_ERROR_ACTION;
      return TRUE;
    case EA_SCRIPT_TAG_CHAINING:
      *type = EA_SCRIPT_OBJECT_CHAINING;
      return TRUE;
    default:
      *type = EA_SCRIPT_OBJECT_SCP03T;
      return is_scp03t (tag);
    }
}

static gboolean
find_response_type (guint32 tag, EaScriptObjectType *type)
{
  switch (tag)
    {
    case EA_SCRIPT_TAG_RESPONSE_APDU:
    case EA_SCRIPT_TAG_RESPONSE_APDU | EA_SCRIPT_TAG_COMPREHENSION_REQUIRED:
      *type = EA_SCRIPT_OBJECT_APDU;
      return TRUE;
    case EA_SCRIPT_TAG_EXECUTED:
      *type = EA_SCRIPT_OBJECT_EXECUTED;
      return TRUE;
    case EA_SCRIPT_TAG_IMMEDIATE_ACTION:
      *type = EA_SCRIPT_OBJECT_IMMEDIATE_ACTION;
      return TRUE;
    case EA_SCRIPT_TAG_CHAINING:
      *type = EA_SCRIPT_OBJECT_CHAINING;
      return TRUE;
    case EA_SCRIPT_TAG_BAD_FORMAT:
      *type = EA_SCRIPT_OBJECT_BAD_FORMAT;
      return TRUE;
    default:
      *type = EA_SCRIPT_OBJECT_SCP03T;
      return is_scp03t (tag) || is_scp03t_error (tag);
    }
}

static gboolean
find_type (const EaScriptCursor *cursor, EaScriptObject *object, GError **error)
{
  gboolean is_command = cursor->direction == EA_SCRIPT_DIRECTION_COMMANDS;

  if (is_command ? find_command_type (object->tag, &object->type)
                 : find_response_type (object->tag, &object->type))
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, object->object.data,
                            "Unknown tag %02X in a %s script", object->tag,
                            is_command ? "command" : "response");
}

static gboolean
check_place (const EaScriptCursor *cursor, const EaScriptObject *object, GError **error)
{
  const char *name = ea_script_get_tag_name (cursor->direction, object->tag);
  gboolean is_first = cursor->n_objects == 0;

  if (cursor->direction == EA_SCRIPT_DIRECTION_COMMANDS)
    {
      if (object->type == EA_SCRIPT_OBJECT_CHAINING && !is_first)
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, object->object.data,
                                  "Object %u of the script is %s, which has to be the first",
                                  cursor->n_objects + 1, name);
      if (object->type == EA_SCRIPT_OBJECT_IMMEDIATE_ACTION && cursor->has_commands)
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, object->object.data,
                                  "Object %u of the script is %s, which comes before commands",
                                  cursor->n_objects + 1, name);
    }
  if (object->type == EA_SCRIPT_OBJECT_EXECUTED && !is_first)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, object->object.data,
                              "Object %u of the response is %s, which has to be the first",
                              cursor->n_objects + 1, name);
  return TRUE;
}

/* What an object has is complete, so lengths that ask for more are wrong rather than cut, and so are those that
 * are extended: none of them is "length not found" or "unknown tag" in a bad format TLV. */
static gboolean
fail_contradicting (GError **error)
{
  if (error != NULL)
    (*error)->code = EA_CORE_ERROR_MALFORMED;
  return FALSE;
}

static gboolean
check_apdu (const EaScriptCursor *cursor, EaSpan apdu, GError **error)
{
  EaApduResponse response;
  EaApduCommand command;
  gboolean is_good;

  is_good = cursor->direction == EA_SCRIPT_DIRECTION_COMMANDS
                ? ea_apdu_parse_command (&command, apdu, error)
                : ea_apdu_parse_response (&response, apdu, error);
  return is_good || fail_contradicting (error);
}

static gboolean
check_action (EaSpan value, GError **error)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, value);
  while (value.size > 1 && ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_comprehension (&reader, &tlv, error))
      return fail_contradicting (error);
  return TRUE;
}

static gboolean
check_size (const EaScriptCursor *cursor, const EaScriptObject *object, gsize min, gsize max,
            GError **error)
{
  gsize size = object->value.size;
  g_autofree char *range = NULL;

  if (size >= min && size <= max)
    return TRUE;
  range = max > min ? g_strdup_printf ("%" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, min, max)
                    : g_strdup_printf ("%" G_GSIZE_FORMAT, min);
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, object->object.data,
                            "Object %02X, %s, has %" G_GSIZE_FORMAT " bytes, not %s", object->tag,
                            ea_script_get_tag_name (cursor->direction, object->tag), size, range);
}

static gboolean
check_value (const EaScriptCursor *cursor, const EaScriptObject *object, GError **error)
{
  switch (object->type)
    {
    case EA_SCRIPT_OBJECT_APDU:
      return check_apdu (cursor, object->value, error);
    case EA_SCRIPT_OBJECT_IMMEDIATE_ACTION:
      return check_size (cursor, object, 1, EA_SCRIPT_VALUE_MAX, error)
             && check_action (object->value, error);
    case EA_SCRIPT_OBJECT_ERROR_ACTION:
      return check_action (object->value, error);
    case EA_SCRIPT_OBJECT_CHAINING:
    case EA_SCRIPT_OBJECT_BAD_FORMAT:
      return check_size (cursor, object, 1, 1, error);
    case EA_SCRIPT_OBJECT_EXECUTED:
      return check_size (cursor, object, 1, EXECUTED_SIZE_MAX, error);
    case EA_SCRIPT_OBJECT_SCP03T:
      break;
    }
  return TRUE;
}

gboolean
ea_script_check_head (const EaTlvHead *head, const guint8 *position, GError **error)
{
  if (head->is_indefinite)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Object %02X of a script has an indefinite length", head->tag);
  if (head->length > EA_SCRIPT_VALUE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, position,
                              "Object %02X of a script has %" G_GSIZE_FORMAT " bytes, over %d",
                              head->tag, head->length, EA_SCRIPT_VALUE_MAX);
  return TRUE;
}

gboolean
ea_script_fail_beyond (const EaTlvHead *head, gsize available, const guint8 *position,
                       GError **error)
{
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                            "Object %02X of %" G_GSIZE_FORMAT
                            " bytes goes beyond its script, which has %" G_GSIZE_FORMAT,
                            head->tag, head->length, available);
}

/* Passes over the first octet of a tag of two that BER would read as three. */
static gboolean
skip_error_octet (EaScriptCursor *cursor)
{
  EaReader ahead = cursor->reader;
  guint16 tag = ea_reader_u16be (&ahead);

  if (cursor->direction != EA_SCRIPT_DIRECTION_RESPONSES || tag >> 8 != TAG_SCP03T_ERROR
      || !is_scp03t (tag & 0xFF))
    return FALSE;
  (void) ea_reader_u8 (&cursor->reader);
  return TRUE;
}

/* A definite length says where the script ends: an object that goes beyond contradicts it. */
static gboolean
check_end (const EaScriptCursor *cursor, const EaReader *value, const EaTlvHead *head,
           GError **error)
{
  gsize available = ea_reader_remaining (value);

  return cursor->format != EA_SCRIPT_FORMAT_DEFINITE || head->length <= available
         || ea_script_fail_beyond (head, available, ea_span_end (value->span), error);
}

static gboolean
read_expanded (EaScriptCursor *cursor, EaScriptObject *object, GError **error)
{
  gsize offset = ea_reader_offset (&cursor->reader);
  gboolean is_error = skip_error_octet (cursor);
  EaReader ahead = cursor->reader;
  EaTlvHead head;
  EaTlv tlv;

  if (!ea_tlv_read_ber_head (&ahead, &head, error)
      || !ea_script_check_head (&head, ea_reader_position (&cursor->reader), error)
      || !check_end (cursor, &ahead, &head, error)
      || !ea_tlv_read_ber (&cursor->reader, &tlv, error))
    return FALSE;

  object->tag = is_error ? TAG_SCP03T_ERROR << 8 | tlv.tag : tlv.tag;
  object->value = tlv.value;
  object->object = ea_span_tail (
      ea_span_head (cursor->reader.span, ea_reader_offset (&cursor->reader)), offset);
  return find_type (cursor, object, error) && check_place (cursor, object, error);
}

gboolean
ea_script_cut_command (EaSpan rest, gboolean is_all, gsize *size, GError **error)
{
  EaReader reader;
  gsize whole;
  guint8 p3;

  *size = 0;
  ea_reader_init (&reader, rest);
  (void) ea_reader_bytes (&reader, EA_APDU_HEADER_SIZE);
  p3 = ea_reader_u8 (&reader);
  whole = EA_APDU_HEADER_SIZE + 1 + p3;

  if (!is_all)
    *size = ea_reader_is_ok (&reader) && rest.size >= whole + EA_SCRIPT_LOOK_AHEAD ? whole : 0;
  else if (rest.size == EA_APDU_HEADER_SIZE || rest.size == EA_APDU_HEADER_SIZE + 1
           || (rest.size == whole + 1 && p3 > 0))
    *size = rest.size;
  else if (ea_reader_is_ok (&reader) && rest.size >= whole)
    *size = whole;
  else
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (rest),
                              "Command of %" G_GSIZE_FORMAT " bytes ends before its %s", rest.size,
                              ea_reader_is_ok (&reader) ? "data do" : "header does");
  return TRUE;
}

static gboolean
read_compact (EaScriptCursor *cursor, EaScriptObject *object, GError **error)
{
  EaReader ahead = cursor->reader;
  gsize size;

  if (!ea_script_cut_command (ea_reader_rest (&ahead), TRUE, &size, error))
    return FALSE;
  object->type = EA_SCRIPT_OBJECT_APDU;
  object->value = ea_reader_bytes (&cursor->reader, size);
  object->object = object->value;
  return TRUE;
}

void
ea_script_cursor_init (EaScriptCursor *cursor, EaScriptDirection direction, EaScriptFormat format,
                       EaSpan objects)
{
  *cursor = (EaScriptCursor){ .direction = direction, .format = format };
  ea_reader_init (&cursor->reader, objects);
}

gboolean
ea_script_cursor_has_next (const EaScriptCursor *cursor)
{
  return ea_reader_remaining (&cursor->reader) > 0;
}

gboolean
ea_script_cursor_next (EaScriptCursor *cursor, EaScriptObject *out, GError **error)
{
  gboolean is_compact = cursor->format == EA_SCRIPT_FORMAT_COMPACT;
  EaScriptObject object = { 0 };

  if (cursor->n_objects == EA_SCRIPT_OBJECTS_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, ea_reader_position (&cursor->reader),
                              "More than %d objects in a script", EA_SCRIPT_OBJECTS_MAX);
  if (!(is_compact ? read_compact (cursor, &object, error)
                   : read_expanded (cursor, &object, error)))
    return FALSE;
  if (!check_value (cursor, &object, error))
    return FALSE;

  cursor->n_objects++;
  cursor->has_commands = cursor->has_commands || object.type == EA_SCRIPT_OBJECT_APDU;
  *out = object;
  return TRUE;
}

gboolean
ea_script_parse_sealed_response (EaScriptObject *out, EaSpan response)
{
  EaScriptCursor cursor;
  EaScriptObject object;

  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE,
                         response);
  if (!ea_script_cursor_next (&cursor, &object, NULL) || ea_script_cursor_has_next (&cursor)
      || object.type != EA_SCRIPT_OBJECT_SCP03T)
    return FALSE;
  *out = object;
  return TRUE;
}

gboolean
ea_script_is_sealed_error (guint32 tag)
{
  return is_scp03t_error (tag);
}
