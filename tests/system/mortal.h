/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "https-rig.h"

/*
 * An agent that dies at a random operation of its store, again and again, while the simulated SM-SR sends it scripts of
 * commands that are all different. The ledger of the card, which nothing of this touches, says what was run: no command twice;
 * all of them where the SM-SR has got its response; and up to the one that was answered as interrupted where it says so.
 *
 * EA_TEST_KILLS  how often it dies
 * EA_TEST_SEED   of the dice; it is printed
 */

/**
 * Mortal:
 * @operations_max: of the store, from the start to the end of a script, and some more
 * @n_wanted: kills of the campaign
 * @n_commands: of all scripts
 * @runs: numbers of the commands that ran
 * @is_mortal: the agent that lives now
 * @reply: of the SM-SR to the script that was sent last
 */
typedef struct
{
  Rig *rig;
  guint operations_max;
  guint n_wanted;
  char *directory; /* of the rig, without symbolic links */
  GRand *dice;
  guint n_kills;
  guint n_until_renewal; /* kills */
  guint n_scripts;
  guint n_commands;
  guint n_interrupted;
  GHashTable *runs;
  gboolean is_mortal;
  gboolean has_ended;
  char *reply;
} Mortal;

/* @n_otherwise: kills where the environment does not say how many */
void mortal_init (Mortal *self, Rig *rig, guint n_otherwise, guint operations_max);
void mortal_clear (Mortal *self);

/* A script of 1 to 40 commands, which the simulator numbers from 1 on; one agent after the other dies until the SM-SR has its
 * word. Returns: the number of its first command */
guint mortal_send (Mortal *self, const char *via);

/* Fails the test unless @verdict, of the SM-SR upon the commands from @first on, is what the ledger says. */
void mortal_judge (Mortal *self, const char *verdict, guint first);

/*
 * Who dies between the modem's grant of a client id and its record leaves the id to nobody, and firmware has but a few
 * for the toolkit: from time to time the modem is started anew, as it would have to be. TRUE: it was, and there is no agent.
 */
gboolean mortal_renew_modem (Mortal *self);

/* TRUE until the agent has died as often as it has to. It fails the test when it dies too seldom. */
gboolean mortal_goes_on (Mortal *self);
