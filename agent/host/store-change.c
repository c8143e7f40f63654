/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writes and removals of records. As bytes, one item after the other, in the order of their names:
 * kind u8 ('+' or '-'), length u8 and characters of the name, and after '+' size u32 and bytes of the record.
 */

#include "host/store-change.h"

#include <string.h>

#include "host/store-error.h"

#define KIND_WRITE '+'
#define KIND_REMOVE '-'
#define NAME_HEADER_SIZE 2   /* kind and length */
#define RECORD_HEADER_SIZE 4 /* size */

struct _EaStoreChange
{
  GTree *items; /* name → GBytes; NULL: removed */
  gsize size;   /* of all items as bytes */
  gboolean is_vital;
};

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static void
free_record (gpointer record)
{
  g_clear_pointer ((GBytes **) &record, g_bytes_unref);
}

EaStoreChange *
ea_store_change_new (void)
{
  EaStoreChange *change = g_new0 (EaStoreChange, 1);

  change->items = g_tree_new_full (compare_names, NULL, g_free, free_record);
  return change;
}

void
ea_store_change_free (EaStoreChange *change)
{
  if (change == NULL)
    return;

  g_tree_unref (change->items);
  g_free (change);
}

static gboolean
is_name (const char *name, gsize length)
{
  if (length == 0 || length > EA_STORE_NAME_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (name[i]))
      return FALSE;
  return TRUE;
}

static gsize
measure_item (const char *name, GBytes *record)
{
  return NAME_HEADER_SIZE + strlen (name)
         + (record != NULL ? RECORD_HEADER_SIZE + g_bytes_get_size (record) : 0);
}

/* FALSE when there is no such item */
static gboolean
discount_item (EaStoreChange *change, const char *name)
{
  gpointer record;

  if (!g_tree_lookup_extended (change->items, name, NULL, &record))
    return FALSE;
  change->size -= measure_item (name, record);
  return TRUE;
}

static void
drop_item (EaStoreChange *change, const char *name)
{
  if (discount_item (change, name))
    g_tree_remove (change->items, name);
}

static void
put_item (EaStoreChange *change, const char *name, GBytes *record)
{
  (void) discount_item (change, name); /* it is replaced */
  change->size += measure_item (name, record);
  g_tree_insert (change->items, g_strdup (name), record != NULL ? g_bytes_ref (record) : NULL);
}

void
ea_store_change_write (EaStoreChange *change, const char *name, GBytes *record)
{
  g_return_if_fail (is_name (name, strlen (name)) && record != NULL);
  put_item (change, name, record);
}

void
ea_store_change_remove (EaStoreChange *change, const char *name)
{
  g_return_if_fail (is_name (name, strlen (name)));
  put_item (change, name, NULL);
}

gsize
ea_store_change_get_size (const EaStoreChange *change)
{
  return change->size;
}

GBytes *
ea_store_change_lookup (const EaStoreChange *change, const char *name)
{
  return g_tree_lookup (change->items, name);
}

static void
build_item (EaWriter *out, const char *name, GBytes *record)
{
  EaSpan characters = ea_span_init (name, strlen (name));

  ea_writer_u8 (out, record != NULL ? KIND_WRITE : KIND_REMOVE);
  ea_writer_u8 (out, (guint8) characters.size);
  ea_writer_bytes (out, characters);
  if (record == NULL)
    return;
  ea_writer_u32be (out, (guint32) g_bytes_get_size (record));
  ea_writer_bytes (out, ea_span_from_bytes (record));
}

gboolean
ea_store_change_build_some (const EaStoreChange *change, GTreeNode **last, gsize limit,
                            EaWriter *out)
{
  GTreeNode *node = *last != NULL ? g_tree_node_next (*last) : g_tree_node_first (change->items);

  for (; node != NULL && ea_writer_span (out).size < limit; node = g_tree_node_next (node))
    {
      build_item (out, g_tree_node_key (node), g_tree_node_value (node));
      *last = node;
    }
  return node != NULL;
}

void
ea_store_change_build (const EaStoreChange *change, EaWriter *out)
{
  GTreeNode *last = NULL;

  (void) ea_store_change_build_some (change, &last, G_MAXSIZE, out); /* it has no limit */
}

/* @last: (inout): the name before, %NULL at first; FALSE when no change has such an item */
static gboolean
parse_item (EaStoreChange *change, EaReader *reader, char **last)
{
  guint8 kind = ea_reader_u8 (reader);
  EaSpan characters = ea_reader_bytes (reader, ea_reader_u8 (reader));
  g_autofree char *name = g_strndup ((const char *) characters.data, characters.size);
  g_autoptr (GBytes) record = NULL;

  if (kind == KIND_WRITE)
    record = ea_span_to_bytes (ea_reader_bytes (reader, ea_reader_u32be (reader)));
  if (!ea_reader_is_ok (reader) || (kind != KIND_WRITE && kind != KIND_REMOVE)
      || !is_name ((const char *) characters.data, characters.size)
      || (*last != NULL && strcmp (*last, name) >= 0)
      || (record != NULL && g_bytes_get_size (record) > EA_STORE_RECORD_MAX))
    return FALSE;

  put_item (change, name, record);
  g_free (*last);
  *last = g_steal_pointer (&name);
  return TRUE;
}

EaStoreChange *
ea_store_change_parse (EaSpan bytes, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autofree char *last = NULL;
  EaReader reader;

  ea_reader_init (&reader, bytes);
  while (ea_reader_remaining (&reader) > 0)
    if (!parse_item (change, &reader, &last))
      {
        g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
                     "an item of a transaction can't be understood");
        return NULL;
      }
  return g_steal_pointer (&change);
}

gboolean
ea_store_change_check (const EaStoreChange *change, GError **error)
{
  for (GTreeNode *node = g_tree_node_first (change->items); node != NULL;
       node = g_tree_node_next (node))
    {
      GBytes *record = g_tree_node_value (node);

      if (record == NULL || g_bytes_get_size (record) <= EA_STORE_RECORD_MAX)
        continue;
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_LIMIT,
                   "Record '%s' is larger than %d bytes", (const char *) g_tree_node_key (node),
                   EA_STORE_RECORD_MAX);
      return FALSE;
    }
  return TRUE;
}

void
ea_store_change_apply (EaStoreChange *records, const EaStoreChange *change)
{
  for (GTreeNode *node = g_tree_node_first (change->items); node != NULL;
       node = g_tree_node_next (node))
    {
      const char *name = g_tree_node_key (node);
      GBytes *record = g_tree_node_value (node);

      if (record != NULL)
        put_item (records, name, record);
      else
        drop_item (records, name);
    }
}

gsize
ea_store_change_measure (const EaStoreChange *records, const EaStoreChange *change)
{
  gsize size = records->size;

  for (GTreeNode *node = g_tree_node_first (change->items); node != NULL;
       node = g_tree_node_next (node))
    {
      const char *name = g_tree_node_key (node);
      GBytes *old = ea_store_change_lookup (records, name);
      GBytes *record = g_tree_node_value (node);

      size -= old != NULL ? measure_item (name, old) : 0;
      size += record != NULL ? measure_item (name, record) : 0;
    }
  return size;
}

void
ea_store_change_merge (EaStoreChange *change, const EaStoreChange *later)
{
  for (GTreeNode *node = g_tree_node_first (later->items); node != NULL;
       node = g_tree_node_next (node))
    put_item (change, g_tree_node_key (node), g_tree_node_value (node));
  change->is_vital = change->is_vital || later->is_vital;
}

gboolean
ea_store_change_is_vital (const EaStoreChange *change)
{
  if (change->is_vital)
    return TRUE;
  for (GTreeNode *node = g_tree_node_first (change->items); node != NULL;
       node = g_tree_node_next (node))
    if (g_tree_node_value (node) != NULL)
      return FALSE;
  return TRUE;
}

void
ea_store_change_set_vital (EaStoreChange *change)
{
  change->is_vital = TRUE;
}

gboolean
ea_store_change_is_void (const EaStoreChange *records, const EaStoreChange *change)
{
  for (GTreeNode *node = g_tree_node_first (change->items); node != NULL;
       node = g_tree_node_next (node))
    if (g_tree_node_value (node) != NULL
        || ea_store_change_lookup (records, g_tree_node_key (node)) != NULL)
      return FALSE;
  return TRUE;
}

GStrv
ea_store_change_list (const EaStoreChange *change, const char *prefix)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (GTreeNode *node = g_tree_lower_bound (change->items, prefix);
       node != NULL && g_str_has_prefix (g_tree_node_key (node), prefix);
       node = g_tree_node_next (node))
    if (g_tree_node_value (node) != NULL)
      g_strv_builder_add (names, g_tree_node_key (node));
  return g_strv_builder_end (names);
}
