/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * org.freedesktop.PolicyKit1 that authorizes everybody for everything, in the caller's main loop.
 */

/* Returns the id of the name; @object (out): the id of the object */
guint lenient_polkit_start (GDBusConnection *connection, guint *object);

void lenient_polkit_stop (GDBusConnection *connection, guint name, guint object);
