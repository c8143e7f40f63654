/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "smsr-eis.h"
#include "smsr-packets.h"

/*
 * The notifications of SGP.02 §3.15 that reach the SM-SR, whatever brings them: what they say, whether they are
 * confirmed, and the short messages of the confirmation where they came in one. The EIS follows them.
 */

#define SIM_SMSR_NOTIFICATION_CHANGED 0x02

/* What the eUICC says about itself */
typedef struct
{
  guint8 type;      /* 02: the profile change succeeded, 03: rolled back, 05: fell back */
  guint16 sequence; /* the confirmation repeats it */
  char aid[33];     /* of the enabled ISD-P, upper-case hexadecimal */
} SimSmsrNotification;

/* @object: E1…, which has to be of the eUICC @eid. FALSE, with @notification untouched: it is no notification. */
gboolean sim_smsr_notification_read (SimSmsrNotification *notification, EaSpan object,
                                     const char *eid);

typedef struct _SimSmsrNotifications SimSmsrNotifications;

/* @eis, @packets: borrowed; outlive it */
SimSmsrNotifications *sim_smsr_notifications_new (const char *eid, SimEis *eis,
                                                  SimSmsrPackets *packets);
void sim_smsr_notifications_free (SimSmsrNotifications *notifications);

/* The next @count notifications are not confirmed. */
void sim_smsr_notifications_withhold (SimSmsrNotifications *notifications, guint count);

/* A notification came over this @bearer. FALSE: it is not to be confirmed. */
gboolean sim_smsr_notifications_add (SimSmsrNotifications *notifications,
                                     const SimSmsrNotification *notification, const char *bearer);

/* The last one is confirmed, with this response script, which has one answer of success. */
void sim_smsr_notifications_settle (SimSmsrNotifications *notifications, EaSpan script);

/* An SMS-SUBMIT came: FALSE when it is neither a notification nor the response to a confirmation. */
gboolean sim_smsr_notifications_receive (SimSmsrNotifications *notifications, EaSpan submit_tpdu);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU */
GBytes *sim_smsr_notifications_pull (SimSmsrNotifications *notifications);

/* The type of a notification that was confirmed by short message since the last call; 0: none was */
guint8 sim_smsr_notifications_take_confirmed (SimSmsrNotifications *notifications);

/* (transfer full): "TYPE SEQUENCE AID BEARER open|withheld|confirmed|refused [deleted=AID,…]", one a line, all
 * that ever came; each line with its end */
char *sim_smsr_notifications_describe (const SimSmsrNotifications *notifications);
