/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What `euiccctl decode` shows (agent/ctl/decode.h) of scripts, triggers, identities, notifications and data
 * objects: the whole line of JSON for each. The items are those of the tests of their codecs.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/decode.h"
#include "helpers.h"

#define EID "89001012012341234012345678901224"
#define ISD_P "A0000005591010FFFFFFFF8900001100"
#define PSK_IDENTITY "8001028110" EID "4F10000102030405060708090A0B0C0D0E0F820101830140"
#define DEFAULT_BEARER                                                                             \
  "\"bearer\":{\"type\":{\"value\":3,\"name\":\"default bearer for requested transport layer\"}}"
#define IDENTITY_PARTS                                                                             \
  "\"type\":{\"value\":2,\"name\":\"fully qualified identity, random key\"},\"eid\":\"" EID        \
  "\",\"eid_check_digits_valid\":true,\"aid\":\"000102030405060708090A0B0C0D0E0F\",\"key_"         \
  "identifier\":1,\"key_version\":64"

static void
assert_decoded (const char *kind, EaDecodeForm form, const char *hex, const char *members)
{
  const EaDecodeOptions options = { .form = form };
  g_autofree char *expected = g_strdup_printf ("{\"kind\":\"%s\",%s}\n", kind, members);
  g_auto (EaDecoder) decoder = { 0 };

  ea_decoder_init (&decoder, kind, &options, EA_REPORT_JSON_SHORT);
  assert_true (ea_decoder_run (&decoder, hex, strlen (hex)));
  assert_string_equal (decoder.out->str, expected);
}

static void
assert_refused (const char *kind, const char *hex, const char *error)
{
  const EaDecodeOptions options = { 0 };
  g_autofree char *expected = g_strdup_printf ("{\"error\":{%s}}\n", error);
  g_auto (EaDecoder) decoder = { 0 };

  ea_decoder_init (&decoder, kind, &options, EA_REPORT_JSON_SHORT);
  assert_false (ea_decoder_run (&decoder, hex, strlen (hex)));
  assert_string_equal (decoder.out->str, expected);
}

static void
test_command_is_shown_with_its_parts_and_function (void **state)
{
  assert_decoded (
      "script", EA_DECODE_FORM_AUTO, "AA1C221A80E28800153A03124F10" ISD_P,
      "\"format\":\"expanded-definite\",\"commands\":[{\"tag\":\"22\",\"name\":"
      "\"C-APDU\",\"apdu\":\"80E28800153A03124F10" ISD_P
      "\",\"instruction\":\"STORE DATA\",\"function\":\"EnableProfile\",\"target\":\"" ISD_P
      "\",\"application\":\"ISD-P\",\"cla\":\"80\","
      "\"ins\":\"E2\",\"p1\":\"88\",\"p2\":\"00\",\"lc\":21,\"data\":\"3A03124F10" ISD_P "\"}]");
  assert_decoded ("script", EA_DECODE_FORM_AUTO, "00A40004023F0000C0000010",
                  "\"format\":\"compact\",\"commands\":[{\"apdu\":\"00A40004023F00\","
                  "\"instruction\":\"SELECT\",\"cla\":\"00\",\"ins\":\"A4\",\"p1\":\"00\","
                  "\"p2\":\"04\",\"lc\":2,\"data\":\"3F00\"},{\"apdu\":\"00C0000010\","
                  "\"instruction\":\"GET RESPONSE\",\"cla\":\"00\",\"ins\":\"C0\",\"p1\":\"00\","
                  "\"p2\":\"00\",\"le\":16}]");
}

static void
test_push_in_a_script_is_opened (void **state)
{
  assert_decoded (
      "script", EA_DECODE_FORM_AUTO, "AE80220E80EC0102093C03000929390208000000",
      "\"format\":\"expanded-indefinite\",\"commands\":[{\"tag\":\"22\",\"name\":\"C-APDU\","
      "\"apdu\":\"80EC0102093C0300092939020800\",\"instruction\":\"PUSH\",\"cla\":\"80\","
      "\"ins\":\"EC\",\"p1\":\"01\",\"p2\":\"02\",\"lc\":9,\"data\":\"3C0300092939020800\","
      "\"push\":{\"command\":\"request for CAT_TP link "
      "establishment\",\"p2\":\"02\",\"transport\":{"
      "\"protocol\":{\"value\":0,\"name\":\"port of CAT_TP "
      "(PUSH)\"},\"port\":2345},\"max_sdu\":2048}}]");
}

static void
test_actions_chaining_and_sealed_data_are_named (void **state)
{
  assert_decoded ("script", EA_DECODE_FORM_AUTO, "AA0C83010181018282008602AABB",
                  "\"format\":\"expanded-definite\",\"commands\":[{\"tag\":\"83\",\"name\":"
                  "\"script chaining\",\"chaining\":{\"value\":1,\"name\":\"first script, chaining "
                  "is deleted upon card reset\"}},{\"tag\":\"81\",\"name\":\"immediate action\","
                  "\"action\":{\"value\":130,\"name\":\"early response\"}},{\"tag\":\"82\","
                  "\"name\":\"error action\",\"action\":\"no action\"},{\"tag\":\"86\",\"name\":"
                  "\"SCP03t protected data\",\"data\":\"AABB\"}]");
}

static void
test_responses_are_shown_with_their_status_words (void **state)
{
  assert_decoded ("script-response", EA_DECODE_FORM_AUTO, "AB0780010123026132",
                  "\"format\":\"expanded-definite\",\"executed\":1,\"responses\":[{\"tag\":\"23\","
                  "\"name\":\"R-APDU\",\"data\":\"\",\"sw\":\"6132\",\"status\":\"normal ending, "
                  "response data are available\"}]");
  assert_decoded (
      "script-response", EA_DECODE_FORM_AUTO, "AB06800101900101",
      "\"format\":\"expanded-definite\",\"executed\":1,\"responses\":[{\"tag\":\"90\","
      "\"name\":\"bad format\",\"bad_format\":{\"value\":1,\"name\":\"unknown tag\"}}]");
  assert_decoded ("script-response", EA_DECODE_FORM_AUTO,
                  "AF80810101830102"
                  "9F84010A0000",
                  "\"format\":\"expanded-indefinite\",\"responses\":[{\"tag\":\"81\",\"name\":"
                  "\"immediate action response\",\"immediate_action_response\":{\"value\":1,"
                  "\"name\":\"suspension error\"}},{\"tag\":\"83\",\"name\":\"script chaining "
                  "response\",\"chaining_response\":{\"value\":2,\"name\":\"script chaining not "
                  "supported\"}},{\"tag\":\"9F84\",\"name\":\"SCP03t INITIALIZE UPDATE error\","
                  "\"data\":\"0A\"}]");
  assert_decoded ("script-response", EA_DECODE_FORM_AUTO, "02612F6201",
                  "\"format\":\"compact\",\"executed\":2,\"responses\":[{\"data\":\"6201\",\"sw\":"
                  "\"612F\",\"status\":\"normal ending, response data are available\"}]");
}

static void
test_script_of_the_other_direction_is_refused_by_name (void **state)
{
  assert_refused ("script", "AB0780010123026132",
                  "\"name\":\"unsupported\",\"offset\":0,\"message\":\"This is a response script: "
                  "its template is AB, at offset 0\"");
  assert_refused ("script-response", "AE800000",
                  "\"name\":\"unsupported\",\"offset\":0,\"message\":\"This is a command script: "
                  "its template is AE, at offset 0\"");
}

static void
test_push_shows_the_parameters_of_the_channel (void **state)
{
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "80EC010113350103390204003C030109293E0521C0000201",
                  "\"command\":\"request for BIP channel opening\",\"p2\":\"01\"," DEFAULT_BEARER
                  ",\"buffer_size\":1024,\"transport\":{\"protocol\":{\"value\":1,\"name\":\"UDP, "
                  "UICC in client mode, remote connection\"},\"port\":2345},\"address\":{"
                  "\"family\":{\"value\":33,\"name\":\"IPv4\"},\"address\":\"192.0.2.1\"}");
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "80EC01040736020102030100",
                  "\"command\":\"request for identification packet\",\"p2\":\"04\","
                  "\"identification\":\"0102\",\"unknown\":[{\"tag\":\"03\",\"value\":\"00\"}]");
}

static void
test_objects_of_the_amendment_are_shown_by_themselves (void **state)
{
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "850804DEADBEEF020040",
                  "\"tag\":\"85\",\"name\":\"security parameters\",\"security_parameters\":{"
                  "\"psk_identity\":\"DEADBEEF\",\"key_version\":0,\"key_identifier\":64}");
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "8A0A61646D696E2E686F7374",
                  "\"tag\":\"8A\",\"name\":\"administration host\",\"administration_host\":"
                  "\"admin.host\"");
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "8B00",
                  "\"tag\":\"8B\",\"name\":\"agent identifier\",\"agent_identifier\":\"\"");
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "8A0241FF",
                  "\"tag\":\"8A\",\"name\":\"administration host\",\"administration_host\":"
                  "\"41FF\"");
}

static void
test_trigger_shows_both_readings_of_its_timer (void **state)
{
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO,
                  "810D830B860700032503001000"
                  "8900",
                  "\"tag\":\"81\",\"name\":\"administration session triggering parameters\","
                  "\"all_stored\":false,\"administration_session_parameters\":{"
                  "\"retry_policy_parameters\":{\"counter\":3,\"waiting_delay\":{\"octets\":"
                  "\"001000\",\"seconds\":60,\"seconds_unless_swapped\":600}},"
                  "\"http_post_parameters\":{}}");
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO, "8100",
                  "\"tag\":\"81\",\"name\":\"administration session triggering parameters\","
                  "\"all_stored\":true");
}

static void
test_identity_is_shown_alike_in_binary_and_text (void **state)
{
  g_autoptr (GString) text = g_string_new (NULL);

  ea_span_append_hex (ea_span_init (PSK_IDENTITY, strlen (PSK_IDENTITY)), text);
  assert_decoded ("psk-identity", EA_DECODE_FORM_AUTO, PSK_IDENTITY,
                  "\"form\":\"binary\"," IDENTITY_PARTS ",\"text\":\"" PSK_IDENTITY "\"");
  assert_decoded ("psk-identity", EA_DECODE_FORM_AUTO, text->str,
                  "\"form\":\"text\"," IDENTITY_PARTS ",\"text\":\"" PSK_IDENTITY "\"");
}

/* "80" "01" "02": the second digit pair of the text is where the identity ends too early */
static void
test_error_in_a_text_is_shown_at_its_digits (void **state)
{
  assert_refused ("psk-identity", "383030323031",
                  "\"name\":\"truncated\",\"offset\":6,\"message\":\"Data object 80 has 1 of 2 "
                  "bytes, at offset 6\"");
}

static void
test_notification_and_its_confirmation_are_shown (void **state)
{
  assert_decoded ("notification", EA_DECODE_FORM_AUTO,
                  "E1354C10" EID "4D01024E0200012F10" ISD_P "14081A32547698103254",
                  "\"eid\":\"" EID "\",\"eid_check_digits_valid\":true,\"type\":{\"value\":2,"
                  "\"name\":\"profile change succeeded\"},\"sequence\":1,\"aid\":\"" ISD_P
                  "\",\"application\":\"ISD-P\",\"imei\":\"123456789012345\"");
  assert_decoded ("notification", EA_DECODE_FORM_AUTO, "80E28900073A08044E02000100",
                  "\"function\":\"HandleNotificationConfirmation\",\"sequence\":1");
}

static void
test_encoding_of_data_objects_is_guessed (void **state)
{
  assert_decoded ("tlv", EA_DECODE_FORM_AUTO, "BE052101020304",
                  "\"encoding\":\"comprehension\",\"objects\":[{\"tag\":\"BE\",\"name\":\"other "
                  "address\",\"length\":5,\"comprehension_required\":true,\"value\":"
                  "\"2101020304\",\"address\":{\"family\":{\"value\":33,\"name\":\"IPv4\"},"
                  "\"address\":\"1.2.3.4\"}}]");
  assert_decoded ("tlv", EA_DECODE_FORM_AUTO, "AE80220580CA0085000000",
                  "\"encoding\":\"ber\",\"objects\":[{\"tag\":\"AE\",\"name\":\"command scripting "
                  "template\",\"length\":7,\"indefinite\":true,\"objects\":[{\"tag\":\"22\","
                  "\"length\":5,\"value\":\"80CA008500\"}]}]");
  assert_decoded ("tlv", EA_DECODE_FORM_AUTO, "3701FF",
                  "\"encoding\":\"comprehension\",\"objects\":[{\"tag\":\"37\",\"name\":\"channel "
                  "data length\",\"length\":1,\"comprehension_required\":false,\"value\":\"FF\","
                  "\"channel_data_length\":255}]");
}

static void
test_encoding_of_data_objects_can_be_forced (void **state)
{
  assert_decoded ("tlv", EA_DECODE_FORM_BER, "3701FF",
                  "\"encoding\":\"ber\",\"objects\":[{\"tag\":\"37\",\"length\":1,\"value\":"
                  "\"FF\"}]");
  assert_decoded (
      "tlv", EA_DECODE_FORM_COMPREHENSION, "F9007F017F0101",
      "\"encoding\":\"comprehension\",\"objects\":[{\"tag\":\"F9\",\"name\":\"PLMN "
      "list\",\"length\":0,\"comprehension_required\":true,\"value\":\"\",\"plmns\":[]},"
      "{\"tag\":\"7F017F\",\"length\":1,\"comprehension_required\":false,\"value\":"
      "\"01\"}]");
}

static void
test_parts_of_an_identity_are_named_among_data_objects (void **state)
{
  assert_decoded ("tlv", EA_DECODE_FORM_AUTO, PSK_IDENTITY,
                  "\"encoding\":\"ber\",\"objects\":[{\"tag\":\"80\",\"name\":\"PSK identity "
                  "type\",\"length\":1,\"value\":\"02\"},{\"tag\":\"81\",\"name\":\"EID\","
                  "\"length\":16,\"value\":\"" EID "\"},{\"tag\":\"4F\",\"name\":\"AID\","
                  "\"length\":16,\"value\":\"000102030405060708090A0B0C0D0E0F\"},{\"tag\":\"82\","
                  "\"name\":\"key identifier\",\"length\":1,\"value\":\"01\"},{\"tag\":\"83\","
                  "\"name\":\"key version\",\"length\":1,\"value\":\"40\"}]");
}

static void
test_address_without_a_port_is_the_destination (void **state)
{
  assert_decoded ("push", EA_DECODE_FORM_AUTO, "80EC01010E350103390203E83E052101020304",
                  "\"command\":\"request for BIP channel opening\",\"p2\":\"01\"," DEFAULT_BEARER
                  ",\"buffer_size\":1000,\"address\":{\"family\":{\"value\":33,\"name\":"
                  "\"IPv4\"},\"address\":\"1.2.3.4\"}");
}

static void
test_request_without_a_mandatory_object_is_refused_by_its_name (void **state)
{
  assert_refused ("push", "80EC01030C3E0521C00002013C030201BB",
                  "\"name\":\"malformed\",\"offset\":17,\"message\":\"PUSH, a request for TCP "
                  "connection, has no destination address, at offset 17\"");
}

static void
test_stored_session_parameters_are_named (void **state)
{
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO,
                  "850A86020001"
                  "89048A024142",
                  "\"tag\":\"85\",\"name\":\"administration session parameters\","
                  "\"administration_session_parameters\":{\"retry_policy_parameters\":{"
                  "\"counter\":1},\"http_post_parameters\":{\"administration_host\":\"AB\"}}");
}

static void
test_objects_without_a_place_are_unexpected (void **state)
{
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO,
                  "81078305820101"
                  "8800",
                  "\"tag\":\"81\",\"name\":\"administration session triggering parameters\","
                  "\"all_stored\":false,\"administration_session_parameters\":{\"unexpected\":["
                  "{\"tag\":\"82\",\"value\":\"01\"},{\"tag\":\"88\",\"value\":\"\"}]}");
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO, "81028800",
                  "\"tag\":\"81\",\"name\":\"administration session triggering parameters\","
                  "\"all_stored\":false,\"unexpected\":[{\"tag\":\"88\",\"value\":\"\"}]");
  assert_decoded ("session-trigger", EA_DECODE_FORM_AUTO,
                  "86050001"
                  "880109",
                  "\"tag\":\"86\",\"name\":\"retry policy parameters\","
                  "\"retry_policy_parameters\":{\"counter\":1,\"unexpected\":[{\"tag\":\"88\","
                  "\"value\":\"09\"}]}");
  assert_decoded ("notification", EA_DECODE_FORM_AUTO,
                  "E12E4C10" EID "4D01024E0200012F10" ISD_P "500100",
                  "\"eid\":\"" EID "\",\"eid_check_digits_valid\":true,\"type\":{\"value\":2,"
                  "\"name\":\"profile change succeeded\"},\"sequence\":1,\"aid\":\"" ISD_P
                  "\",\"application\":\"ISD-P\",\"unexpected\":[{\"tag\":\"50\",\"value\":"
                  "\"00\"}]");
}

static void
test_template_that_can_not_be_read_is_not_taken_for_a_toolkit_object (void **state)
{
  assert_refused ("tlv", "E1034C0289",
                  "\"name\":\"truncated\",\"offset\":5,\"message\":\"Data object 4C has 1 of 2 "
                  "bytes, at offset 5\"");
  assert_refused ("tlv", "E1034C",
                  "\"name\":\"truncated\",\"offset\":3,\"message\":\"Data object E1 has 1 of 3 "
                  "bytes, at offset 3\"");
}

static void
test_limit_is_told_whatever_a_sequence_begins_with (void **state)
{
  static const char *const tags[] = { "AE80", "A280" };

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      g_autoptr (GString) deep = g_string_new (NULL);

      for (guint j = 0; j < 20; j++)
        {
          g_string_prepend (deep, tags[i]);
          g_string_append (deep, "0000");
        }
      assert_refused (
          "tlv", deep->str,
          "\"name\":\"limit\",\"offset\":32,\"message\":\"More than 16 indefinite lengths "
          "within each other, at offset 32\"");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_command_is_shown_with_its_parts_and_function),
    cmocka_unit_test (test_push_in_a_script_is_opened),
    cmocka_unit_test (test_actions_chaining_and_sealed_data_are_named),
    cmocka_unit_test (test_responses_are_shown_with_their_status_words),
    cmocka_unit_test (test_script_of_the_other_direction_is_refused_by_name),
    cmocka_unit_test (test_push_shows_the_parameters_of_the_channel),
    cmocka_unit_test (test_objects_of_the_amendment_are_shown_by_themselves),
    cmocka_unit_test (test_trigger_shows_both_readings_of_its_timer),
    cmocka_unit_test (test_identity_is_shown_alike_in_binary_and_text),
    cmocka_unit_test (test_error_in_a_text_is_shown_at_its_digits),
    cmocka_unit_test (test_notification_and_its_confirmation_are_shown),
    cmocka_unit_test (test_encoding_of_data_objects_is_guessed),
    cmocka_unit_test (test_encoding_of_data_objects_can_be_forced),
    cmocka_unit_test (test_parts_of_an_identity_are_named_among_data_objects),
    cmocka_unit_test (test_address_without_a_port_is_the_destination),
    cmocka_unit_test (test_request_without_a_mandatory_object_is_refused_by_its_name),
    cmocka_unit_test (test_stored_session_parameters_are_named),
    cmocka_unit_test (test_objects_without_a_place_are_unexpected),
    cmocka_unit_test (test_limit_is_told_whatever_a_sequence_begins_with),
    cmocka_unit_test (test_template_that_can_not_be_read_is_not_taken_for_a_toolkit_object),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
