/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Dispatch of requests, and the faults that a test may order. Every request gets an answer, because
 * a client of real firmware would get one, too.
 */
#include "modem.h"

#include <string.h>

#include "hostile-frame.h"
#include "network.h"
#include "refresh.h"
#include "registration.h"
#include "terminal.h"

/* The first modem has the IMEI 49015420323751 and its check digit; each further one adds 1. */
#define IMEI_BASE G_GUINT64_CONSTANT (49015420323751)
#define OPERATING_MODE_ONLINE 0
#define CARD_CHANNELS 3
#define TLV_RESULT 0x02

typedef struct
{
  guint8 service;
  guint16 message;
  guint16 error;
  guint count; /* 0: for ever */
} Fault;

/* The check digit of Luhn's formula for 14 digits (3GPP TS 23.003 annex B). */
static char *
build_imei (guint index)
{
  guint64 digits = IMEI_BASE + index;
  guint sum = 0;
  guint64 rest = digits;

  for (guint i = 0; rest > 0; i++, rest /= 10)
    {
      guint digit = (guint) (rest % 10);
      guint doubled = i % 2 == 0 ? digit * 2 : digit;

      sum += doubled / 10 + doubled % 10;
    }
  return g_strdup_printf ("%" G_GUINT64_FORMAT "%u", digits, (10 - sum % 10) % 10);
}

gboolean
sim_request_get (const SimRequest *request, guint8 type, EaReader *value)
{
  return sim_qmi_find (request->tlvs, type, value);
}

SimCoverageLevel
sim_modem_get_level (const SimModem *modem)
{
  return sim_registration_get_level (modem->registration);
}

gboolean
sim_modem_is_registered (const SimModem *modem)
{
  return sim_modem_get_level (modem) == SIM_COVERAGE_NORMAL;
}

static Fault *
find_fault (SimModem *modem, guint8 service, guint16 message)
{
  for (GList *item = modem->faults.head; item != NULL; item = item->next)
    {
      Fault *fault = item->data;

      if (fault->service == service && fault->message == message)
        return fault;
    }
  return NULL;
}

static void
drop_fault (SimModem *modem, Fault *fault)
{
  g_queue_remove (&modem->faults, fault);
  g_free (fault);
}

void
sim_modem_fail (SimModem *modem, guint8 service, guint16 message, guint16 error, guint count)
{
  Fault *fault = find_fault (modem, service, message);

  if (fault != NULL)
    drop_fault (modem, fault);
  if (error == SIM_QMI_OK)
    return;
  fault = g_new0 (Fault, 1);
  fault->service = service;
  fault->message = message;
  fault->error = error;
  fault->count = count;
  g_queue_push_tail (&modem->faults, fault);
}

SimQmiError
sim_modem_take_fault (SimModem *modem, guint8 service, guint16 message)
{
  Fault *fault = find_fault (modem, service, message);
  guint16 error;

  if (fault == NULL)
    return SIM_QMI_OK;
  error = fault->error;
  if (fault->count > 0 && --fault->count == 0)
    drop_fault (modem, fault);
  return (SimQmiError) error;
}

/* (transfer full): @frame behind an octet that begins no frame */
static GBytes *
put_noise_before (GBytes *frame)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0);
  ea_writer_bytes (&writer, ea_span_from_bytes (frame));
  return ea_writer_steal (&writer);
}

/* (transfer full) */
static char *
name_service (const SimModem *modem, guint8 type)
{
  const SimService *service = sim_modem_find_service (modem, type);

  return service != NULL ? g_strdup (service->name) : g_strdup_printf ("0x%02X", type);
}

static void
record_time (SimModem *modem, const SimQmiMessage *message)
{
  static const char *const kinds[] = { [SIM_QMI_REQUEST] = "request",
                                       [SIM_QMI_RESPONSE] = "response",
                                       [SIM_QMI_INDICATION] = "indication" };

  g_autofree char *service = name_service (modem, message->service);

  sim_record_add (&modem->times,
                  g_strdup_printf ("%" G_GINT64_FORMAT " %s %s 0x%04X", g_get_monotonic_time (),
                                   kinds[message->kind], service, message->message));
}

static void
send_frame (SimModem *modem, GBytes *frame, guint delay_ms)
{
  g_autoptr (GBytes) spoilt = NULL;
  guint late_ms;

  if (modem->n_noises > 0)
    {
      modem->n_noises--;
      spoilt = put_noise_before (frame);
      sim_port_send (modem->port, spoilt, delay_ms);
      return;
    }
  if (!sim_hostility_strikes (&modem->hostility, SIM_HOSTILE_QMI))
    {
      sim_port_send (modem->port, frame, delay_ms);
      return;
    }
  spoilt = sim_hostile_frame_spoil (&modem->hostility, frame, &late_ms);
  if (spoilt != NULL && late_ms > 0)
    sim_apdu_fault_hold (&modem->apdu_fault, spoilt, late_ms);
  else if (spoilt != NULL)
    sim_port_send (modem->port, spoilt, delay_ms);
}

void
sim_modem_indicate (SimModem *modem, const SimClient *client, guint16 message, EaSpan tlvs)
{
  SimQmiMessage indication = { .kind = SIM_QMI_INDICATION,
                               .service = client->service,
                               .client = client->cid,
                               .message = message,
                               .tlvs = tlvs };
  g_autoptr (GBytes) frame = sim_qmux_build (&indication);

  record_time (modem, &indication);
  if (modem->is_busy)
    g_queue_push_tail (&modem->held, g_steal_pointer (&frame));
  else
    send_frame (modem, frame, 0);
}

static void
respond (SimModem *modem, const SimQmiMessage *request, SimQmiError error, EaSpan tlvs,
         SimApduFate fate)
{
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) frame = NULL;
  SimQmiMessage response = *request;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, TLV_RESULT);
  ea_writer_u16le (&writer, 4);
  ea_writer_u16le (&writer, error == SIM_QMI_OK ? 0 : 1);
  ea_writer_u16le (&writer, (guint16) error);
  ea_writer_bytes (&writer, tlvs);
  response.kind = SIM_QMI_RESPONSE;
  response.tlvs = ea_writer_span (&writer);
  frame = sim_qmux_build (&response);
  record_time (modem, &response);
  switch (fate)
    {
    case SIM_APDU_ANSWERED:
      send_frame (modem, frame, modem->slow_ms);
      return;
    case SIM_APDU_LATE:
      sim_apdu_fault_hold (&modem->apdu_fault, frame, modem->apdu_fault.slow_ms);
      return;
    case SIM_APDU_LOST:
      return;
    }
}

static void
record_request (SimModem *modem, const SimQmiMessage *message)
{
  g_autofree char *service = name_service (modem, message->service);
  g_autofree char *hex = ea_span_to_hex (message->tlvs);
  char *line = g_strdup_printf ("%s 0x%04X %u %s", service, message->message, message->client, hex);

  sim_record_add (&modem->requests, g_strchomp (line));
}

static SimQmiError
dispatch (SimModem *modem, const SimQmiMessage *message, SimRequest *request)
{
  const SimService *service = sim_modem_find_service (modem, message->service);
  SimQmiError fault = sim_modem_take_fault (modem, message->service, message->message);

  if (service == NULL)
    return SIM_QMI_INVALID_SERVICE_TYPE;
  request->client = sim_modem_find_client (modem, message->service, message->client);
  if (request->client == NULL && message->service != SIM_SERVICE_CTL)
    return SIM_QMI_INVALID_CLIENT_ID;
  if (fault == SIM_QMI_OK)
    return service->handle (request);
  if (fault == SIM_QMI_NOTHING)
    {
      request->fate = SIM_APDU_LOST;
      return fault;
    }
  if (message->service == SIM_SERVICE_WMS)
    sim_network_write_cause (fault, &request->reply);
  return fault;
}

static void
on_frame (EaSpan frame, gpointer user_data)
{
  SimModem *modem = user_data;
  SimQmiMessage message;
  SimRequest request = { .modem = modem };
  SimQmiError error;
  GBytes *held;

  if (!sim_qmux_parse (&message, frame, NULL) || message.kind != SIM_QMI_REQUEST)
    return; /* firmware is silent about what isn't a request */
  record_request (modem, &message);
  record_time (modem, &message);
  if (modem->n_dropped > 0)
    {
      modem->n_dropped--;
      return;
    }
  request.message = message.message;
  request.tlvs = message.tlvs;
  ea_writer_init (&request.reply);
  modem->is_busy = TRUE;
  error = dispatch (modem, &message, &request);
  modem->is_busy = FALSE;
  respond (modem, &message, error, ea_writer_span (&request.reply), request.fate);
  ea_writer_clear (&request.reply);
  while ((held = g_queue_pop_head (&modem->held)) != NULL)
    {
      send_frame (modem, held, 0);
      g_bytes_unref (held);
    }
}

static void on_card_activity (gpointer user_data);

static gboolean
on_card_timer (gpointer user_data)
{
  SimModem *modem = user_data;

  modem->card_timer = 0;
  sim_card_tick (modem->slot->card, g_get_monotonic_time ());
  on_card_activity (modem);
  return G_SOURCE_REMOVE;
}

static void
arm_card_timer (SimModem *modem)
{
  gint64 deadline_us = sim_card_get_deadline (modem->slot->card);
  gint64 wait_us = MAX (deadline_us - g_get_monotonic_time (), 0);

  g_clear_handle_id (&modem->card_timer, g_source_remove);
  if (deadline_us >= 0)
    modem->card_timer = g_timeout_add (
        (guint) MIN (wait_us / G_TIME_SPAN_MILLISECOND + 1, G_MAXINT), on_card_timer, modem);
}

static void
on_card_activity (gpointer user_data)
{
  SimModem *modem = user_data;

  if (modem->terminal == NULL)
    return;
  arm_card_timer (modem);
  sim_terminal_poke (modem->terminal);
}

SimModem *
sim_modem_new (const SimModemOptions *options, GError **error)
{
  g_autoptr (SimModem) modem = g_new0 (SimModem, 1);
  g_autofree char *name = g_strdup_printf ("cdc-wdm%u", options->index);
  g_autofree char *link = g_build_filename (options->dir, name, NULL);
  const SimCardOptions card = { .index = options->index,
                                .is_isdr_plain = options->is_isdr_plain,
                                .max_channels = CARD_CHANNELS };

  modem->options = *options;
  modem->imei = build_imei (options->index);
  modem->clients = g_ptr_array_new_with_free_func (g_free);
  modem->operating_mode = OPERATING_MODE_ONLINE;
  sim_coverage_init (&modem->coverage);
  sim_record_init (&modem->requests);
  sim_record_init (&modem->times);
  modem->port = sim_port_new (link, on_frame, modem);
  sim_apdu_fault_init (&modem->apdu_fault, modem->port);
  modem->slot = sim_slot_new (&card, on_card_activity, modem);
  modem->slot->hostility = &modem->hostility;
  modem->network = sim_network_new (modem);
  modem->registration = sim_registration_new (modem);
  modem->refresh = sim_refresh_new (modem);
  modem->terminal = sim_terminal_new (modem);
  if (!sim_port_plug (modem->port, error))
    return NULL;
  sim_terminal_download_profile (modem->terminal);
  return g_steal_pointer (&modem);
}

void
sim_modem_free (SimModem *modem)
{
  if (modem == NULL)
    return;
  g_clear_handle_id (&modem->card_timer, g_source_remove);
  g_clear_pointer (&modem->terminal, sim_terminal_free);
  g_clear_pointer (&modem->refresh, sim_refresh_free);
  g_clear_pointer (&modem->registration, sim_registration_free);
  g_clear_pointer (&modem->network, sim_network_free);
  sim_slot_free (modem->slot);
  sim_apdu_fault_clear (&modem->apdu_fault);
  sim_port_free (modem->port);
  g_ptr_array_unref (modem->clients);
  g_queue_clear_full (&modem->faults, g_free);
  sim_record_clear (&modem->requests);
  sim_record_clear (&modem->times);
  sim_hostility_end (&modem->hostility);
  g_free (modem->imei);
  g_free (modem);
}

void
sim_modem_unplug (SimModem *modem)
{
  sim_apdu_fault_clear (&modem->apdu_fault);
  sim_port_unplug (modem->port);
  sim_modem_release_all_clients (modem);
  sim_network_reset_routes (modem->network);
  sim_refresh_cancel (modem->refresh);
  sim_registration_cancel (modem->registration);
  modem->slot->state = SIM_SLOT_ABSENT;
  sim_terminal_end_session (modem->terminal);
  sim_card_reset (modem->slot->card); /* the card loses its power with the modem */
}

static gboolean
is_port_name (const char *name)
{
  return *name != '\0' && *name != '.' && strchr (name, G_DIR_SEPARATOR) == NULL
         && strcmp (name, "control") != 0;
}

static gboolean
rename_port (SimModem *modem, const char *name, GError **error)
{
  g_autofree char *link = g_build_filename (modem->options.dir, name, NULL);

  if (!is_port_name (name) || g_file_test (link, G_FILE_TEST_IS_SYMLINK))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "No port can have the name '%s'", name);
      return FALSE;
    }
  sim_port_rename (modem->port, link);
  return TRUE;
}

gboolean
sim_modem_plug (SimModem *modem, const char *name, GError **error)
{
  if (sim_port_is_plugged (modem->port))
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "The modem is plugged in");
      return FALSE;
    }
  if ((name != NULL && !rename_port (modem, name, error)) || !sim_port_plug (modem->port, error))
    return FALSE;
  modem->operating_mode = OPERATING_MODE_ONLINE;
  if (modem->slot->is_empty)
    return TRUE;
  modem->slot->state = SIM_SLOT_READY;
  sim_terminal_download_profile (modem->terminal);
  sim_registration_begin (modem->registration);
  return TRUE;
}
