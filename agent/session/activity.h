/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * EaActivity: what happened on one eUICC so far: counters, the time of the last event, the last error.
 *
 * Signal "changed" (): after counts and failures, a few times a second at most (session/pacer.h).
 */

/* The counters' names, as they appear in the D-Bus property Counters. */
#define EA_COUNTER_SMS_RECEIVED "sms-received"
#define EA_COUNTER_SMS_ACCEPTED "sms-accepted"
#define EA_COUNTER_SMS_REJECTED "sms-rejected"
#define EA_COUNTER_SMS_KEPT "sms-kept"
#define EA_COUNTER_SMS_UNSETTLED "sms-unsettled" /* the network did not take our word on it */
#define EA_COUNTER_SMS_SENT "sms-sent"
#define EA_COUNTER_SMS_NOT_SENT "sms-not-sent"
#define EA_COUNTER_SMS_DUPLICATES                                                                  \
  "sms-duplicates" /* the network sent them again, they were taken before */
#define EA_COUNTER_PACKETS_TAKEN                                                                   \
  "packets-taken" /* secured packets that the agent has the key for */
#define EA_COUNTER_PACKETS_REFUSED                                                                 \
  "packets-refused" /* genuine, but a replay or for nobody; or nobody can tell */
#define EA_COUNTER_PACKETS_REPEATED                                                                \
  "packets-repeated" /* the SM-SR sent them again, and will have the one answer */
#define EA_COUNTER_PACKETS_NOT_GENUINE "packets-not-genuine"
#define EA_COUNTER_PACKETS_INCOMPLETE "packets-incomplete" /* segments never came */
#define EA_COUNTER_SCRIPTS_RUN "scripts-run"
#define EA_COUNTER_SCRIPTS_INTERRUPTED "scripts-interrupted"
#define EA_COUNTER_PROACTIVE_COMMANDS "proactive-commands"
#define EA_COUNTER_REFRESHES "refreshes"
#define EA_COUNTER_PROFILE_CHANGES "profile-changes"
#define EA_COUNTER_HOOKS_RUN "hooks-run"
#define EA_COUNTER_HOOKS_FAILED "hooks-failed" /* or refused, or killed */

#define EA_COUNTER_CHANNELS_OPENED "channels-opened"
#define EA_COUNTER_CHANNELS_REFUSED "channels-refused" /* links that were not to be had */
#define EA_COUNTER_CHANNELS_DROPPED                                                                \
  "channels-dropped" /* links that were lost, or closed by the peer */
#define EA_COUNTER_SESSIONS_OPENED "sessions-opened"
#define EA_COUNTER_SESSIONS_ENDED "sessions-ended" /* by the SM-SR, as they should */
#define EA_COUNTER_SESSIONS_FAILED "sessions-failed"
#define EA_COUNTER_ENVELOPES "envelopes" /* events and timers that the card was told of */
#define EA_COUNTER_APDUS "apdus"         /* commands of scripts that the card has answered */
#define EA_COUNTER_REGISTERED "switches-registered"         /* with the network, after a switch */
#define EA_COUNTER_NOT_REGISTERED "switches-not-registered" /* in time, after a switch */

/* Of what was asked: how often no answer came in time */
#define EA_COUNTER_TIMEOUTS_MODEM "timeouts-modem"
#define EA_COUNTER_TIMEOUTS_CARD "timeouts-card"
#define EA_COUNTER_TIMEOUTS_NETWORK "timeouts-network" /* name servers, peers and the SM-SR */

/* Further names, of sessions by transport and result and of bytes by transport, are made in session/tally.h. */

#define EA_TYPE_ACTIVITY (ea_activity_get_type ())
G_DECLARE_FINAL_TYPE (EaActivity, ea_activity, EA, ACTIVITY, GObject)

EaActivity *ea_activity_new (void);

void ea_activity_count (EaActivity *self, const char *counter);

/* The same @n times; 0 is nothing that has happened. */
void ea_activity_add (EaActivity *self, const char *counter, guint64 n);

/* @error of a modem, a link, the store or the core: its name follows from the cause, its message is the sentence. A
 * time-out is counted as the modem's or the network's. */
void ea_activity_fail (EaActivity *self, const GError *error);

/* The same of what the card was asked for: a time-out of the modem is counted as the card's. */
void ea_activity_fail_on_card (EaActivity *self, const GError *error);

/* When @counter was counted last: monotonic; 0: never */
gint64 ea_activity_get_counted_us (EaActivity *self, const char *counter);

/* (transfer full): floating, a{st} */
GVariant *ea_activity_get_counters (EaActivity *self);

/* Microseconds of real time; 0: nothing happened yet. */
guint64 ea_activity_get_last_time_us (EaActivity *self);

/* (transfer full): floating, (ss): stable name and sentence, empty when nothing failed */
GVariant *ea_activity_get_last_error (EaActivity *self);

G_END_DECLS
