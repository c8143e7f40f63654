/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* euiccctl monitor: property changes and signals as sentences, or as JSON objects, one a line. */

#include "ctl/watch.h"

#include <glib-unix.h>
#include <string.h>

typedef struct
{
  EaClient *client;
  GMainLoop *loop;
  EaReportFormat format;
  gboolean is_agent_gone;
} Watch;

/* @error: (nullable): (ss), when it is about one */
typedef struct
{
  const char *event;
  const char *detail;
  GVariant *error;
} News;

/* Properties whose change is no news of its own. */
static const char *const quiet[]
    = { "Counters",     "LastActivity",  "StateReason",   "RoleReason", "PreviousIccid",
        "SwitchReason", "IntendedIccid", "BytesReceived", "BytesSent",  "Apdus",
        "Scripts",      "Attempt",       "NextAttempt",   "EndedAt",    NULL };

/* "Euicc/0"; @about: (nullable): else the agent */
static const char *
get_subject (GDBusProxy *about)
{
  return about != NULL ? ea_client_shorten_path (g_dbus_proxy_get_object_path (about)) : "agent";
}

static void
add_subject (JsonBuilder *builder, EaClient *client, GDBusProxy *about)
{
  ea_report_add_string (builder, "subject", get_subject (about));
  if (EA_DBUS_IS_EUICC (about))
    ea_report_add_euicc_identity (builder, EA_DBUS_EUICC (about));
  else if (EA_DBUS_IS_CHANNEL (about))
    ea_report_add_channel_identity (builder, client, EA_DBUS_CHANNEL (about));
  else if (EA_DBUS_IS_SESSION (about))
    ea_report_add_session_identity (builder, client, EA_DBUS_SESSION (about));
}

static void
tell_program (Watch *watch, GDBusProxy *about, const News *news)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ea_report_add_time (builder, "time", (guint64) g_get_real_time ());
  add_subject (builder, watch->client, about);
  ea_report_add_string (builder, "event", news->event);
  ea_report_add_string (builder, "detail", news->detail);
  if (news->error != NULL)
    ea_report_add_error (builder, "error", news->error);
  json_builder_end_object (builder);
  ea_report_print_json (json_builder_get_root (builder), EA_REPORT_JSON_SHORT);
}

/* @about: (nullable): an eUICC, a channel or a session, else it is about the agent */
static void
tell (Watch *watch, GDBusProxy *about, const News *news)
{
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *clock = NULL;

  if (watch->format != EA_REPORT_TABLE)
    {
      tell_program (watch, about, news);
      return;
    }
  now = g_date_time_new_now_local ();
  clock = g_date_time_format (now, "%H:%M:%S");
  g_print ("%s  %s  %s%s%s\n", clock, get_subject (about), news->event,
           news->detail[0] != '\0' ? ": " : "", news->detail);
}

static char *
format_value (GVariant *value)
{
  const char *name;
  const char *message;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_strdup (g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **words = g_variant_get_strv (value, NULL);

      return g_strjoinv (", ", (char **) words);
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return ea_report_format_hex (value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("(ss)")))
    return g_variant_print (value, FALSE);
  g_variant_get (value, "(&s&s)", &name, &message);
  return g_strdup (message);
}

static const char *
get_reason (GDBusProxy *proxy, const char *property)
{
  if (!EA_DBUS_IS_EUICC (proxy))
    return "";
  if (strcmp (property, "State") == 0)
    return ea_dbus_euicc_get_state_reason (EA_DBUS_EUICC (proxy));
  return strcmp (property, "Role") == 0 ? ea_dbus_euicc_get_role_reason (EA_DBUS_EUICC (proxy))
                                        : "";
}

static void
tell_end_of_session (Watch *watch, EaDbusSession *session)
{
  g_autofree char *progress = ea_report_describe_progress (session);
  g_autofree char *detail
      = g_strdup_printf ("%s, %s", ea_dbus_session_get_result (session), progress);

  tell (watch, G_DBUS_PROXY (session), &(News){ .event = "ended", .detail = detail });
}

static void
tell_property (Watch *watch, GDBusProxy *proxy, const char *name, GVariant *value)
{
  g_autofree char *event
      = strcmp (name, "LastError") == 0 ? g_strdup ("error") : g_ascii_strdown (name, -1);
  g_autofree char *printed = NULL;
  g_autofree char *with_reason = NULL;
  const char *reason = get_reason (proxy, name);
  News news = { .event = event };

  if (g_strv_contains (quiet, name))
    return;
  if (EA_DBUS_IS_SESSION (proxy) && strcmp (name, "Result") == 0)
    {
      tell_end_of_session (watch, EA_DBUS_SESSION (proxy));
      return;
    }
  printed = format_value (value);
  if (printed[0] == '\0')
    return; /* emptied with the modem or the link that is gone */
  if (!EA_DBUS_IS_EUICC (proxy) && strcmp (printed, "closed") == 0)
    return; /* told with the channel's object, or with the session's result */
  if (reason != NULL && reason[0] != '\0')
    with_reason = g_strdup_printf ("%s (%s)", printed, reason);
  news.detail = with_reason != NULL ? with_reason : printed;
  news.error = g_variant_is_of_type (value, G_VARIANT_TYPE ("(ss)")) ? value : NULL;
  tell (watch, proxy, &news);
}

/* What is wrong with a modem that is ready, or that nothing is any more. */
static void
tell_new_reason (Watch *watch, EaDbusEuicc *euicc)
{
  g_autoptr (GVariant) state
      = g_variant_ref_sink (g_variant_new_string (ea_dbus_euicc_get_state (euicc)));

  tell_property (watch, G_DBUS_PROXY (euicc), "State", state);
}

static gboolean
has_property (GVariant *changed, const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (changed, name, NULL);

  return value != NULL;
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
  if (EA_DBUS_IS_EUICC (proxy) && has_property (changed, "StateReason")
      && !has_property (changed, "State"))
    tell_new_reason (user_data, EA_DBUS_EUICC (proxy));
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
  tell (user_data, proxy, &(News){ .event = "profile changed", .detail = detail });
}

/* (transfer full): what tells a channel from others */
static char *
describe_channel (EaDbusChannel *channel)
{
  g_autofree char *what = ea_report_describe_channel (channel);

  return g_strdup_printf ("channel %u of %s, %s", ea_dbus_channel_get_number (channel),
                          ea_client_shorten_path (ea_dbus_channel_get_euicc (channel)), what);
}

static void
on_object_added (GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
  g_autoptr (EaDbusEuicc) euicc = ea_dbus_object_get_euicc (EA_DBUS_OBJECT (object));
  g_autoptr (EaDbusChannel) channel = ea_dbus_object_get_channel (EA_DBUS_OBJECT (object));
  g_autoptr (EaDbusSession) session = ea_dbus_object_get_session (EA_DBUS_OBJECT (object));
  g_autofree char *detail = channel != NULL   ? describe_channel (channel)
                            : session != NULL ? ea_report_describe_session (session)
                                              : NULL;

  if (euicc != NULL)
    tell (user_data, G_DBUS_PROXY (euicc), &(News){ .event = "appeared", .detail = "" });
  if (channel != NULL)
    tell (user_data, G_DBUS_PROXY (channel), &(News){ .event = "opened", .detail = detail });
  if (session != NULL)
    tell (user_data, G_DBUS_PROXY (session), &(News){ .event = "opened", .detail = detail });
}

static void
on_object_removed (GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
  g_autoptr (EaDbusChannel) channel = ea_dbus_object_get_channel (EA_DBUS_OBJECT (object));
  g_autofree char *counts = NULL;

  if (channel == NULL)
    return; /* the agent ends, and that is told */
  counts = ea_report_describe_counts (channel);
  tell (user_data, G_DBUS_PROXY (channel), &(News){ .event = "closed", .detail = counts });
}

static void
tell_present_euicc (Watch *watch, EaDbusEuicc *euicc)
{
  const char *eid = ea_dbus_euicc_get_eid (euicc);
  g_autofree char *detail
      = g_strdup_printf ("%s%s%s (%s)", eid, eid[0] != '\0' ? ", " : "",
                         ea_dbus_euicc_get_state (euicc), ea_dbus_euicc_get_state_reason (euicc));

  tell (watch, G_DBUS_PROXY (euicc), &(News){ .event = "present", .detail = detail });
}

static void
tell_present_channel (Watch *watch, EaDbusChannel *channel)
{
  g_autofree char *what = describe_channel (channel);
  g_autofree char *detail = g_strdup_printf ("%s, %s", what, ea_dbus_channel_get_state (channel));

  tell (watch, G_DBUS_PROXY (channel), &(News){ .event = "present", .detail = detail });
}

static void
tell_present_session (Watch *watch, EaDbusSession *session)
{
  g_autofree char *what = ea_report_describe_session (session);
  g_autofree char *state = ea_report_describe_session_state (session);
  g_autofree char *detail = NULL;
  const char *sentence;

  g_variant_get (ea_dbus_session_get_error (session), "(&s&s)", NULL, &sentence);
  detail = g_strdup_printf ("%s, %s%s%s", what, state, sentence[0] != '\0' ? ": " : "", sentence);
  tell (watch, G_DBUS_PROXY (session), &(News){ .event = "present", .detail = detail });
}

/* How things are before something happens */
static void
tell_present (Watch *watch)
{
  EaClient *client = watch->client;
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, NULL);
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, NULL);

  tell (watch, NULL,
        &(News){ .event = ea_dbus_manager_get_state (client->manager),
                 .detail = ea_dbus_manager_get_state_reason (client->manager) });
  for (guint i = 0; i < euiccs->len; i++)
    tell_present_euicc (watch, g_ptr_array_index (euiccs, i));
  for (guint i = 0; i < channels->len; i++)
    tell_present_channel (watch, g_ptr_array_index (channels, i));
  for (guint i = 0; i < sessions->len; i++)
    if (!ea_report_is_session_over (g_ptr_array_index (sessions, i)))
      tell_present_session (watch, g_ptr_array_index (sessions, i));
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
  Watch watch = { .client = client, .loop = loop, .format = format };
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, &watch);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, &watch);

  g_signal_connect (client->objects, "interface-proxy-properties-changed",
                    G_CALLBACK (on_properties_changed), &watch);
  g_signal_connect (client->objects, "interface-proxy-signal", G_CALLBACK (on_signal), &watch);
  g_signal_connect (client->objects, "object-added", G_CALLBACK (on_object_added), &watch);
  g_signal_connect (client->objects, "object-removed", G_CALLBACK (on_object_removed), &watch);
  g_signal_connect (client->objects, "notify::name-owner", G_CALLBACK (on_owner_changed), &watch);
  tell_present (&watch);
  g_main_loop_run (loop);

  g_signal_handlers_disconnect_by_data (client->objects, &watch);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return !watch.is_agent_gone;
}
