/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "https-rig.h"

/*
 * The agent dies at a random operation of its store, again and again, while the simulated SM-SR sends it scripts. Each life
 * goes on with the session that the one before has left: the ledger of the card has no command twice, the SM-SR has an
 * answer to each, be it that nobody knows what became of it, and in the end no session, and no answer, is left.
 *
 * EA_TEST_KILLS  how often it dies (default: 10)
 * EA_TEST_SEED   of the dice; it is printed
 *
 * @via: what the scripts go over
 */
void kill_rig_run (Rig *rig, const char *via);
