/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "modem.h"

/*
 * What firmware tells the card of its own accord (ETSI TS 102 223 §7): timers that expire, and the Location
 * status event when the card has asked firmware for it. A card that is busy is told later.
 */

typedef struct _SimFirmwareEnvelope SimFirmwareEnvelope;

SimFirmwareEnvelope *sim_firmware_envelope_new (SimModem *modem);
void sim_firmware_envelope_free (SimFirmwareEnvelope *envelope);

/* The card was reset: it has asked for nothing. */
void sim_firmware_envelope_reset (SimFirmwareEnvelope *envelope);

/* @tag: of the outer object; @body: its value */
void sim_firmware_envelope_send (SimFirmwareEnvelope *envelope, guint8 tag, EaSpan body);

/* SET UP EVENT LIST, which firmware executes; @events: empty: none is wanted any more */
void sim_firmware_envelope_set_events (SimFirmwareEnvelope *envelope, EaSpan events);

/* The registration may be another one. */
void sim_firmware_envelope_take_network (SimFirmwareEnvelope *envelope);
