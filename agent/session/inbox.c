/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/inbox.h"

#include <string.h>

#define PREFIX "inbox-"

struct _EaInbox
{
  EaStore *store;
  char *prefix; /* of its records */
  guint next_number;
};

EaInbox *
ea_inbox_new (EaStore *store, const char *name)
{
  EaInbox *self = g_new0 (EaInbox, 1);

  self->store = store;
  self->prefix = g_strconcat (PREFIX, name, "-", NULL);
  return self;
}

void
ea_inbox_free (EaInbox *self)
{
  if (self == NULL)
    return;
  g_free (self->prefix);
  g_free (self);
}

GStrv
ea_inbox_list (EaInbox *self)
{
  GStrv records = ea_store_list (self->store, self->prefix);

  for (guint i = 0; records[i] != NULL; i++)
    {
      guint number = (guint) g_ascii_strtoull (records[i] + strlen (self->prefix), NULL, 10);

      self->next_number = MAX (self->next_number, number + 1);
    }
  return records;
}

EaShortMessage *
ea_inbox_read (EaInbox *self, const char *record, GError **error)
{
  g_autoptr (GBytes) bytes = ea_store_read (self->store, record, error);

  return bytes != NULL ? ea_short_message_new_from_record (record, bytes, error) : NULL;
}

gboolean
ea_inbox_put (EaInbox *self, EaShortMessage *message, EaStoreChange *change, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *record = NULL;
  g_auto (GStrv) records = NULL;

  if (message->record != NULL)
    return ea_store_commit (self->store, change, error);
  records = ea_inbox_list (self);
  if (g_strv_length (records) >= EA_INBOX_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL,
                   "The inbox has %d short messages already", EA_INBOX_MAX);
      return FALSE;
    }
  bytes = ea_short_message_build_record (message);
  record = g_strdup_printf ("%s%010u", self->prefix, self->next_number);
  ea_store_change_write (change, record, bytes);
  if (!ea_store_commit (self->store, change, error))
    return FALSE;
  self->next_number++;
  message->record = g_steal_pointer (&record);
  return TRUE;
}

void
ea_inbox_forget (const EaShortMessage *message, EaStoreChange *change)
{
  if (message->record != NULL)
    ea_store_change_remove (change, message->record);
}

gboolean
ea_inbox_remove (EaInbox *self, EaShortMessage *message, GError **error)
{
  if (message->record != NULL && !ea_store_remove (self->store, message->record, error))
    return FALSE;
  g_clear_pointer (&message->record, g_free);
  return TRUE;
}
