/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/report.h"

/*
 * The sentences of `euiccctl monitor`, without the time and without the name of the eUICC, which stand in front of them. All
 * are (transfer full); (nullable): %NULL where there is nothing that people would want to be told.
 */

/* @value: what @property of @proxy, an eUICC, a channel or a session, has become */
char *ea_story_tell_property (GDBusProxy *proxy, const char *property, GVariant *value);

/* @reason: as of the signal ProfileChanged */
char *ea_story_tell_switch (const char *old_iccid, const char *new_iccid, const char *reason);

/* What is there before anything happens; what has come; what is on its way; how it ended */
char *ea_story_tell_present (GDBusProxy *proxy);
char *ea_story_tell_new (GDBusProxy *proxy);
char *ea_story_tell_progress (GDBusProxy *proxy);
char *ea_story_tell_end (GDBusProxy *proxy);

/* Of a property, as people would write it; of an error its sentence */
char *ea_story_format_value (GVariant *value);

/* (nullable): the state that gives a sentence about @property its colour */
const char *ea_story_get_mood (GDBusProxy *proxy, const char *property);
