/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Card application terminal, in its current (0x0A) and its old (0xE0) number. */
#include "modem.h"
#include "terminal.h"

#define CAT_RESET 0x0000
#define CAT_EVENT_REPORT 0x0001
#define CAT_GET_SERVICE_STATE 0x0020
#define CAT_SEND_TERMINAL_RESPONSE 0x0021
#define CAT_SEND_ENVELOPE 0x0022
#define CAT_EVENT_CONFIRMATION 0x0026
#define CAT_GET_TERMINAL_PROFILE 0x002C
#define CAT_SET_CONFIGURATION 0x002D
#define CAT_GET_CONFIGURATION 0x002E

#define EVENT_REFRESH (1U << 11)
#define EVENT_END_SESSION (1U << 12)
#define SLOT_1 1
#define RESPONSE_EXPECTED 0
#define END_FROM_CARD 1
#define ENVELOPE_APDU 0x80C2

/* First and last tag of what can be in an ENVELOPE (ETSI TS 101 220 §7.2). */
#define TAG_ENVELOPE_FIRST 0xD1
#define TAG_ENVELOPE_LAST 0xDF

static void
add_slot (EaWriter *tlvs)
{
  sim_qmi_add_u8 (tlvs, 0x50, SLOT_1);
}

static void
indicate (SimModem *modem, guint32 event, EaSpan tlvs)
{
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->cat_events & event)
        sim_modem_indicate (modem, client, CAT_EVENT_REPORT, tlvs);
    }
}

void
sim_cat_report_command (SimModem *modem, const SimClient *client, guint8 type, guint32 reference,
                        EaSpan command)
{
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&value);
  ea_writer_init (&tlvs);
  ea_writer_u32le (&value, reference);
  sim_write_lv16 (&value, command);
  sim_qmi_add (&tlvs, type, ea_writer_span (&value));
  add_slot (&tlvs);
  sim_qmi_add_u32 (&tlvs, 0x68, RESPONSE_EXPECTED);
  sim_modem_indicate (modem, client, CAT_EVENT_REPORT, ea_writer_span (&tlvs));
}

void
sim_cat_indicate_refresh (SimModem *modem, guint8 stage, guint8 mode)
{
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&value);
  ea_writer_init (&tlvs);
  ea_writer_u16le (&value, mode);
  ea_writer_u8 (&value, stage);
  sim_qmi_add (&tlvs, 0x19, ea_writer_span (&value));
  add_slot (&tlvs);
  indicate (modem, EVENT_REFRESH, ea_writer_span (&tlvs));
}

void
sim_cat_indicate_end_of_session (SimModem *modem)
{
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&tlvs);
  sim_qmi_add_u8 (&tlvs, 0x1A, END_FROM_CARD);
  add_slot (&tlvs);
  indicate (modem, EVENT_END_SESSION, ea_writer_span (&tlvs));
}

static gboolean
read_mask (const SimRequest *request, guint8 type, guint32 *mask)
{
  EaReader reader;

  *mask = 0;
  if (!sim_request_get (request, type, &reader))
    return FALSE;
  *mask = ea_reader_u32le (&reader);
  return TRUE;
}

/* What clients other than this one have registered. */
static void
get_others (const SimRequest *request, guint32 *events, guint32 *full_function)
{
  *events = 0;
  *full_function = 0;
  for (guint i = 0; i < request->modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (request->modem->clients, i);

      if (client == request->client)
        continue;
      *events |= client->cat_events;
      *full_function |= client->cat_full_function;
    }
}

static gboolean
grants_events (const SimModem *modem)
{
  return modem->options.grant != SIM_GRANT_OBSERVER
         && sim_terminal_get_mode (modem->terminal) != SIM_CAT_MODE_DISABLED;
}

static SimQmiError
set_event_report (SimRequest *request)
{
  SimClient *client = request->client;
  guint32 events, decoded, full_function, refused_events, refused_full_function;

  get_others (request, &refused_events, &refused_full_function);
  if (!grants_events (request->modem))
    refused_events = refused_full_function = G_MAXUINT32;
  if (read_mask (request, 0x10, &events))
    client->cat_events = events & ~refused_events;
  if (read_mask (request, 0x13, &full_function))
    client->cat_full_function = full_function & ~refused_full_function;
  (void) read_mask (request, 0x11, &decoded); /* 0 where it isn't there */
  refused_events &= events;
  refused_full_function &= full_function;
  if ((refused_events | decoded | refused_full_function) == 0)
    return SIM_QMI_OK;
  sim_qmi_add_u32 (&request->reply, 0x10, refused_events);
  sim_qmi_add_u32 (&request->reply, 0x11, decoded); /* this firmware decodes nothing */
  sim_qmi_add_u32 (&request->reply, 0x12, refused_full_function);
  return SIM_QMI_CAT_REGISTRATION_FAILED;
}

static SimQmiError
get_service_state (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };
  guint32 events, full_function;

  get_others (request, &events, &full_function);
  ea_writer_init (&value);
  ea_writer_u32le (&value, events);
  ea_writer_u32le (&value, request->client->cat_events);
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  sim_qmi_add_u32 (&request->reply, 0x11, request->client->cat_full_function | full_function);
  return SIM_QMI_OK;
}

static void
add_card_response (SimRequest *request, GBytes *response)
{
  g_auto (EaWriter) value = { NULL };
  EaSpan data = sim_apdu_data (response);

  ea_writer_init (&value);
  ea_writer_u16be (&value, sim_apdu_status_word (response));
  sim_write_lv8 (&value, data.size > G_MAXUINT8 ? EA_SPAN_EMPTY : data);
  sim_qmi_add (&request->reply, 0x10, ea_writer_span (&value));
}

static SimQmiError
send_terminal_response (SimRequest *request)
{
  g_autoptr (GBytes) response = NULL;
  EaReader reader;
  guint32 reference;
  SimQmiError error;
  EaSpan value;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  reference = ea_reader_u32le (&reader);
  value = sim_read_lv16 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  error = sim_terminal_answer (request->modem->terminal, request->client, reference, value,
                               &response);
  if (response != NULL)
    add_card_response (request, response);
  return error;
}

static SimQmiError
map_envelope_status (guint16 status_word)
{
  switch (status_word >> 8)
    {
    case 0x90:
    case 0x91:
    case 0x62:
    case 0x63:
      return SIM_QMI_OK;
    case 0x93:
      return SIM_QMI_CAT_ENVELOPE_BUSY;
    default:
      return SIM_QMI_CAT_ENVELOPE_FAILED;
    }
}

static SimQmiError
send_envelope (SimRequest *request)
{
  g_auto (EaWriter) command = { NULL };
  g_autoptr (GBytes) response = NULL;
  EaReader reader;
  EaSpan envelope;
  guint8 tag;

  if (request->modem->slot->state != SIM_SLOT_READY)
    return SIM_QMI_DEVICE_NOT_READY;
  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  (void) ea_reader_u16le (&reader); /* the type only helps firmware that looks inside */
  envelope = sim_read_lv16 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  ea_reader_init (&reader, envelope);
  tag = ea_reader_peek_u8 (&reader);
  if (tag < TAG_ENVELOPE_FIRST || tag > TAG_ENVELOPE_LAST || envelope.size > G_MAXUINT8)
    return SIM_QMI_CAT_INVALID_ENVELOPE;
  ea_writer_init (&command);
  ea_writer_u16be (&command, ENVELOPE_APDU);
  ea_writer_u16be (&command, 0);
  sim_write_lv8 (&command, envelope);
  response = sim_slot_exchange (request->modem->slot, ea_writer_span (&command));
  add_card_response (request, response);
  return map_envelope_status (sim_apdu_status_word (response));
}

static void
add_lv8 (SimRequest *request, guint8 type, EaSpan bytes)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  sim_write_lv8 (&value, bytes);
  sim_qmi_add (&request->reply, type, ea_writer_span (&value));
}

static SimQmiError
set_configuration (SimRequest *request)
{
  EaSpan profile = EA_SPAN_EMPTY;
  EaReader reader;
  guint8 mode;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  mode = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (sim_request_get (request, 0x10, &reader))
    {
      profile = sim_read_lv8 (&reader);
      if (!ea_reader_done (&reader))
        return SIM_QMI_MALFORMED_MESSAGE;
    }
  if (mode > SIM_CAT_MODE_LAST)
    return SIM_QMI_INVALID_ARGUMENT;
  sim_terminal_configure (request->modem->terminal, mode, profile);
  return SIM_QMI_OK;
}

static SimQmiError
get_configuration (SimRequest *request)
{
  SimTerminal *terminal = request->modem->terminal;

  sim_qmi_add_u8 (&request->reply, 0x10, sim_terminal_get_mode (terminal));
  add_lv8 (request, 0x11, sim_terminal_get_custom_profile (terminal));
  return SIM_QMI_OK;
}

SimQmiError
sim_service_cat (SimRequest *request)
{
  switch (request->message)
    {
    case CAT_RESET:
      request->client->cat_events = 0;
      request->client->cat_full_function = 0;
      return SIM_QMI_OK;
    case CAT_EVENT_REPORT:
      return set_event_report (request);
    case CAT_GET_SERVICE_STATE:
      return get_service_state (request);
    case CAT_SEND_TERMINAL_RESPONSE:
      return send_terminal_response (request);
    case CAT_SEND_ENVELOPE:
      return send_envelope (request);
    case CAT_EVENT_CONFIRMATION:
      return SIM_QMI_OK;
    case CAT_GET_TERMINAL_PROFILE:
      add_lv8 (request, 0x10, sim_terminal_get_profile (request->modem->terminal));
      return SIM_QMI_OK;
    case CAT_SET_CONFIGURATION:
      return set_configuration (request);
    case CAT_GET_CONFIGURATION:
      return get_configuration (request);
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
