/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Servers that fail, keep silent, are not there or answer by TCP only, and owners who change their minds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver-rig.h"

#define TRIES 5

static Rig *
new_rig_with_second (void)
{
  Rig *rig = rig_new ();

  rig_use_second (rig);
  dns_server_add (rig->second, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->second, NAME, DNS_AAAA, 60, "2001:db8::1");
  return rig;
}

static void
test_second_server_is_asked_when_the_first_fails (void **state)
{
  static const DnsCode codes[] = { DNS_FORMERR, DNS_SERVFAIL, DNS_NOTIMP, DNS_REFUSED };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (Rig) rig = new_rig_with_second ();

      rig->first->code = codes[i];
      rig_expect (rig, "2001:db8::1 192.0.2.1");

      assert_int_equal (rig->first->asked->len, 2);
      assert_int_equal (rig->second->asked->len, 2);
    }
}

static void
test_second_server_is_asked_when_the_first_is_silent (void **state)
{
  g_autoptr (Rig) rig = new_rig_with_second ();

  rig->first->is_silent = TRUE;
  rig->query.timeout_ms = SHORT_MS;
  rig_expect (rig, "2001:db8::1 192.0.2.1");

  assert_true (rig->first->asked->len >= 2);
  assert_int_equal (rig->second->asked->len, 2);
}

static void
test_late_answer_of_the_first_server_counts (void **state)
{
  g_autoptr (Rig) rig = new_rig_with_second ();
  g_autoptr (Outcome) outcome = NULL;

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.9");
  rig->first->is_holding = TRUE;
  rig->second->is_silent = TRUE;
  rig->query.timeout_ms = LONG_MS / 10;
  outcome = rig_start (rig, NULL);
  WAIT_FOR (rig->second->asked->len == 2);
  dns_server_release (rig->first);

  outcome_expect (outcome, "192.0.2.9");
}

static void
test_second_server_is_asked_when_nobody_is_at_the_first (void **state)
{
  g_autoptr (Rig) rig = new_rig_with_second ();

  guint16 port = rig->first->port;

  dns_server_free (rig->first);
  rig_expect (rig, "2001:db8::1 192.0.2.1");

  rig->first = dns_server_new ("127.0.0.1", port);
}

static void
test_second_server_is_left_alone_when_the_first_answers (void **state)
{
  g_autoptr (Rig) rig = new_rig_with_second ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.9");
  rig_expect (rig, "192.0.2.9");

  assert_int_equal (rig->second->asked->len, 0);
}

static GByteArray *
fail_for_ipv6 (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  const guint8 *data = g_bytes_get_data (query, NULL);

  if (data[g_bytes_get_size (query) - 3] == DNS_AAAA)
    answer->data[3] |= DNS_SERVFAIL;
  return answer;
}

static void
test_family_that_fails_does_not_hold_the_other_back (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  rig->first->forge = fail_for_ipv6;

  rig_expect (rig, "192.0.2.1");
}

static GByteArray *
keep_silent_for_ipv6 (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  const guint8 *data = g_bytes_get_data (query, NULL);

  if (data[g_bytes_get_size (query) - 3] != DNS_AAAA)
    return answer;
  g_byte_array_unref (answer);
  return NULL;
}

static void
test_family_without_answer_is_waited_for_a_while_only (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  gint64 begin_us = g_get_monotonic_time ();
  gint64 taken_us;

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  rig->first->forge = keep_silent_for_ipv6;
  rig_expect (rig, "192.0.2.1");
  taken_us = g_get_monotonic_time () - begin_us;

  assert_true (taken_us >= EA_RESOLVER_GRACE_MS * G_TIME_SPAN_MILLISECOND);
  assert_true (taken_us < LONG_MS / 2 * G_TIME_SPAN_MILLISECOND);
}

static void
test_silence_of_all_is_told_with_their_names_after_five_queries (void **state)
{
  g_autoptr (Rig) rig = new_rig_with_second ();
  g_autofree char *message = g_strdup_printf (NAME ": no answer from %s, %s within 5 s",
                                              rig->first->text, rig->second->text);

  rig->first->is_silent = TRUE;
  rig->second->is_silent = TRUE;
  rig->query.timeout_ms = 5000; /* c-ares 1.34 begins with 250 ms, and doubles them */
  rig_expect_error (rig, EA_RESOLVER_ERROR_TIMED_OUT, message);

  assert_int_equal (dns_server_count (rig->first, "A " NAME), TRIES);
  assert_int_equal (dns_server_count (rig->first, "AAAA " NAME), TRIES);
  assert_int_equal (dns_server_count (rig->second, "A " NAME), TRIES);
}

static void
test_each_failure_is_told (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *servfail = g_strdup_printf (NAME ": %s failed (SERVFAIL)", rig->first->text);
  g_autofree char *refused
      = g_strdup_printf (NAME ": %s refuses to answer (REFUSED)", rig->first->text);
  g_autofree char *both
      = g_strdup_printf (NAME ": %s failed (SERVFAIL), no answer from %s within 0.4 s",
                         rig->first->text, rig->second->text);

  rig->first->code = DNS_REFUSED;
  rig_expect_error (rig, EA_RESOLVER_ERROR_SERVER_FAILED, refused);
  rig->first->code = DNS_SERVFAIL;
  rig_expect_error (rig, EA_RESOLVER_ERROR_SERVER_FAILED, servfail);

  rig_use_second (rig);
  rig->second->is_silent = TRUE;
  rig->query.timeout_ms = SHORT_MS;
  rig_expect_error (rig, EA_RESOLVER_ERROR_SERVER_FAILED, both);
}

static void
test_server_that_is_not_there_is_told (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree char *message = g_strdup_printf (NAME ": %s can't be reached", rig->first->text);
  guint16 port = rig->first->port;

  dns_server_free (rig->first);
  rig_expect_error (rig, EA_RESOLVER_ERROR_UNREACHABLE, message);

  rig->first = dns_server_new ("127.0.0.1", port);
}

static void
test_missing_interface_is_an_error_of_its_own (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  rig->query.interface = "no-such0";
  rig_expect_error (rig, EA_RESOLVER_ERROR_NO_INTERFACE,
                    NAME ": Cannot use the interface 'no-such0': No such device");
  rig->query.interface = "";
  rig_expect_error (rig, EA_RESOLVER_ERROR_NO_INTERFACE,
                    NAME ": Cannot use the interface '': No such device");
  rig->query.interface = "lo-which-is-far-too-long";
  rig_expect_error (rig, EA_RESOLVER_ERROR_NO_INTERFACE,
                    NAME ": Cannot use the interface 'lo-which-is-far-too-long': No such device");

  assert_int_equal (rig->first->asked->len, 0);
}

static void
test_truncated_answer_is_fetched_by_tcp (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 60, "2001:db8::1");
  rig->first->is_truncating = TRUE;
  rig_expect (rig, "2001:db8::1 192.0.2.1");

  assert_int_equal (rig->first->n_tcp, 2);
  assert_int_equal (rig->first->asked->len, 4);
}

static void
test_server_is_reached_over_ipv6 (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_free (rig->first);
  rig->first = dns_server_new ("::1", 0);
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  g_ptr_array_set_size (rig->servers, 0);
  g_ptr_array_add (rig->servers, g_object_ref (rig->first->address));

  rig_expect (rig, "192.0.2.1");
}

static void
test_servers_beyond_the_limit_are_not_asked (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  for (guint i = 1; i < EA_RESOLVER_SERVERS_MAX; i++)
    g_ptr_array_add (rig->servers, g_object_ref (rig->first->address));
  rig_use_second (rig);
  rig->first->code = DNS_SERVFAIL;
  dns_server_add (rig->second, NAME, DNS_A, 60, "192.0.2.1");
  rig->query.wants_ipv6 = FALSE;

  {
    g_autoptr (Outcome) outcome = rig_ask (rig);

    assert_true (
        g_error_matches (outcome->error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_SERVER_FAILED));
  }
  assert_int_equal (rig->first->asked->len, EA_RESOLVER_SERVERS_MAX);
  assert_int_equal (rig->second->asked->len, 0);
}

/* Owners who change their minds */

static void
expect_cancelled (Outcome *outcome)
{
  WAIT_FOR (outcome->n_done > 0);
  assert_true (g_error_matches (outcome->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

static void
test_cancelled_query_ends_and_its_late_answer_is_nobodys (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Outcome) outcome = NULL;

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  outcome = rig_start (rig, cancellable);
  g_cancellable_cancel (cancellable);
  assert_int_equal (outcome->n_done, 0);
  expect_cancelled (outcome);
  WAIT_FOR (rig->first->asked->len == 2);
  run_ready ();

  assert_int_equal (outcome->n_done, 1);
}

static void
test_query_that_was_cancelled_before_is_not_asked (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Outcome) outcome = NULL;

  g_cancellable_cancel (cancellable);
  outcome = rig_start (rig, cancellable);
  expect_cancelled (outcome);
  run_ready ();

  assert_int_equal (rig->first->asked->len, 0);
}

static void
test_query_of_an_owner_who_left_is_answered (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autoptr (Outcome) outcome = NULL;

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  outcome = rig_start (rig, NULL);
  g_clear_object (&rig->resolver);

  outcome_expect (outcome, "192.0.2.1");
}

static void
test_queries_end_with_the_resolver (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Outcome) first = NULL;
  g_autoptr (Outcome) second = NULL;

  rig->first->is_silent = TRUE;
  first = rig_start (rig, cancellable);
  rig->query.name = "other.example.com";
  second = rig_start (rig, NULL);
  g_object_run_dispose (G_OBJECT (rig->resolver));
  g_cancellable_cancel (cancellable);
  assert_int_equal (first->n_done + second->n_done, 0);

  expect_cancelled (first);
  expect_cancelled (second);
}

/* Descriptors that the main loop waits for; fails the test when it waits for a time too. */
static guint
count_watched (void)
{
  GMainContext *context = g_main_context_default ();
  gint priority;
  gint timeout_ms;
  GPollFD fds[64];
  gint n;

  assert_true (g_main_context_acquire (context));
  (void) g_main_context_prepare (context, &priority);
  n = g_main_context_query (context, G_MAXINT, &timeout_ms, fds, G_N_ELEMENTS (fds));
  g_main_context_release (context);
  assert_int_equal (timeout_ms, -1);
  return (guint) n;
}

static void
test_nothing_is_watched_when_nothing_is_asked (void **state)
{
  g_autoptr (Rig) rig = rig_new ();
  guint n_before;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Outcome) outcome = NULL;

  run_ready ();
  n_before = count_watched ();
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  rig_expect (rig, "192.0.2.1");
  run_ready ();
  assert_int_equal (count_watched (), n_before);

  rig->query.name = "other.example.com";
  rig->first->is_silent = TRUE;
  outcome = rig_start (rig, cancellable);
  g_cancellable_cancel (cancellable);
  expect_cancelled (outcome);
  run_ready ();
  assert_int_equal (count_watched (), n_before);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_second_server_is_asked_when_the_first_fails),
    cmocka_unit_test (test_second_server_is_asked_when_the_first_is_silent),
    cmocka_unit_test (test_late_answer_of_the_first_server_counts),
    cmocka_unit_test (test_second_server_is_asked_when_nobody_is_at_the_first),
    cmocka_unit_test (test_second_server_is_left_alone_when_the_first_answers),
    cmocka_unit_test (test_family_that_fails_does_not_hold_the_other_back),
    cmocka_unit_test (test_family_without_answer_is_waited_for_a_while_only),
    cmocka_unit_test (test_silence_of_all_is_told_with_their_names_after_five_queries),
    cmocka_unit_test (test_each_failure_is_told),
    cmocka_unit_test (test_server_that_is_not_there_is_told),
    cmocka_unit_test (test_missing_interface_is_an_error_of_its_own),
    cmocka_unit_test (test_truncated_answer_is_fetched_by_tcp),
    cmocka_unit_test (test_server_is_reached_over_ipv6),
    cmocka_unit_test (test_servers_beyond_the_limit_are_not_asked),
    cmocka_unit_test (test_cancelled_query_ends_and_its_late_answer_is_nobodys),
    cmocka_unit_test (test_query_that_was_cancelled_before_is_not_asked),
    cmocka_unit_test (test_query_of_an_owner_who_left_is_answered),
    cmocka_unit_test (test_queries_end_with_the_resolver),
    cmocka_unit_test (test_nothing_is_watched_when_nothing_is_asked),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
