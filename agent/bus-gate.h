/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaBusGate: what callers may make the agent keep for them.
 *
 * GDBus reads calls as fast as the bus hands them over and keeps replies until the bus takes them, without a limit of its
 * own. Here a call is refused with LimitExceeded, before anything looks at it, when it is too long or when too many wait
 * for their replies; one that wants no reply is dropped then. However many there are, a caller may always have one call
 * waiting, so that nobody can keep others away.
 *
 * A call waits until its reply goes to the bus, or, when it wants none, until the main loop comes to it. Refusals are
 * bounded by the bus, which lets a connection wait for so many replies (max_replies_per_connection: 128 on a system bus).
 */

/* Bytes of a call, its header with it: more than OpenSession can mean */
#define EA_BUS_GATE_SIZE_MAX 32768

/* Calls of one caller, and of all, that wait */
#define EA_BUS_GATE_CALLER_MAX 64
#define EA_BUS_GATE_CALLS_MAX 256

typedef struct _EaBusGate EaBusGate;

/* Stands at @connection from now on; calls are dispatched in the thread's default main context. */
EaBusGate *ea_bus_gate_new (GDBusConnection *connection);

/* Whatever waits still goes its way. */
void ea_bus_gate_free (EaBusGate *self);

G_END_DECLS
