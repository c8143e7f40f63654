/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-apdu.h"
#include "card.h"
#include "core/bytes.h"

/*
 * The default notification of a change of profiles, SGP.02 §3.15: when it is due, what it says, and how often
 * it is repeated until the SM-SR confirms it. The session (card-session.h) carries it over HTTPS.
 */

/* §3.15, tag 4D */
typedef enum
{
  SIM_NOTIFICATION_NONE = 0x00,
  SIM_NOTIFICATION_CHANGED = 0x02,
  SIM_NOTIFICATION_ROLLED_BACK = 0x03,
  SIM_NOTIFICATION_FELL_BACK = 0x05,
} SimNotificationType;

typedef struct
{
  SimNotificationType type;
  gboolean is_by_https;
  gboolean is_due;       /* to be sent as soon as it is wanted */
  gboolean is_wanted;    /* there is service, or the card has waited long enough for it */
  gboolean is_unasked;   /* it had to wait so long */
  gboolean is_confirmed; /* or given up */
  gboolean is_timed;     /* the terminal's timer for the confirmation runs */
  guint n_left;          /* tries */
  guint16 sequence_number;
  gint64 deadline_us; /* of the wait for service; -1: none */
} SimNotification;

void sim_notification_init (SimNotification *notification);

/* The card was reset: what has no confirmation is due again. */
void sim_notification_reset (SimCard *card);

/* Another profile is enabled since the reset. @follows_session: a session of the card's own has ordered that */
void sim_notification_begin (SimCard *card, SimNotificationType type, gboolean follows_session);

/* TERMINAL PROFILE: what is due waits for service from now on. */
void sim_notification_take_profile (SimCard *card);

/* By short message */
void sim_notification_send (SimCard *card);

/* It is on its way, or could not be sent: the confirmation is waited for. */
void sim_notification_sent (SimCard *card);

/* HandleNotificationConfirmation: FALSE when that is not the number of the last notification */
gboolean sim_notification_confirm (SimCard *card, guint16 sequence_number);

/* The terminal's timer has expired. */
void sim_notification_expire (SimCard *card);

void sim_notification_tick (SimCard *card);

/* (transfer full): the target of the POST that notifies, §3.15.2 */
char *sim_notification_build_uri (SimCard *card, const char *uri);
