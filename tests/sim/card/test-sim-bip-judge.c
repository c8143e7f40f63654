/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the card complains of. Good responses are those of ETSI TS 102 223 §6.8 as live cards get them; each
 * bad one differs from them in one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "card-bip-judge.h"
#include "test-support.h"

#define OPEN "d01c 8103014001 02028182 b50103 39020578 bc030201bb 3e0521c0000201"
#define OPEN_UDP "d01c 8103014001 02028182 b50103 39020578 bc03010929 3e0521c0000201"
#define OPENED "8103014001 82028281 830100 38028100 b50103 39020578"
#define RECEIVE "d00c 8103014200 02028121 b70104"
#define RECEIVE_FF "d00c 8103014200 02028121 b701ff"
#define RECEIVED "8103014200 82028281 830100 b60401020304 b70100"
#define SEND "d00c 8103014301 02028121 b601a5"
#define STORE "d00c 8103014300 02028121 b601a5"
#define SENT "8103014301 82028281 830100 b701ff"
#define CLOSE "d009 8103014100 02028121"
#define CLOSED "8103014100 82028281 830100"
#define EVENT_LIST "d00e 8103010500 02028182 9903 03090a"
#define AVAILABLE "d60e 99010982028281b8028100b70104"
#define DROPPED "d60b 99010a82028281b8020105"

typedef struct
{
  const char *command; /* NULL: @response is an ENVELOPE */
  const char *response;
} Exchange;

static void
give (SimBipJudge *judge, const char *command, const char *response)
{
  g_autoptr (GBytes) bytes = from_hex (response);
  g_autoptr (GBytes) asked = from_hex (command == NULL ? "" : command);

  if (command == NULL)
    sim_bip_judge_envelope (judge, ea_span_from_bytes (bytes));
  else
    sim_bip_judge_response (judge, ea_span_from_bytes (asked), ea_span_from_bytes (bytes));
}

/* @expected: NULL: nothing */
static void
assert_complaints (SimBipJudge *judge, const char *what, const char *expected)
{
  g_autofree char *complaints = sim_bip_judge_take (judge);

  if (g_strcmp0 (complaints, expected) != 0)
    fail_msg ("%s: %s, not %s", what, complaints == NULL ? "nothing" : complaints,
              expected == NULL ? "nothing" : expected);
}

static void
open_channel (SimBipJudge *judge, const char *command)
{
  give (judge, command, OPENED);
  assert_complaints (judge, "open", NULL);
}

static void
test_right_responses_and_events_are_not_complained_of (void **state)
{
  static const Exchange exchanges[] = {
    { EVENT_LIST, "8103010500 82028281 830100" },
    { OPEN, OPENED },
    { STORE, "8103014300 82028281 830100 b701ff" },
    { SEND, SENT },
    { SEND, "8103014301 82028281 83022000" },
    { NULL, AVAILABLE },
    { RECEIVE, RECEIVED },
    { NULL, AVAILABLE },
    { RECEIVE, "8103014200 82028281 830100 b60401020304 b7010a" },
    { NULL, "d60e 99010982028281b8028100b7010b" },
    { RECEIVE_FF, "8103014200 82028281 830102 b60b0102030405060708090a0b b70100" },
    { NULL, DROPPED },
    { CLOSE, "8103014100 82028281 83023a02" },
    { OPEN, "8103014001 82028281 830107 38028200 b50103 39020400" },
    { CLOSE, CLOSED },
    { "d009 0103014100 82028121", "0103014100 02028281 030100" },
    { OPEN, "8103014001 82028281 83023a07 b50103 39020578" },
    { NULL, "d615 990103 82028281 9b0100 930962f220123400000001" },
  };
  SimBipJudge judge = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (exchanges); i++)
    {
      give (&judge, exchanges[i].command, exchanges[i].response);
      assert_complaints (&judge, exchanges[i].response, NULL);
    }
}

static void
test_each_wrong_response_to_open_channel_has_its_name (void **state)
{
  static const struct
  {
    const char *response;
    const char *complaint;
  } wrong[] = {
    { "8103014001 82028182 830100 38028100 b50103 39020578", "devices=1" },
    { "8103014001 82028281 830100 38028100 350103 39020578", "tag-style=1" },
    { "8103014001 82028281 830100 38028100 b50103 b9020578", "tag-style=1" },
    { "0103014001 82028281 830100 38028100 b50103 39020578", "tag-style=1" },
    { "818103014001 82028281 830100 38028100 b50103 39020578", "length-form=1" },
    { "8103014001 82028281 830100 b50103 39020578", "missing-object=1" },
    { "8103014001 82028281 830100 38028100 39020578", "missing-object=1" },
    { "8103014001 82028281 830100 38028100 b50103", "missing-object=1 result=1" },
    { "8103014001 82028281 830100 38028100 b50103 39020578 3902 0578", "unknown-object=1" },
    { "8103014001 82028281 830100 38028100 b50103 39020578 b701ff", "unknown-object=1" },
    { "8103014001 82028281 830107 38028100 b50103 39020578", "result=1" },
    { "8103014001 82028281 830100 38028100 b50103 39020400", "result=1" },
    { "8103014001 82028281 830107 38028100 b50103 39020579", "result=1 buffer-size=1" },
    { "8103014001 82028281 830107 38028100 b50103 39020000", "buffer-size=1" },
    { "8103014001 82028281 830100 38020100 b50103 39020578", "channel-status=1" },
    { "8103014001 82028281 830100 38028000 b50103 39020578", "channel-status=1" },
    { "8103014001 82028281 83013a b50103 39020578", "result=1" },
    { "8103014001 82028281 83023a07", "missing-object=2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      SimBipJudge judge = { 0 };

      give (&judge, OPEN, wrong[i].response);
      assert_complaints (&judge, wrong[i].response, wrong[i].complaint);
    }
}

static void
test_each_wrong_response_in_a_channel_has_its_name (void **state)
{
  static const struct
  {
    Exchange exchange;
    const char *complaint;
  } wrong[] = {
    { { SEND, "8103014301 82028281 830107 b701ff" }, "result=1" },
    { { SEND, "8103014301 82028281 830100" }, "missing-object=1" },
    { { SEND, "8103014301 82028281 830100 3701ff" }, "tag-style=1" },
    { { SEND, "8103014301 82028281 830100 b702ffff" }, "missing-object=1" },
    { { RECEIVE, "8103014200 82028281 830102 b60401020304 b70100" }, "result=1" },
    { { RECEIVE, "8103014200 82028281 830100 b603010203 b70101" }, "result=1 data-left=1" },
    { { RECEIVE, "8103014200 82028281 830102 b603010203 b70100" }, "data-left=1" },
    { { RECEIVE, "8103014200 82028281 830100 b6050102030405 b70100" }, "more-than-asked=1" },
    { { RECEIVE, "8103014200 82028281 830100 b60401020304" }, "missing-object=1" },
    { { RECEIVE, "8103014200 82028281 830100 b70100" }, "missing-object=1" },
    { { RECEIVE, "8103014200 82028281 830100 b6810401020304 b70100" }, "length-form=1" },
    { { RECEIVE, "8103014200 82028281 830100 b6c80102 b70100" }, "length-form=1 missing-object=2" },
    { { CLOSE, "8103014100 82028281 83023a02" }, "result=1" },
    { { CLOSE, "8103014100 82028281 830131" }, "result=1" },
    { { CLOSE, "8103014100 82028281 830100 38020100" }, "unknown-object=1" },
    { { EVENT_LIST, "8103010500 82028281 830130" }, "result=1" },
    { { NULL, AVAILABLE }, "doubled-event=1" },
    { { NULL, DROPPED }, "status-before-drained=1" },
    { { NULL, "d60b 99010a82028281b8020205" }, "wrong-channel=1" },
    { { NULL, "d60b 99010a82028281b8028105" }, "channel-status=1 status-before-drained=1" },
    { { NULL, "d6810b 99010a82028281b8020105" }, "length-form=1 status-before-drained=1" },
    { { NULL, "d60b 99010a82028121b8020105" }, "devices=1 status-before-drained=1" },
    { { NULL, "d60b 99010982028281b8028100" }, "unknown-object=1 missing-object=1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      SimBipJudge judge = { 0 };

      open_channel (&judge, OPEN);
      give (&judge, NULL, AVAILABLE);
      assert_complaints (&judge, AVAILABLE, NULL);
      give (&judge, wrong[i].exchange.command, wrong[i].exchange.response);
      assert_complaints (&judge, wrong[i].exchange.response, wrong[i].complaint);
    }
}

static void
test_free_space_is_what_stored_data_leave (void **state)
{
  SimBipJudge judge = { 0 };

  give (&judge, OPEN, "8103014001 82028281 830107 38028100 b50103 39020010");
  give (&judge, STORE, "8103014300 82028281 830100 b7010f");
  assert_complaints (&judge, "stored", NULL);
  give (&judge, STORE, "8103014300 82028281 830100 b7010f");
  assert_complaints (&judge, "more than there is", "free-space=1");
  give (&judge, SEND, "8103014301 82028281 830100 b70110");
  assert_complaints (&judge, "flushed", NULL);
  give (&judge, SEND, SENT);
  assert_complaints (&judge, "more than the buffer", "free-space=1");
}

static void
test_the_length_of_a_datagram_does_not_change (void **state)
{
  SimBipJudge judge = { 0 };

  open_channel (&judge, OPEN_UDP);
  give (&judge, NULL, "d60e 99010982028281b8028100b70109");
  give (&judge, RECEIVE, "8103014200 82028281 830100 b60401020304 b70105");
  give (&judge, NULL, "d60e 99010982028281b8028100b70105");
  assert_complaints (&judge, "in two pieces", NULL);
  give (&judge, RECEIVE, "8103014200 82028281 830100 b60401020304 b70102");
  assert_complaints (&judge, "it has grown", "data-left=1");
  give (&judge, NULL, "d60e 99010982028281b8028100b70103");
  assert_complaints (&judge, "and again", "data-left=1");
}

static void
test_complaints_are_counted_by_name (void **state)
{
  g_autoptr (GString) json = g_string_new (NULL);
  SimBipJudge judge = { 0 };

  sim_bip_judge_append_json (&judge, json);
  assert_string_equal (json->str, "");
  give (&judge, CLOSE, "8103014100 82028182 830131");
  give (&judge, CLOSE, "8103014100 82028182 830100");
  sim_bip_judge_reset (&judge);
  sim_bip_judge_append_json (&judge, json);
  assert_string_equal (json->str, "\"devices\":2,\"result\":1");
}

static void
test_cut_responses_and_events_are_survived (void **state)
{
  g_autoptr (GBytes) opened = from_hex (OPENED);
  g_autoptr (GBytes) event = from_hex (AVAILABLE);
  g_autoptr (GBytes) command = from_hex (OPEN);

  for (gsize size = 0; size < g_bytes_get_size (opened); size++)
    {
      g_autoptr (GBytes) part = cut (opened, size);
      g_autofree char *complaints = NULL;
      SimBipJudge judge = { 0 };

      sim_bip_judge_response (&judge, ea_span_from_bytes (command), ea_span_from_bytes (part));
      complaints = sim_bip_judge_take (&judge);
      assert_non_null (complaints);
    }
  for (gsize size = 1; size < g_bytes_get_size (event); size++)
    {
      g_autoptr (GBytes) part = cut (event, size);
      SimBipJudge judge = { 0 };

      sim_bip_judge_envelope (&judge, ea_span_from_bytes (part));
      assert_complaints (&judge, "cut", "length-form=1");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_right_responses_and_events_are_not_complained_of),
    cmocka_unit_test (test_each_wrong_response_to_open_channel_has_its_name),
    cmocka_unit_test (test_each_wrong_response_in_a_channel_has_its_name),
    cmocka_unit_test (test_free_space_is_what_stored_data_leave),
    cmocka_unit_test (test_the_length_of_a_datagram_does_not_change),
    cmocka_unit_test (test_complaints_are_counted_by_name),
    cmocka_unit_test (test_cut_responses_and_events_are_survived),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
