/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libmm-glib.h>

/* ModemManager with any number of modems, of which there is nothing but the ports and the device, played by its own
 * library's skeletons on a bus. */

typedef struct _FakePortManager FakePortManager;

FakePortManager *fake_port_manager_new (GDBusConnection *connection);
void fake_port_manager_free (FakePortManager *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakePortManager, fake_port_manager_free)

/* The object Modem/@number: @device is what ModemManager calls physical, @port a port's name. */
void fake_port_manager_add (FakePortManager *self, guint number, const char *device,
                            const char *port, MMModemPortType type);
void fake_port_manager_remove (FakePortManager *self, guint number);
