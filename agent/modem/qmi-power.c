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

/* How the radio is left, and how it is got back: a modem that is offline can't go back but by its reset. */
static const struct
{
  QmiDmsOperatingMode away;
  QmiDmsOperatingMode back;
} ways[] = {
  [EA_QMI_RADIO_LOW_POWER] = { QMI_DMS_OPERATING_MODE_LOW_POWER, QMI_DMS_OPERATING_MODE_ONLINE },
  [EA_QMI_RADIO_OFFLINE] = { QMI_DMS_OPERATING_MODE_OFFLINE, QMI_DMS_OPERATING_MODE_RESET },
};

static void
set_operating_mode (EaQmiModem *self, QmiDmsOperatingMode mode, guint timeout_s,
                    GAsyncReadyCallback callback, GTask *task)
{
  g_autoptr (QmiMessageDmsSetOperatingModeInput) input
      = qmi_message_dms_set_operating_mode_input_new ();

  (void) qmi_message_dms_set_operating_mode_input_set_mode (input, mode, NULL);
  qmi_client_dms_set_operating_mode (self->dms, input, timeout_s, NULL, callback, task);
}

static gboolean
finish_operating_mode (GObject *source, GAsyncResult *result, QmiDmsOperatingMode *mode,
                       GError **error)
{
  g_autoptr (QmiMessageDmsGetOperatingModeOutput) output
      = qmi_client_dms_get_operating_mode_finish (QMI_CLIENT_DMS (source), result, error);

  return output != NULL && qmi_message_dms_get_operating_mode_output_get_result (output, error)
         && qmi_message_dms_get_operating_mode_output_get_mode (output, mode, error);
}

/* The radio is left in that way from now on, and the disk knows. */
static gboolean
record_radio (EaQmiModem *self, EaQmiRadio radio, GError **error)
{
  EaQmiRadio before = self->record.radio;

  if (radio == before)
    return TRUE;
  self->record.radio = radio;
  if (ea_qmi_modem_save_record (self, error))
    return TRUE;
  self->record.radio = before;
  return FALSE;
}

/* Between two steps the modem may have been closed. */
static gboolean
check_dms (EaQmiModem *self, GTask *task)
{
  if (self->dms != NULL && !self->is_closing)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "%s: the modem is not open",
                           g_task_get_name (task));
  g_object_unref (task);
  return FALSE;
}

static void
on_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (QmiMessageDmsSetOperatingModeOutput) output
      = qmi_client_dms_set_operating_mode_finish (QMI_CLIENT_DMS (source), result, &error);

  if (output != NULL && qmi_message_dms_set_operating_mode_output_get_result (output, &error))
    {
      (void) record_radio (self, EA_QMI_RADIO_UNTOUCHED, NULL); /* told by the one who saves */
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, ea_qmi_translate_error (error, g_task_get_name (task)));
}

/* Whatever became of leaving, the radio has to be on in the end; some firmware resets without being offline before. */
static void
on_away (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  EaQmiRadio radio = GPOINTER_TO_UINT (g_task_get_task_data (task));
  g_autoptr (QmiMessageDmsSetOperatingModeOutput) away
      = qmi_client_dms_set_operating_mode_finish (QMI_CLIENT_DMS (source), result, NULL);

  (void) away; /* the answer to coming back tells */
  if (check_dms (self, task))
    set_operating_mode (self, ways[radio].back, EA_QMI_TIMEOUT_MODEM_S, on_back, task);
}

static void
refuse (GTask *task, GError *error)
{
  g_task_return_error (task, ea_qmi_translate_error (error, g_task_get_name (task)));
  g_object_unref (task);
}

/* A radio that its owner has switched off stays off. */
static void
on_mode_before (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  EaQmiRadio radio = GPOINTER_TO_UINT (g_task_get_task_data (task));
  QmiDmsOperatingMode mode = QMI_DMS_OPERATING_MODE_UNKNOWN;
  GError *error = NULL;
  gboolean is_told = finish_operating_mode (source, result, &mode, &error);

  if (is_told && mode != QMI_DMS_OPERATING_MODE_ONLINE)
    {
      const char *name = qmi_dms_operating_mode_get_string (mode);

      error = g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED,
                           "somebody has switched the radio off (operating mode %s)",
                           name != NULL ? name : "without a name");
    }
  if (error != NULL || !record_radio (self, radio, &error))
    refuse (task, error);
  else if (check_dms (self, task))
    set_operating_mode (self, ways[radio].away, EA_QMI_TIMEOUT_MODEM_S, on_away, task);
}

/* Not cancellable, as above. */
static void
leave_and_return (EaQmiModem *self, EaQmiRadio radio, GTask *task)
{
  g_task_set_task_data (task, GUINT_TO_POINTER (radio), NULL);
  if (check_dms (self, task))
    qmi_client_dms_get_operating_mode (self->dms, NULL, EA_QMI_TIMEOUT_MODEM_S, NULL,
                                       on_mode_before, task);
}

void
ea_qmi_power_toggle_radio (EaModem *modem, GTask *task)
{
  g_task_set_name (task, "Cannot switch the radio off and on");
  leave_and_return (EA_QMI_MODEM (modem), EA_QMI_RADIO_LOW_POWER, task);
}

void
ea_qmi_power_reset (EaModem *modem, GTask *task)
{
  g_task_set_name (task, "Cannot reset the modem");
  leave_and_return (EA_QMI_MODEM (modem), EA_QMI_RADIO_OFFLINE, task);
}

/* What an earlier run left off; unless somebody has meanwhile changed it in another way. */
static void
on_mode_left (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  EaQmiRadio radio = self->record.radio;
  QmiDmsOperatingMode mode = QMI_DMS_OPERATING_MODE_UNKNOWN;
  GError *error = NULL;

  if (!finish_operating_mode (source, result, &mode, &error))
    {
      refuse (task, error);
      return;
    }
  if (mode == ways[radio].away)
    {
      set_operating_mode (self, ways[radio].back, EA_QMI_TIMEOUT_MODEM_S, on_back, task);
      return;
    }
  (void) record_radio (self, EA_QMI_RADIO_UNTOUCHED, NULL); /* told by the one who saves */
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
ea_qmi_power_start_async (EaQmiModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, "Cannot switch the radio on again");
  if (self->record.radio != EA_QMI_RADIO_UNTOUCHED)
    {
      qmi_client_dms_get_operating_mode (self->dms, NULL, EA_QMI_TIMEOUT_MODEM_S, cancellable,
                                         on_mode_left, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

gboolean
ea_qmi_power_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The modem may still be busy with leaving: it is not asked how far it is, and does one after the other. */
void
ea_qmi_power_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_name (task, "Cannot switch the radio on again");
  if (self->record.radio != EA_QMI_RADIO_UNTOUCHED && self->dms != NULL)
    {
      set_operating_mode (self, ways[self->record.radio].back, EA_QMI_TIMEOUT_RADIO_S, on_back,
                          task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

gboolean
ea_qmi_power_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
