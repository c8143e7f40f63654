/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An open CAT_TP connection (agent/core/cattp.h) on a link that loses nothing: SDUs, windows, keep-alive and the end.
 * N is the number of the next PDU of the machine, P that of its peer.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-rig.h"
#include "core/cattp-timer.h"
#include "helpers.h"

#define N (OUR_NUMBER + 1)
#define P (PEER_NUMBER + 1)
#define SIZES "0578080000"

/* Of the header: octets, and where acknowledgement and window are */
#define HEADER_SIZE 18
#define ACKNOWLEDGEMENT_OFFSET 12

#define WINDOW 64 /* of who takes many PDUs */
#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static void
test_sdu_of_one_pdu_is_told_as_delivered (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_send (&rig, "060708");
  assert_false (ea_cattp_is_idle (rig.machine));
  rig_says (&rig, ACK, N, P - 1, "", "060708");
  rig_says_nothing (&rig);
  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK, P, N, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_nothing (&rig);
  assert_true (ea_cattp_is_idle (rig.machine));
}

static void
test_long_sdu_is_cut_and_told_once (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.max_pdu = 39;
  rig = rig_open_with (&parameters, 10);
  rig_send (&rig, "000102030405060708090a0b0c0d0e0f1011121314"
                  "15161718191a1b1c1d1e1f20212223242526272829");
  rig_send (&rig, "2a");
  rig_says (&rig, ACK | SEG, N, P - 1, "", "000102030405060708090a0b0c0d0e0f1011121314");
  rig_says (&rig, ACK, N + 1, P - 1, "", "15161718191a1b1c1d1e1f20212223242526272829");
  rig_says (&rig, ACK, N + 2, P - 1, "", "2a");
  rig_hears (&rig, ACK, P, N, "", "");
  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK, P, N + 2, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_nothing (&rig);
}

static void
test_segments_make_one_sdu (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK | SEG, P, N - 1, "", "0102030405");
  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK, P + 1, N - 1, "", "060708");
  rig_hears (&rig, ACK, P + 2, N - 1, "", "09");

  rig_tells_sdu (&rig, "0102030405060708");
  rig_tells_sdu (&rig, "09");
  rig_tells_nothing (&rig);
}

static void
test_pdus_out_of_order_are_named_and_put_in_order (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P + 3, N - 1, "", "04");
  rig_says (&rig, ACK | EAK, N, P - 1, "0005", "");
  rig_hears (&rig, ACK | SEG, P + 1, N - 1, "", "02");
  rig_says (&rig, ACK | EAK, N, P - 1, "00030005", "");
  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK | SEG, P, N - 1, "", "01");
  rig_says (&rig, ACK | EAK, N, P + 1, "0005", "");
  rig_hears (&rig, ACK, P + 2, N - 1, "", "03");
  rig_says (&rig, ACK, N, P + 3, "", "");

  rig_tells_sdu (&rig, "010203");
  rig_tells_sdu (&rig, "04");
}

static void
test_acknowledgement_waits_a_moment_for_company (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P, N - 1, "", "01");
  rig_says_nothing (&rig);
  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_ACKNOWLEDGEMENT_DELAY_US);
  rig_says (&rig, ACK, N, P, "", "");

  rig_hears (&rig, ACK, P + 1, N - 1, "", "02");
  rig_says_nothing (&rig);
  rig_hears (&rig, ACK, P + 2, N - 1, "", "03");
  rig_says (&rig, ACK, N, P + 2, "", "");

  rig_hears (&rig, ACK, P + 3, N - 1, "", "04");
  rig_send (&rig, "99");
  rig_says (&rig, ACK, N, P + 3, "", "99");
  rig_says_nothing (&rig);
}

static void
test_nul_is_acknowledged_at_once_and_is_no_sdu (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK | NUL, P, N - 1, "", "");
  rig_says (&rig, ACK, N, P, "", "");
  rig_hears (&rig, ACK | NUL, P + 2, N - 1, "", "");
  rig_says (&rig, ACK | EAK, N, P, "0004", "");
  rig_hears (&rig, ACK, P + 1, N - 1, "", "07");
  rig_says (&rig, ACK, N, P + 2, "", "");

  rig_tells_sdu (&rig, "07");
  rig_tells_nothing (&rig);
}

static void
test_window_of_the_peer_bounds_what_is_underway (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_open_with (&parameters, 2);

  for (guint i = 0; i < 5; i++)
    rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 2);
  rig_hears_window (&rig, ACK, P, N, 2, "", "");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears_window (&rig, ACK, P, N + 2, 10, "", "");
  assert_int_equal (rig_drop (&rig), 2);
}

static void
test_closed_window_is_probed_by_nul_ever_more_seldom (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_open_with (&parameters, 0);
  gint64 before_us = 0;

  rig_send (&rig, "07");
  rig_says_nothing (&rig);
  for (guint16 i = 0; i < EA_CATTP_PROBES_MAX; i++)
    {
      gint64 time_us = rig_pass_deadline (&rig);

      assert_true (time_us >= before_us && time_us <= 60 * G_USEC_PER_SEC);
      before_us = time_us;
      rig_says (&rig, ACK | NUL, N + i, P - 1, "", "");
      rig_hears_window (&rig, ACK, P, N + i, 0, "", "");
      rig_says_nothing (&rig);
    }
  rig_tells_nothing (&rig);

  (void) rig_pass_deadline (&rig);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears_window (&rig, ACK, P, N + EA_CATTP_PROBES_MAX, 0, "", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

static void
test_window_that_opens_lets_the_sdu_pass (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_open_with (&parameters, 0);

  rig_send (&rig, "07");
  (void) rig_pass_deadline (&rig);
  rig_says (&rig, ACK | NUL, N, P - 1, "", "");
  rig_hears_window (&rig, ACK, P, N, 10, "", "");

  rig_says (&rig, ACK, N + 1, P - 1, "", "07");
}

static void
test_window_that_closes_over_what_is_underway_is_no_silence (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_send (&rig, "01");
  rig_send (&rig, "02");
  assert_int_equal (rig_drop (&rig), 2);
  for (guint i = 0; i < EA_CATTP_TIMEOUTS_MAX + 5; i++)
    {
      rig_hears_window (&rig, ACK, P, N - 1, 0, "", "");
      (void) rig_pass_deadline (&rig);
      rig_says (&rig, ACK, N, P - 1, "", "01");
    }
  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
  rig_hears_window (&rig, ACK, P, N + 1, 10, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
}

static void
test_peer_that_never_takes_what_is_underway_is_asked_ever_more_seldom (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  gint64 begin_us = rig.now_us;

  rig_send (&rig, "01");
  assert_int_equal (rig_drop (&rig), 1);
  for (guint i = 0; i < EA_CATTP_PROBES_MAX; i++)
    {
      (void) rig_pass_deadline (&rig);
      rig_says (&rig, ACK, N, P - 1, "", "01");
      rig_hears_window (&rig, ACK, P, N - 1, 0, "", "");
      rig_says_nothing (&rig);
    }
  rig_tells_nothing (&rig);
  assert_in_range ((rig.now_us - begin_us) / G_USEC_PER_SEC, 30 * 60, EA_CATTP_PROBES_MAX * 60);

  (void) rig_pass_deadline (&rig);
  rig_says (&rig, ACK, N, P - 1, "", "01");
  rig_hears_window (&rig, ACK, P, N - 1, 0, "", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

static void
test_window_that_closes_while_much_is_acknowledged_is_no_probe (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_open_with (&parameters, 64);

  for (guint i = 0; i < 70; i++)
    rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 64);
  for (guint16 i = 0; i < EA_CATTP_PROBES_MAX + 10; i++)
    {
      rig_hears_window (&rig, ACK, P, N + i, 0, "", "");
      rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
      rig_says_nothing (&rig);
    }

  assert_int_equal (rig_get_state (&rig), EA_CATTP_OPEN);
  rig_hears_window (&rig, ACK, P, N + 63, 64, "", "");
  assert_int_equal (rig_drop (&rig), 6);
}

static void
test_keep_alive_with_nothing_to_be_sent_is_no_probe (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.keep_alive_us = 60 * G_USEC_PER_SEC;
  rig = rig_open_with (&parameters, 0);
  for (guint16 i = 0; i < EA_CATTP_PROBES_MAX + 10; i++)
    {
      (void) rig_pass_deadline (&rig);
      rig_says (&rig, ACK | NUL, N + i, P - 1, "", "");
      rig_hears_window (&rig, ACK, P, N + i, 0, "", "");
    }

  rig_tells_nothing (&rig);
}

static void
test_window_closes_over_sdus_that_nobody_pulls_and_opens_again (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };
  g_autofree char *data = g_strnfill (2 * 30000, '7');
  guint16 number = P;

  parameters.max_sdu = 30000;
  rig = rig_open_with (&parameters, 10);
  for (guint i = 0; i < EA_CATTP_UNREAD_OCTETS_MAX / 30000; i++)
    {
      rig_hears (&rig, ACK, number++, N - 1, "", data);
      (void) rig_drop (&rig);
    }
  rig_hears (&rig, ACK, number++, N - 1, "", data);
  rig_pass (&rig, EA_CATTP_ACKNOWLEDGEMENT_DELAY_US);
  rig_says_window (&rig, ACK, N, number - 1, 0, "", "");
  rig_hears (&rig, ACK, number, N - 1, "", "07");
  rig_says_window (&rig, ACK, N, number - 1, 0, "", "");
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ROOM), 1);
  rig_hears (&rig, ACK | NUL, number, N - 1, "", "");
  rig_says_window (&rig, ACK, N, number, 0, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_SDU);
  rig_says (&rig, ACK, N, number, "", "");
}

static void
test_window_closes_over_many_small_sdus (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  guint16 number = P;
  guint n_taken = 0;

  while (rig_count_discarded (&rig, EA_CATTP_DISCARD_ROOM) == 0 && n_taken < 10000)
    {
      rig_hears (&rig, ACK, number++, N - 1, "", "07");
      (void) rig_drop (&rig);
      n_taken++;
    }

  assert_in_range (n_taken, 900, 1100);
}

/* The last number that the machine has promised to take by what it says now */
static guint16
read_promise (CattpRig *rig, guint16 promise)
{
  for (;;)
    {
      g_autoptr (GBytes) pdu = ea_cattp_pull_pdu (rig->machine, rig->now_us);
      EaReader reader;
      guint16 last;

      if (pdu == NULL)
        return promise;
      ea_reader_init (&reader, ea_span_from_bytes (pdu));
      (void) ea_reader_bytes (&reader, ACKNOWLEDGEMENT_OFFSET);
      last = ea_reader_u16be (&reader);
      last = (guint16) (last + ea_reader_u16be (&reader));
      assert_in_range ((guint16) (last - promise), 0, WINDOW);
      promise = last;
    }
}

/* A peer that has always sent as much as it may, in SDUs of so many PDUs, when it hears of the next window. */
static void
check_promises (guint n_pdus)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };
  g_autofree char *data = g_strnfill (2 * (1400 - HEADER_SIZE), '7');
  guint16 number = P;
  guint16 promise = P + WINDOW - 1;

  parameters.max_sdu = EA_CATTP_SDU_MAX;
  parameters.window = WINDOW;
  rig = rig_open_with (&parameters, 10);
  while (number != (guint16) (promise + 1))
    {
      for (; number != (guint16) (promise + 1); number++)
        rig_hears (&rig, (number - P + 1) % n_pdus != 0 ? ACK | SEG : ACK, number, N - 1, "", data);
      rig_pass (&rig, EA_CATTP_ACKNOWLEDGEMENT_DELAY_US);
      promise = read_promise (&rig, promise);
    }

  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ROOM), 0);
  assert_in_range ((number - P) * (1400 - HEADER_SIZE), EA_CATTP_UNREAD_OCTETS_MAX / 4 * 3,
                   EA_CATTP_UNREAD_OCTETS_MAX);
}

static void
test_a_window_that_closes_takes_nothing_back (void **state)
{
  check_promises (47); /* as many as an SDU may have */
  check_promises (3);
  check_promises (1);
}

static void
test_sdu_larger_than_said_ends_the_connection (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) exact = { 0 };
  g_auto (CattpRig) rig = { 0 };

  parameters.max_sdu = 4;
  exact = rig_open_with (&parameters, 10);
  rig_hears (&exact, ACK | SEG, P, N - 1, "", "0102");
  rig_hears (&exact, ACK, P + 1, N - 1, "", "0304");
  rig_tells_sdu (&exact, "01020304");

  rig = rig_open_with (&parameters, 10);
  rig_hears (&rig, ACK | SEG, P, N - 1, "", "0102");
  rig_hears (&rig, ACK, P + 1, N - 1, "", "030405");
  rig_says (&rig, ACK, N, P + 1, "", "");
  rig_says (&rig, RST, N, 0, "01", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_LIMIT, EA_CATTP_RESET_PARAMETERS);
}

static void
test_sdu_that_the_peer_does_not_take_is_refused (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  g_autoptr (GBytes) most = g_bytes_new_take (g_malloc0 (2048), 2048);
  g_autoptr (GBytes) more = g_bytes_new_take (g_malloc0 (2049), 2049);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;

  assert_false (ea_cattp_send (rig.machine, more, rig.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_false (ea_cattp_send (rig.machine, none, rig.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_true (ea_cattp_send (rig.machine, most, rig.now_us, &error));
}

static void
test_queue_is_bounded (void **state)
{
  g_auto (CattpRig) many = rig_open ();
  g_auto (CattpRig) large = rig_open ();
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (2048), 2048);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < EA_CATTP_QUEUE_SDUS_MAX; i++)
    rig_send (&many, "07");
  assert_false (ea_cattp_send (many.machine, sdu, many.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  for (guint i = 0; i < EA_CATTP_QUEUE_OCTETS_MAX / 2048; i++)
    rig_send_zeros (&large, 2048);
  assert_false (ea_cattp_send (large.machine, sdu, large.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_close_waits_for_acknowledgements (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  g_autoptr (GBytes) sdu = bytes_of ("07");
  g_autoptr (GError) error = NULL;

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  ea_cattp_close (rig.machine, rig.now_us);
  rig_says_nothing (&rig);
  assert_false (ea_cattp_send (rig.machine, sdu, rig.now_us, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  rig_hears (&rig, ACK, P, N, "", "");

  rig_says (&rig, RST, N + 1, 0, "00", "");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_closed (&rig, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_CLOSE_WAIT);
}

static void
test_close_waits_no_longer_than_its_limit (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = rig_open_with (&parameters, 0);
  g_auto (EaCattpEvent) event = { 0 };
  gint64 end_us = rig.now_us + EA_CATTP_CLOSE_LIMIT_US;

  rig_send (&rig, "07");
  ea_cattp_close (rig.machine, rig.now_us);
  while (rig_get_state (&rig) == EA_CATTP_OPEN)
    {
      (void) rig_pass_deadline (&rig);
      (void) rig_drop (&rig);
    }

  assert_int_equal (rig.now_us, end_us);
  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_int_equal (event.cause, EA_CATTP_CAUSE_CLOSED);
  assert_int_equal (event.n_undelivered, 1);
}

static void
test_close_says_what_it_owes_before (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P, N - 1, "", "07");
  ea_cattp_close (rig.machine, rig.now_us);

  rig_says (&rig, ACK, N, P, "", "");
  rig_says (&rig, RST, N, 0, "00", "");
  rig_says_nothing (&rig);
}

static void
test_close_wait_answers_by_rst_and_ends (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  ea_cattp_close (rig.machine, rig.now_us);
  rig_says (&rig, RST, N, 0, "00", "");
  rig_hears (&rig, ACK, P, N - 1, "", "07");
  rig_says (&rig, RST, N, 0, "00", "");
  assert_int_equal (rig_pass_deadline (&rig), EA_CATTP_TIMEOUT_MIN_US);
  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_CLOSED);
  assert_int_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);

  rig_hears (&rig, ACK, P, N - 1, "", "07");
  rig_says (&rig, RST, N, 0, "00", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_CLOSED, EA_CATTP_RESET_NORMAL);
}

static void
test_close_wait_ends_by_the_rst_of_the_peer (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  ea_cattp_abort (rig.machine, EA_CATTP_RESET_TEMPORARY, rig.now_us);
  rig_says (&rig, RST, N, 0, "02", "");
  rig_hears (&rig, RST, P, 0, "00", "");

  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_CLOSED);
}

static void
test_rst_is_said_twice_where_pdus_were_lost (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, ACK, P + 1, N - 1, "", "07");
  assert_int_equal (rig_drop (&rig), 1);
  ea_cattp_close (rig.machine, rig.now_us);
  rig_says (&rig, RST, N, 0, "00", "");
  (void) rig_pass_deadline (&rig);
  rig_says (&rig, RST, N, 0, "00", "");
  (void) rig_pass_deadline (&rig);

  rig_says_nothing (&rig);
  assert_int_equal (rig_get_state (&rig), EA_CATTP_CLOSED);
}

static void
test_closed_by_the_peer_answers_only_what_is_no_rst (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_hears (&rig, RST, P, 0, "00", "");
  rig_tells_closed (&rig, EA_CATTP_CAUSE_PEER, EA_CATTP_RESET_NORMAL);
  rig_hears (&rig, RST, P, 0, "00", "");
  rig_says_nothing (&rig);
  rig_hears (&rig, ACK, P, N - 1, "", "07");
  rig_says (&rig, RST, N, 0, "04", "");
  ea_cattp_close (rig.machine, rig.now_us);
  ea_cattp_abort (rig.machine, EA_CATTP_RESET_NORMAL, rig.now_us);

  rig_says_nothing (&rig);
  rig_tells_nothing (&rig);
}

static void
test_rst_that_acknowledges_tells_of_the_delivery_first (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  g_auto (EaCattpEvent) event = { 0 };

  rig_send (&rig, "01");
  rig_send (&rig, "02");
  assert_int_equal (rig_drop (&rig), 2);
  rig_hears (&rig, RST | ACK, P, N, "02", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_int_equal (event.type, EA_CATTP_EVENT_CLOSED);
  assert_int_equal (event.reason, EA_CATTP_RESET_TEMPORARY);
  assert_int_equal (event.n_undelivered, 1);
}

static void
test_idle_connection_says_nothing_for_ever (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  assert_int_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);
  ea_cattp_tick (rig.machine, rig.now_us + 1000 * HOUR_US);
  rig_says_nothing (&rig);
}

static void
test_keep_alive_is_a_nul_after_silence (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.keep_alive_us = 60 * G_USEC_PER_SEC;
  rig = rig_open_with (&parameters, 10);
  rig_pass (&rig, 30 * G_USEC_PER_SEC);
  rig_hears (&rig, ACK | NUL, P, N - 1, "", "");
  assert_int_equal (rig_drop (&rig), 1);
  assert_int_equal (rig_pass_deadline (&rig), 60 * G_USEC_PER_SEC);
  rig_says (&rig, ACK | NUL, N, P, "", "");
  rig_hears (&rig, ACK, P + 1, N, "", "");

  rig_says_nothing (&rig);
  assert_int_equal (rig_pass_deadline (&rig), 60 * G_USEC_PER_SEC);
  rig_says (&rig, ACK | NUL, N + 1, P, "", "");
}

static void
test_numbers_wrap_around_both_ways (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.initial_sequence = 0xFFFE;
  rig = rig_begin_active (&parameters);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, 0xFFFE, 0xFFFE, SIZES, "");
  rig_says (&rig, ACK, 0xFFFF, 0xFFFE, "", "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);

  rig_send (&rig, "01");
  rig_send (&rig, "02");
  rig_send (&rig, "03");
  rig_says (&rig, ACK, 0xFFFF, 0xFFFE, "", "01");
  rig_says (&rig, ACK, 0x0000, 0xFFFE, "", "02");
  rig_says (&rig, ACK, 0x0001, 0xFFFE, "", "03");
  rig_hears (&rig, ACK, 0x0000, 0x0000, "", "0b");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_says (&rig, ACK | EAK, 0x0002, 0xFFFE, "0000", "");
  rig_hears (&rig, ACK, 0xFFFF, 0x0001, "", "0a");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_sdu (&rig, "0a");
  rig_tells_sdu (&rig, "0b");
  rig_says (&rig, ACK, 0x0002, 0x0000, "", "");
}

static void
test_names_are_there_for_all (void **state)
{
  for (guint i = EA_CATTP_LISTEN; i <= EA_CATTP_CLOSED; i++)
    assert_non_null (ea_cattp_state_get_name ((EaCattpState) i));
  for (guint i = EA_CATTP_CAUSE_CLOSED; i <= EA_CATTP_CAUSE_LIMIT; i++)
    assert_non_null (ea_cattp_cause_get_name ((EaCattpCause) i));
  for (guint i = 0; i < EA_CATTP_N_DISCARDS; i++)
    assert_non_null (ea_cattp_discard_get_name ((EaCattpDiscard) i));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_sdu_of_one_pdu_is_told_as_delivered),
    cmocka_unit_test (test_long_sdu_is_cut_and_told_once),
    cmocka_unit_test (test_segments_make_one_sdu),
    cmocka_unit_test (test_pdus_out_of_order_are_named_and_put_in_order),
    cmocka_unit_test (test_acknowledgement_waits_a_moment_for_company),
    cmocka_unit_test (test_nul_is_acknowledged_at_once_and_is_no_sdu),
    cmocka_unit_test (test_window_of_the_peer_bounds_what_is_underway),
    cmocka_unit_test (test_closed_window_is_probed_by_nul_ever_more_seldom),
    cmocka_unit_test (test_window_that_opens_lets_the_sdu_pass),
    cmocka_unit_test (test_window_that_closes_over_what_is_underway_is_no_silence),
    cmocka_unit_test (test_peer_that_never_takes_what_is_underway_is_asked_ever_more_seldom),
    cmocka_unit_test (test_window_that_closes_while_much_is_acknowledged_is_no_probe),
    cmocka_unit_test (test_keep_alive_with_nothing_to_be_sent_is_no_probe),
    cmocka_unit_test (test_window_closes_over_sdus_that_nobody_pulls_and_opens_again),
    cmocka_unit_test (test_window_closes_over_many_small_sdus),
    cmocka_unit_test (test_a_window_that_closes_takes_nothing_back),
    cmocka_unit_test (test_sdu_larger_than_said_ends_the_connection),
    cmocka_unit_test (test_sdu_that_the_peer_does_not_take_is_refused),
    cmocka_unit_test (test_queue_is_bounded),
    cmocka_unit_test (test_close_waits_for_acknowledgements),
    cmocka_unit_test (test_close_waits_no_longer_than_its_limit),
    cmocka_unit_test (test_close_says_what_it_owes_before),
    cmocka_unit_test (test_close_wait_answers_by_rst_and_ends),
    cmocka_unit_test (test_close_wait_ends_by_the_rst_of_the_peer),
    cmocka_unit_test (test_rst_is_said_twice_where_pdus_were_lost),
    cmocka_unit_test (test_closed_by_the_peer_answers_only_what_is_no_rst),
    cmocka_unit_test (test_rst_that_acknowledges_tells_of_the_delivery_first),
    cmocka_unit_test (test_idle_connection_says_nothing_for_ever),
    cmocka_unit_test (test_keep_alive_is_a_nul_after_silence),
    cmocka_unit_test (test_numbers_wrap_around_both_ways),
    cmocka_unit_test (test_names_are_there_for_all),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
