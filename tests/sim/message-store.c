/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list is enough for so few messages. */
#include "message-store.h"

#define MESSAGES_MAX 255

static void
stored_message_free (gpointer data)
{
  SimStoredMessage *message = data;

  g_bytes_unref (message->raw);
  g_free (message);
}

void
sim_message_store_init (SimMessageStore *store)
{
  store->messages = g_ptr_array_new_with_free_func (stored_message_free);
}

void
sim_message_store_clear (SimMessageStore *store)
{
  g_clear_pointer (&store->messages, g_ptr_array_unref);
}

SimStoredMessage *
sim_message_store_find (const SimMessageStore *store, guint8 storage, guint32 index)
{
  for (guint i = 0; i < store->messages->len; i++)
    {
      SimStoredMessage *message = g_ptr_array_index (store->messages, i);

      if (message->storage == storage && message->index == index)
        return message;
    }
  return NULL;
}

gboolean
sim_message_store_add (SimMessageStore *store, guint8 storage, guint8 tag, GBytes *raw,
                       guint32 *index)
{
  SimStoredMessage *message;

  for (*index = 0; *index < MESSAGES_MAX; (*index)++)
    if (sim_message_store_find (store, storage, *index) == NULL)
      break;
  if (*index == MESSAGES_MAX)
    {
      g_bytes_unref (raw);
      return FALSE;
    }
  message = g_new0 (SimStoredMessage, 1);
  message->storage = storage;
  message->tag = tag;
  message->index = *index;
  message->raw = raw;
  g_ptr_array_add (store->messages, message);
  return TRUE;
}

void
sim_message_store_remove (SimMessageStore *store, SimStoredMessage *message)
{
  g_ptr_array_remove (store->messages, message);
}
