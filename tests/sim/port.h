/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The modem's port: a pseudo terminal behind a symbolic link, carrying QMUX frames. Frames go out in
 * order, each not before its time.
 */

typedef struct _SimPort SimPort;

/* @frame: a whole QMUX frame, borrowed */
typedef void (*SimPortFunc) (EaSpan frame, gpointer user_data);

/* @link: path of the symbolic link; nothing is made yet. */
SimPort *sim_port_new (const char *link, SimPortFunc func, gpointer user_data);

/* Unplugs, too. */
void sim_port_free (SimPort *port);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimPort, sim_port_free)

/* The next link is another one; call only while unplugged. */
void sim_port_rename (SimPort *port, const char *link);

gboolean sim_port_is_plugged (const SimPort *port);

/* Makes the terminal and the link to it. Errors: G_FILE_ERROR. */
gboolean sim_port_plug (SimPort *port, GError **error);

/* Closes the terminal, so that whoever has it open sees a hang-up, and removes the link. Frames that
 * were not sent yet are lost. */
void sim_port_unplug (SimPort *port);

/* Sends @frame after @delay_ms, and after all frames given before. A port that is unplugged, or that
 * nobody reads for a megabyte, drops it. */
void sim_port_send (SimPort *port, GBytes *frame, guint delay_ms);
