/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* euiccctl monitor: property changes and signals as sentences, or as JSON objects, one a line. */

#include "ctl/watch.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "ctl/story.h"
#include "ctl/watch-private.h"

/* What is wrong with a modem that is ready, or that nothing is any more. */
static void
tell_new_reason (EaWatch *watch, EaDbusEuicc *euicc)
{
  g_autoptr (GVariant) state
      = g_variant_ref_sink (g_variant_new_string (ea_dbus_euicc_get_state (euicc)));

  ea_watch_tell_property (watch, G_DBUS_PROXY (euicc), "State", state);
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
    ea_watch_tell_property (user_data, proxy, name, value);
  if (EA_DBUS_IS_EUICC (proxy) && has_property (changed, "StateReason")
      && !has_property (changed, "State"))
    tell_new_reason (user_data, EA_DBUS_EUICC (proxy));
  if (!EA_DBUS_IS_EUICC (proxy)
      && (has_property (changed, "BytesReceived") || has_property (changed, "BytesSent")))
    ea_watch_tell_progress (user_data, proxy);
}

static void
on_signal (GDBusObjectManagerClient *manager, GDBusObjectProxy *object, GDBusProxy *proxy,
           const char *sender, const char *name, GVariant *parameters, gpointer user_data)
{
  const char *old_iccid;
  const char *new_iccid;
  const char *reason;
  EaWatch *watch = user_data;
  g_autofree char *detail = NULL;
  g_autofree char *sentence = NULL;

  if (strcmp (name, "ProfileChanged") != 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &old_iccid, &new_iccid, &reason);
  detail = g_strdup_printf ("%s to %s (%s)", old_iccid, new_iccid, reason);
  sentence = ea_story_tell_switch (old_iccid, new_iccid, reason);
  ea_watch_note_value (watch, proxy, "Iccid", new_iccid);
  ea_watch_tell (watch, proxy,
                 &(EaNews){ .event = "profile changed", .detail = detail, .sentence = sentence });
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
tell_new (EaWatch *watch, GDBusProxy *proxy, const char *event, const char *detail)
{
  g_autofree char *sentence = ea_story_tell_new (proxy);

  ea_watch_note_progress (watch, proxy);
  ea_watch_tell (
      watch, proxy,
      &(EaNews){ .event = event, .detail = detail != NULL ? detail : "", .sentence = sentence });
}

/* Those of an agent that has come back are told when all of it is there. */
static void
on_object_added (GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
  EaWatch *watch = user_data;
  g_autoptr (EaDbusEuicc) euicc = ea_dbus_object_get_euicc (EA_DBUS_OBJECT (object));
  g_autoptr (EaDbusChannel) channel = ea_dbus_object_get_channel (EA_DBUS_OBJECT (object));
  g_autoptr (EaDbusSession) session = ea_dbus_object_get_session (EA_DBUS_OBJECT (object));
  g_autofree char *detail = channel != NULL   ? describe_channel (channel)
                            : session != NULL ? ea_report_describe_session (session)
                                              : NULL;

  if (!watch->is_agent_here)
    return;
  if (euicc != NULL)
    tell_new (watch, G_DBUS_PROXY (euicc), "appeared", detail);
  if (channel != NULL)
    tell_new (watch, G_DBUS_PROXY (channel), "opened", detail);
  if (session != NULL)
    tell_new (watch, G_DBUS_PROXY (session), "opened", detail);
}

static void
on_object_removed (GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
  EaWatch *watch = user_data;
  g_autoptr (EaDbusChannel) channel = ea_dbus_object_get_channel (EA_DBUS_OBJECT (object));
  g_autofree char *counts = NULL;
  g_autofree char *sentence = NULL;

  g_hash_table_remove (watch->told_at_us, g_dbus_object_get_object_path (object));
  if (channel == NULL || !watch->is_agent_here)
    return; /* a session has told its end; the agent's end is told */
  counts = ea_report_describe_counts (channel);
  sentence = ea_story_tell_end (G_DBUS_PROXY (channel));
  ea_watch_tell (watch, G_DBUS_PROXY (channel),
                 &(EaNews){ .event = "closed", .detail = counts, .sentence = sentence });
}

static void
tell_there (EaWatch *watch, GDBusProxy *proxy, const char *detail)
{
  g_autofree char *sentence = ea_story_tell_present (proxy);

  ea_watch_note_progress (watch, proxy);
  ea_watch_tell (watch, proxy,
                 &(EaNews){ .event = "present",
                            .detail = detail,
                            .sentence = sentence,
                            .mood = ea_story_get_mood (proxy, "State") });
}

static void
tell_present_euicc (EaWatch *watch, EaDbusEuicc *euicc)
{
  const char *eid = ea_dbus_euicc_get_eid (euicc);
  g_autofree char *detail
      = g_strdup_printf ("%s%s%s (%s)", eid, eid[0] != '\0' ? ", " : "",
                         ea_dbus_euicc_get_state (euicc), ea_dbus_euicc_get_state_reason (euicc));

  tell_there (watch, G_DBUS_PROXY (euicc), detail);
}

static void
tell_present_channel (EaWatch *watch, EaDbusChannel *channel)
{
  g_autofree char *what = describe_channel (channel);
  g_autofree char *detail = g_strdup_printf ("%s, %s", what, ea_dbus_channel_get_state (channel));

  tell_there (watch, G_DBUS_PROXY (channel), detail);
}

static void
tell_present_session (EaWatch *watch, EaDbusSession *session)
{
  g_autofree char *what = ea_report_describe_session (session);
  g_autofree char *state = ea_report_describe_session_state (session);
  g_autofree char *detail = NULL;
  const char *sentence;

  g_variant_get (ea_dbus_session_get_error (session), "(&s&s)", NULL, &sentence);
  detail = g_strdup_printf ("%s, %s%s%s", what, state, sentence[0] != '\0' ? ": " : "", sentence);
  tell_there (watch, G_DBUS_PROXY (session), detail);
}

/* When it comes back its properties come one by one, and some of them twice. */
static void
tell_agent (EaWatch *watch)
{
  const char *state = ea_dbus_manager_get_state (watch->client->manager);
  const char *reason = ea_dbus_manager_get_state_reason (watch->client->manager);
  g_autofree char *sentence = g_strdup_printf ("%s: %s", state, reason);

  if (g_strcmp0 (watch->told_state, sentence) == 0)
    return;
  g_free (watch->told_state);
  watch->told_state = g_strdup (sentence);
  ea_watch_tell (
      watch, NULL,
      &(EaNews){ .event = state, .detail = reason, .sentence = sentence, .mood = state });
}

/* How things are before something happens */
static void
tell_present (EaWatch *watch)
{
  EaClient *client = watch->client;
  g_autoptr (GPtrArray) euiccs = ea_client_get_euiccs (client);
  g_autoptr (GPtrArray) channels = ea_client_get_channels (client, NULL);
  g_autoptr (GPtrArray) sessions = ea_client_get_sessions (client, NULL);

  tell_agent (watch);
  for (guint i = 0; i < euiccs->len; i++)
    tell_present_euicc (watch, g_ptr_array_index (euiccs, i));
  for (guint i = 0; i < channels->len; i++)
    tell_present_channel (watch, g_ptr_array_index (channels, i));
  for (guint i = 0; i < sessions->len; i++)
    if (!ea_report_is_session_over (g_ptr_array_index (sessions, i)))
      tell_present_session (watch, g_ptr_array_index (sessions, i));
}

static void
tell_absence (EaWatch *watch, const char *event)
{
  static const char *const remedy = "waiting for it; 'systemctl start euicc-agent' starts it, "
                                    "'journalctl -u euicc-agent' tells "
                                    "why it ended";
  g_autofree char *sentence = g_strdup_printf (
      "%s: %s", strcmp (event, "ended") == 0 ? "has ended" : "is not running", remedy);

  g_clear_pointer (&watch->told_state, g_free);
  ea_watch_tell (
      watch, NULL,
      &(EaNews){ .event = event, .detail = remedy, .sentence = sentence, .mood = "failed" });
}

/* The agent comes and goes; whoever watches stays. By then the manager's properties are there, and all objects. */
static void
on_owner_changed (GObject *manager, GParamSpec *pspec, gpointer user_data)
{
  EaWatch *watch = user_data;
  gboolean was_here = watch->is_agent_here;

  watch->is_agent_here = ea_client_has_agent (watch->client);
  if (watch->is_agent_here && !was_here)
    tell_present (watch);
  else if (!watch->is_agent_here && was_here)
    tell_absence (watch, "ended");
}

static void
on_manager_changed (GDBusProxy *manager, GVariant *changed, const char *const *invalidated,
                    gpointer user_data)
{
  EaWatch *watch = user_data;

  if (watch->is_agent_here
      && (has_property (changed, "State") || has_property (changed, "StateReason")))
    tell_agent (watch);
}

static void
on_closed (GDBusConnection *connection, gboolean is_remote, GError *error, gpointer user_data)
{
  EaWatch *watch = user_data;

  watch->is_bus_gone = TRUE;
  g_main_loop_quit (watch->loop);
}

static gboolean
on_interrupt (gpointer user_data)
{
  EaWatch *watch = user_data;

  g_main_loop_quit (watch->loop);
  return G_SOURCE_CONTINUE;
}

static void
connect_signals (EaWatch *watch)
{
  EaClient *client = watch->client;

  g_signal_connect (client->objects, "interface-proxy-properties-changed",
                    G_CALLBACK (on_properties_changed), watch);
  g_signal_connect (client->objects, "interface-proxy-signal", G_CALLBACK (on_signal), watch);
  g_signal_connect (client->objects, "object-added", G_CALLBACK (on_object_added), watch);
  g_signal_connect (client->objects, "object-removed", G_CALLBACK (on_object_removed), watch);
  g_signal_connect (client->manager, "notify::g-name-owner", G_CALLBACK (on_owner_changed), watch);
  g_signal_connect (client->manager, "g-properties-changed", G_CALLBACK (on_manager_changed),
                    watch);
  g_signal_connect (client->connection, "closed", G_CALLBACK (on_closed), watch);
}

gboolean
ea_watch_run (EaClient *client, EaReportFormat format)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GHashTable) told_at_us
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) told_values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  EaWatch watch = { .client = client,
                    .loop = loop,
                    .format = format,
                    .told_at_us = told_at_us,
                    .told_values = told_values };
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, &watch);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, &watch);

  /* Sockets of GIO have switched it off; 'monitor | head' has to end. */
  (void) signal (SIGPIPE, SIG_DFL);
  connect_signals (&watch);
  watch.is_agent_here = ea_client_has_agent (client);
  if (watch.is_agent_here)
    tell_present (&watch);
  else
    tell_absence (&watch, "absent");
  g_main_loop_run (loop);

  g_signal_handlers_disconnect_by_data (client->objects, &watch);
  g_signal_handlers_disconnect_by_data (client->manager, &watch);
  g_signal_handlers_disconnect_by_data (client->connection, &watch);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_free (watch.told_error);
  g_free (watch.told_state);
  return !watch.is_bus_gone;
}
