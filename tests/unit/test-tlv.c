/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* BER-TLV and COMPREHENSION-TLV data objects (agent/core/tlv.h) against TS 101 220 §7. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tlv.h"
#include "helpers.h"
#include "vectors.h"

/* Lengths and their shortest form, TS 102 223 annex C (00..7F, 81 80..FF, 82 0100..FFFF, 83 …). */
static const struct
{
  gsize length;
  const char *hex;
} lengths[] = {
  { 0, "00" },
  { 1, "01" },
  { 126, "7E" },
  { 127, "7F" },
  { 128, "8180" },
  { 237, "81ED" },
  { 255, "81FF" },
  { 256, "820100" },
  { 65535, "82FFFF" },
  { 65536, "83010000" },
  { 0xFFFFFF, "83FFFFFF" },
};

static EaTlv
read_one (EaSpan span, gboolean (*read) (EaReader *, EaTlv *, GError **))
{
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv = { 0 };

  ea_reader_init (&reader, span);
  if (!read (&reader, &tlv, &error))
    fail_msg ("%s", error->message);
  assert_true (ea_reader_done (&reader));
  return tlv;
}

static void
test_length_is_written_in_the_shortest_form (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_auto (EaWriter) writer = { 0 };

      ea_writer_init (&writer);
      ea_tlv_write_length (&writer, lengths[i].length);

      assert_span_is (ea_writer_span (&writer), lengths[i].hex);
    }
}

static void
test_object_of_every_length_form_is_read_as_it_was_written (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree guint8 *value = g_malloc0 (lengths[i].length);
      g_autofree char *head = g_strconcat ("36", lengths[i].hex, NULL);
      g_autoptr (GBytes) expected = bytes_of (head);
      g_auto (EaWriter) writer = { 0 };
      EaSpan object;
      EaTlv tlv;

      ea_writer_init (&writer);
      ea_tlv_write_comprehension (&writer, 0x36, FALSE, ea_span_init (value, lengths[i].length));
      object = ea_writer_span (&writer);

      assert_int_equal (object.size, g_bytes_get_size (expected) + lengths[i].length);
      assert_true (ea_span_has_prefix (object, ea_span_from_bytes (expected)));
      tlv = read_one (object, ea_tlv_read_comprehension);
      assert_int_equal (tlv.tag, 0x36);
      assert_int_equal (tlv.value.size, lengths[i].length);
      assert_span_inside (tlv.value, object);
      assert_int_equal (read_one (object, ea_tlv_read_ber).value.size, lengths[i].length);
    }
}

static void
check_length_row (const Vector *vector, gint64 length)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_tlv_write_length (&writer, (gsize) length);
  vector_assert (vector,
                 ea_span_equal (ea_writer_span (&writer), ea_span_from_bytes (vector->bytes)),
                 "the length is written like this");
}

static void
check_object_row (const Vector *vector, guint64 tag)
{
  EaTlv tlv = read_one (ea_span_from_bytes (vector->bytes), ea_tlv_read_comprehension);
  g_auto (EaWriter) writer = { 0 };

  vector_assert_number (vector, "tag", tlv.tag, tag & 0x7F);
  vector_assert_number (vector, "comprehension", tlv.is_comprehension_required, tag >> 7);
  vector_assert_number (vector, "length", tlv.value.size, g_bytes_get_size (vector->bytes) - 2);

  ea_writer_init (&writer);
  ea_tlv_write_comprehension (&writer, tlv.tag, tlv.is_comprehension_required, tlv.value);
  vector_assert (vector,
                 ea_span_equal (ea_writer_span (&writer), ea_span_from_bytes (vector->bytes)),
                 "the object is written like this");
}

static void
check_sequence_row (const Vector *vector)
{
  static const struct
  {
    const char *member;
    guint32 tag;
  } parts[] = {
    { "80", 0x80 }, { "81_eid", 0x81 }, { "4f_aid", 0x4F }, { "82_kid", 0x82 }, { "83_kvn", 0x83 }
  };
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, ea_span_from_bytes (vector->bytes));
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      vector_assert (vector, ea_tlv_read_ber (&reader, &tlv, &error), parts[i].member);
      vector_assert_number (vector, "tag", tlv.tag, parts[i].tag);
      assert_span_is (tlv.value, vector_get_string (vector, parts[i].member));
    }
  vector_assert (vector, ea_reader_done (&reader), "five objects");
}

static gboolean
check_tlv_row (const Vector *vector)
{
  gint64 length;
  guint64 tag;

  if (json_get_integer (vector->expected, "ber_length", &length))
    check_length_row (vector, length);
  else if (json_get_number_string (vector->expected, "tag", 16, &tag))
    check_object_row (vector, tag);
  else if (vector_get_string (vector, "81_eid") != NULL)
    check_sequence_row (vector);
  else
    return FALSE;
  return TRUE;
}

static void
test_objects_of_other_implementations_are_read_and_written_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("comprehension-tlv.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < vectors->len; i++)
    n_checked += check_tlv_row (vectors->pdata[i]) ? 1 : 0;

  vectors_report ("comprehension-tlv.tsv", n_checked, vectors->len,
                  "a user data header and an SMS address, no TLVs");
}

static void
check_envelope_row (const Vector *vector)
{
  EaTlv frame = read_one (ea_span_from_bytes (vector->bytes), ea_tlv_read_ber);
  JsonObject *tshark = vector_get_object (vector, "tshark");
  g_autoptr (GError) error = NULL;
  guint64 identity;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, frame.value);
  while (ea_reader_remaining (&reader) > 0)
    vector_assert (vector, ea_tlv_read_comprehension (&reader, &tlv, &error),
                   "every object can be read");
  vector_assert (vector, ea_tlv_find_comprehension (frame.value, 0x02, &tlv),
                 "there are device identities");
  vector_assert_number (vector, "device identities", tlv.value.size, 2);
  ea_reader_init (&reader, tlv.value);
  if (json_get_number_string (tshark, "src", 16, &identity))
    vector_assert_number (vector, "source", ea_reader_u8 (&reader), identity);
  if (json_get_number_string (tshark, "dst", 16, &identity))
    vector_assert_number (vector, "destination", ea_reader_u8 (&reader), identity);
}

static void
test_every_object_of_an_envelope_can_be_read (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");

  for (guint i = 0; i < vectors->len; i++)
    check_envelope_row (vectors->pdata[i]);

  vectors_report ("envelope.tsv", vectors->len, vectors->len, "");
}

static void
fail_truncated (EaSpan span, gpointer user_data)
{
  gboolean (*const *read) (EaReader *, EaTlv *, GError **) = user_data;
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  poison (&tlv, sizeof tlv);
  ea_reader_init (&reader, span);
  assert_false ((*read) (&reader, &tlv, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&tlv, sizeof tlv));
}

static void
test_every_truncation_of_an_object_is_truncated_and_leaves_the_output_alone (void **state)
{
  static const char *const comprehension[]
      = { "8D090470617373776F7264", "7F003603010203", "368103010203", "36820003010203",
          "3683000003010203" };
  static const char *const ber[]
      = { "D103010203", "7F2103010203", "5F810103010203", "D18103010203" };
  gboolean (*read) (EaReader *, EaTlv *, GError **) = ea_tlv_read_comprehension;

  for (gsize i = 0; i < G_N_ELEMENTS (comprehension); i++)
    {
      g_autoptr (GBytes) object = bytes_of (comprehension[i]);

      (void) read_one (ea_span_from_bytes (object), read);
      parse_truncations (ea_span_from_bytes (object), fail_truncated, &read);
    }

  read = ea_tlv_read_ber;
  for (gsize i = 0; i < G_N_ELEMENTS (ber); i++)
    {
      g_autoptr (GBytes) object = bytes_of (ber[i]);

      (void) read_one (ea_span_from_bytes (object), read);
      parse_truncations (ea_span_from_bytes (object), fail_truncated, &read);
    }
}

static void
assert_rejected (const char *hex, gboolean (*read) (EaReader *, EaTlv *, GError **),
                 EaCoreError code)
{
  g_autoptr (GBytes) object = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  poison (&tlv, sizeof tlv);
  ea_reader_init (&reader, ea_span_from_bytes (object));
  if (read (&reader, &tlv, &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&tlv, sizeof tlv));
}

static void
test_tags_that_the_standard_does_not_use_are_malformed (void **state)
{
  assert_rejected ("0000", ea_tlv_read_ber, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("0000", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("8000", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("FF00", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("7F000000", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("7F800000", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
}

static void
test_lengths_that_the_standard_does_not_have_are_refused (void **state)
{
  assert_rejected ("3684000000010000", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("36FF00", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("D18400000001AA", ea_tlv_read_ber, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("368001AA", ea_tlv_read_comprehension, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("80800000", ea_tlv_read_ber, EA_CORE_ERROR_MALFORMED);
}

static void
test_length_far_beyond_the_buffer_is_truncated (void **state)
{
  assert_rejected ("3683FFFFFF00", ea_tlv_read_comprehension, EA_CORE_ERROR_TRUNCATED);
  assert_rejected ("D183FFFFFF00", ea_tlv_read_ber, EA_CORE_ERROR_TRUNCATED);
}

static void
assert_comprehension_tag (const char *hex, guint32 tag, gboolean is_required)
{
  g_autoptr (GBytes) object = bytes_of (hex);
  g_auto (EaWriter) writer = { 0 };
  EaTlv tlv = read_one (ea_span_from_bytes (object), ea_tlv_read_comprehension);

  assert_int_equal (tlv.tag, tag);
  assert_int_equal (tlv.is_comprehension_required, is_required);
  assert_span_is (tlv.value, "AA");

  ea_writer_init (&writer);
  ea_tlv_write_comprehension (&writer, tag, is_required, tlv.value);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
test_comprehension_bit_is_no_part_of_the_tag (void **state)
{
  assert_comprehension_tag ("0101AA", 0x01, FALSE);
  assert_comprehension_tag ("8101AA", 0x01, TRUE);
  assert_comprehension_tag ("7E01AA", 0x7E, FALSE);
  assert_comprehension_tag ("FE01AA", 0x7E, TRUE);
  assert_comprehension_tag ("7F007F01AA", 0x7F, FALSE);
  assert_comprehension_tag ("7F807F01AA", 0x7F, TRUE);
  assert_comprehension_tag ("7F7FFF01AA", 0x7FFF, FALSE);
  assert_comprehension_tag ("7FFFFF01AA", 0x7FFF, TRUE);
}

static void
assert_ber_tag (const char *hex, guint32 tag)
{
  g_autoptr (GBytes) object = bytes_of (hex);
  g_auto (EaWriter) writer = { 0 };
  EaTlv tlv = read_one (ea_span_from_bytes (object), ea_tlv_read_ber);

  assert_int_equal (tlv.tag, tag);
  assert_span_is (tlv.value, "AA");

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, tag, tlv.value);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
test_ber_tag_has_one_to_four_octets (void **state)
{
  assert_ber_tag ("D001AA", 0xD0);
  assert_ber_tag ("1E01AA", 0x1E);
  assert_ber_tag ("7F2101AA", 0x7F21);
  assert_ber_tag ("5F810101AA", 0x5F8101);
  assert_ber_tag ("5F81810101AA", 0x5F818101);
  assert_rejected ("5F8181810101AA", ea_tlv_read_ber, EA_CORE_ERROR_UNSUPPORTED);
}

/* ISO/IEC 8825-1 §8.1.3.6: 80 and, after the contents, 0000 */
static void
assert_indefinite (const char *hex, guint32 tag, const char *value)
{
  g_autoptr (GBytes) object = bytes_of (hex);
  EaTlv tlv = read_one (ea_span_from_bytes (object), ea_tlv_read_ber);

  assert_int_equal (tlv.tag, tag);
  assert_true (tlv.is_indefinite);
  assert_span_is (tlv.value, value);
  assert_span_is (tlv.object, hex);
}

static void
test_indefinite_length_goes_to_its_own_end_of_contents (void **state)
{
  assert_indefinite ("AE800000", 0xAE, "");
  assert_indefinite ("AE80220580CA0085000000", 0xAE, "220580CA008500");
  assert_indefinite ("AE80A08001010000000000", 0xAE, "A0800101000000");
  assert_indefinite ("AF800404000000000000", 0xAF, "040400000000");
}

static void
test_every_truncation_of_an_indefinite_length_is_truncated (void **state)
{
  g_autoptr (GBytes) object = bytes_of ("AE80A080010102000022020102"
                                        "0000");
  gboolean (*read) (EaReader *, EaTlv *, GError **) = ea_tlv_read_ber;

  parse_truncations (ea_span_from_bytes (object), fail_truncated, &read);
}

static void
test_end_of_contents_of_another_form_is_malformed (void **state)
{
  assert_rejected ("AE800001", ea_tlv_read_ber, EA_CORE_ERROR_MALFORMED);
  assert_rejected ("AE80A0800002", ea_tlv_read_ber, EA_CORE_ERROR_MALFORMED);
}

/* (transfer full): @depth indefinite lengths within each other */
static GBytes *
nest_indefinite (guint depth)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (guint i = 0; i < depth; i++)
    ea_writer_u16be (&writer, 0xA080);
  for (guint i = 0; i < depth; i++)
    ea_writer_u16be (&writer, EA_TLV_END_OF_CONTENTS);
  return ea_writer_steal (&writer);
}

static void
test_indefinite_lengths_are_nested_up_to_a_limit (void **state)
{
  g_autoptr (GBytes) deepest = nest_indefinite (EA_TLV_DEPTH_MAX);
  g_autoptr (GBytes) deeper = nest_indefinite (EA_TLV_DEPTH_MAX + 1);
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  (void) read_one (ea_span_from_bytes (deepest), ea_tlv_read_ber);
  ea_reader_init (&reader, ea_span_from_bytes (deeper));
  assert_false (ea_tlv_read_ber (&reader, &tlv, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
assert_step (EaTlvWalker *walker, EaTlvStep expected, guint32 tag)
{
  g_autoptr (GError) error = NULL;
  EaTlvStep step;
  EaTlv tlv = { 0 };

  assert_true (ea_tlv_walker_next (walker, &step, &tlv, &error));
  assert_int_equal (step, expected);
  assert_int_equal (tlv.tag, tag);
}

static void
test_walk_enters_and_leaves_constructed_objects (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("E1074C01AAA0020100"
                                         "8000");
  EaTlvWalker walker;

  ea_tlv_walker_init (&walker, ea_span_from_bytes (objects));

  assert_step (&walker, EA_TLV_STEP_OBJECT, 0xE1);
  assert_step (&walker, EA_TLV_STEP_OBJECT, 0x4C);
  assert_step (&walker, EA_TLV_STEP_OBJECT, 0xA0);
  assert_step (&walker, EA_TLV_STEP_OBJECT, 0x01);
  assert_step (&walker, EA_TLV_STEP_LEAVE, 0);
  assert_step (&walker, EA_TLV_STEP_LEAVE, 0);
  assert_step (&walker, EA_TLV_STEP_OBJECT, 0x80);
  assert_step (&walker, EA_TLV_STEP_END, 0);
  assert_step (&walker, EA_TLV_STEP_END, 0);
}

static void
test_bit_6_of_the_first_octet_makes_a_tag_constructed (void **state)
{
  assert_true (ea_tlv_is_constructed (0xE1));
  assert_true (ea_tlv_is_constructed (0x7F21));
  assert_true (ea_tlv_is_constructed (0x7F818101));
  assert_false (ea_tlv_is_constructed (0xD0));
  assert_false (ea_tlv_is_constructed (0x5F20));
}

static void
test_walk_passes_over_an_object_when_told_so (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("2F03FFFFFF4C00");
  EaTlvWalker walker;

  ea_tlv_walker_init (&walker, ea_span_from_bytes (objects));

  assert_step (&walker, EA_TLV_STEP_OBJECT, 0x2F);
  ea_tlv_walker_skip (&walker);
  assert_step (&walker, EA_TLV_STEP_OBJECT, 0x4C);
  assert_step (&walker, EA_TLV_STEP_END, 0);
}

static void
test_walk_goes_no_deeper_than_its_limit (void **state)
{
  g_autoptr (GBytes) deepest = nest_indefinite (EA_TLV_DEPTH_MAX - 1);
  g_autoptr (GBytes) deeper = nest_indefinite (EA_TLV_DEPTH_MAX);
  g_autoptr (GError) error = NULL;
  EaTlvWalker walker;
  EaTlvStep step;
  EaTlv tlv;

  ea_tlv_walker_init (&walker, ea_span_from_bytes (deepest));
  for (guint i = 0; i < EA_TLV_DEPTH_MAX - 1; i++)
    assert_step (&walker, EA_TLV_STEP_OBJECT, 0xA0);
  for (guint i = 0; i < EA_TLV_DEPTH_MAX - 1; i++)
    assert_step (&walker, EA_TLV_STEP_LEAVE, 0);
  assert_step (&walker, EA_TLV_STEP_END, 0);

  ea_tlv_walker_init (&walker, ea_span_from_bytes (deeper));
  for (guint i = 0; i < EA_TLV_DEPTH_MAX - 1; i++)
    assert_step (&walker, EA_TLV_STEP_OBJECT, 0xA0);
  assert_false (ea_tlv_walker_next (&walker, &step, &tlv, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_errors_name_their_place (void **state)
{
  static const struct
  {
    const char *hex;
    gsize offset;
    gboolean is_ber;
  } items[] = {
    { "81C6", 1, FALSE },        { "8D0904", 3, FALSE },    { "00", 0, FALSE },
    { "9F70", 2, TRUE },         { "AE8001010A", 5, TRUE }, { "AE80010101", 5, TRUE },
    { "D18400000001", 1, TRUE }, { "80800000", 1, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr (GBytes) object = bytes_of (items[i].hex);
      EaSpan span = ea_span_from_bytes (object);
      g_autoptr (GError) error = NULL;
      gsize offset = G_MAXSIZE;
      EaReader reader;
      EaTlv tlv;

      ea_reader_init (&reader, span);
      assert_false (items[i].is_ber ? ea_tlv_read_ber (&reader, &tlv, &error)
                                    : ea_tlv_read_comprehension (&reader, &tlv, &error));
      assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
      assert_int_equal (offset, items[i].offset);
    }
}

static void
test_offset_names_where_an_object_begins (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("810301218082028281830110");
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, ea_span_from_bytes (objects));
  assert_true (ea_tlv_read_comprehension (&reader, &tlv, &error));
  assert_int_equal (tlv.offset, 0);
  assert_true (ea_tlv_read_comprehension (&reader, &tlv, &error));
  assert_int_equal (tlv.offset, 5);
  assert_true (ea_tlv_read_comprehension (&reader, &tlv, &error));
  assert_int_equal (tlv.offset, 9);
}

static void
test_first_object_with_a_tag_is_found_in_either_style (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("0D01AA8D01BB3E00");
  EaTlv tlv;

  assert_true (ea_tlv_find_comprehension (ea_span_from_bytes (objects), 0x0D, &tlv));
  assert_span_is (tlv.value, "AA");
  assert_false (tlv.is_comprehension_required);
  assert_true (ea_tlv_find_comprehension (ea_span_from_bytes (objects), 0x3E, &tlv));
  assert_int_equal (tlv.value.size, 0);
}

static void
test_search_for_an_absent_object_leaves_the_output_alone (void **state)
{
  static const char *const without[] = { "", "0D01AA", "0D05AA3E00", "003E00" };
  EaTlv tlv;

  poison (&tlv, sizeof tlv);
  for (gsize i = 0; i < G_N_ELEMENTS (without); i++)
    {
      g_autoptr (GBytes) objects = bytes_of (without[i]);

      assert_false (ea_tlv_find_comprehension (ea_span_from_bytes (objects), 0x3E, &tlv));
      assert_true (is_poisoned (&tlv, sizeof tlv));
    }
}

static void
assert_named (const char *hex, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, ea_span_from_bytes (bytes));
  assert_false (ea_tlv_read_comprehension (&reader, &tlv, &error));
  assert_string_equal (error->message, message);
}

static void
test_error_names_the_tag_with_its_comprehension_bit (void **state)
{
  assert_named ("E302AA", "Data object E3 has 1 of 2 bytes");
  assert_named ("6302AA", "Data object 63 has 1 of 2 bytes");
  assert_named ("7F812302AA", "Data object 7F8123 has 1 of 2 bytes");
  assert_named ("7F012302AA", "Data object 7F0123 has 1 of 2 bytes");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_length_is_written_in_the_shortest_form),
    cmocka_unit_test (test_object_of_every_length_form_is_read_as_it_was_written),
    cmocka_unit_test (test_objects_of_other_implementations_are_read_and_written_alike),
    cmocka_unit_test (test_every_object_of_an_envelope_can_be_read),
    cmocka_unit_test (test_every_truncation_of_an_object_is_truncated_and_leaves_the_output_alone),
    cmocka_unit_test (test_tags_that_the_standard_does_not_use_are_malformed),
    cmocka_unit_test (test_lengths_that_the_standard_does_not_have_are_refused),
    cmocka_unit_test (test_length_far_beyond_the_buffer_is_truncated),
    cmocka_unit_test (test_comprehension_bit_is_no_part_of_the_tag),
    cmocka_unit_test (test_ber_tag_has_one_to_four_octets),
    cmocka_unit_test (test_indefinite_length_goes_to_its_own_end_of_contents),
    cmocka_unit_test (test_every_truncation_of_an_indefinite_length_is_truncated),
    cmocka_unit_test (test_end_of_contents_of_another_form_is_malformed),
    cmocka_unit_test (test_indefinite_lengths_are_nested_up_to_a_limit),
    cmocka_unit_test (test_walk_enters_and_leaves_constructed_objects),
    cmocka_unit_test (test_bit_6_of_the_first_octet_makes_a_tag_constructed),
    cmocka_unit_test (test_walk_passes_over_an_object_when_told_so),
    cmocka_unit_test (test_walk_goes_no_deeper_than_its_limit),
    cmocka_unit_test (test_errors_name_their_place),
    cmocka_unit_test (test_offset_names_where_an_object_begins),
    cmocka_unit_test (test_first_object_with_a_tag_is_found_in_either_style),
    cmocka_unit_test (test_search_for_an_absent_object_leaves_the_output_alone),
    cmocka_unit_test (test_error_names_the_tag_with_its_comprehension_bit),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
