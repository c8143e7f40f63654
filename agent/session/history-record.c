/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 *   version   1  01
 *   time      8
 *   texts        six times: length 2, UTF-8
 */

#include "session/history-record.h"

#include <string.h>

#define VERSION 1

static const char *const names[EA_HISTORY_N_TEXTS] = {
  [EA_HISTORY_EVENT] = "event",     [EA_HISTORY_EID] = "eid",
  [EA_HISTORY_SESSION] = "session", [EA_HISTORY_TRANSPORT] = "transport",
  [EA_HISTORY_RESULT] = "result",   [EA_HISTORY_DETAIL] = "detail",
};

/* (transfer full): no character is cut in two */
static char *
cut_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  gsize size = strlen (valid);

  if (size > EA_HISTORY_TEXT_MAX)
    *g_utf8_find_prev_char (valid, valid + EA_HISTORY_TEXT_MAX + 1) = '\0';
  return g_steal_pointer (&valid);
}

EaHistoryRecord *
ea_history_record_new (guint64 time_us, const char *const texts[EA_HISTORY_N_TEXTS])
{
  EaHistoryRecord *record = g_new0 (EaHistoryRecord, 1);

  record->time_us = time_us;
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    record->texts[i] = cut_text (texts[i]);
  return record;
}

void
ea_history_record_free (EaHistoryRecord *record)
{
  if (record == NULL)
    return;
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    g_free (record->texts[i]);
  g_free (record);
}

GBytes *
ea_history_record_build (const EaHistoryRecord *record)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, VERSION);
  ea_writer_u64be (&writer, record->time_us);
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    {
      gsize size = strlen (record->texts[i]);

      ea_writer_u16be (&writer, (guint16) size);
      ea_writer_bytes (&writer, ea_span_init (record->texts[i], size));
    }
  return ea_writer_steal (&writer);
}

/* (transfer full): empty, and @reader has failed, when it is none */
static char *
read_text (EaReader *reader)
{
  EaSpan span = ea_reader_bytes (reader, ea_reader_u16be (reader));

  if (span.size > EA_HISTORY_TEXT_MAX
      || (span.size > 0 && !g_utf8_validate_len ((const char *) span.data, span.size, NULL)))
    {
      ea_reader_fail (reader);
      return g_strdup ("");
    }
  return g_strndup ((const char *) span.data, span.size);
}

EaHistoryRecord *
ea_history_record_parse (EaSpan bytes)
{
  g_autoptr (EaHistoryRecord) record = g_new0 (EaHistoryRecord, 1);
  EaReader reader;

  ea_reader_init (&reader, bytes);
  if (ea_reader_u8 (&reader) != VERSION)
    ea_reader_fail (&reader);
  record->time_us = ea_reader_u64be (&reader);
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    record->texts[i] = read_text (&reader);
  return ea_reader_done (&reader) ? g_steal_pointer (&record) : NULL;
}

GVariant *
ea_history_record_to_variant (const EaHistoryRecord *record)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "time", g_variant_new_uint64 (record->time_us));
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    g_variant_builder_add (&builder, "{sv}", names[i], g_variant_new_string (record->texts[i]));
  return g_variant_builder_end (&builder);
}
