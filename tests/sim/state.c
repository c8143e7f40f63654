/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON object of the control command "state". No value here needs escaping. */
#include "modem.h"
#include "network.h"
#include "terminal.h"

static void
append_clients (GString *json, const SimModem *modem)
{
  g_string_append (json, ",\"clients\":[");
  for (guint i = 0; i < modem->clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (modem->clients, i);
      const SimService *service = sim_modem_find_service (modem, client->service);

      g_string_append_printf (json, "%s{\"service\":\"%s\",\"cid\":%u}", i == 0 ? "" : ",",
                              service->name, client->cid);
    }
  g_string_append_c (json, ']');
}

static void
append_routes (GString *json, const SimNetwork *network)
{
  g_string_append (json, ",\"routes\":[");
  for (guint i = 0; i < SIM_CLASSES; i++)
    g_string_append_printf (json, "%s{\"class\":%u,\"storage\":%u,\"action\":%u}",
                            i == 0 ? "" : ",", i, network->routes[i].storage,
                            network->routes[i].action);
  g_string_append_c (json, ']');
}

char *
sim_modem_get_state (SimModem *modem)
{
  g_autofree char *card = sim_card_get_state (modem->slot->card);
  GString *json = g_string_new ("{");

  g_string_append_printf (json, "%s,\"imei\":\"%s\"", card, modem->imei);
  append_clients (json, modem);
  append_routes (json, modem->network);
  g_string_append_printf (json, ",\"cat_config\":%u,\"channels\":[],\"bytes\":0}",
                          sim_terminal_get_mode (modem->terminal));
  return g_string_free (json, FALSE);
}
