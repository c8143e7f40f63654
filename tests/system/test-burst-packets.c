/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many packets at once for which the agent holds the key, sealed by the simulator's own codec: more than the agent takes
 * on at a time. Each has a higher counter than the one before, so that one that is overtaken is lost.
 */

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-keys.h"
#include "card/sim-sms.h"
#include "rig-modem-manager.h"

#define N_PACKETS 100

#define KEYS                                                                                       \
  "[* scp80 01]\nKic=30313233343536373839414243444546\n"                                           \
  "Kid=50515253545556575859616263646566\n"

/* GET DATA of an object that no card has, which is the number of the packet: it is run, and has its place in the
 * ledger. */
#define COMMAND_FORMAT "80CA7F%02X00"
#define COMMAND_IN_LEDGER "81CA7F"

#define REPLY_ACKNOWLEDGED "ok ack"

/* (transfer full): hexadecimal TPDU with the packet that has this counter and command */
static char *
build_tpdu (guint number)
{
  static const guint8 originator[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  const SimScp80Command header = { .spi1 = 0x16,
                                   .spi2 = 0x00,
                                   .kic = SIM_KEYS_AES_IDENTIFIER,
                                   .kid = SIM_KEYS_AES_IDENTIFIER,
                                   .tar = SIM_TAR_ISD_R,
                                   .counter = number };
  g_autofree char *hex = g_strdup_printf (COMMAND_FORMAT, number);
  g_autoptr (GBytes) script = ea_bytes_from_hex (hex, NULL);
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&header, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (script), &sim_keys, NULL);
  g_autoptr (GPtrArray) tpdus
      = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (originator), ea_span_from_bytes (packet), 0);

  assert_int_equal (tpdus->len, 1);
  return ea_span_to_hex (ea_span_from_bytes (tpdus->pdata[0]));
}

static void
send_all (Rig *rig)
{
  for (guint number = 1; number <= N_PACKETS; number++)
    {
      g_autofree char *tpdu = build_tpdu (number);
      g_autofree char *reply = rig_control (rig, "sms %s", tpdu);

      if (strcmp (reply, REPLY_ACKNOWLEDGED) != 0)
        fail_msg ("packet %u: '%s'", number, reply);
    }
}

/* All were run, each once and in their order. */
static void
expect_all_run (Rig *rig)
{
  g_autofree char *ledger = NULL;
  const char *command;
  guint number = 0;

  rig_await_counter (rig, "scripts-run", N_PACKETS);
  ledger = rig_control (rig, "ledger");
  for (command = strstr (ledger, COMMAND_IN_LEDGER); command != NULL;
       command = strstr (command + 1, COMMAND_IN_LEDGER))
    {
      guint found;

      assert_int_equal (sscanf (command, COMMAND_IN_LEDGER "%2X", &found), 1);
      assert_int_equal (found, ++number);
    }
  assert_int_equal (number, N_PACKETS);
  assert_int_equal (rig_get_counter (rig, "packets-refused"), 0);
}

static void
test_packets_that_the_host_acknowledges_are_all_run_in_order (void **state)
{
  Rig *rig = *state;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  send_all (rig);

  expect_all_run (rig);
}

static void
test_packets_that_the_modem_acknowledges_are_all_run_in_order (void **state)
{
  Rig *rig = *state;
  RigModemManager *modem_manager;

  rig_write_keys (rig, KEYS);
  rig_start_simulator (rig, "--isdr=plain", NULL);
  modem_manager = rig_start_modem_manager (rig, MM_MODEM_STATE_REGISTERED);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_await_simulator (rig, RIG_ROUTE_ACKNOWLEDGED);
  send_all (rig);

  expect_all_run (rig);
  rig_stop_modem_manager (modem_manager);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_packets_that_the_host_acknowledges_are_all_run_in_order),
    RIG_TEST (test_packets_that_the_modem_acknowledges_are_all_run_in_order),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
