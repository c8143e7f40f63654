/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"

/*
 * What firmware does when the card asks for a REFRESH (TS 102 223 §6.4.7), or when it resets the card
 * for another reason: a sequence of indications and card states that takes some 100 ms.
 */

SimRefresh *sim_refresh_new (SimModem *modem);
void sim_refresh_free (SimRefresh *refresh);

/* Begins what this REFRESH command asks for, after its TERMINAL RESPONSE. */
void sim_refresh_execute (SimRefresh *refresh, EaSpan command);

/* Clients have to agree to the next refresh that the card asks for, or one of them has to. */
void sim_refresh_want_vote (SimRefresh *refresh);

/* A client votes; the first vote counts. FALSE: none was asked for. */
gboolean sim_refresh_vote (SimRefresh *refresh, gboolean is_agreed);

/* Resets the card as a REFRESH would. @reply: (transfer full) (nullable): "ok" when it is ready. */
void sim_refresh_reset (SimRefresh *refresh, SimReply *reply);

/* @reply: (transfer full): "ok" at the end of the next refresh, "error timeout" after 30 s, and
 * "error busy" when somebody waits already. */
void sim_refresh_wait (SimRefresh *refresh, SimReply *reply);

/* The card gets power: reset, TERMINAL PROFILE, ready. */
void sim_refresh_start_card (SimRefresh *refresh);

/* The card loses its power and gets it again, without a word of a refresh. */
void sim_refresh_restart_card (SimRefresh *refresh);

/* The card is taken out of the slot, and comes back and starts. */
void sim_refresh_take_card (SimRefresh *refresh);
void sim_refresh_insert_card (SimRefresh *refresh);

/* Clients are told of the start or of the end of a reset, and nothing else happens. */
void sim_refresh_tell (SimRefresh *refresh, gboolean is_start);

/* The end of the next @count refreshes is not told. */
void sim_refresh_fail_end (SimRefresh *refresh, guint count);

/* FALSE: nothing can be asked for, nor reset: there is no card in the slot, or no power. */
gboolean sim_refresh_has_card (const SimRefresh *refresh);

/* TRUE from the command until the last step: no message is delivered meanwhile. */
gboolean sim_refresh_is_running (const SimRefresh *refresh);

/* The card loses its power: whatever was going on is over. */
void sim_refresh_cancel (SimRefresh *refresh);
