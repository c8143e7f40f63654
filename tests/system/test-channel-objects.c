/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The data channels of the eUICC as the bus and euiccctl show them. Commands and responses are the worked
 * examples that tshark reads (tests/vectors), with the port of the test in its place.
 */

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

/* OPEN CHANNEL, immediate: TCP to 127.0.0.1, default access name, buffer 1400; and its responses */
#define OPEN_TCP                                                                                   \
  "D01C81030140018202818235010339020578"                                                           \
  "3C0302%04X3E05217F000001"
#define OPENED "ok 8103014001820282818301003802810035010339020578"
#define NOT_REACHABLE                                                                              \
  "ok 810301400182028281"                                                                          \
  "83023A0735010339020578"

#define NO_SERVICE "ok 8103014001820282818302200435010339020578"

/* UICC in server mode at a port */
#define OPEN_SERVER                                                                                \
  "D0158103014001820281823501033902057"                                                            \
  "83C0303%04X"

#define SEND_ABC "D00E8103014301820281213603414243"
#define SENT "ok 8103014301820282818301003701FF"
#define CLOSE "D009810301410082028121"
#define CLOSED "ok 810301410082028281830100"

#define EVENTS_OF_CHANNELS                                                                         \
  "D00D810301050082028182"                                                                         \
  "9902090A"
#define EVENT_LIST_SET "ok 810301050082028281830100"

#define ROOT "/org/euicc/Agent1"
#define AGENT_RUNS "  agent  running: serving 1 modem" /* the monitor's first line */
#define CHANNEL_INTERFACE "org.euicc.Agent1.Channel"

typedef struct
{
  GSocketListener *listener;
  guint16 port;
} Server;

typedef struct
{
  GPtrArray *lines; /* what happened on the bus, or what the monitor said */
  const char *text;
} News;

static void
start_server (Server *server)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) actual = NULL;

  server->listener = g_socket_listener_new ();
  assert_true (g_socket_listener_add_address (server->listener, any, G_SOCKET_TYPE_STREAM,
                                              G_SOCKET_PROTOCOL_TCP, NULL, &actual, NULL));
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (actual));
}

static void
stop_server (Server *server)
{
  g_socket_listener_close (server->listener);
  g_clear_object (&server->listener);
}

static GSocketConnection *
accept_card (Server *server)
{
  GSocketConnection *connection = g_socket_listener_accept (server->listener, NULL, NULL, NULL);

  assert_non_null (connection);
  return connection;
}

static void
send_abcdef (GSocketConnection *connection)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  assert_true (g_output_stream_write_all (output, "abcdef", 6, NULL, NULL, NULL));
}

static gboolean
has_line (gpointer data)
{
  const News *news = data;

  for (guint i = 0; i < news->lines->len; i++)
    if (strstr (g_ptr_array_index (news->lines, i), news->text) != NULL)
      return TRUE;
  return FALSE;
}

static void
await_news (News *news, const char *text)
{
  news->text = text;
  if (rig_await_that (has_line, news))
    return;
  for (guint i = 0; i < news->lines->len; i++)
    print_message ("%s\n", (const char *) g_ptr_array_index (news->lines, i));
  fail_msg ("nobody said '%s'", text);
}

/* The bus */

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *name, GVariant *parameters, gpointer user_data)
{
  g_autofree char *printed = g_variant_print (parameters, FALSE);

  g_ptr_array_add (user_data, g_strdup_printf ("%s %s %s", path, name, printed));
}

static guint
watch_bus (Rig *rig, News *news)
{
  news->lines = g_ptr_array_new_with_free_func (g_free);
  return g_dbus_connection_signal_subscribe (rig->connection, "org.euicc.Agent1", NULL, NULL, NULL,
                                             NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, news->lines,
                                             NULL);
}

static void
end_watch (Rig *rig, News *news, guint subscription)
{
  g_dbus_connection_signal_unsubscribe (rig->connection, subscription);
  g_ptr_array_unref (news->lines);
}

/* (transfer full) (nullable): all properties of a channel's object, a{sv}; NULL when it is not there */
static GVariant *
get_channel (Rig *rig, guint number)
{
  g_autofree char *path = g_strdup_printf (ROOT "/Channel/%u", number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      rig->connection, "org.euicc.Agent1", path, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", CHANNEL_INTERFACE), G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE,
      -1, NULL, NULL);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* @expected: the value in GVariant's text format */
static void
expect_property (GVariant *properties, const char *name, const char *expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (properties, name, NULL);
  g_autofree char *actual = NULL;

  assert_non_null (value);
  actual = g_variant_print (value, FALSE);
  assert_string_equal (actual, expected);
}

static void
start (Rig *rig)
{
  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
}

static void
test_channel_is_an_object_from_its_opening_to_its_end (void **state)
{
  Rig *rig = *state;
  Server server;
  g_autofree char *peer = NULL;
  g_autoptr (GVariant) open = NULL;

  start_server (&server);
  start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  open = get_channel (rig, 0);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);

  assert_non_null (open);
  peer = g_strdup_printf ("'127.0.0.1:%u'", server.port);
  expect_property (open, "Euicc", "'" ROOT "/Euicc/0'");
  expect_property (open, "Number", "1");
  expect_property (open, "Transport", "'tcp'");
  expect_property (open, "Peer", peer);
  expect_property (open, "Interface", "'lo'");
  expect_property (open, "Apn", "''");
  expect_property (open, "BufferSize", "1400");
  expect_property (open, "State", "'established'");
  expect_property (open, "BytesReceived", "0");
  expect_property (open, "BytesSent", "0");
  expect_property (open, "Error", "('', '')");
  assert_null (get_channel (rig, 0));
  rig_await_counter (rig, "channels-opened", 1);
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_changes_are_signalled_and_the_last_counts_come_before_the_end (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  Server server;
  g_autoptr (GSocketConnection) connection = NULL;
  guint subscription;

  start_server (&server);
  start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  await_news (&news, ROOT " InterfacesAdded ('" ROOT "/Channel/0'");
  await_news (&news, "/Channel/0 PropertiesChanged");
  await_news (&news, "'State': <'established'>");
  connection = accept_card (&server);
  send_abcdef (connection);
  await_news (&news, "'BytesReceived': <uint64 6>");
  rig_expect_control (rig, SENT, "proactive " SEND_ABC);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);
  await_news (&news, ROOT " InterfacesRemoved ('" ROOT "/Channel/0'");

  await_news (&news, "'State': <'closed'>");
  await_news (&news, "'BytesSent': <uint64 3>");
  end_watch (rig, &news, subscription);
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_numbers_of_objects_are_never_used_again (void **state)
{
  Rig *rig = *state;
  g_autoptr (GVariant) second = NULL;
  Server server;

  start_server (&server);
  start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  second = get_channel (rig, 1);

  assert_null (get_channel (rig, 0));
  assert_non_null (second);
  expect_property (second, "Number", "1");
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_channel_s_object_goes_with_the_modem (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  Server server;
  guint subscription;

  start_server (&server);
  start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  rig_expect_control (rig, "ok", "hangup");
  await_news (&news, ROOT " InterfacesRemoved ('" ROOT "/Channel/0'");

  rig_await (rig, "State", "absent");
  end_watch (rig, &news, subscription);
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_channel_s_object_goes_when_the_agent_ends (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  Server server;
  guint subscription;

  start_server (&server);
  start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  rig_stop_agent (rig);

  await_news (&news, ROOT " InterfacesRemoved ('" ROOT "/Channel/0'");
  end_watch (rig, &news, subscription);
  stop_server (&server);
}

static void
test_link_that_is_not_to_be_had_is_the_last_error (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  Server server;
  guint subscription;

  start_server (&server);
  stop_server (&server); /* its port is closed now */
  start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, NOT_REACHABLE, "proactive " OPEN_TCP, server.port);
  rig_await_counter (rig, "channels-refused", 1);

  await_news (&news, "'Error': <('org.euicc.Agent1.Error.ConnectFailed', ");
  await_news (&news, "'LastError': <('org.euicc.Agent1.Error.ConnectFailed', ");
  await_news (&news, ROOT " InterfacesRemoved ('" ROOT "/Channel/0'");
  end_watch (rig, &news, subscription);
  rig_stop_agent (rig);
}

static void
test_channel_without_a_bearer_is_answered_with_no_service (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  guint subscription;

  rig_start (rig); /* beside no ModemManager, and its modem has no network interface */
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, NO_SERVICE, "proactive " OPEN_TCP, 443);

  await_news (&news, "'LastError': <('org.euicc.Agent1.Error.NoBearer', ");
  end_watch (rig, &news, subscription);
  rig_stop_agent (rig);
}

static void
test_closed_address_is_named_with_the_key_that_opens_it (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  guint subscription;

  rig_write_config (rig, "[bearer]\nInterface=lo\n");
  rig_start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, NOT_REACHABLE, "proactive " OPEN_TCP, 443);

  await_news (&news, "'LastError': <('org.euicc.Agent1.Error.AccessDenied', ");
  await_news (&news, "AllowAddresses");
  end_watch (rig, &news, subscription);
  rig_stop_agent (rig);
}

static void
test_events_that_the_card_wants_are_on_the_bus (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  g_autofree char *shown = NULL;
  guint subscription;

  start (rig);
  subscription = watch_bus (rig, &news);
  rig_expect_control (rig, EVENT_LIST_SET, "proactive " EVENTS_OF_CHANNELS);
  await_news (&news, "'Events': <['data-available', 'channel-status']>");
  shown = rig_run_client (rig, NULL, "show", "1224", NULL);

  assert_non_null (strstr (shown, "   Events wanted  data-available, channel-status\n"));
  end_watch (rig, &news, subscription);
  rig_stop_agent (rig);
}

/* euiccctl */

static void
test_client_shows_open_channels_to_people (void **state)
{
  Rig *rig = *state;
  g_autofree char *status = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *table = NULL;
  g_autofree char *row = NULL;
  g_autofree char *line = NULL;
  Server server;
  int exit_status;

  start_server (&server);
  start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  rig_expect_control (rig, SENT, "proactive " SEND_ABC);
  status = rig_run_client (rig, NULL, NULL);
  shown = rig_run_client (rig, NULL, "show", "1224", NULL);
  table = rig_run_client (rig, &exit_status, "channels", NULL);

  row = g_strdup_printf (
      "CH  EUICC  VIA  PEER%*s  INTERFACE  APN  STATE        RECEIVED  SENT\n"
      " 1  1224   tcp  127.0.0.1:%u  lo         -    established         0     3\n",
      server.port > 9999 ? 11 : 10, "", server.port);
  line = g_strdup_printf (
      "        Channels  1 tcp 127.0.0.1:%u, established, 0 bytes received, 3 sent\n", server.port);
  assert_int_equal (exit_status, 0);
  assert_string_equal (table, row);
  assert_non_null (strstr (shown, line));
  assert_non_null (strstr (status, "\n1 channel is open, see 'euiccctl channels'\n"));
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_client_shows_no_channels_when_there_are_none (void **state)
{
  Rig *rig = *state;
  g_autofree char *status = NULL;
  g_autofree char *table = NULL;
  g_autofree char *json = NULL;

  start (rig);
  status = rig_run_client (rig, NULL, NULL);
  table = rig_run_client (rig, NULL, "channels", NULL);
  json = rig_run_client (rig, NULL, "channels", "--json=short", NULL);

  assert_null (strstr (status, "channel"));
  assert_string_equal (table, "CH  EUICC  VIA  PEER  INTERFACE  APN  STATE  RECEIVED  SENT\n");
  assert_string_equal (json, "[]\n");
  rig_stop_agent (rig);
}

static void
test_client_shows_open_channels_to_programs (void **state)
{
  Rig *rig = *state;
  g_autofree char *channels = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *member = NULL;
  Server server;
  int exit_status;

  start_server (&server);
  start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  rig_expect_control (rig, SENT, "proactive " SEND_ABC);
  channels = rig_run_client (rig, &exit_status, "channels", "--json=short", NULL);
  assert_int_equal (exit_status, 0);
  shown = rig_run_client (rig, &exit_status, "show", "1224", "--json=short", NULL);
  assert_int_equal (exit_status, 0);

  expected = g_strdup_printf (
      "[{\"path\":\"" ROOT "/Channel/0\",\"euicc\":\"" ROOT "/Euicc/0\","
      "\"eid\":\"89001012012341234012345678901224\",\"number\":1,\"transport\":\"tcp\","
      "\"peer\":\"127.0.0.1:%u\",\"interface\":\"lo\",\"apn\":\"\",\"buffer_size\":1400,"
      "\"state\":\"established\",\"bytes_received\":0,\"bytes_sent\":3,\"error\":null}]\n",
      server.port);
  assert_string_equal (channels, expected);
  member = g_strdup_printf ("\"channels\":%s", g_strchomp (expected));
  assert_non_null (strstr (shown, member));
  assert_non_null (strstr (shown, "\"events\":[]"));
  stop_server (&server);
  rig_stop_agent (rig);
}

static void read_lines (GDataInputStream *input, GPtrArray *lines);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) lines = user_data;
  char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (line == NULL)
    return;
  g_ptr_array_add (lines, line);
  read_lines (G_DATA_INPUT_STREAM (source), lines);
}

static void
read_lines (GDataInputStream *input, GPtrArray *lines)
{
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_ptr_array_ref (lines));
}

/* (transfer full): a monitor that has told @first */
static GSubprocess *
start_monitor (Rig *rig, News *news, const char *json, const char *first)
{
  GSubprocess *monitor = rig_spawn_client (rig, "monitor", json, NULL);
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (monitor));

  news->lines = g_ptr_array_new_with_free_func (g_free);
  read_lines (input, news->lines);
  await_news (news, first);
  return monitor;
}

static void
stop_monitor (GSubprocess *monitor, News *news)
{
  g_subprocess_send_signal (monitor, SIGTERM);
  g_subprocess_wait (monitor, NULL, NULL);
  assert_int_equal (g_subprocess_get_exit_status (monitor), 0);
  g_object_unref (monitor);
  g_ptr_array_unref (news->lines);
}

static void
test_monitor_tells_how_a_channel_comes_and_goes (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  GSubprocess *monitor;
  g_autofree char *opened = NULL;
  g_autofree char *established = NULL;
  Server server;

  start_server (&server);
  start (rig);
  monitor = start_monitor (rig, &news, "--json=off", AGENT_RUNS);
  opened = g_strdup_printf ("  1224   the eUICC opens channel 1: tcp to 127.0.0.1:%u", server.port);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  await_news (&news, opened);
  established
      = g_strdup_printf ("  1224   channel 1 is connected to 127.0.0.1:%u over lo", server.port);
  await_news (&news, established);
  rig_expect_control (rig, SENT, "proactive " SEND_ABC);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);

  await_news (&news, "  1224   channel 1 is closed: 0 bytes received, 3 sent");
  stop_monitor (monitor, &news);
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_monitor_begins_with_what_is_there (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  GSubprocess *monitor;
  g_autofree char *present = NULL;
  Server server;

  start_server (&server);
  start (rig);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  monitor = start_monitor (rig, &news, "--json=off", AGENT_RUNS);
  present
      = g_strdup_printf ("  1224   channel 1 to 127.0.0.1:%u over lo is established", server.port);

  await_news (
      &news,
      "  1224   89001012012341234012345678901224 with the profile 8988211000000000011, ready: ");
  await_news (&news, present);
  stop_monitor (monitor, &news);
  stop_server (&server);
  rig_stop_agent (rig);
}

static void
test_monitor_names_channel_and_error_for_programs (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  GSubprocess *monitor;
  g_autofree char *opened = NULL;
  Server server;

  start_server (&server);
  start (rig);
  monitor = start_monitor (rig, &news, "--json=short",
                           "\"subject\":\"agent\",\"event\":\"running\",\"detail\":");
  opened = g_strdup_printf (
      "\"subject\":\"Channel/0\",\"path\":\"" ROOT "/Channel/0\",\"euicc\":\"" ROOT "/Euicc/0\","
      "\"eid\":\"89001012012341234012345678901224\",\"number\":1,\"transport\":\"tcp\","
      "\"peer\":\"127.0.0.1:%u\",\"event\":\"opened\",",
      server.port);
  rig_expect_control (rig, OPENED, "proactive " OPEN_TCP, server.port);
  await_news (&news, opened);
  rig_expect_control (rig, CLOSED, "proactive " CLOSE);
  stop_server (&server);
  rig_expect_control (rig, NOT_REACHABLE, "proactive " OPEN_TCP, server.port);

  await_news (&news, "\"subject\":\"Euicc/0\",\"path\":\"" ROOT "/Euicc/0\","
                     "\"eid\":\"89001012012341234012345678901224\",\"event\":\"error\",");
  await_news (&news, "\"error\":{\"name\":\"org.euicc.Agent1.Error.ConnectFailed\",");
  stop_monitor (monitor, &news);
  rig_stop_agent (rig);
}

static void
test_peer_of_a_server_is_shown_while_it_is_there (void **state)
{
  Rig *rig = *state;
  News news = { 0 };
  GSubprocess *monitor;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autofree char *table = NULL;
  g_autofree char *reply = NULL;
  Server server;

  start_server (&server);
  stop_server (&server); /* a port that nobody has */
  start (rig);
  monitor = start_monitor (rig, &news, "--json=off", AGENT_RUNS);
  reply = rig_control (rig, "proactive " OPEN_SERVER, server.port);
  assert_true (g_str_has_prefix (reply, "ok 810301400182028281830100"));
  await_news (&news, "  1224   the eUICC opens channel 1: tcp, as a server");
  await_news (&news, "  1224   channel 1 listens over lo");
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", server.port, NULL, NULL);
  assert_non_null (connection);
  await_news (&news, "  1224   channel 1 has 127.0.0.1:");
  await_news (&news, "  1224   channel 1 is connected to 127.0.0.1:");
  assert_true (g_io_stream_close (G_IO_STREAM (connection), NULL, NULL));
  rig_await_counter (rig, "channels-dropped", 1);
  table = rig_run_client (rig, NULL, "channels", NULL);

  assert_non_null (strstr (table, "tcp  -     lo         -    listening"));
  stop_monitor (monitor, &news);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_channel_is_an_object_from_its_opening_to_its_end),
    RIG_TEST (test_changes_are_signalled_and_the_last_counts_come_before_the_end),
    RIG_TEST (test_numbers_of_objects_are_never_used_again),
    RIG_TEST (test_channel_s_object_goes_with_the_modem),
    RIG_TEST (test_channel_s_object_goes_when_the_agent_ends),
    RIG_TEST (test_link_that_is_not_to_be_had_is_the_last_error),
    RIG_TEST (test_channel_without_a_bearer_is_answered_with_no_service),
    RIG_TEST (test_closed_address_is_named_with_the_key_that_opens_it),
    RIG_TEST (test_events_that_the_card_wants_are_on_the_bus),
    RIG_TEST (test_client_shows_open_channels_to_people),
    RIG_TEST (test_client_shows_no_channels_when_there_are_none),
    RIG_TEST (test_client_shows_open_channels_to_programs),
    RIG_TEST (test_monitor_tells_how_a_channel_comes_and_goes),
    RIG_TEST (test_monitor_begins_with_what_is_there),
    RIG_TEST (test_monitor_names_channel_and_error_for_programs),
    RIG_TEST (test_peer_of_a_server_is_shown_while_it_is_there),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
