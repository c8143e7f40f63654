/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a session becomes an entry of the history. */

#include "session/history-session.h"

#include "host/journal.h"

/* A session whose end is to be remembered */
typedef struct
{
  EaHistory *history;
  EaEuicc *euicc;
  guint number;
} Watch;

static void
watch_free (gpointer data, GClosure *closure)
{
  Watch *watch = data;

  g_object_unref (watch->history);
  g_object_unref (watch->euicc);
  g_free (watch);
}

/* (transfer full): where it went, who wanted it, what was carried, and what went wrong last */
static char *
describe_session (EaSession *session)
{
  g_autofree char *peer = NULL;
  g_autofree char *origin = NULL;
  g_autoptr (GVariant) error = NULL;
  const char *sentence;
  guint apdus;
  guint scripts;

  g_object_get (session, "peer", &peer, "origin", &origin, "apdus", &apdus, "scripts", &scripts,
                "error", &error, NULL);
  g_variant_get (error, "(&s&s)", NULL, &sentence);
  return g_strdup_printf ("%s, %s, scripts: %u, APDUs: %u%s%s", peer, origin, scripts, apdus,
                          sentence[0] != '\0' ? "; " : "", sentence);
}

static void
on_session_state (EaSession *session, GParamSpec *pspec, gpointer user_data)
{
  const Watch *watch = user_data;
  g_autofree char *name = g_strdup_printf ("Session/%u", watch->number);
  g_autofree char *detail = NULL;
  g_autofree char *eid = NULL;
  g_autofree char *transport = NULL;
  g_autoptr (GError) error = NULL;
  EaHistoryEntry entry = { .event = EA_HISTORY_SESSION_ENDED, .session = name };

  if (ea_session_get_state (session) != EA_SESSION_CLOSED)
    return;
  g_object_get (watch->euicc, "eid", &eid, NULL);
  g_object_get (session, "transport", &transport, NULL);
  detail = describe_session (session);
  entry.eid = eid;
  entry.transport = transport;
  entry.result = ea_session_result_to_string (ea_session_get_result (session));
  entry.detail = detail;
  if (!ea_history_add (watch->history, &entry, &error))
    ea_log_error (ea_session_get_log (session, NULL), EA_MESSAGE_STORE_FAILED,
                  "%s is not in the history: %s", name, error->message);
}

void
ea_history_watch_session (EaHistory *history, EaEuicc *euicc, EaSession *session, guint number)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->history = g_object_ref (history);
  watch->euicc = g_object_ref (euicc);
  watch->number = number;
  g_signal_connect_data (session, "notify::state", G_CALLBACK (on_session_state), watch, watch_free,
                         0);
}
