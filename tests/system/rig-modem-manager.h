/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

#include "rig.h"

/*
 * A ModemManager that manages the modem of a rig, and uses its messaging when the modem is enabled; played by its own
 * library's skeletons.
 */

#define RIG_MODEM_PATH "/org/freedesktop/ModemManager1/Modem/0"

/* What the simulator's state says of the route of class-2 messages: the host acknowledges, or the modem has. */
#define RIG_ROUTE_TO_HOST "\"class\":2,\"storage\":255,\"action\":2"
#define RIG_ROUTE_ACKNOWLEDGED "\"class\":2,\"storage\":255,\"action\":3"

typedef struct
{
  GDBusObjectManagerServer *server;
  MmGdbusModem *modem;
  guint name;
} RigModemManager;

/* Has the rig's modem under the name of its node, enabled or not; the simulator is there before. */
RigModemManager *rig_start_modem_manager (Rig *rig, MMModemState modem_state);

void rig_stop_modem_manager (RigModemManager *self);
