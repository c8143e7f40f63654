/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An SM-SR that has a name: the name server that its trigger names, or that is configured, says where it is, and for how
 * long; it is found again when it has moved.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NAME "smsr.example"
#define HERE "127.0.0.1"
#define THERE "127.0.0.2"
#define NOBODY "127.0.0.9"

#define ONE_QUESTION NAME " A\n"

typedef struct
{
  Rig *rig;
  HttpsNews *news;
  guint n_sessions; /* so far */
} Bench;

static void
tell_name (Bench *bench, const char *words)
{
  rig_expect_control (bench->rig, "ok", "dns " NAME " %s", words);
}

static void
bench_start (Bench *bench, Rig *rig, const char *words)
{
  rig_keep_log (rig);
  https_start_with (rig, NULL, NAME);
  *bench = (Bench){ .rig = rig, .news = https_news_new (rig) };
  tell_name (bench, words);
}

static void
bench_end (Bench *bench)
{
  https_news_free (bench->news);
  rig_stop_agent (bench->rig);
}

static void
move (Bench *bench, const char *words)
{
  rig_expect_control (bench->rig, "ok", "smsr-move " THERE);
  tell_name (bench, words);
}

/* A trigger that has the name, its session, and the SM-SR's content with it */
static void
have_session (Bench *bench)
{
  g_autofree char *reply = NULL;

  rig_begin_control (bench->rig, "smsr send-script --generate 1 --via https --host " NAME);
  https_news_await_result (bench->news, bench->n_sessions++, "ok");
  reply = rig_end_control (bench->rig);
  if (!g_str_has_prefix (reply, "ok scripts=1 executed=1 sw=9000 "))
    fail_msg ("%s", reply);
}

/* Of the last session */
static void
expect_attempts (Bench *bench, guint n_attempts)
{
  const char *states = https_news_get_states (bench->news, bench->n_sessions - 1);

  assert_int_equal (https_count (states, "resolving"), n_attempts);
}

static void
expect_address (Bench *bench, const char *host)
{
  g_autofree char *expected
      = g_strdup_printf ("%s:%d", host, (int) https_get_number (bench->rig, "https"));
  g_autofree char *address = https_get_property (bench->rig, bench->n_sessions - 1, "Address");

  assert_string_equal (address, expected);
}

/* How often it was asked for an IPv4 address since the last time */
static void
expect_questions (Bench *bench, guint n_questions)
{
  g_autofree char *queries = https_take_queries (bench->rig);

  if (https_count (queries, ONE_QUESTION) != n_questions)
    fail_msg ("not asked %u times, but:\n%s", n_questions, queries);
}

static void
test_a_triggers_name_server_tells_where_the_sm_sr_is (void **state)
{
  Bench bench;
  g_autofree char *interface = NULL;
  g_autofree char *queries = NULL;

  bench_start (&bench, *state, HERE);
  have_session (&bench);
  queries = https_take_queries (bench.rig);
  interface = https_get_property (bench.rig, 0, "Interface");

  assert_string_equal (interface, "lo");
  assert_int_equal (https_count (queries, NAME " A\n"), 1);
  assert_int_equal (https_count (queries, NAME " AAAA\n"), 1);
  expect_attempts (&bench, 1);
  bench_end (&bench);
}

static void
test_an_sm_sr_that_moved_is_found_by_a_new_answer (void **state)
{
  Bench bench;

  bench_start (&bench, *state, HERE " --ttl 0");
  have_session (&bench);
  expect_questions (&bench, 1);
  move (&bench, THERE);
  have_session (&bench);

  expect_questions (&bench, 1);
  expect_attempts (&bench, 1);
  expect_address (&bench, THERE);
  bench_end (&bench);
}

static void
test_an_sm_sr_that_moved_is_found_although_the_old_answer_holds (void **state)
{
  Bench bench;

  bench_start (&bench, *state, HERE " --ttl 600");
  have_session (&bench);
  expect_questions (&bench, 1);
  move (&bench, THERE " --ttl 600");
  have_session (&bench);

  expect_questions (&bench, 1);
  expect_attempts (&bench, 2);
  expect_address (&bench, THERE);
  have_session (&bench);
  expect_questions (&bench, 0);
  expect_attempts (&bench, 1);
  bench_end (&bench);
}

/* An answer that names both places says enough: nobody has to be asked again, nor has the session to wait. */
static void
test_the_next_address_is_tried_where_one_refuses (void **state)
{
  Bench bench;

  bench_start (&bench, *state, NOBODY " ::1 " HERE " --ttl 600");
  have_session (&bench);
  have_session (&bench);

  expect_questions (&bench, 1);
  expect_attempts (&bench, 1);
  expect_address (&bench, HERE);
  bench_end (&bench);
}

static void
test_an_answer_holds_as_long_as_it_says (void **state)
{
  Bench bench;

  bench_start (&bench, *state, HERE " --ttl 600");
  have_session (&bench);
  have_session (&bench);
  expect_questions (&bench, 1);
  bench_end (&bench);
}

static void
test_an_answer_holds_no_longer_than_it_says (void **state)
{
  Bench bench;
  guint n_questions = 0;

  bench_start (&bench, *state, HERE " --ttl 2");
  for (gint64 end_us = g_get_monotonic_time () + RIG_DEADLINE_S * G_USEC_PER_SEC;
       n_questions < 2 && g_get_monotonic_time () < end_us;)
    {
      g_autofree char *queries = NULL;

      have_session (&bench);
      queries = https_take_queries (bench.rig);
      n_questions += https_count (queries, ONE_QUESTION);
    }
  print_message ("%u sessions with %u questions\n", bench.n_sessions, n_questions);
  assert_int_equal (n_questions, 2);
  assert_true (bench.n_sessions > 2);
  bench_end (&bench);
}

static void
test_the_interface_is_kept_to (void **state)
{
  Bench bench;
  guint number;
  g_autofree char *error = NULL;

  bench_start (&bench, *state, HERE " --ttl 0");
  number = https_open_session (bench.rig, "{'interface': <'nowhere0'>}");
  /* The SM-SR would be there, and so would the name server. */
  rig_await_log (bench.rig, "nowhere0");
  error = https_get_error (bench.rig, number);

  assert_string_equal (error, "NoBearer");
  expect_questions (&bench, 0);
  bench_end (&bench);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_triggers_name_server_tells_where_the_sm_sr_is),
    RIG_TEST (test_an_sm_sr_that_moved_is_found_by_a_new_answer),
    RIG_TEST (test_an_sm_sr_that_moved_is_found_although_the_old_answer_holds),
    RIG_TEST (test_the_next_address_is_tried_where_one_refuses),
    RIG_TEST (test_an_answer_holds_as_long_as_it_says),
    RIG_TEST (test_an_answer_holds_no_longer_than_it_says),
    RIG_TEST (test_the_interface_is_kept_to),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
