/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An open CAT_TP connection (agent/core/cattp.h) and what somebody else, or a peer that is broken, may send to it:
 * it lives, or ends with its reason, and does not grow.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cattp-rig.h"
#include "core/cattp-timer.h"
#include "helpers.h"
#include "vectors.h"

#define N (OUR_NUMBER + 1)
#define P (PEER_NUMBER + 1)
#define SIZES "0578080000"
#define N_RANDOM 100000

/* The connection still does what it is for. @number: of the peer's next PDU */
static void
assert_lives (CattpRig *rig, guint16 number, guint16 next)
{
  g_autoptr (GBytes) sdu = NULL;

  (void) rig_drop (rig);
  rig_tells_nothing (rig);
  assert_int_equal (rig_get_state (rig), EA_CATTP_OPEN);
  rig_hears (rig, ACK, number, next - 1, "", "c0ffee");
  rig_tells_sdu (rig, "c0ffee");
  rig_send (rig, "0b");
  sdu = ea_cattp_pull_pdu (rig->machine, rig->now_us);
  assert_non_null (sdu);
  rig_hears (rig, ACK, number + 1, next, "", "");
  rig_tells (rig, EA_CATTP_EVENT_DELIVERED);
  rig_tells_nothing (rig);
}

/* PDUs of every kind that would do something to a connection of the rig */
static const struct
{
  guint8 flags;
  guint16 number;
  guint16 acknowledged;
  const char *area;
  const char *data;
} kinds[] = {
  { SYN, P, 0, SIZES, "" },          { SYN | ACK, P, N - 1, SIZES, "" },
  { ACK, P, N - 1, "", "" },         { ACK | EAK, P, N - 1, "0066", "" },
  { ACK | NUL, P, N - 1, "", "" },   { ACK, P, N - 1, "", "0102030405" },
  { ACK | SEG, P, N - 1, "", "01" }, { RST, P, 0, "00", "" },
  { RST | ACK, P, N - 1, "04", "" },
};

typedef struct
{
  CattpRig *rig;
  guint n;
} Damage;

static void
receive_damaged (EaSpan span, gpointer user_data)
{
  Damage *damage = user_data;

  ea_cattp_receive (damage->rig->machine, span, damage->rig->now_us);
  damage->n++;
}

static void
test_truncated_pdus_do_nothing (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  Damage damage = { .rig = &rig };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GBytes) pdu = make_pdu (kinds[i].flags, PEER_PORT, OUR_PORT, kinds[i].number,
                                         kinds[i].acknowledged, 10, kinds[i].area, kinds[i].data);

      parse_truncations (ea_span_from_bytes (pdu), receive_damaged, &damage);
    }

  rig_says_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_MALFORMED), damage.n);
  assert_lives (&rig, P, N);
}

static void
test_pdus_with_one_bit_wrong_do_nothing (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  Damage damage = { .rig = &rig };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GBytes) pdu = make_pdu (kinds[i].flags, PEER_PORT, OUR_PORT, kinds[i].number,
                                         kinds[i].acknowledged, 10, kinds[i].area, kinds[i].data);
      gsize size = g_bytes_get_size (pdu);
      g_autofree guint8 *octets = g_memdup2 (g_bytes_get_data (pdu, NULL), size);

      for (gsize bit = 0; bit < 8 * size; bit++)
        {
          octets[bit / 8] ^= (guint8) (1 << bit % 8);
          parse_exact (ea_span_init (octets, size), receive_damaged, &damage);
          octets[bit / 8] ^= (guint8) (1 << bit % 8);
        }
    }

  rig_says_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_MALFORMED)
                        + rig_count_discarded (&rig, EA_CATTP_DISCARD_CHECKSUM),
                    damage.n);
  assert_lives (&rig, P, N);
}

static void
test_recorded_pdus_of_other_connections_do_nothing (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };
  g_autoptr (GPtrArray) vectors = vectors_load ("cattp-pdu.tsv");

  parameters.initial_sequence = 0x4FFF;
  rig = rig_begin_active (&parameters);
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, SYN | ACK, 0x5FFF, 0x4FFF, SIZES, "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = g_ptr_array_index (vectors, i);

      ea_cattp_receive (rig.machine, ea_span_from_bytes (vector->bytes), rig.now_us);
    }

  assert_true (vectors->len > 100);
  assert_lives (&rig, 0x6000, 0x5000);
}

static void
test_forged_ports_do_nothing (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GBytes) from_other
          = make_pdu (kinds[i].flags, PEER_PORT + 1, OUR_PORT, kinds[i].number,
                      kinds[i].acknowledged, 10, kinds[i].area, kinds[i].data);
      g_autoptr (GBytes) to_other
          = make_pdu (kinds[i].flags, PEER_PORT, OUR_PORT + 1, kinds[i].number,
                      kinds[i].acknowledged, 10, kinds[i].area, kinds[i].data);

      ea_cattp_receive (rig.machine, ea_span_from_bytes (from_other), rig.now_us);
      ea_cattp_receive (rig.machine, ea_span_from_bytes (to_other), rig.now_us);
    }

  rig_says_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_PORT), 2 * G_N_ELEMENTS (kinds));
  assert_lives (&rig, P, N);
}

static void
test_numbers_outside_the_window_do_nothing_but_ask_for_the_state (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  /* all numbers but those of the window: P to P + 9, and one more for an RST */
  for (guint i = 11; i <= 0xFFFF; i++)
    {
      rig_hears (&rig, RST, (guint16) (P + i), 0, "00", "");
      rig_hears (&rig, SYN, (guint16) (P + i), 0, SIZES, "");
      rig_hears (&rig, ACK, (guint16) (P + i), N - 1, "", "bad0");
      rig_hears (&rig, ACK | NUL, (guint16) (P + i), N - 1, "", "");
      rig_says (&rig, ACK, N, P - 1, "", "");
      rig_says_nothing (&rig);
    }

  assert_lives (&rig, P, N);
}

static void
test_acknowledgements_with_numbers_outside_the_window_are_not_believed (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  /* all but those of the window, one more of a pure ACK, and as many old ones as may be repeated */
  for (guint i = 11; i < 0xFFFF - EA_CATTP_WINDOW_MAX; i++)
    {
      rig_hears (&rig, ACK, (guint16) (P + i), N, "", "");
      rig_hears (&rig, ACK | EAK, (guint16) (P + i), N, "0064", "");
      rig_says_nothing (&rig);
      rig_hears (&rig, ACK, (guint16) (P + i), N, "", "bad0");
      rig_hears (&rig, ACK | NUL, (guint16) (P + i), N, "", "");
      rig_says (&rig, ACK, N + 1, P - 1, "", "");
    }

  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK, P, N, "", "");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  assert_lives (&rig, P, N + 1);
}

static void
test_pdus_outside_the_window_do_not_put_off_the_keep_alive (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };

  parameters.keep_alive_us = 60 * G_USEC_PER_SEC;
  rig = rig_open_with (&parameters, 10);
  rig_pass (&rig, 20 * G_USEC_PER_SEC);
  rig_hears (&rig, ACK, P + 0x4000, N - 1, "", "bad0");
  rig_hears (&rig, ACK, P + 0x4000, N - 1, "", "");
  rig_hears (&rig, SYN, P + 0x4000, 0, SIZES, "");
  rig_hears (&rig, RST, P + 0x4000, 0, "00", "");
  rig_hears (&rig, ACK, P, N + 1, "", "bad0");
  assert_int_equal (rig_drop (&rig), 1);

  assert_int_equal (rig_pass_deadline (&rig), 40 * G_USEC_PER_SEC);
  rig_says (&rig, ACK | NUL, N, P - 1, "", "");
}

static void
test_acknowledgements_of_what_was_never_sent_do_nothing (void **state)
{
  g_auto (CattpRig) rig = rig_open ();

  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  for (guint i = 1; i < 0x8000; i++)
    {
      rig_hears (&rig, ACK, P, (guint16) (N + i), "", "bad0");
      rig_hears (&rig, ACK, P, (guint16) (N + i), "", "");
      rig_hears (&rig, RST | ACK, P, (guint16) (N + i), "00", "");
    }

  rig_says_nothing (&rig);
  rig_tells_nothing (&rig);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ACKNOWLEDGEMENT), 3 * 0x7FFF);
  rig_hears (&rig, ACK, P, N, "", "");
  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  assert_lives (&rig, P, N + 1);
}

static void
test_extended_acknowledgements_of_anything_do_nothing (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  g_autoptr (GString) area = g_string_new (NULL);

  for (guint i = 0; i < EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX; i++)
    g_string_append_printf (area, "%04x", (0xFFF0 + i * 7) & 0xFFFF);
  rig_send (&rig, "07");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK | EAK, P, N - 1, area->str, "");
  rig_hears (&rig, EAK, P, 0, area->str, "");
  rig_tells_nothing (&rig);
  rig_hears (&rig, ACK, P, N, "", "");

  rig_tells (&rig, EA_CATTP_EVENT_DELIVERED);
  assert_lives (&rig, P, N + 1);
}

static void
test_early_pdus_are_bounded (void **state)
{
  EaCattpParameters parameters = make_parameters ();
  g_auto (CattpRig) rig = { 0 };
  g_autofree char *data = g_strnfill (2 * 60000, '7');
  EaCattpCounters counters;

  parameters.max_sdu = 0xFFFF;
  rig = rig_open_with (&parameters, 10);
  for (guint16 round = 0; round < 20; round++)
    for (guint16 i = 1; i < 10; i++)
      {
        rig_hears (&rig, ACK, P + i, N - 1, "", round % 2 == 0 ? data : "07");
        (void) rig_drop (&rig);
      }

  /* ten of 1400 octets were promised */
  counters = ea_cattp_get_counters (rig.machine);
  assert_int_equal (counters.n_early, 9);
  assert_int_equal (rig_count_discarded (&rig, EA_CATTP_DISCARD_ROOM), 9);
}

static void
test_peer_that_never_acknowledges_is_given_up (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  gint64 start_us = rig.now_us;
  g_auto (EaCattpEvent) event = { 0 };

  for (guint i = 0; i < 100; i++)
    rig_send_zeros (&rig, 2048);
  while (rig_get_state (&rig) == EA_CATTP_OPEN)
    {
      assert_in_range (rig_drop (&rig), 1, 10);
      rig.now_us = ea_cattp_deadline (rig.machine);
      ea_cattp_tick (rig.machine, rig.now_us);
      /* it talks, but not of what it got */
      rig_hears (&rig, ACK | NUL, P + 3, N - 1, "", "");
    }

  assert_true (ea_cattp_pull_event (rig.machine, &event));
  assert_int_equal (event.cause, EA_CATTP_CAUSE_RETRIES);
  assert_int_equal (event.n_undelivered, 100);
  assert_true (rig.now_us - start_us
               <= (EA_CATTP_TIMEOUTS_MAX + 1) * (gint64) EA_CATTP_TIMEOUT_MAX_US);
}

static void
test_peer_that_acknowledges_all_but_one_is_given_up (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  guint n_said = 0;

  for (guint i = 0; i < 10; i++)
    rig_send (&rig, "07");
  while (rig_get_state (&rig) == EA_CATTP_OPEN)
    {
      n_said += rig_drop (&rig);
      rig_hears (&rig, ACK | EAK, P, N - 1, "0066006700680069006a006b006c006d006e", "");
      rig.now_us = ea_cattp_deadline (rig.machine);
      ea_cattp_tick (rig.machine, rig.now_us);
    }

  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
  assert_in_range (n_said, 10 + EA_CATTP_TIMEOUTS_MAX, 12 + EA_CATTP_TIMEOUTS_MAX);
}

static void
test_peer_that_says_it_has_all_and_acknowledges_none_is_given_up (void **state)
{
  g_auto (CattpRig) rig = rig_open ();
  guint n_said = 0;

  for (guint i = 0; i < 3; i++)
    rig_send (&rig, "07");
  while (rig_get_state (&rig) == EA_CATTP_OPEN)
    {
      n_said += rig_drop (&rig);
      rig.now_us += 1000;
      rig_hears (&rig, ACK | EAK, P, N - 1, "006500660067", "");
      assert_int_not_equal (ea_cattp_deadline (rig.machine), EA_CATTP_NEVER);
      rig.now_us = ea_cattp_deadline (rig.machine);
      ea_cattp_tick (rig.machine, rig.now_us);
      assert_true (n_said < 10000);
    }

  rig_tells_closed (&rig, EA_CATTP_CAUSE_RETRIES, EA_CATTP_RESET_RETRIES);
}

/* A PDU whose checksum is good and whose fields are by chance, often near those that count */
static GBytes *
make_random_pdu (GRand *rand)
{
  static const guint8 flags[] = { ACK, ACK, ACK,       ACK | SEG, ACK | NUL, ACK | EAK, EAK,
                                  0,   SEG, SYN | ACK, SYN,       RST,       RST | ACK };
  guint8 chosen = flags[g_rand_int_range (rand, 0, G_N_ELEMENTS (flags))];
  gboolean is_near = g_rand_boolean (rand);
  guint16 number
      = (guint16) (P + g_rand_int_range (rand, is_near ? -3 : -0x8000, is_near ? 14 : 0x8000));
  guint16 acknowledged
      = (guint16) (N + g_rand_int_range (rand, is_near ? -3 : -0x8000, is_near ? 14 : 0x8000));
  g_autofree char *early
      = g_strdup_printf ("%04x%04x", (guint16) (acknowledged + 1), g_rand_int (rand) & 0xFFFF);
  const char *area = "";

  if ((chosen & EAK) != 0)
    area = early;
  if ((chosen & SYN) != 0)
    area = SIZES;
  if ((chosen & RST) != 0)
    area = "07";
  return make_pdu (chosen, PEER_PORT, OUR_PORT, number, acknowledged,
                   (guint16) g_rand_int_range (rand, 0, 12), area,
                   (chosen & (SYN | RST | NUL)) != 0 ? "" : "0708");
}

/* One connection hears until it ends. Returns: PDUs that it heard */
static guint
hear_random (GRand *rand)
{
  g_auto (CattpRig) rig = rig_open ();
  g_auto (EaCattpEvent) last = { 0 };
  guint n_heard = 0;

  for (guint i = 0; i < 5; i++)
    rig_send_zeros (&rig, 2048);
  while (rig_get_state (&rig) == EA_CATTP_OPEN && n_heard < N_RANDOM)
    {
      g_autoptr (GBytes) pdu = make_random_pdu (rand);

      ea_cattp_receive (rig.machine, ea_span_from_bytes (pdu), rig.now_us);
      assert_in_range (rig_drop (&rig), 0, 30);
      rig.now_us += g_rand_int_range (rand, 0, 100 * 1000);
      if (ea_cattp_deadline (rig.machine) <= rig.now_us)
        ea_cattp_tick (rig.machine, rig.now_us);
      while (ea_cattp_pull_event (rig.machine, &last))
        ea_cattp_event_clear (&last);
      n_heard++;
    }
  if (rig_get_state (&rig) != EA_CATTP_OPEN)
    assert_int_equal (last.type, EA_CATTP_EVENT_CLOSED);
  return n_heard;
}

static void
test_random_pdus_end_a_connection_with_its_reason_or_leave_it (void **state)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_heard = 0;

  while (n_heard < N_RANDOM)
    n_heard += hear_random (rand);
}

static void
test_random_octets_do_nothing (void **state)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  g_auto (CattpRig) rig = rig_open ();

  for (guint i = 0; i < N_RANDOM; i++)
    {
      guint8 octets[64];
      gsize size = (gsize) g_rand_int_range (rand, 0, sizeof octets + 1);

      for (gsize j = 0; j < size; j++)
        octets[j] = (guint8) g_rand_int (rand);
      ea_cattp_receive (rig.machine, ea_span_init (octets, size), rig.now_us);
    }

  rig_says_nothing (&rig);
  assert_lives (&rig, P, N);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_truncated_pdus_do_nothing),
    cmocka_unit_test (test_pdus_with_one_bit_wrong_do_nothing),
    cmocka_unit_test (test_recorded_pdus_of_other_connections_do_nothing),
    cmocka_unit_test (test_forged_ports_do_nothing),
    cmocka_unit_test (test_numbers_outside_the_window_do_nothing_but_ask_for_the_state),
    cmocka_unit_test (test_acknowledgements_with_numbers_outside_the_window_are_not_believed),
    cmocka_unit_test (test_pdus_outside_the_window_do_not_put_off_the_keep_alive),
    cmocka_unit_test (test_acknowledgements_of_what_was_never_sent_do_nothing),
    cmocka_unit_test (test_extended_acknowledgements_of_anything_do_nothing),
    cmocka_unit_test (test_early_pdus_are_bounded),
    cmocka_unit_test (test_peer_that_never_acknowledges_is_given_up),
    cmocka_unit_test (test_peer_that_acknowledges_all_but_one_is_given_up),
    cmocka_unit_test (test_peer_that_says_it_has_all_and_acknowledges_none_is_given_up),
    cmocka_unit_test (test_random_pdus_end_a_connection_with_its_reason_or_leave_it),
    cmocka_unit_test (test_random_octets_do_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
