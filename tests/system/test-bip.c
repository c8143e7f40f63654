/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The eUICC opens its own channels through the agent: a profile of 256 KiB comes over HTTPS with PSK-TLS and over
 * CAT_TP, and it is the same on both sides; a switch is notified and confirmed; published commands get their
 * exact responses.
 */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-login-manager.h"
#include "fake-modem-manager.h"
#include "rig.h"

#define PROFILE_SIZE (256 * 1024)

/* For a run under sanitizers or valgrind */
#define OPERATION_TIMEOUT "--timeout 240"

static void
start (Rig *rig)
{
  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
}

/* (transfer full): path of a file of PROFILE_SIZE bytes that do not repeat; @sha256: (out): of them */
static char *
write_profile (Rig *rig, char **sha256)
{
  g_autofree guint8 *bytes = g_malloc (PROFILE_SIZE);
  g_autoptr (GRand) generator = g_rand_new_with_seed (PROFILE_SIZE);
  char *path = g_build_filename (rig->directory, "profile", NULL);

  for (gsize i = 0; i < PROFILE_SIZE; i++)
    bytes[i] = (guint8) g_rand_int_range (generator, 0, G_MAXUINT8 + 1);
  assert_true (g_file_set_contents (path, (const char *) bytes, PROFILE_SIZE, NULL));
  *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, PROFILE_SIZE);
  return path;
}

static void
assert_holds (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fail_msg ("'%s' is not in: %s", part, text);
}

/* The card has nothing to complain of in the agent's BIP. */
static void
assert_no_faults (Rig *rig)
{
  g_autofree char *state = rig_control (rig, "state");

  assert_holds (state, "\"bip_faults\":{}");
}

static void
download_by (Rig *rig, const char *transport)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *path = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *state = NULL;
  g_autofree char *told = NULL;
  g_autofree char *kept = NULL;

  start (rig);
  path = write_profile (rig, &sha256);
  reply
      = rig_control (rig, "smsr download-profile %s --via %s " OPERATION_TIMEOUT, path, transport);
  state = rig_control (rig, "state");
  told = g_strdup_printf ("sha256=%s", sha256);
  kept = g_strdup_printf ("\"bytes\":%d,\"sha256\":\"%s\"", PROFILE_SIZE, sha256);

  assert_true (g_str_has_prefix (reply, "ok"));
  assert_holds (reply, told);
  assert_holds (state, kept);
  assert_no_faults (rig);
  rig_stop_agent (rig);
}

static void
test_profile_over_https_of_the_card_is_the_same_on_both_sides (void **state)
{
  download_by (*state, "bip-https");
}

static void
test_profile_over_cat_tp_of_the_card_is_the_same_on_both_sides (void **state)
{
  download_by (*state, "bip-cat-tp");
}

static void
test_switch_over_https_is_notified_and_confirmed (void **state)
{
  Rig *rig = *state;
  g_autofree char *before = NULL;
  g_autofree char *reply = NULL;

  start (rig);
  before = rig_get (rig, "Iccid");
  reply = rig_control (rig, "smsr enable --via bip-https " OPERATION_TIMEOUT);

  assert_true (g_str_has_prefix (reply, "ok"));
  assert_holds (reply, "notification=02");
  rig_await (rig, "PreviousIccid", before);
  rig_await (rig, "State", "ready");
  assert_no_faults (rig);
  rig_stop_agent (rig);
}

static void
audit (Rig *rig)
{
  g_autofree char *reply = rig_control (rig, "smsr audit --via bip-https " OPERATION_TIMEOUT);

  if (!g_str_has_prefix (reply, "ok"))
    fail_msg ("%s", reply);
}

/* The card is not reset with the agent, and has no reason to ask for events again. */
static void
test_card_is_served_after_the_agent_was_restarted (void **state)
{
  Rig *rig = *state;

  start (rig);
  audit (rig);
  rig_stop_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  audit (rig);
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  audit (rig);
  rig_stop_agent (rig);
}

/* OPEN CHANNEL: UDP to 127.0.0.1:9, and what it is answered by */
#define OPEN_UDP "D01C810301400182028182350103390205783C030100093E05217F000001"
#define OPENED_UDP "ok 8103014001820282818301003802810035010339020578"

static gboolean
is_lock_taken (gpointer data)
{
  return ((FakeLoginManager *) data)->locks->len == 1;
}

static gboolean
is_lock_let_go (gpointer data)
{
  return ((FakeLoginManager *) data)->n_let_go == 1;
}

/* L24 */
static void
test_gateway_does_not_sleep_while_a_channel_is_open (void **state)
{
  Rig *rig = *state;
  FakeLoginManager *login
      = fake_login_manager_new (rig->connection, "The eUICC has a data channel open");

  fake_login_manager_start (login);
  start (rig);
  rig_expect_control (rig, OPENED_UDP, "proactive " OPEN_UDP);
  assert_true (rig_await_that (is_lock_taken, login));
  assert_true (fake_login_manager_is_kept (login, 0));
  rig_expect_control (rig, "ok 810301410082028281830100", "proactive D009810301410082028121");
  assert_true (rig_await_that (is_lock_let_go, login));

  assert_int_equal (login->n_asked, 1);
  rig_stop_agent (rig);
  fake_login_manager_free (login);
}

static gboolean
do_nothing (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

static gboolean
has_reply (gpointer data)
{
  GSocket *socket = g_socket_connection_get_socket (((Rig *) data)->begun);

  g_timeout_add (1, do_nothing, NULL); /* look again then */
  return g_socket_condition_check (socket, G_IO_IN) != 0;
}

static gboolean
has_deleted (gpointer data)
{
  return fake_modem_manager_count (data) == 3;
}

/* (transfer full): that has the simulator's modem */
static FakeModemManager *
start_modem_manager (Rig *rig)
{
  g_autofree char *path = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  g_autofree char *target = realpath (path, NULL);
  g_autofree char *port = g_path_get_basename (target);

  return fake_modem_manager_new (rig->connection, port);
}

static void
test_bearer_that_was_connected_before_kill_9_is_deleted_by_the_next_life (void **state)
{
  Rig *rig = *state;
  g_autoptr (FakeModemManager) modem_manager = NULL;
  g_autofree char *reply = NULL;

  rig_write_config (rig, "[bearer]\nApn=iot\nAllowAddresses=127.0.0.0/8\n");
  rig_start_simulator (rig, NULL);
  modem_manager = start_modem_manager (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_begin_control (rig, "proactive " OPEN_UDP);
  assert_true (rig_await_that (has_reply, rig));
  reply = rig_end_control (rig);
  assert_string_equal (reply, OPENED_UDP);
  assert_string_equal (fake_modem_manager_read_diary (modem_manager),
                       "create /Bearer/0 'iot' '' '' 1\nconnect /Bearer/0");
  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  assert_true (rig_await_that (has_deleted, modem_manager));

  assert_string_equal (fake_modem_manager_read_diary (modem_manager), "delete /Bearer/0");
  rig_await (rig, "State", "ready");
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_profile_over_https_of_the_card_is_the_same_on_both_sides),
    RIG_TEST (test_profile_over_cat_tp_of_the_card_is_the_same_on_both_sides),
    RIG_TEST (test_switch_over_https_is_notified_and_confirmed),
    RIG_TEST (test_card_is_served_after_the_agent_was_restarted),
    RIG_TEST (test_gateway_does_not_sleep_while_a_channel_is_open),
    RIG_TEST (test_bearer_that_was_connected_before_kill_9_is_deleted_by_the_next_life),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
