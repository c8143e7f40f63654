/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-notification.h"

#include "sim-keys.h"
#include "sim-tlv.h"
#include "smsr-reply.h"
#include "smsr-script.h"
#include "smsr-sms.h"

#define TAG_NOTIFICATION 0xE1
#define TAG_EID 0x4C
#define TAG_TYPE 0x4D
#define TAG_SEQUENCE 0x4E
#define TAG_AID 0x2F
#define TAG_DELETED 0x80
#define TAG_DELETED_AID 0x4F
#define FATE_OPEN "open"
#define FATE_CONFIRMED "confirmed"

typedef struct
{
  SimSmsrNotification notification;
  const char *bearer;
  const char *fate;
  GString *deleted;
  SimScp80Command command; /* of the confirmation, where it went by short message */
} Entry;

struct _SimSmsrNotifications
{
  char *eid;
  SimEis *eis;
  SimSmsrPackets *packets;
  GPtrArray *entries;       /* of Entry */
  SimSmsAssembly *assembly; /* of notifications */
  SimSmsrSms sms;           /* of confirmations */
  guint8 confirmed;
  guint n_withheld;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_string_free (entry->deleted, TRUE);
  g_free (entry);
}

gboolean
sim_smsr_notification_read (SimSmsrNotification *notification, EaSpan object, const char *eid)
{
  g_autoptr (GBytes) own_eid = ea_bytes_from_hex (eid, NULL);
  g_autofree char *hex = NULL;
  SimSmsrNotification found = { 0 };
  EaSpan content = EA_SPAN_EMPTY;
  EaSpan value[4] = { EA_SPAN_EMPTY, EA_SPAN_EMPTY, EA_SPAN_EMPTY, EA_SPAN_EMPTY };
  static const guint tags[] = { TAG_EID, TAG_TYPE, TAG_SEQUENCE, TAG_AID };
  EaReader type, sequence;

  if (!sim_tlv_find (object, TAG_NOTIFICATION, &content))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    if (!sim_tlv_find (content, tags[i], &value[i]))
      return FALSE;
  ea_reader_init (&type, value[1]);
  ea_reader_init (&sequence, value[2]);
  found.type = ea_reader_u8 (&type);
  found.sequence = ea_reader_u16be (&sequence);
  hex = ea_span_to_hex (value[3]);
  if (!ea_span_equal (value[0], ea_span_from_bytes (own_eid)) || !ea_reader_done (&type)
      || !ea_reader_done (&sequence)
      || g_strlcpy (found.aid, hex, sizeof (found.aid)) != sizeof (found.aid) - 1)
    return FALSE;
  *notification = found;
  return TRUE;
}

SimSmsrNotifications *
sim_smsr_notifications_new (const char *eid, SimEis *eis, SimSmsrPackets *packets)
{
  SimSmsrNotifications *notifications = g_new0 (SimSmsrNotifications, 1);

  notifications->eid = g_strdup (eid);
  notifications->eis = eis;
  notifications->packets = packets;
  notifications->entries = g_ptr_array_new_with_free_func (entry_free);
  notifications->assembly = sim_sms_assembly_new (SIM_SMS_PACKET_COMMAND);
  sim_smsr_sms_init (&notifications->sms);
  return notifications;
}

void
sim_smsr_notifications_free (SimSmsrNotifications *notifications)
{
  if (notifications == NULL)
    return;
  sim_smsr_sms_clear (&notifications->sms);
  sim_sms_assembly_free (notifications->assembly);
  g_ptr_array_unref (notifications->entries);
  g_free (notifications->eid);
  g_free (notifications);
}

void
sim_smsr_notifications_withhold (SimSmsrNotifications *notifications, guint count)
{
  notifications->n_withheld = count;
}

gboolean
sim_smsr_notifications_add (SimSmsrNotifications *notifications,
                            const SimSmsrNotification *notification, const char *bearer)
{
  g_autoptr (GBytes) aid = ea_bytes_from_hex (notification->aid, NULL);
  Entry *entry = g_new0 (Entry, 1);
  gboolean is_withheld = notifications->n_withheld > 0;

  if (is_withheld)
    notifications->n_withheld--;
  entry->notification = *notification;
  entry->bearer = bearer;
  entry->fate = is_withheld ? "withheld" : FATE_OPEN;
  entry->deleted = g_string_new (NULL);
  g_ptr_array_add (notifications->entries, entry);
  sim_eis_set_enabled (notifications->eis, ea_span_from_bytes (aid));
  return !is_withheld;
}

/* 80 and the objects 4F of the ISD-Ps that POL1 has deleted, §4.1.1.12 */
static void
read_deleted (SimSmsrNotifications *notifications, Entry *entry, EaSpan data)
{
  EaSpan list = EA_SPAN_EMPTY;
  EaReader reader;

  (void) sim_tlv_find (data, TAG_DELETED, &list); /* empty: none */
  ea_reader_init (&reader, list);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read (&reader);

      if (!ea_reader_is_ok (&reader) || tlv.tag != TAG_DELETED_AID)
        return;
      g_string_append (entry->deleted, entry->deleted->len == 0 ? "" : ",");
      ea_span_append_hex (tlv.value, entry->deleted);
      sim_eis_remove (notifications->eis, tlv.value);
    }
}

static Entry *
get_last (SimSmsrNotifications *notifications)
{
  return g_ptr_array_index (notifications->entries, notifications->entries->len - 1);
}

static void
settle (SimSmsrNotifications *notifications, Entry *entry, EaSpan script)
{
  guint executed = 0;
  g_autoptr (GArray) answers = sim_smsr_parse_answers (script, &executed, NULL);

  if (answers == NULL || !sim_smsr_check_answers (answers, executed, NULL) || answers->len != 1)
    {
      entry->fate = "refused";
      return;
    }
  entry->fate = FATE_CONFIRMED;
  read_deleted (notifications, entry, g_array_index (answers, SimSmsrAnswer, 0).data);
}

void
sim_smsr_notifications_settle (SimSmsrNotifications *notifications, EaSpan script)
{
  settle (notifications, get_last (notifications), script);
}

/* The counter is that of all packets; what is known of the last one is the operation's that sent it. */
static void
confirm (SimSmsrNotifications *notifications, guint16 sequence)
{
  const SimSmsrOptions plain = { 0 };
  const SimScp80Command before = notifications->packets->command;
  g_autoptr (GBytes) script = sim_smsr_build_confirmation (sequence, SIM_SMSR_FORMAT_DEFINITE);
  g_autoptr (GBytes) packet
      = sim_smsr_packets_seal (notifications->packets, SIM_SCP80_FORM_SMS, &plain, EA_SPAN_EMPTY,
                               ea_span_from_bytes (script));

  get_last (notifications)->command = notifications->packets->command;
  notifications->packets->command = before;
  sim_smsr_sms_send (&notifications->sms, ea_span_from_bytes (packet), &plain);
}

/* §3.15.1: a command packet of the ISD-R with a checksum and no counter */
static gboolean
receive_notification (SimSmsrNotifications *notifications, EaSpan packet)
{
  SimScp80Command command = { 0 };
  SimSmsrNotification notification;
  g_autoptr (GBytes) data
      = sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS, packet, &sim_keys, NULL);

  if (data == NULL || command.tar != SIM_TAR_ISD_R
      || sim_scp80_get_integrity (command.spi1) != SIM_SCP80_INTEGRITY_CC
      || !sim_smsr_notification_read (&notification, ea_span_from_bytes (data), notifications->eid))
    return FALSE;
  if (sim_smsr_notifications_add (notifications, &notification, "sms"))
    confirm (notifications, notification.sequence);
  return TRUE;
}

/* (transfer full) (nullable): the response script when this is the proof of receipt of the confirmation */
static GBytes *
open_response (const Entry *entry, EaSpan packet)
{
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) data = NULL;

  if (entry->command.counter == 0)
    return NULL;
  data = sim_scp80_open_response (&response, &entry->command, SIM_SCP80_FORM_SMS, packet, &sim_keys,
                                  NULL);
  return response.counter == entry->command.counter ? g_steal_pointer (&data) : NULL;
}

/* The card may send a response twice that it is not sure to have sent. */
static gboolean
receive_response (SimSmsrNotifications *notifications, EaSpan packet)
{
  for (guint i = 0; i < notifications->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (notifications->entries, i);
      g_autoptr (GBytes) script = open_response (entry, packet);

      if (script == NULL)
        continue;
      if (!g_str_equal (entry->fate, FATE_OPEN))
        return TRUE;
      settle (notifications, entry, ea_span_from_bytes (script));
      if (g_str_equal (entry->fate, FATE_CONFIRMED))
        notifications->confirmed = entry->notification.type;
      return TRUE;
    }
  return FALSE;
}

gboolean
sim_smsr_notifications_receive (SimSmsrNotifications *notifications, EaSpan submit_tpdu)
{
  g_autoptr (GBytes) notification = NULL;
  g_autoptr (GBytes) response = NULL;
  SimSms message = { 0 };

  if (!sim_sms_parse_submit (&message, submit_tpdu, NULL)
      || message.pid != SIM_SMS_PID_DATA_DOWNLOAD)
    return FALSE;
  notification = sim_sms_assembly_add (notifications->assembly, &message);
  if (notification != NULL)
    return receive_notification (notifications, ea_span_from_bytes (notification));
  response = sim_smsr_sms_receive (&notifications->sms, submit_tpdu);
  return response != NULL && receive_response (notifications, ea_span_from_bytes (response));
}

GBytes *
sim_smsr_notifications_pull (SimSmsrNotifications *notifications)
{
  return sim_smsr_sms_pull (&notifications->sms);
}

guint8
sim_smsr_notifications_take_confirmed (SimSmsrNotifications *notifications)
{
  guint8 confirmed = notifications->confirmed;

  notifications->confirmed = 0;
  return confirmed;
}

char *
sim_smsr_notifications_describe (const SimSmsrNotifications *notifications)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < notifications->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (notifications->entries, i);

      g_string_append_printf (text, "%02X %u %s %s %s", entry->notification.type,
                              entry->notification.sequence, entry->notification.aid, entry->bearer,
                              entry->fate);
      if (entry->deleted->len > 0)
        g_string_append_printf (text, " deleted=%s", entry->deleted->str);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
