/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SDUs on a CAT_TP link (agent/session/cattp-link.h) over loopback UDP, with the simulator's endpoint as the peer. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cattp-link-rig.h"
#include "core/error.h"
#include "fake-time.h"
#include "helpers.h"
#include "wait.h"

/* ETSI TS 102 127: headers of a PDU without data, and of the SYN with four octets of identification */
#define HEADER_SIZE 18
#define SYN_SIZE 27

/* Octets of an SDU of some PDUs, and of one that is more than is underway at first */
#define LONG_SIZE 5000
#define LARGEST_SIZE 65535

/* Answers that are kept while nobody acknowledges them: fewer than PDUs that a peer may have underway */
#define ANSWERS_MAX 4
#define N_MANY 60

#define STALL_MS 20000

/* (transfer full): hexadecimal; a sequence that no shift leaves as it is */
static char *
make_long_sdu (gsize size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02X", (guint) (i * i / 7 % 251));
  return g_string_free (text, FALSE);
}

static void
test_both_sides_say_what_they_take (void **state)
{
  CattpLinkRig *rig = *state;

  rig->peer->sdu_max = 1000;
  cattp_link_rig_begin (rig, 300, 0);
  cattp_peer_await_link (rig->peer, 1);

  cattp_link_rig_expect_diary (rig, "opened 1000\n");
  assert_int_equal (sim_cattp_get_sdu_max (rig->peer->link), 300);
  assert_int_equal (sim_cattp_get_pdu_max (rig->peer->link), EA_CATTP_LINK_PDU_MAX);
  assert_span_is (sim_cattp_get_identification (rig->peer->link), "89001012");
}

static void
test_nothing_is_sent_or_told_from_within_a_call (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  assert_int_equal (ea_cattp_link_get_bytes_sent (rig->link), 0);
  cattp_peer_await_link (rig->peer, 1);
  cattp_link_rig_send (rig, "01");

  assert_int_equal (ea_cattp_link_get_bytes_sent (rig->link), SYN_SIZE + HEADER_SIZE);
  cattp_link_rig_expect_diary (rig, "opened 65535\n");
}

static void
test_sdus_go_out_in_order_and_are_told_of_when_they_have_come (void **state)
{
  CattpLinkRig *rig = *state;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  cattp_link_rig_open (rig);
  cattp_link_rig_send (rig, "0102");
  cattp_link_rig_send (rig, "A0B1C2");
  WAIT_FOR (rig->n_delivered == 2);
  first = cattp_peer_await_sdu (rig->peer);
  second = cattp_peer_await_sdu (rig->peer);

  assert_string_equal (first, "0102");
  assert_string_equal (second, "A0B1C2");
  cattp_link_rig_expect_diary (rig, "opened 65535\ndelivered\ndelivered\n");
}

static void
test_an_sdu_that_the_peer_has_not_is_not_told_of (void **state)
{
  CattpLinkRig *rig = *state;
  guint64 n_octets;

  cattp_link_rig_open (rig);
  rig->peer->is_mute = TRUE;
  n_octets = rig->peer->n_octets_received;
  cattp_link_rig_send (rig, "0102");
  WAIT_FOR (rig->peer->n_octets_received == n_octets + HEADER_SIZE + 2);
  run_ready ();
  assert_int_equal (rig->n_delivered, 0);

  rig->peer->is_mute = FALSE;
  fake_time_let_fly ();
  WAIT_FOR (rig->n_delivered == 1); /* it was sent again */
}

static void
test_sdus_of_the_peer_come_in_order (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_link_rig_send_counted (rig, 1, 3);
  cattp_peer_await_acknowledgement (rig->peer);

  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0001\nsdu 0002\nsdu 0003\n");
}

static void
test_sdus_of_many_pdus_go_both_ways (void **state)
{
  CattpLinkRig *rig = *state;
  g_autofree char *there = make_long_sdu (LONG_SIZE);
  g_autofree char *back = make_long_sdu (LARGEST_SIZE);
  g_autofree char *lines = g_strdup_printf ("opened 65535\ndelivered\nsdu %s\n", back);
  g_autofree char *taken = NULL;

  cattp_link_rig_open (rig);
  cattp_link_rig_send (rig, there);
  WAIT_FOR (rig->n_delivered == 1);
  cattp_peer_send (rig->peer, back);
  WAIT_FOR (rig->n_sdus == 1);
  taken = cattp_peer_await_sdu (rig->peer);

  assert_string_equal (taken, there);
  cattp_link_rig_expect_diary (rig, lines);
}

static void
expect_send_error (CattpLinkRig *rig, const char *sdu, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (sdu);
  g_autoptr (GError) error = NULL;

  assert_false (ea_cattp_link_send (rig->link, bytes, &error));
  assert_core_error (&error, code);
}

static void
test_an_sdu_that_the_peer_does_not_take_is_refused_and_the_link_goes_on (void **state)
{
  CattpLinkRig *rig = *state;
  g_autofree char *taken = NULL;

  rig->peer->sdu_max = 3;
  cattp_link_rig_begin (rig, G_MAXUINT16, 0);
  expect_send_error (rig, "01", EA_CORE_ERROR_UNSUPPORTED); /* not open yet */
  cattp_peer_await_link (rig->peer, 1);
  expect_send_error (rig, "01020304", EA_CORE_ERROR_LIMIT);
  expect_send_error (rig, "", EA_CORE_ERROR_MALFORMED);
  cattp_link_rig_send (rig, "010203");
  WAIT_FOR (rig->n_delivered == 1);
  taken = cattp_peer_await_sdu (rig->peer);

  assert_string_equal (taken, "010203");
}

static void
test_an_sdu_without_room_comes_again_when_there_is_some (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 1;
  cattp_link_rig_send_counted (rig, 0, 4);
  cattp_link_rig_await_held (rig);
  cattp_link_rig_await_all (rig);
  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\n");
  assert_int_equal (rig->n_refused, 1); /* nobody has said that there is room */

  cattp_link_rig_resume (rig, 2);
  assert_int_equal (rig->n_sdus, 1); /* not from within the call */
  WAIT_FOR (rig->n_refused == 2);
  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\nsdu 0001\nsdu 0002\n");
  cattp_link_rig_resume (rig, 1);
  WAIT_FOR (rig->n_sdus == 4);
  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0000\nsdu 0001\nsdu 0002\nsdu 0003\n");
}

static void
test_a_held_sdu_stays_held_while_there_is_no_room (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  cattp_link_rig_send_counted (rig, 7, 1);
  cattp_link_rig_await_held (rig);
  cattp_link_rig_resume (rig, 0);
  WAIT_FOR (rig->n_refused == 2);
  cattp_link_rig_resume (rig, 5);
  WAIT_FOR (rig->n_sdus == 1);
  cattp_link_rig_resume (rig, 5);
  run_ready ();

  cattp_link_rig_expect_diary (rig, "opened 65535\nsdu 0007\n"); /* and once only */
}

static void
test_a_held_sdu_holds_up_no_delivery (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->room = 0;
  cattp_link_rig_send_counted (rig, 0, 3);
  cattp_link_rig_await_held (rig);
  cattp_link_rig_send (rig, "0102");
  WAIT_FOR (rig->n_delivered == 1);

  cattp_link_rig_expect_diary (rig, "opened 65535\ndelivered\n");
}

/* As the endpoint does, whose answers have room for so many */
static void
test_many_sdus_at_once_are_answered_by_an_owner_with_room_for_fewer (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  rig->answers_max = ANSWERS_MAX;
  rig->peer->is_mute = TRUE; /* no answer is acknowledged */
  cattp_link_rig_send_counted (rig, 0, N_MANY);
  cattp_link_rig_await_held (rig);
  assert_int_equal (rig->n_answers, ANSWERS_MAX);
  rig->peer->is_mute = FALSE;
  WAIT_FOR (rig->n_delivered == N_MANY);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *sdu = cattp_peer_await_sdu (rig->peer);
      g_autofree char *wanted = g_strdup_printf ("%04X", i);

      assert_string_equal (sdu, wanted);
    }
}

static void
test_the_peer_is_slowed_down_while_sdus_are_held (void **state)
{
  CattpLinkRig *rig = *state;
  g_autofree char *sdu = make_long_sdu (LARGEST_SIZE);
  const guint n_sdus = 3 * (EA_CATTP_UNREAD_OCTETS_MAX / LARGEST_SIZE);

  cattp_link_rig_open (rig);
  rig->room = 0;
  for (guint i = 0; i < n_sdus; i++)
    cattp_peer_send (rig->peer, sdu);
  WAIT_FOR (ea_cattp_link_get_bytes_received (rig->link) > EA_CATTP_UNREAD_OCTETS_MAX);
  fake_time_let_fly ();
  WAIT_FOR (fake_time_get_flown_ms () > STALL_MS);
  fake_time_stop ();
  assert_false (sim_cattp_is_idle (rig->peer->link));

  cattp_link_rig_resume (rig, n_sdus);
  WAIT_FOR (rig->n_sdus == n_sdus);
}

static void
test_octets_of_all_datagrams_are_counted (void **state)
{
  CattpLinkRig *rig = *state;

  cattp_link_rig_open (rig);
  cattp_link_rig_send (rig, "010203");
  cattp_link_rig_send_counted (rig, 0, 2);
  cattp_peer_await_acknowledgement (rig->peer);
  WAIT_FOR (rig->n_delivered == 1);
  cattp_link_rig_await_all (rig);
  WAIT_FOR (ea_cattp_link_get_bytes_sent (rig->link) == rig->peer->n_octets_received);

  assert_in_range (rig->peer->n_octets_received, SYN_SIZE + 2 * HEADER_SIZE + 3, 1000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    CATTP_LINK_TEST (test_both_sides_say_what_they_take),
    CATTP_LINK_TEST (test_nothing_is_sent_or_told_from_within_a_call),
    CATTP_LINK_TEST (test_sdus_go_out_in_order_and_are_told_of_when_they_have_come),
    CATTP_LINK_TEST (test_an_sdu_that_the_peer_has_not_is_not_told_of),
    CATTP_LINK_TEST (test_sdus_of_the_peer_come_in_order),
    CATTP_LINK_TEST (test_sdus_of_many_pdus_go_both_ways),
    CATTP_LINK_TEST (test_an_sdu_that_the_peer_does_not_take_is_refused_and_the_link_goes_on),
    CATTP_LINK_TEST (test_an_sdu_without_room_comes_again_when_there_is_some),
    CATTP_LINK_TEST (test_a_held_sdu_stays_held_while_there_is_no_room),
    CATTP_LINK_TEST (test_a_held_sdu_holds_up_no_delivery),
    CATTP_LINK_TEST (test_many_sdus_at_once_are_answered_by_an_owner_with_room_for_fewer),
    CATTP_LINK_TEST (test_the_peer_is_slowed_down_while_sdus_are_held),
    CATTP_LINK_TEST (test_octets_of_all_datagrams_are_counted),
  };

  return cmocka_run_group_tests_name ("cattp-link", tests, NULL, NULL);
}
