/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"

/*
 * The toolkit of the modem's firmware (ETSI TS 102 223): it fetches proactive commands, gives each to
 * the client that registered for it or executes it, and brings the TERMINAL RESPONSE to the card. At
 * most one command is open at a time.
 */

/* Modes of Set Configuration that make a difference here. */
#define SIM_CAT_MODE_DISABLED 0
#define SIM_CAT_MODE_GOBI 1 /* a terminal profile without bearer independent protocol */
#define SIM_CAT_MODE_ANDROID 2
#define SIM_CAT_MODE_CUSTOM_RAW 5
#define SIM_CAT_MODE_LAST 6

SimTerminal *sim_terminal_new (SimModem *modem);
void sim_terminal_free (SimTerminal *terminal);

/* The card may have a proactive command now: it is fetched as soon as the main loop is idle. */
void sim_terminal_poke (SimTerminal *terminal);

/* TERMINAL PROFILE after an answer to reset; a configuration that was set becomes effective. */
void sim_terminal_download_profile (SimTerminal *terminal);

/* The card was reset or lost its power: an open command has gone with the session. */
void sim_terminal_end_session (SimTerminal *terminal);

/**
 * sim_terminal_queue:
 * @command: a proactive command, D0…
 * @reply: (transfer full): "ok HEX" with the TERMINAL RESPONSE of a host, "ok firmware HEX" with the
 *   firmware's, "error timeout" after 30 s
 */
void sim_terminal_queue (SimTerminal *terminal, GBytes *command, SimReply *reply);

/**
 * sim_terminal_answer:
 * @reference: as in the Event Report
 * @terminal_response: from its command details on
 * @response: (out) (transfer full) (nullable): the card's R-APDU when it was asked
 *
 * A client's TERMINAL RESPONSE. One that the card refuses leaves the command open.
 *
 * Errors: SIM_QMI_CAT_INVALID_TERMINAL_RESPONSE.
 */
SimQmiError sim_terminal_answer (SimTerminal *terminal, const SimClient *client, guint32 reference,
                                 EaSpan terminal_response, GBytes **response);

/* @client goes away: the firmware answers a command that was its. */
void sim_terminal_forget_client (SimTerminal *terminal, const SimClient *client);

/* @mode: 0 to SIM_CAT_MODE_LAST; @profile: used in mode 5 only; both are effective after the next reset of the card. */
void sim_terminal_configure (SimTerminal *terminal, guint8 mode, EaSpan profile);
guint8 sim_terminal_get_mode (SimTerminal *terminal);
EaSpan sim_terminal_get_custom_profile (SimTerminal *terminal);
EaSpan sim_terminal_get_profile (SimTerminal *terminal);

/* The registration may be another one: firmware tells the card where it is the terminal. */
void sim_terminal_take_network (SimTerminal *terminal);
