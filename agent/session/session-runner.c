/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/session-runner.h"

static guint ended_signal;
static guint idle_signal;

G_DEFINE_INTERFACE (EaSessionRunner, ea_session_runner, G_TYPE_OBJECT)

static void
ea_session_runner_default_init (EaSessionRunnerInterface *iface)
{
  ended_signal = g_signal_new ("ended", EA_TYPE_SESSION_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
  idle_signal = g_signal_new ("idle", EA_TYPE_SESSION_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
}

EaSession *
ea_session_runner_get_session (EaSessionRunner *self)
{
  return EA_SESSION_RUNNER_GET_IFACE (self)->get_session (self);
}

const EaSessionOrder *
ea_session_runner_get_order (EaSessionRunner *self)
{
  return EA_SESSION_RUNNER_GET_IFACE (self)->get_order (self);
}

void
ea_session_runner_start (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->start (self);
}

void
ea_session_runner_wake (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->wake (self);
}

void
ea_session_runner_suspend (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->suspend (self);
}

void
ea_session_runner_resume (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->resume (self);
}

void
ea_session_runner_detach (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->detach (self);
}

void
ea_session_runner_drain (EaSessionRunner *self)
{
  EA_SESSION_RUNNER_GET_IFACE (self)->drain (self);
}

gboolean
ea_session_runner_is_idle (EaSessionRunner *self)
{
  return EA_SESSION_RUNNER_GET_IFACE (self)->is_idle (self);
}

void
ea_session_runner_tell_ended (EaSessionRunner *self)
{
  g_signal_emit (self, ended_signal, 0);
}

void
ea_session_runner_tell_idle (EaSessionRunner *self)
{
  g_signal_emit (self, idle_signal, 0);
}
