/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions on D-Bus. Their states are told one by one, although a skeleton would tell only the last of several. */

#include "bus-private.h"

/* The properties of org.euicc.Agent1.Session, in the skeleton and in EaSession. */
static const char *const session_properties[]
    = { "transport", "origin",  "peer",         "address",        "interface",  "state",
        "apdus",     "scripts", "attempt",      "bytes-received", "bytes-sent", "started-at",
        "ended-at",  "result",  "next-attempt", "error" };

static void
open_session (GDBusMethodInvocation *invocation, gpointer target)
{
  EaEuicc *euicc = EA_EUICC (target);
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  const char *transport;
  EaSession *session;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(&s@a{sv})", &transport,
                 &options);
  session = ea_euicc_open_session (euicc, transport, options, &error);
  if (session == NULL)
    ea_bus_return_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(o)", ea_bus_get_path (session)));
}

static gboolean
on_open_session (EaDbusEuicc *skeleton, GDBusMethodInvocation *invocation, const char *transport,
                 GVariant *options, gpointer user_data)
{
  ea_bus_admit (invocation, open_session, user_data);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
ea_bus_serve_sessions (EaEuicc *euicc, EaDbusEuicc *skeleton)
{
  g_signal_connect_object (skeleton, "handle-open-session", G_CALLBACK (on_open_session), euicc, 0);
}

static void
cancel (GDBusMethodInvocation *invocation, gpointer target)
{
  EaSession *session = EA_SESSION (target);
  g_autoptr (GError) error = NULL;

  if (ea_session_get_state (session) == EA_SESSION_CLOSED)
    {
      error = g_error_new_literal (EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID,
                                   "The session has ended already");
      ea_bus_return_error (invocation, error);
      return;
    }
  ea_session_cancel (session);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
on_cancel (EaDbusSession *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  ea_bus_admit (invocation, cancel, user_data);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

GDBusObjectSkeleton *
ea_bus_new_session (EaEuicc *euicc, EaSession *session, const char *path)
{
  EaDbusObjectSkeleton *object = ea_dbus_object_skeleton_new (path);
  g_autoptr (EaDbusSession) skeleton = ea_dbus_session_skeleton_new ();

  ea_dbus_session_set_euicc (skeleton, ea_bus_get_path (euicc));
  ea_bus_bind (session, skeleton, session_properties, G_N_ELEMENTS (session_properties));
  /* The skeleton has this state already: it is bound first. */
  ea_bus_flush_on (session, "notify::state", skeleton);
  g_signal_connect_object (skeleton, "handle-cancel", G_CALLBACK (on_cancel), session, 0);
  ea_dbus_object_skeleton_set_session (object, skeleton);
  return G_DBUS_OBJECT_SKELETON (object);
}
