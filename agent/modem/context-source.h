/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ea_context_source_new:
 * @context: made with %G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING. Its sources need neither descriptors nor time and are
 *   ready from the beginning, as those by which GDBus hands over what it has received
 *
 * Dispatches the sources of @context among those of the context that it is attached to.
 *
 * Returns: (transfer full)
 */
GSource *ea_context_source_new (GMainContext *context);

G_END_DECLS
