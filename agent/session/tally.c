/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sums over sessions and channels. */

#include "session/tally.h"

/* Of one session or channel */
typedef struct
{
  EaActivity *activity;
  char *received; /* names of counters */
  char *sent;
  guint64 n_received; /* that were added to them */
  guint64 n_sent;
} Tally;

static void
tally_free (gpointer data, GClosure *closure)
{
  Tally *tally = data;

  g_object_unref (tally->activity);
  g_free (tally->received);
  g_free (tally->sent);
  g_free (tally);
}

static void
add_new (Tally *tally, GObject *object)
{
  guint64 n_received;
  guint64 n_sent;

  g_object_get (object, "bytes-received", &n_received, "bytes-sent", &n_sent, NULL);
  ea_activity_add (tally->activity, tally->received, n_received - tally->n_received);
  ea_activity_add (tally->activity, tally->sent, n_sent - tally->n_sent);
  tally->n_received = n_received;
  tally->n_sent = n_sent;
}

static void
on_counts (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  add_new (user_data, object);
}

/* The last of what was sent may go out when the channel has told its counts for the last time. */
static void
on_finished (EaChannel *channel, gpointer user_data)
{
  add_new (user_data, G_OBJECT (channel));
}

/* Both numbers are told together. Returns: (transfer none): as @object has it */
static Tally *
watch_counts (EaActivity *activity, GObject *object)
{
  Tally *tally = g_new0 (Tally, 1);
  g_autofree char *transport = NULL;

  g_object_get (object, "transport", &transport, NULL);
  tally->activity = g_object_ref (activity);
  tally->received = g_strconcat ("bytes-received-", transport, NULL);
  tally->sent = g_strconcat ("bytes-sent-", transport, NULL);
  g_signal_connect_data (object, "notify::bytes-sent", G_CALLBACK (on_counts), tally, tally_free,
                         G_CONNECT_DEFAULT);
  return tally;
}

static void
on_result (EaSession *session, GParamSpec *pspec, gpointer user_data)
{
  const Tally *tally = user_data;
  g_autofree char *transport = NULL;
  g_autofree char *result = NULL;
  g_autofree char *counter = NULL;

  g_object_get (session, "transport", &transport, "result", &result, NULL);
  counter = g_strconcat ("sessions-", transport, "-", result, NULL);
  ea_activity_count (tally->activity, counter);
}

void
ea_tally_session (EaActivity *activity, EaSession *session)
{
  g_signal_connect (session, "notify::result", G_CALLBACK (on_result),
                    watch_counts (activity, G_OBJECT (session)));
}

void
ea_tally_channel (EaActivity *activity, EaChannel *channel)
{
  g_signal_connect (channel, "finished", G_CALLBACK (on_finished),
                    watch_counts (activity, G_OBJECT (channel)));
}
