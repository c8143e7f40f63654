/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The APDU messages of UIM: Send APDU with its long responses, logical channels with the newer message
 * and, where a modem lacks it, the older one.
 */

#include "modem/qmi-private.h"

/* The highest logical channel that a class byte codes, TS 102 221 §10.1.1 */
#define CHANNEL_LAST 19

#define TLV_SLOT 0x01
#define TLV_APDU 0x02
#define TLV_CHANNEL 0x10
#define TLV_PROCEDURE_BYTES 0x11
#define TLV_RESPONSE 0x10
#define TLV_LONG_RESPONSE 0x11
#define TLV_AID 0x10
#define TLV_CLOSE_CHANNEL 0x11
#define TLV_OPENED_CHANNEL 0x10
#define TLV_OPEN_STATUS 0x11
#define TLV_CHUNK 0x01

#define CLOSE_AGAIN_FIRST_S 10 /* then pauses double */
#define CLOSE_AGAIN_LAST_S 3600
#define PROCEDURE_BYTES_SKIP 1 /* the final response only, no 61XX and 6CXX in between */

static void
clear_long_apdu (EaQmiModem *self)
{
  if (self->long_apdu.timeout != NULL)
    {
      g_source_destroy (self->long_apdu.timeout);
      g_source_unref (self->long_apdu.timeout);
    }
  g_clear_object (&self->long_apdu.task);
  self->long_apdu = (EaQmiLongApdu){ 0 };
}

void
ea_qmi_apdu_fail_pending (EaQmiModem *self, const GError *error)
{
  if (self->long_apdu.task == NULL)
    return;

  g_task_return_error (self->long_apdu.task, g_error_copy (error));
  clear_long_apdu (self);
}

static gboolean
on_long_apdu_timeout (gpointer user_data)
{
  EaQmiModem *self = user_data;
  g_autoptr (GError) error
      = g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT,
                     "APDU: the response of %u bytes did not come whole", self->long_apdu.total);

  ea_qmi_apdu_fail_pending (self, error);
  return G_SOURCE_REMOVE;
}

/* Indications overtake responses in libqmi, so the chunks may all be here already. */
static void
finish_long_apdu (EaQmiModem *self)
{
  GBytes *response
      = ea_qmi_assembly_steal (&self->assembly, self->long_apdu.token, self->long_apdu.total);

  if (response == NULL)
    return;

  g_task_return_pointer (self->long_apdu.task, response, (GDestroyNotify) g_bytes_unref);
  clear_long_apdu (self);
}

static void
await_long_apdu (EaQmiModem *self, GTask *task, guint16 total, guint32 token)
{
  g_autoptr (GError) replaced = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                                                     "APDU: another response took its place");

  ea_qmi_apdu_fail_pending (self, replaced);
  self->long_apdu.task = g_object_ref (task);
  self->long_apdu.total = total;
  self->long_apdu.token = token;
  self->long_apdu.timeout = g_timeout_source_new_seconds (EA_QMI_TIMEOUT_CARD_S);
  g_source_set_callback (self->long_apdu.timeout, on_long_apdu_timeout, self, NULL);
  g_source_attach (self->long_apdu.timeout, g_main_context_get_thread_default ());
  finish_long_apdu (self);
}

static void
on_transmitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);
  EaSpan value;
  EaSpan apdu;
  guint16 total;
  guint32 token;

  if (response == NULL)
    g_task_return_error (task, ea_qmi_translate_error (g_steal_pointer (&error), "APDU"));
  else if (ea_qmi_get_tlv (response, TLV_LONG_RESPONSE, &value)
           && ea_qmi_parse_long_response (value, &total, &token))
    await_long_apdu (self, task, total, token);
  else if (ea_qmi_get_tlv (response, TLV_RESPONSE, &value) && ea_qmi_parse_lv16 (value, &apdu))
    g_task_return_pointer (task, ea_span_to_bytes (apdu), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "APDU: the modem's answer has no response");
}

void
ea_qmi_apdu_transmit (EaModem *modem, guint channel, GBytes *apdu, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  QmiMessage *request;

  if (!ea_qmi_uim_check (self, task))
    return;

  request = ea_qmi_uim_new_request (self, EA_QMI_UIM_SEND_APDU);
  ea_qmi_add_u8 (request, TLV_SLOT, self->slot);
  ea_qmi_add_lv16 (request, TLV_APDU, ea_span_from_bytes (apdu));
  ea_qmi_add_u8 (request, TLV_PROCEDURE_BYTES, PROCEDURE_BYTES_SKIP);
  if (channel != 0)
    ea_qmi_add_u8 (request, TLV_CHANNEL, (guint8) channel);
  ea_qmi_uim_request (self, request, on_transmitted, task);
}

void
ea_qmi_apdu_take_indication (EaQmiModem *self, QmiMessage *message)
{
  EaSpan value;

  if (qmi_message_get_message_id (message) != EA_QMI_UIM_SEND_APDU
      || !ea_qmi_get_tlv (message, TLV_CHUNK, &value))
    return;

  if (!ea_qmi_assembly_take (&self->assembly, value))
    {
      g_autoptr (GError) error
          = g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                                 "APDU: the pieces of a long response do not fit each other");

      ea_qmi_apdu_fail_pending (self, error);
      return;
    }
  if (self->long_apdu.task != NULL)
    finish_long_apdu (self);
}

/* The card gives the lowest number that is free, so the next channel is most likely the one that was had before. It is
 * recorded before it opens: nobody would know of a channel that opened for an agent that dies then. */
static void
presume_channel (EaQmiModem *self)
{
  if (self->record.channels->len > 0 || self->record.usual_channel == 0)
    return;
  self->presumed_channel = self->record.usual_channel;
  ea_qmi_record_add_channel (&self->record, self->presumed_channel);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
}

static void
forget_presumed_channel (EaQmiModem *self)
{
  if (self->presumed_channel != 0)
    ea_qmi_record_remove_channel (&self->record, self->presumed_channel);
  self->presumed_channel = 0;
}

/* It is another one that has this number now, or soon will be none. */
static void
forget_unclosed_channel (EaQmiModem *self, guint8 channel)
{
  for (guint i = self->unclosed->len; i > 0; i--)
    if (g_array_index (self->unclosed, guint8, i - 1) == channel)
      g_array_remove_index (self->unclosed, i - 1);
}

static void
remember_channel (EaQmiModem *self, guint8 channel)
{
  gboolean is_known = channel == self->presumed_channel;

  forget_unclosed_channel (self, channel);
  forget_presumed_channel (self);
  if (self->record.channels->len == 0)
    self->record.usual_channel = channel;
  ea_qmi_record_add_channel (&self->record, channel);
  ea_modem_add_capabilities (EA_MODEM (self), EA_MODEM_LOGICAL_CHANNEL);
  if (!is_known)
    (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
}

/* Takes @error, if any. */
static void
fail_opening (GTask *task, GError *error)
{
  EaQmiModem *self = g_task_get_source_object (task);

  forget_presumed_channel (self);
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
  g_task_return_error (task, error);
}

/* TRUE unless the modem tells that the card refused the SELECT. */
static gboolean
is_selected (QmiMessage *response)
{
  EaSpan value;
  EaReader reader;
  guint8 sw1;

  if (!ea_qmi_get_tlv (response, TLV_OPEN_STATUS, &value) || value.size != 2)
    return TRUE;
  ea_reader_init (&reader, value);
  sw1 = ea_reader_u8 (&reader);
  return sw1 == 0x90 || sw1 == 0x91 || (sw1 >= 0x61 && sw1 <= 0x63);
}

/* 0: the answer has no channel. */
static guint8
get_opened_channel (QmiMessage *response)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  if (!is_selected (response) || !ea_qmi_get_tlv (response, TLV_OPENED_CHANNEL, &value))
    return 0;
  ea_reader_init (&reader, value);
  return ea_reader_u8 (&reader);
}

/* (transfer full): why the modem's answer is no channel; takes @error, which is there without @response */
static GError *
explain_refusal (QmiMessage *response, GError *error)
{
  if (response != NULL
          ? !is_selected (response)
          : g_error_matches (error, QMI_PROTOCOL_ERROR, QMI_PROTOCOL_ERROR_SIM_FILE_NOT_FOUND))
    {
      g_clear_error (&error);
      return g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_NO_APPLICATION,
                                  "Open channel: the card has no such application");
    }
  if (response == NULL)
    return ea_qmi_translate_error (error, "Open channel");
  return g_error_new_literal (EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                              "Open channel: the modem's answer has no channel");
}

/* @task: (transfer full) */
static void
fail_with_number (GTask *task)
{
  guint channel = GPOINTER_TO_UINT (g_task_get_task_data (task));

  fail_opening (task,
                g_error_new (EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                             "Open channel: the modem tells of channel %u, which cards do not have",
                             channel));
  g_object_unref (task);
}

static void
on_presumed_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* One that can't be closed stays in the record. */
  if (!ea_modem_close_channel_finish (EA_MODEM (source), result, NULL))
    EA_QMI_MODEM (source)->presumed_channel = 0;
  fail_with_number (user_data);
}

static void
on_stray_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  EaQmiModem *self = EA_QMI_MODEM (source);

  if (ea_modem_close_channel_finish (EA_MODEM (source), result, NULL)
      || self->presumed_channel == 0)
    fail_with_number (user_data);
  else
    ea_modem_close_channel_async (EA_MODEM (self), self->presumed_channel, NULL, on_presumed_closed,
                                  user_data);
}

/* A number that no class byte can code would lead to the basic channel. The modem may know what it has meant; if not, the
 * card has most likely opened the one that was presumed. */
static void
take_channel (GTask *task, guint8 channel)
{
  EaQmiModem *self = g_task_get_source_object (task);

  if (channel <= CHANNEL_LAST)
    {
      remember_channel (self, channel);
      g_task_return_int (task, channel);
      g_object_unref (task);
      return;
    }
  g_task_set_task_data (task, GUINT_TO_POINTER (channel), NULL);
  ea_modem_close_channel_async (EA_MODEM (self), channel, NULL, on_stray_closed, task);
}

static void
on_opened_old_way (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);
  guint8 channel = response != NULL ? get_opened_channel (response) : 0;

  if (channel != 0)
    {
      take_channel (task, channel);
      return;
    }
  fail_opening (task, explain_refusal (response, error));
  g_object_unref (task);
}

static void
open_channel (EaQmiModem *self, guint16 message_id, GAsyncReadyCallback callback, GTask *task)
{
  GBytes *aid = g_task_get_task_data (task);
  QmiMessage *request = ea_qmi_uim_new_request (self, message_id);

  ea_qmi_add_u8 (request, TLV_SLOT, self->slot);
  ea_qmi_add_lv8 (request, TLV_AID, ea_span_from_bytes (aid));
  ea_qmi_uim_request (self, request, callback, task);
}

/* The older message is worth a try unless the refusal is about the card or a permission. */
static gboolean
is_worth_old_way (const GError *error)
{
  return error->domain == EA_MODEM_ERROR
         && (error->code == EA_MODEM_ERROR_UNSUPPORTED || error->code == EA_MODEM_ERROR_FAILED
             || error->code == EA_MODEM_ERROR_NO_APPLICATION);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  GError *cause = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &cause);
  guint8 channel = response != NULL ? get_opened_channel (response) : 0;

  if (channel != 0)
    {
      take_channel (task, channel);
      return;
    }
  error = explain_refusal (response, cause);
  if ((response != NULL || is_worth_old_way (error)) && self->uim != NULL)
    {
      open_channel (self, EA_QMI_UIM_LOGICAL_CHANNEL, on_opened_old_way, task);
      return;
    }
  fail_opening (task, g_steal_pointer (&error));
  g_object_unref (task);
}

void
ea_qmi_apdu_open_channel (EaModem *modem, GBytes *aid, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);

  if (!ea_qmi_uim_check (self, task))
    return;
  if (self->is_closing)
    {
      g_task_return_new_error (task, EA_MODEM_ERROR, EA_MODEM_ERROR_GONE,
                               "The modem is about to be closed");
      g_object_unref (task);
      return;
    }

  g_task_set_task_data (task, g_bytes_ref (aid), (GDestroyNotify) g_bytes_unref);
  presume_channel (self);
  open_channel (self, EA_QMI_UIM_OPEN_LOGICAL_CHANNEL, on_opened, task);
}

static gboolean
on_unclosed (gpointer user_data)
{
  EaQmiModem *self = user_data;
  g_autoptr (GArray) channels = g_steal_pointer (&self->unclosed);

  self->unclosed_id = 0;
  self->unclosed = g_array_new (FALSE, FALSE, sizeof (guint8));
  for (guint i = 0; i < channels->len; i++)
    ea_modem_close_channel_async (EA_MODEM (self), g_array_index (channels, guint8, i), NULL, NULL,
                                  NULL);
  return G_SOURCE_REMOVE;
}

void
ea_qmi_apdu_stop_closing (EaQmiModem *self)
{
  g_clear_handle_id (&self->unclosed_id, g_source_remove);
  g_array_set_size (self->unclosed, 0);
  self->unclosed_pause_s = 0;
}

/* In the end, and at the next start, the record tells what is open still. */
static void
close_later (EaQmiModem *self, guint8 channel)
{
  if (self->is_closing || self->uim == NULL || channel > CHANNEL_LAST)
    return;
  forget_unclosed_channel (self, channel);
  g_array_append_val (self->unclosed, channel);
  if (self->unclosed_id == 0)
    {
      self->unclosed_pause_s
          = CLAMP (self->unclosed_pause_s * 2, CLOSE_AGAIN_FIRST_S, CLOSE_AGAIN_LAST_S);
      self->unclosed_id = g_timeout_add_seconds (self->unclosed_pause_s, on_unclosed, self);
    }
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EaQmiModem *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) response
      = ea_qmi_raw_request_finish (QMI_DEVICE (source), result, NULL, &error);

  if (response == NULL)
    {
      if (ea_qmi_judge_refusal (error) != EA_MODEM_REFUSAL_LASTING)
        close_later (self, (guint8) GPOINTER_TO_UINT (g_task_get_task_data (task)));
      g_task_return_error (task,
                           ea_qmi_translate_error (g_steal_pointer (&error), "Close channel"));
      return;
    }

  self->unclosed_pause_s = 0;
  ea_qmi_record_remove_channel (&self->record,
                                (guint8) GPOINTER_TO_UINT (g_task_get_task_data (task)));
  (void) ea_qmi_modem_save_record (self, NULL); /* told by the one who saves */
  g_task_return_boolean (task, TRUE);
}

/* Closing is the business of Logical Channel alone, whichever message opened. */
void
ea_qmi_apdu_close_channel (EaModem *modem, guint channel, GTask *task)
{
  EaQmiModem *self = EA_QMI_MODEM (modem);
  QmiMessage *request;

  if (!ea_qmi_uim_check (self, task))
    return;

  g_task_set_task_data (task, GUINT_TO_POINTER (channel), NULL);
  request = ea_qmi_uim_new_request (self, EA_QMI_UIM_LOGICAL_CHANNEL);
  ea_qmi_add_u8 (request, TLV_SLOT, self->slot);
  ea_qmi_add_u8 (request, TLV_CLOSE_CHANNEL, (guint8) channel);
  ea_qmi_uim_request (self, request, on_closed, task);
}
