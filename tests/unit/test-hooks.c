/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Programs of the site, agent/host/hooks.h: scripts in a directory that is made for each test. */

#include "host/hooks.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

#define LIMIT_MS 60000
#define SHORT_LIMIT_MS 100
#define STRANGER 65534

typedef struct
{
  char *directory;
  EaHooks *hooks;
  GObject *about;
  GString *diary; /* one line for each signal */
  guint n_done;
} Bench;

static void
on_output (EaHooks *hooks, GObject *about, const char *hook, const char *line, Bench *bench)
{
  assert_ptr_equal (about, bench->about);
  g_string_append_printf (bench->diary, "%s: %s\n", hook, line);
}

static void
on_ended (EaHooks *hooks, GObject *about, const char *hook, const GError *error, Bench *bench)
{
  assert_ptr_equal (about, bench->about);
  assert_true (error == NULL || error->domain == EA_HOOKS_ERROR);
  if (strcmp (hook, bench->directory) == 0)
    hook = "DIRECTORY";
  g_string_append_printf (bench->diary, "%s ended%s%s\n", hook, error != NULL ? ": " : "",
                          error != NULL ? error->message : "");
}

static void
on_done (EaHooks *hooks, GObject *about, Bench *bench)
{
  bench->n_done++;
}

static void
make_hooks (Bench *bench, guint limit_ms)
{
  g_clear_object (&bench->hooks);
  bench->hooks = ea_hooks_new (bench->directory, limit_ms);
  g_signal_connect (bench->hooks, "output", G_CALLBACK (on_output), bench);
  g_signal_connect (bench->hooks, "ended", G_CALLBACK (on_ended), bench);
  g_signal_connect (bench->hooks, "done", G_CALLBACK (on_done), bench);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->directory = g_dir_make_tmp ("hooks-XXXXXX", NULL);
  bench->about = g_object_new (G_TYPE_OBJECT, NULL);
  bench->diary = g_string_new (NULL);
  make_hooks (bench, LIMIT_MS);
  *state = bench;
  return 0;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  (void) g_remove (path);
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  g_object_unref (bench->hooks);
  g_object_unref (bench->about);
  remove_tree (bench->directory);
  g_string_free (bench->diary, TRUE);
  g_free (bench->directory);
  g_free (bench);
  return 0;
}

/* (transfer full): the path of what is there then */
static char *
add (Bench *bench, const char *name, int mode, const char *text)
{
  g_autofree char *path = g_build_filename (bench->directory, name, NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  assert_int_equal (g_chmod (path, mode), 0);
  return g_steal_pointer (&path);
}

static void
add_hook (Bench *bench, const char *name, const char *script)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);

  g_free (add (bench, name, 0755, text));
}

static void
run (Bench *bench, const char *const *environment)
{
  guint n_done = bench->n_done;

  assert_true (ea_hooks_run (bench->hooks, bench->about, environment));
  WAIT_FOR (bench->n_done > n_done);
}

/* Runs the hooks once. */
static void
expect_diary (Bench *bench, const char *expected)
{
  static const char *const environment[] = { "EUICC_AGENT_EVENT=profile-changed", NULL };

  run (bench, environment);
  assert_string_equal (bench->diary->str, expected);
}

static void
test_hooks_run_in_the_order_of_their_names (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "20-second", "echo two; echo three >&2");
  add_hook (bench, "10-first", "echo one");
  add_hook (bench, "a.sh", "exit 0");

  expect_diary (bench, "10-first: one\n10-first ended\n20-second: two\n20-second: three\n"
                       "20-second ended\na.sh ended\n");
}

static void
test_what_is_no_hook_is_left_alone (void **state)
{
  Bench *bench = *state;
  g_autofree char *subdirectory = g_build_filename (bench->directory, "directory", NULL);

  g_free (add (bench, "README", 0644, "read me\n"));
  add_hook (bench, ".hidden", "echo hidden");
  add_hook (bench, "backup~", "echo backup");
  add_hook (bench, "with blank", "echo blank");
  assert_int_equal (g_mkdir (subdirectory, 0755), 0);

  expect_diary (bench, "");
}

static void
test_a_directory_that_is_not_there_has_none (void **state)
{
  Bench *bench = *state;

  remove_tree (bench->directory);
  expect_diary (bench, "");
}

static void
test_hooks_get_their_environment_and_nothing_else (void **state)
{
  static const char *const environment[]
      = { "EUICC_AGENT_EVENT=registered", "EUICC_AGENT_REASON=a b; echo c", NULL };
  Bench *bench = *state;

  g_setenv ("EA_TEST_SECRET", "secret", TRUE);
  add_hook (bench, "a", "/usr/bin/env | /usr/bin/sort | grep -v '^PWD=\\|^_=\\|^SHLVL='; pwd");
  run (bench, environment);

  assert_string_equal (bench->diary->str,
                       "a: EUICC_AGENT_EVENT=registered\na: EUICC_AGENT_REASON=a b; echo c\n"
                       "a: PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
                       "a: /\na ended\n");
}

static void
test_hooks_have_no_input_and_no_arguments_and_none_of_our_files (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "a", "echo \"$#\"; cat; ls /proc/self/fd | wc -l");
  expect_diary (bench, "a: 0\na: 4\na ended\n"); /* three, and that of ls */
}

static void
test_failures_are_told_and_the_next_one_runs (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "1", "exit 3");
  add_hook (bench, "2", "kill -9 $$");
  g_free (add (bench, "3", 0755, "#!/no/such/interpreter\n"));
  add_hook (bench, "4", "echo well");
  run (bench, NULL);

  assert_true (g_str_has_prefix (bench->diary->str,
                                 "1 ended: exit status 3\n2 ended: killed by signal 9\n3 ended: "));
  assert_true (g_str_has_suffix (bench->diary->str, "4: well\n4 ended\n"));
}

static void
test_what_others_may_write_is_refused (void **state)
{
  Bench *bench = *state;
  g_autofree char *link = g_build_filename (bench->directory, "3-link", NULL);

  g_free (add (bench, "1-group", 0775, "#!/bin/sh\necho group\n"));
  g_free (add (bench, "2-all", 0757, "#!/bin/sh\necho all\n"));
  assert_int_equal (symlink ("/bin/true", link), 0);
  add_hook (bench, "4-good", "echo good");

  expect_diary (bench, "1-group ended: others than its owner may write it, its mode is 0775\n"
                       "2-all ended: others than its owner may write it, its mode is 0757\n"
                       "3-link ended: it is no regular file\n4-good: good\n4-good ended\n");
}

/* A shell would run it. */
static void
test_what_is_no_program_is_refused (void **state)
{
  Bench *bench = *state;

  g_free (add (bench, "1-words", 0755, "echo words\n"));
  g_free (add (bench, "2-empty", 0755, ""));
  g_free (add (bench, "3-late", 0755, " #!/bin/sh\necho late\n"));

  expect_diary (bench, "1-words ended: it is no program, and does not name one behind #!\n"
                       "2-empty ended: it is no program, and does not name one behind #!\n"
                       "3-late ended: it is no program, and does not name one behind #!\n");
}

static void
test_programs_are_run (void **state)
{
  Bench *bench = *state;
  g_autofree char *path = g_build_filename (bench->directory, "a", NULL);
  g_autofree char *program = NULL;
  gsize size;

  assert_true (g_file_get_contents ("/bin/true", &program, &size, NULL));
  assert_true (g_file_set_contents (path, program, (gssize) size, NULL));
  assert_int_equal (g_chmod (path, 0755), 0);

  expect_diary (bench, "a ended\n");
}

static void
test_a_directory_that_others_may_write_has_none (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "a", "echo good");
  assert_int_equal (g_chmod (bench->directory, 0777), 0);

  expect_diary (bench, "DIRECTORY ended: others than its owner may write it, its mode is 0777\n");
}

static void
test_what_belongs_to_a_stranger_is_refused (void **state)
{
  Bench *bench = *state;
  g_autofree char *path = add (bench, "a", 0755, "#!/bin/sh\necho good\n");

  if (geteuid () != 0)
    skip (); /* only root can give a file away */
  assert_int_equal (chown (path, STRANGER, STRANGER), 0);
  expect_diary (bench, "a ended: it belongs to user 65534, not to root\n");
  g_string_truncate (bench->diary, 0);
  assert_int_equal (chown (bench->directory, STRANGER, STRANGER), 0);

  expect_diary (bench, "DIRECTORY ended: it belongs to user 65534, not to root\n");
}

/* With what it has started */
static void
test_a_hook_that_takes_too_long_is_killed (void **state)
{
  Bench *bench = *state;

  make_hooks (bench, SHORT_LIMIT_MS);
  add_hook (bench, "a", "echo begins; sleep 1000 & sleep 1000");
  add_hook (bench, "b", "echo next");

  expect_diary (bench, "a: begins\na ended: killed after 0.1 s\nb: next\nb ended\n");
}

/* Killed, if not buried yet: that is for whoever has adopted it. */
static gboolean
is_gone (const char *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", process);
  g_autofree char *text = NULL;

  return !g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") Z ") != NULL;
}

static gboolean
look_again (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_what_a_hook_leaves_behind_ends_with_it (void **state)
{
  Bench *bench = *state;
  g_auto (GStrv) lines = NULL;
  guint source = g_timeout_add (5, look_again, NULL);

  add_hook (bench, "a", "sleep 1000 & echo $!");
  run (bench, NULL);
  lines = g_strsplit (bench->diary->str, "\n", -1);

  assert_string_equal (lines[1], "a ended");
  WAIT_FOR (is_gone (lines[0] + strlen ("a: ")));
  g_source_remove (source);
}

static void
test_output_is_printable_and_not_endless (void **state)
{
  Bench *bench = *state;
  guint n_lines = 0;

  add_hook (
      bench, "a",
      "printf 'esc\\033[31mred\\tnul\\000bad\\377\\n'; printf '\\n'; head -c 100000 /dev/zero "
      "| tr '\\0' x; echo; i=0; while [ $i -lt 200 ]; do echo $i; i=$((i+1)); done; "
      "printf last");
  run (bench, NULL);

  assert_true (g_str_has_prefix (bench->diary->str, "a: esc [31mred nul bad\xEF\xBF\xBD\na: xxx"));
  for (const char *line = bench->diary->str; *line != '\0'; line = strchr (line, '\n') + 1)
    {
      assert_true (strchr (line, '\n') - line <= EA_HOOKS_LINE_MAX + 10);
      n_lines++;
    }
  assert_int_equal (n_lines, EA_HOOKS_LINES_MAX + 2);
  assert_true (
      g_str_has_suffix (bench->diary->str, "a: (it writes more, which is left out)\na ended\n"));
}

static void
test_a_last_line_without_an_end_is_told (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "a", "printf last");
  expect_diary (bench, "a: last\na ended\n");
}

static void
test_events_wait_for_those_before (void **state)
{
  static const char *const first[] = { "EVENT=first", NULL };
  static const char *const second[] = { "EVENT=second", NULL };
  Bench *bench = *state;

  add_hook (bench, "a", "echo a $EVENT");
  add_hook (bench, "b", "echo b $EVENT");
  assert_true (ea_hooks_run (bench->hooks, bench->about, first));
  assert_true (ea_hooks_run (bench->hooks, bench->about, second));
  WAIT_FOR (bench->n_done == 2);

  assert_string_equal (bench->diary->str, "a: a first\na ended\nb: b first\nb ended\n"
                                          "a: a second\na ended\nb: b second\nb ended\n");
}

static void
test_more_events_than_have_room_are_refused (void **state)
{
  Bench *bench = *state;

  for (guint i = 0; i < EA_HOOKS_EVENTS_MAX; i++)
    assert_true (ea_hooks_run (bench->hooks, bench->about, NULL));
  assert_false (ea_hooks_run (bench->hooks, bench->about, NULL));
  WAIT_FOR (bench->n_done == EA_HOOKS_EVENTS_MAX);
  assert_true (ea_hooks_run (bench->hooks, bench->about, NULL));
  WAIT_FOR (bench->n_done == EA_HOOKS_EVENTS_MAX + 1);
}

static void
test_without_a_directory_nothing_happens (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaHooks) none = ea_hooks_new ("", 0);

  for (guint i = 0; i < 2 * EA_HOOKS_EVENTS_MAX; i++)
    assert_true (ea_hooks_run (none, bench->about, NULL));
}

static void
test_the_end_does_not_wait_for_a_hook (void **state)
{
  Bench *bench = *state;

  add_hook (bench, "a", "echo begins; sleep 1000");
  assert_true (ea_hooks_run (bench->hooks, bench->about, NULL));
  WAIT_FOR (bench->diary->len > 0);
  make_hooks (bench, LIMIT_MS);
  run_ready ();

  assert_string_equal (bench->diary->str, "a: begins\n");
}

/* As an eUICC does, which is what it is about. */
static void
test_whoever_owns_the_hooks_can_go_while_one_runs (void **state)
{
  Bench *bench = *state;
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  EaHooks *hooks = ea_hooks_new (bench->directory, LIMIT_MS);

  add_hook (bench, "a", "sleep 1000");
  g_object_set_data_full (owner, "hooks", hooks, g_object_unref);
  g_object_add_weak_pointer (G_OBJECT (hooks), (gpointer *) &hooks);
  assert_true (ea_hooks_run (hooks, owner, NULL));
  run_ready ();
  g_object_unref (owner);

  assert_null (hooks);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_hooks_run_in_the_order_of_their_names),
    ON_BENCH (test_what_is_no_hook_is_left_alone),
    ON_BENCH (test_a_directory_that_is_not_there_has_none),
    ON_BENCH (test_hooks_get_their_environment_and_nothing_else),
    ON_BENCH (test_hooks_have_no_input_and_no_arguments_and_none_of_our_files),
    ON_BENCH (test_failures_are_told_and_the_next_one_runs),
    ON_BENCH (test_what_others_may_write_is_refused),
    ON_BENCH (test_what_is_no_program_is_refused),
    ON_BENCH (test_programs_are_run),
    ON_BENCH (test_a_directory_that_others_may_write_has_none),
    ON_BENCH (test_what_belongs_to_a_stranger_is_refused),
    ON_BENCH (test_a_hook_that_takes_too_long_is_killed),
    ON_BENCH (test_what_a_hook_leaves_behind_ends_with_it),
    ON_BENCH (test_output_is_printable_and_not_endless),
    ON_BENCH (test_a_last_line_without_an_end_is_told),
    ON_BENCH (test_events_wait_for_those_before),
    ON_BENCH (test_more_events_than_have_room_are_refused),
    ON_BENCH (test_without_a_directory_nothing_happens),
    ON_BENCH (test_the_end_does_not_wait_for_a_hook),
    ON_BENCH (test_whoever_owns_the_hooks_can_go_while_one_runs),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
