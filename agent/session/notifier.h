/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-context.h"

G_BEGIN_DECLS

/*
 * EaNotifier: the default notification of SGP.02 §3.15.2, where the agent is to send it (NotifyBy=https): after a switch the
 * SM-SR is told which profile is enabled, by the URI of a session's first request. The SM-SR confirms by a script.
 *
 * Notifications are numbered by the agent: the card's own numbers are its own. The number, and whether one is owed, are durable
 * (record "notification-NAME").
 *
 * Signal "ready" (const char *uri): a session with this first URI is to be opened → TRUE when it is, and nothing is owed any
 * more
 */

#define EA_TYPE_NOTIFIER (ea_notifier_get_type ())
G_DECLARE_FINAL_TYPE (EaNotifier, ea_notifier, EA, NOTIFIER, GObject)

/* @context: borrowed, and must live as long */
EaNotifier *ea_notifier_new (const EaSessionContext *context);

/* What the ISD-R could not tell, or what could not be stored, is tried again after this, so often; and then when the card is
 * ready again. */
#define EA_NOTIFIER_INTERVAL_MS 10000
#define EA_NOTIFIER_TRIES_MAX 30

/* The profile was switched: a notification is owed, if the configuration wants one. */
void ea_notifier_owe (EaNotifier *self);

/* The card is ready: if a notification is owed, the ISD-R is asked which profile is enabled. */
void ea_notifier_notify (EaNotifier *self);

G_END_DECLS
