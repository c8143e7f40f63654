/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card's power, by the service UIM; the radio and the modem itself, by DMS. */

#include "modem/qmi-private.h"

static void
on_powered_on (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (QmiMessageUimPowerOnSimOutput) output
      = qmi_client_uim_power_on_sim_finish (QMI_CLIENT_UIM (source), result, &error);

  if (output != NULL && qmi_message_uim_power_on_sim_output_get_result (output, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, ea_qmi_translate_error (error, "Cannot power the card on"));
}

/* Whatever became of switching off, the card has to be on in the end. */
static void
on_powered_off (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageUimPowerOffSimOutput) off
      = qmi_client_uim_power_off_sim_finish (QMI_CLIENT_UIM (source), result, NULL);
  g_autoptr (QmiMessageUimPowerOnSimInput) input = qmi_message_uim_power_on_sim_input_new ();

  (void) off; /* the answer to switching on tells */
  (void) qmi_message_uim_power_on_sim_input_set_slot (input, self->slot, NULL);
  qmi_client_uim_power_on_sim (QMI_CLIENT_UIM (source), input, EA_QMI_TIMEOUT_CARD_S, NULL,
                               on_powered_on, g_steal_pointer (&task));
}

/* Not cancellable: half of it would leave the gateway without a card. */
void
ea_qmi_power_reset_card (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  g_autoptr (QmiMessageUimPowerOffSimInput) input = qmi_message_uim_power_off_sim_input_new ();

  g_task_set_name (task, "Reset of the card");
  if (!ea_qmi_uim_check (self, task))
    return;
  (void) qmi_message_uim_power_off_sim_input_set_slot (input, self->slot, NULL);
  qmi_client_uim_power_off_sim (self->uim, input, EA_QMI_TIMEOUT_CARD_S, NULL, on_powered_off,
                                task);
}

static void
set_operating_mode (EaQmiModem *self, QmiDmsOperatingMode mode, GAsyncReadyCallback callback,
                    GTask *task)
{
  g_autoptr (QmiMessageDmsSetOperatingModeInput) input
      = qmi_message_dms_set_operating_mode_input_new ();

  (void) qmi_message_dms_set_operating_mode_input_set_mode (input, mode, NULL);
  qmi_client_dms_set_operating_mode (self->dms, input, EA_QMI_TIMEOUT_MODEM_S, NULL, callback,
                                     task);
}

static gboolean
check_dms (EaQmiModem *self, GTask *task)
{
  if (self->dms != NULL)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "The modem is not open");
  g_object_unref (task);
  return FALSE;
}

static void
on_mode_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (QmiMessageDmsSetOperatingModeOutput) output
      = qmi_client_dms_set_operating_mode_finish (QMI_CLIENT_DMS (source), result, &error);

  if (output != NULL && qmi_message_dms_set_operating_mode_output_get_result (output, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, ea_qmi_translate_error (error, g_task_get_name (task)));
}

/* Whatever became of switching off, the radio has to be on in the end. */
static void
on_radio_off (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (QmiMessageDmsSetOperatingModeOutput) off
      = qmi_client_dms_set_operating_mode_finish (QMI_CLIENT_DMS (source), result, NULL);

  (void) off; /* the answer to switching on tells */
  set_operating_mode (g_task_get_source_object (user_data), QMI_DMS_OPERATING_MODE_ONLINE,
                      on_mode_set, user_data);
}

/* Not cancellable, as above. */
void
ea_qmi_power_toggle_radio (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  g_task_set_name (task, "Cannot switch the radio off and on");
  if (check_dms (self, task))
    set_operating_mode (self, QMI_DMS_OPERATING_MODE_LOW_POWER, on_radio_off, task);
}

/* Some firmware resets without being offline before; what it says to that is of no matter. */
static void
on_offline (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (QmiMessageDmsSetOperatingModeOutput) offline
      = qmi_client_dms_set_operating_mode_finish (QMI_CLIENT_DMS (source), result, NULL);

  (void) offline;
  set_operating_mode (g_task_get_source_object (user_data), QMI_DMS_OPERATING_MODE_RESET,
                      on_mode_set, user_data);
}

/* A modem that is offline can't go back but by its reset. */
void
ea_qmi_power_reset (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  g_task_set_name (task, "Cannot reset the modem");
  if (check_dms (self, task))
    set_operating_mode (self, QMI_DMS_OPERATING_MODE_OFFLINE, on_offline, task);
}
