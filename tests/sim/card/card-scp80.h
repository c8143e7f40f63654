/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "card-private.h"

/* Secured packets on the card: 3GPP TS 31.111 §7.1.1, TS 31.115, ETSI TS 102 225. */

/**
 * sim_card_download:
 * @body: value of the ENVELOPE's D1 object (SMS-PP DOWNLOAD)
 * @data: a response packet for the SMS-DELIVER-REPORT is appended here
 *
 * Returns: the status word of the ENVELOPE. What does not verify is counted and met with silence.
 */
guint16 sim_card_download (SimCard *card, EaSpan body, GByteArray *data);

/* Receives one command packet in the form that it has in CAT_TP; a response packet is appended to
 * @data. */
void sim_card_receive_packet (SimCard *card, EaSpan packet, GByteArray *data);

/**
 * sim_card_run_script:
 * @application: @aid: who executes it: the ISD-R or an ISD-P that exists
 * @script: a command script in expanded format, TS 102 226 §5.2.1, or with the TLVs of SCP03t, which
 *   only an ISD-P takes
 *
 * Executes it up to the first command that fails.
 *
 * Returns: (transfer full): the response script
 */
GBytes *sim_card_run_script (SimCard *card, SimApplication application, EaSpan aid, EaSpan script);
