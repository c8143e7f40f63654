/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * PUSH commands (agent/core/push.h) against TS 102 226 §9, and administration session triggering parameters
 * (agent/core/push-trigger.h) against GlobalPlatform Amendment B table 3-3. The full trigger and the flat
 * script are decoded alike by pySim and tshark; single commands are otaman's.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/push-trigger.h"
#include "core/push.h"
#include "core/tlv.h"
#include "helpers.h"
#include "vectors.h"

#define PSK_IDENTITY                                                                               \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF89000001008201018301"       \
  "40"
#define AGENT_HEX                                                                                  \
  "2F2F73652D69642F6569642F38393030313031323031323334313233343031323334353637383930313232343B2F2F" \
  "61612D69642F6169642F413030303030303535392F31303130464646464646464638393030303030313030"
#define FULL_TRIGGER                                                                               \
  "8181CF8381CC8413350103390205783C030201BB3E0521C000020185312D" PSK_IDENTITY "024001"             \
  "86070003250300001089798A093139322E302E322E318B5A" AGENT_HEX                                     \
  "8C102F67736D612F61646D696E6167656E74"
#define SHORT_TRIGGER                                                                              \
  "813683348413350103390205783C030201BB3E0521C0000201891D8A093139322E302E322E318C102F67736D612F"   \
  "61646D696E6167656E74"

static EaPush
parse_push (GBytes *command)
{
  g_autoptr (GError) error = NULL;
  EaPush push = { 0 };

  if (!ea_push_parse (&push, ea_span_from_bytes (command), &error))
    fail_msg ("%s", error->message);
  return push;
}

static EaPushConnection
parse_connection (EaSpan objects)
{
  g_autoptr (GError) error = NULL;
  EaPushConnection connection = { 0 };

  if (!ea_push_parse_connection (&connection, objects, &error))
    fail_msg ("%s", error->message);
  return connection;
}

static EaPushTrigger
parse_trigger (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  EaPushTrigger trigger = { 0 };

  if (!ea_push_parse_trigger_object (&trigger, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s", error->message);
  return trigger;
}

static void
assert_text (EaSpan span, const char *text)
{
  if (span.size != strlen (text) || memcmp (span.data, text, span.size) != 0)
    fail_msg ("'%.*s' is not '%s'", (int) span.size, (const char *) span.data, text);
}

static void
check_objects (const Vector *vector, EaSpan objects)
{
  JsonArray *tlvs = json_object_get_array_member (vector->expected, "tlvs");
  EaReader reader;

  ea_reader_init (&reader, objects);
  for (guint i = 0; i < json_array_get_length (tlvs); i++)
    {
      g_auto (GStrv) parts = g_strsplit (json_array_get_string_element (tlvs, i), ":", 2);
      EaTlv tlv;

      assert_true (ea_tlv_read_comprehension (&reader, &tlv, NULL));
      vector_assert_number (vector, "tag", tlv.tag, g_ascii_strtoull (parts[0], NULL, 16));
      assert_span_is (tlv.value, parts[1]);
    }
  vector_assert (vector, ea_reader_done (&reader), "there is no more");
}

static void
check_push_row (const Vector *vector)
{
  EaPush push = parse_push (vector->bytes);
  g_autofree char *name = g_strdup_printf ("request for %s", vector_get_string (vector, "cmd"));
  EaPushConnection connection = parse_connection (push.objects);
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  gint64 lc;

  vector_assert_string (vector, "command", ea_push_get_name (push.request), name);
  assert_true (json_get_integer (vector->expected, "lc", &lc));
  vector_assert_number (vector, "Lc", push.objects.size, (guint64) lc);
  check_objects (vector, push.objects);

  ea_writer_init (&writer);
  ea_push_write_connection (&writer, &connection);
  built = ea_push_build (&(EaPush){ push.request, ea_writer_span (&writer) }, &error);
  vector_assert (vector, built != NULL && g_bytes_equal (built, vector->bytes),
                 "the command is written like this");
}

static void
check_security_row (const Vector *vector)
{
  EaPushTrigger trigger = parse_trigger (vector->bytes);
  gint64 number;

  vector_assert_number (vector, "present", trigger.present, EA_PUSH_TRIGGER_HAS_SECURITY);
  assert_span_is (trigger.psk_identity, vector_get_string (vector, "psk_id"));
  assert_true (json_get_integer (vector->expected, "kvn", &number));
  vector_assert_number (vector, "key version", trigger.key_version, (guint64) number);
  assert_true (json_get_integer (vector->expected, "kid", &number));
  vector_assert_number (vector, "key identifier", trigger.key_identifier, (guint64) number);
}

static void
check_host_row (const Vector *vector)
{
  EaPushTrigger trigger = parse_trigger (vector->bytes);

  vector_assert_number (vector, "present", trigger.present, EA_PUSH_TRIGGER_HAS_HOST);
  assert_text (trigger.host, vector_get_string (vector, "host"));
}

static void
test_objects_of_other_implementations_are_read_field_by_field (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("push.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      n_checked++;
      if (vector_get_string (vector, "cmd") != NULL)
        check_push_row (vector);
      else if (vector_get_string (vector, "psk_id") != NULL)
        check_security_row (vector);
      else if (vector_get_string (vector, "host") != NULL)
        check_host_row (vector);
      else
        n_checked--;
    }
  vectors_report ("push.tsv", n_checked, vectors->len, "none");
  assert_int_equal (n_checked, vectors->len);
}

static void
test_link_is_asked_for_with_port_and_largest_sdu (void **state)
{
  g_autoptr (GBytes) command = bytes_of ("80EC0102093C0300092939020800");
  EaPush push = parse_push (command);
  EaPushConnection connection = parse_connection (push.objects);

  assert_int_equal (push.request, EA_PUSH_CAT_TP_LINK);
  assert_int_equal (connection.present, EA_PUSH_HAS_TRANSPORT | EA_PUSH_HAS_BUFFER_SIZE);
  assert_int_equal (connection.transport.protocol, 0x00);
  assert_int_equal (connection.transport.port, 2345);
  assert_int_equal (connection.buffer_size, 2048);
}

static void
test_bip_channel_is_asked_for_with_the_objects_of_open_channel (void **state)
{
  g_autoptr (GBytes) command = bytes_of ("80EC010113350103390204003C030109293E0521C0000201");
  EaPush push = parse_push (command);
  EaPushConnection connection = parse_connection (push.objects);

  assert_int_equal (push.request, EA_PUSH_BIP_CHANNEL);
  assert_int_equal (connection.bearer.type, EA_CAT_BEARER_DEFAULT);
  assert_int_equal (connection.buffer_size, 1024);
  assert_int_equal (connection.transport.protocol, EA_CAT_TRANSPORT_UDP_CLIENT);
  assert_int_equal (connection.transport.port, 2345);
  assert_int_equal (connection.destination.family, EA_CAT_ADDRESS_IPV4);
  assert_span_is (connection.destination.address, "C0000201");
  assert_int_equal (connection.present, EA_PUSH_HAS_BEARER | EA_PUSH_HAS_BUFFER_SIZE
                                            | EA_PUSH_HAS_TRANSPORT | EA_PUSH_HAS_DESTINATION);
}

static void
test_commands_published_by_another_implementation_are_read (void **state)
{
  g_autoptr (GBytes) link = bytes_of ("80EC0102053C03001F90");
  g_autoptr (GBytes) channel = bytes_of ("80EC01010E350103390203E83E052101020304");
  g_autoptr (GBytes) packet = bytes_of ("80EC01040436020102");
  EaPushConnection connection = parse_connection (parse_push (link).objects);

  assert_int_equal (connection.transport.port, 8080);
  connection = parse_connection (parse_push (channel).objects);
  assert_int_equal (connection.buffer_size, 1000);
  assert_int_equal (connection.present,
                    EA_PUSH_HAS_BEARER | EA_PUSH_HAS_BUFFER_SIZE | EA_PUSH_HAS_DESTINATION);
  assert_span_is (connection.destination.address, "01020304");
  assert_int_equal (parse_push (packet).request, EA_PUSH_IDENTIFICATION_PACKET);
  assert_span_is (parse_connection (parse_push (packet).objects).identification, "0102");
}

static void
test_address_before_the_transport_level_is_the_local_one (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("3E05210A0000023C030201BB3E0521C0000201");
  EaPushConnection connection = parse_connection (ea_span_from_bytes (objects));

  assert_span_is (connection.local_address.address, "0A000002");
  assert_span_is (connection.destination.address, "C0000201");
}

static void
test_first_text_is_the_login_and_the_second_the_password (void **state)
{
  g_autoptr (GBytes) objects = bytes_of ("0D02047A8D0204790D020478");
  EaPushConnection connection = parse_connection (ea_span_from_bytes (objects));

  assert_span_is (connection.login, "047A");
  assert_span_is (connection.password, "0479");
  assert_int_equal (connection.present, EA_PUSH_HAS_LOGIN | EA_PUSH_HAS_PASSWORD);
}

static void
test_request_without_data_takes_all_that_is_stored (void **state)
{
  g_autoptr (GBytes) bare = bytes_of ("80EC0101");
  g_autoptr (GBytes) with_p3 = bytes_of ("80EC010100");

  assert_int_equal (parse_push (bare).objects.size, 0);
  assert_int_equal (parse_push (with_p3).objects.size, 0);
}

static void
assert_push_rejected (const char *hex, EaCoreError code, gsize offset)
{
  g_autoptr (GBytes) command = bytes_of (hex);
  EaSpan span = ea_span_from_bytes (command);
  g_autoptr (GError) error = NULL;
  gsize found = G_MAXSIZE;
  EaPush push;

  poison (&push, sizeof push);
  if (ea_push_parse (&push, span, &error))
    fail_msg ("%s was read", hex);
  assert_true (is_poisoned (&push, sizeof push));
  assert_true (ea_core_error_get_offset (error, span.data, span.size, &found));
  assert_int_equal (found, offset);
  assert_core_error (&error, code);
}

static void
test_other_commands_are_unsupported (void **state)
{
  assert_push_rejected ("80EC010000", EA_CORE_ERROR_UNSUPPORTED, 3);
  assert_push_rejected ("80EC010500", EA_CORE_ERROR_UNSUPPORTED, 3);
  assert_push_rejected ("80EC020100", EA_CORE_ERROR_UNSUPPORTED, 0);
  assert_push_rejected ("00EC010100", EA_CORE_ERROR_UNSUPPORTED, 0);
  assert_push_rejected ("80E2880000", EA_CORE_ERROR_UNSUPPORTED, 0);
}

static void
test_tcp_connection_needs_a_port_and_an_address (void **state)
{
  g_autoptr (GBytes) good = bytes_of ("80EC01030C3C030201BB3E0521C0000201");

  assert_int_equal (parse_push (good).request, EA_PUSH_TCP_CONNECTION);
  assert_push_rejected ("80EC0103053C030201BB", EA_CORE_ERROR_MISSING, 10);
  assert_push_rejected ("80EC0103073E0521C0000201", EA_CORE_ERROR_MISSING, 12);
  assert_push_rejected ("80EC01030C3E0521C00002013C030201BB", EA_CORE_ERROR_MISSING, 17);
  assert_push_rejected ("80EC010300", EA_CORE_ERROR_MISSING, 5);
}

/* TS 102 226 §9.1.2: only the buffer size and the identification are optional */
static void
test_link_needs_a_port (void **state)
{
  assert_push_rejected ("80EC010200", EA_CORE_ERROR_MISSING, 5);
  assert_push_rejected ("80EC0102", EA_CORE_ERROR_MISSING, 4);
  assert_push_rejected ("80EC01020439020800", EA_CORE_ERROR_MISSING, 9);
}

static void
test_objects_that_end_early_are_truncated (void **state)
{
  assert_push_rejected ("80EC0102043C030009", EA_CORE_ERROR_TRUNCATED, 9);
  assert_push_rejected ("80EC0102053C0300", EA_CORE_ERROR_TRUNCATED, 8);
}

static void
test_objects_of_wrong_sizes_are_malformed (void **state)
{
  static const char *const bad[] = { "390104", "3C020109", "3E0421C00002", "3500" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) objects = bytes_of (bad[i]);
      g_autoptr (GError) error = NULL;
      EaPushConnection connection;

      poison (&connection, sizeof connection);
      assert_false (ea_push_parse_connection (&connection, ea_span_from_bytes (objects), &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
      assert_true (is_poisoned (&connection, sizeof connection));
    }
}

static void
test_command_has_at_most_255_bytes_of_objects (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (EA_PUSH_DATA_MAX + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) largest = ea_push_build (
      &(EaPush){ EA_PUSH_BIP_CHANNEL, ea_span_init (zeroes, EA_PUSH_DATA_MAX) }, &error);
  g_autoptr (GBytes) larger = ea_push_build (
      &(EaPush){ EA_PUSH_BIP_CHANNEL, ea_span_init (zeroes, EA_PUSH_DATA_MAX + 1) }, &error);

  assert_int_equal (g_bytes_get_size (largest), 5 + EA_PUSH_DATA_MAX);
  assert_null (larger);
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
assert_full_trigger (const EaPushTrigger *trigger)
{
  guint seconds = 0;

  assert_int_equal (trigger->present, EA_PUSH_TRIGGER_HAS_SESSION | EA_PUSH_TRIGGER_HAS_CONNECTION
                                          | EA_PUSH_TRIGGER_HAS_SECURITY | EA_PUSH_TRIGGER_HAS_RETRY
                                          | EA_PUSH_TRIGGER_HAS_RETRY_TIMER
                                          | EA_PUSH_TRIGGER_HAS_HTTP | EA_PUSH_TRIGGER_HAS_HOST
                                          | EA_PUSH_TRIGGER_HAS_AGENT | EA_PUSH_TRIGGER_HAS_URI);
  assert_span_is (trigger->connection, "350103390205783C030201BB3E0521C0000201");
  assert_span_is (trigger->psk_identity, PSK_IDENTITY);
  assert_int_equal (trigger->key_version, 0x40);
  assert_int_equal (trigger->key_identifier, 0x01);
  assert_int_equal (trigger->retry_counter, 3);
  assert_true (ea_push_timer_get_swapped (trigger->retry_timer, &seconds));
  assert_int_equal (seconds, 1);
  assert_text (trigger->host, "192.0.2.1");
  assert_text (trigger->agent, "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/"
                               "A000000559/1010FFFFFFFF8900000100");
  assert_text (trigger->uri, "/gsma/adminagent");
}

static void
test_full_trigger_is_read_and_written_alike (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (FULL_TRIGGER);
  EaPushTrigger trigger = parse_trigger (bytes);
  EaPushConnection connection = parse_connection (trigger.connection);
  g_autoptr (GBytes) built = ea_push_build_trigger (&trigger, NULL);

  assert_int_equal (g_bytes_get_size (bytes), 210);
  assert_full_trigger (&trigger);
  assert_int_equal (connection.transport.protocol, EA_CAT_TRANSPORT_TCP_CLIENT);
  assert_int_equal (connection.transport.port, 443);
  assert_int_equal (connection.buffer_size, 1400);
  assert_bytes_are (built, FULL_TRIGGER);
}

static void
test_trigger_may_have_any_subset (void **state)
{
  static const char *const triggers[] = {
    "8100",
    "81028300",
    SHORT_TRIGGER,
    "8105B303D60161",
    "8107B305FA03350103",
    "810C830A850804DEADBEEF020040",
    "8106830486020005",
    "810E830C860A000325030001008701FF",
    "81068304A502AABB",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (triggers); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (triggers[i]);
      EaPushTrigger trigger = parse_trigger (bytes);
      g_autoptr (GBytes) built = ea_push_build_trigger (&trigger, NULL);

      assert_bytes_are (built, triggers[i]);
    }
}

static void
test_objects_stand_by_themselves_too (void **state)
{
  static const struct
  {
    const char *hex;
    guint present;
  } objects[] = {
    { "8403350103", EA_PUSH_TRIGGER_HAS_CONNECTION },
    { "8505010203"
      "0002",
      0 },
    { "850502AABB0240", 0 },
    { "850602AABB024001", EA_PUSH_TRIGGER_HAS_SECURITY },
    { "850702AABB03400102", EA_PUSH_TRIGGER_HAS_SECURITY | EA_PUSH_TRIGGER_HAS_HASH },
    { "850400024001", EA_PUSH_TRIGGER_HAS_SECURITY },
    { "8500", EA_PUSH_TRIGGER_HAS_SESSION },
    { "85028400", EA_PUSH_TRIGGER_HAS_SESSION | EA_PUSH_TRIGGER_HAS_CONNECTION },
    { "85028800", 0 },
    { "A500", EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY },
    { "86020001", EA_PUSH_TRIGGER_HAS_RETRY },
    { "86070001A503001000", EA_PUSH_TRIGGER_HAS_RETRY | EA_PUSH_TRIGGER_HAS_RETRY_TIMER },
    { "860600018702AABB", EA_PUSH_TRIGGER_HAS_RETRY | EA_PUSH_TRIGGER_HAS_FAILURE_REPORT },
    { "8B0141", EA_PUSH_TRIGGER_HAS_AGENT },
    { "8C012F", EA_PUSH_TRIGGER_HAS_URI },
    { "B303D60161", EA_PUSH_TRIGGER_HAS_DNS | EA_PUSH_TRIGGER_HAS_FQDN },
    { "FA00", EA_PUSH_TRIGGER_HAS_DNS_CONNECTION },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (objects[i].hex);
      EaPushTrigger trigger = { 0 };
      gboolean is_read = ea_push_parse_trigger_object (&trigger, ea_span_from_bytes (bytes), NULL);

      assert_int_equal (is_read, objects[i].present != 0);
      assert_int_equal (trigger.present, objects[i].present);
    }
}

static void
assert_trigger_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaPushTrigger trigger;

  poison (&trigger, sizeof trigger);
  if (ea_push_parse_trigger (&trigger, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s was read", hex);
  assert_true (is_poisoned (&trigger, sizeof trigger));
  assert_core_error (&error, code);
}

static void
test_bad_triggers_are_refused (void **state)
{
  assert_trigger_rejected ("8300", EA_CORE_ERROR_UNSUPPORTED);
  assert_trigger_rejected ("810000", EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("810483008300", EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("8105830386"
                           "0100",
                           EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("810A8308860600012502"
                           "0010",
                           EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("810483028500", EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("8108830685040104"
                           "0001",
                           EA_CORE_ERROR_MALFORMED);
  assert_trigger_rejected ("8106B304FA800000", EA_CORE_ERROR_MALFORMED);
}

static void
test_unknown_objects_are_passed_over (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("810882018883038C0100"
                                       "8801FF");
  g_autoptr (GBytes) nested = bytes_of ("81078305820100"
                                        "8800");
  EaPushTrigger trigger = parse_trigger (nested);

  assert_int_equal (trigger.present, EA_PUSH_TRIGGER_HAS_SESSION);
  assert_span_is (trigger.objects, "83058201008800");
  assert_span_is (trigger.session_objects, "8201008800");
  assert_true (ea_push_has_place (EA_PUSH_TAG_RETRY, EA_PUSH_TAG_FAILURE_REPORT));
  assert_false (ea_push_has_place (EA_PUSH_TAG_SESSION, EA_PUSH_TAG_FAILURE_REPORT));
  assert_false (ea_push_parse_trigger (&trigger, ea_span_from_bytes (bytes), NULL));
}

static void
fail_truncated_trigger (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaPushTrigger trigger;

  poison (&trigger, sizeof trigger);
  assert_false (ea_push_parse_trigger (&trigger, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&trigger, sizeof trigger));
}

static void
test_every_truncation_of_a_trigger_is_truncated (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (FULL_TRIGGER);

  parse_truncations (ea_span_from_bytes (bytes), fail_truncated_trigger, NULL);
}

/* TS 102 223 §8.38 swaps the digits; a live card's 001000 is one minute so read, and ten for its server */
static void
test_retry_timer_is_read_both_ways (void **state)
{
  static const struct
  {
    const char *hex;
    int swapped;
    int plain;
  } timers[] = {
    { "001000", 60, 600 },   { "000100", 600, 60 },   { "000010", 1, 10 },  { "325995", -1, -1 },
    { "329595", 86399, -1 }, { "235959", -1, 86399 }, { "00001E", -1, 30 }, { "420000", -1, -1 },
    { "0000", -1, -1 },      { "00000000", -1, -1 },  { "240000", -1, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (timers); i++)
    {
      g_autoptr (GBytes) timer = bytes_of (timers[i].hex);
      guint swapped = 0;
      guint plain = 0;

      assert_int_equal (ea_push_timer_get_swapped (ea_span_from_bytes (timer), &swapped),
                        timers[i].swapped >= 0);
      assert_int_equal (ea_push_timer_get_plain (ea_span_from_bytes (timer), &plain),
                        timers[i].plain >= 0);
      assert_int_equal (swapped, MAX (timers[i].swapped, 0));
      assert_int_equal (plain, MAX (timers[i].plain, 0));
    }
}

static void
assert_timer (guint seconds, const char *hex)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_push_write_timer (&writer, seconds);
  assert_span_is (ea_writer_span (&writer), hex);
}

static void
test_retry_timer_is_written_with_swapped_digits (void **state)
{
  assert_timer (0, "000000");
  assert_timer (1, "000010");
  assert_timer (60, "001000");
  assert_timer (600, "000100");
  assert_timer (86399, "329595");
}

static void
test_requests_have_the_standards_names (void **state)
{
  assert_string_equal (ea_push_get_name (EA_PUSH_BIP_CHANNEL), "request for BIP channel opening");
  assert_string_equal (ea_push_get_name (EA_PUSH_CAT_TP_LINK),
                       "request for CAT_TP link establishment");
  assert_string_equal (ea_push_get_name (EA_PUSH_TCP_CONNECTION), "request for TCP connection");
  assert_string_equal (ea_push_get_name (EA_PUSH_IDENTIFICATION_PACKET),
                       "request for identification packet");
}

static void
test_trigger_with_a_hash_is_written_like_it_was_read (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("810B8309850702AABB03400104");
  EaPushTrigger trigger = parse_trigger (bytes);
  g_autoptr (GBytes) built = ea_push_build_trigger (&trigger, NULL);

  assert_int_equal (trigger.hash, 0x04);
  assert_true (g_bytes_equal (built, bytes));
}

static void
test_objects_have_the_amendments_names (void **state)
{
  assert_string_equal (ea_push_get_trigger_name (EA_PUSH_TAG_HOST), "administration host");
  assert_string_equal (ea_push_get_trigger_name (EA_PUSH_TAG_RETRY_TIMER), "retry waiting delay");
  assert_null (ea_push_get_trigger_name (0x88));
  assert_true (ea_push_is_trigger_tag (EA_PUSH_TAG_FQDN));
  assert_false (ea_push_is_trigger_tag (EA_PUSH_TAG_FAILURE_REPORT));
  assert_false (ea_push_is_trigger_tag (EA_PUSH_TAG_RETRY_TIMER));
}

static void
test_addresses_without_a_transport_level_end_with_the_destination (void **state)
{
  g_autoptr (GBytes) two = bytes_of ("3E05210A0000023E0521C0000201");
  EaPushConnection connection = parse_connection (ea_span_from_bytes (two));
  g_auto (EaWriter) writer = { 0 };

  assert_int_equal (connection.present, EA_PUSH_HAS_LOCAL_ADDRESS | EA_PUSH_HAS_DESTINATION);
  assert_span_is (connection.local_address.address, "0A000002");
  assert_span_is (connection.destination.address, "C0000201");
  ea_writer_init (&writer);
  ea_push_write_connection (&writer, &connection);
  assert_span_is (ea_writer_span (&writer), "3E05210A0000023E0521C0000201");
}

/* A live card's answer to GET DATA 0085, as its reader published it */
static void
test_stored_session_parameters_are_read_and_written (void **state)
{
  static const char live[]
      = "856F84248103014003820281828500B50103B902058EC70403475042BC03020582BE05215BD505028518143839"
        "37303178787878787878787878787878787802400186070001250300100089248A096C6F63616C686F73748B14"
        "38393730317878787878787878787878787878788C012F";
  g_autoptr (GBytes) bytes = bytes_of (live);
  EaPushTrigger trigger = parse_trigger (bytes);
  EaPushConnection connection = parse_connection (trigger.connection);
  g_autoptr (GBytes) built = ea_push_build_stored_session (&trigger, NULL);

  assert_int_equal (trigger.present, EA_PUSH_TRIGGER_HAS_SESSION | EA_PUSH_TRIGGER_HAS_CONNECTION
                                         | EA_PUSH_TRIGGER_HAS_SECURITY | EA_PUSH_TRIGGER_HAS_RETRY
                                         | EA_PUSH_TRIGGER_HAS_RETRY_TIMER
                                         | EA_PUSH_TRIGGER_HAS_HTTP | EA_PUSH_TRIGGER_HAS_HOST
                                         | EA_PUSH_TRIGGER_HAS_AGENT | EA_PUSH_TRIGGER_HAS_URI);
  assert_text (trigger.psk_identity, "89701xxxxxxxxxxxxxxx");
  assert_int_equal (trigger.key_version, 0x40);
  assert_int_equal (trigger.key_identifier, 0x01);
  assert_int_equal (trigger.retry_counter, 1);
  assert_text (trigger.host, "localhost");
  assert_text (trigger.uri, "/");
  assert_span_is (connection.destination.address, "5BD50502");
  assert_bytes_are (built, live);
}

static void
test_identity_of_256_bytes_is_not_written (void **state)
{
  static const guint8 identity[256] = { 0 };
  EaPushTrigger trigger = { .present = EA_PUSH_TRIGGER_HAS_SESSION | EA_PUSH_TRIGGER_HAS_SECURITY,
                            .psk_identity = ea_span_init (identity, 255) };
  g_autoptr (GBytes) largest = ea_push_build_trigger (&trigger, NULL);
  g_autoptr (GError) error = NULL;

  assert_non_null (largest);
  trigger.psk_identity = ea_span_init (identity, 256);
  assert_null (ea_push_build_trigger (&trigger, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
  assert_null (ea_push_build_stored_session (&trigger, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_objects_of_other_implementations_are_read_field_by_field),
    cmocka_unit_test (test_link_is_asked_for_with_port_and_largest_sdu),
    cmocka_unit_test (test_bip_channel_is_asked_for_with_the_objects_of_open_channel),
    cmocka_unit_test (test_commands_published_by_another_implementation_are_read),
    cmocka_unit_test (test_address_before_the_transport_level_is_the_local_one),
    cmocka_unit_test (test_first_text_is_the_login_and_the_second_the_password),
    cmocka_unit_test (test_request_without_data_takes_all_that_is_stored),
    cmocka_unit_test (test_other_commands_are_unsupported),
    cmocka_unit_test (test_tcp_connection_needs_a_port_and_an_address),
    cmocka_unit_test (test_objects_that_end_early_are_truncated),
    cmocka_unit_test (test_objects_of_wrong_sizes_are_malformed),
    cmocka_unit_test (test_command_has_at_most_255_bytes_of_objects),
    cmocka_unit_test (test_full_trigger_is_read_and_written_alike),
    cmocka_unit_test (test_trigger_may_have_any_subset),
    cmocka_unit_test (test_objects_stand_by_themselves_too),
    cmocka_unit_test (test_bad_triggers_are_refused),
    cmocka_unit_test (test_unknown_objects_are_passed_over),
    cmocka_unit_test (test_every_truncation_of_a_trigger_is_truncated),
    cmocka_unit_test (test_retry_timer_is_read_both_ways),
    cmocka_unit_test (test_retry_timer_is_written_with_swapped_digits),
    cmocka_unit_test (test_requests_have_the_standards_names),
    cmocka_unit_test (test_trigger_with_a_hash_is_written_like_it_was_read),
    cmocka_unit_test (test_objects_have_the_amendments_names),
    cmocka_unit_test (test_link_needs_a_port),
    cmocka_unit_test (test_addresses_without_a_transport_level_end_with_the_destination),
    cmocka_unit_test (test_stored_session_parameters_are_read_and_written),
    cmocka_unit_test (test_identity_of_256_bytes_is_not_written),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
