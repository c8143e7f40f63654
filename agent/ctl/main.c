/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* euiccctl: verbs on the agent's D-Bus objects. */

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/advice.h"
#include "ctl/call.h"
#include "ctl/candidates.h"
#include "ctl/decode-run.h"
#include "ctl/metrics.h"
#include "ctl/moment.h"
#include "ctl/near.h"
#include "ctl/session-wait.h"
#include "ctl/session.h"
#include "ctl/watch.h"
#include "ea-build.h"

#define EXIT_USAGE 2
#define DAEMON_NAME "euicc-agentd"

static struct
{
  char *bus;
  char *json;
  char *form;
  char *key_file;
  gboolean has_smsc;
  EaSessionOptions session;
  gboolean is_waiting;
  char *since;
  char *limit;
  gboolean is_openmetrics;
  gboolean is_version;
} options;

static const GOptionEntry entries[] = {
  { "bus", 0, 0, G_OPTION_ARG_STRING, &options.bus, "Bus of the agent (default: system)",
    "system|session|ADDRESS" },
  { "json", 0, 0, G_OPTION_ARG_STRING, &options.json, "Output for programs", "short|pretty|off" },
  { "form", 0, 0, G_OPTION_ARG_STRING, &options.form,
    "decode: the framing of packets or of data objects", "sms|cat-tp|ber|comprehension" },
  { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &options.key_file,
    "decode: keys of secured packets, in the format of euicc-agent's keys", "FILE" },
  { "smsc", 0, 0, G_OPTION_ARG_NONE, &options.has_smsc,
    "decode: a service centre address comes before the message", NULL },
  { "host", 0, 0, G_OPTION_ARG_STRING, &options.session.host,
    "open-session: the server (default: the configuration's)", "NAME-or-ADDRESS" },
  { "port", 0, 0, G_OPTION_ARG_STRING, &options.session.port,
    "open-session: its port of TCP, or UDP", "1-65535" },
  { "cat-tp-port", 0, 0, G_OPTION_ARG_STRING, &options.session.cattp_port,
    "open-session: its port of CAT_TP", "1-65535" },
  { "uri", 0, 0, G_OPTION_ARG_STRING, &options.session.uri, "open-session: of the first request",
    "PATH" },
  { "interface", 0, 0, G_OPTION_ARG_STRING, &options.session.interface,
    "open-session: network interface", "NAME" },
  { "timeout", 0, 0, G_OPTION_ARG_STRING, &options.session.timeout,
    "open-session: how long the server may be silent", "SECONDS" },
  { "wait", 0, 0, G_OPTION_ARG_NONE, &options.is_waiting,
    "open-session: show what it does, until it ends", NULL },
  { "since", 0, 0, G_OPTION_ARG_STRING, &options.since,
    "history: nothing that is older: 90s, 5min, 2h, 3d or 1w ago, a date, or a date and time",
    "WHEN" },
  { "limit", 0, 0, G_OPTION_ARG_STRING, &options.limit, "history: the newest only", "NUMBER" },
  { "openmetrics", 0, 0, G_OPTION_ARG_NONE, &options.is_openmetrics,
    "metrics: types as OpenMetrics 1.0 has them, and not as Prometheus' text format", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &options.is_version, "Show the version and end", NULL },
  G_OPTION_ENTRY_NULL
};

/* Options that belong to one command: where their value is, and a flag's or a text's */
static const struct
{
  const char *name;
  const char *verb;
  char *const *text;
  const gboolean *flag;
} own_options[] = {
  { "form", "decode", &options.form, NULL },
  { "key-file", "decode", &options.key_file, NULL },
  { "smsc", "decode", NULL, &options.has_smsc },
  { "host", "open-session", &options.session.host, NULL },
  { "port", "open-session", &options.session.port, NULL },
  { "cat-tp-port", "open-session", &options.session.cattp_port, NULL },
  { "uri", "open-session", &options.session.uri, NULL },
  { "interface", "open-session", &options.session.interface, NULL },
  { "timeout", "open-session", &options.session.timeout, NULL },
  { "wait", "open-session", NULL, &options.is_waiting },
  { "since", "history", &options.since, NULL },
  { "limit", "history", &options.limit, NULL },
  { "openmetrics", "metrics", NULL, &options.is_openmetrics },
};

static const char summary[]
    = "Commands:\n"
      "  status               The agent and its eUICCs (default)\n"
      "  list                 The eUICCs, a line each\n"
      "  show [EID]           All that is known of one eUICC; the EID's last digits do\n"
      "  channels             The data channels that eUICCs have open\n"
      "  sessions             The agent's own sessions with the SM-SR\n"
      "  open-session [EID] auto|https|cat-tp\n"
      "                       Have the agent open one; the EID is needed where there are several\n"
      "  cancel SESSION       End a session; its number does\n"
      "  history              What has happened, the newest first\n"
      "  monitor              What happens, as it happens\n"
      "  metrics              Counters and states, for collectors of metrics\n"
      "  rescan [EID]         Have the card read and the modem probed anew\n"
      "  reload               Have the agent read its configuration and keys again\n"
      "  check-config [FILE]  What is wrong with the configuration\n"
      "  decode KIND [HEX...|-]\n"
      "                       What bytes say; \"-\": one item a line from standard input;\n"
      "                       'decode help' lists the kinds; see euiccctl-decode(1)";

static const char *const transports[] = { "auto", "https", "cat-tp", NULL };

typedef struct
{
  const char *name;
  guint n_arguments_min;
  guint n_arguments_max;
  int (*run) (char **arguments, EaReportFormat format);
} Verb;

static int
fail (const GError *error)
{
  g_printerr ("euiccctl: %s\n", error->message);
  return EXIT_FAILURE;
}

static int
fail_usage (const char *message)
{
  g_printerr ("euiccctl: %s\nTry 'euiccctl --help'.\n", message);
  return EXIT_USAGE;
}

static const char *
get_bus (void)
{
  return options.bus != NULL ? options.bus : "system";
}

static gboolean
open_client (EaClient *client, GError **error)
{
  return ea_client_open (client, get_bus (), error);
}

static int
run_status (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (!open_client (&client, &error))
    return fail (error);
  ea_report_status (&client, format);
  return EXIT_SUCCESS;
}

static int
run_list (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (!open_client (&client, &error))
    return fail (error);
  ea_report_list (&client, format);
  return EXIT_SUCCESS;
}

/* (transfer full) (nullable): @name: (nullable): else the only one */
static EaDbusEuicc *
open_euicc (EaClient *client, const char *name, GError **error)
{
  if (!open_client (client, error))
    return NULL;
  return name != NULL ? ea_client_find_euicc (client, name, error)
                      : ea_client_find_only_euicc (client, error);
}

static int
run_show (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (EaDbusEuicc) euicc = open_euicc (&client, arguments[0], &error);

  if (euicc == NULL)
    return fail (error);
  ea_report_euicc (&client, euicc, format);
  return EXIT_SUCCESS;
}

static int
run_channels (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (!open_client (&client, &error))
    return fail (error);
  ea_report_channels (&client, format);
  return EXIT_SUCCESS;
}

static int
run_sessions (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (!open_client (&client, &error))
    return fail (error);
  ea_report_sessions (&client, format);
  return EXIT_SUCCESS;
}

/* @euicc_name: (nullable) */
static char *
open_session (EaClient *client, const char *euicc_name, const char *transport, GVariant *wanted,
              GError **error)
{
  g_autoptr (EaDbusEuicc) euicc = open_euicc (client, euicc_name, error);

  return euicc != NULL ? ea_session_open (euicc, transport, wanted, error) : NULL;
}

static int
show_opened (EaClient *client, const char *path, EaReportFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaDbusSession) session = NULL;

  if (format == EA_REPORT_TABLE)
    {
      g_print ("%s\n", ea_client_shorten_path (path));
      return EXIT_SUCCESS;
    }
  session
      = ea_dbus_session_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                                        EA_CLIENT_BUS_NAME, path, NULL, &error);
  if (session == NULL)
    return fail (error);
  ea_report_session (client, session, format);
  return EXIT_SUCCESS;
}

static int
run_open_session (char **arguments, EaReportFormat format)
{
  const char *euicc_name = arguments[1] != NULL ? arguments[0] : NULL;
  const char *transport = arguments[1] != NULL ? arguments[1] : arguments[0];
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) wanted = ea_session_build_options (&options.session, &error);
  g_autofree char *path = NULL;

  if (wanted == NULL)
    return fail_usage (error->message);
  g_variant_ref_sink (wanted);
  if (!g_strv_contains (transports, transport))
    return fail_usage ("the transport is auto, https or cat-tp");
  path = open_session (&client, euicc_name, transport, wanted, &error);
  if (path == NULL)
    return fail (error);
  if (options.is_waiting)
    return ea_session_wait (&client, path, format);
  return show_opened (&client, path, format);
}

static int
run_cancel (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (EaDbusSession) session = NULL;
  g_autoptr (GVariant) result = NULL;

  if (open_client (&client, &error))
    session = ea_client_find_session (&client, arguments[0], &error);
  if (session == NULL)
    return fail (error);
  result = ea_call (G_DBUS_PROXY (session), "Cancel", NULL, &error);
  return result != NULL ? EXIT_SUCCESS : fail (error);
}

static int
run_rescan (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (EaDbusEuicc) euicc = open_euicc (&client, arguments[0], &error);
  g_autoptr (GVariant) result = NULL;

  if (euicc != NULL)
    result = ea_call (G_DBUS_PROXY (euicc), "Rescan", NULL, &error);
  return result != NULL ? EXIT_SUCCESS : fail (error);
}

static int
run_history (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) happened = NULL;
  guint64 since_us = 0;
  guint64 limit = 0;

  if (options.since != NULL
      && !ea_moment_parse (options.since, (guint64) g_get_real_time (), &since_us))
    return fail_usage (
        "--since is 90s, 5min, 2h, 3d or 1w, a date such as 2026-11-29, or a date and "
        "time such as 2026-11-29T10:00:00");
  if (options.limit != NULL
      && !g_ascii_string_to_unsigned (options.limit, 10, 1, G_MAXUINT, &limit, NULL))
    return fail_usage ("--limit is a number from 1 on");
  if (!open_client (&client, &error))
    return fail (error);
  if (!ea_dbus_manager_call_get_history_sync (client.manager, since_us, (guint) limit, &happened,
                                              NULL, &error))
    {
      ea_advice_add ("GetHistory", &error);
      return fail (error);
    }
  ea_report_history (happened, format);
  return EXIT_SUCCESS;
}

static int
run_metrics (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (format != EA_REPORT_TABLE)
    return fail_usage ("'metrics' has no JSON: see the counters of 'show'");
  if (!open_client (&client, &error)
      || !ea_metrics_print (
          &client, options.is_openmetrics ? EA_METRICS_OPENMETRICS : EA_METRICS_PROMETHEUS, &error))
    return fail (error);
  return EXIT_SUCCESS;
}

static int
run_reload (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) result = NULL;

  if (open_client (&client, &error))
    result = ea_call (G_DBUS_PROXY (client.manager), "Reload", NULL, &error);
  return result != NULL ? EXIT_SUCCESS : fail (error);
}

static int
run_monitor (char **arguments, EaReportFormat format)
{
  g_auto (EaClient) client = { 0 };
  g_autoptr (GError) error = NULL;

  if (!ea_client_connect (&client, get_bus (), &error))
    return fail (error);
  if (ea_watch_run (&client, format))
    return EXIT_SUCCESS;
  g_printerr ("euiccctl: the bus has ended\n");
  return EXIT_FAILURE;
}

/* For shells: silent, whatever goes wrong */
static int
run_candidates (char **arguments, EaReportFormat format)
{
  g_autoptr (GDBusConnection) connection = ea_client_connect_bus (get_bus (), NULL);

  if (connection == NULL)
    return EXIT_FAILURE;
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return ea_candidates_print (connection, arguments[0]) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* (transfer full): the installed daemon, the one beside this client's folder, or the one in $PATH */
static char *
find_daemon (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = g_path_get_dirname (self != NULL ? self : "");
  g_autofree char *installed = g_build_filename (EA_LIBEXECDIR, DAEMON_NAME, NULL);
  g_autofree char *built = g_build_filename (directory, "..", DAEMON_NAME, NULL);

  if (g_file_test (installed, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&installed);
  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  return g_strdup (DAEMON_NAME);
}

static int
run_check_config (char **arguments, EaReportFormat format)
{
  g_autofree char *daemon = find_daemon ();
  g_autofree char *file
      = arguments[0] != NULL ? g_strconcat ("--config=", arguments[0], NULL) : NULL;
  char *argv[] = { daemon, (char *) "--check-config", file, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
                     NULL, NULL, NULL, &status, &error))
    return fail (error);
  return g_spawn_check_wait_status (status, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_decode (char **arguments, EaReportFormat format)
{
  const EaDecodeCall call = { .kind = arguments[0],
                              .hex = arguments + 1,
                              .form = options.form,
                              .key_file = options.key_file,
                              .has_smsc = options.has_smsc,
                              .format = format };

  return ea_decode_run (&call);
}

/* What begins with '_' is not for people. */
static const Verb verbs[] = {
  { "status", 0, 0, run_status },
  { "list", 0, 0, run_list },
  { "show", 0, 1, run_show },
  { "channels", 0, 0, run_channels },
  { "sessions", 0, 0, run_sessions },
  { "open-session", 1, 2, run_open_session },
  { "cancel", 1, 1, run_cancel },
  { "history", 0, 0, run_history },
  { "monitor", 0, 0, run_monitor },
  { "metrics", 0, 0, run_metrics },
  { "rescan", 0, 1, run_rescan },
  { "reload", 0, 0, run_reload },
  { "check-config", 0, 1, run_check_config },
  { "decode", 1, G_MAXUINT, run_decode },
  { "_candidates", 1, 1, run_candidates },
};

static gboolean
parse_format (EaReportFormat *format)
{
  if (options.json == NULL || strcmp (options.json, "off") == 0)
    *format = EA_REPORT_TABLE;
  else if (strcmp (options.json, "short") == 0)
    *format = EA_REPORT_JSON_SHORT;
  else if (strcmp (options.json, "pretty") == 0)
    *format = EA_REPORT_JSON_PRETTY;
  else
    return FALSE;
  return TRUE;
}

/* (nullable) (transfer full): the complaint about an option of another command */
static char *
check_options (const char *verb)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_options); i++)
    {
      gboolean is_set
          = own_options[i].flag != NULL ? *own_options[i].flag : *own_options[i].text != NULL;

      if (is_set && strcmp (own_options[i].verb, verb) != 0)
        return g_strdup_printf ("--%s is an option of '%s'", own_options[i].name,
                                own_options[i].verb);
    }
  return NULL;
}

static int
fail_verb (const char *format, const char *name)
{
  g_autofree char *message = g_strdup_printf (format, name);

  return fail_usage (message);
}

static int
fail_unknown_verb (const char *name)
{
  const char *words[G_N_ELEMENTS (verbs) + 1] = { NULL };
  gsize n_words = 0;
  const char *nearest;
  g_autofree char *message = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (verbs[i].name[0] != '_')
      words[n_words++] = verbs[i].name;
  nearest = ea_near_find (name, words);
  if (nearest == NULL)
    return fail_verb ("there is no command '%s'", name);
  message = g_strdup_printf ("there is no command '%s': did you mean '%s'?", name, nearest);
  return fail_usage (message);
}

static int
run_verb (int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : verbs[0].name;
  guint n_arguments = argc > 2 ? (guint) argc - 2 : 0;
  g_autofree char *complaint = NULL;
  EaReportFormat format;

  if (!parse_format (&format))
    return fail_usage ("--json is short, pretty or off");
  complaint = check_options (name);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (strcmp (verbs[i].name, name) != 0)
        continue;
      if (n_arguments < verbs[i].n_arguments_min)
        return fail_verb ("an argument of '%s' is missing", name);
      if (n_arguments > verbs[i].n_arguments_max)
        return fail_verb ("'%s' has an argument too many", name);
      if (complaint != NULL)
        return fail_usage (complaint);
      return verbs[i].run (argv + MIN (argc, 2), format);
    }
  return fail_unknown_verb (name);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[COMMAND]");
  g_autoptr (GError) error = NULL;

  (void) setlocale (LC_ALL, "");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return fail_usage (error->message);
  if (options.is_version)
    {
      g_print ("euiccctl %s\n", EA_VERSION);
      return EXIT_SUCCESS;
    }
  return run_verb (argc, argv);
}
