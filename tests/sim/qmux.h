/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * QMUX framing and QMI messages, seen from the modem. A frame is
 * 01 | length u16 (whole frame - 1) | flags | service | client | SDU; integers are little endian.
 */

typedef enum
{
  SIM_QMI_REQUEST,
  SIM_QMI_RESPONSE,
  SIM_QMI_INDICATION,
} SimQmiKind;

/**
 * SimQmiMessage:
 * @transaction: 8 bits for the control service, 16 bits for all others
 * @tlvs: type-length-value elements; borrowed from the frame
 */
typedef struct
{
  SimQmiKind kind;
  guint8 service;
  guint8 client;
  guint16 transaction;
  guint16 message;
  EaSpan tlvs;
} SimQmiMessage;

/**
 * sim_qmux_parse:
 * @out: (out): untouched on failure
 * @frame: one whole frame, either direction
 *
 * Errors: EA_CORE_ERROR_MALFORMED (marker, a length or the kind of message is wrong).
 */
gboolean sim_qmux_parse (SimQmiMessage *out, EaSpan frame, GError **error);

/* (transfer full): the frame of @message; flags say that it comes from the modem unless it is a
 * request. */
GBytes *sim_qmux_build (const SimQmiMessage *message);

/* Bytes of a stream that has no frame boundaries. */
typedef struct
{
  GByteArray *bytes;
} SimQmuxStream;

void sim_qmux_stream_init (SimQmuxStream *stream);
void sim_qmux_stream_clear (SimQmuxStream *stream);
void sim_qmux_stream_push (SimQmuxStream *stream, EaSpan bytes);

/* (transfer full) (nullable): the next whole frame. Bytes before a marker are thrown away, as
 * firmware does to find the beat again. */
GBytes *sim_qmux_stream_pull (SimQmuxStream *stream);

/* @value of the first TLV of this @type; FALSE leaves @value alone. */
gboolean sim_qmi_find (EaSpan tlvs, guint8 type, EaReader *value);

void sim_qmi_add (EaWriter *tlvs, guint8 type, EaSpan value);
void sim_qmi_add_u8 (EaWriter *tlvs, guint8 type, guint8 value);
void sim_qmi_add_u16 (EaWriter *tlvs, guint8 type, guint16 value);
void sim_qmi_add_u32 (EaWriter *tlvs, guint8 type, guint32 value);
void sim_qmi_add_string (EaWriter *tlvs, guint8 type, const char *value);

/* Bytes behind a length of 8 or 16 bits. */
void sim_write_lv8 (EaWriter *writer, EaSpan value);
void sim_write_lv16 (EaWriter *writer, EaSpan value);
EaSpan sim_read_lv8 (EaReader *reader);
EaSpan sim_read_lv16 (EaReader *reader);
