/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-script.h"

#include "core/error.h"
#include "sim-tlv.h"

#define TAG_SCRIPT 0xAA
#define TAG_SCRIPT_INDEFINITE 0xAE
#define INDEFINITE_LENGTH 0x80
#define END_OF_CONTENTS 0x0000
#define TAG_C_APDU 0x22
#define TAG_AID 0x4F
#define TAG_ADDRESSING 0xA3
#define DGI_UPDATE_ADDRESSING 0x3A07
#define SHORT_APDU_MAX 261
#define SCRIPT_MAX 0x8000

GBytes *
sim_smsr_wrap_script (SimSmsrFormat format, EaSpan objects)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  switch (format)
    {
    case SIM_SMSR_FORMAT_DEFINITE:
      sim_tlv_write (&writer, TAG_SCRIPT, objects);
      break;
    case SIM_SMSR_FORMAT_INDEFINITE:
      ea_writer_u8 (&writer, TAG_SCRIPT_INDEFINITE);
      ea_writer_u8 (&writer, INDEFINITE_LENGTH);
      ea_writer_bytes (&writer, objects);
      ea_writer_u16be (&writer, END_OF_CONTENTS);
      break;
    }
  return ea_writer_steal (&writer);
}

void
sim_smsr_write_command (EaWriter *objects, EaSpan apdu)
{
  sim_tlv_write (objects, TAG_C_APDU, apdu);
}

static void
write_counted (EaWriter *writer, EaSpan field)
{
  ea_writer_u8 (writer, (guint8) field.size);
  ea_writer_bytes (writer, field);
}

/* STORE DATA, last block, with one data grouping identifier that holds one object: 3A03 12 4F10 … */
static void
write_store_data (EaWriter *commands, guint16 identifier, guint tag, EaSpan object)
{
  static const guint8 header[] = { 0x80, 0xE2, 0x88, 0x00 };
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) data = { 0 };
  g_auto (EaWriter) apdu = { 0 };

  ea_writer_init (&value);
  ea_writer_init (&data);
  ea_writer_init (&apdu);
  sim_tlv_write (&value, tag, object);
  ea_writer_u16be (&data, identifier);
  write_counted (&data, ea_writer_span (&value));
  ea_writer_bytes (&apdu, EA_SPAN_OF_ARRAY (header));
  write_counted (&apdu, ea_writer_span (&data));
  sim_smsr_write_command (commands, ea_writer_span (&apdu));
}

static void
write_delete (EaWriter *commands, EaSpan aid)
{
  static const guint8 header[] = { 0x80, 0xE4, 0x00, 0x40 };
  g_auto (EaWriter) data = { 0 };
  g_auto (EaWriter) apdu = { 0 };

  ea_writer_init (&data);
  ea_writer_init (&apdu);
  sim_tlv_write (&data, TAG_AID, aid);
  ea_writer_bytes (&apdu, EA_SPAN_OF_ARRAY (header));
  ea_writer_u8 (&apdu, (guint8) ea_writer_span (&data).size);
  ea_writer_bytes (&apdu, ea_writer_span (&data));
  ea_writer_u8 (&apdu, 0);
  sim_smsr_write_command (commands, ea_writer_span (&apdu));
}

/* INSTALL [for install and make selectable] of a security domain with authorised management */
static void
write_install (EaWriter *commands, EaSpan aid)
{
  static const guint8 header[] = { 0x80, 0xE6, 0x0C, 0x00 };
  static const guint8 load_file[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                      0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x0D, 0x00 };
  static const guint8 module[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x0E, 0x00 };
  static const guint8 privileges[] = { 0x80, 0xC0, 0x00 };
  static const guint8 parameters[] = { 0xC9, 0x04, 0x81, 0x02, 0x03, 0x70 };
  g_auto (EaWriter) data = { 0 };
  g_auto (EaWriter) apdu = { 0 };

  ea_writer_init (&data);
  ea_writer_init (&apdu);
  write_counted (&data, EA_SPAN_OF_ARRAY (load_file));
  write_counted (&data, EA_SPAN_OF_ARRAY (module));
  write_counted (&data, aid);
  write_counted (&data, EA_SPAN_OF_ARRAY (privileges));
  write_counted (&data, EA_SPAN_OF_ARRAY (parameters));
  write_counted (&data, EA_SPAN_EMPTY);
  ea_writer_bytes (&apdu, EA_SPAN_OF_ARRAY (header));
  write_counted (&apdu, ea_writer_span (&data));
  ea_writer_u8 (&apdu, 0);
  sim_smsr_write_command (commands, ea_writer_span (&apdu));
}

/* All ISD-Ps, then the memory that is left */
static void
write_audit (EaWriter *commands)
{
  static const guint8 get_status[]
      = { 0x80, 0xF2, 0x40, 0x02, 0x07, 0x4F, 0x00, 0x5C, 0x03, 0x4F, 0x9F, 0x70, 0x00 };
  static const guint8 get_memory[] = { 0x80, 0xCA, 0xFF, 0x21, 0x00 };

  sim_smsr_write_command (commands, EA_SPAN_OF_ARRAY (get_status));
  sim_smsr_write_command (commands, EA_SPAN_OF_ARRAY (get_memory));
}

GBytes *
sim_smsr_build_confirmation (guint16 sequence, SimSmsrFormat format)
{
  static const guint8 header[] = { 0x80, 0xE2, 0x89, 0x00, 0x07, 0x3A, 0x08, 0x04, 0x4E, 0x02 };
  g_auto (EaWriter) commands = { 0 };
  g_auto (EaWriter) apdu = { 0 };

  ea_writer_init (&commands);
  ea_writer_init (&apdu);
  ea_writer_bytes (&apdu, EA_SPAN_OF_ARRAY (header));
  ea_writer_u16be (&apdu, sequence);
  ea_writer_u8 (&apdu, 0);
  sim_smsr_write_command (&commands, ea_writer_span (&apdu));
  return sim_smsr_wrap_script (format, ea_writer_span (&commands));
}

GBytes *
sim_smsr_build_script (SimSmsrFunction function, EaSpan aid, SimSmsrFormat format)
{
  g_auto (EaWriter) commands = { 0 };

  ea_writer_init (&commands);
  switch (function)
    {
    case SIM_SMSR_ENABLE_PROFILE:
      write_store_data (&commands, 0x3A03, TAG_AID, aid);
      break;
    case SIM_SMSR_DISABLE_PROFILE:
      write_store_data (&commands, 0x3A04, TAG_AID, aid);
      break;
    case SIM_SMSR_SET_FALL_BACK:
      write_store_data (&commands, 0x3A05, TAG_AID, aid);
      break;
    case SIM_SMSR_DELETE_ISDP:
      write_delete (&commands, aid);
      break;
    case SIM_SMSR_CREATE_ISDP:
      write_install (&commands, aid);
      break;
    case SIM_SMSR_AUDIT:
      write_audit (&commands);
      break;
    case SIM_SMSR_SEND_SCRIPT:
    case SIM_SMSR_DOWNLOAD_PROFILE:
    case SIM_SMSR_PUSH_HTTPS:
    case SIM_SMSR_PUSH_CAT_TP:
    case SIM_SMSR_REPEAT:
      g_assert_not_reached ();
    }
  return sim_smsr_wrap_script (format, ea_writer_span (&commands));
}

static void
write_numbered (EaWriter *commands, guint32 number, gsize size)
{
  g_auto (EaWriter) parameter = { 0 };

  ea_writer_init (&parameter);
  ea_writer_u32be (&parameter, number);
  for (gsize i = sizeof (number); i < size; i++)
    ea_writer_u8 (&parameter, 0);
  write_store_data (commands, DGI_UPDATE_ADDRESSING, TAG_ADDRESSING, ea_writer_span (&parameter));
}

GBytes *
sim_smsr_generate_script (guint32 first, guint n_commands, gsize size, SimSmsrFormat format)
{
  g_auto (EaWriter) commands = { 0 };

  ea_writer_init (&commands);
  for (guint i = 0; i < n_commands; i++)
    write_numbered (&commands, first + i, size);
  return sim_smsr_wrap_script (format, ea_writer_span (&commands));
}

guint
sim_smsr_count_commands (EaSpan script)
{
  guint n_commands = 0;
  EaReader reader;

  ea_reader_init (&reader, script);
  if (ea_reader_u8 (&reader) == TAG_SCRIPT_INDEFINITE)
    (void) ea_reader_u8 (&reader); /* its length is not told */
  else
    (void) sim_tlv_read_length (&reader);
  while (ea_reader_is_ok (&reader) && ea_reader_remaining (&reader) > 0)
    n_commands += sim_tlv_read (&reader).tag == TAG_C_APDU ? 1 : 0;
  return ea_reader_is_ok (&reader) ? n_commands : 0;
}

static gboolean
is_script (EaSpan line)
{
  EaReader reader;
  guint8 tag;

  ea_reader_init (&reader, line);
  tag = ea_reader_u8 (&reader);
  return tag == TAG_SCRIPT || tag == TAG_SCRIPT_INDEFINITE;
}

static gboolean
check_size (EaSpan span, gsize maximum, GError **error)
{
  if (span.size <= maximum)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
               "%" G_GSIZE_FORMAT " octets are more than %" G_GSIZE_FORMAT, span.size, maximum);
  return FALSE;
}

GBytes *
sim_smsr_read_script (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (EaWriter) commands = { 0 };

  ea_writer_init (&commands);
  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autoptr (GBytes) bytes = NULL;

      if (*g_strstrip (*line) == '\0' || **line == '#')
        continue;
      bytes = ea_bytes_from_hex (*line, error);
      if (bytes == NULL)
        return NULL;
      if (is_script (ea_span_from_bytes (bytes)))
        return check_size (ea_span_from_bytes (bytes), SCRIPT_MAX, error) ? g_steal_pointer (&bytes)
                                                                          : NULL;
      if (!check_size (ea_span_from_bytes (bytes), SHORT_APDU_MAX, error))
        return NULL;
      sim_smsr_write_command (&commands, ea_span_from_bytes (bytes));
    }
  return check_size (ea_writer_span (&commands), SCRIPT_MAX, error)
             ? sim_smsr_wrap_script (SIM_SMSR_FORMAT_DEFINITE, ea_writer_span (&commands))
             : NULL;
}
