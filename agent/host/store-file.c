/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The directory's lock, and writing in ways that a crash, a full disk or a failing one do not make half. */

#include "host/store-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "host/store.h"

#define FILE_NAME "store"
#define NEW_NAME "store.new"
#define AMNESIA_NAME "store.amnesia"
#define DAMAGED_NAME "store.damaged-%u"
#define AMNESIA_MAX 1024 /* bytes read of a reason */
#define FILE_MODE 0600
#define DIRECTORY_MODE 0700
#define STATUS_BLOCK_SIZE 512 /* bytes: what stat() counts in, whatever the disk has */
#define RESERVE_STEP 4096     /* bytes: room is asked for in such steps, as in blocks of the disk */

struct _EaStoreFile
{
  char *path; /* of the directory */
  int directory;
  int fd; /* -1: to be replaced before anything is appended */
  gsize size;
  gsize room;     /* to be kept on the disk behind the end */
  gsize reserved; /* up to here the disk has room for the file */
};

static gboolean
fail (EaStoreFile *self, GError **error, const char *what, const char *name)
{
  int code = errno;
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  errno = code;
  return ea_store_error_set_from_errno (error, what, path);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    (void) close (*fd); /* what has to be on the disk was synced */
  *fd = -1;
}

static gboolean
lock_directory (EaStoreFile *self, GError **error)
{
  self->directory = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->directory < 0)
    return ea_store_error_set_from_errno (error, "open", self->path);
  if (flock (self->directory, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno != EWOULDBLOCK)
    return ea_store_error_set_from_errno (error, "lock", self->path);
  g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_FAILED,
               "Another process uses the state directory '%s': is another euicc-agentd running?",
               self->path);
  return FALSE;
}

EaStoreFile *
ea_store_file_open (const char *directory, GError **error)
{
  g_autoptr (EaStoreFile) self = g_new0 (EaStoreFile, 1);

  self->path = g_strdup (directory);
  self->directory = -1;
  self->fd = -1;
  self->room = EA_STORE_FILE_RESERVE;
  if (g_mkdir_with_parents (directory, DIRECTORY_MODE) != 0)
    {
      ea_store_error_set_from_errno (error, "make", directory);
      return NULL;
    }
  if (!lock_directory (self, error))
    return NULL;

  (void) unlinkat (self->directory, NEW_NAME, 0); /* the next replacement writes over it anyway */
  return g_steal_pointer (&self);
}

void
ea_store_file_close (EaStoreFile *self)
{
  if (self == NULL)
    return;

  close_fd (&self->fd);
  close_fd (&self->directory);
  g_free (self->path);
  g_free (self);
}

/* -1 and errno, or a file to read; self->fd can be written too, or is -1. */
static int
open_file (EaStoreFile *self)
{
  int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

  self->fd = openat (self->directory, FILE_NAME, O_RDWR | flags);
  if (self->fd >= 0 || (errno != EROFS && errno != EACCES && errno != EPERM))
    return self->fd;
  return openat (self->directory, FILE_NAME, O_RDONLY | flags);
}

static GBytes *
read_all (int fd, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (MAX (size, 1));
  gsize n_read = 0;

  while (n_read < size)
    {
      ssize_t result = pread (fd, bytes + n_read, size - n_read, (off_t) n_read);

      if (result < 0 && errno == EINTR)
        continue;
      if (result < 0)
        return NULL;
      if (result == 0)
        break;
      n_read += (gsize) result;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), n_read);
}

static gboolean
read_file (EaStoreFile *self, int fd, GBytes **content, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return fail (self, error, "read", FILE_NAME);
  if (!S_ISREG (status.st_mode) || status.st_size > EA_STORE_FILE_MAX)
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
                   S_ISREG (status.st_mode) ? "it is too large" : "it is no plain file");
      return FALSE;
    }
  *content = read_all (fd, (gsize) status.st_size);
  if (*content == NULL)
    return fail (self, error, "read", FILE_NAME);
  self->size = g_bytes_get_size (*content);
  return TRUE;
}

gboolean
ea_store_file_read (EaStoreFile *self, GBytes **content, GError **error)
{
  int fd = open_file (self);
  gboolean is_read;

  *content = NULL;
  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0 && (errno == EISDIR || errno == ELOOP || errno == ENXIO || errno == ENODEV))
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED, "it is no plain file");
      return FALSE;
    }
  if (fd < 0)
    return fail (self, error, "open", FILE_NAME);

  self->reserved = 0; /* what an earlier life has reserved is told when it is asked for again */
  is_read = read_file (self, fd, content, error);
  if (fd != self->fd)
    close_fd (&fd);
  if (!is_read)
    close_fd (&self->fd);
  return is_read;
}

gboolean
ea_store_file_is_appendable (EaStoreFile *self)
{
  return self->fd >= 0;
}

/* From @start to @end only: a file system may look at each block that it is asked for, also where it has it.
 * TRUE, too, where the file system keeps no room for anybody */
static gboolean
allocate (int fd, gsize start, gsize end)
{
  while (fallocate (fd, FALLOC_FL_KEEP_SIZE, (off_t) start, (off_t) (end - start)) != 0)
    if (errno != EINTR)
      return errno == EOPNOTSUPP || errno == ENOSYS;
  return TRUE;
}

void
ea_store_file_set_live_size (EaStoreFile *self, gsize size)
{
  self->room = size + EA_STORE_FILE_RESERVE;
}

gsize
ea_store_file_measure_room (EaStoreFile *self)
{
  struct stat status;
  gsize allocated;

  if (self->fd < 0 || fstat (self->fd, &status) != 0)
    return 0;
  allocated = (gsize) status.st_blocks * STATUS_BLOCK_SIZE;
  return allocated > self->size ? allocated - self->size : 0;
}

gboolean
ea_store_file_reserve (EaStoreFile *self, gsize size, GError **error)
{
  gsize end = self->size + size + self->room;

  if (end <= self->reserved)
    return TRUE;
  end += RESERVE_STEP - end % RESERVE_STEP;
  if (!allocate (self->fd, self->reserved, end))
    return fail (self, error, "reserve room for", FILE_NAME);
  self->reserved = end;
  return TRUE;
}

/* As much of @room behind the first @size bytes as there is, but for a step */
static void
allocate_some (int fd, gsize size, gsize room)
{
  gsize allocated = 0;

  for (gsize step = room; step >= RESERVE_STEP; step /= 2)
    if (allocated + step <= room && allocate (fd, size + allocated, size + allocated + step))
      allocated += step;
}

void
ea_store_file_take_room (EaStoreFile *self)
{
  if (self->fd >= 0 && !ea_store_file_reserve (self, 0, NULL))
    allocate_some (self->fd, self->size, self->room);
}

/* What lies behind the end is given back to the disk, too. */
static gboolean
truncate_to (EaStoreFile *self, gsize size)
{
  self->reserved = 0;
  if (ftruncate (self->fd, (off_t) size) != 0)
    return FALSE;
  self->size = size;
  return TRUE;
}

gboolean
ea_store_file_cut (EaStoreFile *self, gsize size, GError **error)
{
  if (self->fd >= 0 && truncate_to (self, size))
    {
      ea_store_file_take_room (self); /* before somebody else does */
      if (fsync (self->fd) == 0)
        return TRUE;
    }

  fail (self, error, "cut", FILE_NAME);
  close_fd (&self->fd);
  return FALSE;
}

static gboolean
write_at (int fd, EaSpan bytes, gsize offset)
{
  while (bytes.size > 0)
    {
      ssize_t written = pwrite (fd, bytes.data, bytes.size, (off_t) offset);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      bytes = ea_span_tail (bytes, (gsize) written);
      offset += (gsize) written;
    }
  return TRUE;
}

gboolean
ea_store_file_append (EaStoreFile *self, EaSpan bytes, GError **error)
{
  if (self->size + bytes.size > EA_STORE_FILE_MAX)
    {
      errno = EFBIG;
      return fail (self, error, "write", FILE_NAME);
    }
  if (write_at (self->fd, bytes, self->size) && fdatasync (self->fd) == 0)
    {
      self->size += bytes.size;
      return TRUE;
    }

  fail (self, error, "write", FILE_NAME);
  (void) ea_store_file_cut (self, self->size, NULL); /* the first error tells more */
  return FALSE;
}

typedef struct
{
  EaStoreFileFunc func;
  gpointer user_data;
  gsize size; /* that was written */
} Content;

static gboolean
write_content (int fd, Content *content)
{
  EaSpan piece;

  content->size = 0;
  while ((piece = content->func (content->size, content->user_data)).size > 0)
    {
      if (!write_at (fd, piece, content->size))
        return FALSE;
      content->size += piece.size;
    }
  return TRUE;
}

/* -1, with @error set, or the file; what there is of it is removed again, for a full disk needs its bytes back. */
static int
try_file (EaStoreFile *self, const char *name, Content *content, gsize room, GError **error)
{
  int fd = openat (self->directory, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                   FILE_MODE);

  if (fd < 0)
    {
      fail (self, error, "make", NEW_NAME);
      return -1;
    }
  if (write_content (fd, content))
    {
      allocate_some (fd, content->size, room);
      if (fsync (fd) == 0 && renameat (self->directory, NEW_NAME, self->directory, name) == 0)
        return fd;
    }

  fail (self, error, "write", NEW_NAME);
  (void) unlinkat (self->directory, NEW_NAME, 0);
  close_fd (&fd);
  return -1;
}

/* On a full disk it may have the room that is kept behind the file, which lost none of its bytes then. */
static int
make_file (EaStoreFile *self, const char *name, Content *content, gsize room, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  int fd = try_file (self, name, content, room, &local_error);

  if (fd < 0 && g_error_matches (local_error, EA_STORE_ERROR, EA_STORE_ERROR_FULL) && self->fd >= 0
      && truncate_to (self, self->size))
    {
      g_clear_error (&local_error);
      fd = try_file (self, name, content, room, &local_error);
      if (fd < 0)
        ea_store_file_take_room (self); /* as it was */
    }
  if (fd < 0)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return fd;
}

static gboolean
sync_directory (EaStoreFile *self, GError **error)
{
  return fsync (self->directory) == 0 || ea_store_error_set_from_errno (error, "sync", self->path);
}

gboolean
ea_store_file_replace (EaStoreFile *self, EaStoreFileFunc func, gpointer user_data, GError **error)
{
  Content content = { func, user_data, 0 };
  int fd = make_file (self, FILE_NAME, &content, self->room, error);

  if (fd < 0)
    return FALSE;
  close_fd (&self->fd);
  self->fd = fd;
  self->size = content.size;
  self->reserved = 0;
  ea_store_file_take_room (self); /* also what the old one has left */
  if (sync_directory (self, error))
    return TRUE;

  close_fd (&self->fd); /* after a crash the old one may be back: nothing may rest on the new one */
  return FALSE;
}

/* (transfer full): a name that nothing has, or the very file that is to get it */
static char *
find_damaged_name (EaStoreFile *self, const struct stat *file)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *name = g_strdup_printf (DAMAGED_NAME, i);
      struct stat status;

      if (fstatat (self->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0
          || status.st_ino == file->st_ino)
        return g_steal_pointer (&name);
    }
}

/* A link leaves the damaged file in place, so that what can be saved of it is not lost by a crash now. */
static gboolean
link_file (EaStoreFile *self)
{
  g_autofree char *name = NULL;
  struct stat file;

  if (fstatat (self->directory, FILE_NAME, &file, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT; /* done, by an attempt that failed later */
  name = find_damaged_name (self, &file);
  return linkat (self->directory, FILE_NAME, self->directory, name, 0) == 0 || errno == EEXIST
         || renameat2 (self->directory, FILE_NAME, self->directory, name, RENAME_NOREPLACE) == 0;
}

static EaSpan
give_line (gsize offset, gpointer user_data)
{
  const char *line = user_data;

  return ea_span_tail (ea_span_init (line, strlen (line)), offset);
}

static gboolean
write_amnesia (EaStoreFile *self, const char *amnesia, GError **error)
{
  g_autofree char *line = g_strconcat (amnesia, "\n", NULL);
  Content content = { give_line, line, 0 };
  int fd = make_file (self, AMNESIA_NAME, &content, 0, error);

  if (fd < 0)
    return FALSE;
  close_fd (&fd);
  return sync_directory (self, error);
}

gboolean
ea_store_file_set_aside (EaStoreFile *self, const char *amnesia, GError **error)
{
  if (!write_amnesia (self, amnesia, error))
    return FALSE;

  if (self->fd >= 0)
    (void) truncate_to (self, self->size); /* what is set aside needs no room */
  close_fd (&self->fd);
  if (!link_file (self))
    return fail (self, error, "set aside", FILE_NAME);
  return sync_directory (self, error);
}

char *
ea_store_file_read_amnesia (EaStoreFile *self)
{
  int fd = openat (self->directory, AMNESIA_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  gsize size;
  const char *line;

  if (fd < 0 && errno == ENOENT)
    return NULL;
  bytes = fd >= 0 ? read_all (fd, AMNESIA_MAX) : NULL;
  close_fd (&fd);
  if (bytes == NULL)
    return g_strdup (AMNESIA_NAME " can't be read");
  line = g_bytes_get_data (bytes, &size);
  text = g_utf8_make_valid (line, (gssize) size);
  return g_strndup (text, strcspn (text, "\n"));
}
