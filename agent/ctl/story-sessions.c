/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens to the agent's sessions with the SM-SR, in words. */

#include <string.h>

#include "ctl/progress.h"
#include "ctl/story-private.h"

const char *
ea_story_get_number (GDBusProxy *proxy)
{
  return strrchr (g_dbus_proxy_get_object_path (proxy), '/') + 1;
}

static const char *
get_number (EaDbusSession *session)
{
  return ea_story_get_number (G_DBUS_PROXY (session));
}

/* Where it goes: an address as soon as there is one */
static const char *
get_server (EaDbusSession *session)
{
  const char *address = ea_dbus_session_get_address (session);

  return address[0] != '\0' ? address : ea_dbus_session_get_peer (session);
}

static char *
tell_waiting (EaDbusSession *session)
{
  g_autofree char *state = ea_report_describe_session_state (session);
  guint attempt = ea_dbus_session_get_attempt (session);

  if (ea_dbus_session_get_next_attempt (session) == 0)
    return g_strdup_printf ("session %s waits for an answer", get_number (session));
  return g_strdup_printf ("session %s is %s, for attempt %u", get_number (session), state,
                          attempt + 1);
}

static char *
tell_state (EaDbusSession *session)
{
  const char *state = ea_dbus_session_get_state (session);
  const char *number = get_number (session);
  const char *interface = ea_dbus_session_get_interface (session);

  if (strcmp (state, "queued") == 0)
    return g_strdup_printf ("session %s is queued", number);
  if (strcmp (state, "resolving") == 0)
    return g_strdup_printf ("session %s looks for %s", number, ea_dbus_session_get_peer (session));
  if (strcmp (state, "connecting") == 0)
    return g_strdup_printf ("session %s connects to %s%s%s", number, get_server (session),
                            interface[0] != '\0' ? " over " : "", interface);
  if (strcmp (state, "handshaking") == 0)
    return g_strdup_printf ("session %s shakes hands with %s", number, get_server (session));
  if (strcmp (state, "exchanging") == 0)
    return g_strdup_printf ("session %s is connected, and asks the SM-SR for scripts", number);
  if (strcmp (state, "waiting") == 0)
    return tell_waiting (session);
  if (strcmp (state, "closing") == 0)
    return g_strdup_printf ("session %s takes leave of the SM-SR", number);
  return NULL; /* "closed": told with the result */
}

/* What has ended a session is told with its end. */
static char *
tell_error (EaDbusSession *session, GVariant *value)
{
  g_autofree char *error = ea_story_format_error (value);

  if (error == NULL || ea_report_is_session_over (session))
    return NULL;
  return g_strdup_printf ("session %s: attempt %u failed: %s", get_number (session),
                          ea_dbus_session_get_attempt (session), error);
}

char *
ea_story_tell_session (EaDbusSession *session, const char *property, GVariant *value)
{
  if (strcmp (property, "State") == 0)
    return tell_state (session);
  if (strcmp (property, "Error") == 0)
    return tell_error (session, value);
  if (strcmp (property, "Transport") == 0)
    return g_strdup_printf ("session %s takes %s now", get_number (session),
                            ea_dbus_session_get_transport (session));
  if (strcmp (property, "Peer") == 0)
    return g_strdup_printf ("session %s goes to %s now", get_number (session),
                            ea_dbus_session_get_peer (session));
  return NULL;
}

static const char *
get_origin (EaDbusSession *session)
{
  static const char *const origins[][2] = {
    { "dbus", "wanted on this machine" },
    { "trigger", "wanted by the SM-SR" },
    { "retry", "left over from before" },
    { "schedule", "as planned" },
    { "notification", "to tell the SM-SR of a change of profile" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (origins); i++)
    if (strcmp (origins[i][0], ea_dbus_session_get_origin (session)) == 0)
      return origins[i][1];
  return ea_dbus_session_get_origin (session);
}

char *
ea_story_tell_new_session (EaDbusSession *session)
{
  return g_strdup_printf ("session %s begins: %s to %s, %s", get_number (session),
                          ea_dbus_session_get_transport (session),
                          ea_dbus_session_get_peer (session), get_origin (session));
}

char *
ea_story_tell_present_session (EaDbusSession *session)
{
  g_autofree char *state = ea_report_describe_session_state (session);
  g_autofree char *error = ea_story_format_error (ea_dbus_session_get_error (session));

  return g_strdup_printf ("session %s is %s: %s to %s, %s%s%s", get_number (session), state,
                          ea_dbus_session_get_transport (session),
                          ea_dbus_session_get_peer (session), get_origin (session),
                          error != NULL ? "; what failed last: " : "", error != NULL ? error : "");
}

/* " after 0:12", where both times are known */
static char *
describe_duration (EaDbusSession *session)
{
  guint64 started_us = ea_dbus_session_get_started_at (session);
  guint64 ended_us = ea_dbus_session_get_ended_at (session);
  g_autofree char *duration = NULL;

  if (started_us == 0 || ended_us < started_us)
    return g_strdup ("");
  duration = ea_progress_format_duration ((gint64) ((ended_us - started_us) / G_USEC_PER_SEC));
  return g_strconcat (" after ", duration, NULL);
}

char *
ea_story_tell_end_of_session (EaDbusSession *session)
{
  const char *result = ea_dbus_session_get_result (session);
  const char *number = get_number (session);
  g_autofree char *duration = describe_duration (session);
  g_autofree char *progress = ea_report_describe_progress (session);
  g_autofree char *error = ea_story_format_error (ea_dbus_session_get_error (session));

  if (strcmp (result, "ok") == 0)
    return g_strdup_printf ("session %s ended well%s: %s", number, duration, progress);
  if (strcmp (result, "cancelled") == 0)
    return g_strdup_printf ("session %s was cancelled%s: %s", number, duration, progress);
  if (strcmp (result, "interrupted") == 0)
    return g_strdup_printf ("session %s was interrupted%s, and the SM-SR was told that the outcome "
                            "of a command is not known: %s",
                            number, duration, progress);
  return g_strdup_printf ("session %s failed%s: %s; %s", number, duration,
                          error != NULL ? error : "nobody knows why", progress);
}
