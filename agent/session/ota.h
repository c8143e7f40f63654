/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "host/store.h"
#include "session/activity.h"
#include "session/card.h"
#include "session/endpoint.h"
#include "session/key-ring.h"

G_BEGIN_DECLS

/*
 * EaOta: short messages from the network to the card and to the agent. A packet for which the agent holds the key
 * ends at its endpoint; every other SMS-PP download goes by ENVELOPE, as it came, one at a time and in order, and the
 * card's answer decides what the network hears (TS 31.111 §7.1.1.1). A message that the network has been told is
 * delivered lies in the durable inbox until the card has answered or the agent has taken it. Messages that are no
 * download are left alone.
 *
 * Signal "idle" (): nothing is on its way to the card or to the network any more.
 */

/* How long a busy card (93 00) is asked again before the network is told, and how often. */
#define EA_OTA_BUSY_LIMIT_MS 8000
#define EA_OTA_BUSY_INTERVAL_MS 500

/* A message of the inbox that could not be delivered is tried again after this. */
#define EA_OTA_INBOX_INTERVAL_S 30

/* Messages that wait for the card at most; the network is told "busy" for more. */
#define EA_OTA_QUEUE_MAX 64

typedef enum
{
  EA_OTA_ACCEPT,
  EA_OTA_REJECT,
  EA_OTA_RETRY,
} EaOtaVerdict;

/**
 * ea_ota_get_verdict:
 * @sw: status word of the ENVELOPE
 * @tp_cause: (out): TP-FCS for the network with EA_OTA_REJECT, and with EA_OTA_RETRY when time is up
 *
 * TS 31.111 §7.1.1.1, TS 23.040 §9.2.3.22.
 */
EaOtaVerdict ea_ota_get_verdict (guint16 sw, guint8 *tp_cause);

/* TRUE for an ENVELOPE that failed on its way to the card and may get there another time. */
gboolean ea_ota_is_worth_retry (const GError *error);

/* The TP-FCS for an ENVELOPE that failed on its way to the card. */
guint8 ea_ota_get_failure_cause (const GError *error);

#define EA_TYPE_OTA (ea_ota_get_type ())
G_DECLARE_FINAL_TYPE (EaOta, ea_ota, EA, OTA, GObject)

/**
 * EaOtaOptions:
 * @store: @context: borrowed for the life of the process; @context is what log messages are about
 * @name: of this eUICC's records in @store
 */
typedef struct
{
  EaModem *modem;
  EaCard *card;
  EaKeyRing *keys;
  EaStore *store;
  const char *name;
  EaActivity *activity;
  const EaLogContext *context;
} EaOtaOptions;

EaOta *ea_ota_new (const EaOtaOptions *options);

/* (transfer none): where the agent's own packets end */
EaEndpoint *ea_ota_get_endpoint (EaOta *self);

/* The card is gone, and another may come: nothing is for it before ea_ota_resume(). */
void ea_ota_suspend (EaOta *self);

/* The card is ready: messages of the inbox, an earlier run's included, and those that came since go to it.
 * @eid: (nullable): which keys are for it; %NULL: none */
void ea_ota_resume (EaOta *self, const char *eid);

/* The same of an observer, whose modem has the messages: packets of links of the agent, and those that an earlier run
 * has taken and not answered, end here. */
void ea_ota_resume_packets (EaOta *self, const char *eid);

/* The end is near: takes nothing new, and tells the network to send again what the card does not have. What
 * is on its way goes on; see "idle". */
void ea_ota_drain (EaOta *self);
gboolean ea_ota_is_idle (EaOta *self);

G_END_DECLS
