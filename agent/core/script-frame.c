/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Response scripts that were written as they came, TS 102 226 §5.2.2 with indefinite length, in the format that their
 * command script asks for: what that puts in front is known at the end only.
 */

#include "core/error.h"
#include "core/script-private.h"
#include "core/script.h"
#include "core/tlv.h"

/* What a response tells of its commands. */
typedef struct
{
  guint n_executed;
  EaSpan last; /* R-APDU; empty when there is none */
} Summary;

static void
summarize (EaSpan objects, Summary *summary)
{
  EaScriptObject object;
  EaScriptCursor cursor;

  *summary = (Summary){ 0 };
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE,
                         objects);
  while (ea_script_cursor_has_next (&cursor) && ea_script_cursor_next (&cursor, &object, NULL))
    {
      summary->n_executed
          += object.type == EA_SCRIPT_OBJECT_APDU || object.type == EA_SCRIPT_OBJECT_SCP03T ? 1 : 0;
      if (object.type == EA_SCRIPT_OBJECT_APDU)
        summary->last = object.value;
    }
}

static void
frame_definite (EaSpan objects, guint n_executed, EaWriter *head)
{
  g_auto (EaWriter) number = { 0 };
  g_auto (EaWriter) executed = { 0 };

  ea_writer_init (&number);
  ea_writer_init (&executed);
  ea_script_write_executed (&number, n_executed);
  ea_tlv_write_ber (&executed, EA_SCRIPT_TAG_EXECUTED, ea_writer_span (&number));

  ea_tlv_write_ber_tag (head, EA_SCRIPT_TAG_RESPONSES);
  ea_tlv_write_length (head, ea_writer_span (&executed).size + objects.size);
  ea_writer_bytes (head, ea_writer_span (&executed));
}

static gboolean
frame_compact (const Summary *summary, EaWriter *head, EaSpan *rest, GError **error)
{
  EaApduResponse last;

  if (summary->n_executed > EA_SCRIPT_COMPACT_EXECUTED_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "%u executed commands, a compact response tells at most %d",
                              summary->n_executed, EA_SCRIPT_COMPACT_EXECUTED_MAX);
  if (!ea_apdu_parse_response (&last, summary->last, NULL))
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, NULL,
                              "Compact response has no status word");
  ea_writer_u8 (head, (guint8) summary->n_executed);
  ea_writer_u16be (head, last.sw);
  *rest = last.data;
  return TRUE;
}

gboolean
ea_script_frame_response (EaSpan response, EaScriptFormat format, EaWriter *head, EaSpan *rest,
                          GError **error)
{
  EaScriptResponse parsed;
  Summary summary;

  if (!ea_script_parse_response (&parsed, response, error))
    return FALSE;
  if (parsed.format != EA_SCRIPT_FORMAT_INDEFINITE)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, response.data,
                              "Response script is not of indefinite length");

  summarize (parsed.objects, &summary);
  switch (format)
    {
    case EA_SCRIPT_FORMAT_COMPACT:
      return frame_compact (&summary, head, rest, error);
    case EA_SCRIPT_FORMAT_DEFINITE:
      frame_definite (parsed.objects, summary.n_executed, head);
      *rest = parsed.objects;
      return TRUE;
    case EA_SCRIPT_FORMAT_INDEFINITE:
      break;
    }
  *rest = response;
  return TRUE;
}
