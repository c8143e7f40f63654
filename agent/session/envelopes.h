/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "session/activity.h"
#include "session/card.h"

G_BEGIN_DECLS

/*
 * EaEnvelopes: what the terminal tells the card of its own accord: events and expired timers. The card hears one
 * at a time, and none while a proactive command is open or about to be fetched (TS 102 221 §7.4.2). What is told
 * is chosen when the card's turn comes, so nothing is told that is not so any more; what the card has not taken
 * is told again. Sources take turns.
 *
 * Signal "idle" (): nothing is on its way to the card, and no source has anything.
 */

/* How soon what the card has not taken is told again: a busy card (93 00) mostly is ready at once. */
#define EA_ENVELOPES_RETRY_MS 250

/* After so many failures in a row the operator is told, and it goes on more slowly. */
#define EA_ENVELOPES_FAILURES_MAX 80
#define EA_ENVELOPES_SLOW_RETRY_MS 5000

/* After 91 XX the proactive command comes before the next envelope, or has this long to come: the modem's
 * firmware may carry it out without a word to the host. */
#define EA_ENVELOPES_COMMAND_LIMIT_MS 2000

/**
 * EaEnvelopeSource:
 * @has_news: whether @pull would give something; may be asked often
 * @pull: (transfer full) (nullable): the next envelope, D6… or D7…
 * @done: what became of the envelope pulled last; comes before the next @pull
 */
typedef struct
{
  gboolean (*has_news) (gpointer user_data);
  GBytes *(*pull) (gpointer user_data);
  void (*done) (gboolean is_taken, gpointer user_data);
  gpointer user_data;
} EaEnvelopeSource;

#define EA_TYPE_ENVELOPES (ea_envelopes_get_type ())
G_DECLARE_FINAL_TYPE (EaEnvelopes, ea_envelopes, EA, ENVELOPES, GObject)

/* @context: borrowed; what log messages are about */
EaEnvelopes *ea_envelopes_new (EaCard *card, EaActivity *activity, const EaLogContext *context);

/* @source: copied; asked until ea_envelopes_end(). */
void ea_envelopes_add_source (EaEnvelopes *self, const EaEnvelopeSource *source);

/* A source may have news. */
void ea_envelopes_poke (EaEnvelopes *self);

/* @is_open: a proactive command is with the terminal. */
void ea_envelopes_set_command_open (EaEnvelopes *self, gboolean is_open);

/* The proactive session is over: no command comes, though the card may have announced one. */
void ea_envelopes_expect_no_command (EaEnvelopes *self);

/* The card starts anew: what is on its way does not count, and no command is open. */
void ea_envelopes_reset (EaEnvelopes *self);

/* Nothing is told any more, and no source is asked. */
void ea_envelopes_end (EaEnvelopes *self);

gboolean ea_envelopes_is_idle (EaEnvelopes *self);

G_END_DECLS
