/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters, last event and last error of one eUICC. */

#include "session/activity.h"

#include <string.h>

#include "modem/modem.h"
#include "session/error-name.h"
#include "session/pacer.h"

typedef struct
{
  guint64 value;
  gint64 time_us; /* of the last one: monotonic */
} Counter;

struct _EaActivity
{
  GObject parent_instance;

  GHashTable *counters; /* name → Counter */
  guint64 last_time_us;
  char *error_name;
  char *error_sentence;
  EaPacer pacer;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaActivity, ea_activity, G_TYPE_OBJECT)

static void
note_change (EaActivity *self)
{
  self->last_time_us = (guint64) g_get_real_time ();
  ea_pacer_note (&self->pacer);
}

static void
tell_change (gpointer user_data)
{
  g_signal_emit (user_data, changed_signal, 0);
}

void
ea_activity_add (EaActivity *self, const char *counter, guint64 n)
{
  Counter *count = g_hash_table_lookup (self->counters, counter);

  if (n == 0)
    return;
  if (count == NULL)
    {
      count = g_new0 (Counter, 1);
      g_hash_table_insert (self->counters, g_strdup (counter), count);
    }
  count->value += n;
  count->time_us = g_get_monotonic_time ();
  note_change (self);
}

void
ea_activity_count (EaActivity *self, const char *counter)
{
  ea_activity_add (self, counter, 1);
}

gint64
ea_activity_get_counted_us (EaActivity *self, const char *counter)
{
  const Counter *count = g_hash_table_lookup (self->counters, counter);

  return count != NULL ? count->time_us : 0;
}

static void
keep_error (EaActivity *self, const GError *error)
{
  g_free (self->error_name);
  g_free (self->error_sentence);
  self->error_name = ea_error_name_get_for_bus (error);
  self->error_sentence = g_strdup (error->message);
  note_change (self);
}

/* @asked: the counter of what was asked by way of the modem */
static void
fail (EaActivity *self, const GError *error, const char *asked)
{
  keep_error (self, error);
  if (strcmp (ea_error_name_get (error), EA_ERROR_TIMEOUT) == 0)
    ea_activity_count (self, error->domain == EA_MODEM_ERROR ? asked : EA_COUNTER_TIMEOUTS_NETWORK);
}

void
ea_activity_fail (EaActivity *self, const GError *error)
{
  fail (self, error, EA_COUNTER_TIMEOUTS_MODEM);
}

void
ea_activity_fail_on_card (EaActivity *self, const GError *error)
{
  fail (self, error, EA_COUNTER_TIMEOUTS_CARD);
}

GVariant *
ea_activity_get_counters (EaActivity *self)
{
  g_autoptr (GList) names
      = g_list_sort (g_hash_table_get_keys (self->counters), (GCompareFunc) g_strcmp0);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  for (GList *link = names; link != NULL; link = link->next)
    {
      const Counter *count = g_hash_table_lookup (self->counters, link->data);

      g_variant_builder_add (&builder, "{st}", link->data, count->value);
    }
  return g_variant_builder_end (&builder);
}

guint64
ea_activity_get_last_time_us (EaActivity *self)
{
  return self->last_time_us;
}

GVariant *
ea_activity_get_last_error (EaActivity *self)
{
  return g_variant_new ("(ss)", self->error_name != NULL ? self->error_name : "",
                        self->error_sentence != NULL ? self->error_sentence : "");
}

static void
ea_activity_finalize (GObject *object)
{
  EaActivity *self = EA_ACTIVITY (object);

  ea_pacer_clear (&self->pacer);
  g_hash_table_unref (self->counters);
  g_free (self->error_name);
  g_free (self->error_sentence);
  G_OBJECT_CLASS (ea_activity_parent_class)->finalize (object);
}

static void
ea_activity_class_init (EaActivityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_activity_finalize;
  changed_signal = g_signal_new ("changed", EA_TYPE_ACTIVITY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ea_activity_init (EaActivity *self)
{
  self->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ea_pacer_init (&self->pacer, tell_change, self);
}

EaActivity *
ea_activity_new (void)
{
  return g_object_new (EA_TYPE_ACTIVITY, NULL);
}
