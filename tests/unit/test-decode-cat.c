/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the microscope says of proactive commands and responses (agent/ctl/decode.h): the order and names of
 * keys, lists, what does not belong there, and errors with their places. The values are compared with those
 * of other implementations elsewhere.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/decode.h"
#include "helpers.h"

/* What a command from the UICC to @device begins with */
#define COMMAND(name, type, qualifier, device)                                                     \
  "{\"kind\":\"proactive\",\"command\":\"" name "\",\"type\":" type                                \
  ",\"number\":1,\"qualifier\":" qualifier                                                         \
  ",\"source\":{\"value\":129,\"name\":\"UICC\"},\"destination\":{\"value\":" device "},"

/* What a response of the terminal begins with */
#define RESPONSE(name, type, qualifier)                                                            \
  "{\"kind\":\"terminal-response\",\"command\":\"" name "\",\"type\":" type                        \
  ",\"number\":1,\"qualifier\":" qualifier ",\"source\":{\"value\":130,\"name\":\"terminal\"},"    \
  "\"destination\":{\"value\":129,\"name\":\"UICC\"},"

#define TERMINAL "130,\"name\":\"terminal\""
#define OPEN_IMMEDIATELY                                                                           \
  "1,\"qualifier_bits\":{\"immediate\":true,\"automatic_reconnection\":false,"                     \
  "\"background\":false,\"dns_requested\":false}"
#define DEFAULT_BEARER                                                                             \
  "\"bearer\":{\"type\":{\"value\":3,\"name\":\"default bearer for requested transport "           \
  "layer\"}},\"buffer_size\":1400"
#define SUCCESS "\"result\":{\"code\":0,\"name\":\"command performed successfully\"},"

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

static void
test_open_channel_is_shown_with_where_to (void **state)
{
  assert_decoded (
      "proactive", "D02281030140018202818235010339020578470403696F743C030201BB3E0521C0000201",
      COMMAND ("OPEN CHANNEL", "64", OPEN_IMMEDIATELY, TERMINAL) DEFAULT_BEARER
      ",\"apn\":\"iot\",\"transport\":{\"protocol\":{\"value\":2,\"name\":\"TCP, UICC in "
      "client mode, remote connection\"},\"port\":443},\"address\":{\"family\":{\"val"
      "ue\":33,\"name\":\"IPv4\"},\"address\":\"192.0.2.1\"}}");
}

static void
test_data_are_shown_with_their_channel (void **state)
{
  assert_decoded ("proactive", "D00F810301430182028121B60416030301",
                  COMMAND ("SEND DATA", "67", "1,\"qualifier_name\":\"send data immediately\"",
                           "33,\"name\":\"channel 1\"") "\"channel\":1,\"data\":\"16030301\"}");
}

static void
test_texts_of_a_call_are_told_apart_by_their_phase (void **state)
{
  assert_decoded (
      "proactive",
      "D02C810301100082028183850E434F4E4649524D4154494F4E20328609911032042143651C2C"
      "850643414C4C2032",
      COMMAND (
          "SET UP CALL", "16",
          "0,\"qualifier_name\":\"set up call, but only if not currently busy on "
          "another call\"",
          "131,\"name\":\"network\"") "\"alpha\":\"CONFIRMATION "
                                      "2\",\"address\":{\"ton\":1,\"npi\":1,\"digits\":\"01234012"
                                      "3456c1c2\"},\"alpha_call_set_up\":\"CALL 2\"}");
}

static void
test_items_are_a_list (void **state)
{
  assert_decoded (
      "proactive", "D023810301250082028182850C546F6F6C6B6974204D656E758F04114F6E658F041254776F",
      COMMAND ("SET UP MENU", "37", "0",
               TERMINAL) "\"alpha\":\"Toolkit "
                         "Menu\",\"items\":[{\"identifier\":17,\"text\":\"One\"},{\"ident"
                         "ifier\":18,\"text\":\"Two\"}]}");
}

static void
test_files_of_a_refresh_are_paths (void **state)
{
  assert_decoded ("proactive", "D016810301010182028182920B023F007F206F073F002FE2",
                  COMMAND ("REFRESH", "1", "1,\"qualifier_name\":\"file change notification\"",
                           TERMINAL) "\"files\":[\"3F007F206F07\",\"3F002FE2\"]}");
}

static void
test_objects_that_do_not_belong_there_are_listed_apart (void **state)
{
  assert_decoded (
      "proactive", "D0148103012100820281028D0204414F02ABCD390104",
      COMMAND (
          "DISPLAY TEXT", "33", "0",
          "2,\"name\":\"display\"") "\"text\":\"A\",\"dcs\":4,\"unexpected\":[{\"tag\":\"39\","
                                    "\"name\":\"buffer size\",\"value"
                                    "\":\"04\"}],\"unknown\":[{\"tag\":\"4F\",\"value\":\"ABCD\"}]"
                                    ",\"problem\":{\"result\":{\"v"
                                    "alue\":1,\"name\":\"command performed with partial "
                                    "comprehension\"}}}");
}

static void
test_command_without_what_it_needs_shows_the_result_to_come (void **state)
{
  assert_decoded (
      "proactive", "D009810301400182028182",
      COMMAND (
          "OPEN CHANNEL", "64", OPEN_IMMEDIATELY,
          TERMINAL) "\"problem\":{\"result\":{\"value\":54,\"name\":\"error, required values are "
                    "missing\"},\"message\":\"OPEN CHANNEL has no buffer size\"}}");
}

static void
test_value_of_a_wrong_size_is_an_error_with_its_place (void **state)
{
  assert_decoded ("proactive", "D00C810301400182028182390104",
                  "{\"error\":{\"name\":\"malformed\",\"offset\":13,\"message\":\"Value of buffer "
                  "size has 1 bytes, not 2, at offset 13\"}}");
}

static void
test_command_that_ends_early_is_truncated (void **state)
{
  assert_decoded (
      "proactive", "D0228103014001820281823501033902057847",
      "{\"error\":{\"name\":\"truncated\",\"offset\":19,\"message\":\"Data object D0 has"
      " 17 of 34 bytes, at offset 19\"}}");
}

static void
test_bytes_after_a_command_are_an_error (void **state)
{
  assert_decoded (
      "proactive", "D00981030140018202818200",
      "{\"error\":{\"name\":\"malformed\",\"offset\":11,\"message\":\"Proactive command "
      "of 11 bytes has 1 more behind it, at offset 11\"}}");
}

static void
test_cause_of_a_failure_has_a_name (void **state)
{
  assert_decoded (
      "terminal-response", "81030140018202828183023A0735010339020578",
      RESPONSE ("OPEN CHANNEL", "64",
                OPEN_IMMEDIATELY) "\"result\":{\"code\":58,\"name\":\"bearer independent protocol "
                                  "error\",\"additional\":\"07\",\"cause\":{\"value\":7,\"name\":"
                                  "\"remote device is "
                                  "not reachable\"}}," DEFAULT_BEARER "}");
}

static void
test_opened_channel_has_status_and_servers (void **state)
{
  assert_decoded (
      "terminal-response",
      "8103014001820282818301003802810035010339020578400521080808084011572001486048"
      "6000000000000000008888",
      RESPONSE ("OPEN CHANNEL", "64", OPEN_IMMEDIATELY) SUCCESS
      "\"channel_status\":[{\"channel\":1,\"established\":true,\"listening\":false,\"i"
      "nformation\":{\"value\":0,\"name\":\"no further info can be given\"}}]," DEFAULT_BEARER
      ",\"dns_servers\":[{\"family\":{\"value\":33,\"name\":\"IPv4\"},\"address\":\"8.8.8."
      "8\"},{\"family\":{\"value\":87,\"name\":\"IPv6\"},\"address\":\"2001:4860:4860::88"
      "88\"}]}");
}

static void
test_place_of_the_terminal_is_shown (void **state)
{
  assert_decoded (
      "terminal-response", "810301260082028281830100930962F220123400000001",
      RESPONSE ("PROVIDE LOCAL INFORMATION", "38", "0,\"qualifier_name\":\"location information\"")
          SUCCESS
      "\"location\":{\"mcc\":\"262\",\"mnc\":\"02\",\"lac_tac\":4660,\"cell_id\":0,\"extende"
      "d_cell_id\":1}}");
}

static void
test_rest_of_a_timer_is_a_time (void **state)
{
  assert_decoded ("terminal-response", "810301270182028281830100A40108A503009592",
                  RESPONSE ("TIMER MANAGEMENT", "39", "1,\"qualifier_name\":\"deactivate\"") SUCCESS
                  "\"timer\":8,\"value\":\"00:59:29\"}");
}

static void
test_tag_of_what_is_unexpected_is_shown_as_it_came (void **state)
{
  assert_decoded (
      "proactive", "D0168103012100820281028D0204418D0204427F812301AA",
      "{\"kind\":\"proactive\",\"command\":\"DISPLAY TEXT\",\"type\":33,\"number\":1,"
      "\"qualifier\":0,\"source\":{\"value\":129,\"name\":\"UICC\"},"
      "\"destination\":{\"value\":2,\"name\":\"display\"},\"text\":\"A\",\"dcs\":4,"
      "\"unexpected\":[{\"tag\":\"8D\",\"name\":\"text string\",\"value\":\"0442\","
      "\"decoded\":{\"text\":\"B\",\"dcs\":4}}],\"unknown\":[{\"tag\":\"7F8123\","
      "\"value\":\"AA\"}],\"problem\":{\"result\":{\"value\":50,\"name\":\"command data "
      "not understood by terminal\"},\"message\":\"DISPLAY TEXT has object 123, which must "
      "be understood\"}}");
}

/* TS 102 223 §6.6.26: the gateway comes before the network access name */
static void
test_login_of_a_browser_is_no_gateway (void **state)
{
  assert_decoded ("proactive", "D0198103011500820281823100470403696F740D0204750D020470",
                  "{\"kind\":\"proactive\",\"command\":\"LAUNCH BROWSER\",\"type\":21,\"number\":1,"
                  "\"qualifier\":0,\"qualifier_name\":\"launch browser, if not already launched\","
                  "\"source\":{\"value\":129,\"name\":\"UICC\"},\"destination\":{\"value\":130,"
                  "\"name\":\"terminal\"},\"url\":\"\",\"apn\":\"iot\",\"login\":\"u\","
                  "\"password\":\"p\"}");
}

static void
test_several_locations_and_measurements_are_lists (void **state)
{
  assert_decoded (
      "terminal-response", "810301260F820282818301003F020308130562F2201234130562F2205678",
      "{\"kind\":\"terminal-response\",\"command\":\"PROVIDE LOCAL INFORMATION\","
      "\"type\":38,\"number\":1,\"qualifier\":15,\"qualifier_name\":\"location information "
      "for multiple access technologies\",\"source\":{\"value\":130,\"name\":\"terminal\"},"
      "\"destination\":{\"value\":129,\"name\":\"UICC\"},\"result\":{\"code\":0,"
      "\"name\":\"command performed successfully\"},\"access_technologies\":[{\"value\":3,"
      "\"name\":\"UTRAN\"},{\"value\":8,\"name\":\"E-UTRAN\"}],"
      "\"locations\":[{\"mcc\":\"262\",\"mnc\":\"02\",\"lac_tac\":4660},{\"mcc\":\"262\","
      "\"mnc\":\"02\",\"lac_tac\":22136}]}");
  assert_decoded (
      "terminal-response", "8103012610820282818301003F020308160101160102",
      "{\"kind\":\"terminal-response\",\"command\":\"PROVIDE LOCAL INFORMATION\","
      "\"type\":38,\"number\":1,\"qualifier\":16,\"qualifier_name\":\"network measurement "
      "results for multiple access technologies\",\"source\":{\"value\":130,"
      "\"name\":\"terminal\"},\"destination\":{\"value\":129,\"name\":\"UICC\"},"
      "\"result\":{\"code\":0,\"name\":\"command performed successfully\"},"
      "\"access_technologies\":[{\"value\":3,\"name\":\"UTRAN\"},{\"value\":8,"
      "\"name\":\"E-UTRAN\"}],\"network_measurement_results\":[\"01\",\"02\"]}");
}

/* TS 102 223 §8.12 */
static void
test_failure_without_its_cause_has_a_problem (void **state)
{
  assert_decoded (
      "terminal-response", "81030140018202828183013A",
      "{\"kind\":\"terminal-response\",\"command\":\"OPEN CHANNEL\",\"type\":64,"
      "\"number\":1,\"qualifier\":1,\"qualifier_bits\":{\"immediate\":true,"
      "\"automatic_reconnection\":false,\"background\":false,\"dns_requested\":false},"
      "\"source\":{\"value\":130,\"name\":\"terminal\"},\"destination\":{\"value\":129,"
      "\"name\":\"UICC\"},\"result\":{\"code\":58,\"name\":\"bearer independent protocol "
      "error\"},\"problem\":{\"message\":\"Result 3A has no additional information\"}}");
  assert_decoded ("terminal-response", "810301010082028281830122",
                  "{\"kind\":\"terminal-response\",\"command\":\"REFRESH\",\"type\":1,\"number\":1,"
                  "\"qualifier\":0,\"qualifier_name\":\"NAA initialization and full file change "
                  "notification\",\"source\":{\"value\":130,\"name\":\"terminal\"},"
                  "\"destination\":{\"value\":129,\"name\":\"UICC\"},\"result\":{\"code\":34,"
                  "\"name\":\"user did not accept the proactive command\"}}");
}

static void
test_identity_that_is_coded_otherwise_shows_digits_and_octets (void **state)
{
  assert_decoded ("terminal-response", "81030126018202828183010014081A32547698103254",
                  "{\"kind\":\"terminal-response\",\"command\":\"PROVIDE LOCAL INFORMATION\","
                  "\"type\":38,\"number\":1,\"qualifier\":1,\"qualifier_name\":\"IMEI of the "
                  "terminal\",\"source\":{\"value\":130,\"name\":\"terminal\"},"
                  "\"destination\":{\"value\":129,\"name\":\"UICC\"},\"result\":{\"code\":0,"
                  "\"name\":\"command performed successfully\"},\"imei\":\"123456789012345\"}");
  assert_decoded ("terminal-response", "81030126018202828183010014081232547698103254",
                  "{\"kind\":\"terminal-response\",\"command\":\"PROVIDE LOCAL INFORMATION\","
                  "\"type\":38,\"number\":1,\"qualifier\":1,\"qualifier_name\":\"IMEI of the "
                  "terminal\",\"source\":{\"value\":130,\"name\":\"terminal\"},"
                  "\"destination\":{\"value\":129,\"name\":\"UICC\"},\"result\":{\"code\":0,"
                  "\"name\":\"command performed successfully\"},\"imei\":\"123456789012345\","
                  "\"imei_octets\":\"1232547698103254\"}");
  assert_decoded ("terminal-response", "8103012608820282818301006209133254769810325406",
                  "{\"kind\":\"terminal-response\",\"command\":\"PROVIDE LOCAL INFORMATION\","
                  "\"type\":38,\"number\":1,\"qualifier\":8,\"qualifier_name\":\"IMEISV of the "
                  "terminal\",\"source\":{\"value\":130,\"name\":\"terminal\"},"
                  "\"destination\":{\"value\":129,\"name\":\"UICC\"},\"result\":{\"code\":0,"
                  "\"name\":\"command performed successfully\"},\"imeisv\":\"1234567890123456\","
                  "\"imeisv_octets\":\"133254769810325406\"}");
}

static void
test_text_attribute_without_a_colour_is_shown (void **state)
{
  assert_decoded ("proactive", "D0128103012100820281028D0204415003000101",
                  "{\"kind\":\"proactive\",\"command\":\"DISPLAY TEXT\",\"type\":33,\"number\":1,"
                  "\"qualifier\":0,\"source\":{\"value\":129,\"name\":\"UICC\"},"
                  "\"destination\":{\"value\":2,\"name\":\"display\"},\"text\":\"A\",\"dcs\":4,"
                  "\"text_attribute\":{\"start\":0,\"length\":1,\"mode\":1}}");
  assert_decoded (
      "proactive", "D0158103012100820281028D0204415006000101010201",
      "{\"kind\":\"proactive\",\"command\":\"DISPLAY TEXT\",\"type\":33,\"number\":1,"
      "\"qualifier\":0,\"source\":{\"value\":129,\"name\":\"UICC\"},"
      "\"destination\":{\"value\":2,\"name\":\"display\"},\"text\":\"A\",\"dcs\":4,"
      "\"text_attribute\":[{\"start\":0,\"length\":1,\"mode\":1},{\"start\":1,\"length\":2,"
      "\"mode\":1}]}");
  assert_decoded ("proactive", "D0178103012100820281028D020441500800010194010102B4",
                  "{\"kind\":\"proactive\",\"command\":\"DISPLAY TEXT\",\"type\":33,\"number\":1,"
                  "\"qualifier\":0,\"source\":{\"value\":129,\"name\":\"UICC\"},"
                  "\"destination\":{\"value\":2,\"name\":\"display\"},\"text\":\"A\",\"dcs\":4,"
                  "\"text_attribute\":[{\"start\":0,\"length\":1,\"mode\":1,\"colour\":148},"
                  "{\"start\":1,\"length\":1,\"mode\":2,\"colour\":180}]}");
}

/* TS 102 223 §6.4.10: up to 160 octets, of which the terminal makes 140 */
static void
test_message_that_is_none_is_shown_with_its_error (void **state)
{
  assert_decoded (
      "proactive", "D01181030113018202818385000B0441000081",
      "{\"kind\":\"proactive\",\"command\":\"SEND SHORT MESSAGE\",\"type\":19,\"number\":1,"
      "\"qualifier\":1,\"qualifier_name\":\"SMS packing by the terminal required\","
      "\"source\":{\"value\":129,\"name\":\"UICC\"},\"destination\":{\"value\":131,"
      "\"name\":\"network\"},\"alpha\":\"\",\"tpdu\":\"41000081\","
      "\"message\":{\"error\":{\"name\":\"truncated\",\"offset\":19,\"message\":\"Message of 4 "
      "bytes ends before its user data, at offset 19\"}}}");
}

/* TS 102 226 §9 */
static void
test_transport_of_a_trigger_has_a_name (void **state)
{
  assert_decoded (
      "proactive", "D015810301400082028182350103390204003C03000929",
      "{\"kind\":\"proactive\",\"command\":\"OPEN CHANNEL\",\"type\":64,\"number\":1,"
      "\"qualifier\":0,\"qualifier_bits\":{\"immediate\":false,"
      "\"automatic_reconnection\":false,\"background\":false,\"dns_requested\":false},"
      "\"source\":{\"value\":129,\"name\":\"UICC\"},\"destination\":{\"value\":130,"
      "\"name\":\"terminal\"},\"bearer\":{\"type\":{\"value\":3,\"name\":\"default bearer "
      "for requested transport layer\"}},\"buffer_size\":1024,"
      "\"transport\":{\"protocol\":{\"value\":0,\"name\":\"port of CAT_TP (PUSH)\"},"
      "\"port\":2345}}");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_open_channel_is_shown_with_where_to),
    cmocka_unit_test (test_data_are_shown_with_their_channel),
    cmocka_unit_test (test_texts_of_a_call_are_told_apart_by_their_phase),
    cmocka_unit_test (test_items_are_a_list),
    cmocka_unit_test (test_files_of_a_refresh_are_paths),
    cmocka_unit_test (test_objects_that_do_not_belong_there_are_listed_apart),
    cmocka_unit_test (test_command_without_what_it_needs_shows_the_result_to_come),
    cmocka_unit_test (test_value_of_a_wrong_size_is_an_error_with_its_place),
    cmocka_unit_test (test_command_that_ends_early_is_truncated),
    cmocka_unit_test (test_bytes_after_a_command_are_an_error),
    cmocka_unit_test (test_cause_of_a_failure_has_a_name),
    cmocka_unit_test (test_opened_channel_has_status_and_servers),
    cmocka_unit_test (test_place_of_the_terminal_is_shown),
    cmocka_unit_test (test_rest_of_a_timer_is_a_time),
    cmocka_unit_test (test_tag_of_what_is_unexpected_is_shown_as_it_came),
    cmocka_unit_test (test_login_of_a_browser_is_no_gateway),
    cmocka_unit_test (test_several_locations_and_measurements_are_lists),
    cmocka_unit_test (test_failure_without_its_cause_has_a_problem),
    cmocka_unit_test (test_identity_that_is_coded_otherwise_shows_digits_and_octets),
    cmocka_unit_test (test_text_attribute_without_a_colour_is_shown),
    cmocka_unit_test (test_message_that_is_none_is_shown_with_its_error),
    cmocka_unit_test (test_transport_of_a_trigger_has_a_name),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
