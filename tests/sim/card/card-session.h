/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-admin.h"
#include "card-apdu.h"
#include "card-cattp.h"
#include "card-trigger.h"
#include "card.h"

/*
 * Sessions that the eUICC itself opens through the terminal: administration over HTTP and CAT_TP,
 * one at a time, after a push; and what terminal and network tell that notification (card-notification.h)
 * and fall-back (card-fallback.h) live by.
 */

typedef enum
{
  SIM_SESSION_NONE,
  SIM_SESSION_ADMIN,
  SIM_SESSION_CATTP,
} SimSessionKind;

typedef enum
{
  SIM_SESSION_IDLE,
  SIM_SESSION_RUNNING,
  SIM_SESSION_ENDING,  /* the channel is being closed */
  SIM_SESSION_WAITING, /* until it is time for another try */
} SimSessionPhase;

/* Members are private to card-session.c. */
typedef struct
{
  SimAdminParameters admin_parameters;
  SimPushParameters push_parameters;
  SimSessionKind next; /* what a push asked for */
  SimSessionPhase phase;
  SimSessionKind kind;
  gboolean is_notification;
  SimAdmin *admin;
  SimCardLink *link;
  SimCattpRepairs repairs; /* on links so far, without the one that is there */
  SimCattpRepairs told;    /* of them */
  SimAdminPost post;       /* to begin with */
  gboolean has_failed;
  guint retries_left;
  gint64 again_us;
  guint n_triggers;
} SimSession;

void sim_session_init (SimSession *session, const char *eid);
void sim_session_clear (SimSession *session);

/* The card was reset, after its channels were. A session that was under way is lost. */
void sim_session_reset (SimCard *card);

/* Administration session triggering parameters in a command packet; malformed ones change nothing. */
void sim_card_take_trigger (SimCard *card, EaSpan data);

/* PUSH, ETSI TS 102 226 §9 */
guint16 sim_session_push (SimCard *card, const SimApdu *apdu, GByteArray *out);

/* TERMINAL PROFILE: events are set up where something lives by them. */
void sim_session_take_profile (SimCard *card);

/* @body: value of an ENVELOPE's D6 object */
void sim_session_take_event (SimCard *card, EaSpan body);

/* Goes on as far as it can; call after each command. */
void sim_session_pump (SimCard *card);

gboolean sim_session_is_idle (const SimCard *card);
