/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Raw QMI requests over a QmiDevice. libqmi does not look at the result TLV of such a response; that is
 * done here.
 */

#include "modem/qmi-raw.h"

#define TLV_RESULT 0x02

void
ea_qmi_raw_request (QmiDevice *device, QmiService service, guint8 cid, guint16 transaction,
                    guint16 message_id, const EaQmiTlv *tlvs, gsize n_tlvs, guint timeout_s,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (QmiMessage) message = qmi_message_new (service, cid, transaction, message_id);

  for (gsize i = 0; i < n_tlvs; i++)
    {
      g_autoptr (GBytes) value = tlvs[i].value;
      EaSpan span = ea_span_from_bytes (value);
      g_autoptr (GError) error = NULL;

      /* A TLV has room for 64 KiB; everything that is sent is smaller. */
      if (!qmi_message_add_raw_tlv (message, tlvs[i].type, span.data, span.size, &error))
        g_error ("QMI message 0x%04X is too large: %s", message_id, error->message);
    }
  qmi_device_command_full (device, message, NULL, timeout_s, cancellable, callback, user_data);
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
