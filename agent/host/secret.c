/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Pages by mmap(2): a guard, the content, a guard. The file is read with read(2), since the buffers of stdio and of
 * GLib would keep copies.
 */

#include "host/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct _EaSecret
{
  guint8 *mapping; /* with the guards */
  gsize page_size;
  gsize n_bytes; /* of whole pages between the guards */
  gsize size;
};

static gboolean
fail_errno (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code), "Cannot %s '%s': %s",
               what, path, g_strerror (code));
  return FALSE;
}

static guint8 *
get_content (EaSecret *self)
{
  return self->mapping + self->page_size;
}

void
ea_secret_free (EaSecret *self)
{
  if (self == NULL)
    return;

  if (self->mapping != NULL)
    {
      explicit_bzero (get_content (self), self->n_bytes);
      (void) munmap (self->mapping, self->n_bytes + 2 * self->page_size); /* it is ours */
    }
  g_free (self);
}

/* TRUE, or FALSE with errno. Pages that were never locked must not get a secret. */
static gboolean
map_pages (EaSecret *self)
{
  gsize size = self->n_bytes + 2 * self->page_size;
  void *mapping = mmap (NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (mapping == MAP_FAILED)
    return FALSE;
  if (mprotect ((guint8 *) mapping + self->page_size, self->n_bytes, PROT_READ | PROT_WRITE) != 0)
    {
      (void) munmap (mapping, size); /* it is ours */
      return FALSE;
    }
  self->mapping = mapping;
  return mlock (get_content (self), self->n_bytes) == 0
         && madvise (get_content (self), self->n_bytes, MADV_DONTDUMP) == 0
         && madvise (get_content (self), self->n_bytes, MADV_WIPEONFORK) == 0;
}

static EaSecret *
secret_new (gsize size, const char *path, GError **error)
{
  g_autoptr (EaSecret) self = g_new0 (EaSecret, 1);

  self->page_size = (gsize) sysconf (_SC_PAGESIZE);
  self->n_bytes = (size / self->page_size + 1) * self->page_size;
  if (map_pages (self))
    return g_steal_pointer (&self);

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
               "Cannot lock %" G_GSIZE_FORMAT
               " bytes of memory for '%s': %s; raise LimitMEMLOCK= of "
               "the service (ulimit -l)",
               self->n_bytes, path, g_strerror (errno));
  return NULL;
}

/* There is room for more bytes than the file had when it was looked at. */
static gboolean
read_all (EaSecret *self, int fd, const char *path, GError **error)
{
  gssize n_read = 1;

  while (n_read > 0 && self->size < self->n_bytes)
    {
      n_read = TEMP_FAILURE_RETRY (
          read (fd, get_content (self) + self->size, self->n_bytes - self->size));
      if (n_read < 0)
        return fail_errno (error, "read", path);
      self->size += (gsize) n_read;
    }
  if (self->size == self->n_bytes)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "'%s' grows while it is read", path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_file (int fd, const char *path, gsize size_max, gsize *size, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return fail_errno (error, "read", path);
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "'%s' is no regular file", path);
      return FALSE;
    }
  if ((guint64) status.st_size > size_max)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                   "'%s' is larger than %" G_GSIZE_FORMAT " bytes", path, size_max);
      return FALSE;
    }
  *size = (gsize) status.st_size;
  return TRUE;
}

static EaSecret *
read_file (int fd, const char *path, gsize size_max, GError **error)
{
  g_autoptr (EaSecret) self = NULL;
  gsize size;

  if (!check_file (fd, path, size_max, &size, error))
    return NULL;
  self = secret_new (size, path, error);
  if (self == NULL || !read_all (self, fd, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

EaSecret *
ea_secret_read_file (const char *path, gsize size_max, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  EaSecret *self;

  if (fd < 0)
    {
      fail_errno (error, "open", path);
      return NULL;
    }
  self = read_file (fd, path, size_max, error);
  close (fd);
  return self;
}

guint8 *
ea_secret_get (EaSecret *self, gsize *size)
{
  *size = self->size;
  return get_content (self);
}
