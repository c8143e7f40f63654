/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole scripts and responses (agent/core/script.h): what was read, written again, is read alike. */

#include "core/script.h"

#include "core/tlv.h"
#include "fuzz.h"

/* The cursor comes to the end of what was checked, and adds all to @writer. */
static void
copy_objects (EaScriptCursor *cursor, EaScriptWriter *writer, guint n_objects, EaSpan input)
{
  EaScriptObject object;
  guint n_seen = 0;

  while (ea_script_cursor_has_next (cursor))
    {
      FUZZ_CLAIM (ea_script_cursor_next (cursor, &object, NULL));
      FUZZ_CLAIM (fuzz_is_inside (object.object, input));
      FUZZ_CLAIM (fuzz_is_inside (object.value, object.object));
      FUZZ_CLAIM (object.tag == 0
                  || ea_script_get_tag_name (cursor->direction, object.tag) != NULL);
      n_seen++;
      if (object.type != EA_SCRIPT_OBJECT_EXECUTED)
        ea_script_writer_add (writer, object.tag, object.value);
    }
  FUZZ_CLAIM (n_seen == n_objects);
}

static void
check_same_objects (const EaScript *a, const EaScript *b)
{
  EaScriptCursor cursor_a;
  EaScriptCursor cursor_b;
  EaScriptObject object_a;
  EaScriptObject object_b;

  ea_script_cursor_init (&cursor_a, EA_SCRIPT_DIRECTION_COMMANDS, a->format, a->objects);
  ea_script_cursor_init (&cursor_b, EA_SCRIPT_DIRECTION_COMMANDS, b->format, b->objects);
  for (guint i = 0; i < a->n_objects; i++)
    {
      FUZZ_CLAIM (ea_script_cursor_next (&cursor_a, &object_a, NULL));
      FUZZ_CLAIM (ea_script_cursor_next (&cursor_b, &object_b, NULL));
      FUZZ_CLAIM (object_a.tag == object_b.tag && object_a.type == object_b.type);
      FUZZ_CLAIM (ea_span_equal (object_a.value, object_b.value));
    }
}

static void
check_commands (EaSpan input)
{
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaScriptCursor cursor;
  EaScript script;
  EaScript again;

  fuzz_poison (&script, sizeof script);
  if (!ea_script_parse (&script, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&script, sizeof script));
      return;
    }
  FUZZ_CLAIM (error == NULL && fuzz_is_inside (script.objects, input));
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_COMMANDS, script.format, script.objects);
  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_COMMANDS, script.format);
  copy_objects (&cursor, &writer, script.n_objects, input);

  if (!ea_script_writer_finish (&writer, 0, NULL))
    return;
  built = ea_script_writer_pull (&writer);
  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_script_parse (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.format == script.format && again.n_objects == script.n_objects);
  check_same_objects (&script, &again);
}

static void
check_same_response (const EaScriptResponse *a, const EaScriptResponse *b)
{
  FUZZ_CLAIM (a->format == b->format);
  FUZZ_CLAIM (a->format == EA_SCRIPT_FORMAT_INDEFINITE
              || (a->has_executed == b->has_executed && a->executed == b->executed));
  FUZZ_CLAIM (a->last.sw == b->last.sw && ea_span_equal (a->last.data, b->last.data));
}

static void
check_responses (EaSpan input)
{
  g_auto (EaScriptWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaScriptResponse response;
  EaScriptResponse again;
  EaScriptCursor cursor;

  fuzz_poison (&response, sizeof response);
  if (!ea_script_parse_response (&response, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&response, sizeof response));
      return;
    }
  FUZZ_CLAIM (error == NULL && fuzz_is_inside (response.objects, input));
  FUZZ_CLAIM (fuzz_is_inside (response.last.data, input));
  ea_script_cursor_init (&cursor, EA_SCRIPT_DIRECTION_RESPONSES, response.format, response.objects);
  ea_script_writer_init (&writer, EA_SCRIPT_DIRECTION_RESPONSES, response.format);
  copy_objects (&cursor, &writer, response.n_objects, input);
  if (response.format == EA_SCRIPT_FORMAT_COMPACT)
    ea_script_writer_add_response (&writer, response.last.data, response.last.sw);

  if (!ea_script_writer_finish (&writer, response.executed, NULL))
    return;
  built = ea_script_writer_pull (&writer);
  FUZZ_CLAIM (ea_script_parse_response (&again, ea_span_from_bytes (built), NULL));
  check_same_response (&response, &again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_commands (ea_span_init (data, size));
  check_responses (ea_span_init (data, size));
  return 0;
}
