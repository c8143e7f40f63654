/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Scripts that are carried out (agent/core/script-run.h) command by command on one simulated card, while another
 * one, in the same state, runs them by itself with code of its own: both give the same response script.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/card-scp80.h"
#include "core/script-run.h"
#include "helpers.h"

#define ISD_R "A0000005591010FFFFFFFF8900000100"
#define SELECT_ISD_R "00A4040010" ISD_R
#define SELECT_ECASD "221600A4040010A0000005591010FFFFFFFF890000020000"

#define GET_EID "220580CA005A00"
#define GET_RESOURCES "220580CAFF2100"
#define GET_PROFILES "220D80F24002074F005C034F9F7000"
#define GET_ALL "220880F24002024F0000" /* of each profile */
#define GET_NOTHING "220580CA7F2100"

static SimCard *
make_card (void)
{
  const SimCardOptions options = { .index = 0, .is_isdr_plain = TRUE, .max_channels = 2 };

  return sim_card_new (&options);
}

static GBytes *
transmit (SimCard *card, const char *hex)
{
  g_autoptr (GBytes) command = bytes_of (hex);

  return sim_card_transmit (card, ea_span_from_bytes (command));
}

/* The whole answer, as who carries out a script has to get it. */
static GBytes *
transmit_command (SimCard *card, EaSpan command)
{
  GBytes *answer = sim_card_transmit (card, command);
  EaApduResponse response;

  assert_true (ea_apdu_parse_response (&response, ea_span_from_bytes (answer), NULL));
  while (ea_apdu_get_next (response.sw) == EA_APDU_NEXT_GET_RESPONSE)
    {
      const guint8 get_response[]
          = { 0x00, EA_APDU_INS_GET_RESPONSE, 0x00, 0x00, (guint8) response.sw };

      g_bytes_unref (answer);
      answer = sim_card_transmit (card, EA_SPAN_OF_ARRAY (get_response));
      assert_true (ea_apdu_parse_response (&response, ea_span_from_bytes (answer), NULL));
    }
  return answer;
}

static GBytes *
run_on_card (EaSpan script)
{
  g_autoptr (GBytes) aid = bytes_of (ISD_R);
  SimCard *card = make_card ();
  GBytes *response
      = sim_card_run_script (card, SIM_APPLICATION_ISD_R, ea_span_from_bytes (aid), script);

  sim_card_free (card);
  return response;
}

static void
pull (EaScriptRun *run, EaWriter *response)
{
  g_autoptr (GBytes) piece = ea_script_run_pull (run);

  if (piece != NULL)
    ea_writer_bytes (response, ea_span_from_bytes (piece));
}

static GBytes *
carry_out (EaSpan script)
{
  SimCard *card = make_card ();
  g_autoptr (GBytes) selected = transmit (card, SELECT_ISD_R);
  g_auto (EaScriptRun) run = { 0 };
  g_auto (EaWriter) response = { 0 };
  EaSpan command;

  assert_non_null (selected);
  ea_writer_init (&response);
  ea_script_run_init (&run);
  ea_script_run_feed (&run, script);
  ea_script_run_end (&run);
  while (ea_script_run_pull_command (&run, &command))
    {
      g_autoptr (GBytes) answer = transmit_command (card, command);

      ea_script_run_push_response (&run, ea_span_from_bytes (answer));
      pull (&run, &response);
    }
  pull (&run, &response);
  sim_card_free (card);
  return ea_writer_steal (&response);
}

static void
test_card_gives_the_same_response_script (void **state)
{
  static const char *const scripts[] = {
    "AA00",
    "AE800000",
    "AA07" GET_EID,
    "AE80" GET_EID "0000",
    "AA0E" GET_EID GET_RESOURCES,
    "AE80" GET_PROFILES GET_RESOURCES GET_EID "0000",
    "AA0A" GET_ALL,
    "AA1B" GET_ALL GET_ALL GET_NOTHING,
    "AE80" SELECT_ECASD GET_EID GET_ALL "0000",
    "AA15" GET_EID GET_NOTHING GET_EID,
    "AE80" GET_NOTHING GET_EID "0000",
    "AA09" GET_EID "2500",
    "AE80" GET_EID "25000000",
    "AE8025000000",
    "AE8084030102030000",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GBytes) script = bytes_of (scripts[i]);
      g_autoptr (GBytes) expected = run_on_card (ea_span_from_bytes (script));
      g_autoptr (GBytes) actual = carry_out (ea_span_from_bytes (script));
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (expected));

      assert_bytes_are (actual, hex);
    }
}

/* A length of more than one octet, and an error: else the scripts above would show little. */
static void
test_responses_of_the_card_have_what_is_compared (void **state)
{
  g_autoptr (GBytes) script = bytes_of ("AA1B" GET_ALL GET_ALL GET_NOTHING);
  g_autoptr (GBytes) response = carry_out (ea_span_from_bytes (script));
  EaSpan span = ea_span_from_bytes (response);

  assert_true (span.size > 128);
  assert_span_is (ea_span_tail (span, span.size - 4), "23026A88");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_card_gives_the_same_response_script),
    cmocka_unit_test (test_responses_of_the_card_have_what_is_compared),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
