/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How many round trips there are between a trigger and the card's first command. A forwarder between the agent and the
 * SM-SR counts how often the server has to be waited for; TCP's own handshake, which it does not see, is one more.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NAME "smsr.example"
#define SERVER "127.0.0.1"
#define FORWARDER "127.0.0.2" /* at the same port */

#define TRIPS_MAX 4
#define SESSION "RetryLimit=0\nTimeout=20\n"

/* The card keeps the agent waiting for so long, with nothing on the line. */
#define SLOW_APDU_MS 5000
#define POLL_MS 5
#define PIECE_SIZE 16384

typedef struct
{
  GSocketService *service;
  guint16 port;
  guint n_connections;
  gboolean has_asked; /* the last octets were the agent's */
  guint n_trips;      /* of the last connection */
} Forwarder;

/* Octets in one direction */
typedef struct
{
  Forwarder *forwarder;
  GIOStream *from;
  GIOStream *to;
  gboolean is_agent;
} Direction;

static void
direction_free (Direction *direction)
{
  g_object_unref (direction->from);
  g_object_unref (direction->to);
  g_free (direction);
}

static void forward (Direction *direction);

static void
note_octets (Direction *direction)
{
  Forwarder *forwarder = direction->forwarder;

  if (!direction->is_agent && forwarder->has_asked)
    forwarder->n_trips++;
  forwarder->has_asked = direction->is_agent;
}

static void
on_octets (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Direction *direction = user_data;
  g_autoptr (GBytes) octets
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (direction->to);
  gsize size = octets != NULL ? g_bytes_get_size (octets) : 0;

  if (size == 0)
    {
      (void) g_io_stream_close (direction->to, NULL, NULL); /* it may be closed */
      direction_free (direction);
      return;
    }
  note_octets (direction);
  (void) g_output_stream_write_all (output, g_bytes_get_data (octets, NULL), size, NULL, NULL,
                                    NULL); /* who is gone is noticed when reading */
  forward (direction);
}

static void
forward (Direction *direction)
{
  g_input_stream_read_bytes_async (g_io_stream_get_input_stream (direction->from), PIECE_SIZE,
                                   G_PRIORITY_DEFAULT, NULL, on_octets, direction);
}

static void
begin_direction (Forwarder *forwarder, gpointer from, gpointer to, gboolean is_agent)
{
  Direction *direction = g_new0 (Direction, 1);

  direction->forwarder = forwarder;
  direction->from = g_object_ref (from);
  direction->to = g_object_ref (to);
  direction->is_agent = is_agent;
  forward (direction);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *agent, GObject *source, gpointer user_data)
{
  Forwarder *forwarder = user_data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) server
      = g_socket_client_connect_to_host (client, SERVER, forwarder->port, NULL, NULL);

  assert_non_null (server);
  forwarder->n_connections++;
  forwarder->has_asked = FALSE;
  forwarder->n_trips = 0;
  begin_direction (forwarder, agent, server, TRUE);
  begin_direction (forwarder, server, agent, FALSE);
  return TRUE;
}

static void
forwarder_start (Forwarder *forwarder, Rig *rig)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  forwarder->port = (guint16) https_get_number (rig, "https");
  address = g_inet_socket_address_new_from_string (FORWARDER, forwarder->port);
  forwarder->service = g_socket_service_new ();
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (forwarder->service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL,
                                      &error))
    fail_msg ("%s", error->message);
  g_signal_connect (forwarder->service, "incoming", G_CALLBACK (on_incoming), forwarder);
}

static void
forwarder_stop (Forwarder *forwarder)
{
  g_socket_service_stop (forwarder->service);
  g_socket_listener_close (G_SOCKET_LISTENER (forwarder->service));
  g_object_unref (forwarder->service);
}

static void
trigger (Rig *rig)
{
  rig_begin_control (rig, "smsr send-script --generate 1 --via https --host " NAME);
}

static void
expect_reply (Rig *rig)
{
  g_autofree char *reply = rig_end_control (rig);

  if (!g_str_has_prefix (reply, "ok scripts=1 executed=1 sw=9000 "))
    fail_msg ("%s", reply);
}

static gboolean
has_run (gpointer data)
{
  g_autofree char *ledger = rig_control (data, "ledger");

  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  return strstr (ledger, "E28800093A0706A304") != NULL;
}

static void
test_four_round_trips_from_a_trigger_to_the_first_command (void **state)
{
  Rig *rig = *state;
  Forwarder forwarder = { 0 };
  g_autoptr (HttpsNews) news = NULL;
  g_autofree char *queries = NULL;

  https_start_with (rig, SESSION, NAME);
  forwarder_start (&forwarder, rig);
  rig_expect_control (rig, "ok", "dns " NAME " " FORWARDER " --ttl 600");
  news = https_news_new (rig);
  trigger (rig);
  https_news_await_result (news, 0, "ok");
  expect_reply (rig);
  g_free (https_take_queries (rig));
  g_free (rig_control (rig, "ledger"));

  rig_expect_control (rig, "ok", "slow-apdu %d", SLOW_APDU_MS);
  trigger (rig);
  if (!rig_await_that (has_run, rig))
    fail_msg ("the card gets no command");
  queries = https_take_queries (rig);
  print_message ("%u round trips\n", forwarder.n_trips + 1);

  assert_string_equal (queries, "");
  assert_int_equal (forwarder.n_connections, 2);
  assert_in_range (forwarder.n_trips + 1, 2, TRIPS_MAX);
  https_news_await_result (news, 1, "ok");
  expect_reply (rig);
  rig_stop_agent (rig);
  forwarder_stop (&forwarder);
}

int
main (void)
{
  const struct CMUnitTest tests[]
      = { RIG_TEST (test_four_round_trips_from_a_trigger_to_the_first_command) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
