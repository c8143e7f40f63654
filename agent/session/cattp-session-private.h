/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/attempts.h"
#include "session/cattp-link.h"
#include "session/cattp-session.h"
#include "session/reach.h"

/* What the files of EaCattpSession share: cattp-session.c its life, cattp-exchange.c the packets of a link, and
 * cattp-answers.c what they are answered with. */

/* What waits on the link for the SM-SR's acknowledgement */
typedef struct
{
  GBytes *answer; /* of the card, which nobody else has; NULL: it is durable */
  guint64 number; /* of EaAnswers, where it is durable */
} EaCattpSending;

struct _EaCattpSession
{
  GObject parent_instance;

  const EaSessionContext *context; /* NULL: it is gone, and nothing is to be done any more */
  EaSessionOrder *order;
  char *peer; /* of the order: whose answers go here */
  EaSessionStore *store;
  EaSession *session;
  gboolean has_begun;
  gboolean is_draining;
  gboolean has_ended; /* the SM-SR has ended it; answers may be left */
  guint n_stalls;     /* in a row */
  guint n_in_vain;    /* times that it did so, in a row, and answers were there */

  /* Links */
  GCancellable *cancellable; /* of the one that is coming about; NULL: none is */
  EaReach *reach;            /* with the bearer */
  EaCattpLink *link;         /* NULL: none */
  gboolean is_open;
  guint silence_id; /* the SM-SR may be silent so long */
  guint64 n_heard;  /* bytes of the link when that was looked at last */
  EaAttempts attempts;
  EaSessionProgress progress;
  guint64 n_sent_before; /* bytes of the links before */
  guint64 n_received_before;

  /* Packets */
  EaEndpoint *endpoint; /* of the modem that is there; NULL: none */
  guint max_sdu;        /* of the link */
  GQueue sending;       /* of EaCattpSending, in the order of sending */
  GQueue unsent;        /* of GBytes: the card's answers, for the link that is open or the next */
  guint n_refused;      /* packets of the link that is there */
  guint n_accepted;     /* that somebody here has taken, of all links */
  GError *refusal;      /* of the packet that was refused last, of any link; NULL: none was */
  guint n_carried;      /* packets that the card has, and answers have not come yet */
  GCancellable *carrying;
};

/* The link is of no use: there is another one later, or the session fails. */
void ea_cattp_session_fail_attempt (EaCattpSession *self, const GError *error);

/* Nothing may be left to be done: the session ends if so. */
void ea_cattp_session_settle (EaCattpSession *self);

/* What there is to see has changed. */
void ea_cattp_session_show_progress (EaCattpSession *self);

/* cattp-exchange.c */

/* The modem's endpoint is that of @self->context from now on, and no one any more. */
void ea_cattp_session_follow_endpoint (EaCattpSession *self);
void ea_cattp_session_leave_endpoint (EaCattpSession *self);

/* A link is open: answers go out. */
void ea_cattp_session_begin_exchange (EaCattpSession *self, guint max_sdu);

/* The link is gone: what it has not delivered is for the next one. */
void ea_cattp_session_end_exchange (EaCattpSession *self);

/* Whether the SM-SR has sent packets, and each of them was refused */
gboolean ea_cattp_session_has_refused_all (const EaCattpSession *self);

/* EA_ENDPOINT_LATER: there is no room for @sdu now. */
EaEndpointVerdict ea_cattp_session_take_sdu (EaCattpSession *self, GBytes *sdu);

/* Nobody waits for the card's answers any more. */
void ea_cattp_session_stop_carrying (EaCattpSession *self);

/* cattp-answers.c */

/* Sends what there is, as far as the link takes it now. */
void ea_cattp_session_send_answers (EaCattpSession *self);

/* The SM-SR has the oldest answer that was sent. */
void ea_cattp_session_note_delivery (EaCattpSession *self);

/* TRUE while there is, or may come, something that the SM-SR has not got. */
gboolean ea_cattp_session_has_answers (EaCattpSession *self);

/* The same for what can be sent at once */
gboolean ea_cattp_session_has_ready_answers (EaCattpSession *self);

/* The SM-SR does not want what can be sent at once. */
void ea_cattp_session_drop_answers (EaCattpSession *self);
