/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "https-rig.h"

/*
 * A mortal agent (mortal.h) gets scripts in sessions of its own. Each life goes on with the session that the one before has
 * left: the SM-SR has an answer to each script, be it that nobody knows what became of it, and in the end no session, and no
 * answer, is left.
 *
 * @via: what the scripts go over
 */
void kill_rig_run (Rig *rig, const char *via);
