/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP PDUs (agent/core/cattp-pdu.h): PDUs of two implementations against what an independent
 * decoder reads in them, lengths and flags that are refused, limits, sequence numbers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/cattp-pdu.h"
#include "helpers.h"
#include "vectors.h"

/* One PDU of each kind; the flags, lengths and checksums were read by an independent decoder. */
#define SYN_HEX "80000027c0010929000000640000000a22ed057808001089001012012341234012345678901224"
#define SYN_ACK_HEX "c00000170929c001000000010064000a68d60578080000"
#define ACK_HEX "40000012c0010929000000650001000af652"
#define SEGMENT_HEX "440000120929c001000500020064000ae9470102030405"
#define DATA_HEX "400000120929c001000300030064000ae847060708"
#define EAK_HEX "60000016c0010929000000650003000ad64100050006"
#define NUL_HEX "480000120929c001000000070064000aee4d"
#define RST_HEX "100000130929c001000000080000000026ba00"
#define RST_ACK_HEX "500000130929c0010000000000640000e35d03"

static const char *const all[] = { SYN_HEX, SYN_ACK_HEX, ACK_HEX, SEGMENT_HEX, DATA_HEX,
                                   EAK_HEX, NUL_HEX,     RST_HEX, RST_ACK_HEX };

/* Fails unless @hex is refused with @code, the place being @offset and the output untouched. */
static void
assert_refused (const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan datagram = ea_span_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;
  gsize place;

  poison (&pdu, sizeof pdu);

  assert_false (ea_cattp_pdu_parse (&pdu, datagram, &error));

  assert_true (is_poisoned (&pdu, sizeof pdu));
  assert_non_null (error);
  assert_true (ea_core_error_get_offset (error, datagram.data, datagram.size, &place));
  assert_int_equal (place, offset);
  assert_core_error (&error, code);
}

static void
test_syn_is_read_with_its_sizes_and_identification (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (SYN_HEX);
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;

  assert_true (ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (bytes), &error));

  assert_int_equal (pdu.flags, EA_CATTP_FLAG_SYN);
  assert_int_equal (pdu.version, EA_CATTP_VERSION);
  assert_int_equal (pdu.source_port, 0xC001);
  assert_int_equal (pdu.destination_port, 0x0929);
  assert_int_equal (pdu.sequence, 0x0064);
  assert_int_equal (pdu.acknowledgement, 0);
  assert_int_equal (pdu.window, 10);
  assert_int_equal (pdu.max_pdu, 1400);
  assert_int_equal (pdu.max_sdu, 2048);
  assert_span_is (pdu.identification, "89001012012341234012345678901224");
  assert_int_equal (pdu.checksum, 0x22ED);
  assert_true (pdu.is_checksum_good);
  assert_int_equal (pdu.data.size, 0);
}

static void
test_extended_acknowledgements_are_read_in_order (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (EAK_HEX);
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;

  assert_true (ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (bytes), &error));

  assert_int_equal (pdu.flags, EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK);
  assert_span_is (pdu.extended_acknowledgements, "00050006");
}

static void
test_wrong_checksum_is_told_and_not_refused (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("40000012c0010929000000650001000af653");
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;

  assert_true (ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (bytes), &error));

  assert_int_equal (pdu.checksum, 0xF653);
  assert_false (pdu.is_checksum_good);
}

/* 4000 + 0012 + FFFF + BFEC + 0002 is 1FFFF: adding its carry makes another one. */
static void
test_checksum_is_folded_until_no_carry_is_left (void **state)
{
  g_autoptr (GBytes) data = bytes_of ("0000");
  EaCattpPdu pdu = {
    .flags = EA_CATTP_FLAG_ACK,
    .source_port = 0xFFFF,
    .destination_port = 0xBFEC,
    .data = ea_span_from_bytes (data),
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ea_cattp_pdu_build (&pdu, &error);
  EaCattpPdu read;

  assert_bytes_are (bytes, "40000012ffffbfec0002000000000000fffe0000");
  assert_true (ea_cattp_pdu_parse (&read, ea_span_from_bytes (bytes), &error));
  assert_true (read.is_checksum_good);
}

static void
parse_truncated (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;

  poison (&pdu, sizeof pdu);
  assert_false (ea_cattp_pdu_parse (&pdu, span, &error));
  assert_true (is_poisoned (&pdu, sizeof pdu));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_every_truncation_is_refused_as_truncated (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (all[i]);

      parse_truncations (ea_span_from_bytes (bytes), parse_truncated, NULL);
    }
}

static void
test_octets_beyond_the_data_length_are_refused (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *longer = g_strconcat (all[i], "00", NULL);

      assert_refused (longer, EA_CORE_ERROR_MALFORMED, strlen (all[i]) / 2);
    }
}

static void
test_header_lengths_that_contradict_the_flags_are_refused (void **state)
{
  assert_refused ("40000011c0010929000000650001000af652", EA_CORE_ERROR_MALFORMED, 3);
  assert_refused ("40000000c0010929000000650001000af652", EA_CORE_ERROR_MALFORMED, 3);
  assert_refused ("40000013c0010929000000650001000af65200", EA_CORE_ERROR_MALFORMED, 18);
  assert_refused ("100000120929c0010000000800000000"
                  "26ba",
                  EA_CORE_ERROR_MALFORMED, 18);
  assert_refused ("100000140929c001000000080000000026ba0000", EA_CORE_ERROR_MALFORMED, 18);
  assert_refused ("60000015c0010929000000650003000ad641000500", EA_CORE_ERROR_MALFORMED, 21);
  assert_refused ("60000012c0010929000000650003000ad641", EA_CORE_ERROR_MALFORMED, 18);
  assert_refused ("c00000160929c001000000010064000a68d605780800", EA_CORE_ERROR_MALFORMED, 22);
  assert_refused ("c00000170929c001000000010064000a68d60578080001", EA_CORE_ERROR_MALFORMED, 22);
  assert_refused ("c00000180929c001000000010064000a68d6057808000000", EA_CORE_ERROR_MALFORMED, 22);
}

/* Which of the 64 combinations are read, by number of data octets: SYN and RST alone or with ACK,
 * ACK alone or with EAK, SEG or NUL; EAK and data without ACK as some peers send them. */
static gboolean
may_come (guint8 flags, gboolean has_data)
{
  static const guint8 without_data[] = { 0x80, 0xC0, 0x10, 0x50, 0x40, 0x60, 0x20, 0x48 };
  static const guint8 with_data[] = { 0x40, 0x00, 0x44, 0x04, 0x60, 0x20 };

  return has_data ? memchr (with_data, flags, sizeof with_data) != NULL
                  : memchr (without_data, flags, sizeof without_data) != NULL;
}

static const char *
get_area_hex (guint8 flags)
{
  if ((flags & EA_CATTP_FLAG_SYN) != 0)
    return "0578080000";
  if ((flags & EA_CATTP_FLAG_EAK) != 0)
    return "0005";
  return (flags & EA_CATTP_FLAG_RST) != 0 ? "00" : "";
}

static void
check_flags (guint8 flags, gboolean has_data)
{
  const char *area = get_area_hex (flags);
  g_autofree char *hex
      = g_strdup_printf ("%02x0000%02xc00109290%03x000100020003ffff%s%s", flags,
                         (guint) (18 + strlen (area) / 2), has_data, area, has_data ? "aa" : "");
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;
  gboolean is_read = ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (bytes), &error);

  if (is_read != may_come (flags, has_data))
    fail_msg ("flags %02X %s data are %s", flags, has_data ? "with" : "without",
              is_read ? "read" : error->message);
  if (!is_read)
    assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_only_the_flags_of_the_standard_and_of_known_peers_are_read (void **state)
{
  for (guint flags = 0; flags < 0x100; flags += 4)
    {
      check_flags ((guint8) flags, FALSE);
      check_flags ((guint8) flags, TRUE);
    }
}

static void
assert_not_built (const EaCattpPdu *pdu, EaCoreError code)
{
  g_autoptr (GError) error = NULL;

  assert_null (ea_cattp_pdu_build (pdu, &error));
  assert_core_error (&error, code);
}

static void
test_builder_refuses_what_its_flags_do_not_have (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("000500");
  EaSpan three = ea_span_from_bytes (octets);
  EaSpan two = ea_span_head (three, 2);
  const EaCattpPdu wrong[] = {
    { .flags = 0 },
    { .flags = EA_CATTP_FLAG_SYN | EA_CATTP_FLAG_RST },
    { .flags = EA_CATTP_FLAG_ACK | 0x01 },
    { .flags = EA_CATTP_FLAG_ACK, .version = 4 },
    { .flags = EA_CATTP_FLAG_ACK, .identification = two },
    { .flags = EA_CATTP_FLAG_ACK, .max_pdu = 1 },
    { .flags = EA_CATTP_FLAG_ACK, .max_sdu = 1 },
    { .flags = EA_CATTP_FLAG_ACK, .reset_reason = EA_CATTP_RESET_PORT },
    { .flags = EA_CATTP_FLAG_ACK, .extended_acknowledgements = two },
    { .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK },
    { .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK, .extended_acknowledgements = three },
    { .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_SEG },
    { .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_NUL, .data = two },
    { .flags = EA_CATTP_FLAG_SYN, .data = two },
    { .flags = EA_CATTP_FLAG_RST, .data = two },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_not_built (&wrong[i], EA_CORE_ERROR_MALFORMED);
}

/* Builds and reads a PDU of the largest size, then fails to build one @step octets larger. */
static void
check_limit (EaCattpPdu *pdu, EaSpan *member, gsize limit, gsize step)
{
  g_autofree guint8 *octets = g_malloc0 (limit + step);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  EaCattpPdu read;

  *member = ea_span_init (octets, limit);
  bytes = ea_cattp_pdu_build (pdu, &error);
  assert_non_null (bytes);
  assert_true (ea_cattp_pdu_parse (&read, ea_span_from_bytes (bytes), &error));
  assert_true (read.is_checksum_good);
  assert_int_equal (read.identification.size, pdu->identification.size);
  assert_int_equal (read.extended_acknowledgements.size, pdu->extended_acknowledgements.size);
  assert_int_equal (read.data.size, pdu->data.size);

  *member = ea_span_init (octets, limit + step);
  assert_not_built (pdu, EA_CORE_ERROR_LIMIT);
}

static void
test_each_part_has_its_limit (void **state)
{
  EaCattpPdu syn = { .flags = EA_CATTP_FLAG_SYN };
  EaCattpPdu eak = { .flags = EA_CATTP_FLAG_ACK | EA_CATTP_FLAG_EAK };
  EaCattpPdu data = { .flags = EA_CATTP_FLAG_ACK };

  check_limit (&syn, &syn.identification, 232, 1);
  check_limit (&eak, &eak.extended_acknowledgements, 118 * 2, 2);
  check_limit (&data, &data.data, 65535, 1);
}

static void
test_sequence_numbers_wrap (void **state)
{
  assert_int_equal (ea_cattp_sequence_get_distance (0xFFFE, 0x0003), 5);
  assert_int_equal (ea_cattp_sequence_get_distance (0x0003, 0xFFFE), 0xFFFB);
  assert_int_equal (ea_cattp_sequence_get_distance (7, 7), 0);

  assert_true (ea_cattp_sequence_is_after (0x8000, 0x7FFF));
  assert_true (ea_cattp_sequence_is_after (0x0000, 0xFFFF));
  assert_false (ea_cattp_sequence_is_after (0xFFFF, 0x0000));
  assert_false (ea_cattp_sequence_is_after (5, 5));
  assert_true (ea_cattp_sequence_is_after (0x7FFF, 0));
  assert_false (ea_cattp_sequence_is_after (0x8000, 0));
}

static void
test_window_begins_after_the_last_number_and_wraps (void **state)
{
  assert_false (ea_cattp_sequence_is_in_window (100, 100, 10));
  assert_true (ea_cattp_sequence_is_in_window (101, 100, 10));
  assert_true (ea_cattp_sequence_is_in_window (110, 100, 10));
  assert_false (ea_cattp_sequence_is_in_window (111, 100, 10));
  assert_false (ea_cattp_sequence_is_in_window (99, 100, 10));
  assert_true (ea_cattp_sequence_is_in_window (4, 0xFFFA, 10));
  assert_false (ea_cattp_sequence_is_in_window (5, 0xFFFA, 10));
  assert_false (ea_cattp_sequence_is_in_window (101, 100, 0));
}

static void
test_reasons_have_words_up_to_six (void **state)
{
  assert_string_equal (ea_cattp_reset_reason_get_name (0), "normal ending");
  assert_string_equal (ea_cattp_reset_reason_get_name (6), "version not supported");
  for (guint8 reason = 0; reason <= 6; reason++)
    assert_non_null (ea_cattp_reset_reason_get_name (reason));
  assert_null (ea_cattp_reset_reason_get_name (7));
  assert_null (ea_cattp_reset_reason_get_name (255));
}

/* The flags of @expected by their names in the decoder's output. */
static guint8
get_expected_flags (JsonObject *expected)
{
  static const struct
  {
    const char *name;
    EaCattpFlag flag;
  } names[] = {
    { "SYN", EA_CATTP_FLAG_SYN }, { "ACK", EA_CATTP_FLAG_ACK }, { "EAK", EA_CATTP_FLAG_EAK },
    { "RST", EA_CATTP_FLAG_RST }, { "NUL", EA_CATTP_FLAG_NUL }, { "SEG", EA_CATTP_FLAG_SEG },
  };
  JsonArray *array = json_object_get_array_member (expected, "flags");
  guint8 flags = 0;

  for (guint i = 0; i < json_array_get_length (array); i++)
    for (gsize n = 0; n < G_N_ELEMENTS (names); n++)
      if (g_strcmp0 (json_array_get_string_element (array, i), names[n].name) == 0)
        flags |= (guint8) names[n].flag;
  return flags;
}

/* A member that is in @expected exactly if @is_present, and then has the value @actual. */
static void
check_member (const Vector *vector, JsonObject *expected, const char *member, gboolean is_present,
              guint64 actual)
{
  gint64 value;
  gboolean has_member = json_get_integer (expected, member, &value);

  vector_assert (vector, has_member == is_present, member);
  if (has_member)
    vector_assert_number (vector, member, actual, (guint64) value);
}

static void
check_variable_area (const Vector *vector, JsonObject *expected, const EaCattpPdu *pdu)
{
  gboolean is_syn = (pdu->flags & EA_CATTP_FLAG_SYN) != 0;
  gboolean is_reset = (pdu->flags & EA_CATTP_FLAG_RST) != 0;
  JsonArray *numbers = json_object_has_member (expected, "eak")
                           ? json_object_get_array_member (expected, "eak")
                           : NULL;
  EaReader reader;

  check_member (vector, expected, "maxpdu", is_syn, pdu->max_pdu);
  check_member (vector, expected, "maxsdu", is_syn, pdu->max_sdu);
  check_member (vector, expected, "idlen", is_syn, pdu->identification.size);
  check_member (vector, expected, "reason", is_reset, pdu->reset_reason);

  ea_reader_init (&reader, pdu->extended_acknowledgements);
  for (guint i = 0; numbers != NULL && i < json_array_get_length (numbers); i++)
    vector_assert_number (vector, "extended acknowledgement", ea_reader_u16be (&reader),
                          (guint64) json_array_get_int_element (numbers, i));
  vector_assert (vector, ea_reader_done (&reader), "the same extended acknowledgements");
}

/* The decoder gives 10 octets as an ICCID in swapped digits instead of as bytes. */
static void
check_identification (const Vector *vector, JsonObject *expected, const EaCattpPdu *pdu)
{
  if (json_object_has_member (expected, "identification"))
    assert_span_is (pdu->identification,
                    json_object_get_string_member (expected, "identification"));
  else if (json_object_has_member (expected, "iccid"))
    {
      g_autofree char *hex = ea_span_to_hex (pdu->identification);

      for (gsize i = 0; hex[i] != '\0'; i += 2)
        {
          char high = hex[i];

          hex[i] = hex[i + 1];
          hex[i + 1] = high;
        }
      vector_assert_string (vector, "ICCID", hex,
                            json_object_get_string_member (expected, "iccid"));
    }
  else
    vector_assert_number (vector, "identification", pdu->identification.size, 0);
}

static void
check_built_again (const Vector *vector, const EaCattpPdu *pdu)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = ea_cattp_pdu_build (pdu, &error);

  if (built == NULL)
    fail_msg ("%s: %s", vector->id, error->message);
  if (pdu->is_checksum_good)
    vector_assert (vector, g_bytes_equal (built, vector->bytes), "it is built alike");
  else
    vector_assert_number (vector, "size", g_bytes_get_size (built),
                          g_bytes_get_size (vector->bytes));
}

static void
check_row (const Vector *vector)
{
  JsonObject *expected = vector_get_object (vector, "tshark");
  EaSpan datagram = ea_span_from_bytes (vector->bytes);
  const char *status = json_object_get_string_member (expected, "checksum_status");
  g_autoptr (GError) error = NULL;
  g_autofree char *checksum = NULL;
  EaCattpPdu pdu;

  if (!ea_cattp_pdu_parse (&pdu, datagram, &error))
    fail_msg ("%s: %s", vector->id, error->message);

  vector_assert_number (vector, "flags", pdu.flags, get_expected_flags (expected));
  check_member (vector, expected, "version", TRUE, pdu.version);
  check_member (vector, expected, "hlen", TRUE, datagram.size - pdu.data.size);
  check_member (vector, expected, "srcport", TRUE, pdu.source_port);
  check_member (vector, expected, "dstport", TRUE, pdu.destination_port);
  check_member (vector, expected, "datalen", TRUE, pdu.data.size);
  check_member (vector, expected, "seq", TRUE, pdu.sequence);
  check_member (vector, expected, "ack", TRUE, pdu.acknowledgement);
  check_member (vector, expected, "window", TRUE, pdu.window);
  checksum = g_strdup_printf ("0x%04x", pdu.checksum);
  vector_assert_string (vector, "checksum", checksum,
                        json_object_get_string_member (expected, "checksum"));
  vector_assert_string (vector, "checksum", pdu.is_checksum_good ? "Good" : "Bad", status);
  check_variable_area (vector, expected, &pdu);
  check_identification (vector, expected, &pdu);
  check_built_again (vector, &pdu);
  assert_span_inside (pdu.data, datagram);
}

/* The one row that the decoder calls malformed: a datagram cut by two octets of its data. What it
 * read before the cut is not available from a PDU that is refused. */
static void
check_cut_row (const Vector *vector)
{
  g_autoptr (GError) error = NULL;
  EaCattpPdu pdu;

  vector_assert (vector, !ea_cattp_pdu_parse (&pdu, ea_span_from_bytes (vector->bytes), &error),
                 "it is refused");
  vector_assert_string (vector, "message", error->message,
                        "CAT_TP PDU has 21 bytes, not 18 of header and 5 of data");
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_pdus_of_other_implementations_are_read_and_built_as_they_are (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("cattp-pdu.tsv");
  guint n_cut = 0;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      if (json_object_has_member (vector_get_object (vector, "tshark"), "malformed"))
        {
          check_cut_row (vector);
          n_cut++;
          continue;
        }
      check_row (vector);
    }

  assert_int_equal (n_cut, 1);
  vectors_report ("cattp-pdu.tsv", vectors->len, vectors->len, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_syn_is_read_with_its_sizes_and_identification),
    cmocka_unit_test (test_extended_acknowledgements_are_read_in_order),
    cmocka_unit_test (test_wrong_checksum_is_told_and_not_refused),
    cmocka_unit_test (test_checksum_is_folded_until_no_carry_is_left),
    cmocka_unit_test (test_every_truncation_is_refused_as_truncated),
    cmocka_unit_test (test_octets_beyond_the_data_length_are_refused),
    cmocka_unit_test (test_header_lengths_that_contradict_the_flags_are_refused),
    cmocka_unit_test (test_only_the_flags_of_the_standard_and_of_known_peers_are_read),
    cmocka_unit_test (test_builder_refuses_what_its_flags_do_not_have),
    cmocka_unit_test (test_each_part_has_its_limit),
    cmocka_unit_test (test_sequence_numbers_wrap),
    cmocka_unit_test (test_window_begins_after_the_last_number_and_wraps),
    cmocka_unit_test (test_reasons_have_words_up_to_six),
    cmocka_unit_test (test_pdus_of_other_implementations_are_read_and_built_as_they_are),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
