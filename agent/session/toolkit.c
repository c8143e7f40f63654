/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The proactive session: commands in, TERMINAL RESPONSEs out. A command that can't be read is answered with
 * what its details say, as far as they could be read (TS 102 223 §6.10).
 */

#include "session/toolkit.h"

#include "core/cat-command.h"
#include "core/cat-response.h"
#include "core/cat-task.h"
#include "session/toolkit-private.h"

enum
{
  SIGNAL_IDLE,
  SIGNAL_EVENTS_CHANGED,
  SIGNAL_TIMERS_CHANGED,
  SIGNAL_BELIEFS_CHANGED,
  SIGNAL_CHANNEL_OPENED,
  SIGNAL_CHANNEL_CLOSED,
  SIGNAL_REFRESHED,
  SIGNAL_NOTIFIED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaToolkit, ea_toolkit, G_TYPE_OBJECT)

/* A command that the card still waits for; others are orphans. */
static gboolean
has_open_command (EaToolkit *self)
{
  for (GList *link = self->executions.head; link != NULL; link = link->next)
    if (!((EaExecution *) link->data)->is_orphan)
      return TRUE;
  return FALSE;
}

static void
follow_commands (EaToolkit *self)
{
  gboolean is_open = has_open_command (self);

  ea_channels_set_command_open (self->channels, is_open);
  ea_envelopes_set_command_open (self->envelopes, is_open);
}

static void
tell_idle (EaToolkit *self)
{
  if (ea_toolkit_is_idle (self))
    g_signal_emit (self, signals[SIGNAL_IDLE], 0);
}

/* Executions */

static EaExecution *
begin_execution (EaToolkit *self, const EaCardProactive *proactive)
{
  EaExecution *execution = g_new0 (EaExecution, 1);

  execution->toolkit = g_object_ref (self);
  execution->name = ++self->last_name;
  execution->bytes = g_bytes_ref (proactive->command);
  execution->proactive = *proactive;
  execution->proactive.command = execution->bytes;
  g_queue_push_tail (&self->executions, execution);
  return execution;
}

static void
free_execution (EaExecution *execution)
{
  g_queue_remove (&execution->toolkit->executions, execution);
  g_bytes_unref (execution->bytes);
  g_free (execution);
}

static void
end_execution (EaExecution *execution)
{
  g_autoptr (EaToolkit) self = execution->toolkit;

  free_execution (execution);
  follow_commands (self);
  tell_idle (self);
}

/* The card does not wait any more. What is with the modem or on its way to the card still comes back. */
static void
abandon_executions (EaToolkit *self)
{
  GList *link = self->executions.head;

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  while (link != NULL)
    {
      EaExecution *execution = link->data;

      link = link->next;
      execution->is_orphan = TRUE;
      if (execution->is_with_channels)
        free_execution (execution);
    }
}

static void
on_reset (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaToolkit) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ea_modem_reset_card_finish (EA_MODEM (source), result, &error))
    return;
  ea_activity_fail (self->activity, error);
  ea_log_error (self->log, EA_MESSAGE_MODEM_FAILED, "The card wants to be reset, but: %s",
                error->message);
}

/* The firmware does not know of a command that was fetched here, so the card's reset is up to the agent. */
static void
finish_refresh (const EaExecution *execution)
{
  EaToolkit *self = execution->toolkit;

  if (execution->proactive.is_fetched && execution->command.qualifier == EA_CAT_REFRESH_UICC_RESET)
    ea_modem_reset_card_async (self->modem, NULL, on_reset, g_object_ref (self));
  else
    g_signal_emit (self, signals[SIGNAL_REFRESHED], 0);
}

/* What the modem said no to, the card does not have; where no answer came, nobody knows. */
static EaBipDelivery
get_delivery (gboolean is_taken, const GError *error)
{
  if (is_taken)
    return EA_BIP_DELIVERED;
  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED)
      || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY)
      || g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED))
    return EA_BIP_NOT_DELIVERED;
  return EA_BIP_DELIVERY_UNKNOWN;
}

static void
on_responded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaExecution *execution = user_data;
  EaToolkit *self = execution->toolkit;
  g_autoptr (GError) error = NULL;
  gboolean is_taken = ea_card_respond_finish (EA_CARD (source), result, &error);

  if (!is_taken && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      ea_activity_fail_on_card (self->activity, error);
      ea_log_warning (self->log, EA_MESSAGE_COMMAND_FAILED, "%s was not answered: %s",
                      ea_cat_get_command_name (execution->command.type), error->message);
    }
  if (!execution->is_orphan)
    ea_channels_response_done (self->channels, execution->name, get_delivery (is_taken, error));
  if (is_taken && execution->is_refresh)
    finish_refresh (execution);
  end_execution (execution);
}

void
ea_execution_answer (EaExecution *execution, GBytes *response)
{
  g_autoptr (GBytes) bytes = response;
  const char *name = ea_cat_get_command_name (execution->command.type);

  if (execution->is_orphan)
    {
      ea_log_info (execution->toolkit->log, "%s is not answered: the card has started anew", name);
      end_execution (execution);
      return;
    }
  ea_card_respond_async (execution->toolkit->card, &execution->proactive, bytes,
                         execution->toolkit->cancellable, on_responded, execution);
}

void
ea_execution_respond (EaExecution *execution, EaCatResult result, EaSpan additional)
{
  ea_log_info (execution->toolkit->log, "%s answered with result %02X",
               ea_cat_get_command_name (execution->command.type), result);
  ea_execution_answer (
      execution, ea_cat_answer_command (&execution->command, result, additional, EA_SPAN_EMPTY));
}

void
ea_execution_fail (EaExecution *execution, const GError *error)
{
  ea_log_warning (execution->toolkit->log, EA_MESSAGE_COMMAND_FAILED, "Proactive command: %s",
                  error->message);
  ea_execution_respond (execution, ea_cat_get_result (error->code), EA_SPAN_EMPTY);
}

static void
on_proactive_command (EaCard *card, const EaCardProactive *proactive, gpointer user_data)
{
  EaToolkit *self = EA_TOOLKIT (user_data);
  EaExecution *execution = begin_execution (self, proactive);
  g_autoptr (GError) error = NULL;
  gboolean is_read;

  ea_activity_count (self->activity, EA_COUNTER_PROACTIVE_COMMANDS);
  follow_commands (self);
  is_read
      = ea_cat_parse_command (&execution->command, ea_span_from_bytes (execution->bytes), &error);
  ea_log_info (self->log, "The card wants %s", ea_cat_get_command_name (execution->command.type));
  if (is_read)
    ea_toolkit_execute (execution);
  else
    ea_execution_fail (execution, error);
}

/* Channels */

/* A card that is refused something is worth a line; that it sends and fetches data is not. */
static void
log_refusal (EaToolkit *self, const EaExecution *execution, EaSpan response)
{
  g_autofree char *result = NULL;
  EaTlv tlv;

  if (!ea_tlv_find_comprehension (response, EA_CAT_TAG_RESULT, &tlv) || tlv.value.size == 0
      || tlv.value.data[0] < EA_CAT_RESULT_TERMINAL_UNABLE)
    return;
  result = ea_span_to_hex (tlv.value);
  ea_log_info (self->log, "%s answered with result %s",
               ea_cat_get_command_name (execution->command.type), result);
}

static void
on_channel_response (EaChannels *channels, const EaChannelsResponse *response, gpointer user_data)
{
  EaToolkit *self = EA_TOOLKIT (user_data);

  for (GList *link = self->executions.head; link != NULL; link = link->next)
    {
      EaExecution *execution = link->data;

      if (execution->name != response->name)
        continue;
      g_object_ref (self);
      execution->is_with_channels = FALSE;
      log_refusal (self, execution, ea_span_from_bytes (response->bytes));
      ea_execution_answer (execution, g_bytes_ref (response->bytes));
      return;
    }
}

static void
on_channel_opened (EaChannels *channels, EaChannel *channel, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CHANNEL_OPENED], 0, channel);
}

static void
on_channel_closed (EaChannels *channels, EaChannel *channel, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CHANNEL_CLOSED], 0, channel);
}

static void
on_beliefs_changed (EaChannels *channels, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_BELIEFS_CHANGED], 0);
}

static void
on_channel_news (EaChannels *channels, gpointer user_data)
{
  EaToolkit *self = EA_TOOLKIT (user_data);

  ea_envelopes_poke (self->envelopes);
  tell_idle (self);
}

static gboolean
has_channel_news (gpointer user_data)
{
  return ea_channels_has_envelope (EA_TOOLKIT (user_data)->channels);
}

static GBytes *
pull_channel_news (gpointer user_data)
{
  return ea_channels_pull_envelope (EA_TOOLKIT (user_data)->channels);
}

static void
finish_channel_news (gboolean is_taken, gpointer user_data)
{
  ea_channels_envelope_done (EA_TOOLKIT (user_data)->channels, is_taken);
}

/* The card */

static void
take_events (EaToolkit *self, EaSpan events, gboolean is_told)
{
  g_bytes_unref (self->events);
  self->events = ea_span_to_bytes (events);
  self->knows_events = is_told;
  ea_channels_set_events (self->channels, events);
  ea_network_events_set (self->network_events, events);
  g_signal_emit (self, signals[SIGNAL_EVENTS_CHANGED], 0);
}

void
ea_toolkit_set_events (EaToolkit *self, EaSpan events)
{
  take_events (self, events, TRUE);
}

void
ea_toolkit_restore_events (EaToolkit *self, EaSpan events)
{
  if (g_bytes_get_size (self->events) == 0)
    ea_toolkit_set_events (self, events);
}

void
ea_toolkit_lose_channel (EaToolkit *self, guint8 channel, gboolean is_open)
{
  ea_channels_lose (self->channels, channel, is_open);
}

gboolean
ea_toolkit_is_believed_open (EaToolkit *self, guint8 channel)
{
  return ea_channels_is_believed_open (self->channels, channel);
}

static void
on_timers_changed (EaCardTimers *timers, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_TIMERS_CHANGED], 0);
}

void
ea_toolkit_write_timers (EaToolkit *self, EaWriter *writer)
{
  ea_card_timers_write (self->timers, writer);
}

gboolean
ea_toolkit_restore_timers (EaToolkit *self, EaSpan record, gint64 elapsed_us)
{
  return ea_card_timers_read (self->timers, record, elapsed_us);
}

gboolean
ea_toolkit_knows_events (EaToolkit *self)
{
  return self->knows_events;
}

GBytes *
ea_toolkit_get_events (EaToolkit *self)
{
  return self->events;
}

void
ea_toolkit_tell_notification (EaToolkit *self, guint type, guint sequence)
{
  g_signal_emit (self, signals[SIGNAL_NOTIFIED], 0, type, sequence);
}

void
ea_toolkit_set_message_taker (EaToolkit *self, EaMessageTaker take, gpointer user_data)
{
  self->take_message = take;
  self->taker_data = user_data;
}

/* Whatever the card had asked for before, it has forgotten, and tells its list anew: to the modem's firmware where the
 * toolkit is not ours, or not yet. First goes what could still be told of. */
static void
reset (EaToolkit *self)
{
  abandon_executions (self);
  ea_card_timers_reset (self->timers);
  take_events (self, EA_SPAN_EMPTY, FALSE);
  ea_channels_reset (self->channels);
  if ((ea_modem_get_capabilities (self->modem) & EA_MODEM_TOOLKIT) == 0)
    ea_channels_forget_events (self->channels);
  ea_envelopes_reset (self->envelopes);
  ea_card_poll_stop (self->poll);
  follow_commands (self);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  if (card != EA_MODEM_CARD_READY)
    reset (EA_TOOLKIT (user_data));
}

/* The firmware resets the card, which has forgotten all that it had open when it is back. */
static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  if (stage == EA_MODEM_REFRESH_START && mode == EA_CAT_REFRESH_UICC_RESET)
    reset (EA_TOOLKIT (user_data));
}

static void
on_session_ended (EaModem *modem, gpointer user_data)
{
  EaToolkit *self = EA_TOOLKIT (user_data);

  ea_envelopes_expect_no_command (self->envelopes);
}

void
ea_toolkit_stop (EaToolkit *self)
{
  ea_channels_stop (self->channels);
}

gboolean
ea_toolkit_is_idle (EaToolkit *self)
{
  return !has_open_command (self) && ea_envelopes_is_idle (self->envelopes)
         && ea_channels_is_idle (self->channels);
}

void
ea_toolkit_end (EaToolkit *self)
{
  if (self->has_ended)
    return;
  self->has_ended = TRUE;
  ea_toolkit_set_message_taker (self, NULL, NULL);
  g_signal_handlers_disconnect_by_data (self->card, self);
  g_signal_handlers_disconnect_by_data (self->modem, self);
  abandon_executions (self);
  ea_envelopes_end (self->envelopes);
  ea_card_timers_reset (self->timers);
  ea_card_poll_stop (self->poll);
  g_signal_handlers_disconnect_by_func (self->channels, on_channel_news, self);
  ea_channels_end (self->channels); /* who was told of a channel is told of its end */
  g_signal_handlers_disconnect_by_data (self->channels, self);
}

void
ea_toolkit_set_policy (EaToolkit *self, const EaAddressPolicy *policy)
{
  ea_channels_set_policy (self->channels, policy);
}

static void
ea_toolkit_dispose (GObject *object)
{
  EaToolkit *self = EA_TOOLKIT (object);

  if (self->channels != NULL)
    ea_toolkit_end (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->network_events);
  g_clear_object (&self->poll);
  g_clear_object (&self->timers);
  g_clear_object (&self->channels);
  g_clear_object (&self->envelopes);
  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_toolkit_parent_class)->dispose (object);
}

static void
ea_toolkit_finalize (GObject *object)
{
  EaToolkit *self = EA_TOOLKIT (object);

  g_bytes_unref (self->events);
  G_OBJECT_CLASS (ea_toolkit_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, GType type)
{
  if (type == G_TYPE_NONE)
    return g_signal_new (name, EA_TYPE_TOOLKIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                         0);
  return g_signal_new (name, EA_TYPE_TOOLKIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       1, type);
}

static void
ea_toolkit_class_init (EaToolkitClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_toolkit_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_toolkit_finalize;
  signals[SIGNAL_IDLE] = add_signal ("idle", G_TYPE_NONE);
  signals[SIGNAL_EVENTS_CHANGED] = add_signal ("events-changed", G_TYPE_NONE);
  signals[SIGNAL_TIMERS_CHANGED] = add_signal ("timers-changed", G_TYPE_NONE);
  signals[SIGNAL_BELIEFS_CHANGED] = add_signal ("beliefs-changed", G_TYPE_NONE);
  signals[SIGNAL_CHANNEL_OPENED] = add_signal ("channel-opened", EA_TYPE_CHANNEL);
  signals[SIGNAL_CHANNEL_CLOSED] = add_signal ("channel-closed", EA_TYPE_CHANNEL);
  signals[SIGNAL_REFRESHED] = add_signal ("refreshed", G_TYPE_NONE);
  signals[SIGNAL_NOTIFIED] = g_signal_new ("notified", EA_TYPE_TOOLKIT, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
ea_toolkit_init (EaToolkit *self)
{
  self->events = g_bytes_new_static (NULL, 0);
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->executions);
}

static void
make_parts (EaToolkit *self, const EaToolkitOptions *options)
{
  const EaEnvelopeSource channel_news
      = { has_channel_news, pull_channel_news, finish_channel_news, self };

  self->envelopes = ea_envelopes_new (self->card, self->activity, self->log);
  self->channels = ea_channels_new (&options->channels, options->inhibitor, self->activity);
  self->timers = ea_card_timers_new (self->envelopes);
  self->poll = ea_card_poll_new (self->card);
  self->network_events = ea_network_events_new (self->modem, self->envelopes);
  ea_envelopes_add_source (self->envelopes, &channel_news);
}

EaToolkit *
ea_toolkit_new (const EaToolkitOptions *options)
{
  EaToolkit *self = g_object_new (EA_TYPE_TOOLKIT, NULL);

  self->modem = g_object_ref (options->modem);
  self->card = g_object_ref (options->card);
  self->activity = g_object_ref (options->activity);
  self->log = options->channels.log;
  make_parts (self, options);
  g_signal_connect_object (self->card, "proactive-command", G_CALLBACK (on_proactive_command), self,
                           0);
  g_signal_connect_object (self->modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  g_signal_connect_object (self->modem, "refresh", G_CALLBACK (on_refresh), self, 0);
  g_signal_connect_object (self->modem, "session-ended", G_CALLBACK (on_session_ended), self, 0);
  g_signal_connect_object (self->envelopes, "idle", G_CALLBACK (tell_idle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->timers, "changed", G_CALLBACK (on_timers_changed), self, 0);
  g_signal_connect_object (self->channels, "response", G_CALLBACK (on_channel_response), self, 0);
  g_signal_connect_object (self->channels, "beliefs-changed", G_CALLBACK (on_beliefs_changed), self,
                           0);
  g_signal_connect_object (self->channels, "opened", G_CALLBACK (on_channel_opened), self, 0);
  g_signal_connect_object (self->channels, "closed", G_CALLBACK (on_channel_closed), self, 0);
  g_signal_connect_object (self->channels, "news", G_CALLBACK (on_channel_news), self, 0);
  return self;
}
