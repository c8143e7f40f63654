/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the microscope says of CAT_TP PDUs and HTTP messages (agent/ctl/decode.h). JSON is written
 * by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/decode.h"
#include "helpers.h"

#define AGENT                                                                                      \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

static void
assert_decoded (const char *kind, const char *hex, const char *expected)
{
  static const EaDecodeOptions options = { 0 };
  g_auto (EaDecoder) decoder = { 0 };
  g_autofree char *line = g_strconcat (expected, "\n", NULL);

  ea_decoder_init (&decoder, kind, &options, EA_REPORT_JSON_SHORT);
  (void) ea_decoder_run (&decoder, hex, strlen (hex));

  assert_string_equal (decoder.out->str, line);
}

/* @message is text; what is not text comes by its octal escapes. */
static void
assert_message_decoded (const char *kind, const char *message, const char *expected)
{
  g_autofree char *hex = ea_span_to_hex (ea_span_init (message, strlen (message)));

  assert_decoded (kind, hex, expected);
}

static void
test_first_request_of_a_session_is_shown (void **state)
{
  assert_message_decoded (
      "http-request",
      "POST /gsma/adminagent HTTP/1.1\r\n"
      "Host: 192.0.2.1\r\n"
      "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"
      "X-Admin-From: " AGENT "\r\n"
      "\r\n",
      "{\"kind\":\"http-request\",\"method\":\"POST\",\"uri\":\"/gsma/"
      "adminagent\",\"version\":\"1.1\","
      "\"host\":\"192.0.2.1\",\"admin_protocol\":\"globalplatform-remote-admin/1.0\","
      "\"from\":\"" AGENT "\",\"framing\":\"none\",\"keep_alive\":true,\"headers\":["
      "{\"name\":\"Host\",\"value\":\"192.0.2.1\"},"
      "{\"name\":\"X-Admin-Protocol\",\"value\":\"globalplatform-remote-admin/1.0\"},"
      "{\"name\":\"X-Admin-From\",\"value\":\"" AGENT "\"}]}");
}

static void
test_answer_in_chunks_is_shown_without_them (void **state)
{
  assert_message_decoded (
      "http-request",
      "POST /next HTTP/1.1\r\nX-Admin-Script-Status: ok\r\nX-Admin-Resume: TRUE\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\n\257#\r\n1\r\n\003\r\n0\r\n\r\n",
      "{\"kind\":\"http-request\",\"method\":\"POST\",\"uri\":\"/next\",\"version\":\"1.1\","
      "\"script_status\":\"ok\",\"resume\":true,\"framing\":\"chunked\",\"keep_alive\":true,"
      "\"headers\":[{\"name\":\"X-Admin-Script-Status\",\"value\":\"ok\"},"
      "{\"name\":\"X-Admin-Resume\",\"value\":\"TRUE\"},"
      "{\"name\":\"Transfer-Encoding\",\"value\":\"chunked\"}],\"body\":\"AF2303\"}");
}

/* A notification of SGP.02 §4.1.1.11 in 55 bytes, and what is shown of it. */
#define EID "89001012012341234012345678901224"
#define ISD_P "A0000005591010FFFFFFFF8900001100"
#define NOTIFICATION "e1354C10" EID "4D01024E0200012F10" ISD_P "14081A32547698103254"
#define NOTIFICATION_SHOWN                                                                         \
  "\"notification\":{\"eid\":\"" EID "\",\"eid_check_digits_valid\":true,"                         \
  "\"type\":{\"value\":2,\"name\":\"profile change succeeded\"},\"sequence\":1,"                   \
  "\"aid\":\"" ISD_P "\",\"application\":\"ISD-P\",\"imei\":\"123456789012345\"},"

/* @shown is what is added to a request with @query for its notification. */
static void
assert_query_decoded (const char *query, const char *shown)
{
  g_autofree char *message = g_strdup_printf ("POST /a?%s HTTP/1.1\r\n\r\n", query);
  g_autofree char *expected
      = g_strdup_printf ("{\"kind\":\"http-request\",\"method\":\"POST\",\"uri\":\"/a?%s\","
                         "\"version\":\"1.1\",%s\"framing\":\"none\",\"keep_alive\":true,"
                         "\"headers\":[]}",
                         query, shown);

  assert_message_decoded ("http-request", message, expected);
}

static void
test_notification_in_the_query_is_decoded (void **state)
{
  assert_query_decoded ("msg=" NOTIFICATION, NOTIFICATION_SHOWN);
  assert_query_decoded ("b=1&msg=" NOTIFICATION "&c", NOTIFICATION_SHOWN);
  assert_query_decoded ("msg=" NOTIFICATION "&msg=00", NOTIFICATION_SHOWN);
}

static void
test_notification_that_has_an_error_shows_it (void **state)
{
  assert_query_decoded ("msg=e103",
                        "\"notification\":{\"error\":{\"name\":\"truncated\",\"offset\":2,"
                        "\"message\":\"Data object E1 has 0 of 3 bytes, at offset 2\"}},");
}

static void
test_query_without_plain_digits_has_no_notification (void **state)
{
  static const char *const queries[] = {
    "msg=",
    "msg=e1x",
    "msg=e",
    "msg=e13",
    "msg=e1:35",
    "msg=:",
    "msg=%65",
    "xmsg=e1",
    "MSG=e1",
    "msg",
    "&",
    "",
    "msg=&msg=" NOTIFICATION,
    "msg=x&msg=" NOTIFICATION,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    assert_query_decoded (queries[i], "");
}

/* @shown is what a request with the field X-Admin-Resume of @value has for it. */
static void
assert_resume_decoded (const char *value, const char *shown)
{
  g_autofree char *message
      = g_strdup_printf ("POST /a HTTP/1.1\r\nX-Admin-Resume:%s\r\n\r\n", value);
  g_autofree char *expected
      = g_strdup_printf ("{\"kind\":\"http-request\",\"method\":\"POST\",\"uri\":\"/a\","
                         "\"version\":\"1.1\",\"resume\":%s,\"framing\":\"none\","
                         "\"keep_alive\":true,\"headers\":[{\"name\":\"X-Admin-Resume\","
                         "\"value\":\"%s\"}]}",
                         shown, value);

  assert_message_decoded ("http-request", message, expected);
}

static void
test_resume_is_a_boolean_where_it_says_so (void **state)
{
  assert_resume_decoded ("true", "true");
  assert_resume_decoded ("False", "false");
  assert_resume_decoded ("yes", "\"yes\"");
  assert_resume_decoded ("", "\"\"");
}

static void
test_response_with_a_script_is_shown (void **state)
{
  assert_message_decoded (
      "http-response",
      "HTTP/1.1 200 OK\r\n"
      "X-Admin-Next-URI:/agent?s=7&x=%2F//\r\n"
      "X-Admin-Targeted-Application: //aid/A000000559/1010FFFFFFFF8900000F00\r\n"
      "content-type:application/vnd.globalplatform.card-content-mgt;version=1.0 \r\n"
      "Content-Length: 2\r\n"
      "\r\n"
      "\256\200",
      "{\"kind\":\"http-response\",\"status\":200,\"reason\":\"OK\",\"version\":\"1.1\","
      "\"content_type\":\"application/vnd.globalplatform.card-content-mgt;version=1.0\","
      "\"next_uri\":\"/agent?s=7&x=%2F//\","
      "\"targeted_application\":\"//aid/A000000559/1010FFFFFFFF8900000F00\","
      "\"framing\":\"length\",\"content_length\":2,\"keep_alive\":true,\"headers\":["
      "{\"name\":\"X-Admin-Next-URI\",\"value\":\"/agent?s=7&x=%2F//\"},"
      "{\"name\":\"X-Admin-Targeted-Application\","
      "\"value\":\"//aid/A000000559/1010FFFFFFFF8900000F00\"},"
      "{\"name\":\"content-type\","
      "\"value\":\"application/vnd.globalplatform.card-content-mgt;version=1.0\"},"
      "{\"name\":\"Content-Length\",\"value\":\"2\"}],\"body\":\"AE80\"}");
}

static void
test_response_up_to_the_end_of_the_item_is_shown (void **state)
{
  assert_message_decoded ("http-response", "HTTP/1.1 500 \303\244h\r\nA:\r\n\r\nno",
                          "{\"kind\":\"http-response\",\"status\":500,\"reason\":\"\303\244h\","
                          "\"version\":\"1.1\",\"framing\":\"close\",\"keep_alive\":false,"
                          "\"headers\":[{\"name\":\"A\",\"value\":\"\"}],\"body\":\"6E6F\"}");
}

static void
test_texts_that_are_not_utf8_are_shown_as_octets (void **state)
{
  assert_message_decoded ("http-response",
                          "HTTP/1.1 204 \344h\r\nX-Admin-Next-URI: /\377\r\n"
                          "X-Admin-Resume: \200\r\n\r\n",
                          "{\"kind\":\"http-response\",\"status\":204,\"reason_octets\":\"E468\","
                          "\"version\":\"1.1\",\"next_uri_octets\":\"2FFF\","
                          "\"resume_octets\":\"80\",\"framing\":\"none\",\"keep_alive\":true,"
                          "\"headers\":[{\"name\":\"X-Admin-Next-URI\",\"value_octets\":\"2FFF\"},"
                          "{\"name\":\"X-Admin-Resume\",\"value_octets\":\"80\"}]}");
}

static void
test_message_that_is_not_whole_is_truncated (void **state)
{
  assert_message_decoded ("http-response", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                          "{\"error\":{\"name\":\"truncated\",\"offset\":41,\"message\":\"Response "
                          "ends after 3 bytes of its body, not 5, at offset 41\"}}");
  assert_message_decoded ("http-request", "POST /a HTT",
                          "{\"error\":{\"name\":\"truncated\",\"offset\":11,\"message\":\"Request "
                          "ends after 11 bytes of its head, at offset 11\"}}");
}

static void
test_bytes_after_a_message_are_refused (void **state)
{
  assert_message_decoded ("http-response", "HTTP/1.1 204 N\r\n\r\nabc",
                          "{\"error\":{\"name\":\"malformed\",\"offset\":18,\"message\":\"3 bytes "
                          "follow the message, at offset 18\"}}");
}

static void
test_syn_is_shown_with_its_parameters (void **state)
{
  assert_decoded ("cat-tp",
                  "80000027C0010929000000640000000A22ED057808001089001012012341234012345678901224",
                  "{\"kind\":\"cat-tp\",\"flags\":[\"SYN\"],\"version\":0,\"header_length\":39,"
                  "\"source_port\":49153,\"destination_port\":2345,\"data_length\":0,"
                  "\"sequence\":100,\"acknowledgement\":0,\"window\":10,\"checksum\":\"good\","
                  "\"checksum_value\":\"22ED\",\"max_pdu\":1400,\"max_sdu\":2048,"
                  "\"identification\":\"89001012012341234012345678901224\"}");
}

static void
test_pdu_with_a_wrong_checksum_is_shown (void **state)
{
  assert_decoded ("cat-tp", "610000160929C0010000CF870069000A04EE006B006C",
                  "{\"kind\":\"cat-tp\",\"flags\":[\"ACK\",\"EAK\"],\"version\":1,"
                  "\"header_length\":22,\"source_port\":2345,\"destination_port\":49153,"
                  "\"data_length\":0,\"sequence\":53127,\"acknowledgement\":105,\"window\":10,"
                  "\"checksum\":\"bad\",\"checksum_value\":\"04EE\","
                  "\"extended_acknowledgements\":[107,108]}");
}

static void
test_reset_is_shown_with_its_reason (void **state)
{
  assert_decoded ("cat-tp", "501234130929C0010000000000640000AF4B03",
                  "{\"kind\":\"cat-tp\",\"flags\":[\"ACK\",\"RST\"],\"version\":0,"
                  "\"reserved\":4660,\"header_length\":19,\"source_port\":2345,"
                  "\"destination_port\":49153,\"data_length\":0,\"sequence\":0,"
                  "\"acknowledgement\":100,\"window\":0,\"checksum\":\"good\","
                  "\"checksum_value\":\"AF4B\",\"reset_reason\":{\"value\":3,"
                  "\"name\":\"requested port not available\"}}");
}

static void
test_data_are_shown (void **state)
{
  assert_decoded ("cat-tp", "440000120929C001000500020064000AE9470102030405",
                  "{\"kind\":\"cat-tp\",\"flags\":[\"ACK\",\"SEG\"],\"version\":0,"
                  "\"header_length\":18,\"source_port\":2345,\"destination_port\":49153,"
                  "\"data_length\":5,\"sequence\":2,\"acknowledgement\":100,\"window\":10,"
                  "\"checksum\":\"good\",\"checksum_value\":\"E947\",\"data\":\"0102030405\"}");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_first_request_of_a_session_is_shown),
    cmocka_unit_test (test_answer_in_chunks_is_shown_without_them),
    cmocka_unit_test (test_notification_in_the_query_is_decoded),
    cmocka_unit_test (test_notification_that_has_an_error_shows_it),
    cmocka_unit_test (test_query_without_plain_digits_has_no_notification),
    cmocka_unit_test (test_resume_is_a_boolean_where_it_says_so),
    cmocka_unit_test (test_response_with_a_script_is_shown),
    cmocka_unit_test (test_response_up_to_the_end_of_the_item_is_shown),
    cmocka_unit_test (test_texts_that_are_not_utf8_are_shown_as_octets),
    cmocka_unit_test (test_message_that_is_not_whole_is_truncated),
    cmocka_unit_test (test_bytes_after_a_message_are_refused),
    cmocka_unit_test (test_syn_is_shown_with_its_parameters),
    cmocka_unit_test (test_pdu_with_a_wrong_checksum_is_shown),
    cmocka_unit_test (test_reset_is_shown_with_its_reason),
    cmocka_unit_test (test_data_are_shown),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
