/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Callers that ask for what is not there, in ways that are wrong, at lengths that nobody needs, or are gone again. */

#include "caller-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DBUS_ERROR "org.freedesktop.DBus.Error."
#define INVALID_ARGS DBUS_ERROR "InvalidArgs"
#define UNKNOWN_METHOD DBUS_ERROR "UnknownMethod"
#define INVALID_ARGUMENT BUS_AGENT ".Error.InvalidArgument"
#define NO_SUCH_TRANSPORT BUS_AGENT ".Error.NoSuchTransport"

#define BUSY BUS_AGENT ".Error.Busy"

/* Where nobody listens (discard: RFC 863): a session waits for its next attempt. */
#define NOBODY "{'port': <uint16 9>}"

/* Sessions of an eUICC that wait, and that have ended and are still shown */
#define SESSIONS_MAX 16
#define SESSIONS_SHOWN_MAX 16

#define MEBIBYTE 0x100000
#define ENTRIES 10000
#define VANISHING 200

/* What the agent may keep of all this: heaps that were used, not what callers have sent */
#define GROWTH_KIB 4096

/* Rounds of calls of a mebibyte, and buffers that one of them needs: far less than all */
#define LONG_ROUNDS 8
#define LONG_GROWTH_KIB 16384

static void
start (Rig *rig, const char *more)
{
  rig_keep_log (rig);
  https_start (rig, more);
}

static void
test_unknown_properties_are_refused (void **state)
{
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                       g_variant_new ("(ss)", BUS_EUICC_INTERFACE, "Key"), INVALID_ARGS);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                       g_variant_new ("(ss)", BUS_AGENT ".Nothing", "Eid"), INVALID_ARGS);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                       g_variant_new ("(ss)", "", ""), INVALID_ARGS);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "GetAll",
                       g_variant_new ("(s)", BUS_SESSION_INTERFACE), INVALID_ARGS);
  caller_expect_error (
      rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Set",
      g_variant_new ("(ssv)", BUS_EUICC_INTERFACE, "Key", g_variant_new_uint32 (1)), INVALID_ARGS);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

/* Each property of an object, with a value of its own type */
static void
expect_no_setting (Rig *rig, const char *path, const char *interface)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply = caller_ask (rig->connection, path, BUS_PROPERTIES_INTERFACE,
                                           "GetAll", g_variant_new ("(s)", interface), &name);
  g_autoptr (GVariant) properties = NULL;
  GVariantIter iter;
  const char *property;
  GVariant *value;

  assert_non_null (reply);
  properties = g_variant_get_child_value (reply, 0);
  assert_true (g_variant_n_children (properties) > 0);
  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &property, &value))
    caller_expect_error (rig->connection, path, BUS_PROPERTIES_INTERFACE, "Set",
                         g_variant_new ("(ssv)", interface, property, value), INVALID_ARGS);
}

static void
test_no_property_can_be_set (void **state)
{
  Rig *rig = *state;

  start (rig, NULL);
  assert_int_equal (https_open_session (rig, "{}"), 0);

  expect_no_setting (rig, BUS_ROOT, BUS_MANAGER_INTERFACE);
  expect_no_setting (rig, BUS_EUICC, BUS_EUICC_INTERFACE);
  expect_no_setting (rig, BUS_ROOT "/Session/0", BUS_SESSION_INTERFACE);
}

static void
test_unknown_methods_and_objects_are_refused (void **state)
{
  static const struct
  {
    const char *path, *interface, *method;
  } calls[] = {
    { BUS_EUICC, BUS_EUICC_INTERFACE, "TransmitApdu" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "opensession" },
    { BUS_EUICC, BUS_AGENT ".Nothing", "OpenSession" },
    { BUS_EUICC, BUS_SESSION_INTERFACE, "Cancel" },
    { BUS_ROOT, BUS_EUICC_INTERFACE, "OpenSession" },
    { BUS_ROOT "/Euicc/1", BUS_EUICC_INTERFACE, "OpenSession" },
    { BUS_ROOT "/Session/4294967295", BUS_SESSION_INTERFACE, "Cancel" },
    { "/", BUS_MANAGER_INTERFACE, "Reload" },
    { "/org/euicc/Agent1/Euicc", BUS_EUICC_INTERFACE, "OpenSession" },
    { BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Remove" },
    { BUS_ROOT, "org.freedesktop.DBus.ObjectManager", "Remove" },
  };
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    caller_expect_error (rig->connection, calls[i].path, calls[i].interface, calls[i].method, NULL,
                         UNKNOWN_METHOD);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

static void
test_wrong_signatures_are_refused (void **state)
{
  static const struct
  {
    const char *path, *interface, *method, *parameters;
  } calls[] = {
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "()" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "('https',)" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "('https', @a{ss} {'host': 'a'})" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "('https', @a{sv} {}, 'more')" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "(@a{sv} {}, 'https')" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory", "()" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory", "(0, 0)" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory", "(@x -1, uint32 0)" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory", "(uint64 0, uint32 0, uint32 0)" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "Reload", "('now',)" },
    { BUS_ROOT "/Session/0", BUS_SESSION_INTERFACE, "Cancel", "(true,)" },
  };
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  assert_int_equal (https_open_session (rig, "{}"), 0);
  caller_note_health (rig, &health);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    caller_expect_error (rig->connection, calls[i].path, calls[i].interface, calls[i].method,
                         g_variant_new_parsed (calls[i].parameters), INVALID_ARGS);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                       g_variant_new ("(s)", BUS_EUICC_INTERFACE), UNKNOWN_METHOD); /* so GLib */
  caller_expect_health (rig, &health, GROWTH_KIB);
}

static void
expect_refusal (Rig *rig, const char *transport, GVariant *options, const char *name)
{
  caller_expect_error (rig->connection, BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession",
                       g_variant_new ("(s@a{sv})", transport, options), name);
}

static void
test_options_that_are_wrong_are_invalid_arguments (void **state)
{
  static const char *const wrong[] = {
    "{'Host': <'smsr.example.com'>}",
    "{'': <''>}",
    "{'host': <1>}",
    "{'host': <''>}",
    "{'host': <'a b'>}",
    "{'host': <'smsr.example.com\\nX-Other: 1'>}",
    "{'host': <b'smsr'>}",
    "{'host': <<<<<'smsr.example.com'>>>>>}",
    "{'port': <443>}",
    "{'port': <uint32 65979>}",
    "{'port': <'443'>}",
    "{'port': <uint16 0>}",
    "{'uri': <''>}",
    "{'uri': <'no-path'>}",
    "{'uri': <'/a b'>}",
    "{'uri': <['/']>}",
    "{'interface': <'wwan0 '>}",
    "{'interface': <true>}",
    "{'timeout': <uint32 0>}",
    "{'timeout': <uint32 3601>}",
    "{'timeout': <uint32 4294967295>}",
    "{'timeout': <-1>}",
    "{'cat-tp-port': <uint16 1>}", /* none of HTTPS */
    "{'port': <uint16 443>, 'more': <@a{sv} {}>}",
  };
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    expect_refusal (rig, "https", g_variant_new_parsed (wrong[i]), INVALID_ARGUMENT);
  expect_refusal (rig, "", g_variant_new_parsed ("@a{sv} {}"), NO_SUCH_TRANSPORT);
  expect_refusal (rig, "HTTPS", g_variant_new_parsed ("@a{sv} {}"), NO_SUCH_TRANSPORT);
  expect_refusal (rig, "sms", g_variant_new_parsed ("@a{sv} {}"), NO_SUCH_TRANSPORT);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

/* (transfer full): of a mebibyte */
static char *
make_long_text (void)
{
  char *text = g_malloc (MEBIBYTE + 1);

  memset (text, 'a', MEBIBYTE);
  text[MEBIBYTE] = '\0';
  return text;
}

/* (floating): {@key: <@value>} */
static GVariant *
make_option (const char *key, GVariant *value)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", key, value);
  return g_variant_builder_end (&builder);
}

/* (floating): as many entries as nobody needs, all of them right by themselves */
static GVariant *
make_many_options (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < ENTRIES; i++)
    g_variant_builder_add (&builder, "{sv}", "host", g_variant_new_string ("127.0.0.1"));
  return g_variant_builder_end (&builder);
}

static void
send_long_calls (Rig *rig, const char *text)
{
  g_autofree char *path = g_strconcat (BUS_ROOT "/", text, NULL);

  expect_refusal (rig, text, g_variant_new_parsed ("@a{sv} {}"), BUS_LIMIT_EXCEEDED);
  expect_refusal (rig, "https", make_option (text, g_variant_new_uint16 (1)), BUS_LIMIT_EXCEEDED);
  expect_refusal (rig, "https", make_option ("host", g_variant_new_string (text)),
                  BUS_LIMIT_EXCEEDED);
  expect_refusal (rig, "https", make_option ("uri", g_variant_new_string (text)),
                  BUS_LIMIT_EXCEEDED);
  expect_refusal (rig, "https", make_many_options (), BUS_LIMIT_EXCEEDED);
  caller_expect_error (rig->connection, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                       g_variant_new ("(ss)", BUS_EUICC_INTERFACE, text), BUS_LIMIT_EXCEEDED);
  caller_expect_error (rig->connection, path, BUS_EUICC_INTERFACE, "OpenSession", NULL,
                       BUS_LIMIT_EXCEEDED);
}

static void
test_calls_that_are_too_long_exceed_a_limit (void **state)
{
  Rig *rig = *state;
  g_autofree char *text = make_long_text ();
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);

  for (guint i = 0; i < LONG_ROUNDS; i++)
    send_long_calls (rig, text);
  caller_expect_health (rig, &health, LONG_GROWTH_KIB);
}

/* A session order has texts of 4,096 characters at most. */
static void
test_an_option_that_is_too_long_is_an_invalid_argument (void **state)
{
  Rig *rig = *state;
  g_autofree char *text = make_long_text ();

  start (rig, NULL);
  text[0] = '/';
  text[4097] = '\0';

  expect_refusal (rig, "https", make_option ("uri", g_variant_new_string (text)), INVALID_ARGUMENT);
}

/* Deeper than D-Bus allows ends with the caller's connection, and that is all that ends. */
static void
test_deep_variants_harm_nobody (void **state)
{
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);

  for (guint depth = 1; depth <= 128; depth *= 2)
    {
      GDBusConnection *client = caller_connect (rig);
      GVariant *value = g_variant_new_string ("127.0.0.1");
      g_autoptr (GVariant) reply = NULL;

      for (guint i = 0; i < depth; i++)
        value = g_variant_new_variant (value);
      reply = g_dbus_connection_call_sync (
          client, BUS_AGENT, BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession",
          g_variant_new ("(s@a{sv})", "https", make_option ("host", value)), NULL,
          G_DBUS_CALL_FLAGS_NONE, BUS_DEADLINE_MS, NULL, NULL);
      assert_null (reply);
      caller_disconnect (client);
    }
  caller_expect_health (rig, &health, GROWTH_KIB);
}

static void
test_callers_that_are_gone_before_the_reply_leave_nothing (void **state)
{
  Rig *rig = *state;
  AgentHealth health;

  start (rig, NULL);
  caller_note_health (rig, &health);

  for (guint i = 0; i < VANISHING; i++)
    {
      GDBusConnection *client = caller_connect (rig);

      g_dbus_connection_call (client, BUS_AGENT, BUS_ROOT, "org.freedesktop.DBus.ObjectManager",
                              "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                              NULL, NULL);
      g_dbus_connection_call (client, BUS_AGENT, BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession",
                              g_variant_new_parsed ("('https', {'port': <uint16 0>})"), NULL,
                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      (void) g_dbus_connection_flush_sync (client, NULL, NULL); /* sent, and gone */
      caller_disconnect (client);
    }
  caller_expect_health (rig, &health, GROWTH_KIB);
}

/* A session that somebody wants who is gone then is as good as any other. */
static void
test_a_session_outlives_its_caller (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *name = NULL;
  GDBusConnection *client;

  start (rig, NULL);
  news = https_news_new (rig);
  client = caller_connect (rig);
  reply = caller_ask (client, BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession",
                      g_variant_new_parsed ("('https', @a{sv} {})"), &name);
  caller_disconnect (client);
  assert_non_null (reply);

  https_news_await_result (news, 0, "ok");
}

static void
expect_cancel (Rig *rig, guint number, const char *error)
{
  g_autofree char *path = g_strdup_printf (BUS_ROOT "/Session/%u", number);
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply
      = caller_ask (rig->connection, path, BUS_SESSION_INTERFACE, "Cancel", NULL, &name);

  if (g_strcmp0 (name, error) != 0)
    fail_msg ("Cancel of %s: %s", path, reply != NULL ? "done" : name);
}

/* (transfer full): one who takes connections and says nothing on them; @options: for a session with it */
static GSocketListener *
listen_silently (char **options)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) actual = NULL;
  GSocketListener *listener = g_socket_listener_new ();

  assert_true (g_socket_listener_add_address (listener, any, G_SOCKET_TYPE_STREAM,
                                              G_SOCKET_PROTOCOL_TCP, NULL, &actual, NULL));
  *options = g_strdup_printf ("{'port': <uint16 %u>}",
                              g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (actual)));
  return listener;
}

static void
test_with_as_many_sessions_as_it_keeps_the_agent_is_busy (void **state)
{
  Rig *rig = *state;
  g_autofree char *options = NULL;
  GSocketListener *listener = listen_silently (&options);
  g_autoptr (HttpsNews) news = NULL;

  start (rig, NULL);
  news = https_news_new (rig);
  for (guint i = 0; i < SESSIONS_MAX; i++)
    assert_int_equal (https_open_session (rig, options), i);

  expect_refusal (rig, "https", g_variant_new_parsed (options), BUSY);
  for (guint i = SESSIONS_MAX; i > 0; i--)
    expect_cancel (rig, i - 1, NULL);
  for (guint i = 0; i < SESSIONS_MAX; i++)
    https_news_await_result (news, i, "cancelled");
  expect_cancel (rig, SESSIONS_MAX - 1, INVALID_ARGUMENT);
  assert_int_equal (https_open_session (rig, "{}"), SESSIONS_MAX);
  g_object_unref (listener);
}

/* How many objects of sessions there are */
static guint
count_sessions (Rig *rig)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply
      = caller_ask (rig->connection, BUS_ROOT, "org.freedesktop.DBus.ObjectManager",
                    "GetManagedObjects", NULL, &name);
  g_autoptr (GVariant) objects = NULL;
  guint n_sessions = 0;
  GVariantIter iter;
  const char *path;

  assert_non_null (reply);
  objects = g_variant_get_child_value (reply, 0);
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, NULL))
    n_sessions += g_str_has_prefix (path, BUS_ROOT "/Session/") ? 1 : 0;
  return n_sessions;
}

static void
test_sessions_by_the_dozen_do_not_pile_up (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  AgentHealth health;

  start (rig, NULL);
  news = https_news_new (rig);
  caller_note_health (rig, &health);
  for (guint i = 0; i < 3 * SESSIONS_MAX; i++)
    {
      assert_int_equal (https_open_session (rig, NOBODY), i);
      expect_cancel (rig, i, NULL);
      https_news_await_result (news, i, "cancelled");
    }

  assert_int_equal (count_sessions (rig), SESSIONS_SHOWN_MAX);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

/* How many entries there are */
static guint
count_history (Rig *rig, guint64 since_us, guint limit)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply
      = caller_ask (rig->connection, BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory",
                    g_variant_new ("(tu)", since_us, limit), &name);
  g_autoptr (GVariant) entries = NULL;

  assert_non_null (reply);
  entries = g_variant_get_child_value (reply, 0);
  return (guint) g_variant_n_children (entries);
}

static void
test_the_history_keeps_to_its_limits (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;

  start (rig, "[agent]\nHistory=5\n");
  news = https_news_new (rig);
  for (guint i = 0; i < 4; i++)
    {
      assert_int_equal (https_open_session_over (rig, "auto", "{}"), i);
      https_news_await_result (news, i, "ok");
    }

  assert_int_equal (count_history (rig, 0, 0), 5);
  assert_int_equal (count_history (rig, 0, 1), 1);
  assert_int_equal (count_history (rig, 0, 5), 5);
  assert_int_equal (count_history (rig, 0, G_MAXUINT32), 5);
  assert_int_equal (count_history (rig, (guint64) g_get_real_time () + G_TIME_SPAN_HOUR, 0), 0);
  assert_int_equal (count_history (rig, G_MAXUINT64, G_MAXUINT32), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_unknown_properties_are_refused),
    RIG_TEST (test_no_property_can_be_set),
    RIG_TEST (test_unknown_methods_and_objects_are_refused),
    RIG_TEST (test_wrong_signatures_are_refused),
    RIG_TEST (test_options_that_are_wrong_are_invalid_arguments),
    RIG_TEST (test_calls_that_are_too_long_exceed_a_limit),
    RIG_TEST (test_an_option_that_is_too_long_is_an_invalid_argument),
    RIG_TEST (test_deep_variants_harm_nobody),
    RIG_TEST (test_callers_that_are_gone_before_the_reply_leave_nothing),
    RIG_TEST (test_a_session_outlives_its_caller),
    RIG_TEST (test_with_as_many_sessions_as_it_keeps_the_agent_is_busy),
    RIG_TEST (test_sessions_by_the_dozen_do_not_pile_up),
    RIG_TEST (test_the_history_keeps_to_its_limits),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
