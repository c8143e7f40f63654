/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which changes of properties are news, and to whom. */

#include <string.h>

#include "ctl/story.h"
#include "ctl/watch-private.h"

/* Bytes of a session or a channel are told no more often than this. */
#define PROGRESS_INTERVAL_US (10 * G_USEC_PER_SEC)

/* Properties whose change is no news of its own. */
static const char *const quiet[]
    = { "Counters",     "LastActivity",  "StateReason",   "RoleReason", "PreviousIccid",
        "SwitchReason", "IntendedIccid", "BytesReceived", "BytesSent",  "Apdus",
        "Scripts",      "Attempt",       "NextAttempt",   "EndedAt",    NULL };

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
tell_end_of_session (EaWatch *watch, EaDbusSession *session)
{
  g_autofree char *progress = ea_report_describe_progress (session);
  g_autofree char *detail
      = g_strdup_printf ("%s, %s", ea_dbus_session_get_result (session), progress);
  g_autofree char *sentence = ea_story_tell_end (G_DBUS_PROXY (session));

  ea_watch_tell (watch, G_DBUS_PROXY (session),
                 &(EaNews){ .event = "ended",
                            .detail = detail,
                            .sentence = sentence,
                            .mood = ea_dbus_session_get_result (session) });
}

static char *
get_key (GDBusProxy *proxy, const char *name)
{
  return g_strconcat (g_dbus_proxy_get_object_path (proxy), " ", name, NULL);
}

void
ea_watch_note_value (EaWatch *watch, GDBusProxy *proxy, const char *name, const char *value)
{
  g_hash_table_insert (watch->told_values, get_key (proxy, name), g_strdup (value));
}

/* What a modem or a card takes away with it and brings back is no news; a state is, each time. */
static gboolean
is_told (EaWatch *watch, GDBusProxy *proxy, const char *name, const char *value)
{
  g_autofree char *key = get_key (proxy, name);

  if (!EA_DBUS_IS_EUICC (proxy) || strcmp (name, "State") == 0 || strcmp (name, "LastError") == 0)
    return FALSE;
  if (g_strcmp0 (g_hash_table_lookup (watch->told_values, key), value) == 0)
    return TRUE;
  if (value[0] != '\0')
    ea_watch_note_value (watch, proxy, name, value);
  return FALSE;
}

/* What goes wrong with a session or a channel is an error of its eUICC as well, which follows: that one, and no later one. */
static gboolean
is_error_told (EaWatch *watch, const char *name, const char *printed)
{
  if (strcmp (name, "LastError") == 0)
    {
      g_autofree char *told = g_steal_pointer (&watch->told_error);

      return g_strcmp0 (told, printed) == 0;
    }
  if (strcmp (name, "Error") == 0)
    {
      g_free (watch->told_error);
      watch->told_error = g_strdup (printed);
    }
  return FALSE;
}

/* Programs are told of everything but of what is emptied with the modem or the link that is gone, and of "closed", which is
 * told with the channel's object, or with the session's result. */
static gboolean
is_for_programs (GDBusProxy *proxy, const char *printed)
{
  return printed[0] != '\0' && (EA_DBUS_IS_EUICC (proxy) || strcmp (printed, "closed") != 0);
}

void
ea_watch_tell_property (EaWatch *watch, GDBusProxy *proxy, const char *name, GVariant *value)
{
  g_autofree char *event
      = strcmp (name, "LastError") == 0 ? g_strdup ("error") : g_ascii_strdown (name, -1);
  g_autofree char *printed = NULL;
  g_autofree char *with_reason = NULL;
  g_autofree char *sentence = NULL;
  const char *reason = get_reason (proxy, name);

  if (g_strv_contains (quiet, name))
    return;
  if (EA_DBUS_IS_SESSION (proxy) && strcmp (name, "Result") == 0)
    {
      tell_end_of_session (watch, EA_DBUS_SESSION (proxy));
      return;
    }
  printed = ea_story_format_value (value);
  if (!is_told (watch, proxy, name, printed) && !is_error_told (watch, name, printed))
    sentence = ea_story_tell_property (proxy, name, value);
  if (reason != NULL && reason[0] != '\0')
    with_reason = g_strdup_printf ("%s (%s)", printed, reason);
  ea_watch_tell (
      watch, proxy,
      &(EaNews){ .event = is_for_programs (proxy, printed) ? event : NULL,
                 .detail = with_reason != NULL ? with_reason : printed,
                 .error = g_variant_is_of_type (value, G_VARIANT_TYPE ("(ss)")) ? value : NULL,
                 .sentence = sentence,
                 .mood = ea_story_get_mood (proxy, name) });
}

void
ea_watch_note_progress (EaWatch *watch, GDBusProxy *proxy)
{
  gint64 now_us = g_get_monotonic_time ();

  g_hash_table_insert (watch->told_at_us, g_strdup (g_dbus_proxy_get_object_path (proxy)),
                       g_memdup2 (&now_us, sizeof now_us));
}

/* A session may have thousands of commands and megabytes: now and then how far it is */
void
ea_watch_tell_progress (EaWatch *watch, GDBusProxy *proxy)
{
  const gint64 *told_at_us
      = g_hash_table_lookup (watch->told_at_us, g_dbus_proxy_get_object_path (proxy));
  g_autofree char *sentence = NULL;

  if (told_at_us != NULL && g_get_monotonic_time () - *told_at_us < PROGRESS_INTERVAL_US)
    return;
  ea_watch_note_progress (watch, proxy);
  sentence = ea_story_tell_progress (proxy);
  ea_watch_tell (watch, proxy,
                 &(EaNews){ .event = "progress", .detail = sentence, .sentence = sentence });
}
