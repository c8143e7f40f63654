/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-order.h"

G_BEGIN_DECLS

/*
 * EaSessionRunner: what carries out a session, over whatever transport. Its owner tells it when its turn has come, and what
 * becomes of the modem and of the card; it shows how far it is by its EaSession.
 *
 * Signals:
 *   "ended" ()  the session is closed, and nothing is durable of it
 *   "idle"  ()  the card is done with what it had of the session
 */

#define EA_TYPE_SESSION_RUNNER (ea_session_runner_get_type ())
G_DECLARE_INTERFACE (EaSessionRunner, ea_session_runner, EA, SESSION_RUNNER, GObject)

/**
 * EaSessionRunnerInterface:
 * @get_session: (transfer none): what there is to see
 * @get_order: (transfer none)
 * @start: its turn has come
 * @wake: what waits for its next attempt waits no longer
 * @suspend: the card is gone: connections go on, commands wait
 * @resume: the card of the session is ready
 * @detach: the modem is gone, with all that went through it
 * @drain: the end of the agent is near: what the card has under way is answered, and the rest is for the next life
 * @is_idle: FALSE while the card or the SM-SR is waited for that is not to be cut short
 *
 * Every one of them may end the session.
 */
struct _EaSessionRunnerInterface
{
  GTypeInterface parent_interface;

  EaSession *(*get_session) (EaSessionRunner *self);
  const EaSessionOrder *(*get_order) (EaSessionRunner *self);
  void (*start) (EaSessionRunner *self);
  void (*wake) (EaSessionRunner *self);
  void (*suspend) (EaSessionRunner *self);
  void (*resume) (EaSessionRunner *self);
  void (*detach) (EaSessionRunner *self);
  void (*drain) (EaSessionRunner *self);
  gboolean (*is_idle) (EaSessionRunner *self);
};

EaSession *ea_session_runner_get_session (EaSessionRunner *self);
const EaSessionOrder *ea_session_runner_get_order (EaSessionRunner *self);
void ea_session_runner_start (EaSessionRunner *self);
void ea_session_runner_wake (EaSessionRunner *self);
void ea_session_runner_suspend (EaSessionRunner *self);
void ea_session_runner_resume (EaSessionRunner *self);
void ea_session_runner_detach (EaSessionRunner *self);
void ea_session_runner_drain (EaSessionRunner *self);
gboolean ea_session_runner_is_idle (EaSessionRunner *self);

/* For those that implement it */
void ea_session_runner_tell_ended (EaSessionRunner *self);
void ea_session_runner_tell_idle (EaSessionRunner *self);

G_END_DECLS
