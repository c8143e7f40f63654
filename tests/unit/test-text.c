/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Text of short messages and of the toolkit (agent/core/text.h): TS 23.038, TS 102 221 Annex A. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "helpers.h"

/* "hellohello": ModemManager's test_pdu3 and oFono's simple_submit */
#define HELLO_HEX "E8329BFD4697D9EC37"

/* All codes of the default alphabet, TS 23.038 §6.2.1; the escape is left out. */
#define DEFAULT_ALPHABET                                                                                                      \
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
  "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

/* What one of the decoders that take bytes alone makes of @hex. */
typedef char *(*DecodeFunc) (EaSpan span, GError **error);

static void
assert_decoded (DecodeFunc decode, const char *hex, const char *expected)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = decode (ea_span_from_bytes (bytes), &error);

  if (text == NULL)
    fail_msg ("%s: %s", hex, error->message);
  assert_string_equal (text, expected);
}

static void
assert_refused (DecodeFunc decode, const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = decode (span, &error);
  gsize actual = G_MAXSIZE;

  if (text != NULL)
    fail_msg ("%s was read as '%s'", hex, text);
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
  assert_core_error (&error, code);
}

static char *
decode_text_string (EaSpan span, GError **error)
{
  return ea_text_decode_text_string (span, NULL, error);
}

typedef gboolean (*EncodeFunc) (EaWriter *writer, const char *text, GError **error);

static void
assert_encoded (EncodeFunc encode, const char *text, const char *hex)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  if (!encode (&writer, text, &error))
    fail_msg ("%s: %s", text, error->message);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
assert_not_encoded (EncodeFunc encode, const char *text)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  assert_false (encode (&writer, text, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

static void
assert_ucs2_message (const char *hex, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;

  assert_null (ea_text_decode_ucs2 (ea_span_from_bytes (bytes), &error));
  assert_string_equal (error->message, message);
}

static void
test_error_about_a_character_is_a_sentence (void **state)
{
  assert_ucs2_message ("00610000", "Character 0000 is not in UCS-2");
  assert_ucs2_message ("DC00", "Character DC00 is not in UCS-2: a low surrogate alone");
}

static void
test_codes_of_the_default_alphabet_end_with_7f (void **state)
{
  g_autoptr (GBytes) codes = bytes_of ("007F1B61");
  g_autoptr (GBytes) others = bytes_of ("00617F80FF");
  EaSpan span = ea_span_from_bytes (others);
  g_autoptr (GError) error = NULL;
  gsize offset = 0;

  assert_true (ea_text_check_codes (EA_SPAN_EMPTY, NULL));
  assert_true (ea_text_check_codes (ea_span_from_bytes (codes), NULL));
  assert_false (ea_text_check_codes (span, &error));
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &offset));
  assert_int_equal (offset, 3);
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_packed_septets_are_read_as_others_read_them (void **state)
{
  g_autoptr (GBytes) packed = bytes_of (HELLO_HEX);
  g_autofree char *text = ea_text_decode_septets (ea_span_from_bytes (packed), 10, 0, NULL);
  g_autofree char *part = ea_text_decode_septets (ea_span_from_bytes (packed), 5, 0, NULL);
  g_autofree char *none = ea_text_decode_septets (EA_SPAN_EMPTY, 0, 0, NULL);

  assert_string_equal (text, "hellohello");
  assert_string_equal (part, "hello");
  assert_string_equal (none, "");
}

/* ModemManager's test_pdu_multipart: one fill bit after a header of six octets */
static void
test_fill_bits_after_a_header_are_passed_over (void **state)
{
  g_autoptr (GBytes) packed = bytes_of ("E9E8301D44479741F0B09C3E0785E5");
  g_autofree char *text = ea_text_decode_septets (ea_span_from_bytes (packed), 16, 1, NULL);

  assert_string_equal (text, "that the parts a");
}

static void
test_septets_that_are_not_there_are_truncated (void **state)
{
  g_autoptr (GBytes) packed = bytes_of (HELLO_HEX);
  EaSpan span = ea_span_from_bytes (packed);
  g_autoptr (GError) error = NULL;

  for (guint n_fill_bits = 0; n_fill_bits < 7; n_fill_bits++)
    {
      gsize n_septets = (span.size * 8 - n_fill_bits) / 7;
      g_autofree char *text = ea_text_decode_septets (span, n_septets, n_fill_bits, NULL);

      assert_non_null (text);
      assert_null (ea_text_decode_septets (span, n_septets + 1, n_fill_bits, &error));
      assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
    }
  assert_null (ea_text_decode_septets (EA_SPAN_EMPTY, 1, 0, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_null (ea_text_decode_septets (span, G_MAXSIZE, 6, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_default_alphabet_is_that_of_the_standard (void **state)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (guint code = 0; code < 0x80; code++)
    if (code != 0x1B)
      g_string_append_printf (hex, "%02X", code);
  assert_decoded (ea_text_decode_8bit, hex->str, DEFAULT_ALPHABET);
  assert_encoded (ea_text_encode_8bit, DEFAULT_ALPHABET, hex->str);
}

static void
test_extension_table_is_that_of_the_standard (void **state)
{
  assert_decoded (ea_text_decode_8bit, "1B0A1B141B281B291B2F1B3C1B3D1B3E1B401B65", "\f^{}\\[~]|€");
  assert_encoded (ea_text_encode_8bit, "\f^{}\\[~]|€", "1B0A1B141B281B291B2F1B3C1B3D1B3E1B401B65");
}

/* TS 23.038 §6.2.1.1 */
static void
test_escape_to_what_is_not_there_shows_the_default_character_or_a_space (void **state)
{
  assert_decoded (ea_text_decode_8bit, "411B42", "AB");
  assert_decoded (ea_text_decode_8bit, "411B1B42", "A B");
  assert_decoded (ea_text_decode_8bit, "411B", "A ");
}

static void
test_octet_above_7f_is_no_character (void **state)
{
  assert_refused (ea_text_decode_8bit, "414280", EA_CORE_ERROR_MALFORMED, 2);
  assert_refused (ea_text_decode_8bit, "FF", EA_CORE_ERROR_MALFORMED, 0);
}

static void
test_ucs2_is_big_endian (void **state)
{
  assert_decoded (ea_text_decode_ucs2, "0442043504410442", "тест");
  assert_decoded (ea_text_decode_ucs2, "4F60597D", "你好");
  assert_decoded (ea_text_decode_ucs2, "D83DDE00", "😀");
  assert_decoded (ea_text_decode_ucs2, "", "");
  assert_encoded (ea_text_encode_ucs2, "тест", "0442043504410442");
  assert_encoded (ea_text_encode_ucs2, "a😀\xF4\x8F\xBF\xBF", "0061D83DDE00DBFFDFFF");
}

static void
test_hostile_ucs2_is_refused_where_it_goes_wrong (void **state)
{
  assert_refused (ea_text_decode_ucs2, "004100", EA_CORE_ERROR_TRUNCATED, 2);
  assert_refused (ea_text_decode_ucs2, "0041D83D", EA_CORE_ERROR_TRUNCATED, 4);
  assert_refused (ea_text_decode_ucs2, "0041D83DDE", EA_CORE_ERROR_TRUNCATED, 4);
  assert_refused (ea_text_decode_ucs2, "D83D0041", EA_CORE_ERROR_MALFORMED, 2);
  assert_refused (ea_text_decode_ucs2, "D83DD83D", EA_CORE_ERROR_MALFORMED, 2);
  assert_refused (ea_text_decode_ucs2, "0041DE00", EA_CORE_ERROR_MALFORMED, 2);
  assert_refused (ea_text_decode_ucs2, "00410000", EA_CORE_ERROR_MALFORMED, 2);
  assert_refused (ea_text_decode_ucs2, "FFFF", EA_CORE_ERROR_MALFORMED, 0);
}

/* TS 102 384's test sequences, as oFono's test-stkutil.c reads them */
static void
test_alpha_identifiers_of_all_codings_are_read (void **state)
{
  assert_decoded (ea_text_decode_alpha, "", "");
  assert_decoded (ea_text_decode_alpha, "43616C6C20466F7277", "Call Forw");
  assert_decoded (ea_text_decode_alpha, "80041704140420041004120421042204120423041904220415",
                  "ЗДРАВСТВУЙТЕ");
  assert_decoded (ea_text_decode_alpha, "810C089794A09092A1A292A399A295", "ЗДРАВСТВУЙТЕ");
  assert_decoded (ea_text_decode_alpha, "820C0410878490808291928293899285", "ЗДРАВСТВУЙТЕ");
  assert_decoded (ea_text_decode_alpha, "81029CAD80", "中一");
  assert_decoded (ea_text_decode_alpha, "82024E00AD80", "中一");
  assert_decoded (ea_text_decode_alpha, "800038003030EB0030", "80ル0");
  assert_decoded (ea_text_decode_alpha, "820430A03832CB32", "82ル2");
}

static void
test_filling_of_an_alpha_identifier_is_no_text (void **state)
{
  assert_decoded (ea_text_decode_alpha, "FFFF", "");
  assert_decoded (ea_text_decode_alpha, "4142FFFF", "AB");
  assert_decoded (ea_text_decode_alpha, "804F60FFFF", "你");
  assert_decoded (ea_text_decode_alpha, "804F60FFFFFF", "你");
  assert_decoded (ea_text_decode_alpha, "8000FF", "ÿ");
  assert_decoded (ea_text_decode_alpha, "81029CAD80FFFF", "中一");
  assert_decoded (ea_text_decode_alpha, "81009C", "");
}

static void
test_escapes_in_a_windowed_alpha_identifier_are_read (void **state)
{
  assert_decoded (ea_text_decode_alpha, "81041C1B65D301", "€\u0E53£");
}

static void
test_hostile_alpha_identifiers_are_refused_where_they_go_wrong (void **state)
{
  assert_refused (ea_text_decode_alpha, "41FF42", EA_CORE_ERROR_MALFORMED, 1);
  assert_refused (ea_text_decode_alpha, "804F6059", EA_CORE_ERROR_TRUNCATED, 3);
  assert_refused (ea_text_decode_alpha, "80DE00", EA_CORE_ERROR_MALFORMED, 1);
  assert_refused (ea_text_decode_alpha, "81", EA_CORE_ERROR_TRUNCATED, 1);
  assert_refused (ea_text_decode_alpha, "8102", EA_CORE_ERROR_TRUNCATED, 2);
  assert_refused (ea_text_decode_alpha, "81029CAD", EA_CORE_ERROR_TRUNCATED, 4);
  assert_refused (ea_text_decode_alpha, "82024E", EA_CORE_ERROR_TRUNCATED, 3);
  assert_refused (ea_text_decode_alpha, "81029CAD8041", EA_CORE_ERROR_MALFORMED, 5);
  assert_refused (ea_text_decode_alpha, "8201D800C0", EA_CORE_ERROR_MALFORMED, 4);
  assert_refused (ea_text_decode_alpha, "820141FFC180", EA_CORE_ERROR_MALFORMED, 5);
  assert_refused (ea_text_decode_alpha, "8201FFC0BF", EA_CORE_ERROR_MALFORMED, 4);
  assert_refused (ea_text_decode_alpha, "81010080", EA_CORE_ERROR_MALFORMED, 3);
}

static void
test_alpha_identifier_is_written_in_its_shortest_coding (void **state)
{
  assert_encoded (ea_text_encode_alpha, "", "");
  assert_encoded (ea_text_encode_alpha, "Call €", "43616C6C201B65");
  assert_encoded (ea_text_encode_alpha, "你好", "804F60597D");
  assert_encoded (ea_text_encode_alpha, "ル", "8030EB");
  assert_encoded (ea_text_encode_alpha, "ЗДРАВСТВУЙТЕ", "810C089794A09092A1A292A399A295");
  /* 3075 to 30EB: no half page has both */
  assert_encoded (ea_text_encode_alpha, "82ルふ2", "820530753832F68032");
  assert_encoded (ea_text_encode_alpha, "😀", "80D83DDE00");
}

/* TS 102 223 §8.15; packed texts as oFono's test-stkutil.c reads them */
static void
test_text_strings_of_all_alphabets_are_read (void **state)
{
  assert_decoded (decode_text_string, "", "");
  assert_decoded (decode_text_string, "04", "");
  assert_decoded (decode_text_string, "004537BD2C07896022", "Enter \"0\"");
  assert_decoded (decode_text_string, "004537BD2C07D96EAAD10A", "Enter 67*#+");
  assert_decoded (decode_text_string, "0441424300", "ABC@");
  assert_decoded (decode_text_string, "F4414243", "ABC");
  assert_decoded (decode_text_string, "084F60597D", "你好");
}

static void
test_scheme_of_a_text_string_is_told (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("084F60597D");
  g_autoptr (GBytes) bad = bytes_of ("0841");
  g_autofree char *text = NULL;
  g_autofree char *null_text = NULL;
  guint8 dcs = 0xA5;

  assert_null (ea_text_decode_text_string (ea_span_from_bytes (bad), &dcs, NULL));
  assert_int_equal (dcs, 0xA5);
  text = ea_text_decode_text_string (ea_span_from_bytes (bytes), &dcs, NULL);
  assert_int_equal (dcs, EA_TEXT_DCS_UCS2);
  null_text = ea_text_decode_text_string (EA_SPAN_EMPTY, &dcs, NULL);
  assert_int_equal (dcs, 0);
}

/* TS 23.038 §6.1.2.3.1: a carriage return fills up seven spare bits, and is doubled when it is text there */
static void
test_carriage_return_that_fills_up_a_packed_text_is_dropped (void **state)
{
  assert_decoded (decode_text_string, "00E8329BFD46971B", "hellohe");
  assert_decoded (decode_text_string, "00E8329BFD46971B0D", "hellohe\r");
}

static void
test_compressed_text_is_unsupported (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  assert_refused (decode_text_string, "2041", EA_CORE_ERROR_UNSUPPORTED, 0);
  assert_refused (decode_text_string, "6041", EA_CORE_ERROR_UNSUPPORTED, 0);
  ea_writer_init (&writer);
  assert_false (ea_text_encode_text_string (&writer, "A", 0x20, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

static gboolean
encode_packed_string (EaWriter *writer, const char *text, GError **error)
{
  return ea_text_encode_text_string (writer, text, EA_TEXT_DCS_PACKED, error);
}

static gboolean
encode_8bit_string (EaWriter *writer, const char *text, GError **error)
{
  return ea_text_encode_text_string (writer, text, EA_TEXT_DCS_8BIT, error);
}

static gboolean
encode_ucs2_string (EaWriter *writer, const char *text, GError **error)
{
  return ea_text_encode_text_string (writer, text, EA_TEXT_DCS_UCS2, error);
}

static void
test_text_strings_are_written_as_others_write_them (void **state)
{
  assert_encoded (encode_packed_string, "Enter \"0\"", "004537BD2C07896022");
  assert_encoded (encode_packed_string, "Enter 67*#+", "004537BD2C07D96EAAD10A");
  assert_encoded (encode_packed_string, "", "00");
  assert_encoded (encode_packed_string, "hellohe", "00E8329BFD46971B");
  assert_encoded (encode_packed_string, "hellohe\r", "00E8329BFD46971B0D");
  assert_encoded (encode_8bit_string, "ABC@", "0441424300");
  assert_encoded (encode_ucs2_string, "你好", "084F60597D");
}

static void
test_septets_after_fill_bits_are_written_and_read_back (void **state)
{
  for (guint n_fill_bits = 0; n_fill_bits < 7; n_fill_bits++)
    {
      g_auto (EaWriter) writer = { 0 };
      g_autofree char *text = NULL;
      gsize n_septets = 0;

      ea_writer_init (&writer);
      assert_true (ea_text_encode_septets (&writer, "a€b{c", n_fill_bits, &n_septets, NULL));
      assert_int_equal (n_septets, 7);
      assert_int_equal (ea_writer_span (&writer).size, (n_fill_bits + 7 * 7 + 7) / 8);
      text = ea_text_decode_septets (ea_writer_span (&writer), n_septets, n_fill_bits, NULL);
      assert_string_equal (text, "a€b{c");
    }
}

static void
test_character_that_an_alphabet_lacks_is_unsupported (void **state)
{
  assert_not_encoded (ea_text_encode_8bit, "aй");
  assert_not_encoded (ea_text_encode_8bit, "a\t");
  assert_not_encoded (encode_packed_string, "ç");
  assert_not_encoded (encode_8bit_string, "你");
  assert_not_encoded (ea_text_encode_ucs2, "a\uFFFF");
  assert_not_encoded (ea_text_encode_alpha, "a\uFFFF");
}

/* TS 23.038 §4 */
static void
test_only_general_and_deletion_groups_can_be_compressed (void **state)
{
  assert_true (ea_text_is_compressed (0x20));
  assert_true (ea_text_is_compressed (0x7F));
  assert_false (ea_text_is_compressed (0x1F));
  assert_false (ea_text_is_compressed (0xA0));
  assert_false (ea_text_is_compressed (0xF6));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_error_about_a_character_is_a_sentence),
    cmocka_unit_test (test_codes_of_the_default_alphabet_end_with_7f),
    cmocka_unit_test (test_packed_septets_are_read_as_others_read_them),
    cmocka_unit_test (test_fill_bits_after_a_header_are_passed_over),
    cmocka_unit_test (test_septets_that_are_not_there_are_truncated),
    cmocka_unit_test (test_default_alphabet_is_that_of_the_standard),
    cmocka_unit_test (test_extension_table_is_that_of_the_standard),
    cmocka_unit_test (test_escape_to_what_is_not_there_shows_the_default_character_or_a_space),
    cmocka_unit_test (test_octet_above_7f_is_no_character),
    cmocka_unit_test (test_ucs2_is_big_endian),
    cmocka_unit_test (test_hostile_ucs2_is_refused_where_it_goes_wrong),
    cmocka_unit_test (test_alpha_identifiers_of_all_codings_are_read),
    cmocka_unit_test (test_filling_of_an_alpha_identifier_is_no_text),
    cmocka_unit_test (test_escapes_in_a_windowed_alpha_identifier_are_read),
    cmocka_unit_test (test_hostile_alpha_identifiers_are_refused_where_they_go_wrong),
    cmocka_unit_test (test_alpha_identifier_is_written_in_its_shortest_coding),
    cmocka_unit_test (test_text_strings_of_all_alphabets_are_read),
    cmocka_unit_test (test_scheme_of_a_text_string_is_told),
    cmocka_unit_test (test_carriage_return_that_fills_up_a_packed_text_is_dropped),
    cmocka_unit_test (test_compressed_text_is_unsupported),
    cmocka_unit_test (test_text_strings_are_written_as_others_write_them),
    cmocka_unit_test (test_septets_after_fill_bits_are_written_and_read_back),
    cmocka_unit_test (test_character_that_an_alphabet_lacks_is_unsupported),
    cmocka_unit_test (test_only_general_and_deletion_groups_can_be_compressed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
