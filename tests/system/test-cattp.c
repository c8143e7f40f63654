/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP sessions that the agent opens itself: by a push, by the bus, by answers that were left; the SM-SR, its endpoint of
 * CAT_TP and the card are the simulator's.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cattp-peer.h"

#define STATES "resolving connecting handshaking exchanging closing closed"
#define SCRIPT "80CA005A00\n80F24002024F0000\n80CAFF2100\n"
#define GENERATED 255

/* The agent has key set 2 and the eUICC key set 1, so that what is for the eUICC's own channels goes there. */
#define OPTION "--agent-keys=2"
#define KEYS                                                                                       \
  "[* scp80 02]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"     \
  "Tars=000001;000013\n"

/* One attempt, and none that waits long for an SM-SR that says nothing */
#define ONE_ATTEMPT "RetryLimit=0\nTimeout=1\n"

#define OBSERVER "[modem]\nRole=observer\n"

#define FOUR_ATTEMPTS "RetryLimit=3\nRetryDelay=1\nRetryMaximum=1\nTimeout=1\n"

/* With a fault in force the SM-SR does not wonder at what is done again. */
#define NO_HARM "fail smsr cat-tp-drop 1000000000"

static void
assert_begins (const char *actual, const char *expected)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("'%s' does not begin with '%s'", actual, expected);
}

static void
assert_has (const char *actual, const char *expected)
{
  if (strstr (actual, expected) == NULL)
    fail_msg ("'%s' does not have '%s'", actual, expected);
}

static void
start (Rig *rig)
{
  g_autofree char *path = NULL;

  https_start_with_keys (rig, OPTION, KEYS, NULL);
  path = g_build_filename (rig->directory, "script", NULL);
  assert_true (g_file_set_contents (path, SCRIPT, -1, NULL));
}

/* The simulator's answer to an operation that goes well */
static void
expect_operation (Rig *rig, const char *words, const char *part)
{
  g_autofree char *reply = rig_control (rig, "smsr %s", words);

  assert_begins (reply, "ok ");
  assert_has (reply, part);
}

static void
assert_property (Rig *rig, guint number, const char *property, const char *expected)
{
  g_autofree char *value = https_get_property (rig, number, property);

  assert_string_equal (value, expected);
}

static void
test_a_push_brings_a_script_to_the_card (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *ledger = NULL;

  start (rig);
  news = https_news_new (rig);
  reply = rig_control (rig, "smsr send-script %s/script --via cat-tp", rig->directory);
  https_news_await_result (news, 0, "ok");
  ledger = rig_control (rig, "ledger");

  assert_begins (reply, "ok ");
  assert_has (reply, " executed=3 sw=9000,9000,9000 ");
  assert_has (reply, " transport=cat-tp connections=1 resumed=0 retransmitted=0");
  assert_string_equal (https_news_get_states (news, 0), STATES);
  assert_has (ledger, "1 " HTTPS_ISD_R " 81CA005A00 9000\n1 " HTTPS_ISD_R
                      " 81F24002024F0000 9000\n1 " HTTPS_ISD_R " 81CAFF2100 9000\n");
  assert_has (ledger, "00708001 9000"); /* the channel is closed */
}

static void
test_a_session_shows_where_it_goes_and_what_it_carries (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *peer = NULL;

  start (rig);
  news = https_news_new (rig);
  peer = g_strdup_printf ("127.0.0.1:%d", (int) https_get_number (rig, "cat_tp"));
  rig_expect_control (rig, "ok", "slow-apdu 100");
  rig_begin_control (rig, "smsr send-script --generate 3 --via cat-tp");
  rig_await_simulator (rig, "\"links\":[{");
  assert_property (rig, 0, "Transport", "cat-tp");
  assert_property (rig, 0, "Origin", "trigger");
  assert_property (rig, 0, "Peer", peer);
  assert_property (rig, 0, "Address", peer);
  assert_property (rig, 0, "Interface", "lo");
  g_free (rig_end_control (rig));
  https_news_await_result (news, 0, "ok");

  assert_int_equal (https_get_count (rig, 0, "Scripts"), 1);
  assert_int_equal (https_get_count (rig, 0, "Attempt"), 1);
  assert_true (https_get_count (rig, 0, "BytesReceived") > 3 * 14);
  assert_true (https_get_count (rig, 0, "BytesSent") > 3 * 2);
}

/* More than the agent takes in one SDU */
static void
test_a_long_script_goes_in_several_packets (void **state)
{
  Rig *rig = *state;
  g_autoptr (GHashTable) runs = g_hash_table_new (NULL, NULL);
  g_autofree char *reply = NULL;

  start (rig);
  reply = rig_control (rig, "smsr send-script --generate %d --via cat-tp", GENERATED);
  https_count_runs (rig, runs);

  assert_begins (reply, "ok ");
  assert_int_equal (https_count (reply, "9000"), GENERATED);
  assert_int_equal (g_hash_table_size (runs), GENERATED);
}

static void
test_operations_go_over_the_agents_links (void **state)
{
  Rig *rig = *state;

  start (rig);
  expect_operation (rig, "audit --via cat-tp", "8900001000:enabled");
  expect_operation (rig, "audit --via cat-tp --identification 0102030405",
                    "transport=cat-tp connections=1");
  expect_operation (rig, "audit --via cat-tp --sealed", "transport=cat-tp connections=1");
  expect_operation (rig, "push-cat-tp --via cat-tp", "transport=cat-tp connections=1");
}

/* The agent has no key for what is in the packets: the card says what it has executed. */
static void
test_sealed_packets_go_to_the_card_as_they_are (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *ledger = NULL;

  start (rig);
  g_free (rig_control (rig, "sent-sms"));
  reply = rig_control (rig, "smsr send-script %s/script --via cat-tp --sealed", rig->directory);
  ledger = rig_control (rig, "ledger");

  assert_begins (reply, "ok ");
  assert_has (reply, " executed=3 sw=9000,9000,9000 ");
  assert_null (strstr (ledger, "CA005A00")); /* what came in a secured packet is not in it */
}

/* The answers of the card are for the link, and only the push's proof of receipt went by the network. */
static void
test_answers_of_sealed_packets_are_not_sent_to_the_network (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *sent = NULL;

  start (rig);
  reply = rig_control (rig, "smsr send-script --generate 60 --via cat-tp --sealed");
  sent = rig_control (rig, "sent-sms");

  assert_begins (reply, "ok ");
  assert_has (reply, " executed=60 ");
  assert_int_equal (https_count (sent, "\n"), 1);
}

static void
test_the_euiccs_own_links_go_on_as_before (void **state)
{
  Rig *rig = *state;
  g_autofree char *sha256 = NULL;
  g_autofree char *path = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *card = NULL;

  start (rig);
  expect_operation (rig, "push-cat-tp", "transport=bip-cat-tp connections=1");
  path = https_write_profile (rig, 40000, 7, &sha256);
  reply = rig_control (rig, "smsr download-profile %s --timeout 60 --via bip-cat-tp", path);
  card = rig_control (rig, "state");

  assert_begins (reply, "ok ");
  assert_has (card, sha256);
  assert_has (card, "\"bip_faults\":{}");
}

/* A link that the agent holds open to somebody else */
static void
test_the_euicc_has_a_link_while_the_agent_has_one (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autoptr (CattpPeer) peer = cattp_peer_new ();
  g_autofree char *options = g_strdup_printf ("{'port': <@q %u>}", peer->port);

  start (rig);
  news = https_news_new (rig);
  https_open_session_over (rig, "cat-tp", options);
  cattp_peer_await_link (peer, 1);
  expect_operation (rig, "audit --via bip-cat-tp", "transport=bip-cat-tp connections=1");
  assert_true (peer->link != NULL && sim_cattp_get_state (peer->link) == SIM_CATTP_OPEN);
  cattp_peer_reset (peer, SIM_CATTP_REASON_NORMAL);
  https_news_await_result (news, 0, "ok");
}

static void
test_a_session_of_the_bus_takes_what_waits (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  g_autofree char *output = NULL;
  int status;

  start (rig);
  rig_begin_control (rig, "smsr audit --via cat-tp --no-trigger");
  output = rig_run_client (rig, &status, "open-session", "cat-tp", "--wait", NULL);
  reply = rig_end_control (rig);

  assert_begins (reply, "ok ");
  assert_int_equal (status, 0);
  assert_begins (output, "queued\nresolving\nconnecting 127.0.0.1:");
  assert_has (output, "\nhandshaking 127.0.0.1:");
  assert_has (output, "\nexchanging 127.0.0.1:");
  assert_has (output, "\nclosing 127.0.0.1:");
  assert_has (output, "\nSession/0 ended well: 1 script, ");
}

/* The firmware has the toolkit and the short messages; the agent's links and keys are its own. */
static void
test_an_observer_runs_what_is_under_its_key (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *role = NULL;
  g_autofree char *reply = NULL;

  https_start_with_keys (rig, OPTION, KEYS, ONE_ATTEMPT OBSERVER);
  role = rig_get (rig, "Role");
  assert_string_equal (role, "observer");
  news = https_news_new (rig);
  rig_begin_control (rig, "smsr send-script --generate 3 --via cat-tp --no-trigger");
  https_open_session_over (rig, "cat-tp", "{}");
  https_news_await_result (news, 0, "ok");
  reply = rig_end_control (rig);

  assert_begins (reply, "ok ");
  assert_has (reply, " executed=3 ");
}

/* All that the SM-SR had was for nobody here: it is not as if it had had nothing. */
static void
test_a_session_that_refuses_all_packets_has_failed (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *error = NULL;
  g_autofree char *history = NULL;

  https_start_with_keys (rig, OPTION, KEYS, ONE_ATTEMPT);
  news = https_news_new (rig);
  reply = rig_control (rig, "smsr audit --via cat-tp --tar 000010");
  https_news_await_result (news, 0, "failed");
  error = https_get_error (rig, 0);
  history = rig_run_client (rig, NULL, "history", NULL);

  assert_begins (reply,
                 "error connection lost: the agent has closed it and may have no key for TAR "
                 "000010 and key set 2");
  assert_string_equal (error, "NoKey");
  assert_has (history, "no key is held for TAR 000010 and key set 2 (Tars in the key file");
}

static void
test_a_session_for_which_nothing_waits_ends_at_once (void **state)
{
  Rig *rig = *state;
  g_autofree char *output = NULL;
  int status;

  start (rig);
  output = rig_run_client (rig, &status, "open-session", "cat-tp", "--wait", NULL);

  assert_int_equal (status, 0);
  assert_has (output, "\nSession/0 ended well: 0 scripts, ");
}

#define REFUSED "The SM-SR refuses the CAT_TP link: reason 2, temporarily unable to set up"

/* Somebody waits at the gateway: each attempt that fails is told with its cause, and with what to look at. */
static void
test_the_client_says_why_an_attempt_has_failed (void **state)
{
  Rig *rig = *state;
  g_autofree char *output = NULL;
  int status;

  https_start_with_keys (rig, OPTION, KEYS, FOUR_ATTEMPTS);
  rig_expect_control (rig, "ok", "fail smsr cat-tp-refuse 2");
  output = rig_run_client (rig, &status, "open-session", "cat-tp", "--wait", NULL);

  assert_int_equal (status, 1);
  assert_has (output, "\nwaiting until ");
  assert_has (output, "\nAttempt 1 has failed: " REFUSED ": see Host and its ports ");
  assert_has (output, "\nIt is tried again as often as RetryLimit in euicc-agent.conf(5) says; ");
}

static void
test_the_client_says_which_session_is_in_front (void **state)
{
  Rig *rig = *state;
  g_autofree char *output = NULL;
  int status;

  https_start_with_keys (rig, OPTION, KEYS, FOUR_ATTEMPTS);
  rig_expect_control (rig, "ok", "fail smsr cat-tp-refuse 2");
  https_open_session_over (rig, "cat-tp", "{}");
  output = rig_run_client (rig, &status, "open-session", "cat-tp", "--wait", NULL);

  assert_int_equal (status, 1);
  assert_begins (output, "queued behind Session/0");
  assert_has (output, "queued behind Session/0, which is waiting until ");
}

static void
test_auto_takes_cat_tp_without_a_key_for_https (void **state)
{
  Rig *rig = *state;
  g_autofree char *sessions = NULL;
  g_autofree char *history = NULL;
  int status;

  start (rig);
  g_free (rig_run_client (rig, &status, "open-session", "auto", "--wait", NULL));
  sessions = rig_run_client (rig, NULL, "--json=short", "sessions", NULL);
  history = rig_run_client (rig, NULL, "--json=short", "history", NULL);

  assert_int_equal (status, 0);
  assert_has (sessions, "\"transport\":\"cat-tp\"");
  assert_has (history, "\"event\":\"session-ended\"");
  assert_has (history, "\"transport\":\"cat-tp\"");
  assert_has (history, "\"result\":\"ok\"");
}

static void
test_a_session_with_an_open_link_is_cancelled (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autoptr (CattpPeer) peer = cattp_peer_new ();
  g_autofree char *options = g_strdup_printf ("{'port': <@q %u>}", peer->port);
  guint n_files;
  int status;

  start (rig);
  news = https_news_new (rig);
  n_files = https_count_settled_files (rig);
  https_open_session_over (rig, "cat-tp", options);
  cattp_peer_await_link (peer, 1);
  g_free (rig_run_client (rig, &status, "cancel", "0", NULL));
  https_news_await_result (news, 0, "cancelled");
  cattp_peer_await_reset (peer, SIM_CATTP_REASON_NORMAL);

  assert_int_equal (status, 0);
  assert_string_equal (https_news_get_states (news, 0), STATES);
  https_await_nothing_left (rig, n_files);
}

/* Keys and configuration are read again under an open link, which goes on with those that there are then. */
static void
test_a_link_outlives_a_reload (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  int status;

  start (rig);
  rig_expect_control (rig, "ok", "slow-apdu 50");
  rig_begin_control (rig, "smsr send-script --generate 12 --via cat-tp");
  rig_await_apdu (rig, "81E2880009");
  g_free (rig_run_client (rig, &status, "reload", NULL));
  reply = rig_end_control (rig);

  assert_int_equal (status, 0);
  assert_begins (reply, "ok ");
  assert_has (reply, " executed=12 ");
  assert_has (reply, " connections=1 resumed=0 ");
}

/* The SM-SR hears nothing any more once it has sent its packet. */
static void
leave_an_answer (Rig *rig, HttpsNews *news)
{
  rig_expect_control (rig, "ok", "fail smsr cat-tp-deaf 2");
  rig_begin_control (rig, "smsr send-script --generate 5 --via cat-tp");
  https_news_await_result (news, 0, "failed");
}

static void
expect_the_answer (Rig *rig)
{
  g_autofree char *reply = rig_end_control (rig);
  g_autoptr (GHashTable) runs = g_hash_table_new (NULL, NULL);

  assert_begins (reply, "ok ");
  assert_has (reply, " executed=5 sw=9000,9000,9000,9000,9000 ");
  https_count_runs (rig, runs);
  assert_int_equal (g_hash_table_size (runs), 5);
}

static void
test_an_answer_that_was_left_goes_out_in_the_next_life (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autoptr (HttpsNews) later = NULL;

  https_start_with_keys (rig, OPTION, KEYS, ONE_ATTEMPT);
  news = https_news_new (rig);
  leave_an_answer (rig, news);
  rig_stop_agent (rig);
  rig_expect_control (rig, "ok", NO_HARM);
  later = https_news_new (rig);
  https_start_agent (rig);
  https_news_await_result (later, 1, "ok"); /* as the history has Session/0 */

  assert_property (rig, 1, "Origin", "retry");
  assert_property (rig, 1, "Transport", "cat-tp");
  expect_the_answer (rig);
}

/* The session is there still when the agent ends. */
static void
test_a_session_goes_on_in_the_next_life (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) later = NULL;

  start (rig);
  rig_expect_control (rig, "ok", NO_HARM);
  rig_expect_control (rig, "ok", "slow-apdu 100");
  rig_begin_control (rig, "smsr send-script --generate 5 --via cat-tp");
  rig_await_apdu (rig, "81E2880009");
  rig_stop_agent (rig);
  later = https_news_new (rig);
  https_start_agent (rig);
  https_news_await_result (later, 0, "ok");

  assert_property (rig, 0, "Origin", "retry");
  expect_the_answer (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_push_brings_a_script_to_the_card),
    RIG_TEST (test_a_session_shows_where_it_goes_and_what_it_carries),
    RIG_TEST (test_a_long_script_goes_in_several_packets),
    RIG_TEST (test_operations_go_over_the_agents_links),
    RIG_TEST (test_sealed_packets_go_to_the_card_as_they_are),
    RIG_TEST (test_answers_of_sealed_packets_are_not_sent_to_the_network),
    RIG_TEST (test_the_euiccs_own_links_go_on_as_before),
    RIG_TEST (test_the_euicc_has_a_link_while_the_agent_has_one),
    RIG_TEST (test_a_session_of_the_bus_takes_what_waits),
    RIG_TEST (test_an_observer_runs_what_is_under_its_key),
    RIG_TEST (test_a_session_that_refuses_all_packets_has_failed),
    RIG_TEST (test_a_session_for_which_nothing_waits_ends_at_once),
    RIG_TEST (test_the_client_says_why_an_attempt_has_failed),
    RIG_TEST (test_the_client_says_which_session_is_in_front),
    RIG_TEST (test_auto_takes_cat_tp_without_a_key_for_https),
    RIG_TEST (test_a_session_with_an_open_link_is_cancelled),
    RIG_TEST (test_a_link_outlives_a_reload),
    RIG_TEST (test_an_answer_that_was_left_goes_out_in_the_next_life),
    RIG_TEST (test_a_session_goes_on_in_the_next_life),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
