/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TIMER MANAGEMENT, TS 102 223 §6.4.21, §6.6.21 and §6.8; TIMER EXPIRATION, §7.4. */

#include "core/cat-timer.h"

#include "core/cat-envelope.h"
#include "core/cat-object.h"
#include "core/cat-response.h"
#include "core/cat-task.h"

#define S_PER_MINUTE 60
#define S_PER_HOUR 3600

/* The most that a timer value can say: 99 hours, 59 minutes, 59 seconds. */
#define VALUE_MAX_S (99 * S_PER_HOUR + 59 * S_PER_MINUTE + 59)

#define US_PER_MS 1000

void
ea_cat_timers_init (EaCatTimers *self)
{
  *self = (EaCatTimers){ 0 };
}

static gint64
to_us (const EaCatTimerValue *value)
{
  gint64 seconds
      = (gint64) value->hours * S_PER_HOUR + value->minutes * S_PER_MINUTE + value->seconds;

  return seconds * G_USEC_PER_SEC;
}

/* Seconds that have begun count. */
static EaCatTimerValue
to_value (gint64 time_us)
{
  gint64 seconds = (MAX (time_us, 0) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  guint bounded = (guint) MIN (seconds, VALUE_MAX_S);

  return (EaCatTimerValue){ .hours = (guint8) (bounded / S_PER_HOUR),
                            .minutes = (guint8) (bounded / S_PER_MINUTE % S_PER_MINUTE),
                            .seconds = (guint8) (bounded % S_PER_MINUTE) };
}

static gboolean
get_style (const EaCatCommand *command)
{
  EaTlv tlv;

  return ea_tlv_find_comprehension (command->objects, EA_CAT_TAG_TIMER_IDENTIFIER, &tlv)
         && tlv.is_comprehension_required;
}

/* @left: (nullable): what is left of the timer */
static GBytes *
build_response (const EaCatCommand *command, EaCatResult result, guint8 timer,
                const EaCatTimerValue *left)
{
  gboolean style = get_style (command);
  g_auto (EaWriter) objects = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&objects);
  ea_writer_init (&value);
  ea_cat_write_object (&objects, EA_CAT_TAG_TIMER_IDENTIFIER, style, ea_span_init (&timer, 1));
  if (left != NULL)
    {
      ea_cat_write_timer_value (&value, left);
      ea_cat_write_object (&objects, EA_CAT_TAG_TIMER_VALUE, style, ea_writer_span (&value));
    }
  return ea_cat_answer_command (command, result, EA_SPAN_EMPTY, ea_writer_span (&objects));
}

static GBytes *
start (EaCatTimers *self, const EaCatCommand *command, const EaCatTimerManagement *management,
       gint64 now_us)
{
  guint index = management->timer - 1u;

  self->timers[index].is_running = TRUE;
  self->timers[index].started_us = now_us;
  self->timers[index].deadline_us = now_us + to_us (&management->value);
  return build_response (command, EA_CAT_RESULT_OK, management->timer, NULL);
}

static GBytes *
tell_left (EaCatTimers *self, const EaCatCommand *command, const EaCatTimerManagement *management,
           gint64 now_us)
{
  guint index = management->timer - 1u;
  EaCatTimerValue left = to_value (self->timers[index].deadline_us - now_us);

  if (!self->timers[index].is_running)
    return build_response (command, EA_CAT_RESULT_TIMER_CONTRADICTION, management->timer, NULL);
  if (management->action == EA_CAT_TIMER_DEACTIVATE)
    self->timers[index].is_running = FALSE;
  return build_response (command, EA_CAT_RESULT_OK, management->timer, &left);
}

GBytes *
ea_cat_timers_command (EaCatTimers *self, const EaCatCommand *command, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  EaCatTimerManagement management = { 0 };

  if (!ea_cat_parse_timer_management (&management, command, &error))
    return ea_cat_build_terminal_response (command, ea_cat_get_result (error->code), EA_SPAN_EMPTY);
  if (management.action == EA_CAT_TIMER_START)
    return start (self, command, &management, now_us);
  return tell_left (self, command, &management, now_us);
}

/* 0: none runs */
static guint8
find_first (const EaCatTimers *self)
{
  guint8 first = 0;

  for (guint8 i = 1; i <= EA_CAT_TIMER_MAX; i++)
    if (self->timers[i - 1].is_running
        && (first == 0 || self->timers[i - 1].deadline_us < self->timers[first - 1].deadline_us))
      first = i;
  return first;
}

gint64
ea_cat_timers_get_deadline (const EaCatTimers *self)
{
  guint8 first = find_first (self);

  return first != 0 ? self->timers[first - 1].deadline_us : EA_CAT_TIMERS_NO_DEADLINE;
}

GBytes *
ea_cat_timers_pull_expiration (EaCatTimers *self, gint64 now_us)
{
  guint8 timer = find_first (self);
  EaCatTimerValue elapsed;

  if (timer == 0 || self->timers[timer - 1].deadline_us > now_us)
    return NULL;
  self->timers[timer - 1].is_running = FALSE;
  self->told = timer;
  /* Whole seconds: the value shall be as close as possible to that of the start. */
  elapsed
      = to_value ((now_us - self->timers[timer - 1].started_us) / G_USEC_PER_SEC * G_USEC_PER_SEC);
  return ea_cat_build_timer_expiration (timer, &elapsed);
}

void
ea_cat_timers_expiration_done (EaCatTimers *self, gboolean is_taken)
{
  if (!is_taken && self->told != 0)
    self->timers[self->told - 1].is_running = TRUE; /* since when and until when is still there */
  self->told = 0;
}

/* The record of a timer: its number, milliseconds since its start, and until it expires, 0 when it has. */

static guint32
to_ms (gint64 time_us)
{
  return (guint32) CLAMP (time_us / US_PER_MS, 0, G_MAXUINT32);
}

void
ea_cat_timers_write (const EaCatTimers *self, gint64 now_us, EaWriter *writer)
{
  for (guint8 i = 1; i <= EA_CAT_TIMER_MAX; i++)
    if (self->timers[i - 1].is_running || self->told == i)
      {
        ea_writer_u8 (writer, i);
        ea_writer_u32be (writer, to_ms (now_us - self->timers[i - 1].started_us));
        ea_writer_u32be (writer, to_ms (self->timers[i - 1].deadline_us - now_us));
      }
}

gboolean
ea_cat_timers_read (EaCatTimers *self, EaSpan record, gint64 elapsed_us, gint64 now_us)
{
  EaCatTimers timers = *self;
  gint64 written_us = now_us - elapsed_us;
  EaReader reader;

  ea_reader_init (&reader, record);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 timer = ea_reader_u8 (&reader);
      guint32 since_ms = ea_reader_u32be (&reader);
      guint32 left_ms = ea_reader_u32be (&reader);

      if (!ea_reader_is_ok (&reader) || timer < 1 || timer > EA_CAT_TIMER_MAX
          || left_ms / 1000 > VALUE_MAX_S)
        return FALSE;
      if (self->timers[timer - 1].is_running || self->told == timer)
        continue;
      timers.timers[timer - 1].is_running = TRUE;
      timers.timers[timer - 1].started_us = written_us - (gint64) since_ms * US_PER_MS;
      timers.timers[timer - 1].deadline_us = written_us + (gint64) left_ms * US_PER_MS;
    }
  *self = timers;
  return TRUE;
}
