/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory for secrets (agent/host/secret.h): what is locked, who can't see it, and that it is wiped. */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/secret.h"
#include "memory-search.h"

#define CONTENT "a secret of some length"
#define SIZE_MAX_OF_TEST 64

int __real_mlock (const void *address, size_t size);
int __wrap_mlock (const void *address, size_t size);
int __real_munmap (void *address, size_t size);
int __wrap_munmap (void *address, size_t size);

static char *directory;
static int mlock_errno;       /* of the next mlock(2), unless 0 */
static const guint8 *watched; /* bytes of a mapping */
static gsize watched_size;
static gboolean is_watched_wiped; /* when it was unmapped */

int
__wrap_mlock (const void *address, size_t size)
{
  if (mlock_errno == 0)
    return __real_mlock (address, size);
  errno = mlock_errno;
  return -1;
}

int
__wrap_munmap (void *address, size_t size)
{
  if (watched > (guint8 *) address && watched < (guint8 *) address + size)
    {
      is_watched_wiped = TRUE;
      for (gsize i = 0; i < watched_size; i++)
        is_watched_wiped &= watched[i] == 0;
      watched = NULL;
    }
  return __real_munmap (address, size);
}

static int
make_directory (void **state)
{
  directory = g_dir_make_tmp ("euicc-secret-XXXXXX", NULL);
  mlock_errno = 0;
  watched = NULL;
  is_watched_wiped = FALSE;
  return directory != NULL ? 0 : -1;
}

static int
remove_directory (void **state)
{
  g_autofree char *path = g_build_filename (directory, "file", NULL);

  g_remove (path);
  g_rmdir (directory);
  g_clear_pointer (&directory, g_free);
  return 0;
}

static char *
write_file (const char *content, gsize size)
{
  char *path = g_build_filename (directory, "file", NULL);

  assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  return path;
}

static EaSecret *
read_content (void)
{
  g_autofree char *path = write_file (CONTENT, strlen (CONTENT));
  g_autoptr (GError) error = NULL;
  EaSecret *secret = ea_secret_read_file (path, SIZE_MAX_OF_TEST, &error);

  if (secret == NULL)
    fail_msg ("%s", error->message);
  return secret;
}

static void
test_file_is_read_and_can_be_changed_in_place (void **state)
{
  g_autoptr (EaSecret) secret = read_content ();
  gsize size;
  guint8 *bytes = ea_secret_get (secret, &size);

  assert_int_equal (size, strlen (CONTENT));
  assert_memory_equal (bytes, CONTENT, size);
  bytes[0] = 'A';
  assert_memory_equal (ea_secret_get (secret, &size), "A secret", 8);
}

static void
test_empty_file_has_no_bytes (void **state)
{
  g_autofree char *path = write_file ("", 0);
  g_autoptr (EaSecret) secret = ea_secret_read_file (path, SIZE_MAX_OF_TEST, NULL);
  gsize size = 1;

  assert_non_null (secret);
  assert_non_null (ea_secret_get (secret, &size));
  assert_int_equal (size, 0);
}

/* lo: locked; dd: not in core dumps; wf: wiped on fork */
static void
test_memory_is_locked_and_kept_out_of_dumps (void **state)
{
  g_autoptr (EaSecret) secret = read_content ();
  gsize size;
  g_autofree char *flags = memory_get_flags (getpid (), ea_secret_get (secret, &size));

  if (memory_can_be_searched ())
    assert_non_null (strstr (flags, " lo "));
  assert_non_null (strstr (flags, " dd "));
  assert_non_null (strstr (flags, " wf "));
}

static void
test_memory_stands_between_two_guards (void **state)
{
  g_autoptr (EaSecret) secret = read_content ();
  gsize size;
  const guint8 *bytes = ea_secret_get (secret, &size);
  g_autofree char *before = memory_get_flags (getpid (), bytes - 1);
  g_autofree char *after = memory_get_flags (getpid (), bytes + sysconf (_SC_PAGESIZE));

  assert_true (g_str_has_prefix (before, "---p"));
  assert_true (g_str_has_prefix (after, "---p"));
}

static void
test_child_does_not_get_the_secret (void **state)
{
  g_autoptr (EaSecret) secret = read_content ();
  gsize size;
  const guint8 *bytes = ea_secret_get (secret, &size);
  int status = -1;
  pid_t child = fork ();

  if (child == 0)
    _exit (bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0 ? 0 : 1);
  assert_int_equal (waitpid (child, &status, 0), child);
  assert_int_equal (status, 0);
  assert_memory_equal (bytes, CONTENT, size);
}

static void
test_memory_is_wiped_before_it_is_given_back (void **state)
{
  EaSecret *secret = read_content ();

  watched = ea_secret_get (secret, &watched_size);
  ea_secret_free (secret);

  assert_null (watched);
  assert_true (is_watched_wiped);
  ea_secret_free (NULL);
}

static void
expect_error (const char *path, GFileError code)
{
  g_autoptr (GError) error = NULL;

  assert_null (ea_secret_read_file (path, SIZE_MAX_OF_TEST, &error));
  assert_true (g_error_matches (error, G_FILE_ERROR, (int) code));
  assert_non_null (strstr (error->message, path));
}

static void
test_size_is_limited (void **state)
{
  g_autofree char *content = g_strnfill (SIZE_MAX_OF_TEST + 1, 'x');
  g_autofree char *path = write_file (content, SIZE_MAX_OF_TEST);
  g_autoptr (EaSecret) secret = ea_secret_read_file (path, SIZE_MAX_OF_TEST, NULL);
  g_autofree char *larger = write_file (content, SIZE_MAX_OF_TEST + 1);

  assert_non_null (secret);
  expect_error (larger, G_FILE_ERROR_NOSPC);
}

/* Whole pages have room for what tells that nothing follows. */
static void
test_file_of_whole_pages_is_read (void **state)
{
  gsize page_size = (gsize) sysconf (_SC_PAGESIZE);
  g_autofree char *content = g_strnfill (2 * page_size, 'x');
  g_autofree char *path = write_file (content, 2 * page_size);
  g_autoptr (EaSecret) secret = ea_secret_read_file (path, 2 * page_size, NULL);
  gsize size = 0;

  assert_non_null (secret);
  assert_memory_equal (ea_secret_get (secret, &size), content, 2 * page_size);
  assert_int_equal (size, 2 * page_size);
}

static void
test_what_is_no_file_is_refused (void **state)
{
  g_autofree char *path = g_build_filename (directory, "file", NULL);

  expect_error (path, G_FILE_ERROR_NOENT);
  expect_error (directory, G_FILE_ERROR_INVAL);
  assert_int_equal (mkfifo (path, 0600), 0);
  expect_error (path, G_FILE_ERROR_INVAL);
}

static void
test_memory_that_cannot_be_locked_is_an_error_with_a_next_step (void **state)
{
  g_autofree char *path = write_file (CONTENT, strlen (CONTENT));
  g_autoptr (GError) error = NULL;

  mlock_errno = ENOMEM;
  assert_null (ea_secret_read_file (path, SIZE_MAX_OF_TEST, &error));

  assert_true (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM));
  assert_non_null (strstr (error->message, "LimitMEMLOCK="));
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, make_directory, remove_directory)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_file_is_read_and_can_be_changed_in_place),
    IN_DIRECTORY (test_empty_file_has_no_bytes),
    IN_DIRECTORY (test_memory_is_locked_and_kept_out_of_dumps),
    IN_DIRECTORY (test_memory_stands_between_two_guards),
    IN_DIRECTORY (test_child_does_not_get_the_secret),
    IN_DIRECTORY (test_memory_is_wiped_before_it_is_given_back),
    IN_DIRECTORY (test_size_is_limited),
    IN_DIRECTORY (test_file_of_whole_pages_is_read),
    IN_DIRECTORY (test_what_is_no_file_is_refused),
    IN_DIRECTORY (test_memory_that_cannot_be_locked_is_an_error_with_a_next_step),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
