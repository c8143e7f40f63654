/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/story.h"

/* What the files of the story share: story.c tells of eUICCs, story-channels.c and story-sessions.c of what they have. All
 * strings are (transfer full) and (nullable) but for ea_story_get_number(). */

/* @error: (ss): "sentence (Name)"; %NULL: nothing failed */
char *ea_story_format_error (GVariant *error);

/* "3", the end of a session's path */
const char *ea_story_get_number (GDBusProxy *proxy);

char *ea_story_tell_channel (EaDbusChannel *channel, const char *property, GVariant *value);
char *ea_story_tell_new_channel (EaDbusChannel *channel);
char *ea_story_tell_present_channel (EaDbusChannel *channel);

char *ea_story_tell_session (EaDbusSession *session, const char *property, GVariant *value);
char *ea_story_tell_new_session (EaDbusSession *session);
char *ea_story_tell_present_session (EaDbusSession *session);
char *ea_story_tell_end_of_session (EaDbusSession *session);
