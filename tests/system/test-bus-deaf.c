/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A peer that asks and never reads what it is told. The bus keeps replies for it, up to the 127 MiB that a system bus lets a
 * sender have on their way, and then takes nothing from the agent, as from anybody: nobody hears of the agent until the peer
 * reads or goes. The modem and the card do not notice, and the agent keeps no more than its gate lets it.
 */

#include "caller-rig.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Calls of the peer at once, each answered before the next are sent, and how often at most: far more than the bus keeps */
#define BATCH 60
#define BATCHES_MAX 2000

/* An agent that is not heard within this time is not heard at all. */
#define SILENCE_MS 3000

#define CLIENTS 40
#define CALLS_OF_EACH 125
#define GROWTH_KIB 24576

typedef struct
{
  GIOStream *stream;
  guint32 serial;
} Deaf;

static void
write_all (Deaf *deaf, const void *data, gsize size)
{
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all (g_io_stream_get_output_stream (deaf->stream), data, size, NULL,
                                  NULL, &error))
    fail_msg ("%s", error->message);
}

static void
send_call (Deaf *deaf, const char *name, const char *path, const char *interface,
           const char *method)
{
  g_autoptr (GDBusMessage) call = g_dbus_message_new_method_call (name, path, interface, method);
  g_autofree guchar *blob = NULL;
  gsize size;

  g_dbus_message_set_serial (call, ++deaf->serial);
  blob = g_dbus_message_to_blob (call, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  assert_non_null (blob);
  write_all (deaf, blob, size);
}

/* EXTERNAL: who it is tells the socket (D-Bus Specification, "Authentication Mechanisms") */
static void
authenticate (Deaf *deaf)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *user = g_strdup_printf ("%u", (guint) getuid ());
  char answer[128];

  g_string_append_c (line, '\0');
  g_string_append (line, "AUTH EXTERNAL ");
  for (const char *digit = user; *digit != '\0'; digit++)
    g_string_append_printf (line, "%02x", (guint) *digit);
  g_string_append (line, "\r\n");
  write_all (deaf, line->str, line->len);
  assert_true (g_input_stream_read (g_io_stream_get_input_stream (deaf->stream), answer,
                                    sizeof answer, NULL, NULL)
               > 2);
  assert_memory_equal (answer, "OK", 2);
  write_all (deaf, "BEGIN\r\n", strlen ("BEGIN\r\n"));
}

static void
deaf_connect (Deaf *deaf, Rig *rig)
{
  g_autoptr (GError) error = NULL;

  deaf->serial = 0;
  deaf->stream
      = g_dbus_address_get_stream_sync (g_test_dbus_get_bus_address (rig->bus), NULL, NULL, &error);
  if (deaf->stream == NULL)
    fail_msg ("%s", error->message);
  authenticate (deaf);
  send_call (deaf, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
             "Hello");
}

static void
deaf_disconnect (Deaf *deaf)
{
  (void) g_io_stream_close (deaf->stream, NULL, NULL);
  g_clear_object (&deaf->stream);
}

/* Whether the agent's reply comes through the bus, after those to all calls before */
static gboolean
is_heard (Rig *rig)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      rig->connection, BUS_AGENT, BUS_ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
      G_DBUS_CALL_FLAGS_NONE, SILENCE_MS, NULL, NULL);

  return reply != NULL;
}

/* Until the bus does not take more for it */
static void
fill (Deaf *deaf, Rig *rig)
{
  for (guint i = 0; i < BATCHES_MAX; i++)
    {
      for (guint j = 0; j < BATCH; j++)
        send_call (deaf, BUS_AGENT, BUS_ROOT, "org.freedesktop.DBus.Introspectable", "Introspect");
      if (!is_heard (rig))
        return;
    }
  fail_msg ("the bus keeps whatever the agent says");
}

typedef struct
{
  guint n_expected;
  guint n_over;
} Flood;

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flood *flood = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !g_dbus_error_is_remote_error (error))
    fail_msg ("a call was not answered: %s", error->message);
  flood->n_over++;
}

static gboolean
is_over (gpointer data)
{
  const Flood *flood = data;

  return flood->n_over == flood->n_expected;
}

static GPtrArray *
begin_flood (Rig *rig, Flood *flood)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func ((GDestroyNotify) caller_disconnect);

  for (guint i = 0; i < CLIENTS; i++)
    {
      GDBusConnection *client = caller_connect (rig);

      g_ptr_array_add (clients, client);
      for (guint j = 0; j < CALLS_OF_EACH; j++)
        g_dbus_connection_call (client, BUS_AGENT, BUS_ROOT, "org.freedesktop.DBus.Introspectable",
                                "Introspect", NULL, NULL, G_DBUS_CALL_FLAGS_NONE,
                                RIG_DEADLINE_S * 1000, NULL, on_reply, flood);
      (void) g_dbus_connection_flush_sync (client, NULL, NULL); /* sent */
    }
  return clients;
}

static void
test_a_peer_that_never_reads_stops_neither_the_card_nor_the_agent (void **state)
{
  Rig *rig = *state;
  Flood flood = { .n_expected = CLIENTS * CALLS_OF_EACH };
  g_autoptr (GPtrArray) clients = NULL;
  g_autofree char *reply = NULL;
  AgentHealth health;
  Deaf deaf;

  rig_keep_log (rig);
  https_start (rig, NULL);
  caller_note_health (rig, &health);
  deaf_connect (&deaf, rig);
  fill (&deaf, rig);
  clients = begin_flood (rig, &flood);
  reply = rig_control (rig, "sms " RIG_COMMAND_TPDU);
  deaf_disconnect (&deaf);

  assert_string_equal (reply, "ok ack");
  if (!rig_await_that (is_over, &flood))
    fail_msg ("%u of %u calls are over", flood.n_over, flood.n_expected);
  g_clear_pointer (&clients, g_ptr_array_unref);
  caller_expect_health (rig, &health, GROWTH_KIB);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_peer_that_never_reads_stops_neither_the_card_nor_the_agent),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
