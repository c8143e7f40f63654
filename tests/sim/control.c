/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines in, replies out. A connection lives until its client closes it; a reply that comes later is
 * dropped.
 */
#include "control.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#define CONTROL_BACKLOG 64 /* clients that may come at once */

struct _SimControl
{
  char *path;
  GPtrArray *modems;
  GSocketService *service;
  GPtrArray *connections; /* of Connection */
  gboolean is_closing;
};

typedef struct
{
  SimControl *control;
  GSocketConnection *stream;
  GDataInputStream *input;
  GCancellable *cancellable;
  SimReply *reply; /* what the command under way waits for; borrowed */
  char *output;
} Connection;

static void read_command (Connection *connection);

static void
connection_free (Connection *connection)
{
  if (connection->reply != NULL)
    sim_reply_cancel (connection->reply);
  g_clear_object (&connection->input);
  g_clear_object (&connection->stream);
  g_clear_object (&connection->cancellable);
  g_free (connection->output);
  g_free (connection);
}

static void
connection_close (Connection *connection)
{
  g_ptr_array_remove_fast (connection->control->connections, connection);
  connection_free (connection);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connection *connection = user_data;

  g_clear_pointer (&connection->output, g_free);
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    {
      connection_close (connection); /* the client is gone */
      return;
    }
  read_command (connection);
}

static void
on_reply (const char *text, gpointer user_data)
{
  Connection *connection = user_data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection->stream));

  connection->reply = NULL;
  connection->output = g_strconcat (text, "\n", NULL);
  g_output_stream_write_all_async (output, connection->output, strlen (connection->output),
                                   G_PRIORITY_DEFAULT, connection->cancellable, on_written,
                                   connection);
}

static void
on_command (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connection *connection = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source),
                                                                     result, NULL, NULL);

  if (line == NULL || connection->control->is_closing)
    {
      connection_close (connection);
      return;
    }
  connection->reply = sim_reply_new (on_reply, connection);
  sim_command_run (connection->control->modems, line, connection->reply);
}

static void
read_command (Connection *connection)
{
  g_data_input_stream_read_line_async (connection->input, G_PRIORITY_DEFAULT,
                                       connection->cancellable, on_command, connection);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *stream, GObject *source,
             gpointer user_data)
{
  SimControl *control = user_data;
  Connection *connection = g_new0 (Connection, 1);

  connection->control = control;
  connection->stream = g_object_ref (stream);
  connection->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (stream)));
  connection->cancellable = g_cancellable_new ();
  g_ptr_array_add (control->connections, connection);
  read_command (connection);
  return TRUE;
}

SimControl *
sim_control_new (const char *path, GPtrArray *modems, GError **error)
{
  g_autoptr (SimControl) control = g_new0 (SimControl, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  control->path = g_strdup (path);
  control->modems = modems;
  control->connections = g_ptr_array_new ();
  control->service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (control->service), CONTROL_BACKLOG);
  (void) g_unlink (path); /* of a simulator that was killed */
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (control->service), address,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL,
                                      error))
    {
      g_prefix_error (error, "Cannot listen at '%s': ", path);
      return NULL;
    }
  g_signal_connect (control->service, "incoming", G_CALLBACK (on_incoming), control);
  return g_steal_pointer (&control);
}

/* A connection whose command waits has no operation under way and is freed here. All others are freed
 * by the callback of the operation that is cancelled. */
static void
close_all (SimControl *control)
{
  control->is_closing = TRUE;
  for (guint i = control->connections->len; i > 0; i--)
    {
      Connection *connection = g_ptr_array_index (control->connections, i - 1);

      if (connection->reply != NULL)
        connection_close (connection);
      else
        g_cancellable_cancel (connection->cancellable);
    }
  while (control->connections->len > 0)
    g_main_context_iteration (NULL, TRUE);
}

void
sim_control_free (SimControl *control)
{
  if (control == NULL)
    return;
  g_signal_handlers_disconnect_by_data (control->service, control);
  g_socket_service_stop (control->service);
  g_socket_listener_close (G_SOCKET_LISTENER (control->service));
  close_all (control);
  (void) g_unlink (control->path);
  g_object_unref (control->service);
  g_ptr_array_unref (control->connections);
  g_free (control->path);
  g_free (control);
}
