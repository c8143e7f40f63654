/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Taking a packet: find the key set, verify, look at the counter; then counter, packet and whatever the caller
 * adds become durable together, before anything has an effect. A packet that is not genuine is dropped
 * without an answer (SGP.02 §2.4.3).
 */

#include "session/endpoint.h"

#include <string.h>

#include "core/error.h"
#include "core/sgp02.h"
#include "session/endpoint-private.h"
#include "session/replay.h"

#define REFUSALS_ANSWERED_INTERVAL_US (G_GINT64_CONSTANT (60) * 60 * G_USEC_PER_SEC)

enum
{
  SIGNAL_SESSION_TRIGGERED,
  SIGNAL_PUSH,
  SIGNAL_COMMAND_ANSWERED,
  SIGNAL_ROOM,
  SIGNAL_IDLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaEndpoint, ea_endpoint, G_TYPE_OBJECT)

/* A packet that is being judged. */
typedef struct
{
  EaSpan sealed; /* as it came */
  EaScp80Packet packet;
  const EaKeysScp80 *set;
  EaScp80Target target;
  const EaReturnPath *path;
  EaScp80Contents contents;
  EaScp80Status status; /* of a packet that is refused */
  gboolean is_genuine;
} Attempt;

const EaLogContext *
ea_endpoint_get_log (EaEndpoint *self, const EaReturnPath *path)
{
  self->log = ea_log_context_for_transport (self->context,
                                            path->form == EA_SCP80_FORM_SMS ? "sms" : "cat-tp");
  return &self->log;
}

const EaKeysScp80 *
ea_endpoint_find_keys (EaEndpoint *self, const EaScp80Target *target)
{
  const EaKeys *keys = ea_key_ring_get_keys (self->keys);

  if (keys == NULL || self->eid == NULL)
    return NULL;
  return ea_keys_find_scp80 (keys, self->eid, target->key_set, target->tar);
}

gboolean
ea_endpoint_has_keys (EaEndpoint *self)
{
  const EaKeys *keys = self->eid != NULL ? ea_key_ring_get_keys (self->keys) : NULL;
  gsize n_sets = keys != NULL ? ea_keys_get_n_scp80 (keys) : 0;

  for (gsize i = 0; i < n_sets; i++)
    {
      const EaKeysScp80 *set = ea_keys_get_scp80 (keys, i);

      if (set->eid == NULL || g_str_equal (set->eid, self->eid))
        return TRUE;
    }
  return FALSE;
}

gboolean
ea_endpoint_holds_key (EaEndpoint *self, const EaScp80Target *target)
{
  return ea_endpoint_find_keys (self, target) != NULL;
}

GBytes *
ea_endpoint_find_application (const EaKeysScp80 *set, guint32 tar)
{
  const EaKeysApplication *application = ea_keys_find_application (set, tar);

  if (application != NULL)
    return ea_span_to_bytes (application->aid);
  if (tar == EA_SGP02_TAR_ISD_R || tar == EA_SGP02_TAR_ECASD
      || (tar >= EA_SGP02_TAR_ISD_P_FIRST && tar <= EA_SGP02_TAR_ISD_P_LAST))
    return ea_sgp02_build_aid (tar);
  return NULL;
}

static EaEndpointVerdict
fail_store (EaEndpoint *self, const GError *error)
{
  ea_activity_fail (self->activity, error);
  ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                "A secured packet can't be taken now, the network has to keep it: %s",
                error->message);
  return EA_ENDPOINT_LATER;
}

/* Only who has the key is answered. */
static EaEndpointVerdict
refuse (EaEndpoint *self, const Attempt *attempt, const GError *cause, EaStoreChange *change)
{
  const EaProof proof = {
    .command = &attempt->packet.header,
    .counter = attempt->contents.counter,
    .status = attempt->status,
    .path = attempt->path,
  };
  g_autoptr (GError) error = NULL;

  ea_activity_count (self->activity, attempt->is_genuine || cause->domain == EA_STORE_ERROR
                                         ? EA_COUNTER_PACKETS_REFUSED
                                         : EA_COUNTER_PACKETS_NOT_GENUINE);
  ea_activity_fail (self->activity, cause);
  ea_log_warning (ea_endpoint_get_log (self, attempt->path), EA_MESSAGE_PACKET_REFUSED,
                  "A secured packet is refused: %s", cause->message);
  if (attempt->is_genuine && ea_rate_limit_allow (&self->refusals_answered, g_get_monotonic_time ())
      && !ea_endpoint_answer (self, &proof, attempt->sealed, change, &error))
    return fail_store (self, error);
  if (!ea_store_commit (self->store, change, &error))
    return fail_store (self, error);
  ea_endpoint_send_answers (self);
  return EA_ENDPOINT_REFUSED;
}

/* What the counter of a packet that was refused for it is; the proof of receipt repeats it. */
static void
read_refused_counter (Attempt *attempt)
{
  const EaScp80Security security = ea_scp80_get_security (&attempt->packet.header);

  attempt->is_genuine
      = ea_scp80_open (&attempt->packet, &security, &attempt->set->keys, &attempt->contents, NULL);
}

static gboolean
verify (Attempt *attempt, guint64 highest, GError **error)
{
  GError *local_error = NULL;

  if (ea_scp80_unwrap_command (&attempt->packet, &attempt->set->keys, &highest, &attempt->contents,
                               &attempt->status, &local_error))
    {
      attempt->is_genuine = TRUE;
      return TRUE;
    }
  if (g_error_matches (local_error, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY))
    read_refused_counter (attempt);
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
check_application (Attempt *attempt, GError **error)
{
  g_autoptr (GBytes) aid = ea_endpoint_find_application (attempt->set, attempt->target.tar);

  if (aid != NULL)
    return TRUE;
  attempt->status = EA_SCP80_STATUS_TAR_UNKNOWN;
  return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                            "There is no application for TAR %06X", attempt->target.tar);
}

static EaEndpointVerdict
accept (EaEndpoint *self, const Attempt *attempt, EaStoreChange *change)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaJob) job = ea_job_new (self->store, self->name, self->eid, attempt->path,
                                      attempt->sealed, change, &error);

  if (job == NULL)
    return fail_store (self, error);
  if (!ea_store_commit (self->store, change, &error))
    return fail_store (self, error);
  ea_activity_count (self->activity, EA_COUNTER_PACKETS_TAKEN);
  ea_log_info (ea_endpoint_get_log (self, attempt->path), "A secured packet for TAR %06X is taken",
               attempt->target.tar);
  return EA_ENDPOINT_TAKEN;
}

static EaEndpointVerdict
judge (EaEndpoint *self, Attempt *attempt, EaStoreChange *change)
{
  g_autoptr (GError) error = NULL;
  guint64 highest;

  if (!ea_scp80_parse (&attempt->packet, EA_SCP80_COMMAND, attempt->path->form, attempt->sealed,
                       &error))
    return refuse (self, attempt, error, change);
  attempt->target = ea_scp80_get_target (&attempt->packet.header);
  attempt->set = ea_endpoint_find_keys (self, &attempt->target);
  if (attempt->set == NULL)
    {
      ea_core_error_set (&error, EA_CORE_ERROR_SECURITY, NULL, "The key is not held any more");
      return refuse (self, attempt, error, change);
    }
  if (!ea_replay_read (self->store, self->eid, &attempt->target, &highest, &error))
    return g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED)
               ? refuse (self, attempt, error, change)
               : fail_store (self, error);
  if (!verify (attempt, highest, &error))
    return refuse (self, attempt, error, change);
  /* From here on it is a replay, whatever becomes of it (TS 102 225 §5.1.4). */
  ea_replay_write (self->eid, &attempt->target, attempt->contents.counter, change);
  if (!check_application (attempt, &error))
    return refuse (self, attempt, error, change);
  return accept (self, attempt, change);
}

static guint
count_jobs (EaEndpoint *self)
{
  g_auto (GStrv) jobs = ea_job_list (self->store, self->name);

  return g_strv_length (jobs);
}

gboolean
ea_endpoint_has_room (EaEndpoint *self)
{
  return count_jobs (self) < EA_JOBS_MAX;
}

static EaEndpointVerdict
take (EaEndpoint *self, const EaReturnPath *path, EaSpan packet, EaStoreChange *change)
{
  Attempt attempt = { .path = path, .sealed = packet };
  EaEndpointVerdict verdict = judge (self, &attempt, change);

  ea_scp80_contents_clear (&attempt.contents);
  if (verdict == EA_ENDPOINT_TAKEN)
    ea_endpoint_pump (self);
  return verdict;
}

EaEndpointVerdict
ea_endpoint_take (EaEndpoint *self, const EaSmsAddress *originator, EaSpan packet,
                  EaStoreChange *change)
{
  const EaReturnPath path = { .form = EA_SCP80_FORM_SMS, .originator = *originator };

  return take (self, &path, packet, change);
}

/* The SM-SR has not had its answer yet. */
static gboolean
is_known (EaEndpoint *self, const char *peer, EaSpan sdu)
{
  if (!ea_job_has_sdu (self->store, self->name, self->eid, peer, sdu)
      && !ea_answers_offer_again (self->answers, peer, sdu))
    return FALSE;
  ea_activity_count (self->activity, EA_COUNTER_PACKETS_REPEATED);
  ea_log_info (self->context, "A secured packet comes again before it was answered");
  return TRUE;
}

/* Each job may end with an answer, which must not stand in the way of those behind it then. */
static gboolean
has_room_for_answer (EaEndpoint *self)
{
  return count_jobs (self) + ea_answers_count (self->answers) < EA_ANSWERS_MAX;
}

EaEndpointVerdict
ea_endpoint_take_sdu (EaEndpoint *self, EaSpan sdu, gsize max_response, const char *peer)
{
  EaReturnPath path = { .form = EA_SCP80_FORM_CAT_TP,
                        .max_response = (guint16) MIN (max_response, EA_SCP80_PACKET_MAX) };
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  g_return_val_if_fail (strlen (peer) <= EA_CATTP_PEER_MAX, EA_ENDPOINT_REFUSED);

  (void) g_strlcpy (path.peer, peer, sizeof path.peer);
  if (self->eid == NULL)
    return EA_ENDPOINT_LATER;
  if (is_known (self, peer, sdu))
    return EA_ENDPOINT_TAKEN;
  if (!ea_endpoint_has_room (self) || !has_room_for_answer (self))
    return EA_ENDPOINT_LATER;
  return take (self, &path, sdu, change);
}

EaAnswers *
ea_endpoint_get_answers (EaEndpoint *self)
{
  return self->answers;
}

gboolean
ea_endpoint_owes_answers (EaEndpoint *self, const char *peer)
{
  return self->last_eid != NULL
         && (ea_job_has_peer (self->store, self->name, self->last_eid, peer)
             || ea_answers_has_any (self->answers, self->last_eid, peer));
}

void
ea_endpoint_suspend (EaEndpoint *self)
{
  g_clear_pointer (&self->eid, g_free);
  ea_answers_set_eid (self->answers, NULL);
}

void
ea_endpoint_resume (EaEndpoint *self, const char *eid)
{
  g_free (self->eid);
  self->eid = g_strdup (eid);
  if (eid != NULL)
    {
      g_free (self->last_eid);
      self->last_eid = g_strdup (eid);
    }
  g_clear_handle_id (&self->retry_id, g_source_remove);
  ea_answers_set_eid (self->answers, eid);
  ea_endpoint_pump (self);
}

void
ea_endpoint_drain (EaEndpoint *self)
{
  self->is_draining = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  ea_endpoint_close_chain (self);
}

EaEndpointVerdict
ea_endpoint_signal_trigger (EaEndpoint *self, const EaPushTrigger *trigger)
{
  int verdict = EA_ENDPOINT_REFUSED; /* where nobody listens */

  g_signal_emit (self, signals[SIGNAL_SESSION_TRIGGERED], 0, trigger, &verdict);
  return (EaEndpointVerdict) verdict;
}

guint16
ea_endpoint_signal_push (EaEndpoint *self, const EaPush *push)
{
  guint sw = 0;

  g_signal_emit (self, signals[SIGNAL_PUSH], 0, push, &sw);
  return sw != 0 ? (guint16) sw : EA_APDU_SW_FUNCTION_NOT_SUPPORTED;
}

void
ea_endpoint_signal_command_answered (EaEndpoint *self)
{
  g_signal_emit (self, signals[SIGNAL_COMMAND_ANSWERED], 0);
}

void
ea_endpoint_signal_room (EaEndpoint *self)
{
  g_signal_emit (self, signals[SIGNAL_ROOM], 0);
}

void
ea_endpoint_signal_idle (EaEndpoint *self)
{
  g_signal_emit (self, signals[SIGNAL_IDLE], 0);
}

/* A card that was reset has no logical channels. */
static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  EaEndpoint *self = EA_ENDPOINT (user_data);

  if (card == EA_MODEM_CARD_READY)
    return;
  g_clear_handle_id (&self->chain_id, g_source_remove);
  ea_chain_reset (&self->chain);
}

static void
ea_endpoint_dispose (GObject *object)
{
  EaEndpoint *self = EA_ENDPOINT (object);

  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->chain_id, g_source_remove);
  g_clear_pointer (&self->run, ea_endpoint_run_free);
  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->keys);
  g_clear_object (&self->outbox);
  g_clear_object (&self->answers);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_endpoint_parent_class)->dispose (object);
}

static void
ea_endpoint_finalize (GObject *object)
{
  EaEndpoint *self = EA_ENDPOINT (object);

  ea_chain_clear (&self->chain);
  g_free (self->name);
  g_free (self->eid);
  g_free (self->last_eid);
  G_OBJECT_CLASS (ea_endpoint_parent_class)->finalize (object);
}

static guint
new_news (const char *name)
{
  return g_signal_new (name, EA_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       0);
}

static void
ea_endpoint_class_init (EaEndpointClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_endpoint_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_endpoint_finalize;
  signals[SIGNAL_SESSION_TRIGGERED]
      = g_signal_new ("session-triggered", EA_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_INT, 1, G_TYPE_POINTER);
  signals[SIGNAL_PUSH] = g_signal_new ("push", EA_TYPE_ENDPOINT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_UINT, 1, G_TYPE_POINTER);
  signals[SIGNAL_COMMAND_ANSWERED] = new_news ("command-answered");
  signals[SIGNAL_ROOM] = new_news ("room");
  signals[SIGNAL_IDLE] = new_news ("idle");
}

static void
ea_endpoint_init (EaEndpoint *self)
{
  self->refusals_answered = (EaRateLimit){ .burst = EA_ENDPOINT_REFUSALS_ANSWERED_MAX,
                                           .interval_us = REFUSALS_ANSWERED_INTERVAL_US };
}

EaEndpoint *
ea_endpoint_new (const EaEndpointOptions *options)
{
  EaEndpoint *self = g_object_new (EA_TYPE_ENDPOINT, NULL);

  self->modem = g_object_ref (options->modem);
  self->card = g_object_ref (options->card);
  self->keys = g_object_ref (options->keys);
  self->outbox = g_object_ref (options->outbox);
  self->store = options->store;
  self->name = g_strdup (options->name);
  self->activity = g_object_ref (options->activity);
  self->context = options->context;
  self->answers = ea_answers_new (self->store, self->name, self->context);
  ea_chain_init (&self->chain, self->store, self->name);
  g_signal_connect_object (self->modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  g_signal_connect_object (self->answers, "removed", G_CALLBACK (ea_endpoint_signal_room), self,
                           G_CONNECT_SWAPPED);
  /* Jobs may have waited for a key. */
  g_signal_connect_object (self->keys, "changed", G_CALLBACK (ea_endpoint_go_on), self,
                           G_CONNECT_SWAPPED);
  return self;
}
