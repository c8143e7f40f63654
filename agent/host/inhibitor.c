/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The login manager's lock is a file descriptor: closing it is all that it takes to let go. */

#include "host/inhibitor.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#define NAME "org.freedesktop.login1"
#define PATH "/org/freedesktop/login1"
#define INTERFACE "org.freedesktop.login1.Manager"

#define WHAT "sleep"
#define WHO "euicc-agent"
#define MODE "block"

#define NO_LOCK (-1)

struct _EaInhibitor
{
  GObject parent_instance;

  GDBusConnection *connection;
  guint watch_id;
  guint n_holds;
  char *why;
  int fd;
  gboolean is_asking;
  gboolean has_failed;
};

static guint failed_signal;

G_DEFINE_FINAL_TYPE (EaInhibitor, ea_inhibitor, G_TYPE_OBJECT)

static void
let_go (EaInhibitor *self)
{
  if (self->fd != NO_LOCK)
    close (self->fd);
  self->fd = NO_LOCK;
}

/* Returns: a file descriptor, or NO_LOCK with @error. */
static int
take_answer (GDBusConnection *connection, GAsyncResult *result, GError **error)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_with_unix_fd_list_finish (connection, &fds, result, error);
  gint32 index;

  if (answer == NULL)
    return NO_LOCK;
  if (fds == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The answer has no lock");
      return NO_LOCK;
    }
  g_variant_get (answer, "(h)", &index);
  return g_unix_fd_list_get (fds, index, error);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaInhibitor) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_asking = FALSE;
  self->fd = take_answer (G_DBUS_CONNECTION (source), result, &error);
  if (self->n_holds == 0)
    {
      let_go (self);
      return;
    }
  if (self->fd != NO_LOCK)
    {
      self->has_failed = FALSE;
      return;
    }
  if (!self->has_failed)
    {
      self->has_failed = TRUE;
      g_dbus_error_strip_remote_error (error);
      g_signal_emit (self, failed_signal, 0, error);
    }
}

/* Without somebody who answers the bus says so. */
static void
ask (EaInhibitor *self)
{
  if (self->n_holds == 0 || self->fd != NO_LOCK || self->is_asking)
    return;

  self->is_asking = TRUE;
  g_dbus_connection_call_with_unix_fd_list (self->connection, NAME, PATH, INTERFACE, "Inhibit",
                                            g_variant_new ("(ssss)", WHAT, WHO, self->why, MODE),
                                            G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                            -1, NULL, NULL, on_answered, g_object_ref (self));
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  EaInhibitor *self = EA_INHIBITOR (user_data);

  self->has_failed = FALSE; /* it may have something else to say than the one before */
  ask (self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  EaInhibitor *self = EA_INHIBITOR (user_data);

  let_go (self);
}

void
ea_inhibitor_hold (EaInhibitor *self, const char *why)
{
  if (self->n_holds++ > 0)
    return;

  g_free (self->why);
  self->why = g_strdup (why);
  ask (self);
}

void
ea_inhibitor_release (EaInhibitor *self)
{
  g_return_if_fail (self->n_holds > 0);

  if (--self->n_holds == 0)
    let_go (self);
}

gboolean
ea_inhibitor_is_locked (EaInhibitor *self)
{
  return self->fd != NO_LOCK;
}

static void
ea_inhibitor_dispose (GObject *object)
{
  EaInhibitor *self = EA_INHIBITOR (object);

  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  self->watch_id = 0;
  let_go (self);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (ea_inhibitor_parent_class)->dispose (object);
}

static void
ea_inhibitor_finalize (GObject *object)
{
  g_free (EA_INHIBITOR (object)->why);
  G_OBJECT_CLASS (ea_inhibitor_parent_class)->finalize (object);
}

static void
ea_inhibitor_class_init (EaInhibitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_inhibitor_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_inhibitor_finalize;
  failed_signal = g_signal_new ("failed", EA_TYPE_INHIBITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ea_inhibitor_init (EaInhibitor *self)
{
  self->fd = NO_LOCK;
}

EaInhibitor *
ea_inhibitor_new (GDBusConnection *connection)
{
  EaInhibitor *self = g_object_new (EA_TYPE_INHIBITOR, NULL);

  self->connection = g_object_ref (connection);
  self->watch_id = g_bus_watch_name_on_connection (connection, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_appeared, on_vanished, self, NULL);
  return self;
}
