/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The queue in front of the card. A job is a GTask with a function that starts it; whoever ends it calls
 * finish_job(), which starts the next.
 */

#include "session/card.h"

#include "core/apdu.h"
#include "session/card-run.h"

typedef void (*StartFunc) (EaCard *self, GTask *task);

typedef struct
{
  GTask *task;
  StartFunc start;
} Job;

struct _EaCard
{
  GObject parent_instance;

  EaModem *modem;
  GQueue jobs; /* Job, waiting */
  gboolean is_running;
};

static guint proactive_signal;

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

static void
queue_job (EaCard *self, GTask *task, StartFunc start, gboolean is_urgent)
{
  Job *job = g_new0 (Job, 1);

  job->task = task;
  job->start = start;
  if (is_urgent)
    g_queue_push_head (&self->jobs, job);
  else
    g_queue_push_tail (&self->jobs, job);
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

  return_response (task, answer, error);
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

  if (!respond->is_fetched)
    {
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

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaCard *self = g_task_get_source_object (task);
  GError *error = NULL;
  GPtrArray *responses = ea_card_script_finish (EA_MODEM (source), result, &error);

  if (responses == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, responses, (GDestroyNotify) g_ptr_array_unref);
  finish_job (self);
}

typedef struct
{
  GBytes *aid;
  GPtrArray *commands;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_bytes_unref (run->aid);
  g_ptr_array_unref (run->commands);
  g_free (run);
}

static void
start_run (EaCard *self, GTask *task)
{
  const Run *run = g_task_get_task_data (task);

  ea_card_script_async (self->modem, run->aid, run->commands, g_task_get_cancellable (task), on_run,
                        task);
}

void
ea_card_run_async (EaCard *self, GBytes *aid, GPtrArray *commands, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->aid = g_bytes_ref (aid);
  run->commands = g_ptr_array_ref (commands);
  g_task_set_task_data (task, run, run_free);
  queue_job (self, task, start_run, FALSE);
}

GPtrArray *
ea_card_run_finish (EaCard *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_proactive (EaModem *modem, const EaModemProactive *command, gpointer user_data)
{
  EaCardProactive proactive = { .reference = command->reference, .command = command->command };

  g_signal_emit (user_data, proactive_signal, 0, &proactive);
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
  return self;
}
