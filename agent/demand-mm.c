/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libmm-glib on demand: when ModemManager is on the bus.
 */

#include <libmm-glib.h>

#include "demand.h"

#define FORWARD(type, name, parameters, arguments)                                                 \
  EA_DEMAND ("libmm-glib.so.0", type, name, parameters, arguments)

/* clang-format off */
FORWARD (MMManager *, mm_manager_new_sync, (GDBusConnection *connection, GDBusObjectManagerClientFlags flags,
  GCancellable *cancellable, GError **error), (connection, flags, cancellable, error))
FORWARD (GQuark, mm_core_error_quark, (void), ())
FORWARD (GQuark, mm_connection_error_quark, (void), ())
FORWARD (GQuark, mm_mobile_equipment_error_quark, (void), ())

FORWARD (GType, mm_object_get_type, (void), ())
FORWARD (char *, mm_object_dup_path, (MMObject *self), (self))
FORWARD (MMModem *, mm_object_get_modem, (MMObject *self), (self))
FORWARD (MMModem *, mm_object_peek_modem, (MMObject *self), (self))
FORWARD (MMModem3gpp *, mm_object_peek_modem_3gpp, (MMObject *self), (self))
FORWARD (MMModemMessaging *, mm_object_peek_modem_messaging, (MMObject *self), (self))

FORWARD (GType, mm_modem_get_type, (void), ())
FORWARD (char *, mm_modem_dup_device, (MMModem *self), (self))
FORWARD (MMModemState, mm_modem_get_state, (MMModem *self), (self))
FORWARD (MMModemPowerState, mm_modem_get_power_state, (MMModem *self), (self))
FORWARD (gboolean, mm_modem_get_ports, (MMModem *self, MMModemPortInfo **ports, guint *n_ports), (self, ports,
  n_ports))
FORWARD (void, mm_modem_port_info_array_free, (MMModemPortInfo *array, guint array_size), (array, array_size))
FORWARD (const char *const *, mm_modem_get_bearer_paths, (MMModem *self), (self))
FORWARD (void, mm_modem_list_bearers, (MMModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
  gpointer user_data), (self, cancellable, callback, user_data))
FORWARD (GList *, mm_modem_list_bearers_finish, (MMModem *self, GAsyncResult *result, GError **error), (self, result,
  error))
FORWARD (void, mm_modem_create_bearer, (MMModem *self, MMBearerProperties *properties, GCancellable *cancellable,
  GAsyncReadyCallback callback, gpointer user_data), (self, properties, cancellable, callback, user_data))
FORWARD (MMBearer *, mm_modem_create_bearer_finish, (MMModem *self, GAsyncResult *result, GError **error), (self,
  result, error))
FORWARD (void, mm_modem_delete_bearer, (MMModem *self, const char *bearer, GCancellable *cancellable,
  GAsyncReadyCallback callback, gpointer user_data), (self, bearer, cancellable, callback, user_data))
FORWARD (gboolean, mm_modem_delete_bearer_finish, (MMModem *self, GAsyncResult *result, GError **error), (self,
  result, error))

FORWARD (GType, mm_modem_3gpp_get_type, (void), ())
FORWARD (void, mm_modem_3gpp_get_initial_eps_bearer, (MMModem3gpp *self, GCancellable *cancellable,
  GAsyncReadyCallback callback, gpointer user_data), (self, cancellable, callback, user_data))
FORWARD (MMBearer *, mm_modem_3gpp_get_initial_eps_bearer_finish, (MMModem3gpp *self, GAsyncResult *result, GError
  **error), (self, result, error))

FORWARD (GType, mm_bearer_get_type, (void), ())
FORWARD (const char *, mm_bearer_get_path, (MMBearer *self), (self))
FORWARD (const char *, mm_bearer_get_interface, (MMBearer *self), (self))
FORWARD (gboolean, mm_bearer_get_connected, (MMBearer *self), (self))
FORWARD (gboolean, mm_bearer_get_suspended, (MMBearer *self), (self))
FORWARD (GError *, mm_bearer_get_connection_error, (MMBearer *self), (self))
FORWARD (MMBearerProperties *, mm_bearer_get_properties, (MMBearer *self), (self))
FORWARD (MMBearerIpConfig *, mm_bearer_get_ipv4_config, (MMBearer *self), (self))
FORWARD (MMBearerIpConfig *, mm_bearer_get_ipv6_config, (MMBearer *self), (self))
FORWARD (void, mm_bearer_connect, (MMBearer *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer
  user_data), (self, cancellable, callback, user_data))
FORWARD (gboolean, mm_bearer_connect_finish, (MMBearer *self, GAsyncResult *result, GError **error), (self, result,
  error))

FORWARD (MMBearerIpMethod, mm_bearer_ip_config_get_method, (MMBearerIpConfig *self), (self))
FORWARD (const char *, mm_bearer_ip_config_get_address, (MMBearerIpConfig *self), (self))
FORWARD (const char **, mm_bearer_ip_config_get_dns, (MMBearerIpConfig *self), (self))

FORWARD (MMBearerProperties *, mm_bearer_properties_new, (void), ())
FORWARD (const char *, mm_bearer_properties_get_apn, (MMBearerProperties *self), (self))
FORWARD (void, mm_bearer_properties_set_apn, (MMBearerProperties *self, const char *apn), (self, apn))
FORWARD (void, mm_bearer_properties_set_ip_type, (MMBearerProperties *self, MMBearerIpFamily type), (self, type))
FORWARD (void, mm_bearer_properties_set_user, (MMBearerProperties *self, const char *user), (self, user))
FORWARD (void, mm_bearer_properties_set_password, (MMBearerProperties *self, const char *password), (self, password))
/* clang-format on */
