/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is asked of one eUICC's sessions (agent/session/sessions.h): the same thing twice, what does not go together, and
 * an end before its time. The SM-SR really answers. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sessions-rig.h"
#include "wait.h"

static void
trigger (SessionsRig *rig, guint16 n_retries)
{
  const EaPushTrigger asked = { .present = EA_PUSH_TRIGGER_HAS_RETRY,
                                .retry_counter = n_retries,
                                .retry_timer = ea_span_init ("\x00\x00\x10", EA_PUSH_TIMER_SIZE) };
  g_autoptr (GError) error = NULL;

  if (!ea_sessions_take_trigger (rig->sessions, &asked, &error))
    fail_msg ("%s", error->message);
}

/* An SM-SR whose operations time out sends a trigger for each: one session is enough for what waits there. */
static void
test_triggers_that_ask_for_the_same_do_not_pile_up (void **state)
{
  SessionsRig *rig = *state;
  guint n_records;

  sessions_rig_open_to_post (rig);
  trigger (rig, 3);
  n_records = sessions_rig_count_records (rig);
  trigger (rig, 3);
  trigger (rig, 3);

  assert_int_equal (rig->added->len, 2);
  assert_int_equal (sessions_rig_count_records (rig), n_records);
}

static void
test_a_trigger_that_asks_for_something_else_has_a_session_of_its_own (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_open_to_post (rig);
  trigger (rig, 3);
  trigger (rig, 4);

  assert_int_equal (rig->added->len, 3);
}

/* The one that is there may have heard all that the SM-SR had before. */
static void
test_a_trigger_during_a_session_has_one_of_its_own (void **state)
{
  SessionsRig *rig = *state;

  trigger (rig, 3);
  sm_sr_await_connection (rig->sm_sr);
  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  trigger (rig, 3);

  assert_int_equal (rig->added->len, 2);
}

static void
test_the_cause_before_a_cancellation_is_kept (void **state)
{
  SessionsRig *rig = *state;
  EaSession *session;
  g_autoptr (GVariant) before = NULL;
  g_autoptr (GVariant) after = NULL;
  g_autofree char *expected = NULL;
  const char *cause;
  const char *sentence;

  session = sessions_rig_open_to_post (rig);
  sm_sr_break (rig->sm_sr);
  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_WAITING);
  g_object_get (session, "error", &before, NULL);
  g_variant_get (before, "(&s&s)", NULL, &cause);
  ea_session_cancel (session);
  sessions_rig_expect_end (rig, session, EA_SESSION_WAS_CANCELLED, "Cancelled");
  g_object_get (session, "error", &after, NULL);
  g_variant_get (after, "(&s&s)", NULL, &sentence);

  assert_true (cause[0] != '\0');
  expected = g_strdup_printf ("Somebody has cancelled it; before that: %s", cause);
  assert_string_equal (sentence, expected);
}

static void
refuse (SessionsRig *rig, const char *transport, const char *options, EaSessionError code,
        const char *expected)
{
  g_autoptr (GVariant) parsed = g_variant_ref_sink (g_variant_new_parsed (options));
  g_autoptr (GError) error = NULL;
  const char *reason;

  assert_null (ea_sessions_open (rig->sessions, transport, parsed, &reason, &error));
  assert_true (g_error_matches (error, EA_SESSION_ERROR, code));
  assert_string_equal (error->message, expected);
}

static void
test_an_option_of_the_other_transport_is_refused (void **state)
{
  SessionsRig *rig = *state;

  refuse (rig, "cat-tp", "{'host': <'192.0.2.1'>, 'port': <@q 1>, 'uri': <'/x'>}",
          EA_SESSION_ERROR_INVALID, "The option 'uri' is not for CAT_TP");
  refuse (rig, "https", "{'cat-tp-port': <@q 1>}", EA_SESSION_ERROR_INVALID,
          "The option 'cat-tp-port' is not for HTTPS");
}

static void
test_auto_takes_the_options_of_both_transports (void **state)
{
  SessionsRig *rig = *state;
  g_autoptr (GVariant) options
      = g_variant_ref_sink (g_variant_new_parsed ("{'uri': <'/x'>, 'cat-tp-port': <@q 1>}"));
  g_autoptr (GError) error = NULL;
  const char *reason;

  assert_non_null (ea_sessions_open (rig->sessions, "auto", options, &reason, &error));
}

static void
test_auto_without_key_and_port_says_what_either_transport_needs (void **state)
{
  SessionsRig *rig = *state;
  g_autofree char *path = g_build_filename (rig->keys_directory, "keys", NULL);

  assert_true (g_file_set_contents (path, "", -1, NULL));
  assert_true (ea_key_ring_reload (rig->keys, NULL, NULL));
  refuse (rig, "auto", "@a{sv} {}", EA_SESSION_ERROR_NO_KEY,
          "Neither a key for HTTPS (scp81) is held for this eUICC nor is a port of CAT_TP known: "
          "name cat-tp-port, or set CatTpPort in agent.conf, for a session over CAT_TP");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    SESSIONS_TEST (test_triggers_that_ask_for_the_same_do_not_pile_up),
    SESSIONS_TEST (test_a_trigger_that_asks_for_something_else_has_a_session_of_its_own),
    SESSIONS_TEST (test_a_trigger_during_a_session_has_one_of_its_own),
    SESSIONS_TEST (test_the_cause_before_a_cancellation_is_kept),
    SESSIONS_TEST (test_an_option_of_the_other_transport_is_refused),
    SESSIONS_TEST (test_auto_takes_the_options_of_both_transports),
    SESSIONS_TEST (test_auto_without_key_and_port_says_what_either_transport_needs),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
