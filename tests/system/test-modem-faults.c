/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Cards and modems that go in the middle of something, and modems that answer anything but what was asked for: each ends
 * in a state that says so, asks for no more than it has to, and heals by itself.
 */

#include <gio/gio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "https-rig.h"

#define FIRST_ICCID "8988211000000000011"
#define OTHER_ICCID "8988211000000000029"
#define COMMAND_5 "3A0706A30400000005"
#define N_COMMANDS 12
#define SLOW_MS "5"

/* The first two pauses before a modem is opened again, and that between attempts to read EF_ICCID */
#define RETRIES_US (1500 * 1000)
#define READ_INTERVAL_US (500 * 1000)

/* QMI's errors, as the simulator takes them */
#define INTERNAL "3"
#define CLIENT_IDS_EXHAUSTED "5"
#define ACCESS_DENIED "82"
#define NAMELESS "9999"

static void
assert_begins (const char *actual, const char *expected)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("'%s' does not begin with '%s'", actual, expected);
}

/* A card that is away */

static void
take_card_out (Rig *rig)
{
  rig_expect_control (rig, "ok", "card out");
  rig_await (rig, "State", "absent");
  rig_await (rig, "StateReason", "the modem has no card");
}

static void
put_card_in (Rig *rig)
{
  rig_expect_control (rig, "ok", "card in");
  rig_await (rig, "State", "ready");
}

static void
test_message_waits_for_a_card_that_was_taken_out (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  rig_start (rig);
  take_card_out (rig);
  rig_begin_control (rig, "sms %s", RIG_COMMAND_TPDU);
  put_card_in (rig);
  reply = rig_end_control (rig);

  assert_string_equal (reply, "ok ack");
  rig_await_counter (rig, "sms-sent", 1);
  rig_stop_agent (rig);
}

static void
test_packet_waits_for_a_card_that_was_taken_out (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  https_start (rig, NULL);
  take_card_out (rig);
  rig_begin_control (rig, "smsr send-script --generate 12 --via sms");
  put_card_in (rig);
  reply = rig_end_control (rig);

  assert_begins (reply, "ok packets=1 counter=1 status=00 executed=12 ");
  rig_stop_agent (rig);
}

static void
test_session_waits_for_a_card_that_was_taken_out (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  guint number;

  https_start (rig, NULL);
  news = https_news_new (rig);
  take_card_out (rig);
  rig_begin_control (rig, "smsr send-script --generate 12 --via https --no-trigger");
  number = https_open_session (rig, "{}");
  put_card_in (rig);
  https_news_await_result (news, number, "ok");
  reply = rig_end_control (rig);

  assert_begins (reply, "ok ");
  rig_stop_agent (rig);
}

/* Of the command that was with the card it may be unknown whether it was run: then it is not run again, and the SM-SR
 * hears of it. Otherwise the script goes on. */
static void
expect_answer (Rig *rig, const char *reply)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  https_count_runs (rig, numbers); /* none twice */
  if (g_str_has_prefix (reply, "ok "))
    assert_int_equal (g_hash_table_size (numbers), N_COMMANDS);
  else
    {
      assert_begins (reply, "error interrupted at command ");
      assert_in_range (g_hash_table_size (numbers), 5, N_COMMANDS);
    }
}

typedef struct
{
  HttpsNews *news;
  guint number;
} Ending;

static gboolean
is_closed (gpointer data)
{
  const Ending *ending = data;

  return g_str_has_suffix (https_news_get_states (ending->news, ending->number), "closed");
}

static void
expect_session_to_end (Rig *rig, HttpsNews *news, guint number, const char *reply)
{
  Ending ending = { news, number };
  g_autofree char *result = NULL;

  assert_true (rig_await_that (is_closed, &ending));
  result = https_get_property (rig, number, "Result");
  assert_string_equal (result, g_str_has_prefix (reply, "ok ") ? "ok" : "interrupted");
  expect_answer (rig, reply);
}

static void
test_packet_whose_card_is_taken_out_is_answered (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;

  https_start (rig, NULL);
  rig_expect_control (rig, "ok", "slow " SLOW_MS);
  rig_begin_control (rig, "smsr send-script --generate 12 --via sms");
  rig_await_apdu (rig, COMMAND_5);
  take_card_out (rig);
  rig_expect_control (rig, "ok", "card in");
  reply = rig_end_control (rig);

  expect_answer (rig, reply);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

static void
test_session_whose_card_is_taken_out_ends_with_an_answer (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  guint number;

  https_start (rig, NULL);
  news = https_news_new (rig);
  rig_expect_control (rig, "ok", "slow " SLOW_MS);
  rig_begin_control (rig, "smsr send-script --generate 12 --via https --no-trigger");
  number = https_open_session (rig, "{}");
  rig_await_apdu (rig, COMMAND_5);
  take_card_out (rig);
  rig_expect_control (rig, "ok", "card in");
  reply = rig_end_control (rig);

  expect_session_to_end (rig, news, number, reply);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

/* A modem that answers anything else */

/**
 * Row:
 * @request: as the simulator names it, by service and message
 * @in_list: the same, as it is in the list of requests
 * @error: of QMI
 * @name: of LastError, without what all names begin with
 */
typedef struct
{
  const char *request;
  const char *in_list;
  const char *error;
  const char *name;
} Row;

typedef struct
{
  Rig *rig;
  const char *request;
  guint n_seen;
  guint n_awaited;
} Attempts;

static gboolean
are_made (gpointer data)
{
  Attempts *attempts = data;
  g_autofree char *requests = rig_control (attempts->rig, "qmi");

  attempts->n_seen += https_count (requests, attempts->request);
  rig_look_again (20);
  return attempts->n_seen >= attempts->n_awaited;
}

static gboolean
has_error (gpointer data)
{
  gpointer *pair = data;
  g_autofree char *name = rig_get (pair[0], "LastError");

  return g_str_has_suffix (name, pair[1]);
}

static void
await_error (Rig *rig, const char *name)
{
  g_autofree char *suffix = g_strconcat (".", name, NULL);
  gpointer pair[] = { rig, suffix };

  if (!rig_await_that (has_error, pair))
    fail_msg ("LastError is %s, not %s", rig_get (rig, "LastError"), name);
}

/* The modem is opened again after pauses that grow: three attempts have two of them. */
static void
fail_open (Rig *rig, const Row *row)
{
  Attempts attempts = { .rig = rig, .request = row->in_list, .n_awaited = 3 };
  gint64 began_us;

  print_message ("%s %s\n", row->request, row->error);
  rig_expect_control (rig, "ok", "fail %s %s 0", row->request, row->error);
  g_free (rig_control (rig, "qmi"));
  began_us = g_get_monotonic_time ();
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "failed");
  await_error (rig, row->name);
  if (!rig_await_that (are_made, &attempts))
    fail_msg ("%s was not asked for again", row->request);

  assert_int_equal (attempts.n_seen, 3);
  assert_true (g_get_monotonic_time () - began_us >= RETRIES_US);
  rig_expect_control (rig, "ok", "fail %s 0", row->request);
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

static void
test_modem_that_does_not_open_is_tried_again_with_pauses (void **state)
{
  static const Row rows[] = {
    { "ctl 0x22", "ctl 0x0022", CLIENT_IDS_EXHAUSTED, "ClientIdsExhausted" },
    { "ctl 0x22", "ctl 0x0022", ACCESS_DENIED, "AccessDenied" },
    { "ctl 0x22", "ctl 0x0022", INTERNAL, "ModemFailed" },
    { "uim 0x2E", "uim 0x002E", ACCESS_DENIED, "AccessDenied" },
    { "uim 0x2E", "uim 0x002E", INTERNAL, "ModemFailed" },
    { "uim 0x2F", "uim 0x002F", ACCESS_DENIED, "AccessDenied" },
    { "uim 0x2F", "uim 0x002F", INTERNAL, "ModemFailed" },
  };
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    fail_open (rig, &rows[i]);
}

static void
test_modem_that_answers_a_step_of_the_open_with_nothing_heals (void **state)
{
  static const char *const requests[] = { "uim 0x2E", "ctl 0x22" };
  Rig *rig = *state;

  rig_start_simulator (rig, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      rig_expect_control (rig, "ok", "fail %s nothing 1", requests[i]);
      rig_start_agent (rig, NULL);
      rig_await (rig, "State", "failed");
      await_error (rig, "Timeout");
      rig_await (rig, "State", "ready");
      rig_stop_agent (rig);
    }
}

/* EF_ICCID can't be read: it is tried some times, and then at a slow pace or when the card says something. */
static void
fail_read_back (Rig *rig, const Row *row)
{
  Attempts attempts = { .rig = rig, .request = row->in_list, .n_awaited = 3 };
  gint64 began_us;

  print_message ("%s %s\n", row->request, row->error);
  rig_expect_control (rig, "ok", "fail %s %s 0", row->request, row->error);
  g_free (rig_control (rig, "qmi"));
  began_us = g_get_monotonic_time ();
  rig_expect_control (rig, "ok", "reset");
  if (!rig_await_that (are_made, &attempts))
    fail_msg ("%s was not asked for again", row->request);
  assert_int_equal (attempts.n_seen, 3);
  assert_true (g_get_monotonic_time () - began_us >= 2 * READ_INTERVAL_US);
  rig_await (rig, "State", "failed");
  rig_await (rig, "StateReason", "the enabled profile can't be read");
  await_error (rig, row->name);
  rig_expect_control (rig, "ok", "fail %s 0", row->request);
  rig_expect_control (rig, "ok", "reset");
  rig_await (rig, "State", "ready");
}

static void
test_profile_that_can_not_be_read_back_is_a_failure_that_heals (void **state)
{
  static const Row rows[] = {
    { "uim 0x20", "uim 0x0020", ACCESS_DENIED, "AccessDenied" },
    { "uim 0x20", "uim 0x0020", INTERNAL, "ModemFailed" },
  };
  Rig *rig = *state;

  rig_start (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    fail_read_back (rig, &rows[i]);
  rig_stop_agent (rig);
}

static void
test_steps_of_a_switch_that_are_answered_wrongly_do_not_end_it (void **state)
{
  static const char *const faults[] = {
    "uim 0x20 " INTERNAL " 2", "uim 0x20 nothing 1",      "nas 0x4D " INTERNAL " 1",
    "nas 0x4D nothing 1",      "uim 0x42 " INTERNAL " 1",
  };
  Rig *rig = *state;
  const char *iccids[] = { OTHER_ICCID, FIRST_ICCID };

  rig_start (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      print_message ("%s\n", faults[i]);
      rig_expect_control (rig, "ok", "fail %s", faults[i]);
      rig_expect_control (rig, "ok", "profile %s", iccids[i % 2]);
      rig_expect_control (rig, "ok", "reset");
      rig_await (rig, "Iccid", iccids[i % 2]);
      rig_await (rig, "State", "ready");
      rig_await_counter (rig, "profile-changes", i + 1);
    }
  rig_stop_agent (rig);
}

/* Firmware has errors that no list of QMI's knows. */
static void
test_error_without_a_name_fails_one_packet_and_no_more (void **state)
{
  static const char *const requests[] = { "uim 0x42", "uim 0x3B" };
  Rig *rig = *state;

  https_start (rig, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autofree char *refused = NULL;
      g_autofree char *reply = NULL;

      rig_expect_control (rig, "ok", "fail %s " NAMELESS " 1", requests[i]);
      refused = rig_control (rig, "smsr send-script --generate 1 --via sms");
      reply = rig_control (rig, "smsr send-script --generate 1 --via sms");

      print_message ("%s: %s\n", requests[i], refused);
      assert_begins (reply, "ok packets=1 ");
    }
  rig_stop_agent (rig);
}

/* libqmi takes the modem for gone then, and speaks of the device again after it has told so: the name is its own still. */
static void
test_modem_that_loses_the_beat_is_opened_again (void **state)
{
  Rig *rig = *state;

  rig_keep_log (rig);
  rig_start (rig);
  rig_expect_control (rig, "ok", "fail framing 1");
  rig_begin_control (rig, "card out");
  rig_await_log (rig, "cdc-wdm0] parsing error: QMI framing error detected");
  g_clear_object (&rig->begun);
  g_free (rig_control (rig, "card in"));
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

/* Nothing is sent to a channel of such a number, nor to the basic channel instead. */
static gboolean
has_no_channel (gpointer data)
{
  g_autofree char *card = rig_control (data, "state");

  rig_look_again (50);
  return strstr (card, "\"logical_channels\":[]") != NULL;
}

static gboolean
has_channel (gpointer data)
{
  return !has_no_channel (data);
}

static void
expect_closing_after (Rig *rig, const char *fault)
{
  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail uim 0x3F %s 1", fault);
  rig_start_agent (rig, NULL);
  assert_true (rig_await_that (has_channel, rig));
  assert_true (rig_await_that (has_no_channel, rig));
  rig_stop_agent (rig);
}

/* The request is lost, and tried again when nobody has answered for half a minute. */
static void
test_channel_whose_closing_was_lost_is_closed_later (void **state)
{
  expect_closing_after (*state, "nothing");
}

static void
test_channel_whose_closing_was_refused_is_closed_later (void **state)
{
  expect_closing_after (*state, "3");
}

static void
test_channel_of_a_number_that_cards_do_not_have_is_none (void **state)
{
  Rig *rig = *state;
  g_autofree char *refused = NULL;
  g_autofree char *ledger = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *log = NULL;
  g_autofree char *state_after = NULL;

  rig_keep_log (rig);
  https_start (rig, NULL);
  rig_expect_control (rig, "ok", "fail channel 1");
  refused = rig_control (rig, "smsr send-script --generate 1 --via sms --spi 1600");
  rig_await_log (rig, "Open channel: the modem tells of channel ");
  ledger = rig_control (rig, "ledger");
  reply = rig_control (rig, "smsr send-script --generate 1 --via sms");
  log = rig_read_log (rig);

  assert_null (strstr (ledger, "80E28800"));
  assert_begins (reply, "ok packets=1 ");
  assert_null (strstr (log, "assertion"));
  rig_stop_agent (rig);
  state_after = rig_control (rig, "state");
  rig_assert_has (state_after, "\"logical_channels\":[]");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_message_waits_for_a_card_that_was_taken_out),
    RIG_TEST (test_packet_waits_for_a_card_that_was_taken_out),
    RIG_TEST (test_session_waits_for_a_card_that_was_taken_out),
    RIG_TEST (test_packet_whose_card_is_taken_out_is_answered),
    RIG_TEST (test_session_whose_card_is_taken_out_ends_with_an_answer),
    RIG_TEST (test_modem_that_does_not_open_is_tried_again_with_pauses),
    RIG_TEST (test_modem_that_answers_a_step_of_the_open_with_nothing_heals),
    RIG_TEST (test_profile_that_can_not_be_read_back_is_a_failure_that_heals),
    RIG_TEST (test_steps_of_a_switch_that_are_answered_wrongly_do_not_end_it),
    RIG_TEST (test_error_without_a_name_fails_one_packet_and_no_more),
    RIG_TEST (test_modem_that_loses_the_beat_is_opened_again),
    RIG_TEST (test_channel_whose_closing_was_lost_is_closed_later),
    RIG_TEST (test_channel_whose_closing_was_refused_is_closed_later),
    RIG_TEST (test_channel_of_a_number_that_cards_do_not_have_is_none),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
