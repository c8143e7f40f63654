/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus.h"
#include "ea-dbus-generated.h"

G_BEGIN_DECLS

/* What the files of the bus share: bus.c the agent and its objects, bus-session.c sessions,
 * bus-admission.c who may do what. */

/* Where an EaEuicc, EaChannel or EaSession keeps the path of its object */
#define EA_BUS_PATH_KEY "ea-bus-path"

/* The path of the object of @source; NULL: it is not exported. */
const char *ea_bus_get_path (gpointer source);

/* Properties of @source that @target has under the same names follow each other. */
void ea_bus_bind (gpointer source, gpointer target, const char *const *properties,
                  gsize n_properties);

/* Whenever @source emits @signal, @skeleton tells at once what it has to tell, and not from its idle. */
void ea_bus_flush_on (gpointer source, const char *signal, gpointer skeleton);

/* @object goes to the bus; what it still has to tell of @source is told before it leaves again. */
void ea_bus_export (GDBusObjectManagerServer *objects, GDBusObjectSkeleton *object,
                    gpointer source);
void ea_bus_unexport (GDBusObjectManagerServer *objects, gpointer source);

/* What a method does to @target, an object: it answers @invocation. */
typedef void (*EaBusDeed) (GDBusMethodInvocation *invocation, gpointer target);

/**
 * ea_bus_admit:
 * @target: (type GObject): it lives until @deed is done
 *
 * Every method comes through here, and nowhere else. Who calls has passed the bus's policy, which lets in root and the group
 * "euicc"; the table of bus-admission.c says what is asked beyond that. @deed is done when the caller is admitted, at once or
 * later, and else the answer is NotAuthorized.
 */
void ea_bus_admit (GDBusMethodInvocation *invocation, EaBusDeed deed, gpointer target);

/* Callers of methods of @connection are admitted from now on, and until then. */
void ea_bus_begin_admission (GDBusConnection *connection);
void ea_bus_end_admission (GDBusConnection *connection);

/* Answers with the name that the bus has for @error. */
void ea_bus_return_error (GDBusMethodInvocation *invocation, const GError *error);

/* The method OpenSession of @skeleton, which shows @euicc */
void ea_bus_serve_sessions (EaEuicc *euicc, EaDbusEuicc *skeleton);

/* (transfer full): an object at @path that shows @session of @euicc */
GDBusObjectSkeleton *ea_bus_new_session (EaEuicc *euicc, EaSession *session, const char *path);

G_END_DECLS
