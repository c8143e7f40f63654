/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The control service: versions, client ids, synchronisation. */
#include "modem.h"

#define CTL_SET_INSTANCE_ID 0x0020
#define CTL_GET_VERSION_INFO 0x0021
#define CTL_ALLOCATE_CID 0x0022
#define CTL_RELEASE_CID 0x0023
#define CTL_SYNC 0x0027

static SimQmiError
set_instance_id (SimRequest *request)
{
  EaReader reader;
  guint8 instance;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  instance = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  sim_qmi_add_u16 (&request->reply, 0x01, instance);
  return SIM_QMI_OK;
}

static SimQmiError
get_version_info (SimRequest *request)
{
  g_auto (EaWriter) list = { NULL };
  g_auto (EaWriter) value = { NULL };
  gsize n_services;
  const SimService *services = sim_modem_get_services (&n_services);
  guint8 n_offered = 0;

  ea_writer_init (&list);
  ea_writer_init (&value);
  for (gsize i = 0; i < n_services; i++)
    {
      const SimService *service = &services[i];

      if (sim_modem_find_service (request->modem, (guint8) service->type) == NULL)
        continue;
      n_offered++;
      ea_writer_u8 (&list, (guint8) service->type);
      ea_writer_u16le (&list, service->major);
      ea_writer_u16le (&list, service->minor);
    }
  ea_writer_u8 (&value, n_offered);
  ea_writer_bytes (&value, ea_writer_span (&list));
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}

static void
add_client_tlv (SimRequest *request, guint8 service, guint8 cid)
{
  const guint8 value[] = { service, cid };

  sim_qmi_add (&request->reply, 0x01, EA_SPAN_OF_ARRAY (value));
}

static SimQmiError
allocate_cid (SimRequest *request)
{
  SimQmiError error;
  EaReader reader;
  guint8 service, cid;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  service = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  error = sim_modem_allocate_client (request->modem, service, &cid);
  if (error == SIM_QMI_OK)
    add_client_tlv (request, service, cid);
  return error;
}

static SimQmiError
release_cid (SimRequest *request)
{
  SimQmiError error;
  EaReader reader;
  guint8 service, cid;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  service = ea_reader_u8 (&reader);
  cid = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  error = sim_modem_release_client (request->modem, service, cid);
  if (error == SIM_QMI_OK)
    add_client_tlv (request, service, cid);
  return error;
}

SimQmiError
sim_service_ctl (SimRequest *request)
{
  switch (request->message)
    {
    case CTL_SET_INSTANCE_ID:
      return set_instance_id (request);
    case CTL_GET_VERSION_INFO:
      return get_version_info (request);
    case CTL_ALLOCATE_CID:
      return allocate_cid (request);
    case CTL_RELEASE_CID:
      return release_cid (request);
    case CTL_SYNC:
      sim_modem_release_all_clients (request->modem);
      return SIM_QMI_OK;
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
