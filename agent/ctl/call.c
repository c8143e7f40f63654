/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* By name, since the generated functions have neither flags nor a time-out. */

#include "ctl/call.h"

#include <unistd.h>

#include "ctl/advice.h"
#include "ctl/password-agent.h"

/* Somebody looks for a password and types it. */
#define INTERACTIVE_TIMEOUT_MS (10 * 60 * 1000)

static gboolean
is_interactive (void)
{
  return isatty (STDIN_FILENO);
}

static GDBusCallFlags
get_flags (void)
{
  return is_interactive () ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
                           : G_DBUS_CALL_FLAGS_NONE;
}

/* -1: that of the bus */
static int
get_timeout_ms (void)
{
  return is_interactive () ? INTERACTIVE_TIMEOUT_MS : -1;
}

GVariant *
ea_call (GDBusProxy *proxy, const char *method, GVariant *arguments, GError **error)
{
  EaPasswordAgent *agent = ea_password_agent_start ();
  GVariant *result = g_dbus_proxy_call_sync (proxy, method, arguments, get_flags (),
                                             get_timeout_ms (), NULL, error);

  ea_password_agent_end (agent);
  if (result == NULL)
    ea_advice_add (method, error);
  return result;
}

void
ea_call_async (GDBusProxy *proxy, const char *method, GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_dbus_proxy_call (proxy, method, NULL, get_flags (), get_timeout_ms (), NULL, callback,
                     user_data);
}

GVariant *
ea_call_finish (GDBusProxy *proxy, const char *method, GAsyncResult *result, GError **error)
{
  GVariant *value = g_dbus_proxy_call_finish (proxy, result, error);

  if (value == NULL)
    ea_advice_add (method, error);
  return value;
}
