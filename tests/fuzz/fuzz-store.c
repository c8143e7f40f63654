/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The store's file as a disk may give it back. The input is the file; and also the items of a transaction, which are
 * put into a file that is then cut and changed at the place that the input's first two bytes say.
 */

#include "host/store-log.h"

#include "host/store-change.h"

#include "../unit/append-body.h"
#include "fuzz.h"

static gboolean
take_body (EaSpan body, gpointer user_data, GError **error)
{
  g_ptr_array_add (user_data, ea_span_to_bytes (body));
  return TRUE;
}

/* The bodies as one log: what was read is exactly the beginning of the file. */
static void
check_bodies (GPtrArray *bodies, const EaStoreLog *log, EaSpan file)
{
  g_auto (EaWriter) writer = { 0 };
  EaStoreLog again;

  ea_writer_init (&writer);
  ea_store_log_begin (&again, &writer);
  for (guint i = 0; i < bodies->len; i++)
    append_body (&again, ea_span_from_bytes (g_ptr_array_index (bodies, i)), &writer);
  FUZZ_CLAIM (again.size == log->size && again.size == ea_writer_span (&writer).size);
  FUZZ_CLAIM (ea_span_has_prefix (file, ea_writer_span (&writer)));
}

/* Returns: whole transactions, also of a file that is damaged behind them */
static guint
check_file (EaSpan file, gboolean *is_good)
{
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  EaStoreLog log;

  *is_good = ea_store_log_read (&log, file, take_body, bodies, &error);
  FUZZ_CLAIM (*is_good == (error == NULL));
  FUZZ_CLAIM (*is_good || g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
  FUZZ_CLAIM (!*is_good || bodies->len > 0);
  if (log.size > 0)
    check_bodies (bodies, &log, file);
  return bodies->len;
}

/* Two transactions: what was cut off the second is not missed, what was changed is found. */
static void
check_damage (EaSpan body, guint16 place)
{
  g_auto (EaWriter) writer = { 0 };
  g_autofree guint8 *copy = NULL;
  EaSpan file;
  EaStoreLog log;
  gboolean is_good;
  gsize first;

  ea_writer_init (&writer);
  ea_store_log_begin (&log, &writer);
  append_body (&log, EA_SPAN_EMPTY, &writer);
  first = log.size;
  append_body (&log, body, &writer);
  file = ea_writer_span (&writer);
  FUZZ_CLAIM (check_file (file, &is_good) == 2 && is_good);

  FUZZ_CLAIM (check_file (ea_span_head (file, first + place % (file.size - first)), &is_good) == 1
              && is_good);
  copy = g_memdup2 (file.data, file.size);
  copy[place % file.size] ^= (guint8) (1 + place % G_MAXUINT8);
  FUZZ_CLAIM (check_file (ea_span_init (copy, file.size), &is_good) < 2);
}

/* A change that is understood is written the same, and makes the same of nothing. */
static void
check_change (EaSpan body)
{
  g_autoptr (EaStoreChange) change = ea_store_change_parse (body, NULL);
  g_autoptr (EaStoreChange) records = ea_store_change_new ();
  g_auto (EaWriter) again = { 0 };
  gsize size;

  if (change == NULL)
    return;
  ea_writer_init (&again);
  ea_store_change_build (change, &again);
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&again), body));
  FUZZ_CLAIM (ea_store_change_get_size (change) == body.size);
  size = ea_store_change_measure (records, change);
  ea_store_change_apply (records, change);
  FUZZ_CLAIM (ea_store_change_get_size (records) == size && size <= body.size);
  FUZZ_CLAIM (ea_store_change_measure (records, change) == size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaReader reader;
  gboolean is_good;
  guint16 place;

  ea_reader_init (&reader, input);
  place = ea_reader_u16be (&reader);
  (void) check_file (input, &is_good);
  check_change (input);
  check_damage (input, place);
  return 0;
}
