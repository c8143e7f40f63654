/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounded lists of lines, oldest first. */
#include "record.h"

#define RECORD_LIMIT 10000

void
sim_record_init (SimRecord *record)
{
  g_queue_init (&record->lines);
}

void
sim_record_clear (SimRecord *record)
{
  g_queue_clear_full (&record->lines, g_free);
}

void
sim_record_add (SimRecord *record, char *line)
{
  if (g_queue_get_length (&record->lines) == RECORD_LIMIT)
    g_free (g_queue_pop_head (&record->lines));
  g_queue_push_tail (&record->lines, line);
}

void
sim_record_add_pair (SimRecord *record, EaSpan command, EaSpan response)
{
  g_autofree char *command_hex = ea_span_to_hex (command);
  g_autofree char *response_hex = ea_span_to_hex (response);

  sim_record_add (record, g_strdup_printf ("%s %s", command_hex, response_hex));
}

char *
sim_record_take (SimRecord *record)
{
  GString *text = g_string_new (NULL);
  char *line;

  while ((line = g_queue_pop_head (&record->lines)) != NULL)
    {
      g_string_append (text, line);
      g_string_append_c (text, '\n');
      g_free (line);
    }
  g_string_append_c (text, '.');
  return g_string_free (text, FALSE);
}
