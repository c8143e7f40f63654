/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bearer in use, and the ways in which it can be lost. */

#include "modem/bearer-private.h"

#include "modem/interface.h"
#include "modem/modem-manager-private.h"

/* An address that changes is away for a moment. */
#define LOOK_AGAIN_MS 1000

struct _EaBearer
{
  GObject parent_instance;

  char *interface;
  char *apn;
  GPtrArray *dns_servers; /* of GInetAddress */
  EaInterfaceWatch *watch;
  guint look_id;
  gboolean is_lost;

  /* Of ModemManager; NULL where there is only an interface. */
  EaModemManager *modem_manager;
  MMBearer *bearer;
  char *port;
  gboolean was_listed; /* ModemManager named it among the modem's bearers */
};

static guint lost_signal;

G_DEFINE_FINAL_TYPE (EaBearer, ea_bearer, G_TYPE_OBJECT)

static void G_GNUC_PRINTF (2, 3) lose (EaBearer *self, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  if (self->is_lost)
    return;

  va_start (arguments, format);
  error = g_error_new_valist (EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED, format, arguments);
  va_end (arguments);
  self->is_lost = TRUE;
  g_clear_handle_id (&self->look_id, g_source_remove);
  g_signal_emit (self, lost_signal, 0, error);
}

static gboolean on_look_again (gpointer user_data);

static void
look_again_later (EaBearer *self)
{
  if (self->look_id == 0)
    self->look_id = g_timeout_add (LOOK_AGAIN_MS, on_look_again, self);
}

/* @is_patient: an address that is away may come back soon */
static void
look (EaBearer *self, gboolean is_patient)
{
  switch (ea_interface_get_state (self->interface))
    {
    case EA_INTERFACE_ABSENT:
      lose (self, "The network interface %s is gone", self->interface);
      return;
    case EA_INTERFACE_DOWN:
      lose (self, "The network interface %s is down", self->interface);
      return;
    case EA_INTERFACE_UP:
      if (is_patient)
        look_again_later (self);
      else
        lose (self, "The network interface %s has no address any more", self->interface);
      return;
    case EA_INTERFACE_UNKNOWN:
      look_again_later (self);
      return;
    case EA_INTERFACE_ADDRESS:
      g_clear_handle_id (&self->look_id, g_source_remove);
      return;
    }
}

static gboolean
on_look_again (gpointer user_data)
{
  EaBearer *self = user_data;

  self->look_id = 0;
  look (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_interface_changed (EaBearer *self)
{
  if (!self->is_lost)
    look (self, TRUE);
}

static void
on_connected_changed (EaBearer *self)
{
  g_autoptr (GError) reason = NULL;

  if (mm_bearer_get_connected (self->bearer))
    return;
  reason = mm_bearer_get_connection_error (self->bearer);
  if (reason != NULL)
    g_dbus_error_strip_remote_error (reason);
  lose (self, "The bearer on %s was disconnected%s%s", self->interface, reason != NULL ? ": " : "",
        reason != NULL ? reason->message : "");
}

static gboolean
is_listed (EaBearer *self, MMObject *object)
{
  MMModem *modem = mm_object_peek_modem (object);
  const char *const *paths = modem != NULL ? mm_modem_get_bearer_paths (modem) : NULL;

  return paths != NULL && g_strv_contains (paths, mm_bearer_get_path (self->bearer));
}

/* The list may lag behind a bearer that was just made. */
static void
on_modem_manager_changed (EaBearer *self)
{
  g_autoptr (MMObject) object = ea_modem_manager_find_object (self->modem_manager, self->port);

  if (object != NULL && is_listed (self, object))
    self->was_listed = TRUE;
  else if (object == NULL || self->was_listed)
    lose (self, "ModemManager has the bearer on %s no more", self->interface);
}

/* @config: (transfer full) (nullable) */
static void
add_dns_servers (EaBearer *self, MMBearerIpConfig *config)
{
  const char **servers = config != NULL ? mm_bearer_ip_config_get_dns (config) : NULL;

  for (gsize i = 0; servers != NULL && servers[i] != NULL; i++)
    {
      GInetAddress *address = g_inet_address_new_from_string (servers[i]);

      if (address != NULL)
        g_ptr_array_add (self->dns_servers, address);
    }
  g_clear_object (&config);
}

const char *
ea_bearer_get_interface (EaBearer *self)
{
  return self->interface;
}

const char *
ea_bearer_get_apn (EaBearer *self)
{
  return self->apn;
}

GPtrArray *
ea_bearer_get_dns_servers (EaBearer *self)
{
  return self->dns_servers;
}

gboolean
ea_bearer_is_lost (EaBearer *self)
{
  return self->is_lost;
}

static void
ea_bearer_dispose (GObject *object)
{
  EaBearer *self = EA_BEARER (object);

  g_clear_handle_id (&self->look_id, g_source_remove);
  g_clear_object (&self->watch);
  g_clear_object (&self->modem_manager);
  G_OBJECT_CLASS (ea_bearer_parent_class)->dispose (object);
}

static void
ea_bearer_finalize (GObject *object)
{
  EaBearer *self = EA_BEARER (object);

  g_clear_object (&self->bearer);
  g_ptr_array_unref (self->dns_servers);
  g_free (self->interface);
  g_free (self->apn);
  g_free (self->port);
  G_OBJECT_CLASS (ea_bearer_parent_class)->finalize (object);
}

static void
ea_bearer_class_init (EaBearerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_bearer_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_bearer_finalize;
  lost_signal = g_signal_new ("lost", EA_TYPE_BEARER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ea_bearer_init (EaBearer *self)
{
  self->dns_servers = g_ptr_array_new_with_free_func (g_object_unref);
}

EaBearer *
ea_bearer_new_of_interface (const char *interface, const char *apn)
{
  EaBearer *self = g_object_new (EA_TYPE_BEARER, NULL);

  self->interface = g_strdup (interface);
  self->apn = g_strdup (apn);
  self->watch = ea_interface_watch_new ();
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (on_interface_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}

EaBearer *
ea_bearer_new_of_modem (EaModemManager *modem_manager, const char *port, MMBearer *bearer)
{
  g_autoptr (MMBearerProperties) properties = mm_bearer_get_properties (bearer);
  const char *apn = properties != NULL ? mm_bearer_properties_get_apn (properties) : NULL;
  EaBearer *self
      = ea_bearer_new_of_interface (mm_bearer_get_interface (bearer), apn != NULL ? apn : "");

  self->modem_manager = g_object_ref (modem_manager);
  self->bearer = g_object_ref (bearer);
  self->port = g_strdup (port);
  add_dns_servers (self, mm_bearer_get_ipv4_config (bearer));
  add_dns_servers (self, mm_bearer_get_ipv6_config (bearer));
  g_signal_connect_object (bearer, "notify::connected", G_CALLBACK (on_connected_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (modem_manager, "changed", G_CALLBACK (on_modem_manager_changed), self,
                           G_CONNECT_SWAPPED);
  on_modem_manager_changed (self);
  return self;
}
