/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A table of answers. What has ended is dropped when it is found or when room is needed; nothing wakes up for it. */

#include "net/resolver-cache.h"

#include "net/resolver.h"

struct _EaResolverCache
{
  GHashTable *entries; /* char * → Entry */
};

typedef struct
{
  char *name;
  GPtrArray *addresses;
  gint64 end_us;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_ptr_array_unref (entry->addresses);
  g_free (entry);
}

EaResolverCache *
ea_resolver_cache_new (void)
{
  EaResolverCache *self = g_new (EaResolverCache, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  return self;
}

void
ea_resolver_cache_free (EaResolverCache *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

GPtrArray *
ea_resolver_cache_find (EaResolverCache *self, const char *key)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);

  if (entry == NULL)
    return NULL;
  if (g_get_monotonic_time () < entry->end_us)
    return entry->addresses;
  g_hash_table_remove (self->entries, key);
  return NULL;
}

static void
make_room (EaResolverCache *self)
{
  const char *first_key = NULL;
  gint64 first_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  if (g_hash_table_size (self->entries) < EA_RESOLVER_CACHE_MAX)
    return;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((Entry *) value)->end_us < first_us)
      {
        first_key = key;
        first_us = ((Entry *) value)->end_us;
      }
  g_hash_table_remove (self->entries, first_key);
}

void
ea_resolver_cache_add (EaResolverCache *self, const char *key, const char *name,
                       GPtrArray *addresses, guint ttl_s)
{
  Entry *entry;

  if (ttl_s == 0)
    return;
  g_hash_table_remove (self->entries, key);
  make_room (self);

  entry = g_new (Entry, 1);
  entry->name = g_strdup (name);
  entry->addresses = g_ptr_array_ref (addresses);
  entry->end_us = g_get_monotonic_time () + MIN (ttl_s, EA_RESOLVER_TTL_MAX_S) * G_TIME_SPAN_SECOND;
  g_hash_table_insert (self->entries, g_strdup (key), entry);
}

static gboolean
has_name (gpointer key, gpointer value, gpointer name)
{
  return g_str_equal (((Entry *) value)->name, name);
}

void
ea_resolver_cache_forget (EaResolverCache *self, const char *name)
{
  g_hash_table_foreach_remove (self->entries, has_name, (gpointer) name);
}

void
ea_resolver_cache_flush (EaResolverCache *self)
{
  g_hash_table_remove_all (self->entries);
}
