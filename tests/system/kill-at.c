/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library for LD_PRELOAD that lets a process die, or fail, at one of its file operations: at those that change
 * something below a directory, in the order in which they come. Of the environment:
 *
 * EA_KILL_DIRECTORY  absolute and without symbolic links; nothing happens elsewhere, or without it
 * EA_KILL_AT         number of the operation, from 1; without it they are only counted
 * EA_KILL_WHEN       "before" it (default) or "after" it comes SIGKILL; "half": after half of what is to be written,
 *                    where it is a write, else before; "error": it fails, and the process lives
 * EA_KILL_ERROR      with "error": number of errno (default: EIO) ...
 * EA_KILL_TIMES      ... and how many operations fail, one after the other (default: 1)
 * EA_KILL_COUNT      a file that gets three numbers of 64 bits as the machine has them: operations, fsync() and
 *                    fdatasync(), bytes written; it is right at any time, also after SIGKILL
 *
 * Operations are: open for writing, write, pwrite, fsync, fdatasync, ftruncate, fallocate, rename, link and unlink,
 * with all names that the C library has for them. What the C library does by itself, for stdio, is not among them.
 */

/* Both names of each function are defined here. Long times want long offsets, and there are no times. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "find-real.h"

typedef enum
{
  WHEN_NEVER,
  WHEN_BEFORE,
  WHEN_AFTER,
  WHEN_HALF,
  WHEN_ERROR,
} When;

typedef struct
{
  _Atomic uint64_t n_operations;
  _Atomic uint64_t n_syncs;
  _Atomic uint64_t n_bytes;
} Counts;

static struct
{
  const char *directory;
  size_t directory_length;
  uint64_t at;
  uint64_t times;
  When when;
  int error;
  Counts *counts;
} plan;

static Counts own_counts;

static uint64_t
get_number (const char *variable, uint64_t otherwise)
{
  const char *text = getenv (variable);

  return text != NULL ? strtoull (text, NULL, 10) : otherwise;
}

static When
get_when (void)
{
  static const char *const names[] = { "before", "after", "half", "error" };
  const char *text = getenv ("EA_KILL_WHEN");

  if (getenv ("EA_KILL_AT") == NULL)
    return WHEN_NEVER;
  for (unsigned i = 0; text != NULL && i < sizeof names / sizeof *names; i++)
    if (strcmp (text, names[i]) == 0)
      return (When) (WHEN_BEFORE + i);
  return WHEN_BEFORE;
}

/* By stdio, which is not watched */
static Counts *
map_counts (const char *path)
{
  FILE *file = path != NULL ? fopen (path, "w+") : NULL;
  void *memory = MAP_FAILED;

  if (file == NULL)
    return &own_counts;
  if (fwrite (&own_counts, sizeof own_counts, 1, file) == 1 && fflush (file) == 0)
    memory = mmap (NULL, sizeof (Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fileno (file), 0);
  (void) fclose (file); /* the mapping stays */
  return memory != MAP_FAILED ? memory : &own_counts;
}

__attribute__ ((constructor)) static void
read_plan (void)
{
  plan.at = get_number ("EA_KILL_AT", 0);
  plan.times = get_number ("EA_KILL_TIMES", 1);
  plan.error = (int) get_number ("EA_KILL_ERROR", EIO);
  plan.when = get_when ();
  plan.counts = map_counts (getenv ("EA_KILL_COUNT"));
  plan.directory = getenv ("EA_KILL_DIRECTORY");
  plan.directory_length = plan.directory != NULL ? strlen (plan.directory) : 0;
}

static bool
is_below (const char *path)
{
  return strncmp (path, plan.directory, plan.directory_length) == 0
         && (path[plan.directory_length] == '/' || path[plan.directory_length] == '\0');
}

static bool
is_watched_fd (int fd)
{
  char link[32];
  char path[PATH_MAX];
  ssize_t length;

  if (plan.directory == NULL)
    return false;
  (void) snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  if (length < 0)
    return false;
  path[length] = '\0';
  return is_below (path);
}

static bool
is_watched_path (int directory, const char *path)
{
  char here[PATH_MAX];
  char whole[2 * PATH_MAX];

  if (plan.directory == NULL)
    return false;
  if (path[0] == '/')
    return is_below (path);
  if (directory != AT_FDCWD)
    return is_watched_fd (directory);
  if (getcwd (here, sizeof here) == NULL)
    return false;
  (void) snprintf (whole, sizeof whole, "%s/%s", here, path);
  return is_below (whole);
}

static void
die (void)
{
  (void) kill (getpid (), SIGKILL);
}

/* What is to happen at an operation */
typedef struct
{
  bool is_watched;
  bool is_failing;
  When when;
} Operation;

static Operation
begin (bool is_watched)
{
  Operation operation = { .is_watched = is_watched, .when = WHEN_NEVER };
  uint64_t number;

  if (!is_watched)
    return operation;
  number = atomic_fetch_add (&plan.counts->n_operations, 1) + 1;
  if (plan.when == WHEN_ERROR)
    operation.is_failing = number >= plan.at && number - plan.at < plan.times;
  else if (number == plan.at)
    operation.when = plan.when;
  if (operation.is_failing)
    errno = plan.error;
  if (operation.when == WHEN_BEFORE)
    die ();
  return operation;
}

/* Passes @result on, unless it is the last thing that this process has done. */
static int
end (const Operation *operation, int result)
{
  if (operation->when == WHEN_AFTER || operation->when == WHEN_HALF)
    die ();
  return result;
}

static int
end_sync (const Operation *operation, int result)
{
  if (operation->is_watched)
    atomic_fetch_add (&plan.counts->n_syncs, 1);
  return end (operation, result);
}

/* How much of @size is to be written */
static size_t
get_write_size (const Operation *operation, size_t size)
{
  return operation->when == WHEN_HALF ? size / 2 : size;
}

static ssize_t
end_write (const Operation *operation, ssize_t result)
{
  if (operation->is_watched && result > 0)
    atomic_fetch_add (&plan.counts->n_bytes, (uint64_t) result);
  (void) end (operation, 0);
  return result;
}

/* Operations that are no writes have no half: they end before they begin. */
static Operation
begin_whole (bool is_watched)
{
  Operation operation = begin (is_watched);

  if (operation.when == WHEN_HALF)
    die ();
  return operation;
}

ssize_t
write (int fd, const void *bytes, size_t size)
{
  ssize_t (*real) (int, const void *, size_t) = find_real (__func__);
  Operation operation = begin (is_watched_fd (fd));

  if (operation.is_failing)
    return -1;
  return end_write (&operation, real (fd, bytes, get_write_size (&operation, size)));
}

static ssize_t
write_at (const char *name, int fd, const void *bytes, size_t size, off64_t offset)
{
  ssize_t (*real) (int, const void *, size_t, off64_t) = find_real (name);
  Operation operation = begin (is_watched_fd (fd));

  if (operation.is_failing)
    return -1;
  return end_write (&operation, real (fd, bytes, get_write_size (&operation, size), offset));
}

ssize_t
pwrite (int fd, const void *bytes, size_t size, off_t offset)
{
  return write_at ("pwrite64", fd, bytes, size, offset);
}

ssize_t
pwrite64 (int fd, const void *bytes, size_t size, off64_t offset)
{
  return write_at (__func__, fd, bytes, size, offset);
}

static int
sync_fd (const char *name, int fd)
{
  int (*real) (int) = find_real (name);
  Operation operation = begin_whole (is_watched_fd (fd));

  return operation.is_failing ? -1 : end_sync (&operation, real (fd));
}

int
fsync (int fd)
{
  return sync_fd (__func__, fd);
}

int
fdatasync (int fd)
{
  return sync_fd (__func__, fd);
}

static int
truncate_fd (int fd, off64_t size)
{
  int (*real) (int, off64_t) = find_real ("ftruncate64");
  Operation operation = begin_whole (is_watched_fd (fd));

  return operation.is_failing ? -1 : end (&operation, real (fd, size));
}

int
ftruncate (int fd, off_t size)
{
  return truncate_fd (fd, size);
}

int
ftruncate64 (int fd, off64_t size)
{
  return truncate_fd (fd, size);
}

static int
allocate (const char *name, int fd, int mode, off64_t offset, off64_t size)
{
  int (*real) (int, int, off64_t, off64_t) = find_real (name);
  Operation operation = begin_whole (is_watched_fd (fd));

  return operation.is_failing ? -1 : end (&operation, real (fd, mode, offset, size));
}

int
fallocate (int fd, int mode, off_t offset, off_t size)
{
  return allocate ("fallocate64", fd, mode, offset, size);
}

int
fallocate64 (int fd, int mode, off64_t offset, off64_t size)
{
  return allocate (__func__, fd, mode, offset, size);
}

static int
open_path (const char *name, int directory, const char *path, int flags, mode_t mode)
{
  int (*real) (int, const char *, int, ...) = find_real (name);
  bool is_changing = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
  Operation operation = begin_whole (is_changing && is_watched_path (directory, path));

  return operation.is_failing ? -1 : end (&operation, real (directory, path, flags, mode));
}

static mode_t
get_mode (int flags, va_list arguments)
{
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg (arguments, mode_t) : 0;
}

int
open (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = get_mode (flags, arguments);
  va_end (arguments);
  return open_path ("openat", AT_FDCWD, path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = get_mode (flags, arguments);
  va_end (arguments);
  return open_path ("openat64", AT_FDCWD, path, flags, mode);
}

int
openat (int directory, const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = get_mode (flags, arguments);
  va_end (arguments);
  return open_path (__func__, directory, path, flags, mode);
}

int
openat64 (int directory, const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  va_start (arguments, flags);
  mode = get_mode (flags, arguments);
  va_end (arguments);
  return open_path (__func__, directory, path, flags, mode);
}

int
renameat (int old_directory, const char *old_path, int new_directory, const char *new_path)
{
  int (*real) (int, const char *, int, const char *) = find_real (__func__);
  Operation operation = begin_whole (is_watched_path (new_directory, new_path)
                                     || is_watched_path (old_directory, old_path));

  if (operation.is_failing)
    return -1;
  return end (&operation, real (old_directory, old_path, new_directory, new_path));
}

int
renameat2 (int old_directory, const char *old_path, int new_directory, const char *new_path,
           unsigned flags)
{
  int (*real) (int, const char *, int, const char *, unsigned) = find_real (__func__);
  Operation operation = begin_whole (is_watched_path (new_directory, new_path)
                                     || is_watched_path (old_directory, old_path));

  if (operation.is_failing)
    return -1;
  return end (&operation, real (old_directory, old_path, new_directory, new_path, flags));
}

int
rename (const char *old_path, const char *new_path)
{
  return renameat (AT_FDCWD, old_path, AT_FDCWD, new_path);
}

int
linkat (int old_directory, const char *old_path, int new_directory, const char *new_path, int flags)
{
  int (*real) (int, const char *, int, const char *, int) = find_real (__func__);
  Operation operation = begin_whole (is_watched_path (new_directory, new_path));

  if (operation.is_failing)
    return -1;
  return end (&operation, real (old_directory, old_path, new_directory, new_path, flags));
}

int
link (const char *old_path, const char *new_path)
{
  return linkat (AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

int
unlinkat (int directory, const char *path, int flags)
{
  int (*real) (int, const char *, int) = find_real (__func__);
  Operation operation = begin_whole (is_watched_path (directory, path));

  return operation.is_failing ? -1 : end (&operation, real (directory, path, flags));
}

int
unlink (const char *path)
{
  return unlinkat (AT_FDCWD, path, 0);
}
