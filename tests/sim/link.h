/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "link-forward.h"

/*
 * A bad link between the host and the SM-SR: a network namespace in which the SM-SR is, an interface there
 * and one where the host is, and a process that carries packets between them. All of it ends with the
 * process that made it, however that ends.
 */

typedef struct _SimLink SimLink;

/**
 * sim_link_new:
 *
 * Leaves an interface in the network namespace of the caller, which enters another one for good: whatever it
 * opens from now on is at the other end. To be called before there are threads.
 *
 * Errors: G_IO_ERROR (no right to make interfaces and network namespaces).
 */
SimLink *sim_link_new (const SimLinkOptions *options, GError **error);
void sim_link_free (SimLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimLink, sim_link_free)

/* Borrowed */
const char *sim_link_get_smsr_address (const SimLink *link);

/* At the end of a JSON object: ,"link":{…} with the names and addresses of both ends, and SimLinkCounts of each lane */
void sim_link_append_json (const SimLink *link, GString *json);
