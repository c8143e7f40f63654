/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses of TS 23.040 §9.1.2.5 as structs and back, and service centres in front of a message. */

#include "core/sms-address.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"

#define TYPE_EXTENSION 0x80 /* always 1: no further octet of TON/NPI */
#define TON_MAX 7
#define NPI_MAX 15
#define NPI_ISDN 1
#define SEMI_OCTET_BITS 4
#define FILL 0x0F

static const char digit_characters[] = "0123456789*#abc";

static guint8
get_type_octet (const EaSmsAddress *address)
{
  return (guint8) (TYPE_EXTENSION | address->ton << SEMI_OCTET_BITS | address->npi);
}

/* Swapped BCD up to an F. An odd number of digits that is not filled up with F is read to the end of its
 * octet, as others read it. */
static void
read_digits (EaSmsAddress *address, EaSpan octets)
{
  EaReader reader;
  guint8 octet = 0;

  ea_reader_init (&reader, octets);
  for (guint i = 0; i < 2 * octets.size; i++)
    {
      guint8 nibble;

      if (i % 2 == 0)
        octet = ea_reader_u8 (&reader);
      nibble = i % 2 == 0 ? octet & FILL : octet >> SEMI_OCTET_BITS;
      if (nibble == FILL)
        return;
      address->digits[i] = digit_characters[nibble];
      address->has_digit_beyond = i == address->n_semi_octets;
    }
}

static gsize
count_text_septets (gsize n_semi_octets)
{
  return n_semi_octets * SEMI_OCTET_BITS / EA_TEXT_SEPTET_BITS;
}

static gboolean
read_value (EaSmsAddress *address, EaSpan octets, GError **error)
{
  g_autofree char *text = NULL;

  if (address->ton != EA_SMS_TON_ALPHANUMERIC)
    {
      read_digits (address, octets);
      return TRUE;
    }

  text = ea_text_decode_septets (octets, count_text_septets (address->n_semi_octets), 0, error);
  if (text == NULL)
    return FALSE;
  g_strlcpy (address->digits, text, sizeof address->digits);
  return TRUE;
}

static void
take_type (EaSmsAddress *address, guint8 type)
{
  address->ton = type >> SEMI_OCTET_BITS & TON_MAX;
  address->npi = type & NPI_MAX;
}

gboolean
ea_sms_read_address (EaReader *reader, EaSmsAddress *out, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  EaSmsAddress address = { .n_semi_octets = ea_reader_u8 (reader) };
  guint8 type = ea_reader_u8 (reader);
  gsize size = (address.n_semi_octets + 1u) / 2;
  gsize n_left = ea_reader_remaining (reader);
  EaSpan octets;

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "Address ends before its type of number");
  if (address.n_semi_octets > EA_SMS_DIGITS_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Address has %u semi-octets, more than %u", address.n_semi_octets,
                              EA_SMS_DIGITS_MAX);
  octets = ea_reader_bytes (reader, size);
  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "Address of %u semi-octets has %" G_GSIZE_FORMAT
                              " bytes of digits, not %" G_GSIZE_FORMAT,
                              address.n_semi_octets, n_left, size);

  take_type (&address, type);
  if (!read_value (&address, octets, error))
    return FALSE;

  *out = address;
  return TRUE;
}

static void
write_digits (EaWriter *writer, const char *digits, gsize n_octets)
{
  gsize n_digits = strlen (digits);

  for (gsize i = 0; i < n_octets; i++)
    {
      guint8 octet = 0;

      for (gsize k = 2; k > 0; k--)
        {
          gsize place = 2 * i + k - 1;
          guint8 nibble = FILL;

          if (place < n_digits)
            nibble = (guint8) (strchr (digit_characters, digits[place]) - digit_characters);
          octet = (guint8) (octet << SEMI_OCTET_BITS | nibble);
        }
      ea_writer_u8 (writer, octet);
    }
}

/* The length that came is kept where F fills up what is over, and with as many digits as came with it. */
static gsize
count_semi_octets (const EaSmsAddress *address, gsize n_digits)
{
  gboolean is_short = address->has_digit_beyond && address->n_semi_octets % 2 != 0;
  gsize n_came = address->n_semi_octets + (is_short ? 1u : 0);

  return n_came >= n_digits ? address->n_semi_octets : n_digits;
}

static gboolean
write_number (EaWriter *writer, const EaSmsAddress *address, GError **error)
{
  gsize n_digits = strlen (address->digits);
  gsize n_semi_octets = count_semi_octets (address, n_digits);

  if (strspn (address->digits, digit_characters) != n_digits)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Address '%s' has a character that is no digit", address->digits);
  if (n_semi_octets > EA_SMS_DIGITS_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "Address has %" G_GSIZE_FORMAT " digits, more than %u", n_semi_octets,
                              EA_SMS_DIGITS_MAX);

  ea_writer_u8 (writer, (guint8) n_semi_octets);
  ea_writer_u8 (writer, get_type_octet (address));
  write_digits (writer, address->digits, (n_semi_octets + 1) / 2);
  return TRUE;
}

static gboolean
write_text (EaWriter *writer, const EaSmsAddress *address, GError **error)
{
  g_auto (EaWriter) packed = { 0 };
  gsize n_semi_octets = address->n_semi_octets;
  gsize n_septets = 0;

  ea_writer_init (&packed);
  if (!ea_text_encode_septets (&packed, address->digits, 0, &n_septets, error))
    return FALSE;
  if (count_text_septets (n_semi_octets) != n_septets)
    n_semi_octets = (n_septets * EA_TEXT_SEPTET_BITS + SEMI_OCTET_BITS - 1) / SEMI_OCTET_BITS;
  if (n_semi_octets > EA_SMS_DIGITS_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                              "Address text has %" G_GSIZE_FORMAT
                              " septets, which is more than %u semi-octets",
                              n_septets, EA_SMS_DIGITS_MAX);

  while (ea_writer_span (&packed).size < (n_semi_octets + 1) / 2)
    ea_writer_u8 (&packed, 0);
  ea_writer_u8 (writer, (guint8) n_semi_octets);
  ea_writer_u8 (writer, get_type_octet (address));
  ea_writer_bytes (writer, ea_writer_span (&packed));
  return TRUE;
}

gboolean
ea_sms_write_address (EaWriter *writer, const EaSmsAddress *address, GError **error)
{
  if (address->ton > TON_MAX || address->npi > NPI_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Address has type of number %u and plan %u, over %u and %u",
                              address->ton, address->npi, TON_MAX, NPI_MAX);
  return address->ton == EA_SMS_TON_ALPHANUMERIC ? write_text (writer, address, error)
                                                 : write_number (writer, address, error);
}

gboolean
ea_sms_address_equal (const EaSmsAddress *a, const EaSmsAddress *b)
{
  return a->ton == b->ton && a->npi == b->npi && strcmp (a->digits, b->digits) == 0;
}

static gboolean
check_smsc_size (gsize size, const guint8 *position, GError **error)
{
  return size <= EA_SMS_SMSC_MAX
         || ea_core_error_set (error, EA_CORE_ERROR_LIMIT, position,
                               "Service centre address has %" G_GSIZE_FORMAT " bytes, more than %u",
                               size, EA_SMS_SMSC_MAX);
}

gboolean
ea_sms_parse_smsc (EaSmsAddress *out, EaSpan smsc, GError **error)
{
  EaSmsAddress address = { 0 };
  EaReader reader;
  EaSpan octets;

  ea_reader_init (&reader, smsc);
  take_type (&address, ea_reader_u8 (&reader));
  octets = ea_reader_rest (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, smsc.data,
                              "Service centre address has 0 bytes and no type of number");
  if (!check_smsc_size (smsc.size, smsc.data, error))
    return FALSE;
  address.n_semi_octets = (guint8) (octets.size * 2);
  if (!read_value (&address, octets, error))
    return FALSE;

  *out = address;
  return TRUE;
}

gboolean
ea_sms_split_smsc (EaSpan message, EaSpan *smsc, EaSpan *tpdu, GError **error)
{
  EaReader reader;
  EaSpan address;
  guint8 size;

  ea_reader_init (&reader, message);
  size = ea_reader_u8 (&reader);
  address = ea_reader_bytes (&reader, size);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (message),
                              "Message of %" G_GSIZE_FORMAT
                              " bytes ends within its service centre address of %u",
                              message.size, size);
  if (!check_smsc_size (size, message.data, error))
    return FALSE;

  *smsc = address;
  *tpdu = ea_reader_rest (&reader);
  return TRUE;
}

GBytes *
ea_sms_join_smsc (EaSpan smsc, EaSpan tpdu)
{
  EaWriter writer;

  g_return_val_if_fail (smsc.size <= EA_SMS_SMSC_MAX, NULL);

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) smsc.size);
  ea_writer_bytes (&writer, smsc);
  ea_writer_bytes (&writer, tpdu);
  return ea_writer_steal (&writer);
}

gboolean
ea_sms_parse_number (EaSmsAddress *out, const char *number, GError **error)
{
  gboolean is_international = number[0] == '+';
  const char *digits = is_international ? number + 1 : number;
  EaSmsAddress address = { .ton = is_international ? EA_SMS_TON_INTERNATIONAL : EA_SMS_TON_UNKNOWN,
                           .npi = NPI_ISDN };
  gsize n_digits = strspn (digits, "0123456789");

  if (n_digits == 0 || n_digits > EA_SMS_DIGITS_MAX || digits[n_digits] != '\0')
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "'%s' is no number of 1 to %u digits", number, EA_SMS_DIGITS_MAX);

  memcpy (address.digits, digits, n_digits);
  *out = address;
  return TRUE;
}

GBytes *
ea_sms_build_smsc (const char *number)
{
  EaSmsAddress address;
  EaWriter writer;

  if (!ea_sms_parse_number (&address, number, NULL))
    return NULL;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, get_type_octet (&address));
  write_digits (&writer, address.digits, (strlen (address.digits) + 1) / 2);
  return ea_writer_steal (&writer);
}
