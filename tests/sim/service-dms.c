/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device management: who made the modem, what it can do, and its operating mode. */
#include "modem.h"
#include "refresh.h"
#include "registration.h"

#define DMS_RESET 0x0000
#define DMS_SET_EVENT_REPORT 0x0001
#define DMS_GET_CAPABILITIES 0x0020
#define DMS_GET_MANUFACTURER 0x0021
#define DMS_GET_MODEL 0x0022
#define DMS_GET_REVISION 0x0023
#define DMS_GET_IDS 0x0025
#define DMS_GET_HARDWARE_REVISION 0x002C
#define DMS_GET_OPERATING_MODE 0x002D
#define DMS_SET_OPERATING_MODE 0x002E
#define DMS_UIM_GET_ICCID 0x003C
#define DMS_UIM_GET_IMSI 0x0043
#define DMS_UIM_GET_STATE 0x0044
#define DMS_GET_BAND_CAPABILITIES 0x0045

/* Kilobit per second, as the table of capabilities wants it. */
#define MAX_TX_RATE 50000000
#define MAX_RX_RATE 150000000
#define DATA_SERVICE_SIMULTANEOUS 3
#define SIM_SUPPORTED 2
#define IMEI_SOFTWARE_VERSION "78"
#define OPERATING_MODE_LAST 0x08
#define OPERATING_MODE_RESET 0x04
#define UIM_INITIALIZED 0x00
#define UIM_NOT_PRESENT 0x02

static SimQmiError
get_capabilities (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u32le (&value, MAX_TX_RATE);
  ea_writer_u32le (&value, MAX_RX_RATE);
  ea_writer_u8 (&value, DATA_SERVICE_SIMULTANEOUS);
  ea_writer_u8 (&value, SIM_SUPPORTED);
  ea_writer_u8 (&value, 3);
  ea_writer_u8 (&value, SIM_RADIO_GSM);
  ea_writer_u8 (&value, SIM_RADIO_UMTS);
  ea_writer_u8 (&value, SIM_RADIO_LTE);
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static SimQmiError
get_band_capabilities (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u32le (&value, 0x00400180); /* GSM DCS, GSM E-900, WCDMA 2100 */
  ea_writer_u32le (&value, 0);
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static SimQmiError
get_string (SimRequest *request, const char *text)
{
  sim_qmi_add_string (&request->reply, 0x01, text);
  return SIM_QMI_OK;
}

static SimQmiError
get_ids (SimRequest *request)
{
  sim_qmi_add_string (&request->reply, 0x10, "0");
  sim_qmi_add_string (&request->reply, 0x11, request->modem->imei);
  sim_qmi_add_string (&request->reply, 0x13, IMEI_SOFTWARE_VERSION);
  return SIM_QMI_OK;
}

static SimQmiError
set_operating_mode (SimRequest *request)
{
  SimModem *modem = request->modem;
  EaReader reader;
  guint8 mode;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  mode = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (mode > OPERATING_MODE_LAST)
    return SIM_QMI_INVALID_ARGUMENT;
  if (mode == modem->operating_mode)
    return SIM_QMI_OK;
  /* The simulated modem is back from a reset as soon as it is ordered; its card takes a little longer. */
  modem->operating_mode = mode == OPERATING_MODE_RESET ? 0 : mode;
  if (mode == OPERATING_MODE_RESET)
    sim_refresh_restart_card (modem->refresh);
  else
    sim_registration_begin (modem->registration);
  return SIM_QMI_OK;
}

static SimQmiError
get_iccid (SimRequest *request)
{
  if (request->modem->slot->state != SIM_SLOT_READY)
    return SIM_QMI_DEVICE_NOT_READY;
  return get_string (request, sim_card_get_iccid (request->modem->slot->card));
}

/* EF_IMSI (TS 31.102 §4.2.2): a length, then digits with the parity in the first nibble. */
static SimQmiError
get_imsi (SimRequest *request)
{
  static const guint8 path[] = { 0x3F, 0x00, 0x7F, 0xFF, 0x6F, 0x07 };
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GString) digits = g_string_new (NULL);
  EaReader reader;

  if (request->modem->slot->state != SIM_SLOT_READY)
    return SIM_QMI_DEVICE_NOT_READY;
  if (sim_slot_read_transparent (request->modem->slot, EA_SPAN_OF_ARRAY (path), 0, 0, &content)
      != 0x9000)
    return SIM_QMI_INTERNAL;
  ea_reader_init (&reader, ea_span_from_bytes (content));
  (void) ea_reader_u8 (&reader);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 byte = ea_reader_u8 (&reader);

      g_string_append_printf (digits, "%X%X", byte & 0x0F, byte >> 4);
    }
  g_string_erase (digits, 0, 1);
  g_string_truncate (digits, strcspn (digits->str, "F"));
  return get_string (request, digits->str);
}

SimQmiError
sim_service_dms (SimRequest *request)
{
  switch (request->message)
    {
    case DMS_RESET:
    case DMS_SET_EVENT_REPORT:
      return SIM_QMI_OK;
    case DMS_GET_CAPABILITIES:
      return get_capabilities (request);
    case DMS_GET_MANUFACTURER:
      return get_string (request, "euicc-sim");
    case DMS_GET_MODEL:
      return get_string (request, "Simulated QMI modem");
    case DMS_GET_REVISION:
      return get_string (request, "euicc-sim 1");
    case DMS_GET_IDS:
      return get_ids (request);
    case DMS_GET_HARDWARE_REVISION:
      return get_string (request, "1");
    case DMS_GET_OPERATING_MODE:
      sim_qmi_add_u8 (&request->reply, 0x01, request->modem->operating_mode);
      return SIM_QMI_OK;
    case DMS_SET_OPERATING_MODE:
      return set_operating_mode (request);
    case DMS_UIM_GET_ICCID:
      return get_iccid (request);
    case DMS_UIM_GET_IMSI:
      return get_imsi (request);
    case DMS_UIM_GET_STATE:
      sim_qmi_add_u8 (&request->reply, 0x01,
                      request->modem->slot->state == SIM_SLOT_READY ? UIM_INITIALIZED
                                                                    : UIM_NOT_PRESENT);
      return SIM_QMI_OK;
    case DMS_GET_BAND_CAPABILITIES:
      return get_band_capabilities (request);
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
