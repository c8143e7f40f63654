/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "core/bytes.h"
#include "host/journal.h"
#include "host/store.h"

G_BEGIN_DECLS

/*
 * EaAnswers: response packets in the CAT_TP form that the SM-SR has not acknowledged yet. They are handed out in
 * the order in which they came, on whatever link there is to the peer that sent the command (session/cattp-peer.h), until
 * they are removed; they outlive the agent (records "answer-NAME-NUMBER"). Those of another card's eUICC wait for it.
 *
 * Each is kept with the SHA-256 of the command packet that it answers: so a command that the peer sends again is known
 * again. Nothing else of the command is kept. An answer is ciphered where the command has asked for that.
 *
 * Signals:
 *   "added"   ()  there is one to be handed out: an open link to its peer sends it, or a session is opened for it
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
 * @peer: that sent @command
 * @command: the packet that is answered
 * @answer: response packet, of at most %EA_SCP80_PACKET_MAX (65,535) bytes
 *
 * @answer, of the eUICC of ea_answers_set_eid(), is there once @change is made; ea_answers_announce() signals it then.
 *
 * Errors: EA_STORE_ERROR_FULL when %EA_ANSWERS_MAX are there.
 */
gboolean ea_answers_put (EaAnswers *self, const char *peer, EaSpan command, GBytes *answer,
                         EaStoreChange *change, GError **error);

/* Signals "added" where there is one to be handed out. */
void ea_answers_announce (EaAnswers *self);

/* (transfer full): the peers that have answers to be handed out, who waits longest first; empty: none */
GStrv ea_answers_list_peers (EaAnswers *self);

/**
 * ea_answers_hand_out:
 * @peer: who gets it
 * @number: (out): for ea_answers_remove(); it stands for no other answer as long as @self lives. Untouched when there
 *   is none
 *
 * Returns: (transfer full) (nullable): the oldest answer for @peer that is not handed out
 */
GBytes *ea_answers_hand_out (EaAnswers *self, const char *peer, guint64 *number);

/* The link has gone: what was handed out and is not removed is to be handed out again. */
void ea_answers_take_back (EaAnswers *self);

/* An answer that was handed out can't go to the peer of this session: it is kept, but not handed out and not asked for any
 * more, until ea_answers_take_up(), the eUICC comes again, or its command. */
void ea_answers_put_aside (EaAnswers *self, guint64 number);

/* Another session begins: what was put aside is to be handed out again. */
void ea_answers_take_up (EaAnswers *self);

/**
 * ea_answers_offer_again:
 * @command: as it came from @peer
 *
 * When @command was answered and its answer is there, that is to be handed out, even when it was before.
 *
 * Returns: FALSE when there is none
 */
gboolean ea_answers_offer_again (EaAnswers *self, const char *peer, EaSpan command);

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

/* TRUE when @peer has acknowledged all answers of the eUICC that are not put aside. */
gboolean ea_answers_is_empty (EaAnswers *self, const char *peer);

/* TRUE when @peer has not acknowledged all of those of the eUICC @eid, which may be away. */
gboolean ea_answers_has_any (EaAnswers *self, const char *eid, const char *peer);

G_END_DECLS
