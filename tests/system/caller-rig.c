/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "caller-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define IS_SANITIZED TRUE
#endif
#elif defined __SANITIZE_ADDRESS__
#define IS_SANITIZED TRUE
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED FALSE
#endif

#define RESIDENT "VmRSS:"

GDBusConnection *
caller_connect (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (rig->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  if (connection == NULL)
    fail_msg ("%s", error->message);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

void
caller_disconnect (GDBusConnection *connection)
{
  (void) g_dbus_connection_close_sync (connection, NULL, NULL); /* the bus may have closed it */
  g_object_unref (connection);
}

GVariant *
caller_ask (GDBusConnection *connection, const char *path, const char *interface,
            const char *method, GVariant *parameters, char **name)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (connection, BUS_AGENT, path, interface, method, parameters,
                                     NULL, G_DBUS_CALL_FLAGS_NONE, BUS_DEADLINE_MS, NULL, &error);

  *name = NULL;
  if (reply != NULL)
    return reply;
  *name = g_dbus_error_get_remote_error (error);
  if (*name == NULL)
    fail_msg ("%s.%s was not answered: %s", interface, method, error->message);
  return NULL;
}

void
caller_expect_error (GDBusConnection *connection, const char *path, const char *interface,
                     const char *method, GVariant *parameters, const char *name)
{
  g_autofree char *actual = NULL;
  g_autoptr (GVariant) reply
      = caller_ask (connection, path, interface, method, parameters, &actual);

  if (g_strcmp0 (actual, name) != 0)
    fail_msg ("%s.%s at %s: %s, not %s", interface, method, path,
              reply != NULL ? "answered" : actual, name);
}

static guint64
get_memory_kib (Rig *rig)
{
  g_autofree char *path
      = g_strdup_printf ("/proc/%s/status", g_subprocess_get_identifier (rig->agent));
  g_autofree char *status = NULL;
  const char *resident;

  assert_true (g_file_get_contents (path, &status, NULL, NULL));
  resident = strstr (status, RESIDENT);
  assert_non_null (resident);
  return g_ascii_strtoull (resident + strlen (RESIDENT), NULL, 10);
}

void
caller_note_health (Rig *rig, AgentHealth *health)
{
  health->n_files = https_count_settled_files (rig);
  health->memory_kib = get_memory_kib (rig);
}

static void
expect_ready (Rig *rig)
{
  GDBusConnection *client = caller_connect (rig);
  g_autofree char *name = NULL;
  g_autoptr (GVariant) reply
      = caller_ask (client, BUS_EUICC, BUS_PROPERTIES_INTERFACE, "Get",
                    g_variant_new ("(ss)", BUS_EUICC_INTERFACE, "State"), &name);
  g_autoptr (GVariant) state = NULL;

  if (reply == NULL)
    fail_msg ("the agent does not tell its state: %s", name);
  g_variant_get (reply, "(v)", &state);
  assert_string_equal (g_variant_get_string (state, NULL), "ready");
  caller_disconnect (client);
}

/* The agent's own errors have this word, and failed assertions of libraries are told with it, too. */
static void
expect_clean_log (Rig *rig)
{
  g_autofree char *log = rig_read_log (rig);
  const char *fault = strstr (log, "\nerror: ");

  if (fault != NULL)
    fail_msg ("the agent logged: %.300s", fault + 1);
}

void
caller_expect_memory (Rig *rig, const AgentHealth *health, guint64 growth_kib)
{
  guint64 memory_kib = get_memory_kib (rig);

  print_message ("memory: %" G_GUINT64_FORMAT " KiB, then %" G_GUINT64_FORMAT " KiB\n",
                 health->memory_kib, memory_kib);
  if (!IS_SANITIZED && memory_kib > health->memory_kib + growth_kib)
    fail_msg ("the agent has %" G_GUINT64_FORMAT " KiB, and had %" G_GUINT64_FORMAT, memory_kib,
              health->memory_kib);
}

void
caller_expect_health (Rig *rig, const AgentHealth *health, guint64 growth_kib)
{
  expect_ready (rig);
  https_await_nothing_left (rig, health->n_files);
  caller_expect_memory (rig, health, growth_kib);
  expect_clean_log (rig);
}
