/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network access: the network that the radio receives, while card and radio are up. */
#include "service-nas.h"

#define NAS_RESET 0x0000
#define NAS_SET_EVENT_REPORT 0x0002
#define NAS_REGISTER_INDICATIONS 0x0003
#define NAS_GET_SERVING_SYSTEM 0x0024
#define NAS_GET_HOME_NETWORK 0x0025
#define NAS_GET_SYSTEM_SELECTION 0x0034
#define NAS_GET_CELL_LOCATION 0x0043
#define NAS_GET_SYSTEM_INFO 0x004D
#define NAS_SYSTEM_INFO_INDICATION 0x004E
#define NAS_GET_SIGNAL_INFO 0x004F
#define NAS_CONFIG_SIGNAL_INFO 0x0050
#define NAS_NETWORK_REJECT 0x0068
#define NAS_CONFIG_SIGNAL_INFO_V2 0x006C

/* GSM, UMTS and LTE */
#define MODES 0x001C

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
  read_flag (request, 0x21, &request->client->wants_rejections);
  return SIM_QMI_OK;
}

void
sim_nas_indicate_registration (SimModem *modem)
{
  g_auto (EaWriter) serving = { NULL };
  g_auto (EaWriter) info = { NULL };

  ea_writer_init (&serving);
  ea_writer_init (&info);
  sim_nas_write_serving_system (modem, &serving);
  sim_nas_write_system_info (modem, TRUE, &info);
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->wants_serving_system)
        sim_modem_indicate (modem, client, NAS_GET_SERVING_SYSTEM, ea_writer_span (&serving));
      if (client->wants_system_info)
        sim_modem_indicate (modem, client, NAS_SYSTEM_INFO_INDICATION, ea_writer_span (&info));
    }
}

void
sim_nas_indicate_rejection (SimModem *modem)
{
  g_auto (EaWriter) rejection = { NULL };

  ea_writer_init (&rejection);
  sim_nas_write_rejection (modem, &rejection);
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->wants_rejections)
        sim_modem_indicate (modem, client, NAS_NETWORK_REJECT, ea_writer_span (&rejection));
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
      sim_nas_write_serving_system (request->modem, &request->reply);
      return SIM_QMI_OK;
    case NAS_GET_HOME_NETWORK:
      sim_nas_write_home_network (request->modem, &request->reply);
      return SIM_QMI_OK;
    case NAS_GET_SYSTEM_SELECTION:
      sim_qmi_add_u16 (&request->reply, 0x11, MODES);
      return SIM_QMI_OK;
    case NAS_GET_SYSTEM_INFO:
      sim_nas_write_system_info (request->modem, FALSE, &request->reply);
      return SIM_QMI_OK;
    case NAS_GET_CELL_LOCATION:
      return sim_nas_write_cell_location (request->modem, &request->reply);
    case NAS_GET_SIGNAL_INFO:
      return get_signal_info (request);
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
