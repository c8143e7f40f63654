/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pseudo terminal of a modem. One slave descriptor stays open here: without it the master reads
 * an I/O error as soon as the last client closes. The terminal is raw, because libqmi sets nothing.
 */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "qmux.h"

#define PORT_READ_SIZE 4096
#define PORT_QUEUE_LIMIT (1024 * 1024)

typedef struct
{
  GBytes *bytes;
  gint64 due_us;
} PortFrame;

struct _SimPort
{
  char *link;
  SimPortFunc func;
  gpointer user_data;
  int master;
  int slave;
  SimQmuxStream input;
  GQueue *output; /* of PortFrame */
  gsize n_queued;
  gsize n_written; /* of the frame at the head */
  guint read_source;
  guint write_source;
  guint delay_source;
};

static void schedule_output (SimPort *port);

static void
port_frame_free (PortFrame *frame)
{
  g_bytes_unref (frame->bytes);
  g_free (frame);
}

static void
drop_head (SimPort *port)
{
  PortFrame *frame = g_queue_pop_head (port->output);

  port->n_queued -= g_bytes_get_size (frame->bytes);
  port->n_written = 0;
  port_frame_free (frame);
}

SimPort *
sim_port_new (const char *link, SimPortFunc func, gpointer user_data)
{
  SimPort *port = g_new0 (SimPort, 1);

  port->link = g_strdup (link);
  port->func = func;
  port->user_data = user_data;
  port->master = -1;
  port->slave = -1;
  port->output = g_queue_new ();
  sim_qmux_stream_init (&port->input);
  return port;
}

void
sim_port_free (SimPort *port)
{
  if (port == NULL)
    return;
  sim_port_unplug (port);
  sim_qmux_stream_clear (&port->input);
  g_queue_free (port->output);
  g_free (port->link);
  g_free (port);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  SimPort *port = user_data;
  guint8 buffer[PORT_READ_SIZE];
  gssize n_read = read (fd, buffer, sizeof buffer);

  if (n_read <= 0)
    {
      if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
      port->read_source = 0;
      return G_SOURCE_REMOVE;
    }
  sim_qmux_stream_push (&port->input, ea_span_init (buffer, (gsize) n_read));
  for (;;)
    {
      g_autoptr (GBytes) frame = sim_qmux_stream_pull (&port->input);

      if (frame == NULL)
        return G_SOURCE_CONTINUE;
      port->func (ea_span_from_bytes (frame), port->user_data);
    }
}

/* Writes the rest of the frame at the head. FALSE: the terminal takes no more now. */
static gboolean
write_head (SimPort *port, const PortFrame *frame)
{
  EaReader reader;
  EaSpan rest;
  gssize n_written;

  ea_reader_init (&reader, ea_span_from_bytes (frame->bytes));
  (void) ea_reader_bytes (&reader, port->n_written);
  rest = ea_reader_rest (&reader);
  n_written = write (port->master, rest.data, rest.size);
  if (n_written < 0)
    {
      if (errno == EAGAIN || errno == EINTR)
        return FALSE;
      drop_head (port); /* nobody will ever read it */
      return TRUE;
    }
  port->n_written += (gsize) n_written;
  if ((gsize) n_written == rest.size)
    drop_head (port);
  return TRUE;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  SimPort *port = user_data;

  port->write_source = 0;
  schedule_output (port);
  return G_SOURCE_REMOVE;
}

static gboolean
on_due (gpointer user_data)
{
  SimPort *port = user_data;

  port->delay_source = 0;
  schedule_output (port);
  return G_SOURCE_REMOVE;
}

static void
schedule_output (SimPort *port)
{
  PortFrame *frame;

  if (port->write_source != 0 || port->delay_source != 0)
    return;
  while ((frame = g_queue_peek_head (port->output)) != NULL)
    {
      gint64 wait_us = frame->due_us - g_get_monotonic_time ();

      if (wait_us > 0)
        {
          port->delay_source = g_timeout_add ((guint) (wait_us / 1000 + 1), on_due, port);
          return;
        }
      if (!write_head (port, frame))
        {
          port->write_source = g_unix_fd_add (port->master, G_IO_OUT, on_writable, port);
          return;
        }
    }
}

static int
open_slave (int master)
{
  struct termios settings;
  const char *name;
  int slave;

  if (grantpt (master) < 0 || unlockpt (master) < 0 || (name = ptsname (master)) == NULL)
    return -1;
  slave = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0)
    return -1;
  if (tcgetattr (slave, &settings) < 0)
    {
      close (slave);
      return -1;
    }
  cfmakeraw (&settings);
  if (tcsetattr (slave, TCSANOW, &settings) == 0)
    return slave;
  close (slave);
  return -1;
}

void
sim_port_rename (SimPort *port, const char *link)
{
  g_return_if_fail (port->master < 0);
  g_free (port->link);
  port->link = g_strdup (link);
}

gboolean
sim_port_is_plugged (const SimPort *port)
{
  return port->master >= 0;
}

gboolean
sim_port_plug (SimPort *port, GError **error)
{
  const char *name;

  g_return_val_if_fail (port->master < 0, FALSE);
  (void) g_unlink (port->link); /* of a simulator that was killed */
  port->master = posix_openpt (O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  port->slave = port->master < 0 ? -1 : open_slave (port->master);
  name = port->slave < 0 ? NULL : ptsname (port->master);
  if (name == NULL || symlink (name, port->link) < 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (saved_errno),
                   "Cannot make the modem port '%s': %s", port->link, g_strerror (saved_errno));
      sim_port_unplug (port);
      return FALSE;
    }
  port->read_source = g_unix_fd_add (port->master, G_IO_IN | G_IO_HUP, on_readable, port);
  return TRUE;
}

void
sim_port_unplug (SimPort *port)
{
  g_clear_handle_id (&port->read_source, g_source_remove);
  g_clear_handle_id (&port->write_source, g_source_remove);
  g_clear_handle_id (&port->delay_source, g_source_remove);
  while (!g_queue_is_empty (port->output))
    drop_head (port);
  sim_qmux_stream_clear (&port->input);
  sim_qmux_stream_init (&port->input);
  if (port->master < 0)
    return;
  (void) g_unlink (port->link);
  if (port->slave >= 0)
    close (port->slave);
  close (port->master);
  port->slave = -1;
  port->master = -1;
}

void
sim_port_send (SimPort *port, GBytes *frame, guint delay_ms)
{
  PortFrame *entry;

  if (port->slave < 0 || port->n_queued > PORT_QUEUE_LIMIT)
    return;
  entry = g_new0 (PortFrame, 1);
  entry->bytes = g_bytes_ref (frame);
  entry->due_us = g_get_monotonic_time () + delay_ms * (gint64) 1000;
  port->n_queued += g_bytes_get_size (frame);
  g_queue_push_tail (port->output, entry);
  schedule_output (port);
}
