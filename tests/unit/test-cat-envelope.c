/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ENVELOPE (agent/core/cat-envelope.h), events (cat-event.h) and cell broadcast (cat-broadcast.h) against
 * TS 102 223, TS 31.111 and TS 23.041.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cat-broadcast.h"
#include "core/cat-envelope.h"
#include "core/cat-event.h"
#include "core/cat-value.h"
#include "helpers.h"
#include "vectors.h"

/* TS 31.111 §7.1.1: an SMS-DELIVER from +49 1512345678 with a secured packet, and its envelope */
#define DELIVER_HEX                                                                                \
  "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A406" \
  "93DF4FCE92B5A3A849C286D5B96F54940F"
#define DOWNLOAD_HEX                                                                               \
  "D14F82028381860791947107160000"                                                                 \
  "8B40" DELIVER_HEX

static gboolean
parse (EaCatEnvelope *envelope, const char *hex, GError **error)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (bytes);
  gboolean is_read;

  poison (envelope, sizeof *envelope);
  is_read = ea_cat_parse_envelope (envelope, span, error);
  if (!is_read)
    assert_true (is_poisoned (envelope, sizeof *envelope));
  else
    {
      assert_span_inside (envelope->objects, span);
      envelope->objects = EA_SPAN_EMPTY; /* it dies with the bytes */
    }
  return is_read;
}

static void
assert_rejected (const char *hex, EaCoreError code, gsize offset, const char *message)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSpan span = ea_span_from_bytes (bytes);
  EaCatEnvelope envelope;
  gsize actual = G_MAXSIZE;

  assert_false (ea_cat_parse_envelope (&envelope, span, &error));
  assert_string_equal (error->message, message);
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &actual));
  assert_int_equal (actual, offset);
  assert_core_error (&error, code);
}

static void
test_envelope_of_a_short_message_is_the_one_of_the_standard (void **state)
{
  g_autoptr (GBytes) smsc = bytes_of ("91947107160000");
  g_autoptr (GBytes) tpdu = bytes_of (DELIVER_HEX);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope
      = ea_cat_build_sms_pp_download (ea_span_from_bytes (smsc), ea_span_from_bytes (tpdu), &error);

  assert_bytes_are (envelope, DOWNLOAD_HEX);
}

/* TS 31.111 §7.1.1.2: the longest TPDU, 164 bytes, with a service centre of 11 gives 4 + 13 + 167 */
static void
test_longest_message_fits_an_envelope_of_one_apdu (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (256);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) head = bytes_of ("D181B882028381860B");
  g_autoptr (GError) error = NULL;

  envelope = ea_cat_build_sms_pp_download (ea_span_init (zeroes, 11), ea_span_init (zeroes, 164),
                                           &error);

  assert_non_null (envelope);
  assert_true (ea_span_has_prefix (ea_span_from_bytes (envelope), ea_span_from_bytes (head)));
  assert_int_equal (g_bytes_get_size (envelope), 3 + 4 + 13 + 167);
}

static void
test_message_that_would_not_fit_one_apdu_is_refused (void **state)
{
  const gsize frame = 3 + 4 + 3; /* D1 81 LL, device identities, 8B 81 LL */
  g_autofree guint8 *zeroes = g_malloc0 (256);
  g_autoptr (GBytes) longest = NULL;
  g_autoptr (GError) error = NULL;

  longest
      = ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_init (zeroes, 255 - frame), &error);
  assert_non_null (longest);
  assert_int_equal (g_bytes_get_size (longest), 255);

  assert_null (
      ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, ea_span_init (zeroes, 256 - frame), &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

/* L1: an object of 128 bytes or more has a long length, and so has the envelope */
static void
test_object_of_more_than_127_bytes_has_a_long_length (void **state)
{
  static const struct
  {
    gsize size;
    const char *head;
  } sizes[] = { { 121, "D17F820283818B79" },
                { 122, "D18180820283818B7A" },
                { 127, "D18185820283818B7F" },
                { 128, "D18187820283818B8180" },
                { 237, "D181F4820283818B81ED" } };
  g_autofree guint8 *zeroes = g_malloc0 (256);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) head = bytes_of (sizes[i].head);
      g_autoptr (GBytes) envelope = ea_cat_build_sms_pp_download (
          EA_SPAN_EMPTY, ea_span_init (zeroes, sizes[i].size), NULL);

      assert_non_null (envelope);
      assert_true (ea_span_has_prefix (ea_span_from_bytes (envelope), ea_span_from_bytes (head)));
      assert_int_equal (g_bytes_get_size (envelope), g_bytes_get_size (head) + sizes[i].size);
    }
}

static void
test_menu_selection_says_the_item_and_whether_help_is_wanted (void **state)
{
  g_autoptr (GBytes) plain = ea_cat_build_menu_selection (2, FALSE);
  g_autoptr (GBytes) help = ea_cat_build_menu_selection (2, TRUE);

  assert_bytes_are (plain, "D30782020181900102");
  assert_bytes_are (help, "D309820201819001021500");
}

static void
test_timer_expiration_says_how_long_the_timer_ran (void **state)
{
  const EaCatTimerValue half_an_hour = { .minutes = 30 };
  const EaCatTimerValue longest = { 23, 59, 58 };
  g_autoptr (GBytes) first = ea_cat_build_timer_expiration (1, &half_an_hour);
  g_autoptr (GBytes) last = ea_cat_build_timer_expiration (8, &longest);

  assert_bytes_are (first, "D70C82028281A40101A503000300");
  assert_bytes_are (last, "D70C82028281A40108A503329585");
}

/* TS 31.111 §7.3.2.2: RP destination, TP destination, location */
static void
test_mo_short_message_control_says_both_addresses_and_the_place (void **state)
{
  g_autoptr (GBytes) smsc = bytes_of ("91947107160000");
  g_autoptr (GBytes) destination = bytes_of ("91945121436587");
  g_autoptr (GBytes) location = bytes_of ("62F22012340001");
  g_autoptr (GBytes) envelope = ea_cat_build_mo_short_message_control (
      ea_span_from_bytes (smsc), ea_span_from_bytes (destination), ea_span_from_bytes (location),
      NULL);

  assert_bytes_are (envelope, "D51F82028281860791947107160000860791945121436587130762F22012340001");
}

static void
test_location_status_has_the_place_only_with_normal_service (void **state)
{
  g_autoptr (GBytes) place = bytes_of ("62F220123400000001");
  g_autoptr (GBytes) normal
      = ea_cat_build_location_status (EA_CAT_SERVICE_NORMAL, ea_span_from_bytes (place), NULL);
  g_autoptr (GBytes) limited
      = ea_cat_build_location_status (EA_CAT_SERVICE_LIMITED, EA_SPAN_EMPTY, NULL);
  g_autoptr (GBytes) none = ea_cat_build_location_status (EA_CAT_SERVICE_NONE, EA_SPAN_EMPTY, NULL);

  assert_bytes_are (normal, "D615990103820282819B0100930962F220123400000001");
  assert_bytes_are (limited, "D60A990103820282819B0101");
  assert_bytes_are (none, "D60A990103820282819B0102");
}

static void
test_data_available_says_255_for_more (void **state)
{
  static const struct
  {
    gsize n_bytes;
    const char *hex;
  } cases[] = {
    { 0x20, "D60E99010982028281B8028100B70120" },  { 254, "D60E99010982028281B8028100B701FE" },
    { 255, "D60E99010982028281B8028100B701FF" },   { 256, "D60E99010982028281B8028100B701FF" },
    { 70000, "D60E99010982028281B8028100B701FF" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const EaCatChannelStatus status = { .channel = 1, .is_established = TRUE };
      g_autoptr (GBytes) envelope = ea_cat_build_data_available (&status, cases[i].n_bytes);

      assert_bytes_are (envelope, cases[i].hex);
    }
}

static void
test_channel_status_tells_that_the_link_was_dropped (void **state)
{
  const EaCatChannelStatus status = { .channel = 1, .information = EA_CAT_CHANNEL_LINK_DROPPED };
  g_autoptr (GBytes) envelope = ea_cat_build_channel_status_event (&status);

  assert_bytes_are (envelope, "D60B99010A82028281B8020105");
}

static void
test_access_technology_change_has_an_event_for_one_and_one_for_several (void **state)
{
  g_autoptr (GBytes) one = bytes_of ("08");
  g_autoptr (GBytes) several = bytes_of ("030A");
  g_autoptr (GBytes) single
      = ea_cat_build_access_technology_change (ea_span_from_bytes (one), NULL);
  g_autoptr (GBytes) multiple
      = ea_cat_build_access_technology_change (ea_span_from_bytes (several), NULL);

  assert_bytes_are (single, "D60A99010B820282813F0108");
  assert_bytes_are (multiple, "D60B990114820282813F02030A");
}

static void
test_network_rejection_comes_from_the_network (void **state)
{
  g_autoptr (GBytes) area = bytes_of ("62F2200001");
  const EaCatNetworkRejection rejection = {
    .area_tag = EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION,
    .area = ea_span_from_bytes (area),
    .access_technology = 0x08,
    .update_attach_type = 0x01,
    .cause = 0x0F,
  };
  g_autoptr (GBytes) envelope = ea_cat_build_network_rejection (&rejection, NULL);

  assert_bytes_are (envelope, "D617990112820283817D0562F22000013F010874010175010F");
}

static void
test_plain_event_has_no_object (void **state)
{
  g_autoptr (GBytes) activity = ea_cat_build_plain_event (EA_CAT_EVENT_USER_ACTIVITY, NULL);
  g_autoptr (GBytes) idle = ea_cat_build_plain_event (EA_CAT_EVENT_IDLE_SCREEN_AVAILABLE, NULL);

  assert_bytes_are (activity, "D60799010482028281");
  assert_bytes_are (idle, "D60799010582028281");
}

/* TS 23.041 §9.4.1.2: serial number C011 is scope 3, code 1, update 1 */
static void
test_cell_broadcast_page_is_the_one_of_another_implementation (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");
  const Vector *vector = vectors->pdata[0];
  EaSpan page_bytes = ea_span_tail (ea_span_from_bytes (vector->bytes), 8); /* D2 5E 82… 8C 58 */
  g_autoptr (GBytes) envelope = ea_cat_build_cell_broadcast_download (page_bytes, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) writer = { 0 };
  EaCatCellBroadcastPage page;

  assert_string_equal (vector->id, "ofono-stk-cbs_pp_data_download_data_11");
  assert_true (g_bytes_equal (envelope, vector->bytes));
  assert_true (ea_cat_parse_cell_broadcast_page (&page, page_bytes, &error));
  ea_writer_init (&writer);
  ea_cat_write_cell_broadcast_page (&writer, &page);
  assert_true (ea_span_equal (ea_writer_span (&writer), page_bytes));
}

static void
test_page_parameter_with_a_0_means_the_only_page (void **state)
{
  static const guint8 parameters[] = { 0x00, 0x02, 0x20 };

  for (gsize i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      g_autofree char *content = g_strnfill (2 * EA_CAT_CELL_BROADCAST_CONTENT_SIZE, '0');
      g_autofree char *hex = g_strdup_printf ("C01110010F%02X%s", parameters[i], content);
      g_autoptr (GBytes) bytes = bytes_of (hex);
      EaCatCellBroadcastPage page;

      assert_true (ea_cat_parse_cell_broadcast_page (&page, ea_span_from_bytes (bytes), NULL));
      assert_int_equal (page.page, 1);
      assert_int_equal (page.n_pages, 1);
      assert_int_equal (page.dcs, 0x0F);
    }
}

#define TOOLKIT_TEST_HEX                                                                           \
  "D4F79BBD4ED341D4F29CDE68341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168" \
  "341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D100"
#define TOOLKIT_TEST_IN_GERMAN_HEX                                                                 \
  "E47283FA7EB3D7693A885A9ED31B8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168" \
  "341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D168341A8D46A3D100"

/* @text_hex: the first octets of the content; the rest is @padding, again and again */
static char *
get_text (guint8 dcs, const char *text_hex, const char *padding)
{
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  EaCatCellBroadcastPage page;

  g_string_printf (hex, "C0111001%02X11%s", dcs, text_hex);
  while (hex->len < 2 * EA_CAT_CELL_BROADCAST_PAGE_SIZE)
    g_string_append (hex, padding);
  bytes = bytes_of (hex->str);
  assert_true (ea_cat_parse_cell_broadcast_page (&page, ea_span_from_bytes (bytes), NULL));
  return ea_cat_get_cell_broadcast_text (&page);
}

static void
assert_text (guint8 dcs, const char *text_hex, const char *padding, const char *expected)
{
  g_autofree char *text = get_text (dcs, text_hex, padding);

  assert_non_null (text);
  assert_string_equal (text, expected);
}

/* TS 23.038 §5: languages, general coding, data coding; CR (0D) fills what is left of a page */
static void
test_text_of_a_page_is_read_as_its_scheme_says (void **state)
{
  /* 93 septets, of which the last 81 or 78 are CR */
  assert_text (0x0F, TOOLKIT_TEST_HEX, "", "Toolkit Test");
  assert_text (0x10, TOOLKIT_TEST_IN_GERMAN_HEX, "", "Toolkit Test");
  assert_text (0x48, "041704340440", "000D", "\320\227\320\264\321\200");
  assert_text (0x11, "64650041", "000D", "A");
}

static void
test_page_without_text_has_none (void **state)
{
  static const guint8 schemes[] = { 0x44, 0x4C, 0x60, 0x80, 0x90, 0xA0, 0xE0, 0xF4 };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autofree char *text = get_text (schemes[i], "41", "41");

      assert_null (text);
    }
}

static void
test_page_of_other_than_88_bytes_is_malformed (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (89);
  EaCatCellBroadcastPage page;

  for (gsize size = 87; size <= 89; size += 2)
    {
      g_autoptr (GError) error = NULL;

      poison (&page, sizeof page);
      assert_false (ea_cat_parse_cell_broadcast_page (&page, ea_span_init (zeroes, size), &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
      assert_true (is_poisoned (&page, sizeof page));
    }
}

static void
fail_truncated_envelope (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaCatEnvelope envelope;

  poison (&envelope, sizeof envelope);
  assert_false (ea_cat_parse_envelope (&envelope, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&envelope, sizeof envelope));
}

static void
test_every_truncation_is_refused (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      parse_truncations (ea_span_from_bytes (vector->bytes), fail_truncated_envelope, NULL);
    }
}

static void
test_event_list_and_device_identities_may_change_places (void **state)
{
  g_autoptr (GError) error = NULL;
  EaCatEnvelope envelope;

  assert_true (parse (&envelope, "D60B 82028281 99010A B8020105", &error));
  assert_int_equal (envelope.type, EA_CAT_ENVELOPE_EVENT_DOWNLOAD);
  assert_int_equal (envelope.event, EA_CAT_EVENT_CHANNEL_STATUS);
  assert_int_equal (envelope.source, EA_CAT_DEVICE_TERMINAL);
  assert_int_equal (envelope.destination, EA_CAT_DEVICE_UICC);
}

/* L4: tags with and without the comprehension bit */
static void
test_both_tag_styles_are_read (void **state)
{
  g_autoptr (GError) error = NULL;
  EaCatEnvelope envelope;

  assert_true (parse (&envelope, "D60E 190109 02028281 38028100 370120", &error));
  assert_int_equal (envelope.event, EA_CAT_EVENT_DATA_AVAILABLE);
}

static void
test_event_that_is_none_yet_is_read (void **state)
{
  g_autoptr (GError) error = NULL;
  EaCatEnvelope envelope;

  assert_true (parse (&envelope, "D607 99017E 82028281", &error));
  assert_int_equal (envelope.event, 0x7E);
  assert_string_equal (ea_cat_envelope_get_layout (&envelope)->clause, "TS 102 223 §7.5");
}

static void
test_wrong_envelopes_say_what_is_wrong_and_where (void **state)
{
  assert_rejected ("D009810301400082028182", EA_CORE_ERROR_UNSUPPORTED, 0,
                   "Tag D0 is not that of an envelope (D1 to DF)");
  assert_rejected ("D80482028281", EA_CORE_ERROR_UNSUPPORTED, 0,
                   "Tag D8 is not that of an envelope (D1 to DF)");
  assert_rejected ("D30782020181900102FFFF", EA_CORE_ERROR_MALFORMED, 9,
                   "Envelope ends after 9 of 11 bytes");
  assert_rejected ("D300", EA_CORE_ERROR_MISSING, 2,
                   "MENU SELECTION has no device identities before its other objects");
  assert_rejected ("D60482028281", EA_CORE_ERROR_MISSING, 6,
                   "EVENT DOWNLOAD has no event list before its other objects");
  assert_rejected ("D60499020304", EA_CORE_ERROR_MALFORMED, 4,
                   "Value of event list has 2 bytes, not 1");
  assert_rejected ("D60799010982028281", EA_CORE_ERROR_MISSING, 9,
                   "Data available event has no channel status (tag 38)");
  assert_rejected ("D303900102", EA_CORE_ERROR_MISSING, 2,
                   "MENU SELECTION has no device identities before its other objects");
}

/* One envelope of each kind, and the same without its mandatory object */
static void
test_each_envelope_needs_its_mandatory_objects (void **state)
{
  static const struct
  {
    const char *whole;
    const char *lacking;
    const char *message;
  } cases[] = {
    { "D108820283818B024000", "D10482028381", "SMS-PP DOWNLOAD has no SMS TPDU (tag 0B)" },
    { "D208820283818C020000", "D20482028381",
      "CELL BROADCAST DOWNLOAD has no cell broadcast page (tag 0C)" },
    { "D30782020181900102", "D30482020181", "MENU SELECTION has no item identifier (tag 10)" },
    { "D40D82028281860291F01303000000", "D4098202828113 03000000",
      "CALL CONTROL has no address, nor what may stand for it (tag 06)" },
    { "D40C820282818A01551303000000", "D407820282818A0155",
      "CALL CONTROL has no location information (tag 13)" },
    { "D50D82028281860291F01303000000", "D508820282818602 91F0",
      "MO SHORT MESSAGE CONTROL has no location information (tag 13)" },
    { "D70C82028281A40101A503000300", "D70782028281A40101",
      "TIMER EXPIRATION has no timer value (tag 25)" },
    { "D70C82028281A40101A503000300", "D70982028281A503000300",
      "TIMER EXPIRATION has no timer identifier (tag 24)" },
    { "D907820283818A0155", "D90482028381", "USSD DOWNLOAD has no USSD string (tag 0A)" },
    { "DA0482028281", NULL, NULL },
    { "DB07820283816F0100", "DB0482028381",
      "MMS NOTIFICATION DOWNLOAD has no multimedia message notification (tag 6F)" },
    { "DC0482028281", NULL, NULL },
    { "DD0782028281770100", "DD0482028281",
      "GEOGRAPHICAL LOCATION REPORTING has no GAD shapes, nor what may stand for it (tag 77)" },
    { "DE0482028281", NULL, NULL },
    { "DF0782028381740100", "DF0482028381", "PROSE REPORT has no ProSe report data (tag 74)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      EaCatEnvelope envelope;

      assert_true (parse (&envelope, cases[i].whole, &error));
      assert_null (error);
      if (cases[i].lacking == NULL)
        continue;
      assert_false (parse (&envelope, cases[i].lacking, &error));
      assert_string_equal (error->message, cases[i].message);
      assert_core_error (&error, EA_CORE_ERROR_MISSING);
    }
}

/* TS 102 223 §7.5, TS 31.111 §7.5: the objects that each event must have */
static void
test_each_event_needs_its_mandatory_objects (void **state)
{
  static const struct
  {
    guint8 event;
    const char *objects; /* in hexadecimal, with a space between two */
  } cases[] = {
    { 0x00, "9C0100" },
    { 0x01, "9C0100" },
    { 0x02, "9C0100" },
    { 0x03, "9B0100" },
    { 0x04, "" },
    { 0x05, "" },
    { 0x06, "A00100" },
    { 0x07, "AD026465" },
    { 0x08, "B40100" },
    { 0x09, "B8028100 B70101" },
    { 0x0A, "B8028100" },
    { 0x0B, "3F0108" },
    { 0x0C, "C003808080" },
    { 0x0D, "C1020101" },
    { 0x0E, "E50100" },
    { 0x0F, "E40100" },
    { 0x10, "E70100" },
    { 0x11, "4B0101" },
    { 0x12, "3F0108 740101 75010F" },
    { 0x13, "" },
    { 0x14, "3F020308" },
    { 0x15, "550100" },
    { 0x16, "D30100" },
    { 0x17, "770100" },
    { 0x18, "7603312D32" },
    { 0x19, "" },
    { 0x1B, "" },
    { 0x1C, "" },
    { 0x1D, "1D0100 2A0100 1C0100" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) objects = g_strsplit (cases[i].objects, " ", -1);

      for (guint left_out = 0; left_out <= g_strv_length (objects); left_out++)
        {
          gboolean is_whole = objects[left_out] == NULL || *objects[left_out] == '\0';
          g_autoptr (GString) body = g_string_new (NULL);
          g_autofree char *hex = NULL;
          g_autoptr (GError) error = NULL;
          EaCatEnvelope envelope;

          g_string_printf (body, "9901%02X82028281", cases[i].event);
          for (guint k = 0; objects[k] != NULL; k++)
            if (k != left_out)
              g_string_append (body, objects[k]);
          hex = g_strdup_printf ("D6%02X%s", (guint) body->len / 2, body->str);
          if (parse (&envelope, hex, &error) != is_whole)
            fail_msg ("%s: %s", hex, error != NULL ? error->message : "is read");
          if (!is_whole)
            assert_core_error (&error, EA_CORE_ERROR_MISSING);
        }
    }
}

static guint32
get_meaning (EaCatEnvelopeType type, guint8 event, const char *objects_hex)
{
  g_autoptr (GBytes) objects = bytes_of (objects_hex);
  const EaCatEnvelope envelope = { .type = type, .event = event };
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, ea_cat_envelope_get_layout (&envelope), ea_span_from_bytes (objects));
  assert_true (ea_cat_walk_next (&walk, &object));
  return object.tag;
}

/* TS 101 220 §7.2 gives some tags to several objects: the envelope tells which it is */
static void
test_tag_with_two_meanings_has_that_of_its_envelope (void **state)
{
  const EaCatEnvelopeType event = EA_CAT_ENVELOPE_EVENT_DOWNLOAD;
  const guint8 connection = EA_CAT_EVENT_DATA_CONNECTION_STATUS_CHANGE;
  const guint8 rejection = EA_CAT_EVENT_NETWORK_REJECTION;

  assert_int_equal (get_meaning (event, connection, "1D0100"), EA_CAT_TAG_DATA_CONNECTION_STATUS);
  assert_int_equal (get_meaning (event, connection, "8B0100"), EA_CAT_TAG_PDP_PDN_PDU_TYPE);
  assert_int_equal (get_meaning (event, rejection, "740100"), EA_CAT_TAG_UPDATE_ATTACH_TYPE);
  assert_int_equal (get_meaning (event, rejection, "570100"),
                    EA_CAT_TAG_EXTENDED_REJECTION_CAUSE_CODE);
  assert_int_equal (get_meaning (event, 0x7E, "740100"), EA_CAT_TAG_UPDATE_ATTACH_TYPE);
  assert_int_equal (get_meaning (EA_CAT_ENVELOPE_PROSE_REPORT, 0, "740100"),
                    EA_CAT_TAG_PROSE_REPORT_DATA);
}

/* They begin error messages. */
static void
test_names_of_envelopes_and_events_begin_with_a_capital_letter (void **state)
{
  for (guint i = 0; i <= 0xFF; i++)
    {
      const EaCatLayout *envelope = ea_cat_get_envelope_layout (i);
      const EaCatLayout *event = ea_cat_get_event_layout ((guint8) i);

      assert_true (envelope == NULL || g_ascii_isupper (*envelope->name));
      assert_true (event == NULL || g_ascii_isupper (*event->name));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_envelope_of_a_short_message_is_the_one_of_the_standard),
    cmocka_unit_test (test_longest_message_fits_an_envelope_of_one_apdu),
    cmocka_unit_test (test_message_that_would_not_fit_one_apdu_is_refused),
    cmocka_unit_test (test_object_of_more_than_127_bytes_has_a_long_length),
    cmocka_unit_test (test_menu_selection_says_the_item_and_whether_help_is_wanted),
    cmocka_unit_test (test_timer_expiration_says_how_long_the_timer_ran),
    cmocka_unit_test (test_mo_short_message_control_says_both_addresses_and_the_place),
    cmocka_unit_test (test_location_status_has_the_place_only_with_normal_service),
    cmocka_unit_test (test_data_available_says_255_for_more),
    cmocka_unit_test (test_channel_status_tells_that_the_link_was_dropped),
    cmocka_unit_test (test_access_technology_change_has_an_event_for_one_and_one_for_several),
    cmocka_unit_test (test_network_rejection_comes_from_the_network),
    cmocka_unit_test (test_plain_event_has_no_object),
    cmocka_unit_test (test_names_of_envelopes_and_events_begin_with_a_capital_letter),
    cmocka_unit_test (test_cell_broadcast_page_is_the_one_of_another_implementation),
    cmocka_unit_test (test_page_parameter_with_a_0_means_the_only_page),
    cmocka_unit_test (test_text_of_a_page_is_read_as_its_scheme_says),
    cmocka_unit_test (test_page_without_text_has_none),
    cmocka_unit_test (test_page_of_other_than_88_bytes_is_malformed),
    cmocka_unit_test (test_every_truncation_is_refused),
    cmocka_unit_test (test_event_list_and_device_identities_may_change_places),
    cmocka_unit_test (test_both_tag_styles_are_read),
    cmocka_unit_test (test_event_that_is_none_yet_is_read),
    cmocka_unit_test (test_each_envelope_needs_its_mandatory_objects),
    cmocka_unit_test (test_each_event_needs_its_mandatory_objects),
    cmocka_unit_test (test_tag_with_two_meanings_has_that_of_its_envelope),
    cmocka_unit_test (test_wrong_envelopes_say_what_is_wrong_and_where),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
