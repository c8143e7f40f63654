/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * EaPasswordAgent: who may do something with a password only is asked for it on the terminal, by polkit's pkttyagent, as long
 * as this lives.
 */
typedef GSubprocess EaPasswordAgent;

/* (transfer full) (nullable): %NULL where it is not needed (root), where nobody is there (no terminal), or where polkit's
 * program is not installed */
EaPasswordAgent *ea_password_agent_start (void);

/* @self: (nullable) (transfer full) */
void ea_password_agent_end (EaPasswordAgent *self);
