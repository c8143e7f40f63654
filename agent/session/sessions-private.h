/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/notifier.h"
#include "session/schedule.h"
#include "session/session-runner.h"
#include "session/sessions.h"

/* What the files of EaSessions share: sessions.c has the queue, sessions-asked.c those who want a session. */

struct _EaSessions
{
  GObject parent_instance;

  EaSessionContext context;
  EaSchedule *schedule;
  EaNotifier *notifier;
  GPtrArray *sessions;      /* of EaSessionRunner, in the order of asking */
  EaSessionRunner *running; /* one of them; NULL: none */
  GPtrArray *leaving;       /* of EaSessionRunner: closed, and the card has a command still */
  GQueue closed;            /* of EaSession: shown for a while, the oldest first */
  guint removal_id;
  guint begin_id;
  guint settle_id;
  gboolean has_recalled; /* what an earlier life has left */
  gboolean is_draining;
  gboolean has_https_timed_out; /* the HTTPS session before */
  char *pushed_eid;             /* of the card that @pushed_channel was for */
  GBytes *pushed_channel; /* objects of the push for a BIP channel that came last; NULL: none */
};

/* @order: (transfer full): becomes durable before it begins */
EaSession *ea_sessions_take_order (EaSessions *self, EaSessionOrder *order, GError **error);

/* A session is due, by the schedule. */
void ea_sessions_take_due (EaSessions *self);

/* The SM-SR is to be told of a switch at @uri. FALSE: it is not to be told now. */
gboolean ea_sessions_take_notification (EaSessions *self, const char *uri);

/* There is an answer that the SM-SR has to get: a session that is there brings it, or another one does. */
void ea_sessions_take_answers (EaSessions *self);
