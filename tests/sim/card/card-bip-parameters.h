/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What OPEN CHANNEL takes from a trigger: connection parameters of GlobalPlatform Amendment B §3.8.1
 * and the data of the push command of ETSI TS 102 226 §9.1. Both are COMPREHENSION-TLVs of TS 102
 * 223 §6.6.27.4.
 */

/**
 * sim_bip_complete_parameters:
 * @given: the trigger's objects, in any order and with any comprehension bits
 * @stored: what an earlier call returned, for what is not given; or nothing
 *
 * The bearer is the default one and the buffer has 1400 octets where neither says so.
 *
 * Returns: (transfer full) (nullable): the objects in the order of OPEN CHANNEL, tags without
 * comprehension bit; NULL when @given is not made of objects or there is no transport level or no
 * destination address
 */
GBytes *sim_bip_complete_parameters (EaSpan given, EaSpan stored);

/* Octets of the buffer that @parameters ask for */
guint16 sim_bip_get_buffer_size (EaSpan parameters);

/* Whether @parameters ask for datagrams (UDP) */
gboolean sim_bip_is_datagram (EaSpan parameters);
