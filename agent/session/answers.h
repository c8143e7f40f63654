/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "core/bytes.h"
#include "host/journal.h"
#include "host/store.h"

G_BEGIN_DECLS

/*
 * EaAnswers: response packets in the CAT_TP form that the SM-SR has not acknowledged yet. They are handed out in
 * the order in which they came, on whatever link there is, until they are removed; they outlive the agent (records
 * "answer-NAME-NUMBER"). Those of another card's eUICC wait for it.
 *
 * Each is kept with the SHA-256 of the command packet that it answers: so a command that the SM-SR sends again is known
 * again. Nothing else of the command is kept. An answer is ciphered where the command has asked for that.
 *
 * Signals:
 *   "added"   ()  there is one to be handed out: an open link sends it, or a session is opened for it
 *   "removed" ()  there is room again
 */

/* Answers that it keeps at most, of one slot and all cards that were in it */
#define EA_ANSWERS_MAX 32

#define EA_TYPE_ANSWERS (ea_answers_get_type ())
G_DECLARE_FINAL_TYPE (EaAnswers, ea_answers, EA, ANSWERS, GObject)

/* @store: @context: borrowed for the life of the process; @name: of this eUICC's records. None is handed out before
 * ea_answers_set_eid(). Records that can't be read are dropped. */
EaAnswers *ea_answers_new (EaStore *store, const char *name, const EaLogContext *context);

/* @eid: (nullable): of the eUICC whose answers are handed out; %NULL: none. May signal "added". */
void ea_answers_set_eid (EaAnswers *self, const char *eid);

/**
 * ea_answers_put:
 * @command: the packet that is answered
 * @answer: response packet, of at most %EA_SCP80_PACKET_MAX (65,535) bytes
 *
 * @answer, of the eUICC of ea_answers_set_eid(), is there once @change is made; ea_answers_announce() signals it then.
 *
 * Errors: EA_STORE_ERROR_FULL when %EA_ANSWERS_MAX are there.
 */
gboolean ea_answers_put (EaAnswers *self, EaSpan command, GBytes *answer, EaStoreChange *change,
                         GError **error);

/* Signals "added" where there is one to be handed out. */
void ea_answers_announce (EaAnswers *self);

/**
 * ea_answers_hand_out:
 * @number: (out): for ea_answers_remove(); it stands for no other answer as long as @self lives. Untouched when there
 *   is none
 *
 * Returns: (transfer full) (nullable): the oldest answer that is not handed out
 */
GBytes *ea_answers_hand_out (EaAnswers *self, guint64 *number);

/* The link has gone: what was handed out and is not removed is to be handed out again. */
void ea_answers_take_back (EaAnswers *self);

/**
 * ea_answers_offer_again:
 * @command: as it came
 *
 * When @command was answered and its answer is there, that is to be handed out, even when it was before.
 *
 * Returns: FALSE when there is none
 */
gboolean ea_answers_offer_again (EaAnswers *self, EaSpan command);

/**
 * ea_answers_remove:
 * @number: of an answer that the SM-SR has acknowledged; one that is not there any more is no error
 *
 * Errors: as ea_store_commit(): then it is not handed out again in this life, unless its command comes again, and is
 * removed with the next change.
 */
gboolean ea_answers_remove (EaAnswers *self, guint64 number, GError **error);

/* Answers that the SM-SR has not acknowledged, of all eUICCs */
guint ea_answers_count (EaAnswers *self);

/* TRUE when the SM-SR has acknowledged all answers of the eUICC. */
gboolean ea_answers_is_empty (EaAnswers *self);

G_END_DECLS
