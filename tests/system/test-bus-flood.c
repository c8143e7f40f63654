/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many callers at once, on a bus with the limits of a system bus: whoever calls is answered or refused, others are answered
 * meanwhile, the card is reached meanwhile, and nothing stays behind.
 */

#include "caller-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The bus lets a connection wait for 128 replies, and a user have 256 connections. */
#define CLIENTS 80
#define CALLS_OF_EACH 125
#define CALLS (CLIENTS * CALLS_OF_EACH)

#define CALLS_OF_ONE 500 /* the bus logs each that it refuses */

#define SUBSCRIBERS 100
#define RULES_OF_EACH 10

#define BUSY BUS_AGENT ".Error.Busy"
#define NO_KEY BUS_AGENT ".Error.NoKey"
#define INVALID_ARGUMENT BUS_AGENT ".Error.InvalidArgument"
#define BUS_LIMITS "org.freedesktop.DBus.Error.LimitsExceeded" /* by the bus itself */

/* What the agent may keep: buffers and heaps that were used at the worst moment */
#define GROWTH_KIB 24576

/* A key for packets and none for HTTPS: no OpenSession comes to anything. */
#define KEYS_OF_PACKETS                                                                            \
  "[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"

typedef struct
{
  guint n_expected;
  guint n_answered;
  guint n_refused; /* by a limit */
  guint n_wrong;   /* neither */
} Flood;

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flood *flood = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *name = reply == NULL ? g_dbus_error_get_remote_error (error) : NULL;
  static const char *const expected[] = { BUSY, NO_KEY, INVALID_ARGUMENT, NULL };

  if (reply != NULL || (name != NULL && g_strv_contains (expected, name)))
    flood->n_answered++;
  else if (g_strcmp0 (name, BUS_LIMIT_EXCEEDED) == 0 || g_strcmp0 (name, BUS_LIMITS) == 0)
    flood->n_refused++;
  else if (flood->n_wrong++ == 0)
    print_message ("%s\n", error->message);
}

static gboolean
is_over (gpointer data)
{
  const Flood *flood = data;

  return flood->n_answered + flood->n_refused + flood->n_wrong == flood->n_expected;
}

static void
await_all (Flood *flood)
{
  if (!rig_await_that (is_over, flood))
    fail_msg ("%u answered, %u refused of %u", flood->n_answered, flood->n_refused,
              flood->n_expected);
  print_message ("%u answered, %u refused by limits\n", flood->n_answered, flood->n_refused);
  assert_int_equal (flood->n_wrong, 0);
}

/* One of those that callers may make, by turns; @flood: (nullable): nobody waits for the reply */
static void
call_something (GDBusConnection *client, guint turn, Flood *flood)
{
  static const struct
  {
    const char *path, *interface, *method, *parameters;
  } calls[] = {
    { BUS_EUICC, BUS_PROPERTIES_INTERFACE, "GetAll", "('" BUS_EUICC_INTERFACE "',)" },
    { BUS_ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "()" },
    { BUS_ROOT, BUS_MANAGER_INTERFACE, "GetHistory", "(uint64 0, uint32 0)" },
    { BUS_EUICC, BUS_EUICC_INTERFACE, "OpenSession", "('https', @a{sv} {})" },
    { BUS_ROOT "/Session/0", BUS_SESSION_INTERFACE, "Cancel", "()" },
  };
  gsize i = turn % G_N_ELEMENTS (calls);

  g_dbus_connection_call (client, BUS_AGENT, calls[i].path, calls[i].interface, calls[i].method,
                          g_variant_new_parsed (calls[i].parameters), NULL, G_DBUS_CALL_FLAGS_NONE,
                          RIG_DEADLINE_S * 1000, NULL, flood != NULL ? on_reply : NULL, flood);
}

static GPtrArray *
connect_clients (Rig *rig, guint n_clients)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func ((GDestroyNotify) caller_disconnect);

  for (guint i = 0; i < n_clients; i++)
    g_ptr_array_add (clients, caller_connect (rig));
  return clients;
}

/* A session that has ended, whose Cancel is an invalid argument; then no key for another */
static void
start (Rig *rig)
{
  g_autoptr (HttpsNews) news = NULL;

  rig_keep_log (rig);
  https_start (rig, NULL);
  news = https_news_new (rig);
  assert_int_equal (https_open_session (rig, "{}"), 0);
  https_news_await_result (news, 0, "ok");
  rig_write_keys (rig, KEYS_OF_PACKETS);
  rig_reload_agent (rig);
  rig_await_log (rig, "Keys read again");
}

/* Beside what goes on: somebody else, who has to be answered in time, and the card */
static void
expect_others_are_served (Rig *rig)
{
  GDBusConnection *client = caller_connect (rig);
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply = caller_ask (client, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "GetAll",
                                           g_variant_new ("(s)", BUS_EUICC_INTERFACE), &name);

  if (reply == NULL)
    fail_msg ("somebody else was refused: %s", name);
  caller_disconnect (client);
}

static void
test_ten_thousand_calls_at_once_are_answered_or_refused (void **state)
{
  Rig *rig = *state;
  Flood flood = { .n_expected = CALLS };
  g_autoptr (GPtrArray) clients = NULL;
  g_autofree char *reply = NULL;
  AgentHealth health;

  start (rig);
  caller_note_health (rig, &health);
  clients = connect_clients (rig, CLIENTS);

  for (guint i = 0; i < CALLS; i++)
    call_something (clients->pdata[i % CLIENTS], i / CLIENTS, &flood);
  rig_begin_control (rig, "sms " RIG_COMMAND_TPDU);
  expect_others_are_served (rig);
  reply = rig_end_control (rig);
  await_all (&flood);

  assert_string_equal (reply, "ok ack");
  assert_true (flood.n_answered > 0);
  g_clear_pointer (&clients, g_ptr_array_unref);
  caller_expect_health (rig, &health, GROWTH_KIB);
  rig_stop_agent (rig);
}

/* More than the bus lets one have */
static void
test_one_caller_with_many_calls_keeps_nobody_away (void **state)
{
  Rig *rig = *state;
  Flood flood = { .n_expected = CALLS_OF_ONE };
  g_autoptr (GPtrArray) clients = NULL;
  AgentHealth health;

  start (rig);
  caller_note_health (rig, &health);
  clients = connect_clients (rig, 1);

  for (guint i = 0; i < CALLS_OF_ONE; i++)
    call_something (clients->pdata[0], i, &flood);
  expect_others_are_served (rig);
  await_all (&flood);

  assert_true (flood.n_answered > 0);
  g_clear_pointer (&clients, g_ptr_array_unref);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

static void
test_calls_without_a_reply_do_not_pile_up (void **state)
{
  Rig *rig = *state;
  g_autoptr (GPtrArray) clients = NULL;
  AgentHealth health;

  start (rig);
  caller_note_health (rig, &health);
  clients = connect_clients (rig, CLIENTS);

  for (guint i = 0; i < CALLS; i++)
    call_something (clients->pdata[i % CLIENTS], i / CLIENTS, NULL);
  expect_others_are_served (rig);

  g_clear_pointer (&clients, g_ptr_array_unref);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

static void
test_calls_within_the_limits_are_all_answered (void **state)
{
  Rig *rig = *state;
  Flood flood = { .n_expected = 60 };
  g_autoptr (GPtrArray) clients = NULL;

  start (rig);
  clients = connect_clients (rig, 1);

  for (guint i = 0; i < flood.n_expected; i++)
    call_something (clients->pdata[0], i, &flood);
  await_all (&flood);

  assert_int_equal (flood.n_answered, flood.n_expected);
}

/* Subscribers */

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  const char *state;

  if (g_variant_lookup (changed, "State", "&s", &state) && strcmp (state, "closed") == 0)
    ++*(guint *) user_data;
}

/* Rules that differ, else GDBus makes one of them; the last is for all objects. */
static void
subscribe (GDBusConnection *client, guint *n_heard)
{
  for (guint i = 0; i < RULES_OF_EACH; i++)
    {
      g_autofree char *path = g_strdup_printf (BUS_ROOT "/Session/%u", i);

      g_dbus_connection_signal_subscribe (client, BUS_AGENT, BUS_PROPERTIES_INTERFACE,
                                          "PropertiesChanged", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                          on_signal, n_heard, NULL);
    }
}

static gboolean
have_all_heard (gpointer data)
{
  return *(guint *) data >= SUBSCRIBERS;
}

static void
test_a_thousand_subscribers_hear_of_a_session (void **state)
{
  Rig *rig = *state;
  g_autoptr (GPtrArray) clients = NULL;
  guint n_heard = 0;
  AgentHealth health;

  rig_keep_log (rig);
  https_start (rig, NULL);
  caller_note_health (rig, &health);
  clients = connect_clients (rig, SUBSCRIBERS);
  for (guint i = 0; i < clients->len; i++)
    subscribe (clients->pdata[i], &n_heard);
  for (guint i = 0; i < clients->len; i++)
    {
      g_autofree char *name = NULL; /* what was answered after the rules: they stand */
      g_autoptr (GVariant) reply = caller_ask (clients->pdata[i], BUS_ROOT,
                                               "org.freedesktop.DBus.Peer", "Ping", NULL, &name);

      assert_non_null (reply);
    }
  assert_int_equal (https_open_session (rig, "{}"), 0);

  if (!rig_await_that (have_all_heard, &n_heard))
    fail_msg ("%u of %u have heard it", n_heard, SUBSCRIBERS);
  g_clear_pointer (&clients, g_ptr_array_unref);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_ten_thousand_calls_at_once_are_answered_or_refused),
    RIG_TEST (test_one_caller_with_many_calls_keeps_nobody_away),
    RIG_TEST (test_calls_without_a_reply_do_not_pile_up),
    RIG_TEST (test_calls_within_the_limits_are_all_answered),
    RIG_TEST (test_a_thousand_subscribers_hear_of_a_session),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
