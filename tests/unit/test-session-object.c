/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session shows of itself (agent/session/session.h), and when it tells. */

#include "session/session.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/pacer.h"
#include "wait.h"

typedef struct
{
  EaSession *session;
  GString *news; /* properties and their values, in the order of telling */
  guint n_counts;
  guint n_cancelled;
} Bench;

static gboolean
is_count (const char *name)
{
  return strcmp (name, "bytes-received") == 0 || strcmp (name, "bytes-sent") == 0
         || strcmp (name, "apdus") == 0 || strcmp (name, "scripts") == 0;
}

/* Counts are only counted: how often they are told is another matter. */
static void
on_notify (EaSession *session, GParamSpec *property, gpointer user_data)
{
  Bench *bench = user_data;
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  if (is_count (property->name))
    {
      bench->n_counts++;
      return;
    }
  g_value_init (&value, property->value_type);
  g_object_get_property (G_OBJECT (session), property->name, &value);
  if (G_VALUE_HOLDS_STRING (&value))
    text = g_value_dup_string (&value);
  else if (G_VALUE_HOLDS_UINT (&value))
    text = g_strdup_printf ("%u", g_value_get_uint (&value));
  g_string_append_printf (bench->news, "%s%s%s%s", bench->news->len > 0 ? " " : "", property->name,
                          text != NULL ? "=" : "", text != NULL ? text : "");
}

static void
on_cancelled (EaSession *session, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_cancelled++;
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->session = ea_session_new (EA_SESSION_HTTPS, EA_SESSION_TRIGGER, "192.0.2.1:443");
  bench->news = g_string_new (NULL);
  g_signal_connect (bench->session, "notify", G_CALLBACK (on_notify), bench);
  g_signal_connect (bench->session, "cancelled", G_CALLBACK (on_cancelled), bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  g_object_unref (bench->session);
  g_string_free (bench->news, TRUE);
  g_free (bench);
  return 0;
}

static char *
get_text (Bench *bench, const char *name)
{
  char *text;

  g_object_get (bench->session, name, &text, NULL);
  return text;
}

static void
assert_text (Bench *bench, const char *name, const char *expected)
{
  g_autofree char *text = get_text (bench, name);

  assert_string_equal (text, expected);
}

static void
assert_error (Bench *bench, const char *name, const char *sentence)
{
  g_autoptr (GVariant) error = NULL;
  const char *found_name, *found_sentence;

  g_object_get (bench->session, "error", &error, NULL);
  g_variant_get (error, "(&s&s)", &found_name, &found_sentence);
  assert_string_equal (found_name, name);
  assert_string_equal (found_sentence, sentence);
}

static void
test_a_new_session_is_queued_and_has_nothing_to_show (void **state)
{
  Bench *bench = *state;
  guint64 now_us = (guint64) g_get_real_time ();
  guint64 started_us, ended_us;

  g_object_get (bench->session, "started-at", &started_us, "ended-at", &ended_us, NULL);

  assert_text (bench, "transport", "https");
  assert_text (bench, "origin", "trigger");
  assert_text (bench, "peer", "192.0.2.1:443");
  assert_text (bench, "address", "");
  assert_text (bench, "interface", "");
  assert_text (bench, "state", "queued");
  assert_text (bench, "result", "");
  assert_error (bench, "", "");
  assert_in_range (now_us - started_us, 0, 60 * G_USEC_PER_SEC);
  assert_int_equal (ended_us, 0);
}

static void
test_each_state_is_told_once_and_in_order (void **state)
{
  Bench *bench = *state;

  for (int i = EA_SESSION_QUEUED; i <= EA_SESSION_CLOSED; i++)
    {
      ea_session_set_state (bench->session, (EaSessionState) i);
      ea_session_set_state (bench->session, (EaSessionState) i);
    }

  assert_string_equal (bench->news->str,
                       "state=resolving state=connecting state=handshaking state=exchanging "
                       "state=waiting state=closing state=closed");
}

static void
test_an_address_is_told_when_it_is_another (void **state)
{
  Bench *bench = *state;

  ea_session_set_address (bench->session, "192.0.2.1:443");
  ea_session_set_address (bench->session, "192.0.2.1:443");
  ea_session_set_interface (bench->session, "wwan0");
  ea_session_set_interface (bench->session, "wwan0");
  ea_session_set_address (bench->session, "[2001:db8::1]:443");

  assert_string_equal (bench->news->str,
                       "address=192.0.2.1:443 interface=wwan0 address=[2001:db8::1]:443");
}

static void
count_up (Bench *bench, guint n)
{
  const EaSessionProgress progress
      = { .bytes_received = n * 1000000000ull, .bytes_sent = n, .apdus = n, .scripts = n / 10 };

  ea_session_set_progress (bench->session, &progress);
}

static void
test_counts_are_told_a_few_times_a_second (void **state)
{
  Bench *bench = *state;
  guint64 received;
  guint apdus;

  for (guint i = 1; i <= 1000; i++)
    count_up (bench, i);
  run_ready ();
  assert_int_equal (bench->n_counts, 4); /* the first, at once */
  g_object_get (bench->session, "bytes-received", &received, "apdus", &apdus, NULL);
  assert_int_equal (received, 1000000000000ull); /* who asks gets the last */
  assert_int_equal (apdus, 1000);

  WAIT_FOR (bench->n_counts > 4);
  assert_int_equal (bench->n_counts, 8);
}

/* What was counted during the pause is told with the end, not after it. */
static void
test_the_last_counts_are_told_before_the_end (void **state)
{
  Bench *bench = *state;
  guint n_before;

  count_up (bench, 1);
  count_up (bench, 2);
  n_before = bench->n_counts;
  ea_session_end (bench->session, EA_SESSION_OK);

  assert_int_equal (n_before, 4);
  assert_int_equal (bench->n_counts, 8);
}

static gboolean
on_later (gpointer user_data)
{
  gboolean *is_later = user_data;

  *is_later = TRUE;
  return G_SOURCE_REMOVE;
}

/* The pause that was there at the end goes by without news. */
static void
test_nothing_is_told_after_the_end (void **state)
{
  Bench *bench = *state;
  gboolean is_later = FALSE;

  count_up (bench, 1);
  count_up (bench, 2);
  ea_session_end (bench->session, EA_SESSION_OK);
  g_timeout_add (EA_PACER_INTERVAL_MS, on_later, &is_later); /* begins after the pause */
  WAIT_FOR (is_later);
  run_ready ();

  assert_int_equal (bench->n_counts, 8);
}

/* Who hears of the state "closed" finds the rest in place. */
static void
test_closed_is_the_last_that_is_told (void **state)
{
  Bench *bench = *state;
  guint64 ended_us;

  ea_session_set_state (bench->session, EA_SESSION_CLOSING);
  ea_session_end (bench->session, EA_SESSION_INTERRUPTED);
  g_object_get (bench->session, "ended-at", &ended_us, NULL);

  assert_string_equal (bench->news->str, "state=closing attempt=0 next-attempt ended-at "
                                         "result=interrupted state=closed");
  assert_true (ended_us > 0);
  assert_int_equal (ea_session_get_result (bench->session), EA_SESSION_INTERRUPTED);
}

static void
test_no_attempt_is_planned_after_the_end (void **state)
{
  Bench *bench = *state;
  guint64 next_us;
  guint attempt;

  ea_session_set_attempt (bench->session, 3, 1700000000000000);
  g_object_get (bench->session, "attempt", &attempt, "next-attempt", &next_us, NULL);
  assert_int_equal (attempt, 3);
  assert_int_equal (next_us, 1700000000000000);
  ea_session_end (bench->session, EA_SESSION_FAILED);
  g_object_get (bench->session, "attempt", &attempt, "next-attempt", &next_us, NULL);

  assert_int_equal (attempt, 3);
  assert_int_equal (next_us, 0);
}

static void
test_an_error_has_a_stable_name_and_a_sentence (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) first = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY, "No key");
  g_autoptr (GError) second = g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_FULL, "Too many");

  ea_session_set_error (bench->session, first);
  ea_session_set_error (bench->session, second);

  assert_string_equal (bench->news->str, "error error");
  assert_error (bench, "org.euicc.Agent1.Error.Busy", "Too many");
}

static void
test_who_wants_an_end_is_heard_until_it_is_near (void **state)
{
  Bench *bench = *state;

  for (int i = EA_SESSION_QUEUED; i < EA_SESSION_CLOSING; i++)
    {
      ea_session_set_state (bench->session, (EaSessionState) i);
      ea_session_cancel (bench->session);
    }
  assert_int_equal (bench->n_cancelled, EA_SESSION_CLOSING);

  ea_session_set_state (bench->session, EA_SESSION_CLOSING);
  ea_session_cancel (bench->session);
  ea_session_end (bench->session, EA_SESSION_OK);
  ea_session_cancel (bench->session);
  assert_int_equal (bench->n_cancelled, EA_SESSION_CLOSING);
}

static void
test_nothing_is_told_of_a_session_that_is_gone (void **state)
{
  g_autoptr (EaSession) session = ea_session_new (EA_SESSION_CAT_TP, EA_SESSION_DBUS, "x:1");
  EaSessionProgress progress = { .apdus = 1 };

  ea_session_set_progress (session, &progress);
  ea_session_set_progress (session, &progress); /* due after the pause */
  g_clear_object (&session);

  assert_false (g_main_context_pending (NULL));
}

static void
test_words_are_those_of_the_bus (void **state)
{
  static const char *const origins[] = { "dbus", "trigger", "retry", "schedule", "notification" };
  static const char *const results[] = { "", "ok", "interrupted", "cancelled", "failed" };

  for (int i = 0; i < (int) G_N_ELEMENTS (origins); i++)
    assert_string_equal (ea_session_origin_to_string ((EaSessionOrigin) i), origins[i]);
  for (int i = 0; i < (int) G_N_ELEMENTS (results); i++)
    assert_string_equal (ea_session_result_to_string ((EaSessionResult) i), results[i]);
  assert_string_equal (ea_session_transport_to_string (EA_SESSION_HTTPS), "https");
  assert_string_equal (ea_session_transport_to_string (EA_SESSION_CAT_TP), "cat-tp");
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_a_new_session_is_queued_and_has_nothing_to_show),
    ON_BENCH (test_each_state_is_told_once_and_in_order),
    ON_BENCH (test_an_address_is_told_when_it_is_another),
    ON_BENCH (test_counts_are_told_a_few_times_a_second),
    ON_BENCH (test_the_last_counts_are_told_before_the_end),
    ON_BENCH (test_nothing_is_told_after_the_end),
    ON_BENCH (test_closed_is_the_last_that_is_told),
    ON_BENCH (test_no_attempt_is_planned_after_the_end),
    ON_BENCH (test_an_error_has_a_stable_name_and_a_sentence),
    ON_BENCH (test_who_wants_an_end_is_heard_until_it_is_near),
    cmocka_unit_test (test_nothing_is_told_of_a_session_that_is_gone),
    cmocka_unit_test (test_words_are_those_of_the_bus),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
