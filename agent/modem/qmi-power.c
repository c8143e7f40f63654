/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card's power, by the service UIM. */

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
