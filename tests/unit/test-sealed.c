/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sealed packets on their way to the card (agent/session/sealed.h). What the card answers is in test-sealed-answer.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "sealed-rig.h"
#include "wait.h"

/* Bytes of a packet in a segment, TS 31.115 §4 with the header of TS 23.040 §9.2.3.24 */
#define ROOM_ALONE 137
#define ROOM_FIRST 132
#define ROOM_OTHER 134
#define SEGMENTS_MAX 255
#define PACKET_MAX (ROOM_FIRST + (SEGMENTS_MAX - 1) * ROOM_OTHER)
#define PACKET_MIN 10 /* up to TAR */

static void
assert_is_not_sealed (EaSpan sdu, gpointer user_data)
{
  assert_false (ea_sealed_is_sealed_form (sdu));
}

static void
test_whole_user_data_of_a_command_are_the_sealed_form (void **state)
{
  static const char *const others[] = {
    SDU_SUBMIT "00",                      /* more than CPL says */
    "0128151639" PACKET_REST,             /* the form of CAT_TP */
    "0028151639" PACKET_REST,             /* without its header */
    "0570000001010028151639" PACKET_REST, /* with another element */
    "027000000715163912120000",           /* cut off within TAR */
    PROOF,
  };
  g_autoptr (GBytes) sdu = bytes_of (SDU_SUBMIT);
  g_autoptr (GBytes) least = bytes_of ("02700000081516391212000001");

  assert_true (ea_sealed_is_sealed_form (ea_span_from_bytes (sdu)));
  assert_true (ea_sealed_is_sealed_form (ea_span_from_bytes (least)));
  parse_truncations (ea_span_from_bytes (sdu), assert_is_not_sealed, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) other = bytes_of (others[i]);

      assert_false (ea_sealed_is_sealed_form (ea_span_from_bytes (other)));
    }
}

static void
test_packet_goes_to_the_card_as_a_data_download (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = sealed_rig_carry (rig, SDU_NONE, NULL);

  sealed_rig_expect_segment (rig, SDU_NONE);
  sealed_rig_expect_answer (carriage, NULL);
}

/* (transfer full): a command packet of @size bytes that wants no answer, with its header */
static GBytes *
make_sdu (gsize size)
{
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_u24be (&writer, 0x027000);
  ea_writer_u16be (&writer, (guint16) (size - 2));
  ea_writer_u8 (&writer, 0x15);          /* CHL */
  ea_writer_u32be (&writer, 0x16001212); /* SPI KIc KID */
  ea_writer_u24be (&writer, 1);          /* TAR */
  for (gsize i = PACKET_MIN; i < size; i++)
    ea_writer_u8 (&writer, (guint8) i);
  return ea_writer_steal (&writer);
}

/* The TP-UD of segment @index of @total, without its header */
static EaSpan
open_segment (EaSpan user_data, guint index, guint total, guint8 *reference)
{
  const guint8 *header = user_data.data;

  assert_true (user_data.size > (index == 1 ? 8 : 6));
  *reference = header[3];
  assert_int_equal (header[0], index == 1 ? 7 : 5);
  assert_int_equal (header[1], 0);
  assert_int_equal (header[2], 3);
  assert_int_equal (header[4], total);
  assert_int_equal (header[5], index);
  if (index > 1)
    return ea_span_tail (user_data, 6);
  assert_int_equal (header[6], 0x70);
  assert_int_equal (header[7], 0);
  return ea_span_tail (user_data, 8);
}

/* The card gets @packet in @total segments. Returns: their reference */
static guint8
expect_segments (SealedRig *rig, EaSpan packet, guint total)
{
  guint8 reference = 0;

  for (guint index = 1; index <= total; index++)
    {
      g_autoptr (GBytes) segment = sealed_rig_expect_download (rig);
      guint8 before = reference;
      EaSpan part = open_segment (ea_span_from_bytes (segment), index, total, &reference);

      assert_true (index == 1 || reference == before);
      assert_true (index == total || g_bytes_get_size (segment) == 140);
      assert_true (ea_span_has_prefix (packet, part));
      packet = ea_span_tail (packet, part.size);
    }
  assert_int_equal (packet.size, 0);
  return reference;
}

static void
test_packet_of_137_bytes_goes_alone (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GBytes) sdu = make_sdu (ROOM_ALONE);
  Carriage *carriage = sealed_rig_carry_bytes (rig, sdu);
  g_autoptr (GBytes) segment = sealed_rig_expect_download (rig);

  assert_true (g_bytes_equal (segment, sdu));
  sealed_rig_expect_answer (carriage, NULL);
}

static void
test_longer_packets_are_divided_and_known_by_their_references (void **state)
{
  static const struct
  {
    gsize size;
    guint n_segments;
  } rows[] = { { ROOM_ALONE + 1, 2 },
               { ROOM_FIRST + ROOM_OTHER, 2 },
               { ROOM_FIRST + ROOM_OTHER + 1, 3 },
               { PACKET_MAX, SEGMENTS_MAX } };
  SealedRig *rig = *state;
  guint8 references[G_N_ELEMENTS (rows)];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) sdu = make_sdu (rows[i].size);
      Carriage *carriage = sealed_rig_carry_bytes (rig, sdu);

      references[i]
          = expect_segments (rig, ea_span_tail (ea_span_from_bytes (sdu), 3), rows[i].n_segments);
      sealed_rig_expect_answer (carriage, NULL);
      assert_true (i == 0 || references[i] != references[i - 1]);
    }
}

static void
expect_core_error (Carriage *carriage, EaCoreError code)
{
  WAIT_FOR (carriage->n_ends > 0);
  assert_core_error (&carriage->error, code);
}

static void
test_packet_that_can_not_go_is_refused_at_once (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GBytes) longer = make_sdu (PACKET_MAX + 1);

  expect_core_error (sealed_rig_carry_bytes (rig, longer), EA_CORE_ERROR_LIMIT);
  expect_core_error (sealed_rig_carry (rig, "", NULL), EA_CORE_ERROR_MALFORMED);
  expect_core_error (sealed_rig_carry (rig, "0128151639" PACKET_REST, NULL),
                     EA_CORE_ERROR_MALFORMED);
  expect_core_error (sealed_rig_carry (rig, SDU_SUBMIT "00", NULL), EA_CORE_ERROR_MALFORMED);
  toolkit_rig_expect_nothing (rig->toolkit);
}

static void
on_refused (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;
  GBytes *answer;

  assert_false (ea_sealed_carry_finish (EA_SEALED (source), result, &answer, error));
}

static void
test_originator_that_is_no_number_is_refused (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GBytes) sdu = bytes_of (SDU_SUBMIT);
  GError *error = NULL;

  ea_sealed_carry_async (rig->sealed, sdu, "SM-SR", NULL, on_refused, &error);
  WAIT_FOR (error != NULL);
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_there_is_no_way_for_an_observer_nor_without_a_card (void **state)
{
  SealedRig *rig = *state;
  EaModem *modem = EA_MODEM (rig->toolkit->modem);

  ea_modem_set_card (modem, EA_MODEM_CARD_ABSENT);
  sealed_rig_expect_failure (sealed_rig_carry (rig, SDU_SUBMIT, NULL), EA_MODEM_ERROR_CARD_ABSENT);
  ea_modem_set_card (modem, EA_MODEM_CARD_READY);
  ea_modem_set_role (modem, EA_MODEM_ROLE_OBSERVER, "the firmware is the terminal");
  sealed_rig_expect_failure (sealed_rig_carry (rig, SDU_SUBMIT, NULL), EA_MODEM_ERROR_UNSUPPORTED);
  toolkit_rig_expect_nothing (rig->toolkit);
}

static void
test_busy_card_is_asked_again (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage;

  fake_time_let_fly ();
  fake_modem_answer (rig->toolkit->modem, "9300");
  fake_modem_fail (rig->toolkit->modem, EA_MODEM_ERROR_BUSY);
  fake_modem_answer (rig->toolkit->modem, "9000");
  carriage = sealed_rig_carry (rig, SDU_NONE, NULL);

  for (guint i = 0; i < 3; i++)
    sealed_rig_expect_segment (rig, SDU_NONE);
  sealed_rig_expect_answer (carriage, NULL);
  assert_int_equal (fake_time_get_flown_ms (), 1000);
}

/* Twice nearly as long as it may */
static void
test_every_segment_may_find_the_card_busy (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GBytes) sdu = make_sdu (ROOM_ALONE + 1);
  Carriage *carriage;

  fake_time_let_fly ();
  for (guint i = 0; i < 22; i++)
    fake_modem_answer (rig->toolkit->modem, i % 11 < 10 ? "9300" : "9000");
  carriage = sealed_rig_carry_bytes (rig, sdu);

  sealed_rig_expect_answer (carriage, NULL);
  assert_int_equal (fake_time_get_flown_ms (), 10000);
  for (guint i = 0; i < 22; i++)
    g_bytes_unref (sealed_rig_expect_download (rig));
}

static void
test_card_that_stays_busy_ends_the_exchange (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage;

  fake_time_let_fly ();
  fake_modem_answer_all (rig->toolkit->modem, "9300");
  carriage = sealed_rig_carry (rig, SDU_SUBMIT, NULL);

  sealed_rig_expect_failure (carriage, EA_MODEM_ERROR_BUSY);
  assert_in_range (fake_time_get_flown_ms (), 7000, 8000);
  assert_non_null (fake_modem_read_diary (rig->toolkit->modem));
}

static void
test_refusal_of_a_segment_ends_the_exchange (void **state)
{
  static const char *const words[] = { "6F00", "6A80", "6581", "9240", "6200" };
  SealedRig *rig = *state;
  g_autoptr (GBytes) sdu = make_sdu (ROOM_FIRST + ROOM_OTHER + 1);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      Carriage *carriage;

      fake_modem_answer (rig->toolkit->modem, "9000");
      fake_modem_answer (rig->toolkit->modem, words[i]);
      carriage = sealed_rig_carry_bytes (rig, sdu);
      sealed_rig_expect_failure (carriage, EA_MODEM_ERROR_FAILED);
      g_bytes_unref (sealed_rig_expect_download (rig));
      g_bytes_unref (sealed_rig_expect_download (rig));
      toolkit_rig_expect_nothing (rig->toolkit);
    }
}

static void
test_failure_on_the_way_to_the_card_ends_the_exchange (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage;

  fake_modem_fail (rig->toolkit->modem, EA_MODEM_ERROR_TIMEOUT);
  carriage = sealed_rig_carry (rig, SDU_SUBMIT, NULL);
  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  sealed_rig_expect_failure (carriage, EA_MODEM_ERROR_TIMEOUT);
}

static void
test_reset_of_the_card_ends_every_exchange (void **state)
{
  SealedRig *rig = *state;
  EaModem *modem = EA_MODEM (rig->toolkit->modem);
  Carriage *open = sealed_rig_carry (rig, SDU_SUBMIT, NULL);
  Carriage *waiting = sealed_rig_carry (rig, SDU_SUBMIT, NULL);

  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  ea_modem_set_card (modem, EA_MODEM_CARD_INITIALIZING);
  sealed_rig_expect_failure (open, EA_MODEM_ERROR_CARD_ABSENT);
  sealed_rig_expect_failure (waiting, EA_MODEM_ERROR_CARD_ABSENT);
  ea_modem_set_card (modem, EA_MODEM_CARD_READY);
  open = sealed_rig_carry (rig, SDU_SUBMIT, NULL);
  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  g_signal_emit_by_name (modem, "refresh", EA_MODEM_REFRESH_START, 0u);
  assert_false (sealed_rig_has_ended (open));
  g_signal_emit_by_name (modem, "refresh", EA_MODEM_REFRESH_START, 4u);
  sealed_rig_expect_failure (open, EA_MODEM_ERROR_CARD_ABSENT);
}

static void
test_rest_of_a_packet_does_not_go_to_the_card_after_a_reset (void **state)
{
  SealedRig *rig = *state;
  EaModem *modem = EA_MODEM (rig->toolkit->modem);
  g_autoptr (GBytes) sdu = make_sdu (PACKET_MAX);
  Carriage *carriage = sealed_rig_carry_bytes (rig, sdu);

  g_bytes_unref (sealed_rig_expect_download (rig));
  ea_modem_set_card (modem, EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (modem, EA_MODEM_CARD_READY);
  sealed_rig_expect_failure (carriage, EA_MODEM_ERROR_CARD_ABSENT);
  carriage = sealed_rig_carry (rig, SDU_NONE, NULL);
  sealed_rig_expect_segment (rig, SDU_NONE);
  sealed_rig_expect_answer (carriage, NULL);
}

static void
test_exchanges_are_one_after_the_other (void **state)
{
  SealedRig *rig = *state;
  Carriage *first = sealed_rig_carry (rig, SDU_SUBMIT, NULL);
  Carriage *second = sealed_rig_carry (rig, SDU_REPORT, NULL);
  Carriage *third = sealed_rig_carry (rig, SDU_NONE, NULL);

  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  toolkit_rig_expect_nothing (rig->toolkit);
  sealed_rig_send (rig, RIG_ADDRESS, PROOF);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT); /* before the next packet */
  sealed_rig_expect_answer (first, PROOF);
  assert_false (sealed_rig_has_ended (second));
  sealed_rig_expect_segment (rig, SDU_REPORT);
  sealed_rig_send (rig, RIG_ADDRESS, PROOF);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
  sealed_rig_expect_answer (second, PROOF);
  sealed_rig_expect_segment (rig, SDU_NONE);
  sealed_rig_expect_answer (third, NULL);
}

static void
test_no_more_than_the_limit_wait (void **state)
{
  SealedRig *rig = *state;
  Carriage *open = sealed_rig_carry (rig, SDU_SUBMIT, NULL);

  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  for (guint i = 0; i < EA_SEALED_QUEUE_MAX; i++)
    assert_false (sealed_rig_has_ended (sealed_rig_carry (rig, SDU_SUBMIT, NULL)));
  expect_core_error (sealed_rig_carry (rig, SDU_SUBMIT, NULL), EA_CORE_ERROR_LIMIT);
  assert_false (sealed_rig_has_ended (open));
  ea_sealed_end (rig->sealed);
  sealed_rig_expect_failure (open, EA_MODEM_ERROR_GONE);
}

static void
expect_cancelled (Carriage *carriage)
{
  WAIT_FOR (carriage->n_ends > 0);
  assert_true (g_error_matches (carriage->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

/* One exchange, which ends without an answer of the card or with one */
static void
carry_one (SealedRig *rig, const char *sdu, const char *response, const char *answer)
{
  Carriage *carriage;

  fake_modem_answer (rig->toolkit->modem, response);
  carriage = sealed_rig_carry (rig, sdu, NULL);
  sealed_rig_expect_segment (rig, sdu);
  sealed_rig_expect_answer (carriage, answer);
}

static void
test_sixty_packets_without_an_answer_are_all_in_an_hour (void **state)
{
  SealedRig *rig = *state;

  carry_one (rig, SDU_REPORT, PROOF "9000", PROOF); /* does not count */
  for (guint i = 0; i < EA_SEALED_UNANSWERED_MAX; i++)
    carry_one (rig, SDU_NONE, "9000", NULL);
  fake_time_pass (59 * 60 * 1000);
  expect_core_error (sealed_rig_carry (rig, SDU_NONE, NULL), EA_CORE_ERROR_LIMIT);
  expect_core_error (sealed_rig_carry (rig, SDU_REPORT, NULL), EA_CORE_ERROR_LIMIT);
  fake_time_pass (60 * 1000);

  carry_one (rig, SDU_NONE, "9000", NULL);
}

static void
test_exchanges_can_be_cancelled_open_waiting_and_before (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GCancellable) of_open = g_cancellable_new ();
  g_autoptr (GCancellable) of_waiting = g_cancellable_new ();
  Carriage *open = sealed_rig_carry (rig, SDU_SUBMIT, of_open);
  Carriage *waiting = sealed_rig_carry (rig, SDU_SUBMIT, of_waiting);
  Carriage *last = sealed_rig_carry (rig, SDU_NONE, NULL);

  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  g_cancellable_cancel (of_waiting);
  expect_cancelled (waiting);
  expect_cancelled (sealed_rig_carry (rig, SDU_SUBMIT, of_waiting));
  assert_false (sealed_rig_has_ended (open));
  g_cancellable_cancel (of_open);
  expect_cancelled (open);
  sealed_rig_expect_segment (rig, SDU_NONE);
  sealed_rig_expect_answer (last, NULL);
}

static void
test_end_ends_what_is_open_and_waits_and_comes (void **state)
{
  SealedRig *rig = *state;
  Carriage *open = sealed_rig_carry (rig, SDU_SUBMIT, NULL);
  Carriage *waiting = sealed_rig_carry (rig, SDU_SUBMIT, NULL);

  sealed_rig_expect_segment (rig, SDU_SUBMIT);
  ea_sealed_end (rig->sealed);
  sealed_rig_expect_failure (open, EA_MODEM_ERROR_GONE);
  sealed_rig_expect_failure (waiting, EA_MODEM_ERROR_GONE);
  sealed_rig_expect_failure (sealed_rig_carry (rig, SDU_SUBMIT, NULL), EA_MODEM_ERROR_GONE);
}

static int
teardown (void **state)
{
  fake_time_stop ();
  return sealed_rig_teardown (state);
}

#define TEST(function) cmocka_unit_test_setup_teardown (function, sealed_rig_setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_whole_user_data_of_a_command_are_the_sealed_form),
    TEST (test_packet_goes_to_the_card_as_a_data_download),
    TEST (test_packet_of_137_bytes_goes_alone),
    TEST (test_longer_packets_are_divided_and_known_by_their_references),
    TEST (test_packet_that_can_not_go_is_refused_at_once),
    TEST (test_originator_that_is_no_number_is_refused),
    TEST (test_there_is_no_way_for_an_observer_nor_without_a_card),
    TEST (test_busy_card_is_asked_again),
    TEST (test_every_segment_may_find_the_card_busy),
    TEST (test_card_that_stays_busy_ends_the_exchange),
    TEST (test_refusal_of_a_segment_ends_the_exchange),
    TEST (test_failure_on_the_way_to_the_card_ends_the_exchange),
    TEST (test_reset_of_the_card_ends_every_exchange),
    TEST (test_rest_of_a_packet_does_not_go_to_the_card_after_a_reset),
    TEST (test_exchanges_are_one_after_the_other),
    TEST (test_no_more_than_the_limit_wait),
    TEST (test_sixty_packets_without_an_answer_are_all_in_an_hour),
    TEST (test_exchanges_can_be_cancelled_open_waiting_and_before),
    TEST (test_end_ends_what_is_open_and_waits_and_comes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
