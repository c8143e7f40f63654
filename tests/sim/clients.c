/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Services that the modem offers, and the client ids of each. */
#include "modem.h"
#include "network.h"
#include "terminal.h"

#define CLIENTS_MAX 32
/* Firmware is known to have so few for the toolkit. */
#define CLIENTS_MAX_CAT 5
#define CID_LAST 0xFE

static const SimService services[] = {
  { SIM_SERVICE_CTL, "ctl", 1, 5, 0, sim_service_ctl },
  { SIM_SERVICE_WDS, "wds", 1, 67, CLIENTS_MAX, sim_service_wds },
  { SIM_SERVICE_DMS, "dms", 1, 14, CLIENTS_MAX, sim_service_dms },
  { SIM_SERVICE_NAS, "nas", 1, 25, CLIENTS_MAX, sim_service_nas },
  { SIM_SERVICE_WMS, "wms", 1, 10, CLIENTS_MAX, sim_service_wms },
  { SIM_SERVICE_CAT2, "cat2", 2, 24, CLIENTS_MAX_CAT, sim_service_cat },
  { SIM_SERVICE_UIM, "uim", 1, 46, CLIENTS_MAX, sim_service_uim },
  { SIM_SERVICE_CAT, "cat", 1, 0, CLIENTS_MAX_CAT, sim_service_cat },
};

const SimService *
sim_modem_get_services (gsize *n_services)
{
  *n_services = G_N_ELEMENTS (services);
  return services;
}

const SimService *
sim_modem_find_service (const SimModem *modem, guint8 type)
{
  if (modem->options.grant == SIM_GRANT_NO_CAT
      && (type == SIM_SERVICE_CAT || type == SIM_SERVICE_CAT2))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    if (services[i].type == type)
      return &services[i];
  return NULL;
}

SimClient *
sim_modem_find_client (const SimModem *modem, guint8 service, guint8 cid)
{
  for (guint i = 0; i < modem->clients->len; i++)
    {
      SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->service == service && client->cid == cid)
        return client;
    }
  return NULL;
}

static guint
count_clients (const SimModem *modem, guint8 service)
{
  guint n_clients = 0;

  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);

      if (client->service == service)
        n_clients++;
    }
  return n_clients;
}

SimQmiError
sim_modem_allocate_client (SimModem *modem, guint8 service, guint8 *cid)
{
  const SimService *found = sim_modem_find_service (modem, service);
  guint8 *last = &modem->last_cids[service];
  SimClient *client;

  if (found == NULL || service == SIM_SERVICE_CTL)
    return SIM_QMI_INVALID_SERVICE_TYPE;
  if (count_clients (modem, service) >= found->max_clients)
    return SIM_QMI_CLIENT_IDS_EXHAUSTED;
  /* An id that was released is the last to be given out again, so that stale users show. */
  do
    *last = *last >= CID_LAST ? 1 : (guint8) (*last + 1);
  while (sim_modem_find_client (modem, service, *last) != NULL);
  client = g_new0 (SimClient, 1);
  client->service = service;
  client->cid = *last;
  g_ptr_array_add (modem->clients, client);
  *cid = client->cid;
  return SIM_QMI_OK;
}

SimQmiError
sim_modem_release_client (SimModem *modem, guint8 service, guint8 cid)
{
  SimClient *client = sim_modem_find_client (modem, service, cid);

  if (client == NULL)
    return SIM_QMI_INVALID_CLIENT_ID;
  sim_terminal_forget_client (modem->terminal, client);
  sim_network_forget_client (modem->network, client);
  g_ptr_array_remove_fast (modem->clients, client);
  return SIM_QMI_OK;
}

void
sim_modem_release_all_clients (SimModem *modem)
{
  while (modem->clients->len > 0)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, modem->clients->len - 1);

      (void) sim_modem_release_client (modem, client->service, client->cid); /* it is there */
    }
}
