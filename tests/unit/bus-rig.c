/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus-rig.h"
#include "helpers.h"
#include "private-bus.h"
#include "wait.h"

#define OPENED_KEY "opened"

void __wrap_ea_euicc_attach (EaEuicc *self, const char *path, const EaConfig *config,
                             EaModemManager *modem_manager);
EaSession *__wrap_ea_euicc_open_session (EaEuicc *self, const char *transport, GVariant *options,
                                         GError **error);

/* There is no modem behind it. */
void
__wrap_ea_euicc_attach (EaEuicc *self, const char *path, const EaConfig *config,
                        EaModemManager *modem_manager)
{
}

/* What sessions are opened by: "https" does, with a host; other names are causes of failure. */
EaSession *
__wrap_ea_euicc_open_session (EaEuicc *self, const char *transport, GVariant *options,
                              GError **error)
{
  EaSession *session;
  const char *host = "";

  (void) g_variant_lookup (options, "host", "&s", &host); /* else there is none */
  if (strcmp (transport, "https") != 0)
    {
      g_set_error (error, EA_SESSION_ERROR,
                   strcmp (transport, "cat-tp") == 0 ? EA_SESSION_ERROR_NO_KEY
                                                     : EA_SESSION_ERROR_NO_TRANSPORT,
                   "There is no '%s'", transport);
      return NULL;
    }
  session = ea_session_new (EA_SESSION_HTTPS, EA_SESSION_DBUS, host);
  g_object_set_data_full (G_OBJECT (self), OPENED_KEY, session, g_object_unref);
  g_signal_emit_by_name (self, "session-added", session);
  return session;
}

static void
on_euicc_added (EaAgent *agent, EaEuicc *euicc, guint number, gpointer user_data)
{
  ((BusRig *) user_data)->euicc = euicc;
}

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *name, GVariant *parameters, gpointer user_data)
{
  g_ptr_array_add (((BusRig *) user_data)->signals, g_variant_ref (parameters));
}

static EaConfig *
make_config (BusRig *rig)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (rig->directory, "agent.conf", NULL);
  g_autofree char *port = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  g_autofree char *text = g_strdup_printf ("[modem]\nDevice=%s\n", port);

  assert_true (g_file_set_contents (path, text, -1, NULL));
  assert_true (g_file_set_contents (port, "", -1, NULL));
  return ea_config_load (path, problems);
}

void
bus_rig_listen (BusRig *rig, const char *interface, const char *name)
{
  g_dbus_connection_signal_subscribe (rig->client, NULL, interface, name, NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_signal, rig, NULL);
}

static void
on_name (GDBusConnection *connection, const char *name, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
own_name (BusRig *rig)
{
  gboolean is_owned = FALSE;

  rig->name_id = g_bus_own_name_on_connection (
      rig->connection, EA_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, on_name, NULL, &is_owned, NULL);
  WAIT_FOR (is_owned);
}

int
bus_rig_setup (void **state)
{
  BusRig *rig = g_new0 (BusRig, 1);
  g_autoptr (EaKeyRing) keys = ea_key_ring_load (NULL, NULL);

  rig->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (rig->bus);
  rig->connection = private_bus_connect (rig->bus);
  rig->client = private_bus_connect (rig->bus);
  rig->signals = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  rig->directory = make_quick_directory ();
  rig->store = ea_store_new (rig->directory, NULL);
  rig->agent = ea_agent_new (make_config (rig), keys, rig->store, rig->connection);
  rig->exported = ea_bus_new (rig->agent, rig->connection, NULL);
  g_signal_connect (rig->agent, "euicc-added", G_CALLBACK (on_euicc_added), rig);
  ea_agent_start (rig->agent);
  own_name (rig);
  *state = rig;
  return rig->euicc != NULL ? 0 : -1;
}

int
bus_rig_teardown (void **state)
{
  BusRig *rig = *state;

  g_clear_handle_id (&rig->name_id, g_bus_unown_name);
  g_object_unref (rig->exported);
  g_object_unref (rig->agent);
  ea_store_free (rig->store);
  g_object_unref (rig->client);
  g_object_unref (rig->connection);
  g_test_dbus_down (rig->bus);
  g_object_unref (rig->bus);
  delete_directory (rig->directory);
  g_ptr_array_unref (rig->signals);
  g_free (rig);
  return 0;
}

void
bus_rig_catch_up (BusRig *rig)
{
  run_ready ();
  private_bus_round_trip (rig->connection);
  private_bus_round_trip (rig->client);
}

EaSession *
bus_rig_add_session (BusRig *rig)
{
  EaSession *session
      = ea_session_new (EA_SESSION_CAT_TP, EA_SESSION_TRIGGER, "smsr.example.com:2345");

  g_signal_emit_by_name (rig->euicc, "session-added", session);
  return session;
}

EaSession *
bus_rig_get_opened (BusRig *rig)
{
  return g_object_get_data (G_OBJECT (rig->euicc), OPENED_KEY);
}
