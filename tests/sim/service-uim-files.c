/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User identity module, files: read by path, with sizes as SELECT gives them. */
#include "service-uim.h"

#define SW_OK 0x9000
#define SW_FILE_NOT_FOUND 0x6A82
#define FILE_TYPE_TRANSPARENT 0
#define FILE_TYPE_CYCLIC 1
#define FILE_TYPE_LINEAR_FIXED 2
#define FILE_TYPE_DEDICATED 3
#define SECURITY_ALWAYS 0
/* Read, write, increase, deactivate, activate */
#define N_SECURITY_ATTRIBUTES 5

static void
add_card_result (SimRequest *request, guint16 status_word)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u16be (&value, status_word);
  sim_qmi_add (&request->reply, 0x10, ea_writer_span (&value));
}

static SimQmiError
finish_card_result (SimRequest *request, guint16 status_word)
{
  add_card_result (request, status_word);
  if (status_word == SW_OK)
    return SIM_QMI_OK;
  return status_word == SW_FILE_NOT_FOUND ? SIM_QMI_SIM_FILE_NOT_FOUND : SIM_QMI_INTERNAL;
}

/* The file of TLV 0x02 as a path from the master file on, big endian: QMI has its path in
 * little-endian pairs and the file itself in front. */
static SimQmiError
read_path (const SimRequest *request, EaWriter *path, guint16 *file_id)
{
  EaReader reader;
  EaReader pairs;

  if (request->modem->slot->state != SIM_SLOT_READY)
    return SIM_QMI_DEVICE_NOT_READY;
  if (!sim_request_get (request, 0x02, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  *file_id = ea_reader_u16le (&reader);
  ea_reader_init (&pairs, sim_read_lv8 (&reader));
  while (ea_reader_remaining (&pairs) > 1)
    ea_writer_u16be (path, ea_reader_u16le (&pairs));
  ea_writer_u16be (path, *file_id);
  return ea_reader_done (&reader) && ea_reader_done (&pairs) ? SIM_QMI_OK
                                                             : SIM_QMI_MALFORMED_MESSAGE;
}

static void
add_content (SimRequest *request, GBytes *content)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  sim_write_lv16 (&value, ea_span_from_bytes (content));
  sim_qmi_add (&request->reply, 0x11, ea_writer_span (&value));
}

SimQmiError
sim_uim_read_transparent (SimRequest *request)
{
  g_auto (EaWriter) path = { NULL };
  g_autoptr (GBytes) content = NULL;
  guint16 file_id, offset, length, status_word;
  SimQmiError error;
  EaReader reader;

  ea_writer_init (&path);
  error = read_path (request, &path, &file_id);
  if (error != SIM_QMI_OK)
    return error;
  if (!sim_request_get (request, 0x03, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  offset = ea_reader_u16le (&reader);
  length = ea_reader_u16le (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  status_word = sim_slot_read_transparent (request->modem->slot, ea_writer_span (&path), offset,
                                           length, &content);
  if (content != NULL)
    add_content (request, content);
  return finish_card_result (request, status_word);
}

SimQmiError
sim_uim_read_record (SimRequest *request)
{
  g_auto (EaWriter) path = { NULL };
  g_autoptr (GBytes) content = NULL;
  guint16 file_id, record, length, status_word;
  SimQmiError error;
  EaReader reader;

  ea_writer_init (&path);
  error = read_path (request, &path, &file_id);
  if (error != SIM_QMI_OK)
    return error;
  if (!sim_request_get (request, 0x03, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  record = ea_reader_u16le (&reader);
  length = ea_reader_u16le (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (record == 0 || record > G_MAXUINT8 || length > G_MAXUINT8)
    return SIM_QMI_INVALID_ARGUMENT;
  status_word = sim_slot_read_record (request->modem->slot, ea_writer_span (&path), (guint8) record,
                                      (guint8) length, &content);
  if (content != NULL)
    add_content (request, content);
  return finish_card_result (request, status_word);
}

/* The file structure is in the low bits of the file descriptor byte (TS 102 221 §11.1.1.4.3). */
static guint8
file_type (const SimFile *file)
{
  if ((file->descriptor & 0x38) == 0x38)
    return FILE_TYPE_DEDICATED;
  switch (file->descriptor & 0x07)
    {
    case 0x02:
      return FILE_TYPE_LINEAR_FIXED;
    case 0x06:
      return FILE_TYPE_CYCLIC;
    default:
      return FILE_TYPE_TRANSPARENT;
    }
}

SimQmiError
sim_uim_get_file_attributes (SimRequest *request)
{
  g_auto (EaWriter) path = { NULL };
  g_auto (EaWriter) value = { NULL };
  g_auto (SimFile) file = { 0 };
  guint16 file_id, status_word;
  SimQmiError error;

  ea_writer_init (&path);
  error = read_path (request, &path, &file_id);
  if (error != SIM_QMI_OK)
    return error;
  status_word = sim_slot_select (request->modem->slot, ea_writer_span (&path), &file);
  if (status_word != SW_OK)
    return finish_card_result (request, status_word);
  ea_writer_init (&value);
  ea_writer_u16le (&value, file.size);
  ea_writer_u16le (&value, file_id);
  ea_writer_u8 (&value, file_type (&file));
  ea_writer_u16le (&value, file.record_size);
  ea_writer_u16le (&value, file.n_records);
  for (guint i = 0; i < N_SECURITY_ATTRIBUTES; i++)
    {
      ea_writer_u8 (&value, SECURITY_ALWAYS);
      ea_writer_u16le (&value, 0);
    }
  sim_write_lv16 (&value, ea_span_from_bytes (file.fcp));
  sim_qmi_add (&request->reply, 0x11, ea_writer_span (&value));
  return finish_card_result (request, status_word);
}
