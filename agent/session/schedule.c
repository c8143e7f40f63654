/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real time, since it has to go on over restarts; a clock that jumps back makes nothing due later than an interval. */

#include "session/schedule.h"

#include <string.h>

#include "core/bytes.h"

#define PREFIX "schedule-"

/* The clock is looked at again after this: it may be set, and timers stand still while a system sleeps. */
#define LOOK_INTERVAL_S 600

/* What is later than that is so on many gateways at once: after a power cut, or when a clock is set. */
#define LATE_MAX_S (2 * LOOK_INTERVAL_S)

struct _EaSchedule
{
  GObject parent_instance;

  EaStore *store;
  char *record;
  guint interval_s;
  guint spread_s;
  gint64 due_s;     /* since 1970 */
  gboolean is_late; /* it was due while nobody looked, and the clock has jumped perhaps */
  guint timer_id;
};

static guint due_signal;

G_DEFINE_FINAL_TYPE (EaSchedule, ea_schedule, G_TYPE_OBJECT)

static gint64
get_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* 0: it was never due */
static gint64
read_last_s (EaSchedule *self)
{
  g_autoptr (GBytes) record = ea_store_read (self->store, self->record, NULL);
  EaReader reader;
  guint32 last_s;

  if (record == NULL)
    return 0;
  ea_reader_init (&reader, ea_span_from_bytes (record));
  last_s = ea_reader_u32be (&reader);
  return ea_reader_done (&reader) ? last_s : 0;
}

/* A store that does not work makes it due again after a restart. */
static void
write_last_s (EaSchedule *self, gint64 last_s)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) record = NULL;

  ea_writer_init (&writer);
  ea_writer_u32be (&writer, (guint32) last_s);
  record = ea_writer_steal (&writer);
  (void) ea_store_write (self->store, self->record, record, NULL);
}

static void look (EaSchedule *self);

static gboolean
on_timer (gpointer user_data)
{
  EaSchedule *self = user_data;

  self->timer_id = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static gint64
draw_spread (EaSchedule *self)
{
  return self->spread_s > 0 ? g_random_int_range (0, (gint32) self->spread_s + 1) : 0;
}

static void
plan (EaSchedule *self, gint64 last_s)
{
  gint64 now_s = get_now_s ();
  gint64 spread_s = draw_spread (self);

  if (last_s > now_s)
    last_s = now_s;
  self->due_s = MAX (last_s + self->interval_s, now_s) + spread_s;
}

static void
look (EaSchedule *self)
{
  gint64 now_s = get_now_s ();
  gint64 longest_s = (gint64) self->interval_s + self->spread_s;

  if (now_s > self->due_s + LATE_MAX_S && !self->is_late)
    {
      self->is_late = TRUE;
      self->due_s = now_s + draw_spread (self);
    }
  else if (now_s >= self->due_s)
    {
      self->is_late = FALSE;
      write_last_s (self, now_s);
      plan (self, now_s);
      g_signal_emit (self, due_signal, 0);
    }
  else if (self->due_s - now_s > longest_s)
    plan (self, now_s); /* the clock was set back */
  if (self->interval_s > 0 && self->timer_id == 0)
    self->timer_id = g_timeout_add_seconds (
        (guint) CLAMP (self->due_s - get_now_s (), 1, LOOK_INTERVAL_S), on_timer, self);
}

void
ea_schedule_set (EaSchedule *self, guint interval_s, guint spread_s)
{
  gint64 last_s;

  if (self->interval_s == interval_s && self->spread_s == spread_s)
    return;
  self->interval_s = interval_s;
  self->spread_s = spread_s;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (interval_s == 0)
    return;
  last_s = read_last_s (self);
  if (last_s == 0)
    write_last_s (self, get_now_s ());
  plan (self, last_s != 0 ? last_s : get_now_s ());
  look (self);
}

static void
ea_schedule_finalize (GObject *object)
{
  EaSchedule *self = EA_SCHEDULE (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_free (self->record);
  G_OBJECT_CLASS (ea_schedule_parent_class)->finalize (object);
}

static void
ea_schedule_class_init (EaScheduleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_schedule_finalize;
  due_signal = g_signal_new ("due", EA_TYPE_SCHEDULE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 0);
}

static void
ea_schedule_init (EaSchedule *self)
{
}

EaSchedule *
ea_schedule_new (EaStore *store, const char *name)
{
  EaSchedule *self = g_object_new (EA_TYPE_SCHEDULE, NULL);

  self->store = store;
  self->record = g_strconcat (PREFIX, name, NULL);
  return self;
}
