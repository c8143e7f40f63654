/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The agent dies at random operations of its store while the SM-SR sends it scripts by SMS. See mortal.h. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mortal.h"

#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\n"                                           \
  "Kid=50515253545556575859616263646566\n"

#define KILLS 40
#define OPERATIONS_MAX 120

/* One that lives for long enough comes to its end; then nothing of the campaign is left open. */
static void
expect_nothing_left (Rig *rig)
{
  g_autofree char *reply = NULL;

  rig_kill_agent (rig);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reply = rig_control (rig, "smsr send-script --generate 1 --via sms");
  assert_true (g_str_has_prefix (reply, "ok "));
  rig_await_simulator (rig, "\"logical_channels\":[]");
  rig_stop_agent (rig);
}

/* From now on the modem's firmware leaves the messages to the agent, whether it lives or not. */
static void
take_messages (Rig *rig)
{
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_kill_agent (rig);
}

static void
test_nothing_is_run_twice_and_nothing_is_lost (void **state)
{
  Rig *rig = *state;
  Mortal mortal;

  mortal_init (&mortal, rig, KILLS, OPERATIONS_MAX);
  rig_write_keys (rig, KEYS);
  rig_keep_log (rig);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  take_messages (rig);
  while (mortal_goes_on (&mortal))
    {
      guint first = mortal_send (&mortal, "sms");

      mortal_judge (&mortal, mortal.reply, first);
      if (mortal_renew_modem (&mortal))
        take_messages (rig);
    }
  expect_nothing_left (rig);

  print_message ("%u kills, %u scripts, %u of %u commands run, %u scripts interrupted\n",
                 mortal.n_kills, mortal.n_scripts, g_hash_table_size (mortal.runs),
                 mortal.n_commands, mortal.n_interrupted);
  mortal_clear (&mortal);
}

int
main (void)
{
  const struct CMUnitTest tests[] = { RIG_TEST (test_nothing_is_run_twice_and_nothing_is_lost) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
