/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sessions-rig.h"

#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

#define NAME "0"
#define DEVICE "/dev/null"
#define ERROR_PREFIX "org.euicc.Agent1.Error."
#define KEYS "[* scp81 40]\nKeyIdentifier=01\nPsk=" SM_SR_KEY "\n"

guint __real_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data);
guint __wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data);

guint __real_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer data);
guint __wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer data);

static guint hurry_from_ms;
static guint hurry_to_ms;
static guint stall_id; /* of the last exchange with the SM-SR */

guint
__wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer data)
{
  gboolean is_hurried = interval_ms >= hurry_from_ms && interval_ms <= hurry_to_ms;

  return __real_g_timeout_add (is_hurried ? 0 : interval_ms, function, data);
}

guint
__wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer data)
{
  guint id = __real_g_timeout_add_seconds (interval_s, function, data);

  if (interval_s == EA_ADMIN_SESSION_STALL_LIMIT_S)
    stall_id = id;
  return id;
}

void
sessions_rig_let_stall (void)
{
  GSource *source = g_main_context_find_source_by_id (NULL, stall_id);

  assert_non_null (source);
  g_source_set_ready_time (source, 0);
  run_ready ();
}

void
sessions_rig_hurry (guint from_ms, guint to_ms)
{
  hurry_from_ms = from_ms;
  hurry_to_ms = to_ms;
}

void
sessions_rig_configure (SessionsRig *rig, const char *more)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (rig->keys_directory, "agent.conf", NULL);
  g_autofree char *text
      = g_strdup_printf ("[session]\nTimeout=20\nRetryDelay=1\nRetryMaximum=1\nRetryLimit=3\n"
                         "[sm-sr]\nHost=127.0.0.1\nPort=%u\n%s",
                         rig->sm_sr->port, more);
  EaConfig *config;

  assert_true (g_file_set_contents (path, text, -1, NULL));
  config = ea_config_load (path, problems);
  if (config == NULL)
    fail_msg ("%s", (const char *) problems->pdata[0]);
  if (rig->sessions != NULL)
    ea_sessions_set_config (rig->sessions, config, rig->policy);
  g_clear_pointer (&rig->config, ea_config_free);
  rig->config = config;
}

static void
on_state (EaSession *session, GParamSpec *property, gpointer user_data)
{
  SessionsRig *rig = user_data;
  g_autofree char *state = NULL;

  g_object_get (session, "state", &state, NULL);
  g_string_append_printf (rig->states, "%s%s", rig->states->len > 0 ? " " : "", state);
}

static void
on_added (EaSessions *sessions, EaSession *session, gpointer user_data)
{
  SessionsRig *rig = user_data;

  g_ptr_array_add (rig->added, g_object_ref (session));
  g_string_truncate (rig->states, 0);
  g_signal_connect (session, "notify::state", G_CALLBACK (on_state), rig);
}

static void
on_idle (EaSessions *sessions, gpointer user_data)
{
  SessionsRig *rig = user_data;

  rig->n_idle++;
}

void
sessions_rig_attach (SessionsRig *rig)
{
  rig->modem = fake_modem_new ();
  rig->card = ea_card_new (EA_MODEM (rig->modem));
  ea_sessions_attach (rig->sessions,
                      &(EaSessionsModem){ .card = rig->card, .bearers = rig->bearers }, DEVICE);
}

void
sessions_rig_detach (SessionsRig *rig)
{
  ea_sessions_detach (rig->sessions);
  g_clear_object (&rig->card);
  g_clear_object (&rig->modem);
}

void
sessions_rig_begin (SessionsRig *rig, const char *eid)
{
  EaSessionsOptions options = { .name = NAME, .log = &rig->log };

  rig->store = ea_store_new (rig->directory, NULL);
  rig->keys = ea_key_ring_load (rig->keys_directory, NULL);
  rig->activity = ea_activity_new ();
  rig->resolver = ea_resolver_new ();
  options.store = rig->store;
  options.keys = rig->keys;
  options.activity = rig->activity;
  options.resolver = rig->resolver;
  rig->sessions = ea_sessions_new (&options);
  rig->added = g_ptr_array_new_with_free_func (g_object_unref);
  rig->states = g_string_new (NULL);
  g_signal_connect (rig->sessions, "added", G_CALLBACK (on_added), rig);
  g_signal_connect (rig->sessions, "idle", G_CALLBACK (on_idle), rig);
  ea_sessions_set_config (rig->sessions, rig->config, rig->policy);
  sessions_rig_attach (rig);
  ea_sessions_resume (rig->sessions, eid, RIG_ICCID);
}

void
sessions_rig_end (SessionsRig *rig)
{
  for (guint i = 0; i < rig->added->len; i++)
    g_signal_handlers_disconnect_by_data (rig->added->pdata[i], rig);
  g_clear_object (&rig->sessions);
  g_clear_pointer (&rig->added, g_ptr_array_unref);
  run_ready ();
  g_string_free (g_steal_pointer (&rig->states), TRUE);
  g_clear_object (&rig->card);
  g_clear_object (&rig->modem);
  g_clear_object (&rig->keys);
  g_clear_object (&rig->resolver);
  g_clear_object (&rig->activity);
  g_clear_pointer (&rig->store, ea_store_free);
  rig->n_idle = 0;
}

int
sessions_rig_setup (void **state)
{
  static const char *const allowed[] = { "127.0.0.0/8", NULL };
  static const EaBearersOptions bearers
      = { .use = EA_BEARER_USE_EXISTING, .apn = "", .interface = "lo", .path = DEVICE };
  SessionsRig *rig = g_new0 (SessionsRig, 1);
  g_autofree char *path = NULL;

  fake_store_reset ();
  sessions_rig_hurry (1, 0);
  rig->directory = make_quick_directory ();
  rig->keys_directory = make_quick_directory ();
  path = g_build_filename (rig->keys_directory, "keys", NULL);
  assert_true (g_file_set_contents (path, KEYS, -1, NULL));
  rig->sm_sr = sm_sr_new ();
  rig->modem_manager = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);
  rig->bearers = ea_bearers_new (rig->modem_manager, &bearers);
  rig->policy = ea_address_policy_new (allowed, NULL, NULL);
  sessions_rig_configure (rig, "");
  sessions_rig_begin (rig, RIG_EID);
  *state = rig;
  return 0;
}

int
sessions_rig_teardown (void **state)
{
  SessionsRig *rig = *state;

  sessions_rig_end (rig);
  g_object_unref (rig->bearers);
  g_object_unref (rig->modem_manager);
  ea_address_policy_free (rig->policy);
  ea_config_free (rig->config);
  sm_sr_free (rig->sm_sr);
  delete_directory (rig->directory);
  delete_directory (rig->keys_directory);
  g_free (rig);
  return 0;
}

EaSession *
sessions_rig_open (SessionsRig *rig)
{
  g_autoptr (GError) error = NULL;
  const char *reason;
  EaSession *session = ea_sessions_open (rig->sessions, "https", NULL, &reason, &error);

  if (session == NULL)
    fail_msg ("%s", error->message);
  return session;
}

EaSession *
sessions_rig_open_to_post (SessionsRig *rig)
{
  EaSession *session = sessions_rig_open (rig);

  sm_sr_await_post (rig->sm_sr, RIG_URI, "");
  return session;
}

void
sessions_rig_answer (SessionsRig *rig, const char *answers)
{
  g_auto (GStrv) list = g_strsplit (answers, "|", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (list[i][0] == '!')
      fake_modem_fail (rig->modem, (EaModemError) atoi (list[i] + 1));
    else
      fake_modem_answer (rig->modem, list[i]);
}

void
sessions_rig_expect (SessionsRig *rig, const char *lines)
{
  g_auto (GStrv) list = g_strsplit (lines, "\n", -1);

  for (guint i = 0; list[i] != NULL; i++)
    assert_string_equal (fake_modem_await_line (rig->modem), list[i]);
}

void
sessions_rig_expect_nothing (SessionsRig *rig)
{
  run_ready ();
  assert_string_equal (fake_modem_read_diary (rig->modem), "");
}

char *
sessions_rig_get_error (EaSession *session)
{
  g_autoptr (GVariant) error = NULL;
  const char *name;

  g_object_get (session, "error", &error, NULL);
  g_variant_get (error, "(&s&s)", &name, NULL);
  return g_strdup (g_str_has_prefix (name, ERROR_PREFIX) ? name + strlen (ERROR_PREFIX) : name);
}

void
sessions_rig_expect_end (SessionsRig *rig, EaSession *session, EaSessionResult result,
                         const char *error)
{
  g_autofree char *name = NULL;

  WAIT_FOR (ea_session_get_state (session) == EA_SESSION_CLOSED);
  name = sessions_rig_get_error (session);
  assert_string_equal (name, error);
  assert_string_equal (ea_session_result_to_string (ea_session_get_result (session)),
                       ea_session_result_to_string (result));
}

guint
sessions_rig_count_records (SessionsRig *rig)
{
  g_auto (GStrv) names = ea_store_list (rig->store, "session-");

  return g_strv_length (names);
}
