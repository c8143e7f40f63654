/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent at the near end of a bad link, its SM-SR at the far one: names, connections and sessions all go over the
 * link's interface. In a network namespace of the test's own; skipped where there can't be one.
 */

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "https-rig.h"

#define NAME "smsr.example.com"

/* In front of texts of the simulator's state */
#define INTERFACE "\"link\":{\"interface\":\""
#define ADDRESS "\"smsr\":{\"address\":\""

static gboolean has_namespace;

/* (transfer full): the text of the simulator's state behind @front */
static char *
get_text (Rig *rig, const char *front)
{
  g_autofree char *state = rig_control (rig, "state");
  const char *found = strstr (state, front);

  assert_non_null (found);
  found += strlen (front);
  return g_strndup (found, strcspn (found, "\""));
}

/* Simulator and agent with this link between them, ready */
static void
start (Rig *rig, const char *link)
{
  g_autofree char *option = g_strdup_printf ("--link=%s", link);
  g_autofree char *interface = NULL;
  g_autofree char *address = NULL;
  g_autofree char *config = NULL;

  rig_start_simulator (rig, "--isdr=plain", option, NULL);
  interface = get_text (rig, INTERFACE);
  address = get_text (rig, ADDRESS);
  g_free (rig_control (rig, "dns " NAME " %s", address));
  config = g_strdup_printf (
      "[session]\nRetryLimit=0\n[bearer]\nInterface=%s\n[sm-sr]\nHost=" NAME
      "\nPort=%" G_GINT64_FORMAT "\nCatTpPort=2345\nCatTpUdpPort=%" G_GINT64_FORMAT
      "\nDnsServers=%s:%" G_GINT64_FORMAT "\n",
      interface, https_get_number (rig, "https"), https_get_number (rig, "cat_tp"), address,
      https_get_number (rig, "dns"));
  rig_write_config (rig, config);
  rig_write_keys (rig, HTTPS_KEYS);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
}

/* The SM-SR's name is asked for over the link, and a session that does @operation gets through. */
static void
hold_session (Rig *rig, const char *link, const char *transport, const char *operation)
{
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *queries = NULL;
  g_autofree char *interface = NULL;
  g_autofree char *expected = NULL;
  guint number;

  start (rig, link);
  news = https_news_new (rig);
  rig_begin_control (rig, "smsr %s --via %s --no-trigger --timeout 60", operation, transport);
  number = https_open_session_over (rig, transport, "{}");
  https_news_await_result (news, number, "ok");
  reply = rig_end_control (rig);
  queries = https_take_queries (rig);
  interface = https_get_property (rig, number, "Interface");
  expected = get_text (rig, INTERFACE);

  assert_true (g_str_has_prefix (reply, "ok "));
  assert_non_null (strstr (queries, NAME " A\n"));
  assert_string_equal (interface, expected);
  assert_true (https_get_number (rig, "lost") > 0);
  assert_true (https_get_number (rig, "packets") > https_get_number (rig, "lost"));
}

static void
test_an_https_session_gets_through_a_link_that_loses_packets (void **state)
{
  if (!has_namespace)
    skip ();
  hold_session (*state, "rate=236kbit,rtt=100ms,jitter=20ms,loss=10%,duplicate=5%,seed=1", "https",
                "audit");
}

static void
test_a_cat_tp_session_gets_through_a_link_that_loses_packets (void **state)
{
  if (!has_namespace)
    skip ();
  hold_session (*state, "rate=40kbit,rtt=100ms,jitter=20ms,loss=30%,duplicate=5%,seed=3", "cat-tp",
                "send-script --generate 12");
}

static void
test_a_link_that_loses_all_fails_the_session (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *error = NULL;
  g_autofree char *options = NULL;
  g_autofree char *address = NULL;
  guint number;

  if (!has_namespace)
    skip ();
  start (rig, "rtt=100ms,loss=100%");
  news = https_news_new (rig);
  address = get_text (rig, ADDRESS);
  options = g_strdup_printf ("{'host': <'%s'>, 'timeout': <uint32 3>}", address);
  number = https_open_session (rig, options);
  https_news_await_result (news, number, "failed");
  error = https_get_error (rig, number);

  assert_string_equal (error, "Timeout");
  assert_true (https_get_number (rig, "lost") > 0);
  assert_int_equal (https_get_number (rig, "delivered"), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_an_https_session_gets_through_a_link_that_loses_packets),
    RIG_TEST (test_a_cat_tp_session_gets_through_a_link_that_loses_packets),
    RIG_TEST (test_a_link_that_loses_all_fails_the_session),
  };

  has_namespace = access ("/dev/net/tun", R_OK | W_OK) == 0 && unshare (CLONE_NEWNET) == 0;
  return cmocka_run_group_tests (tests, NULL, NULL);
}
