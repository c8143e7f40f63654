/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bytes of the store's file: what a damage, and what a power failure, can make of them. LOG comes from a program
 * of a few lines with Python's hashlib and struct, by the description in agent/host/store-log.h.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "append-body.h"
#include "helpers.h"
#include "host/store-change.h"
#include "host/store-log.h"

/* Nothing; then inbox-1 = "first"; then no inbox-1, and replay = 00 0A */
#define LINE_HEX "65756963632D6167656E742073746F726520310A"
#define EMPTY_HEX "00000000FFFFFFFF51298165C10F2699858B74415E70530E13044A6BD1E1A3C7F6D22E215212F10B"
#define FIRST_BODY_HEX "2B07696E626F782D31000000056669727374"
#define FIRST_HEX                                                                                  \
  "00000012FFFFFFED" FIRST_BODY_HEX                                                                \
  "4042DF497FEBFA7D998576CED38DFA9BE7B220D01CC779E8B61EF947A6844D3B"
#define SECOND_BODY_HEX "2D07696E626F782D312B067265706C617900000002000A"
#define SECOND_HEX                                                                                 \
  "00000017FFFFFFE8" SECOND_BODY_HEX                                                               \
  "ADB60C0C1D126EDA16C17C50640EFB141C9D888C1EB2DA3CC2B97A2BF780B459"
#define LOG_HEX LINE_HEX EMPTY_HEX FIRST_HEX SECOND_HEX

static const gsize ends[] = { 60, 118, 181 }; /* of the transactions in LOG */

#define SECTOR_SIZE 512

static gboolean
take_body (EaSpan body, gpointer user_data, GError **error)
{
  g_ptr_array_add (user_data, ea_span_to_bytes (body));
  return TRUE;
}

typedef struct
{
  EaStoreLog log;
  GPtrArray *bodies;
  gboolean is_good;
} Reading;

static void
reading_clear (Reading *reading)
{
  g_clear_pointer (&reading->bodies, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static Reading
read_span (EaSpan file)
{
  g_autoptr (GError) error = NULL;
  Reading reading = { .bodies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref) };

  reading.is_good = ea_store_log_read (&reading.log, file, take_body, reading.bodies, &error);
  assert_int_equal (reading.is_good, error == NULL);
  if (!reading.is_good)
    assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
  return reading;
}

static Reading
read_hex (const char *hex)
{
  g_autoptr (GBytes) file = bytes_of (hex);

  return read_span (ea_span_from_bytes (file));
}

/* @bodies are the first of LOG. */
static void
assert_prefix (const Reading *reading, gsize n_transactions)
{
  static const char *const bodies[] = { "", FIRST_BODY_HEX, SECOND_BODY_HEX };

  assert_int_equal (reading->bodies->len, n_transactions);
  for (guint i = 0; i < n_transactions; i++)
    assert_bytes_are (g_ptr_array_index (reading->bodies, i), bodies[i]);
  if (n_transactions > 0)
    assert_int_equal (reading->log.size, ends[n_transactions - 1]);
}

static void
test_log_is_written_as_described (void **state)
{
  g_autoptr (GBytes) first = bytes_of (FIRST_BODY_HEX);
  g_autoptr (GBytes) second = bytes_of (SECOND_BODY_HEX);
  g_auto (EaWriter) writer = { 0 };
  EaStoreLog log;

  ea_writer_init (&writer);
  ea_store_log_begin (&log, &writer);
  append_body (&log, EA_SPAN_EMPTY, &writer);
  append_body (&log, ea_span_from_bytes (first), &writer);
  append_body (&log, ea_span_from_bytes (second), &writer);

  assert_span_is (ea_writer_span (&writer), LOG_HEX);
  assert_int_equal (log.size, ends[2]);
}

static void
test_a_body_may_come_in_pieces (void **state)
{
  g_autoptr (GBytes) body = bytes_of (FIRST_BODY_HEX);
  EaSpan span = ea_span_from_bytes (body);
  g_auto (EaWriter) writer = { 0 };
  EaStoreLogEntry entry;
  EaStoreLog log;

  ea_writer_init (&writer);
  ea_store_log_begin (&log, &writer);
  append_body (&log, EA_SPAN_EMPTY, &writer);
  ea_store_log_entry_open (&entry, &log, span.size, &writer);
  ea_writer_bytes (&writer, span);
  ea_store_log_entry_see (&entry, ea_span_head (span, 5));
  ea_store_log_entry_see (&entry, ea_span_tail (span, 5));
  assert_int_equal (log.size, ends[0]);
  ea_store_log_entry_close (&entry, &writer);

  assert_span_is (ea_writer_span (&writer), LINE_HEX EMPTY_HEX FIRST_HEX);
  assert_int_equal (log.size, ends[1]);
}

static void
test_log_is_read_as_described (void **state)
{
  g_auto (Reading) reading = read_hex (LOG_HEX);

  assert_true (reading.is_good);
  assert_prefix (&reading, 3);
}

static void
test_every_truncation_is_a_prefix_of_the_transactions (void **state)
{
  g_autoptr (GBytes) file = bytes_of (LOG_HEX);
  EaSpan span = ea_span_from_bytes (file);

  for (gsize size = 0; size <= span.size; size++)
    {
      g_autofree guint8 *copy = g_memdup2 (span.data, size);
      g_auto (Reading) reading = read_span (ea_span_init (copy, size));
      gsize n = 0;

      while (n < G_N_ELEMENTS (ends) && size >= ends[n])
        n++;
      assert_prefix (&reading, n);
      assert_int_equal (reading.is_good, n > 0); /* the first came with the file */
    }
}

static void
test_every_change_of_a_byte_is_found (void **state)
{
  g_autoptr (GBytes) file = bytes_of (LOG_HEX);
  EaSpan span = ea_span_from_bytes (file);
  g_autofree guint8 *copy = g_memdup2 (span.data, span.size);

  for (gsize i = 0; i < span.size; i++)
    for (guint change = 1; change <= G_MAXUINT8; change++)
      {
        g_auto (Reading) reading = { 0 };
        gsize n = 0;

        copy[i] ^= (guint8) change;
        reading = read_span (ea_span_init (copy, span.size));
        copy[i] ^= (guint8) change;
        while (i >= ends[n])
          n++;
        assert_false (reading.is_good);
        assert_prefix (&reading, i < strlen (LINE_HEX) / 2 ? 0 : n);
      }
}

static void
test_transactions_are_bound_to_their_place (void **state)
{
  g_auto (Reading) doubled = read_hex (LINE_HEX EMPTY_HEX FIRST_HEX FIRST_HEX SECOND_HEX);
  g_auto (Reading) left_out = read_hex (LINE_HEX EMPTY_HEX SECOND_HEX);
  g_auto (Reading) swapped = read_hex (LINE_HEX EMPTY_HEX SECOND_HEX FIRST_HEX);

  assert_false (doubled.is_good);
  assert_prefix (&doubled, 2);
  assert_false (left_out.is_good);
  assert_prefix (&left_out, 1);
  assert_false (swapped.is_good);
  assert_prefix (&swapped, 1);
}

static void
test_other_files_and_versions_are_not_read (void **state)
{
  g_auto (Reading) foreign = read_hex ("53514C69746520666F726D6174203300" EMPTY_HEX);
  g_auto (Reading) newer
      = read_hex ("65756963632D6167656E742073746F726520320A" EMPTY_HEX FIRST_HEX SECOND_HEX);
  g_auto (Reading) line_alone = read_hex (LINE_HEX);

  assert_false (foreign.is_good);
  assert_prefix (&foreign, 0);
  assert_false (newer.is_good);
  assert_prefix (&newer, 0);
  assert_false (line_alone.is_good);
}

/* A log, of whose transactions the third begins 4 bytes before the end of a sector */
typedef struct
{
  EaWriter writer;
  gsize start; /* of the third */
  gsize end;
} LongLog;

static void
long_log_append (LongLog *self, EaStoreLog *log, gsize body_size)
{
  g_autofree guint8 *body = g_malloc (body_size);

  memset (body, 'x', body_size);
  append_body (log, ea_span_init (body, body_size), &self->writer);
}

static void
long_log_init (LongLog *self, guint n_transactions, gsize body_size)
{
  EaStoreLog log;

  ea_writer_init (&self->writer);
  ea_store_log_begin (&log, &self->writer);
  append_body (&log, EA_SPAN_EMPTY, &self->writer);
  long_log_append (self, &log, SECTOR_SIZE - EA_STORE_LOG_OVERHEAD - 4 - log.size);
  self->start = log.size;
  assert_int_equal (self->start % SECTOR_SIZE, SECTOR_SIZE - 4);
  for (guint i = 0; i < n_transactions; i++)
    long_log_append (self, &log, body_size);
  self->end = log.size;
}

static void
long_log_clear (LongLog *self)
{
  ea_writer_clear (&self->writer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LongLog, long_log_clear)

/* As if the bytes from @from up to @to had never come to the disk */
static Reading
read_unwritten (LongLog *self, gsize from, gsize to)
{
  EaSpan span = ea_writer_span (&self->writer);
  g_autofree guint8 *copy = g_memdup2 (span.data, span.size);

  memset (copy + from, 0, to - from);
  return read_span (ea_span_init (copy, span.size));
}

static void
test_sectors_that_were_not_written_are_an_interrupted_end (void **state)
{
  g_auto (LongLog) log = { 0 };

  long_log_init (&log, 1, 4 * SECTOR_SIZE);
  for (gsize from = log.start; from < log.end;)
    {
      gsize next = (from / SECTOR_SIZE + 1) * SECTOR_SIZE;
      g_auto (Reading) one = read_unwritten (&log, from, MIN (next, log.end));
      g_auto (Reading) rest = read_unwritten (&log, from, log.end);

      assert_true (one.is_good);
      assert_int_equal (one.log.size, log.start);
      assert_true (rest.is_good);
      assert_int_equal (rest.log.size, log.start);
      from = next;
    }
}

static void
test_part_of_a_sector_is_no_interrupted_end (void **state)
{
  g_auto (LongLog) log = { 0 };
  g_auto (Reading) reading = { 0 };

  long_log_init (&log, 1, 4 * SECTOR_SIZE);
  reading = read_unwritten (&log, log.start + 4, log.start + 4 + SECTOR_SIZE - 1);

  assert_false (reading.is_good);
  assert_int_equal (reading.log.size, log.start);
}

/* All sectors of what is behind @start, but those that an interruption of the last transaction may take */
static void
expect_damage_by_each_sector (LongLog *log, gsize end)
{
  for (gsize from = log->start; from < end;)
    {
      gsize next = (from / SECTOR_SIZE + 1) * SECTOR_SIZE;
      g_auto (Reading) reading = read_unwritten (log, from, MIN (next, end));

      assert_false (reading.is_good);
      assert_in_range (reading.log.size, log->start, from);
      from = next;
    }
}

static void
test_sectors_that_are_gone_before_a_transaction_are_damage (void **state)
{
  g_auto (LongLog) log = { 0 };

  long_log_init (&log, 2, 4 * SECTOR_SIZE);
  expect_damage_by_each_sector (&log, log.start + 4 * SECTOR_SIZE + EA_STORE_LOG_OVERHEAD);
}

/* Whole ones are gone then, and the digest that the next is bound to; and the last may be interrupted besides. */
static void
test_sectors_that_are_gone_among_small_transactions_are_damage (void **state)
{
  static const gsize size = SECTOR_SIZE / 4;
  g_auto (LongLog) log = { 0 };

  long_log_init (&log, 30, size - EA_STORE_LOG_OVERHEAD);
  expect_damage_by_each_sector (&log, log.end - size);
  g_byte_array_set_size (log.writer.bytes, (guint) log.end - 1);
  expect_damage_by_each_sector (&log, log.end - 2 * size);
}

static void
test_body_that_is_not_understood_is_damage (void **state)
{
  g_autoptr (GError) error = NULL;

  static const char *const bodies[] = {
    "2A0161",   /* no such kind */
    "2D00",     /* no name */
    "2D0120",   /* a space */
    "2D0100",   /* NUL */
    "2D02C3A9", /* not ASCII */
    "2D0162"
    "2D0161", /* not in order */
    "2D0161"
    "2D0161", /* twice */
    "2B0161"
    "00000002"
    "00", /* cut */
    "2D0161"
    "FF",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) body = bytes_of (bodies[i]);

      assert_null (ea_store_change_parse (ea_span_from_bytes (body), &error));
      assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
      g_clear_error (&error);
    }
}

static GBytes *
build_change (const EaStoreChange *change)
{
  EaWriter writer;

  ea_writer_init (&writer);
  ea_store_change_build (change, &writer);
  return ea_writer_steal (&writer);
}

static void
test_change_is_written_as_described (void **state)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) other = g_bytes_new ("other", 5);
  g_autoptr (GBytes) replay = g_bytes_new ("\0\n", 2);
  g_autoptr (GBytes) body = NULL;

  ea_store_change_write (change, "replay", other);
  ea_store_change_write (change, "replay", replay);
  ea_store_change_write (change, "inbox-1", other);
  ea_store_change_remove (change, "inbox-1");
  body = build_change (change);

  assert_bytes_are (body, SECOND_BODY_HEX);
  assert_int_equal (ea_store_change_get_size (change), g_bytes_get_size (body));
}

static void
test_change_is_written_item_by_item (void **state)
{
  g_autoptr (GBytes) body = bytes_of (SECOND_BODY_HEX);
  g_autoptr (EaStoreChange) change = ea_store_change_parse (ea_span_from_bytes (body), NULL);
  g_auto (EaWriter) writer = { 0 };
  GTreeNode *last = NULL;

  ea_writer_init (&writer);
  assert_true (ea_store_change_build_some (change, &last, 1, &writer));
  assert_span_is (ea_writer_span (&writer), "2D07696E626F782D31");
  assert_true (ea_store_change_build_some (change, &last, 1, &writer)); /* it is full */
  ea_writer_reset (&writer);
  assert_false (ea_store_change_build_some (change, &last, 1, &writer));
  assert_span_is (ea_writer_span (&writer), "2B067265706C617900000002000A");
}

static void
parse_truncated (EaSpan span, gpointer user_data)
{
  g_autoptr (EaStoreChange) change = ea_store_change_parse (span, NULL);
  g_autoptr (GBytes) body = NULL;

  if (change == NULL)
    return;
  body = build_change (change);
  assert_true (ea_span_equal (ea_span_from_bytes (body), span));
  (*(guint *) user_data)++;
}

static void
test_truncated_change_is_whole_items_or_none (void **state)
{
  g_autoptr (GBytes) body = bytes_of (SECOND_BODY_HEX);
  guint n_parsed = 0;

  parse_truncations (ea_span_from_bytes (body), parse_truncated, &n_parsed);

  assert_int_equal (n_parsed, 2); /* nothing, and the first of two */
}

static void
test_name_has_its_limit (void **state)
{
  g_autofree char *longest = g_strnfill (EA_STORE_NAME_MAX, 'n');
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (EaStoreChange) parsed = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GByteArray) longer = g_byte_array_new ();

  ea_store_change_remove (change, longest);
  body = build_change (change);
  parsed = ea_store_change_parse (ea_span_from_bytes (body), NULL);
  assert_non_null (parsed);

  g_byte_array_append (longer, g_bytes_get_data (body, NULL), (guint) g_bytes_get_size (body));
  g_byte_array_append (longer, (const guint8 *) "n", 1);
  longer->data[1]++;
  assert_null (ea_store_change_parse (ea_span_from_array (longer), NULL));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_log_is_written_as_described),
    cmocka_unit_test (test_a_body_may_come_in_pieces),
    cmocka_unit_test (test_log_is_read_as_described),
    cmocka_unit_test (test_every_truncation_is_a_prefix_of_the_transactions),
    cmocka_unit_test (test_every_change_of_a_byte_is_found),
    cmocka_unit_test (test_transactions_are_bound_to_their_place),
    cmocka_unit_test (test_other_files_and_versions_are_not_read),
    cmocka_unit_test (test_sectors_that_were_not_written_are_an_interrupted_end),
    cmocka_unit_test (test_part_of_a_sector_is_no_interrupted_end),
    cmocka_unit_test (test_sectors_that_are_gone_before_a_transaction_are_damage),
    cmocka_unit_test (test_sectors_that_are_gone_among_small_transactions_are_damage),
    cmocka_unit_test (test_body_that_is_not_understood_is_damage),
    cmocka_unit_test (test_change_is_written_as_described),
    cmocka_unit_test (test_change_is_written_item_by_item),
    cmocka_unit_test (test_truncated_change_is_whole_items_or_none),
    cmocka_unit_test (test_name_has_its_limit),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
