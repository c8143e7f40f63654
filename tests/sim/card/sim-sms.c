/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SMS-DELIVER and SMS-SUBMIT. Only the parts that matter to secured packets: no report, no command,
 * no compression.
 */

#include "sim-sms.h"

#include "core/error.h"

/* First octet, TS 23.040 §9.2.3 */
#define TP_MTI_MASK 0x03
#define TP_MTI_DELIVER 0x00
#define TP_MTI_SUBMIT 0x01
#define TP_MMS_NO_MORE 0x04
#define TP_UDHI 0x40
#define TP_VPF_MASK 0x18
#define TP_VPF_NONE 0x00
#define TP_VPF_RELATIVE 0x10

#define TP_SCTS_SIZE 7
#define ADDRESS_DIGITS_MAX 20
#define IE_CONCATENATED_8 0x00
#define IE_CONCATENATED_16 0x08

/* §9.2.3.24.1: with these numbers the element is ignored. */
static void
set_concatenation (SimSms *sms, guint reference, guint total, guint index)
{
  if (total == 0 || index == 0 || index > total)
    return;
  sms->reference = reference;
  sms->total = total;
  sms->index = index;
}

static void
parse_element (SimSms *sms, guint8 identifier, EaSpan data)
{
  EaReader reader;
  guint reference;
  guint total;
  guint index;

  if (identifier == SIM_SMS_PACKET_COMMAND || identifier == SIM_SMS_PACKET_RESPONSE)
    sms->packet = identifier;
  if (identifier != IE_CONCATENATED_8 && identifier != IE_CONCATENATED_16)
    return;

  ea_reader_init (&reader, data);
  reference = identifier == IE_CONCATENATED_8 ? ea_reader_u8 (&reader) : ea_reader_u16be (&reader);
  total = ea_reader_u8 (&reader);
  index = ea_reader_u8 (&reader);
  if (ea_reader_done (&reader))
    set_concatenation (sms, reference, total, index);
}

static gboolean
parse_header (SimSms *sms, EaReader *reader)
{
  EaReader elements;

  ea_reader_init (&elements, ea_reader_bytes (reader, ea_reader_u8 (reader)));
  while (ea_reader_remaining (&elements) > 0)
    {
      guint8 identifier = ea_reader_u8 (&elements);
      EaSpan data = ea_reader_bytes (&elements, ea_reader_u8 (&elements));

      if (!ea_reader_is_ok (&elements))
        return FALSE;
      parse_element (sms, identifier, data);
    }
  return ea_reader_is_ok (reader);
}

/* 3GPP TS 23.038 §4 */
static gboolean
is_eight_bit (guint8 dcs)
{
  if ((dcs & 0xF0) == 0xF0)
    return (dcs & 0x04) != 0;
  return (dcs & 0xC0) == 0 && (dcs & 0x0C) == 0x04;
}

static gboolean
parse_user_data (SimSms *sms, EaReader *reader, guint8 flags)
{
  gsize size = ea_reader_u8 (reader);
  EaReader user_data;

  if (!is_eight_bit (sms->dcs) && (sms->dcs & 0x0C) != 0x08)
    size = (size * 7 + 7) / 8;
  if (size > SIM_SMS_USER_DATA_MAX)
    return FALSE;
  ea_reader_init (&user_data, ea_reader_bytes (reader, size));
  if (!ea_reader_done (reader))
    return FALSE;
  if ((flags & TP_UDHI) != 0 && !parse_header (sms, &user_data))
    return FALSE;
  sms->body = ea_reader_rest (&user_data);
  return TRUE;
}

/* The span of number of digits, type and digits; moves behind it */
static EaSpan
read_address (EaReader *reader)
{
  EaReader start = *reader;
  guint8 digits = ea_reader_u8 (&start);

  if (digits > ADDRESS_DIGITS_MAX)
    ea_reader_fail (reader);
  return ea_reader_bytes (reader, 2 + ((gsize) digits + 1) / 2);
}

static void
skip_validity_period (EaReader *reader, guint8 flags)
{
  guint8 format = flags & TP_VPF_MASK;

  if (format == TP_VPF_NONE)
    return;
  (void) ea_reader_bytes (reader, format == TP_VPF_RELATIVE ? 1 : TP_SCTS_SIZE);
}

static gboolean
parse (SimSms *out, guint8 message_type, EaSpan tpdu, GError **error)
{
  SimSms sms = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  flags = ea_reader_u8 (&reader);
  if ((flags & TP_MTI_MASK) != message_type)
    ea_reader_fail (&reader);
  if (message_type == TP_MTI_SUBMIT)
    (void) ea_reader_u8 (&reader); /* TP-MR is the terminal's */
  sms.address = read_address (&reader);
  sms.pid = ea_reader_u8 (&reader);
  sms.dcs = ea_reader_u8 (&reader);
  if (message_type == TP_MTI_SUBMIT)
    skip_validity_period (&reader, flags);
  else
    (void) ea_reader_bytes (&reader, TP_SCTS_SIZE);

  if (!parse_user_data (&sms, &reader, flags))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%" G_GSIZE_FORMAT " octets are no SMS-%s TPDU", tpdu.size,
                   message_type == TP_MTI_SUBMIT ? "SUBMIT" : "DELIVER");
      return FALSE;
    }
  *out = sms;
  return TRUE;
}

gboolean
sim_sms_parse_deliver (SimSms *out, EaSpan tpdu, GError **error)
{
  return parse (out, TP_MTI_DELIVER, tpdu, error);
}

gboolean
sim_sms_parse_submit (SimSms *out, EaSpan tpdu, GError **error)
{
  return parse (out, TP_MTI_SUBMIT, tpdu, error);
}

/* TS 31.115 §4: the packet's element is in the first segment only. */
static GBytes *
build_header (SimSmsPacket packet, guint8 reference, guint total, guint index)
{
  g_auto (EaWriter) elements = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&elements);
  ea_writer_init (&writer);
  if (total > 1)
    {
      ea_writer_u8 (&elements, IE_CONCATENATED_8);
      ea_writer_u8 (&elements, 3);
      ea_writer_u8 (&elements, reference);
      ea_writer_u8 (&elements, (guint8) total);
      ea_writer_u8 (&elements, (guint8) index);
    }
  if (index == 1)
    ea_writer_u16be (&elements, (guint16) (packet << 8));
  ea_writer_u8 (&writer, (guint8) ea_writer_span (&elements).size);
  ea_writer_bytes (&writer, ea_writer_span (&elements));
  return ea_writer_steal (&writer);
}

static gsize
get_room (SimSmsPacket packet, guint total, guint index)
{
  g_autoptr (GBytes) header = build_header (packet, 0, total, index);

  return SIM_SMS_USER_DATA_MAX - g_bytes_get_size (header);
}

static guint
count_segments (SimSmsPacket packet, gsize size)
{
  gsize first = get_room (packet, 2, 1);
  gsize other = get_room (packet, 2, 2);

  if (size <= get_room (packet, 1, 1))
    return 1;
  return 1 + (guint) ((size - first + other - 1) / other);
}

/* (transfer full) (element-type GBytes): TP-UD with its header */
static GPtrArray *
split_packet (SimSmsPacket kind, EaSpan packet, guint8 reference)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint total = count_segments (kind, packet.size);
  EaReader reader;

  ea_reader_init (&reader, packet);
  for (guint index = 1; index <= total; index++)
    {
      g_autoptr (GBytes) header = build_header (kind, reference, total, index);
      gsize size = MIN (get_room (kind, total, index), ea_reader_remaining (&reader));
      g_auto (EaWriter) writer = { 0 };

      ea_writer_init (&writer);
      ea_writer_bytes (&writer, ea_span_from_bytes (header));
      ea_writer_bytes (&writer, ea_reader_bytes (&reader, size));
      g_ptr_array_add (parts, ea_writer_steal (&writer));
    }
  return parts;
}

static GBytes *
build_tpdu (guint8 flags, EaSpan address, EaSpan user_data)
{
  /* The service centre's clock stands still, so that a message is the same in every run. */
  static const guint8 timestamp[TP_SCTS_SIZE] = { 0x62, 0x11, 0x22, 0x01, 0x00, 0x00, 0x00 };
  gboolean is_submit = (flags & TP_MTI_MASK) == TP_MTI_SUBMIT;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, flags);
  if (is_submit)
    ea_writer_u8 (&writer, 0);
  ea_writer_bytes (&writer, address);
  ea_writer_u8 (&writer, SIM_SMS_PID_DATA_DOWNLOAD);
  ea_writer_u8 (&writer, SIM_SMS_DCS_CLASS_2);
  if (!is_submit)
    ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (timestamp));
  ea_writer_u8 (&writer, (guint8) user_data.size);
  ea_writer_bytes (&writer, user_data);
  return ea_writer_steal (&writer);
}

GPtrArray *
sim_sms_build_deliver (EaSpan originator, EaSpan packet, guint8 reference)
{
  g_autoptr (GPtrArray) parts = split_packet (SIM_SMS_PACKET_COMMAND, packet, reference);
  GPtrArray *tpdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < parts->len; i++)
    {
      guint8 flags = TP_MTI_DELIVER | TP_UDHI | (i + 1 == parts->len ? TP_MMS_NO_MORE : 0);

      g_ptr_array_add (
          tpdus, build_tpdu (flags, originator, ea_span_from_bytes (g_ptr_array_index (parts, i))));
    }
  return tpdus;
}

GPtrArray *
sim_sms_build_submit (EaSpan destination, SimSmsPacket kind, EaSpan packet, guint8 reference)
{
  g_autoptr (GPtrArray) parts = split_packet (kind, packet, reference);
  GPtrArray *tpdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_add (tpdus, build_tpdu (TP_MTI_SUBMIT | TP_UDHI, destination,
                                        ea_span_from_bytes (g_ptr_array_index (parts, i))));
  return tpdus;
}
