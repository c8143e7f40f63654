/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which answers are kept, for how long, and when a server is asked again (agent/net/resolver.h). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "resolver-rig.h"

#define DAY_S (24 * 3600)

static gboolean
on_time_passed (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
let_pass (guint seconds)
{
  gboolean is_over = FALSE;

  fake_time_let_fly ();
  g_timeout_add_seconds (seconds, on_time_passed, &is_over);
  fake_time_stop ();
  WAIT_FOR (is_over);
}

/* A is asked only, and the server knows @ttl_s. */
static Rig *
new_rig (guint32 ttl_s)
{
  Rig *rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, ttl_s, "192.0.2.1");
  rig->query.wants_ipv6 = FALSE;
  return rig;
}

static void
expect_asked (Rig *rig, guint n)
{
  rig_expect (rig, "192.0.2.1");
  assert_int_equal (dns_server_count (rig->first, "A " NAME), n);
}

static void
test_answer_holds_as_long_as_it_says (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  expect_asked (rig, 1);
  let_pass (58);
  expect_asked (rig, 1);
  let_pass (3);
  expect_asked (rig, 2);
}

static void
test_answer_after_its_end_is_the_new_one (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  expect_asked (rig, 1);
  dns_server_clear (rig->first);
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.2");
  let_pass (58);
  expect_asked (rig, 1);
  let_pass (3);
  rig_expect (rig, "192.0.2.2");
}

static void
test_ttl_of_zero_is_not_kept (void **state)
{
  g_autoptr (Rig) rig = new_rig (0);

  expect_asked (rig, 1);
  expect_asked (rig, 2);
}

static void
test_smallest_ttl_counts (void **state)
{
  g_autoptr (Rig) rig = new_rig (3600);

  dns_server_add (rig->first, NAME, DNS_A, 30, "192.0.2.2");
  dns_server_add (rig->first, NAME, DNS_A, 3600, "192.0.2.3");
  rig_expect (rig, "192.0.2.1 192.0.2.2 192.0.2.3");
  let_pass (31);
  rig_expect (rig, "192.0.2.1 192.0.2.2 192.0.2.3");

  assert_int_equal (rig->first->asked->len, 2);
}

static void
test_ttl_of_an_alias_counts (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_CNAME, 3600, "a.example.net");
  dns_server_add (rig->first, "a.example.net", DNS_CNAME, 30, "b.example.net");
  dns_server_add (rig->first, "b.example.net", DNS_A, 3600, "192.0.2.1");
  rig->query.wants_ipv6 = FALSE;
  expect_asked (rig, 1);
  let_pass (28);
  expect_asked (rig, 1);
  let_pass (3);
  expect_asked (rig, 2);
}

static void
test_shorter_ttl_of_both_families_counts (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 3600, "192.0.2.1");
  dns_server_add (rig->first, NAME, DNS_AAAA, 30, "2001:db8::1");
  rig_expect (rig, "2001:db8::1 192.0.2.1");
  let_pass (28);
  rig_expect (rig, "2001:db8::1 192.0.2.1");
  assert_int_equal (rig->first->asked->len, 2);
  let_pass (3);
  rig_expect (rig, "2001:db8::1 192.0.2.1");
  assert_int_equal (rig->first->asked->len, 4);
}

static void
test_no_answer_is_kept_longer_than_a_day (void **state)
{
  g_autoptr (Rig) rig = new_rig (0x7FFFFFFF);

  expect_asked (rig, 1);
  let_pass (DAY_S - 2);
  expect_asked (rig, 1);
  let_pass (3);
  expect_asked (rig, 2);
}

static void
test_failures_are_not_kept (void **state)
{
  g_autoptr (Rig) rig = rig_new ();

  rig->query.wants_ipv6 = FALSE;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Outcome) outcome = rig_ask (rig);

      assert_non_null (outcome->error);
    }
  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  expect_asked (rig, 3);
}

static void
test_capitals_and_dot_are_the_same_name (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  expect_asked (rig, 1);
  rig->query.name = "SMSR.EXAMPLE.com.";
  expect_asked (rig, 1);
}

static void
test_forgotten_name_is_asked_again_and_others_are_not (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  dns_server_add (rig->first, "other.example.com", DNS_A, 60, "192.0.2.9");
  expect_asked (rig, 1);
  rig->query.name = "other.example.com";
  rig_expect (rig, "192.0.2.9");

  ea_resolver_forget (rig->resolver, "SMSR.example.com.");
  ea_resolver_forget (rig->resolver, "no name");
  rig_expect (rig, "192.0.2.9");
  assert_int_equal (dns_server_count (rig->first, "A other.example.com"), 1);
  rig->query.name = NAME;
  expect_asked (rig, 2);
}

static void
test_flushed_cache_has_nothing (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  expect_asked (rig, 1);
  ea_resolver_flush (rig->resolver);
  expect_asked (rig, 2);
}

static void
test_answer_that_was_asked_for_before_a_flush_is_given_and_not_kept (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);
  g_autoptr (Outcome) before = rig_start (rig, NULL);

  ea_resolver_flush (rig->resolver);
  expect_asked (rig, 2); /* nor is it shared */
  outcome_expect (before, "192.0.2.1");
  expect_asked (rig, 2);
}

static void
test_other_interface_servers_or_families_are_another_question (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  expect_asked (rig, 1);
  rig->query.interface = "lo";
  expect_asked (rig, 2);
  rig->query.wants_ipv6 = TRUE;
  expect_asked (rig, 3);
  rig_use_second (rig);
  expect_asked (rig, 4);

  rig->query.interface = NULL;
  rig->query.wants_ipv6 = FALSE;
  g_ptr_array_set_size (rig->servers, 1);
  expect_asked (rig, 4);
}

static void
ask_number (Rig *rig, guint i, guint32 ttl_s)
{
  g_autofree char *name = g_strdup_printf ("n%u.example.com", i);

  dns_server_add (rig->first, name, DNS_A, ttl_s, "192.0.2.1");
  rig->query.name = name;
  rig_expect (rig, "192.0.2.1");
}

static void
test_full_cache_drops_what_would_end_first (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);

  for (guint i = 0; i < EA_RESOLVER_CACHE_MAX; i++)
    ask_number (rig, i, i == 7 ? 50 : 100 + i);
  assert_int_equal (rig->first->asked->len, EA_RESOLVER_CACHE_MAX);
  ask_number (rig, EA_RESOLVER_CACHE_MAX, 1000);
  assert_int_equal (rig->first->asked->len, EA_RESOLVER_CACHE_MAX + 1);

  rig->query.name = "n0.example.com";
  rig_expect (rig, "192.0.2.1");
  assert_int_equal (rig->first->asked->len, EA_RESOLVER_CACHE_MAX + 1);
  rig->query.name = "n7.example.com";
  rig_expect (rig, "192.0.2.1");
  assert_int_equal (rig->first->asked->len, EA_RESOLVER_CACHE_MAX + 2);
}

static void
test_list_that_was_given_is_the_callers (void **state)
{
  g_autoptr (Rig) rig = new_rig (60);
  g_autoptr (Outcome) outcome = rig_ask (rig);

  g_ptr_array_set_size (outcome->addresses, 0);
  expect_asked (rig, 1);
}

static void
test_equal_queries_at_once_are_one (void **state)
{
  g_autoptr (Rig) rig = new_rig (0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (Outcome) first = rig_start (rig, cancellable);
  g_autoptr (Outcome) second = rig_start (rig, NULL);
  g_autoptr (Outcome) third = NULL;

  rig->query.name = "SMSR.example.com";
  third = rig_start (rig, NULL);
  g_cancellable_cancel (cancellable);
  outcome_expect (second, "192.0.2.1");
  outcome_expect (third, "192.0.2.1");

  assert_true (g_error_matches (first->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_int_equal (rig->first->asked->len, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_answer_holds_as_long_as_it_says),
    cmocka_unit_test (test_answer_after_its_end_is_the_new_one),
    cmocka_unit_test (test_ttl_of_zero_is_not_kept),
    cmocka_unit_test (test_smallest_ttl_counts),
    cmocka_unit_test (test_ttl_of_an_alias_counts),
    cmocka_unit_test (test_shorter_ttl_of_both_families_counts),
    cmocka_unit_test (test_no_answer_is_kept_longer_than_a_day),
    cmocka_unit_test (test_failures_are_not_kept),
    cmocka_unit_test (test_capitals_and_dot_are_the_same_name),
    cmocka_unit_test (test_forgotten_name_is_asked_again_and_others_are_not),
    cmocka_unit_test (test_flushed_cache_has_nothing),
    cmocka_unit_test (test_answer_that_was_asked_for_before_a_flush_is_given_and_not_kept),
    cmocka_unit_test (test_other_interface_servers_or_families_are_another_question),
    cmocka_unit_test (test_full_cache_drops_what_would_end_first),
    cmocka_unit_test (test_list_that_was_given_is_the_callers),
    cmocka_unit_test (test_equal_queries_at_once_are_one),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
