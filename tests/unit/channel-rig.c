/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "channel-rig.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link-peer.h"

#define SHORT_LENGTH_MAX 0x7F /* TS 101 220 §7.1.2 */

/* Appends the length of a data object as TS 101 220 §7.1.2 wants it, for at most 255 bytes. */
static void
add_length (GString *hex, gsize length)
{
  g_string_append_printf (hex, length > SHORT_LENGTH_MAX ? "81%02X" : "%02X", (guint) length);
}

static void
add_pattern (GString *hex, gsize offset, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02X", pattern_byte (offset + i));
}

/* (transfer full): the proactive command with @objects (transfer full) after its device identities */
static char *
make_command (guint8 type, guint8 qualifier, guint8 destination, GString *objects)
{
  GString *hex = g_string_new ("D0");

  add_length (hex, 9 + objects->len / 2);
  g_string_append_printf (hex, "810301%02X%02X820281%02X%s", type, qualifier, destination,
                          objects->str);
  g_string_free (objects, TRUE);
  return g_string_free (hex, FALSE);
}

char *
make_open_channel (const OpenChannel *open)
{
  GString *objects = g_string_new (open->transport == TCP_SERVER ? "" : "350103");
  g_autoptr (GInetAddress) address = NULL;

  g_string_append_printf (objects, "3902%04X3C03%02X%04X", open->buffer_size, open->transport,
                          open->port);
  if (open->address != NULL)
    {
      gsize size;

      address = g_inet_address_new_from_string (open->address);
      size = g_inet_address_get_native_size (address);
      g_string_append_printf (objects, "3E%02X%s", (guint) size + 1, size == 4 ? "21" : "57");
      for (gsize i = 0; i < size; i++)
        g_string_append_printf (objects, "%02X", g_inet_address_to_bytes (address)[i]);
    }
  return make_command (0x40, open->qualifier, 0x82, objects);
}

char *
make_send_data (guint8 channel, gboolean is_immediate, gsize offset, gsize size)
{
  GString *objects = g_string_new ("36");

  add_length (objects, size);
  add_pattern (objects, offset, size);
  return make_command (0x43, is_immediate ? 1 : 0, (guint8) (0x20 + channel), objects);
}

char *
make_receive_data (guint8 channel, gsize length)
{
  GString *objects = g_string_new ("3701");

  g_string_append_printf (objects, "%02X", (guint) length);
  return make_command (0x42, 0, (guint8) (0x20 + channel), objects);
}

char *
make_close_channel (guint8 channel, guint8 qualifier)
{
  return make_command (0x41, qualifier, (guint8) (0x20 + channel), g_string_new (""));
}

void
channel_rig_set_events (ToolkitRig *rig)
{
  toolkit_rig_exchange (rig, EVENTS_OF_CHANNELS, EVENT_LIST_SET);
}

void
channel_rig_set_no_events (ToolkitRig *rig)
{
  toolkit_rig_exchange (rig, NO_EVENTS, EVENT_LIST_SET);
}

void
channel_rig_open (ToolkitRig *rig, const OpenChannel *open, const char *result, const char *status)
{
  g_autofree char *command = make_open_channel (open);
  g_autofree char *response
      = g_strdup_printf ("81030140%02X82028281%s%s%s%s3902%04X", open->qualifier, result,
                         status != NULL ? "3802" : "", status != NULL ? status : "",
                         open->transport == TCP_SERVER ? "" : "350103", open->buffer_size);

  toolkit_rig_exchange (rig, command, response);
}

int
channel_rig_connect (ToolkitRig *rig, guint8 channel, guint16 buffer_size)
{
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  const OpenChannel open = { IMMEDIATE, buffer_size, TCP_CLIENT, port, LOOPBACK };
  char status[] = "8x00";
  int peer;

  status[1] = (char) ('0' + channel);
  channel_rig_open (rig, &open, OK, status);
  peer = peer_accept (listener);
  close (listener);
  return peer;
}

void
channel_rig_send (ToolkitRig *rig, guint8 channel, gsize offset, gsize size, guint8 n_free)
{
  g_autofree char *command = make_send_data (channel, TRUE, offset, size);
  g_autofree char *response = g_strdup_printf ("8103014301820282818301003701%02X", n_free);

  toolkit_rig_exchange (rig, command, response);
}

void
channel_rig_receive (ToolkitRig *rig, guint8 channel, gsize length, const char *result,
                     gsize offset, gsize size, guint8 n_left)
{
  g_autofree char *command = make_receive_data (channel, length);
  g_autoptr (GString) response = g_string_new ("810301420082028281");

  g_string_append_printf (response, "%s36", result);
  add_length (response, size);
  add_pattern (response, offset, size);
  g_string_append_printf (response, "3701%02X", n_left);
  toolkit_rig_exchange (rig, command, response->str);
}

gsize
channel_rig_receive_some (ToolkitRig *rig, guint8 channel, guint8 length, gsize offset,
                          guint8 *n_left)
{
  static const char head[] = "response 1 810301420082028281";
  g_autofree char *command = make_receive_data (channel, length);
  g_autoptr (GString) expected = g_string_new (head);
  gsize size;
  const char *line;

  toolkit_rig_want (rig, command);
  line = fake_modem_await_line (rig->modem);
  assert_true (g_str_has_prefix (line, head));
  /* Every byte but the number of them and of those that are left follows from what was asked for. */
  for (size = length; size > 0; size--)
    {
      gsize tail = strlen ("3701FF");

      g_string_truncate (expected, strlen (head));
      g_string_append (expected, size == length ? OK : MISSING_INFORMATION);
      g_string_append (expected, "36");
      add_length (expected, size);
      if (strlen (line) != expected->len + 2 * size + tail)
        continue;
      add_pattern (expected, offset, size);
      *n_left = (guint8) g_ascii_strtoull (line + strlen (line) - 2, NULL, 16);
      g_string_append_printf (expected, "3701%02X", *n_left);
      assert_string_equal (line, expected->str);
      return size;
    }
  fail_msg ("%s has no data", line);
  return 0;
}

void
channel_rig_close (ToolkitRig *rig, guint8 channel)
{
  g_autofree char *command = make_close_channel (channel, 0);

  toolkit_rig_exchange (rig, command, "810301410082028281830100");
}

void
channel_rig_expect_data (ToolkitRig *rig, guint8 channel, guint8 length)
{
  g_autofree char *line
      = g_strdup_printf ("envelope D60E99010982028281B8028%u00B701%02X", channel, length);

  toolkit_rig_expect (rig, line);
}

void
channel_rig_expect_status (ToolkitRig *rig, const char *status)
{
  g_autofree char *line = g_strconcat ("envelope D60B99010A82028281B802", status, NULL);

  toolkit_rig_expect (rig, line);
}

guint64
channel_rig_get_count (ToolkitRig *rig, guint8 channel, const char *property)
{
  guint64 count;

  g_object_get (rig->channels[channel - 1], property, &count, NULL);
  return count;
}

void
channel_rig_expect_state (ToolkitRig *rig, guint8 channel, const char *state)
{
  g_autofree char *actual = NULL;

  assert_non_null (rig->channels[channel - 1]);
  g_object_get (rig->channels[channel - 1], "state", &actual, NULL);
  assert_string_equal (actual, state);
}
