/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secured packets and jobs whose key or eUICC comes and goes (the rule of possession). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "endpoint-rig.h"

#define GET_EID "80CA005A00"
#define SCRIPT "AA072205" GET_EID
#define APDU "apdu 1 81CA005A00"
#define TAKEN "accept 7"

#define PUBLISHED_TPDU                                                                             \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4"   \
  "0693DF4FCE92B5A3A849C286D5B96F54940F"
#define PUBLISHED_ENVELOPE "envelope D14F820283818607919471071600008B40" PUBLISHED_TPDU

static void
test_without_an_eid_everything_is_the_card_s (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, NULL);
  endpoint_rig_answer (rig, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, PUBLISHED_TPDU);

  endpoint_rig_expect (rig, PUBLISHED_ENVELOPE "\n" TAKEN);
}

static void
test_keys_of_another_eid_are_none (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[" RIG_OTHER_EID " scp80 01]\n" RIG_KEYS);
  endpoint_rig_answer (rig, "9000");
  fake_modem_deliver (rig->modem, EA_MODEM_SMS_UNACKNOWLEDGED, PUBLISHED_TPDU);

  endpoint_rig_expect (rig, PUBLISHED_ENVELOPE "\n" TAKEN);
}

/* A job that no channel was to be had for yet */
static void
leave_job (EndpointRig *rig)
{
  g_autofree char *answer = g_strdup_printf ("!%d", EA_MODEM_ERROR_BUSY);

  endpoint_rig_answer (rig, answer);
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN);
  endpoint_rig_expect_nothing (rig);
}

static void
test_job_of_another_card_waits_for_it (void **state)
{
  EndpointRig *rig = *state;

  leave_job (rig);
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, RIG_OTHER_EID);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_end (rig);
  endpoint_rig_begin (rig, NULL);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer (rig, "01|9000|");
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect (rig, RIG_OPEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_job_whose_key_was_taken_away_waits_for_it (void **state)
{
  EndpointRig *rig = *state;

  leave_job (rig);
  endpoint_rig_set_keys (rig, "");
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS);

  endpoint_rig_expect (rig, RIG_OPEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_job_whose_key_was_replaced_waits_for_the_right_one (void **state)
{
  EndpointRig *rig = *state;

  leave_job (rig);
  endpoint_rig_set_keys (rig, "[* scp80 01]\nKic=" RIG_KID "\nKid=" RIG_KIC "\n");
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS);

  endpoint_rig_expect (rig, RIG_OPEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

/* Another card may come: its EID is not known yet. */
static void
test_job_waits_while_the_card_is_away (void **state)
{
  EndpointRig *rig = *state;

  leave_job (rig);
  ea_ota_suspend (rig->ota);
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS); /* whoever would begin it, now does */
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer (rig, "01|9000|");
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect (rig, RIG_OPEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_full_queue_leaves_packets_with_the_network (void **state)
{
  EndpointRig *rig = *state;

  leave_job (rig);
  for (guint i = 1; i < 16; i++)
    {
      endpoint_rig_send (rig, SCRIPT);
      endpoint_rig_expect (rig, TAKEN);
    }
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, "reject 7 6F D4");
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 16);
}

/* What was done is answered, once there is a key for that again. */
static void
test_answer_waits_for_a_key_that_is_taken_away_meanwhile (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU);
  endpoint_rig_set_keys (rig, "");
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  assert_int_equal (endpoint_rig_count_records (rig, "job-"), 2); /* with the response */
  fake_time_let_fly ();
  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS);
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_packet_under_another_key_does_not_wait_for_it (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|9000|01|9000|");
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU);
  endpoint_rig_set_keys (rig, "[* scp80 02]\n" RIG_KEYS);
  rig->command.kic = 0x22;
  rig->command.kid = 0x22;
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

static void
test_answer_waits_for_the_card_that_is_taken_away_meanwhile (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[" RIG_EID " scp80 01]\n" RIG_KEYS);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU);
  ea_ota_resume (rig->ota, RIG_OTHER_EID);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  fake_time_let_fly ();
  ea_ota_resume (rig->ota, RIG_EID);

  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123029000");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ENDPOINT_TEST (test_without_an_eid_everything_is_the_card_s),
    ENDPOINT_TEST (test_keys_of_another_eid_are_none),
    ENDPOINT_TEST (test_job_of_another_card_waits_for_it),
    ENDPOINT_TEST (test_job_whose_key_was_taken_away_waits_for_it),
    ENDPOINT_TEST (test_job_whose_key_was_replaced_waits_for_the_right_one),
    ENDPOINT_TEST (test_job_waits_while_the_card_is_away),
    ENDPOINT_TEST (test_answer_waits_for_a_key_that_is_taken_away_meanwhile),
    ENDPOINT_TEST (test_packet_under_another_key_does_not_wait_for_it),
    ENDPOINT_TEST (test_answer_waits_for_the_card_that_is_taken_away_meanwhile),
    ENDPOINT_TEST (test_full_queue_leaves_packets_with_the_network),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
