/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"

G_BEGIN_DECLS

/*
 * Which profiles an eUICC has had enabled, the newest last, with the time and the reason of each change. It outlives the
 * agent (record "profiles-EID"), so that a change is seen that was made while nobody looked.
 */

/* Changes that are kept; the oldest are forgotten. */
#define EA_PROFILE_HISTORY_MAX 32

/* Reasons of a change */
#define EA_PROFILE_REASON_FIRST "first"         /* none: the first that was seen */
#define EA_PROFILE_REASON_SM_SR "sm-sr"         /* the SM-SR has enabled or disabled a profile */
#define EA_PROFILE_REASON_FALL_BACK "fall-back" /* the eUICC, since it had no network */
#define EA_PROFILE_REASON_ROLL_BACK "roll-back" /* the eUICC, since a switch did not succeed */
#define EA_PROFILE_REASON_LOCAL "local"         /* somebody at this gateway */
#define EA_PROFILE_REASON_UNKNOWN "unknown" /* while the agent was away, or did not see orders */

/**
 * EaProfileChange:
 * @time_us: microseconds of real time
 * @iccid: of the profile that was found enabled
 * @reason: a word, as of the signal ProfileChanged
 */
typedef struct
{
  guint64 time_us;
  char *iccid;
  char *reason;
} EaProfileChange;

typedef struct _EaProfileHistory EaProfileHistory;

/* @store: borrowed for the life of the history. A record that can't be read is none. */
EaProfileHistory *ea_profile_history_new (EaStore *store, const char *eid);
void ea_profile_history_free (EaProfileHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaProfileHistory, ea_profile_history_free)

guint ea_profile_history_count (const EaProfileHistory *self);

/* (transfer none) (nullable): a change, counted back from the last, which is 0; %NULL: there is
 * none */
const EaProfileChange *ea_profile_history_get (const EaProfileHistory *self, guint back);

/* Errors: as ea_store_write(); the change is known in this life all the same. */
gboolean ea_profile_history_add (EaProfileHistory *self, guint64 time_us, const char *iccid,
                                 const char *reason, GError **error);

/* The last change had another reason, as shows only now. Errors: as ea_store_write(). */
gboolean ea_profile_history_amend (EaProfileHistory *self, const char *reason, GError **error);

/* (nullable): the ICCID that whoever manages the eUICC has chosen last, be it enabled or not:
 * that of the last change which the eUICC did not make by itself; %NULL: none is known */
const char *ea_profile_history_get_intended (const EaProfileHistory *self);

G_END_DECLS
