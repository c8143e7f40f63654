/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A port sends in order; what is held back here waits outside of it, so that others overtake it. */
#include "apdu-fault.h"

typedef struct
{
  SimApduFault *fault;
  GBytes *frame;
  guint source;
} Held;

static void
held_free (gpointer data)
{
  Held *held = data;

  g_clear_handle_id (&held->source, g_source_remove);
  g_bytes_unref (held->frame);
  g_free (held);
}

void
sim_apdu_fault_init (SimApduFault *fault, SimPort *port)
{
  *fault = (SimApduFault){ .port = port };
  g_queue_init (&fault->held);
}

void
sim_apdu_fault_clear (SimApduFault *fault)
{
  g_queue_clear_full (&fault->held, held_free);
}

SimApduFate
sim_apdu_fault_take (SimApduFault *fault)
{
  if (fault->lost_in > 0 && --fault->lost_in == 0)
    return SIM_APDU_LOST;
  return fault->slow_ms > 0 ? SIM_APDU_LATE : SIM_APDU_ANSWERED;
}

static gboolean
on_due (gpointer user_data)
{
  Held *held = user_data;

  held->source = 0;
  g_queue_remove (&held->fault->held, held);
  sim_port_send (held->fault->port, held->frame, 0);
  held_free (held);
  return G_SOURCE_REMOVE;
}

void
sim_apdu_fault_hold (SimApduFault *fault, GBytes *frame, guint late_ms)
{
  Held *held = g_new0 (Held, 1);

  held->fault = fault;
  held->frame = g_bytes_ref (frame);
  held->source = g_timeout_add (late_ms, on_due, held);
  g_queue_push_tail (&fault->held, held);
}
