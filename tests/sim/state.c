/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON object of the control command "state". No value here needs escaping. */
#include "modem.h"
#include "network.h"
#include "registration.h"
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

static const char *
get_truth (gboolean is_true)
{
  return is_true ? "true" : "false";
}

static void
append_tls (GString *json, const SimSmsrServer *server)
{
  SimTlsOffer offer = { 0 };
  const char *suite = sim_smsr_server_get_last_suite (server, &offer);

  if (suite == NULL)
    return;
  g_string_append_printf (json,
                          ",\"tls\":{\"suite\":\"%s\",\"fragment\":%u,\"encrypt_then_mac\":%s,"
                          "\"extended_master_secret\":%s,\"ticket\":%s}",
                          suite, offer.fragment, get_truth (offer.has_encrypt_then_mac),
                          get_truth (offer.has_extended_master_secret),
                          get_truth (offer.has_ticket));
}

static void
append_smsr (GString *json, const SimSmsrServer *server)
{
  const SimSmsrAddress *address;

  if (server == NULL)
    return;
  address = sim_smsr_server_get_address (server);
  g_string_append_printf (json,
                          ",\"smsr\":{\"address\":\"%s\",\"https\":%u,\"cat_tp\":%u,"
                          "\"cat_tp_port\":%d,\"dns\":%u",
                          address->host, address->https, address->cat_tp, SIM_SMSR_CAT_TP_PORT,
                          address->dns_port);
  append_tls (json, server);
  g_string_append (json, ",\"links\":");
  sim_smsr_server_describe_links (server, json);
  g_string_append_c (json, '}');
}

static void
append_network (GString *json, const SimModem *modem)
{
  const SimCoverage *coverage = &modem->coverage;

  g_string_append_printf (
      json,
      ",\"network\":{\"service\":\"%s\",\"technology\":\"%s\",\"mcc\":\"%s\","
      "\"mnc\":\"%s\",\"area\":%u,\"cell\":%u}",
      sim_coverage_get_level_name (sim_registration_get_offer (modem->registration)),
      sim_coverage_get_radio_name (coverage), coverage->mcc, coverage->mnc, coverage->area,
      coverage->cell);
}

static void
append_registration (GString *json, const SimModem *modem)
{
  SimRegistrationState state = sim_registration_get_state (modem->registration);
  gboolean has_network = state == SIM_REGISTRATION_REGISTERED || state == SIM_REGISTRATION_DENIED;

  g_string_append_printf (
      json, ",\"registration\":{\"state\":\"%s\",\"plmn\":\"%s%s\",\"cause\":%u}",
      sim_registration_get_state_name (modem->registration), has_network ? modem->coverage.mcc : "",
      has_network ? modem->coverage.mnc : "", sim_registration_get_cause (modem->registration));
}

static void
append_configuration (GString *json, SimTerminal *terminal)
{
  g_autofree char *custom = ea_span_to_hex (sim_terminal_get_custom_profile (terminal));
  g_autofree char *used = ea_span_to_hex (sim_terminal_get_profile (terminal));

  g_string_append_printf (json,
                          ",\"cat_config\":%u,\"cat_profile\":\"%s\",\"terminal_profile\":\"%s\"",
                          sim_terminal_get_mode (terminal), custom, used);
}

char *
sim_modem_get_state (SimModem *modem)
{
  g_autofree char *card = sim_card_get_state (modem->slot->card);
  GString *json = g_string_new ("{");

  g_string_append_printf (json, "%s,\"imei\":\"%s\",\"operating_mode\":%u", card, modem->imei,
                          modem->operating_mode);
  append_clients (json, modem);
  append_routes (json, modem->network);
  append_smsr (json, modem->options.smsr);
  if (modem->options.link != NULL)
    sim_link_append_json (modem->options.link, json);
  append_network (json, modem);
  append_registration (json, modem);
  append_configuration (json, modem->terminal);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}
