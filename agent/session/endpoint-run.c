/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Carrying out a job: the script is fed to its machine, the responses that an earlier life has recorded are fed
 * after it, and what is left runs on the card. Before a command goes to the card it is recorded that its
 * outcome is not known, together with the responses before it.
 */

#include "core/apdu.h"
#include "core/error.h"
#include "session/endpoint-private.h"

/* A response script in which each command is answered by %EA_SCRIPT_SW_TRUNCATED */
#define ROOM_FOR_NOTHING 1

static void
run_destroy (EaEndpointRun *run)
{
  ea_script_run_clear (&run->script);
  ea_scp80_contents_clear (&run->contents);
  ea_job_free (run->job);
  g_free (run);
}

/* While the card has it, it is freed when the card is done. */
void
ea_endpoint_run_free (EaEndpointRun *run)
{
  run->endpoint = NULL;
  if (!run->is_on_card)
    run_destroy (run);
}

/* Bytes of the response script */
static gsize
get_room (const EaReturnPath *path)
{
  gsize most = path->max_response > EA_ENDPOINT_RESPONSE_OVERHEAD
                   ? path->max_response - EA_ENDPOINT_RESPONSE_OVERHEAD
                   : ROOM_FOR_NOTHING;

  return path->form == EA_SCP80_FORM_SMS ? EA_ENDPOINT_RESPONSE_MAX
                                         : MIN (most, EA_ENDPOINT_RESPONSE_MAX);
}

EaEndpointRun *
ea_endpoint_run_new (EaEndpoint *self, EaJob *job)
{
  EaEndpointRun *run = g_new0 (EaEndpointRun, 1);

  run->endpoint = self;
  run->job = job;
  ea_script_run_init (&run->script);
  ea_script_run_set_room (&run->script, get_room (&job->path));
  return run;
}

void
ea_endpoint_run_note_failure (EaEndpointRun *run, const GError *error)
{
  EaEndpoint *self = run->endpoint;

  run->is_stuck = TRUE;
  ea_activity_fail (self->activity, error);
  ea_log_error (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_STORE_FAILED,
                "A script waits until its progress can be stored: %s", error->message);
}

/* The responses that are not durable yet */
static void
write_responses (EaEndpointRun *run, EaStoreChange *change)
{
  for (guint i = run->n_recorded; i < run->job->responses->len; i++)
    ea_job_write_response (run->job, i, run->job->responses->pdata[i], change);
}

static gboolean
commit_progress (EaEndpointRun *run, EaStoreChange *change)
{
  g_autoptr (GError) error = NULL;

  if (!ea_store_commit (run->endpoint->store, change, &error))
    {
      ea_endpoint_run_note_failure (run, error);
      return FALSE;
    }
  run->n_recorded = run->job->responses->len;
  return TRUE;
}

gboolean
ea_endpoint_run_save (EaEndpointRun *run)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  if (run->n_recorded == run->job->responses->len)
    return TRUE;
  write_responses (run, change);
  return commit_progress (run, change);
}

/* From here on nobody knows the outcome of the next command until its response is recorded. */
static gboolean
record_start (EaEndpointRun *run)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) unknown = g_bytes_new (NULL, 0);

  write_responses (run, change);
  ea_job_write_response (run->job, run->job->responses->len, unknown, change);
  return commit_progress (run, change);
}

static void
push_response (EaEndpointRun *run, GBytes *response)
{
  g_ptr_array_add (run->job->responses, g_bytes_ref (response));
  ea_script_run_push_response (&run->script, ea_span_from_bytes (response));
}

/* PUSH is for the agent, which opens the channels of its own sessions (TS 102 226 §9). It is no harm to carry one out again:
 * one whose response was not stored is, as a session that is opened twice ends by itself and one that is missed does not
 * come. */
static void
take_push (EaEndpointRun *run, const EaPush *push)
{
  g_autoptr (GBytes) response = NULL;
  guint16 sw = ea_endpoint_signal_push (run->endpoint, push);
  const guint8 status[EA_APDU_SW_SIZE] = { (guint8) (sw >> 8), (guint8) sw };

  response = g_bytes_new (status, sizeof status);
  push_response (run, response);
}

/* Of a command for the card */
static void
note_state (EaEndpointRun *run, EaSpan apdu)
{
  EaApduCommand command;

  run->has_left_state
      |= !ea_apdu_parse_command (&command, apdu, NULL) || ea_apdu_leaves_state (&command);
}

/* Between two commands the next life can go on, unless they rest on each other. No other card gets them. */
static gboolean
must_stop (const EaEndpointRun *run)
{
  const EaEndpoint *self = run->endpoint;

  return self == NULL || g_strcmp0 (self->eid, run->job->eid) != 0
         || (self->is_draining && !run->has_left_state);
}

/* The next command for the card; those for the agent are carried out on the way. */
static gboolean
find_command (EaEndpointRun *run, EaSpan *apdu)
{
  EaPush push;

  while (!must_stop (run) && ea_script_run_pull_command (&run->script, apdu))
    {
      if (!ea_push_parse (&push, *apdu, NULL))
        return TRUE;
      take_push (run, &push);
    }
  return FALSE;
}

static GBytes *
pull_command (gpointer user_data)
{
  EaEndpointRun *run = user_data;
  EaSpan apdu;

  if (!find_command (run, &apdu) || !record_start (run))
    return NULL;
  note_state (run, apdu);
  run->is_in_flight = TRUE;
  return ea_span_to_bytes (apdu);
}

static void
take_response (GBytes *response, gpointer user_data)
{
  EaEndpointRun *run = user_data;

  run->is_in_flight = FALSE;
  push_response (run, response);
  if (run->endpoint != NULL)
    ea_activity_count (run->endpoint->activity, EA_COUNTER_APDUS);
  if (run->endpoint != NULL && run->job->path.form == EA_SCP80_FORM_CAT_TP)
    ea_endpoint_signal_command_answered (run->endpoint);
}

static gboolean
keeps_channel (gpointer user_data)
{
  const EaEndpointRun *run = user_data;
  guint8 chaining;

  return run->endpoint != NULL && ea_script_run_is_ended (&run->script)
         && !ea_script_run_has_failed (&run->script)
         && ea_script_run_get_chaining (&run->script, &chaining) && ea_chain_goes_on (chaining);
}

static void
interrupt (EaEndpointRun *run)
{
  run->is_in_flight = FALSE;
  run->is_interrupted = TRUE;
  ea_script_run_interrupt (&run->script);
}

/* TRUE when there will be no channel for some time to come: the sender is to know. A card or modem that is
 * away is waited for. */
static gboolean
is_hopeless (EaEndpoint *self, const GError *error)
{
  if (error->domain != EA_MODEM_ERROR || error->code == EA_MODEM_ERROR_BUSY
      || error->code == EA_MODEM_ERROR_CARD_ABSENT || error->code == EA_MODEM_ERROR_GONE)
    return FALSE;
  return error->code == EA_MODEM_ERROR_UNSUPPORTED || error->code == EA_MODEM_ERROR_ACCESS_DENIED
         || ++self->n_refused >= EA_ENDPOINT_TRIES_MAX;
}

/* There is no channel. Commands that have run are answered for all the same. */
static void
end_without_channel (EaEndpointRun *run, EaScp80Status status)
{
  if (run->job->responses->len > 0)
    interrupt (run);
  else
    ea_endpoint_finish (run, status, EA_SPAN_EMPTY);
}

/* The channel did not open. */
static void
take_refusal (EaEndpointRun *run, const GError *error)
{
  EaEndpoint *self = run->endpoint;

  ea_activity_fail_on_card (self->activity, error);
  if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_APPLICATION))
    {
      ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_SCRIPT_FAILED,
                      "The card has no application for TAR %06X", run->target.tar);
      end_without_channel (run, EA_SCP80_STATUS_TAR_UNKNOWN);
      return;
    }
  if (is_hopeless (self, error))
    {
      ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_NO_LOGICAL_CHANNEL,
                      "A script gets no logical channel: %s", error->message);
      end_without_channel (run, EA_SCP80_STATUS_INSUFFICIENT_MEMORY);
      return;
    }
  ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_NO_LOGICAL_CHANNEL,
                  "A script waits %d s more for a logical channel: %s",
                  EA_ENDPOINT_INTERVAL_MS / 1000, error->message);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaEndpointRun *run = user_data;
  EaEndpoint *self = run->endpoint;
  g_autoptr (GError) error = NULL;
  gboolean is_run = ea_card_run_script_finish (EA_CARD (source), result, &run->channel, &error);

  run->is_on_card = FALSE;
  if (self == NULL)
    {
      run_destroy (run);
      return;
    }
  if (run->is_in_flight)
    {
      ea_activity_fail_on_card (self->activity, error);
      interrupt (run);
    }
  else if (!is_run && !ea_script_run_is_ended (&run->script))
    take_refusal (run, error);
  if (self->run != NULL)
    ea_endpoint_settle (run);
  ea_endpoint_go_on (self);
}

/* (nullable) (transfer full) */
static GBytes *
find_application (EaEndpointRun *run)
{
  const EaKeysScp80 *set = ea_endpoint_find_keys (run->endpoint, &run->target);

  return set != NULL ? ea_endpoint_find_application (set, run->target.tar) : NULL;
}

static void
run_on_card (EaEndpointRun *run, guint channel)
{
  static const EaCardScript script
      = { .pull = pull_command, .push = take_response, .keeps_channel = keeps_channel };
  g_autoptr (GBytes) aid = find_application (run);

  if (aid == NULL)
    {
      if (channel != 0)
        ea_card_close_channel (run->endpoint->card, channel);
      end_without_channel (run, EA_SCP80_STATUS_TAR_UNKNOWN);
      return;
    }
  run->is_on_card = TRUE;
  ea_card_run_script_async (run->endpoint->card, aid, channel, &script, run, NULL, on_run, run);
}

/* What a PUSH for a channel leaves behind is gone with the earlier life; that for the link rests on it. */
static void
replay_push (EaEndpointRun *run, const EaPush *push)
{
  if (push->request == EA_PUSH_BIP_CHANNEL)
    (void) ea_endpoint_signal_push (run->endpoint, push); /* the sender has its answer */
}

/* What an earlier life has run is not run again: its responses are taken as they were recorded. */
static void
replay_responses (EaEndpointRun *run)
{
  EaPush push;
  EaSpan apdu;

  for (guint i = 0; i < run->job->responses->len; i++)
    {
      EaSpan response = ea_span_from_bytes (run->job->responses->pdata[i]);

      if (!ea_script_run_pull_command (&run->script, &apdu))
        break;
      if (ea_push_parse (&push, apdu, NULL))
        replay_push (run, &push);
      else
        note_state (run, apdu);
      if (response.size == 0)
        interrupt (run);
      else
        ea_script_run_push_response (&run->script, response);
    }
  run->n_recorded = run->job->responses->len;
}

/* The channel that the commands before have left something on is gone. */
static gboolean
has_lost_state (EaEndpointRun *run)
{
  EaSpan apdu;

  return run->n_recorded > 0 && run->has_left_state
         && ea_script_run_pull_command (&run->script, &apdu);
}

/* A script that has begun in an earlier life was let in then. */
static void
join_chain (EaEndpointRun *run)
{
  EaChain *chain = &run->endpoint->chain;
  guint8 chaining;
  guint8 refusal;

  if (!ea_script_run_get_chaining (&run->script, &chaining))
    return;
  refusal = run->job->responses->len > 0 ? 0 : ea_chain_join (chain, &run->target, chaining);
  run->is_follower = refusal == 0 && ea_chain_is_follower (chaining);
  run->has_left_state = run->is_follower;
  if (refusal == 0)
    ea_script_run_accept_chaining (&run->script);
  else
    ea_script_run_refuse_chaining (&run->script, refusal);
}

/* The channel of the chain that the script goes on with; any other script closes it. */
static guint
take_channel (EaEndpointRun *run)
{
  guint channel = ea_endpoint_steal_channel (run->endpoint);

  if (channel == 0 || (run->is_follower && run->n_recorded == 0))
    return channel;
  ea_card_close_channel (run->endpoint->card, channel);
  return 0;
}

static void
run_script (EaEndpointRun *run)
{
  EaSpan apdu;
  guint channel;

  ea_script_run_feed (&run->script, run->contents.data);
  ea_script_run_end (&run->script);
  join_chain (run);
  replay_responses (run);
  if (has_lost_state (run))
    interrupt (run);
  channel = take_channel (run);
  if (find_command (run, &apdu))
    run_on_card (run, channel);
  else if (channel != 0)
    ea_card_close_channel (run->endpoint->card, channel);
}

/* An administration session's trigger stands in the place of a script (GlobalPlatform Amendment B §3.3.3). FALSE: the session
 * can't be opened now. */
static gboolean
signal_trigger (EaEndpointRun *run)
{
  EaEndpoint *self = run->endpoint;
  g_autoptr (GError) error = NULL;
  EaPushTrigger trigger;

  if (ea_push_parse_trigger (&trigger, run->contents.data, &error))
    return ea_endpoint_signal_trigger (self, &trigger) != EA_ENDPOINT_LATER;
  ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_SESSION_FAILED,
                  "A session's trigger can't be read: %s", error->message);
  return TRUE;
}

/* The session is durable before the trigger counts as done: one that comes twice, after a crash between, finds that there is
 * nothing to do, one that does not come is missed. */
static void
take_trigger (EaEndpointRun *run)
{
  static const guint8 done[] = { EA_APDU_SW_OK >> 8, EA_APDU_SW_OK & 0xFF };

  if (run->job->responses->len == 0)
    {
      if (!signal_trigger (run))
        return;
      g_ptr_array_add (run->job->responses, g_bytes_new_static (done, sizeof done));
    }
  ea_endpoint_finish (run, EA_SCP80_STATUS_OK, EA_SPAN_EMPTY);
}

static gboolean
is_trigger (EaSpan data)
{
  static const guint8 tag[] = { EA_PUSH_TAG_TRIGGER };

  return ea_span_has_prefix (data, EA_SPAN_OF_ARRAY (tag));
}

void
ea_endpoint_run_begin (EaEndpointRun *run)
{
  EaEndpoint *self = run->endpoint;

  if (is_trigger (run->contents.data))
    take_trigger (run);
  else
    run_script (run);
  if (self->run == run && !run->is_on_card)
    ea_endpoint_settle (run);
}
