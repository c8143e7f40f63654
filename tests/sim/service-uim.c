/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User identity module, status and events: what clients see of the card in the slot. */
#include "service-uim.h"

#include "refresh.h"
#include "registration.h"
#include "terminal.h"

#define UIM_RESET 0x0000
#define UIM_READ_TRANSPARENT 0x0020
#define UIM_READ_RECORD 0x0021
#define UIM_GET_FILE_ATTRIBUTES 0x0024
#define UIM_REFRESH_REGISTER 0x002A
#define UIM_REFRESH_OK 0x002B
#define UIM_REFRESH_COMPLETE 0x002C
#define UIM_REGISTER_EVENTS 0x002E
#define UIM_GET_CARD_STATUS 0x002F
#define UIM_POWER_OFF 0x0030
#define UIM_POWER_ON 0x0031
#define UIM_CARD_STATUS_INDICATION 0x0032
#define UIM_REFRESH_INDICATION 0x0033
#define UIM_SEND_APDU 0x003B
#define UIM_LOGICAL_CHANNEL 0x003F
#define UIM_GET_ATR 0x0041
#define UIM_OPEN_LOGICAL_CHANNEL 0x0042
#define UIM_REFRESH_REGISTER_ALL 0x0044

#define EVENT_CARD_STATUS 0x01
/* The events that this firmware knows: card status and its extended form. */
#define EVENTS_KNOWN 0x05

#define NO_APPLICATION 0xFFFF
#define CARD_ABSENT 0
#define CARD_PRESENT 1
#define CARD_ERROR 2
#define CARD_ERROR_POWER_DOWN 1
#define PIN_DISABLED 3
#define APPLICATION_USIM 2
#define APPLICATION_DETECTED 1
#define APPLICATION_READY 7
#define PERSONALIZATION_READY 2
#define PIN_RETRIES 3
#define UNBLOCK_RETRIES 10
#define SESSION_PRIMARY 0

static void
write_pin (EaWriter *value)
{
  ea_writer_u8 (value, PIN_DISABLED);
  ea_writer_u8 (value, PIN_RETRIES);
  ea_writer_u8 (value, UNBLOCK_RETRIES);
}

static void
write_application (const SimSlot *slot, EaWriter *value)
{
  gboolean is_ready = slot->state == SIM_SLOT_READY;

  ea_writer_u8 (value, APPLICATION_USIM);
  ea_writer_u8 (value, is_ready ? APPLICATION_READY : APPLICATION_DETECTED);
  ea_writer_u8 (value, is_ready ? PERSONALIZATION_READY : 0);
  ea_writer_u8 (value, 0); /* personalization feature */
  ea_writer_u8 (value, 0); /* personalization retries */
  ea_writer_u8 (value, 0); /* personalization unblock retries */
  sim_write_lv8 (value, sim_slot_get_usim_aid ());
  ea_writer_u8 (value, 0); /* universal PIN doesn't replace PIN1 */
  write_pin (value);
  write_pin (value);
}

static guint8
card_state (const SimSlot *slot)
{
  switch (slot->state)
    {
    case SIM_SLOT_ABSENT:
      return CARD_ABSENT;
    case SIM_SLOT_POWERED_DOWN:
      return CARD_ERROR;
    case SIM_SLOT_STARTING:
    case SIM_SLOT_READY:
      return CARD_PRESENT;
    }
  g_assert_not_reached ();
}

static void
write_card_status (const SimSlot *slot, EaWriter *tlvs)
{
  g_auto (EaWriter) value = { NULL };
  gboolean is_present = card_state (slot) == CARD_PRESENT;

  ea_writer_init (&value);
  ea_writer_u16le (&value, is_present ? 0 : NO_APPLICATION); /* primary GW provisioning */
  ea_writer_u16le (&value, NO_APPLICATION);                  /* primary 1X */
  ea_writer_u16le (&value, NO_APPLICATION);                  /* secondary GW */
  ea_writer_u16le (&value, NO_APPLICATION);                  /* secondary 1X */
  ea_writer_u8 (&value, 1);                                  /* slots */
  ea_writer_u8 (&value, card_state (slot));
  write_pin (&value); /* universal PIN */
  ea_writer_u8 (&value, slot->state == SIM_SLOT_POWERED_DOWN ? CARD_ERROR_POWER_DOWN : 0);
  ea_writer_u8 (&value, is_present ? 1 : 0);
  if (is_present)
    write_application (slot, &value);
  sim_qmi_add (tlvs, 0x10, ea_writer_span (&value));
}

void
sim_uim_indicate_card_status (SimModem *modem)
{
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&tlvs);
  write_card_status (modem->slot, &tlvs);
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->uim_events & EVENT_CARD_STATUS)
        sim_modem_indicate (modem, client, UIM_CARD_STATUS_INDICATION, ea_writer_span (&tlvs));
    }
}

void
sim_uim_indicate_refresh (SimModem *modem, guint8 stage, guint8 mode, EaSpan files)
{
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&value);
  ea_writer_init (&tlvs);
  ea_writer_u8 (&value, stage);
  ea_writer_u8 (&value, mode);
  ea_writer_u8 (&value, SESSION_PRIMARY);
  sim_write_lv8 (&value, EA_SPAN_EMPTY);
  ea_writer_bytes (&value, files);
  sim_qmi_add (&tlvs, 0x10, ea_writer_span (&value));
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->wants_refresh)
        sim_modem_indicate (modem, client, UIM_REFRESH_INDICATION, ea_writer_span (&tlvs));
    }
}

static SimQmiError
register_refresh (SimRequest *request)
{
  EaReader reader;

  if (!sim_request_get (request, 0x02, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  request->client->wants_refresh = ea_reader_u8 (&reader) != 0;
  return ea_reader_is_ok (&reader) ? SIM_QMI_OK : SIM_QMI_MALFORMED_MESSAGE;
}

static SimQmiError
take_vote (SimRequest *request)
{
  EaReader reader;
  gboolean is_agreed;

  if (!sim_request_get (request, 0x02, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  is_agreed = ea_reader_u8 (&reader) != 0;
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  return sim_refresh_vote (request->modem->refresh, is_agreed) ? SIM_QMI_OK : SIM_QMI_NO_EFFECT;
}

static SimQmiError
register_events (SimRequest *request)
{
  EaReader reader;
  guint32 mask;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  mask = ea_reader_u32le (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  request->client->uim_events = mask & EVENTS_KNOWN;
  sim_qmi_add_u32 (&request->reply, 0x10, request->client->uim_events);
  return SIM_QMI_OK;
}

static SimQmiError
power_off (SimRequest *request)
{
  SimModem *modem = request->modem;

  if (modem->slot->is_empty)
    return SIM_QMI_OK;
  sim_refresh_cancel (modem->refresh);
  modem->slot->state = SIM_SLOT_POWERED_DOWN;
  sim_terminal_end_session (modem->terminal);
  sim_uim_indicate_card_status (modem);
  sim_registration_begin (modem->registration);
  return SIM_QMI_OK;
}

static SimQmiError
power_on (SimRequest *request)
{
  if (request->modem->slot->state == SIM_SLOT_POWERED_DOWN)
    sim_refresh_start_card (request->modem->refresh);
  return SIM_QMI_OK;
}

static SimQmiError
get_atr (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  if (card_state (request->modem->slot) != CARD_PRESENT)
    return SIM_QMI_DEVICE_NOT_READY;
  ea_writer_init (&value);
  sim_write_lv8 (&value, sim_card_get_atr (request->modem->slot->card));
  sim_qmi_add (&request->reply, 0x10, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static SimQmiError
handle_card_access (SimRequest *request)
{
  gboolean has_channels = request->modem->options.grant != SIM_GRANT_NO_CHANNEL;

  switch (request->message)
    {
    case UIM_READ_TRANSPARENT:
      return sim_uim_read_transparent (request);
    case UIM_READ_RECORD:
      return sim_uim_read_record (request);
    case UIM_GET_FILE_ATTRIBUTES:
      return sim_uim_get_file_attributes (request);
    case UIM_GET_ATR:
      return get_atr (request);
    case UIM_SEND_APDU:
      return has_channels ? sim_uim_send_apdu (request) : SIM_QMI_ACCESS_DENIED;
    case UIM_OPEN_LOGICAL_CHANNEL:
      return has_channels ? sim_uim_open_logical_channel (request) : SIM_QMI_ACCESS_DENIED;
    case UIM_LOGICAL_CHANNEL:
      return has_channels ? sim_uim_logical_channel (request) : SIM_QMI_ACCESS_DENIED;
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}

SimQmiError
sim_service_uim (SimRequest *request)
{
  switch (request->message)
    {
    case UIM_RESET:
    case UIM_REFRESH_COMPLETE:
      return SIM_QMI_OK;
    case UIM_REFRESH_OK:
      return take_vote (request);
    case UIM_REFRESH_REGISTER:
    case UIM_REFRESH_REGISTER_ALL:
      return register_refresh (request);
    case UIM_REGISTER_EVENTS:
      return register_events (request);
    case UIM_GET_CARD_STATUS:
      write_card_status (request->modem->slot, &request->reply);
      return SIM_QMI_OK;
    case UIM_POWER_OFF:
      return power_off (request);
    case UIM_POWER_ON:
      return power_on (request);
    default:
      return handle_card_access (request);
    }
}
