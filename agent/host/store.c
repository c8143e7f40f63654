/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record's file: a line "euicc-agent 1 SHA256", then the bytes. */

#include "host/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "euicc-agent 1 "
#define DIGEST_LENGTH 64
#define HEADER_SIZE (sizeof MAGIC - 1 + DIGEST_LENGTH + 1)
#define NEW_SUFFIX ".new"

struct _EaStore
{
  char *directory;
};

static gboolean
fail_errno (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code), "Cannot %s '%s': %s",
               what, path, g_strerror (code));
  return FALSE;
}

static void
remove_interrupted (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, NEW_SUFFIX))
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);

        (void) g_unlink (path); /* the next write replaces it anyway */
      }
}

EaStore *
ea_store_new (const char *directory, GError **error)
{
  EaStore *self;

  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      fail_errno (error, "make", directory);
      return NULL;
    }

  remove_interrupted (directory);
  self = g_new0 (EaStore, 1);
  self->directory = g_strdup (directory);
  return self;
}

void
ea_store_free (EaStore *self)
{
  if (self == NULL)
    return;

  g_free (self->directory);
  g_free (self);
}

static gboolean
sync_directory (EaStore *self, GError **error)
{
  int fd = open (self->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_synced = fd >= 0 && fsync (fd) == 0;

  if (!is_synced)
    fail_errno (error, "sync", self->directory);
  if (fd >= 0)
    close (fd);
  return is_synced;
}

static gboolean
write_all (int fd, const guint8 *data, gsize size)
{
  while (size > 0)
    {
      ssize_t written = write (fd, data, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      data += written;
      size -= (gsize) written;
    }
  return TRUE;
}

static char *
build_header (GBytes *record)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, record);

  return g_strconcat (MAGIC, digest, "\n", NULL);
}

static gboolean
write_new (const char *path, GBytes *record, GError **error)
{
  g_autofree char *header = build_header (record);
  gsize size;
  const guint8 *data = g_bytes_get_data (record, &size);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean is_written;

  if (fd < 0)
    return fail_errno (error, "make", path);

  is_written = write_all (fd, (const guint8 *) header, HEADER_SIZE) && write_all (fd, data, size)
               && fsync (fd) == 0;
  if (!is_written)
    fail_errno (error, "write", path);
  close (fd);
  return is_written;
}

gboolean
ea_store_write (EaStore *self, const char *name, GBytes *record, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autofree char *new_path = g_strconcat (path, NEW_SUFFIX, NULL);

  g_return_val_if_fail (strlen (name) <= EA_STORE_NAME_MAX, FALSE);
  if (g_bytes_get_size (record) > EA_STORE_RECORD_MAX)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "Record '%s' is larger than 1 MiB",
                   name);
      return FALSE;
    }

  if (!write_new (new_path, record, error))
    {
      (void) g_unlink (new_path); /* a full disk needs its bytes back */
      return FALSE;
    }
  if (g_rename (new_path, path) != 0)
    return fail_errno (error, "replace", path);
  return sync_directory (self, error);
}

static GBytes *
open_record (char *content, gsize size, const char *path, GError **error)
{
  g_autoptr (GBytes) file = g_bytes_new_take (content, size);
  g_autoptr (GBytes) record = NULL;
  g_autofree char *header = NULL;

  if (size >= HEADER_SIZE && size <= HEADER_SIZE + EA_STORE_RECORD_MAX)
    {
      record = g_bytes_new_from_bytes (file, HEADER_SIZE, size - HEADER_SIZE);
      header = build_header (record);
    }
  if (header == NULL || memcmp (content, header, HEADER_SIZE) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Record '%s' is damaged", path);
      return NULL;
    }
  return g_steal_pointer (&record);
}

GBytes *
ea_store_read (EaStore *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  char *content;
  gsize size;

  if (!g_file_get_contents (path, &content, &size, error))
    return NULL;
  return open_record (content, size, path, error);
}

gboolean
ea_store_remove (EaStore *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);

  if (g_unlink (path) != 0)
    return errno == ENOENT || fail_errno (error, "remove", path);
  return sync_directory (self, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
ea_store_list (EaStore *self, const char *prefix)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix) && !g_str_has_suffix (name, NEW_SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
