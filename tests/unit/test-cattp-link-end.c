/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a CAT_TP link (agent/session/cattp-link.h) ends: by either side, by silence, by what is no CAT_TP, and by an owner
 * who drops it. */

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cattp-link-rig.h"
#include "fake-time.h"
#include "helpers.h"
#include "wait.h"

#define RESET_SIZE 19 /* ETSI TS 102 127 */

#define KEEP_ALIVE_MS 10000

#define UNANSWERED "The SM-SR does not answer the CAT_TP link"
#define SILENT "The SM-SR does not answer on the CAT_TP link any more"

static void
test_normal_ending_by_the_peer_is_no_error (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_peer_reset (rig->peer, SIM_CATTP_REASON_NORMAL);
  cattp_link_rig_expect_end (rig);

  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\nclosed\n");
}

static void
check_reset (CattpLinkRig *rig, guint8 reason, const char *message)
{
  cattp_link_rig_open (rig);
  cattp_peer_reset (rig->peer, reason);

  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_RESET, message);
  cattp_link_rig_expect_diary (rig, "opened 65535\nclosed\n");
}

static void
test_reset_by_the_peer_is_told_with_its_reason (void **state)
{
  check_reset (*state, SIM_CATTP_REASON_MAXIMUM_RETRIES,
               "The SM-SR has reset the CAT_TP link: reason 5, maximum retries exceeded");
}

static void
test_reset_for_a_reserved_reason_is_told_with_its_number (void **state)
{
  check_reset (*state, 200, "The SM-SR has reset the CAT_TP link: reason 200, reserved");
}

static void
check_refusal (CattpLinkRig *rig, guint8 reason, const char *message)
{
  rig->peer->is_refusing = TRUE;
  rig->peer->refusal = reason;
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);

  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_REFUSED, message);
  cattp_link_rig_expect_diary (rig, "closed\n");
}

static void
test_a_link_that_the_peer_does_not_want_is_refused (void **state)
{
  check_refusal (
      *state, SIM_CATTP_REASON_PORT_NOT_AVAILABLE,
      "The SM-SR refuses the CAT_TP link: reason 3, requested port not available: it has "
      "no CAT_TP port 2345 (CatTpPort, cat-tp-port)");
}

static void
test_normal_ending_before_the_link_is_open_is_a_refusal (void **state)
{
  check_refusal (*state, SIM_CATTP_REASON_NORMAL,
                 "The SM-SR refuses the CAT_TP link: reason 0, normal ending");
}

static void
test_the_end_is_told_behind_a_held_sdu (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  cattp_link_rig_send_counted (rig, 0, 2);
  cattp_peer_reset (rig->peer, SIM_CATTP_REASON_NORMAL);
  cattp_link_rig_await_all (rig);
  run_ready ();
  cattp_link_rig_expect_diary (rig, "opened 65535\n");
  assert_int_equal (rig->n_refused, 1);

  cattp_link_rig_resume (rig, 2);
  cattp_link_rig_expect_end (rig);
  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\nsdu 0001\nclosed\n");
}

static void
test_nothing_is_kept_for_long_after_the_end (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_link_rig_await_held (rig);
  cattp_peer_reset (rig->peer, SIM_CATTP_REASON_UNEXPECTED_PDU);
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_RESET,
                                 "The SM-SR has reset the CAT_TP link: reason 4, unexpected PDU");

  assert_true (fake_time_get_flown_ms () >= EA_CATTP_LINK_HELD_LIMIT_S * 1000);
  cattp_link_rig_resume (rig, 1);
  run_ready ();
  cattp_link_rig_expect_diary (rig, "opened 65535\nclosed\n");
}

static void
test_a_peer_that_never_answers_is_given_up (void **state)
{
  CattpLinkRig *rig = *state;

  rig->peer->is_mute = TRUE;
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_NO_ANSWER, UNANSWERED);

  cattp_link_rig_expect_diary (rig, "closed\n");
}

static void
test_a_peer_that_falls_silent_is_given_up (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->peer->is_mute = TRUE;
  cattp_link_rig_send (rig, "01");
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_NO_ANSWER, SILENT);

  cattp_link_rig_expect_diary (rig, "opened 65535\nclosed\n");
}

static void
test_a_peer_that_has_nothing_to_say_is_asked_whether_it_is_there (void **state)
{
  CattpLinkRig *rig = *state;

  fake_time_let_fly ();
  cattp_link_rig_begin (rig, G_MAXUINT16, KEEP_ALIVE_MS);
  cattp_peer_await_link (rig->peer, 1);
  WAIT_FOR (fake_time_get_flown_ms () > 10 * KEEP_ALIVE_MS);
  cattp_link_rig_expect_diary (rig, "opened 65535\n");

  rig->peer->is_mute = TRUE;
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_NO_ANSWER, SILENT);
}

static void
test_nothing_is_sent_on_a_link_without_keep_alive_that_has_nothing_to_do (void **state)
{
  CattpLinkRig *rig = *state;
  guint64 n_octets;

  cattp_link_rig_open (rig);
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_peer_await_acknowledgement (rig->peer);
  n_octets = ea_cattp_link_get_bytes_sent (rig->link);
  fake_time_let_fly ();
  run_ready ();

  assert_int_equal (fake_time_get_flown_ms (), 0);
  assert_int_equal (ea_cattp_link_get_bytes_sent (rig->link), n_octets);
}

/* What the link would say of its silence now */
static gboolean
knows_that_nobody_is_there (CattpLinkRig *rig)
{
  g_autoptr (GError) error = ea_cattp_link_make_silence_error (rig->link);

  assert_true (g_error_matches (error, EA_CATTP_LINK_ERROR, EA_CATTP_LINK_ERROR_NO_ANSWER));
  return g_str_equal (error->message, UNANSWERED ": it seems that nobody listens at its UDP port");
}

static void
test_nobody_at_the_port_is_told_with_the_silence (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_peer_leave (rig->peer);
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  assert_false (knows_that_nobody_is_there (rig));
  WAIT_FOR (knows_that_nobody_is_there (rig));

  cattp_link_rig_expect_diary (rig, "");
}

/* Who says that nobody is there may lie, and it may soon be otherwise. */
static void
test_a_peer_that_comes_late_is_reached_all_the_same (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_peer_leave (rig->peer);
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  WAIT_FOR (knows_that_nobody_is_there (rig));
  cattp_peer_come (rig->peer);
  fake_time_let_fly ();
  cattp_peer_await_link (rig->peer, 1);

  cattp_link_rig_expect_diary (rig, "opened 65535\n");
}

static void
test_an_sdu_that_is_larger_than_was_said_ends_the_link (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_begin (rig, 2, 0);
  cattp_peer_await_link (rig->peer, 1);
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_peer_send_anyway (rig->peer, "010203");
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_LIMIT,
                                 "An SDU is larger than the agent has said that it takes");

  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\nclosed\n");
  cattp_peer_await_reset (rig->peer, SIM_CATTP_REASON_SET_UP_FAILED);
}

/* A PDU of another connection at the same ports: a second SYN where one is open may not come (TS 102 127). */
static void
test_a_syn_in_an_open_link_ends_it (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_peer_send_syn (rig->peer);
  cattp_link_rig_expect_failure (
      rig, EA_CATTP_LINK_ERROR_PROTOCOL,
      "What the SM-SR sends is not the CAT_TP that the agent knows: protocol");

  cattp_peer_await_reset (rig->peer, SIM_CATTP_REASON_UNEXPECTED_PDU);
}

static void
test_what_is_no_cat_tp_is_passed_over (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_peer_send_datagram (rig->peer, "");
  cattp_peer_send_datagram (rig->peer, "485454502F312E312034303020426164");
  cattp_link_rig_send_counted (rig, 5, 1);
  cattp_peer_await_acknowledgement (rig->peer);

  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0005\n");
}

static void
test_close_waits_until_the_peer_has_everything (void **state)
{
  CattpLinkRig *rig = *state;
  g_autofree char *sdu = NULL;

  cattp_link_rig_open (rig);
  cattp_link_rig_send (rig, "0102");
  ea_cattp_link_close (rig->link);
  cattp_link_rig_expect_end (rig);

  cattp_link_rig_expect_diary (rig, "opened 65535\ndelivered\nclosed\n");
  sdu = cattp_peer_await_sdu (rig->peer);
  assert_string_equal (sdu, "0102");
  cattp_peer_await_reset (rig->peer, SIM_CATTP_REASON_NORMAL);
}

static void
test_close_does_not_wait_for_ever (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->peer->is_mute = TRUE;
  cattp_link_rig_send (rig, "0102");
  ea_cattp_link_close (rig->link);
  cattp_link_rig_expect_failure (rig, EA_CATTP_LINK_ERROR_NO_ANSWER, SILENT);

  cattp_link_rig_expect_diary (rig, "opened 65535\nclosed\n");
}

static void
test_a_link_that_is_not_open_is_closed_at_once (void **state)
{
  CattpLinkRig *rig = *state;

  rig->peer->is_mute = TRUE;
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  ea_cattp_link_close (rig->link);
  cattp_link_rig_expect_end (rig);

  cattp_link_rig_expect_diary (rig, "closed\n");
}

static void
test_abort_tells_the_peer_why_and_its_owner_nothing (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_link_rig_send (rig, "0102");
  ea_cattp_link_abort (rig->link, EA_CATTP_RESET_UNEXPECTED);
  ea_cattp_link_abort (rig->link, EA_CATTP_RESET_NORMAL);
  cattp_peer_await_reset (rig->peer, SIM_CATTP_REASON_UNEXPECTED_PDU);
  run_ready ();

  cattp_link_rig_expect_diary (rig, "opened 65535\n");
}

static void
test_abort_forgets_what_is_held (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_link_rig_await_held (rig);
  ea_cattp_link_abort (rig->link, EA_CATTP_RESET_NORMAL);
  cattp_link_rig_resume (rig, 1);
  cattp_peer_await_reset (rig->peer, SIM_CATTP_REASON_NORMAL);
  run_ready ();

  cattp_link_rig_expect_diary (rig, "opened 65535\n");
}

/* The peer did not get the RST, and goes on. */
static void
check_lingering (CattpLinkRig *rig, guint8 reason)
{
  guint64 n_octets = rig->peer->n_octets_received;

  WAIT_FOR (rig->peer->n_octets_received == n_octets + RESET_SIZE);
  assert_null (rig->link);
  rig->peer->is_mute = FALSE;
  cattp_link_rig_send_counted (rig, 0, 1);
  cattp_peer_await_reset (rig->peer, reason);

  assert_non_null (rig->alive);
  WAIT_FOR (rig->alive == NULL);
}

static void
test_a_closed_link_that_was_dropped_answers_what_is_still_underway (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->drop_at = "closed";
  rig->peer->is_mute = TRUE;
  ea_cattp_link_close (rig->link);

  check_lingering (rig, SIM_CATTP_REASON_NORMAL);
  cattp_link_rig_expect_diary (rig, "opened 65535\nclosed\n");
}

static void
test_an_aborted_link_that_was_dropped_answers_what_is_still_underway (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->peer->is_mute = TRUE;
  ea_cattp_link_abort (rig->link, EA_CATTP_RESET_TEMPORARY);
  cattp_link_rig_drop (rig);

  check_lingering (rig, SIM_CATTP_REASON_TEMPORARILY_UNABLE);
}

/* Fails the test unless the link is gone in the turn of the main loop in which it was dropped. */
static void
check_drop (CattpLinkRig *rig, const char *word)
{
  rig->drop_at = word;
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  WAIT_FOR (rig->link == NULL || rig->peer->n_links == 1);
  if (rig->link != NULL)
    {
      cattp_link_rig_send_counted (rig, 0, 2);
      cattp_link_rig_send (rig, "01");
      WAIT_FOR (rig->link == NULL);
    }
  assert_null (rig->alive);
}

static void
test_link_may_be_dropped_when_it_opens (void **state)
{
  check_drop (*state, "opened");
}

static void
test_link_may_be_dropped_when_an_sdu_comes (void **state)
{
  check_drop (*state, "sdu");
}

static void
test_link_may_be_dropped_when_an_sdu_was_delivered (void **state)
{
  check_drop (*state, "delivered");
}

static void
test_link_may_be_dropped_when_a_held_sdu_comes_again (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  rig->drop_at = "sdu";
  cattp_link_rig_send_counted (rig, 0, 2);
  cattp_link_rig_await_held (rig);
  cattp_link_rig_resume (rig, 2);
  WAIT_FOR (rig->link == NULL);

  assert_null (rig->alive);
  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    CATTP_LINK_TEST (test_normal_ending_by_the_peer_is_no_error),
    CATTP_LINK_TEST (test_reset_by_the_peer_is_told_with_its_reason),
    CATTP_LINK_TEST (test_reset_for_a_reserved_reason_is_told_with_its_number),
    CATTP_LINK_TEST (test_a_link_that_the_peer_does_not_want_is_refused),
    CATTP_LINK_TEST (test_normal_ending_before_the_link_is_open_is_a_refusal),
    CATTP_LINK_TEST (test_the_end_is_told_behind_a_held_sdu),
    CATTP_LINK_TEST (test_nothing_is_kept_for_long_after_the_end),
    CATTP_LINK_TEST (test_a_peer_that_never_answers_is_given_up),
    CATTP_LINK_TEST (test_a_peer_that_falls_silent_is_given_up),
    CATTP_LINK_TEST (test_a_peer_that_has_nothing_to_say_is_asked_whether_it_is_there),
    CATTP_LINK_TEST (test_nothing_is_sent_on_a_link_without_keep_alive_that_has_nothing_to_do),
    CATTP_LINK_TEST (test_nobody_at_the_port_is_told_with_the_silence),
    CATTP_LINK_TEST (test_a_peer_that_comes_late_is_reached_all_the_same),
    CATTP_LINK_TEST (test_an_sdu_that_is_larger_than_was_said_ends_the_link),
    CATTP_LINK_TEST (test_a_syn_in_an_open_link_ends_it),
    CATTP_LINK_TEST (test_what_is_no_cat_tp_is_passed_over),
    CATTP_LINK_TEST (test_close_waits_until_the_peer_has_everything),
    CATTP_LINK_TEST (test_close_does_not_wait_for_ever),
    CATTP_LINK_TEST (test_a_link_that_is_not_open_is_closed_at_once),
    CATTP_LINK_TEST (test_abort_tells_the_peer_why_and_its_owner_nothing),
    CATTP_LINK_TEST (test_abort_forgets_what_is_held),
    CATTP_LINK_TEST (test_a_closed_link_that_was_dropped_answers_what_is_still_underway),
    CATTP_LINK_TEST (test_an_aborted_link_that_was_dropped_answers_what_is_still_underway),
    CATTP_LINK_TEST (test_link_may_be_dropped_when_it_opens),
    CATTP_LINK_TEST (test_link_may_be_dropped_when_an_sdu_comes),
    CATTP_LINK_TEST (test_link_may_be_dropped_when_an_sdu_was_delivered),
    CATTP_LINK_TEST (test_link_may_be_dropped_when_a_held_sdu_comes_again),
  };

  return cmocka_run_group_tests_name ("cattp-link-end", tests, NULL, NULL);
}
