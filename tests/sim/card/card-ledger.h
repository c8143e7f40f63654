/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What the card has executed outside of the toolkit, for a test that counts how often a command ran. It
 * outlives resets of the card and those who sent the commands.
 */

typedef struct
{
  GQueue lines; /* of char* */
  guint n_lost; /* lines for which there was no room */
} SimLedger;

void sim_ledger_init (SimLedger *ledger);
void sim_ledger_clear (SimLedger *ledger);

/**
 * sim_ledger_add:
 * @channel: logical channel
 * @aid: of the application that was selected there before the command; empty: none
 * @command: the C-APDU as it came
 */
void sim_ledger_add (SimLedger *ledger, guint channel, EaSpan aid, EaSpan command, guint16 sw);

/* (transfer full): "CHANNEL AID|- C-APDU SW" in order, each line with its end; empty afterwards. When lines
 * were lost, all that there is to say is "error …" without an end. */
char *sim_ledger_take (SimLedger *ledger);
