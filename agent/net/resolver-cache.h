/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* Answers that still hold, at most %EA_RESOLVER_CACHE_MAX. Time is that of g_get_monotonic_time(). */

typedef struct _EaResolverCache EaResolverCache;

EaResolverCache *ea_resolver_cache_new (void);
void ea_resolver_cache_free (EaResolverCache *self);

/* (transfer none) (nullable) (element-type GInetAddress): what was added under @key and holds */
GPtrArray *ea_resolver_cache_find (EaResolverCache *self, const char *key);

/**
 * ea_resolver_cache_add:
 * @key: all that the answer depends on
 * @addresses: (element-type GInetAddress): not changed by anyone from now on
 * @ttl_s: 0 is not kept
 *
 * Where there is no room, the answer that would end first goes.
 */
void ea_resolver_cache_add (EaResolverCache *self, const char *key, const char *name,
                            GPtrArray *addresses, guint ttl_s);

void ea_resolver_cache_forget (EaResolverCache *self, const char *name);
void ea_resolver_cache_flush (EaResolverCache *self);
