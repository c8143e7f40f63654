/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-context.h"
#include "session/session-order.h"

G_BEGIN_DECLS

typedef void (*EaAttemptFunc) (gpointer user_data);

/*
 * EaAttempts: the attempts of one session to reach the SM-SR: how many there were, and when the next is due. The gateway
 * stays awake for an attempt that something may come of, not for the time between two. Its members are private.
 */
typedef struct
{
  const EaSessionContext *context;
  EaSession *session;
  const EaAdminRetry *retry;
  EaAttemptFunc begin;
  gpointer user_data;
  guint number;
  guint n_failures; /* in a row */
  guint retry_id;
  gboolean is_awake; /* holds the inhibitor */
} EaAttempts;

/* All are borrowed. @begin: called with @user_data when the next one is due */
void ea_attempts_init (EaAttempts *self, const EaSessionContext *context, EaSession *session,
                       const EaSessionOrder *order, EaAttemptFunc begin, gpointer user_data);

/* One begins now; the session shows it. */
void ea_attempts_begin (EaAttempts *self);

/* Something was done: what fails from now on is the first in a row. */
void ea_attempts_note_progress (EaAttempts *self);

/* One has failed, for @error. FALSE: the retries are used up. */
gboolean ea_attempts_fail (EaAttempts *self, const GError *error);

/* TRUE when another one may follow if this one fails. */
gboolean ea_attempts_may_fail (const EaAttempts *self);

/* The next one is due after the pause that follows the last failure, and the session shows it. Returns: milliseconds */
guint64 ea_attempts_wait (EaAttempts *self, const GError *error);
gboolean ea_attempts_is_waiting (const EaAttempts *self);

/* If the next one is waited for, it begins now. */
void ea_attempts_wake (EaAttempts *self);

/* The next one is not waited for any more. */
void ea_attempts_stop (EaAttempts *self);

/* Nothing is under way, and nobody knows when it goes on; the gateway may sleep. @is_shown: the session waits */
void ea_attempts_rest (EaAttempts *self, gboolean is_shown);

G_END_DECLS
