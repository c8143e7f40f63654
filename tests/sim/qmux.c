/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMUX frames and the TLVs of QMI messages. The control service differs from all others in the width
 * of its transaction and in the values of its flags.
 */
#include "qmux.h"

#include "core/error.h"
#include "qmi.h"

#define QMUX_MARKER 0x01
#define QMUX_HEADER_SIZE 6
#define QMUX_FLAGS_MODEM 0x80

/* QMI flags of a non-control message; the control service uses half of these values. */
#define QMI_FLAG_RESPONSE 0x02
#define QMI_FLAG_INDICATION 0x04

static gboolean
parse_kind (SimQmiKind *out, guint8 flags, gboolean is_control)
{
  guint normal = (guint) flags << (is_control ? 1 : 0);

  switch (normal)
    {
    case 0:
      *out = SIM_QMI_REQUEST;
      return TRUE;
    case QMI_FLAG_RESPONSE:
      *out = SIM_QMI_RESPONSE;
      return TRUE;
    case QMI_FLAG_INDICATION:
      *out = SIM_QMI_INDICATION;
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
sim_qmux_parse (SimQmiMessage *out, EaSpan frame, GError **error)
{
  EaReader reader;
  SimQmiMessage message = { 0 };
  guint8 marker, flags;
  guint16 length, tlvs_length;
  gboolean is_control;

  ea_reader_init (&reader, frame);
  marker = ea_reader_u8 (&reader);
  length = ea_reader_u16le (&reader);
  (void) ea_reader_u8 (&reader); /* direction: says nothing that the kind doesn't */
  message.service = ea_reader_u8 (&reader);
  message.client = ea_reader_u8 (&reader);
  is_control = message.service == SIM_SERVICE_CTL;
  flags = ea_reader_u8 (&reader);
  message.transaction = is_control ? ea_reader_u8 (&reader) : ea_reader_u16le (&reader);
  message.message = ea_reader_u16le (&reader);
  tlvs_length = ea_reader_u16le (&reader);
  message.tlvs = ea_reader_bytes (&reader, tlvs_length);

  if (!ea_reader_done (&reader) || marker != QMUX_MARKER || length + 1U != frame.size
      || !parse_kind (&message.kind, flags, is_control))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "Frame of %" G_GSIZE_FORMAT " bytes is not QMUX", frame.size);
      return FALSE;
    }

  *out = message;
  return TRUE;
}

static guint8
build_flags (SimQmiKind kind, gboolean is_control)
{
  guint shift = is_control ? 1 : 0;

  switch (kind)
    {
    case SIM_QMI_REQUEST:
      return 0;
    case SIM_QMI_RESPONSE:
      return (guint8) (QMI_FLAG_RESPONSE >> shift);
    case SIM_QMI_INDICATION:
      return (guint8) (QMI_FLAG_INDICATION >> shift);
    }
  g_assert_not_reached ();
}

GBytes *
sim_qmux_build (const SimQmiMessage *message)
{
  g_auto (EaWriter) writer = { NULL };
  gboolean is_control = message->service == SIM_SERVICE_CTL;
  gsize header_size = QMUX_HEADER_SIZE + (is_control ? 6U : 7U);

  g_assert (header_size + message->tlvs.size <= G_MAXUINT16);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, QMUX_MARKER);
  ea_writer_u16le (&writer, (guint16) (header_size + message->tlvs.size - 1));
  ea_writer_u8 (&writer, message->kind == SIM_QMI_REQUEST ? 0 : QMUX_FLAGS_MODEM);
  ea_writer_u8 (&writer, message->service);
  ea_writer_u8 (&writer, message->client);
  ea_writer_u8 (&writer, build_flags (message->kind, is_control));
  if (is_control)
    ea_writer_u8 (&writer, (guint8) message->transaction);
  else
    ea_writer_u16le (&writer, message->transaction);
  ea_writer_u16le (&writer, message->message);
  ea_writer_u16le (&writer, (guint16) message->tlvs.size);
  ea_writer_bytes (&writer, message->tlvs);
  return ea_writer_steal (&writer);
}

void
sim_qmux_stream_init (SimQmuxStream *stream)
{
  stream->bytes = g_byte_array_new ();
}

void
sim_qmux_stream_clear (SimQmuxStream *stream)
{
  g_clear_pointer (&stream->bytes, g_byte_array_unref);
}

void
sim_qmux_stream_push (SimQmuxStream *stream, EaSpan bytes)
{
  g_byte_array_append (stream->bytes, bytes.data, (guint) bytes.size);
}

/* Number of bytes before the first marker. */
static guint
count_noise (EaSpan span)
{
  EaReader reader;
  guint n_noise = 0;

  ea_reader_init (&reader, span);
  while (ea_reader_remaining (&reader) > 0 && ea_reader_peek_u8 (&reader) != QMUX_MARKER)
    {
      (void) ea_reader_u8 (&reader);
      n_noise++;
    }
  return n_noise;
}

GBytes *
sim_qmux_stream_pull (SimQmuxStream *stream)
{
  EaReader reader;
  EaSpan frame;
  GBytes *bytes;
  gsize size;

  g_byte_array_remove_range (stream->bytes, 0, count_noise (ea_span_from_array (stream->bytes)));
  ea_reader_init (&reader, ea_span_from_array (stream->bytes));
  (void) ea_reader_u8 (&reader);
  size = ea_reader_u16le (&reader) + 1U;
  if (!ea_reader_is_ok (&reader))
    return NULL;
  ea_reader_init (&reader, ea_span_from_array (stream->bytes));
  frame = ea_reader_bytes (&reader, size);
  if (!ea_reader_is_ok (&reader))
    return NULL;
  bytes = ea_span_to_bytes (frame);
  g_byte_array_remove_range (stream->bytes, 0, (guint) size);
  return bytes;
}

gboolean
sim_qmi_find (EaSpan tlvs, guint8 type, EaReader *value)
{
  EaReader reader;

  ea_reader_init (&reader, tlvs);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 found = ea_reader_u8 (&reader);
      EaSpan span = sim_read_lv16 (&reader);

      if (!ea_reader_is_ok (&reader))
        return FALSE;
      if (found != type)
        continue;
      ea_reader_init (value, span);
      return TRUE;
    }
  return FALSE;
}

void
sim_qmi_add (EaWriter *tlvs, guint8 type, EaSpan value)
{
  ea_writer_u8 (tlvs, type);
  sim_write_lv16 (tlvs, value);
}

void
sim_qmi_add_u8 (EaWriter *tlvs, guint8 type, guint8 value)
{
  ea_writer_u8 (tlvs, type);
  ea_writer_u16le (tlvs, sizeof value);
  ea_writer_u8 (tlvs, value);
}

void
sim_qmi_add_u16 (EaWriter *tlvs, guint8 type, guint16 value)
{
  ea_writer_u8 (tlvs, type);
  ea_writer_u16le (tlvs, sizeof value);
  ea_writer_u16le (tlvs, value);
}

void
sim_qmi_add_u32 (EaWriter *tlvs, guint8 type, guint32 value)
{
  ea_writer_u8 (tlvs, type);
  ea_writer_u16le (tlvs, sizeof value);
  ea_writer_u32le (tlvs, value);
}

void
sim_qmi_add_string (EaWriter *tlvs, guint8 type, const char *value)
{
  sim_qmi_add (tlvs, type, ea_span_init (value, strlen (value)));
}

void
sim_write_lv8 (EaWriter *writer, EaSpan value)
{
  g_assert (value.size <= G_MAXUINT8);
  ea_writer_u8 (writer, (guint8) value.size);
  ea_writer_bytes (writer, value);
}

void
sim_write_lv16 (EaWriter *writer, EaSpan value)
{
  g_assert (value.size <= G_MAXUINT16);
  ea_writer_u16le (writer, (guint16) value.size);
  ea_writer_bytes (writer, value);
}

EaSpan
sim_read_lv8 (EaReader *reader)
{
  gsize size = ea_reader_u8 (reader);

  return ea_reader_bytes (reader, size);
}

EaSpan
sim_read_lv16 (EaReader *reader)
{
  gsize size = ea_reader_u16le (reader);

  return ea_reader_bytes (reader, size);
}
