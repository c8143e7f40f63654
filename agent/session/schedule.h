/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"

G_BEGIN_DECLS

/*
 * EaSchedule: something is due again and again, at most once in an interval, and at another time on each gateway: a
 * random part of a spread comes on top each time, so that a fleet does not come as one. When it was due last is durable
 * (record "schedule-NAME"): a gateway that is switched off at night is not forgotten, and one that restarts often does
 * not come often.
 *
 * Signal "due" ()
 */

#define EA_TYPE_SCHEDULE (ea_schedule_get_type ())
G_DECLARE_FINAL_TYPE (EaSchedule, ea_schedule, EA, SCHEDULE, GObject)

/* @store: borrowed for the life of the process */
EaSchedule *ea_schedule_new (EaStore *store, const char *name);

/* @interval_s: 0: nothing is due any more. What was set before does not matter: the same values again change nothing. */
void ea_schedule_set (EaSchedule *self, guint interval_s, guint spread_s);

G_END_DECLS
