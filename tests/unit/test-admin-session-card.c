/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The commands of HTTPS sessions on the card (agent/session/admin-card.c), with an SM-SR that really answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sessions-rig.h"
#include "wait.h"

/* GET DATA and GET STATUS as objects of a script (TS 102 226 §5.2.1), and as the card gets them on channel 1 */
#define GET_DATA "220580CA005A00"
#define GET_STATUS "220880F24002024F0000"
#define GET_DATA_APDU "apdu 1 81CA005A00"
#define GET_STATUS_APDU "apdu 1 81F24002024F0000"

/* STORE DATA, the first block of a chain */
#define STORE_DATA "220680E210000100"
#define STORE_DATA_APDU "apdu 1 81E210000100"
#define OPEN_ISD_R "open " RIG_ISD_R

#define SCRIPT(objects) "AE80" objects "0000"
#define ANSWERS(objects) "AF80" objects "0000"
#define ANSWER_9000 "23029000"
#define ANSWER_INTERRUPTED "23026FF1"

#define STATUS "x-admin-script-status"
#define RESUME "x-admin-resume"

static void
finish (SessionsRig *rig, EaSession *session, const char *error)
{
  sm_sr_end_session (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_OK, error);
  assert_int_equal (sessions_rig_count_records (rig), 0);
}

static void
test_a_script_runs_on_one_channel_and_is_answered (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000), STATUS, "ok");
  finish (rig, session, "");

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\n" GET_STATUS_APDU "\nclose 1");
  sessions_rig_expect_nothing (rig);
  assert_string_equal (rig->states->str,
                       "resolving connecting handshaking exchanging closing closed");
}

static void
test_scripts_for_the_same_target_share_a_channel (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000|9000");
  sm_sr_send_script (rig->sm_sr, "/2", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post (rig->sm_sr, "/2", ANSWERS (ANSWER_9000));
  sm_sr_send_script (rig->sm_sr, "/3", NULL, SCRIPT (GET_STATUS));
  sm_sr_await_post (rig->sm_sr, "/3", ANSWERS (ANSWER_9000));
  finish (rig, session, "");

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\n" GET_STATUS_APDU "\nclose 1");
  sessions_rig_expect_nothing (rig);
}

static void
test_a_script_for_another_target_has_a_channel_of_its_own (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000|02|9000");
  sm_sr_send_script (rig->sm_sr, "/2", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post (rig->sm_sr, "/2", ANSWERS (ANSWER_9000));
  sm_sr_send_script (rig->sm_sr, "/3", RIG_ISD_P_FIELD, SCRIPT (GET_DATA));
  sm_sr_await_post (rig->sm_sr, "/3", ANSWERS (ANSWER_9000));
  finish (rig, session, "");

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1\nopen " RIG_ISD_P
                                       "\napdu 2 82CA005A00\nclose 2");
  sessions_rig_expect_nothing (rig);
}

/* A command goes to the card while the rest of its script has not come. */
static void
test_commands_run_as_they_come (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA "2208");
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  sessions_rig_expect_nothing (rig);
  sm_sr_send_piece (rig->sm_sr, "80F24002024F00000000");
  sessions_rig_expect (rig, GET_STATUS_APDU);
  sm_sr_end_script (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
  finish (rig, session, "");

  sessions_rig_expect (rig, "close 1");
}

static void
test_an_unknown_application_is_told_and_nothing_runs (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "!6");
  sm_sr_send_script (rig->sm_sr, "/next", RIG_ISD_P_FIELD, SCRIPT (GET_DATA));
  sm_sr_await_post_with (rig->sm_sr, "/next", "", STATUS, "unknown-application");
  finish (rig, session, "UnknownApplication");

  sessions_rig_expect (rig, "open " RIG_ISD_P);
  sessions_rig_expect_nothing (rig);
}

static void
test_a_busy_card_is_asked_again (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_hurry (EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS, EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS);
  sessions_rig_answer (rig, "!4|!7|01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_9000), STATUS, "ok");
  finish (rig, session, "Timeout");

  sessions_rig_expect (rig,
                       OPEN_ISD_R "\n" OPEN_ISD_R "\n" OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1");
}

/* X-Admin-Script-Status has words for it in protocol 1.1.1 only. */
static void
test_a_card_that_stays_busy_is_told_after_some_tries (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  sessions_rig_configure (rig, "Protocol=1.1.1\n");
  session = sessions_rig_open_to_post (rig);
  sessions_rig_hurry (EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS, EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS);
  for (guint i = 0; i < EA_ADMIN_SESSION_CHANNEL_TRIES_MAX; i++)
    sessions_rig_answer (rig, "!4");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post_with (rig->sm_sr, "/next", "", STATUS, "temporarily-unavailable-application");
  finish (rig, session, "Busy");

  for (guint i = 0; i < EA_ADMIN_SESSION_CHANNEL_TRIES_MAX; i++)
    sessions_rig_expect (rig, OPEN_ISD_R);
  sessions_rig_expect_nothing (rig);
}

static void
test_a_channel_that_is_not_allowed_is_not_asked_for_again (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  sessions_rig_configure (rig, "Protocol=1.1.1\n");
  session = sessions_rig_open_to_post (rig);
  sessions_rig_answer (rig, "!1");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sm_sr_await_post_with (rig->sm_sr, "/next", "", STATUS, "unavailable-se");
  finish (rig, session, "AccessDenied");

  sessions_rig_expect (rig, OPEN_ISD_R);
  sessions_rig_expect_nothing (rig);
}

static void
test_a_script_waits_for_a_card_that_is_absent (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  ea_sessions_suspend (rig->sessions);
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  assert_true (sm_sr_is_unasked (rig->sm_sr));
  sessions_rig_expect_nothing (rig);

  sessions_rig_answer (rig, "01|9000");
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000));
  finish (rig, session, "");
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1");
}

static void
test_a_card_that_is_absent_all_of_a_sudden_is_waited_for (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "!5");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R);
  assert_true (sm_sr_is_unasked (rig->sm_sr));
  ea_sessions_suspend (rig->sessions);
  sessions_rig_answer (rig, "01|9000");
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000));
  finish (rig, session, "CardAbsent");

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1");
}

/* The runs of the card are over between the pieces; the channel is kept, and is lost with the card. */
static void
remove_between (SessionsRig *rig, const char *first, const char *apdu)
{
  g_autofree char *piece = g_strconcat ("AE80", first, NULL);
  g_autofree char *line = g_strconcat (OPEN_ISD_R "\n", apdu, NULL);

  sessions_rig_answer (rig, "01|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, piece);
  sessions_rig_expect (rig, line);
  run_ready ();
  ea_sessions_suspend (rig->sessions);
  sm_sr_send_piece (rig->sm_sr, GET_STATUS "0000");
  sm_sr_end_script (rig->sm_sr);
}

static void
test_a_script_goes_on_with_a_card_that_is_put_in_again (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  remove_between (rig, GET_DATA, GET_DATA_APDU);
  assert_true (sm_sr_is_unasked (rig->sm_sr));
  sessions_rig_expect_nothing (rig);
  sessions_rig_answer (rig, "02|9000");
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
  finish (rig, session, "");

  sessions_rig_expect (rig, OPEN_ISD_R "\napdu 2 82F24002024F0000\nclose 2");
}

static void
test_a_script_that_has_left_state_on_a_card_that_was_removed_ends (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  remove_between (rig, STORE_DATA, STORE_DATA_APDU);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_INTERRUPTED));
  sm_sr_end_session (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_INTERRUPTED, "Interrupted");

  sessions_rig_expect_nothing (rig);
}

/* The same while the card has the command that leaves state: its answer comes, its channel is no more. */
static void
test_a_channel_that_is_lost_under_a_command_carries_no_other (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (STORE_DATA GET_STATUS));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" STORE_DATA_APDU);
  ea_sessions_suspend (rig->sessions);
  ea_sessions_resume (rig->sessions, RIG_EID, RIG_ICCID);
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_INTERRUPTED));
  sm_sr_end_session (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_INTERRUPTED, "Interrupted");

  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
}

/* The card is removed while it has a command: nobody knows what became of it. */
static void
test_a_command_without_an_answer_is_interrupted (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_answer (rig, "01|!7");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_INTERRUPTED));
  sm_sr_end_session (rig->sm_sr);
  sessions_rig_expect_end (rig, session, EA_SESSION_INTERRUPTED, "Interrupted");

  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU "\nclose 1");
  sessions_rig_expect_nothing (rig);
}

static void
test_a_command_that_can_not_be_stored_does_not_reach_the_card (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);
  g_autofree char *error = NULL;

  sessions_rig_answer (rig, "01");
  fake_store_fail (G_MAXUINT);
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R);
  sessions_rig_expect_nothing (rig);
  error = sessions_rig_get_error (session);
  assert_string_equal (error, "StoreFull");

  fake_store_fail (0);
  sessions_rig_answer (rig, "9000");
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000));
  finish (rig, session, "StoreFull");
  sessions_rig_expect (rig, GET_DATA_APDU "\nclose 1");
}

/* Whichever change fails, each command runs once and is answered. */
static void
test_commands_run_once_whatever_change_fails (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_hurry (EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS, EA_ADMIN_SESSION_CHANNEL_INTERVAL_MS);
  for (guint i = 0; i < 6; i++)
    {
      EaSession *session = sessions_rig_open_to_post (rig);

      sessions_rig_answer (rig, "01|9000|9000");
      sm_sr_begin_script (rig->sm_sr, "/next");
      if (i % 2 == 0)
        fake_store_fail (i / 2 + 1);
      sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA);
      sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
      if (i % 2 == 1)
        fake_store_fail (i / 2 + 1);
      sm_sr_send_piece (rig->sm_sr, GET_STATUS "0000");
      sm_sr_end_script (rig->sm_sr);
      sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
      sm_sr_end_session (rig->sm_sr);
      sessions_rig_expect_end (rig, session, EA_SESSION_OK, "StoreFull");
      sessions_rig_expect (rig, GET_STATUS_APDU "\nclose 1");
      sessions_rig_expect_nothing (rig);
      fake_store_reset ();
    }
}

/* A link that breaks while a command is on the card: its answer goes over the next connection. */
static void
test_a_break_while_the_card_works_loses_no_answer (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_hurry (1000, 1500);
  sessions_rig_answer (rig, "01|9000");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA));
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  sm_sr_break (rig->sm_sr);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, "/next", ANSWERS (ANSWER_9000), RESUME, "true");
  finish (rig, session, "ConnectionLost");

  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
}

static void
test_a_script_that_is_repeated_runs_on_behind_what_was_answered (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session = sessions_rig_open_to_post (rig);

  sessions_rig_hurry (1000, 1500);
  sessions_rig_answer (rig, "01|9000|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA);
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  run_ready ();
  sm_sr_break (rig->sm_sr);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post_with (rig->sm_sr, RIG_URI, "", RESUME, "true");
  sm_sr_send_script (rig->sm_sr, "/next", NULL, SCRIPT (GET_DATA GET_STATUS));
  sm_sr_await_post (rig->sm_sr, "/next", ANSWERS (ANSWER_9000 ANSWER_9000));
  finish (rig, session, "ConnectionLost");

  sessions_rig_expect (rig, GET_STATUS_APDU "\nclose 1");
  sessions_rig_expect_nothing (rig);
}

/* Bytes are no progress, and a command is. */
static void
test_a_server_that_drips_is_left_after_a_time (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;

  sessions_rig_configure (rig, "[session]\nRetryLimit=0\n");
  session = sessions_rig_open_to_post (rig);
  sessions_rig_answer (rig, "01|9000");
  sm_sr_begin_script (rig->sm_sr, "/next");
  sm_sr_send_piece (rig->sm_sr, "AE80" GET_DATA);
  sessions_rig_expect (rig, OPEN_ISD_R "\n" GET_DATA_APDU);
  run_ready ();
  sessions_rig_let_stall ();
  assert_int_equal (ea_session_get_state (session), EA_SESSION_EXCHANGING);
  sm_sr_send_piece (rig->sm_sr, "22");
  sm_sr_send_piece (rig->sm_sr, "05");
  sessions_rig_let_stall ();

  sessions_rig_expect_end (rig, session, EA_SESSION_FAILED, "Timeout");
  sessions_rig_expect (rig, "close 1");
  sessions_rig_expect_nothing (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    SESSIONS_TEST (test_a_script_runs_on_one_channel_and_is_answered),
    SESSIONS_TEST (test_scripts_for_the_same_target_share_a_channel),
    SESSIONS_TEST (test_a_script_for_another_target_has_a_channel_of_its_own),
    SESSIONS_TEST (test_commands_run_as_they_come),
    SESSIONS_TEST (test_an_unknown_application_is_told_and_nothing_runs),
    SESSIONS_TEST (test_a_busy_card_is_asked_again),
    SESSIONS_TEST (test_a_card_that_stays_busy_is_told_after_some_tries),
    SESSIONS_TEST (test_a_channel_that_is_not_allowed_is_not_asked_for_again),
    SESSIONS_TEST (test_a_script_waits_for_a_card_that_is_absent),
    SESSIONS_TEST (test_a_card_that_is_absent_all_of_a_sudden_is_waited_for),
    SESSIONS_TEST (test_a_script_goes_on_with_a_card_that_is_put_in_again),
    SESSIONS_TEST (test_a_script_that_has_left_state_on_a_card_that_was_removed_ends),
    SESSIONS_TEST (test_a_channel_that_is_lost_under_a_command_carries_no_other),
    SESSIONS_TEST (test_a_command_without_an_answer_is_interrupted),
    SESSIONS_TEST (test_a_command_that_can_not_be_stored_does_not_reach_the_card),
    SESSIONS_TEST (test_commands_run_once_whatever_change_fails),
    SESSIONS_TEST (test_a_break_while_the_card_works_loses_no_answer),
    SESSIONS_TEST (test_a_script_that_is_repeated_runs_on_behind_what_was_answered),
    SESSIONS_TEST (test_a_server_that_drips_is_left_after_a_time),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
