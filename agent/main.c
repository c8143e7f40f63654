/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* options → configuration → wire up → READY=1 → loop → STOPPING=1 */

#include <gio/gio.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "bus.h"
#include "ea-build.h"
#include "host/journal.h"
#include "host/manager.h"
#include "modem/port.h"
#include "net/resolver.h"

#define EXIT_USAGE 2
#define DEFAULT_STATE_DIRECTORY EA_LOCALSTATEDIR "/lib/euicc-agent"
#define STATE_DIRECTORY_VARIABLE "STATE_DIRECTORY"
#define KEYS_DIRECTORY_VARIABLE "CREDENTIALS_DIRECTORY"
#define INSTALLED_KEYS "/etc/credstore/euicc-agent.keys" /* what the service manager hands over */

static struct
{
  char *bus;
  char *config;
  char *state_directory;
  char *device;
  gboolean is_debug;
  gboolean is_config_check;
  gboolean is_version;
} options;

static const GOptionEntry entries[] = {
  { "bus", 0, 0, G_OPTION_ARG_STRING, &options.bus, "Bus to be on (default: system)",
    "system|session|ADDRESS" },
  { "config", 0, 0, G_OPTION_ARG_FILENAME, &options.config,
    "Read this file instead of the usual ones", "FILE" },
  { "state-directory", 0, 0, G_OPTION_ARG_FILENAME, &options.state_directory,
    "Keep durable state here", "DIRECTORY" },
  { "device", 0, 0, G_OPTION_ARG_FILENAME, &options.device, "Serve these modems", "GLOB[;GLOB…]" },
  { "debug", 0, 0, G_OPTION_ARG_NONE, &options.is_debug, "Log everything but secrets", NULL },
  { "check-config", 0, 0, G_OPTION_ARG_NONE, &options.is_config_check,
    "Read the configuration, tell what is wrong with it, and end", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &options.is_version, "Show the version and end", NULL },
  G_OPTION_ENTRY_NULL
};

typedef struct
{
  GMainLoop *loop;
  EaAgent *agent;
  EaBus *bus;
  GDBusConnection *connection;
  guint name_id;
  gboolean is_stopping;
  int exit_status;
} Daemon;

static void
tell_problem (const char *problem)
{
  if (options.is_config_check)
    g_printerr ("%s\n", problem);
  else
    ea_log_error (NULL, EA_MESSAGE_CONFIGURATION, "%s", problem);
}

/* (nullable): %NULL, with the first problem in @error, after all of them were told */
static EaConfig *
load_config (GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EaConfig) config = ea_config_load (options.config, problems);
  g_autoptr (GError) wrong = NULL;

  if (config != NULL && options.device != NULL
      && !ea_config_override (config, "modem", "Device", options.device, &wrong))
    g_ptr_array_add (problems, g_strconcat ("--device: ", wrong->message, NULL));
  for (guint i = 0; i < problems->len; i++)
    tell_problem (g_ptr_array_index (problems, i));
  if (problems->len == 0)
    return g_steal_pointer (&config);
  g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                       g_ptr_array_index (problems, 0));
  return NULL;
}

/* Who checks the configuration by hand has no credentials, and means the file that they come from. */
static EaKeyRing *
read_keys (GError **error)
{
  const char *directory = g_getenv (KEYS_DIRECTORY_VARIABLE);

  if (options.is_config_check && directory == NULL && access (INSTALLED_KEYS, R_OK) == 0)
    return ea_key_ring_load_file (INSTALLED_KEYS, error);
  return ea_key_ring_load (directory, error);
}

/* (nullable): %NULL, with the problem in @error, after it was told */
static EaKeyRing *
load_keys (GError **error)
{
  g_autoptr (GError) local_error = NULL;
  EaKeyRing *keys = read_keys (&local_error);

  if (keys == NULL)
    {
      tell_problem (local_error->message);
      g_propagate_error (error, g_steal_pointer (&local_error));
    }
  return keys;
}

static void
set_log_level (const EaConfig *config)
{
  if (!options.is_debug)
    ea_journal_set_level (
        ea_journal_parse_level (ea_config_get (config, "agent", NULL, "LogLevel")));
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Daemon *daemon = user_data;

  ea_agent_stop_finish (EA_AGENT (source), result);
  ea_log_message (NULL, NULL, "euicc-agent ends");
  g_main_loop_quit (daemon->loop);
}

static void
stop (Daemon *daemon, int exit_status)
{
  if (daemon->is_stopping)
    return;

  daemon->is_stopping = TRUE;
  daemon->exit_status = exit_status;
  ea_manager_tell_stopping ();
  ea_agent_stop_async (daemon->agent, on_stopped, daemon);
}

static gboolean
on_terminate (gpointer user_data)
{
  stop (user_data, EXIT_SUCCESS);
  return G_SOURCE_CONTINUE;
}

/* FALSE with @error after the problem was told */
static gboolean
reload_keys (EaAgent *agent, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (ea_agent_reload_keys (agent, &local_error))
    return TRUE;
  ea_log_error (NULL, EA_MESSAGE_CONFIGURATION, "The keys stay as they were: %s",
                local_error->message);
  g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID, "The keys stay as they were: %s",
               local_error->message);
  return FALSE;
}

static gboolean
reload_config (EaAgent *agent, GError **error)
{
  EaConfig *config = load_config (error);

  if (config == NULL)
    {
      ea_log_error (NULL, EA_MESSAGE_CONFIGURATION, "The configuration stays as it was");
      g_prefix_error (error, "The configuration stays as it was: ");
      return FALSE;
    }
  ea_agent_reload (agent, config);
  if (options.is_debug)
    ea_journal_set_level (G_LOG_LEVEL_DEBUG);
  return TRUE;
}

static gboolean
reload (gpointer user_data, GError **error)
{
  Daemon *daemon = user_data;
  gboolean is_config_good;
  gboolean are_keys_good;

  ea_manager_tell_reloading ();
  are_keys_good = reload_keys (daemon->agent, error);
  is_config_good = reload_config (daemon->agent, are_keys_good ? error : NULL);
  ea_manager_tell_ready ();
  return is_config_good && are_keys_good;
}

static gboolean
on_hangup (gpointer user_data)
{
  (void) reload (user_data, NULL); /* nobody but the log wants to know */
  return G_SOURCE_CONTINUE;
}

static void
on_state_changed (EaAgent *agent, GParamSpec *pspec, gpointer user_data)
{
  const Daemon *daemon = user_data;

  if (!daemon->is_stopping) /* the status says why */
    ea_manager_tell_status (ea_agent_get_state_reason (agent));
}

/* Modems are touched by who has the name, and no one else. */
static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Daemon *daemon = user_data;

  if (daemon->is_stopping)
    return;

  ea_agent_start (daemon->agent);
  ea_log_message (NULL, EA_MESSAGE_STARTED, "euicc-agent %s is ready: %s", EA_VERSION,
                  ea_agent_get_state_reason (daemon->agent));
  ea_manager_tell_ready ();
}

/* Before it was ours, or after: another has it, the bus is gone, or its policy does not let us have it. The bus is
 * waited for, since nothing else is left to do. */
static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Daemon *daemon = user_data;
  g_autoptr (GError) error = NULL;
  int exit_status = EX_UNAVAILABLE;

  if (connection == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The bus is gone");
  else if (ea_bus_check_name (connection, &error))
    {
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "The bus does not let us have the name %s: is its policy there, "
                   "dbus-1/system.d/org.euicc.Agent1.conf?",
                   name);
      exit_status = EX_NOPERM;
    }
  ea_log_error (NULL, EA_MESSAGE_NOT_STARTED, "%s", error->message);
  stop (daemon, exit_status);
  ea_manager_tell_status (error->message);
}

static gboolean
start (Daemon *daemon, EaConfig *config, EaKeyRing *keys, EaStore *store, GError **error)
{
  const char *where = options.bus != NULL ? options.bus : "system";

  daemon->connection = ea_bus_connect (where, error);
  if (daemon->connection == NULL)
    {
      g_prefix_error (error, "No bus at '%s': ", where);
      ea_config_free (config);
      return FALSE;
    }
  g_dbus_connection_set_exit_on_close (daemon->connection, FALSE);
  if (!ea_bus_check_name (daemon->connection, error))
    {
      ea_config_free (config);
      return FALSE;
    }
  daemon->agent = ea_agent_new (config, keys, store, daemon->connection);
  daemon->bus = ea_bus_new (daemon->agent, daemon->connection, error);
  if (daemon->bus == NULL)
    return FALSE;
  ea_bus_set_reload_func (daemon->bus, reload, daemon);

  g_signal_connect (daemon->agent, "notify::state-reason", G_CALLBACK (on_state_changed), daemon);
  g_unix_signal_add (SIGTERM, on_terminate, daemon);
  g_unix_signal_add (SIGINT, on_terminate, daemon);
  g_unix_signal_add (SIGHUP, on_hangup, daemon);
  ea_manager_start_watchdog ();
  daemon->name_id = g_bus_own_name_on_connection (daemon->connection, EA_BUS_NAME,
                                                  G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                                  on_name_acquired, on_name_lost, daemon, NULL);
  return TRUE;
}

static const char *
get_state_directory (void)
{
  if (options.state_directory != NULL)
    return options.state_directory;
  return g_getenv (STATE_DIRECTORY_VARIABLE) != NULL ? g_getenv (STATE_DIRECTORY_VARIABLE)
                                                     : DEFAULT_STATE_DIRECTORY;
}

static void
daemon_clear (Daemon *daemon)
{
  g_clear_handle_id (&daemon->name_id, g_bus_unown_name);
  g_clear_object (&daemon->bus);
  g_clear_object (&daemon->agent);
  if (daemon->connection != NULL)
    (void) g_dbus_connection_flush_sync (daemon->connection, NULL, NULL); /* the bus may be gone */
  g_clear_object (&daemon->connection);
  g_main_loop_unref (daemon->loop);
}

static void
tell_store (EaStore *store)
{
  if (ea_store_get_torn_size (store) > 0)
    ea_log_message (NULL, NULL,
                    "A change of the state was interrupted, and is not made (%" G_GSIZE_FORMAT
                    " bytes)",
                    ea_store_get_torn_size (store));
  if (ea_store_is_amnesic (store))
    ea_log_error (NULL, EA_MESSAGE_PAST_LOST,
                  "The past is lost, see TROUBLE in euicc-agentd(8): %s",
                  ea_store_get_amnesia (store));
}

static int
run (EaConfig *config, EaKeyRing *keys)
{
  Daemon daemon = { .loop = g_main_loop_new (NULL, FALSE), .exit_status = EX_UNAVAILABLE };
  g_autoptr (GError) error = NULL;
  g_autoptr (EaStore) store = ea_store_new (get_state_directory (), &error);

  if (store == NULL)
    {
      ea_config_free (config);
      daemon.exit_status = EX_CANTCREAT;
    }
  else
    tell_store (store);
  if (store != NULL && start (&daemon, config, keys, store, &error))
    g_main_loop_run (daemon.loop);
  else
    {
      ea_log_error (NULL, EA_MESSAGE_NOT_STARTED, "%s", error->message);
      ea_manager_tell_status (error->message);
    }
  daemon_clear (&daemon);
  ea_journal_tell_left_out ();
  return daemon.exit_status;
}

static gboolean
parse_options (int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "Carries GSMA SGP.02 remote provisioning between a QMI modem and its eUICC.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error) && *argc == 1
      && (options.device == NULL || g_path_is_absolute (options.device)
          || ea_port_is_qrtr (options.device)))
    return TRUE;

  g_printerr ("euicc-agentd: %s\nTry 'euicc-agentd --help'.\n",
              error != NULL
                  ? error->message
                  : "--device wants absolute paths or qrtr://NODE, and no arguments follow");
  return FALSE;
}

/* Keys are read also when there is a mistake in the configuration: all mistakes are told at once. */
static int
serve (void)
{
  g_autoptr (GError) error = NULL;
  EaConfig *config = load_config (&error);
  g_autoptr (EaKeyRing) keys = load_keys (error == NULL ? &error : NULL);

  if (error != NULL)
    ea_manager_tell_status (error->message);
  if (error != NULL || options.is_config_check)
    ea_config_free (config);
  if (options.is_config_check)
    return error == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
  if (error != NULL)
    return EX_CONFIG;
  set_log_level (config);
  return run (config, keys);
}

int
main (int argc, char **argv)
{
  (void) setlocale (LC_CTYPE, "");   /* the log is English in all languages */
  ea_resolver_ignore_environment (); /* there are threads later, that may read it */
  if (!parse_options (&argc, &argv))
    return EXIT_USAGE;
  if (options.is_version)
    {
      g_print ("euicc-agentd %s\n", EA_VERSION);
      return EXIT_SUCCESS;
    }

  ea_journal_init (options.is_debug ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_MESSAGE);
  if (!options.is_debug)
    (void) prctl (PR_SET_DUMPABLE, 0); /* no core dump and no debugger but root's; can't fail */
  return serve ();
}
