/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The queue of one eUICC's sessions. */

#include "session/sessions.h"

#include "session/admin-session.h"
#include "session/cattp-session.h"
#include "session/error-name.h"
#include "session/sessions-private.h"
#include "session/tally.h"

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  SIGNAL_IDLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaSessions, ea_sessions, G_TYPE_OBJECT)

/* (nullable): the first that is for the card that is there */
static EaSessionRunner *
find_next (EaSessions *self)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      EaSessionRunner *session = self->sessions->pdata[i];

      if (g_strcmp0 (ea_session_runner_get_order (session)->eid, self->context.eid) == 0)
        return session;
    }
  return NULL;
}

static void
begin_next (EaSessions *self)
{
  if (self->running != NULL || self->is_draining || !self->context.is_ready)
    return;
  self->running = find_next (self);
  if (self->running != NULL)
    ea_session_runner_start (self->running);
}

static void wait_for_removal (EaSessions *self);

static void
remove_oldest (EaSessions *self)
{
  g_autoptr (EaSession) session = g_queue_pop_head (&self->closed);

  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, session);
}

static gboolean
on_removal (gpointer user_data)
{
  EaSessions *self = user_data;

  self->removal_id = 0;
  remove_oldest (self);
  wait_for_removal (self);
  return G_SOURCE_REMOVE;
}

/* The oldest goes when it was shown for long enough. */
static void
wait_for_removal (EaSessions *self)
{
  EaSession *oldest = g_queue_peek_head (&self->closed);
  guint64 now_us = (guint64) g_get_real_time ();
  guint64 ended_us, end_us;

  if (oldest == NULL || self->removal_id != 0)
    return;
  g_object_get (oldest, "ended-at", &ended_us, NULL);
  end_us = ended_us + (guint64) EA_SESSIONS_SHOWN_S * G_USEC_PER_SEC;
  self->removal_id = g_timeout_add_seconds (
      (guint) MIN (end_us > now_us ? (end_us - now_us) / G_USEC_PER_SEC + 1 : 1,
                   EA_SESSIONS_SHOWN_S),
      on_removal, self);
}

static void
show_closed (EaSessions *self, EaSession *session)
{
  g_queue_push_tail (&self->closed, g_object_ref (session));
  if (self->closed.length > EA_SESSIONS_SHOWN_MAX)
    remove_oldest (self);
  wait_for_removal (self);
}

static void
on_idle (EaSessionRunner *session, gpointer user_data)
{
  EaSessions *self = EA_SESSIONS (user_data);

  (void) g_ptr_array_remove (self->leaving, session); /* it may not be there */
  if (ea_sessions_is_idle (self))
    g_signal_emit (self, signals[SIGNAL_IDLE], 0);
}

/* What "auto" goes by the next time */
static void
note_outcome (EaSessions *self, EaSessionRunner *runner)
{
  EaSession *session = ea_session_runner_get_session (runner);
  g_autoptr (GVariant) error = NULL;
  const char *name;

  if (ea_session_runner_get_order (runner)->transport != EA_SESSION_HTTPS)
    {
      if (ea_session_get_result (session) == EA_SESSION_FAILED)
        self->has_https_timed_out = FALSE; /* this was no better */
      return;
    }
  g_object_get (session, "error", &error, NULL);
  g_variant_get (error, "(&s&s)", &name, NULL);
  self->has_https_timed_out = ea_session_get_result (session) == EA_SESSION_FAILED
                              && g_str_equal (name, EA_ERROR_TIMEOUT);
}

static gboolean
on_settle (gpointer user_data)
{
  EaSessions *self = user_data;

  if (!ea_store_settle (self->context.store, NULL))
    return G_SOURCE_CONTINUE;
  self->settle_id = 0;
  return G_SOURCE_REMOVE;
}

/* A session that a bad disk has not let go of would begin anew in the next life. */
static void
forget_ended (EaSessions *self)
{
  if (self->settle_id == 0 && !ea_store_settle (self->context.store, NULL))
    self->settle_id = g_timeout_add (EA_SESSIONS_SETTLE_MS, on_settle, self);
}

static void
on_ended (EaSessionRunner *session, gpointer user_data)
{
  EaSessions *self = EA_SESSIONS (user_data);

  if (!ea_session_runner_is_idle (session))
    g_ptr_array_add (self->leaving, g_object_ref (session));
  if (self->running == session)
    self->running = NULL;
  note_outcome (self, session);
  show_closed (self, ea_session_runner_get_session (session));
  g_ptr_array_remove (self->sessions, session);
  forget_ended (self);
  begin_next (self);
}

/* @order: @store: (transfer full) */
static EaSessionRunner *
make_runner (EaSessions *self, EaSessionOrder *order, EaSessionStore *store)
{
  switch (order->transport)
    {
    case EA_SESSION_HTTPS:
      return EA_SESSION_RUNNER (ea_admin_session_new (&self->context, order, store));
    case EA_SESSION_CAT_TP:
      return EA_SESSION_RUNNER (ea_cattp_session_new (&self->context, order, store));
    }
  g_assert_not_reached ();
}

/* @order: @store: (transfer full) */
static EaSession *
add (EaSessions *self, EaSessionOrder *order, EaSessionStore *store)
{
  EaSessionRunner *session = make_runner (self, order, store);

  g_ptr_array_add (self->sessions, session);
  ea_tally_session (self->context.activity, ea_session_runner_get_session (session));
  g_signal_connect_object (session, "ended", G_CALLBACK (on_ended), self, 0);
  g_signal_connect_object (session, "idle", G_CALLBACK (on_idle), self, 0);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, ea_session_runner_get_session (session));
  return ea_session_runner_get_session (session);
}

static gboolean
on_begin (gpointer user_data)
{
  EaSessions *self = user_data;

  self->begin_id = 0;
  begin_next (self);
  return G_SOURCE_REMOVE;
}

/* It begins from the main loop: whoever has asked for it knows it before. */
static void
begin_soon (EaSessions *self)
{
  if (self->begin_id == 0)
    self->begin_id = g_idle_add (on_begin, self);
}

EaSession *
ea_sessions_take_order (EaSessions *self, EaSessionOrder *order, GError **error)
{
  g_autoptr (EaSessionOrder) owned = order;
  EaSessionStore *store
      = ea_session_store_new (self->context.store, self->context.name, owned, error);

  if (store == NULL)
    return NULL;
  begin_soon (self);
  return add (self, g_steal_pointer (&owned), store);
}

static void
on_due (EaSchedule *schedule, gpointer user_data)
{
  ea_sessions_take_due (EA_SESSIONS (user_data));
}

static gboolean
on_notification (EaNotifier *notifier, const char *uri, gpointer user_data)
{
  return ea_sessions_take_notification (EA_SESSIONS (user_data), uri);
}

void
ea_sessions_note_switch (EaSessions *self)
{
  ea_resolver_flush (self->context.resolver); /* the network is another one */
  ea_notifier_owe (self->notifier);
}

static void
recall_one (EaSessions *self, const char *record)
{
  g_autoptr (EaSessionStore) store = ea_session_store_open (self->context.store, record);
  g_autoptr (GError) error = NULL;
  EaSessionOrder *order = ea_session_store_read_order (store, &error);

  if (order != NULL)
    {
      add (self, order, g_steal_pointer (&store));
      return;
    }
  ea_log_error (self->context.log, EA_MESSAGE_STORE_FAILED,
                "A session of an earlier run is lost: %s", error->message);
  (void) ea_session_store_remove (store, NULL); /* or the next run says so, too */
}

static void
recall (EaSessions *self)
{
  g_auto (GStrv) records = ea_session_store_list (self->context.store, self->context.name);

  if (self->has_recalled)
    return;
  self->has_recalled = TRUE;
  for (guint i = 0; records[i] != NULL; i++)
    recall_one (self, records[i]);
}

static void
set_schedule (EaSessions *self)
{
  const EaConfig *config = self->context.config;
  gboolean is_on = self->context.eid != NULL && config != NULL;

  ea_schedule_set (self->schedule,
                   is_on ? ea_config_get_time_s (config, "session", NULL, "Interval") : 0,
                   is_on ? ea_config_get_time_s (config, "session", NULL, "Spread") : 0);
}

void
ea_sessions_set_config (EaSessions *self, const EaConfig *config, const EaAddressPolicy *policy)
{
  self->context.config = config;
  self->context.policy = policy;
  set_schedule (self);
}

void
ea_sessions_set_policy (EaSessions *self, const EaAddressPolicy *policy)
{
  self->context.policy = policy;
}

/* The answers of the modem's endpoint, which come when it has begun: @endpoint (nullable) */
static void
follow_answers (EaSessions *self, EaEndpoint *endpoint)
{
  if (self->context.endpoint != NULL)
    g_signal_handlers_disconnect_by_data (ea_endpoint_get_answers (self->context.endpoint), self);
  if (endpoint != NULL)
    g_signal_connect_object (ea_endpoint_get_answers (endpoint), "added",
                             G_CALLBACK (ea_sessions_take_answers), self, G_CONNECT_SWAPPED);
}

void
ea_sessions_attach (EaSessions *self, const EaSessionsModem *modem, const char *device)
{
  follow_answers (self, modem->endpoint);
  self->context.modem = modem->modem;
  self->context.card = modem->card;
  self->context.bearers = modem->bearers;
  self->context.endpoint = modem->endpoint;
  self->context.sealed = modem->sealed;
  g_free (self->context.device);
  self->context.device = g_strdup (device);
}

void
ea_sessions_detach (EaSessions *self)
{
  self->context.is_ready = FALSE;
  if (self->running != NULL)
    ea_session_runner_detach (self->running);
  follow_answers (self, NULL);
  self->context.modem = NULL;
  self->context.card = NULL;
  self->context.bearers = NULL;
  self->context.endpoint = NULL;
  self->context.sealed = NULL;
}

/* One that is for another card waits for that one, and does not hold up those of this one. */
static void
put_strangers_aside (EaSessions *self)
{
  EaSessionRunner *stranger = self->running;

  if (stranger == NULL
      || g_strcmp0 (ea_session_runner_get_order (stranger)->eid, self->context.eid) == 0)
    return;
  self->running = NULL;
  ea_session_runner_detach (stranger); /* which may end it, and begin the next one */
}

void
ea_sessions_resume (EaSessions *self, const char *eid, const char *iccid)
{
  if (self->is_draining || eid == NULL)
    return;
  g_free (self->context.eid);
  g_free (self->context.iccid);
  self->context.eid = g_strdup (eid);
  self->context.iccid = g_strdup (iccid);
  self->context.is_ready = TRUE;
  recall (self);
  set_schedule (self);
  put_strangers_aside (self);
  if (self->running != NULL)
    ea_session_runner_resume (self->running);
  begin_soon (self);
  ea_notifier_notify (self->notifier);
}

void
ea_sessions_suspend (EaSessions *self)
{
  self->context.is_ready = FALSE;
  if (self->running != NULL)
    ea_session_runner_suspend (self->running);
}

void
ea_sessions_drain (EaSessions *self)
{
  self->is_draining = TRUE;
  ea_schedule_set (self->schedule, 0, 0);
  if (self->running != NULL)
    ea_session_runner_drain (self->running);
}

gboolean
ea_sessions_is_idle (EaSessions *self)
{
  return self->leaving->len == 0
         && (self->running == NULL || ea_session_runner_is_idle (self->running));
}

gboolean
ea_sessions_is_talking (EaSessions *self)
{
  EaSessionState state;

  if (self->running == NULL)
    return FALSE;
  state = ea_session_get_state (ea_session_runner_get_session (self->running));
  return state != EA_SESSION_QUEUED && state != EA_SESSION_WAITING && state != EA_SESSION_CLOSED;
}

/* A session that the card or a connection still has a part of outlives the context: it does nothing any more. */
static void
abandon (gpointer session, gpointer user_data)
{
  g_object_run_dispose (session);
}

static void
ea_sessions_dispose (GObject *object)
{
  EaSessions *self = EA_SESSIONS (object);

  g_clear_handle_id (&self->removal_id, g_source_remove);
  g_clear_handle_id (&self->begin_id, g_source_remove);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  self->running = NULL;
  g_ptr_array_foreach (self->sessions, abandon, NULL);
  g_ptr_array_foreach (self->leaving, abandon, NULL);
  g_ptr_array_set_size (self->sessions, 0);
  g_ptr_array_set_size (self->leaving, 0);
  g_queue_clear_full (&self->closed, g_object_unref);
  g_clear_object (&self->schedule);
  g_clear_object (&self->notifier);
  G_OBJECT_CLASS (ea_sessions_parent_class)->dispose (object);
}

static void
ea_sessions_finalize (GObject *object)
{
  EaSessions *self = EA_SESSIONS (object);

  g_ptr_array_unref (self->sessions);
  g_ptr_array_unref (self->leaving);
  g_object_unref (self->context.keys);
  g_object_unref (self->context.resolver);
  g_clear_object (&self->context.inhibitor);
  g_object_unref (self->context.activity);
  g_clear_pointer (&self->pushed_channel, g_bytes_unref);
  g_free (self->pushed_eid);
  g_free (self->context.name);
  g_free (self->context.device);
  g_free (self->context.eid);
  g_free (self->context.iccid);
  G_OBJECT_CLASS (ea_sessions_parent_class)->finalize (object);
}

static void
ea_sessions_class_init (EaSessionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_sessions_dispose;
  object_class->finalize = ea_sessions_finalize;
  signals[SIGNAL_ADDED] = g_signal_new ("added", EA_TYPE_SESSIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, EA_TYPE_SESSION);
  signals[SIGNAL_REMOVED] = g_signal_new ("removed", EA_TYPE_SESSIONS, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, EA_TYPE_SESSION);
  signals[SIGNAL_IDLE] = g_signal_new ("idle", EA_TYPE_SESSIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
}

static void
ea_sessions_init (EaSessions *self)
{
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->leaving = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->closed);
}

EaSessions *
ea_sessions_new (const EaSessionsOptions *options)
{
  EaSessions *self = g_object_new (EA_TYPE_SESSIONS, NULL);

  self->context = (EaSessionContext){
    .store = options->store,
    .name = g_strdup (options->name),
    .keys = g_object_ref (options->keys),
    .resolver = g_object_ref (options->resolver),
    .inhibitor = options->inhibitor != NULL ? g_object_ref (options->inhibitor) : NULL,
    .activity = g_object_ref (options->activity),
    .log = options->log,
  };
  self->notifier = ea_notifier_new (&self->context);
  g_signal_connect_object (self->notifier, "ready", G_CALLBACK (on_notification), self, 0);
  self->schedule = ea_schedule_new (options->store, options->name);
  g_signal_connect_object (self->schedule, "due", G_CALLBACK (on_due), self, 0);
  return self;
}
