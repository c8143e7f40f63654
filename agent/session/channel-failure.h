/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bip-response.h"

/**
 * ea_channel_get_failure:
 * @error: of a bearer, a link or a listener
 * @is_server: the port is our own
 *
 * Returns: what the card is told about @error, TS 102 223 §8.12
 */
EaBipFailure ea_channel_get_failure (const GError *error, gboolean is_server);
