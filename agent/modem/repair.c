/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ModemManager's airplane mode: disabled, in low power, enabled. It lets the power be changed only while the modem is
 * disabled, and gives it back when it enables. A modem that nobody had enabled is only switched, and one whose radio is off
 * is left alone: its owner wants it so.
 */

#include "modem/repair.h"

#include "modem/modem-manager-private.h"

/* Without a time-out: ModemManager may be long about it, what was taken has to be given back afterwards, and the call ends
 * when ModemManager does. The ladder does not wait for it. */
static void
call (MMModem *modem, const char *method, GVariant *parameters, GAsyncReadyCallback callback,
      GTask *task)
{
  g_dbus_proxy_call (G_DBUS_PROXY (modem), method, parameters, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                     G_MAXINT, NULL, callback, task);
}

static void
call_enable (MMModem *modem, gboolean is_enabled, GAsyncReadyCallback callback, GTask *task)
{
  call (modem, "Enable", g_variant_new ("(b)", is_enabled), callback, task);
}

static void
call_set_power (MMModem *modem, MMModemPowerState power, GAsyncReadyCallback callback, GTask *task)
{
  call (modem, "SetPowerState", g_variant_new ("(u)", (guint32) power), callback, task);
}

static gboolean
finish_call (GObject *source, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, error);

  return reply != NULL;
}

/* @error: (transfer full): the first one is what the repair ends with */
static void
keep_failure (GTask *task, GError *error, const char *what)
{
  if (g_task_get_task_data (task) == NULL)
    g_task_set_task_data (
        task, g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, "%s: %s", what, error->message),
        (GDestroyNotify) g_error_free);
  g_error_free (error);
}

static void
end (GTask *task)
{
  const GError *failure = g_task_get_task_data (task);

  if (failure != NULL)
    g_task_return_error (task, g_error_copy (failure));
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_enabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!finish_call (source, result, &error))
    keep_failure (user_data, error, "ModemManager can't enable the modem");
  end (user_data);
}

/* Some modems have no low power; that they were disabled may do. */
static void
on_low_power (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) finish_call (source, result, NULL);
  call_enable (MM_MODEM (source), TRUE, on_enabled, user_data);
}

/* Whatever became of disabling, the modem has to be enabled in the end. */
static void
on_disabled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  gboolean is_disabled = finish_call (source, result, &error);

  if (!is_disabled)
    keep_failure (task, error, "ModemManager can't disable the modem");
  if (!is_disabled || g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    call_enable (MM_MODEM (source), TRUE, on_enabled, task);
  else
    call_set_power (MM_MODEM (source), MM_MODEM_POWER_STATE_LOW, on_low_power, task);
}

static void
on_power_on (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!finish_call (source, result, &error))
    keep_failure (user_data, error, "ModemManager can't switch the radio on");
  end (user_data);
}

/* Whatever became of switching off, it has to be on in the end. */
static void
on_power_low (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) finish_call (source, result, NULL);
  call_set_power (MM_MODEM (source), MM_MODEM_POWER_STATE_ON, on_power_on, user_data);
}

static void
on_managed_reset (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (!finish_call (source, result, &error))
    keep_failure (user_data, error, "ModemManager can't reset the modem");
  end (user_data);
}

static gboolean
is_enabled (MMModem *modem)
{
  return mm_modem_get_state (modem) >= MM_MODEM_STATE_ENABLING;
}

static gboolean
is_off (MMModem *modem)
{
  MMModemPowerState power = mm_modem_get_power_state (modem);

  return power == MM_MODEM_POWER_STATE_OFF || power == MM_MODEM_POWER_STATE_LOW;
}

static void
repair_managed (EaRepair repair, MMModem *modem, GTask *task)
{
  if (!is_enabled (modem) && is_off (modem))
    {
      g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED,
                               "Somebody has disabled the modem and switched its radio off");
      g_object_unref (task);
    }
  else if (repair == EA_REPAIR_RESET)
    call (modem, "Reset", NULL, on_managed_reset, task);
  else if (is_enabled (modem))
    call_enable (modem, FALSE, on_disabled, task);
  else
    call_set_power (modem, MM_MODEM_POWER_STATE_LOW, on_power_low, task);
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

gboolean
ea_repair_disables (EaRepair repair, EaModemManager *modem_manager, const char *path)
{
  g_autoptr (MMModem) managed
      = repair == EA_REPAIR_AIRPLANE_MODE ? find_managed (modem_manager, path) : NULL;

  return managed != NULL && is_enabled (managed);
}

void
ea_repair_async (EaRepair repair, EaModem *modem, EaModemManager *modem_manager, const char *path,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (modem, cancellable, callback, user_data);
  g_autoptr (MMModem) managed
      = repair != EA_REPAIR_POWER_CYCLE ? find_managed (modem_manager, path) : NULL;

  g_task_set_check_cancellable (task, FALSE);
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

void
ea_repair_enable_async (EaModem *modem, EaModemManager *modem_manager, const char *path,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (modem, NULL, callback, user_data);
  g_autoptr (MMModem) managed = find_managed (modem_manager, path);

  if (managed != NULL)
    {
      call_enable (managed, TRUE, on_enabled, task);
      return;
    }
  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE,
                           "ModemManager does not have the modem");
  g_object_unref (task);
}
