/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Another eUICC behind the same port is no switch of the one before; an eUICC whose EID can't be
 * read is switched all the same. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define FIRST_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029"

/* INS of GET DATA, and "referenced data not found" */
#define NO_EID "fail card ca 6a88 0"

static void
point (const char *link, Rig *rig, const char *port)
{
  g_autofree char *target = g_build_filename (rig->directory, port, NULL);

  assert_int_equal (symlink (target, link), 0);
}

static void
exchange (const char *link, Rig *rig, const char *port)
{
  g_remove (link);
  rig_await (rig, "State", "absent");
  point (link, rig, port);
  rig_await (rig, "State", "ready");
}

static void
assert_unswitched (Rig *rig, const char *iccid)
{
  g_autofree char *history = rig_run_client (rig, NULL, "history", "--json=short", NULL);

  rig_await (rig, "Iccid", iccid);
  rig_await (rig, "IntendedIccid", iccid);
  rig_await (rig, "PreviousIccid", "");
  rig_await (rig, "SwitchReason", "");
  assert_int_equal (rig_get_counter (rig, "profile-changes"), 0);
  assert_null (strstr (history, "profile-changed"));
}

static void
test_modem_with_another_euicc_in_the_same_place_is_no_switch (void **state)
{
  Rig *rig = *state;
  g_autofree char *link = NULL;
  g_autofree char *eid = NULL;
  g_autofree char *other_eid = NULL;

  rig_start_simulator (rig, "--modems=2", NULL);
  link = g_build_filename (rig->directory, "port0", NULL);
  rig_expect_control (rig, "ok", "@1 profile " OTHER_ICCID);
  point (link, rig, "cdc-wdm0");
  rig->device = link;
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  eid = rig_get (rig, "Eid");
  exchange (link, rig, "cdc-wdm1");
  other_eid = rig_get (rig, "Eid");
  assert_string_not_equal (other_eid, eid);
  assert_unswitched (rig, OTHER_ICCID);
  exchange (link, rig, "cdc-wdm0");

  rig_await (rig, "Eid", eid);
  assert_unswitched (rig, FIRST_ICCID);
  rig_stop_agent (rig);
  g_remove (link);
}

static void
test_euicc_that_was_switched_while_its_modem_was_away_is_told (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_await (rig, "Iccid", FIRST_ICCID);
  rig_expect_control (rig, "ok", "unplug");
  rig_await (rig, "State", "absent");
  rig_expect_control (rig, "ok", "profile " OTHER_ICCID);
  rig_expect_control (rig, "ok", "plug");
  rig_await (rig, "PreviousIccid", FIRST_ICCID);

  rig_await (rig, "Iccid", OTHER_ICCID);
  rig_await_counter (rig, "profile-changes", 1);
  rig_stop_agent (rig);
}

static void
test_card_without_an_eid_is_another_one_where_it_did_not_refresh (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", "card out");
  rig_await (rig, "State", "absent");
  rig_expect_control (rig, "ok", "profile " OTHER_ICCID);
  rig_expect_control (rig, "ok", NO_EID);
  rig_expect_control (rig, "ok", "card in");
  rig_await (rig, "Eid", "");

  rig_await (rig, "Iccid", OTHER_ICCID);
  rig_await (rig, "IntendedIccid", "");
  assert_int_equal (rig_get_counter (rig, "profile-changes"), 0);
  rig_stop_agent (rig);
}

static void
test_switch_is_told_although_the_eid_can_t_be_read_after_it (void **state)
{
  Rig *rig = *state;

  rig_start (rig);
  rig_expect_control (rig, "ok", NO_EID);
  rig_expect_control (rig, "ok", "profile " OTHER_ICCID);
  rig_expect_control (rig, "ok", "refresh 04");
  rig_await (rig, "PreviousIccid", FIRST_ICCID);

  rig_await_counter (rig, "profile-changes", 1);
  rig_await (rig, "IntendedIccid", OTHER_ICCID);
  rig_stop_agent (rig);
}

static void
test_reason_of_a_switch_is_known_where_no_eid_ever_was (void **state)
{
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", NO_EID);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "profile " OTHER_ICCID);
  rig_expect_control (rig, "ok", "refresh 04");
  rig_await (rig, "PreviousIccid", FIRST_ICCID);

  rig_await (rig, "SwitchReason", "local");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_modem_with_another_euicc_in_the_same_place_is_no_switch),
    RIG_TEST (test_euicc_that_was_switched_while_its_modem_was_away_is_told),
    RIG_TEST (test_card_without_an_eid_is_another_one_where_it_did_not_refresh),
    RIG_TEST (test_switch_is_told_although_the_eid_can_t_be_read_after_it),
    RIG_TEST (test_reason_of_a_switch_is_known_where_no_eid_ever_was),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
