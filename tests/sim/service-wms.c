/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wireless messaging: event reports, routes, sending and acknowledging. */
#include "service-wms.h"

#define WMS_RESET 0x0000
#define WMS_SET_EVENT_REPORT 0x0001
#define WMS_RAW_SEND 0x0020
#define WMS_RAW_WRITE 0x0021
#define WMS_RAW_READ 0x0022
#define WMS_MODIFY_TAG 0x0023
#define WMS_DELETE 0x0024
#define WMS_GET_MESSAGE_PROTOCOL 0x0030
#define WMS_LIST_MESSAGES 0x0031
#define WMS_SET_ROUTES 0x0032
#define WMS_GET_ROUTES 0x0033
#define WMS_SEND_ACK 0x0037

#define PROTOCOL_GSM_WCDMA 1
#define FORMAT_GSM_WCDMA 6
#define TYPE_POINT_TO_POINT 0
#define ACK_NOT_SENT 2
#define MTI_MASK 0x03
#define MTI_SUBMIT 0x01

static SimQmiError
set_event_report (SimRequest *request)
{
  EaReader reader;

  if (sim_request_get (request, 0x10, &reader))
    request->client->wants_messages = ea_reader_u8 (&reader) != 0;
  if (request->client->wants_messages)
    sim_network_welcome_client (request->modem->network);
  return SIM_QMI_OK;
}

static SimQmiError
raw_send (SimRequest *request)
{
  EaReader reader;
  EaReader raw;
  EaReader type;
  EaSpan tpdu;
  guint8 format;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  format = ea_reader_u8 (&reader);
  ea_reader_init (&raw, sim_read_lv16 (&reader));
  (void) sim_read_lv8 (&raw); /* service centre */
  tpdu = ea_reader_rest (&raw);
  ea_reader_init (&type, tpdu);
  if (!ea_reader_done (&reader) || !ea_reader_is_ok (&raw) || format != FORMAT_GSM_WCDMA
      || (ea_reader_u8 (&type) & MTI_MASK) != MTI_SUBMIT)
    return SIM_QMI_WMS_ENCODING;
  if (!sim_modem_is_registered (request->modem))
    return SIM_QMI_NETWORK_NOT_READY;
  sim_qmi_add_u16 (&request->reply, 0x01, sim_network_submit (request->modem->network, tpdu));
  return SIM_QMI_OK;
}

static SimQmiError
send_ack (SimRequest *request)
{
  EaReader reader;
  guint32 transaction;
  gboolean is_success;
  guint8 rp_cause = 0;
  guint8 tp_cause = 0;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  transaction = ea_reader_u32le (&reader);
  (void) ea_reader_u8 (&reader); /* there is only one protocol */
  is_success = ea_reader_u8 (&reader) != 0;
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (sim_request_get (request, 0x11, &reader))
    {
      rp_cause = ea_reader_u8 (&reader);
      tp_cause = ea_reader_u8 (&reader);
    }
  if (sim_network_acknowledge (request->modem->network, transaction, is_success, rp_cause,
                               tp_cause))
    return SIM_QMI_OK;
  sim_qmi_add_u8 (&request->reply, 0x10, ACK_NOT_SENT);
  return SIM_QMI_ACK_NOT_SENT;
}

/* Class 2 is where SMS-PP data download comes in: some firmware keeps it. */
static gboolean
grants_route (const SimModem *modem, guint8 class, const SimRoute *route)
{
  const SimRoute *current = &modem->network->routes[class];

  if (modem->options.grant != SIM_GRANT_NO_SMS && modem->options.grant != SIM_GRANT_OBSERVER)
    return TRUE;
  return class != SIM_CLASS_2
         || (route->storage == current->storage && route->action == current->action);
}

static SimQmiError
read_routes (SimRequest *request, EaReader reader, SimRoute *routes)
{
  guint n_routes = ea_reader_u16le (&reader);

  for (guint i = 0; i < n_routes && ea_reader_is_ok (&reader); i++)
    {
      guint8 type = ea_reader_u8 (&reader);
      guint8 class = ea_reader_u8 (&reader);
      SimRoute route = { 0 };

      route.storage = ea_reader_u8 (&reader);
      route.action = ea_reader_u8 (&reader);
      if (type != TYPE_POINT_TO_POINT || class >= SIM_CLASSES)
        continue; /* routes of other radio technologies have nothing to route here */
      if (route.action > SIM_ACTION_TRANSFER_AND_ACK)
        return SIM_QMI_INVALID_ARGUMENT;
      if (!grants_route (request->modem, class, &route))
        return SIM_QMI_NOT_SUPPORTED;
      routes[class] = route;
    }
  return ea_reader_done (&reader) ? SIM_QMI_OK : SIM_QMI_MALFORMED_MESSAGE;
}

static SimQmiError
set_routes (SimRequest *request)
{
  SimNetwork *network = request->modem->network;
  SimRoute routes[SIM_CLASSES];
  SimQmiError error;
  EaReader reader;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  for (guint i = 0; i < SIM_CLASSES; i++)
    routes[i] = network->routes[i];
  error = read_routes (request, reader, routes);
  for (guint i = 0; error == SIM_QMI_OK && i < SIM_CLASSES; i++)
    network->routes[i] = routes[i];
  if (error == SIM_QMI_OK)
    sim_network_welcome_client (network);
  return error;
}

static SimQmiError
get_routes (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u16le (&value, SIM_CLASSES);
  for (guint8 i = 0; i < SIM_CLASSES; i++)
    {
      const SimRoute *route = &request->modem->network->routes[i];

      ea_writer_u8 (&value, TYPE_POINT_TO_POINT);
      ea_writer_u8 (&value, i);
      ea_writer_u8 (&value, route->storage);
      ea_writer_u8 (&value, route->action);
    }
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}

SimQmiError
sim_service_wms (SimRequest *request)
{
  switch (request->message)
    {
    case WMS_RESET:
      request->client->wants_messages = FALSE;
      return SIM_QMI_OK;
    case WMS_SET_EVENT_REPORT:
      return set_event_report (request);
    case WMS_RAW_SEND:
      return raw_send (request);
    case WMS_RAW_WRITE:
      return sim_wms_raw_write (request);
    case WMS_RAW_READ:
      return sim_wms_raw_read (request);
    case WMS_MODIFY_TAG:
      return sim_wms_modify_tag (request);
    case WMS_DELETE:
      return sim_wms_delete (request);
    case WMS_GET_MESSAGE_PROTOCOL:
      sim_qmi_add_u8 (&request->reply, 0x01, PROTOCOL_GSM_WCDMA);
      return SIM_QMI_OK;
    case WMS_LIST_MESSAGES:
      return sim_wms_list_messages (request);
    case WMS_SET_ROUTES:
      return set_routes (request);
    case WMS_GET_ROUTES:
      return get_routes (request);
    case WMS_SEND_ACK:
      return send_ack (request);
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
