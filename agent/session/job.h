/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"
#include "session/return-path.h"

G_BEGIN_DECLS

/**
 * EaJob:
 * @record: its name in the store
 * @eid: of the eUICC that it is for
 * @path: for its answer
 * @packet: the command packet, sealed as it came
 * @responses: (element-type GBytes): R-APDUs of the commands so far. An empty one at the end is that of a
 *   command whose outcome is not known
 *
 * A command packet that was accepted, and how far its script has come. The counter is counted, so it is either
 * carried on or answered, whatever happens to the agent. What the packet says is never stored in clear;
 * the responses are.
 *
 * Records are "job-NAME-NUMBER" for the packet and "job-NAME-NUMBER.INDEX" for each response.
 */
typedef struct
{
  char *record;
  char *eid;
  EaReturnPath path;
  GBytes *packet;
  GPtrArray *responses;
} EaJob;

/* Jobs of one eUICC that wait at most */
#define EA_JOBS_MAX 16

void ea_job_free (EaJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaJob, ea_job_free)

/* (transfer full): names of the jobs that there are, the oldest first. @name: of this eUICC's records */
GStrv ea_job_list (EaStore *store, const char *name);

/**
 * ea_job_new:
 *
 * Returns: (transfer full) (nullable): a job that comes after all that there are, durable once @change is made
 *
 * Errors: EA_STORE_ERROR_FULL (%EA_JOBS_MAX wait), EA_CORE_ERROR_MALFORMED (originator of @path).
 */
EaJob *ea_job_new (EaStore *store, const char *name, const char *eid, const EaReturnPath *path,
                   EaSpan packet, EaStoreChange *change, GError **error);

/* TRUE when a job of this eUICC is for @sdu, a packet in the CAT_TP form, from @peer. */
gboolean ea_job_has_sdu (EaStore *store, const char *name, const char *eid, const char *peer,
                         EaSpan sdu);

/* TRUE when a job of this eUICC is for any packet from @peer. */
gboolean ea_job_has_peer (EaStore *store, const char *name, const char *eid, const char *peer);

/* (transfer full) (nullable): a job of ea_job_list(). Errors: as ea_store_read(), EA_STORE_ERROR_DAMAGED. */
EaJob *ea_job_read (EaStore *store, const char *record, GError **error);

/* @index: of the command; @response: empty when it is about to be run. Durable once @change is made. */
void ea_job_write_response (const EaJob *job, guint index, GBytes *response, EaStoreChange *change);

/* There is no such job once @change is made. */
void ea_job_remove (EaStore *store, const char *record, EaStoreChange *change);

G_END_DECLS
