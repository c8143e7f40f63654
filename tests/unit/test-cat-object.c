/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Data objects of the toolkit (agent/core/cat-object.h, cat-value.h, cat-number.h, cat-bearer.h and
 * cat-location.h) against TS 102 223 §8, TS 31.111 §8 and what other implementations read and write.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cat-nouns.h"
#include "core/cat-name.h"
#include "core/text.h"
#include "helpers.h"
#include "vectors.h"

static CatRewriteFunc
find_noun (guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cat_nouns); i++)
    if (cat_nouns[i].tag == tag)
      return cat_nouns[i].rewrite;
  fail_msg ("tag %X has no parser", tag);
  return NULL;
}

static void
assert_kept (EaCatTag tag, const char *hex)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) value = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  gboolean is_untouched;

  ea_writer_init (&writer);
  if (!find_noun ((guint32) tag) (ea_span_from_bytes (value), &writer, &is_untouched, &error))
    fail_msg ("%s %s: %s", ea_cat_get_tag_name ((guint32) tag), hex, error->message);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
assert_refused (EaCatTag tag, const char *hex, EaCoreError code, const char *message)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) value = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  gboolean is_untouched = FALSE;

  ea_writer_init (&writer);
  if (find_noun ((guint32) tag) (ea_span_from_bytes (value), &writer, &is_untouched, &error))
    fail_msg ("%s %s is read", ea_cat_get_tag_name ((guint32) tag), hex);
  assert_true (is_untouched);
  assert_string_equal (error->message, message);
  assert_core_error (&error, code);
}

/* Good values: the sizes and codings of the standard, with examples of other implementations. */
static const struct
{
  EaCatTag tag;
  const char *hex;
} good[] = {
  { EA_CAT_TAG_COMMAND_DETAILS, "014001" },
  { EA_CAT_TAG_DEVICE_IDENTITIES, "8182" },
  { EA_CAT_TAG_RESULT, "00" },
  { EA_CAT_TAG_RESULT, "3A07" },
  { EA_CAT_TAG_DURATION, "011E" },
  { EA_CAT_TAG_ADDRESS, "91112233445566 77F8" },
  { EA_CAT_TAG_ADDRESS, "91" },
  { EA_CAT_TAG_SS_STRING, "91AA120A214365870921436587A901FB" },
  { EA_CAT_TAG_ITEM, "" },
  { EA_CAT_TAG_ITEM, "11" },
  { EA_CAT_TAG_ITEM, "114F6E65" },
  { EA_CAT_TAG_RESPONSE_LENGTH, "0514" },
  { EA_CAT_TAG_FILE_LIST, "00" },
  { EA_CAT_TAG_FILE_LIST, "02 3F007FFF6F07 3F002FE2" },
  { EA_CAT_TAG_LOCATION_INFORMATION, "62F2201234" },
  { EA_CAT_TAG_LOCATION_INFORMATION, "62F22012340001" },
  { EA_CAT_TAG_LOCATION_INFORMATION, "62F220123400000001" },
  { EA_CAT_TAG_LOCATION_INFORMATION, "62F220 123456 0123456789" },
  { EA_CAT_TAG_IMEI, "1A32547698103254" },
  { EA_CAT_TAG_IMEISV, "1332547698103254F6" },
  { EA_CAT_TAG_CAUSE, "" },
  { EA_CAT_TAG_CAUSE, "E090" },
  { EA_CAT_TAG_CAUSE, "608090" },
  { EA_CAT_TAG_CAUSE, "E09081" },
  { EA_CAT_TAG_ICON_IDENTIFIER, "0007" },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, "01050505" },
  { EA_CAT_TAG_TIMER_VALUE, "009592" },
  { EA_CAT_TAG_TIMER_VALUE, "329595" },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "22705221436580" },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "227052214365FF" },
  { EA_CAT_TAG_TIMING_ADVANCE, "0005" },
  { EA_CAT_TAG_BEARER_DESCRIPTION, "03" },
  { EA_CAT_TAG_BEARER_DESCRIPTION, "02030403041F02" },
  { EA_CAT_TAG_CHANNEL_STATUS, "8100" },
  { EA_CAT_TAG_CHANNEL_STATUS, "4200" },
  { EA_CAT_TAG_CHANNEL_STATUS, "3F05" },
  { EA_CAT_TAG_TRANSPORT_LEVEL, "0201BB" },
  { EA_CAT_TAG_OTHER_ADDRESS, "" },
  { EA_CAT_TAG_OTHER_ADDRESS, "21C0000201" },
  { EA_CAT_TAG_OTHER_ADDRESS, "5720010DB8000000000000000000000001" },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, "2108080808" },
  { EA_CAT_TAG_DISPLAY_PARAMETERS, "102080" },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, "001001" },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, "001001B4" },
  { EA_CAT_TAG_ROUTING_AREA_INFORMATION, "62F220123456" },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, "00F1100001" },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, "00F110000001" },
  { EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, "010203040506" },
};

static void
test_good_values_are_written_as_they_were_read (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    assert_kept (good[i].tag, good[i].hex);
}

static void
try_truncation (EaSpan span, gpointer user_data)
{
  const CatRewriteFunc *rewrite = user_data;
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_untouched = FALSE;

  ea_writer_init (&writer);
  if ((*rewrite) (span, &writer, &is_untouched, &error))
    {
      assert_true (ea_span_equal (ea_writer_span (&writer), span));
      return;
    }
  assert_true (is_untouched);
  assert_non_null (error);
}

static void
test_truncated_values_are_refused_or_written_alike (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) value = bytes_of (good[i].hex);
      CatRewriteFunc rewrite = find_noun ((guint32) good[i].tag);

      parse_truncations (ea_span_from_bytes (value), try_truncation, &rewrite);
    }
}

static void
test_values_of_a_wrong_size_are_refused_with_both_sizes (void **state)
{
  static const struct
  {
    EaCatTag tag;
    const char *hex;
    const char *message;
  } bad[] = {
    { EA_CAT_TAG_COMMAND_DETAILS, "0140", "Value of command details has 2 bytes, not 3" },
    { EA_CAT_TAG_COMMAND_DETAILS, "01400000", "Value of command details has 4 bytes, not 3" },
    { EA_CAT_TAG_DEVICE_IDENTITIES, "818283", "Value of device identities has 3 bytes, not 2" },
    { EA_CAT_TAG_RESULT, "", "Value of result has 0 bytes, less than 1" },
    { EA_CAT_TAG_DURATION, "01", "Value of duration has 1 bytes, not 2" },
    { EA_CAT_TAG_ADDRESS, "", "Value of address has 0 bytes, less than 1" },
    { EA_CAT_TAG_RESPONSE_LENGTH, "051401", "Value of response length has 3 bytes, not 2" },
    { EA_CAT_TAG_LOCATION_INFORMATION, "62F220123400",
      "Value of location information has 6 bytes, not 5, 7, 9 or 11" },
    { EA_CAT_TAG_LOCATION_INFORMATION, "62F22012340000000100",
      "Value of location information has 10 bytes, not 5, 7, 9 or 11" },
    { EA_CAT_TAG_IMEI, "1A325476981032", "Value of IMEI has 7 bytes, not 8" },
    { EA_CAT_TAG_ICON_IDENTIFIER, "000708", "Value of icon identifier has 3 bytes, not 2" },
    { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, "01",
      "Value of item icon identifier list has 1 bytes, less than 2" },
    { EA_CAT_TAG_CAUSE, "60", "Cause of 1 bytes ends before its cause value" },
    { EA_CAT_TAG_TRANSPORT_LEVEL, "0201BB00",
      "Value of UICC/terminal interface transport level has 4 bytes, not 3" },
    { EA_CAT_TAG_OTHER_ADDRESS, "21C000020102", "Value of other address has 6 bytes, not 5" },
    { EA_CAT_TAG_OTHER_ADDRESS, "57C0000201", "Value of other address has 5 bytes, not 17" },
    { EA_CAT_TAG_DNS_SERVER_ADDRESS, "", "Value of DNS server address has 0 bytes, less than 5" },
    { EA_CAT_TAG_ROUTING_AREA_INFORMATION, "62F2201234",
      "Value of routing area information has 5 bytes, not 6" },
    { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, "62F22012",
      "Value of tracking area identification has 4 bytes, less than 5" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i].tag, bad[i].hex, EA_CORE_ERROR_MALFORMED, bad[i].message);
}

static void
test_values_that_cannot_be_are_refused (void **state)
{
  assert_refused (EA_CAT_TAG_TIMER_VALUE, "420000", EA_CORE_ERROR_MALFORMED,
                  "Timer value 420000 is no time of at most 23:59:59");
  assert_refused (EA_CAT_TAG_TIMER_VALUE, "000006", EA_CORE_ERROR_MALFORMED,
                  "Timer value 000006 is no time of at most 23:59:59");
  assert_refused (EA_CAT_TAG_TIMER_VALUE, "0000A0", EA_CORE_ERROR_MALFORMED,
                  "Timer value 0000A0 is no time of at most 23:59:59");
  assert_refused (EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "22315221436580", EA_CORE_ERROR_MALFORMED,
                  "Value 22315221436580 is no date, time and time zone");
  assert_refused (EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "227052214365A7", EA_CORE_ERROR_MALFORMED,
                  "Value 227052214365A7 is no date, time and time zone");
}

static void
test_file_list_has_as_many_paths_as_it_says (void **state)
{
  assert_refused (EA_CAT_TAG_FILE_LIST, "01 3F002FE2 3F002F05", EA_CORE_ERROR_MALFORMED,
                  "File list has 2 paths, not 1 as it says");
  assert_refused (EA_CAT_TAG_FILE_LIST, "02 3F002FE2", EA_CORE_ERROR_MALFORMED,
                  "File list has 1 paths, not 2 as it says");
  assert_refused (EA_CAT_TAG_FILE_LIST, "01 3F002F", EA_CORE_ERROR_MALFORMED,
                  "File list of 4 bytes ends with 1 byte of a file identifier of 2");
}

static void
test_identities_have_decimal_digits (void **state)
{
  g_autoptr (GBytes) imei = bytes_of ("1A32547698103254");
  g_autoptr (GBytes) imeisv = bytes_of ("1332547698103254F6");
  EaCatEquipmentIdentity identity;

  assert_true (ea_cat_parse_imei (&identity, ea_span_from_bytes (imei), NULL));
  assert_string_equal (identity.digits, "123456789012345");
  assert_true (ea_cat_parse_imeisv (&identity, ea_span_from_bytes (imeisv), NULL));
  assert_string_equal (identity.digits, "1234567890123456");
  assert_refused (EA_CAT_TAG_IMEI, "1AB2547698103254", EA_CORE_ERROR_MALFORMED,
                  "Digit 3 of the IMEI is B");
}

/* TS 24.008 §10.5.1.4: odd number of digits and type IMEI; even number, type IMEISV and F at the end */
static void
test_identities_coded_otherwise_are_refused_but_have_their_digits (void **state)
{
  g_autoptr (GBytes) imei = bytes_of ("1232547698103254");
  g_autoptr (GBytes) imeisv = bytes_of ("1B3254769810325406");
  EaCatEquipmentIdentity identity;

  assert_refused (EA_CAT_TAG_IMEI, "1232547698103254", EA_CORE_ERROR_MALFORMED,
                  "Type of identity before the digits of the IMEI is 2, not A");
  assert_refused (EA_CAT_TAG_IMEISV, "1B32547698103254F6", EA_CORE_ERROR_MALFORMED,
                  "Type of identity before the digits of the IMEISV is B, not 3");
  assert_refused (EA_CAT_TAG_IMEISV, "133254769810325406", EA_CORE_ERROR_MALFORMED,
                  "Filler after the digits of the IMEISV is 0, not F");
  assert_true (ea_cat_parse_imei_digits (&identity, ea_span_from_bytes (imei), NULL));
  assert_string_equal (identity.digits, "123456789012345");
  assert_true (ea_cat_parse_imeisv_digits (&identity, ea_span_from_bytes (imeisv), NULL));
  assert_string_equal (identity.digits, "1234567890123456");
}

static void
test_digit_that_is_none_is_pointed_to (void **state)
{
  static const struct
  {
    const char *hex;
    gsize offset;
    const char *message;
  } cases[] = {
    { "A332547698103254F6", 0, "Digit 1 of the IMEISV is A" },
    { "1332547698103B54F6", 6, "Digit 12 of the IMEISV is B" },
    { "133254769810325CF6", 7, "Digit 14 of the IMEISV is C" },
    { "13325476981032D4F6", 7, "Digit 15 of the IMEISV is D" },
    { "1332547698103254FE", 8, "Digit 16 of the IMEISV is E" },
    { "133254769810325406", 8, "Filler after the digits of the IMEISV is 0, not F" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (cases[i].hex);
      EaSpan value = ea_span_from_bytes (bytes);
      g_autoptr (GError) error = NULL;
      EaCatEquipmentIdentity identity;
      gsize offset = G_MAXSIZE;

      assert_false (ea_cat_parse_imeisv (&identity, value, &error));
      assert_true (ea_core_error_get_offset (error, value.data, value.size, &offset));
      assert_string_equal (error->message, cases[i].message);
      assert_int_equal (offset, cases[i].offset);
    }
}

static void
test_text_attribute_may_have_no_colour (void **state)
{
  g_autoptr (GBytes) plain = bytes_of ("001001");
  g_autoptr (GBytes) coloured = bytes_of ("001001B4");
  EaCatTextAttribute attribute;

  assert_true (ea_cat_parse_text_attribute (&attribute, ea_span_from_bytes (plain), NULL));
  assert_false (attribute.has_colour);
  assert_int_equal (attribute.mode, 1);
  assert_true (ea_cat_parse_text_attribute (&attribute, ea_span_from_bytes (coloured), NULL));
  assert_true (attribute.has_colour);
  assert_int_equal (attribute.colour, 0xB4);
  assert_refused (EA_CAT_TAG_TEXT_ATTRIBUTE, "0010", EA_CORE_ERROR_MALFORMED,
                  "Value of text attribute has 2 bytes, less than 3");
  assert_refused (EA_CAT_TAG_TEXT_ATTRIBUTE, "001001B400", EA_CORE_ERROR_MALFORMED,
                  "Value of text attribute has 5 bytes, more than 4");
}

static void
test_digits_are_text_and_back (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) octets = bytes_of ("AA120A2143658709214365 87A901FB");
  g_autofree char *text = ea_cat_digits_to_text (ea_span_from_bytes (octets));
  g_autoptr (GError) error = NULL;

  assert_string_equal (text, "**21*01234567890123456789*10#");
  ea_writer_init (&writer);
  assert_true (ea_cat_write_digits (&writer, text, NULL));
  assert_span_is (ea_writer_span (&writer), "AA120A214365870921436587A901FB");
  assert_false (ea_cat_write_digits (&writer, "12x", &error));
  assert_string_equal (error->message, "Character 3 of the number \"12x\" is no digit");
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  assert_int_equal (ea_writer_span (&writer).size, 15);
}

static void
test_times_are_read_as_iso_8601 (void **state)
{
  static const struct
  {
    const char *hex;
    const char *text;
  } times[] = {
    { "22705221436580", "2022-07-25T12:34:56+02:00" },
    { "2270522143658A", "2022-07-25T12:34:56-07:00" },
    { "22705221436500", "2022-07-25T12:34:56+00:00" },
    { "227052214365FF", "2022-07-25T12:34:56" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (GBytes) value = bytes_of (times[i].hex);
      g_autofree char *text = NULL;
      EaCatDateTime date_time;

      assert_true (ea_cat_parse_date_time (&date_time, ea_span_from_bytes (value), NULL));
      text = ea_cat_date_time_to_text (&date_time);
      assert_string_equal (text, times[i].text);
    }
}

static void
assert_name (const char *hex, const char *expected)
{
  g_autoptr (GBytes) value = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ea_cat_parse_network_access_name (ea_span_from_bytes (value), &error);

  if (expected == NULL)
    {
      assert_null (name);
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
      return;
    }
  assert_non_null (name);
  assert_string_equal (name, expected);
}

/* TS 23.003 §9.1, and cards that write no lengths */
static void
test_access_name_is_labels_or_plain_text (void **state)
{
  assert_name ("03696F74", "iot");
  assert_name ("0654657374477002 7273", "TestGp.rs");
  assert_name ("03696F7400", "iot");
  assert_name ("", "");
  assert_name ("00", "");
  assert_name ("696F742E6465", "iot.de");
  assert_name ("076D656761666F6E2E7275", "megafon.ru"); /* a card in the field */
  assert_name ("03696F7404", NULL);
  assert_name ("03696F0A", NULL);
  assert_name ("036900740469", NULL);
}

static void
test_access_name_is_written_as_labels (void **state)
{
  g_auto (EaWriter) writer = { 0 };
  g_autofree char *longest = g_strnfill (63, 'a');
  g_autofree char *longer = g_strnfill (64, 'a');
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  assert_true (ea_cat_write_network_access_name (&writer, "TestGp.rs", NULL));
  assert_span_is (ea_writer_span (&writer), "06546573744770027273");
  assert_true (ea_cat_write_network_access_name (&writer, longest, NULL));
  assert_int_equal (ea_writer_span (&writer).size, 10 + 64);
  assert_false (ea_cat_write_network_access_name (&writer, longer, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_false (ea_cat_write_network_access_name (&writer, "a..b", &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_int_equal (ea_writer_span (&writer).size, 10 + 64);
}

static void
assert_address (const char *hex, const char *expected)
{
  g_autoptr (GBytes) value = bytes_of (hex);
  g_autofree char *text = NULL;
  EaCatOtherAddress address;

  assert_true (ea_cat_parse_other_address (&address, ea_span_from_bytes (value), NULL));
  text = ea_cat_other_address_to_text (&address);
  if (expected == NULL)
    assert_null (text);
  else
    assert_string_equal (text, expected);
}

/* RFC 5952 §4 and §5 */
static void
test_addresses_are_text_in_the_recommended_form (void **state)
{
  assert_address ("", NULL);
  assert_address ("21C0000201", "192.0.2.1");
  assert_address ("21FFFFFFFF", "255.255.255.255");
  assert_address ("5720010DB8000000000000000000000001", "2001:db8::1");
  assert_address ("5700000000000000000000000000000000", "::");
  assert_address ("5700000000000000000000000000000001", "::1");
  assert_address ("5720010DB8000000010001000100010001", "2001:db8:0:1:1:1:1:1");
  assert_address ("5720010DB8000000000001000000000001", "2001:db8::1:0:0:1");
  assert_address ("5720010000000000010000000000000001", "2001:0:0:1::1");
  assert_address ("57FE80000000000000ABCD000000000000", "fe80::abcd:0:0:0");
}

static void
test_channel_status_tells_channel_link_and_cause (void **state)
{
  g_autoptr (GBytes) established = bytes_of ("8300");
  g_autoptr (GBytes) listening = bytes_of ("4100");
  g_autoptr (GBytes) dropped = bytes_of ("0205");
  EaCatChannelStatus status;

  assert_true (ea_cat_parse_channel_status (&status, ea_span_from_bytes (established), NULL));
  assert_int_equal (status.channel, 3);
  assert_true (status.is_established);
  assert_false (status.is_listening);
  assert_true (ea_cat_parse_channel_status (&status, ea_span_from_bytes (listening), NULL));
  assert_int_equal (status.channel, 1);
  assert_false (status.is_established);
  assert_true (status.is_listening);
  assert_true (ea_cat_parse_channel_status (&status, ea_span_from_bytes (dropped), NULL));
  assert_int_equal (status.channel, 2);
  assert_false (status.is_established);
  assert_int_equal (status.information, EA_CAT_CHANNEL_LINK_DROPPED);
}

/* TS 24.008 §10.5.1.3: 62 F2 20 is 262 02, 13 00 14 is 310 410 */
static void
test_plmn_has_an_mnc_of_two_or_three_digits (void **state)
{
  g_autoptr (GBytes) octets = bytes_of ("62F220 130014 FFFFFF");
  EaReader reader;
  EaCatPlmn plmn;

  ea_reader_init (&reader, ea_span_from_bytes (octets));
  ea_cat_read_plmn (&plmn, &reader);
  assert_string_equal (plmn.mcc, "262");
  assert_string_equal (plmn.mnc, "02");
  ea_cat_read_plmn (&plmn, &reader);
  assert_string_equal (plmn.mcc, "310");
  assert_string_equal (plmn.mnc, "410");
  ea_cat_read_plmn (&plmn, &reader);
  assert_string_equal (plmn.mcc, "FFF");
  assert_string_equal (plmn.mnc, "FF");
  assert_true (ea_reader_done (&reader));
}

static void
assert_fields (const char *hex, gsize n_expected, const char *last)
{
  g_autoptr (GBytes) value = bytes_of (hex);
  const EaCatBearerField *fields;
  EaCatBearerDescription bearer;
  gsize n_fields;

  assert_true (ea_cat_parse_bearer_description (&bearer, ea_span_from_bytes (value), NULL));
  fields = ea_cat_get_bearer_fields (&bearer, &n_fields);
  assert_int_equal (n_fields, n_expected);
  if (n_expected > 0)
    assert_string_equal (fields[n_fields - 1].name, last);
}

/* TS 31.111 §8.52.1 to §8.52.6 */
static void
test_bearers_have_their_parameters_by_type_and_size (void **state)
{
  assert_fields ("01010203", 3, "connection_element");
  assert_fields ("02030403041F02", 6, "packet_data_protocol_type");
  assert_fields ("09 01 0102 0304 0506 0708 090A0B0C0D0E0F 02", 13, "pdp_type");
  assert_fields ("0B0901", 2, "pdn_type");
  assert_fields ("0B090102030401", 6, "pdn_type");
  assert_fields ("0B09010203040506070801", 10, "pdn_type");
  assert_fields ("0C01", 1, "pdu_session_type");
  assert_fields ("03", 0, NULL);
  assert_fields ("020304", 0, NULL);
  assert_fields ("0501020304", 0, NULL);
}

/* Every length that is coded differently: TS 101 220 §7.1.2. */
static void
test_objects_have_the_length_that_their_value_needs (void **state)
{
  static const struct
  {
    gsize size;
    const char *head;
  } sizes[]
      = { { 0, "B600" },     { 127, "B67F" },     { 128, "B68180" },     { 237, "B681ED" },
          { 255, "B681FF" }, { 256, "B6820100" }, { 65535, "B682FFFF" }, { 65536, "B683010000" } };
  g_autofree guint8 *zeroes = g_malloc0 (65536);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (EaWriter) writer = { 0 };
      g_autoptr (GBytes) head = bytes_of (sizes[i].head);

      ea_writer_init (&writer);
      ea_cat_write_object (&writer, EA_CAT_TAG_CHANNEL_DATA, TRUE,
                           ea_span_init (zeroes, sizes[i].size));
      assert_true (ea_span_has_prefix (ea_writer_span (&writer), ea_span_from_bytes (head)));
      assert_int_equal (ea_writer_span (&writer).size, g_bytes_get_size (head) + sizes[i].size);
    }
}

static void
test_objects_that_share_a_tag_have_their_own_names (void **state)
{
  g_auto (EaWriter) writer = { 0 };

  assert_string_equal (ea_cat_get_tag_name (EA_CAT_TAG_DISPLAY_PARAMETERS), "display parameters");
  assert_string_equal (ea_cat_get_tag_name (EA_CAT_TAG_DNS_SERVER_ADDRESS), "DNS server address");
  assert_string_equal (ea_cat_get_tag_clause (EA_CAT_TAG_DNS_SERVER_ADDRESS), "TS 102 223 §8.104");
  assert_null (ea_cat_get_tag_name (0x3D));
  assert_null (ea_cat_get_tag_clause (0x123));
  ea_writer_init (&writer);
  ea_cat_write_object (&writer, EA_CAT_TAG_DNS_SERVER_ADDRESS, FALSE, EA_SPAN_EMPTY);
  assert_span_is (ea_writer_span (&writer), "4000");
}

static void
test_values_have_the_names_of_the_standard_or_none (void **state)
{
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_DEVICE, 0x21), "channel 1");
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_DEVICE, 0x82), "terminal");
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_EVENT, 0x0A), "channel status");
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_ACCESS_TECHNOLOGY, 0x08), "E-UTRAN");
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_UPDATE_ATTACH_TYPE, 0x11),
                       "periodic registration updating");
  assert_string_equal (ea_cat_get_name (EA_CAT_NAMES_TRANSPORT_PROTOCOL, 0x00),
                       "port of CAT_TP (PUSH)");
  assert_null (ea_cat_get_name (EA_CAT_NAMES_DEVICE, 0x30));
  assert_null (ea_cat_get_name (EA_CAT_NAMES_EVENT, 0x1A));
  assert_null (ea_cat_get_name (EA_CAT_NAMES_BEARER_TYPE, 0x00));
}

static gboolean
check_pysim_row (const Vector *vector)
{
  g_autofree char *text = NULL;
  EaCatOtherAddress address;
  EaReader reader;
  guint64 value;
  EaTlv tlv;

  if (!g_str_has_prefix (vector->id, "pysim-cat-"))
    return FALSE;
  ea_reader_init (&reader, ea_span_from_bytes (vector->bytes));
  assert_true (ea_tlv_read_comprehension (&reader, &tlv, NULL));
  assert_true (json_get_number_string (vector->expected, "tag", 16, &value));
  vector_assert_number (vector, "tag", tlv.tag | 0x80, value);
  vector_assert (vector, tlv.is_comprehension_required, "comprehension is required");

  if (vector_get_string (vector, "text") != NULL)
    {
      guint8 dcs;
      gint64 expected;

      text = ea_text_decode_text_string (tlv.value, &dcs, NULL);
      assert_true (json_get_integer (vector->expected, "dcs", &expected));
      vector_assert_number (vector, "dcs", dcs, (guint64) expected);
      vector_assert_string (vector, "text", text, vector_get_string (vector, "text"));
    }
  else if (vector_get_string (vector, "addr") != NULL)
    {
      assert_true (ea_cat_parse_other_address (&address, tlv.value, NULL));
      text = ea_cat_other_address_to_text (&address);
      vector_assert_string (vector, "address", text, vector_get_string (vector, "addr"));
      vector_assert_string (vector, "type", vector_get_string (vector, "type"), "ipv4");
    }
  else if (vector_get_string (vector, "apn") != NULL)
    {
      text = ea_cat_parse_network_access_name (tlv.value, NULL);
      vector_assert_string (vector, "apn", text, vector_get_string (vector, "apn"));
    }
  else
    {
      vector_assert_string (vector, "bearer", vector_get_string (vector, "bearer"), "default");
      assert_span_is (tlv.value, "03");
    }
  return TRUE;
}

static void
test_objects_of_another_implementation_are_read_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("comprehension-tlv.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < vectors->len; i++)
    n_checked += check_pysim_row (vectors->pdata[i]) ? 1 : 0;
  assert_int_equal (n_checked, 4);
  vectors_report ("comprehension-tlv.tsv", n_checked, vectors->len, "no toolkit objects");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_good_values_are_written_as_they_were_read),
    cmocka_unit_test (test_truncated_values_are_refused_or_written_alike),
    cmocka_unit_test (test_values_of_a_wrong_size_are_refused_with_both_sizes),
    cmocka_unit_test (test_values_that_cannot_be_are_refused),
    cmocka_unit_test (test_file_list_has_as_many_paths_as_it_says),
    cmocka_unit_test (test_identities_have_decimal_digits),
    cmocka_unit_test (test_identities_coded_otherwise_are_refused_but_have_their_digits),
    cmocka_unit_test (test_digit_that_is_none_is_pointed_to),
    cmocka_unit_test (test_text_attribute_may_have_no_colour),
    cmocka_unit_test (test_digits_are_text_and_back),
    cmocka_unit_test (test_times_are_read_as_iso_8601),
    cmocka_unit_test (test_access_name_is_labels_or_plain_text),
    cmocka_unit_test (test_access_name_is_written_as_labels),
    cmocka_unit_test (test_addresses_are_text_in_the_recommended_form),
    cmocka_unit_test (test_channel_status_tells_channel_link_and_cause),
    cmocka_unit_test (test_plmn_has_an_mnc_of_two_or_three_digits),
    cmocka_unit_test (test_bearers_have_their_parameters_by_type_and_size),
    cmocka_unit_test (test_objects_have_the_length_that_their_value_needs),
    cmocka_unit_test (test_objects_that_share_a_tag_have_their_own_names),
    cmocka_unit_test (test_values_have_the_names_of_the_standard_or_none),
    cmocka_unit_test (test_objects_of_another_implementation_are_read_alike),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
