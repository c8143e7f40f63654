/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lenient-polkit.h"

#define NAME "org.freedesktop.PolicyKit1"
#define PATH "/org/freedesktop/PolicyKit1/Authority"

static const char introspection[] = "<node><interface name='org.freedesktop.PolicyKit1.Authority'>"
                                    "<method name='CheckAuthorization'>"
                                    "<arg name='subject' type='(sa{sv})' direction='in'/>"
                                    "<arg name='action_id' type='s' direction='in'/>"
                                    "<arg name='details' type='a{ss}' direction='in'/>"
                                    "<arg name='flags' type='u' direction='in'/>"
                                    "<arg name='cancellation_id' type='s' direction='in'/>"
                                    "<arg name='result' type='(bba{ss})' direction='out'/>"
                                    "</method></interface></node>";

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new_parsed ("((true, false, @a{ss} {}),)"));
}

static const GDBusInterfaceVTable vtable = { .method_call = on_call };

guint
lenient_polkit_start (GDBusConnection *connection, guint *object)
{
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);

  *object = g_dbus_connection_register_object (connection, PATH, node->interfaces[0], &vtable, NULL,
                                               NULL, NULL);
  return g_bus_own_name_on_connection (connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL,
                                       NULL, NULL);
}

void
lenient_polkit_stop (GDBusConnection *connection, guint name, guint object)
{
  g_bus_unown_name (name);
  g_dbus_connection_unregister_object (connection, object);
}
