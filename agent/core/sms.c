/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SMS-DELIVER and SMS-SUBMIT of TS 23.040 §9.2 and what a terminal has to know of them. Text is not
 * decoded: nobody here reads short messages.
 */

#include "core/sms.h"

#include <string.h>

#include "core/error.h"

/* §9.2.2: bits of the first octet */
#define FLAG_TYPE 0x03
#define FLAG_NO_MORE_MESSAGES 0x04
#define FLAG_REJECT_DUPLICATES 0x04
#define FLAG_STATUS_REPORT 0x20
#define FLAG_HEADER 0x40
#define FLAG_REPLY_PATH 0x80

/* §9.2.3.24: information element identifiers */
#define IEI_CONCATENATION_8 0x00
#define IEI_CONCATENATION_16 0x08
#define IEI_COMMAND_PACKET 0x70
#define IEI_RESPONSE_PACKET 0x71

#define TON_ALPHANUMERIC 5
#define TON_INTERNATIONAL 0x91
#define TON_UNKNOWN 0x81
#define DCS_GROUP_CLASS 0xF0
#define DCS_8BIT 0x04

static gboolean
fail (GError **error, EaCoreError code, const char *message)
{
  g_set_error_literal (error, EA_CORE_ERROR, code, message);
  return FALSE;
}

guint8
ea_sms_get_type (EaSpan tpdu)
{
  EaReader reader;

  ea_reader_init (&reader, tpdu);
  return ea_reader_u8 (&reader) & FLAG_TYPE;
}

/* Swapped BCD up to an F. An odd number of digits that is not filled up with F is read to the end of its
 * octet, as others read it. */
static void
read_digits (EaSmsAddress *address, EaSpan octets)
{
  static const char digits[] = "0123456789*#abc";
  EaReader reader;
  guint8 octet = 0;

  ea_reader_init (&reader, octets);
  for (guint i = 0; i < 2 * octets.size; i++)
    {
      guint8 nibble;

      if (i % 2 == 0)
        octet = ea_reader_u8 (&reader);
      nibble = i % 2 == 0 ? octet & 0x0F : octet >> 4;
      if (nibble == 0x0F)
        return;
      address->digits[i] = digits[nibble];
    }
}

static gboolean
parse_address (EaSmsAddress *out, EaReader *reader, GError **error)
{
  EaSmsAddress address = { 0 };
  guint8 n_semi_octets = ea_reader_u8 (reader);
  guint8 type = ea_reader_u8 (reader);
  g_autofree char *hex = NULL;
  EaSpan octets;

  if (n_semi_octets > EA_SMS_DIGITS_MAX)
    return fail (error, EA_CORE_ERROR_MALFORMED, "Address has more than 20 semi-octets");
  octets = ea_reader_bytes (reader, (n_semi_octets + 1u) / 2);
  if (!ea_reader_is_ok (reader))
    return fail (error, EA_CORE_ERROR_TRUNCATED, "Message ends within its address");

  address.ton = type >> 4 & 0x07;
  address.npi = type & 0x0F;
  if (address.ton == TON_ALPHANUMERIC)
    {
      hex = ea_span_to_hex (octets);
      g_strlcpy (address.digits, hex, sizeof address.digits);
    }
  else
    read_digits (&address, octets);

  *out = address;
  return TRUE;
}

static void
take_concatenation (EaSmsUserData *data, guint16 reference, guint8 total, guint8 index)
{
  if (total > 0 && index > 0 && index <= total)
    data->concatenation = (EaSmsConcatenation){ reference, total, index };
}

static void
take_element (EaSmsUserData *data, guint8 identifier, EaSpan value)
{
  EaReader reader;
  guint16 reference;
  guint8 total;

  ea_reader_init (&reader, value);
  if (identifier == IEI_CONCATENATION_8 && value.size == 3)
    {
      reference = ea_reader_u8 (&reader);
      total = ea_reader_u8 (&reader);
      take_concatenation (data, reference, total, ea_reader_u8 (&reader));
    }
  else if (identifier == IEI_CONCATENATION_16 && value.size == 4)
    {
      reference = ea_reader_u16be (&reader);
      total = ea_reader_u8 (&reader);
      take_concatenation (data, reference, total, ea_reader_u8 (&reader));
    }
  else if (identifier == IEI_COMMAND_PACKET)
    data->secured = EA_SMS_SECURED_COMMAND;
  else if (identifier == IEI_RESPONSE_PACKET)
    data->secured = EA_SMS_SECURED_RESPONSE;
}

gboolean
ea_sms_parse_user_data_header (EaSpan header, EaSmsUserData *out, GError **error)
{
  EaSmsUserData data = *out;
  EaReader reader;

  data.concatenation = (EaSmsConcatenation){ 0 };
  data.secured = EA_SMS_SECURED_NONE;
  ea_reader_init (&reader, header);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 identifier = ea_reader_u8 (&reader);
      EaSpan value = ea_reader_bytes (&reader, ea_reader_u8 (&reader));

      if (!ea_reader_is_ok (&reader))
        return fail (error, EA_CORE_ERROR_MALFORMED, "User data header ends within an element");
      take_element (&data, identifier, value);
    }

  *out = data;
  return TRUE;
}

static gsize
count_user_data_octets (guint8 length, guint8 dcs)
{
  return ea_sms_get_alphabet (dcs) == EA_SMS_ALPHABET_7BIT ? (length * 7u + 7) / 8 : length;
}

static gboolean
parse_user_data (EaSmsUserData *out, EaReader *reader, guint8 dcs, gboolean has_header,
                 GError **error)
{
  EaSmsUserData data = { .length = ea_reader_u8 (reader) };
  gsize size = count_user_data_octets (data.length, dcs);
  EaReader content;

  if (!ea_reader_is_ok (reader))
    return fail (error, EA_CORE_ERROR_TRUNCATED, "Message ends before its user data");
  if (size > ea_reader_remaining (reader))
    return fail (error, EA_CORE_ERROR_TRUNCATED, "Message ends within its user data");
  if (ea_reader_remaining (reader) > EA_SMS_USER_DATA_MAX)
    return fail (error, EA_CORE_ERROR_MALFORMED, "User data are longer than 140 octets");

  /* A TP-UDL that is too small is not believed, except that it bounds the header. */
  ea_reader_init (&content, ea_reader_rest (reader));
  if (has_header)
    data.header = ea_reader_bytes (&content, ea_reader_u8 (&content));
  if (!ea_reader_is_ok (&content) || ea_reader_offset (&content) > size)
    return fail (error, EA_CORE_ERROR_MALFORMED, "User data header is longer than the user data");
  data.payload = ea_reader_rest (&content);
  if (!ea_sms_parse_user_data_header (data.header, &data, error))
    return FALSE;

  *out = data;
  return TRUE;
}

gboolean
ea_sms_parse_deliver (EaSmsDeliver *out, EaSpan tpdu, GError **error)
{
  EaSmsDeliver deliver = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  flags = ea_reader_u8 (&reader);
  if (ea_reader_is_ok (&reader) && (flags & FLAG_TYPE) != EA_SMS_TYPE_DELIVER)
    return fail (error, EA_CORE_ERROR_UNSUPPORTED, "Message is not an SMS-DELIVER");
  deliver.has_more_messages = (flags & FLAG_NO_MORE_MESSAGES) == 0;
  deliver.wants_status_report = (flags & FLAG_STATUS_REPORT) != 0;
  deliver.has_header = (flags & FLAG_HEADER) != 0;
  deliver.has_reply_path = (flags & FLAG_REPLY_PATH) != 0;

  if (!parse_address (&deliver.originator, &reader, error))
    return FALSE;
  deliver.pid = ea_reader_u8 (&reader);
  deliver.dcs = ea_reader_u8 (&reader);
  deliver.timestamp = ea_reader_bytes (&reader, EA_SMS_TIMESTAMP_SIZE);
  if (!parse_user_data (&deliver.user_data, &reader, deliver.dcs, deliver.has_header, error))
    return FALSE;

  *out = deliver;
  return TRUE;
}

static gsize
get_validity_size (guint8 flags)
{
  switch (flags >> 3 & 0x03) /* TP-VPF, §9.2.3.3 */
    {
    case 0:
      return 0;
    case 2:
      return 1;
    default:
      return 7;
    }
}

gboolean
ea_sms_parse_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error)
{
  EaSmsSubmit submit = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  flags = ea_reader_u8 (&reader);
  if (ea_reader_is_ok (&reader) && (flags & FLAG_TYPE) != EA_SMS_TYPE_SUBMIT)
    return fail (error, EA_CORE_ERROR_UNSUPPORTED, "Message is not an SMS-SUBMIT");
  submit.rejects_duplicates = (flags & FLAG_REJECT_DUPLICATES) != 0;
  submit.wants_status_report = (flags & FLAG_STATUS_REPORT) != 0;
  submit.has_header = (flags & FLAG_HEADER) != 0;
  submit.has_reply_path = (flags & FLAG_REPLY_PATH) != 0;

  submit.reference = ea_reader_u8 (&reader);
  if (!parse_address (&submit.destination, &reader, error))
    return FALSE;
  submit.pid = ea_reader_u8 (&reader);
  submit.dcs = ea_reader_u8 (&reader);
  submit.validity = ea_reader_bytes (&reader, get_validity_size (flags));
  if (!parse_user_data (&submit.user_data, &reader, submit.dcs, submit.has_header, error))
    return FALSE;

  *out = submit;
  return TRUE;
}

EaSmsClass
ea_sms_get_class (guint8 dcs)
{
  gboolean is_class_group = (dcs & 0xF0) == DCS_GROUP_CLASS;
  gboolean is_general_with_class = (dcs & 0x80) == 0 && (dcs & 0x10) != 0;

  if (is_class_group || is_general_with_class)
    return (EaSmsClass) (dcs & 0x03);
  return EA_SMS_CLASS_NONE;
}

EaSmsAlphabet
ea_sms_get_alphabet (guint8 dcs)
{
  switch (dcs >> 4)
    {
    case 0xF:
      return (dcs & DCS_8BIT) != 0 ? EA_SMS_ALPHABET_8BIT : EA_SMS_ALPHABET_7BIT;
    case 0xE:
      return EA_SMS_ALPHABET_UCS2;
    case 0xC:
    case 0xD:
      return EA_SMS_ALPHABET_7BIT;
    case 0x8:
    case 0x9:
    case 0xA:
    case 0xB:
      return EA_SMS_ALPHABET_7BIT; /* reserved: to be read as the default, TS 23.038 §4 */
    default:
      break;
    }

  switch (dcs >> 2 & 0x03)
    {
    case 1:
      return EA_SMS_ALPHABET_8BIT;
    case 2:
      return EA_SMS_ALPHABET_UCS2;
    default:
      return EA_SMS_ALPHABET_7BIT;
    }
}

gboolean
ea_sms_is_data_download (const EaSmsDeliver *deliver)
{
  return deliver->pid == EA_SMS_PID_USIM_DOWNLOAD
         && ea_sms_get_class (deliver->dcs) == EA_SMS_CLASS_2;
}

static void
write_septets (EaWriter *writer, EaSpan characters)
{
  EaReader reader;
  guint bits = 0;
  guint n_bits = 0;

  ea_reader_init (&reader, characters);
  while (ea_reader_remaining (&reader) > 0)
    {
      bits |= (guint) (ea_reader_u8 (&reader) & 0x7F) << n_bits;
      n_bits += 7;
      if (n_bits >= 8)
        {
          ea_writer_u8 (writer, (guint8) bits);
          bits >>= 8;
          n_bits -= 8;
        }
    }
  if (n_bits > 0)
    ea_writer_u8 (writer, (guint8) bits);
}

/* TP-DCS with the same class in the 7-bit default alphabet, TS 23.038 §4 */
static guint8
get_packed_dcs (guint8 dcs)
{
  if ((dcs & 0xF0) == DCS_GROUP_CLASS)
    return dcs & (guint8) ~DCS_8BIT;
  return dcs & (guint8) ~0x0C;
}

GBytes *
ea_sms_pack_submit (EaSpan tpdu, GError **error)
{
  g_auto (EaWriter) writer = { 0 };
  EaSmsSubmit submit;
  EaReader reader;

  if (!ea_sms_parse_submit (&submit, tpdu, error))
    return NULL;
  if (submit.has_header)
    {
      fail (error, EA_CORE_ERROR_UNSUPPORTED, "Packing of user data with a header");
      return NULL;
    }
  if (ea_sms_get_alphabet (submit.dcs) != EA_SMS_ALPHABET_8BIT)
    return ea_span_to_bytes (tpdu);

  /* All before TP-DCS stays: the user data, their length, the validity and TP-DCS come last. */
  ea_reader_init (&reader, tpdu);
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_reader_bytes (&reader, tpdu.size - submit.user_data.payload.size - 1
                                                          - submit.validity.size - 1));
  ea_writer_u8 (&writer, get_packed_dcs (submit.dcs));
  ea_writer_bytes (&writer, submit.validity);
  ea_writer_u8 (&writer, (guint8) submit.user_data.payload.size);
  write_septets (&writer, submit.user_data.payload);
  return ea_writer_steal (&writer);
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
    return fail (error, EA_CORE_ERROR_TRUNCATED, "Message ends within its service centre address");
  if (size > EA_SMS_SMSC_MAX)
    return fail (error, EA_CORE_ERROR_LIMIT, "Service centre address is longer than 11 octets");

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

GBytes *
ea_sms_build_smsc (const char *number)
{
  gboolean is_international = number[0] == '+';
  const char *digits = is_international ? number + 1 : number;
  gsize n_digits = strspn (digits, "0123456789");
  EaWriter writer;

  if (n_digits == 0 || n_digits > EA_SMS_DIGITS_MAX || digits[n_digits] != '\0')
    return NULL;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, is_international ? TON_INTERNATIONAL : TON_UNKNOWN);
  for (gsize i = 0; i < n_digits; i += 2)
    {
      guint8 low = (guint8) (digits[i] - '0');
      guint8 high = i + 1 < n_digits ? (guint8) (digits[i + 1] - '0') : 0x0F;

      ea_writer_u8 (&writer, (guint8) (high << 4 | low));
    }
  return ea_writer_steal (&writer);
}
