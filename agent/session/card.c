/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue in front of the card. A job is a GTask with a function that starts it; whoever ends it calls
 * finish_job(), which starts the next.
 */

#include "session/card.h"

#include "core/apdu.h"
#include "core/sgp02.h"
#include "session/card-run.h"

typedef void (*StartFunc) (EaCard *self, GTask *task);

typedef struct
{
  GTask *task;
  StartFunc start;
  gboolean is_urgent;
} Job;

struct _EaCard
{
  GObject parent_instance;

  EaModem *modem;
  GQueue jobs; /* Job, waiting */
  gboolean is_running;
  gboolean is_responding;   /* and the job is a TERMINAL RESPONSE that the modem passes on */
  gboolean is_session_over; /* and the modem's firmware has carried out all that it has led to */
  guint
      n_overtaken; /* such jobs that have ended by the card's next command, not yet by the modem's word */
};

static guint proactive_signal;
static guint announced_signal;
static guint switched_signal;

G_DEFINE_FINAL_TYPE (EaCard, ea_card, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->task);
  g_free (job);
}

static void
start_next (EaCard *self)
{
  Job *job;

  if (self->is_running)
    return;
  job = g_queue_pop_head (&self->jobs);
  if (job == NULL)
    return;

  self->is_running = TRUE;
  job->start (self, g_object_ref (job->task));
  job_free (job);
}

static void
finish_job (EaCard *self)
{
  self->is_running = FALSE;
  start_next (self);
}

/* Urgent jobs go before all others that wait, and among themselves in the order of asking. */
static void
queue_job (EaCard *self, GTask *task, StartFunc start, gboolean is_urgent)
{
  Job *job = g_new0 (Job, 1);
  gint n_before = 0;

  job->task = task;
  job->start = start;
  job->is_urgent = is_urgent;
  for (GList *link = self->jobs.head; link != NULL && ((Job *) link->data)->is_urgent;
       link = link->next)
    n_before++;
  g_queue_push_nth (&self->jobs, job, is_urgent ? n_before : -1);
  start_next (self);
}

static guint16
get_status_word (GBytes *response)
{
  EaApduResponse parsed;

  return ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), NULL) ? parsed.sw : 0;
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaCard) self = user_data;
  g_autoptr (GBytes) response = ea_modem_transmit_finish (EA_MODEM (source), result, NULL);
  EaApduResponse parsed;

  /* Without 9000 the modem's firmware was faster: the command comes from there. */
  if (response != NULL && ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), NULL)
      && parsed.sw == EA_APDU_SW_OK)
    {
      g_autoptr (GBytes) command = ea_span_to_bytes (parsed.data);
      EaCardProactive proactive = { .is_fetched = TRUE, .command = command };

      g_signal_emit (self, proactive_signal, 0, &proactive);
    }
  finish_job (self);
}

static void
announce (EaCard *self, GBytes *response)
{
  guint16 sw = response != NULL ? get_status_word (response) : 0;

  if (sw == EA_APDU_SW_OK || ea_apdu_is_proactive (sw))
    g_signal_emit (self, announced_signal, 0, ea_apdu_is_proactive (sw));
}

/* Runs before any other job, so that nothing comes between 91XX and FETCH. */
static void
fetch (EaCard *self, guint length)
{
  const EaApduCommand command = { .cla = 0x80, .ins = EA_APDU_INS_FETCH, .ne = length };
  g_autoptr (GBytes) apdu = ea_apdu_build_command (&command);

  ea_modem_transmit_async (self->modem, 0, apdu, NULL, on_fetched, g_object_ref (self));
}

/* The end of a job whose APDU went over the basic channel: the status word may call for FETCH. */
static void
finish_basic_channel_job (EaCard *self, GBytes *response)
{
  guint16 sw = response != NULL ? get_status_word (response) : 0;

  if (ea_apdu_is_proactive (sw))
    fetch (self, ea_apdu_get_length (sw));
  else
    finish_job (self);
}

static void
on_envelope_transmitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) response = ea_card_follow_up_finish (EA_MODEM (source), result, &error);

  if (response == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_bytes_ref (response), (GDestroyNotify) g_bytes_unref);
  finish_basic_channel_job (self, response);
}

static void
transmit_envelope (EaCard *self, GTask *task)
{
  GBytes *envelope = g_task_get_task_data (task);
  const EaApduCommand command = {
    .cla = 0x80,
    .ins = EA_APDU_INS_ENVELOPE,
    .data = ea_span_from_bytes (envelope),
  };
  g_autoptr (GBytes) apdu = ea_apdu_build_command (&command);

  ea_card_follow_up_async (self->modem, 0, apdu, g_task_get_cancellable (task),
                           on_envelope_transmitted, task);
}

static GBytes *
new_busy_response (void)
{
  static const guint8 busy[] = { EA_APDU_SW_TOOLKIT_BUSY >> 8, EA_APDU_SW_TOOLKIT_BUSY & 0xFF };

  return g_bytes_new_static (busy, sizeof busy);
}

static void
on_envelope_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  GBytes *response = ea_modem_send_envelope_finish (EA_MODEM (source), result, &error);

  /* Beside a firmware that is the terminal itself, a second one would only disturb. */
  if (response == NULL && g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED)
      && ea_modem_get_role (self->modem) != EA_MODEM_ROLE_OBSERVER)
    {
      transmit_envelope (self, g_steal_pointer (&task));
      return;
    }
  if (response == NULL && g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_BUSY))
    response = new_busy_response ();

  announce (self, response);
  if (response == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, response, (GDestroyNotify) g_bytes_unref);
  finish_job (self);
}

static void
start_envelope (EaCard *self, GTask *task)
{
  ea_modem_send_envelope_async (self->modem, g_task_get_task_data (task),
                                g_task_get_cancellable (task), on_envelope_sent, task);
}

void
ea_card_send_envelope_async (EaCard *self, GBytes *envelope, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_task_data (task, g_bytes_ref (envelope), (GDestroyNotify) g_bytes_unref);
  queue_job (self, task, start_envelope, FALSE);
}

GBytes *
ea_card_send_envelope_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  EaCardPullFunc pull;
  gpointer pull_data;
} Offer;

static void
start_offer (EaCard *self, GTask *task)
{
  const Offer *offer = g_task_get_task_data (task);
  GBytes *envelope = NULL;

  if (!g_task_return_error_if_cancelled (task))
    {
      envelope = offer->pull (offer->pull_data);
      if (envelope == NULL)
        g_task_return_pointer (task, NULL, NULL);
    }
  if (envelope == NULL)
    {
      g_object_unref (task);
      finish_job (self);
      return;
    }
  g_task_set_task_data (task, envelope, (GDestroyNotify) g_bytes_unref);
  start_envelope (self, task);
}

void
ea_card_offer_envelope_async (EaCard *self, EaCardPullFunc pull, gpointer pull_data,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Offer *offer = g_new0 (Offer, 1);

  offer->pull = pull;
  offer->pull_data = pull_data;
  g_task_set_task_data (task, offer, g_free);
  queue_job (self, task, start_offer, FALSE);
}

GBytes *
ea_card_offer_envelope_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GBytes) response = ea_modem_transmit_finish (EA_MODEM (source), result, &error);

  if (response == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  finish_basic_channel_job (self, response);
}

static void
start_status (EaCard *self, GTask *task)
{
  const EaApduCommand command = {
    .cla = 0x80, .ins = EA_APDU_INS_STATUS, .p2 = EA_APDU_STATUS_NO_DATA, .ne = EA_APDU_NE_MAX
  };
  g_autoptr (GBytes) apdu = ea_apdu_build_command (&command);

  ea_modem_transmit_async (self->modem, 0, apdu, g_task_get_cancellable (task), on_status, task);
}

void
ea_card_ask_status_async (EaCard *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  queue_job (self, g_task_new (self, cancellable, callback, user_data), start_status, FALSE);
}

gboolean
ea_card_ask_status_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  guint32 reference;
  gboolean is_fetched;
  GBytes *response;
} Respond;

static void
respond_free (gpointer data)
{
  Respond *respond = data;

  g_bytes_unref (respond->response);
  g_free (respond);
}

static void
return_response (GTask *task, GBytes *response, GError *error)
{
  guint16 sw = response != NULL ? get_status_word (response) : 0;

  if (response == NULL)
    g_task_return_error (task, error);
  else if (sw == EA_APDU_SW_OK || ea_apdu_is_proactive (sw))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED,
                             "The card refused the TERMINAL RESPONSE with %04X", sw);
}

static void
on_response_transmitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = ea_card_follow_up_finish (EA_MODEM (source), result, &error);

  return_response (task, answer, error);
  finish_basic_channel_job (self, answer);
}

static void
on_response_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer
      = ea_modem_send_terminal_response_finish (EA_MODEM (source), result, &error);

  if (self->n_overtaken == 0 && !self->is_session_over)
    announce (self, answer);
  return_response (task, answer, error);
  if (self->n_overtaken > 0)
    {
      self->n_overtaken--;
      return;
    }
  self->is_responding = FALSE;
  finish_job (self);
}

static void
start_respond (EaCard *self, GTask *task)
{
  const Respond *respond = g_task_get_task_data (task);
  const EaApduCommand command = {
    .cla = 0x80,
    .ins = EA_APDU_INS_TERMINAL_RESPONSE,
    .data = ea_span_from_bytes (respond->response),
  };
  g_autoptr (GBytes) apdu = NULL;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      finish_job (self);
      return;
    }
  if (!respond->is_fetched)
    {
      self->is_responding = TRUE;
      self->is_session_over = FALSE;
      ea_modem_send_terminal_response_async (self->modem, respond->reference, respond->response,
                                             g_task_get_cancellable (task), on_response_sent, task);
      return;
    }
  apdu = ea_apdu_build_command (&command);
  ea_card_follow_up_async (self->modem, 0, apdu, g_task_get_cancellable (task),
                           on_response_transmitted, task);
}

void
ea_card_respond_async (EaCard *self, const EaCardProactive *command, GBytes *response,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Respond *respond = g_new0 (Respond, 1);

  respond->reference = command->reference;
  respond->is_fetched = command->is_fetched;
  respond->response = g_bytes_ref (response);
  g_task_set_task_data (task, respond, respond_free);
  queue_job (self, task, start_respond, TRUE);
}

gboolean
ea_card_respond_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  EaCard *card; /* the task's */
  GBytes *aid;
  guint channel;
  EaCardScript script;
  gpointer script_data;
  gboolean is_switch; /* what was pulled last */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_clear_pointer (&run->aid, g_bytes_unref);
  g_free (run);
}

/* What runs is looked at on its way. */
static GBytes *
pull_for_run (gpointer user_data)
{
  Run *run = user_data;
  GBytes *apdu = run->script.pull (run->script_data);
  EaApduCommand command;

  run->is_switch = apdu != NULL && ea_apdu_parse_command (&command, ea_span_from_bytes (apdu), NULL)
                   && ea_sgp02_is_switch (&command);
  return apdu;
}

static void
push_for_run (GBytes *response, gpointer user_data)
{
  Run *run = user_data;
  guint16 sw = run->is_switch ? get_status_word (response) : 0;

  if (sw == EA_APDU_SW_OK || ea_apdu_is_proactive (sw))
    g_signal_emit (run->card, switched_signal, 0);
  run->script.push (response, run->script_data);
}

static gboolean
keeps_channel_for_run (gpointer user_data)
{
  const Run *run = user_data;

  return run->script.keeps_channel != NULL && run->script.keeps_channel (run->script_data);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;

  if (ea_card_script_finish (EA_MODEM (source), result, &run->channel, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  finish_job (self);
}

static void
start_run (EaCard *self, GTask *task)
{
  static const EaCardScript script = { pull_for_run, push_for_run, keeps_channel_for_run };
  Run *run = g_task_get_task_data (task);

  ea_card_script_async (self->modem, run->aid, run->channel, &script, run,
                        g_task_get_cancellable (task), on_run, task);
}

void
ea_card_run_script_async (EaCard *self, GBytes *aid, guint channel, const EaCardScript *script,
                          gpointer script_data, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->card = self;
  run->aid = g_bytes_ref (aid);
  run->channel = channel;
  run->script = *script;
  run->script_data = script_data;
  g_task_set_task_data (task, run, run_free);
  queue_job (self, task, start_run, FALSE);
}

gboolean
ea_card_run_script_finish (EaCard *self, GAsyncResult *result, guint *channel, GError **error)
{
  const Run *run = g_task_get_task_data (G_TASK (result));
  gboolean is_run = g_task_propagate_boolean (G_TASK (result), error);

  if (channel != NULL)
    *channel = is_run ? run->channel : 0;
  return is_run;
}

static void
on_channel_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);

  /* One that does not close stays in the modem's record and is closed at the next start. */
  (void) ea_modem_close_channel_finish (EA_MODEM (source), result, NULL);
  g_task_return_boolean (task, TRUE);
  finish_job (self);
}

static void
start_close (EaCard *self, GTask *task)
{
  ea_modem_close_channel_async (self->modem, GPOINTER_TO_UINT (g_task_get_task_data (task)), NULL,
                                on_channel_closed, task);
}

void
ea_card_close_channel (EaCard *self, guint channel)
{
  GTask *task = g_task_new (self, NULL, NULL, NULL);

  g_task_set_task_data (task, GUINT_TO_POINTER (channel), NULL);
  queue_job (self, task, start_close, FALSE);
}

/* The card has a new command only after it has taken the response to the one before. */
static void
overtake_response (EaCard *self)
{
  if (!self->is_responding)
    return;
  self->is_responding = FALSE;
  self->is_running = FALSE;
  self->n_overtaken++;
}

static void
on_proactive (EaModem *modem, const EaModemProactive *command, gpointer user_data)
{
  EaCard *self = EA_CARD (user_data);
  EaCardProactive proactive = { .reference = command->reference, .command = command->command };

  overtake_response (self);
  g_signal_emit (self, proactive_signal, 0, &proactive);
  start_next (self);
}

/* Firmware may be faster with the next commands than with its word on the response. */
static void
on_session_ended (EaModem *modem, gpointer user_data)
{
  EA_CARD (user_data)->is_session_over = TRUE;
}

static void
ea_card_dispose (GObject *object)
{
  EaCard *self = EA_CARD (object);

  g_queue_clear_full (&self->jobs, job_free);
  g_clear_object (&self->modem);
  G_OBJECT_CLASS (ea_card_parent_class)->dispose (object);
}

static void
ea_card_class_init (EaCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_card_dispose;
  proactive_signal = g_signal_new ("proactive-command", EA_TYPE_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  announced_signal = g_signal_new ("announced", EA_TYPE_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  switched_signal = g_signal_new ("switched", EA_TYPE_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
ea_card_init (EaCard *self)
{
  g_queue_init (&self->jobs);
}

EaCard *
ea_card_new (EaModem *modem)
{
  EaCard *self = g_object_new (EA_TYPE_CARD, NULL);

  self->modem = g_object_ref (modem);
  g_signal_connect_object (modem, "proactive-command", G_CALLBACK (on_proactive), self, 0);
  g_signal_connect_object (modem, "session-ended", G_CALLBACK (on_session_ended), self, 0);
  return self;
}
