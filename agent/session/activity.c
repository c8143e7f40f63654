/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters, last event and last error of one eUICC. */

#include "session/activity.h"

#include "core/error.h"
#include "host/store-error.h"
#include "modem/bearer.h"
#include "modem/modem.h"
#include "net/link.h"
#include "session/pacer.h"

#define ERROR_PREFIX "org.euicc.Agent1.Error."

struct _EaActivity
{
  GObject parent_instance;

  GHashTable *counters; /* name → guint64 */
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
ea_activity_count (EaActivity *self, const char *counter)
{
  guint64 *value = g_hash_table_lookup (self->counters, counter);

  if (value == NULL)
    {
      value = g_new0 (guint64, 1);
      g_hash_table_insert (self->counters, g_strdup (counter), value);
    }
  (*value)++;
  note_change (self);
}

static const char *
get_modem_error_name (EaModemError code)
{
  switch (code)
    {
    case EA_MODEM_ERROR_ACCESS_DENIED:
      return EA_ERROR_ACCESS_DENIED;
    case EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED:
      return EA_ERROR_CLIENT_IDS_EXHAUSTED;
    case EA_MODEM_ERROR_BUSY:
      return EA_ERROR_BUSY;
    case EA_MODEM_ERROR_CARD_ABSENT:
      return EA_ERROR_CARD_ABSENT;
    case EA_MODEM_ERROR_TIMEOUT:
      return EA_ERROR_TIMEOUT;
    case EA_MODEM_ERROR_PROTOCOL:
      return EA_ERROR_PROTOCOL_ERROR;
    case EA_MODEM_ERROR_FAILED:
    case EA_MODEM_ERROR_NO_APPLICATION:
    case EA_MODEM_ERROR_UNSUPPORTED:
    case EA_MODEM_ERROR_GONE:
    case EA_MODEM_ERROR_NO_PROXY:
    case EA_MODEM_ERROR_NO_SERVICE:
    case EA_MODEM_ERROR_NETWORK:
      break;
    }
  return EA_ERROR_MODEM_FAILED;
}

static const char *
get_link_error_name (EaLinkError code)
{
  switch (code)
    {
    case EA_LINK_ERROR_TIMED_OUT:
      return EA_ERROR_TIMEOUT;
    case EA_LINK_ERROR_NOT_ALLOWED:
      return EA_ERROR_ACCESS_DENIED;
    case EA_LINK_ERROR_NO_INTERFACE:
      return EA_ERROR_NO_BEARER;
    case EA_LINK_ERROR_FAILED:
    case EA_LINK_ERROR_REFUSED:
    case EA_LINK_ERROR_UNREACHABLE:
    case EA_LINK_ERROR_RESET:
    case EA_LINK_ERROR_CLOSED:
    case EA_LINK_ERROR_ADDRESS_IN_USE:
    case EA_LINK_ERROR_FULL:
    case EA_LINK_ERROR_TOO_LARGE:
      break;
    }
  return EA_ERROR_CONNECT_FAILED;
}

static const char *
get_store_error_name (EaStoreError code)
{
  switch (code)
    {
    case EA_STORE_ERROR_FULL:
      return EA_ERROR_STORE_FULL;
    case EA_STORE_ERROR_READ_ONLY:
      return EA_ERROR_STORE_READ_ONLY;
    case EA_STORE_ERROR_NOT_FOUND:
    case EA_STORE_ERROR_FAILED:
    case EA_STORE_ERROR_DAMAGED:
    case EA_STORE_ERROR_LIMIT:
      break;
    }
  return EA_ERROR_STORE_FAILED;
}

const char *
ea_activity_get_error_name (const GError *error)
{
  if (error->domain == EA_CORE_ERROR)
    return EA_ERROR_PROTOCOL_ERROR;
  if (error->domain == EA_MODEM_ERROR)
    return get_modem_error_name ((EaModemError) error->code);
  if (error->domain == EA_BEARER_ERROR)
    return EA_ERROR_NO_BEARER;
  if (error->domain == EA_LINK_ERROR)
    return get_link_error_name ((EaLinkError) error->code);
  if (error->domain == EA_STORE_ERROR)
    return get_store_error_name ((EaStoreError) error->code);
  return EA_ERROR_MODEM_FAILED;
}

char *
ea_activity_get_bus_error_name (const GError *error)
{
  return g_strconcat (ERROR_PREFIX, ea_activity_get_error_name (error), NULL);
}

void
ea_activity_fail (EaActivity *self, const GError *error)
{
  g_free (self->error_name);
  g_free (self->error_sentence);
  self->error_name = ea_activity_get_bus_error_name (error);
  self->error_sentence = g_strdup (error->message);
  note_change (self);
}

GVariant *
ea_activity_get_counters (EaActivity *self)
{
  g_autoptr (GList) names
      = g_list_sort (g_hash_table_get_keys (self->counters), (GCompareFunc) g_strcmp0);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  for (GList *link = names; link != NULL; link = link->next)
    g_variant_builder_add (&builder, "{st}", link->data,
                           *(guint64 *) g_hash_table_lookup (self->counters, link->data));
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
