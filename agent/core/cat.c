/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands and TERMINAL RESPONSE of TS 102 223, SMS-PP DOWNLOAD of TS 31.111 §7.1.1. Both tag
 * styles are read everywhere; answers keep the style of the command.
 */

#include "core/cat.h"

#include "core/apdu.h"
#include "core/error.h"
#include "core/tlv.h"

/* BER-TLV tags, TS 101 220 §7.2 */
#define TAG_PROACTIVE_COMMAND 0xD0
#define TAG_SMS_PP_DOWNLOAD 0xD1

/* COMPREHENSION-TLV tags, TS 102 223 §9.3 */
#define TAG_COMMAND_DETAILS 0x01
#define TAG_DEVICE_IDENTITIES 0x02
#define TAG_RESULT 0x03
#define TAG_ALPHA_IDENTIFIER 0x05
#define TAG_ADDRESS 0x06
#define TAG_SMS_TPDU 0x0B
#define TAG_ICON_IDENTIFIER 0x1E
#define TAG_TEXT_ATTRIBUTE 0x50
#define TAG_FRAME_IDENTIFIER 0x68

static const struct
{
  guint8 type;
  const char *name;
} command_names[] = {
  { 0x01, "REFRESH" },
  { 0x02, "MORE TIME" },
  { 0x03, "POLL INTERVAL" },
  { 0x04, "POLLING OFF" },
  { 0x05, "SET UP EVENT LIST" },
  { 0x10, "SET UP CALL" },
  { 0x11, "SEND SS" },
  { 0x12, "SEND USSD" },
  { 0x13, "SEND SHORT MESSAGE" },
  { 0x14, "SEND DTMF" },
  { 0x15, "LAUNCH BROWSER" },
  { 0x16, "GEOGRAPHICAL LOCATION REQUEST" },
  { 0x20, "PLAY TONE" },
  { 0x21, "DISPLAY TEXT" },
  { 0x22, "GET INKEY" },
  { 0x23, "GET INPUT" },
  { 0x24, "SELECT ITEM" },
  { 0x25, "SET UP MENU" },
  { 0x26, "PROVIDE LOCAL INFORMATION" },
  { 0x27, "TIMER MANAGEMENT" },
  { 0x28, "SET UP IDLE MODE TEXT" },
  { 0x30, "PERFORM CARD APDU" },
  { 0x31, "POWER ON CARD" },
  { 0x32, "POWER OFF CARD" },
  { 0x33, "GET READER STATUS" },
  { 0x34, "RUN AT COMMAND" },
  { 0x35, "LANGUAGE NOTIFICATION" },
  { 0x40, "OPEN CHANNEL" },
  { 0x41, "CLOSE CHANNEL" },
  { 0x42, "RECEIVE DATA" },
  { 0x43, "SEND DATA" },
  { 0x44, "GET CHANNEL STATUS" },
  { 0x45, "SERVICE SEARCH" },
  { 0x46, "GET SERVICE INFORMATION" },
  { 0x47, "DECLARE SERVICE" },
  { 0x50, "SET FRAMES" },
  { 0x51, "GET FRAMES STATUS" },
  { 0x60, "RETRIEVE MULTIMEDIA MESSAGE" },
  { 0x61, "SUBMIT MULTIMEDIA MESSAGE" },
  { 0x62, "DISPLAY MULTIMEDIA MESSAGE" },
  { 0x70, "ACTIVATE" },
  { 0x71, "CONTACTLESS STATE CHANGED" },
  { 0x72, "COMMAND CONTAINER" },
  { 0x73, "ENCAPSULATED SESSION CONTROL" },
};

static const char *
find_command_name (guint8 type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (command_names); i++)
    if (command_names[i].type == type)
      return command_names[i].name;
  return NULL;
}

const char *
ea_cat_get_command_name (guint8 type)
{
  const char *name = find_command_name (type);

  return name != NULL ? name : "unknown command";
}

gboolean
ea_cat_is_known_command (guint8 type)
{
  return find_command_name (type) != NULL;
}

static gboolean
read_command_details (EaCatCommand *command, EaReader *reader, GError **error)
{
  EaReader details;
  EaTlv tlv;

  if (ea_reader_remaining (reader) == 0)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
                           "Proactive command is empty");
      return FALSE;
    }
  if (!ea_tlv_read_comprehension (reader, &tlv, error))
    return FALSE;
  if (tlv.tag != TAG_COMMAND_DETAILS || tlv.value.size != 3)
    {
      g_set_error (error, EA_CORE_ERROR,
                   tlv.tag == TAG_COMMAND_DETAILS ? EA_CORE_ERROR_MALFORMED : EA_CORE_ERROR_MISSING,
                   "Proactive command begins with object %02X of %" G_GSIZE_FORMAT
                   " bytes, not with command details",
                   tlv.tag, tlv.value.size);
      return FALSE;
    }

  ea_reader_init (&details, tlv.value);
  command->number = ea_reader_u8 (&details);
  command->type = ea_reader_u8 (&details);
  command->qualifier = ea_reader_u8 (&details);
  command->has_comprehension_tags = tlv.is_comprehension_required;
  return TRUE;
}

static gboolean
read_device_identities (EaCatCommand *command, EaReader *reader, GError **error)
{
  EaReader identities;
  EaTlv tlv = { 0 };

  if (ea_reader_remaining (reader) > 0 && !ea_tlv_read_comprehension (reader, &tlv, error))
    return FALSE;
  if (tlv.tag != TAG_DEVICE_IDENTITIES || tlv.value.size != 2)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
                   "Proactive command %02X has no device identities", command->type);
      return FALSE;
    }

  ea_reader_init (&identities, tlv.value);
  command->source = ea_reader_u8 (&identities);
  command->destination = ea_reader_u8 (&identities);
  return TRUE;
}

static gboolean
check_objects (EaSpan objects, GError **error)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_comprehension (&reader, &tlv, error))
      return FALSE;
  return TRUE;
}

gboolean
ea_cat_parse_command (EaCatCommand *out, EaSpan command, GError **error)
{
  EaReader reader;
  EaTlv frame;

  *out = (EaCatCommand){ 0 };
  if (command.size > EA_CAT_COMMAND_MAX)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                   "Proactive command has %" G_GSIZE_FORMAT " bytes", command.size);
      return FALSE;
    }
  ea_reader_init (&reader, command);
  if (!ea_tlv_read_ber (&reader, &frame, error))
    return FALSE;
  if (frame.tag != TAG_PROACTIVE_COMMAND)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                   "Tag %02X is not a proactive command", frame.tag);
      return FALSE;
    }

  ea_reader_init (&reader, frame.value);
  if (!read_command_details (out, &reader, error) || !read_device_identities (out, &reader, error))
    return FALSE;
  out->objects = ea_reader_rest (&reader);
  return check_objects (out->objects, error);
}

static gboolean
check_comprehension (const EaCatCommand *command, GError **error)
{
  static const guint8 known[] = { TAG_ALPHA_IDENTIFIER, TAG_ADDRESS,        TAG_SMS_TPDU,
                                  TAG_ICON_IDENTIFIER,  TAG_TEXT_ATTRIBUTE, TAG_FRAME_IDENTIFIER };
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, command->objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_comprehension (&reader, &tlv, NULL))
    {
      gboolean is_known = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
        is_known |= tlv.tag == known[i];
      if (tlv.is_comprehension_required && !is_known)
        {
          g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                       "%s has object %02X, which must be understood",
                       ea_cat_get_command_name (command->type), tlv.tag);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
ea_cat_parse_send_short_message (EaCatSendShortMessage *out, const EaCatCommand *command,
                                 GError **error)
{
  EaTlv address = { 0 };
  EaTlv tpdu;

  if (!check_comprehension (command, error))
    return FALSE;
  if (!ea_tlv_find_comprehension (command->objects, TAG_SMS_TPDU, &tpdu))
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
                           "SEND SHORT MESSAGE has no SMS TPDU");
      return FALSE;
    }

  (void) ea_tlv_find_comprehension (command->objects, TAG_ADDRESS, &address); /* optional */
  *out = (EaCatSendShortMessage){
    .smsc = address.value,
    .tpdu = tpdu.value,
    .is_packing_required = (command->qualifier & EA_CAT_QUALIFIER_PACKING_REQUIRED) != 0,
  };
  return TRUE;
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
  const guint8 details[] = { command->number, command->type, command->qualifier };
  static const guint8 identities[] = { EA_CAT_DEVICE_TERMINAL, EA_CAT_DEVICE_UICC };
  gboolean style = command->has_comprehension_tags;
  g_auto (EaWriter) value = { 0 };
  EaWriter writer;

  ea_writer_init (&value);
  ea_writer_u8 (&value, (guint8) result);
  ea_writer_bytes (&value, additional);

  ea_writer_init (&writer);
  ea_tlv_write_comprehension (&writer, TAG_COMMAND_DETAILS, style, EA_SPAN_OF_ARRAY (details));
  ea_tlv_write_comprehension (&writer, TAG_DEVICE_IDENTITIES, style, EA_SPAN_OF_ARRAY (identities));
  ea_tlv_write_comprehension (&writer, TAG_RESULT, style, ea_writer_span (&value));
  return ea_writer_steal (&writer);
}

GBytes *
ea_cat_build_sms_pp_download (EaSpan smsc, EaSpan tpdu, GError **error)
{
  static const guint8 identities[] = { EA_CAT_DEVICE_NETWORK, EA_CAT_DEVICE_UICC };
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&body);
  ea_tlv_write_comprehension (&body, TAG_DEVICE_IDENTITIES, TRUE, EA_SPAN_OF_ARRAY (identities));
  if (smsc.size > 0)
    ea_tlv_write_comprehension (&body, TAG_ADDRESS, TRUE, smsc);
  ea_tlv_write_comprehension (&body, TAG_SMS_TPDU, TRUE, tpdu);

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, TAG_SMS_PP_DOWNLOAD, ea_writer_span (&body));
  if (ea_writer_span (&writer).size > EA_APDU_DATA_MAX)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                   "Message of %" G_GSIZE_FORMAT " bytes does not fit an ENVELOPE", tpdu.size);
      return NULL;
    }
  return ea_writer_steal (&writer);
}
