/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "endpoint-rig.h"

/*
 * An agent that ends at a change of the store: what is durable by then is taken to another directory, where the next life
 * begins, while the first one has already done what comes before the change.
 */

/**
 * EndpointLife:
 * @diary: what the modem was asked for until it ended
 */
typedef struct
{
  EndpointRig *rig;
  char *directory; /* what it left; NULL: it has not ended, or the next one has begun */
  char *diary;
} EndpointLife;

/* (transfer full): one that will end before change @number, from 1, is made. Calls of the modem get @answer. */
EndpointLife *endpoint_life_new (guint number, const char *answer);
void endpoint_life_free (EndpointLife *life);

/* After all that was to be done: the next life begins. Returns: FALSE when there was no such change, so that the first
 * goes on */
gboolean endpoint_life_end (EndpointLife *life);

/* Lines of @diary that begin with @prefix */
guint endpoint_life_count_lines (const char *diary, const char *prefix);

/* No command was sent in both lives, or twice in one. @after: the diary of the next life */
void endpoint_life_assert_sent_once (const EndpointLife *life, const char *after);
