/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A full disk for the agent's state: nothing is acknowledged that is not safe, nothing is run that could not be answered
 * for, and both are done as soon as there is room. It is a small one in memory, in a mount namespace of the test's own.
 */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\n"                                           \
  "Kid=50515253545556575859616263646566\n"
#define DISK_SIZE "size=512k"
#define N_LIVES 30 /* which write more than the room that is kept */

static gboolean has_namespace;

static void
start_on_small_disk (Rig *rig, const char *keys)
{
  if (!has_namespace)
    skip ();
  assert_int_equal (g_mkdir (rig->state_directory, 0700), 0);
  if (mount ("tmpfs", rig->state_directory, "tmpfs", 0, DISK_SIZE) != 0)
    fail_msg ("tmpfs: %s", g_strerror (errno));
  rig_write_keys (rig, keys);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  g_free (rig_control (rig, "ledger"));
}

static void
fill_disk (const char *path)
{
  static const char block[4096];
  int fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  assert_true (fd >= 0);
  while (write (fd, block, sizeof block) > 0)
    ;
  assert_int_equal (errno, ENOSPC);
  close (fd);
}

/* More than the end of the last block of a file has room for */
#define SCRIPT "--generate 120"

static void
expect_success_after_all (Rig *rig)
{
  g_autofree char *reply = rig_end_control (rig);
  g_autofree char *ledger = rig_control (rig, "ledger");
  g_auto (GStrv) parts = g_strsplit (ledger, " 81E28800", -1);

  if (!g_str_has_prefix (reply, "ok "))
    fail_msg ("%s", reply);
  assert_int_equal (g_strv_length (parts), 120 + 1);
}

static void
test_message_stays_with_the_network_while_the_disk_is_full (void **state)
{
  Rig *rig = *state;
  g_autofree char *filler = g_build_filename (rig->state_directory, "filler", NULL);

  start_on_small_disk (rig, KEYS);
  fill_disk (filler);
  rig_begin_control (rig, "smsr send-script " SCRIPT " --via sms");
  rig_await (rig, "LastError", "org.euicc.Agent1.Error.StoreFull");
  rig_expect_control (rig, "", "ledger");

  assert_int_equal (g_unlink (filler), 0);
  expect_success_after_all (rig);
  rig_stop_agent (rig);
}

/* What the card gets sealed does not need the disk. */
static void
test_sealed_messages_reach_the_card_while_the_disk_is_full (void **state)
{
  Rig *rig = *state;
  g_autofree char *filler = g_build_filename (rig->state_directory, "filler", NULL);

  start_on_small_disk (rig, "");
  fill_disk (filler);

  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);
  assert_int_equal (g_unlink (filler), 0);
  rig_stop_agent (rig);
}

/* The ids that a life was lent, and what it has changed in the modem, are on the disk before it is full. */
static void
test_lives_that_end_on_a_full_disk_leave_nothing_in_the_modem (void **state)
{
  Rig *rig = *state;
  g_autofree char *filler = g_build_filename (rig->state_directory, "filler", NULL);
  g_autofree char *card = NULL;

  start_on_small_disk (rig, KEYS);
  fill_disk (filler);
  for (guint i = 0; i < N_LIVES; i++)
    {
      rig_kill_agent (rig);
      rig_start_agent (rig, NULL);
      rig_await (rig, "Role", "host");
      rig_await (rig, "State", "ready");
    }
  rig_stop_agent (rig);

  card = rig_control (rig, "state");
  assert_non_null (strstr (card, "\"clients\":[]"));
  assert_non_null (strstr (card, "\"logical_channels\":[]"));
}

static int
teardown (void **state)
{
  Rig *rig = *state;

  rig_kill_agent (rig);
  if (has_namespace)
    (void) umount2 (rig->state_directory, MNT_DETACH); /* it may not have come so far */
  return rig_teardown (state);
}

#define ON_DISK(name) cmocka_unit_test_setup_teardown (name, rig_setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_DISK (test_message_stays_with_the_network_while_the_disk_is_full),
    ON_DISK (test_sealed_messages_reach_the_card_while_the_disk_is_full),
    ON_DISK (test_lives_that_end_on_a_full_disk_leave_nothing_in_the_modem),
  };

  has_namespace
      = unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return cmocka_run_group_tests (tests, NULL, NULL);
}
