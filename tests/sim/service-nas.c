/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network access: registered on LTE in the test network 001 01 while card and radio are up. */
#include "modem.h"

#define NAS_RESET 0x0000
#define NAS_SET_EVENT_REPORT 0x0002
#define NAS_REGISTER_INDICATIONS 0x0003
#define NAS_GET_SERVING_SYSTEM 0x0024
#define NAS_GET_HOME_NETWORK 0x0025
#define NAS_GET_SYSTEM_SELECTION 0x0034
#define NAS_GET_SYSTEM_INFO 0x004D
#define NAS_SYSTEM_INFO_INDICATION 0x004E
#define NAS_GET_SIGNAL_INFO 0x004F
#define NAS_CONFIG_SIGNAL_INFO 0x0050
#define NAS_CONFIG_SIGNAL_INFO_V2 0x006C

#define MCC 1
#define MNC 1
#define OPERATOR "Test PLMN 1-1"
#define TRACKING_AREA 1
#define CELL 1
#define RADIO_LTE 8
#define MODE_LTE 0x0010
#define REGISTERED 1
#define NOT_REGISTERED 0
#define ATTACHED 1
#define DETACHED 2
#define NETWORK_3GPP 2
#define ROAMING_OFF 1
#define SERVICE_NONE 0
#define SERVICE_AVAILABLE 2
#define DOMAIN_CS_PS 3

static void
write_plmn (EaWriter *value)
{
  ea_writer_u16le (value, MCC);
  ea_writer_u16le (value, MNC);
  sim_write_lv8 (value, ea_span_init (OPERATOR, strlen (OPERATOR)));
}

static void
write_serving_system (const SimModem *modem, EaWriter *tlvs)
{
  gboolean is_registered = sim_modem_is_registered (modem);
  g_auto (EaWriter) value = { NULL };
  g_auto (EaWriter) plmn = { NULL };

  ea_writer_init (&value);
  ea_writer_u8 (&value, is_registered ? REGISTERED : NOT_REGISTERED);
  ea_writer_u8 (&value, is_registered ? ATTACHED : DETACHED);
  ea_writer_u8 (&value, is_registered ? ATTACHED : DETACHED);
  ea_writer_u8 (&value, NETWORK_3GPP);
  ea_writer_u8 (&value, is_registered ? 1 : 0);
  if (is_registered)
    ea_writer_u8 (&value, RADIO_LTE);
  sim_qmi_add (tlvs, 0x01, ea_writer_span (&value));
  if (!is_registered)
    return;
  sim_qmi_add_u8 (tlvs, 0x10, ROAMING_OFF);
  ea_writer_init (&plmn);
  write_plmn (&plmn);
  sim_qmi_add (tlvs, 0x12, ea_writer_span (&plmn));
}

/* A value behind the byte that says whether it is valid. */
static void
write_valid_u8 (EaWriter *value, guint8 byte)
{
  ea_writer_u8 (value, 1);
  ea_writer_u8 (value, byte);
}

static void
write_lte_system (EaWriter *value)
{
  static const char mcc[] = { '0', '0', '1' };
  static const char mnc[] = { '0', '1', '\xFF' };

  write_valid_u8 (value, DOMAIN_CS_PS);
  write_valid_u8 (value, DOMAIN_CS_PS); /* service capability */
  write_valid_u8 (value, 0);            /* not roaming */
  write_valid_u8 (value, 0);            /* not forbidden */
  ea_writer_u8 (value, 0);              /* no location area on LTE */
  ea_writer_u16le (value, 0xFFFF);
  ea_writer_u8 (value, 1);
  ea_writer_u32le (value, CELL);
  ea_writer_u8 (value, 0); /* no rejection: domain and cause follow */
  ea_writer_u8 (value, 0);
  ea_writer_u8 (value, 0);
  ea_writer_u8 (value, 1);
  ea_writer_bytes (value, ea_span_init (mcc, sizeof mcc));
  ea_writer_bytes (value, ea_span_init (mnc, sizeof mnc));
  ea_writer_u8 (value, 1);
  ea_writer_u16le (value, TRACKING_AREA);
}

static void
write_system_info (const SimModem *modem, EaWriter *tlvs)
{
  gboolean is_registered = sim_modem_is_registered (modem);
  guint8 status = is_registered ? SERVICE_AVAILABLE : SERVICE_NONE;
  const guint8 service[] = { status, status, 1 };
  g_auto (EaWriter) value = { NULL };

  sim_qmi_add (tlvs, 0x14, EA_SPAN_OF_ARRAY (service));
  if (!is_registered)
    return;
  ea_writer_init (&value);
  write_lte_system (&value);
  sim_qmi_add (tlvs, 0x19, ea_writer_span (&value));
}

static SimQmiError
get_home_network (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  write_plmn (&value);
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static SimQmiError
get_signal_info (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  if (!sim_modem_is_registered (request->modem))
    return SIM_QMI_OK;
  ea_writer_init (&value);
  ea_writer_u8 (&value, (guint8) -60);     /* RSSI, dBm */
  ea_writer_u8 (&value, (guint8) -10);     /* RSRQ, dB */
  ea_writer_u16le (&value, (guint16) -90); /* RSRP, dBm */
  ea_writer_u16le (&value, 120);           /* SNR, 0.1 dB */
  sim_qmi_add (&request->reply, 0x14, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static void
read_flag (const SimRequest *request, guint8 type, gboolean *flag)
{
  EaReader reader;

  if (sim_request_get (request, type, &reader))
    *flag = ea_reader_u8 (&reader) != 0;
}

static SimQmiError
register_indications (SimRequest *request)
{
  read_flag (request, 0x13, &request->client->wants_serving_system);
  read_flag (request, 0x18, &request->client->wants_system_info);
  return SIM_QMI_OK;
}

void
sim_nas_indicate_registration (SimModem *modem)
{
  g_auto (EaWriter) serving = { NULL };
  g_auto (EaWriter) info = { NULL };

  ea_writer_init (&serving);
  ea_writer_init (&info);
  write_serving_system (modem, &serving);
  write_system_info (modem, &info);
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->wants_serving_system)
        sim_modem_indicate (modem, client, NAS_GET_SERVING_SYSTEM, ea_writer_span (&serving));
      if (client->wants_system_info)
        sim_modem_indicate (modem, client, NAS_SYSTEM_INFO_INDICATION, ea_writer_span (&info));
    }
}

SimQmiError
sim_service_nas (SimRequest *request)
{
  switch (request->message)
    {
    case NAS_RESET:
    case NAS_SET_EVENT_REPORT:
    case NAS_CONFIG_SIGNAL_INFO:
    case NAS_CONFIG_SIGNAL_INFO_V2:
      return SIM_QMI_OK;
    case NAS_REGISTER_INDICATIONS:
      return register_indications (request);
    case NAS_GET_SERVING_SYSTEM:
      write_serving_system (request->modem, &request->reply);
      return SIM_QMI_OK;
    case NAS_GET_HOME_NETWORK:
      return get_home_network (request);
    case NAS_GET_SYSTEM_SELECTION:
      sim_qmi_add_u16 (&request->reply, 0x11, MODE_LTE);
      return SIM_QMI_OK;
    case NAS_GET_SYSTEM_INFO:
      write_system_info (request->modem, &request->reply);
      return SIM_QMI_OK;
    case NAS_GET_SIGNAL_INFO:
      return get_signal_info (request);
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
