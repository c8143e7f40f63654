/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clear headers of secured packets, TS 102 225 §5.1 and §5.2. Ciphering and checks are in scp80-seal.c, words
 * in scp80-words.c. Left out: the forms of HTTP (which has no packets of its own) and of TCP.
 */

#include "core/scp80.h"

#include "core/error.h"
#include "core/tlv.h"

/* TS 31.115 §4.2 and §4.3: user data header with the element 70 or 71, without a value */
static const guint8 command_udh[] = { 0x02, 0x70, 0x00 };
static const guint8 response_udh[] = { 0x02, 0x71, 0x00 };

/* TS 102 225 §5.1, table 2, and §5.2: identifiers of the CAT_TP form */
#define CPI_COMMAND 0x01
#define RPI_RESPONSE 0x02

/* Octets that CHL counts at least: SPI KIc KID TAR CNTR PCNTR; RHL: TAR CNTR PCNTR status */
#define COMMAND_HEADER_MIN 13
#define RESPONSE_HEADER_MIN 10

/* SPI KIc KID TAR; TAR alone */
#define COMMAND_FIELDS_SIZE 7
#define RESPONSE_FIELDS_SIZE 3

/* CHL and RHL of what is built: below 128, so one octet in either form */
#define HEADER_LENGTH_SIZE 1

/* CPL and CHL: what stands before SPI in the SMS form */
#define BEFORE_SPI_SIZE 3

/* ISO/IEC 8825-1 §8.1.3: first octets of the length forms that a packet may need */
#define LENGTH_LONG 0x80
#define LENGTH_1_OCTET 0x81
#define LENGTH_2_OCTETS 0x82

/* §5.1.1: bits of the security parameter indicator as one number */
#define SPI_INTEGRITY_SHIFT 8
#define SPI_CIPHERED 0x0400
#define SPI_COUNTER_SHIFT 11
#define SPI_POR_INTEGRITY_SHIFT 2
#define SPI_POR_CIPHERED 0x0010
#define SPI_POR_SUBMIT 0x0020
#define SPI_FIELD_MASK 0x03

EaSpan
ea_scp80_get_user_data_header (EaScp80Kind kind)
{
  return kind == EA_SCP80_COMMAND ? EA_SPAN_OF_ARRAY (command_udh)
                                  : EA_SPAN_OF_ARRAY (response_udh);
}

static const char *
get_kind_name (EaScp80Kind kind)
{
  return kind == EA_SCP80_COMMAND ? "Command packet" : "Response packet";
}

EaScp80Spi
ea_scp80_read_spi (guint16 spi)
{
  return (EaScp80Spi){
    .integrity = (EaScp80Integrity) (spi >> SPI_INTEGRITY_SHIFT & SPI_FIELD_MASK),
    .is_ciphered = (spi & SPI_CIPHERED) != 0,
    .counter_mode = (EaScp80CounterMode) (spi >> SPI_COUNTER_SHIFT & SPI_FIELD_MASK),
    .por = (EaScp80Por) (spi & SPI_FIELD_MASK),
    .por_integrity = (EaScp80Integrity) (spi >> SPI_POR_INTEGRITY_SHIFT & SPI_FIELD_MASK),
    .is_por_ciphered = (spi & SPI_POR_CIPHERED) != 0,
    .is_por_submit = (spi & SPI_POR_SUBMIT) != 0,
  };
}

/* A length as in BER; FALSE when its first octet is none that a packet may have. */
static gboolean
read_ber_length (EaReader *reader, gsize *out)
{
  guint8 first = ea_reader_u8 (reader);

  if (first < LENGTH_LONG)
    *out = first;
  else if (first == LENGTH_1_OCTET)
    *out = ea_reader_u8 (reader);
  else if (first == LENGTH_2_OCTETS)
    *out = ea_reader_u16be (reader);
  else
    return FALSE;
  return TRUE;
}

/* CPI or RPI of the CAT_TP form and the packet's length; FALSE when they are not what the standard has. */
static gboolean
read_length (EaReader *reader, EaScp80Kind kind, EaScp80Form form, gsize *out, GError **error)
{
  guint8 expected = kind == EA_SCP80_COMMAND ? CPI_COMMAND : RPI_RESPONSE;
  const guint8 *position = ea_reader_position (reader);
  guint8 first = ea_reader_peek_u8 (reader);

  if (form == EA_SCP80_FORM_SMS)
    {
      *out = ea_reader_u16be (reader);
      return TRUE;
    }
  ea_reader_u8 (reader);
  if (ea_reader_is_ok (reader) && first != expected)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Packet identifier is %02X, not %02X", first, expected);
  position = ea_reader_position (reader);
  first = ea_reader_peek_u8 (reader);
  return read_ber_length (reader, out)
         || ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                               "Packet length begins with %02X", first);
}

static gboolean
check_length (const EaReader *reader, const EaScp80Packet *packet, GError **error)
{
  const char *name = get_kind_name (packet->header.kind);
  const char *form = packet->header.form == EA_SCP80_FORM_SMS ? "SMS" : "CAT_TP";
  gsize remaining = ea_reader_remaining (reader);
  gboolean is_short = packet->length > remaining;
  EaSpan surplus;

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "%s in the %s form ends within its length field", name, form);
  if (packet->length == remaining)
    return TRUE;
  surplus = ea_span_tail (reader->span, ea_reader_offset (reader) + packet->length);
  return ea_core_error_set (error, is_short ? EA_CORE_ERROR_TRUNCATED : EA_CORE_ERROR_MALFORMED,
                            is_short ? ea_span_end (reader->span) : surplus.data,
                            "%s in the %s form: length field says %" G_GSIZE_FORMAT
                            " bytes, %" G_GSIZE_FORMAT " are there",
                            name, form, packet->length, remaining);
}

static gsize
get_header_min (EaScp80Kind kind)
{
  return kind == EA_SCP80_COMMAND ? COMMAND_HEADER_MIN : RESPONSE_HEADER_MIN;
}

/* CHL or RHL */
static gboolean
read_header_length (EaReader *reader, EaScp80Packet *packet, GError **error)
{
  const char *name = get_kind_name (packet->header.kind);
  const guint8 *position = ea_reader_position (reader);
  guint8 first = ea_reader_peek_u8 (reader);
  gsize least = get_header_min (packet->header.kind);

  if (packet->header.form == EA_SCP80_FORM_SMS)
    packet->header_length = ea_reader_u8 (reader);
  else if (!read_ber_length (reader, &packet->header_length))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Header length begins with %02X", first);
  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "%s ends within its header length", name);
  if (packet->header_length < least)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Header length is %" G_GSIZE_FORMAT ", at least %" G_GSIZE_FORMAT
                              " is needed",
                              packet->header_length, least);
  if (packet->header_length > ea_reader_remaining (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Header length is %" G_GSIZE_FORMAT ", but %" G_GSIZE_FORMAT
                              " bytes are left of the packet",
                              packet->header_length, ea_reader_remaining (reader));

  packet->integrity_size = packet->header_length - least;
  return TRUE;
}

/* SPI to TAR of a command packet, TAR of a response packet: there are as many bytes, by the header length. */
static void
read_fields (EaReader *reader, EaScp80Packet *packet)
{
  EaScp80Header *header = &packet->header;
  EaReader fields;

  packet->fields = ea_reader_bytes (
      reader, header->kind == EA_SCP80_COMMAND ? COMMAND_FIELDS_SIZE : RESPONSE_FIELDS_SIZE);
  packet->clear = ea_span_head (reader->span, ea_reader_offset (reader));
  packet->body = ea_reader_rest (reader);
  ea_reader_init (&fields, packet->fields);
  if (header->kind == EA_SCP80_COMMAND)
    {
      header->spi = ea_reader_u16be (&fields);
      header->kic = ea_reader_u8 (&fields);
      header->kid = ea_reader_u8 (&fields);
    }
  header->tar = ea_reader_u24be (&fields);
}

gboolean
ea_scp80_is_integrity_size (EaScp80Integrity integrity, guint8 kid, gsize size)
{
  guint8 algorithm = kid & EA_SCP80_ALGORITHM_MASK;

  switch (integrity)
    {
    case EA_SCP80_INTEGRITY_NONE:
      return size == 0;
    case EA_SCP80_INTEGRITY_RC:
      return (size == EA_SCP80_RC_16_SIZE && algorithm != EA_SCP80_KID_CRC32)
             || (size == EA_SCP80_RC_32_SIZE && algorithm != EA_SCP80_KID_CRC16);
    case EA_SCP80_INTEGRITY_CC:
      return size == EA_SCP80_CC_SIZE || size == EA_SCP80_CC_SHORT_SIZE;
    case EA_SCP80_INTEGRITY_DS:
      return size > 0;
    }
  return FALSE;
}

static gboolean
check_integrity_size (const EaScp80Packet *packet, GError **error)
{
  EaScp80Integrity integrity = ea_scp80_read_spi (packet->header.spi).integrity;

  if (packet->header.kind == EA_SCP80_RESPONSE
      || ea_scp80_is_integrity_size (integrity, packet->header.kid, packet->integrity_size))
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, packet->fields.data,
                            "Header length %" G_GSIZE_FORMAT " leaves %" G_GSIZE_FORMAT
                            " bytes for RC/CC/DS, which does not fit integrity '%s' with KID %02X",
                            packet->header_length, packet->integrity_size,
                            ea_scp80_get_integrity_name (integrity), packet->header.kid);
}

/* 02 70 00 and 02 71 00 begin no packet of the other kind, in either form: a header length of 00 would follow. */
static gboolean
check_kind (EaSpan packet, EaScp80Kind kind, GError **error)
{
  EaScp80Kind other = kind == EA_SCP80_COMMAND ? EA_SCP80_RESPONSE : EA_SCP80_COMMAND;

  if (!ea_span_has_prefix (packet, ea_scp80_get_user_data_header (other)))
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, packet.data,
                            "This is a %s packet: its user data header is %s",
                            other == EA_SCP80_COMMAND ? "command" : "response",
                            other == EA_SCP80_COMMAND ? "027000" : "027100");
}

gboolean
ea_scp80_parse (EaScp80Packet *out, EaScp80Kind kind, EaScp80Form form, EaSpan packet,
                GError **error)
{
  EaScp80Packet parsed = { .header = { .kind = kind, .form = form } };
  EaReader reader;

  if (packet.size > EA_SCP80_PACKET_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, packet.data,
                              "%s has %" G_GSIZE_FORMAT " bytes, at most %d are read",
                              get_kind_name (kind), packet.size, EA_SCP80_PACKET_MAX);
  ea_reader_init (&reader, packet);
  if (!check_kind (packet, kind, error) || !read_length (&reader, kind, form, &parsed.length, error)
      || !check_length (&reader, &parsed, error) || !read_header_length (&reader, &parsed, error))
    return FALSE;
  read_fields (&reader, &parsed);
  if (!check_integrity_size (&parsed, error))
    return FALSE;

  *out = parsed;
  return TRUE;
}

gboolean
ea_scp80_read_target (EaSpan beginning, EaScp80Target *out)
{
  EaScp80Target target;
  EaReader reader;

  ea_reader_init (&reader, beginning);
  (void) ea_reader_bytes (&reader, BEFORE_SPI_SIZE);
  target.spi = ea_reader_u16be (&reader);
  (void) ea_reader_u8 (&reader); /* KIc has no say */
  target.key_set = ea_scp80_get_key_set (ea_reader_u8 (&reader));
  target.tar = ea_reader_u24be (&reader);
  if (!ea_reader_is_ok (&reader))
    return FALSE;
  *out = target;
  return TRUE;
}

EaScp80Target
ea_scp80_get_target (const EaScp80Header *command)
{
  return (EaScp80Target){
    .spi = command->spi,
    .key_set = ea_scp80_get_key_set (command->kid),
    .tar = command->tar,
  };
}

void
ea_scp80_write_header (EaWriter *writer, const EaScp80Header *header, gsize integrity_size,
                       gsize tail_size)
{
  gsize header_length = get_header_min (header->kind) + integrity_size;
  gsize length = HEADER_LENGTH_SIZE + header_length + tail_size;

  if (header->form == EA_SCP80_FORM_SMS)
    ea_writer_u16be (writer, (guint16) length);
  else
    {
      ea_writer_u8 (writer, header->kind == EA_SCP80_COMMAND ? CPI_COMMAND : RPI_RESPONSE);
      ea_tlv_write_length (writer, length);
    }
  ea_writer_u8 (writer, (guint8) header_length);
  if (header->kind == EA_SCP80_COMMAND)
    {
      ea_writer_u16be (writer, header->spi);
      ea_writer_u8 (writer, header->kic);
      ea_writer_u8 (writer, header->kid);
    }
  ea_writer_u24be (writer, header->tar);
}

EaSpan
ea_scp80_skip_user_data_header (EaSpan packet, EaScp80Kind kind)
{
  EaSpan header = ea_scp80_get_user_data_header (kind);

  return ea_span_has_prefix (packet, header) ? ea_span_tail (packet, header.size) : packet;
}

/* How a packet reads in one form: its length field, which @is_readable or cut off, and the bytes after it. A
 * reading @is_possible as long as no octet up to KID speaks against it. */
typedef struct
{
  gboolean is_possible;
  gboolean is_readable;
  gsize length;
  gsize remaining;
} Reading;

/* Whether there can be such a header after a length field of @length; octets that are cut off always can. */
static gboolean
is_possible_header (EaReader *reader, EaScp80Kind kind, EaScp80Form form, gsize length)
{
  gsize least = get_header_min (kind);
  gsize header_length = 0;
  guint16 spi;
  guint8 kid;

  if (form == EA_SCP80_FORM_SMS)
    header_length = ea_reader_u8 (reader);
  else if (!read_ber_length (reader, &header_length))
    return FALSE;
  if (!ea_reader_is_ok (reader))
    return TRUE;
  if (header_length < least || header_length >= length)
    return FALSE;
  if (kind == EA_SCP80_RESPONSE)
    return TRUE;

  spi = ea_reader_u16be (reader);
  (void) ea_reader_u8 (reader); /* KIc */
  kid = ea_reader_u8 (reader);
  return !ea_reader_is_ok (reader)
         || ea_scp80_is_integrity_size (ea_scp80_read_spi (spi).integrity, kid,
                                        header_length - least);
}

static Reading
read_as (EaSpan packet, EaScp80Kind kind, EaScp80Form form)
{
  Reading reading = { 0 };
  EaReader reader;

  ea_reader_init (&reader, packet);
  if (!read_length (&reader, kind, form, &reading.length, NULL))
    return reading;
  reading.is_readable = ea_reader_is_ok (&reader);
  reading.remaining = ea_reader_remaining (&reader);
  reading.is_possible
      = !reading.is_readable || is_possible_header (&reader, kind, form, reading.length);
  return reading;
}

static gboolean
is_exact (const Reading *reading)
{
  return reading->is_readable && reading->length == reading->remaining;
}

static gsize
get_distance (const Reading *reading)
{
  return MAX (reading->length, reading->remaining) - MIN (reading->length, reading->remaining);
}

/* Both lengths fit by chance only: one of them is then followed by a header length that is none. */
static EaScp80Form
choose_exact_form (EaSpan packet, EaScp80Kind kind, const Reading *sms, const Reading *cat_tp)
{
  EaScp80Packet parsed;

  if (!is_exact (cat_tp))
    return EA_SCP80_FORM_SMS;
  if (is_exact (sms) && ea_scp80_parse (&parsed, kind, EA_SCP80_FORM_SMS, packet, NULL))
    return EA_SCP80_FORM_SMS;
  return EA_SCP80_FORM_CAT_TP;
}

/* The form to blame when neither length fits. A CAT_TP packet that can't even begin so is out of the question. */
static EaScp80Form
choose_nearest_form (const Reading *sms, const Reading *cat_tp)
{
  if (!cat_tp->is_possible)
    return EA_SCP80_FORM_SMS;
  if (!sms->is_possible || get_distance (cat_tp) < get_distance (sms))
    return EA_SCP80_FORM_CAT_TP;
  return EA_SCP80_FORM_SMS;
}

gboolean
ea_scp80_find_form (EaSpan item, EaScp80Kind kind, EaScp80Form *form, EaSpan *packet,
                    GError **error)
{
  EaSpan rest = ea_scp80_skip_user_data_header (item, kind);
  Reading sms = read_as (rest, kind, EA_SCP80_FORM_SMS);
  Reading cat_tp = { 0 };
  EaScp80Packet parsed;

  if (!check_kind (rest, kind, error))
    return FALSE;
  if (rest.size == item.size)
    cat_tp = read_as (item, kind, EA_SCP80_FORM_CAT_TP);
  if (!is_exact (&sms) && !is_exact (&cat_tp))
    return ea_scp80_parse (&parsed, kind, choose_nearest_form (&sms, &cat_tp), rest, error);

  *form = choose_exact_form (rest, kind, &sms, &cat_tp);
  *packet = rest;
  return TRUE;
}
