/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The queue of one eUICC's sessions, and what becomes of them when modem, card, keys and process come and go
 * (agent/session/sessions.h). The SM-SR really answers. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/notifier.h"
#include "sessions-rig.h"
#include "wait.h"

/* GET DATA and GET STATUS as objects of a script (TS 102 226 §5.2.1), and as the card gets them on channel 1 */
#define GET_DATA "220580CA005A00"
#define GET_STATUS "220880F24002024F0000"
#define GET_DATA_APDU "apdu 1 81CA005A00"
#define GET_STATUS_APDU "apdu 1 81F24002024F0000"
#define OPEN_ISD_R "open " RIG_ISD_R

#define SCRIPT(objects) "AE80" objects "0000"
#define ANSWERS(objects) "AF80" objects "0000"
#define ANSWER_9000 "23029000"
#define ANSWER_INTERRUPTED "23026FF1"

#define RESUME "x-admin-resume"

#define RETRY_FROM_MS 1000
#define RETRY_TO_MS 1500

static void
finish (SessionsRig *rig, EaSession *session)
{
  sm_sr_end_session (rig->sm_sr);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_CLOSED);
  assert_int_equal (ea_session_get_result (session), EA_SESSION_OK);
}

static EaSession *
last_session (SessionsRig *rig)
{
  assert_true (rig->added->len > 0);
  return rig->added->pdata[rig->added->len - 1];
}

static void
test_sessions_run_one_after_the_other (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open (rig);
  EaSession *second = sessions_rig_open (rig);

  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  run_ready ();
  assert_int_equal (ea_session_get_state (second), EA_SESSION_QUEUED);
  assert_int_equal (rig->sm_sr->n_connections, 1);
  finish (rig, first);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  assert_int_equal (rig->sm_sr->n_connections, 2);
  finish (rig, second);

  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_session_that_a_bad_disk_has_kept_is_forgotten_later (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_hurry (EA_SESSIONS_SETTLE_MS, EA_SESSIONS_SETTLE_MS);
  fake_store_fail (G_MAXUINT);
  finish (rig, session);
  assert_int_not_equal (sessions_rig_count_records (rig), 0);

  fake_store_fail (0);
  WAIT_FOR (sessions_rig_count_records (rig) == 0);
}

static void
test_the_seventeenth_session_is_refused (void **state)
{
  SessionsRig *rig = *state;
  const char *reason;
  g_autoptr (GError) error = NULL;
  EaSession *first = sessions_rig_open (rig);

  for (guint i = 1; i < EA_SESSION_STORE_MAX; i++)
    sessions_rig_open (rig);
  assert_null (ea_sessions_open (rig->sessions, "https", NULL, &reason, &error));
  assert_true (g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_FULL));
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, first);

  sessions_rig_open (rig); /* there is room again */
  assert_int_equal (rig->added->len, EA_SESSION_STORE_MAX + 1);
}

static void
test_a_session_that_can_not_be_stored_is_refused (void **state)
{
  SessionsRig *rig = *state;
  const char *reason;
  g_autoptr (GError) error = NULL;

  fake_store_fail (1);
  assert_null (ea_sessions_open (rig->sessions, "https", NULL, &reason, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_int_equal (rig->added->len, 0);
}

static void
test_a_session_that_waits_for_its_turn_is_cancelled (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open_to_post (rig);
  EaSession *second = sessions_rig_open (rig);

  ea_session_cancel (second);
  sessions_rig_expect_end (rig, second, EA_SESSION_WAS_CANCELLED, "Cancelled");
  finish (rig, first);
  run_ready ();

  assert_int_equal (rig->sm_sr->n_connections, 1);
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_session_is_cancelled_while_it_connects (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  rig->sm_sr->is_mute = TRUE;
  session = sessions_rig_open (rig);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_HANDSHAKING);
  ea_session_cancel (session);
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");
  run_ready ();

  assert_string_equal (rig->states->str, "resolving connecting handshaking closed");
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_session_is_cancelled_while_the_sm_sr_is_silent (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  ea_session_cancel (session);
  sm_sr_await_end (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");

  assert_string_equal (rig->states->str,
                       "resolving connecting handshaking exchanging closing closed");
  sessions_rig_expect_nothing (rig);
}

/* The modem takes the connection along, whose end was waited for. */
static void
test_a_modem_that_goes_ends_a_session_that_closes (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open_to_post (rig);
  EaSession *second;

  ea_session_cancel (first);
  assert_int_equal (ea_session_get_state (first), EA_SESSION_CLOSING);
  assert_int_equal (sessions_rig_count_records (rig), 0); /* it is over for the next life as well */
  sessions_rig_detach (rig);
  assert_int_equal (ea_session_get_state (first), EA_SESSION_CLOSED);
  assert_int_equal (ea_session_get_result (first), EA_SESSION_WAS_CANCELLED);

  sessions_rig_attach (rig);
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  second = sessions_rig_open (rig);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, second);
}

static void
test_another_card_ends_a_session_that_closes (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open_to_post (rig);
  EaSession *second;

  ea_session_cancel (first);
  ea_sessions_resume (rig->sessions, RIG_OTHER_EID, RIG_ICCID);
  assert_int_equal (ea_session_get_state (first), EA_SESSION_CLOSED);
  second = sessions_rig_open (rig);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, second);
}

/* The command can't be taken back, but none follows it and its channel is closed. */
static void
test_a_session_is_cancelled_while_the_card_has_a_command (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  ea_session_cancel (session);
  assert_false (ea_sessions_is_idle (rig->sessions));
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");

  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
  assert_true (ea_sessions_is_idle (rig->sessions));
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

/* The same with the channel on its way: it opens after all, and is closed unused. */
static void
test_a_session_is_cancelled_while_its_channel_opens (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R);
  ea_session_cancel (session);
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");

  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
}

static void
test_a_session_is_cancelled_between_two_attempts (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sm_sr_break (rig->sm_sr);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_WAITING);
  ea_session_cancel (session);
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");

  assert_int_equal (sessions_rig_count_records (rig), 0);
}

/* The end of the process between two commands of a script: the next life goes on behind the first one. */
static void
test_a_script_goes_on_in_the_next_life (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_open_to_post (rig);
  sessions_rig_answer (rig, "01|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA);
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  run_ready ();
  ea_sessions_drain (rig->sessions);
  assert_true (ea_sessions_is_idle (rig->sessions));
  sessions_rig_expect (rig, "close 1");
  sessions_rig_end (rig);

  sessions_rig_begin (rig, RIG_EID);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, RIG_URI, "", RESUME, "true");
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
  finish (rig, last_session (rig));

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_STATUS_APDU "\nclose 1");
  sessions_rig_expect_nothing (rig);
}

/* What the card has is awaited, and its answer is not lost. */
static void
test_a_command_that_the_card_has_is_answered_before_the_end (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_open_to_post (rig);
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  ea_sessions_drain (rig->sessions);
  assert_false (ea_sessions_is_idle (rig->sessions));
  WAIT_FOR (rig->n_idle > 0);
  assert_true (ea_sessions_is_idle (rig->sessions));
  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
  sessions_rig_end (rig);

  sessions_rig_begin (rig, RIG_EID);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_9000), RESUME, "true");
  finish (rig, last_session (rig));
  sessions_rig_expect_nothing (rig);
}

/* A process that ends without a word: nobody knows what became of the command. */
static void
test_a_command_that_the_card_had_at_the_end_is_interrupted (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  sessions_rig_open_to_post (rig);
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  fake_store_fail (G_MAXUINT);
  sessions_rig_end (rig);
  fake_store_reset ();

  sessions_rig_begin (rig, RIG_EID);
  session = last_session (rig);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_INTERRUPTED), RESUME, "true");
  sm_sr_end_session (rig->sm_sr);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_CLOSED);

  assert_int_equal (ea_session_get_result (session), EA_SESSION_INTERRUPTED);
  sessions_rig_expect_nothing (rig);
}

static void
test_sessions_that_waited_come_back_in_their_order (void **state)
{
  SessionsRig *rig = *state;

  ea_sessions_suspend (rig->sessions);
  for (guint i = 0; i < 3; i++)
    sessions_rig_open (rig);
  sessions_rig_end (rig);
  sessions_rig_begin (rig, RIG_EID);

  assert_int_equal (rig->added->len, 3);
  for (guint i = 0; i < 3; i++)
    {
      sm_sr_await_connection (rig->sm_sr);
      sm_sr_await_post (rig->sm_sr, RIG_URI, "");
      finish (rig, rig->added->pdata[i]);
    }
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_an_order_that_is_damaged_costs_no_other (void **state)
{
  SessionsRig *rig = *state;
  g_autoptr (GBytes) rubbish = bytes_of ("00");

  ea_sessions_suspend (rig->sessions);
  sessions_rig_open (rig);
  sessions_rig_open (rig);
  assert_true (ea_store_write (rig->store, "session-0-0000000000", rubbish, NULL));
  sessions_rig_end (rig);
  sessions_rig_begin (rig, RIG_EID);

  assert_int_equal (rig->added->len, 1);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, last_session (rig));
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_head_that_is_damaged_fails_its_session_only (void **state)
{
  SessionsRig *rig = *state;
  g_autoptr (GBytes) rubbish = bytes_of ("00");

  ea_sessions_suspend (rig->sessions);
  sessions_rig_open (rig);
  sessions_rig_open (rig);
  assert_true (ea_store_write (rig->store, "session-0-0000000000.head", rubbish, NULL));
  sessions_rig_end (rig);
  sessions_rig_begin (rig, RIG_EID);

  sessions_rig_expect_end (rig, rig->added->pdata[0], EA_SESSION_FAILED, "StoreFailed");
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, rig->added->pdata[1]);
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

/* The key that the handshake has borrowed is gone with the ring: another attempt takes the new one. */
static void
test_keys_that_change_during_the_handshake_begin_it_anew (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  rig->sm_sr->is_mute = TRUE;
  session = sessions_rig_open (rig);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_HANDSHAKING);
  rig->sm_sr->is_mute = FALSE;
  assert_true (ea_key_ring_reload (rig->keys, NULL, NULL));
  run_ready ();
  assert_int_equal (ea_session_get_state (session), EA_SESSION_WAITING); /* at once */
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, session);

  assert_int_equal (rig->sm_sr->n_connections, 2);
}

static void
test_keys_that_change_later_do_not_matter (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  assert_true (ea_key_ring_reload (rig->keys, NULL, NULL));
  finish (rig, session);

  assert_int_equal (rig->sm_sr->n_connections, 1);
}

static void
test_a_key_that_is_gone_ends_the_session (void **state)
{
  SessionsRig *rig = *state;
  g_autofree char *path = g_build_filename (rig->keys_directory, "keys", NULL);
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_hurry (RETRY_FROM_MS, RETRY_TO_MS);
  assert_true (g_file_set_contents (path, "", -1, NULL));
  assert_true (ea_key_ring_reload (rig->keys, NULL, NULL));
  sm_sr_break (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_FAILED, "NoKey");

  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_configuration_that_changes_is_for_what_begins_later (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open_to_post (rig);
  EaSession *second;

  sessions_rig_configure (rig, "Uri=/elsewhere\nMaxFragmentLength=512\n");
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000));
  second = sessions_rig_open (rig);
  finish (rig, first);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, "/elsewhere", "");
  finish (rig, second);

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1");
}

static void
test_a_modem_that_comes_back_takes_the_session_on (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA);
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  run_ready ();
  sessions_rig_detach (rig);
  sm_sr_await_end (rig->sm_sr);
  assert_int_equal (ea_session_get_state (session), EA_SESSION_WAITING);

  sessions_rig_attach (rig);
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, RIG_URI, "", RESUME, "true");
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
  finish (rig, session);
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_STATUS_APDU "\nclose 1");
}

/* Its answer is there, but the modem is not. */
static void
test_a_modem_that_goes_with_a_command_interrupts_nothing_that_was_answered (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  sessions_rig_detach (rig);
  run_ready ();
  sessions_rig_attach (rig);
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_9000), RESUME, "true");
  finish (rig, session);

  sessions_rig_expect_nothing (rig);
}

static void
test_no_other_card_gets_a_command_of_the_session (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_open_to_post (rig);
  ea_sessions_suspend (rig->sessions);
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  ea_sessions_resume (rig->sessions, RIG_OTHER_EID, RIG_ICCID);
  assert_true (sm_sr_is_unasked (rig->sm_sr));

  sessions_rig_expect_nothing (rig);
}

/* Sessions of two eUICCs that take turns in one slot: each waits for its own. */
static void
test_sessions_wait_for_their_own_card (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first, *second;

  ea_sessions_suspend (rig->sessions);
  first = sessions_rig_open (rig);
  sessions_rig_end (rig);
  sessions_rig_begin (rig, RIG_OTHER_EID);
  first = last_session (rig);
  second = sessions_rig_open (rig);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  assert_non_null (strstr (rig->sm_sr->identity, "89033023001211360000000003671234"));
  finish (rig, second);
  assert_int_equal (ea_session_get_state (first), EA_SESSION_QUEUED);

  ea_sessions_suspend (rig->sessions);
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  assert_non_null (strstr (rig->sm_sr->identity, RIG_EID));
  finish (rig, first);
}

static void
test_a_session_of_another_card_does_not_hold_up_those_of_this_one (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first = sessions_rig_open_to_post (rig);
  EaSession *second;

  sessions_rig_detach (rig);
  sessions_rig_attach (rig);
  ea_sessions_resume (rig->sessions, RIG_OTHER_EID, RIG_ICCID);
  second = sessions_rig_open (rig);
  sm_sr_await_connection (rig->sm_sr);
  WAIT_FOR (strstr (rig->sm_sr->identity, RIG_OTHER_EID) != NULL);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, second);

  assert_int_equal (ea_session_get_state (first), EA_SESSION_WAITING);
}

/* Somebody at the gateway waits: the one in front waits no longer for its next attempt. */
static void
test_a_session_that_is_opened_ends_the_wait_of_another (void **state)
{
  SessionsRig *rig = *state;
  EaSession *first, *second;

  sessions_rig_configure (rig, "[session]\nRetryDelay=1h\nRetryMaximum=1h\n");
  first = sessions_rig_open_to_post (rig);
  sm_sr_break (rig->sm_sr);
  WAIT_FOR (ea_session_get_state (first) == EA_SESSION_WAITING);
  second = sessions_rig_open (rig);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, RIG_URI, "", "x-admin-resume", "true");
  finish (rig, first);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  finish (rig, second);
}

/* However long the SM-SR is away: one session by the schedule is enough. */
static void
test_sessions_of_the_schedule_do_not_pile_up (void **state)
{
  SessionsRig *rig = *state;

  ea_sessions_suspend (rig->sessions);
  sessions_rig_configure (rig, "[session]\nInterval=1s\nSpread=0s\n");
  WAIT_FOR (rig->added->len == 1);
  sessions_rig_hurry (1000, 1000);
  fake_store_reset ();
  WAIT_FOR (fake_store_count () >= 3); /* it was due three times more */

  assert_int_equal (rig->added->len, 1);
}

#define STATUS_1200 "E3194F10A0000005591010FFFFFFFF89000012009F70013FC501009000"

static const char uri_of_a_switch[] = RIG_URI
    "?msg=E12B4C10890010120123412340123456789012244D01024E0200012F10A0000005591010FFFFFFFF8900"
    "001200";

static void
test_a_notification_is_owed_until_a_session_is_there (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_configure (rig, "NotifyBy=https\n");
  ea_sessions_suspend (rig->sessions);
  ea_sessions_note_switch (rig->sessions);
  sessions_rig_end (rig); /* killed before the card was ready again */
  sessions_rig_hurry (EA_NOTIFIER_INTERVAL_MS, EA_NOTIFIER_INTERVAL_MS);
  sessions_rig_begin (rig, RIG_EID);
  sessions_rig_answer (rig, "01|" STATUS_1200); /* the first time there was no answer */
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, uri_of_a_switch, "");
  finish (rig, last_session (rig));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" OPEN_ISD_R "\n" GET_STATUS_APDU "\nclose 1");

  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sessions_rig_expect_nothing (rig);
}

static void
test_attempts_that_fail_end_the_session_when_they_are_used_up (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;
  guint attempt;

  sessions_rig_hurry (RETRY_FROM_MS, RETRY_TO_MS);
  g_socket_close (rig->sm_sr->listener, NULL);
  session = sessions_rig_open (rig);
  sessions_rig_expect_end (rig, session, EA_SESSION_FAILED, "ConnectFailed");
  g_object_get (session, "attempt", &attempt, NULL);

  assert_int_equal (attempt, 4); /* one, and three more */
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    SESSIONS_TEST (test_sessions_run_one_after_the_other),
    SESSIONS_TEST (test_a_session_that_a_bad_disk_has_kept_is_forgotten_later),
    SESSIONS_TEST (test_the_seventeenth_session_is_refused),
    SESSIONS_TEST (test_a_session_that_can_not_be_stored_is_refused),
    SESSIONS_TEST (test_a_session_that_waits_for_its_turn_is_cancelled),
    SESSIONS_TEST (test_a_session_is_cancelled_while_it_connects),
    SESSIONS_TEST (test_a_session_is_cancelled_while_the_sm_sr_is_silent),
    SESSIONS_TEST (test_a_modem_that_goes_ends_a_session_that_closes),
    SESSIONS_TEST (test_another_card_ends_a_session_that_closes),
    SESSIONS_TEST (test_a_session_is_cancelled_while_the_card_has_a_command),
    SESSIONS_TEST (test_a_session_is_cancelled_while_its_channel_opens),
    SESSIONS_TEST (test_a_session_is_cancelled_between_two_attempts),
    SESSIONS_TEST (test_a_script_goes_on_in_the_next_life),
    SESSIONS_TEST (test_a_command_that_the_card_has_is_answered_before_the_end),
    SESSIONS_TEST (test_a_command_that_the_card_had_at_the_end_is_interrupted),
    SESSIONS_TEST (test_sessions_that_waited_come_back_in_their_order),
    SESSIONS_TEST (test_an_order_that_is_damaged_costs_no_other),
    SESSIONS_TEST (test_a_head_that_is_damaged_fails_its_session_only),
    SESSIONS_TEST (test_keys_that_change_during_the_handshake_begin_it_anew),
    SESSIONS_TEST (test_keys_that_change_later_do_not_matter),
    SESSIONS_TEST (test_a_key_that_is_gone_ends_the_session),
    SESSIONS_TEST (test_a_configuration_that_changes_is_for_what_begins_later),
    SESSIONS_TEST (test_a_modem_that_comes_back_takes_the_session_on),
    SESSIONS_TEST (test_a_modem_that_goes_with_a_command_interrupts_nothing_that_was_answered),
    SESSIONS_TEST (test_no_other_card_gets_a_command_of_the_session),
    SESSIONS_TEST (test_sessions_wait_for_their_own_card),
    SESSIONS_TEST (test_a_session_of_another_card_does_not_hold_up_those_of_this_one),
    SESSIONS_TEST (test_a_session_that_is_opened_ends_the_wait_of_another),
    SESSIONS_TEST (test_sessions_of_the_schedule_do_not_pile_up),
    SESSIONS_TEST (test_a_notification_is_owed_until_a_session_is_there),
    SESSIONS_TEST (test_attempts_that_fail_end_the_session_when_they_are_used_up),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
