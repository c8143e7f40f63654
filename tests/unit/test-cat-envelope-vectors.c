/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Envelopes of other implementations (agent/core/cat-envelope.h): what is read from them is compared, field by
 * field, with what their authors put in and what an independent decoder reads; and they are built again.
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
#include "core/cat-location.h"
#include "core/cat-number.h"
#include "core/cat-value.h"
#include "core/sms.h"
#include "helpers.h"
#include "vectors.h"

/* One envelope, its row, and the bytes of either. */
typedef struct
{
  const Vector *vector;
  EaSpan bytes;
  EaCatEnvelope envelope;
} Row;

typedef struct
{
  const char *word;
  guint8 value;
} Word;

static const Word envelope_words[] = {
  { "STK_ENVELOPE_TYPE_CBS_PP_DOWNLOAD", EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD },
  { "STK_ENVELOPE_TYPE_MENU_SELECTION", EA_CAT_ENVELOPE_MENU_SELECTION },
  { "STK_ENVELOPE_TYPE_CALL_CONTROL", EA_CAT_ENVELOPE_CALL_CONTROL },
  { "STK_ENVELOPE_TYPE_EVENT_DOWNLOAD", EA_CAT_ENVELOPE_EVENT_DOWNLOAD },
  { "STK_ENVELOPE_TYPE_TIMER_EXPIRATION", EA_CAT_ENVELOPE_TIMER_EXPIRATION },
  { NULL, 0 },
};

static const Word device_words[] = {
  { "STK_DEVICE_IDENTITY_TYPE_KEYPAD", EA_CAT_DEVICE_KEYPAD },
  { "STK_DEVICE_IDENTITY_TYPE_UICC", EA_CAT_DEVICE_UICC },
  { "STK_DEVICE_IDENTITY_TYPE_TERMINAL", EA_CAT_DEVICE_TERMINAL },
  { "STK_DEVICE_IDENTITY_TYPE_NETWORK", EA_CAT_DEVICE_NETWORK },
  { NULL, 0 },
};

static const Word event_words[] = {
  { "STK_EVENT_TYPE_MT_CALL", EA_CAT_EVENT_MT_CALL },
  { "STK_EVENT_TYPE_CALL_CONNECTED", EA_CAT_EVENT_CALL_CONNECTED },
  { "STK_EVENT_TYPE_USER_ACTIVITY", EA_CAT_EVENT_USER_ACTIVITY },
  { "STK_EVENT_TYPE_DATA_AVAILABLE", EA_CAT_EVENT_DATA_AVAILABLE },
  { "STK_EVENT_TYPE_CHANNEL_STATUS", EA_CAT_EVENT_CHANNEL_STATUS },
  { "STK_EVENT_TYPE_NETWORK_REJECTION", EA_CAT_EVENT_NETWORK_REJECTION },
  { NULL, 0 },
};

/* The number that another implementation's word stands for. */
static guint8
get_word (const Vector *vector, const Word *words, const char *word)
{
  for (; words->word != NULL; words++)
    if (g_strcmp0 (words->word, word) == 0)
      return words->value;
  fail_msg ("%s: no value is known for '%s'", vector->id, word);
  return 0;
}

static JsonObject *
get_object (const Vector *vector, JsonObject *object, const char *member)
{
  if (!json_object_has_member (object, member))
    fail_msg ("%s: '%s' is not there", vector->id, member);
  return json_object_get_object_member (object, member);
}

static guint64
get_number (JsonObject *object, const char *member)
{
  return (guint64) json_object_get_int_member (object, member);
}

/* The value of the object with @tag, which must be there. */
static EaSpan
get_value (const Row *row, guint32 tag)
{
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, ea_cat_envelope_get_layout (&row->envelope), row->envelope.objects);
  while (ea_cat_walk_next (&walk, &object))
    if (object.tag == tag)
      {
        assert_non_null (object.slot);
        return object.tlv.value;
      }
  fail_msg ("%s: object %02X is not there", row->vector->id, tag);
  return EA_SPAN_EMPTY;
}

static guint8
get_octet (const Row *row, EaCatTag tag)
{
  guint8 octet = 0;

  assert_true (ea_cat_parse_octet (&octet, tag, get_value (row, (guint32) tag), NULL));
  return octet;
}

static guint
count_objects (const Row *row)
{
  EaReader reader;
  guint n_objects = 0;
  EaTlv tlv;

  ea_reader_init (&reader, row->envelope.objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_comprehension (&reader, &tlv, NULL))
    n_objects++;
  return n_objects;
}

static void
check_address (const Row *row, JsonObject *expected)
{
  EaCatAddress address;
  g_autofree char *digits = NULL;

  assert_true (ea_cat_parse_address (&address, get_value (row, EA_CAT_TAG_ADDRESS), NULL));
  digits = ea_cat_digits_to_text (address.digits);
  vector_assert_number (row->vector, "TON and NPI", address.type, get_number (expected, "ton_npi"));
  vector_assert_string (row->vector, "number", digits,
                        json_object_get_string_member (expected, "number"));
}

static void
check_plmn (const Row *row, const EaCatPlmn *plmn, JsonObject *expected)
{
  vector_assert_string (row->vector, "MCC", plmn->mcc,
                        json_object_get_string_member (expected, "mcc"));
  vector_assert_string (row->vector, "MNC", plmn->mnc,
                        json_object_get_string_member (expected, "mnc"));
}

static void
check_location (const Row *row, JsonObject *expected)
{
  EaCatLocation location;

  assert_true (ea_cat_parse_location_information (
      &location, get_value (row, EA_CAT_TAG_LOCATION_INFORMATION), NULL));
  check_plmn (row, &location.plmn, expected);
  vector_assert_number (row->vector, "area", location.area_code, get_number (expected, "lac_tac"));
  vector_assert (row->vector, location.has_cell && location.has_extended_cell, "it has both cells");
  vector_assert_number (row->vector, "cell", location.cell, get_number (expected, "ci"));
  vector_assert_number (row->vector, "extended cell", location.extended_cell,
                        get_number (expected, "ext_ci"));
}

static void
check_call_control (const Row *row, JsonObject *expected)
{
  vector_assert_string (row->vector, "type", json_object_get_string_member (expected, "type"),
                        "STK_CC_TYPE_CALL_SETUP");
  check_address (row, get_object (row->vector, expected, "address"));
  check_location (row, get_object (row->vector, expected, "location"));
  vector_assert_number (row->vector, "number of objects", count_objects (row), 2);
}

static void
check_channel (const Row *row, JsonObject *expected)
{
  JsonObject *channel = get_object (row->vector, expected, "channel");
  EaCatChannelStatus status;

  assert_true (
      ea_cat_parse_channel_status (&status, get_value (row, EA_CAT_TAG_CHANNEL_STATUS), NULL));
  vector_assert_number (row->vector, "channel", status.channel, get_number (channel, "id"));
  vector_assert_string (row->vector, "status", json_object_get_string_member (channel, "status"),
                        "STK_CHANNEL_PACKET_DATA_SERVICE_ACTIVATED");
  vector_assert (row->vector, status.is_established && !status.is_listening,
                 "the link is established");
  vector_assert_number (row->vector, "further information", status.information, 0);
}

static void
check_network_rejection (const Row *row, JsonObject *expected)
{
  JsonObject *tai = get_object (row->vector, expected, "tai");
  EaCatTrackingArea area;

  assert_true (ea_cat_parse_tracking_area (
      &area, get_value (row, EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION), NULL));
  check_plmn (row, &area.plmn, tai);
  vector_assert_number (row->vector, "TAC", area.tracking_area_code, get_number (tai, "tac"));
  vector_assert_string (row->vector, "access technology",
                        json_object_get_string_member (expected, "access_tech"),
                        "STK_ACCESS_TECHNOLOGY_EUTRAN");
  vector_assert_number (row->vector, "access technology",
                        get_octet (row, EA_CAT_TAG_ACCESS_TECHNOLOGY), 0x08);
  vector_assert_string (row->vector, "update or attach type",
                        json_object_get_string_member (expected, "update_attach"),
                        "STK_UPDATE_ATTACH_EPS_ATTACH");
  vector_assert_number (row->vector, "update or attach type",
                        get_octet (row, EA_CAT_TAG_UPDATE_ATTACH_TYPE), 0x09);
  vector_assert_string (row->vector, "cause", json_object_get_string_member (expected, "cause"),
                        "STK_CAUSE_EMM_PLMN_NOT_ALLOWED");
  vector_assert_number (row->vector, "cause", get_octet (row, EA_CAT_TAG_REJECTION_CAUSE_CODE),
                        0x0B);
}

static void
check_event (const Row *row, JsonObject *expected)
{
  const char *word = json_object_get_string_member (expected, "type");

  vector_assert_number (row->vector, "event", row->envelope.event,
                        get_word (row->vector, event_words, word));
  switch (row->envelope.event)
    {
    case EA_CAT_EVENT_MT_CALL:
      expected = get_object (row->vector, expected, "mt_call");
      check_address (row, get_object (row->vector, expected, "caller_address"));
      vector_assert_number (row->vector, "transaction",
                            get_octet (row, EA_CAT_TAG_TRANSACTION_IDENTIFIER),
                            get_number (expected, "transaction_id"));
      break;
    case EA_CAT_EVENT_CALL_CONNECTED:
      expected = get_object (row->vector, expected, "call_connected");
      vector_assert_number (row->vector, "transaction",
                            get_octet (row, EA_CAT_TAG_TRANSACTION_IDENTIFIER),
                            get_number (expected, "transaction_id"));
      break;
    case EA_CAT_EVENT_USER_ACTIVITY:
      vector_assert_number (row->vector, "number of objects", count_objects (row), 0);
      break;
    case EA_CAT_EVENT_DATA_AVAILABLE:
      expected = get_object (row->vector, expected, "data_available");
      check_channel (row, expected);
      vector_assert_number (row->vector, "data", get_octet (row, EA_CAT_TAG_CHANNEL_DATA_LENGTH),
                            get_number (expected, "channel_data_len"));
      break;
    case EA_CAT_EVENT_CHANNEL_STATUS:
      check_channel (row, get_object (row->vector, expected, "channel_status"));
      break;
    case EA_CAT_EVENT_NETWORK_REJECTION:
      check_network_rejection (row, get_object (row->vector, expected, "network_rejection"));
      break;
    default:
      fail_msg ("%s: event %02X is not compared", row->vector->id, row->envelope.event);
    }
}

static void
check_menu_selection (const Row *row, JsonObject *expected)
{
  const char *help = NULL;

  if (json_object_has_member (expected, "help_request"))
    help = json_object_get_string_member (expected, "help_request");
  vector_assert_number (row->vector, "item", get_octet (row, EA_CAT_TAG_ITEM_IDENTIFIER),
                        get_number (expected, "item_id"));
  vector_assert_number (row->vector, "number of objects", count_objects (row),
                        g_strcmp0 (help, "TRUE") == 0 ? 2 : 1);
  if (help != NULL)
    vector_assert_number (row->vector, "size of help request",
                          get_value (row, EA_CAT_TAG_HELP_REQUEST).size, 0);
}

static void
check_timer_expiration (const Row *row, JsonObject *expected)
{
  JsonObject *value = get_object (row->vector, expected, "value");
  EaCatTimerValue elapsed;

  assert_true (ea_cat_parse_timer_value (&elapsed, get_value (row, EA_CAT_TAG_TIMER_VALUE), NULL));
  vector_assert_number (row->vector, "timer", get_octet (row, EA_CAT_TAG_TIMER_IDENTIFIER),
                        get_number (expected, "id"));
  vector_assert_number (row->vector, "hours", elapsed.hours, 0);
  vector_assert_number (row->vector, "minutes", elapsed.minutes, 0);
  vector_assert_number (row->vector, "seconds", elapsed.seconds, get_number (value, "second"));
}

static void
check_cell_broadcast (const Row *row, JsonObject *expected)
{
  JsonArray *content;
  EaCatCellBroadcastPage page;
  EaReader reader;

  expected = get_object (row->vector, expected, "page");
  content = json_object_get_array_member (expected, "ud");
  assert_true (ea_cat_parse_cell_broadcast_page (
      &page, get_value (row, EA_CAT_TAG_CELL_BROADCAST_PAGE), NULL));
  vector_assert_string (row->vector, "scope", json_object_get_string_member (expected, "gs"),
                        "CBS_GEO_SCOPE_CELL_NORMAL");
  vector_assert_number (row->vector, "scope", page.scope, EA_CAT_SCOPE_CELL_NORMAL);
  vector_assert_number (row->vector, "message code", page.message_code,
                        get_number (expected, "message_code"));
  vector_assert_number (row->vector, "update number", page.update_number,
                        get_number (expected, "update_number"));
  vector_assert_number (row->vector, "message identifier", page.message_identifier,
                        get_number (expected, "message_identifier"));
  vector_assert_string (row->vector, "scheme", json_object_get_string_member (expected, "dcs"),
                        "CBS_LANGUAGE_ENGLISH");
  vector_assert_number (row->vector, "scheme", page.dcs, 0x01); /* TS 23.038 §5: English */
  vector_assert_number (row->vector, "page", page.page, get_number (expected, "page"));
  vector_assert_number (row->vector, "pages", page.n_pages, get_number (expected, "max_pages"));
  vector_assert_number (row->vector, "content", page.content.size, json_array_get_length (content));
  ea_reader_init (&reader, page.content);
  for (guint i = 0; i < json_array_get_length (content); i++)
    vector_assert_number (row->vector, "content", ea_reader_u8 (&reader),
                          (guint64) json_array_get_int_element (content, i));
}

/* What one implementation's own structure says. */
static void
check_structure (const Row *row, JsonObject *expected)
{
  const Vector *vector = row->vector;

  vector_assert_number (
      vector, "type", row->envelope.type,
      get_word (vector, envelope_words, json_object_get_string_member (expected, "type")));
  vector_assert_number (
      vector, "source", row->envelope.source,
      get_word (vector, device_words, json_object_get_string_member (expected, "src")));
  vector_assert_number (
      vector, "destination", row->envelope.destination,
      get_word (vector, device_words, json_object_get_string_member (expected, "dst")));
  if (json_object_has_member (expected, "cbs_pp_download"))
    check_cell_broadcast (row, get_object (vector, expected, "cbs_pp_download"));
  else if (json_object_has_member (expected, "menu_selection"))
    check_menu_selection (row, get_object (vector, expected, "menu_selection"));
  else if (json_object_has_member (expected, "call_control"))
    check_call_control (row, get_object (vector, expected, "call_control"));
  else if (json_object_has_member (expected, "event_download"))
    check_event (row, get_object (vector, expected, "event_download"));
  else
    check_timer_expiration (row, get_object (vector, expected, "timer_expiration"));
}

static void
check_decoder (const Row *row, JsonObject *tshark)
{
  guint64 expected;

  assert_true (json_get_number_string (tshark, "src", 16, &expected));
  vector_assert_number (row->vector, "source", row->envelope.source, expected);
  assert_true (json_get_number_string (tshark, "dst", 16, &expected));
  vector_assert_number (row->vector, "destination", row->envelope.destination, expected);
}

/* Short messages: their envelope, and what the row's note and concatenation say of the TPDU. */
static void
check_download (const Row *row)
{
  JsonObject *concatenation = vector_get_object (row->vector, "concat");
  EaSpan tpdu = get_value (row, EA_CAT_TAG_SMS_TPDU);
  EaSmsDeliver deliver;

  vector_assert_number (row->vector, "type", row->envelope.type, EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD);
  assert_true (ea_sms_parse_deliver (&deliver, tpdu, NULL));
  vector_assert (row->vector, deliver.user_data.has_header, "it has a user data header");
  if (g_strcmp0 (vector_get_string (row->vector, "note"), "UDHI set, UDHL=0") == 0)
    vector_assert_number (row->vector, "UDHL", deliver.user_data.header.size, 0);
  if (concatenation == NULL)
    return;
  vector_assert_number (row->vector, "reference", deliver.user_data.concatenation.reference,
                        get_number (concatenation, "ref"));
  vector_assert_number (row->vector, "total", deliver.user_data.concatenation.total,
                        get_number (concatenation, "total"));
  vector_assert_number (row->vector, "index", deliver.user_data.concatenation.index,
                        get_number (concatenation, "seq"));
}

static Row
parse_row (const Vector *vector)
{
  Row row = { .vector = vector, .bytes = ea_span_from_bytes (vector->bytes) };
  g_autoptr (GError) error = NULL;

  if (!ea_cat_parse_envelope (&row.envelope, row.bytes, &error))
    fail_msg ("%s: %s", vector->id, error->message);
  assert_span_inside (row.envelope.objects, row.bytes);
  return row;
}

static void
test_envelopes_of_other_implementations_are_read_as_they_mean_them (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Row row = parse_row (vectors->pdata[i]);
      JsonObject *structure = vector_get_object (row.vector, "envelope");
      JsonObject *tshark = vector_get_object (row.vector, "tshark");

      if (structure != NULL)
        check_structure (&row, structure);
      else
        check_download (&row);
      if (tshark != NULL)
        check_decoder (&row, tshark);
      vector_assert (row.vector, structure != NULL || tshark != NULL, "the row expects something");
    }

  vectors_report ("envelope.tsv", vectors->len, vectors->len, "");
}

static void
test_what_was_read_is_built_again_byte_for_byte (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Row row = parse_row (vectors->pdata[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) built = ea_cat_build_envelope (&row.envelope, &error);

      vector_assert (row.vector, built != NULL && g_bytes_equal (built, row.vector->bytes),
                     "the envelope is built like this");
    }
}

/* What each builder makes of the values in a row; %NULL for kinds that no terminal without calls sends. */
static GBytes *
build_typed (const Row *row)
{
  EaCatChannelStatus status;
  EaCatTimerValue elapsed;
  EaTlv object;

  switch ((guint) row->envelope.type)
    {
    case EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD:
      return ea_cat_build_sms_pp_download (EA_SPAN_EMPTY, get_value (row, EA_CAT_TAG_SMS_TPDU),
                                           NULL);
    case EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD:
      return ea_cat_build_cell_broadcast_download (get_value (row, EA_CAT_TAG_CELL_BROADCAST_PAGE),
                                                   NULL);
    case EA_CAT_ENVELOPE_MENU_SELECTION:
      return ea_cat_build_menu_selection (
          get_octet (row, EA_CAT_TAG_ITEM_IDENTIFIER),
          ea_tlv_find_comprehension (row->envelope.objects, EA_CAT_TAG_HELP_REQUEST, &object));
    case EA_CAT_ENVELOPE_TIMER_EXPIRATION:
      assert_true (
          ea_cat_parse_timer_value (&elapsed, get_value (row, EA_CAT_TAG_TIMER_VALUE), NULL));
      return ea_cat_build_timer_expiration (get_octet (row, EA_CAT_TAG_TIMER_IDENTIFIER), &elapsed);
    default:
      break;
    }
  switch (row->envelope.event)
    {
    case EA_CAT_EVENT_USER_ACTIVITY:
      return ea_cat_build_plain_event (EA_CAT_EVENT_USER_ACTIVITY, NULL);
    case EA_CAT_EVENT_DATA_AVAILABLE:
      assert_true (
          ea_cat_parse_channel_status (&status, get_value (row, EA_CAT_TAG_CHANNEL_STATUS), NULL));
      return ea_cat_build_data_available (&status, get_octet (row, EA_CAT_TAG_CHANNEL_DATA_LENGTH));
    case EA_CAT_EVENT_CHANNEL_STATUS:
      assert_true (
          ea_cat_parse_channel_status (&status, get_value (row, EA_CAT_TAG_CHANNEL_STATUS), NULL));
      return ea_cat_build_channel_status_event (&status);
    default:
      return NULL;
    }
}

/*
 * Not built: call control, MT call and call connected, which belong to telephones, and the network
 * rejection of one row, where the author sets the comprehension bit of the access technology alone (BF).
 * Its byte for byte twin with 3F is in test-cat-envelope.c.
 */
static void
test_typed_builders_make_the_envelopes_of_other_implementations (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("envelope.tsv");
  guint n_built = 0;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Row row = parse_row (vectors->pdata[i]);
      g_autoptr (GBytes) built = build_typed (&row);

      if (built == NULL)
        continue;
      vector_assert (row.vector, g_bytes_equal (built, row.vector->bytes),
                     "the envelope is built like this");
      n_built++;
    }

  assert_int_equal (n_built, vectors->len - 4);
  vectors_report ("envelope.tsv", n_built, vectors->len,
                  "calls, and one rejection with another comprehension bit");
}

/* @built is what a builder returned with @error */
static void
assert_not_built (GBytes *built, GError *error, EaCoreError code, const char *message)
{
  assert_null (built);
  assert_non_null (error);
  assert_string_equal (error->message, message);
  assert_core_error (&error, code);
}

static void
test_builders_refuse_what_their_parsers_do_not_take (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (300);
  EaCatNetworkRejection rejection = { .area_tag = EA_CAT_TAG_ROUTING_AREA_INFORMATION };
  GError *errors[7] = { NULL };
  GBytes *built;

  built = ea_cat_build_location_status (EA_CAT_SERVICE_NORMAL, ea_span_init (zeroes, 300),
                                        &errors[0]);
  assert_not_built (built, errors[0], EA_CORE_ERROR_MALFORMED,
                    "Value of location information has 300 bytes, not 5, 7, 9 or 11");
  for (gsize size = 87; size <= 89; size += 2)
    {
      g_autoptr (GError) error = NULL;

      assert_null (ea_cat_build_cell_broadcast_download (ea_span_init (zeroes, size), &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
  built = ea_cat_build_cell_broadcast_download (ea_span_init (zeroes, 300), &errors[1]);
  assert_not_built (built, errors[1], EA_CORE_ERROR_MALFORMED,
                    "Value of cell broadcast page has 300 bytes, not 88");
  built = ea_cat_build_access_technology_change (EA_SPAN_EMPTY, &errors[2]);
  assert_not_built (built, errors[2], EA_CORE_ERROR_MALFORMED,
                    "Value of access technology has 0 bytes, less than 1");
  built = ea_cat_build_access_technology_change (ea_span_init (zeroes, 128), &errors[3]);
  assert_not_built (built, errors[3], EA_CORE_ERROR_MALFORMED,
                    "Value of access technology has 128 bytes, more than 127");
  rejection.area = ea_span_init (zeroes, 300);
  built = ea_cat_build_network_rejection (&rejection, &errors[4]);
  assert_not_built (built, errors[4], EA_CORE_ERROR_MALFORMED,
                    "Value of routing area information has 300 bytes, not 6");
  rejection.area_tag = EA_CAT_TAG_IMEI;
  built = ea_cat_build_network_rejection (&rejection, &errors[5]);
  assert_not_built (built, errors[5], EA_CORE_ERROR_UNSUPPORTED,
                    "Area of a network rejection has tag 14, not 13, 73 or 7D");
  built = ea_cat_build_plain_event (EA_CAT_EVENT_CHANNEL_STATUS, &errors[6]);
  assert_not_built (built, errors[6], EA_CORE_ERROR_MISSING,
                    "Channel status event has no channel status (tag 38)");
}

/* TS 31.111 §8.19 has 11 octets for NG-RAN */
static void
test_each_size_of_location_that_is_read_is_built (void **state)
{
  static const gsize sizes[] = { 5, 7, 9, 11 };
  g_autofree guint8 *zeroes = g_malloc0 (11);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const EaCatNetworkRejection rejection = { .area_tag = EA_CAT_TAG_LOCATION_INFORMATION,
                                                .area = ea_span_init (zeroes, sizes[i]) };
      g_autoptr (GBytes) status
          = ea_cat_build_location_status (EA_CAT_SERVICE_NORMAL, rejection.area, NULL);
      g_autoptr (GBytes) rejected = ea_cat_build_network_rejection (&rejection, NULL);

      assert_non_null (status);
      assert_non_null (rejected);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_envelopes_of_other_implementations_are_read_as_they_mean_them),
    cmocka_unit_test (test_what_was_read_is_built_again_byte_for_byte),
    cmocka_unit_test (test_typed_builders_make_the_envelopes_of_other_implementations),
    cmocka_unit_test (test_builders_refuse_what_their_parsers_do_not_take),
    cmocka_unit_test (test_each_size_of_location_that_is_read_is_built),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
