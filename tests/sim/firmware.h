/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"
#include "proactive.h"

/*
 * How the modem's firmware executes proactive commands that no client has registered for. It has no
 * user and no bearer independent protocol of its own.
 */

typedef struct _SimFirmware SimFirmware;

SimFirmware *sim_firmware_new (SimModem *modem);
void sim_firmware_free (SimFirmware *firmware);

/* (transfer full): the TERMINAL RESPONSE, from its command details on */
GBytes *sim_firmware_execute (SimFirmware *firmware, const SimProactive *command);

/* The registration may be another one: the card is told if it wants to know. */
void sim_firmware_take_network (SimFirmware *firmware);

/* The card was reset: its timers are gone. */
void sim_firmware_reset (SimFirmware *firmware);
