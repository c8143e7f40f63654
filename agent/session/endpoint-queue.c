/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Jobs from their beginning to their end. The store is the queue: the oldest job for which there is a key is
 * opened once more and carried out; its end and its proof of receipt become durable in one change.
 */

#include "core/error.h"
#include "session/endpoint-private.h"

static void
end_run (EaEndpoint *self)
{
  g_clear_pointer (&self->run, ea_endpoint_run_free);
}

static gboolean on_retry (gpointer user_data);

static void
retry_later (EaEndpoint *self)
{
  if (self->retry_id == 0 && !self->is_draining)
    self->retry_id = g_timeout_add (EA_ENDPOINT_INTERVAL_MS, on_retry, self);
}

/* (transfer full): the response script */
static GBytes *
collect_response (EaEndpointRun *run)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (;;)
    {
      g_autoptr (GBytes) part = ea_script_run_pull (&run->script);

      if (part == NULL)
        return ea_writer_steal (&writer);
      ea_writer_bytes (&writer, ea_span_from_bytes (part));
    }
}

/* A chain ends with any other script. */
static EaChain
advance_chain (EaEndpointRun *run, EaStoreChange *change)
{
  EaChain chain = run->endpoint->chain;
  guint8 chaining;

  if (ea_script_run_get_chaining (&run->script, &chaining)
      && !ea_script_run_has_failed (&run->script))
    ea_chain_advance (&chain, &run->target, chaining, run->channel, change);
  else
    ea_chain_end (&chain, change);
  return chain;
}

static void
log_end (EaEndpointRun *run)
{
  EaEndpoint *self = run->endpoint;
  guint n_commands = ea_script_run_count_commands (&run->script);

  if (run->is_interrupted)
    {
      ea_activity_count (self->activity, EA_COUNTER_SCRIPTS_INTERRUPTED);
      ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_SCRIPT_INTERRUPTED,
                      "A script was interrupted at command %u, whose outcome is not known: it is "
                      "not run again",
                      n_commands);
      return;
    }
  ea_activity_count (self->activity, EA_COUNTER_SCRIPTS_RUN);
  ea_log_info (ea_endpoint_get_log (self, &run->job->path),
               "A packet for TAR %06X is carried out: %u commands, status %02X", run->target.tar,
               n_commands, run->status);
}

/* (transfer full): the channel that a chain has kept open; 0: none */
guint
ea_endpoint_steal_channel (EaEndpoint *self)
{
  guint channel = self->chain.channel;

  g_clear_handle_id (&self->chain_id, g_source_remove);
  self->chain.channel = 0;
  return channel;
}

void
ea_endpoint_close_chain (EaEndpoint *self)
{
  guint channel = ea_endpoint_steal_channel (self);

  if (channel != 0)
    ea_card_close_channel (self->card, channel);
  ea_chain_reset (&self->chain);
}

static gboolean
on_chain_timeout (gpointer user_data)
{
  EaEndpoint *self = user_data;

  self->chain_id = 0;
  ea_log_warning (self->context, EA_MESSAGE_SCRIPT_FAILED,
                  "A chain of scripts does not go on: its channel is closed");
  ea_endpoint_close_chain (self);
  return G_SOURCE_REMOVE;
}

/* A channel of the chain before that is not in @chain any more is closed. */
static void
set_chain (EaEndpoint *self, const EaChain *chain)
{
  guint channel = ea_endpoint_steal_channel (self);

  if (channel != 0 && channel != chain->channel)
    ea_card_close_channel (self->card, channel);
  self->chain = *chain;
  if (chain->channel != 0)
    self->chain_id = g_timeout_add_seconds (EA_ENDPOINT_CHAIN_TIMEOUT_S, on_chain_timeout, self);
}

/* (nullable): the key set for a job of this eUICC to @target. The others wait for theirs. */
static const EaKeysScp80 *
find_keys_of_job (EaEndpoint *self, const EaJob *job, const EaScp80Target *target)
{
  return g_strcmp0 (job->eid, self->eid) == 0 ? ea_endpoint_find_keys (self, target) : NULL;
}

void
ea_endpoint_finish (EaEndpointRun *run, EaScp80Status status, EaSpan response)
{
  EaEndpoint *self = run->endpoint;
  const EaProof proof = {
    .command = &run->packet.header,
    .counter = run->contents.counter,
    .status = status,
    .data = response,
    .path = &run->job->path,
  };
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;
  EaChain chain = advance_chain (run, change);

  run->lacks_key = find_keys_of_job (self, run->job, &run->target) == NULL;
  if (run->lacks_key)
    {
      ea_log_warning (ea_endpoint_get_log (self, &run->job->path), EA_MESSAGE_KEY_MISSING,
                      "A script is answered when its key is held again");
      return;
    }
  run->status = status;
  ea_job_remove (self->store, run->job->record, change);
  if (!ea_endpoint_answer (self, &proof, ea_span_from_bytes (run->job->packet), change, &error)
      || !ea_store_commit (self->store, change, &error))
    {
      ea_endpoint_run_note_failure (run, error);
      return;
    }
  set_chain (self, &chain);
  self->n_refused = 0;
  log_end (run);
  end_run (self);
  ea_endpoint_send_answers (self);
  ea_endpoint_signal_room (self);
}

/* The run gives way to a new beginning from the store, as soon as the store knows what is known here. Others do not
 * wait for a key that only it needs. */
static void
leave_run (EaEndpointRun *run)
{
  EaEndpoint *self = run->endpoint;
  gboolean may_others_begin = run->lacks_key;

  if (run->channel != 0)
    ea_card_close_channel (self->card, run->channel);
  run->channel = 0;
  if (!ea_endpoint_run_save (run))
    may_others_begin = FALSE;
  else
    end_run (self);
  if (!may_others_begin)
    retry_later (self);
}

static gboolean
on_retry (gpointer user_data)
{
  EaEndpoint *self = user_data;

  self->retry_id = 0;
  ea_endpoint_go_on (self);
  return G_SOURCE_REMOVE;
}

/* What becomes of a run that stands: it has ended, or it goes on another time. */
void
ea_endpoint_settle (EaEndpointRun *run)
{
  EaEndpoint *self = run->endpoint;

  if (ea_script_run_is_ended (&run->script) && !run->is_stuck)
    {
      g_autoptr (GBytes) response = collect_response (run);

      ea_endpoint_finish (run, EA_SCP80_STATUS_OK, ea_span_from_bytes (response));
    }
  if (self->run != NULL)
    leave_run (run);
}

static gboolean
parse_packet (const EaJob *job, EaScp80Packet *packet, GError **error)
{
  return ea_scp80_parse (packet, EA_SCP80_COMMAND, job->path.form, ea_span_from_bytes (job->packet),
                         error);
}

/* The packet was verified when it was taken: what fails now is its record, or the key is another one. */
static gboolean
open_packet (const EaScp80Packet *packet, const EaKeysScp80 *set, EaScp80Contents *contents,
             GError **error)
{
  const EaScp80Security security = ea_scp80_get_security (&packet->header);

  return ea_scp80_open (packet, &security, &set->keys, contents, error)
         && ea_scp80_verify (packet, &security, &set->keys, contents, error);
}

static void
drop_job (EaEndpoint *self, const char *record, const GError *cause)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  ea_log_error (self->context, EA_MESSAGE_RESPONSE_LOST,
                "A secured packet that was taken can't be carried out: %s", cause->message);
  ea_activity_fail (self->activity, cause);
  ea_job_remove (self->store, record, change);
  if (ea_store_commit (self->store, change, &error))
    return;
  ea_log_error (self->context, EA_MESSAGE_STORE_FAILED, "It stays in the store: %s",
                error->message);
  retry_later (self);
}

typedef enum
{
  JOB_CAN_RUN,
  JOB_MUST_WAIT, /* for its key, or its card */
  JOB_IS_DAMAGED,
} JobState;

static JobState
get_job_state (EaEndpoint *self, const EaJob *job, GError **error)
{
  g_auto (EaScp80Contents) contents = { 0 };
  const EaKeysScp80 *set;
  EaScp80Packet packet;
  EaScp80Target target;
  GError *cause = NULL;

  if (!parse_packet (job, &packet, error))
    return JOB_IS_DAMAGED;
  target = ea_scp80_get_target (&packet.header);
  set = find_keys_of_job (self, job, &target);
  if (set == NULL)
    return JOB_MUST_WAIT;
  if (open_packet (&packet, set, &contents, &cause))
    return JOB_CAN_RUN;
  if (g_error_matches (cause, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY))
    {
      ea_log_info (self->context, "A secured packet waits for the key that it came with: %s",
                   cause->message);
      g_error_free (cause);
      return JOB_MUST_WAIT;
    }
  g_propagate_error (error, cause);
  return JOB_IS_DAMAGED;
}

/* Takes @job, which can run. */
static void
start (EaEndpoint *self, EaJob *job)
{
  EaEndpointRun *run = ea_endpoint_run_new (self, job);

  self->run = run;
  (void) parse_packet (job, &run->packet, NULL); /* as it was just now */
  run->target = ea_scp80_get_target (&run->packet.header);
  (void) open_packet (&run->packet, ea_endpoint_find_keys (self, &run->target), &run->contents,
                      NULL);
  ea_endpoint_run_begin (run);
}

/* (transfer full) (nullable): the oldest job that can be carried out */
static EaJob *
find_job (EaEndpoint *self)
{
  g_auto (GStrv) records = ea_job_list (self->store, self->name);

  for (guint i = 0; records[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (EaJob) job = ea_job_read (self->store, records[i], &error);
      JobState state = job != NULL ? get_job_state (self, job, &error) : JOB_IS_DAMAGED;

      if (state == JOB_CAN_RUN)
        return g_steal_pointer (&job);
      if (state == JOB_IS_DAMAGED)
        drop_job (self, records[i], error);
    }
  return NULL;
}

static gboolean
can_begin (EaEndpoint *self)
{
  return self->run == NULL && self->retry_id == 0 && !self->is_draining && self->eid != NULL;
}

void
ea_endpoint_pump (EaEndpoint *self)
{
  if (self->run != NULL && !self->run->is_on_card && self->retry_id == 0)
    leave_run (self->run); /* the store had failed */
  while (can_begin (self))
    {
      EaJob *job = find_job (self);

      if (job == NULL)
        return;
      start (self, job);
    }
}

void
ea_endpoint_go_on (EaEndpoint *self)
{
  ea_endpoint_pump (self);
  if (ea_endpoint_is_idle (self))
    ea_endpoint_signal_idle (self);
}

gboolean
ea_endpoint_is_idle (EaEndpoint *self)
{
  return self->run == NULL || self->run->is_stuck;
}
