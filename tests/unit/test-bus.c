/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions, and the methods that change something, as a client of the bus sees them. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus-rig.h"
#include "wait.h"

#define EUICC EA_BUS_ROOT "/Euicc/0"
#define SESSION(number) EA_BUS_ROOT "/Session/" number
#define ERROR_PREFIX EA_BUS_NAME ".Error."
#define HOUR_US G_GUINT64_CONSTANT (3600000000)

/* A call of the client, whose answer is awaited */
typedef struct
{
  gboolean is_done;
  GVariant *answer;
  GError *error;
} Call;

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call->answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &call->error);
  call->is_done = TRUE;
}

static GVariant *
call (BusRig *rig, const char *path, const char *interface, const char *method,
      GVariant *parameters, GError **error)
{
  Call made = { 0 };

  g_dbus_connection_call (rig->client, g_dbus_connection_get_unique_name (rig->connection), path,
                          interface, method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          on_answered, &made);
  WAIT_FOR (made.is_done);
  if (made.error != NULL)
    g_propagate_error (error, made.error);
  return made.answer;
}

static void
expect_error (BusRig *rig, const char *path, const char *interface, const char *method,
              GVariant *parameters, const char *name, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *remote = NULL;

  assert_null (call (rig, path, interface, method, parameters, &error));
  remote = g_dbus_error_get_remote_error (error);
  assert_string_equal (remote, name);
  assert_true (g_dbus_error_strip_remote_error (error));
  assert_string_equal (error->message, sentence);
}

/* (transfer full): a property of a session as the client reads it */
static GVariant *
get (BusRig *rig, const char *path, const char *property)
{
  g_autoptr (GVariant) answer
      = call (rig, path, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", EA_BUS_NAME ".Session", property), NULL);
  GVariant *value;

  assert_non_null (answer);
  g_variant_get (answer, "(v)", &value);
  return value;
}

static void
expect_property (BusRig *rig, const char *path, const char *property, const char *expected)
{
  g_autoptr (GVariant) value = get (rig, path, property);
  g_autofree char *printed = g_variant_print (value, FALSE);

  assert_string_equal (printed, expected);
}

static void
test_session_shows_all_that_it_is (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  const EaSessionProgress progress
      = { .bytes_received = 5000000000, .bytes_sent = 2, .apdus = 3, .scripts = 4 };
  g_autoptr (GError) error
      = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, "silence");

  ea_session_set_state (session, EA_SESSION_WAITING);
  ea_session_set_address (session, "192.0.2.1:2345");
  ea_session_set_interface (session, "wwan0");
  ea_session_set_progress (session, &progress);
  ea_session_set_attempt (session, 2, HOUR_US);
  ea_session_set_error (session, error);

  expect_property (rig, SESSION ("0"), "Euicc", "'" EUICC "'");
  expect_property (rig, SESSION ("0"), "Transport", "'cat-tp'");
  expect_property (rig, SESSION ("0"), "Origin", "'trigger'");
  expect_property (rig, SESSION ("0"), "Peer", "'smsr.example.com:2345'");
  expect_property (rig, SESSION ("0"), "Address", "'192.0.2.1:2345'");
  expect_property (rig, SESSION ("0"), "Interface", "'wwan0'");
  expect_property (rig, SESSION ("0"), "State", "'waiting'");
  expect_property (rig, SESSION ("0"), "BytesReceived", "5000000000");
  expect_property (rig, SESSION ("0"), "BytesSent", "2");
  expect_property (rig, SESSION ("0"), "Apdus", "3");
  expect_property (rig, SESSION ("0"), "Scripts", "4");
  expect_property (rig, SESSION ("0"), "Attempt", "2");
  expect_property (rig, SESSION ("0"), "NextAttempt", "3600000000");
  expect_property (rig, SESSION ("0"), "EndedAt", "0");
  expect_property (rig, SESSION ("0"), "Result", "''");
  expect_property (rig, SESSION ("0"), "Error", "('" ERROR_PREFIX "Timeout', 'silence')");
}

/* (transfer full): the values of @property in what the client has heard, in order */
static char *
join_changes (BusRig *rig, const char *property)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < rig->signals->len; i++)
    {
      g_autoptr (GVariant) changed = g_variant_get_child_value (rig->signals->pdata[i], 1);
      g_autoptr (GVariant) value = g_variant_lookup_value (changed, property, NULL);
      g_autofree char *printed = value != NULL ? g_variant_print (value, FALSE) : NULL;

      if (printed != NULL)
        g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", printed);
    }
  return g_string_free (joined, FALSE);
}

/* All of them in one go, so that each is overwritten before the main loop has had its turn */
static void
test_every_state_is_told_once_and_in_order (void **state)
{
  static const EaSessionState states[]
      = { EA_SESSION_RESOLVING,  EA_SESSION_CONNECTING, EA_SESSION_HANDSHAKING,
          EA_SESSION_EXCHANGING, EA_SESSION_EXCHANGING, EA_SESSION_WAITING,
          EA_SESSION_RESOLVING,  EA_SESSION_CONNECTING, EA_SESSION_CLOSING };
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_autofree char *told = NULL;

  bus_rig_catch_up (rig);
  bus_rig_listen (rig, "org.freedesktop.DBus.Properties", "PropertiesChanged");
  bus_rig_catch_up (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    ea_session_set_state (session, states[i]);
  ea_session_end (session, EA_SESSION_OK);
  g_signal_emit_by_name (rig->euicc, "session-removed", session);
  bus_rig_catch_up (rig);

  told = join_changes (rig, "State");
  assert_string_equal (told, "'resolving' 'connecting' 'handshaking' 'exchanging' 'waiting' "
                             "'resolving' 'connecting' 'closing' 'closed'");
}

static void
test_end_is_told_with_result_and_last_counts (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_autoptr (GVariant) changed = NULL;
  EaSessionProgress progress = { .apdus = 1 };
  const char *told_state = NULL;
  const char *result = NULL;
  guint apdus = 0;
  guint64 ended_us = 0;

  ea_session_set_progress (session, &progress);
  bus_rig_catch_up (rig);
  bus_rig_listen (rig, "org.freedesktop.DBus.Properties", "PropertiesChanged");
  bus_rig_catch_up (rig);
  progress.apdus = 2;
  ea_session_set_progress (session, &progress); /* which its pace would delay */
  ea_session_end (session, EA_SESSION_INTERRUPTED);
  bus_rig_catch_up (rig);

  assert_int_equal (rig->signals->len, 1);
  changed = g_variant_get_child_value (rig->signals->pdata[0], 1);
  assert_true (g_variant_lookup (changed, "State", "&s", &told_state));
  assert_true (g_variant_lookup (changed, "Result", "&s", &result));
  assert_true (g_variant_lookup (changed, "Apdus", "u", &apdus));
  assert_true (g_variant_lookup (changed, "EndedAt", "t", &ended_us));
  assert_string_equal (told_state, "closed");
  assert_string_equal (result, "interrupted");
  assert_int_equal (apdus, 2);
  assert_true (ended_us > 0);
}

static void
test_other_changes_are_told_together (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_autofree char *addresses = NULL;

  bus_rig_catch_up (rig);
  bus_rig_listen (rig, "org.freedesktop.DBus.Properties", "PropertiesChanged");
  bus_rig_catch_up (rig);
  ea_session_set_address (session, "192.0.2.1:443");
  ea_session_set_address (session, "192.0.2.2:443");
  ea_session_set_interface (session, "wwan0");
  ea_session_set_attempt (session, 1, 0);
  bus_rig_catch_up (rig);

  assert_int_equal (rig->signals->len, 1);
  addresses = join_changes (rig, "Address");
  assert_string_equal (addresses, "'192.0.2.2:443'");
}

static void
test_number_of_a_session_is_not_used_again (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) first = NULL;
  g_autoptr (EaSession) second = NULL;
  const char *path;

  bus_rig_listen (rig, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved");
  bus_rig_catch_up (rig);
  first = bus_rig_add_session (rig);
  ea_session_end (first, EA_SESSION_FAILED);
  g_signal_emit_by_name (rig->euicc, "session-removed", first);
  second = bus_rig_add_session (rig);
  bus_rig_catch_up (rig);

  assert_int_equal (rig->signals->len, 1);
  g_variant_get_child (rig->signals->pdata[0], 0, "&o", &path);
  assert_string_equal (path, SESSION ("0"));
  expect_property (rig, SESSION ("1"), "State", "'queued'");
}

static GVariant *
new_call (const char *transport, const char *host)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&options, "{sv}", "host", g_variant_new_string (host));
  return g_variant_new ("(sa{sv})", transport, &options);
}

static void
test_open_session_returns_the_object_of_the_session (void **state)
{
  BusRig *rig = *state;
  g_autoptr (GVariant) answer = call (rig, EUICC, EA_BUS_NAME ".Euicc", "OpenSession",
                                      new_call ("https", "a.example:443"), NULL);
  const char *path;

  assert_non_null (answer);
  g_variant_get (answer, "(&o)", &path);
  assert_string_equal (path, SESSION ("0"));
  expect_property (rig, SESSION ("0"), "Peer", "'a.example:443'");
}

static void
test_why_a_session_can_not_be_opened_has_a_name (void **state)
{
  BusRig *rig = *state;

  expect_error (rig, EUICC, EA_BUS_NAME ".Euicc", "OpenSession", new_call ("cat-tp", ""),
                ERROR_PREFIX "NoKey", "There is no 'cat-tp'");
  expect_error (rig, EUICC, EA_BUS_NAME ".Euicc", "OpenSession", new_call ("pigeon", ""),
                ERROR_PREFIX "NoSuchTransport", "There is no 'pigeon'");
}

static void
count (EaSession *session, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_cancel_reaches_the_session_until_it_is_closed (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_autoptr (GVariant) answer = NULL;
  guint n_cancelled = 0;

  g_signal_connect (session, "cancelled", G_CALLBACK (count), &n_cancelled);
  answer = call (rig, SESSION ("0"), EA_BUS_NAME ".Session", "Cancel", NULL, NULL);
  assert_non_null (answer);
  assert_int_equal (n_cancelled, 1);

  ea_session_end (session, EA_SESSION_WAS_CANCELLED);
  expect_error (rig, SESSION ("0"), EA_BUS_NAME ".Session", "Cancel", NULL,
                ERROR_PREFIX "InvalidArgument", "The session has ended already");
  assert_int_equal (n_cancelled, 1);
}

static void
test_history_has_the_session_that_has_ended (void **state)
{
  BusRig *rig = *state;
  g_autoptr (EaSession) session = bus_rig_add_session (rig);
  g_autoptr (GError) error
      = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, "silence");
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) none = NULL;
  g_autofree char *printed = NULL;
  g_autofree char *printed_none = NULL;

  ea_session_set_error (session, error);
  ea_session_end (session, EA_SESSION_FAILED);
  answer = call (rig, EA_BUS_ROOT, EA_BUS_NAME ".Manager", "GetHistory",
                 g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 0), NULL);
  none = call (rig, EA_BUS_ROOT, EA_BUS_NAME ".Manager", "GetHistory",
               g_variant_new ("(tu)", G_MAXUINT64, 0), NULL);

  printed = g_variant_print (answer, FALSE);
  assert_non_null (
      strstr (printed, "'event': <'session-ended'>, 'eid': <''>, 'session': <'Session/0'>, "
                       "'transport': <'cat-tp'>, 'result': <'failed'>, 'detail': "
                       "<'smsr.example.com:2345, trigger, scripts: 0, APDUs: 0; silence'>}],)"));
  printed_none = g_variant_print (none, FALSE);
  assert_string_equal (printed_none, "([],)");
}

static gboolean
reload (gpointer user_data, GError **error)
{
  gboolean *is_good = user_data;

  if (!*is_good)
    g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID, "agent.conf:1: no");
  return *is_good;
}

static void
test_reload_tells_what_is_wrong (void **state)
{
  BusRig *rig = *state;
  g_autoptr (GVariant) answer = NULL;
  gboolean is_good = TRUE;

  ea_bus_set_reload_func (rig->exported, reload, &is_good);
  answer = call (rig, EA_BUS_ROOT, EA_BUS_NAME ".Manager", "Reload", NULL, NULL);
  assert_non_null (answer);

  is_good = FALSE;
  expect_error (rig, EA_BUS_ROOT, EA_BUS_NAME ".Manager", "Reload", NULL,
                ERROR_PREFIX "InvalidArgument", "agent.conf:1: no");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BUS_RIG_TEST (test_session_shows_all_that_it_is),
    BUS_RIG_TEST (test_every_state_is_told_once_and_in_order),
    BUS_RIG_TEST (test_end_is_told_with_result_and_last_counts),
    BUS_RIG_TEST (test_other_changes_are_told_together),
    BUS_RIG_TEST (test_number_of_a_session_is_not_used_again),
    BUS_RIG_TEST (test_open_session_returns_the_object_of_the_session),
    BUS_RIG_TEST (test_why_a_session_can_not_be_opened_has_a_name),
    BUS_RIG_TEST (test_cancel_reaches_the_session_until_it_is_closed),
    BUS_RIG_TEST (test_history_has_the_session_that_has_ended),
    BUS_RIG_TEST (test_reload_tells_what_is_wrong),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
