/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-late.h"

#include "sim-keys.h"

#define PACKETS_MAX 64

typedef struct
{
  SimScp80Form form;
  SimScp80Command command;
} LatePacket;

void
sim_smsr_late_clear (SimSmsrLate *late)
{
  g_clear_pointer (&late->packets, g_array_unref);
}

void
sim_smsr_late_remember (SimSmsrLate *late, SimScp80Form form, const SimScp80Command *command)
{
  const LatePacket packet = { .form = form, .command = *command };

  if (late->packets == NULL)
    late->packets = g_array_new (FALSE, FALSE, sizeof (LatePacket));
  if (late->packets->len == PACKETS_MAX)
    g_array_remove_index (late->packets, 0);
  g_array_append_val (late->packets, packet);
}

static gboolean
is_answer (const LatePacket *late, EaSpan packet)
{
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) data
      = sim_scp80_open_response (&response, &late->command, late->form, packet, &sim_keys, NULL);

  return data != NULL && response.tar == late->command.tar
         && response.counter == late->command.counter;
}

gboolean
sim_smsr_late_has_answer (const SimSmsrLate *late, SimScp80Form form, EaSpan packet)
{
  for (guint i = 0; late->packets != NULL && i < late->packets->len; i++)
    {
      const LatePacket *known = &g_array_index (late->packets, LatePacket, i);

      if (known->form == form && is_answer (known, packet))
        return TRUE;
    }
  return FALSE;
}
