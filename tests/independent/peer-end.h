/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "card/sim-cattp.h"
#include "cattp-net.h"

/* A machine of the simulator is end @i of @net. */
void peer_end_set (CattpNet *net, guint i, SimCattp *machine,
                   void (*take_news) (gpointer machine, gpointer user_data, gint64 now_us),
                   gpointer user_data);
