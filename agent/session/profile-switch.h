/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "modem/modem.h"
#include "session/activity.h"

G_BEGIN_DECLS

/*
 * EaProfileSwitch: follows a refresh or a card that starts anew, and reads back which profile is there then.
 * A success status word proves nothing; EF_ICCID does.
 *
 * Signals:
 *   "began" ()                      what is known of the card may be wrong from now on
 *   "ended" (const char *iccid)     read back; NULL when it could not be read
 *
 * What is being read keeps a reference; g_object_run_dispose() ends it, without a signal.
 */

/* Attempts to read EF_ICCID of a card that has just come back, and the time between them. */
#define EA_PROFILE_SWITCH_ATTEMPTS 10
#define EA_PROFILE_SWITCH_INTERVAL_MS 500

/* After these attempts it is tried at this pace as long as the card is there. */
#define EA_PROFILE_SWITCH_SLOW_INTERVAL_S 30

/* A card that has not come back after this is told to be away; it is read when it is there. */
#define EA_PROFILE_SWITCH_LIMIT_S 20

#define EA_TYPE_PROFILE_SWITCH (ea_profile_switch_get_type ())
G_DECLARE_FINAL_TYPE (EaProfileSwitch, ea_profile_switch, EA, PROFILE_SWITCH, GObject)

/* @context: borrowed; what log messages are about */
EaProfileSwitch *ea_profile_switch_new (EaModem *modem, EaActivity *activity,
                                        const EaLogContext *context);

/* Begins now if the card is ready, else when it becomes so. */
void ea_profile_switch_start (EaProfileSwitch *self);

/* The end of a refresh is not waited for any more: the card is read now, unless it is being
 * read. */
void ea_profile_switch_skip_refresh (EaProfileSwitch *self);

G_END_DECLS
