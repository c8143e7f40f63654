/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* (transfer full): another connection to the bus of a test */
GDBusConnection *private_bus_connect (GTestDBus *bus);

/* Asks the bus something and waits for the answer: what was asked or told before has been answered or told then. */
void private_bus_round_trip (GDBusConnection *connection);
