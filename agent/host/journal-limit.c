/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The interval of a kind begins with its first message, and what is known of the kind goes with its end: so there are as
 * many kinds at a time as there are places that have lately logged something. That an interval is over is seen with the
 * next message, of whatever kind; only while there is something to tell does a timer wait for it, one for all, since each
 * turn of the main loop looks at every timer there is. For the main thread only.
 */

#include "host/journal-limit.h"

#define INTERVAL_US (EA_JOURNAL_LIMIT_INTERVAL_S * G_TIME_SPAN_SECOND)

typedef struct
{
  EaJournalKind kind; /* its strings belong to it, but the format */
  char *key;
  char *last; /* that was left out; NULL: none was */
  guint n_written;
  guint n_left_out;
  EaJournalLeftOutFunc tell;
  gint64 end_us;
} Interval;

static GHashTable *intervals;          /* key → Interval */
static GQueue in_order = G_QUEUE_INIT; /* of Interval: as they end */
static guint n_to_tell;                /* of the intervals: with messages that were left out */
static GSource *timer;                 /* NULL: none, for there is nothing to tell */

static void
interval_free (gpointer data)
{
  Interval *interval = data;

  g_free ((char *) interval->kind.context.modem);
  g_free ((char *) interval->kind.context.eid);
  g_free ((char *) interval->kind.message_id);
  g_free (interval->key);
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
stop_timer (void)
{
  if (timer == NULL)
    return;
  g_source_destroy (timer);
  g_clear_pointer (&timer, g_source_unref);
}

/* The one that ends first */
static void
end_first (void)
{
  Interval *interval = g_queue_pop_head (&in_order);

  if (interval->n_left_out > 0)
    {
      n_to_tell--;
      interval->tell (&interval->kind, interval->n_left_out, interval->last);
    }
  g_hash_table_remove (intervals, interval->key);
}

static void
end_those_over (gint64 now_us)
{
  Interval *first;

  while ((first = g_queue_peek_head (&in_order)) != NULL && first->end_us <= now_us)
    end_first ();
}

static void ensure_timer (gint64 now_us);

static gboolean
on_end (gpointer user_data)
{
  gint64 now_us = g_get_monotonic_time ();

  stop_timer ();
  end_those_over (now_us);
  ensure_timer (now_us);
  return G_SOURCE_REMOVE;
}

/* It may come a little early, and is set again then. */
static void
ensure_timer (gint64 now_us)
{
  const Interval *first = g_queue_peek_head (&in_order);

  if (timer != NULL || n_to_tell == 0)
    return;
  timer = g_timeout_source_new_seconds (
      (guint) ((first->end_us - now_us + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND));
  g_source_set_callback (timer, on_end, NULL, NULL);
  g_source_attach (timer, NULL);
}

static Interval *
begin_interval (const EaJournalKind *kind, char *key, gint64 now_us, EaJournalLeftOutFunc func)
{
  Interval *interval = g_new0 (Interval, 1);

  interval->kind = *kind;
  interval->kind.context = (EaLogContext){
    .modem = g_strdup (kind->context.modem),
    .eid = g_strdup (kind->context.eid),
  };
  interval->kind.message_id = g_strdup (kind->message_id);
  interval->key = key;
  interval->tell = func;
  interval->end_us = now_us + INTERVAL_US;
  g_hash_table_insert (intervals, key, interval);
  g_queue_push_tail (&in_order, interval);
  return interval;
}

static Interval *
ensure_interval (const EaJournalKind *kind, gint64 now_us, EaJournalLeftOutFunc func)
{
  g_autofree char *key = make_key (kind);
  Interval *interval;

  if (intervals == NULL)
    intervals = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, interval_free);
  interval = g_hash_table_lookup (intervals, key);
  return interval != NULL ? interval : begin_interval (kind, g_steal_pointer (&key), now_us, func);
}

gboolean
ea_journal_limit_allow (const EaJournalKind *kind, const char *message, EaJournalLeftOutFunc func)
{
  gint64 now_us = g_get_monotonic_time ();
  Interval *interval;

  end_those_over (now_us);
  interval = ensure_interval (kind, now_us, func);
  if (interval->n_written < EA_JOURNAL_LIMIT_MESSAGES)
    {
      interval->n_written++;
      return TRUE;
    }
  if (interval->n_left_out++ == 0)
    n_to_tell++;
  g_free (interval->last);
  interval->last = g_strdup (message);
  ensure_timer (now_us);
  return FALSE;
}

void
ea_journal_limit_end (void)
{
  stop_timer ();
  end_those_over (G_MAXINT64);
  g_clear_pointer (&intervals, g_hash_table_unref);
}
