/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "session/history-record.h"
#include "session/history.h"

#define EID "89001012012341234012345678901224"
#define TIME_US G_GUINT64_CONSTANT (0x000644C0FFEE1234)

/* Version, time, "a", "", "Session/7", "https", "ok", "done" */
#define ENTRY                                                                                      \
  "01000644C0FFEE12340001610000000953657373696F6E2F3700056874747073"                               \
  "00026F6B0004646F6E65"

typedef struct
{
  char *directory;
  EaStore *store;
} World;

static int
setup (void **state)
{
  World *world = g_new0 (World, 1);

  world->directory = make_quick_directory ();
  world->store = ea_store_new (world->directory, NULL);
  *state = world;
  return 0;
}

static int
teardown (void **state)
{
  World *world = *state;

  ea_store_free (world->store);
  delete_directory (world->directory);
  g_free (world);
  return 0;
}

static void
add (EaHistory *history, const char *event, const char *session)
{
  const EaHistoryEntry entry = { .event = event, .eid = EID, .session = session };

  assert_true (ea_history_add (history, &entry, NULL));
}

/* The events, the newest first, with spaces between */
static void
expect_events (EaHistory *history, guint64 since_us, guint limit, const char *expected)
{
  g_autoptr (GVariant) entries = g_variant_ref_sink (ea_history_get (history, since_us, limit));
  g_autoptr (GString) events = g_string_new (NULL);

  assert_true (g_variant_is_of_type (entries, G_VARIANT_TYPE ("aa{sv}")));
  for (gsize i = 0; i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);
      const char *event = NULL;

      assert_true (g_variant_lookup (entry, "event", "&s", &event));
      g_string_append_printf (events, "%s%s", i > 0 ? " " : "", event);
    }
  assert_string_equal (events->str, expected);
}

static void
write_record (World *world, const char *name, const char *hex)
{
  g_autoptr (GBytes) record = bytes_of (hex);

  assert_true (ea_store_write (world->store, name, record, NULL));
}

static void
expect_records (World *world, const char *expected)
{
  g_auto (GStrv) names = ea_store_list (world->store, "history-");
  g_autofree char *joined = g_strjoinv (" ", names);

  assert_string_equal (joined, expected);
}

static void
test_entries_come_newest_first_and_outlive_the_agent (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = ea_history_new (world->store, 100);
  g_autoptr (EaHistory) successor = NULL;

  expect_events (history, 0, 0, "");
  add (history, "first", NULL);
  add (history, "second", NULL);
  expect_events (history, 0, 0, "second first");

  ea_store_free (world->store);
  world->store = ea_store_new (world->directory, NULL);
  successor = ea_history_new (world->store, 100);
  expect_events (successor, 0, 0, "second first");
  add (successor, "third", NULL);
  expect_events (successor, 0, 0, "third second first");
  expect_events (successor, 0, 2, "third second");
}

static void
test_oldest_entries_are_forgotten (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = ea_history_new (world->store, 2);
  g_autoptr (EaHistory) smaller = NULL;
  g_autoptr (EaHistory) none = NULL;

  add (history, "a", NULL);
  add (history, "b", NULL);
  expect_records (world, "history-0000000000 history-0000000001");
  add (history, "c", NULL);
  expect_events (history, 0, 0, "c b");
  expect_records (world, "history-0000000001 history-0000000002");

  smaller = ea_history_new (world->store, 1);
  expect_events (smaller, 0, 0, "c");
  expect_records (world, "history-0000000002");

  none = ea_history_new (world->store, 0);
  add (none, "d", NULL);
  expect_events (none, 0, 0, "");
  expect_records (world, "");
}

static void
test_record_has_the_entry (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = NULL;
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *printed = NULL;
  g_autoptr (GBytes) bytes = bytes_of (ENTRY);
  g_autoptr (EaHistoryRecord) record = ea_history_record_parse (ea_span_from_bytes (bytes));
  g_autoptr (GBytes) rebuilt = ea_history_record_build (record);

  assert_bytes_are (rebuilt, ENTRY);
  write_record (world, "history-0000000009", ENTRY);
  history = ea_history_new (world->store, 100);
  entries = g_variant_ref_sink (ea_history_get (history, TIME_US, 0));
  printed = g_variant_print (entries, FALSE);

  assert_string_equal (
      printed, "[{'time': <uint64 1764445578465844>, 'event': <'a'>, 'eid': <''>, 'session': "
               "<'Session/7'>, 'transport': <'https'>, 'result': <'ok'>, 'detail': "
               "<'done'>}]");
  expect_events (history, TIME_US + 1, 0, "");
  add (history, "b", NULL);
  expect_records (world, "history-0000000009 history-0000000010");
}

static void
test_number_of_a_session_goes_on (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = ea_history_new (world->store, 100);

  assert_int_equal (ea_history_get_next_session (history), 0);
  add (history, "a", "Session/11");
  add (history, "b", "Session/2");
  add (history, "c", "Session/x");
  add (history, "d", "Channel/99");
  add (history, "e", "Session/99999999999");

  assert_int_equal (ea_history_get_next_session (history), 12);
}

static void
refuse (EaSpan span, gpointer user_data)
{
  assert_null (ea_history_record_parse (span));
}

static void
test_hostile_records_are_ignored_and_removed (void **state)
{
  static const char *const records[][2] = {
    { "history-0000000000", "" },
    { "history-0000000001", "02000644C0FFEE1234000000000000000000000000" },       /* version */
    { "history-0000000002", "01000644C0FFEE1234000000000000000000000000FF" },     /* one more */
    { "history-0000000003", "01000644C0FFEE12340001FF00000000000000000000" },     /* no text */
    { "history-0000000004", "01000644C0FFEE1234000200610000000000000000000000" }, /* NUL */
    { "history-5", ENTRY },
    { "history-00000000006", ENTRY },
    { "history-9999999999", ENTRY },
    { "history--000000001", ENTRY },
  };
  World *world = *state;
  g_autoptr (EaHistory) history = NULL;
  g_autoptr (GBytes) bytes = bytes_of (ENTRY);

  parse_truncations (ea_span_from_bytes (bytes), refuse, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    write_record (world, records[i][0], records[i][1]);
  write_record (world, "history-0000000008", ENTRY);
  history = ea_history_new (world->store, 100);

  expect_events (history, 0, 0, "a");
  expect_records (world, "history-0000000008");
}

static void
test_long_texts_lose_their_end_but_no_half_character (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = ea_history_new (world->store, 1);
  g_autoptr (EaHistory) successor = NULL;
  g_autofree char *longest = g_strnfill (EA_HISTORY_TEXT_MAX, 'x');
  g_autofree char *longer = g_strconcat (longest, "y", NULL);
  g_autofree char *halved = g_strconcat (longest + 1, "\xC3\xA4", NULL);

  add (history, longest, NULL);
  expect_events (history, 0, 0, longest);
  add (history, longer, NULL);
  expect_events (history, 0, 0, longest);
  add (history, halved, NULL);
  successor = ea_history_new (world->store, 1);
  expect_events (successor, 0, 0, longest + 1);
}

static guint
count (EaHistory *history)
{
  g_autoptr (GVariant) entries = g_variant_ref_sink (ea_history_get (history, 0, 0));

  return (guint) g_variant_n_children (entries);
}

static void
reopen (World *world)
{
  g_clear_pointer (&world->store, ea_store_free);
  world->store = ea_store_new (world->directory, NULL);
  assert_non_null (world->store);
}

static void
test_of_ten_thousand_entries_the_newest_thousand_are_kept (void **state)
{
  World *world = *state;
  g_autoptr (EaHistory) history = ea_history_new (world->store, G_MAXUINT);
  g_autoptr (EaHistory) successor = NULL;
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *event = g_strdup_printf ("event-%u", i);

      add (history, event, NULL);
    }
  assert_int_equal (count (history), 1000);
  expect_events (history, 0, 3, "event-9999 event-9998 event-9997");

  reopen (world);
  successor = ea_history_new (world->store, G_MAXUINT);
  names = ea_store_list (world->store, "history-");
  assert_int_equal (g_strv_length (names), 1000);
  assert_int_equal (count (successor), 1000);
  expect_events (successor, 0, 3, "event-9999 event-9998 event-9997");
}

/* The life of an agent that is killed: says each entry that it has added. */
static void
add_until_killed (const char *directory, int told)
{
  EaStore *store = ea_store_new (directory, NULL);
  EaHistory *history = ea_history_new (store, 50);
  const EaHistoryEntry entry = { .event = "a", .session = "Session/0" };

  while (ea_history_add (history, &entry, NULL))
    if (write (told, "+", 1) != 1)
      break;
  _exit (1);
}

/* Returns: how many entries it has said that it has added */
static guint
kill_after (const char *directory, guint n_entries)
{
  int told[2];
  char plus;
  guint n_told = 0;
  pid_t child;

  assert_return_code (pipe (told), 0);
  child = fork ();
  assert_return_code (child, 0);
  if (child == 0)
    add_until_killed (directory, told[1]);
  close (told[1]);
  while (n_told < n_entries && read (told[0], &plus, 1) == 1)
    n_told++;
  assert_return_code (kill (child, SIGKILL), 0);
  while (read (told[0], &plus, 1) == 1)
    n_told++;
  close (told[0]);
  assert_int_equal (waitpid (child, NULL, 0), child);
  return n_told;
}

static void
test_killed_while_it_adds_it_has_all_that_it_has_told (void **state)
{
  World *world = *state;
  guint n_before = 0;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (EaHistory) history = NULL;
      guint n_told;

      g_clear_pointer (&world->store, ea_store_free);
      n_told = kill_after (world->directory, 1 + i / 4);
      reopen (world);
      assert_false (ea_store_is_amnesic (world->store));
      history = ea_history_new (world->store, 50);
      assert_in_range (count (history), MIN (n_before + n_told, 50),
                       MIN (n_before + n_told + 1, 50));
      assert_int_equal (ea_history_get_next_session (history), 1);
      n_before = count (history);
    }
}

/* (transfer full): the file of a store with the entries "first" and "second" */
static GBytes *
make_file (World *world, const char *path)
{
  g_autoptr (EaHistory) history = ea_history_new (world->store, 10);
  gsize size;
  char *contents;

  add (history, "first", NULL);
  add (history, "second", NULL);
  g_clear_pointer (&world->store, ea_store_free);
  assert_true (g_file_get_contents (path, &contents, &size, NULL));
  return g_bytes_new_take (contents, size);
}

/* Whatever is left is a beginning of it, and goes on. */
static void
expect_beginning (World *world)
{
  g_autoptr (EaHistory) history = NULL;
  g_autoptr (EaHistory) successor = NULL;
  guint n_left;

  reopen (world);
  history = ea_history_new (world->store, 10);
  n_left = count (history);
  expect_events (history, 0, 0, n_left == 2 ? "second first" : n_left == 1 ? "first" : "");
  add (history, "later", NULL);
  reopen (world);
  successor = ea_history_new (world->store, 10);
  assert_int_equal (count (successor), n_left + 1);
  expect_events (successor, 0, 1, "later");
  g_clear_pointer (&world->store, ea_store_free);
}

static void
test_of_a_file_that_is_damaged_anywhere_a_beginning_is_kept (void **state)
{
  World *world = *state;
  g_autofree char *path = g_build_filename (world->directory, "store", NULL);
  g_autofree char *damaged = g_build_filename (world->directory, "store.damaged-1", NULL);
  g_autoptr (GBytes) file = make_file (world, path);
  gsize size;
  const char *bytes = g_bytes_get_data (file, &size);

  for (gsize i = 0; i < size; i++)
    {
      g_autofree char *copy = g_memdup2 (bytes, size);

      copy[i] ^= 0x20;
      assert_true (g_file_set_contents (path, copy, (gssize) size, NULL));
      expect_beginning (world);
      (void) unlink (damaged);
      assert_true (g_file_set_contents (path, bytes, (gssize) i, NULL));
      expect_beginning (world);
      (void) unlink (damaged);
    }
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_WORLD (test_entries_come_newest_first_and_outlive_the_agent),
    IN_WORLD (test_oldest_entries_are_forgotten),
    IN_WORLD (test_record_has_the_entry),
    IN_WORLD (test_number_of_a_session_goes_on),
    IN_WORLD (test_hostile_records_are_ignored_and_removed),
    IN_WORLD (test_of_ten_thousand_entries_the_newest_thousand_are_kept),
    IN_WORLD (test_killed_while_it_adds_it_has_all_that_it_has_told),
    IN_WORLD (test_of_a_file_that_is_damaged_anywhere_a_beginning_is_kept),
    IN_WORLD (test_long_texts_lose_their_end_but_no_half_character),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
