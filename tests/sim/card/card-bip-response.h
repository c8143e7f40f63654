/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Terminal responses to the commands of card-bip.c, ETSI TS 102 223 §6.8. */

/* General results of §8.12: below the first one the command was performed. */
#define SIM_BIP_RESULT_FIRST_FAILURE 0x10
#define SIM_BIP_RESULT_TERMINAL_UNABLE 0x20

/* "Command not understood" when there is no result */
guint8 sim_bip_response_get_result (EaSpan response);

/* BIP error 04: there is no room for the data of a SEND DATA. */
gboolean sim_bip_response_is_buffer_full (EaSpan response);

/* Of the channel status; 0 when there is none */
guint8 sim_bip_response_get_channel (EaSpan response);

/* @otherwise when the response has none */
guint16 sim_bip_response_get_buffer_size (EaSpan response, guint16 otherwise);

/* Channel data length of a response or an event; 0 when there is none, FF for 255 and more */
guint8 sim_bip_response_get_length (EaSpan response);

/**
 * sim_bip_response_read_data:
 * @n_asked: octets that RECEIVE DATA asked for
 * @data: (out): borrows from @response; untouched on failure
 *
 * Returns: FALSE when one of the objects has a length that is not coded in the shortest form, when
 * they don't end with @response, when channel data or its length is missing, or when there are too
 * many data
 */
gboolean sim_bip_response_read_data (EaSpan response, gsize n_asked, EaSpan *data);
