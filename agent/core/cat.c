/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands and TERMINAL RESPONSE of TS 102 223. Both tag styles are read everywhere; answers keep
 * the style of the command.
 */

#include "core/cat.h"

#include "core/cat-command.h"
#include "core/cat-response.h"
#include "core/error.h"
#include "core/tlv.h"

static gboolean
read_command_details (EaCatCommand *command, EaReader *reader, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  EaCatCommandDetails details;
  EaTlv tlv;

  if (ea_reader_remaining (reader) == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position, "Proactive command is empty");
  if (!ea_tlv_read_comprehension (reader, &tlv, error))
    return FALSE;
  if (tlv.tag != EA_CAT_TAG_COMMAND_DETAILS)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position,
                              "Proactive command begins with object %02X, not with command details",
                              tlv.tag);
  if (!ea_cat_parse_command_details (&details, tlv.value, error))
    return FALSE;

  command->number = details.number;
  command->type = details.type;
  command->qualifier = details.qualifier;
  command->details = tlv.value;
  command->has_comprehension_tags = tlv.is_comprehension_required;
  return TRUE;
}

static gboolean
read_device_identities (EaCatCommand *command, EaReader *reader, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  EaCatDeviceIdentities devices;
  EaTlv tlv = { 0 };

  if (ea_reader_remaining (reader) > 0 && !ea_tlv_read_comprehension (reader, &tlv, error))
    return FALSE;
  if (tlv.tag != EA_CAT_TAG_DEVICE_IDENTITIES)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position,
                              "Proactive command %02X has no device identities", command->type);
  if (!ea_cat_parse_device_identities (&devices, tlv.value, error))
    return FALSE;

  command->source = devices.source;
  command->destination = devices.destination;
  command->has_comprehension_devices = tlv.is_comprehension_required;
  return TRUE;
}

/* The details of a command whose own length is wrong, so that the answer can name it. */
static void
salvage_command_details (EaCatCommand *out, EaSpan command)
{
  EaReader reader;
  guint8 length;

  ea_reader_init (&reader, command);
  if (ea_reader_u8 (&reader) != EA_CAT_BER_TAG_PROACTIVE_COMMAND)
    return;
  length = ea_reader_u8 (&reader);
  if (length > EA_TLV_LENGTH_INDEFINITE)
    (void) ea_reader_bytes (&reader, length - EA_TLV_LENGTH_INDEFINITE);
  if (!read_command_details (out, &reader, NULL))
    *out = (EaCatCommand){ 0 };
}

gboolean
ea_cat_parse_command (EaCatCommand *out, EaSpan command, GError **error)
{
  EaReader reader;
  EaTlv frame;

  *out = (EaCatCommand){ 0 };
  if (command.size > EA_CAT_COMMAND_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, command.data,
                              "Proactive command has %" G_GSIZE_FORMAT " bytes, more than %d",
                              command.size, EA_CAT_COMMAND_MAX);
  ea_reader_init (&reader, command);
  if (!ea_tlv_read_ber (&reader, &frame, error))
    {
      salvage_command_details (out, command);
      return FALSE;
    }
  if (frame.tag != EA_CAT_BER_TAG_PROACTIVE_COMMAND)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, command.data,
                              "Tag %02X is not a proactive command", frame.tag);

  ea_reader_init (&reader, frame.value);
  if (!read_command_details (out, &reader, error) || !read_device_identities (out, &reader, error))
    return FALSE;
  out->objects = ea_reader_rest (&reader);
  return ea_cat_check_sequence (out->objects, error);
}

gboolean
ea_cat_parse_send_short_message (EaCatSendShortMessage *out, const EaCatCommand *command,
                                 GError **error)
{
  EaCatObject cdma = { 0 };
  EaSpan tpdu;

  if (!ea_cat_check_command_is (command, EA_CAT_TYPE_SEND_SHORT_MESSAGE, error))
    return FALSE;
  if (!ea_cat_command_find (command, EA_CAT_TAG_SMS_TPDU, EA_CAT_ROLE_ONLY, &tpdu))
    {
      (void) ea_cat_command_find_object (command, EA_CAT_TAG_CDMA_SMS_TPDU, EA_CAT_ROLE_ONLY,
                                         &cdma); /* it is there, as one of both must be */
      return ea_core_error_set (
          error, EA_CORE_ERROR_UNSUPPORTED, cdma.tlv.object.data,
          "SEND SHORT MESSAGE has a CDMA-SMS-TPDU (tag %02X) of %" G_GSIZE_FORMAT
          " bytes, and no SMS TPDU (tag %02X)",
          EA_CAT_TAG_CDMA_SMS_TPDU, cdma.tlv.value.size, EA_CAT_TAG_SMS_TPDU);
    }

  *out = (EaCatSendShortMessage){
    .smsc = ea_cat_command_get (command, EA_CAT_TAG_ADDRESS, EA_CAT_ROLE_ONLY),
    .tpdu = tpdu,
    .is_packing_required = (command->qualifier & EA_CAT_QUALIFIER_PACKING_REQUIRED) != 0,
  };
  return TRUE;
}

guint8
ea_cat_write_send_short_message (EaWriter *writer, const EaCatSendShortMessage *send)
{
  if (send->smsc.size > 0)
    ea_cat_write_object (writer, EA_CAT_TAG_ADDRESS, TRUE, send->smsc);
  ea_cat_write_object (writer, EA_CAT_TAG_SMS_TPDU, TRUE, send->tpdu);
  return send->is_packing_required ? EA_CAT_QUALIFIER_PACKING_REQUIRED : 0;
}

EaCatResult
ea_cat_get_result (int code)
{
  switch ((EaCoreError) code)
    {
    case EA_CORE_ERROR_MISSING:
      return EA_CAT_RESULT_VALUES_MISSING;
    case EA_CORE_ERROR_UNSUPPORTED:
      return EA_CAT_RESULT_BEYOND_CAPABILITIES;
    case EA_CORE_ERROR_TRUNCATED:
    case EA_CORE_ERROR_MALFORMED:
    case EA_CORE_ERROR_LIMIT:
    case EA_CORE_ERROR_SECURITY:
    case EA_CORE_ERROR_REPLAY:
      break;
    }
  return EA_CAT_RESULT_DATA_NOT_UNDERSTOOD;
}

GBytes *
ea_cat_build_terminal_response (const EaCatCommand *command, EaCatResult result, EaSpan additional)
{
  return ea_cat_build_response_to (command, result, additional, EA_SPAN_EMPTY);
}
