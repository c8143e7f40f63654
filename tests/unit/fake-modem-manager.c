/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fake-modem-manager.h"

#include <string.h>

#define ROOT "/org/freedesktop/ModemManager1"
#define MODEM_PATH ROOT "/Modem/0"
#define INITIAL_BEARER ROOT "/Bearer/100"

struct _FakeModemManager
{
  GDBusConnection *connection;
  GDBusObjectManagerServer *server;
  MmGdbusModem *modem;
  MmGdbusModem3gpp *modem_3gpp;
  MmGdbusBearer *initial; /* nullable */
  GPtrArray *bearers;     /* of MmGdbusBearer */
  guint n_made;
  guint name;
  char *interface;
  GError *refusal;
  gboolean is_held;
  GPtrArray *held; /* of GDBusMethodInvocation */
  GString *diary;
  char *read;
  guint n_lines;
};

static const char *
get_path (MmGdbusBearer *bearer)
{
  return g_dbus_interface_skeleton_get_object_path (G_DBUS_INTERFACE_SKELETON (bearer));
}

static void G_GNUC_PRINTF (2, 3) note (FakeModemManager *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (self->diary->len > 0)
    g_string_append_c (self->diary, '\n');
  g_string_append_vprintf (self->diary, format, arguments);
  va_end (arguments);
  self->n_lines++;
}

static void
list_bearers (FakeModemManager *self)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  for (guint i = 0; i < self->bearers->len; i++)
    g_ptr_array_add (paths, (gpointer) get_path (g_ptr_array_index (self->bearers, i)));
  g_ptr_array_add (paths, NULL);
  mm_gdbus_modem_set_bearers (self->modem, (const char *const *) paths->pdata);
}

static void
set_connected (MmGdbusBearer *bearer, const char *interface)
{
  mm_gdbus_bearer_set_interface (bearer, interface);
  mm_gdbus_bearer_set_ip4_config (bearer,
                                  g_variant_new_parsed ("{'method': <%u>, 'dns1': <'192.0.2.53'>}",
                                                        (guint32) MM_BEARER_IP_METHOD_STATIC));
  mm_gdbus_bearer_set_ip6_config (
      bearer, g_variant_new_parsed ("{'method': <%u>, 'dns1': <'2001:db8::53'>}",
                                    (guint32) MM_BEARER_IP_METHOD_STATIC));
  mm_gdbus_bearer_set_connected (bearer, TRUE);
}

static void
answer_connect (FakeModemManager *self, GDBusMethodInvocation *invocation)
{
  MmGdbusBearer *bearer
      = g_object_ref (g_object_get_data (G_OBJECT (invocation), FAKE_MODEM_MANAGER_NAME));

  if (self->refusal != NULL)
    g_dbus_method_invocation_return_gerror (invocation, self->refusal);
  else
    {
      /* As ModemManager does: the answer comes first. */
      mm_gdbus_bearer_complete_connect (bearer, invocation);
      set_connected (bearer, self->interface);
    }
  g_object_unref (bearer);
}

static gboolean
on_connect (MmGdbusBearer *bearer, GDBusMethodInvocation *invocation, gpointer user_data)
{
  FakeModemManager *self = user_data;

  note (self, "connect %s", get_path (bearer) + strlen (ROOT));
  g_object_set_data_full (G_OBJECT (invocation), FAKE_MODEM_MANAGER_NAME, g_object_ref (bearer),
                          g_object_unref);
  if (self->is_held)
    g_ptr_array_add (self->held, invocation);
  else
    answer_connect (self, invocation);
  return TRUE;
}

static MmGdbusBearer *
export_bearer (FakeModemManager *self, const char *path, GVariant *properties)
{
  MmGdbusBearer *bearer = mm_gdbus_bearer_skeleton_new ();

  mm_gdbus_bearer_set_properties (bearer, properties);
  g_signal_connect (bearer, "handle-connect", G_CALLBACK (on_connect), self);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (bearer), self->connection, path,
                                    NULL);
  return bearer;
}

static MmGdbusBearer *
make_bearer (FakeModemManager *self, GVariant *properties)
{
  g_autofree char *path = g_strdup_printf (ROOT "/Bearer/%u", self->n_made++);
  MmGdbusBearer *bearer = export_bearer (self, path, properties);

  g_ptr_array_add (self->bearers, bearer);
  list_bearers (self);
  return bearer;
}

static gboolean
on_create_bearer (MmGdbusModem *modem, GDBusMethodInvocation *invocation, GVariant *properties,
                  gpointer user_data)
{
  FakeModemManager *self = user_data;
  MmGdbusBearer *bearer = make_bearer (self, properties);
  const char *apn = "";
  const char *user = "";
  const char *password = "";
  guint32 ip_type = MM_BEARER_IP_FAMILY_NONE;

  (void) g_variant_lookup (properties, "apn", "&s", &apn);
  (void) g_variant_lookup (properties, "user", "&s", &user);
  (void) g_variant_lookup (properties, "password", "&s", &password);
  (void) g_variant_lookup (properties, "ip-type", "u", &ip_type);
  note (self, "create %s '%s' '%s' '%s' %u", get_path (bearer) + strlen (ROOT), apn, user, password,
        ip_type);
  mm_gdbus_modem_complete_create_bearer (modem, invocation, get_path (bearer));
  return TRUE;
}

static MmGdbusBearer *
find_bearer (FakeModemManager *self, const char *path)
{
  for (guint i = 0; i < self->bearers->len; i++)
    if (strcmp (get_path (g_ptr_array_index (self->bearers, i)), path) == 0)
      return g_ptr_array_index (self->bearers, i);
  return NULL;
}

static gboolean
on_delete_bearer (MmGdbusModem *modem, GDBusMethodInvocation *invocation, const char *path,
                  gpointer user_data)
{
  FakeModemManager *self = user_data;
  MmGdbusBearer *bearer = find_bearer (self, path);

  note (self, "delete %s", g_str_has_prefix (path, ROOT) ? path + strlen (ROOT) : path);
  if (bearer == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, MM_CORE_ERROR, MM_CORE_ERROR_NOT_FOUND,
                                             "No such bearer");
      return TRUE;
    }
  fake_modem_manager_remove_bearer (self, bearer);
  mm_gdbus_modem_complete_delete_bearer (modem, invocation);
  return TRUE;
}

/* Refused with the same error as connecting is. */
static void
answer (FakeModemManager *self, GDBusMethodInvocation *invocation, const char *what)
{
  note (self, "%s", what);
  if (self->refusal != NULL)
    g_dbus_method_invocation_return_gerror (invocation, self->refusal);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
on_enable (MmGdbusModem *modem, GDBusMethodInvocation *invocation, gboolean enable,
           gpointer user_data)
{
  answer (user_data, invocation, enable ? "enable" : "disable");
  return TRUE;
}

static gboolean
on_set_power_state (MmGdbusModem *modem, GDBusMethodInvocation *invocation, guint state,
                    gpointer user_data)
{
  answer (user_data, invocation, state == MM_MODEM_POWER_STATE_ON ? "power on" : "power low");
  return TRUE;
}

static gboolean
on_reset (MmGdbusModem *modem, GDBusMethodInvocation *invocation, gpointer user_data)
{
  answer (user_data, invocation, "reset");
  return TRUE;
}

static void
export_modem (FakeModemManager *self, const char *port)
{
  g_autoptr (MmGdbusObjectSkeleton) object = mm_gdbus_object_skeleton_new (MODEM_PATH);

  self->modem = mm_gdbus_modem_skeleton_new ();
  mm_gdbus_modem_set_ports (
      self->modem, g_variant_new_parsed ("[(%s, %u)]", port, (guint32) MM_MODEM_PORT_TYPE_QMI));
  mm_gdbus_modem_set_state (self->modem, MM_MODEM_STATE_REGISTERED);
  g_signal_connect (self->modem, "handle-create-bearer", G_CALLBACK (on_create_bearer), self);
  g_signal_connect (self->modem, "handle-delete-bearer", G_CALLBACK (on_delete_bearer), self);
  g_signal_connect (self->modem, "handle-enable", G_CALLBACK (on_enable), self);
  g_signal_connect (self->modem, "handle-set-power-state", G_CALLBACK (on_set_power_state), self);
  g_signal_connect (self->modem, "handle-reset", G_CALLBACK (on_reset), self);
  self->modem_3gpp = mm_gdbus_modem3gpp_skeleton_new ();
  mm_gdbus_modem3gpp_set_initial_eps_bearer (self->modem_3gpp, "/");
  mm_gdbus_object_skeleton_set_modem (object, self->modem);
  mm_gdbus_object_skeleton_set_modem3gpp (object, self->modem_3gpp);
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
}

FakeModemManager *
fake_modem_manager_new (GDBusConnection *connection, const char *port)
{
  FakeModemManager *self = g_new0 (FakeModemManager, 1);

  self->connection = g_object_ref (connection);
  self->bearers = g_ptr_array_new_with_free_func (g_object_unref);
  self->held = g_ptr_array_new ();
  self->diary = g_string_new (NULL);
  self->interface = g_strdup ("lo");
  self->server = g_dbus_object_manager_server_new (ROOT);
  export_modem (self, port);
  list_bearers (self);
  g_dbus_object_manager_server_set_connection (self->server, connection);
  self->name = g_bus_own_name_on_connection (connection, FAKE_MODEM_MANAGER_NAME,
                                             G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  return self;
}

static void
clear_initial (FakeModemManager *self)
{
  if (self->initial != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->initial));
  g_clear_object (&self->initial);
}

void
fake_modem_manager_free (FakeModemManager *self)
{
  g_bus_unown_name (self->name);
  fake_modem_manager_hold (self, FALSE);
  while (self->bearers->len > 0)
    fake_modem_manager_remove_bearer (self, g_ptr_array_index (self->bearers, 0));
  clear_initial (self);
  g_dbus_object_manager_server_set_connection (self->server, NULL);
  g_object_unref (self->server);
  g_object_unref (self->modem);
  g_object_unref (self->modem_3gpp);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->bearers);
  g_ptr_array_unref (self->held);
  g_string_free (self->diary, TRUE);
  g_clear_error (&self->refusal);
  g_free (self->interface);
  g_free (self->read);
  g_free (self);
}

MmGdbusBearer *
fake_modem_manager_add_bearer (FakeModemManager *self, const char *apn, const char *interface,
                               gboolean is_connected)
{
  MmGdbusBearer *bearer = make_bearer (self, g_variant_new_parsed ("{'apn': <%s>}", apn));

  if (is_connected)
    set_connected (bearer, interface);
  return bearer;
}

MmGdbusBearer *
fake_modem_manager_get_last (FakeModemManager *self)
{
  return g_ptr_array_index (self->bearers, self->bearers->len - 1);
}

void
fake_modem_manager_remove_bearer (FakeModemManager *self, MmGdbusBearer *bearer)
{
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (bearer));
  g_ptr_array_remove (self->bearers, bearer);
  list_bearers (self);
}

void
fake_modem_manager_set_default_apn (FakeModemManager *self, const char *apn)
{
  clear_initial (self);
  self->initial = export_bearer (self, INITIAL_BEARER, g_variant_new_parsed ("{'apn': <%s>}", apn));
  mm_gdbus_modem3gpp_set_initial_eps_bearer (self->modem_3gpp, INITIAL_BEARER);
}

void
fake_modem_manager_set_interface (FakeModemManager *self, const char *interface)
{
  g_free (self->interface);
  self->interface = g_strdup (interface);
}

void
fake_modem_manager_refuse (FakeModemManager *self, const GError *error)
{
  g_clear_error (&self->refusal);
  self->refusal = error != NULL ? g_error_copy (error) : NULL;
}

void
fake_modem_manager_set_state (FakeModemManager *self, MMModemState state)
{
  mm_gdbus_modem_set_state (self->modem, state);
}

void
fake_modem_manager_set_power_state (FakeModemManager *self, MMModemPowerState power)
{
  mm_gdbus_modem_set_power_state (self->modem, power);
}

void
fake_modem_manager_hold (FakeModemManager *self, gboolean is_held)
{
  self->is_held = is_held;
  for (guint i = 0; !is_held && i < self->held->len; i++)
    answer_connect (self, g_ptr_array_index (self->held, i));
  if (!is_held)
    g_ptr_array_set_size (self->held, 0);
}

const char *
fake_modem_manager_read_diary (FakeModemManager *self)
{
  g_free (self->read);
  self->read = g_strdup (self->diary->str);
  g_string_truncate (self->diary, 0);
  return self->read;
}

guint
fake_modem_manager_count (FakeModemManager *self)
{
  return self->n_lines;
}
