/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-login-manager.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <poll.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

#define PATH "/org/freedesktop/login1"

/* As in org.freedesktop.login1(5). */
static const char interface_xml[] = "<node><interface name='org.freedesktop.login1.Manager'>"
                                    "<method name='Inhibit'>"
                                    "<arg type='s' name='what' direction='in'/>"
                                    "<arg type='s' name='who' direction='in'/>"
                                    "<arg type='s' name='why' direction='in'/>"
                                    "<arg type='s' name='mode' direction='in'/>"
                                    "<arg type='h' name='pipe_fd' direction='out'/>"
                                    "</method></interface></node>";

static gboolean
on_let_go (gint fd, GIOCondition condition, gpointer user_data)
{
  ((FakeLoginManager *) user_data)->n_let_go++;
  return G_SOURCE_REMOVE;
}

/* Gives the other end of a pipe away. */
static void
answer (FakeLoginManager *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  int ends[2];

  if (self->is_refused)
    {
      g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                             "No");
      return;
    }
  assert_return_code (pipe2 (ends, O_CLOEXEC), errno);
  g_array_append_val (self->locks, ends[0]);
  g_unix_fd_add (ends[0], G_IO_HUP, on_let_go, self);
  assert_int_equal (g_unix_fd_list_append (fds, ends[1], NULL), 0);
  close (ends[1]);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           fds);
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  FakeLoginManager *self = user_data;
  g_autofree char *text = g_variant_print (parameters, FALSE);
  g_autofree char *expected
      = g_strdup_printf ("('sleep', 'euicc-agent', '%s', 'block')", self->why);

  assert_string_equal (text, expected);
  self->n_asked++;
  if (self->is_held)
    self->held = invocation;
  else
    answer (self, invocation);
}

void
fake_login_manager_answer (FakeLoginManager *self)
{
  answer (self, g_steal_pointer (&self->held));
}

static void
on_named (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((FakeLoginManager *) user_data)->is_named = TRUE;
}

void
fake_login_manager_start (FakeLoginManager *self)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interface_xml, NULL);

  self->object = g_dbus_connection_register_object (self->connection, PATH, node->interfaces[0],
                                                    &vtable, self, NULL, NULL);
  self->is_named = FALSE;
  self->name
      = g_bus_own_name_on_connection (self->connection, FAKE_LOGIN_MANAGER_NAME,
                                      G_BUS_NAME_OWNER_FLAGS_NONE, on_named, NULL, self, NULL);
  WAIT_FOR (self->is_named);
}

void
fake_login_manager_stop (FakeLoginManager *self)
{
  g_clear_handle_id (&self->name, g_bus_unown_name);
  if (self->object != 0)
    g_dbus_connection_unregister_object (self->connection, self->object);
  self->object = 0;
}

gboolean
fake_login_manager_is_kept (FakeLoginManager *self, guint i)
{
  struct pollfd end = { .fd = g_array_index (self->locks, int, i) };

  assert_return_code (poll (&end, 1, 0), errno);
  return (end.revents & POLLHUP) == 0;
}

FakeLoginManager *
fake_login_manager_new (GDBusConnection *connection, const char *why)
{
  FakeLoginManager *self = g_new0 (FakeLoginManager, 1);

  self->connection = g_object_ref (connection);
  self->why = why;
  self->locks = g_array_new (FALSE, FALSE, sizeof (int));
  return self;
}

/* All locks have been let go, or nobody looks after them any more. */
void
fake_login_manager_free (FakeLoginManager *self)
{
  fake_login_manager_stop (self);
  for (guint i = 0; i < self->locks->len; i++)
    close (g_array_index (self->locks, int, i));
  g_array_unref (self->locks);
  g_object_unref (self->connection);
  g_free (self);
}
