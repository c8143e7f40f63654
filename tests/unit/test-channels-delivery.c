/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of data, news and links that the card has not heard of, or that nobody waits for any more. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "channel-rig.h"
#include "link-peer.h"
#include "wait.h"

/* More than an opening takes */
#define ITERATIONS_OF_AN_OPENING 24

static void
test_data_of_which_the_card_has_not_heard_is_told_again (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  peer_write (peer, 0, 10);
  channel_rig_expect_data (rig, 1, 10);
  channel_rig_expect_data (rig, 1, 10);
  channel_rig_receive (rig, 1, 10, OK, 0, 10, 0);

  close (peer);
}

static void
test_end_of_which_the_card_has_not_heard_is_told_again (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  fake_modem_answer (rig->modem, "9300");
  close (peer);
  channel_rig_expect_status (rig, "0105");
  channel_rig_expect_status (rig, "0105");
}

static void
test_data_that_the_card_has_not_taken_is_given_again (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  peer_write (peer, 0, 100);
  channel_rig_expect_data (rig, 1, 100);
  fake_modem_answer (rig->modem, "6F00");
  channel_rig_receive (rig, 1, 60, OK, 0, 60, 40);
  channel_rig_expect_data (rig, 1, 100);
  channel_rig_receive (rig, 1, 60, OK, 0, 60, 40);
  channel_rig_receive (rig, 1, 40, OK, 60, 40, 0);

  close (peer);
}

static void
test_openings_of_which_the_card_has_not_heard_leave_no_channels (void **state)
{
  ToolkitRig *rig = *state;

  channel_rig_set_no_events (rig);
  for (guint i = 0; i < 2 * EA_BIP_CHANNELS_MAX; i++)
    {
      int peer;

      fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
      peer = channel_rig_connect (rig, 1, BUFFER);
      WAIT_FOR (rig->n_closed == i + 1);
      peer_expect_end (peer);
      close (peer);
    }
  assert_int_equal (rig->n_opened, rig->n_closed);
}

/* The modem's firmware performs REFRESH itself; after a reset of the UICC there are no channels. */
static void
test_refresh_that_resets_the_uicc_ends_the_channels (void **state)
{
  ToolkitRig *rig = *state;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  g_signal_emit_by_name (rig->modem, "refresh", EA_MODEM_REFRESH_START, 4);
  peer_expect_end (peer);
  assert_int_equal (rig->n_closed, 1);
  g_signal_emit_by_name (rig->modem, "refresh", EA_MODEM_REFRESH_DONE, 4);
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, GET_STATUS, "81030144008202828183010038020000");

  close (peer);
}

/* Ends the toolkit after so many steps of the main loop: the answer, the link or the bearer may be on its way. Returns: how many
 * channels had come by then */
static guint
end_while_opening (guint n_steps)
{
  ToolkitRig *rig = toolkit_rig_new ("lo", LOOPBACK);
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { BACKGROUND, BUFFER, TCP_CLIENT, port, LOOPBACK };
  g_autofree char *command = make_open_channel (&open);
  guint n_opened;

  toolkit_rig_want (rig, command);
  for (guint i = 0; i < n_steps; i++)
    g_main_context_iteration (NULL, FALSE);
  n_opened = rig->n_opened;
  ea_toolkit_end (rig->toolkit);
  assert_int_equal (rig->n_closed, n_opened);
  fake_modem_read_diary (rig->modem);
  toolkit_rig_end_toolkit (rig);
  run_ready ();
  toolkit_rig_free (rig);
  close (listener);
  return n_opened;
}

static void
test_toolkit_may_end_at_any_time_of_an_opening (void **state)
{
  guint n_opened = 0;

  for (guint n_steps = 0; n_steps < ITERATIONS_OF_AN_OPENING; n_steps++)
    n_opened = end_while_opening (n_steps);
  assert_int_equal (n_opened, 1);
}

static GTask *held;

static void
hold_network (EaModem *modem, GTask *task)
{
  held = task;
}

static void
test_channels_end_though_the_modem_still_owes_an_answer (void **state)
{
  ToolkitRig *rig = *state;
  EaModemClass *modem_class = EA_MODEM_GET_CLASS (rig->modem);
  void (*query_network) (EaModem *, GTask *) = modem_class->query_network;
  int peer;

  channel_rig_set_events (rig);
  peer = channel_rig_connect (rig, 1, BUFFER);
  modem_class->query_network = hold_network;
  toolkit_rig_want (rig, "D009810301260082028182");
  WAIT_FOR (held != NULL);
  modem_class->query_network = query_network;
  ea_toolkit_end (rig->toolkit);
  peer_expect_end (peer);
  assert_int_equal (rig->n_closed, 1);
  g_task_return_new_error (held, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "The modem is gone");
  g_clear_object (&held);
  run_ready ();
  toolkit_rig_expect_nothing (rig);

  close (peer);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_data_of_which_the_card_has_not_heard_is_told_again),
    RIG_TEST (test_end_of_which_the_card_has_not_heard_is_told_again),
    RIG_TEST (test_data_that_the_card_has_not_taken_is_given_again),
    RIG_TEST (test_openings_of_which_the_card_has_not_heard_leave_no_channels),
    RIG_TEST (test_refresh_that_resets_the_uicc_ends_the_channels),
    cmocka_unit_test (test_toolkit_may_end_at_any_time_of_an_opening),
    RIG_TEST (test_channels_end_though_the_modem_still_owes_an_answer),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
