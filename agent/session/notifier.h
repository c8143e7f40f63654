/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session-context.h"

G_BEGIN_DECLS

/*
 * EaNotifier: the default notification of SGP.02 §3.15.2, where the agent is to send it (NotifyBy=https): after a switch the
 * SM-SR is told which profile is enabled, by the URI of a session's first request. The SM-SR confirms by a script.
 *
 * Notifications are numbered by the agent, durably (record "notification-NAME"): the card's own numbers are its own.
 *
 * Signal "ready" (const char *uri): a session with this first URI is to be opened
 */

#define EA_TYPE_NOTIFIER (ea_notifier_get_type ())
G_DECLARE_FINAL_TYPE (EaNotifier, ea_notifier, EA, NOTIFIER, GObject)

/* @context: borrowed, and must live as long */
EaNotifier *ea_notifier_new (const EaSessionContext *context);

/* The profile was switched: asks the ISD-R which one is enabled, if the configuration wants a notification. */
void ea_notifier_notify (EaNotifier *self);

G_END_DECLS
