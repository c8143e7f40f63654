/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TP-UD with its header, TS 23.040 §9.2.3.24, and secured packets in it, TS 31.115 §4. Elements that are
 * not needed to handle a message stay bytes.
 */

#include "core/sms-user-data.h"

#include "core/error.h"

#define OCTET_BITS 8
#define LENGTH_MAX 255 /* TP-UDL, TP-UDHL and IEDL are one octet */

/* §9.2.3.9: TP-PID from here to 7F is not for a person to read */
#define PID_DATA_MIN 0x7C
#define PID_DATA_MAX 0x7F

/* TRUE when TP-UDL counts septets; of compressed text it counts octets, §9.2.3.16. */
static gboolean
has_septets (guint8 dcs)
{
  return ea_text_get_alphabet (dcs) == EA_TEXT_ALPHABET_7BIT && !ea_text_is_compressed (dcs);
}

static gsize
count_octets (gsize length, guint8 dcs)
{
  return has_septets (dcs) ? (length * EA_TEXT_SEPTET_BITS + OCTET_BITS - 1) / OCTET_BITS : length;
}

static void
take_concatenation (EaSmsUserData *data, EaSpan value, gboolean has_wide_reference)
{
  EaSmsConcatenation concatenation = { .has_wide_reference = has_wide_reference };
  EaReader reader;

  ea_reader_init (&reader, value);
  concatenation.reference = has_wide_reference ? ea_reader_u16be (&reader) : ea_reader_u8 (&reader);
  concatenation.total = ea_reader_u8 (&reader);
  concatenation.index = ea_reader_u8 (&reader);
  if (ea_reader_done (&reader) && concatenation.index > 0
      && concatenation.index <= concatenation.total)
    data->concatenation = concatenation;
}

static void
take_element (EaSmsUserData *data, const EaSmsElement *element)
{
  switch (element->identifier)
    {
    case EA_SMS_IEI_CONCATENATION_8:
    case EA_SMS_IEI_CONCATENATION_16:
      take_concatenation (data, element->value, element->identifier == EA_SMS_IEI_CONCATENATION_16);
      break;
    case EA_SMS_IEI_NATIONAL_SINGLE_SHIFT:
    case EA_SMS_IEI_NATIONAL_LOCKING_SHIFT:
      data->has_national_language = TRUE;
      break;
    case EA_SMS_IEI_COMMAND_PACKET:
      data->secured = EA_SMS_SECURED_COMMAND;
      break;
    case EA_SMS_IEI_RESPONSE_PACKET:
      data->secured = EA_SMS_SECURED_RESPONSE;
      break;
    default:
      break;
    }
}

gboolean
ea_sms_read_element (EaReader *header, EaSmsElement *out, GError **error)
{
  const guint8 *position = ea_reader_position (header);
  guint8 identifier = ea_reader_u8 (header);
  guint8 size = ea_reader_u8 (header);
  gsize n_left = ea_reader_remaining (header);
  EaSpan value = ea_reader_bytes (header, size);

  if (!ea_reader_is_ok (header))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Information element %02X of %u bytes has %" G_GSIZE_FORMAT
                              " in its user data header",
                              identifier, size, n_left);

  *out = (EaSmsElement){ identifier, value };
  return TRUE;
}

gboolean
ea_sms_parse_user_data_header (EaSpan header, EaSmsUserData *out, GError **error)
{
  EaSmsUserData data = *out;
  EaSmsElement element;
  EaReader reader;

  data.concatenation = (EaSmsConcatenation){ 0 };
  data.secured = EA_SMS_SECURED_NONE;
  data.has_national_language = FALSE;
  ea_reader_init (&reader, header);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_sms_read_element (&reader, &element, error))
        return FALSE;
      take_element (&data, &element);
    }

  *out = data;
  return TRUE;
}

/* Divides @octets into header and payload; the header lies within the first @size_counted of them. */
static gboolean
split_header (EaSmsUserData *data, EaSpan octets, gsize size_counted, GError **error)
{
  EaReader reader;
  guint8 size = 0;

  ea_reader_init (&reader, octets);
  if (data->has_header)
    {
      size = ea_reader_u8 (&reader);
      data->header = ea_reader_bytes (&reader, size);
    }
  if (!ea_reader_is_ok (&reader) || ea_reader_offset (&reader) > size_counted)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, octets.data,
                              "User data header of %u bytes does not fit %" G_GSIZE_FORMAT
                              " bytes of user data",
                              size, MIN (size_counted, octets.size));
  data->payload = ea_reader_rest (&reader);
  return ea_sms_parse_user_data_header (data->header, data, error);
}

gboolean
ea_sms_read_user_data (EaReader *reader, guint8 dcs, gboolean has_header, gsize size_max,
                       EaSmsUserData *out, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  EaSmsUserData data = { .has_header = has_header, .length = ea_reader_u8 (reader) };
  gsize size = count_octets (data.length, dcs);
  gsize n_left = ea_reader_remaining (reader);

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "Message of %" G_GSIZE_FORMAT " bytes ends before its user data",
                              reader->span.size);
  if (size > n_left)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "User data have %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT
                              " as TP-UDL %u says",
                              n_left, size, data.length);
  if (n_left > size_max)
    return ea_core_error_set (
        error, EA_CORE_ERROR_MALFORMED, position,
        "User data have %" G_GSIZE_FORMAT " bytes, more than %" G_GSIZE_FORMAT, n_left, size_max);
  if (!split_header (&data, ea_reader_rest (reader), size, error))
    return FALSE;

  *out = data;
  return TRUE;
}

gboolean
ea_sms_parse_user_data (EaSmsUserData *out, EaSpan octets, GError **error)
{
  EaSmsUserData data = { .has_header = TRUE, .length = (guint8) octets.size };

  if (octets.size > EA_SMS_USER_DATA_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, octets.data,
                              "User data have %" G_GSIZE_FORMAT " bytes, more than %u", octets.size,
                              EA_SMS_USER_DATA_MAX);
  if (!split_header (&data, octets, octets.size, error))
    return FALSE;

  *out = data;
  return TRUE;
}

static gsize
get_header_size (const EaSmsUserData *data)
{
  return data->has_header ? 1 + data->header.size : 0;
}

gboolean
ea_sms_length_agrees (const EaSmsUserData *data, guint8 dcs)
{
  return count_octets (data->length, dcs) == get_header_size (data) + data->payload.size;
}

gboolean
ea_sms_write_user_data (EaWriter *writer, const EaSmsUserData *data, guint8 dcs, gsize size_max,
                        GError **error)
{
  gboolean is_in_septets = has_septets (dcs);
  gsize size = get_header_size (data) + data->payload.size;

  if (!data->has_header && data->header.size > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "User data without a header have one of %" G_GSIZE_FORMAT " bytes",
                              data->header.size);
  if (size > size_max || size > LENGTH_MAX)
    return ea_core_error_set (
        error, EA_CORE_ERROR_LIMIT, NULL,
        "User data have %" G_GSIZE_FORMAT " bytes, more than %" G_GSIZE_FORMAT, size, size_max);
  if (is_in_septets && count_octets (data->length, dcs) > size)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "User data of %u septets have %" G_GSIZE_FORMAT " bytes",
                              data->length, size);

  ea_writer_u8 (writer, is_in_septets ? data->length : (guint8) size);
  if (data->has_header)
    ea_writer_u8 (writer, (guint8) data->header.size);
  ea_writer_bytes (writer, data->header);
  ea_writer_bytes (writer, data->payload);
  return TRUE;
}

void
ea_sms_write_element (EaWriter *writer, guint8 identifier, EaSpan value)
{
  g_return_if_fail (value.size <= LENGTH_MAX);

  ea_writer_u8 (writer, identifier);
  ea_writer_u8 (writer, (guint8) value.size);
  ea_writer_bytes (writer, value);
}

void
ea_sms_write_concatenation (EaWriter *writer, const EaSmsConcatenation *concatenation)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  if (concatenation->has_wide_reference)
    ea_writer_u16be (&value, concatenation->reference);
  else
    ea_writer_u8 (&value, (guint8) concatenation->reference);
  ea_writer_u8 (&value, concatenation->total);
  ea_writer_u8 (&value, concatenation->index);
  ea_sms_write_element (writer,
                        concatenation->has_wide_reference ? EA_SMS_IEI_CONCATENATION_16
                                                          : EA_SMS_IEI_CONCATENATION_8,
                        ea_writer_span (&value));
}

gboolean
ea_sms_has_text (const EaSmsUserData *data, guint8 pid, guint8 dcs)
{
  return ea_text_get_alphabet (dcs) != EA_TEXT_ALPHABET_8BIT && !ea_text_is_compressed (dcs)
         && data->secured == EA_SMS_SECURED_NONE && !data->has_national_language
         && (pid < PID_DATA_MIN || pid > PID_DATA_MAX);
}

/* The header takes whole septets: fill bits follow it up to the next one, §9.2.3.24. */
static char *
decode_septets (const EaSmsUserData *data, GError **error)
{
  gsize n_header_bits = get_header_size (data) * OCTET_BITS;
  gsize n_header_septets = (n_header_bits + EA_TEXT_SEPTET_BITS - 1) / EA_TEXT_SEPTET_BITS;
  gsize n_fill_bits = n_header_septets * EA_TEXT_SEPTET_BITS - n_header_bits;
  gsize n_septets = data->length > n_header_septets ? data->length - n_header_septets : 0;

  return ea_text_decode_septets (data->payload, n_septets, (guint) n_fill_bits, error);
}

static char *
refuse_text (const char *why, const EaSmsUserData *data, GError **error)
{
  ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, data->payload.data, "%s", why);
  return NULL;
}

char *
ea_sms_decode_text (const EaSmsUserData *data, guint8 dcs, GError **error)
{
  if (ea_text_is_compressed (dcs))
    return refuse_text ("Text is compressed", data, error);
  if (data->has_national_language)
    return refuse_text ("Text is in tables of a national language", data, error);

  switch (ea_text_get_alphabet (dcs))
    {
    case EA_TEXT_ALPHABET_7BIT:
      return decode_septets (data, error);
    case EA_TEXT_ALPHABET_UCS2:
      return ea_text_decode_ucs2 (data->payload, error);
    case EA_TEXT_ALPHABET_8BIT:
      break;
    }
  return refuse_text ("User data are 8-bit data, not text", data, error);
}

/* TP-UDHL and header of one segment; the packet's identifier stands in the first. */
static void
write_segment_header (EaWriter *writer, const EaSmsConcatenation *concatenation,
                      EaSmsSecured secured)
{
  g_auto (EaWriter) header = { 0 };

  ea_writer_init (&header);
  if (concatenation->total > 1)
    ea_sms_write_concatenation (&header, concatenation);
  if (concatenation->index == 1)
    ea_sms_write_element (&header,
                          secured == EA_SMS_SECURED_RESPONSE ? EA_SMS_IEI_RESPONSE_PACKET
                                                             : EA_SMS_IEI_COMMAND_PACKET,
                          EA_SPAN_EMPTY);
  ea_writer_u8 (writer, (guint8) ea_writer_span (&header).size);
  ea_writer_bytes (writer, ea_writer_span (&header));
}

/* Bytes of the packet that fit beside the header of a segment. */
static gsize
get_segment_room (const EaSmsConcatenation *concatenation)
{
  g_auto (EaWriter) header = { 0 };

  ea_writer_init (&header);
  write_segment_header (&header, concatenation, EA_SMS_SECURED_COMMAND);
  return EA_SMS_USER_DATA_MAX - ea_writer_span (&header).size;
}

static gsize
count_segments (gsize size, gboolean has_wide_reference)
{
  gsize alone = get_segment_room (&(EaSmsConcatenation){ .total = 1, .index = 1 });
  gsize first = get_segment_room (
      &(EaSmsConcatenation){ .total = 2, .index = 1, .has_wide_reference = has_wide_reference });
  gsize other = get_segment_room (
      &(EaSmsConcatenation){ .total = 2, .index = 2, .has_wide_reference = has_wide_reference });

  return size <= alone ? 1 : 1 + (size - first + other - 1) / other;
}

GPtrArray *
ea_sms_segment_packet (EaSpan packet, EaSmsSecured secured, guint16 reference,
                       gboolean has_wide_reference, GError **error)
{
  gsize n_segments = count_segments (packet.size, has_wide_reference);
  GPtrArray *segments;
  EaReader reader;

  if (n_segments > EA_SMS_SEGMENTS_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, packet.data,
                         "Packet of %" G_GSIZE_FORMAT " bytes takes %" G_GSIZE_FORMAT
                         " messages, more than %u",
                         packet.size, n_segments, EA_SMS_SEGMENTS_MAX);
      return NULL;
    }

  segments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  ea_reader_init (&reader, packet);
  for (gsize index = 1; index <= n_segments; index++)
    {
      EaSmsConcatenation concatenation
          = { reference, (guint8) n_segments, (guint8) index, has_wide_reference };
      EaWriter writer;

      ea_writer_init (&writer);
      write_segment_header (&writer, &concatenation, secured);
      ea_writer_bytes (&writer, ea_reader_bytes (&reader, MIN (ea_reader_remaining (&reader),
                                                               get_segment_room (&concatenation))));
      g_ptr_array_add (segments, ea_writer_steal (&writer));
    }
  return segments;
}
