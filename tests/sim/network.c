/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Delivery of short messages (3GPP TS 23.040 §9.2.3, TS 31.111 §7.1.1). A data download, which is
 * PID 7F in class 2, is the firmware's own business unless a route of class 2 transfers it.
 */
#include "network.h"

#include "card/sim-tlv.h"
#include "refresh.h"

#define ACK_TIMEOUT_S 20
#define RETRY_S 2
#define PID_DATA_DOWNLOAD 0x7F
#define ENVELOPE 0x80C2
#define TAG_SMS_PP_DOWNLOAD 0xD1
#define TAG_ADDRESS 0x86
#define TAG_SMS_TPDU 0x8B
#define SW_TOOLKIT_BUSY 0x9300
#define RP_PROTOCOL_ERROR 0x6F
#define TP_MOBILE_ERROR 0xD3
#define TP_TOOLKIT_BUSY 0xD4
#define TP_DOWNLOAD_ERROR 0xD5
#define TP_SIM_STORAGE_FULL 0xD0
#define RP_MEMORY_EXCEEDED 0x16
/* 38 and 255: network out of order, unspecified */
#define RP_NETWORK_OUT_OF_ORDER 0x26
#define TP_UNSPECIFIED 0xFF

#define WMS_EVENT_REPORT 0x0001
#define FORMAT_GSM_WCDMA 6
#define SMSC_DIGITS "+491770610000"

typedef struct
{
  GBytes *tpdu;
  SimDeliveredFunc func;
  gpointer user_data;
  GDestroyNotify destroy; /* until func is called */
  gboolean is_insistent;
  guint8 rp_cause; /* of the refusal that postponed it */
  guint8 tp_cause;
} Delivery;

/* +491770610000: number of octets, international number in the ISDN plan, digits */
static const guint8 smsc[] = { 0x07, 0x91, 0x94, 0x71, 0x07, 0x16, 0x00, 0x00 };

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  if (delivery->destroy != NULL)
    delivery->destroy (delivery->user_data);
  g_bytes_unref (delivery->tpdu);
  g_free (delivery);
}

EaSpan
sim_network_get_smsc (void)
{
  return EA_SPAN_OF_ARRAY (smsc);
}

void
sim_network_reset_routes (SimNetwork *network)
{
  for (guint i = 0; i < SIM_CLASSES; i++)
    {
      network->routes[i].storage = i == SIM_CLASS_2 ? SIM_STORAGE_UIM : SIM_STORAGE_NV;
      network->routes[i].action = SIM_ACTION_STORE_AND_NOTIFY;
    }
}

SimNetwork *
sim_network_new (SimModem *modem)
{
  SimNetwork *network = g_new0 (SimNetwork, 1);

  network->modem = modem;
  sim_network_reset_routes (network);
  sim_message_store_init (&network->store);
  sim_record_init (&network->submitted);
  g_queue_init (&network->deliveries);
  g_queue_init (&network->postponed);
  network->runner = sim_smsr_runner_new (network, modem->options.smsr, modem->slot->card);
  sim_smsr_runner_set_agent_keys (network->runner, modem->options.agent_key_set);
  return network;
}

void
sim_network_free (SimNetwork *network)
{
  if (network == NULL)
    return;
  g_clear_handle_id (&network->ack_timeout, g_source_remove);
  g_clear_handle_id (&network->pump_source, g_source_remove);
  g_clear_handle_id (&network->retry_timer, g_source_remove);
  sim_smsr_runner_free (network->runner);
  g_queue_clear_full (&network->deliveries, delivery_free);
  g_queue_clear_full (&network->postponed, delivery_free);
  sim_message_store_clear (&network->store);
  sim_record_clear (&network->submitted);
  g_free (network);
}

static gboolean
on_pump (gpointer user_data)
{
  SimNetwork *network = user_data;

  network->pump_source = 0;
  sim_network_pump (network);
  return G_SOURCE_REMOVE;
}

static void
pump_later (SimNetwork *network)
{
  if (network->pump_source == 0)
    network->pump_source = g_idle_add (on_pump, network);
}

static void
delivery_finish (Delivery *delivery, const SimOutcome *outcome)
{
  delivery->destroy = NULL;
  delivery->func (outcome, delivery->user_data);
  delivery_free (delivery);
}

/* 3GPP TS 23.040 §9.2.3.22, TS 24.011 annex E: causes that may be gone the next time; no cause at all means
 * that no answer came. */
static gboolean
is_temporary (const SimOutcome *outcome)
{
  if (outcome->was_accepted)
    return FALSE;
  return (outcome->rp_cause == 0 && outcome->tp_cause == 0)
         || outcome->rp_cause == RP_MEMORY_EXCEEDED || outcome->tp_cause == TP_SIM_STORAGE_FULL
         || outcome->tp_cause == TP_MOBILE_ERROR || outcome->tp_cause == TP_TOOLKIT_BUSY;
}

/* What was postponed goes before what has not been tried yet, in its own order. */
static void
resume_postponed (SimNetwork *network)
{
  Delivery *delivery;
  gint position = network->is_delivering ? 1 : 0;

  g_clear_handle_id (&network->retry_timer, g_source_remove);
  while ((delivery = g_queue_pop_head (&network->postponed)) != NULL)
    g_queue_push_nth (&network->deliveries, delivery, position++);
  pump_later (network);
}

static gboolean
on_retry (gpointer user_data)
{
  SimNetwork *network = user_data;

  network->retry_timer = 0;
  resume_postponed (network);
  return G_SOURCE_REMOVE;
}

static void
postpone (SimNetwork *network, Delivery *delivery, const SimOutcome *outcome)
{
  delivery->rp_cause = outcome->rp_cause;
  delivery->tp_cause = outcome->tp_cause;
  g_queue_push_tail (&network->postponed, delivery);
  if (network->retry_timer == 0)
    network->retry_timer = g_timeout_add_seconds (RETRY_S, on_retry, network);
}

/* The delivery at the head has ended; the next one begins from the main loop, not from here. */
static void
finish (SimNetwork *network, const SimOutcome *outcome)
{
  Delivery *delivery = g_queue_pop_head (&network->deliveries);

  g_clear_handle_id (&network->ack_timeout, g_source_remove);
  network->is_delivering = FALSE;
  network->awaits_ack = FALSE;
  pump_later (network);
  if (delivery->is_insistent && is_temporary (outcome))
    postpone (network, delivery, outcome);
  else
    delivery_finish (delivery, outcome);
}

static void
finish_accepted (SimNetwork *network, const char *text)
{
  const SimOutcome outcome = { .was_accepted = TRUE, .text = text };

  finish (network, &outcome);
}

static void
finish_refused (SimNetwork *network, guint8 rp_cause, guint8 tp_cause)
{
  g_autofree char *text = g_strdup_printf ("ok error %02X %02X", rp_cause, tp_cause);
  const SimOutcome outcome = { .rp_cause = rp_cause, .tp_cause = tp_cause, .text = text };

  finish (network, &outcome);
}

static void
finish_timed_out (SimNetwork *network)
{
  const SimOutcome outcome = { .was_accepted = FALSE, .text = "error timeout" };

  finish (network, &outcome);
}

static gboolean
on_ack_timeout (gpointer user_data)
{
  SimNetwork *network = user_data;

  network->ack_timeout = 0;
  finish_timed_out (network);
  return G_SOURCE_REMOVE;
}

static GBytes *
build_download (EaSpan tpdu)
{
  static const guint8 devices[] = { 0x82, 0x02, 0x83, 0x81 };
  g_auto (EaWriter) body = { NULL };
  g_auto (EaWriter) envelope = { NULL };
  g_auto (EaWriter) command = { NULL };

  ea_writer_init (&body);
  ea_writer_init (&envelope);
  ea_writer_init (&command);
  ea_writer_bytes (&body, EA_SPAN_OF_ARRAY (devices));
  ea_writer_u8 (&body, TAG_ADDRESS);
  ea_writer_bytes (&body, EA_SPAN_OF_ARRAY (smsc));
  ea_writer_u8 (&body, TAG_SMS_TPDU);
  sim_tlv_write_length (&body, tpdu.size);
  ea_writer_bytes (&body, tpdu);
  ea_writer_u8 (&envelope, TAG_SMS_PP_DOWNLOAD);
  sim_tlv_write_length (&envelope, ea_writer_span (&body).size);
  ea_writer_bytes (&envelope, ea_writer_span (&body));
  if (ea_writer_span (&envelope).size > G_MAXUINT8)
    return NULL;
  ea_writer_u16be (&command, ENVELOPE);
  ea_writer_u16be (&command, 0);
  sim_write_lv8 (&command, ea_writer_span (&envelope));
  return ea_writer_steal (&command);
}

static void
download_by_firmware (SimNetwork *network, EaSpan tpdu)
{
  g_autoptr (GBytes) command = build_download (tpdu);
  g_autoptr (GBytes) response = NULL;
  g_autofree char *text = NULL;
  SimOutcome outcome = { 0 };
  guint16 status_word;

  if (command == NULL)
    {
      finish_refused (network, RP_PROTOCOL_ERROR, TP_DOWNLOAD_ERROR);
      return;
    }
  response = sim_slot_exchange (network->modem->slot, ea_span_from_bytes (command));
  status_word = sim_apdu_status_word (response);
  text = g_strdup_printf ("ok firmware %04X", status_word);
  outcome.text = text;
  outcome.report = sim_apdu_data (response);
  outcome.was_accepted = sim_apdu_is_success (status_word);
  if (!outcome.was_accepted)
    {
      outcome.rp_cause = RP_PROTOCOL_ERROR;
      outcome.tp_cause = status_word == SW_TOOLKIT_BUSY ? TP_TOOLKIT_BUSY : TP_DOWNLOAD_ERROR;
    }
  finish (network, &outcome);
}

/* Tells every client with event reports on. Returns: how many there are */
static guint
report (SimNetwork *network, EaSpan tlvs)
{
  guint n_clients = 0;

  for (guint i = 0; i < network->modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (network->modem->clients, i);

      if (!client->wants_messages)
        continue;
      sim_modem_indicate (network->modem, client, WMS_EVENT_REPORT, tlvs);
      n_clients++;
    }
  return n_clients;
}

static void
transfer (SimNetwork *network, EaSpan tpdu, gboolean is_acknowledged)
{
  g_auto (EaWriter) message = { NULL };
  g_auto (EaWriter) address = { NULL };
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&message);
  ea_writer_init (&address);
  ea_writer_init (&tlvs);
  network->last_transaction++;
  ea_writer_u8 (&message, is_acknowledged ? 1 : 0); /* 0: send an acknowledgement */
  ea_writer_u32le (&message, network->last_transaction);
  ea_writer_u8 (&message, FORMAT_GSM_WCDMA);
  sim_write_lv16 (&message, tpdu);
  sim_qmi_add (&tlvs, 0x11, ea_writer_span (&message));
  sim_write_lv8 (&address, ea_span_init (SMSC_DIGITS, strlen (SMSC_DIGITS)));
  sim_qmi_add (&tlvs, 0x15, ea_writer_span (&address));
  if (report (network, ea_writer_span (&tlvs)) == 0)
    {
      finish_timed_out (network); /* nobody is there to acknowledge: no need to wait for it */
      return;
    }
  if (is_acknowledged)
    {
      finish_accepted (network, "ok ack");
      return;
    }
  network->awaits_ack = TRUE;
  network->has_lost_client = FALSE;
  network->ack_timeout = g_timeout_add_seconds (
      sim_hostility_shorten (&network->modem->hostility, ACK_TIMEOUT_S), on_ack_timeout, network);
}

static void
store (SimNetwork *network, EaSpan tpdu, guint8 storage)
{
  g_auto (EaWriter) raw = { NULL };
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) tlvs = { NULL };
  guint32 index;

  ea_writer_init (&raw);
  ea_writer_init (&value);
  ea_writer_init (&tlvs);
  ea_writer_bytes (&raw, EA_SPAN_OF_ARRAY (smsc));
  ea_writer_bytes (&raw, tpdu);
  if (!sim_message_store_add (&network->store, storage, SIM_TAG_MT_NOT_READ, ea_writer_steal (&raw),
                              &index))
    {
      finish_refused (network, RP_MEMORY_EXCEEDED, TP_SIM_STORAGE_FULL);
      return;
    }
  ea_writer_u8 (&value, storage);
  ea_writer_u32le (&value, index);
  sim_qmi_add (&tlvs, 0x10, ea_writer_span (&value));
  (void) report (network, ea_writer_span (&tlvs)); /* stored, whether somebody listens or not */
  finish_accepted (network, "ok stored");
}

/* The class of a message (TS 23.038 §4): data coding groups 00x1 and 1111 have one. */
static guint
message_class (guint8 dcs)
{
  if ((dcs & 0xF0) == 0xF0 || (dcs & 0xD0) == 0x10)
    return dcs & 0x03;
  return SIM_CLASS_NONE;
}

static void
deliver_head (SimNetwork *network, EaSpan tpdu)
{
  EaReader reader;
  guint n_digits;
  guint8 pid, dcs;
  const SimRoute *route;
  guint class;

  ea_reader_init (&reader, tpdu);
  (void) ea_reader_u8 (&reader); /* message type and flags */
  n_digits = ea_reader_u8 (&reader);
  (void) ea_reader_bytes (&reader, 1 + (n_digits + 1) / 2);
  pid = ea_reader_u8 (&reader);
  dcs = ea_reader_u8 (&reader);
  class = message_class (dcs);
  route = &network->routes[class];
  if (route->action == SIM_ACTION_TRANSFER_ONLY || route->action == SIM_ACTION_TRANSFER_AND_ACK)
    transfer (network, tpdu, route->action == SIM_ACTION_TRANSFER_AND_ACK);
  else if (pid == PID_DATA_DOWNLOAD && class == SIM_CLASS_2)
    download_by_firmware (network, tpdu);
  else if (route->action == SIM_ACTION_DISCARD)
    finish_accepted (network, "ok discarded");
  else
    store (network, tpdu, route->storage);
}

void
sim_network_pump (SimNetwork *network)
{
  const Delivery *delivery = g_queue_peek_head (&network->deliveries);
  g_autoptr (GBytes) tpdu = NULL;

  if (network->is_delivering || delivery == NULL || !sim_modem_is_registered (network->modem)
      || sim_refresh_is_running (network->modem->refresh))
    return;
  network->is_delivering = TRUE;
  tpdu = g_bytes_ref (delivery->tpdu);
  deliver_head (network, ea_span_from_bytes (tpdu));
}

static Delivery *
add_delivery (SimNetwork *network, GBytes *tpdu, SimDeliveredFunc func, gpointer user_data,
              GDestroyNotify destroy)
{
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->tpdu = g_bytes_ref (tpdu);
  delivery->func = func;
  delivery->user_data = user_data;
  delivery->destroy = destroy;
  g_queue_push_tail (&network->deliveries, delivery);
  pump_later (network);
  return delivery;
}

void
sim_network_deliver (SimNetwork *network, GBytes *tpdu, SimDeliveredFunc func, gpointer user_data,
                     GDestroyNotify destroy)
{
  (void) add_delivery (network, tpdu, func, user_data, destroy); /* nobody changes it */
}

void
sim_network_deliver_insistently (SimNetwork *network, GBytes *tpdu, SimDeliveredFunc func,
                                 gpointer user_data, GDestroyNotify destroy)
{
  add_delivery (network, tpdu, func, user_data, destroy)->is_insistent = TRUE;
}

void
sim_network_stop_repeating (SimNetwork *network, gpointer user_data)
{
  for (GList *item = network->deliveries.head; item != NULL; item = item->next)
    {
      Delivery *delivery = item->data;

      if (delivery->user_data == user_data)
        delivery->is_insistent = FALSE;
    }
  for (guint i = network->postponed.length; i > 0; i--)
    {
      Delivery *delivery = g_queue_pop_head (&network->postponed);
      const SimOutcome outcome
          = { .rp_cause = delivery->rp_cause, .tp_cause = delivery->tp_cause, .text = "" };

      if (delivery->user_data == user_data)
        delivery_finish (delivery, &outcome);
      else
        g_queue_push_tail (&network->postponed, delivery);
    }
}

void
sim_network_forget_client (SimNetwork *network, const SimClient *client)
{
  if (client->wants_messages && network->awaits_ack)
    network->has_lost_client = TRUE;
}

/* The one who was told of the message may be gone for good: then the network need not wait until the time for
 * an acknowledgement is over. */
void
sim_network_welcome_client (SimNetwork *network)
{
  const Delivery *head = g_queue_peek_head (&network->deliveries);

  if (network->awaits_ack && network->has_lost_client && head->is_insistent)
    finish_timed_out (network);
  resume_postponed (network);
}

gboolean
sim_network_acknowledge (SimNetwork *network, guint32 transaction, gboolean is_success,
                         guint8 rp_cause, guint8 tp_cause)
{
  if (!network->awaits_ack || transaction != network->last_transaction)
    return FALSE;
  if (is_success)
    finish_accepted (network, "ok ack");
  else
    finish_refused (network, rp_cause, tp_cause);
  return TRUE;
}

guint16
sim_network_submit (SimNetwork *network, EaSpan tpdu)
{
  sim_record_add (&network->submitted, ea_span_to_hex (tpdu));
  sim_smsr_runner_receive (network->runner, tpdu);
  return ++network->last_message_id;
}

void
sim_network_write_cause (SimQmiError error, EaWriter *tlvs)
{
  g_auto (EaWriter) value = { NULL };

  if (error != SIM_QMI_WMS_CAUSE_CODE && error != SIM_QMI_WMS_DELIVERY_FAILURE)
    return;
  ea_writer_init (&value);
  ea_writer_u16le (&value, RP_NETWORK_OUT_OF_ORDER);
  ea_writer_u8 (&value, TP_UNSPECIFIED);
  sim_qmi_add (tlvs, 0x12, ea_writer_span (&value));
}
