/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The ladder after a switch, played from a script: "SECONDS EVENT" in order, of
 *   expect  refresh  reset (a refresh of the whole card)  ended  started  same  new (the ICCID read)
 *   registered  lost  rejected  refused STEP  resume  recall (told: that has told it)  wait (nothing but the time passes)
 * and what it tells: "SECONDS NEWS", where a step that comes because another one's time is over has "<" and that one.
 * The clock is also ticked at each deadline.
 */

#include "session/switch-ladder.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Not at 0: the clock's beginning means nothing. */
#define BEGINNING_US (G_GINT64_CONSTANT (7) * G_USEC_PER_SEC)

static const EaSwitchLadderOptions all_steps = {
  .times_s = { [EA_SWITCH_STEP_WAIT_REFRESH] = 10,
               [EA_SWITCH_STEP_WAIT_ICCID] = 20,
               [EA_SWITCH_STEP_WAIT_REGISTRATION] = 60,
               [EA_SWITCH_STEP_POWER_CYCLE] = 100,
               [EA_SWITCH_STEP_AIRPLANE_MODE] = 200,
               [EA_SWITCH_STEP_RESET] = 300 },
  .has_network = TRUE,
};

static void
write_news (EaSwitchLadder *ladder, gint64 now_us, GString *told)
{
  static const char *const kinds[] = { [EA_SWITCH_NEWS_STEP] = "",
                                       [EA_SWITCH_NEWS_READ] = "read ",
                                       [EA_SWITCH_NEWS_UNCHANGED] = "unchanged ",
                                       [EA_SWITCH_NEWS_NOT_REGISTERED] = "not-registered ",
                                       [EA_SWITCH_NEWS_REGISTERED] = "registered ",
                                       [EA_SWITCH_NEWS_SETTLED] = "settled " };
  EaSwitchNews news;

  while (ea_switch_ladder_pull (ladder, &news))
    {
      g_string_append_printf (told, "%s%d %s%s", told->len > 0 ? ", " : "",
                              (int) ((now_us - BEGINNING_US) / G_USEC_PER_SEC), kinds[news.kind],
                              ea_switch_step_to_string (news.step));
      if (news.overdue != EA_SWITCH_STEP_NONE)
        g_string_append_printf (told, "<%s", ea_switch_step_to_string (news.overdue));
    }
}

static EaSwitchStep
find_step (const char *name)
{
  for (guint step = 0; step < EA_SWITCH_N_STEPS; step++)
    if (strcmp (ea_switch_step_to_string (step), name) == 0)
      return step;
  fail_msg ("there is no step %s", name);
  return EA_SWITCH_STEP_NONE;
}

static void
play_event (EaSwitchLadder *ladder, const char *event, gint64 now_us)
{
  if (strcmp (event, "expect") == 0)
    ea_switch_ladder_expect (ladder, now_us);
  else if (strcmp (event, "refresh") == 0 || strcmp (event, "reset") == 0)
    ea_switch_ladder_refresh_began (ladder, event[2] == 's', now_us);
  else if (strcmp (event, "ended") == 0)
    ea_switch_ladder_refresh_ended (ladder, now_us);
  else if (strcmp (event, "started") == 0)
    ea_switch_ladder_card_started (ladder);
  else if (strcmp (event, "same") == 0 || strcmp (event, "new") == 0)
    ea_switch_ladder_iccid (ladder, event[0] == 'n', now_us);
  else if (strcmp (event, "registered") == 0 || strcmp (event, "lost") == 0)
    ea_switch_ladder_network (ladder, event[0] == 'r', now_us);
  else if (strcmp (event, "rejected") == 0)
    ea_switch_ladder_rejected (ladder, now_us);
  else if (g_str_has_prefix (event, "refused "))
    ea_switch_ladder_refused (ladder, find_step (event + strlen ("refused ")), now_us);
  else if (strcmp (event, "recall") == 0 || strcmp (event, "recall told") == 0)
    ea_switch_ladder_recall (ladder, event[strlen ("recall")] != '\0', now_us);
  else if (strcmp (event, "resume") == 0)
    ea_switch_ladder_resume (ladder, now_us);
  else
    assert_string_equal (event, "wait");
}

/* The clock goes on to @now_us, and stops at each deadline before. */
static void
pass_time (EaSwitchLadder *ladder, gint64 now_us, GString *told)
{
  gint64 deadline_us;

  while ((deadline_us = ea_switch_ladder_deadline (ladder)) <= now_us)
    {
      ea_switch_ladder_tick (ladder, deadline_us - 1);
      write_news (ladder, deadline_us - 1, told);
      assert_true (ea_switch_ladder_deadline (ladder) == deadline_us);
      ea_switch_ladder_tick (ladder, deadline_us);
      write_news (ladder, deadline_us, told);
      assert_true (ea_switch_ladder_deadline (ladder) > deadline_us);
    }
}

static void
expect_story (const EaSwitchLadderOptions *options, const char *script, const char *expected)
{
  g_auto (GStrv) events = g_strsplit (script, ", ", -1);
  g_autoptr (GString) told = g_string_new (NULL);
  EaSwitchLadder ladder;

  ea_switch_ladder_init (&ladder, options);
  for (guint i = 0; events[i] != NULL; i++)
    {
      char *event;
      gint64 now_us
          = BEGINNING_US + (gint64) g_ascii_strtoull (events[i], &event, 10) * G_USEC_PER_SEC;

      pass_time (&ladder, now_us, told);
      play_event (&ladder, event + 1, now_us);
      write_news (&ladder, now_us, told);
    }
  assert_string_equal (told->str, expected);
}

typedef struct
{
  const char *script;
  const char *expected;
} Row;

static void
expect_stories (const EaSwitchLadderOptions *options, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    expect_story (options, rows[i].script, rows[i].expected);
}

static void
test_a_switch_that_works_takes_no_step_that_disturbs (void **state)
{
  static const Row rows[] = {
    { "0 expect, 2 reset, 2 lost, 4 ended, 5 new, 30 registered, 900 wait",
      "0 wait-refresh, 2 wait-refresh, 4 wait-iccid, 5 wait-registration, "
      "30 registered wait-registration" },
    /* Nobody has told of it before: an order that was sealed */
    { "0 reset, 4 ended, 5 new, 64 registered",
      "0 wait-refresh, 4 wait-iccid, 5 wait-registration, 64 registered wait-registration" },
    /* The network was quicker than the card. */
    { "0 reset, 3 registered, 4 ended, 5 new",
      "0 wait-refresh, 4 wait-iccid, 5 registered wait-iccid" },
    /* No refresh was told at all. */
    { "0 started, 1 new, 2 registered", "1 wait-registration, 2 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_refresh_that_switches_nothing_ends_quietly (void **state)
{
  static const Row rows[] = {
    { "0 refresh, 1 ended, 2 same, 900 wait",
      "0 wait-refresh, 1 wait-iccid, 2 settled wait-iccid" },
    { "0 reset, 1 ended, 2 same, 900 wait", "0 wait-refresh, 1 wait-iccid, 2 settled wait-iccid" },
    { "0 same, 5 lost, 900 wait", "" },
    /* The card can't be read: for files that have changed nothing is reset. */
    { "0 refresh, 1 ended, 900 wait", "0 wait-refresh, 1 wait-iccid, 21 settled wait-iccid" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_steps_are_taken_in_order_until_nothing_is_left (void **state)
{
  expect_story (&all_steps, "0 expect, 1 reset, 2 ended, 3 new, 3600 wait, 4000 registered",
                "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 3 wait-registration, "
                "63 not-registered wait-registration, 63 power-cycle<wait-registration, "
                "163 airplane-mode<power-cycle, 363 reset<airplane-mode, 663 exhausted<reset, "
                "4000 registered exhausted");
}

static void
test_it_stops_at_the_step_that_helps (void **state)
{
  static const Row rows[] = {
    { "0 new, 60 wait, 70 started, 75 same, 80 registered, 900 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 80 registered power-cycle" },
    { "0 new, 161 registered, 900 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle, "
      "161 registered airplane-mode" },
    /* Registered, but nobody has read yet with which profile. */
    { "0 new, 60 wait, 70 started, 71 registered, 80 same",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 80 registered power-cycle" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_the_modem_is_never_reset_first (void **state)
{
  EaSwitchLadderOptions options = all_steps;

  options.times_s[EA_SWITCH_STEP_RESET] = 0;
  expect_story (&options, "0 new, 900 wait",
                "0 wait-registration, 60 not-registered wait-registration, "
                "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle, "
                "360 exhausted<airplane-mode");
}

static void
test_steps_that_are_off_are_left_out (void **state)
{
  EaSwitchLadderOptions options = { .has_network = TRUE };

  expect_story (&options, "0 new, 50 registered",
                "0 not-registered none, 0 exhausted, 50 registered exhausted");
  expect_story (&options, "0 expect, 1 reset, 2 ended, 3 new, 50 registered",
                "0 read none, 0 exhausted, 1 read exhausted, 3 not-registered exhausted, "
                "3 exhausted, 50 registered exhausted");
  options.times_s[EA_SWITCH_STEP_AIRPLANE_MODE] = 5;
  expect_story (&options, "0 new, 50 wait",
                "0 not-registered none, 0 airplane-mode, 5 exhausted<airplane-mode");
  options = all_steps;
  options.times_s[EA_SWITCH_STEP_WAIT_REFRESH] = 0;
  expect_story (&options, "0 reset, 5 new, 6 registered",
                "0 wait-iccid, 5 wait-registration, 6 registered wait-registration");
}

static void
test_a_rejection_is_told_at_once_and_only_once (void **state)
{
  static const Row rows[] = {
    { "0 new, 5 rejected, 6 rejected, 61 rejected, 90 registered",
      "0 wait-registration, 5 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 90 registered power-cycle" },
    /* By the network of the profile before */
    { "0 reset, 1 rejected, 2 ended, 3 new, 4 registered",
      "0 wait-refresh, 2 wait-iccid, 3 wait-registration, 4 registered wait-registration" },
    /* After the end it is none of a switch. */
    { "0 new, 1 registered, 5 rejected, 900 wait",
      "0 wait-registration, 1 registered wait-registration" },
    /* The next switch is told of again. */
    { "0 new, 5 rejected, 9 registered, 20 new, 25 rejected",
      "0 wait-registration, 5 not-registered wait-registration, 9 registered wait-registration, "
      "20 wait-registration, 20 registered wait-registration" },
    { "0 new, 5 rejected, 9 registered, 19 lost, 20 new, 25 rejected",
      "0 wait-registration, 5 not-registered wait-registration, 9 registered wait-registration, "
      "20 wait-registration, 25 not-registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_refresh_without_an_end_is_not_waited_for_without_end (void **state)
{
  static const Row rows[] = {
    { "0 reset, 11 new, 12 registered",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 11 wait-registration, "
      "12 registered wait-registration" },
    { "0 refresh, 11 same, 900 wait",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 11 settled wait-iccid" },
    /* What the card says goes before what was not said of it. */
    { "0 reset, 5 new, 12 registered",
      "0 wait-refresh, 5 wait-iccid, 5 wait-registration, 12 registered wait-registration" },
    /* Its end comes after all. */
    { "0 reset, 11 new, 12 ended, 13 registered",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 11 wait-registration, "
      "13 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_promise_that_is_not_kept_is_told_and_mended (void **state)
{
  static const Row rows[] = {
    /* The same ICCID after the refresh: the card is started anew, and there it is. */
    { "0 expect, 1 reset, 2 ended, 3 same, 20 same, 30 started, 31 new, 40 registered",
      "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 22 unchanged wait-iccid, "
      "22 power-cycle<wait-iccid, 31 wait-registration, 40 registered wait-registration" },
    /* No refresh came. */
    { "0 expect, 11 same, 31 new, 40 registered",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 30 unchanged wait-iccid, "
      "30 power-cycle<wait-iccid, 31 wait-registration, 40 registered wait-registration" },
    /* Nothing helps. */
    { "0 expect, 1 reset, 2 ended, 3 same, 5000 wait",
      "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 22 unchanged wait-iccid, "
      "22 power-cycle<wait-iccid, 122 airplane-mode<power-cycle, 322 reset<airplane-mode, "
      "622 exhausted<reset" },
    /* The card was read before the refresh. */
    { "0 expect, 1 same, 2 reset, 3 ended, 4 new, 5 registered",
      "0 wait-refresh, 2 wait-refresh, 3 wait-iccid, 4 wait-registration, "
      "5 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_card_that_stays_away_heals_when_it_is_back (void **state)
{
  static const Row rows[] = {
    { "0 reset, 60 started, 61 new, 62 registered",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 30 power-cycle<wait-iccid, "
      "61 wait-registration, 62 registered wait-registration" },
    { "0 reset, 60 started, 61 same, 900 wait",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 30 power-cycle<wait-iccid, "
      "61 settled power-cycle" },
    { "0 reset, 7000 started, 7001 new, 7002 registered",
      "0 wait-refresh, 10 wait-iccid<wait-refresh, 30 power-cycle<wait-iccid, "
      "130 airplane-mode<power-cycle, 330 reset<airplane-mode, 630 exhausted<reset, "
      "7001 wait-registration, 7002 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_step_that_the_modem_refuses_is_followed_by_the_next (void **state)
{
  static const Row rows[] = {
    { "0 new, 61 refused power-cycle, 62 refused airplane-mode, 63 refused reset, 70 registered",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 61 airplane-mode<power-cycle, 62 reset<airplane-mode, "
      "63 exhausted<reset, 70 registered exhausted" },
    /* An answer that comes late is about a step that was left. */
    { "0 new, 161 refused power-cycle",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_promise_that_is_not_kept_has_only_the_card_started_anew_where_the_modem_serves (void **state)
{
  static const Row rows[] = {
    { "0 expect, 1 reset, 2 ended, 3 same, 5 registered, 5000 wait",
      "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 22 unchanged wait-iccid, "
      "22 power-cycle<wait-iccid, 122 exhausted<power-cycle" },
    /* The card's power cycle is the last step. */
    { "0 expect, 1 reset, 2 ended, 3 same, 60 registered, 5000 wait",
      "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 22 unchanged wait-iccid, "
      "22 power-cycle<wait-iccid, 122 exhausted<power-cycle" },
    /* It is kept late. */
    { "0 expect, 1 reset, 2 ended, 3 same, 5 registered, 500 lost, 501 new, 502 registered",
      "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 22 unchanged wait-iccid, "
      "22 power-cycle<wait-iccid, 122 exhausted<power-cycle, 501 wait-registration, "
      "502 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_promise_is_not_waited_for_without_end (void **state)
{
  EaSwitchLadder ladder;

  ea_switch_ladder_init (&ladder, &all_steps);
  ea_switch_ladder_expect (&ladder, BEGINNING_US);
  assert_true (ea_switch_ladder_is_promised (&ladder));
  while (ea_switch_ladder_deadline (&ladder) != G_MAXINT64)
    {
      EaSwitchNews news;

      ea_switch_ladder_tick (&ladder, ea_switch_ladder_deadline (&ladder));
      while (ea_switch_ladder_pull (&ladder, &news))
        continue;
    }

  assert_int_equal (ladder.step, EA_SWITCH_STEP_EXHAUSTED);
  assert_false (ea_switch_ladder_is_promised (&ladder));
}

static void
test_another_profile_begins_the_climb_anew (void **state)
{
  static const Row rows[] = {
    /* The card falls back in the middle of the climb. */
    { "0 new, 60 wait, 70 reset, 72 ended, 73 new, 75 registered, 900 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 73 wait-registration, 75 registered wait-registration" },
    /* That is refused, too. */
    { "0 new, 60 wait, 70 reset, 72 ended, 73 new, 75 rejected, 134 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 73 wait-registration, "
      "75 not-registered wait-registration, 133 power-cycle<wait-registration" },
    { "0 new, 5 rejected, 20 new, 25 rejected",
      "0 wait-registration, 5 not-registered wait-registration, 20 wait-registration, "
      "25 not-registered wait-registration" },
    /* So it is when nothing was left to be tried. */
    { "0 new, 900 wait, 1000 new, 1001 rejected",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle, 360 reset<airplane-mode, "
      "660 exhausted<reset, 1000 wait-registration, 1001 not-registered wait-registration" },
    /* Another one whenever it starts anew: not for ever */
    { "0 new, 70 new, 140 new, 210 new, 3600 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 70 wait-registration, "
      "130 not-registered wait-registration, 130 power-cycle<wait-registration, "
      "140 wait-registration, 200 not-registered wait-registration, "
      "200 power-cycle<wait-registration, 300 not-registered power-cycle, "
      "300 airplane-mode<power-cycle, 500 reset<airplane-mode, 800 exhausted<reset" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_refresh_alone_does_not_begin_the_climb_anew (void **state)
{
  static const Row rows[] = {
    /* It follows from the step itself. */
    { "0 new, 60 wait, 80 refresh, 81 ended, 82 same, 3600 wait",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle, 360 reset<airplane-mode, "
      "660 exhausted<reset" },
    { "0 new, 60 wait, 80 reset, 81 ended, 82 same, 90 registered",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 90 registered power-cycle" },
    /* Its end is not told: the card is read all the same. */
    { "0 new, 60 wait, 80 reset, 91 same, 95 registered",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 90 read power-cycle, 95 registered power-cycle" },
    { "0 new, 900 wait, 1000 refresh, 1001 ended, 1002 same, 3600 wait, 4000 reset, 4011 same, "
      "4020 registered",
      "0 wait-registration, 60 not-registered wait-registration, "
      "60 power-cycle<wait-registration, 160 airplane-mode<power-cycle, 360 reset<airplane-mode, "
      "660 exhausted<reset, 4010 read exhausted, 4020 registered exhausted" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_climb_of_an_earlier_life_goes_on (void **state)
{
  static const Row rows[] = {
    { "0 recall, 5 registered", "0 wait-registration, 5 registered wait-registration" },
    { "0 recall, 61 wait", "0 wait-registration, 60 not-registered wait-registration, "
                           "60 power-cycle<wait-registration" },
    /* That is in the history already. */
    { "0 recall told, 5 rejected, 61 wait, 70 registered",
      "0 wait-registration, 60 power-cycle<wait-registration, 70 registered power-cycle" },
    { "0 registered, 1 recall told", "1 wait-registration, 1 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_a_modem_that_was_away_has_its_time_anew (void **state)
{
  static const Row rows[] = {
    { "0 new, 50 resume, 55 same, 100 registered",
      "0 wait-registration, 100 registered wait-registration" },
    { "0 new, 50 resume, 55 registered, 60 same",
      "0 wait-registration, 60 registered wait-registration" },
    { "0 new, 50 resume, 900 wait",
      "0 wait-registration, 110 not-registered wait-registration, "
      "110 power-cycle<wait-registration, 210 airplane-mode<power-cycle, 410 reset<airplane-mode, "
      "710 exhausted<reset" },
    { "0 resume, 900 wait", "" },
    /* It leaves in the middle of the refresh. */
    { "0 reset, 5 resume, 7 new, 9 registered",
      "0 wait-refresh, 7 wait-iccid, 7 wait-registration, 9 registered wait-registration" },
  };

  expect_stories (&all_steps, rows, G_N_ELEMENTS (rows));
}

static void
test_without_a_word_of_the_network_nothing_is_disturbed (void **state)
{
  EaSwitchLadderOptions options = all_steps;

  options.has_network = FALSE;
  expect_story (&options, "0 expect, 1 reset, 2 ended, 3 new, 900 wait",
                "0 wait-refresh, 1 wait-refresh, 2 wait-iccid, 3 settled wait-iccid");
}

static void
test_elapsed_time_counts_from_the_beginning (void **state)
{
  EaSwitchLadder ladder;
  EaSwitchNews news = { 0 };

  ea_switch_ladder_init (&ladder, &all_steps);
  ea_switch_ladder_refresh_began (&ladder, TRUE, 1000);
  ea_switch_ladder_refresh_ended (&ladder, 2000);
  ea_switch_ladder_iccid (&ladder, TRUE, 3000);
  ea_switch_ladder_network (&ladder, TRUE, 4500);

  while (ea_switch_ladder_pull (&ladder, &news))
    continue;
  assert_int_equal (news.kind, EA_SWITCH_NEWS_REGISTERED);
  assert_int_equal (news.elapsed_us, 3500);
}

static void
test_no_order_of_events_leaves_it_behind_its_time (void **state)
{
  static const char *const events[] = { "expect",
                                        "refresh",
                                        "reset",
                                        "ended",
                                        "started",
                                        "same",
                                        "new",
                                        "registered",
                                        "lost",
                                        "rejected",
                                        "refused power-cycle",
                                        "refused reset" };
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  EaSwitchLadder ladder;
  gint64 now_us = BEGINNING_US;

  ea_switch_ladder_init (&ladder, &all_steps);
  for (guint i = 0; i < 200000; i++)
    {
      gint64 deadline_us = ea_switch_ladder_deadline (&ladder);
      gboolean is_late = deadline_us != G_MAXINT64 && g_rand_int_range (random, 0, 4) == 0;
      gint64 later_us = now_us + g_rand_int_range (random, 0, 5000000);
      EaSwitchNews news;
      guint n_news = 0;

      now_us = is_late ? deadline_us : MIN (later_us, deadline_us);
      if (now_us == deadline_us)
        ea_switch_ladder_tick (&ladder, now_us);
      play_event (&ladder, events[g_rand_int_range (random, 0, G_N_ELEMENTS (events))], now_us);
      while (ea_switch_ladder_pull (&ladder, &news))
        n_news++;
      assert_true (n_news < EA_SWITCH_NEWS_MAX);
      assert_true (ea_switch_ladder_deadline (&ladder) > now_us);
      assert_true ((ladder.step == EA_SWITCH_STEP_NONE || ladder.step == EA_SWITCH_STEP_EXHAUSTED)
                   == (ladder.deadline_us == G_MAXINT64));
      assert_true (ladder.is_refreshing || ladder.refresh_deadline_us == G_MAXINT64);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_switch_that_works_takes_no_step_that_disturbs),
    cmocka_unit_test (test_a_refresh_that_switches_nothing_ends_quietly),
    cmocka_unit_test (test_steps_are_taken_in_order_until_nothing_is_left),
    cmocka_unit_test (test_it_stops_at_the_step_that_helps),
    cmocka_unit_test (test_the_modem_is_never_reset_first),
    cmocka_unit_test (test_steps_that_are_off_are_left_out),
    cmocka_unit_test (test_a_rejection_is_told_at_once_and_only_once),
    cmocka_unit_test (test_a_refresh_without_an_end_is_not_waited_for_without_end),
    cmocka_unit_test (test_a_promise_that_is_not_kept_is_told_and_mended),
    cmocka_unit_test (test_a_card_that_stays_away_heals_when_it_is_back),
    cmocka_unit_test (test_a_step_that_the_modem_refuses_is_followed_by_the_next),
    cmocka_unit_test (
        test_a_promise_that_is_not_kept_has_only_the_card_started_anew_where_the_modem_serves),
    cmocka_unit_test (test_a_promise_is_not_waited_for_without_end),
    cmocka_unit_test (test_another_profile_begins_the_climb_anew),
    cmocka_unit_test (test_a_refresh_alone_does_not_begin_the_climb_anew),
    cmocka_unit_test (test_a_climb_of_an_earlier_life_goes_on),
    cmocka_unit_test (test_a_modem_that_was_away_has_its_time_anew),
    cmocka_unit_test (test_without_a_word_of_the_network_nothing_is_disturbed),
    cmocka_unit_test (test_elapsed_time_counts_from_the_beginning),
    cmocka_unit_test (test_no_order_of_events_leaves_it_behind_its_time),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
