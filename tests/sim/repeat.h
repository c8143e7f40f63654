/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "terminal.h"

/*
 * Proactive commands that the card has in turn, again and again. It always has the next one when a response
 * comes, as a card with much to transfer.
 */

/**
 * sim_repeat_start:
 * @commands: (element-type GBytes): at least one, D0…; a reference is kept
 * @count: at least 1: how often each comes
 * @reply: (transfer full): "ok RESULT=N… bytes=N" with the general results of the TERMINAL RESPONSEs and the
 *   size of all channel data in them; the error when a command has none, which is the last one then
 */
void sim_repeat_start (SimTerminal *terminal, GPtrArray *commands, guint count, SimReply *reply);
