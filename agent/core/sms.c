/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SMS-DELIVER and SMS-SUBMIT of TS 23.040 §9.2.2. What is in them is in sms-address.c, sms-time.c and
 * sms-user-data.c.
 */

#include "core/sms.h"

#include "core/error.h"

/* §9.2.2: bits of the first octet that only one kind has */
#define FLAG_REJECT_DUPLICATES 0x04
#define FLAG_REPLY_PATH 0x80
#define FLAG_VALIDITY_SHIFT 3
#define FLAG_VALIDITY 0x03

/* TS 23.038 §4 */
#define DCS_GROUP 0xF0
#define DCS_GROUP_CLASS 0xF0
#define DCS_8BIT 0x04
#define DCS_ALPHABET 0x0C

guint8
ea_sms_get_type (EaSpan tpdu)
{
  EaReader reader;

  ea_reader_init (&reader, tpdu);
  return ea_reader_u8 (&reader) & EA_SMS_FLAG_TYPE;
}

gboolean
ea_sms_check_type (guint8 flags, EaSmsType type, const guint8 *position, const char *name,
                   GError **error)
{
  return (flags & EA_SMS_FLAG_TYPE) == type
         || ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, position,
                               "Message of type %u is not an %s, which is of type %u",
                               flags & EA_SMS_FLAG_TYPE, name, type);
}

gboolean
ea_sms_parse_deliver (EaSmsDeliver *out, EaSpan tpdu, GError **error)
{
  EaSmsDeliver deliver = { 0 };
  gboolean has_header;
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  flags = ea_reader_u8 (&reader);
  if (!ea_sms_check_type (flags, EA_SMS_TYPE_DELIVER, tpdu.data, "SMS-DELIVER", error))
    return FALSE;
  deliver.has_more_messages = (flags & EA_SMS_FLAG_NO_MORE_MESSAGES) == 0;
  deliver.is_loop_prevented = (flags & EA_SMS_FLAG_LOOP_PREVENTION) != 0;
  deliver.wants_status_report = (flags & EA_SMS_FLAG_STATUS_REPORT) != 0;
  deliver.has_reply_path = (flags & FLAG_REPLY_PATH) != 0;
  has_header = (flags & EA_SMS_FLAG_HEADER) != 0;

  if (!ea_sms_read_address (&reader, &deliver.originator, error))
    return FALSE;
  deliver.pid = ea_reader_u8 (&reader);
  deliver.dcs = ea_reader_u8 (&reader);
  deliver.timestamp = ea_reader_bytes (&reader, EA_SMS_TIMESTAMP_SIZE);
  if (!ea_sms_read_user_data (&reader, deliver.dcs, has_header, EA_SMS_USER_DATA_MAX,
                              &deliver.user_data, error))
    return FALSE;

  *out = deliver;
  return TRUE;
}

GBytes *
ea_sms_build_deliver (const EaSmsDeliver *deliver, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  if (deliver->timestamp.size != EA_SMS_TIMESTAMP_SIZE)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, deliver->timestamp.data,
                         "Time stamp has %" G_GSIZE_FORMAT " bytes, not %u",
                         deliver->timestamp.size, EA_SMS_TIMESTAMP_SIZE);
      return NULL;
    }

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) (EA_SMS_TYPE_DELIVER
                                   | (deliver->has_more_messages ? 0 : EA_SMS_FLAG_NO_MORE_MESSAGES)
                                   | (deliver->is_loop_prevented ? EA_SMS_FLAG_LOOP_PREVENTION : 0)
                                   | (deliver->wants_status_report ? EA_SMS_FLAG_STATUS_REPORT : 0)
                                   | (deliver->user_data.has_header ? EA_SMS_FLAG_HEADER : 0)
                                   | (deliver->has_reply_path ? FLAG_REPLY_PATH : 0)));
  if (!ea_sms_write_address (&writer, &deliver->originator, error))
    return NULL;
  ea_writer_u8 (&writer, deliver->pid);
  ea_writer_u8 (&writer, deliver->dcs);
  ea_writer_bytes (&writer, deliver->timestamp);
  if (!ea_sms_write_user_data (&writer, &deliver->user_data, deliver->dcs, EA_SMS_USER_DATA_MAX,
                               error))
    return NULL;
  return ea_writer_steal (&writer);
}

static gboolean
parse_submit (EaSmsSubmit *out, EaSpan tpdu, gsize user_data_max, GError **error)
{
  EaSmsSubmit submit = { 0 };
  gboolean has_header;
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  flags = ea_reader_u8 (&reader);
  if (ea_reader_is_ok (&reader)
      && !ea_sms_check_type (flags, EA_SMS_TYPE_SUBMIT, tpdu.data, "SMS-SUBMIT", error))
    return FALSE;
  submit.rejects_duplicates = (flags & FLAG_REJECT_DUPLICATES) != 0;
  submit.validity_format = (EaSmsValidityFormat) (flags >> FLAG_VALIDITY_SHIFT & FLAG_VALIDITY);
  submit.wants_status_report = (flags & EA_SMS_FLAG_STATUS_REPORT) != 0;
  submit.has_reply_path = (flags & FLAG_REPLY_PATH) != 0;
  has_header = (flags & EA_SMS_FLAG_HEADER) != 0;

  submit.reference = ea_reader_u8 (&reader);
  if (!ea_sms_read_address (&reader, &submit.destination, error))
    return FALSE;
  submit.pid = ea_reader_u8 (&reader);
  submit.dcs = ea_reader_u8 (&reader);
  submit.validity = ea_reader_bytes (&reader, ea_sms_get_validity_size (submit.validity_format));
  if (!ea_sms_read_user_data (&reader, submit.dcs, has_header, user_data_max, &submit.user_data,
                              error))
    return FALSE;

  *out = submit;
  return TRUE;
}

gboolean
ea_sms_parse_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error)
{
  return parse_submit (out, tpdu, EA_SMS_USER_DATA_MAX, error);
}

gboolean
ea_sms_parse_unpacked_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error)
{
  return parse_submit (out, tpdu, EA_SMS_UNPACKED_MAX, error);
}

GBytes *
ea_sms_build_submit (const EaSmsSubmit *submit, GError **error)
{
  gsize validity_size = ea_sms_get_validity_size (submit->validity_format);
  g_auto (EaWriter) writer = { 0 };

  if (submit->validity.size != validity_size)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, submit->validity.data,
                         "Validity period has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT,
                         submit->validity.size, validity_size);
      return NULL;
    }

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) (EA_SMS_TYPE_SUBMIT
                                   | (submit->rejects_duplicates ? FLAG_REJECT_DUPLICATES : 0)
                                   | submit->validity_format << FLAG_VALIDITY_SHIFT
                                   | (submit->wants_status_report ? EA_SMS_FLAG_STATUS_REPORT : 0)
                                   | (submit->user_data.has_header ? EA_SMS_FLAG_HEADER : 0)
                                   | (submit->has_reply_path ? FLAG_REPLY_PATH : 0)));
  ea_writer_u8 (&writer, submit->reference);
  if (!ea_sms_write_address (&writer, &submit->destination, error))
    return NULL;
  ea_writer_u8 (&writer, submit->pid);
  ea_writer_u8 (&writer, submit->dcs);
  ea_writer_bytes (&writer, submit->validity);
  if (!ea_sms_write_user_data (&writer, &submit->user_data, submit->dcs, EA_SMS_USER_DATA_MAX,
                               error))
    return NULL;
  return ea_writer_steal (&writer);
}

gboolean
ea_sms_is_data_download (const EaSmsDeliver *deliver)
{
  return deliver->pid == EA_SMS_PID_USIM_DOWNLOAD
         && ea_sms_get_class (deliver->dcs) == EA_SMS_CLASS_2;
}

/* TP-DCS with the same class in the 7-bit default alphabet, TS 23.038 §4 */
static guint8
get_packed_dcs (guint8 dcs)
{
  if ((dcs & DCS_GROUP) == DCS_GROUP_CLASS)
    return dcs & (guint8) ~DCS_8BIT;
  return dcs & (guint8) ~DCS_ALPHABET;
}

/* Only characters of the default alphabet are as good in seven bits as in eight. */
static gboolean
check_packable (const EaSmsSubmit *submit, GError **error)
{
  if (ea_text_is_compressed (submit->dcs))
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, submit->user_data.payload.data,
                              "Packing of compressed user data, TP-DCS %02X", submit->dcs);
  return ea_text_check_codes (submit->user_data.payload, error);
}

GBytes *
ea_sms_pack_submit (EaSpan tpdu, GError **error)
{
  g_auto (EaWriter) septets = { 0 };
  EaSmsSubmit submit;

  if (!ea_sms_parse_unpacked_submit (&submit, tpdu, error))
    return NULL;
  if (submit.user_data.has_header)
    {
      ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, submit.user_data.header.data,
                         "Packing of user data with a header of %" G_GSIZE_FORMAT " bytes",
                         submit.user_data.header.size);
      return NULL;
    }
  if (ea_text_get_alphabet (submit.dcs) != EA_TEXT_ALPHABET_8BIT)
    return ea_span_to_bytes (tpdu);
  if (!check_packable (&submit, error))
    return NULL;

  ea_writer_init (&septets);
  ea_text_pack_septets (&septets, submit.user_data.payload, 0);
  submit.dcs = get_packed_dcs (submit.dcs);
  submit.user_data.length = (guint8) submit.user_data.payload.size;
  submit.user_data.payload = ea_writer_span (&septets);
  return ea_sms_build_submit (&submit, error);
}
