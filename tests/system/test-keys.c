/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's keys: what is shown of them, what becomes of them when their file changes, and that they are in its
 * locked memory and nowhere else, where a debugger, a core dump, the log, the state directory or the modem would show
 * them.
 */

#include <fcntl.h>
#include <gio/gio.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory-search.h"
#include "rig.h"

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89033023001211360000000003671234"

#define KIC "c0ffee00c0ffee11c0ffee22c0ffee33"
#define KID "DECADE00DECADE11DECADE22DECADE33"
#define OTHER_KIC "FACADE00FACADE11FACADE22FACADE33FACADE44FACADE55FACADE66FACADE77"
#define PSK "BADC0DE0BADC0DE1BADC0DE2BADC0DE3"
#define IDENTITY "the identity of a device"
#define NEW_KEY "5EAF00D05EAF00D15EAF00D25EAF00D3"

/* For the simulated SM-SR, whose own are digits and letters that are in every process */
#define USED_KIC "1CEDC0FFEE1CEDC0FFEE1CEDC0FFEE01"
#define USED_KID "C0A1E5CEC0A1E5CEC0A1E5CEC0A1E502"

#define USED_PSK "F005BA11F005BA11C0DEFEEDC0DEFE03"

#define KEYS                                                                                       \
  "# keys of a test\n"                                                                             \
  "[* scp80 04]\nKic=" KIC "\nKid=" KID "\nTars=000001;B00010\n"                                   \
  "[" OTHER_EID " scp80 02]\nKic=" OTHER_KIC "\nKid=" OTHER_KIC "\n"                               \
  "[" EID " scp81 40]\nPsk=" PSK "\nIdentity=" IDENTITY "\n"
#define KEY_SETS "scp80:04:000001 scp80:04:B00010 scp81:40:01"

#define NEW_KEYS "[* scp80 03]\nKic=" NEW_KEY "\nKid=" NEW_KEY "\n"
#define NEW_KEY_SETS "scp80:03:000001"

#define WRONG_KEYS "[* scp80 03]\nKic=" NEW_KEY "\nKid=" NEW_KEY "0\n"
#define MISTAKE                                                                                    \
  "Line 3, section [* scp80 03], key Kid: Value is not a whole number of hexadecimal bytes"

typedef struct
{
  Rig *rig;
  const char *text;
} Expectation;

static gboolean
has_key_sets (gpointer data)
{
  const Expectation *expectation = data;
  g_autoptr (GVariant) value
      = g_dbus_proxy_get_cached_property (expectation->rig->euicc, "KeySets");
  g_autofree const char **words = value != NULL ? g_variant_get_strv (value, NULL) : NULL;
  g_autofree char *text = words != NULL ? g_strjoinv (" ", (char **) words) : g_strdup ("none");

  return strcmp (text, expectation->text) == 0;
}

/* By the property's changes, which the proxy follows */
static void
await_key_sets (Rig *rig, const char *text)
{
  Expectation expectation = { rig, text };

  if (!rig_await_that (has_key_sets, &expectation))
    fail_msg ("KeySets never was '%s'", text);
}

static void
test_key_sets_of_the_eid_and_of_any_are_shown (void **state)
{
  Rig *rig = *state;
  g_autofree char *shown = NULL;
  g_autofree char *json = NULL;

  rig_write_keys (rig, KEYS);
  rig_start (rig);
  await_key_sets (rig, KEY_SETS);
  shown = rig_run_client (rig, NULL, "show", EID, NULL);
  json = rig_run_client (rig, NULL, "--json=short", "show", EID, NULL);

  assert_non_null (strstr (shown, "Keys held  scp80:04:000001, scp80:04:B00010, scp81:40:01\n"));
  assert_non_null (
      strstr (json, "\"key_sets\":[\"scp80:04:000001\",\"scp80:04:B00010\",\"scp81:40:01\"]"));
  rig_stop_agent (rig);
}

static void
test_without_keys_there_are_no_key_sets (void **state)
{
  Rig *rig = *state;

  rig_start (rig);

  await_key_sets (rig, "");
  rig_stop_agent (rig);
}

static GPtrArray *
make_patterns (void)
{
  GPtrArray *patterns = memory_patterns_new ();

  memory_patterns_add_secret (patterns, "KIc", KIC);
  memory_patterns_add_secret (patterns, "KID", KID);
  memory_patterns_add_secret (patterns, "KIc of another eUICC", OTHER_KIC);
  memory_patterns_add_secret (patterns, "PSK", PSK);
  memory_patterns_add (patterns, "identity", IDENTITY, strlen (IDENTITY));
  return patterns;
}

static int
get_pid (Rig *rig)
{
  return atoi (g_subprocess_get_identifier (rig->agent));
}

static void
assert_only_in_locked_memory (Rig *rig, const GPtrArray *patterns, guint n_locked_wanted)
{
  g_autofree char *found = NULL;
  guint n_locked = 0;

  found = memory_search (get_pid (rig), patterns, &n_locked);
  assert_string_equal (found, "");
  assert_int_equal (n_locked, n_locked_wanted);
}

static void
assert_not_in_file (const char *path, const GPtrArray *patterns)
{
  g_autofree char *content = NULL;
  const char *found;
  gsize size;

  assert_true (g_file_get_contents (path, &content, &size, NULL));
  found = memory_patterns_find (patterns, content, size);
  if (found != NULL)
    fail_msg ("%s has the %s", path, found);
}

static void
assert_not_in_files (Rig *rig, const GPtrArray *patterns)
{
  g_autoptr (GDir) dir = g_dir_open (rig->state_directory, 0, NULL);
  guint n_files = 0;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (rig->state_directory, name, NULL);

      assert_not_in_file (path, patterns);
      n_files++;
    }
  assert_true (n_files > 0);
  assert_not_in_file (rig->log, patterns);
}

/* All that the modem was asked for, and that the card has got */
static void
assert_not_to_modem (Rig *rig, const GPtrArray *patterns)
{
  static const char *const records[] = { "qmi", "apdus" };

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autofree char *lines = rig_control (rig, "%s", records[i]);
      const char *found = memory_patterns_find (patterns, lines, strlen (lines));

      assert_true (strlen (lines) > 1000);
      if (found != NULL)
        fail_msg ("The modem has got the %s", found);
    }
}

/* KIc, KID, two keys of another eUICC, a PSK and its identity */
#define N_SECRETS 6

/* A message goes to the card and its answer back, so that there is something in state and log. */
static void
expect_keys_in_locked_memory_only (Rig *rig)
{
  g_autoptr (GPtrArray) patterns = NULL;

  if (!memory_can_be_searched ())
    skip ();
  patterns = make_patterns ();
  rig_write_keys (rig, KEYS);
  rig_keep_log (rig);
  rig_start (rig);
  await_key_sets (rig, KEY_SETS);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);

  assert_only_in_locked_memory (rig, patterns, N_SECRETS);
  assert_not_in_files (rig, patterns);
  rig_write_keys (rig, NEW_KEYS);
  rig_reload_agent (rig);
  await_key_sets (rig, NEW_KEY_SETS);
  assert_only_in_locked_memory (rig, patterns, 0);
  rig_stop_agent (rig);
  assert_not_in_files (rig, patterns);
}

static void
test_keys_are_in_locked_memory_only (void **state)
{
  Rig *rig = *state;

  rig->is_plain = TRUE;
  expect_keys_in_locked_memory_only (rig);
}

static void
test_keys_are_in_locked_memory_only_with_all_in_the_log (void **state)
{
  expect_keys_in_locked_memory_only (*state);
}

/* Packets for which the agent has the key, genuine ones and others, were opened and answered. */
static void
expect_used_keys_in_locked_memory_only (Rig *rig)
{
  g_autoptr (GPtrArray) patterns = NULL;
  g_autofree char *reply = NULL;

  if (!memory_can_be_searched ())
    skip ();
  patterns = memory_patterns_new ();
  memory_patterns_add_secret (patterns, "KIc", USED_KIC);
  memory_patterns_add_secret (patterns, "KID", USED_KID);
  rig_keep_log (rig);
  rig_write_keys (rig, "[* scp80 01]\nKic=" USED_KIC "\nKid=" USED_KID "\n");
  rig_start_simulator (rig, "--isdr=plain", "--scp80-keys=" USED_KIC ":" USED_KID, NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  reply = rig_control (rig, "smsr send-script --generate 30 --via sms");
  assert_true (g_str_has_prefix (reply, "ok "));
  g_free (rig_control (rig, "smsr repeat"));
  g_free (rig_control (rig, "smsr audit --via sms --corrupt --wait 1"));
  rig_await_counter (rig, "packets-not-genuine", 1);

  assert_only_in_locked_memory (rig, patterns, 2);
  assert_not_to_modem (rig, patterns);
  assert_not_in_files (rig, patterns);
  rig_stop_agent (rig);
  assert_not_in_files (rig, patterns);
}

static void
test_keys_that_were_used_are_in_locked_memory_only (void **state)
{
  Rig *rig = *state;

  rig->is_plain = TRUE;
  expect_used_keys_in_locked_memory_only (rig);
}

static void
test_keys_that_were_used_are_in_locked_memory_only_with_all_in_the_log (void **state)
{
  expect_used_keys_in_locked_memory_only (*state);
}

/* A handshake that succeeds and one with a server that has another key; a profile is downloaded. */
static void
expect_used_psk_in_locked_memory_only (Rig *rig)
{
  g_autoptr (GPtrArray) patterns = NULL;
  g_autofree char *reply = NULL;

  if (!memory_can_be_searched ())
    skip ();
  patterns = memory_patterns_new ();
  memory_patterns_add_secret (patterns, "PSK", USED_PSK);
  rig_keep_log (rig);
  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_write_keys (rig, "[* scp80 01]\nKic=" USED_KIC "\nKid=" USED_KID "\n"
                       "[* scp81 40]\nPsk=" USED_PSK "\n");
  rig_start_simulator (rig, "--isdr=plain", "--scp80-keys=" USED_KIC ":" USED_KID,
                       "--psk=" USED_PSK, NULL);
  rig_start_agent (rig, NULL);
  rig_await (rig, "State", "ready");
  rig_expect_control (rig, "ok", "fail smsr wrong-key 1");
  reply = rig_control (rig, "smsr send-script --generate 30 --via https");
  if (!g_str_has_prefix (reply, "ok "))
    fail_msg ("%s", reply);
  rig_await_counter (rig, "sessions-ended", 1);

  assert_only_in_locked_memory (rig, patterns, 1);
  assert_not_to_modem (rig, patterns);
  assert_not_in_files (rig, patterns);
  rig_stop_agent (rig);
  assert_not_in_files (rig, patterns);
}

static void
test_pre_shared_key_that_was_used_is_in_locked_memory_only (void **state)
{
  Rig *rig = *state;

  rig->is_plain = TRUE;
  expect_used_psk_in_locked_memory_only (rig);
}

static void
test_pre_shared_key_that_was_used_is_in_locked_memory_only_with_all_in_the_log (void **state)
{
  expect_used_psk_in_locked_memory_only (*state);
}

static void
test_mistake_at_reload_is_told_and_the_old_keys_stay (void **state)
{
  Rig *rig = *state;
  g_autoptr (GPtrArray) patterns = NULL;
  g_autoptr (GPtrArray) wrong = NULL;
  g_autofree char *expected = NULL;

  if (!memory_can_be_searched ())
    skip ();
  patterns = make_patterns ();
  wrong = memory_patterns_new ();
  memory_patterns_add_secret (wrong, "new key", NEW_KEY);
  rig_write_keys (rig, KEYS);
  rig_keep_log (rig);
  rig_start (rig);
  await_key_sets (rig, KEY_SETS);
  rig_write_keys (rig, WRONG_KEYS);
  rig_reload_agent (rig);
  expected = g_strdup_printf ("error: The keys stay as they were: %s/keys: " MISTAKE "\n",
                              rig->credentials);
  rig_await_log (rig, expected);

  await_key_sets (rig, KEY_SETS);
  assert_only_in_locked_memory (rig, patterns, N_SECRETS);
  assert_only_in_locked_memory (rig, wrong, 0);
  assert_not_in_files (rig, wrong);
  rig_stop_agent (rig);
}

/* (transfer full): standard error of the daemon with an option more; it has to end with this status. */
static char *
expect_failure (Rig *rig, const char *option, int exit_status)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *state = g_strdup_printf ("--state-directory=%s", rig->state_directory);
  g_autoptr (GSubprocess) process = NULL;
  char *output = NULL;

  g_subprocess_launcher_setenv (launcher, "CREDENTIALS_DIRECTORY", rig->credentials, TRUE);
  process = g_subprocess_launcher_spawn (launcher, NULL, g_getenv ("EA_TEST_AGENT"), state, option,
                                         NULL);
  assert_non_null (process);
  assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &output, NULL));
  assert_int_equal (g_subprocess_get_exit_status (process), exit_status);
  return output;
}

static void
test_mistake_at_start_is_told_and_ends_the_agent (void **state)
{
  Rig *rig = *state;
  g_autofree char *told = g_strdup_printf ("%s/credentials/keys: " MISTAKE "\n", rig->directory);
  g_autofree char *logged = g_strconcat ("error: ", told, NULL);
  g_autofree char *checked = NULL;
  g_autofree char *started = NULL;

  rig_write_keys (rig, WRONG_KEYS);
  checked = expect_failure (rig, "--check-config", EXIT_FAILURE);
  started = expect_failure (rig, "--debug", EX_CONFIG);

  assert_string_equal (checked, told);
  assert_string_equal (started, logged);
}

/* Whether somebody with the daemon's user id and no capabilities may look at its memory. */
static gboolean
can_be_looked_into (int pid)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
  g_autofree char *path = g_strdup_printf ("/proc/%d/maps", pid);
  int status = -1;
  pid_t child = fork ();

  if (child == 0)
    _exit (syscall (SYS_capset, &header, none) == 0 && open (path, O_RDONLY) >= 0 ? EXIT_SUCCESS
                                                                                  : EXIT_FAILURE);
  assert_int_equal (waitpid (child, &status, 0), child);
  return WIFEXITED (status) && WEXITSTATUS (status) == EXIT_SUCCESS;
}

static void
test_agent_is_open_to_root_only_unless_it_is_debugged (void **state)
{
  Rig *rig = *state;

  rig->is_plain = TRUE;
  rig_start (rig);
  assert_false (can_be_looked_into (get_pid (rig)));
  rig_stop_agent (rig);

  rig_start_agent (rig, "--debug", NULL);
  assert_true (can_be_looked_into (get_pid (rig)));
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_key_sets_of_the_eid_and_of_any_are_shown),
    RIG_TEST (test_without_keys_there_are_no_key_sets),
    RIG_TEST (test_keys_are_in_locked_memory_only),
    RIG_TEST (test_keys_are_in_locked_memory_only_with_all_in_the_log),
    RIG_TEST (test_keys_that_were_used_are_in_locked_memory_only),
    RIG_TEST (test_keys_that_were_used_are_in_locked_memory_only_with_all_in_the_log),
    RIG_TEST (test_pre_shared_key_that_was_used_is_in_locked_memory_only),
    RIG_TEST (test_pre_shared_key_that_was_used_is_in_locked_memory_only_with_all_in_the_log),
    RIG_TEST (test_mistake_at_reload_is_told_and_the_old_keys_stay),
    RIG_TEST (test_mistake_at_start_is_told_and_ends_the_agent),
    RIG_TEST (test_agent_is_open_to_root_only_unless_it_is_debugged),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
