/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/profile-history.h"
#include "session/profile-reason.h"

#define SECONDS(n) ((gint64) (n) *G_USEC_PER_SEC)

/* The ICCID was read at 1000 s, the card starts anew at 2000 s; nothing happened between. */
static EaProfileFacts
get_facts (void)
{
  return (EaProfileFacts){ .is_host = TRUE, .read_us = SECONDS (1000), .began_us = SECONDS (2000) };
}

static void
assert_reason (const EaProfileFacts *facts, const char *expected)
{
  assert_string_equal (ea_profile_facts_find_reason (facts), expected);
}

static void
test_change_without_cause_is_local_and_unknown_to_an_observer (void **state)
{
  EaProfileFacts facts = get_facts ();

  assert_reason (&facts, EA_PROFILE_REASON_LOCAL);
  facts.is_host = FALSE;
  assert_reason (&facts, EA_PROFILE_REASON_UNKNOWN);
}

static void
test_word_of_the_euicc_counts_before_all (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.is_promised = TRUE;
  facts.notified = EA_PROFILE_REASON_FALL_BACK;

  assert_reason (&facts, EA_PROFILE_REASON_FALL_BACK);
}

static void
test_promise_is_the_sm_sr_s_even_without_a_network (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.is_promised = TRUE;
  facts.outage_us = SECONDS (100);

  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
}

static void
test_orders_age (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.began_us = SECONDS (100000);
  facts.order_us = facts.began_us - EA_PROFILE_ORDER_AGE_US;
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
  facts.order_us--;
  assert_reason (&facts, EA_PROFILE_REASON_LOCAL);
}

static void
test_order_before_the_iccid_was_read_is_done (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.order_us = facts.read_us + 1;
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
  facts.order_us = facts.read_us;
  assert_reason (&facts, EA_PROFILE_REASON_LOCAL);
}

static void
test_network_that_is_lost_by_the_switch_is_no_fall_back (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.order_us = SECONDS (1990);
  facts.outage_us = EA_PROFILE_DETACH_US;
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
  facts.outage_us++;
  assert_reason (&facts, EA_PROFILE_REASON_FALL_BACK);
  facts.outage_us = SECONDS (1);
  facts.order_us = 0;
  assert_reason (&facts, EA_PROFILE_REASON_FALL_BACK);
}

static void
test_return_without_a_network_is_a_roll_back_of_a_profile_that_never_had_one (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.is_return = TRUE;
  facts.outage_us = SECONDS (100);
  assert_reason (&facts, EA_PROFILE_REASON_ROLL_BACK);
  facts.has_registered = TRUE;
  assert_reason (&facts, EA_PROFILE_REASON_FALL_BACK);
}

static void
test_channel_of_the_notification_makes_no_order_of_a_return (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.is_return = TRUE;
  facts.has_registered = TRUE;
  facts.channel_us = SECONDS (1999);
  assert_reason (&facts, EA_PROFILE_REASON_ROLL_BACK);
  facts.order_us = SECONDS (1998);
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
}

static void
test_channel_soon_after_a_change_is_the_notification (void **state)
{
  EaProfileFacts facts = get_facts ();

  facts.changed_us = SECONDS (1000);
  facts.channel_us = facts.changed_us + EA_PROFILE_NOTIFICATION_US;
  assert_reason (&facts, EA_PROFILE_REASON_LOCAL);
  facts.channel_us++;
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
  facts.changed_us = 0;
  facts.channel_us = SECONDS (1001);
  assert_reason (&facts, EA_PROFILE_REASON_SM_SR);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_change_without_cause_is_local_and_unknown_to_an_observer),
    cmocka_unit_test (test_word_of_the_euicc_counts_before_all),
    cmocka_unit_test (test_promise_is_the_sm_sr_s_even_without_a_network),
    cmocka_unit_test (test_orders_age),
    cmocka_unit_test (test_order_before_the_iccid_was_read_is_done),
    cmocka_unit_test (test_network_that_is_lost_by_the_switch_is_no_fall_back),
    cmocka_unit_test (test_return_without_a_network_is_a_roll_back_of_a_profile_that_never_had_one),
    cmocka_unit_test (test_channel_of_the_notification_makes_no_order_of_a_return),
    cmocka_unit_test (test_channel_soon_after_a_change_is_the_notification),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
