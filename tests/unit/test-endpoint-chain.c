/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Scripts that go on where the one before has stopped (TS 102 226 §5.2.1.4), each in a packet of its own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "endpoint-rig.h"

/* A script with the chaining object of this value, and one that has none; INITIALIZE UPDATE leaves state. */
#define CHAINED(value)                                                                             \
  "AA12"                                                                                           \
  "8301" value "220D8050000008"                                                                    \
  "0102030405060708"
#define LONE "AA07220580CA005A00"
#define APDU(channel) "apdu " channel " 8" channel "500000080102030405060708"

#define GOOD "AB0780010123029000"
#define NO_PREVIOUS "AB06800100830101"
#define TAKEN "accept 7"

static void
expect_good (EndpointRig *rig)
{
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, GOOD);
}

/* The first script of a chain runs on channel 1, which stays open. */
static void
begin_chain (EndpointRig *rig, const char *script)
{
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, script);
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("1"));
  expect_good (rig);
  endpoint_rig_expect_nothing (rig);
}

static void
expect_refusal (EndpointRig *rig, const char *script)
{
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, script);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, NO_PREVIOUS);
  endpoint_rig_expect_accepted (rig);
}

static void
test_chain_runs_on_one_channel_that_is_closed_after_the_last (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  for (guint i = 0; i < 2; i++)
    {
      endpoint_rig_answer (rig, "9000|");
      endpoint_rig_send (rig, CHAINED ("02"));
      endpoint_rig_expect (rig, APDU ("1") "\n" TAKEN);
      expect_good (rig);
      endpoint_rig_expect_nothing (rig);
    }
  endpoint_rig_answer (rig, "9000|");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, APDU ("1") "\n" TAKEN "\nclose 1");
  expect_good (rig);
  expect_refusal (rig, CHAINED ("02"));
}

static void
test_trigger_ends_a_chain_and_closes_its_channel (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, "8100");
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "");
  endpoint_rig_expect (rig, TAKEN);
  expect_refusal (rig, CHAINED ("02"));
}

static void
test_nothing_goes_on_with_what_never_began (void **state)
{
  EndpointRig *rig = *state;

  expect_refusal (rig, CHAINED ("02"));
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_other_script_ends_the_chain (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_answer (rig, "02|9000|");
  endpoint_rig_send (rig, LONE);
  endpoint_rig_expect (rig, "close 1\n" TAKEN "\n" RIG_OPEN "\napdu 2 82CA005A00\nclose 2");
  expect_good (rig);
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_failed_script_ends_the_chain (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_answer (rig, "6982|");
  endpoint_rig_send (rig, CHAINED ("02"));
  endpoint_rig_expect (rig, APDU ("1") "\n" TAKEN "\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0780010123026982");
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_chain_does_not_go_on_with_another_target (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_set_keys (rig, "[* scp80 01]\n" RIG_KEYS "Tars=000001;000002\n");
  begin_chain (rig, CHAINED ("01"));
  rig->command.tar = 0x000002;
  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, NO_PREVIOUS);
  endpoint_rig_expect_accepted (rig);
  rig->command.tar = 0x000001;
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_new_chain_takes_the_place_of_the_old (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_answer (rig, "02|9000|");
  endpoint_rig_send (rig, CHAINED ("11"));
  endpoint_rig_expect (rig, "close 1\n" TAKEN "\n" RIG_OPEN "\n" APDU ("2"));
  expect_good (rig);
  endpoint_rig_answer (rig, "9000|");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, APDU ("2") "\n" TAKEN "\nclose 2");
  expect_good (rig);
}

static void
test_reserved_value_is_answered_as_unable (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "");
  endpoint_rig_send (rig, CHAINED ("04"));
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB06800100830103");
  endpoint_rig_expect_accepted (rig);
}

static void
test_time_out_closes_the_channel_and_ends_the_chain (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|9000|");
  fake_time_let_fly ();
  endpoint_rig_send (rig, CHAINED ("01"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("1"));
  expect_good (rig);
  endpoint_rig_expect (rig, "close 1");
  assert_true (fake_time_get_flown_ms () >= EA_ENDPOINT_CHAIN_TIMEOUT_S * 1000);
  endpoint_rig_expect_nothing (rig);
  expect_refusal (rig, CHAINED ("02"));
}

static void
test_time_out_ends_the_channel_of_a_kept_chain_only (void **state)
{
  EndpointRig *rig = *state;

  endpoint_rig_answer (rig, "01|9000|");
  fake_time_let_fly ();
  endpoint_rig_send (rig, CHAINED ("11"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("1"));
  expect_good (rig);
  endpoint_rig_expect (rig, "close 1");
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer (rig, "02|9000|");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("2") "\nclose 2");
  expect_good (rig);
}

static void
test_reset_of_the_card_ends_a_chain_that_is_not_kept (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  ea_ota_resume (rig->ota, RIG_EID);
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_kept_chain_survives_a_reset_of_the_card (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("11"));
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  ea_ota_resume (rig->ota, RIG_EID);
  endpoint_rig_answer (rig, "02|9000|");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("2") "\nclose 2");
  expect_good (rig);
}

static void
test_only_a_kept_chain_survives_the_agent (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_restart (rig);
  expect_refusal (rig, CHAINED ("03"));
  begin_chain (rig, CHAINED ("11"));
  endpoint_rig_restart (rig);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, CHAINED ("02"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("1"));
  expect_good (rig);
  endpoint_rig_restart (rig);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, CHAINED ("03"));
  endpoint_rig_expect (rig, RIG_OPEN "\n" TAKEN "\n" APDU ("1") "\nclose 1");
  expect_good (rig);
  endpoint_rig_restart (rig);
  expect_refusal (rig, CHAINED ("03"));
}

static void
test_end_of_the_agent_closes_the_channel (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  ea_ota_drain (rig->ota);
  endpoint_rig_expect (rig, "close 1");
}

/* Its commands would be free to go on another time; but they rest on the script before. */
static void
test_end_of_the_agent_lets_a_script_of_a_chain_end (void **state)
{
  EndpointRig *rig = *state;

  begin_chain (rig, CHAINED ("01"));
  endpoint_rig_answer (rig, "9000|9000");
  endpoint_rig_send (rig, "AA11830103220580CA005A00220580CA006600");
  endpoint_rig_expect (rig, "apdu 1 81CA005A00\n" TAKEN);
  ea_ota_drain (rig->ota);
  endpoint_rig_expect (rig, "apdu 1 81CA006600\nclose 1");
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer_all (rig, "");
  endpoint_rig_restart (rig);
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, "AB0B8001022302900023029000");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ENDPOINT_TEST (test_chain_runs_on_one_channel_that_is_closed_after_the_last),
    ENDPOINT_TEST (test_trigger_ends_a_chain_and_closes_its_channel),
    ENDPOINT_TEST (test_nothing_goes_on_with_what_never_began),
    ENDPOINT_TEST (test_other_script_ends_the_chain),
    ENDPOINT_TEST (test_failed_script_ends_the_chain),
    ENDPOINT_TEST (test_chain_does_not_go_on_with_another_target),
    ENDPOINT_TEST (test_new_chain_takes_the_place_of_the_old),
    ENDPOINT_TEST (test_reserved_value_is_answered_as_unable),
    ENDPOINT_TEST (test_time_out_closes_the_channel_and_ends_the_chain),
    ENDPOINT_TEST (test_time_out_ends_the_channel_of_a_kept_chain_only),
    ENDPOINT_TEST (test_reset_of_the_card_ends_a_chain_that_is_not_kept),
    ENDPOINT_TEST (test_kept_chain_survives_a_reset_of_the_card),
    ENDPOINT_TEST (test_only_a_kept_chain_survives_the_agent),
    ENDPOINT_TEST (test_end_of_the_agent_closes_the_channel),
    ENDPOINT_TEST (test_end_of_the_agent_lets_a_script_of_a_chain_end),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
