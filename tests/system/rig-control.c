/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a rig says to its simulator, and what it waits for there. */

#include "rig.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CONTROL_TIMEOUT_S 90
#define POLL_MS 20

static GSocketConnection *
connect_control (Rig *rig)
{
  g_autofree char *path = g_build_filename (rig->directory, "control", NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, CONTROL_TIMEOUT_S);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  if (connection == NULL)
    fail_msg ("control socket: %s", error->message);
  return connection;
}

/* Commands that answer with lines and a full stop. */
static gboolean
is_list (const char *command)
{
  static const char *const lists[]
      = { "envelopes", "apdus", "sent-sms", "qmi", "ledger", "smsr-notifications", NULL };

  return g_strv_contains (lists, command);
}

static char *
read_reply (GDataInputStream *input, const char *command)
{
  g_autoptr (GString) reply = g_string_new (NULL);

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, &error);

      if (line == NULL)
        fail_msg ("'%s': %s", command, error != NULL ? error->message : "no reply");
      if (!is_list (command))
        return g_steal_pointer (&line);
      if (strcmp (line, ".") == 0)
        return g_string_free (g_steal_pointer (&reply), FALSE);
      g_string_append_printf (reply, "%s\n", line);
    }
}

static GSocketConnection *
send_control (Rig *rig, const char *command)
{
  GSocketConnection *connection = connect_control (rig);
  g_autofree char *line = g_strconcat (command, "\n", NULL);

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line,
                             strlen (line), NULL, NULL, NULL);
  return connection;
}

static char *
receive_control (GSocketConnection *connection, const char *command)
{
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));

  return read_reply (input, command);
}

static char *
control (Rig *rig, const char *command)
{
  g_autoptr (GSocketConnection) connection = send_control (rig, command);

  return receive_control (connection, command);
}

void
rig_begin_control (Rig *rig, const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  rig->begun = send_control (rig, command);
}

char *
rig_end_control (Rig *rig)
{
  g_autoptr (GSocketConnection) connection = g_steal_pointer (&rig->begun);

  return receive_control (connection, "");
}

char *
rig_control (Rig *rig, const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return control (rig, command);
}

void
rig_expect_control (Rig *rig, const char *reply, const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autofree char *actual = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  actual = control (rig, command);
  assert_string_equal (actual, reply);
}

typedef struct
{
  Rig *rig;
  const char *text;
  guint64 number;
} Expectation;

static gboolean
is_in_state (gpointer data)
{
  const Expectation *expectation = data;
  g_autofree char *state = control (expectation->rig, "state");

  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  return strstr (state, expectation->text) != NULL;
}

static gboolean
has_requests (gpointer data)
{
  Expectation *expectation = data;
  g_autofree char *requests = control (expectation->rig, "qmi");
  guint n_requests = 0;

  for (const char *end = strchr (requests, '\n'); end != NULL; end = strchr (end + 1, '\n'))
    n_requests++;     /* each has a line */
  rig_look_again (1); /* the simulator has no events: ask again then */
  expectation->number -= MIN (expectation->number, n_requests);
  return expectation->number == 0;
}

void
rig_await_requests (Rig *rig, guint n_requests)
{
  Expectation expectation = { .rig = rig, .number = n_requests };

  if (!rig_await_that (has_requests, &expectation))
    fail_msg ("the modem did not get %u requests", n_requests);
}

static gboolean
has_apdu (gpointer data)
{
  const Expectation *expectation = data;
  g_autofree char *apdus = control (expectation->rig, "apdus");

  rig_look_again (POLL_MS); /* the simulator has no events: ask again then */
  return strstr (apdus, expectation->text) != NULL;
}

void
rig_await_apdu (Rig *rig, const char *text)
{
  Expectation expectation = { .rig = rig, .text = text };

  if (!rig_await_that (has_apdu, &expectation))
    fail_msg ("the card got no APDU with %s", text);
}

void
rig_await_simulator (Rig *rig, const char *text)
{
  Expectation expectation = { .rig = rig, .text = text };

  if (!rig_await_that (is_in_state, &expectation))
    {
      g_autofree char *state = control (rig, "state");

      fail_msg ("the simulator's state never had %s: %s", text, state);
    }
}
