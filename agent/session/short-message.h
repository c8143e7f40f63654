/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/sms.h"
#include "modem/modem.h"

G_BEGIN_DECLS

/**
 * EaShortMessage:
 * @sms: (nullable): the modem's name for it; %NULL when nobody waits for a word on it any more
 * @smsc: the service centre's TON/NPI and digits; may be empty
 * @tpdu: an SMS-DELIVER
 * @record: (nullable): its name in the store; %NULL: it is not in the inbox
 * @received_us: monotonic time
 * @busy_since_us: monotonic time of the first try that met a busy card; 0: none yet
 * @is_for_card: it is known that the agent has no key for it
 *
 * A message from the network on its way to the card or to the agent.
 */
typedef struct
{
  EaModemSms *sms;
  GBytes *smsc;
  GBytes *tpdu;
  char *record;
  gint64 received_us;
  gint64 busy_since_us;
  gboolean is_for_card;
} EaShortMessage;

/**
 * ea_short_message_new:
 *
 * Returns: (transfer full) (nullable): a copy of @sms, taken apart
 *
 * Errors: as ea_sms_split_smsc().
 */
EaShortMessage *ea_short_message_new (const EaModemSms *sms, GError **error);

/* (transfer full) (nullable): what ea_short_message_build_record() has made, with the name @record. */
EaShortMessage *ea_short_message_new_from_record (const char *record, GBytes *bytes,
                                                  GError **error);

/* (transfer full) */
GBytes *ea_short_message_build_record (const EaShortMessage *message);

void ea_short_message_free (EaShortMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaShortMessage, ea_short_message_free)

/* TRUE for a message that nobody sends again: it is acknowledged, or lies in a storage. */
gboolean ea_short_message_must_stay (const EaShortMessage *message);

G_END_DECLS
