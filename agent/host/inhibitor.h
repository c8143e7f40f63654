/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaInhibitor: the system does not go to sleep while somebody holds it, by an inhibitor lock of the login manager
 * (org.freedesktop.login1, mode "block"). That is never started from here. Where it is absent or refuses there
 * is no lock, and everything else goes on.
 *
 * The lock is asked for without waiting, and taken anew when the login manager restarts.
 *
 * Signal "failed" (const GError *error): there is no lock, and why. Once, until there was one or
 * another login manager came.
 */

#define EA_TYPE_INHIBITOR (ea_inhibitor_get_type ())
G_DECLARE_FINAL_TYPE (EaInhibitor, ea_inhibitor, EA, INHIBITOR, GObject)

/* @connection: the bus where the login manager is or may come */
EaInhibitor *ea_inhibitor_new (GDBusConnection *connection);

/**
 * ea_inhibitor_hold:
 * @why: for people who list locks, such as "A channel of the eUICC is open"; that of the first hold counts
 *
 * Each hold wants one release.
 */
void ea_inhibitor_hold (EaInhibitor *self, const char *why);
void ea_inhibitor_release (EaInhibitor *self);

/* TRUE while there is a lock. */
gboolean ea_inhibitor_is_locked (EaInhibitor *self);

G_END_DECLS
