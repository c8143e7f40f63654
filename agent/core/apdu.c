/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* APDUs of TS 102 221 §10 with short lengths; no card of this product needs extended ones. */

#include "core/apdu.h"

#include "core/error.h"

/* TS 102 221 §10.1.1: the first class coding has two bits for channels 0 to 3 and two for secure messaging,
 * the further one four for channels 4 to 19 and one for secure messaging. */
#define CLASS_PROPRIETARY 0x80
#define CLASS_SECURE 0x0C
#define CLASS_CHANNEL_MAX 0x03
#define CLASS_FURTHER 0x40
#define CLASS_FURTHER_SECURE 0x20

/* GlobalPlatform Card Specification: P1 of STORE DATA (§11.11.2.1) and INSTALL (§11.5.2.1), P2 of GET STATUS
 * (§11.4.2.2) */
#define P1_LAST_BLOCK 0x80
#define P1_MORE_INSTALL 0x80
#define P2_GET_NEXT 0x01

gboolean
ea_apdu_parse_command (EaApduCommand *out, EaSpan apdu, GError **error)
{
  EaApduCommand command = { 0 };
  const guint8 *position;
  EaReader reader;
  guint8 lc;

  ea_reader_init (&reader, apdu);
  command.cla = ea_reader_u8 (&reader);
  command.ins = ea_reader_u8 (&reader);
  command.p1 = ea_reader_u8 (&reader);
  command.p2 = ea_reader_u8 (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (apdu),
                              "Command APDU of %" G_GSIZE_FORMAT " bytes has no header of %d",
                              apdu.size, EA_APDU_HEADER_SIZE);

  if (ea_reader_remaining (&reader) > 1)
    {
      position = ea_reader_position (&reader);
      lc = ea_reader_u8 (&reader);
      if (lc == 0)
        return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, position,
                                  "Command APDU has Lc 00 or an extended length");
      if (lc > ea_reader_remaining (&reader))
        return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (apdu),
                                  "Command APDU has %" G_GSIZE_FORMAT " of %u bytes of data",
                                  ea_reader_remaining (&reader), lc);
      command.data = ea_reader_bytes (&reader, lc);
    }
  if (ea_reader_remaining (&reader) > 0)
    {
      command.ne = ea_reader_u8 (&reader);
      if (command.ne == 0)
        command.ne = EA_APDU_NE_MAX;
    }
  if (!ea_reader_done (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Command APDU has %" G_GSIZE_FORMAT " bytes after its Le",
                              ea_reader_remaining (&reader));

  *out = command;
  return TRUE;
}

GBytes *
ea_apdu_build_command (const EaApduCommand *command)
{
  EaWriter writer;

  g_return_val_if_fail (command->data.size <= EA_APDU_DATA_MAX, NULL);
  g_return_val_if_fail (command->ne <= EA_APDU_NE_MAX, NULL);

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, command->cla);
  ea_writer_u8 (&writer, command->ins);
  ea_writer_u8 (&writer, command->p1);
  ea_writer_u8 (&writer, command->p2);
  if (command->data.size > 0)
    {
      ea_writer_u8 (&writer, (guint8) command->data.size);
      ea_writer_bytes (&writer, command->data);
    }
  if (command->ne > 0)
    ea_writer_u8 (&writer, (guint8) command->ne);
  return ea_writer_steal (&writer);
}

gboolean
ea_apdu_parse_response (EaApduResponse *out, EaSpan apdu, GError **error)
{
  EaApduResponse response;
  EaReader reader;

  if (apdu.size < EA_APDU_SW_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (apdu),
                              "Response APDU of %" G_GSIZE_FORMAT " bytes has no status word",
                              apdu.size);

  ea_reader_init (&reader, apdu);
  response.data = ea_reader_bytes (&reader, apdu.size - EA_APDU_SW_SIZE);
  response.sw = ea_reader_u16be (&reader);
  *out = response;
  return TRUE;
}

EaApduNext
ea_apdu_get_next (guint16 sw)
{
  switch (sw >> 8)
    {
    case 0x61:
      return EA_APDU_NEXT_GET_RESPONSE;
    case 0x6C:
      return EA_APDU_NEXT_REPEAT;
    default:
      return EA_APDU_NEXT_NONE;
    }
}

guint
ea_apdu_get_length (guint16 sw)
{
  return (sw & 0xFF) != 0 ? sw & 0xFF : EA_APDU_NE_MAX;
}

gboolean
ea_apdu_is_proactive (guint16 sw)
{
  return (sw & 0xFF00) == 0x9100;
}

guint8
ea_apdu_code_channel (guint8 cla, guint channel)
{
  g_return_val_if_fail (channel <= EA_APDU_CHANNEL_MAX, cla);

  if (channel <= CLASS_CHANNEL_MAX)
    return (guint8) ((cla & ~CLASS_CHANNEL_MAX) | channel);
  return (guint8) ((cla & CLASS_PROPRIETARY) | CLASS_FURTHER
                   | ((cla & CLASS_SECURE) != 0 ? CLASS_FURTHER_SECURE : 0)
                   | (channel - CLASS_CHANNEL_MAX - 1));
}

gboolean
ea_apdu_leaves_state (const EaApduCommand *command)
{
  switch (command->ins)
    {
    case EA_APDU_INS_DELETE:
    case EA_APDU_INS_GET_DATA:
      return FALSE;
    case EA_APDU_INS_STATUS: /* GET STATUS in the proprietary class */
      return (command->p2 & P2_GET_NEXT) != 0;
    case EA_APDU_INS_INSTALL:
      return (command->p1 & P1_MORE_INSTALL) != 0;
    case EA_APDU_INS_STORE_DATA:
      return (command->p1 & P1_LAST_BLOCK) == 0 || command->p2 != 0;
    default:
      return TRUE;
    }
}
