/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What bash, zsh and fish offer at the end of a line, beside an agent with one eUICC and one session. */

#include <gio/gio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define EID "89001012012341234012345678901224"
#define EXIT_NO_SHELL 77

/* No server is there: the session waits for its next attempt. */
#define CONFIG RIG_LOOPBACK_CONFIG "[session]\nRetryDelay=3600\nRetryMaximum=3600\n"
#define KEYS "[* scp81 40]\nKeyIdentifier=01\nPsk=404142434445464748494A4B4C4D4E4F\n"

/* What comes behind "euiccctl"; BUS stands for the address of the rig's bus. fish writes the whole word of an option, and finds
 * words by any part of them; zsh writes the last part of a path. */
static const struct
{
  const char *line;
  const char *offers;
  const char *offers_of_fish;
  const char *offers_of_zsh;
} rows[] = {
  { "st", "status", NULL, NULL },
  { "re", "reload rescan", NULL, NULL },
  { "--json=", "off pretty short", "--json=off --json=pretty --json=short", NULL },
  { "--json=s", "short", "--json=short", NULL },
  { "open-session --wa", "--wait", NULL, NULL },
  { "open-session --cat", "--cat-tp-port=", NULL, NULL },
  { "history --si", "--since=", NULL, NULL },
  { "--bus=BUS open-session ", EID " auto cat-tp https", NULL, NULL },
  { "--bus=BUS open-session 1224 ", "auto cat-tp https", NULL, NULL },
  { "--bus=BUS open-session auto ", "", NULL, NULL },
  { "--bus=BUS show ", EID, NULL, NULL },
  { "--bus BUS show ", EID, NULL, NULL },
  { "--bus=BUS rescan 8900", EID, NULL, NULL },
  { "--bus=BUS show 1224", "", EID, NULL },
  { "--bus=BUS show 1224 ", "", NULL, NULL },
  { "--bus=BUS cancel ", "Session/0", NULL, NULL },
  { "--bus=unix:path=/nonexistent cancel ", "", NULL, NULL },
  { "decode terminal-", "terminal-profile terminal-response", NULL, NULL },
  { "check-config /etc/nsswitch.c", "/etc/nsswitch.conf", NULL, "nsswitch.conf" },
};

/* (transfer full) (nullable): the words, separated by blanks; %NULL: there is no such shell */
static char *
complete (const char *shell, const char *line)
{
  const char *argv[] = { g_getenv ("EA_TEST_COMPLETE"), shell, line, NULL };
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *directory = g_path_get_dirname (g_getenv ("EA_TEST_CLIENT"));
  g_autofree char *path = g_strdup_printf ("%s:%s", directory, g_getenv ("PATH"));
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *errors = NULL;
  char *output = NULL;

  g_subprocess_launcher_setenv (launcher, "PATH", path, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, NULL);
  assert_non_null (process);
  assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &errors, NULL));
  if (g_subprocess_get_exit_status (process) == EXIT_NO_SHELL)
    g_clear_pointer (&output, g_free);
  else if (errors[0] != '\0')
    fail_msg ("%s: '%s': %s", shell, line, errors);
  return output != NULL ? g_strdelimit (g_strchomp (output), "\n", ' ') : NULL;
}

/* Options that want a value have a '=' at their end in bash only. */
static char *
adapt (const char *shell, guint i)
{
  gboolean is_bash = strcmp (shell, "bash") == 0;
  const char *offers = rows[i].offers;
  g_autofree char *bare = g_strdup (offers);

  if (strcmp (shell, "zsh") == 0 && rows[i].offers_of_zsh != NULL)
    return g_strdup (rows[i].offers_of_zsh);
  if (strcmp (shell, "fish") == 0 && rows[i].offers_of_fish != NULL)
    return g_strdup (rows[i].offers_of_fish);
  if (!is_bash && g_str_has_suffix (bare, "="))
    bare[strlen (bare) - 1] = '\0';
  return g_steal_pointer (&bare);
}

static void
expect_offers (Rig *rig, const char *shell, guint i)
{
  g_auto (GStrv) parts = g_strsplit (rows[i].line, "BUS", 2);
  g_autofree char *arguments = g_strjoinv (g_test_dbus_get_bus_address (rig->bus), parts);
  g_autofree char *line = g_strconcat ("euiccctl ", arguments, NULL);
  g_autofree char *expected = adapt (shell, i);
  g_autofree char *offers = complete (shell, line);

  if (offers == NULL)
    skip ();
  if (strcmp (offers, expected) != 0)
    fail_msg ("%s: '%s' is completed by '%s', not by '%s'", shell, rows[i].line, offers, expected);
}

static void
expect_all (Rig *rig, const char *shell)
{
  int status;

  rig_write_config (rig, CONFIG);
  rig_write_keys (rig, KEYS);
  rig_start (rig);
  g_free (
      rig_run_client (rig, &status, "open-session", "https", "--host=127.0.0.1", "--port=9", NULL));
  assert_int_equal (status, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    expect_offers (rig, shell, i);
  rig_stop_agent (rig);
}

static void
test_bash_completes_from_the_bus (void **state)
{
  expect_all (*state, "bash");
}

static void
test_fish_completes_from_the_bus (void **state)
{
  expect_all (*state, "fish");
}

static void
test_zsh_completes_from_the_bus (void **state)
{
  expect_all (*state, "zsh");
}

/* With D-Bus activation a key pressed in a shell would start a service. */
static void
test_completion_does_not_start_the_agent (void **state)
{
  Rig *rig = *state;
  g_autofree char *offers = NULL;
  int status;

  offers = rig_run_client (rig, &status, "_candidates", "euiccs", NULL);

  assert_int_equal (status, 1);
  assert_string_equal (offers, "");
}

/* (transfer full): commands as the help tells them, below that word: two blanks in front */
static GHashTable *
find_commands (const char *help)
{
  GHashTable *commands = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GRegex) regex = g_regex_new ("^  ([a-z][-a-z]+)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_regex_match (regex, strstr (help, "\nCommands:\n"), 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    g_hash_table_add (commands, g_match_info_fetch (match, 1));
  return commands;
}

static void
test_all_commands_of_the_help_are_offered (void **state)
{
  Rig *rig = *state;
  static const char *const shells[] = { "bash", "fish", "zsh" };
  g_autofree char *help = rig_run_client (rig, NULL, "--help", NULL);
  g_autoptr (GHashTable) commands = find_commands (help);

  assert_true (g_hash_table_size (commands) >= 13);
  for (gsize i = 0; i < G_N_ELEMENTS (shells); i++)
    {
      g_autofree char *offers = complete (shells[i], "euiccctl ");
      g_auto (GStrv) words = g_strsplit (offers != NULL ? offers : "", " ", -1);

      if (offers == NULL)
        skip ();
      if (g_strv_length (words) != g_hash_table_size (commands))
        fail_msg ("%s offers '%s', the help has %u commands", shells[i], offers,
                  g_hash_table_size (commands));
      for (gsize j = 0; words[j] != NULL; j++)
        if (!g_hash_table_contains (commands, words[j]))
          fail_msg ("%s offers '%s', which the help does not have", shells[i], words[j]);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_bash_completes_from_the_bus),
    RIG_TEST (test_fish_completes_from_the_bus),
    RIG_TEST (test_zsh_completes_from_the_bus),
    RIG_TEST (test_completion_does_not_start_the_agent),
    RIG_TEST (test_all_commands_of_the_help_are_offered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
