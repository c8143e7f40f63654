/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the card answers to sealed packets (agent/session/sealed.h): in the response to the ENVELOPE, or in short messages
 * that are not for the network. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-time.h"
#include "sealed-rig.h"
#include "wait.h"

#define OTHER_ADDRESS "0C91945121436587" /* +491512345678 */

/* The proof of receipt in segments, by hand from TS 31.115 §4.4: of two with a reference of 8 bits, and of 16 */
#define SEGMENT_1 "0700032A02017100" PROOF_BEGINNING
#define SEGMENT_2 "0500032A0202" PROOF_END
#define WIDE_SEGMENT_1 "080804012A02017100" PROOF_BEGINNING
#define WIDE_SEGMENT_2 "060804012A0202" PROOF_END

/* Row onomondo-por of tests/vectors: what the card answers first, which says that its answer comes by SMS-SUBMIT, and that */
#define ANNOUNCEMENT "027100001412B0001100E878EEB2C2443DDBEEF1AC668398FB"
#define ANNOUNCED                                                                                  \
  "027100002412B000118BD0716ADBF216D5DAD4612EC54D64BCEAF7D9228B8254D857F8D42394BE9F66"

static Carriage *
carry (SealedRig *rig, const char *sdu, const char *response)
{
  Carriage *carriage;

  fake_modem_answer (rig->toolkit->modem, response);
  carriage = sealed_rig_carry (rig, sdu, NULL);
  sealed_rig_expect_segment (rig, sdu);
  return carriage;
}

static void
send_answer (SealedRig *rig, const char *user_data)
{
  sealed_rig_send (rig, RIG_ADDRESS, user_data);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
}

static void
test_response_to_the_envelope_is_the_answer (void **state)
{
  SealedRig *rig = *state;

  sealed_rig_expect_answer (carry (rig, SDU_REPORT, PROOF "9000"), PROOF);
  sealed_rig_expect_answer (carry (rig, SDU_REPORT, PROOF "910B"), PROOF);
  sealed_rig_expect_answer (carry (rig, SDU_SUBMIT, PROOF "9000"), PROOF);
  sealed_rig_expect_answer (carry (rig, SDU_ERROR, PROOF "9000"), PROOF);
}

static void
test_refusal_with_a_packet_is_an_answer (void **state)
{
  SealedRig *rig = *state;

  sealed_rig_expect_answer (carry (rig, SDU_REPORT, PROOF "6200"), PROOF);
  sealed_rig_expect_answer (carry (rig, SDU_ERROR, PROOF "6300"), PROOF);
  sealed_rig_expect_failure (carry (rig, SDU_NONE, PROOF "6200"), EA_MODEM_ERROR_FAILED);
}

static void
test_short_message_to_the_originator_is_the_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
}

static void
test_short_message_before_the_word_of_the_modem_is_the_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  sealed_rig_send (rig, RIG_ADDRESS, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
  sealed_rig_expect_answer (carry (rig, SDU_REPORT, PROOF "9000"), PROOF);
}

static void
test_several_short_messages_are_one_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  send_answer (rig, SEGMENT_1);
  send_answer (rig, SEGMENT_1);
  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, SEGMENT_2);
  sealed_rig_expect_answer (carriage, PROOF);

  carriage = carry (rig, SDU_SUBMIT, "9150");
  send_answer (rig, WIDE_SEGMENT_2);
  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, WIDE_SEGMENT_1);
  sealed_rig_expect_answer (carriage, PROOF);
}

static void
test_short_message_that_was_announced_is_the_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, ANNOUNCEMENT "913F");

  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, ANNOUNCED);
  sealed_rig_expect_answer (carriage, ANNOUNCED);
}

static void
test_announcement_is_the_answer_when_nothing_follows (void **state)
{
  SealedRig *rig = *state;

  fake_time_let_fly ();
  sealed_rig_expect_answer (carry (rig, SDU_SUBMIT, ANNOUNCEMENT "913F"), ANNOUNCEMENT);
  assert_int_equal (fake_time_get_flown_ms (), EA_SEALED_ANSWER_LIMIT_S * 1000);
}

static void
test_message_to_others_goes_to_the_network (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  sealed_rig_send (rig, OTHER_ADDRESS, PROOF);
  toolkit_rig_expect (rig->toolkit, "sms 0041000C919451214365877FF639" PROOF);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
  sealed_rig_send (rig, "099999192021F7", PROOF); /* the same digits of another plan and type */
  toolkit_rig_expect (rig->toolkit, "sms 004100099999192021F77FF639" PROOF);
  toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
}

static void
test_message_to_the_originator_goes_to_the_network_when_nothing_is_open (void **state)
{
  SealedRig *rig = *state;

  for (guint i = 0; i < 2; i++)
    {
      sealed_rig_send (rig, RIG_ADDRESS, PROOF);
      toolkit_rig_expect (rig->toolkit, "sms 004100" RIG_ADDRESS "7FF639" PROOF);
      toolkit_rig_expect_response (rig->toolkit, MESSAGE_SENT);
      sealed_rig_expect_answer (carry (rig, SDU_NONE, "9000"), NULL);
    }
}

static void
test_message_that_is_no_response_packet_is_no_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  send_answer (rig, "0441020304");     /* a header of another kind */
  send_answer (rig, SDU_SUBMIT);       /* a command packet */
  send_answer (rig, "0500032A010141"); /* no packet */
  assert_false (sealed_rig_has_ended (carriage));
  send_answer (rig, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
}

/* SDU_SUBMIT with more in it, so that it takes two segments */
static const char *
make_long_sdu (void)
{
  static char sdu[2 * 141 + 1];

  g_snprintf (sdu, sizeof sdu,
              "0270000088151639"
              "1212000001"
              "%0256d",
              0);
  return sdu;
}

/* It is of an exchange that was given up. */
static void
test_message_before_the_last_segment_is_no_answer (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage;

  fake_modem_answer (rig->toolkit->modem, "9300");
  carriage = sealed_rig_carry (rig, make_long_sdu (), NULL);
  g_bytes_unref (sealed_rig_expect_download (rig));
  send_answer (rig, PROOF);
  assert_false (sealed_rig_has_ended (carriage));
  for (guint i = 0; i < 2; i++)
    g_bytes_unref (sealed_rig_expect_download (rig));
  send_answer (rig, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
}

static void
test_card_that_does_not_answer_in_time_has_not_answered (void **state)
{
  SealedRig *rig = *state;

  fake_time_let_fly ();
  sealed_rig_expect_failure (carry (rig, SDU_SUBMIT, "9000"), EA_MODEM_ERROR_TIMEOUT);
  assert_int_equal (fake_time_get_flown_ms (), EA_SEALED_ANSWER_LIMIT_S * 1000);
  fake_time_let_fly ();
  sealed_rig_expect_failure (carry (rig, SDU_REPORT, "0171009000"), EA_MODEM_ERROR_TIMEOUT);
}

static void
test_no_answer_to_a_packet_that_wants_one_of_errors_only_is_success (void **state)
{
  SealedRig *rig = *state;

  fake_time_let_fly ();
  sealed_rig_expect_answer (carry (rig, SDU_ERROR, "9000"), NULL);
  assert_int_equal (fake_time_get_flown_ms (), EA_SEALED_ERROR_LIMIT_S * 1000);
}

static void
test_error_is_an_answer_to_a_packet_that_wants_one_of_errors_only (void **state)
{
  SealedRig *rig = *state;
  Carriage *carriage = carry (rig, SDU_ERROR, "9150");

  send_answer (rig, PROOF);
  sealed_rig_expect_answer (carriage, PROOF);
}

static void
test_packet_that_wants_no_answer_has_none (void **state)
{
  SealedRig *rig = *state;

  sealed_rig_expect_answer (carry (rig, SDU_NONE, "9000"), NULL);
  sealed_rig_expect_answer (carry (rig, SDU_NONE, "9150"), NULL);
  sealed_rig_expect_answer (carry (rig, SDU_NONE, PROOF "9000"), NULL);
}

static void
offer_truncated (EaSpan tpdu, gpointer user_data)
{
  SealedRig *rig = user_data;

  (void) ea_sealed_take_message (rig->sealed, tpdu);
}

static void
test_no_truncation_of_a_message_is_an_answer (void **state)
{
  SealedRig *rig = *state;
  g_autoptr (GBytes) tpdu = bytes_of ("4100" RIG_ADDRESS "7FF639" PROOF);
  Carriage *carriage = carry (rig, SDU_SUBMIT, "9150");

  parse_truncations (ea_span_from_bytes (tpdu), offer_truncated, rig);
  assert_false (sealed_rig_has_ended (carriage));
  assert_true (ea_sealed_take_message (rig->sealed, ea_span_from_bytes (tpdu)));
  sealed_rig_expect_answer (carriage, PROOF);
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
    TEST (test_response_to_the_envelope_is_the_answer),
    TEST (test_refusal_with_a_packet_is_an_answer),
    TEST (test_short_message_to_the_originator_is_the_answer),
    TEST (test_short_message_before_the_word_of_the_modem_is_the_answer),
    TEST (test_several_short_messages_are_one_answer),
    TEST (test_short_message_that_was_announced_is_the_answer),
    TEST (test_announcement_is_the_answer_when_nothing_follows),
    TEST (test_message_to_others_goes_to_the_network),
    TEST (test_message_to_the_originator_goes_to_the_network_when_nothing_is_open),
    TEST (test_message_that_is_no_response_packet_is_no_answer),
    TEST (test_message_before_the_last_segment_is_no_answer),
    TEST (test_card_that_does_not_answer_in_time_has_not_answered),
    TEST (test_no_answer_to_a_packet_that_wants_one_of_errors_only_is_success),
    TEST (test_error_is_an_answer_to_a_packet_that_wants_one_of_errors_only),
    TEST (test_packet_that_wants_no_answer_has_none),
    TEST (test_no_truncation_of_a_message_is_an_answer),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
