/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/inbox.h"
#include "session/ota.h"
#include "session/recent.h"
#include "session/sorter.h"

/* What the files of EaOta share: ota.c has the queue, ota-card.c brings its head to the card, ota-agent.c to the
 * agent. */

/**
 * EaOtaWay:
 * @EA_OTA_TO_CARD: the head is the card's
 * @EA_OTA_TO_AGENT: the head was taken off the queue: it is the agent's, or held
 * @EA_OTA_NO_ROOM: it may be the agent's, which has no room for it now
 * @EA_OTA_NO_WAY: the card is away
 */
typedef enum
{
  EA_OTA_TO_CARD,
  EA_OTA_TO_AGENT,
  EA_OTA_NO_ROOM,
  EA_OTA_NO_WAY,
} EaOtaWay;

struct _EaOta
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaStore *store;
  EaActivity *activity;
  const EaLogContext *context;
  EaLogContext log;

  EaInbox *inbox;
  EaRecent *recent;
  EaSorter *sorter;
  EaOutbox *outbox;
  EaEndpoint *endpoint;

  GQueue messages; /* EaShortMessage; the head is being delivered */
  GQueue aside;    /* EaShortMessage, for another time */
  gboolean is_resumed;
  gboolean is_draining;
  gboolean is_delivering;
  gboolean awaits_room;      /* the head does, at the endpoint */
  gboolean is_report_wanted; /* by the sender of the packet that the card got last */
  guint8 next_reference;     /* of concatenated messages */
  guint n_settling;
  guint retry_id;
  guint aside_id;
  guint tick_id;  /* when held segments are given up */
  guint flush_id; /* when it becomes durable that acknowledgements have arrived */
};

/* What a message about short messages has; until it is asked again */
const EaLogContext *ea_ota_get_log (EaOta *self);

/* The head is dealt with, if nothing is in its way. */
void ea_ota_serve_head (EaOta *self);

/* What was held for too long is let go. */
void ea_ota_tick_sorter (EaOta *self);

/* The head goes to the agent, if it is for it. */
EaOtaWay ea_ota_take_for_agent (EaOta *self);

/* The endpoint has room again: if the head waits for that, it is dealt with soon. */
void ea_ota_note_room (EaOta *self);

/* Tells the network what becomes of @message, if it waits for that. */
void ea_ota_settle (EaOta *self, const EaShortMessage *message, gboolean is_accepted,
                    guint8 tp_cause);

/* @message (transfer full) is first again; but nobody overtakes the one that is on its way. */
void ea_ota_return (EaOta *self, EaShortMessage *message);

/* @message (transfer full) waits for another time; @reason: why, for the log. */
void ea_ota_put_aside (EaOta *self, EaShortMessage *message, const char *reason);

void ea_ota_fail_store (EaOta *self, const GError *error, const char *what);

/* Tells when nothing is on its way any more. */
void ea_ota_tell_idle (EaOta *self);
