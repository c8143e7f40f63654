/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The interval of a kind begins with its first message, and what is known of the kind goes with its end: so there are as
 * many kinds at a time as there are places that have lately logged something. For the main thread only.
 */

#include "host/journal-limit.h"

typedef struct
{
  EaJournalKind kind; /* its strings belong to it, but the format */
  char *last;         /* that was left out; NULL: none was */
  guint n_written;
  guint n_left_out;
  EaJournalLeftOutFunc tell;
  GSource *end;
} Interval;

static GHashTable *intervals; /* key → Interval */

static void
interval_free (gpointer data)
{
  Interval *interval = data;

  g_source_destroy (interval->end);
  g_source_unref (interval->end);
  g_free ((char *) interval->kind.context.modem);
  g_free ((char *) interval->kind.context.eid);
  g_free ((char *) interval->kind.message_id);
  g_free (interval->last);
  g_free (interval);
}

/* (transfer full) */
static char *
make_key (const EaJournalKind *kind)
{
  const char *modem = kind->context.modem;
  const char *message_id = kind->message_id;

  return g_strdup_printf ("%s\n%s\n%s", message_id != NULL ? message_id : "",
                          modem != NULL ? modem : "", kind->format);
}

static void
tell (const Interval *interval)
{
  if (interval->n_left_out > 0)
    interval->tell (&interval->kind, interval->n_left_out, interval->last);
}

static gboolean
on_end (gpointer user_data)
{
  char *key = user_data;
  g_autofree char *own_key = NULL;
  Interval *interval;

  g_hash_table_steal_extended (intervals, key, (gpointer *) &own_key, (gpointer *) &interval);
  tell (interval);
  interval_free (interval);
  return G_SOURCE_REMOVE;
}

static Interval *
begin_interval (const EaJournalKind *kind, char *key, EaJournalLeftOutFunc func)
{
  Interval *interval = g_new0 (Interval, 1);

  interval->kind = *kind;
  interval->kind.context = (EaLogContext){
    .modem = g_strdup (kind->context.modem),
    .eid = g_strdup (kind->context.eid),
  };
  interval->kind.message_id = g_strdup (kind->message_id);
  interval->tell = func;
  interval->end = g_timeout_source_new_seconds (EA_JOURNAL_LIMIT_INTERVAL_S);
  g_source_set_callback (interval->end, on_end, key, NULL);
  g_source_attach (interval->end, NULL);
  g_hash_table_insert (intervals, key, interval);
  return interval;
}

static Interval *
ensure_interval (const EaJournalKind *kind, EaJournalLeftOutFunc func)
{
  g_autofree char *key = make_key (kind);
  Interval *interval;

  if (intervals == NULL)
    intervals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, interval_free);
  interval = g_hash_table_lookup (intervals, key);
  return interval != NULL ? interval : begin_interval (kind, g_steal_pointer (&key), func);
}

gboolean
ea_journal_limit_allow (const EaJournalKind *kind, const char *message, EaJournalLeftOutFunc func)
{
  Interval *interval = ensure_interval (kind, func);

  if (interval->n_written < EA_JOURNAL_LIMIT_MESSAGES)
    {
      interval->n_written++;
      return TRUE;
    }
  interval->n_left_out++;
  g_free (interval->last);
  interval->last = g_strdup (message);
  return FALSE;
}

void
ea_journal_limit_end (void)
{
  g_autoptr (GHashTable) ended = g_steal_pointer (&intervals);
  GHashTableIter iter;
  gpointer interval;

  if (ended == NULL)
    return;
  g_hash_table_iter_init (&iter, ended);
  while (g_hash_table_iter_next (&iter, NULL, &interval))
    tell (interval);
}
