/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wireless messaging: the stored messages. */
#include "service-wms.h"

#define FORMAT_GSM_WCDMA 6
#define TAG_MO_NOT_SENT 3

SimQmiError
sim_wms_raw_write (SimRequest *request)
{
  SimMessageStore *store = &request->modem->network->store;
  EaReader reader;
  guint32 index;
  guint8 storage;
  EaSpan raw;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  storage = ea_reader_u8 (&reader);
  (void) ea_reader_u8 (&reader); /* there is only one format */
  raw = sim_read_lv16 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (storage > SIM_STORAGE_NV)
    return SIM_QMI_INVALID_ARGUMENT;
  if (!sim_message_store_add (store, storage, TAG_MO_NOT_SENT, ea_span_to_bytes (raw), &index))
    return SIM_QMI_DEVICE_STORAGE_FULL;
  sim_qmi_add_u32 (&request->reply, 0x01, index);
  return SIM_QMI_OK;
}

/* The message that storage and index in TLV 0x01 name; @reader stands behind them. */
static SimQmiError
find_message (const SimRequest *request, EaReader *reader, SimStoredMessage **message)
{
  guint8 storage;
  guint32 index;

  if (!sim_request_get (request, 0x01, reader))
    return SIM_QMI_MISSING_ARGUMENT;
  storage = ea_reader_u8 (reader);
  index = ea_reader_u32le (reader);
  if (!ea_reader_is_ok (reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  *message = sim_message_store_find (&request->modem->network->store, storage, index);
  return *message == NULL ? SIM_QMI_NO_ENTRY : SIM_QMI_OK;
}

SimQmiError
sim_wms_raw_read (SimRequest *request)
{
  g_auto (EaWriter) value = { NULL };
  SimStoredMessage *message;
  EaReader reader;
  SimQmiError error = find_message (request, &reader, &message);

  if (error != SIM_QMI_OK)
    return error;
  ea_writer_init (&value);
  ea_writer_u8 (&value, message->tag);
  ea_writer_u8 (&value, FORMAT_GSM_WCDMA);
  sim_write_lv16 (&value, ea_span_from_bytes (message->raw));
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  if (message->tag == SIM_TAG_MT_NOT_READ)
    message->tag = SIM_TAG_MT_READ;
  return SIM_QMI_OK;
}

SimQmiError
sim_wms_modify_tag (SimRequest *request)
{
  SimStoredMessage *message;
  EaReader reader;
  SimQmiError error = find_message (request, &reader, &message);
  guint8 tag;

  if (error != SIM_QMI_OK)
    return error;
  tag = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  message->tag = tag;
  return SIM_QMI_OK;
}

/* What Delete and List Messages may narrow down. */
typedef struct
{
  guint8 storage;
  gboolean has_index;
  guint32 index;
  gboolean has_tag;
  guint8 tag;
} Filter;

static SimQmiError
read_filter (const SimRequest *request, guint8 tag_type, Filter *filter)
{
  EaReader reader;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  filter->storage = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  filter->has_tag = sim_request_get (request, tag_type, &reader);
  if (filter->has_tag)
    filter->tag = ea_reader_u8 (&reader);
  return SIM_QMI_OK;
}

static gboolean
filter_matches (const Filter *filter, const SimStoredMessage *message)
{
  return message->storage == filter->storage
         && (!filter->has_index || message->index == filter->index)
         && (!filter->has_tag || message->tag == filter->tag);
}

SimQmiError
sim_wms_delete (SimRequest *request)
{
  SimMessageStore *store = &request->modem->network->store;
  Filter filter = { 0 };
  EaReader reader;
  guint n_before = store->messages->len;
  SimQmiError error = read_filter (request, 0x11, &filter);

  if (error != SIM_QMI_OK)
    return error;
  filter.has_index = sim_request_get (request, 0x10, &reader);
  if (filter.has_index)
    filter.index = ea_reader_u32le (&reader);
  for (guint i = n_before; i > 0; i--)
    {
      SimStoredMessage *message = g_ptr_array_index (store->messages, i - 1);

      if (filter_matches (&filter, message))
        sim_message_store_remove (store, message);
    }
  return filter.has_index && store->messages->len == n_before ? SIM_QMI_NO_ENTRY : SIM_QMI_OK;
}

SimQmiError
sim_wms_list_messages (SimRequest *request)
{
  const SimMessageStore *store = &request->modem->network->store;
  g_auto (EaWriter) list = { NULL };
  g_auto (EaWriter) value = { NULL };
  Filter filter = { 0 };
  guint32 n_messages = 0;
  SimQmiError error = read_filter (request, 0x10, &filter);

  if (error != SIM_QMI_OK)
    return error;
  ea_writer_init (&list);
  ea_writer_init (&value);
  for (guint i = 0; i < store->messages->len; i++)
    {
      const SimStoredMessage *message = g_ptr_array_index (store->messages, i);

      if (!filter_matches (&filter, message))
        continue;
      ea_writer_u32le (&list, message->index);
      ea_writer_u8 (&list, message->tag);
      n_messages++;
    }
  ea_writer_u32le (&value, n_messages);
  ea_writer_bytes (&value, ea_writer_span (&list));
  sim_qmi_add (&request->reply, 0x01, ea_writer_span (&value));
  return SIM_QMI_OK;
}
