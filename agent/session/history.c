/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All entries are in memory, since there are few; the store has one record for each. */

#include "session/history.h"

#include <string.h>

#include "session/history-record.h"

#define PREFIX "history-"
#define NUMBER_FORMAT PREFIX "%010u" /* so that the store's order is that of time */
#define NUMBER_MAX G_MAXINT32
#define SESSION_PREFIX "Session/"

typedef struct
{
  guint number; /* of its record */
  EaHistoryRecord *record;
} Entry;

struct _EaHistory
{
  GObject parent_instance;

  EaStore *store;
  guint n_max;
  GQueue entries; /* Entry, the oldest first */
  guint next_number;
};

G_DEFINE_FINAL_TYPE (EaHistory, ea_history, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  ea_history_record_free (entry->record);
  g_free (entry);
}

static void
push_entry (EaHistory *self, guint number, EaHistoryRecord *record)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->number = number;
  entry->record = record;
  g_queue_push_tail (&self->entries, entry);
  self->next_number = number + 1;
}

/* The oldest, until there is room; their records leave the store with @change. */
static void
forget_oldest (EaHistory *self, EaStoreChange *change)
{
  while (self->entries.length > self->n_max)
    {
      Entry *oldest = g_queue_pop_head (&self->entries);
      g_autofree char *name = g_strdup_printf (NUMBER_FORMAT, oldest->number);

      ea_store_change_remove (change, name);
      entry_free (oldest);
    }
}

static gboolean
parse_number (const char *name, guint *number)
{
  const char *digits = name + strlen (PREFIX);
  g_autofree char *canonical = NULL;
  guint64 value;

  if (!g_ascii_string_to_unsigned (digits, 10, 0, NUMBER_MAX, &value, NULL))
    return FALSE;
  canonical = g_strdup_printf (NUMBER_FORMAT, (guint) value);
  *number = (guint) value;
  return strcmp (canonical, name) == 0;
}

static gboolean
read_entry (EaHistory *self, const char *name)
{
  g_autoptr (GBytes) bytes = ea_store_read (self->store, name, NULL);
  EaHistoryRecord *record = NULL;
  guint number;

  if (bytes != NULL && parse_number (name, &number))
    record = ea_history_record_parse (ea_span_from_bytes (bytes));
  if (record == NULL)
    return FALSE;
  push_entry (self, number, record);
  return TRUE;
}

static void
read_entries (EaHistory *self)
{
  g_auto (GStrv) names = ea_store_list (self->store, PREFIX);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (!read_entry (self, names[i]))
      ea_store_change_remove (change, names[i]);
  forget_oldest (self, change);
  (void) ea_store_commit (self->store, change, NULL); /* else the next start does it */
}

gboolean
ea_history_add (EaHistory *self, const EaHistoryEntry *entry, GError **error)
{
  const char *const texts[EA_HISTORY_N_TEXTS] = {
    [EA_HISTORY_EVENT] = entry->event,     [EA_HISTORY_EID] = entry->eid,
    [EA_HISTORY_SESSION] = entry->session, [EA_HISTORY_TRANSPORT] = entry->transport,
    [EA_HISTORY_RESULT] = entry->result,   [EA_HISTORY_DETAIL] = entry->detail,
  };
  g_autoptr (EaStoreChange) change = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  EaHistoryRecord *record;

  if (self->n_max == 0)
    return TRUE;
  change = ea_store_change_new ();
  record = ea_history_record_new ((guint64) g_get_real_time (), texts);
  bytes = ea_history_record_build (record);
  name = g_strdup_printf (NUMBER_FORMAT, self->next_number);
  ea_store_change_write (change, name, bytes);
  push_entry (self, self->next_number, record);
  forget_oldest (self, change);
  return ea_store_commit (self->store, change, error);
}

GVariant *
ea_history_get (EaHistory *self, guint64 since_us, guint limit)
{
  GVariantBuilder builder;
  guint n_entries = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (GList *link = self->entries.tail; link != NULL; link = link->prev)
    {
      const EaHistoryRecord *record = ((Entry *) link->data)->record;

      if (record->time_us < since_us)
        continue; /* the clock may have been set back: an older one may follow */
      if (limit != 0 && n_entries++ == limit)
        break;
      g_variant_builder_add_value (&builder, ea_history_record_to_variant (record));
    }
  return g_variant_builder_end (&builder);
}

guint
ea_history_get_next_session (EaHistory *self)
{
  guint next = 0;

  for (GList *link = self->entries.head; link != NULL; link = link->next)
    {
      const char *session = ((Entry *) link->data)->record->texts[EA_HISTORY_SESSION];
      guint64 number;

      if (g_str_has_prefix (session, SESSION_PREFIX)
          && g_ascii_string_to_unsigned (session + strlen (SESSION_PREFIX), 10, next, NUMBER_MAX,
                                         &number, NULL))
        next = (guint) number + 1;
    }
  return next;
}

static void
ea_history_finalize (GObject *object)
{
  g_queue_clear_full (&EA_HISTORY (object)->entries, entry_free);
  G_OBJECT_CLASS (ea_history_parent_class)->finalize (object);
}

static void
ea_history_class_init (EaHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_history_finalize;
}

static void
ea_history_init (EaHistory *self)
{
  g_queue_init (&self->entries);
}

EaHistory *
ea_history_new (EaStore *store, guint n_max)
{
  EaHistory *self = g_object_new (EA_TYPE_HISTORY, NULL);

  self->store = store;
  self->n_max = MIN (n_max, EA_HISTORY_MAX);
  read_entries (self);
  return self;
}
