/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bearers-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
answer_free (gpointer data)
{
  BearersAnswer *answer = data;

  if (answer->bearer != NULL)
    g_signal_handlers_disconnect_by_data (answer->bearer, answer);
  g_clear_object (&answer->bearer);
  g_clear_error (&answer->error);
  g_free (answer);
}

gboolean
bearers_rig_has_modem (BearersRig *rig)
{
  g_autofree char *path = ea_modem_manager_find (rig->modem_manager, PORT_PATH, NULL);

  return strcmp (path, EA_MODEM_MANAGER_NO_OBJECT) != 0;
}

static void
on_changed (BearersRig *rig)
{
  rig->n_changed++;
}

int
bearers_rig_setup (void **state)
{
  BearersRig *rig = g_new0 (BearersRig, 1);

  rig->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (rig->bus);
  rig->service = private_bus_connect (rig->bus);
  rig->client = private_bus_connect (rig->bus);
  rig->fake = fake_modem_manager_new (rig->service, PORT);
  rig->modem_manager = ea_modem_manager_new (rig->client);
  g_signal_connect_swapped (rig->modem_manager, "changed", G_CALLBACK (on_changed), rig);
  rig->answers = g_ptr_array_new_with_free_func (answer_free);
  WAIT_FOR (bearers_rig_has_modem (rig));
  *state = rig;
  return 0;
}

int
bearers_rig_teardown (void **state)
{
  BearersRig *rig = *state;

  g_ptr_array_unref (rig->answers);
  g_clear_pointer (&rig->fake, fake_modem_manager_free);
  run_ready ();
  if (rig->record != NULL)
    ea_bearer_record_set_save_func (rig->record, NULL, NULL);
  g_clear_object (&rig->record);
  g_clear_pointer (&rig->saved, g_bytes_unref);
  g_object_unref (rig->modem_manager);
  g_dbus_connection_close_sync (rig->client, NULL, NULL);
  g_dbus_connection_close_sync (rig->service, NULL, NULL);
  g_object_unref (rig->client);
  g_object_unref (rig->service);
  run_ready ();
  g_test_dbus_down (rig->bus);
  g_object_unref (rig->bus);
  g_free (rig);
  return 0;
}

EaBearers *
bearers_rig_new_bearers (BearersRig *rig, EaBearerUse use, const char *apn)
{
  EaBearersOptions options = { .use = use,
                               .apn = apn,
                               .path = PORT_PATH,
                               .address_timeout_ms = rig->address_timeout_ms,
                               .record = rig->record };

  return ea_bearers_new (rig->modem_manager, &options);
}

MmGdbusBearer *
bearers_rig_add (BearersRig *rig, const char *apn, gboolean is_connected)
{
  guint n_changed = rig->n_changed;
  MmGdbusBearer *bearer = fake_modem_manager_add_bearer (rig->fake, apn, LOOPBACK, is_connected);

  WAIT_FOR (rig->n_changed > n_changed);
  return bearer;
}

static void
on_lost (EaBearer *bearer, const GError *error, gpointer user_data)
{
  assert_true (g_error_matches (error, EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED));
  ((BearersAnswer *) user_data)->n_lost++;
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BearersAnswer *answer = user_data;

  answer->has_come = TRUE;
  answer->bearer
      = ea_bearers_acquire_finish (EA_BEARERS (source), result, &answer->cause, &answer->error);
  if (answer->bearer != NULL)
    g_signal_connect (answer->bearer, "lost", G_CALLBACK (on_lost), answer);
}

BearersAnswer *
bearers_rig_ask (BearersRig *rig, EaBearers *bearers, const EaBearerRequest *request,
                 GCancellable *cancellable)
{
  BearersAnswer *answer = g_new0 (BearersAnswer, 1);

  g_ptr_array_add (rig->answers, answer);
  ea_bearers_acquire_async (bearers, request, cancellable, on_acquired, answer);
  return answer;
}

BearersAnswer *
bearers_rig_acquire (BearersRig *rig, EaBearers *bearers, const char *apn)
{
  EaBearerRequest request = { .apn = apn };
  BearersAnswer *answer = bearers_rig_ask (rig, bearers, &request, NULL);

  WAIT_FOR (answer->has_come);
  return answer;
}

BearersAnswer *
bearers_rig_acquire_with (BearersRig *rig, EaBearerUse use, const char *configured_apn,
                          const char *apn)
{
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, use, configured_apn);

  return bearers_rig_acquire (rig, bearers, apn);
}

void
bearers_rig_expect_diary (BearersRig *rig, const char *expected)
{
  assert_string_equal (fake_modem_manager_read_diary (rig->fake), expected);
}

void
bearers_rig_await_diary (BearersRig *rig, guint n_lines)
{
  WAIT_FOR (fake_modem_manager_count (rig->fake) >= n_lines);
}
