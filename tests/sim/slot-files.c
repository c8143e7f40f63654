/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Elementary files read on the basic channel, step by step from the master file, as TS 102 221 §8.4
 * and §11.1 say.
 */
#include "qmux.h"
#include "slot.h"

#define FILE_ID_ADF 0x7FFF
#define TAG_FCP 0x62
#define TAG_FILE_SIZE 0x80
#define TAG_FILE_DESCRIPTOR 0x82
#define READ_CHUNK 0xFF
#define SW_OK 0x9000

void
sim_file_clear (SimFile *file)
{
  g_clear_pointer (&file->fcp, g_bytes_unref);
}

static guint16
select_one (SimSlot *slot, guint16 file_id, GBytes **fcp)
{
  g_auto (EaWriter) command = { NULL };
  g_autoptr (GBytes) response = NULL;
  guint16 status_word;

  ea_writer_init (&command);
  ea_writer_u16be (&command, 0x00A4);
  ea_writer_u16be (&command, file_id == FILE_ID_ADF ? 0x0404 : 0x0004);
  if (file_id == FILE_ID_ADF)
    {
      sim_write_lv8 (&command, sim_slot_get_usim_aid ());
    }
  else
    {
      ea_writer_u8 (&command, 2);
      ea_writer_u16be (&command, file_id);
    }
  response = sim_slot_exchange (slot, ea_writer_span (&command));
  status_word = sim_apdu_status_word (response);
  g_clear_pointer (fcp, g_bytes_unref);
  *fcp = ea_span_to_bytes (sim_apdu_data (response));
  return sim_apdu_is_success (status_word) ? SW_OK : status_word;
}

static void
parse_file_descriptor (SimFile *file, EaSpan value)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  file->descriptor = ea_reader_u8 (&reader);
  (void) ea_reader_u8 (&reader); /* data coding byte */
  file->record_size = ea_reader_u16be (&reader);
  file->n_records = ea_reader_u8 (&reader);
}

/* The lengths in a control parameter template of the card fit one byte. */
static void
parse_fcp (SimFile *file)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (file->fcp));
  if (ea_reader_u8 (&reader) != TAG_FCP)
    return;
  (void) ea_reader_u8 (&reader);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 tag = ea_reader_u8 (&reader);
      EaSpan value = sim_read_lv8 (&reader);
      EaReader size;

      if (!ea_reader_is_ok (&reader))
        return;
      ea_reader_init (&size, value);
      if (tag == TAG_FILE_SIZE)
        file->size = ea_reader_u16be (&size);
      else if (tag == TAG_FILE_DESCRIPTOR)
        parse_file_descriptor (file, value);
    }
}

guint16
sim_slot_select (SimSlot *slot, EaSpan path, SimFile *file)
{
  EaReader reader;
  guint16 status_word = SW_OK;

  ea_reader_init (&reader, path);
  while (ea_reader_remaining (&reader) > 0 && status_word == SW_OK)
    status_word = select_one (slot, ea_reader_u16be (&reader), &file->fcp);
  if (status_word == SW_OK && file->fcp != NULL)
    parse_fcp (file);
  return status_word;
}

static GBytes *
read_binary (SimSlot *slot, guint16 offset, guint8 length)
{
  g_auto (EaWriter) command = { NULL };

  ea_writer_init (&command);
  ea_writer_u16be (&command, 0x00B0);
  ea_writer_u16be (&command, offset & 0x7FFF);
  ea_writer_u8 (&command, length);
  return sim_slot_exchange (slot, ea_writer_span (&command));
}

guint16
sim_slot_read_transparent (SimSlot *slot, EaSpan path, guint16 offset, guint16 length,
                           GBytes **content)
{
  g_auto (SimFile) file = { 0 };
  g_auto (EaWriter) writer = { NULL };
  guint16 status_word = sim_slot_select (slot, path, &file);
  gsize wanted = length;

  if (status_word != SW_OK)
    return status_word;
  if (length == 0 && file.size > offset)
    wanted = (gsize) (file.size - offset);
  ea_writer_init (&writer);
  do
    {
      gsize done = ea_writer_span (&writer).size;
      gsize chunk = MIN (wanted - done, READ_CHUNK);
      g_autoptr (GBytes) response = read_binary (slot, (guint16) (offset + done), (guint8) chunk);
      EaSpan data = sim_apdu_data (response);

      status_word = sim_apdu_status_word (response);
      if (!sim_apdu_is_success (status_word))
        return status_word;
      if (data.size == 0)
        break;
      ea_writer_bytes (&writer, data);
    }
  while (ea_writer_span (&writer).size < wanted);
  *content = ea_writer_steal (&writer);
  return SW_OK;
}

guint16
sim_slot_read_record (SimSlot *slot, EaSpan path, guint8 record, guint8 length, GBytes **content)
{
  g_auto (SimFile) file = { 0 };
  g_auto (EaWriter) command = { NULL };
  g_autoptr (GBytes) response = NULL;
  guint16 status_word = sim_slot_select (slot, path, &file);

  if (status_word != SW_OK)
    return status_word;
  ea_writer_init (&command);
  ea_writer_u16be (&command, 0x00B2);
  ea_writer_u8 (&command, record);
  ea_writer_u8 (&command, 0x04); /* absolute record number */
  ea_writer_u8 (&command, length == 0 ? (guint8) file.record_size : length);
  response = sim_slot_exchange (slot, ea_writer_span (&command));
  status_word = sim_apdu_status_word (response);
  if (!sim_apdu_is_success (status_word))
    return status_word;
  *content = ea_span_to_bytes (sim_apdu_data (response));
  return SW_OK;
}
