/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Timers that the agent runs for the card (TIMER MANAGEMENT): exact to a second, and none is lost with a life of it. */

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define TOLERANCE_US G_USEC_PER_SEC

/* oFono's vectors, with other values: timer 1 for 3 seconds, timer 2 for a minute; what is left of it */
#define START_1_FOR_3_S "D011810301270082028182A40101A503000030"
#define START_2_FOR_60_S "D011810301270082028182A40102A503001000"
#define STOP_2 "D00C810301270182028182A40102"
#define STARTED(timer) "ok 810301270082028281830100A401" timer
#define STOPPED_2 "ok 810301270182028281830100A40102A503"
#define EXPIRED_1 "D70C82028281A40101A503"

static void
start (Rig *rig)
{
  rig_start_simulator (rig, "--raw-all", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

static void
restart_agent (Rig *rig)
{
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

/* (transfer full): the value that follows @front in @text */
static char *
read_value (const char *text, const char *front)
{
  const char *found = strstr (text, front);

  if (found == NULL)
    fail_msg ("'%s' is not in '%s'", front, text);
  return g_strndup (found + strlen (front), 6);
}

static guint
to_seconds (const char *value)
{
  guint digits[6];

  for (guint i = 0; i < G_N_ELEMENTS (digits); i++)
    digits[i] = (guint) g_ascii_digit_value (value[i]);
  return (digits[1] * 10 + digits[0]) * 3600 + (digits[3] * 10 + digits[2]) * 60 + digits[5] * 10
         + digits[4];
}

typedef struct
{
  Rig *rig;
  char *envelopes;
} Sight;

static gboolean
has_expired (gpointer data)
{
  Sight *sight = data;

  g_free (sight->envelopes);
  sight->envelopes = rig_control (sight->rig, "envelopes");
  rig_look_again (20);
  return strstr (sight->envelopes, EXPIRED_1) != NULL;
}

static void
expect_expiration (Rig *rig, gint64 began_us)
{
  Sight sight = { .rig = rig };
  g_autofree char *value = NULL;

  assert_true (rig_await_that (has_expired, &sight));
  assert_in_range (g_get_monotonic_time () - began_us, 3 * G_USEC_PER_SEC - TOLERANCE_US,
                   3 * G_USEC_PER_SEC + TOLERANCE_US);
  value = read_value (sight.envelopes, EXPIRED_1);
  assert_in_range (to_seconds (value), 2, 4);
  g_free (sight.envelopes);
}

static void
test_timer_expires_in_its_time (void **state)
{
  Rig *rig = *state;
  gint64 began_us;

  start (rig);
  rig_expect_control (rig, STARTED ("01"), "proactive " START_1_FOR_3_S);
  began_us = g_get_monotonic_time ();

  expect_expiration (rig, began_us);
  rig_stop_agent (rig);
}

static void
test_timer_expires_in_its_time_though_the_agent_was_killed (void **state)
{
  Rig *rig = *state;
  g_autofree char *stopped = NULL;
  g_autofree char *left = NULL;
  gint64 began_us;

  start (rig);
  rig_expect_control (rig, STARTED ("02"), "proactive " START_2_FOR_60_S);
  rig_expect_control (rig, STARTED ("01"), "proactive " START_1_FOR_3_S);
  began_us = g_get_monotonic_time ();
  rig_kill_agent (rig);
  restart_agent (rig);

  expect_expiration (rig, began_us);
  stopped = rig_control (rig, "proactive " STOP_2);
  left = read_value (stopped, STOPPED_2);
  assert_in_range (to_seconds (left), 55, 58);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_timer_expires_in_its_time),
    RIG_TEST (test_timer_expires_in_its_time_though_the_agent_was_killed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
