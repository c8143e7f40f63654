/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the service manager hears of the daemon (sd_notify(3)), played by a socket. */

#include "rig.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MESSAGE_SIZE 4096

/* STATUS lines come when they like, and are looked at by themselves. */
typedef struct
{
  GSocket *socket;
  GSource *source;
  GString *words;  /* all messages but those, a line each */
  char *status;    /* the last */
  guint n_watched; /* WATCHDOG=1, which are not among the words */
  const char *awaited;
} Manager;

static void
note (Manager *self, char *message)
{
  char *status = strstr (message, "STATUS=");
  char *time = strstr (message, "\nMONOTONIC_USEC=");

  if (strcmp (message, "WATCHDOG=1") == 0)
    {
      self->n_watched++;
      return;
    }
  if (status != NULL)
    {
      g_free (self->status);
      self->status = g_strdup (status + strlen ("STATUS="));
      if (status == message)
        return;
      status[-1] = '\0';
    }
  if (time != NULL)
    {
      assert_in_range (g_ascii_strtoull (strchr (time, '=') + 1, NULL, 10), 1,
                       g_get_monotonic_time ());
      time[0] = '\0';
    }
  g_string_append_printf (self->words, "%s\n", message);
}

static gboolean
on_message (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  char message[MESSAGE_SIZE];
  gssize size = g_socket_receive (socket, message, sizeof message - 1, NULL, NULL);

  assert_true (size > 0);
  message[size] = '\0';
  note (user_data, message);
  return G_SOURCE_CONTINUE;
}

static Manager *
manager_new (const char *path)
{
  Manager *self = g_new0 (Manager, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  self->socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_DEFAULT, NULL);
  assert_non_null (self->socket);
  assert_true (g_socket_bind (self->socket, address, FALSE, NULL));
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_message), self, NULL);
  g_source_attach (self->source, NULL);
  self->words = g_string_new (NULL);
  return self;
}

static void
manager_free (Manager *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_string_free (self->words, TRUE);
  g_free (self->status);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Manager, manager_free)

static gboolean
has_words (gpointer data)
{
  const Manager *self = data;

  return strlen (self->words->str) >= strlen (self->awaited);
}

static void
expect_words (Manager *self, const char *words)
{
  self->awaited = words;
  if (!rig_await_that (has_words, self))
    fail_msg ("'%s' instead of '%s'", self->words->str, words);
  assert_string_equal (self->words->str, words);
  g_string_truncate (self->words, 0);
}

static gboolean
has_status (gpointer data)
{
  const Manager *self = data;

  return g_strcmp0 (self->status, self->awaited) == 0;
}

static void
expect_status (Manager *self, const char *status)
{
  self->awaited = status;
  if (!rig_await_that (has_status, self))
    fail_msg ("'%s' instead of '%s'", self->status, status);
}

static gboolean
is_fed (gpointer data)
{
  return ((const Manager *) data)->n_watched >= 3;
}

static void
test_life_is_told_in_order (void **state)
{
  Rig *rig = *state;
  g_autofree char *path = g_build_filename (rig->directory, "notify", NULL);
  const char *const environment[] = { "NOTIFY_SOCKET", path, NULL };
  g_autoptr (Manager) manager = manager_new (path);

  rig->environment = environment;
  rig_start (rig);
  expect_words (manager, "READY=1\n");
  expect_status (manager, "serving 1 modem");
  rig_write_config (rig, "[agent]\nLogLevel=debug\n");
  rig_reload_agent (rig);
  expect_words (manager, "RELOADING=1\nREADY=1\n");
  rig_write_config (rig, "[agent]\nLogLevel=loud\n");
  rig_reload_agent (rig);
  expect_words (manager, "RELOADING=1\nREADY=1\n");
  assert_string_equal (manager->status, "serving 1 modem");
  rig_stop_agent (rig);

  expect_words (manager, "STOPPING=1\n");
}

static void
test_watchdog_is_fed (void **state)
{
  Rig *rig = *state;
  g_autofree char *path = g_build_filename (rig->directory, "notify", NULL);
  const char *const environment[] = { "NOTIFY_SOCKET", path, "WATCHDOG_USEC", "100000", NULL };
  g_autoptr (Manager) manager = manager_new (path);

  rig->environment = environment;
  rig_start_agent (rig, NULL);

  assert_true (rig_await_that (is_fed, manager));
  rig_stop_agent (rig);
}

static void
test_mistake_is_told_as_the_status (void **state)
{
  Rig *rig = *state;
  g_autofree char *path = g_build_filename (rig->directory, "notify", NULL);
  const char *const environment[] = { "NOTIFY_SOCKET", path, NULL };
  g_autoptr (Manager) manager = manager_new (path);
  g_autofree char *status = NULL;

  rig->environment = environment;
  rig_write_config (rig, "[agent]\nLogLevel=loud\n");
  status = g_strdup_printf ("%s:2: Key 'LogLevel': 'loud' is none of ", rig->config);
  rig_spawn_agent (rig, NULL);

  assert_true (g_subprocess_wait (rig->agent, NULL, NULL));
  g_clear_object (&rig->agent);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  rig_assert_has (manager->status, status);
  assert_string_equal (manager->words->str, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_life_is_told_in_order),
    RIG_TEST (test_watchdog_is_fed),
    RIG_TEST (test_mistake_is_told_as_the_status),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
