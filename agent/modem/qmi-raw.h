/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libqmi-glib.h>

#include "core/bytes.h"
#include "modem/modem.h"

/* QMI requests that libqmi has no functions for, and QMI's errors in the words of EaModemError. */

/* Seconds for an answer of the modem at the end, of the modem itself, of the card behind it, of the network
 * behind that. */
#define EA_QMI_TIMEOUT_CLOSE_S                                                                     \
  2 /* a silent modem must not outlast the service manager's patience */
#define EA_QMI_TIMEOUT_RADIO_S 8 /* at the end, too: it may have to leave its network first */
#define EA_QMI_TIMEOUT_MODEM_S 10
#define EA_QMI_TIMEOUT_CARD_S 30
#define EA_QMI_TIMEOUT_NETWORK_S 60

/* One TLV more of a request: bytes as they are, little-endian numbers, bytes behind their length
 * (at most 255, and 65535) */
void ea_qmi_add_bytes (QmiMessage *message, guint8 type, EaSpan value);
void ea_qmi_add_u8 (QmiMessage *message, guint8 type, guint8 value);
void ea_qmi_add_u32 (QmiMessage *message, guint8 type, guint32 value);
void ea_qmi_add_lv8 (QmiMessage *message, guint8 type, EaSpan content);
void ea_qmi_add_lv16 (QmiMessage *message, guint8 type, EaSpan content);

/**
 * ea_qmi_raw_request:
 * @message: (transfer full): with transaction 0 and the service CTL it takes the device's own next number; else the
 *   number is unique for the client id
 */
void ea_qmi_raw_request (QmiDevice *device, QmiMessage *message, guint timeout_s,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data);

/**
 * ea_qmi_raw_request_finish:
 * @protocol_error: (out) (optional): the QMI error of the response, 0 for success. Without it an error
 *   response fails
 *
 * Returns: (transfer full) (nullable): the response
 */
QmiMessage *ea_qmi_raw_request_finish (QmiDevice *device, GAsyncResult *result,
                                       QmiProtocolError *protocol_error, GError **error);

/* A TLV's value, borrowed from @message; FALSE when it is not there. */
gboolean ea_qmi_get_tlv (QmiMessage *message, guint8 type, EaSpan *out);

/*
 * Whether what was asked for may be given another time; 0: it will not. A lack of memory or of client ids, a device in
 * use or not ready, a card that is not initialized and no answer in time pass; "Internal" and "Aborted" are in doubt;
 * all others last, and so does an answer that can't be read.
 */
EaModemRefusal ea_qmi_judge_refusal (const GError *error);
EaModemRefusal ea_qmi_judge_code (QmiProtocolError code);

/* (transfer none): the name of an error of a response; "QMI error" and the number of one that libqmi has no name for */
const char *ea_qmi_get_error_name (QmiProtocolError code);

/* (transfer full): an error of a response, not 0, as libqmi's own error */
GError *ea_qmi_new_error (QmiProtocolError code);

/* (transfer full): @error (transfer full) of libqmi as EA_MODEM_ERROR, with @what in front. */
GError *ea_qmi_translate_error (GError *error, const char *what);
