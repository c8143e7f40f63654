/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* User data of short messages (agent/core/sms-user-data.h): header, text, secured packets in segments. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms.h"
#include "helpers.h"

/* Bytes of a packet in a segment, TS 31.115 §4 with the header of TS 23.040 §9.2.3.24 */
#define ROOM_ALONE 137
#define ROOM_FIRST 132
#define ROOM_OTHER 134
#define ROOM_FIRST_WIDE 131
#define ROOM_OTHER_WIDE 133

/* (transfer full): the bytes 00, 01 … */
static GBytes *
make_packet (gsize size)
{
  EaWriter writer;

  ea_writer_init (&writer);
  for (gsize i = 0; i < size; i++)
    ea_writer_u8 (&writer, (guint8) i);
  return ea_writer_steal (&writer);
}

/* The segment begins with @header and has @size bytes of the packet from @offset on. */
static void
assert_segment (GBytes *segment, const char *header, GBytes *packet, gsize offset, gsize size)
{
  g_autoptr (GBytes) expected = bytes_of (header);
  EaSpan span = ea_span_from_bytes (segment);
  EaSpan part = ea_span_tail (span, g_bytes_get_size (expected));

  assert_true (ea_span_has_prefix (span, ea_span_from_bytes (expected)));
  assert_int_equal (part.size, size);
  assert_true (ea_span_equal (
      part, ea_span_head (ea_span_tail (ea_span_from_bytes (packet), offset), size)));
}

static void
test_packet_of_137_bytes_goes_alone (void **state)
{
  g_autoptr (GBytes) packet = make_packet (ROOM_ALONE);
  g_autoptr (GPtrArray) command = ea_sms_segment_packet (
      ea_span_from_bytes (packet), EA_SMS_SECURED_COMMAND, 0x1234, TRUE, NULL);
  g_autoptr (GPtrArray) response = ea_sms_segment_packet (
      ea_span_from_bytes (packet), EA_SMS_SECURED_RESPONSE, 0x12, FALSE, NULL);

  assert_int_equal (command->len, 1);
  assert_segment (command->pdata[0], "027000", packet, 0, ROOM_ALONE);
  assert_int_equal (response->len, 1);
  assert_segment (response->pdata[0], "027100", packet, 0, ROOM_ALONE);
}

static void
test_packet_of_138_bytes_goes_in_two_segments (void **state)
{
  g_autoptr (GBytes) packet = make_packet (ROOM_ALONE + 1);
  g_autoptr (GPtrArray) segments = ea_sms_segment_packet (
      ea_span_from_bytes (packet), EA_SMS_SECURED_COMMAND, 0x2A, FALSE, NULL);

  assert_int_equal (segments->len, 2);
  assert_segment (segments->pdata[0], "0700032A02017000", packet, 0, ROOM_FIRST);
  assert_segment (segments->pdata[1], "0500032A0202", packet, ROOM_FIRST, 6);
}

static void
test_segments_are_filled_up_before_the_next_one (void **state)
{
  g_autoptr (GBytes) full = make_packet (ROOM_FIRST + 2 * ROOM_OTHER);
  g_autoptr (GBytes) more = make_packet (ROOM_FIRST + 2 * ROOM_OTHER + 1);
  g_autoptr (GPtrArray) three = ea_sms_segment_packet (ea_span_from_bytes (full),
                                                       EA_SMS_SECURED_COMMAND, 0xFF, FALSE, NULL);
  g_autoptr (GPtrArray) four = ea_sms_segment_packet (ea_span_from_bytes (more),
                                                      EA_SMS_SECURED_COMMAND, 0xFF, FALSE, NULL);

  assert_int_equal (three->len, 3);
  assert_segment (three->pdata[2], "050003FF0303", full, ROOM_FIRST + ROOM_OTHER, ROOM_OTHER);
  assert_int_equal (four->len, 4);
  assert_segment (four->pdata[3], "050003FF0404", more, ROOM_FIRST + 2 * ROOM_OTHER, 1);
}

static void
test_wide_reference_takes_one_byte_of_each_segment (void **state)
{
  g_autoptr (GBytes) full = make_packet (ROOM_FIRST_WIDE + ROOM_OTHER_WIDE);
  g_autoptr (GBytes) more = make_packet (ROOM_FIRST_WIDE + ROOM_OTHER_WIDE + 1);
  g_autoptr (GPtrArray) two = ea_sms_segment_packet (ea_span_from_bytes (full),
                                                     EA_SMS_SECURED_RESPONSE, 0x012A, TRUE, NULL);
  g_autoptr (GPtrArray) three = ea_sms_segment_packet (ea_span_from_bytes (more),
                                                       EA_SMS_SECURED_RESPONSE, 0x012A, TRUE, NULL);

  assert_int_equal (two->len, 2);
  assert_segment (two->pdata[0], "080804012A02017100", full, 0, ROOM_FIRST_WIDE);
  assert_segment (two->pdata[1], "060804012A0202", full, ROOM_FIRST_WIDE, ROOM_OTHER_WIDE);
  assert_int_equal (three->len, 3);
}

static void
test_packet_has_at_most_255_segments (void **state)
{
  gsize size = ROOM_FIRST + (EA_SMS_SEGMENTS_MAX - 1) * ROOM_OTHER;
  g_autoptr (GBytes) largest = make_packet (size);
  g_autoptr (GBytes) larger = make_packet (size + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) segments = ea_sms_segment_packet (ea_span_from_bytes (largest),
                                                          EA_SMS_SECURED_COMMAND, 1, FALSE, &error);

  assert_int_equal (segments->len, EA_SMS_SEGMENTS_MAX);
  assert_segment (segments->pdata[254], "05000301FFFF", largest, size - ROOM_OTHER, ROOM_OTHER);
  assert_null (ea_sms_segment_packet (ea_span_from_bytes (larger), EA_SMS_SECURED_COMMAND, 1, FALSE,
                                      &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_segment_becomes_user_data_of_a_message (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("0700032A02017000AABB");
  g_autoptr (GBytes) expected = bytes_of ("41000C919451214365877FF60A0700032A02017000AABB");
  EaSmsSubmit submit = { .destination = { .ton = 1, .npi = 1, .digits = "491512345678" },
                         .pid = EA_SMS_PID_USIM_DOWNLOAD,
                         .dcs = 0xF6 };
  g_autoptr (GBytes) tpdu = NULL;

  assert_true (ea_sms_parse_user_data (&submit.user_data, ea_span_from_bytes (octets), NULL));
  assert_int_equal (submit.user_data.concatenation.total, 2);
  assert_int_equal (submit.user_data.secured, EA_SMS_SECURED_COMMAND);
  tpdu = ea_sms_build_submit (&submit, NULL);
  assert_true (g_bytes_equal (tpdu, expected));
}

#define DESTINATION                                                                                \
  ((EaSmsAddress){ .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "491512345678" })

/* A message that tshark and pySim read, and row onomondo-por */
static void
test_proof_of_receipt_goes_to_the_sender_as_others_send_it (void **state)
{
  static const char packet[]
      = "00341200000134DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56"
        "C131FF88C51CAC504DD1B1240FAF7D9957132";
  static const char short_packet[]
      = "002412B000118BD0716ADBF216D5DAD4612EC54D64BCEAF7D9228B8254D857F8D42394BE9F66";
  const EaSmsAddress destination = DESTINATION;
  const EaSmsAddress short_destination
      = { .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "1234" };
  g_autoptr (GBytes) first = bytes_of (packet);
  g_autoptr (GBytes) second = bytes_of (short_packet);
  g_autoptr (GPtrArray) tpdus = ea_sms_submit_packet (&destination, ea_span_from_bytes (first),
                                                      EA_SMS_SECURED_RESPONSE, 7, NULL);
  g_autoptr (GPtrArray) others = ea_sms_submit_packet (
      &short_destination, ea_span_from_bytes (second), EA_SMS_SECURED_RESPONSE, 8, NULL);

  assert_int_equal (tpdus->len, 1);
  assert_segment (tpdus->pdata[0], "41000C919451214365877FF639027100", first, 0, 54);
  assert_int_equal (others->len, 1);
  assert_segment (others->pdata[0], "4100049121437FF629027100", second, 0, 38);
}

#define ONE_MESSAGE "41000C919451214365877FF68C"
#define LAST_MESSAGE "41000C919451214365877FF60C"

/* By hand from TS 31.115 §4 and TS 23.040 §9.2.3.24.1 */
static void
test_long_packet_goes_in_concatenated_messages (void **state)
{
  const EaSmsAddress destination = DESTINATION;
  g_autoptr (GBytes) alone = make_packet (ROOM_ALONE);
  g_autoptr (GBytes) packet = make_packet (ROOM_FIRST + ROOM_OTHER + 6);
  g_autoptr (GPtrArray) one = ea_sms_submit_packet (&destination, ea_span_from_bytes (alone),
                                                    EA_SMS_SECURED_COMMAND, 0x2A, NULL);
  g_autoptr (GPtrArray) three = ea_sms_submit_packet (&destination, ea_span_from_bytes (packet),
                                                      EA_SMS_SECURED_RESPONSE, 0x2A, NULL);

  assert_int_equal (one->len, 1);
  assert_segment (one->pdata[0], ONE_MESSAGE "027000", alone, 0, ROOM_ALONE);
  assert_int_equal (three->len, 3);
  assert_segment (three->pdata[0], ONE_MESSAGE "0700032A03017100", packet, 0, ROOM_FIRST);
  assert_segment (three->pdata[1], ONE_MESSAGE "0500032A0302", packet, ROOM_FIRST, ROOM_OTHER);
  assert_segment (three->pdata[2], LAST_MESSAGE "0500032A0303", packet, ROOM_FIRST + ROOM_OTHER, 6);
}

static void
test_packet_that_can_not_be_sent_makes_no_messages (void **state)
{
  const EaSmsAddress destination = DESTINATION;
  const EaSmsAddress wrong = { .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "12x4" };
  g_autoptr (GBytes) larger = make_packet (ROOM_FIRST + (EA_SMS_SEGMENTS_MAX - 1) * ROOM_OTHER + 1);
  EaSpan packet = ea_span_from_bytes (larger);
  g_autoptr (GError) error = NULL;

  assert_null (ea_sms_submit_packet (&destination, packet, EA_SMS_SECURED_RESPONSE, 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_null (
      ea_sms_submit_packet (&wrong, ea_span_head (packet, 20), EA_SMS_SECURED_RESPONSE, 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

#define ORIGINATOR                                                                                 \
  ((EaSmsAddress){ .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "999102127" })
#define TIME ((EaSmsTime){ .year = 2026, .month = 11, .day = 22, .hour = 10 })
#define DELIVERED "44099199192021F77FF662112201000000"

/* The message with the packet of 42 bytes is one that tshark and pySim read. */
static void
test_command_packet_goes_to_the_card_as_a_service_centre_delivers_it (void **state)
{
  const EaSmsAddress originator = DESTINATION;
  g_autoptr (GBytes) packet = bytes_of ("00281516391212000001954EB8A317C64D5169E703F859A40693DF4F"
                                        "CE92B5A3A849C286D5B96F54940F");
  g_autoptr (GPtrArray) tpdus = ea_sms_deliver_packet (
      &originator, &TIME, ea_span_from_bytes (packet), EA_SMS_SECURED_COMMAND, 7, NULL);

  assert_int_equal (tpdus->len, 1);
  assert_segment (tpdus->pdata[0], "440C919451214365877FF6621122010000002D027000", packet, 0, 42);
}

/* By hand from TS 31.115 §4, TS 23.040 §9.2.2.1 and §9.2.3.24.1 */
static void
test_long_packet_is_delivered_in_concatenated_messages (void **state)
{
  const EaSmsAddress originator = ORIGINATOR;
  g_autoptr (GBytes) alone = make_packet (ROOM_ALONE);
  g_autoptr (GBytes) packet = make_packet (ROOM_ALONE + 1);
  g_autoptr (GPtrArray) one = ea_sms_deliver_packet (&originator, &TIME, ea_span_from_bytes (alone),
                                                     EA_SMS_SECURED_COMMAND, 0x2A, NULL);
  g_autoptr (GPtrArray) two = ea_sms_deliver_packet (
      &originator, &TIME, ea_span_from_bytes (packet), EA_SMS_SECURED_COMMAND, 0x2A, NULL);

  assert_int_equal (one->len, 1);
  assert_segment (one->pdata[0], DELIVERED "8C027000", alone, 0, ROOM_ALONE);
  assert_int_equal (two->len, 2);
  assert_segment (two->pdata[0], DELIVERED "8C0700032A02017000", packet, 0, ROOM_FIRST);
  assert_segment (two->pdata[1], DELIVERED "0C0500032A0202", packet, ROOM_FIRST, 6);
}

static void
test_packet_that_can_not_be_delivered_makes_no_messages (void **state)
{
  const EaSmsAddress originator = ORIGINATOR;
  const EaSmsAddress wrong = { .ton = EA_SMS_TON_INTERNATIONAL, .npi = 1, .digits = "12x4" };
  const EaSmsTime never = { .year = 2026, .month = 2, .day = 29 };
  g_autoptr (GBytes) larger = make_packet (ROOM_FIRST + (EA_SMS_SEGMENTS_MAX - 1) * ROOM_OTHER + 1);
  EaSpan packet = ea_span_from_bytes (larger);
  EaSpan little = ea_span_head (packet, 20);
  g_autoptr (GError) error = NULL;

  assert_null (
      ea_sms_deliver_packet (&originator, &TIME, packet, EA_SMS_SECURED_COMMAND, 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_null (ea_sms_deliver_packet (&wrong, &TIME, little, EA_SMS_SECURED_COMMAND, 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (
      ea_sms_deliver_packet (&originator, &never, little, EA_SMS_SECURED_COMMAND, 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_user_data_that_are_no_segment_are_refused (void **state)
{
  g_autoptr (GBytes) cut = bytes_of ("037000");
  g_autoptr (GBytes) longer = make_packet (EA_SMS_USER_DATA_MAX + 1);
  g_autoptr (GError) error = NULL;
  EaSmsUserData data;

  poison (&data, sizeof data);
  assert_false (ea_sms_parse_user_data (&data, ea_span_from_bytes (cut), &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (ea_sms_parse_user_data (&data, ea_span_from_bytes (longer), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_true (is_poisoned (&data, sizeof data));
}

/* TS 23.040 §9.2.3.24 */
static void
test_elements_have_the_names_of_the_standard (void **state)
{
  assert_string_equal (ea_sms_get_element_name (0x00),
                       "concatenated short messages, 8-bit reference number");
  assert_string_equal (ea_sms_get_element_name (0x05),
                       "application port addressing scheme, 16-bit address");
  assert_string_equal (ea_sms_get_element_name (0x1B), "reserved for EMS features");
  assert_string_equal (ea_sms_get_element_name (0x24), "national language single shift");
  assert_string_equal (ea_sms_get_element_name (0x26), "reserved");
  assert_string_equal (ea_sms_get_element_name (0x70), "command packet identifier");
  assert_string_equal (ea_sms_get_element_name (0x71), "response packet identifier");
  assert_string_equal (ea_sms_get_element_name (0x72),
                       "reserved for (U)SIM toolkit security headers");
  assert_string_equal (ea_sms_get_element_name (0x80), "SME to SME specific use");
  assert_string_equal (ea_sms_get_element_name (0xC0), "SC specific use");
  assert_string_equal (ea_sms_get_element_name (0xFF), "reserved");
}

static void
test_elements_are_read_one_by_one_and_written_alike (void **state)
{
  g_autoptr (GBytes) header = bytes_of ("05040B8423F47000E002AABB");
  g_auto (EaWriter) writer = { 0 };
  EaSmsElement element;
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (header));
  ea_writer_init (&writer);
  while (ea_reader_remaining (&reader) > 0)
    {
      assert_true (ea_sms_read_element (&reader, &element, NULL));
      ea_sms_write_element (&writer, element.identifier, element.value);
    }
  assert_int_equal (element.identifier, 0xE0);
  assert_span_is (element.value, "AABB");
  assert_true (ea_span_equal (ea_writer_span (&writer), ea_span_from_bytes (header)));
}

static void
assert_text (const char *hex, const char *expected)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  EaSmsDeliver deliver;

  assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), NULL));
  assert_true (ea_sms_has_text (&deliver.user_data, deliver.pid, deliver.dcs));
  text = ea_sms_decode_text (&deliver.user_data, deliver.dcs, &error);
  assert_string_equal (text, expected);
}

/* No header, and headers of 3 to 9 octets with TP-UDHL: all numbers of fill bits */
static void
test_text_begins_at_the_next_septet_after_the_header (void **state)
{
  assert_text ("0402912100006211220100000004F4329E0E", "text");
  assert_text ("440291210000621122010000000802E000402FE3E9", "text");
  assert_text ("440291210000621122010000000903E001AAA097F174", "text");
  assert_text ("440291210000621122010000000A04E002AAAAD0CB783A", "text");
  assert_text ("440291210000621122010000000B05E003AAAAAAE8653C1D", "text");
  assert_text ("440291210000621122010000000C06E004AAAAAAAAF4329E0E", "text");
  assert_text ("440291210000621122010000000E07E005AAAAAAAAAA00BD8CA703", "text");
  assert_text ("440291210000621122010000000F08E006AAAAAAAAAAAA805EC6D301", "text");
}

static void
assert_no_text (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), NULL));
  assert_false (ea_sms_has_text (&deliver.user_data, deliver.pid, deliver.dcs));
  assert_null (ea_sms_decode_text (&deliver.user_data, deliver.dcs, &error));
  assert_core_error (&error, code);
}

static void
test_data_compressed_and_national_texts_are_no_text (void **state)
{
  assert_no_text ("04029121000462112201000000024142", EA_CORE_ERROR_UNSUPPORTED);
  assert_no_text ("04029121002062112201000000024142", EA_CORE_ERROR_UNSUPPORTED);
  assert_no_text ("440291210000621122010000000603250101C103", EA_CORE_ERROR_UNSUPPORTED);
}

/* @hex is of user data from TP-UDL on. */
static void
assert_length (const char *hex, guint8 dcs, gboolean has_header, gboolean agrees)
{
  g_autoptr (GBytes) octets = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSmsUserData data;
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (octets));
  if (!ea_sms_read_user_data (&reader, dcs, has_header, EA_SMS_USER_DATA_MAX, &data, &error))
    fail_msg ("%s: %s", hex, error->message);
  if (ea_sms_length_agrees (&data, dcs) != agrees)
    fail_msg ("%s: the length %s", hex, agrees ? "does not agree" : "agrees");
}

static void
test_length_that_is_too_small_is_told (void **state)
{
  assert_length ("024142", 0x04, FALSE, TRUE);
  assert_length ("00", 0x04, FALSE, TRUE);
  assert_length ("014142", 0x04, FALSE, FALSE);
  assert_length ("0502700041 42", 0x04, TRUE, TRUE);
  assert_length ("0402700041 42", 0x04, TRUE, FALSE);
}

/* 8 septets are 7 octets, 7 septets too, and 6 are not */
static void
test_length_in_septets_is_compared_in_octets (void **state)
{
  assert_length ("0861626364656667", 0x00, FALSE, TRUE);
  assert_length ("0761626364656667", 0x00, FALSE, TRUE);
  assert_length ("0661626364656667", 0x00, FALSE, FALSE);
}

/* TS 23.040 §9.2.3.16: octets after compression, in any alphabet */
static void
test_length_of_compressed_text_is_in_octets (void **state)
{
  g_autoptr (GBytes) payload = bytes_of ("61626364656667");
  EaSmsUserData data = { .payload = ea_span_from_bytes (payload), .length = 8 };
  g_auto (EaWriter) writer = { 0 };

  assert_length ("0761626364656667", 0x20, FALSE, TRUE);
  assert_length ("0661626364656667", 0x20, FALSE, FALSE);
  ea_writer_init (&writer);
  assert_true (ea_sms_write_user_data (&writer, &data, 0x20, EA_SMS_USER_DATA_MAX, NULL));
  assert_span_is (ea_writer_span (&writer), "0761626364656667");
}

static void
test_text_for_the_card_is_no_text (void **state)
{
  const EaSmsUserData data = { .length = 0 };
  const EaSmsUserData packet = { .secured = EA_SMS_SECURED_COMMAND };

  assert_true (ea_sms_has_text (&data, 0x00, 0x00));
  assert_true (ea_sms_has_text (&data, 0x7B, 0x00));
  assert_false (ea_sms_has_text (&data, 0x7C, 0x00));
  assert_false (ea_sms_has_text (&data, 0x7F, 0x00));
  assert_true (ea_sms_has_text (&data, 0x80, 0x00));
  assert_false (ea_sms_has_text (&packet, 0x00, 0x00));
}

static void
test_segment_that_ends_between_surrogates_is_truncated (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of ("04029121000862112201000000040041D83D");
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  assert_true (ea_sms_parse_deliver (&deliver, ea_span_from_bytes (tpdu), NULL));
  assert_null (ea_sms_decode_text (&deliver.user_data, deliver.dcs, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
}

/* TS 23.038 §4 */
static void
test_scheme_says_what_the_standard_says_in_every_group (void **state)
{
  EaSmsScheme scheme = ea_sms_parse_scheme (0x35);

  assert_true (scheme.is_compressed);
  assert_int_equal (scheme.message_class, EA_SMS_CLASS_1);
  assert_int_equal (scheme.alphabet, EA_TEXT_ALPHABET_8BIT);
  assert_false (scheme.is_deleted_automatically);

  assert_true (ea_sms_parse_scheme (0x40).is_deleted_automatically);
  assert_true (ea_sms_parse_scheme (0x7F).is_deleted_automatically);
  assert_true (ea_sms_parse_scheme (0x80).is_reserved);
  assert_true (ea_sms_parse_scheme (0xBF).is_reserved);
  assert_false (ea_sms_parse_scheme (0xC0).is_reserved);
  assert_false (ea_sms_parse_scheme (0xF0).is_reserved);
}

static void
test_scheme_tells_which_messages_wait (void **state)
{
  EaSmsScheme discard = ea_sms_parse_scheme (0xC8);
  EaSmsScheme store = ea_sms_parse_scheme (0xD2);
  EaSmsScheme ucs2 = ea_sms_parse_scheme (0xEB);

  assert_int_equal (discard.waiting, EA_SMS_WAITING_DISCARD);
  assert_true (discard.is_active);
  assert_int_equal (discard.indication, EA_SMS_INDICATION_VOICEMAIL);
  assert_int_equal (store.waiting, EA_SMS_WAITING_STORE);
  assert_false (store.is_active);
  assert_int_equal (store.indication, EA_SMS_INDICATION_EMAIL);
  assert_int_equal (ucs2.waiting, EA_SMS_WAITING_STORE);
  assert_int_equal (ucs2.alphabet, EA_TEXT_ALPHABET_UCS2);
  assert_int_equal (ucs2.indication, EA_SMS_INDICATION_OTHER);
  assert_int_equal (ea_sms_parse_scheme (0x00).waiting, EA_SMS_WAITING_NONE);
}

static void
assert_not_written (const EaSmsUserData *data, guint8 dcs, EaCoreError code)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  assert_false (ea_sms_write_user_data (&writer, data, dcs, EA_SMS_USER_DATA_MAX, &error));
  assert_core_error (&error, code);
  assert_int_equal (ea_writer_span (&writer).size, 0);
}

static void
test_user_data_that_can_not_be_said_are_not_written (void **state)
{
  g_autoptr (GBytes) octets = make_packet (EA_SMS_USER_DATA_MAX + 1);
  EaSpan longer = ea_span_from_bytes (octets);
  EaSpan header = ea_span_head (longer, 3);

  assert_not_written (&(EaSmsUserData){ .payload = longer }, 0x04, EA_CORE_ERROR_LIMIT);
  assert_not_written (&(EaSmsUserData){ .has_header = TRUE,
                                        .payload = ea_span_head (longer, EA_SMS_USER_DATA_MAX) },
                      0x04, EA_CORE_ERROR_LIMIT);
  assert_not_written (&(EaSmsUserData){ .header = header }, 0x04, EA_CORE_ERROR_MALFORMED);
  assert_not_written (&(EaSmsUserData){ .payload = header, .length = 4 }, 0x00,
                      EA_CORE_ERROR_MALFORMED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_packet_of_137_bytes_goes_alone),
    cmocka_unit_test (test_packet_of_138_bytes_goes_in_two_segments),
    cmocka_unit_test (test_segments_are_filled_up_before_the_next_one),
    cmocka_unit_test (test_wide_reference_takes_one_byte_of_each_segment),
    cmocka_unit_test (test_packet_has_at_most_255_segments),
    cmocka_unit_test (test_segment_becomes_user_data_of_a_message),
    cmocka_unit_test (test_proof_of_receipt_goes_to_the_sender_as_others_send_it),
    cmocka_unit_test (test_long_packet_goes_in_concatenated_messages),
    cmocka_unit_test (test_packet_that_can_not_be_sent_makes_no_messages),
    cmocka_unit_test (test_command_packet_goes_to_the_card_as_a_service_centre_delivers_it),
    cmocka_unit_test (test_long_packet_is_delivered_in_concatenated_messages),
    cmocka_unit_test (test_packet_that_can_not_be_delivered_makes_no_messages),
    cmocka_unit_test (test_user_data_that_are_no_segment_are_refused),
    cmocka_unit_test (test_elements_have_the_names_of_the_standard),
    cmocka_unit_test (test_elements_are_read_one_by_one_and_written_alike),
    cmocka_unit_test (test_text_begins_at_the_next_septet_after_the_header),
    cmocka_unit_test (test_data_compressed_and_national_texts_are_no_text),
    cmocka_unit_test (test_length_that_is_too_small_is_told),
    cmocka_unit_test (test_length_in_septets_is_compared_in_octets),
    cmocka_unit_test (test_length_of_compressed_text_is_in_octets),
    cmocka_unit_test (test_text_for_the_card_is_no_text),
    cmocka_unit_test (test_segment_that_ends_between_surrogates_is_truncated),
    cmocka_unit_test (test_scheme_says_what_the_standard_says_in_every_group),
    cmocka_unit_test (test_scheme_tells_which_messages_wait),
    cmocka_unit_test (test_user_data_that_can_not_be_said_are_not_written),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
