/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "hostility.h"

/* What a hostile modem makes of a QMUX frame. */

/**
 * sim_hostile_frame_spoil:
 * @self: one that strikes
 * @frame: whole and right
 * @late_ms: (out): when it is to be sent, and others before it; 0: in its turn
 *
 * Returns: (transfer full) (nullable): what is sent instead, which may be several frames or none whole; %NULL: nothing
 */
GBytes *sim_hostile_frame_spoil (SimHostility *self, GBytes *frame, guint *late_ms);
