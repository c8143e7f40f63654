/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lines, oldest first. A count with a gap in it proves nothing: when there were too many, that is the
 * whole answer.
 */

#include "card-ledger.h"

#define LINES_MAX 200000

void
sim_ledger_init (SimLedger *ledger)
{
  *ledger = (SimLedger){ 0 };
  g_queue_init (&ledger->lines);
}

void
sim_ledger_clear (SimLedger *ledger)
{
  g_queue_clear_full (&ledger->lines, g_free);
  ledger->n_lost = 0;
}

void
sim_ledger_add (SimLedger *ledger, guint channel, EaSpan aid, EaSpan command, guint16 sw)
{
  g_autofree char *aid_hex = ea_span_to_hex (aid);
  g_autofree char *command_hex = ea_span_to_hex (command);

  if (g_queue_get_length (&ledger->lines) == LINES_MAX)
    {
      ledger->n_lost++;
      return;
    }
  g_queue_push_tail (
      &ledger->lines,
      g_strdup_printf ("%u %s %s %04X\n", channel, aid.size == 0 ? "-" : aid_hex, command_hex, sw));
}

char *
sim_ledger_take (SimLedger *ledger)
{
  GString *text = g_string_new (NULL);

  if (ledger->n_lost > 0)
    g_string_printf (text, "error %u commands are not in the ledger", ledger->n_lost);
  else
    for (const GList *item = ledger->lines.head; item != NULL; item = item->next)
      g_string_append (text, item->data);
  sim_ledger_clear (ledger);
  return g_string_free (text, FALSE);
}
