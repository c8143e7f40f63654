/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/keys.h"
#include "core/push-trigger.h"
#include "core/push.h"
#include "core/scp80-seal.h"
#include "core/script-run.h"
#include "session/chain.h"
#include "session/endpoint.h"
#include "session/job.h"
#include "session/proof.h"
#include "session/rate-limit.h"

/* What the files of EaEndpoint share: endpoint.c takes packets, endpoint-queue.c begins and ends jobs, and endpoint-run.c
 * carries one out, and endpoint-answer.c answers. */

typedef struct _EaEndpointRun EaEndpointRun;

/* A job that is being carried out */
struct _EaEndpointRun
{
  EaEndpoint *endpoint; /* borrowed; NULL: it is gone */
  EaJob *job;
  EaScp80Packet packet;
  EaScp80Target target;
  EaScp80Contents contents;
  EaScriptRun script;
  guint n_recorded;      /* responses that are durable */
  gboolean is_in_flight; /* a command has no response yet */
  gboolean is_stuck;     /* the store does not work */
  gboolean is_interrupted;
  gboolean lacks_key;      /* its answer waits for one */
  gboolean is_follower;    /* goes on with the channel of another script */
  gboolean has_left_state; /* on its channel */
  gboolean is_on_card;
  EaScp80Status status;
  guint channel; /* that is still open at its end */
};

struct _EaEndpoint
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaKeyRing *keys;
  EaOutbox *outbox;
  EaAnswers *answers;
  EaStore *store;
  char *name;
  EaActivity *activity;
  const EaLogContext *context;
  EaLogContext log;

  char *eid;      /* NULL: not known */
  char *last_eid; /* that was known; NULL: none was */
  EaChain chain;
  guint chain_id;     /* the time-out of the chain's channel */
  EaEndpointRun *run; /* the job that is being carried out */
  guint n_refused;    /* channels, since there was one */
  guint retry_id;
  gboolean is_draining;
  EaRateLimit refusals_answered;
};

/* What a message about a packet has that came by @path; until it is asked again */
const EaLogContext *ea_endpoint_get_log (EaEndpoint *self, const EaReturnPath *path);

/* (nullable): the key set for @target */
const EaKeysScp80 *ea_endpoint_find_keys (EaEndpoint *self, const EaScp80Target *target);

/* (transfer full) (nullable): the AID that @tar stands for; NULL: there is no such application */
GBytes *ea_endpoint_find_application (const EaKeysScp80 *set, guint32 tar);

/**
 * ea_endpoint_answer:
 * @proof: its keys are found here
 * @packet: the command packet as it came
 *
 * Adds @proof to @change, if it is wanted and can be made. FALSE when there is no room for it; what there is goes out
 * with ea_endpoint_send_answers(), once @change is made.
 */
gboolean ea_endpoint_answer (EaEndpoint *self, const EaProof *proof, EaSpan packet,
                             EaStoreChange *change, GError **error);
void ea_endpoint_send_answers (EaEndpoint *self);

/* The chain's channel is closed, and the chain ends unless it is kept. */
void ea_endpoint_close_chain (EaEndpoint *self);

/* The oldest job begins, if none runs. */
void ea_endpoint_pump (EaEndpoint *self);

/* The same, and whoever waits for the jobs hears of it when none runs then. */
void ea_endpoint_go_on (EaEndpoint *self);

/* A run ends where it is; what is stored stays. */
EaEndpointRun *ea_endpoint_run_new (EaEndpoint *self, EaJob *job);
void ea_endpoint_run_free (EaEndpointRun *run);

/* What the packet says is carried out: the job is finished, or the card has the run, or it waits. */
void ea_endpoint_run_begin (EaEndpointRun *run);

/* Makes the responses durable that are not yet. FALSE: the store does not work, so the run is stuck. */
gboolean ea_endpoint_run_save (EaEndpointRun *run);
void ea_endpoint_run_note_failure (EaEndpointRun *run, const GError *error);

/* The end of the job, with its proof of receipt: both or none. Without a key the job stays. */
void ea_endpoint_finish (EaEndpointRun *run, EaScp80Status status, EaSpan response);

/* What becomes of a run that stands: it has ended, or it gives way to a new beginning from the store. */
void ea_endpoint_settle (EaEndpointRun *run);

/* The channel that a chain has kept open, which is the caller's now; 0: none */
guint ea_endpoint_steal_channel (EaEndpoint *self);

EaEndpointVerdict ea_endpoint_signal_trigger (EaEndpoint *self, const EaPushTrigger *trigger);
guint16 ea_endpoint_signal_push (EaEndpoint *self, const EaPush *push);
void ea_endpoint_signal_command_answered (EaEndpoint *self);
void ea_endpoint_signal_room (EaEndpoint *self);
void ea_endpoint_signal_idle (EaEndpoint *self);
