/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Default notification of an eUICC, SGP.02 §3.15: what it sends after it has attached to a network, and the
 * command with which the SM-SR confirms it. Some cards tag the AID as AF or 4F, and device identities with
 * the comprehension bit.
 */

#include "core/sgp02-notification.h"

#include "core/apdu.h"
#include "core/cat-number.h"
#include "core/error.h"
#include "core/scp80.h"
#include "core/sgp02.h"
#include "core/sms.h"
#include "core/tlv.h"

#define TAG_NOTIFICATION 0xE1
#define TAG_EID 0x4C
#define TAG_TYPE 0x4D
#define TAG_SEQUENCE 0x4E
#define TAG_AID 0x2F
#define TAG_AID_COMPREHENSION 0xAF
#define TAG_AID_ISO 0x4F
#define TAG_IMEI 0x14
#define TAG_IMEI_COMPREHENSION 0x94
#define TAG_MEID 0x6D
#define TAG_MEID_COMPREHENSION 0xED

#define SEQUENCE_SIZE 2
#define COUNTER_SIZE 5 /* TS 102 225 §5.1.4 */

/* STORE DATA, last block, response expected, with DGI 3A08 (§4.1.1.12) */
#define CONFIRMATION_CLA 0x80
#define CONFIRMATION_INS 0xE2
#define CONFIRMATION_P1 0x89
#define CONFIRMATION_P2 0x00
#define DGI_CONFIRMATION 0x3A08
#define DGI_CONFIRMATION_SIZE 4 /* 4E 02 and the sequence number */

typedef enum
{
  PART_EID,
  PART_TYPE,
  PART_SEQUENCE,
  PART_AID,
  PART_IMEI,
  PART_MEID,
  N_PARTS
} Part;

static const struct
{
  const char *name;
  gsize size_min;
  gsize size_max;
  gboolean is_mandatory;
} parts[N_PARTS] = {
  [PART_EID] = { "EID", EA_SGP02_EID_SIZE, EA_SGP02_EID_SIZE, TRUE },
  [PART_TYPE] = { "notification type", 1, 1, TRUE },
  [PART_SEQUENCE] = { "sequence number", SEQUENCE_SIZE, SEQUENCE_SIZE, TRUE },
  [PART_AID] = { "AID", EA_SGP02_AID_SIZE_MIN, EA_SGP02_AID_SIZE, TRUE },
  [PART_IMEI] = { "IMEI", EA_SGP02_IMEI_SIZE, EA_SGP02_IMEI_SIZE, FALSE },
  [PART_MEID] = { "MEID", EA_SGP02_MEID_SIZE_MIN, EA_SGP02_MEID_SIZE_MAX, FALSE },
};

static Part
find_part (guint32 tag)
{
  switch (tag)
    {
    case TAG_EID:
      return PART_EID;
    case TAG_TYPE:
      return PART_TYPE;
    case TAG_SEQUENCE:
      return PART_SEQUENCE;
    case TAG_AID:
    case TAG_AID_COMPREHENSION:
    case TAG_AID_ISO:
      return PART_AID;
    case TAG_IMEI:
    case TAG_IMEI_COMPREHENSION:
      return PART_IMEI;
    case TAG_MEID:
    case TAG_MEID_COMPREHENSION:
      return PART_MEID;
    default:
      return N_PARTS;
    }
}

static gboolean
take_part (EaSpan *values, const EaTlv *tlv, GError **error)
{
  Part part = find_part (tlv->tag);

  if (part == N_PARTS)
    return TRUE;
  if (values[part].size > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                              "Second %s in a notification", parts[part].name);
  if (tlv->value.size < parts[part].size_min || tlv->value.size > parts[part].size_max)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                              "Notification has %s of %" G_GSIZE_FORMAT
                              " bytes, not %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT,
                              parts[part].name, tlv->value.size, parts[part].size_min,
                              parts[part].size_max);
  values[part] = tlv->value;
  return TRUE;
}

static gboolean
read_parts (EaSpan *values, EaSpan objects, const guint8 *end, GError **error)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_ber (&reader, &tlv, error) || !take_part (values, &tlv, error))
      return FALSE;
  for (gsize i = 0; i < N_PARTS; i++)
    if (parts[i].is_mandatory && values[i].size == 0)
      return ea_core_error_set (error, EA_CORE_ERROR_MISSING, end, "Notification has no %s",
                                parts[i].name);
  return TRUE;
}

static guint16
get_number (EaSpan value)
{
  guint16 number = 0;
  EaReader reader;

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0)
    number = (guint16) (number << 8 | ea_reader_u8 (&reader));
  return number;
}

gboolean
ea_sgp02_parse_notification (EaSgp02Notification *out, EaSpan notification, GError **error)
{
  EaSpan values[N_PARTS] = { 0 };
  EaReader reader;
  EaTlv frame;

  ea_reader_init (&reader, notification);
  if (!ea_tlv_read_ber (&reader, &frame, error))
    return FALSE;
  if (frame.tag != TAG_NOTIFICATION)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, frame.object.data,
                              "Data object %02X is no notification, which is E1", frame.tag);
  if (!ea_reader_done (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Input has %" G_GSIZE_FORMAT " bytes after the notification",
                              ea_reader_remaining (&reader));
  if (!read_parts (values, frame.value, ea_span_end (frame.object), error))
    return FALSE;

  *out = (EaSgp02Notification){
    .objects = frame.value,
    .eid = values[PART_EID],
    .type = (guint8) get_number (values[PART_TYPE]),
    .sequence = get_number (values[PART_SEQUENCE]),
    .aid = values[PART_AID],
    .imei = values[PART_IMEI],
    .meid = values[PART_MEID],
  };
  return TRUE;
}

static void
write_sequence (EaWriter *writer, guint16 sequence)
{
  ea_writer_u8 (writer, TAG_SEQUENCE);
  ea_tlv_write_length (writer, SEQUENCE_SIZE);
  ea_writer_u16be (writer, sequence);
}

GBytes *
ea_sgp02_build_notification (const EaSgp02Notification *notification)
{
  g_auto (EaWriter) objects = { 0 };
  g_auto (EaWriter) writer = { 0 };

  g_return_val_if_fail (notification->eid.size == EA_SGP02_EID_SIZE, NULL);

  ea_writer_init (&objects);
  ea_tlv_write_ber (&objects, TAG_EID, notification->eid);
  ea_tlv_write_ber (&objects, TAG_TYPE, ea_span_init (&notification->type, 1));
  write_sequence (&objects, notification->sequence);
  ea_tlv_write_ber (&objects, TAG_AID, notification->aid);
  if (notification->imei.size > 0)
    ea_tlv_write_ber (&objects, TAG_IMEI, notification->imei);
  if (notification->meid.size > 0)
    ea_tlv_write_ber (&objects, TAG_MEID, notification->meid);

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, TAG_NOTIFICATION, ea_writer_span (&objects));
  return ea_writer_steal (&writer);
}

const char *
ea_sgp02_get_notification_name (guint8 type)
{
  switch ((EaSgp02NotificationType) type)
    {
    case EA_SGP02_NOTIFICATION_DECLARATION:
      return "eUICC declaration, first network attachment";
    case EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED:
      return "profile change succeeded";
    case EA_SGP02_NOTIFICATION_ROLL_BACK:
      return "profile change failed, roll-back";
    case EA_SGP02_NOTIFICATION_VOID:
      return "void";
    case EA_SGP02_NOTIFICATION_FALL_BACK:
      return "profile change after fall-back";
    }
  return NULL;
}

char *
ea_sgp02_get_imei_digits (EaSpan imei)
{
  EaCatEquipmentIdentity identity;

  return ea_cat_parse_imei (&identity, imei, NULL) ? g_strdup (identity.digits) : NULL;
}

/* What is between the counters, the checksum and the padding of a body that is not ciphered, TS 102 225 §5.1 */
static gboolean
read_secured_data (EaSpan *out, const EaScp80Packet *packet, GError **error)
{
  EaReader reader;
  guint8 padding;

  ea_reader_init (&reader, packet->body);
  (void) ea_reader_bytes (&reader, COUNTER_SIZE);
  padding = ea_reader_u8 (&reader);
  (void) ea_reader_bytes (&reader, packet->integrity_size);
  if (!ea_reader_is_ok (&reader) || ea_reader_remaining (&reader) < padding)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, packet->body.data,
                              "A packet of %" G_GSIZE_FORMAT " bytes has no room for its padding",
                              packet->body.size);
  *out = ea_reader_bytes (&reader, ea_reader_remaining (&reader) - padding);
  return TRUE;
}

gboolean
ea_sgp02_find_notification (EaSgp02Notification *out, EaSpan tpdu, GError **error)
{
  EaScp80Packet packet;
  EaSmsSubmit submit;
  EaSpan data;

  if (!ea_sms_parse_submit (&submit, tpdu, error))
    return FALSE;
  if (submit.user_data.secured != EA_SMS_SECURED_COMMAND
      || submit.user_data.concatenation.total > 1)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, tpdu.data,
                              "Not a command packet that stands alone");
  if (!ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, submit.user_data.payload,
                       error))
    return FALSE;
  if (ea_scp80_read_spi (packet.header.spi).is_ciphered)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, packet.body.data,
                              "The command packet is ciphered");
  return read_secured_data (&data, &packet, error)
         && ea_sgp02_parse_notification (out, data, error);
}

gboolean
ea_sgp02_is_notification_tag (guint32 tag)
{
  return find_part (tag) != N_PARTS;
}

gboolean
ea_sgp02_parse_confirmation (guint16 *sequence, EaSpan command, GError **error)
{
  EaApduCommand apdu;
  EaReader reader;
  guint16 number;
  guint8 size;
  EaTlv tlv;

  if (!ea_apdu_parse_command (&apdu, command, error))
    return FALSE;
  ea_reader_init (&reader, apdu.data);
  if (apdu.cla != CONFIRMATION_CLA || apdu.ins != CONFIRMATION_INS
      || ea_reader_u16be (&reader) != DGI_CONFIRMATION)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, command.data,
                              "Not a STORE DATA with DGI %04X", DGI_CONFIRMATION);
  size = ea_reader_u8 (&reader);
  if (size != DGI_CONFIRMATION_SIZE || ea_reader_remaining (&reader) != size)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Confirmation of %u bytes, %" G_GSIZE_FORMAT " there, not %d", size,
                              ea_reader_remaining (&reader), DGI_CONFIRMATION_SIZE);
  if (!ea_tlv_read_ber (&reader, &tlv, error))
    return FALSE;
  number = get_number (tlv.value);
  if (tlv.tag != TAG_SEQUENCE || tlv.value.size != SEQUENCE_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv.object.data,
                              "Data object %02X of %" G_GSIZE_FORMAT " bytes is no sequence number",
                              tlv.tag, tlv.value.size);

  *sequence = number;
  return TRUE;
}

GBytes *
ea_sgp02_build_confirmation (guint16 sequence)
{
  EaApduCommand command = { .cla = CONFIRMATION_CLA,
                            .ins = CONFIRMATION_INS,
                            .p1 = CONFIRMATION_P1,
                            .p2 = CONFIRMATION_P2,
                            .ne = EA_APDU_NE_MAX };
  g_auto (EaWriter) data = { 0 };

  ea_writer_init (&data);
  ea_writer_u16be (&data, DGI_CONFIRMATION);
  ea_writer_u8 (&data, DGI_CONFIRMATION_SIZE);
  write_sequence (&data, sequence);
  command.data = ea_writer_span (&data);
  return ea_apdu_build_command (&command);
}
