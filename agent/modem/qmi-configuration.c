/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The terminal profile that the modem gives the card: the toolkit's configuration in the services CAT2 and
 * CAT. It is changed only where the profile that is there hides what the agent offers, the original is recorded
 * before, and put back at the end. The card gets a profile when it starts; it is never started for this.
 */

#include "modem/qmi-private.h"

#define REMARK_PENDING "the card learns the terminal's profile when it starts anew"
#define REMARK_REFUSED "the modem keeps its own terminal profile"

void
ea_qmi_configuration_take (EaQmiModem *self, QmiMessage *response)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaSpan profile = EA_SPAN_EMPTY;
  guint8 mode;

  g_clear_pointer (&self->configuration, ea_qmi_configuration_free);
  if (!ea_qmi_get_tlv (response, EA_QMI_CAT_TLV_MODE, &value) || !ea_qmi_parse_u8 (value, &mode))
    return;

  ea_modem_set_cat_mode (EA_MODEM (self), ea_qmi_get_cat_mode_name (mode));
  /* Modems without a custom profile need not tell one. */
  if (ea_qmi_get_tlv (response, EA_QMI_CAT_TLV_CUSTOM_PROFILE, &value)
      && !ea_qmi_parse_lv8 (value, &profile))
    return;
  self->configuration = ea_qmi_configuration_new (mode, profile);
}

static void
set_configuration (EaQmiModem *self, const EaQmiConfiguration *configuration, guint timeout_s,
                   GCancellable *cancellable, GAsyncReadyCallback callback, GTask *task)
{
  EaSpan profile = ea_span_from_bytes (configuration->profile);
  QmiMessage *request = ea_qmi_cat_new_request (self, EA_QMI_CAT_SET_CONFIGURATION);

  ea_qmi_add_u8 (request, EA_QMI_CAT_TLV_NEW_MODE, configuration->mode);
  if (profile.size > 0)
    ea_qmi_add_lv8 (request, EA_QMI_CAT_TLV_NEW_CUSTOM_PROFILE, profile);
  ea_qmi_raw_request (self->device, request, timeout_s, cancellable, callback, task);
}

static void
forget_original (EaQmiModem *self)
{
  g_clear_pointer (&self->record.configuration, ea_qmi_configuration_free);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
}

static void
finish (GTask *task, const char *remark)
{
  EaQmiModem *self = g_task_get_source_object (task);

  self->profile_remark = remark;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  QmiProtocolError code = QMI_PROTOCOL_ERROR_NONE;
  gboolean was_changed_before = GPOINTER_TO_INT (g_task_get_task_data (task));
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, &code, NULL);

  if (response != NULL && code == QMI_PROTOCOL_ERROR_NONE)
    {
      finish (task, REMARK_PENDING);
      return;
    }

  /* Without an answer it may be changed all the same. */
  if (response != NULL && !was_changed_before)
    forget_original (self);
  finish (task, REMARK_REFUSED);
}

static void
change (GTask *task)
{
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (EaQmiConfiguration) ours = ea_qmi_configuration_new (
      EA_QMI_CAT_MODE_CUSTOM_RAW, ea_span_from_bytes (self->terminal_profile));
  gboolean was_changed_before = self->record.configuration != NULL;

  /* What an earlier run left changed is not the original. */
  if (!was_changed_before)
    self->record.configuration = g_steal_pointer (&self->configuration);
  if (!ea_qmi_modem_save_record (self, NULL))
    {
      if (!was_changed_before)
        g_clear_pointer (&self->record.configuration, ea_qmi_configuration_free);
      finish (task, REMARK_REFUSED);
      return;
    }
  g_task_set_task_data (task, GINT_TO_POINTER (was_changed_before), NULL);
  set_configuration (self, ours, EA_QMI_TIMEOUT_MODEM_S, g_task_get_cancellable (task), on_changed,
                     task);
}

static void
on_used_profile (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, NULL);
  EaSpan value = EA_SPAN_EMPTY;
  EaSpan used = EA_SPAN_EMPTY;
  EaSpan custom = ea_span_from_bytes (self->configuration->profile);
  EaSpan needed = ea_span_from_bytes (self->needed_profile);
  gboolean is_custom = self->configuration->mode == EA_QMI_CAT_MODE_CUSTOM_RAW;
  gboolean is_used_known = response != NULL
                           && ea_qmi_get_tlv (response, EA_QMI_CAT_TLV_TERMINAL_PROFILE, &value)
                           && ea_qmi_parse_lv8 (value, &used);
  /* What is not known is not changed. */
  gboolean is_sufficient = is_custom ? ea_qmi_has_bits (custom, needed)
                                     : !is_used_known || ea_qmi_has_bits (used, needed);

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (!is_sufficient)
    change (task);
  else
    finish (task,
            is_custom && is_used_known && !ea_span_equal (custom, used) ? REMARK_PENDING : NULL);
}

void
ea_qmi_configuration_start_async (EaQmiModem *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  QmiMessage *request;

  /* What can't be put back is not changed. */
  if (self->terminal_profile == NULL || self->configuration == NULL)
    {
      finish (task, NULL);
      return;
    }
  request = ea_qmi_cat_new_request (self, EA_QMI_CAT_GET_TERMINAL_PROFILE);
  if (self->cat_service == QMI_SERVICE_CAT2)
    ea_qmi_add_u8 (request, EA_QMI_CAT_TLV_SLOT, self->slot);
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_MODEM_S, cancellable, on_used_profile,
                      task);
}

gboolean
ea_qmi_configuration_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);

  if (response == NULL)
    {
      g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error),
                                                         "Cannot put back the terminal profile"));
      return;
    }

  forget_original (self);
  g_task_return_boolean (task, TRUE);
}

void
ea_qmi_configuration_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  self->profile_remark = NULL;
  if (self->record.configuration == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  set_configuration (self, self->record.configuration, EA_QMI_TIMEOUT_CLOSE_S, NULL, on_restored,
                     task);
}

gboolean
ea_qmi_configuration_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
