/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* euicc-sim: modems, eUICCs and SM-SRs for tests. See euicc-sim(1). */
#include <errno.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/sim-keys.h"
#include "control.h"
#include "ctl-client.h"
#include "ea-build.h"
#include "modem.h"

#define EXIT_USAGE 2
#define MODEMS_MAX 32
#define KEY_SET_MAX 15
#define DEFAULT_SMSR_ADDRESS "127.0.0.1"

typedef struct
{
  char *dir;
  int n_modems;
  char *grant;
  char *isdr;
  char *scp80_keys;
  char *psk;
  int agent_key_set;
  char *smsr_address;
  char *link;
  gboolean reports_all;
  gboolean shows_version;
} Options;

static gboolean
parse_grant (const char *word, SimGrant *grant)
{
  static const char *const words[] = { "host", "observer", "no-cat", "no-sms", "no-channel" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (strcmp (word, words[i]) != 0)
        continue;
      *grant = (SimGrant) i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
parse_isdr (const char *word, gboolean *is_plain)
{
  *is_plain = strcmp (word, "plain") == 0;
  return *is_plain || strcmp (word, "sealed") == 0;
}

static GPtrArray *
start_modems (const Options *options, SimModemOptions *modem_options, GError **error)
{
  g_autoptr (GPtrArray) modems = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_modem_free);

  for (int i = 0; i < options->n_modems; i++)
    {
      SimModem *modem;

      modem_options->index = (guint) i;
      modem = sim_modem_new (modem_options, error);
      if (modem == NULL)
        return NULL;
      g_ptr_array_add (modems, modem);
    }
  return g_steal_pointer (&modems);
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

/* FALSE: a link was asked for and cannot be had */
static gboolean
make_link (const SimLinkOptions *options, SimLink **link)
{
  g_autoptr (GError) error = NULL;

  if (options == NULL)
    return TRUE;
  *link = sim_link_new (options, &error);
  if (*link == NULL)
    g_printerr ("euicc-sim: %s\n", error->message);
  return *link != NULL;
}

static const char *
choose_address (const Options *options, const SimLink *link)
{
  if (link != NULL)
    return sim_link_get_smsr_address (link);
  return options->smsr_address == NULL ? DEFAULT_SMSR_ADDRESS : options->smsr_address;
}

/* @link_options: (nullable) */
static int
serve (const Options *options, const SimLinkOptions *link_options, SimModemOptions *modem_options)
{
  g_autoptr (SimLink) link = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SimSmsrServer) smsr = NULL;
  g_autoptr (GPtrArray) modems = NULL;
  g_autoptr (SimControl) control = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (options->dir, "control", NULL);

  if (!make_link (link_options, &link))
    return EXIT_FAILURE;
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  if (g_mkdir_with_parents (options->dir, 0755) < 0)
    {
      g_printerr ("euicc-sim: Cannot make '%s': %s\n", options->dir, g_strerror (errno));
      return EXIT_FAILURE;
    }
  smsr = sim_smsr_server_new (choose_address (options, link), &error);
  modem_options->smsr = smsr;
  modem_options->link = link;
  if (smsr != NULL)
    modems = start_modems (options, modem_options, &error);
  if (modems != NULL)
    control = sim_control_new (path, modems, &error);
  if (control == NULL)
    {
      g_printerr ("euicc-sim: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_print ("ready\n");
  fflush (stdout);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}

static int
fail_usage (const char *message)
{
  g_printerr ("euicc-sim: %s\nTry 'euicc-sim --help'.\n", message);
  return EXIT_USAGE;
}

static int
run (const Options *options)
{
  SimModemOptions modem_options = { .dir = options->dir, .reports_all = options->reports_all };
  SimLinkOptions link_options;
  g_autoptr (GError) error = NULL;

  if (options->shows_version)
    {
      g_print ("euicc-sim %s\n", EA_VERSION);
      return EXIT_SUCCESS;
    }
  if (options->dir == NULL)
    return fail_usage ("--dir is missing");
  if (options->n_modems < 1 || options->n_modems > MODEMS_MAX)
    return fail_usage ("--modems wants a number from 1 to 32");
  if (options->grant != NULL && !parse_grant (options->grant, &modem_options.grant))
    return fail_usage ("--grant wants host, observer, no-cat, no-sms or no-channel");
  if (options->isdr != NULL && !parse_isdr (options->isdr, &modem_options.is_isdr_plain))
    return fail_usage ("--isdr wants sealed or plain");
  if (options->psk != NULL && !sim_keys_set_psk (options->psk))
    return fail_usage ("--psk wants 16 octets in hexadecimal");
  if (options->scp80_keys != NULL && !sim_keys_set_scp80 (options->scp80_keys))
    return fail_usage ("--scp80-keys wants KIc and KID, 16 octets each in hexadecimal");
  if (options->agent_key_set < 0 || options->agent_key_set > KEY_SET_MAX)
    return fail_usage ("--agent-keys wants a number from 1 to 15");
  if (options->link != NULL && options->smsr_address != NULL)
    return fail_usage ("--link has an address of its own, and --smsr-address no place beside it");
  if (options->link != NULL && !sim_link_options_parse (&link_options, options->link, &error))
    return fail_usage (error->message);
  modem_options.agent_key_set = (guint8) options->agent_key_set;
  return serve (options, options->link == NULL ? NULL : &link_options, &modem_options);
}

static void
options_clear (Options *options)
{
  g_free (options->dir);
  g_free (options->grant);
  g_free (options->isdr);
  g_free (options->scp80_keys);
  g_free (options->psk);
  g_free (options->smsr_address);
  g_free (options->link);
}

static int
parse_and_run (int argc, char **argv)
{
  Options options = { .n_modems = 1 };
  const GOptionEntry entries[] = {
    { "dir", 0, 0, G_OPTION_ARG_FILENAME, &options.dir, "Where ports and socket are made", "DIR" },
    { "modems", 0, 0, G_OPTION_ARG_INT, &options.n_modems, "Number of modems, 1 to 32", "N" },
    { "grant", 0, 0, G_OPTION_ARG_STRING, &options.grant,
      "What firmware leaves to the host: host, observer, no-cat, no-sms, no-channel", "WHAT" },
    { "isdr", 0, 0, G_OPTION_ARG_STRING, &options.isdr,
      "Whether the ISD-R needs secured packets: sealed, plain", "HOW" },
    { "scp80-keys", 0, 0, G_OPTION_ARG_STRING, &options.scp80_keys,
      "What secured packets are made with, instead of the published test keys", "KIC:KID" },
    { "psk", 0, 0, G_OPTION_ARG_STRING, &options.psk,
      "What TLS is made with, instead of the test key", "KEY" },
    { "agent-keys", 0, 0, G_OPTION_ARG_INT, &options.agent_key_set,
      "The SM-SR knows that an agent has the keys of this key set", "N" },
    { "smsr-address", 0, 0, G_OPTION_ARG_STRING, &options.smsr_address,
      "Where the SM-SR listens for the eUICCs (default: " DEFAULT_SMSR_ADDRESS ")", "ADDRESS" },
    { "link", 0, 0, G_OPTION_ARG_STRING, &options.link,
      "How bad the way to the SM-SR is: rate=40kbit,rtt=600ms,jitter=,loss=5%,reorder=,duplicate=,"
      "queue=,seed=",
      "KEY=VALUE,..." },
    { "raw-all", 0, 0, G_OPTION_ARG_NONE, &options.reports_all,
      "Report toolkit commands that firmware would keep", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options.shows_version, "Show the version", NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- simulate QMI modems with eUICCs");
  g_autoptr (GError) error = NULL;
  int status;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (
      context, "'euicc-sim ctl DIR COMMAND ...' gives a command to a running simulator.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    status = fail_usage (error->message);
  else if (argc > 1)
    status = fail_usage ("there is an argument too many");
  else
    status = run (&options);
  options_clear (&options);
  return status;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc > 1 && strcmp (argv[1], "ctl") == 0)
    return sim_ctl_main (argc - 2, argv + 2);
  return parse_and_run (argc, argv);
}
