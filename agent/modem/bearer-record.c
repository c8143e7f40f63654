/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record as text, one line a bearer: the bus's GUID, ModemManager's unique name there, and the path of the
 * bearer. Unique names and paths begin anew with another bus, but no two of the three together come twice.
 */

#include "modem/bearer-record.h"

#include <string.h>

#define BEARERS_MAX 32 /* of a record that is read */
#define N_WORDS 3

typedef struct
{
  char *text;       /* its line */
  gboolean is_left; /* by an earlier life */
} Entry;

struct _EaBearerRecord
{
  GObject parent_instance;

  GPtrArray *entries; /* of Entry */
  EaModemSaveFunc save;
  gpointer save_data;
};

G_DEFINE_FINAL_TYPE (EaBearerRecord, ea_bearer_record, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->text);
  g_free (entry);
}

/* @text: (transfer full) */
static void
append (EaBearerRecord *self, char *text, gboolean is_left)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->text = text;
  entry->is_left = is_left;
  g_ptr_array_add (self->entries, entry);
}

/* (transfer full): what every entry of this run of ModemManager begins with */
static char *
build_prefix (MMModem *modem)
{
  GDBusProxy *proxy = G_DBUS_PROXY (modem);

  return g_strdup_printf ("%s %s ",
                          g_dbus_connection_get_guid (g_dbus_proxy_get_connection (proxy)),
                          g_dbus_proxy_get_name (proxy));
}

static char *
build_entry (MMModem *modem, const char *path)
{
  g_autofree char *prefix = build_prefix (modem);

  return g_strconcat (prefix, path, NULL);
}

static gboolean
save (EaBearerRecord *self, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < self->entries->len; i++)
    g_string_append_printf (text, "%s\n", ((Entry *) g_ptr_array_index (self->entries, i))->text);
  if (text->len > 0)
    bytes = g_bytes_new (text->str, text->len);
  return self->save == NULL || self->save (bytes, self->save_data, error);
}

gboolean
ea_bearer_record_add (EaBearerRecord *self, MMModem *modem, const char *path, GError **error)
{
  append (self, build_entry (modem, path), FALSE);
  if (save (self, error))
    return TRUE;

  g_ptr_array_set_size (self->entries, (int) self->entries->len - 1);
  return FALSE;
}

void
ea_bearer_record_remove (EaBearerRecord *self, MMModem *modem, const char *path)
{
  g_autofree char *text = build_entry (modem, path);

  for (guint i = 0; i < self->entries->len; i++)
    if (strcmp (((Entry *) g_ptr_array_index (self->entries, i))->text, text) == 0)
      {
        g_ptr_array_remove_index (self->entries, i);
        (void) save (self, NULL); /* told by the one who saves */
        return;
      }
}

static void
forget_others (EaBearerRecord *self, const char *prefix)
{
  guint n_before = self->entries->len;

  for (guint i = self->entries->len; i > 0; i--)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i - 1);

      if (entry->is_left && !g_str_has_prefix (entry->text, prefix))
        g_ptr_array_remove_index (self->entries, i - 1);
    }
  if (self->entries->len != n_before)
    (void) save (self, NULL); /* told by the one who saves */
}

char *
ea_bearer_record_take_left (EaBearerRecord *self, MMModem *modem)
{
  g_autofree char *prefix = build_prefix (modem);

  forget_others (self, prefix);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (!entry->is_left)
        continue;
      entry->is_left = FALSE;
      return g_strdup (entry->text + strlen (prefix));
    }
  return NULL;
}

/* A bearer may have gone before us. One that is perhaps still there stays in the record. */
static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (mm_modem_delete_bearer_finish (MM_MODEM (source), result, &error)
      || g_error_matches (error, MM_CORE_ERROR, MM_CORE_ERROR_NOT_FOUND)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    ea_bearer_record_remove (g_task_get_source_object (task), MM_MODEM (source),
                             g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
}

void
ea_bearer_record_delete_async (EaBearerRecord *self, MMModem *modem, const char *path,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  /* Which disconnects first; one call also gets through when the agent ends right after. */
  mm_modem_delete_bearer (modem, path, NULL, on_deleted, task);
}

static gboolean
is_entry (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", N_WORDS);

  return g_strv_length (words) == N_WORDS && g_dbus_is_guid (words[0])
         && g_dbus_is_unique_name (words[1]) && g_variant_is_object_path (words[2]);
}

static void
ea_bearer_record_finalize (GObject *object)
{
  g_ptr_array_unref (EA_BEARER_RECORD (object)->entries);
  G_OBJECT_CLASS (ea_bearer_record_parent_class)->finalize (object);
}

static void
ea_bearer_record_class_init (EaBearerRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_bearer_record_finalize;
}

static void
ea_bearer_record_init (EaBearerRecord *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
}

EaBearerRecord *
ea_bearer_record_new (GBytes *saved)
{
  EaBearerRecord *self = g_object_new (EA_TYPE_BEARER_RECORD, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (saved == NULL || g_bytes_get_size (saved) == 0)
    return self;

  text = g_strndup (g_bytes_get_data (saved, NULL), g_bytes_get_size (saved));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && self->entries->len < BEARERS_MAX; i++)
    if (is_entry (lines[i]))
      append (self, g_strdup (lines[i]), TRUE);
  return self;
}

void
ea_bearer_record_set_save_func (EaBearerRecord *self, EaModemSaveFunc func, gpointer user_data)
{
  self->save = func;
  self->save_data = user_data;
}
