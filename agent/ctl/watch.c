/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* euiccctl monitor: property changes and signals as sentences, or as JSON objects, one a line. */

#include "ctl/watch.h"

#include <glib-unix.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  EaReportFormat format;
  gboolean is_agent_gone;
} Watch;

/* Properties whose change is no news of its own. */
static const char *const quiet[]
    = { "Counters", "LastActivity", "StateReason", "RoleReason", "PreviousIccid" };

static void
tell (Watch *watch, const char *subject, const char *event, const char *detail)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format_iso8601 (now);
  g_autoptr (JsonBuilder) builder = NULL;

  if (watch->format == EA_REPORT_TABLE)
    {
      g_autofree char *clock = g_date_time_format (now, "%H:%M:%S");

      g_print ("%s  %s  %s%s%s\n", clock, subject, event, detail[0] != '\0' ? ": " : "", detail);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, time);
  json_builder_set_member_name (builder, "subject");
  json_builder_add_string_value (builder, subject);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  json_builder_set_member_name (builder, "detail");
  json_builder_add_string_value (builder, detail);
  json_builder_end_object (builder);
  ea_report_print_json (json_builder_get_root (builder), EA_REPORT_JSON_SHORT);
}

/* "Euicc/0" */
static const char *
get_subject (GDBusProxy *proxy)
{
  const char *path = g_dbus_proxy_get_object_path (proxy);

  return g_str_has_prefix (path, EA_CLIENT_ROOT "/") ? path + strlen (EA_CLIENT_ROOT "/") : path;
}

static char *
format_value (GVariant *value)
{
  const char *name;
  const char *message;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_strdup (g_variant_get_string (value, NULL));
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("(ss)")))
    return g_variant_print (value, FALSE);
  g_variant_get (value, "(&s&s)", &name, &message);
  return g_strdup (message);
}

static void
tell_property (Watch *watch, GDBusProxy *proxy, const char *name, GVariant *value)
{
  g_autofree char *event
      = strcmp (name, "LastError") == 0 ? g_strdup ("error") : g_ascii_strdown (name, -1);
  g_autofree char *printed = NULL;
  const char *reason = "";

  if (g_strv_contains (quiet, name))
    return;
  if (strcmp (name, "State") == 0)
    reason = ea_dbus_euicc_get_state_reason (EA_DBUS_EUICC (proxy));
  else if (strcmp (name, "Role") == 0)
    reason = ea_dbus_euicc_get_role_reason (EA_DBUS_EUICC (proxy));
  printed = format_value (value);
  if (printed[0] == '\0')
    return; /* emptied with the modem that is gone */
  if (reason != NULL && reason[0] != '\0')
    {
      g_autofree char *with_reason = g_strdup_printf ("%s (%s)", printed, reason);

      tell (watch, get_subject (proxy), event, with_reason);
    }
  else
    tell (watch, get_subject (proxy), event, printed);
}

static void
on_properties_changed (GDBusObjectManagerClient *manager, GDBusObjectProxy *object,
                       GDBusProxy *proxy, GVariant *changed, const char *const *invalidated,
                       gpointer user_data)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    tell_property (user_data, proxy, name, value);
}

static void
on_signal (GDBusObjectManagerClient *manager, GDBusObjectProxy *object, GDBusProxy *proxy,
           const char *sender, const char *name, GVariant *parameters, gpointer user_data)
{
  const char *old_iccid;
  const char *new_iccid;
  const char *reason;
  g_autofree char *detail = NULL;

  if (strcmp (name, "ProfileChanged") != 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &old_iccid, &new_iccid, &reason);
  detail = g_strdup_printf ("%s to %s (%s)", old_iccid, new_iccid, reason);
  tell (user_data, get_subject (proxy), "profile changed", detail);
}

static void
on_object_added (GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
  tell (user_data, g_dbus_object_get_object_path (object), "appeared", "");
}

static void
on_owner_changed (GObject *manager, GParamSpec *pspec, gpointer user_data)
{
  Watch *watch = user_data;
  g_autofree char *owner
      = g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (manager));

  if (owner != NULL)
    return;
  watch->is_agent_gone = TRUE;
  g_main_loop_quit (watch->loop);
}

static gboolean
on_interrupt (gpointer user_data)
{
  Watch *watch = user_data;

  g_main_loop_quit (watch->loop);
  return G_SOURCE_CONTINUE;
}

gboolean
ea_watch_run (EaClient *client, EaReportFormat format)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Watch watch = { .loop = loop, .format = format };
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, &watch);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, &watch);

  g_signal_connect (client->objects, "interface-proxy-properties-changed",
                    G_CALLBACK (on_properties_changed), &watch);
  g_signal_connect (client->objects, "interface-proxy-signal", G_CALLBACK (on_signal), &watch);
  g_signal_connect (client->objects, "object-added", G_CALLBACK (on_object_added), &watch);
  g_signal_connect (client->objects, "notify::name-owner", G_CALLBACK (on_owner_changed), &watch);
  tell (&watch, "agent", ea_dbus_manager_get_state (client->manager),
        ea_dbus_manager_get_state_reason (client->manager));
  g_main_loop_run (loop);

  g_signal_handlers_disconnect_by_data (client->objects, &watch);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return !watch.is_agent_gone;
}
