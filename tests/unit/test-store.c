/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Durable records: what is kept, what a damaged file leaves of them, and the limits. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "host/store.h"

#define DEAD_MIN (64 * 1024)
#define ITEM_SIZE_MAX                                                                              \
  1000 /* more than one transaction of these tests adds, but for the large ones */

static char *directory;

static int
make_directory (void **state)
{
  directory = make_quick_directory ();
  return 0;
}

static int
remove_directory (void **state)
{
  delete_directory (g_steal_pointer (&directory));
  return 0;
}

static EaStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  EaStore *store = ea_store_new (directory, &error);

  if (store == NULL)
    fail_msg ("%s", error->message);
  return store;
}

static void
write_text (EaStore *store, const char *name, const char *text)
{
  g_autoptr (GBytes) record = g_bytes_new (text, strlen (text));

  assert_true (ea_store_write (store, name, record, NULL));
}

/* @text: (nullable): there is no record */
static void
assert_text (EaStore *store, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) record = ea_store_read (store, name, &error);

  assert_int_equal (record != NULL, text != NULL);
  if (text == NULL)
    assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND));
  else
    assert_true (ea_span_equal (ea_span_from_bytes (record), ea_span_init (text, strlen (text))));
}

static char *
get_path (const char *name)
{
  return g_build_filename (directory, name, NULL);
}

static gboolean
has_file (const char *name)
{
  g_autofree char *path = get_path (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static GBytes *
read_file (const char *name)
{
  g_autofree char *path = get_path (name);
  char *content;
  gsize size;

  assert_true (g_file_get_contents (path, &content, &size, NULL));
  return g_bytes_new_take (content, size);
}

static void
write_file (const char *name, const void *content, gsize size)
{
  g_autofree char *path = get_path (name);

  assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
}

static gsize
get_file_size (const char *name)
{
  g_autoptr (GBytes) content = read_file (name);

  return g_bytes_get_size (content);
}

static void
test_record_is_read_back_replaced_and_removed (void **state)
{
  g_autoptr (EaStore) store = open_store ();

  write_text (store, "inbox-1", "first");
  write_text (store, "inbox-1", "second");
  assert_text (store, "inbox-1", "second");
  assert_true (ea_store_remove (store, "inbox-1", NULL));
  assert_true (ea_store_remove (store, "inbox-1", NULL));

  assert_text (store, "inbox-1", NULL);
}

static void
test_records_are_listed_by_prefix_in_order (void **state)
{
  g_autoptr (EaStore) store = open_store ();
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) all = NULL;

  write_text (store, "inbox-2", "x");
  write_text (store, "modem-1", "x");
  write_text (store, "inbox-1", "x");
  write_text (store, "inbo", "x");
  names = ea_store_list (store, "inbox-");
  all = ea_store_list (store, "");

  assert_int_equal (g_strv_length (names), 2);
  assert_string_equal (names[0], "inbox-1");
  assert_string_equal (names[1], "inbox-2");
  assert_int_equal (g_strv_length (all), 4);
}

static void
test_records_outlive_the_store (void **state)
{
  g_autoptr (EaStore) store = open_store ();
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) record = g_bytes_new ("5", 1);

  write_text (store, "inbox-1", "first");
  ea_store_change_write (change, "replay", record);
  ea_store_change_write (change, "job", record);
  ea_store_change_remove (change, "inbox-1");
  assert_true (ea_store_commit (store, change, NULL));
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  assert_text (store, "replay", "5");
  assert_text (store, "job", "5");
  assert_text (store, "inbox-1", NULL);
  assert_false (ea_store_is_amnesic (store));
  assert_int_equal (ea_store_get_torn_size (store), 0);
}

static void
test_removing_nothing_writes_nothing (void **state)
{
  g_autoptr (EaStore) store = open_store ();
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  assert_true (ea_store_commit (store, change, NULL));
  assert_true (ea_store_remove (store, "inbox-1", NULL));

  assert_false (has_file ("store"));
}

static void
test_directory_has_one_store_at_a_time (void **state)
{
  g_autoptr (EaStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strdup_printf (
      "Another process uses the state directory '%s': is another euicc-agentd running?", directory);

  assert_null (ea_store_new (directory, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FAILED));
  assert_string_equal (error->message, expected);

  g_clear_pointer (&store, ea_store_free);
  store = open_store ();
}

static guint
get_mode (const char *name)
{
  g_autofree char *path = get_path (name);
  GStatBuf status;

  assert_return_code (g_stat (path, &status), 0);
  return status.st_mode & 0777;
}

static void
test_directory_and_file_are_for_their_owner_only (void **state)
{
  mode_t mask = umask (0);
  EaStore *store;

  assert_return_code (g_rmdir (directory), 0);
  store = open_store ();
  write_text (store, "name", "text");
  ea_store_free (store);
  (void) umask (mask);

  assert_int_equal (get_mode ("."), 0700);
  assert_int_equal (get_mode ("store"), 0600);
}

static void
test_directory_that_can_not_be_made_is_an_error (void **state)
{
  g_autofree char *path = get_path ("file/state");
  g_autoptr (GError) error = NULL;

  write_file ("file", "", 0);
  assert_null (ea_store_new (path, &error));

  assert_int_equal (error->domain, EA_STORE_ERROR);
}

static void
test_files_of_others_are_left_alone (void **state)
{
  g_autoptr (EaStore) store = NULL;

  write_file ("inbox-0", "euicc-agent", 11);
  write_file ("other.new", "x", 1);
  write_file ("store.new", "x", 1);
  store = open_store ();
  write_text (store, "inbox-1", "x");

  assert_true (has_file ("inbox-0"));
  assert_true (has_file ("other.new"));
  assert_false (has_file ("store.new"));
  assert_text (store, "inbox-0", NULL);
}

static void
test_record_has_its_limit (void **state)
{
  g_autofree char *text = g_strnfill (EA_STORE_RECORD_MAX, 'r');
  g_autoptr (GBytes) longer
      = g_bytes_new_take (g_strnfill (EA_STORE_RECORD_MAX + 1, 'r'), EA_STORE_RECORD_MAX + 1);
  g_autoptr (EaStore) store = open_store ();
  g_autoptr (GError) error = NULL;

  write_text (store, "r", text);
  assert_false (ea_store_write (store, "r", longer, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_LIMIT));
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  assert_text (store, "r", text);
}

static void
test_store_has_its_limit (void **state)
{
  gsize room = EA_STORE_SIZE_MAX - 4 * (6 + 1 + EA_STORE_RECORD_MAX - 100);
  g_autofree char *text = g_strnfill (EA_STORE_RECORD_MAX - 100, 'r');
  g_autofree char *last = g_strnfill (room - 6 - 1, 'l');
  g_autoptr (GBytes) small = g_bytes_new ("", 0);
  g_autoptr (EaStore) store = open_store ();
  g_autoptr (GError) error = NULL;

  write_text (store, "1", text);
  write_text (store, "2", text);
  write_text (store, "3", text);
  write_text (store, "4", text);
  write_text (store, "5", last);
  assert_false (ea_store_write (store, "6", small, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_true (ea_store_remove (store, "5", NULL));
  assert_true (ea_store_write (store, "6", small, NULL));
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  assert_text (store, "4", text);
  assert_text (store, "6", "");
}

static void
test_file_is_bounded_and_compaction_keeps_everything (void **state)
{
  g_autoptr (EaStore) store = open_store ();
  g_autofree char *text = g_strnfill (500, 'k');
  gsize largest = 0;

  write_text (store, "kept", text);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *number = g_strdup_printf ("%0200u", i);

      write_text (store, "replay", number);
      largest = MAX (largest, get_file_size ("store"));
      if (i % 300 == 299)
        {
          g_clear_pointer (&store, ea_store_free);
          store = open_store ();
        }
    }
  assert_in_range (largest, DEAD_MIN, DEAD_MIN + 2 * ITEM_SIZE_MAX + ITEM_SIZE_MAX);
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  assert_text (store, "kept", text);
  text = (g_free (text), g_strdup_printf ("%0200u", 999));
  assert_text (store, "replay", text);
}

static void
test_compaction_of_a_large_store_keeps_everything (void **state)
{
  static const guint n_records = 100;
  g_autoptr (EaStore) store = open_store ();
  g_autofree char *text = g_strnfill (3000, 'k');
  gsize size = 0;

  write_text (store, "record-0", text);
  for (guint i = 1; i < 4 * n_records; i++)
    {
      g_autofree char *name = g_strdup_printf ("record-%u", i % n_records);
      gsize before = get_file_size ("store");

      write_text (store, name, text);
      if (get_file_size ("store") < before)
        size = get_file_size ("store");
    }
  assert_in_range (size, n_records * strlen (text), (n_records + 2) * (strlen (text) + 50));
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  for (guint i = 0; i < n_records; i++)
    {
      g_autofree char *name = g_strdup_printf ("record-%u", i);

      assert_text (store, name, text);
    }
}

static void
test_log_that_can_not_be_written_anew_grows_to_its_limit (void **state)
{
  static const gsize size = 100 * 1024;
  g_autoptr (EaStore) store = open_store ();
  g_autofree char *obstacle = get_path ("store.new");
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  guint n_written = 0;

  write_text (store, "replay", "0");
  assert_return_code (g_mkdir (obstacle, 0700), 0);
  while (error == NULL)
    {
      g_autofree char *text = g_strnfill (size, (char) ('0' + n_written % 10));
      g_autoptr (GBytes) record = g_bytes_new (text, size);

      if (!ea_store_write (store, "replay", record, &error))
        break;
      n_written++;
      g_free (last);
      last = g_steal_pointer (&text);
    }
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_int_equal (n_written, EA_STORE_FILE_MAX / (size + 100));
  assert_text (store, "replay", last);

  assert_return_code (g_rmdir (obstacle), 0);
  write_text (store, "another", "x");
  assert_in_range (get_file_size ("store"), size, 2 * size);
  assert_text (store, "replay", last);
}

/* Three records, one commit each, and the bytes of the file */
static GBytes *
make_records (void)
{
  g_autoptr (EaStore) store = open_store ();

  write_text (store, "modem-1", "routes");
  write_text (store, "replay", "1");
  write_text (store, "replay", "2");
  return read_file ("store");
}

static void
write_changed (const char *name, GBytes *file, gsize place)
{
  gsize size;
  const char *bytes = g_bytes_get_data (file, &size);
  g_autofree char *copy = g_memdup2 (bytes, size);

  copy[place] ^= 1;
  write_file (name, copy, size);
}

static void
test_every_truncation_leaves_a_prefix (void **state)
{
  g_autoptr (GBytes) file = make_records ();
  gsize whole = g_bytes_get_size (file);
  gsize last = 2 + strlen ("replay") + 4 + 1 + 40; /* the last transaction */

  for (gsize size = whole - last; size < whole; size++)
    {
      g_autoptr (EaStore) store = NULL;

      write_file ("store", g_bytes_get_data (file, NULL), size);
      store = open_store ();
      assert_text (store, "modem-1", "routes");
      assert_text (store, "replay", "1");
      assert_int_equal (ea_store_get_torn_size (store), size - (whole - last));
      assert_false (ea_store_is_amnesic (store));
      write_text (store, "replay", "3");
      g_clear_pointer (&store, ea_store_free);
      store = open_store ();
      assert_text (store, "replay", "3");
      assert_int_equal (ea_store_get_torn_size (store), 0);
    }
}

static void
test_every_changed_byte_makes_amnesic (void **state)
{
  g_autoptr (GBytes) file = make_records ();

  for (gsize i = 0; i < g_bytes_get_size (file); i++)
    {
      g_autoptr (EaStore) store = NULL;
      g_autofree char *amnesia = get_path ("store.amnesia");
      g_autofree char *damaged = get_path ("store.damaged-1");

      write_changed ("store", file, i);
      store = open_store ();
      assert_true (ea_store_is_amnesic (store));
      assert_true (has_file ("store.amnesia"));
      assert_true (has_file ("store.damaged-1"));
      g_clear_pointer (&store, ea_store_free);
      assert_return_code (g_unlink (amnesia), 0);
      assert_return_code (g_unlink (damaged), 0);
    }
}

static void
test_what_comes_before_a_damage_is_kept (void **state)
{
  g_autoptr (GBytes) file = make_records ();
  g_autoptr (EaStore) store = NULL;

  write_changed ("store", file, g_bytes_get_size (file) - 1);
  store = open_store ();
  assert_text (store, "modem-1", "routes");
  assert_text (store, "replay", "1");
  write_text (store, "new", "x");
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();

  assert_text (store, "modem-1", "routes");
  assert_text (store, "new", "x");
}

static void
test_amnesia_lasts_until_somebody_ends_it (void **state)
{
  g_autoptr (GBytes) file = make_records ();
  g_autofree char *path = get_path ("store.amnesia");
  g_autofree char *reason = NULL;
  g_autoptr (EaStore) store = NULL;

  write_changed ("store", file, g_bytes_get_size (file) - 1);
  store = open_store ();
  reason = g_strdup (ea_store_get_amnesia (store));
  write_text (store, "new", "x");
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&store, ea_store_free);
      store = open_store ();
      assert_true (ea_store_is_amnesic (store));
      assert_string_equal (ea_store_get_amnesia (store), reason);
    }
  g_clear_pointer (&store, ea_store_free);
  assert_return_code (g_unlink (path), 0);
  store = open_store ();

  assert_false (ea_store_is_amnesic (store));
  assert_null (ea_store_get_amnesia (store));
  assert_text (store, "new", "x");
}

static void
test_nothing_that_was_set_aside_is_overwritten (void **state)
{
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  write_file ("store", "first", 5);
  ea_store_free (open_store ());
  write_file ("store", "second", 6);
  ea_store_free (open_store ());
  first = read_file ("store.damaged-1");
  second = read_file ("store.damaged-2");

  assert_memory_equal (g_bytes_get_data (first, NULL), "first", 5);
  assert_memory_equal (g_bytes_get_data (second, NULL), "second", 6);
  assert_false (has_file ("store.damaged-3"));
}

static void
assert_set_aside (void)
{
  g_autoptr (EaStore) store = open_store ();

  assert_true (ea_store_is_amnesic (store));
  assert_true (has_file ("store.damaged-1"));
  write_text (store, "new", "x");
  g_clear_pointer (&store, ea_store_free);
  store = open_store ();
  assert_text (store, "new", "x");
  assert_true (ea_store_is_amnesic (store));
}

static void
test_empty_file_is_no_store (void **state)
{
  write_file ("store", "", 0);
  assert_set_aside ();
}

static void
test_file_that_is_too_large_is_no_store (void **state)
{
  g_autofree char *path = get_path ("store");

  write_file ("store", "", 0);
  assert_return_code (truncate (path, EA_STORE_FILE_MAX + 1), 0);
  assert_set_aside ();
}

static void
test_directory_is_no_store (void **state)
{
  g_autofree char *path = get_path ("store");

  assert_return_code (g_mkdir (path, 0700), 0);
  assert_set_aside ();
}

static void
test_link_is_no_store (void **state)
{
  g_autoptr (GBytes) file = make_records ();
  g_autoptr (GBytes) after = NULL;
  g_autofree char *path = get_path ("store");
  g_autofree char *elsewhere = get_path ("elsewhere");

  assert_return_code (g_rename (path, elsewhere), 0);
  assert_return_code (symlink ("elsewhere", path), 0);
  assert_set_aside ();
  after = read_file ("elsewhere");

  assert_true (g_bytes_equal (after, file));
}

static void
test_pipe_is_no_store (void **state)
{
  g_autofree char *path = get_path ("store");

  assert_return_code (mkfifo (path, 0600), 0);
  assert_set_aside ();
}

#define IN_DIRECTORY(name) cmocka_unit_test_setup_teardown (name, make_directory, remove_directory)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_DIRECTORY (test_record_is_read_back_replaced_and_removed),
    IN_DIRECTORY (test_records_are_listed_by_prefix_in_order),
    IN_DIRECTORY (test_records_outlive_the_store),
    IN_DIRECTORY (test_removing_nothing_writes_nothing),
    IN_DIRECTORY (test_directory_has_one_store_at_a_time),
    IN_DIRECTORY (test_directory_and_file_are_for_their_owner_only),
    IN_DIRECTORY (test_directory_that_can_not_be_made_is_an_error),
    IN_DIRECTORY (test_files_of_others_are_left_alone),
    IN_DIRECTORY (test_record_has_its_limit),
    IN_DIRECTORY (test_store_has_its_limit),
    IN_DIRECTORY (test_file_is_bounded_and_compaction_keeps_everything),
    IN_DIRECTORY (test_compaction_of_a_large_store_keeps_everything),
    IN_DIRECTORY (test_log_that_can_not_be_written_anew_grows_to_its_limit),
    IN_DIRECTORY (test_every_truncation_leaves_a_prefix),
    IN_DIRECTORY (test_every_changed_byte_makes_amnesic),
    IN_DIRECTORY (test_what_comes_before_a_damage_is_kept),
    IN_DIRECTORY (test_amnesia_lasts_until_somebody_ends_it),
    IN_DIRECTORY (test_nothing_that_was_set_aside_is_overwritten),
    IN_DIRECTORY (test_empty_file_is_no_store),
    IN_DIRECTORY (test_file_that_is_too_large_is_no_store),
    IN_DIRECTORY (test_directory_is_no_store),
    IN_DIRECTORY (test_link_is_no_store),
    IN_DIRECTORY (test_pipe_is_no_store),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
