/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens goes into the ladder, what it tells is done, and one timer is set for its deadline. */

#include "session/recovery.h"

#include "core/cat-task.h"
#include "core/cause.h"
#include "modem/repair.h"

struct _EaRecovery
{
  GObject parent_instance;

  const EaLogContext *context;
  EaSwitchLadder ladder;
  EaModem *modem; /* NULL: none is attached */
  EaModemManager *modem_manager;
  char *path;
  GCancellable *cancellable; /* of the modem that is attached */

  guint tick_id;
  guint read_id;
  gboolean is_asking;   /* the modem for its network, before it is told of the ICCID */
  gboolean is_new;      /* of the ICCID that waits for that */
  gboolean is_recalled; /* it is of an earlier life */
  gboolean is_told;     /* which has told that it is not registered */

  gboolean is_disabled; /* by us, in ModemManager: it has to be enabled again */
  gboolean is_enabling;
  guint enable_id;
  GCancellable *closing;
  gboolean has_started; /* the card, since the refresh began */
  char *cause;          /* of the last rejection in this climb; NULL: none */
};

enum
{
  SIGNAL_READ_ICCID,
  SIGNAL_STEP,
  SIGNAL_UNCHANGED,
  SIGNAL_NOT_REGISTERED,
  SIGNAL_REJECTED,
  SIGNAL_REGISTERED,
  SIGNAL_DISABLED,
  SIGNAL_SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaRecovery, ea_recovery, G_TYPE_OBJECT)

static void pump (EaRecovery *self);

static gboolean
on_tick (gpointer user_data)
{
  EaRecovery *self = user_data;

  self->tick_id = 0;
  ea_switch_ladder_tick (&self->ladder, g_get_monotonic_time ());
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
arm (EaRecovery *self)
{
  gint64 deadline_us = ea_switch_ladder_deadline (&self->ladder);
  gint64 wait_us;

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (deadline_us == G_MAXINT64 || self->modem == NULL)
    return;
  wait_us = MAX (deadline_us - g_get_monotonic_time (), 0);
  self->tick_id = g_timeout_add ((guint) (wait_us / 1000 + 1), on_tick, self);
}

/* A modem that ModemManager has, and that we disable for a moment */

static void enable (EaRecovery *self);

static void
set_disabled (EaRecovery *self, gboolean is_disabled)
{
  if (self->is_disabled == is_disabled)
    return;
  self->is_disabled = is_disabled;
  g_signal_emit (self, signals[SIGNAL_DISABLED], 0, is_disabled);
}

static gboolean
on_enable_again (gpointer user_data)
{
  EaRecovery *self = user_data;

  self->enable_id = 0;
  enable (self);
  return G_SOURCE_REMOVE;
}

static void
on_enabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaRecovery) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_enabling = FALSE;
  if (ea_repair_finish (result, &error))
    {
      set_disabled (self, FALSE);
      return;
    }
  ea_log_info (self->context, "The modem can't be enabled again yet: %s", error->message);
  if (self->modem != NULL && self->enable_id == 0)
    self->enable_id = g_timeout_add_seconds (EA_RECOVERY_ENABLE_INTERVAL_S, on_enable_again, self);
}

static void
enable (EaRecovery *self)
{
  if (!self->is_disabled || self->is_enabling || self->modem == NULL)
    return;
  self->is_enabling = TRUE;
  ea_repair_enable_async (self->modem, self->modem_manager, self->path, on_enabled,
                          g_object_ref (self));
}

/* A step that disturbs, and the modem's word on it */
typedef struct
{
  EaRecovery *recovery;
  EaSwitchStep step;
} Attempt;

/* A modem that is being reset may leave before it has answered. */
static gboolean
has_left (EaSwitchStep step, const GError *error)
{
  return step == EA_SWITCH_STEP_RESET
         && (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE)
             || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT));
}

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Attempt *attempt = user_data;
  g_autoptr (EaRecovery) self = attempt->recovery;
  g_autoptr (GError) error = NULL;
  gboolean is_done = ea_repair_finish (result, &error);

  if (attempt->step == EA_SWITCH_STEP_AIRPLANE_MODE && is_done)
    set_disabled (self, FALSE);
  else if (attempt->step == EA_SWITCH_STEP_AIRPLANE_MODE)
    enable (self);
  if (is_done || has_left (attempt->step, error))
    return;
  ea_log_warning (self->context, EA_MESSAGE_SWITCH_STEP, "The step %s is not possible: %s",
                  ea_switch_step_to_string (attempt->step), error->message);
  ea_switch_ladder_refused (&self->ladder, attempt->step, g_get_monotonic_time ());
  pump (self);
}

static void
repair (EaRecovery *self, EaSwitchStep step, EaRepair repair)
{
  Attempt *attempt;

  /* It is counted as taken: the modem starts anew by itself, or an earlier step is still busy with it. */
  if (self->modem == NULL || self->is_disabled || g_cancellable_is_cancelled (self->closing))
    return;
  if (ea_repair_disables (repair, self->modem_manager, self->path))
    set_disabled (self, TRUE);
  attempt = g_new0 (Attempt, 1);
  attempt->recovery = g_object_ref (self);
  attempt->step = step;
  ea_repair_async (repair, self->modem, self->modem_manager, self->path, self->closing, on_repaired,
                   attempt);
}

static gboolean
on_read_again (gpointer user_data)
{
  EaRecovery *self = user_data;

  self->read_id = 0;
  g_signal_emit (self, signals[SIGNAL_READ_ICCID], 0);
  return G_SOURCE_REMOVE;
}

static void
take_step (EaRecovery *self, EaSwitchStep step)
{
  switch (step)
    {
    case EA_SWITCH_STEP_WAIT_REFRESH:
      g_clear_pointer (&self->cause, g_free);
      self->has_started = FALSE;
      return;
    case EA_SWITCH_STEP_WAIT_ICCID:
      g_signal_emit (self, signals[SIGNAL_READ_ICCID], 0);
      return;
    case EA_SWITCH_STEP_WAIT_REGISTRATION:
      if (self->cause != NULL) /* a network was quicker than the card */
        ea_switch_ladder_rejected (&self->ladder, g_get_monotonic_time ());
      return;
    case EA_SWITCH_STEP_POWER_CYCLE:
      repair (self, step, EA_REPAIR_POWER_CYCLE);
      return;
    case EA_SWITCH_STEP_AIRPLANE_MODE:
      repair (self, step, EA_REPAIR_AIRPLANE_MODE);
      return;
    case EA_SWITCH_STEP_RESET:
      repair (self, step, EA_REPAIR_RESET);
      return;
    case EA_SWITCH_STEP_NONE:
    case EA_SWITCH_STEP_EXHAUSTED:
    case EA_SWITCH_N_STEPS:
      return;
    }
}

static void
take_news (EaRecovery *self, const EaSwitchNews *news)
{
  switch (news->kind)
    {
    case EA_SWITCH_NEWS_STEP:
      g_signal_emit (self, signals[SIGNAL_STEP], 0, (int) news->step, (int) news->overdue);
      take_step (self, news->step);
      return;
    case EA_SWITCH_NEWS_READ:
      g_signal_emit (self, signals[SIGNAL_READ_ICCID], 0);
      return;
    case EA_SWITCH_NEWS_UNCHANGED:
      g_signal_emit (self, signals[SIGNAL_UNCHANGED], 0);
      return;
    case EA_SWITCH_NEWS_NOT_REGISTERED:
      g_signal_emit (self, signals[SIGNAL_NOT_REGISTERED], 0, self->cause);
      return;
    case EA_SWITCH_NEWS_REGISTERED:
      g_signal_emit (self, signals[SIGNAL_REGISTERED], 0, news->elapsed_us);
      return;
    case EA_SWITCH_NEWS_SETTLED:
      g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
      return;
    }
}

static void
pump (EaRecovery *self)
{
  EaSwitchNews news;

  g_object_ref (self);
  while (ea_switch_ladder_pull (&self->ladder, &news))
    take_news (self, &news);
  if (ea_recovery_get_step (self) == EA_SWITCH_STEP_NONE)
    g_clear_pointer (&self->cause, g_free);
  arm (self);
  g_object_unref (self);
}

static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  EaRecovery *self = EA_RECOVERY (user_data);

  ea_switch_ladder_network (&self->ladder, network->service == EA_MODEM_SERVICE_NORMAL,
                            g_get_monotonic_time ());
  pump (self);
}

/* (transfer full): with the network's identity, as far as it is told */
static char *
describe_rejection (const EaModemRejection *rejection)
{
  g_autofree char *cause = ea_cause_describe (rejection->technology, rejection->cause);

  if (rejection->mcc[0] == '\0')
    return g_steal_pointer (&cause);
  return g_strdup_printf ("%s, network %s %s", cause, rejection->mcc, rejection->mnc);
}

/* Before the card has started anew it is the network of the profile before. */
static void
on_network_rejected (EaModem *modem, const EaModemRejection *rejection, gpointer user_data)
{
  EaRecovery *self = EA_RECOVERY (user_data);
  EaSwitchStep step = ea_recovery_get_step (self);

  if (step < EA_SWITCH_STEP_WAIT_REFRESH
      || (step == EA_SWITCH_STEP_WAIT_REFRESH && !self->has_started))
    return;
  g_free (self->cause);
  self->cause = describe_rejection (rejection);
  ea_switch_ladder_rejected (&self->ladder, g_get_monotonic_time ());
  pump (self);
  if (self->cause != NULL)
    g_signal_emit (self, signals[SIGNAL_REJECTED], 0, self->cause);
}

static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  EaRecovery *self = EA_RECOVERY (user_data);
  gint64 now_us = g_get_monotonic_time ();

  if (stage == EA_MODEM_REFRESH_START)
    ea_switch_ladder_refresh_began (&self->ladder, mode == EA_CAT_REFRESH_UICC_RESET, now_us);
  else
    ea_switch_ladder_refresh_ended (&self->ladder, now_us);
  pump (self);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  EaRecovery *self = EA_RECOVERY (user_data);

  self->has_started = TRUE;
  ea_switch_ladder_card_started (&self->ladder);
}

static void
feed_iccid (EaRecovery *self)
{
  gboolean is_new = self->is_new;

  self->is_new = FALSE;
  if (self->is_recalled)
    ea_switch_ladder_recall (&self->ladder, self->is_told, g_get_monotonic_time ());
  else
    ea_switch_ladder_iccid (&self->ladder, is_new, g_get_monotonic_time ());
  self->is_recalled = FALSE;
  pump (self);
  if (ea_recovery_get_step (self) == EA_SWITCH_STEP_WAIT_ICCID && self->read_id == 0)
    self->read_id = g_timeout_add_seconds (EA_RECOVERY_READ_INTERVAL_S, on_read_again, self);
}

static void
on_network (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaRecovery) self = user_data;
  g_autoptr (GError) error = NULL;
  EaModemNetwork network;
  gboolean is_told = ea_modem_query_network_finish (EA_MODEM (source), result, &network, &error);

  self->is_asking = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the card is read again by the next modem */

  /* Without an answer the last word counts, which is of changes. */
  if (is_told)
    ea_switch_ladder_network (&self->ladder, network.service == EA_MODEM_SERVICE_NORMAL,
                              g_get_monotonic_time ());
  feed_iccid (self);
}

static gboolean
has_network (EaRecovery *self)
{
  return self->modem != NULL && (ea_modem_get_capabilities (self->modem) & EA_MODEM_NETWORK) != 0;
}

/* A modem that was registered before the switch may tell of no change. */
static void
take_iccid (EaRecovery *self, gboolean is_new)
{
  self->is_new |= is_new;
  if (self->is_asking)
    return;
  if (!has_network (self) || (!self->is_new && ea_recovery_get_step (self) == EA_SWITCH_STEP_NONE))
    {
      feed_iccid (self);
      return;
    }
  self->is_asking = TRUE;
  ea_modem_query_network_async (self->modem, self->cancellable, on_network, g_object_ref (self));
}

void
ea_recovery_take_iccid (EaRecovery *self, gboolean is_new)
{
  if (is_new)
    self->is_recalled = FALSE; /* another one meanwhile */
  take_iccid (self, is_new);
}

void
ea_recovery_recall (EaRecovery *self, gboolean is_told)
{
  self->is_recalled = TRUE;
  self->is_told = is_told;
  take_iccid (self, TRUE);
}

void
ea_recovery_forget (EaRecovery *self)
{
  const EaSwitchLadderOptions options = self->ladder.options;

  ea_switch_ladder_init (&self->ladder, &options);
  g_clear_pointer (&self->cause, g_free);
  g_clear_handle_id (&self->read_id, g_source_remove);
  self->is_new = FALSE;
  self->is_recalled = FALSE;
  arm (self);
}

void
ea_recovery_set_disabled (EaRecovery *self)
{
  self->is_disabled = TRUE;
  enable (self);
}

gboolean
ea_recovery_is_disabled (EaRecovery *self)
{
  return self->is_disabled;
}

/* ModemManager does what it was asked for before, and then this. */
void
ea_recovery_close (EaRecovery *self)
{
  g_cancellable_cancel (self->closing);
  enable (self);
}

void
ea_recovery_expect (EaRecovery *self)
{
  ea_switch_ladder_expect (&self->ladder, g_get_monotonic_time ());
  pump (self);
}

void
ea_recovery_attach (EaRecovery *self, EaModem *modem, EaModemManager *modem_manager,
                    const char *path)
{
  g_return_if_fail (self->modem == NULL);

  self->modem = g_object_ref (modem);
  g_set_object (&self->modem_manager, modem_manager);
  self->path = g_strdup (path);
  self->cancellable = g_cancellable_new ();
  self->ladder.options.has_network = has_network (self);
  g_signal_connect_object (modem, "network-changed", G_CALLBACK (on_network_changed), self, 0);
  g_signal_connect_object (modem, "network-rejected", G_CALLBACK (on_network_rejected), self, 0);
  g_signal_connect_object (modem, "refresh", G_CALLBACK (on_refresh), self, 0);
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  ea_switch_ladder_resume (&self->ladder, g_get_monotonic_time ());
  enable (self);
  pump (self);
}

void
ea_recovery_detach (EaRecovery *self)
{
  if (self->modem == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_signal_handlers_disconnect_by_data (self->modem, self);
  g_clear_object (&self->modem);
  g_clear_object (&self->modem_manager);
  g_clear_pointer (&self->path, g_free);
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_handle_id (&self->enable_id, g_source_remove);
  arm (self);
}

void
ea_recovery_set_times (EaRecovery *self, const guint times_s[EA_SWITCH_N_STEPS])
{
  for (guint step = 0; step < EA_SWITCH_N_STEPS; step++)
    self->ladder.options.times_s[step] = times_s[step];
}

EaSwitchStep
ea_recovery_get_step (EaRecovery *self)
{
  return self->ladder.step;
}

gboolean
ea_recovery_is_promised (EaRecovery *self)
{
  return ea_switch_ladder_is_promised (&self->ladder);
}

static void
ea_recovery_dispose (GObject *object)
{
  EaRecovery *self = EA_RECOVERY (object);

  ea_recovery_detach (self);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->read_id, g_source_remove);
  g_clear_pointer (&self->cause, g_free);
  g_clear_object (&self->closing);
  G_OBJECT_CLASS (ea_recovery_parent_class)->dispose (object);
}

static guint
add_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, EA_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
ea_recovery_class_init (EaRecoveryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_recovery_dispose;
  signals[SIGNAL_READ_ICCID] = add_signal ("read-iccid", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[SIGNAL_STEP] = add_signal ("step", 2, G_TYPE_INT, G_TYPE_INT);
  signals[SIGNAL_UNCHANGED] = add_signal ("unchanged", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[SIGNAL_NOT_REGISTERED] = add_signal ("not-registered", 1, G_TYPE_STRING, G_TYPE_NONE);
  signals[SIGNAL_REJECTED] = add_signal ("rejected", 1, G_TYPE_STRING, G_TYPE_NONE);
  signals[SIGNAL_REGISTERED] = add_signal ("registered", 1, G_TYPE_INT64, G_TYPE_NONE);
  signals[SIGNAL_DISABLED] = add_signal ("disabled", 1, G_TYPE_BOOLEAN, G_TYPE_NONE);
  signals[SIGNAL_SETTLED] = add_signal ("settled", 0, G_TYPE_NONE, G_TYPE_NONE);
}

static void
ea_recovery_init (EaRecovery *self)
{
  const EaSwitchLadderOptions options = { .has_network = FALSE };

  ea_switch_ladder_init (&self->ladder, &options);
  self->closing = g_cancellable_new ();
}

EaRecovery *
ea_recovery_new (const EaLogContext *context)
{
  EaRecovery *self = g_object_new (EA_TYPE_RECOVERY, NULL);

  self->context = context;
  return self;
}
