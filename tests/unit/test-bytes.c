/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Spans, the reading and the writing cursor, and hexadecimal text (agent/core/bytes.h). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

static void
test_reader_yields_each_width_in_its_byte_order (void **state)
{
  static const guint8 bytes[]
      = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C,
          0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));

  assert_int_equal (ea_reader_u8 (&reader), 0x01);
  assert_int_equal (ea_reader_u16be (&reader), 0x0203);
  assert_int_equal (ea_reader_u24be (&reader), 0x040506);
  assert_int_equal (ea_reader_u32be (&reader), 0x0708090A);
  assert_int_equal (ea_reader_u16le (&reader), 0x0C0B);
  assert_int_equal (ea_reader_u32le (&reader), 0x100F0E0D);
  assert_int_equal (ea_reader_u64be (&reader), 0x1112131415161718);
  assert_true (ea_reader_done (&reader));
}

static void
test_numbers_with_the_highest_bit_set_stay_positive (void **state)
{
  static const guint8 bytes[] = { 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));

  assert_int_equal (ea_reader_u32be (&reader), 0xFFFEFDFCu);
  assert_int_equal (ea_reader_u32le (&reader), 0xF8F9FAFBu);
}

static void
read_u8 (EaReader *reader)
{
  assert_int_equal (ea_reader_u8 (reader), 0);
}

static void
read_u16be (EaReader *reader)
{
  assert_int_equal (ea_reader_u16be (reader), 0);
}

static void
read_u24be (EaReader *reader)
{
  assert_int_equal (ea_reader_u24be (reader), 0);
}

static void
read_u32be (EaReader *reader)
{
  assert_int_equal (ea_reader_u32be (reader), 0);
}

static void
read_u64be (EaReader *reader)
{
  assert_int_equal (ea_reader_u64be (reader), 0);
}

static void
read_u16le (EaReader *reader)
{
  assert_int_equal (ea_reader_u16le (reader), 0);
}

static void
read_u32le (EaReader *reader)
{
  assert_int_equal (ea_reader_u32le (reader), 0);
}

/* Each way to read a number, and the bytes it needs. */
static const struct
{
  void (*read) (EaReader *reader);
  gsize size;
} reads[] = {
  { read_u8, 1 },    { read_u16be, 2 }, { read_u24be, 3 }, { read_u32be, 4 },
  { read_u64be, 8 }, { read_u16le, 2 }, { read_u32le, 4 },
};

static void
fail_each_read (EaSpan span, gpointer user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      EaReader reader;

      if (reads[i].size <= span.size)
        continue;
      ea_reader_init (&reader, span);
      reads[i].read (&reader);

      assert_false (ea_reader_is_ok (&reader));
      assert_false (ea_reader_done (&reader));
      assert_int_equal (ea_reader_offset (&reader), 0);
      assert_int_equal (ea_reader_remaining (&reader), 0);
    }
}

static void
test_number_that_ends_beyond_the_buffer_is_zero_and_fails_the_reader (void **state)
{
  static const guint8 bytes[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

  parse_truncations (EA_SPAN_OF_ARRAY (bytes), fail_each_read, NULL);
}

static void
test_reader_that_failed_once_yields_nothing_any_more (void **state)
{
  static const guint8 bytes[] = { 0x01, 0x02, 0x03 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  (void) ea_reader_u32be (&reader);

  assert_int_equal (ea_reader_u8 (&reader), 0);
  assert_int_equal (ea_reader_peek_u8 (&reader), 0);
  assert_int_equal (ea_reader_bytes (&reader, 1).size, 0);
  assert_int_equal (ea_reader_rest (&reader).size, 0);
  assert_false (ea_reader_done (&reader));
}

static void
test_reader_that_the_caller_fails_is_not_done_at_the_end (void **state)
{
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_EMPTY);
  assert_true (ea_reader_done (&reader));

  ea_reader_fail (&reader);

  assert_false (ea_reader_is_ok (&reader));
  assert_false (ea_reader_done (&reader));
}

static void
test_bytes_can_be_read_up_to_the_end_but_not_one_more (void **state)
{
  static const guint8 bytes[] = { 0x01, 0x02, 0x03 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  assert_span_is (ea_reader_bytes (&reader, 3), "010203");
  assert_true (ea_reader_done (&reader));

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  assert_int_equal (ea_reader_bytes (&reader, 4).size, 0);
  assert_false (ea_reader_is_ok (&reader));

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  (void) ea_reader_u8 (&reader);
  assert_int_equal (ea_reader_bytes (&reader, G_MAXSIZE).size, 0);
  assert_false (ea_reader_is_ok (&reader));
}

static void
test_reading_no_bytes_is_no_failure_even_at_the_end (void **state)
{
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_EMPTY);

  assert_int_equal (ea_reader_bytes (&reader, 0).size, 0);
  assert_int_equal (ea_reader_rest (&reader).size, 0);
  assert_true (ea_reader_done (&reader));
}

static void
test_peek_neither_moves_nor_fails (void **state)
{
  static const guint8 bytes[] = { 0x80 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  assert_int_equal (ea_reader_peek_u8 (&reader), 0x80);
  assert_int_equal (ea_reader_remaining (&reader), 1);

  (void) ea_reader_u8 (&reader);
  assert_int_equal (ea_reader_peek_u8 (&reader), 0);
  assert_true (ea_reader_done (&reader));
}

static void
test_rest_is_all_that_was_not_read (void **state)
{
  static const guint8 bytes[] = { 0x01, 0x02, 0x03 };
  EaReader reader;

  ea_reader_init (&reader, EA_SPAN_OF_ARRAY (bytes));
  (void) ea_reader_u8 (&reader);

  assert_int_equal (ea_reader_offset (&reader), 1);
  assert_span_is (ea_reader_rest (&reader), "0203");
  assert_true (ea_reader_done (&reader));
}

static void
test_writer_lays_each_width_out_in_its_byte_order (void **state)
{
  static const guint8 tail[] = { 0xAA, 0xBB };
  g_autoptr (GBytes) bytes = NULL;
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0x01);
  ea_writer_u16be (&writer, 0x0203);
  ea_writer_u24be (&writer, 0x040506);
  ea_writer_u32be (&writer, 0x0708090A);
  ea_writer_u16le (&writer, 0x0C0B);
  ea_writer_u32le (&writer, 0x100F0E0D);
  ea_writer_u64be (&writer, 0xF112131415161718);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (tail));
  ea_writer_bytes (&writer, EA_SPAN_EMPTY);
  bytes = ea_writer_steal (&writer);

  assert_bytes_are (bytes, "0102030405060708090A0B0C0D0E0F10F112131415161718AABB");
}

static void
test_writer_that_begins_anew_has_forgotten_what_was_written (void **state)
{
  g_auto (EaWriter) writer = { NULL };
  const guint8 expected[] = { 0x02 };

  ea_writer_init (&writer);
  ea_writer_u32be (&writer, 0x01010101);
  ea_writer_reset (&writer);
  ea_writer_u8 (&writer, 0x02);

  assert_true (ea_span_equal (ea_writer_span (&writer), EA_SPAN_OF_ARRAY (expected)));
}

static void
test_writer_can_be_cleared_twice_and_after_it_was_stolen_from (void **state)
{
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 1);
  ea_writer_clear (&writer);
  ea_writer_clear (&writer);

  ea_writer_init (&writer);
  assert_int_equal (ea_writer_span (&writer).size, 0);
  g_bytes_unref (ea_writer_steal (&writer));
  ea_writer_clear (&writer);
  assert_null (writer.bytes);
}

static void
test_hexadecimal_text_may_have_blanks_and_colons_between_bytes (void **state)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (" d0:0b\n81\t03 0aFf", NULL);
  g_autoptr (GBytes) nothing = ea_bytes_from_hex ("", NULL);
  g_autofree char *text = ea_span_to_hex (ea_span_from_bytes (bytes));

  assert_string_equal (text, "D00B81030AFF");
  assert_int_equal (g_bytes_get_size (nothing), 0);
}

static void
test_bad_hexadecimal_text_is_malformed (void **state)
{
  static const char *const bad[] = { "0", "000", "0g", "g0", "0 0", "0:0", "00,00", "0x00", "-1" };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      assert_null (ea_bytes_from_hex (bad[i], &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
}

static void
test_spans_are_equal_by_their_bytes (void **state)
{
  static const guint8 a[] = { 1, 2, 3 };
  static const guint8 b[] = { 1, 2, 3, 4 };
  EaSpan span = EA_SPAN_OF_ARRAY (a);
  EaSpan longer = EA_SPAN_OF_ARRAY (b);

  assert_false (ea_span_equal (span, longer));
  assert_true (ea_span_equal (span, ea_span_init (b, 3)));
  assert_true (ea_span_equal (EA_SPAN_EMPTY, ea_span_init (b, 0)));
  assert_true (ea_span_has_prefix (longer, span));
  assert_true (ea_span_has_prefix (span, EA_SPAN_EMPTY));
  assert_false (ea_span_has_prefix (span, longer));
  assert_false (ea_span_has_prefix (longer, ea_span_init (b + 1, 2)));
}

static void
test_span_of_a_copy_outlives_its_source (void **state)
{
  g_autofree guint8 *source = g_memdup2 ("\x01\x02", 2);
  g_autoptr (GBytes) copy = ea_span_to_bytes (ea_span_init (source, 2));
  g_autoptr (GByteArray) array = g_byte_array_new ();

  source[0] = 0xFF;

  assert_bytes_are (copy, "0102");
  assert_int_equal (ea_span_from_bytes (NULL).size, 0);
  assert_int_equal (ea_span_from_array (array).size, 0);
}

static void
test_error_tells_its_offset_in_the_bytes_and_in_a_larger_buffer (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("00 01 02 03 04 05");
  EaSpan whole = ea_span_from_bytes (bytes);
  EaSpan part = ea_span_tail (whole, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;
  gsize offset = 99;

  assert_false (
      ea_core_error_set (&error, EA_CORE_ERROR_LIMIT, ea_span_end (part), "%u of %u", 3, 4));
  copy = g_error_copy (error);

  assert_string_equal (copy->message, "3 of 4");
  assert_true (ea_core_error_get_offset (copy, part.data, part.size, &offset));
  assert_int_equal (offset, 4);
  assert_true (ea_core_error_get_offset (copy, whole.data, whole.size, &offset));
  assert_int_equal (offset, 6);
  assert_false (ea_core_error_get_offset (copy, whole.data, 3, &offset));
  assert_int_equal (offset, 6);
}

static void
test_span_is_cut_at_its_ends_and_found_again (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("00 01 02 03 04 05");
  EaSpan whole = ea_span_from_bytes (bytes);
  gsize offset = 99;

  assert_span_is (ea_span_head (whole, 2), "00 01");
  assert_span_is (ea_span_head (whole, 7), "00 01 02 03 04 05");
  assert_span_is (ea_span_tail (whole, 4), "04 05");
  assert_span_is (ea_span_tail (whole, 6), "");
  assert_true (ea_span_find_offset (whole, ea_span_tail (whole, 4), &offset));
  assert_int_equal (offset, 4);
  assert_false (ea_span_find_offset (ea_span_head (whole, 5), ea_span_tail (whole, 4), &offset));
  assert_false (ea_span_find_offset (whole, EA_SPAN_EMPTY, &offset));
  assert_int_equal (offset, 4);
}

static void
test_hex_is_decoded_where_it_stands (void **state)
{
  guint8 digits[] = "xx00fFA5xx";
  EaSpan bytes = ea_bytes_decode_hex_in_place (digits + 2, 6);

  assert_ptr_equal (bytes.data, digits + 2);
  assert_span_is (bytes, "00FFA5");
  assert_memory_equal (digits, "xx\x00\xFF\xA5\0\0\0xx", sizeof digits);
  assert_int_equal (ea_bytes_decode_hex_in_place (NULL, 0).size, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_reader_yields_each_width_in_its_byte_order),
    cmocka_unit_test (test_numbers_with_the_highest_bit_set_stay_positive),
    cmocka_unit_test (test_number_that_ends_beyond_the_buffer_is_zero_and_fails_the_reader),
    cmocka_unit_test (test_reader_that_failed_once_yields_nothing_any_more),
    cmocka_unit_test (test_reader_that_the_caller_fails_is_not_done_at_the_end),
    cmocka_unit_test (test_bytes_can_be_read_up_to_the_end_but_not_one_more),
    cmocka_unit_test (test_reading_no_bytes_is_no_failure_even_at_the_end),
    cmocka_unit_test (test_peek_neither_moves_nor_fails),
    cmocka_unit_test (test_rest_is_all_that_was_not_read),
    cmocka_unit_test (test_writer_lays_each_width_out_in_its_byte_order),
    cmocka_unit_test (test_writer_that_begins_anew_has_forgotten_what_was_written),
    cmocka_unit_test (test_writer_can_be_cleared_twice_and_after_it_was_stolen_from),
    cmocka_unit_test (test_hexadecimal_text_may_have_blanks_and_colons_between_bytes),
    cmocka_unit_test (test_bad_hexadecimal_text_is_malformed),
    cmocka_unit_test (test_spans_are_equal_by_their_bytes),
    cmocka_unit_test (test_span_is_cut_at_its_ends_and_found_again),
    cmocka_unit_test (test_error_tells_its_offset_in_the_bytes_and_in_a_larger_buffer),
    cmocka_unit_test (test_span_of_a_copy_outlives_its_source),
    cmocka_unit_test (test_hex_is_decoded_where_it_stands),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
