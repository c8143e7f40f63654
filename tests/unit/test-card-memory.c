/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a card relies on, from one life of the agent to the next (agent/session/card-memory.h). */

#include "session/card-memory.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "channel-rig.h"
#include "fake-time.h"
#include "link-peer.h"
#include "wait.h"

#define NAME "0123"
#define RECORD "card-" NAME
#define CONNECTED_1 "8100"
#define DROPPED_1 "0105"
#define DROPPED_3 "0305"
/* Both with the seconds still to come */
#define MINUTE_1_PASSED "envelope D70C82028281A40102A5030010"
#define MINUTE_58_LEFT "response 1 810301270182028281830100A40101A5030085"

/* What lasts from one life to the next */
typedef struct
{
  char *directory;
  EaStore *store;
} World;

/* One life of the agent, with the card ready */
typedef struct
{
  ToolkitRig *rig;
  EaCardMemory *memory;
} Life;

static int
setup (void **state)
{
  World *world = g_new0 (World, 1);

  world->directory = g_dir_make_tmp ("euicc-memory-XXXXXX", NULL);
  world->store = ea_store_new (world->directory, NULL);
  *state = world;
  return 0;
}

static int
teardown (void **state)
{
  World *world = *state;

  ea_store_free (world->store);
  delete_directory (world->directory);
  g_free (world);
  return 0;
}

static void
begin (Life *life, World *world)
{
  life->rig = toolkit_rig_new ("lo", LOOPBACK);
  life->memory = ea_card_memory_new (world->store, NAME, &life->rig->log);
  ea_card_memory_attach (life->memory, life->rig->toolkit);
}

/* The process is gone, and the card does not hear of it. */
static void
end (Life *life)
{
  ea_card_memory_detach (life->memory);
  toolkit_rig_free (life->rig);
  ea_card_memory_free (life->memory);
}

/* Both, for a card that has channel 1 open then, and wants to hear of it */
static void
live_with_a_channel (World *world)
{
  Life life;
  int peer;

  begin (&life, world);
  channel_rig_set_events (life.rig);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  end (&life);
  close (peer);
}

static void
test_card_need_not_ask_for_events_again (void **state)
{
  Life life;
  int peer;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  end (&life);

  begin (&life, *state);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  peer_write (peer, 0, 10);
  channel_rig_expect_data (life.rig, 1, 10);
  end (&life);
  close (peer);
}

static void
test_card_hears_of_the_channels_that_were_lost (void **state)
{
  Life life;
  int first, second, third;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  first = channel_rig_connect (life.rig, 1, BUFFER);
  second = channel_rig_connect (life.rig, 2, BUFFER);
  third = channel_rig_connect (life.rig, 3, BUFFER);
  channel_rig_close (life.rig, 2);
  end (&life);

  begin (&life, *state);
  channel_rig_expect_status (life.rig, DROPPED_1);
  channel_rig_expect_status (life.rig, DROPPED_3);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);

  begin (&life, *state);
  toolkit_rig_expect_nothing (life.rig); /* of nothing twice */
  end (&life);
  close (first);
  close (second);
  close (third);
}

/* A life may be too short to tell it. */
static void
test_card_hears_of_a_lost_channel_from_the_life_that_can_tell_it (void **state)
{
  Life life;

  live_with_a_channel (*state);
  begin (&life, *state);
  assert_string_equal (fake_modem_read_diary (life.rig->modem),
                       "envelope D60B99010A82028281B802" DROPPED_1);
  end (&life); /* and the answer is not heard */

  begin (&life, *state);
  channel_rig_expect_status (life.rig, DROPPED_1);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);

  begin (&life, *state);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);
}

/* It is told of the end of its channels at the end of the agent, which may be cut short. */
static void
test_card_hears_of_a_channel_that_was_closed_at_the_end (void **state)
{
  Life life;
  int peer;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  ea_toolkit_stop (life.rig->toolkit);
  end (&life);
  close (peer);

  begin (&life, *state);
  channel_rig_expect_status (life.rig, DROPPED_1);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);
}

static void
test_card_closes_a_channel_that_was_lost_once (void **state)
{
  Life life;
  g_autofree char *close_command = make_close_channel (1, 0);
  int peer;

  live_with_a_channel (*state);

  begin (&life, *state);
  channel_rig_expect_status (life.rig, DROPPED_1);
  toolkit_rig_exchange (life.rig, close_command, "810301410082028281830100");
  toolkit_rig_exchange (life.rig, close_command, "81030141008202828183023A02");
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  toolkit_rig_exchange (life.rig, GET_STATUS,
                        "810301440082028281830100"
                        "3802" CONNECTED_1);
  end (&life);
  close (peer);
}

/* The process ended between the end of the channel and the response. */
static void
test_close_whose_response_was_lost_is_done_again (void **state)
{
  Life life;
  g_autofree char *close_command = make_close_channel (1, 0);
  int peer;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  channel_rig_close (life.rig, 1);
  end (&life);
  close (peer);

  begin (&life, *state);
  toolkit_rig_expect_nothing (life.rig);
  toolkit_rig_exchange (life.rig, close_command, "810301410082028281830100");
  toolkit_rig_exchange (life.rig, close_command, "81030141008202828183023A03");
  end (&life);
}

static void
test_card_that_was_reset_has_asked_for_nothing (void **state)
{
  Life life;
  int peer;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  ea_modem_set_card (EA_MODEM (life.rig->modem), EA_MODEM_CARD_INITIALIZING);
  end (&life);
  close (peer);

  begin (&life, *state);
  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (life.rig->toolkit)), 0);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);
}

static void
assert_channel_is_heard_of (World *world)
{
  Life life;
  int peer;

  begin (&life, world);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  peer_write (peer, 0, 10);
  channel_rig_expect_data (life.rig, 1, 10);
  end (&life);
  close (peer);
}

/* It starts while the modem is opened, or is an observer's: the firmware gets its list. */
static void
test_card_that_was_reset_beside_the_agent_hears_of_its_channels (void **state)
{
  Life life;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  ea_modem_set_capabilities (EA_MODEM (life.rig->modem), 0);
  ea_modem_set_card (EA_MODEM (life.rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (life.rig->modem), EA_MODEM_CARD_READY);
  end (&life);

  assert_channel_is_heard_of (*state);
}

/* The agent was gone before the card could tell it, and the firmware has got its list. */
static void
test_card_that_had_no_time_to_tell_its_list_hears_of_its_channels (void **state)
{
  Life life;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  ea_modem_set_card (EA_MODEM (life.rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (life.rig->modem), EA_MODEM_CARD_READY);
  end (&life);

  assert_channel_is_heard_of (*state);
}

/* It has told its list to the modem's firmware, before there was an agent. */
static void
test_card_whose_list_nobody_knows_hears_of_its_channels (void **state)
{
  Life life;
  int peer;

  begin (&life, *state);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  peer_write (peer, 0, 10);
  channel_rig_expect_data (life.rig, 1, 10);
  end (&life);
  close (peer);

  begin (&life, *state);
  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (life.rig->toolkit)), 0);
  channel_rig_expect_status (life.rig, DROPPED_1);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);
}

static void
test_card_that_wants_no_events_gets_none_in_another_life (void **state)
{
  Life life;
  int peer;

  begin (&life, *state);
  channel_rig_set_no_events (life.rig);
  peer = channel_rig_connect (life.rig, 1, BUFFER);
  end (&life);
  close (peer);

  begin (&life, *state);
  toolkit_rig_expect_nothing (life.rig);
  end (&life);
}

static void
test_what_the_card_has_asked_anew_counts (void **state)
{
  Life life;

  begin (&life, *state);
  channel_rig_set_events (life.rig);
  end (&life);

  life.rig = toolkit_rig_new ("lo", LOOPBACK);
  life.memory = ea_card_memory_new (((World *) *state)->store, NAME, &life.rig->log);
  toolkit_rig_exchange (life.rig, "D00C810301050082028182990103", EVENT_LIST_SET);
  ea_card_memory_attach (life.memory, life.rig->toolkit);
  assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (life.rig->toolkit)), 1);
  end (&life);
}

static void
test_record_that_is_not_one_of_ours_is_none (void **state)
{
  static const char *const records[]
      = { "", "01", "010003", "02000000", "0300000209", "03", "0300FFFF" };
  World *world = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GBytes) record = bytes_of (records[i]);
      Life life;

      assert_true (ea_store_write (world->store, RECORD, record, NULL));
      begin (&life, world);
      assert_int_equal (g_bytes_get_size (ea_toolkit_get_events (life.rig->toolkit)), 0);
      toolkit_rig_expect_nothing (life.rig);
      end (&life);
    }
}

/* What is left after the lives before, rounded up */
static void
expect_start (Life *life, const char *start)
{
  g_autofree char *line = g_strndup (fake_modem_await_line (life->rig->modem), strlen (start));

  assert_string_equal (line, start);
}

static void
test_timer_of_the_card_goes_on (void **state)
{
  Life life;

  begin (&life, *state);
  toolkit_rig_exchange (life.rig, "D011810301270082028182A40101A503100000",
                        "810301270082028281830100A40101"); /* an hour */
  toolkit_rig_exchange (life.rig, "D011810301270082028182A40102A503001000",
                        "810301270082028281830100A40102"); /* a minute */
  end (&life);
  fake_time_pass (90 * 1000);

  begin (&life, *state);
  expect_start (&life, MINUTE_1_PASSED);
  toolkit_rig_expect_nothing (life.rig); /* more, and it is known that the card has it */
  end (&life);

  begin (&life, *state);
  toolkit_rig_expect_nothing (life.rig); /* of what was told */
  toolkit_rig_exchange (life.rig, "D00C810301270182028182A40102", "810301270182028281830124A40102");
  toolkit_rig_want (life.rig, "D00C810301270182028182A40101");
  expect_start (&life, MINUTE_58_LEFT);
  end (&life);
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WORLD_TEST (test_card_need_not_ask_for_events_again),
    WORLD_TEST (test_card_hears_of_the_channels_that_were_lost),
    WORLD_TEST (test_card_hears_of_a_lost_channel_from_the_life_that_can_tell_it),
    WORLD_TEST (test_card_hears_of_a_channel_that_was_closed_at_the_end),
    WORLD_TEST (test_card_closes_a_channel_that_was_lost_once),
    WORLD_TEST (test_close_whose_response_was_lost_is_done_again),
    WORLD_TEST (test_card_that_was_reset_has_asked_for_nothing),
    WORLD_TEST (test_card_that_was_reset_beside_the_agent_hears_of_its_channels),
    WORLD_TEST (test_card_that_had_no_time_to_tell_its_list_hears_of_its_channels),
    WORLD_TEST (test_card_whose_list_nobody_knows_hears_of_its_channels),
    WORLD_TEST (test_card_that_wants_no_events_gets_none_in_another_life),
    WORLD_TEST (test_what_the_card_has_asked_anew_counts),
    WORLD_TEST (test_timer_of_the_card_goes_on),
    WORLD_TEST (test_record_that_is_not_one_of_ours_is_none),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
