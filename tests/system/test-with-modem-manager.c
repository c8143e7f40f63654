/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent beside the real ModemManager: both have the same modem through the real qmi-proxy. Run by
 * "with-modem-manager".
 */

#include <libmm-glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway.h"
#include "rig-modem-manager.h"

#define AGENT_NAME "org.euicc.Agent1"
#define EUICC_INTERFACE "org.euicc.Agent1.Euicc"
#define FIRST_ICCID "8988211000000000011"
#define SECOND_ICCID "8988211000000000029"
/* The simulator's IMSIs end with the number of the ISD-P. */
#define FIRST_IMSI_END "00001"
#define SECOND_IMSI_END "00002"
#define N_AUDITS 3

static void
start_both (Gateway *gateway)
{
  gateway_start_modem_manager (gateway);
  gateway_start_agent (gateway);
  gateway_await_health (gateway);
}

static void
expect_good_operation (Rig *rig, const char *operation)
{
  g_autofree char *reply = rig_control (rig, "smsr %s", operation);

  if (!g_str_has_prefix (reply, "ok"))
    fail_msg ("%s: %s", operation, reply);
}

static void
expect_imsi (Gateway *gateway, const char *end)
{
  g_autofree char *imsi = gateway_get_imsi (gateway);

  if (!g_str_has_suffix (imsi, end))
    fail_msg ("the IMSI is '%s', and does not end with %s", imsi, end);
}

static void
test_both_have_the_modem (void **state)
{
  Gateway *gateway = *state;
  g_autofree char *iccid = NULL;

  start_both (gateway);
  iccid = rig_get (gateway->rig, "Iccid");

  assert_string_equal (iccid, FIRST_ICCID);
  expect_imsi (gateway, FIRST_IMSI_END);
  rig_stop_agent (gateway->rig);
  gateway_await_registration (gateway);
}

static void
test_messages_reach_the_card_beside_messaging (void **state)
{
  Gateway *gateway = *state;

  start_both (gateway);
  rig_await_simulator (gateway->rig, RIG_ROUTE_ACKNOWLEDGED);
  rig_expect_control (gateway->rig, "ok", "fail card 0xC2 0x9300 2");
  for (guint i = 0; i < N_AUDITS; i++)
    expect_good_operation (gateway->rig, "audit --via sms"); /* has its proof of receipt */

  gateway_await_health (gateway);
  rig_stop_agent (gateway->rig);
}

static guint
count_clients (Rig *rig)
{
  static const char client[] = "{\"service\":";
  g_autofree char *state = rig_control (rig, "state");
  guint n_clients = 0;

  for (const char *found = strstr (state, client); found != NULL;
       found = strstr (found + 1, client))
    n_clients++;
  return n_clients;
}

typedef struct
{
  Rig *rig;
  guint n_clients;
} Count;

static gboolean
has_clients (gpointer data)
{
  const Count *count = data;

  rig_look_again (100); /* the simulator does not tell of it */
  return count_clients (count->rig) == count->n_clients;
}

/* ModemManager lets go of the object before and takes up the new one in its own time. */
static void
await_clients (Rig *rig, guint n_clients)
{
  Count count = { rig, n_clients };

  if (!rig_await_that (has_clients, &count))
    {
      g_autofree char *state = rig_control (rig, "state");

      fail_msg ("the modem has %u clients, not %u: %s", count_clients (rig), n_clients, state);
    }
}

typedef struct
{
  GDBusConnection *connection;
  guint subscription;
  char *iccid; /* of the last ProfileChanged, or NULL */
} Watch;

static void
on_profile_changed (GDBusConnection *connection, const char *sender, const char *path,
                    const char *interface, const char *signal, GVariant *parameters,
                    gpointer user_data)
{
  Watch *watch = user_data;

  g_free (watch->iccid);
  g_variant_get (parameters, "(&ss&s)", NULL, &watch->iccid, NULL);
}

static void
watch_init (Watch *watch, GDBusConnection *connection)
{
  *watch = (Watch){ .connection = connection };
  watch->subscription = g_dbus_connection_signal_subscribe (
      connection, AGENT_NAME, EUICC_INTERFACE, "ProfileChanged", "/org/euicc/Agent1/Euicc/0", NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_profile_changed, watch, NULL);
}

static void
watch_clear (Watch *watch)
{
  g_dbus_connection_signal_unsubscribe (watch->connection, watch->subscription);
  g_free (watch->iccid);
}

static gboolean
has_second_profile (gpointer data)
{
  return g_strcmp0 (((Watch *) data)->iccid, SECOND_ICCID) == 0;
}

/* The Euicc's object stays: everything that is awaited here is of Euicc/0. */
static void
switch_by (Gateway *gateway, const char *operation)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint n_clients;
  Watch watch;

  gateway_start_modem_manager (gateway);
  gateway_await_registration (gateway);
  before = gateway_get_modem (gateway);
  n_clients = count_clients (gateway->rig);
  rig_write_config (gateway->rig, RIG_LOOPBACK_CONFIG);
  gateway_start_agent (gateway);
  gateway_await_health (gateway);
  watch_init (&watch, gateway->rig->connection);
  expect_good_operation (gateway->rig, operation);
  if (!rig_await_that (has_second_profile, &watch))
    fail_msg ("ProfileChanged: %s", watch.iccid != NULL ? watch.iccid : "never");
  watch_clear (&watch);

  rig_await (gateway->rig, "Iccid", SECOND_ICCID);
  gateway_await_health (gateway);
  expect_imsi (gateway, SECOND_IMSI_END);
  after = gateway_get_modem (gateway);
  assert_string_not_equal (after, before);
  rig_stop_agent (gateway->rig);
  await_clients (gateway->rig, n_clients); /* ModemManager's */
  gateway_await_registration (gateway);
}

static void
test_switch_by_short_message_is_seen_by_both (void **state)
{
  switch_by (*state, "enable 1100 --via sms");
}

static void
test_switch_over_https_of_the_card_is_seen_by_both (void **state)
{
  switch_by (*state, "enable 1100 --via bip-https");
}

typedef struct
{
  Rig *rig;
  GString *requests; /* that the modem has got so far */
} Requests;

/* Set Operating Mode: low power, and then online */
static gboolean
has_been_in_airplane_mode (gpointer data)
{
  Requests *requests = data;
  g_autofree char *more = rig_control (requests->rig, "qmi");
  const char *low;

  g_string_append_printf (requests->requests, "%s\n", more);
  low = strstr (requests->requests->str, "01010001\n");
  if (low != NULL && strstr (low, "01010000\n") != NULL)
    return TRUE;
  rig_look_again (50);
  return FALSE;
}

/* ModemManager's modem; nobody enables it here. */
static gboolean
is_enabled (gpointer data)
{
  Gateway *gateway = data;
  g_autofree char *path = gateway_get_modem (gateway);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) state = NULL;

  if (path[0] != '\0')
    reply = g_dbus_connection_call_sync (
        gateway->rig->connection, "org.freedesktop.ModemManager1", path,
        "org.freedesktop.DBus.Properties", "Get",
        g_variant_new ("(ss)", "org.freedesktop.ModemManager1.Modem", "State"),
        G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(v)", &state);
  if (state != NULL && g_variant_get_int32 (state) == MM_MODEM_STATE_REGISTERED)
    return TRUE;
  rig_look_again (100);
  return FALSE;
}

/* The profile was switched while the agent was away, and the network refuses it. */
static void
test_airplane_mode_ends_with_a_modem_that_is_enabled (void **state)
{
  Gateway *gateway = *state;
  Rig *rig = gateway->rig;
  g_autoptr (GString) text = g_string_new (NULL);
  Requests requests = { rig, text };

  gateway_start_agent (gateway);
  rig_stop_agent (rig);
  rig_expect_control (rig, "ok", "profile " SECOND_ICCID);
  rig_expect_control (rig, "ok", "reset");
  gateway_start_modem_manager (gateway);
  gateway_await_registration (gateway);
  rig_expect_control (rig, "ok", "network reject 11");
  g_free (rig_control (rig, "qmi"));
  rig_write_config (rig, "[switch]\nWaitRegistration=1\nPowerCycle=off\nAirplaneMode=50\n");
  gateway_start_agent (gateway);
  if (!rig_await_that (has_been_in_airplane_mode, &requests))
    fail_msg ("the radio was not switched: %s", text->str);
  rig_expect_control (rig, "ok", "network normal");

  rig_await (rig, "StateReason", "the card is ready");
  if (!rig_await_that (is_enabled, gateway))
    fail_msg ("ModemManager's modem is not registered");
  rig_stop_agent (rig);
}

static void
test_killed_modem_manager_comes_back_to_the_agent (void **state)
{
  Gateway *gateway = *state;

  start_both (gateway);
  gateway_kill_modem_manager (gateway);
  rig_await (gateway->rig, "Modem", "/");
  rig_await_simulator (gateway->rig, RIG_ROUTE_TO_HOST);
  expect_good_operation (gateway->rig, "audit --via sms");
  gateway_start_modem_manager (gateway);

  gateway_await_health (gateway);
  rig_await_simulator (gateway->rig, RIG_ROUTE_ACKNOWLEDGED);
  expect_good_operation (gateway->rig, "audit --via sms");
  rig_stop_agent (gateway->rig);
}

static void
test_modem_manager_that_comes_later_is_followed (void **state)
{
  Gateway *gateway = *state;

  gateway_start_agent (gateway);
  rig_await (gateway->rig, "Modem", "/");
  gateway_start_modem_manager (gateway);

  gateway_await_health (gateway);
  expect_good_operation (gateway->rig, "audit --via sms");
  rig_stop_agent (gateway->rig);
}

static void
test_killed_proxy_is_outlived_by_both (void **state)
{
  Gateway *gateway = *state;

  start_both (gateway);
  gateway_kill_proxy (gateway);
  rig_await (gateway->rig, "State", "failed");
  gateway_start_proxy (gateway);

  rig_await (gateway->rig, "State", "ready");
  gateway_await_health (gateway);
  expect_good_operation (gateway->rig, "audit --via sms");
  rig_stop_agent (gateway->rig);
}

/* (transfer full): a member of the simulator's state, up to the member behind it */
static char *
cut_member (const char *state, const char *from, const char *to)
{
  const char *begin = strstr (state, from);
  const char *end = begin != NULL ? strstr (begin, to) : NULL;

  if (end == NULL)
    fail_msg ("no %s before %s in %s", from, to, state);
  return g_strndup (begin, (gsize) (end - begin));
}

static char *
get_owned (Rig *rig)
{
  g_autofree char *state = rig_control (rig, "state");
  g_autofree char *shared = cut_member (state, "\"clients\":", ",\"smsr\"");
  g_autofree char *configuration = cut_member (state, "\"cat_config\":", ",\"terminal_profile\"");

  return g_strdup_printf ("%s\n%s", shared, configuration);
}

static void
test_stopped_agent_leaves_the_modem_as_it_was (void **state)
{
  Gateway *gateway = *state;
  g_autofree char *before = NULL;
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;

  gateway_start_modem_manager (gateway);
  gateway_await_registration (gateway);
  before = get_owned (gateway->rig);
  gateway_start_agent (gateway);
  gateway_await_health (gateway);
  during = get_owned (gateway->rig);
  expect_good_operation (gateway->rig, "audit --via sms");
  rig_stop_agent (gateway->rig);
  after = get_owned (gateway->rig);

  assert_string_not_equal (during, before);
  assert_string_equal (after, before);
  rig_await_simulator (gateway->rig, "\"logical_channels\":[]");
  gateway_await_registration (gateway);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    GATEWAY_TEST (test_both_have_the_modem),
    GATEWAY_TEST (test_messages_reach_the_card_beside_messaging),
    GATEWAY_TEST (test_switch_by_short_message_is_seen_by_both),
    GATEWAY_TEST (test_switch_over_https_of_the_card_is_seen_by_both),
    GATEWAY_TEST (test_airplane_mode_ends_with_a_modem_that_is_enabled),
    GATEWAY_TEST (test_killed_modem_manager_comes_back_to_the_agent),
    GATEWAY_TEST (test_modem_manager_that_comes_later_is_followed),
    GATEWAY_TEST (test_killed_proxy_is_outlived_by_both),
    GATEWAY_TEST (test_stopped_agent_leaves_the_modem_as_it_was),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
