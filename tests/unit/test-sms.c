/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short message TPDUs (agent/core/sms.h): layouts, limits and classes of TS 23.040 and TS 23.038. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms.h"
#include "helpers.h"

/* SMS-DELIVER of class 2 for the UICC with a command packet of 42 bytes, TS 31.115 §4 */
#define PACKET_HEX                                                                                 \
  "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define DELIVER_HEX "440C919451214365877FF6621122010000002D027000" PACKET_HEX

/* SMS-SUBMIT with a response packet, TS 31.115 §4.4 */
#define RESPONSE_HEX                                                                               \
  "00341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56C131FF88C51CAC504DD1B12" \
  "40FAF7D9957132"
#define SUBMIT_HEX "41000C919451214365877FF639027100" RESPONSE_HEX

static void
test_deliver_with_a_command_packet_is_a_data_download (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (DELIVER_HEX);
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), &error));

  assert_true (ea_sms_is_data_download (&deliver));
  assert_false (deliver.has_more_messages);
  assert_true (deliver.user_data.has_header);
  assert_int_equal (deliver.originator.ton, 1);
  assert_int_equal (deliver.originator.npi, 1);
  assert_string_equal (deliver.originator.digits, "491512345678");
  assert_span_is (deliver.timestamp, "62112201000000");
  assert_int_equal (deliver.user_data.length, 0x2D);
  assert_int_equal (deliver.user_data.secured, EA_SMS_SECURED_COMMAND);
  assert_int_equal (deliver.user_data.concatenation.total, 0);
  assert_span_is (deliver.user_data.header, "7000");
  assert_span_is (deliver.user_data.payload, PACKET_HEX);
}

static void
test_submit_with_a_response_packet_is_read (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (SUBMIT_HEX);
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  assert_true (ea_sms_parse_submit (&submit, ea_span_from_bytes (tpdu), &error));

  assert_string_equal (submit.destination.digits, "491512345678");
  assert_int_equal (submit.pid, EA_SMS_PID_USIM_DOWNLOAD);
  assert_int_equal (submit.dcs, 0xF6);
  assert_int_equal (submit.validity.size, 0);
  assert_int_equal (submit.user_data.secured, EA_SMS_SECURED_RESPONSE);
  assert_span_is (submit.user_data.payload, RESPONSE_HEX);
}

static void
fail_truncated_deliver (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  poison (&deliver, sizeof deliver);
  assert_false (ea_sms_parse_deliver (&deliver, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&deliver, sizeof deliver));
}

static void
fail_truncated_submit (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  poison (&submit, sizeof submit);
  assert_false (ea_sms_parse_submit (&submit, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&submit, sizeof submit));
}

static void
test_every_truncation_of_a_message_is_truncated (void **state)
{
  g_autoptr (GBytes) deliver = bytes_of (DELIVER_HEX);
  g_autoptr (GBytes) submit = bytes_of (SUBMIT_HEX);

  parse_truncations (ea_span_from_bytes (deliver), fail_truncated_deliver, NULL);
  parse_truncations (ea_span_from_bytes (submit), fail_truncated_submit, NULL);
}

static void
assert_deliver_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  poison (&deliver, sizeof deliver);
  if (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&deliver, sizeof deliver));
}

static void
test_message_of_another_type_is_unsupported (void **state)
{
  g_autoptr (GBytes) deliver = bytes_of (DELIVER_HEX);
  g_autoptr (GBytes) submit = bytes_of (SUBMIT_HEX);
  g_autoptr (GError) error = NULL;
  EaSmsSubmit out;

  assert_int_equal (ea_sms_get_type (ea_span_from_bytes (deliver)), EA_SMS_TYPE_DELIVER);
  assert_int_equal (ea_sms_get_type (ea_span_from_bytes (submit)), EA_SMS_TYPE_SUBMIT);
  assert_deliver_rejected (SUBMIT_HEX, EA_CORE_ERROR_UNSUPPORTED);
  assert_false (ea_sms_parse_submit (&out, ea_span_from_bytes (deliver), &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static gboolean
parse_deliver_with_address (guint8 n_semi_octets, EaSmsDeliver *deliver, GError **error)
{
  g_autoptr (GBytes) tail = bytes_of ("7FF66211220100000000");
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0x04);
  ea_writer_u8 (&writer, n_semi_octets);
  ea_writer_u8 (&writer, 0x91);
  for (guint8 i = 0; i < n_semi_octets; i += 2)
    ea_writer_u8 (&writer, i + 1 < n_semi_octets ? 0x21 : 0xF1);
  ea_writer_bytes (&writer, ea_span_from_bytes (tail));
  return ea_sms_parse_deliver (deliver, ea_writer_span (&writer), error);
}

static void
test_address_has_at_most_20_digits (void **state)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  for (guint8 n_digits = 0; n_digits <= EA_SMS_DIGITS_MAX; n_digits++)
    {
      assert_true (parse_deliver_with_address (n_digits, &deliver, &error));
      assert_int_equal (strlen (deliver.originator.digits), n_digits);
    }
  assert_false (parse_deliver_with_address (EA_SMS_DIGITS_MAX + 1, &deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

/* An SMS-DELIVER with TP-UDL @length and @size octets of user data. */
static gboolean
parse_deliver_with_user_data (guint8 dcs, guint8 length, gsize size, EaSmsDeliver *deliver,
                              GError **error)
{
  g_autoptr (GBytes) head = bytes_of ("04029121 7F");
  g_autoptr (GBytes) timestamp = bytes_of ("62112201000000");
  g_autofree guint8 *zeroes = g_malloc0 (size);
  g_auto (EaWriter) writer = { 0 };
  gboolean is_read;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (head));
  ea_writer_u8 (&writer, dcs);
  ea_writer_bytes (&writer, ea_span_from_bytes (timestamp));
  ea_writer_u8 (&writer, length);
  ea_writer_bytes (&writer, ea_span_init (zeroes, size));
  is_read = ea_sms_parse_deliver (deliver, ea_writer_span (&writer), error);
  if (is_read)
    assert_int_equal (deliver->user_data.payload.size, size);
  return is_read;
}

static void
test_user_data_have_at_most_140_octets_or_160_septets (void **state)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  assert_true (parse_deliver_with_user_data (0xF6, 0, 0, &deliver, &error));
  assert_true (parse_deliver_with_user_data (0xF6, 140, 140, &deliver, &error));
  assert_true (parse_deliver_with_user_data (0x00, 160, 140, &deliver, &error));
  assert_false (parse_deliver_with_user_data (0xF6, 141, 141, &deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (parse_deliver_with_user_data (0x00, 161, 141, &deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_length_counts_septets_only_where_the_alphabet_has_them (void **state)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  assert_true (parse_deliver_with_user_data (0x00, 8, 7, &deliver, &error));
  assert_int_equal (deliver.user_data.length, 8);
  assert_false (parse_deliver_with_user_data (0x00, 9, 7, &deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_false (parse_deliver_with_user_data (0xF6, 8, 7, &deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

static void
test_longest_message_has_164_octets (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (EA_SMS_USER_DATA_MAX);
  g_autoptr (GBytes) head = bytes_of ("0414 91 21212121212121212121 7FF6 62112201000000 8C");
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (head));
  ea_writer_bytes (&writer, ea_span_init (zeroes, EA_SMS_USER_DATA_MAX));

  assert_int_equal (ea_writer_span (&writer).size, 1 + 12 + 2 + 7 + 1 + 140);
  assert_true (ea_writer_span (&writer).size <= EA_SMS_TPDU_MAX);
  assert_true (ea_sms_parse_deliver (&deliver, ea_writer_span (&writer), &error));
}

static void
assert_header (const char *hex, guint16 reference, guint8 total, guint8 index, EaSmsSecured secured)
{
  g_autoptr (GBytes) header = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsUserData data = { 0 };

  assert_true (ea_sms_parse_user_data_header (ea_span_from_bytes (header), &data, &error));
  assert_int_equal (data.concatenation.reference, reference);
  assert_int_equal (data.concatenation.total, total);
  assert_int_equal (data.concatenation.index, index);
  assert_int_equal (data.secured, secured);
}

static void
test_segments_are_known_by_both_kinds_of_concatenation_element (void **state)
{
  assert_header ("00032A0302", 0x2A, 3, 2, EA_SMS_SECURED_NONE);
  assert_header ("0804012A0302", 0x012A, 3, 2, EA_SMS_SECURED_NONE);
  assert_header ("0003FFFFFF", 0xFF, 255, 255, EA_SMS_SECURED_NONE);
}

static void
test_packet_identifier_may_stand_before_or_after_the_concatenation (void **state)
{
  assert_header ("00032A03017000", 0x2A, 3, 1, EA_SMS_SECURED_COMMAND);
  assert_header ("700000032A0301", 0x2A, 3, 1, EA_SMS_SECURED_COMMAND);
  assert_header ("7100", 0, 0, 0, EA_SMS_SECURED_RESPONSE);
  assert_header ("05040B8423F47000", 0, 0, 0, EA_SMS_SECURED_COMMAND);
}

/* TS 23.040 §9.2.3.24.1: total or index 0, or an index above the total, is ignored */
static void
test_concatenation_whose_numbers_make_no_sense_is_ignored (void **state)
{
  assert_header ("00032A0001", 0, 0, 0, EA_SMS_SECURED_NONE);
  assert_header ("00032A0300", 0, 0, 0, EA_SMS_SECURED_NONE);
  assert_header ("00032A0304", 0, 0, 0, EA_SMS_SECURED_NONE);
  assert_header ("00022A03", 0, 0, 0, EA_SMS_SECURED_NONE);
  assert_header ("08032A0301", 0, 0, 0, EA_SMS_SECURED_NONE);
}

static void
fail_truncated_header (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSmsUserData data;

  poison (&data, sizeof data);
  if (span.size == 0 || span.size == 5) /* no element, or the first one whole */
    return;
  assert_false (ea_sms_parse_user_data_header (span, &data, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_true (is_poisoned (&data, sizeof data));
}

static void
test_header_that_ends_within_an_element_is_malformed (void **state)
{
  g_autoptr (GBytes) header = bytes_of ("00032A03017000");

  parse_truncations (ea_span_from_bytes (header), fail_truncated_header, NULL);
}

static void
test_header_that_is_longer_than_the_user_data_is_malformed (void **state)
{
  /* TP-UDHL 03 with two octets after it, and no TP-UDHL at all */
  assert_deliver_rejected ("440291217FF66211220100000003037000", EA_CORE_ERROR_MALFORMED);
  assert_deliver_rejected ("440291217FF66211220100000000", EA_CORE_ERROR_MALFORMED);
  /* it fits what follows, but not TP-UDL */
  assert_deliver_rejected ("440291217FF66211220100000002027000", EA_CORE_ERROR_MALFORMED);
}

static void
test_alphanumeric_originator_is_given_as_text (void **state)
{
  /* vector pysim-deliver; tshark reads the same */
  g_autoptr (GBytes) tpdu = bytes_of ("0408D0E5759A0E7FF6907090307513000824010101BB400101");
  EaSmsDeliver deliver;

  assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), NULL));

  assert_int_equal (deliver.originator.ton, 5);
  assert_string_equal (deliver.originator.digits, "ekit");
}

/* TS 23.038 §4 */
static void
test_class_and_alphabet_follow_the_data_coding_scheme (void **state)
{
  static const struct
  {
    guint8 dcs;
    EaSmsClass message_class;
    EaTextAlphabet alphabet;
  } schemes[] = {
    { 0x00, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_7BIT },
    { 0x02, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_7BIT },
    { 0x04, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_8BIT },
    { 0x08, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_UCS2 },
    { 0x10, EA_SMS_CLASS_0, EA_TEXT_ALPHABET_7BIT },
    { 0x16, EA_SMS_CLASS_2, EA_TEXT_ALPHABET_8BIT },
    { 0x19, EA_SMS_CLASS_1, EA_TEXT_ALPHABET_UCS2 },
    { 0x46, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_8BIT },
    { 0x56, EA_SMS_CLASS_2, EA_TEXT_ALPHABET_8BIT },
    { 0xC8, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_7BIT },
    { 0xD8, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_7BIT },
    { 0xE8, EA_SMS_CLASS_NONE, EA_TEXT_ALPHABET_UCS2 },
    { 0xF0, EA_SMS_CLASS_0, EA_TEXT_ALPHABET_7BIT },
    { 0xF2, EA_SMS_CLASS_2, EA_TEXT_ALPHABET_7BIT },
    { 0xF5, EA_SMS_CLASS_1, EA_TEXT_ALPHABET_8BIT },
    { 0xF6, EA_SMS_CLASS_2, EA_TEXT_ALPHABET_8BIT },
    { 0xF7, EA_SMS_CLASS_3, EA_TEXT_ALPHABET_8BIT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (ea_sms_get_class (schemes[i].dcs) != schemes[i].message_class
        || ea_text_get_alphabet (schemes[i].dcs) != schemes[i].alphabet)
      fail_msg ("TP-DCS %02X: class %d, alphabet %d", schemes[i].dcs,
                (int) ea_sms_get_class (schemes[i].dcs),
                (int) ea_text_get_alphabet (schemes[i].dcs));
}

static void
test_only_pid_7f_with_class_2_is_a_data_download (void **state)
{
  assert_true (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0x7F, .dcs = 0xF6 }));
  assert_true (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0x7F, .dcs = 0x16 }));
  assert_false (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0x7F, .dcs = 0xF5 }));
  assert_false (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0x7F, .dcs = 0x06 }));
  assert_false (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0x00, .dcs = 0xF6 }));
  assert_false (ea_sms_is_data_download (&(EaSmsDeliver){ .pid = 0xFF, .dcs = 0xF6 }));
}

static void
assert_packed (const char *hex, const char *packed_hex)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = ea_sms_pack_submit (ea_span_from_bytes (tpdu), &error);

  assert_bytes_are (packed, packed_hex);
}

/* "hellohello" is E8329BFD4697D9EC37: ModemManager's test_pdu3 and oFono's simple_submit */
static void
test_text_is_packed_into_septets_as_others_pack_it (void **state)
{
  assert_packed ("01000B916407281553F800040A68656C6C6F68656C6C6F",
                 "01000B916407281553F800000AE8329BFD4697D9EC37");
  assert_packed ("11000B916407281553F80004AA0A68656C6C6F68656C6C6F",
                 "11000B916407281553F80000AA0AE8329BFD4697D9EC37");
  assert_packed ("01000B916407281553F800F60A68656C6C6F68656C6C6F",
                 "01000B916407281553F800F20AE8329BFD4697D9EC37");
}

/* An SMS-SUBMIT with packing that @size characters of text fit. */
static GBytes *
pack_text_of (gsize size, GError **error)
{
  static const guint8 head[] = { 0x01, 0x00, 0x00, 0x91, 0x00, 0xF4 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (head));
  ea_writer_u8 (&writer, (guint8) size);
  for (gsize i = 0; i < size; i++)
    ea_writer_u8 (&writer, 'a');
  return ea_sms_pack_submit (ea_writer_span (&writer), error);
}

/* TS 102 223 §6.4.10: 160 characters are 140 octets when they are packed */
static void
test_text_of_160_characters_is_packed_and_one_more_is_not (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) longest = pack_text_of (160, NULL);

  assert_non_null (longest);
  assert_int_equal (g_bytes_get_size (longest), 7 + 140);
  assert_null (pack_text_of (161, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_text_that_is_packed_or_empty_stays_as_it_is (void **state)
{
  assert_packed ("11000B916407281553F80000AA0AE8329BFD4697D9EC37",
                 "11000B916407281553F80000AA0AE8329BFD4697D9EC37");
  assert_packed ("01000B916407281553F8000400", "01000B916407281553F8000000");
}

static void
test_text_with_a_header_is_not_packed (void **state)
{
  g_autoptr (GBytes) secured = bytes_of (SUBMIT_HEX);
  g_autoptr (GBytes) deliver = bytes_of (DELIVER_HEX);
  g_autoptr (GError) error = NULL;

  assert_null (ea_sms_pack_submit (ea_span_from_bytes (secured), &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  assert_null (ea_sms_pack_submit (ea_span_from_bytes (deliver), &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static void
assert_not_packed (const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (tpdu);
  g_autoptr (GError) error = NULL;
  gsize actual = 0;

  assert_null (ea_sms_pack_submit (span, &error));
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
  assert_core_error (&error, code);
}

static void
test_octets_that_seven_bits_do_not_hold_are_not_packed (void **state)
{
  assert_not_packed ("01000B916407281553F800040341C142", EA_CORE_ERROR_MALFORMED, 14);
  assert_not_packed ("01000B916407281553F800040180", EA_CORE_ERROR_MALFORMED, 13);
  assert_packed ("01000B916407281553F80004017F", "01000B916407281553F80000017F");
}

/* TS 23.038 §4: TP-DCS 24 is compressed 8-bit data */
static void
test_compressed_text_is_not_packed (void **state)
{
  assert_not_packed ("01000B916407281553F800240141", EA_CORE_ERROR_UNSUPPORTED, 13);
}

static void
assert_validity (const char *hex, const char *validity, const char *user_data)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  if (!ea_sms_parse_submit (&submit, ea_span_from_bytes (tpdu), &error))
    fail_msg ("%s: %s", hex, error->message);
  assert_span_is (submit.validity, validity);
  assert_span_is (submit.user_data.payload, user_data);
}

/* TS 23.040 §9.2.3.3: 00 none, 01 enhanced, 10 relative, 11 absolute */
static void
test_format_of_the_validity_period_tells_its_size (void **state)
{
  assert_validity ("01000291210004 02AABB", "", "AABB");
  assert_validity ("11000291210004 AA 02AABB", "AA", "AABB");
  assert_validity ("09000291210004 01050000000000 02AABB", "01050000000000", "AABB");
  assert_validity ("19000291210004 62112201000000 02AABB", "62112201000000", "AABB");
}

static void
test_text_is_packed_behind_a_validity_period_of_any_size (void **state)
{
  static const struct
  {
    const char *unpacked;
    const char *packed;
  } messages[] = {
    { "11000B916407281553F80004AA0A68656C6C6F68656C6C6F",
      "11000B916407281553F80000AA0AE8329BFD4697D9EC37" },
    { "19000B916407281553F80004621122010000000A68656C6C6F68656C6C6F",
      "19000B916407281553F80000621122010000000AE8329BFD4697D9EC37" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GBytes) tpdu = bytes_of (messages[i].unpacked);
      g_autoptr (GBytes) packed = ea_sms_pack_submit (ea_span_from_bytes (tpdu), NULL);

      assert_bytes_are (packed, messages[i].packed);
    }
}

static EaSmsUserData
user_data_of (const char *header_and_payload, GBytes **octets)
{
  EaSmsUserData data;

  *octets = bytes_of (header_and_payload);
  assert_true (ea_sms_parse_user_data (&data, ea_span_from_bytes (*octets), NULL));
  return data;
}

static void
test_messages_are_built_from_their_parts (void **state)
{
  const EaSmsAddress address = { .ton = 1, .npi = 1, .digits = "491512345678" };
  g_autoptr (GBytes) timestamp = bytes_of ("62112201000000");
  g_autoptr (GBytes) command = NULL;
  g_autoptr (GBytes) response = NULL;
  EaSmsDeliver deliver = { .originator = address, .pid = 0x7F, .dcs = 0xF6 };
  EaSmsSubmit submit = { .destination = address, .pid = 0x7F, .dcs = 0xF6 };
  g_autoptr (GBytes) built_deliver = NULL;
  g_autoptr (GBytes) built_submit = NULL;

  deliver.timestamp = ea_span_from_bytes (timestamp);
  deliver.user_data = user_data_of ("027000" PACKET_HEX, &command);
  built_deliver = ea_sms_build_deliver (&deliver, NULL);
  assert_bytes_are (built_deliver, DELIVER_HEX);
  submit.user_data = user_data_of ("027100" RESPONSE_HEX, &response);
  built_submit = ea_sms_build_submit (&submit, NULL);
  assert_bytes_are (built_submit, SUBMIT_HEX);
}

static void
test_every_flag_of_a_message_is_read_and_built (void **state)
{
  for (guint flags = 0; flags <= 0xFF; flags++)
    {
      g_autofree char *deliver_hex
          = g_strdup_printf ("%02X0291217FF6621122010000000100", flags & 0xEC);
      g_autofree char *submit_hex = g_strdup_printf ("%02X000291217FF6%s0100", (flags & 0xFC) | 1,
                                                     (flags & 0x08) != 0   ? "62112201000000"
                                                     : (flags & 0x10) != 0 ? "AA"
                                                                           : "");
      g_autoptr (GBytes) deliver_tpdu = bytes_of (deliver_hex);
      g_autoptr (GBytes) submit_tpdu = bytes_of (submit_hex);
      g_autoptr (GBytes) built_deliver = NULL;
      g_autoptr (GBytes) built_submit = NULL;
      EaSmsDeliver deliver;
      EaSmsSubmit submit;

      assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (deliver_tpdu), NULL));
      built_deliver = ea_sms_build_deliver (&deliver, NULL);
      assert_bytes_are (built_deliver, deliver_hex);
      assert_true (ea_sms_parse_submit (&submit, ea_span_from_bytes (submit_tpdu), NULL));
      built_submit = ea_sms_build_submit (&submit, NULL);
      assert_bytes_are (built_submit, submit_hex);
    }
}

static void
test_times_of_another_size_are_not_built (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("621122010000");
  EaSmsDeliver deliver = { .timestamp = ea_span_from_bytes (octets) };
  EaSmsSubmit submit
      = { .validity_format = EA_SMS_VALIDITY_RELATIVE, .validity = ea_span_from_bytes (octets) };
  g_autoptr (GError) error = NULL;

  assert_null (ea_sms_build_deliver (&deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (ea_sms_build_submit (&submit, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_address_or_data_that_can_not_be_said_are_not_built (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (EA_SMS_USER_DATA_MAX + 1);
  EaSmsDeliver deliver = { .originator = { .ton = 8 }, .dcs = 0xF6 };
  EaSmsSubmit submit = { .destination = { .digits = "x" }, .dcs = 0xF6 };
  g_autoptr (GError) error = NULL;

  deliver.timestamp = ea_span_init (zeroes, EA_SMS_TIMESTAMP_SIZE);
  assert_null (ea_sms_build_deliver (&deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (ea_sms_build_submit (&submit, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);

  deliver.originator = (EaSmsAddress){ 0 };
  submit.destination = (EaSmsAddress){ 0 };
  deliver.user_data.payload = ea_span_init (zeroes, EA_SMS_USER_DATA_MAX + 1);
  submit.user_data.payload = deliver.user_data.payload;
  assert_null (ea_sms_build_deliver (&deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_null (ea_sms_build_submit (&submit, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_deliver_with_a_command_packet_is_a_data_download),
    cmocka_unit_test (test_submit_with_a_response_packet_is_read),
    cmocka_unit_test (test_every_truncation_of_a_message_is_truncated),
    cmocka_unit_test (test_message_of_another_type_is_unsupported),
    cmocka_unit_test (test_address_has_at_most_20_digits),
    cmocka_unit_test (test_user_data_have_at_most_140_octets_or_160_septets),
    cmocka_unit_test (test_length_counts_septets_only_where_the_alphabet_has_them),
    cmocka_unit_test (test_longest_message_has_164_octets),
    cmocka_unit_test (test_segments_are_known_by_both_kinds_of_concatenation_element),
    cmocka_unit_test (test_packet_identifier_may_stand_before_or_after_the_concatenation),
    cmocka_unit_test (test_concatenation_whose_numbers_make_no_sense_is_ignored),
    cmocka_unit_test (test_header_that_ends_within_an_element_is_malformed),
    cmocka_unit_test (test_header_that_is_longer_than_the_user_data_is_malformed),
    cmocka_unit_test (test_alphanumeric_originator_is_given_as_text),
    cmocka_unit_test (test_class_and_alphabet_follow_the_data_coding_scheme),
    cmocka_unit_test (test_only_pid_7f_with_class_2_is_a_data_download),
    cmocka_unit_test (test_text_is_packed_into_septets_as_others_pack_it),
    cmocka_unit_test (test_text_of_160_characters_is_packed_and_one_more_is_not),
    cmocka_unit_test (test_text_that_is_packed_or_empty_stays_as_it_is),
    cmocka_unit_test (test_text_with_a_header_is_not_packed),
    cmocka_unit_test (test_octets_that_seven_bits_do_not_hold_are_not_packed),
    cmocka_unit_test (test_compressed_text_is_not_packed),
    cmocka_unit_test (test_format_of_the_validity_period_tells_its_size),
    cmocka_unit_test (test_text_is_packed_behind_a_validity_period_of_any_size),
    cmocka_unit_test (test_messages_are_built_from_their_parts),
    cmocka_unit_test (test_every_flag_of_a_message_is_read_and_built),
    cmocka_unit_test (test_times_of_another_size_are_not_built),
    cmocka_unit_test (test_address_or_data_that_can_not_be_said_are_not_built),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
