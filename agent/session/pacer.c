/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* News at a pace. */

#include "session/pacer.h"

static gboolean on_pause_over (gpointer user_data);

static void
tell (EaPacer *self)
{
  self->is_due = FALSE;
  self->source = g_timeout_add (EA_PACER_INTERVAL_MS, on_pause_over, self);
  self->tell (self->user_data);
}

static gboolean
on_pause_over (gpointer user_data)
{
  EaPacer *self = user_data;

  self->source = 0;
  if (self->is_due)
    tell (self);
  return G_SOURCE_REMOVE;
}

void
ea_pacer_init (EaPacer *self, EaPacerFunc func, gpointer user_data)
{
  *self = (EaPacer){ .tell = func, .user_data = user_data };
}

void
ea_pacer_clear (EaPacer *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  self->is_due = FALSE;
}

void
ea_pacer_note (EaPacer *self)
{
  if (self->source == 0)
    tell (self);
  else
    self->is_due = TRUE;
}
