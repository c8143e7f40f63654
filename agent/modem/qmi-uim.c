/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service UIM without its APDUs and refreshes: card status, EF_ICCID, answer to reset. */

#include "modem/qmi-private.h"

#define TLV_SLOT 0x01
#define TLV_ATR 0x10

#define FILE_ID_ICCID 0x2FE2
#define ICCID_SIZE 10 /* EF_ICCID, TS 102 221 §13.2 */

/* 3F00; paths are pairs of bytes in little-endian order. */
static const guint8 path_master_file[] = { 0x00, 0x3F };

static QmiUimSessionType
get_card_session (guint slot)
{
  static const QmiUimSessionType sessions[] = {
    QMI_UIM_SESSION_TYPE_CARD_SLOT_1, QMI_UIM_SESSION_TYPE_CARD_SLOT_2,
    QMI_UIM_SESSION_TYPE_CARD_SLOT_3, QMI_UIM_SESSION_TYPE_CARD_SLOT_4,
    QMI_UIM_SESSION_TYPE_CARD_SLOT_5,
  };

  g_return_val_if_fail (slot >= 1 && slot <= G_N_ELEMENTS (sessions), sessions[0]);
  return sessions[slot - 1];
}

static GArray *
new_bytes (const guint8 *data, guint size)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (guint8), size);

  g_array_append_vals (array, data, size);
  return array;
}

QmiMessage *
ea_qmi_uim_new_request (EaQmiModem *self, guint16 message_id)
{
  QmiClient *client = QMI_CLIENT (self->uim);

  return qmi_message_new (QMI_SERVICE_UIM, qmi_client_get_cid (client),
                          qmi_client_get_next_transaction_id (client), message_id);
}

void
ea_qmi_uim_request (EaQmiModem *self, QmiMessage *request, GAsyncReadyCallback callback,
                    GTask *task)
{
  ea_qmi_raw_request (self->device, request, EA_QMI_TIMEOUT_CARD_S, g_task_get_cancellable (task),
                      callback, task);
}

gboolean
ea_qmi_uim_check (EaQmiModem *self, GTask *task)
{
  if (self->uim != NULL)
    return TRUE;

  g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE, "The modem is not open");
  g_object_unref (task);
  return FALSE;
}

static EaModemCard
get_card_state (EaQmiCard card)
{
  switch (card)
    {
    case EA_QMI_CARD_ABSENT:
      return EA_MODEM_CARD_ABSENT;
    case EA_QMI_CARD_FAILED:
      return EA_MODEM_CARD_FAILED;
    case EA_QMI_CARD_INITIALIZING:
      return EA_MODEM_CARD_INITIALIZING;
    case EA_QMI_CARD_READY:
      return EA_MODEM_CARD_READY;
    }
  return EA_MODEM_CARD_UNKNOWN;
}

void
ea_qmi_uim_forget_channels (EaQmiModem *self)
{
  ea_qmi_apdu_stop_closing (self);
  if (self->record.channels->len == 0)
    return;

  g_array_set_size (self->record.channels, 0);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
}

/* FALSE when @message has no card status that can be read */
static gboolean
take_card_status (EaQmiModem *self, QmiMessage *message)
{
  EaSpan value;
  EaQmiCard card;

  if (!ea_qmi_get_tlv (message, EA_QMI_UIM_TLV_CARD_STATUS, &value)
      || !ea_qmi_parse_card_status (value, self->slot, &card))
    return FALSE;

  if (card != EA_QMI_CARD_READY)
    ea_qmi_uim_forget_channels (self);
  ea_modem_set_card (EA_MODEM (self), get_card_state (card));
  return TRUE;
}

void
ea_qmi_uim_take_indication (EaQmiModem *self, QmiMessage *message)
{
  if (qmi_message_get_message_id (message) == EA_QMI_UIM_CARD_STATUS)
    (void) take_card_status (self, message); /* the next one may be readable */
}

static void
on_first_card_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);

  if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "Card status"));
  else if (!take_card_status (self, response))
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "Card status: the modem's answer can't be read");
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_refresh_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (source);

  /* Without it a refresh shows as a card that comes back, and in what it says then. */
  if (ea_qmi_refresh_start_finish (self, result, NULL))
    ea_modem_add_capabilities (EA_MODEM (self), EA_MODEM_REFRESH);
  ea_qmi_uim_request (self, ea_qmi_uim_new_request (self, EA_QMI_UIM_GET_CARD_STATUS),
                      on_first_card_status, user_data);
}

static void
on_events_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (QmiMessageUimRegisterEventsOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  output = qmi_client_uim_register_events_finish (QMI_CLIENT_UIM (source), result, &error);
  if (output == NULL || !qmi_message_uim_register_events_output_get_result (output, &error))
    {
      g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "Card events"));
      g_object_unref (task);
      return;
    }

  ea_qmi_refresh_start_async (self, g_task_get_cancellable (task), on_refresh_started, task);
}

void
ea_qmi_uim_start_async (EaQmiModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (QmiMessageUimRegisterEventsInput) input = qmi_message_uim_register_events_input_new ();
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  qmi_message_uim_register_events_input_set_event_registration_mask (
      input, QMI_UIM_EVENT_REGISTRATION_FLAG_CARD_STATUS, NULL);
  qmi_client_uim_register_events (self->uim, input, EA_QMI_TIMEOUT_MODEM_S, cancellable,
                                  on_events_registered, task);
}

gboolean
ea_qmi_uim_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* (transfer full) (nullable): swapped BCD digits up to the first filler */
static char *
decode_iccid (const GArray *content)
{
  g_autoptr (GString) digits = g_string_new (NULL);
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (content->data, content->len));
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 octet = ea_reader_u8 (&reader);
      guint8 nibbles[] = { octet & 0x0F, octet >> 4 };

      for (guint i = 0; i < G_N_ELEMENTS (nibbles); i++)
        {
          if (nibbles[i] == 0x0F)
            return g_string_free (g_steal_pointer (&digits), FALSE);
          if (nibbles[i] > 9)
            return NULL;
          g_string_append_c (digits, (char) ('0' + nibbles[i]));
        }
    }
  return g_string_free (g_steal_pointer (&digits), FALSE);
}

static void
on_iccid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (QmiMessageUimReadTransparentOutput) output = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *iccid = NULL;
  GArray *content = NULL;

  output = qmi_client_uim_read_transparent_finish (QMI_CLIENT_UIM (source), result, &error);
  if (output == NULL || !qmi_message_uim_read_transparent_output_get_result (output, &error)
      || !qmi_message_uim_read_transparent_output_get_read_result (output, &content, &error))
    {
      g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "EF_ICCID"));
      return;
    }

  iccid = content->len == ICCID_SIZE ? decode_iccid (content) : NULL;
  if (iccid == NULL || iccid[0] == '\0')
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "EF_ICCID: %u bytes that are no ICCID", content->len);
  else
    g_task_return_pointer (task, g_steal_pointer (&iccid), g_free);
}

void
ea_qmi_uim_read_iccid (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  g_autoptr (QmiMessageUimReadTransparentInput) input = NULL;
  g_autoptr (GArray) path = new_bytes (path_master_file, sizeof path_master_file);
  g_autoptr (GArray) aid = new_bytes (NULL, 0);

  if (!ea_qmi_uim_check (self, task))
    return;

  input = qmi_message_uim_read_transparent_input_new ();
  qmi_message_uim_read_transparent_input_set_session (input, get_card_session (self->slot), aid,
                                                      NULL);
  qmi_message_uim_read_transparent_input_set_file (input, FILE_ID_ICCID, path, NULL);
  qmi_message_uim_read_transparent_input_set_read_information (input, 0, 0, NULL);
  qmi_client_uim_read_transparent (self->uim, input, EA_QMI_TIMEOUT_CARD_S,
                                   g_task_get_cancellable (task), on_iccid, task);
}

static void
on_atr (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);
  EaSpan value = EA_SPAN_EMPTY;
  EaSpan atr;

  if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "ATR"));
  else if (!ea_qmi_get_tlv (response, TLV_ATR, &value) || !ea_qmi_parse_lv8 (value, &atr))
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "ATR: the modem's answer has none");
  else
    g_task_return_pointer (task, ea_span_to_bytes (atr), (GDestroyNotify) g_bytes_unref);
}

void
ea_qmi_uim_read_atr (EaModem *modem, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  QmiMessage *request;

  if (!ea_qmi_uim_check (self, task))
    return;

  request = ea_qmi_uim_new_request (self, EA_QMI_UIM_GET_ATR);
  ea_qmi_add_u8 (request, TLV_SLOT, self->slot);
  ea_qmi_uim_request (self, request, on_atr, task);
}
