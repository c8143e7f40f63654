/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The short message is a command packet with a checksum and neither counter nor ciphering (§3.15.1). The IMEI
 * is left out, for the card does not ask the terminal for it.
 */

#include "card-notification.h"

#include <string.h>

#include "card-private.h"
#include "card-switch.h"
#include "sim-keys.h"

#define TAG_NOTIFICATION 0xE1
#define TAG_EID 0x4C
#define TAG_TYPE 0x4D
#define TAG_SEQUENCE_NUMBER 0x4E
#define TAG_AID 0x2F
#define SPI1_CHECKSUM 0x02
#define WAIT_FOR_SERVICE_US (5 * G_USEC_PER_SEC)

void
sim_notification_init (SimNotification *notification)
{
  *notification = (SimNotification){ .is_confirmed = TRUE, .deadline_us = -1 };
}

void
sim_notification_reset (SimCard *card)
{
  SimNotification *notification = &card->notification;

  notification->is_wanted = FALSE;
  notification->is_unasked = FALSE;
  notification->is_due |= notification->is_timed;
  notification->is_timed = FALSE;
  notification->deadline_us = -1;
}

static SimNotifyBy
choose_bearer (const SimCard *card, gboolean follows_session)
{
  gboolean has_connection = card->session.admin_parameters.connection != NULL;

  switch (card->policy.by)
    {
    case SIM_NOTIFY_AFTER_SESSION:
      return follows_session && has_connection ? SIM_NOTIFY_BY_HTTPS : SIM_NOTIFY_NOT;
    case SIM_NOTIFY_BY_HTTPS:
      return has_connection ? SIM_NOTIFY_BY_HTTPS : SIM_NOTIFY_BY_SMS;
    case SIM_NOTIFY_BY_SMS:
    case SIM_NOTIFY_NOT:
      return card->policy.by;
    }
  g_assert_not_reached ();
}

void
sim_notification_begin (SimCard *card, SimNotificationType type, gboolean follows_session)
{
  SimNotification *notification = &card->notification;
  SimNotifyBy by = choose_bearer (card, follows_session);

  notification->type = type;
  notification->is_by_https = by == SIM_NOTIFY_BY_HTTPS;
  notification->is_due = by != SIM_NOTIFY_NOT;
  notification->is_confirmed = !notification->is_due;
  notification->n_left = card->policy.n_tries;
  if (notification->is_due)
    notification->sequence_number++;
}

void
sim_notification_take_profile (SimCard *card)
{
  if (card->notification.is_due)
    card->notification.deadline_us = card->now_us + WAIT_FOR_SERVICE_US;
}

static GBytes *
build (SimCard *card)
{
  const guint8 type[] = { (guint8) card->notification.type };
  g_autoptr (GBytes) eid = ea_bytes_from_hex (card->eid, NULL);
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&body);
  ea_writer_init (&writer);
  sim_tlv_write (&body, TAG_EID, ea_span_from_bytes (eid));
  sim_tlv_write (&body, TAG_TYPE, EA_SPAN_OF_ARRAY (type));
  ea_writer_u8 (&body, TAG_SEQUENCE_NUMBER);
  ea_writer_u8 (&body, sizeof (guint16));
  ea_writer_u16be (&body, card->notification.sequence_number);
  sim_tlv_write (&body, TAG_AID, ea_span_from_bytes (sim_card_get_enabled (card)->aid));
  sim_tlv_write (&writer, TAG_NOTIFICATION, ea_writer_span (&body));
  return ea_writer_steal (&writer);
}

char *
sim_notification_build_uri (SimCard *card, const char *uri)
{
  g_autoptr (GBytes) object = build (card);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (object));

  return g_strdup_printf ("%s%cmsg=%s", uri, strchr (uri, '?') == NULL ? '?' : '&', hex);
}

void
sim_notification_send (SimCard *card)
{
  const SimScp80Command command = { .spi1 = SPI1_CHECKSUM,
                                    .kic = SIM_KEYS_AES_IDENTIFIER,
                                    .kid = SIM_KEYS_AES_IDENTIFIER,
                                    .tar = SIM_TAR_ISD_R };
  g_autoptr (GBytes) object = build (card);
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (object), &sim_keys, NULL);
  g_autoptr (GPtrArray) tpdus = NULL;

  g_assert (packet != NULL); /* the key fits the algorithm */
  tpdus = sim_sms_build_submit (ea_span_from_bytes (card->smsr_number), SIM_SMS_PACKET_COMMAND,
                                ea_span_from_bytes (packet), 0);
  for (guint i = 0; i < tpdus->len; i++)
    sim_toolkit_queue_short_message (&card->toolkit, EA_SPAN_EMPTY,
                                     ea_span_from_bytes (g_ptr_array_index (tpdus, i)));
  sim_notification_sent (card);
}

void
sim_notification_sent (SimCard *card)
{
  SimNotification *notification = &card->notification;

  notification->is_due = FALSE;
  if (notification->is_confirmed || card->policy.wait_s == 0)
    return;
  notification->is_timed = TRUE;
  sim_toolkit_queue_timer (&card->toolkit, SIM_TIMER_CONFIRMATION, card->policy.wait_s);
}

gboolean
sim_notification_confirm (SimCard *card, guint16 sequence_number)
{
  SimNotification *notification = &card->notification;

  if (notification->type == SIM_NOTIFICATION_NONE
      || notification->sequence_number != sequence_number)
    return FALSE;
  if (notification->is_timed)
    sim_toolkit_queue_timer (&card->toolkit, SIM_TIMER_CONFIRMATION, 0);
  notification->is_timed = FALSE;
  notification->is_due = FALSE;
  notification->is_confirmed = TRUE;
  return TRUE;
}

void
sim_notification_expire (SimCard *card)
{
  SimNotification *notification = &card->notification;

  if (!notification->is_timed)
    return;
  notification->is_timed = FALSE;
  if (notification->n_left > 0)
    notification->n_left--;
  if (notification->n_left > 0)
    {
      notification->is_due = TRUE;
      return;
    }
  notification->is_confirmed = TRUE;
  sim_switch_roll_back (card);
}

void
sim_notification_tick (SimCard *card)
{
  SimNotification *notification = &card->notification;

  if (notification->deadline_us < 0 || card->now_us < notification->deadline_us)
    return;
  notification->is_unasked = !notification->is_wanted;
  notification->is_wanted = TRUE;
  notification->deadline_us = -1;
}
