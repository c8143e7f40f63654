/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is counted of one eUICC (agent/session/activity.h), and of its sessions (agent/session/tally.h). */

#include "session/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/modem.h"
#include "net/link.h"
#include "net/resolver.h"

static int
setup (void **state)
{
  *state = ea_activity_new ();
  return 0;
}

static int
teardown (void **state)
{
  g_object_unref (*state);
  return 0;
}

/* -1: it is not there */
static gint64
get_count (EaActivity *activity, const char *counter)
{
  g_autoptr (GVariant) counters = g_variant_ref_sink (ea_activity_get_counters (activity));
  guint64 value;

  return g_variant_lookup (counters, counter, "t", &value) ? (gint64) value : -1;
}

static void
test_what_has_not_happened_is_not_there (void **state)
{
  ea_activity_add (*state, EA_COUNTER_APDUS, 0);

  assert_int_equal (get_count (*state, EA_COUNTER_APDUS), -1);
  assert_int_equal (ea_activity_get_last_time_us (*state), 0);
}

static void
test_counts_add_up (void **state)
{
  ea_activity_add (*state, EA_COUNTER_APDUS, G_GUINT64_CONSTANT (1) << 40);
  ea_activity_count (*state, EA_COUNTER_APDUS);

  assert_int_equal (get_count (*state, EA_COUNTER_APDUS), G_GINT64_CONSTANT (1099511627777));
}

static void
fail_with (EaActivity *activity, GQuark domain, int code,
           void (*note) (EaActivity *self, const GError *error))
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "No answer");

  note (activity, error);
}

static void
test_a_timeout_is_that_of_who_was_asked (void **state)
{
  fail_with (*state, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT, ea_activity_fail);
  fail_with (*state, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT, ea_activity_fail_on_card);
  fail_with (*state, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT, ea_activity_fail_on_card);
  fail_with (*state, EA_LINK_ERROR, EA_LINK_ERROR_TIMED_OUT, ea_activity_fail);
  fail_with (*state, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_TIMED_OUT, ea_activity_fail);
  fail_with (*state, EA_SESSION_ERROR, EA_SESSION_ERROR_TIMED_OUT, ea_activity_fail);

  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_MODEM), 1);
  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_CARD), 2);
  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_NETWORK), 3);
}

static void
test_another_failure_is_no_timeout (void **state)
{
  fail_with (*state, EA_MODEM_ERROR, EA_MODEM_ERROR_CARD_ABSENT, ea_activity_fail);
  fail_with (*state, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, ea_activity_fail_on_card);
  fail_with (*state, EA_LINK_ERROR, EA_LINK_ERROR_REFUSED, ea_activity_fail);

  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_MODEM), -1);
  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_CARD), -1);
  assert_int_equal (get_count (*state, EA_COUNTER_TIMEOUTS_NETWORK), -1);
}

static void
run_session (EaActivity *activity, EaSessionTransport transport, EaSessionResult result)
{
  g_autoptr (EaSession) session = ea_session_new (transport, EA_SESSION_DBUS, "example.com:443");
  const EaSessionProgress half = { .bytes_received = 1000, .bytes_sent = 10 };
  const EaSessionProgress whole = { .bytes_received = 3000, .bytes_sent = 20 };

  ea_tally_session (activity, session);
  ea_session_set_progress (session, &half);
  ea_session_set_progress (session, &whole);
  ea_session_end (session, result);
}

static void
test_bytes_and_results_of_sessions_are_added_by_transport (void **state)
{
  run_session (*state, EA_SESSION_HTTPS, EA_SESSION_OK);
  run_session (*state, EA_SESSION_HTTPS, EA_SESSION_OK);
  run_session (*state, EA_SESSION_HTTPS, EA_SESSION_FAILED);
  run_session (*state, EA_SESSION_CAT_TP, EA_SESSION_WAS_CANCELLED);

  assert_int_equal (get_count (*state, "bytes-received-https"), 9000);
  assert_int_equal (get_count (*state, "bytes-sent-https"), 60);
  assert_int_equal (get_count (*state, "bytes-received-cat-tp"), 3000);
  assert_int_equal (get_count (*state, "bytes-sent-cat-tp"), 20);
  assert_int_equal (get_count (*state, "sessions-https-ok"), 2);
  assert_int_equal (get_count (*state, "sessions-https-failed"), 1);
  assert_int_equal (get_count (*state, "sessions-cat-tp-cancelled"), 1);
  assert_int_equal (get_count (*state, "sessions-cat-tp-ok"), -1);
}

static void
test_a_session_outlives_what_counts_it (void **state)
{
  EaActivity *activity = ea_activity_new ();
  g_autoptr (EaSession) session = ea_session_new (EA_SESSION_HTTPS, EA_SESSION_DBUS, "a:1");

  ea_tally_session (activity, session);
  g_object_add_weak_pointer (G_OBJECT (activity), (gpointer *) &activity);
  g_object_unref (activity);
  ea_session_end (session, EA_SESSION_OK);
  g_clear_object (&session);

  assert_null (activity);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (test_what_has_not_happened_is_not_there, setup, teardown),
    cmocka_unit_test_setup_teardown (test_counts_add_up, setup, teardown),
    cmocka_unit_test_setup_teardown (test_a_timeout_is_that_of_who_was_asked, setup, teardown),
    cmocka_unit_test_setup_teardown (test_another_failure_is_no_timeout, setup, teardown),
    cmocka_unit_test_setup_teardown (test_bytes_and_results_of_sessions_are_added_by_transport,
                                     setup, teardown),
    cmocka_unit_test_setup_teardown (test_a_session_outlives_what_counts_it, setup, teardown),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
