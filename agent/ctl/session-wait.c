/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/session-wait.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/advice.h"
#include "ctl/call.h"
#include "ctl/fit.h"
#include "ctl/password-agent.h"
#include "ctl/progress.h"
#include "ctl/terminal.h"

/* No more often than this: a slow line has better things to carry. */
#define REDRAW_INTERVAL_MS 250
#define BEGIN_LINE "\r\033[K"
#define END_LINE "\033[K"

typedef struct
{
  EaClient *client;
  const char *path;
  EaDbusSession *session; /* NULL: the bus has not told of it yet */
  EaReportFormat format;
  GMainLoop *loop;
  gboolean is_live; /* a terminal that can redraw a line */
  gint64 began_us;
  EaProgressRate rate;
  guint64 seen_bytes; /* at the last redraw */
  guint n_moves;
  char *shown_state;
  guint told_attempt;
  gboolean is_cancelled;
  gboolean is_agent_gone;
  EaPasswordAgent *password_agent; /* has the terminal, until it is cancelled or not */
} Wait;

static const char *
get_name (const Wait *wait)
{
  return ea_client_shorten_path (wait->path);
}

/* (transfer full) (nullable): the session of the same eUICC that is at work */
static EaDbusSession *
find_front (const Wait *wait)
{
  g_autoptr (GPtrArray) sessions
      = ea_client_get_sessions (wait->client, ea_dbus_session_get_euicc (wait->session));

  for (guint i = 0; i < sessions->len; i++)
    {
      EaDbusSession *session = g_ptr_array_index (sessions, i);

      if (!ea_report_is_session_over (session)
          && strcmp (ea_dbus_session_get_state (session), "queued") != 0)
        return g_object_ref (session);
    }
  return NULL;
}

/* (transfer full): nobody is in front: it is the card that is waited for, unless its turn is just coming */
static char *
describe_obstacle (const Wait *wait)
{
  g_autoptr (EaDbusEuicc) euicc
      = ea_client_find_euicc (wait->client, ea_dbus_session_get_euicc (wait->session), NULL);
  const char *reason = euicc != NULL ? ea_dbus_euicc_get_state_reason (euicc) : "";

  if (reason[0] == '\0' || strcmp (ea_dbus_euicc_get_state (euicc), "ready") == 0)
    return g_strdup ("queued");
  return g_strdup_printf ("queued: %s", reason);
}

/* (transfer full) */
static char *
describe_queue (const Wait *wait)
{
  g_autoptr (EaDbusSession) front = find_front (wait);
  g_autofree char *state = NULL;
  const char *name;

  if (front == NULL)
    return describe_obstacle (wait);
  name = ea_client_shorten_path (g_dbus_proxy_get_object_path (G_DBUS_PROXY (front)));
  if (strcmp (ea_dbus_session_get_state (front), "waiting") != 0)
    return g_strdup_printf ("queued behind %s", name);
  state = ea_report_describe_session_state (front);
  return g_strdup_printf ("queued behind %s, which is %s", name, state);
}

static gboolean
is_queued (const Wait *wait)
{
  return strcmp (ea_dbus_session_get_state (wait->session), "queued") == 0;
}

/* (transfer full): the state of the session, and what it depends on */
static char *
describe_state (const Wait *wait)
{
  return is_queued (wait) ? describe_queue (wait)
                          : ea_report_describe_session_state (wait->session);
}

/* One column stays free: with all of them the cursor would be on the next line. */
static void
draw (const Wait *wait)
{
  g_autofree char *state = describe_state (wait);
  const EaProgress progress
      = { .state = state,
          .is_queued = is_queued (wait),
          .elapsed_s = (g_get_monotonic_time () - wait->began_us) / G_USEC_PER_SEC,
          .bytes_received = ea_dbus_session_get_bytes_received (wait->session),
          .bytes_sent = ea_dbus_session_get_bytes_sent (wait->session),
          .bytes_per_second = ea_progress_rate_get (&wait->rate),
          .n_apdus = ea_dbus_session_get_apdus (wait->session),
          .n_moves = wait->n_moves };
  gsize width = ea_terminal_get_width ();
  g_autofree char *line = ea_progress_format (&progress, MAX (width, 2) - 1);

  if (wait->password_agent != NULL)
    return;
  g_print ("\r%s" END_LINE, line);
}

/* Elsewhere than on a terminal each state once, and of a queue whatever moves in it */
static void
tell_state (Wait *wait)
{
  const char *state = ea_dbus_session_get_state (wait->session);
  const char *address = ea_dbus_session_get_address (wait->session);
  g_autofree char *described = describe_state (wait);

  if (is_queued (wait))
    state = described;
  if (g_strcmp0 (wait->shown_state, state) == 0)
    return;
  g_free (wait->shown_state);
  wait->shown_state = g_strdup (state);
  g_print ("%s%s%s\n", described, address[0] != '\0' ? " " : "", address);
}

/* A paragraph, above the line that is redrawn */
static void
tell (const Wait *wait, const char *text)
{
  g_autofree char *wrapped = ea_fit_wrap (text, 0, 2, ea_terminal_get_width ());

  g_print ("%s%s\n", wait->is_live ? BEGIN_LINE : "", wrapped);
}

static void
tell_attempt (const Wait *wait, guint attempt, const char *name, const char *sentence)
{
  const char *advice = ea_advice_get (name);
  g_autofree char *text
      = g_strdup_printf ("Attempt %u has failed: %s%s%s", attempt, sentence,
                         advice != NULL ? ": " : "", advice != NULL ? advice : "");

  tell (wait, text);
}

/* Why the session waits, once for each attempt */
static void
tell_reason (Wait *wait)
{
  guint attempt = ea_dbus_session_get_attempt (wait->session);
  const char *name;
  const char *sentence;

  g_variant_get (ea_dbus_session_get_error (wait->session), "(&s&s)", &name, &sentence);
  if (strcmp (ea_dbus_session_get_state (wait->session), "waiting") != 0 || sentence[0] == '\0'
      || attempt == wait->told_attempt)
    return;
  tell_attempt (wait, attempt, name, sentence);
  if (wait->told_attempt == 0)
    tell (wait, "It is tried again as often as RetryLimit in euicc-agent.conf(5) says; Ctrl-C "
                "cancels it");
  wait->told_attempt = attempt;
}

static void
show (Wait *wait)
{
  if (ea_report_is_session_over (wait->session))
    g_main_loop_quit (wait->loop);
  else if (wait->format != EA_REPORT_TABLE)
    return;
  else if (wait->is_live)
    tell_reason (wait); /* the rest waits for the next redraw */
  else
    {
      tell_state (wait);
      tell_reason (wait);
    }
}

static void
on_changed (GDBusProxy *proxy, GVariant *changed, const char *const *invalidated,
            gpointer user_data)
{
  show (user_data);
}

/* Those in front of a session that is queued */
static void
on_others_changed (GDBusObjectManagerClient *manager, GDBusObjectProxy *object, GDBusProxy *proxy,
                   GVariant *changed, const char *const *invalidated, gpointer user_data)
{
  Wait *wait = user_data;

  if (wait->session != NULL && is_queued (wait))
    show (wait);
}

/* The mark moves with the bytes. */
static gboolean
on_redraw (gpointer user_data)
{
  Wait *wait = user_data;
  guint64 n_bytes;

  if (wait->session == NULL)
    return G_SOURCE_CONTINUE;
  n_bytes = ea_dbus_session_get_bytes_received (wait->session)
            + ea_dbus_session_get_bytes_sent (wait->session);
  ea_progress_rate_add (&wait->rate, g_get_monotonic_time (), n_bytes);
  if (n_bytes != wait->seen_bytes)
    wait->n_moves++;
  wait->seen_bytes = n_bytes;
  draw (wait);
  return G_SOURCE_CONTINUE;
}

/* SIGWINCH */
static gboolean
on_resized (gpointer user_data)
{
  const Wait *wait = user_data;

  if (wait->session != NULL)
    draw (wait);
  return G_SOURCE_CONTINUE;
}

/* Whether it was cancelled is seen from how it ends. */
static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = ea_call_finish (G_DBUS_PROXY (source), "Cancel", result, &error);

  g_clear_pointer (&wait->password_agent, ea_password_agent_end);
  if (value == NULL)
    g_printerr ("%seuiccctl: %s\n", ea_terminal_can_redraw () ? BEGIN_LINE : "", error->message);
}

static gboolean
on_interrupt (gpointer user_data)
{
  Wait *wait = user_data;

  if (wait->is_cancelled || wait->session == NULL)
    {
      g_main_loop_quit (wait->loop);
      return G_SOURCE_CONTINUE;
    }
  wait->is_cancelled = TRUE;
  g_printerr ("%sCancelling %s; once more to leave it\n", wait->is_live ? BEGIN_LINE : "",
              get_name (wait));
  wait->password_agent = ea_password_agent_start ();
  ea_call_async (G_DBUS_PROXY (wait->session), "Cancel", on_cancelled, wait);
  return G_SOURCE_CONTINUE;
}

/* SIGTERM and SIGHUP: whoever waits goes away, the session does not. */
static gboolean
on_leave (gpointer user_data)
{
  Wait *wait = user_data;

  g_main_loop_quit (wait->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_owner_changed (GObject *objects, GParamSpec *pspec, gpointer user_data)
{
  Wait *wait = user_data;
  g_autofree char *owner
      = g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (objects));

  if (owner != NULL)
    return;
  wait->is_agent_gone = TRUE;
  g_main_loop_quit (wait->loop);
}

/* What is read of an object by itself may be newer than changes that are still to be told. Those that the object manager
 * keeps are brought up to date in the order of the agent's news, so that no state is missed. */
static void
on_object_added (GDBusObjectManager *objects, GDBusObject *object, gpointer user_data)
{
  Wait *wait = user_data;

  if (wait->session != NULL || strcmp (g_dbus_object_get_object_path (object), wait->path) != 0)
    return;
  wait->session = ea_dbus_object_get_session (EA_DBUS_OBJECT (object));
  g_signal_connect (wait->session, "g-properties-changed", G_CALLBACK (on_changed), wait);
  show (wait);
  if (wait->is_live)
    on_redraw (wait);
}

/* What a terminal is for: a line that lives, and the keys that end it */
static void
begin_line (Wait *wait, GSource **redraw, GSource **resized)
{
  g_autofree char *text
      = g_strdup_printf ("%s: Ctrl-C cancels it, a second Ctrl-C leaves it", get_name (wait));

  if (!wait->is_live)
    return;
  tell (wait, text);
  *redraw = g_timeout_source_new (REDRAW_INTERVAL_MS);
  g_source_set_callback (*redraw, on_redraw, wait, NULL);
  g_source_attach (*redraw, NULL);
  *resized = g_unix_signal_source_new (SIGWINCH);
  g_source_set_callback (*resized, on_resized, wait, NULL);
  g_source_attach (*resized, NULL);
}

static void
end_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
run (Wait *wait)
{
  GDBusObjectManager *objects = wait->client->objects;
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, wait);
  guint terminate = g_unix_signal_add (SIGTERM, on_leave, wait);
  guint hangup = g_unix_signal_add (SIGHUP, on_leave, wait);
  GSource *redraw = NULL;
  GSource *resized = NULL;
  g_autoptr (GDBusObject) object = g_dbus_object_manager_get_object (objects, wait->path);

  begin_line (wait, &redraw, &resized);
  g_signal_connect (objects, "object-added", G_CALLBACK (on_object_added), wait);
  g_signal_connect (objects, "notify::name-owner", G_CALLBACK (on_owner_changed), wait);
  g_signal_connect (objects, "interface-proxy-properties-changed", G_CALLBACK (on_others_changed),
                    wait);
  if (object != NULL)
    on_object_added (objects, object, wait);
  if (wait->session == NULL || !ea_report_is_session_over (wait->session))
    g_main_loop_run (wait->loop);
  g_signal_handlers_disconnect_by_data (objects, wait);
  if (wait->session != NULL)
    g_signal_handlers_disconnect_by_data (wait->session, wait);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_source_remove (hangup);
  g_clear_pointer (&redraw, end_source);
  g_clear_pointer (&resized, end_source);
}

static void
tell_failure (const Wait *wait)
{
  const char *name;
  const char *sentence;
  const char *advice;

  g_variant_get (ea_dbus_session_get_error (wait->session), "(&s&s)", &name, &sentence);
  advice = ea_advice_get (name);
  g_printerr ("euiccctl: %s failed: %s%s%s\n", get_name (wait), sentence,
              advice != NULL ? ": " : "", advice != NULL ? advice : "");
}

static int
tell_end (const Wait *wait)
{
  const char *result = ea_dbus_session_get_result (wait->session);
  g_autofree char *progress = ea_report_describe_progress (wait->session);
  gboolean is_ok = strcmp (result, "ok") == 0;

  if (wait->format != EA_REPORT_TABLE)
    ea_report_session (wait->client, wait->session, wait->format);
  else if (is_ok)
    g_print ("%s ended well: %s\n", get_name (wait), progress);
  else if (strcmp (result, "interrupted") == 0)
    g_printerr (
        "euiccctl: %s was interrupted: the outcome of a command is not known, and the SM-SR "
        "was told; %s\n",
        get_name (wait), progress);
  else if (strcmp (result, "cancelled") == 0)
    g_printerr ("euiccctl: %s was cancelled: %s\n", get_name (wait), progress);
  else
    tell_failure (wait);
  return is_ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
ea_session_wait (EaClient *client, const char *path, EaReportFormat format)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Wait wait = { .client = client, .path = path, .format = format, .loop = loop };
  g_autoptr (EaDbusSession) session = NULL;

  wait.is_live = format == EA_REPORT_TABLE && ea_terminal_can_redraw ();
  wait.began_us = g_get_monotonic_time ();
  run (&wait);
  session = wait.session;
  g_free (wait.shown_state);
  g_clear_pointer (&wait.password_agent, ea_password_agent_end);
  if (wait.is_live)
    g_print (BEGIN_LINE);
  if (session != NULL && ea_report_is_session_over (session))
    return tell_end (&wait);
  g_printerr (wait.is_agent_gone
                  ? "euiccctl: the agent has ended, and goes on with the session when "
                    "it is back: see 'euiccctl sessions' then\n"
                  : "euiccctl: the session goes on, see 'euiccctl sessions'\n");
  return EXIT_FAILURE;
}
