/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "modem.h"

/*
 * The control socket: one command a line, many clients at once. A client's next command is read when
 * the one before has its reply.
 */

typedef struct _SimControl SimControl;

/* @modems: (element-type SimModem): borrowed; outlives the control.
 * Errors: G_IO_ERROR when the socket can't be made. */
SimControl *sim_control_new (const char *path, GPtrArray *modems, GError **error);
void sim_control_free (SimControl *control);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimControl, sim_control_free)

/* @line: a command; @reply: (transfer full) */
void sim_command_run (GPtrArray *modems, const char *line, SimReply *reply);
