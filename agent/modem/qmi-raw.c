/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Raw QMI requests over a QmiDevice. libqmi does not look at the result TLV of such a response; that is
 * done here.
 */

#include "modem/qmi-raw.h"

#define TLV_RESULT 0x02

/* A TLV has room for 64 KiB; everything that is sent is smaller. */
static void
check_added (QmiMessage *message, gboolean is_added)
{
  if (!is_added)
    g_error ("QMI message 0x%04X is too large", qmi_message_get_message_id (message));
}

void
ea_qmi_add_bytes (QmiMessage *message, guint8 type, EaSpan value)
{
  check_added (message, qmi_message_add_raw_tlv (message, type, value.data, value.size, NULL));
}

void
ea_qmi_add_u8 (QmiMessage *message, guint8 type, guint8 value)
{
  check_added (message, qmi_message_add_raw_tlv (message, type, &value, sizeof value, NULL));
}

void
ea_qmi_add_u32 (QmiMessage *message, guint8 type, guint32 value)
{
  gsize start = qmi_message_tlv_write_init (message, type, NULL);

  check_added (message,
               start > 0 && qmi_message_tlv_write_guint32 (message, QMI_ENDIAN_LITTLE, value, NULL)
                   && qmi_message_tlv_write_complete (message, start, NULL));
}

/* @prefix_size: bytes of the length */
static void
add_list (QmiMessage *message, guint8 type, guint8 prefix_size, EaSpan content)
{
  gsize start = qmi_message_tlv_write_init (message, type, NULL);

  check_added (message,
               start > 0
                   && qmi_message_tlv_write_string (
                       message, prefix_size, content.size > 0 ? (const char *) content.data : "",
                       (gssize) content.size, NULL)
                   && qmi_message_tlv_write_complete (message, start, NULL));
}

void
ea_qmi_add_lv8 (QmiMessage *message, guint8 type, EaSpan content)
{
  add_list (message, type, sizeof (guint8), content);
}

void
ea_qmi_add_lv16 (QmiMessage *message, guint8 type, EaSpan content)
{
  add_list (message, type, sizeof (guint16), content);
}

void
ea_qmi_raw_request (QmiDevice *device, QmiMessage *message, guint timeout_s,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (QmiMessage) owned = message;

  qmi_device_command_full (device, owned, NULL, timeout_s, cancellable, callback, user_data);
}

static gboolean
read_result (QmiMessage *message, QmiProtocolError *out, GError **error)
{
  EaReader reader;
  EaSpan value = EA_SPAN_EMPTY;
  guint16 status;
  guint16 code;

  (void) ea_qmi_get_tlv (message, TLV_RESULT, &value); /* an empty one is refused below */
  ea_reader_init (&reader, value);
  status = ea_reader_u16le (&reader);
  code = ea_reader_u16le (&reader);
  if (!ea_reader_done (&reader))
    {
      g_set_error_literal (error, EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL,
                           "QMI response without a result");
      return FALSE;
    }

  *out = status == 0 ? QMI_PROTOCOL_ERROR_NONE : (QmiProtocolError) code;
  return TRUE;
}

const char *
ea_qmi_get_error_name (QmiProtocolError code)
{
  const char *name = qmi_protocol_error_get_string (code);
  g_autofree char *number = NULL;

  if (name != NULL)
    return name;
  number = g_strdup_printf ("QMI error %u", (guint) code);
  return g_intern_string (number); /* a code has 16 bits: there is an end of them */
}

GError *
ea_qmi_new_error (QmiProtocolError code)
{
  return g_error_new_literal (QMI_PROTOCOL_ERROR, (int) code, ea_qmi_get_error_name (code));
}

QmiMessage *
ea_qmi_raw_request_finish (QmiDevice *device, GAsyncResult *result,
                           QmiProtocolError *protocol_error, GError **error)
{
  g_autoptr (QmiMessage) message = qmi_device_command_full_finish (device, result, error);
  QmiProtocolError code;

  if (message == NULL || !read_result (message, &code, error))
    return NULL;
  if (protocol_error != NULL)
    *protocol_error = code;
  else if (code != QMI_PROTOCOL_ERROR_NONE)
    {
      g_propagate_error (error, ea_qmi_new_error (code));
      return NULL;
    }
  return g_steal_pointer (&message);
}

gboolean
ea_qmi_get_tlv (QmiMessage *message, guint8 type, EaSpan *out)
{
  guint16 size = 0;
  const guint8 *data = qmi_message_get_raw_tlv (message, type, &size);

  if (data == NULL)
    return FALSE;

  *out = ea_span_init (data, size);
  return TRUE;
}

static const struct
{
  QmiProtocolError qmi;
  EaModemError error;
} protocol_errors[] = {
  { QMI_PROTOCOL_ERROR_CLIENT_IDS_EXHAUSTED, EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED },
  { QMI_PROTOCOL_ERROR_ACCESS_DENIED, EA_MODEM_ERROR_ACCESS_DENIED },
  { QMI_PROTOCOL_ERROR_NO_PERMISSION, EA_MODEM_ERROR_ACCESS_DENIED },
  { QMI_PROTOCOL_ERROR_INVALID_SERVICE_TYPE, EA_MODEM_ERROR_UNSUPPORTED },
  { QMI_PROTOCOL_ERROR_INVALID_QMI_COMMAND, EA_MODEM_ERROR_UNSUPPORTED },
  { QMI_PROTOCOL_ERROR_NOT_SUPPORTED, EA_MODEM_ERROR_UNSUPPORTED },
  { QMI_PROTOCOL_ERROR_DEVICE_UNSUPPORTED, EA_MODEM_ERROR_UNSUPPORTED },
  { QMI_PROTOCOL_ERROR_DEVICE_NOT_READY, EA_MODEM_ERROR_CARD_ABSENT },
  { QMI_PROTOCOL_ERROR_UIM_UNINITIALIZED, EA_MODEM_ERROR_CARD_ABSENT },
  { QMI_PROTOCOL_ERROR_NO_SIM, EA_MODEM_ERROR_CARD_ABSENT },
  { QMI_PROTOCOL_ERROR_NETWORK_NOT_READY, EA_MODEM_ERROR_NO_SERVICE },
  { QMI_PROTOCOL_ERROR_NO_RADIO, EA_MODEM_ERROR_NO_SERVICE },
  { QMI_PROTOCOL_ERROR_WMS_CAUSE_CODE, EA_MODEM_ERROR_NETWORK },
  { QMI_PROTOCOL_ERROR_WMS_MESSAGE_NOT_SENT, EA_MODEM_ERROR_NETWORK },
  { QMI_PROTOCOL_ERROR_WMS_MESSAGE_DELIVERY_FAILURE, EA_MODEM_ERROR_NETWORK },
  { QMI_PROTOCOL_ERROR_NETWORK_ABORTED, EA_MODEM_ERROR_NETWORK },
};

static EaModemError
get_modem_error (const GError *error)
{
  if (error->domain == QMI_PROTOCOL_ERROR)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (protocol_errors); i++)
        if (g_error_matches (error, QMI_PROTOCOL_ERROR, (int) protocol_errors[i].qmi))
          return protocol_errors[i].error;
      return EA_MODEM_ERROR_FAILED;
    }
  if (g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_TIMEOUT))
    return EA_MODEM_ERROR_TIMEOUT;
  if (g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_UNSUPPORTED))
    return EA_MODEM_ERROR_UNSUPPORTED;
  if (g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_WRONG_STATE))
    return EA_MODEM_ERROR_GONE;
  if (g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_TLV_NOT_FOUND)
      || g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_UNEXPECTED_MESSAGE)
      || g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_INVALID_DATA))
    return EA_MODEM_ERROR_PROTOCOL;
  return EA_MODEM_ERROR_FAILED;
}

EaModemRefusal
ea_qmi_judge_code (QmiProtocolError code)
{
  static const struct
  {
    QmiProtocolError code;
    EaModemRefusal refusal;
  } rows[] = {
    { QMI_PROTOCOL_ERROR_NO_MEMORY, EA_MODEM_REFUSAL_PASSING },
    { QMI_PROTOCOL_ERROR_CLIENT_IDS_EXHAUSTED, EA_MODEM_REFUSAL_PASSING },
    { QMI_PROTOCOL_ERROR_DEVICE_IN_USE, EA_MODEM_REFUSAL_PASSING },
    { QMI_PROTOCOL_ERROR_DEVICE_NOT_READY, EA_MODEM_REFUSAL_PASSING },
    { QMI_PROTOCOL_ERROR_UIM_UNINITIALIZED, EA_MODEM_REFUSAL_PASSING },
    { QMI_PROTOCOL_ERROR_INTERNAL, EA_MODEM_REFUSAL_DOUBTFUL },
    { QMI_PROTOCOL_ERROR_ABORTED, EA_MODEM_REFUSAL_DOUBTFUL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (code == rows[i].code)
      return rows[i].refusal;
  return EA_MODEM_REFUSAL_LASTING;
}

EaModemRefusal
ea_qmi_judge_refusal (const GError *error)
{
  if (error->domain == QMI_PROTOCOL_ERROR)
    return ea_qmi_judge_code ((QmiProtocolError) error->code);
  return g_error_matches (error, QMI_CORE_ERROR, QMI_CORE_ERROR_TIMEOUT) ? EA_MODEM_REFUSAL_PASSING
                                                                         : EA_MODEM_REFUSAL_LASTING;
}

GError *
ea_qmi_translate_error (GError *error, const char *what)
{
  g_autoptr (GError) owned = error;

  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_CANCELLED) || owned->domain == EA_MODEM_ERROR)
    {
      g_prefix_error (&owned, "%s: ", what);
      return g_steal_pointer (&owned);
    }
  return g_error_new (EA_MODEM_ERROR, get_modem_error (owned), "%s: %s", what, owned->message);
}
