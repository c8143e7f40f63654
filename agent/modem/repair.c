/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ModemManager's airplane mode: disabled, in low power, enabled. It lets the power be changed only while the modem is
 * disabled, and gives it back when it enables. A modem that nobody had enabled is only switched.
 */

#include "modem/repair.h"

#include "modem/modem-manager-private.h"

static void
fail (GTask *task, GError *error, const char *what)
{
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, "%s: %s", what,
                           error->message);
  g_error_free (error);
  g_object_unref (task);
}

static void
succeed (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_enabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (mm_modem_enable_finish (MM_MODEM (source), result, &error))
    succeed (user_data);
  else
    fail (user_data, error, "ModemManager can't enable the modem");
}

/* Some modems have no low power; that they were disabled may do. */
static void
on_low_power (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) mm_modem_set_power_state_finish (MM_MODEM (source), result, NULL);
  mm_modem_enable (MM_MODEM (source), NULL, on_enabled, user_data);
}

static void
on_disabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (mm_modem_disable_finish (MM_MODEM (source), result, &error))
    mm_modem_set_power_state (MM_MODEM (source), MM_MODEM_POWER_STATE_LOW, NULL, on_low_power,
                              user_data);
  else
    fail (user_data, error, "ModemManager can't disable the modem");
}

static void
on_power_on (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (mm_modem_set_power_state_finish (MM_MODEM (source), result, &error))
    succeed (user_data);
  else
    fail (user_data, error, "ModemManager can't switch the radio on");
}

/* Whatever became of switching off, it has to be on in the end. */
static void
on_power_low (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) mm_modem_set_power_state_finish (MM_MODEM (source), result, NULL);
  mm_modem_set_power_state (MM_MODEM (source), MM_MODEM_POWER_STATE_ON, NULL, on_power_on,
                            user_data);
}

static void
on_managed_reset (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (mm_modem_reset_finish (MM_MODEM (source), result, &error))
    succeed (user_data);
  else
    fail (user_data, error, "ModemManager can't reset the modem");
}

static void
repair_managed (EaRepair repair, MMModem *modem, GTask *task)
{
  if (repair == EA_REPAIR_RESET)
    mm_modem_reset (modem, NULL, on_managed_reset, task);
  else if (mm_modem_get_state (modem) >= MM_MODEM_STATE_ENABLING)
    mm_modem_disable (modem, NULL, on_disabled, task);
  else
    mm_modem_set_power_state (modem, MM_MODEM_POWER_STATE_LOW, NULL, on_power_low, task);
}

static void
return_outcome (GTask *task, gboolean is_done, GError *error)
{
  if (is_done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
on_card_reset (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean is_done = ea_modem_reset_card_finish (EA_MODEM (source), result, &error);

  return_outcome (user_data, is_done, error);
}

static void
on_radio_toggled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean is_done = ea_modem_toggle_radio_finish (EA_MODEM (source), result, &error);

  return_outcome (user_data, is_done, error);
}

static void
on_reset (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean is_done = ea_modem_reset_finish (EA_MODEM (source), result, &error);

  return_outcome (user_data, is_done, error);
}

static void
repair_alone (EaRepair repair, EaModem *modem, GTask *task)
{
  switch (repair)
    {
    case EA_REPAIR_POWER_CYCLE:
      ea_modem_reset_card_async (modem, NULL, on_card_reset, task);
      return;
    case EA_REPAIR_AIRPLANE_MODE:
      ea_modem_toggle_radio_async (modem, NULL, on_radio_toggled, task);
      return;
    case EA_REPAIR_RESET:
      ea_modem_reset_async (modem, NULL, on_reset, task);
      return;
    }
}

/* (transfer full) (nullable) */
static MMModem *
find_managed (EaModemManager *modem_manager, const char *path)
{
  g_autoptr (MMObject) object
      = modem_manager != NULL ? ea_modem_manager_find_object (modem_manager, path) : NULL;

  return object != NULL ? mm_object_get_modem (object) : NULL;
}

void
ea_repair_async (EaRepair repair, EaModem *modem, EaModemManager *modem_manager, const char *path,
                 GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (modem, NULL, callback, user_data);
  g_autoptr (MMModem) managed
      = repair != EA_REPAIR_POWER_CYCLE ? find_managed (modem_manager, path) : NULL;

  if (managed != NULL)
    repair_managed (repair, managed, task);
  else
    repair_alone (repair, modem, task);
}

gboolean
ea_repair_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
