/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reports and commands (agent/core/sms-report.h), TS 23.040 §9.2.2. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms-report.h"
#include "core/sms.h"
#include "helpers.h"

/* As Android answers the network, UsimDataDownloadHandler: TP-PI 7, PID and DCS of the message, data */
#define ACK_HEX "00077FF605027100AABB"
#define ERROR_HEX "00D5077FF605027100AABB"

/* Reports from networks, in the tests of python-messaging; tshark reads the same */
#define DELIVERED_HEX "06D60B911326880736F4111011719551401110117195714000"
#define TRYING_HEX "065A098136395339F6219011700463802190117004638030"
#define STATUS_WITH_DATA_HEX "42D60B911326880736F41110117195514011101171957140450700F604027000AA"

#define SUBMIT_ACK_HEX "0107111011719551407FF602AABB"
#define SUBMIT_ERROR_HEX "01C20011101171955140"

#define COMMAND_HEX "22170002160B911326880736F403AABBCC"

/* Parses into a struct of any kind, as one of the parsers of sms-report.h does. */
typedef gboolean (*ParseReportFunc) (gpointer out, EaSpan tpdu, GError **error);

static gboolean
parse_deliver_report (gpointer out, EaSpan tpdu, GError **error)
{
  return ea_sms_parse_deliver_report (out, tpdu, error);
}

static gboolean
parse_submit_report (gpointer out, EaSpan tpdu, GError **error)
{
  return ea_sms_parse_submit_report (out, tpdu, error);
}

static gboolean
parse_status_report (gpointer out, EaSpan tpdu, GError **error)
{
  return ea_sms_parse_status_report (out, tpdu, error);
}

static gboolean
parse_command (gpointer out, EaSpan tpdu, GError **error)
{
  return ea_sms_parse_command (out, tpdu, error);
}

/* Room for any of the structs. */
typedef union
{
  EaSmsDeliverReport deliver;
  EaSmsSubmitReport submit;
  EaSmsStatusReport status;
  EaSmsCommand command;
} Report;

static void
assert_rejected (ParseReportFunc parse, const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  Report report;

  poison (&report, sizeof report);
  if (parse (&report, ea_span_from_bytes (tpdu), &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&report, sizeof report));
}

static void
fail_truncated (EaSpan span, gpointer user_data)
{
  const ParseReportFunc *parse = user_data;
  g_autoptr (GError) error = NULL;
  Report report;

  poison (&report, sizeof report);
  assert_false ((*parse) (&report, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&report, sizeof report));
}

static void
assert_truncations_rejected (ParseReportFunc parse, const char *hex)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);

  parse_truncations (ea_span_from_bytes (tpdu), fail_truncated, &parse);
}

static void
test_deliver_report_in_an_rp_ack_has_no_cause (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (ACK_HEX);
  g_autoptr (GBytes) built = NULL;
  EaSmsDeliverReport report;

  assert_true (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_false (report.is_error);
  assert_int_equal (report.parameters.indicator, 0x07);
  assert_int_equal (report.parameters.pid, 0x7F);
  assert_int_equal (report.parameters.dcs, 0xF6);
  assert_span_is (report.parameters.user_data.payload, "027100AABB");

  built = ea_sms_build_deliver_report (&report, NULL);
  assert_bytes_are (built, ACK_HEX);
}

static void
test_deliver_report_in_an_rp_error_has_a_cause (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (ERROR_HEX);
  g_autoptr (GBytes) built = NULL;
  EaSmsDeliverReport report;

  assert_true (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_true (report.is_error);
  assert_int_equal (report.cause, EA_SMS_TP_CAUSE_DOWNLOAD_ERROR);
  assert_string_equal (ea_sms_get_failure_cause_name (report.cause), "(U)SIM data download error");
  assert_span_is (report.parameters.user_data.payload, "027100AABB");

  built = ea_sms_build_deliver_report (&report, NULL);
  assert_bytes_are (built, ERROR_HEX);
}

static void
test_response_packet_in_a_deliver_report_is_known_by_its_header (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of ("40077FF605027100AABB");
  EaSmsDeliverReport report;

  assert_true (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_int_equal (report.parameters.user_data.secured, EA_SMS_SECURED_RESPONSE);
  assert_span_is (report.parameters.user_data.payload, "AABB");
}

static void
test_report_may_be_without_parameters (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of ("00D400");
  g_autoptr (GBytes) built = NULL;
  EaSmsDeliverReport report;

  assert_true (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_false (report.parameters.has_pid || report.parameters.has_dcs);
  assert_false (report.parameters.has_user_data);
  built = ea_sms_build_deliver_report (&report, NULL);
  assert_bytes_are (built, "00D400");
}

/* TS 23.040 §9.2.3.27: bit 8 announces another octet of TP-PI, reserved bits are ignored */
static void
test_extension_of_the_parameter_indicator_is_passed_over (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of ("00D5F180007F");
  EaSmsDeliverReport report;

  assert_true (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_int_equal (report.parameters.pid, 0x7F);
}

static void
test_bytes_after_a_report_are_malformed (void **state)
{
  assert_rejected (parse_deliver_report, "00D40000", EA_CORE_ERROR_MALFORMED);
  assert_rejected (parse_status_report, DELIVERED_HEX "0000", EA_CORE_ERROR_MALFORMED);
  assert_rejected (parse_command, COMMAND_HEX "00", EA_CORE_ERROR_MALFORMED);
}

static void
test_error_about_more_bytes_is_a_sentence (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of ("00D40000");
  g_autoptr (GError) error = NULL;
  EaSmsDeliverReport report;

  assert_false (ea_sms_parse_deliver_report (&report, ea_span_from_bytes (tpdu), &error));
  assert_string_equal (error->message, "Report is followed by 1 bytes");
}

static void
test_message_of_another_type_is_unsupported (void **state)
{
  assert_rejected (parse_deliver_report, DELIVERED_HEX, EA_CORE_ERROR_UNSUPPORTED);
  assert_rejected (parse_submit_report, ACK_HEX, EA_CORE_ERROR_UNSUPPORTED);
  assert_rejected (parse_status_report, ACK_HEX, EA_CORE_ERROR_UNSUPPORTED);
  assert_rejected (parse_command, ACK_HEX, EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_every_truncation_is_truncated (void **state)
{
  assert_truncations_rejected (parse_deliver_report, ACK_HEX);
  assert_truncations_rejected (parse_deliver_report, ERROR_HEX);
  assert_truncations_rejected (parse_submit_report, SUBMIT_ACK_HEX);
  assert_truncations_rejected (parse_submit_report, SUBMIT_ERROR_HEX);
  assert_truncations_rejected (parse_status_report, DELIVERED_HEX);
  assert_truncations_rejected (parse_command, COMMAND_HEX);
}

static void
test_submit_report_has_the_time_of_the_service_centre (void **state)
{
  g_autoptr (GBytes) ack = bytes_of (SUBMIT_ACK_HEX);
  g_autoptr (GBytes) refusal = bytes_of (SUBMIT_ERROR_HEX);
  g_autoptr (GBytes) built_ack = NULL;
  g_autoptr (GBytes) built_refusal = NULL;
  EaSmsSubmitReport report;

  assert_true (ea_sms_parse_submit_report (&report, ea_span_from_bytes (ack), NULL));
  assert_false (report.is_error);
  assert_span_is (report.timestamp, "11101171955140");
  assert_span_is (report.parameters.user_data.payload, "AABB");
  built_ack = ea_sms_build_submit_report (&report, NULL);
  assert_bytes_are (built_ack, SUBMIT_ACK_HEX);

  assert_true (ea_sms_parse_submit_report (&report, ea_span_from_bytes (refusal), NULL));
  assert_int_equal (report.cause, 0xC2);
  assert_span_is (report.timestamp, "11101171955140");
  built_refusal = ea_sms_build_submit_report (&report, NULL);
  assert_bytes_are (built_refusal, SUBMIT_ERROR_HEX);
}

static void
test_status_reports_of_networks_are_read (void **state)
{
  g_autoptr (GBytes) delivered = bytes_of (DELIVERED_HEX);
  g_autoptr (GBytes) trying = bytes_of (TRYING_HEX);
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GBytes) built_trying = NULL;
  EaSmsStatusReport report;

  assert_true (ea_sms_parse_status_report (&report, ea_span_from_bytes (delivered), NULL));
  assert_false (report.has_more_messages);
  assert_false (report.is_of_command);
  assert_int_equal (report.reference, 214);
  assert_string_equal (report.recipient.digits, "31628870634");
  assert_span_is (report.timestamp, "11101171955140");
  assert_span_is (report.discharge, "11101171957140");
  assert_int_equal (report.status, 0);
  assert_false (report.has_parameters);
  built = ea_sms_build_status_report (&report, NULL);
  assert_bytes_are (built, DELIVERED_HEX);

  assert_true (ea_sms_parse_status_report (&report, ea_span_from_bytes (trying), NULL));
  assert_string_equal (report.recipient.digits, "639335936");
  assert_int_equal (report.status, 0x30);
  assert_string_equal (ea_sms_get_status_name (report.status), "value specific to the SC");
  built_trying = ea_sms_build_status_report (&report, NULL);
  assert_bytes_are (built_trying, TRYING_HEX);
}

static void
test_status_report_may_have_user_data (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (STATUS_WITH_DATA_HEX);
  g_autoptr (GBytes) built = NULL;
  EaSmsStatusReport report;

  assert_true (ea_sms_parse_status_report (&report, ea_span_from_bytes (tpdu), NULL));
  assert_true (report.has_more_messages);
  assert_int_equal (report.status, 0x45);
  assert_int_equal (report.parameters.user_data.secured, EA_SMS_SECURED_COMMAND);
  assert_span_is (report.parameters.user_data.payload, "AA");
  built = ea_sms_build_status_report (&report, NULL);
  assert_bytes_are (built, STATUS_WITH_DATA_HEX);
}

static void
test_command_is_read_and_built (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (COMMAND_HEX);
  g_autoptr (GBytes) built = NULL;
  EaSmsCommand command;

  assert_true (ea_sms_parse_command (&command, ea_span_from_bytes (tpdu), NULL));
  assert_true (command.wants_status_report);
  assert_false (command.has_header);
  assert_int_equal (command.reference, 0x17);
  assert_int_equal (command.pid, 0);
  assert_string_equal (ea_sms_get_command_name (command.command),
                       "delete previously submitted short message");
  assert_int_equal (command.message, 0x16);
  assert_string_equal (command.destination.digits, "31628870634");
  assert_span_is (command.data, "AABBCC");
  built = ea_sms_build_command (&command, NULL);
  assert_bytes_are (built, COMMAND_HEX);
}

/* A deliver report with @size octets of user data. */
static gboolean
parse_report_with_data (gboolean is_error, gsize size, GError **error)
{
  g_autofree guint8 *zeroes = g_malloc0 (size);
  g_auto (EaWriter) writer = { 0 };
  EaSmsDeliverReport report;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0);
  if (is_error)
    ea_writer_u8 (&writer, EA_SMS_TP_CAUSE_DOWNLOAD_ERROR);
  ea_writer_u8 (&writer, 0x06);
  ea_writer_u8 (&writer, 0xF6);
  ea_writer_u8 (&writer, (guint8) size);
  ea_writer_bytes (&writer, ea_span_init (zeroes, size));
  return ea_sms_parse_deliver_report (&report, ea_writer_span (&writer), error);
}

/* TS 23.040 §9.2.2.1a */
static void
test_deliver_report_carries_159_octets_or_158_beside_a_cause (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_true (parse_report_with_data (FALSE, 159, &error));
  assert_true (parse_report_with_data (TRUE, 158, &error));
  assert_false (parse_report_with_data (FALSE, 160, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_false (parse_report_with_data (TRUE, 159, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

/* A command with @size octets of data. */
static gboolean
parse_command_with_data (guint8 size, GError **error)
{
  g_autofree guint8 *zeroes = g_malloc0 (size);
  g_autoptr (GBytes) head = bytes_of ("0217000216029121");
  g_auto (EaWriter) writer = { 0 };
  EaSmsCommand command;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_from_bytes (head));
  ea_writer_u8 (&writer, size);
  ea_writer_bytes (&writer, ea_span_init (zeroes, size));
  return ea_sms_parse_command (&command, ea_writer_span (&writer), error);
}

static void
test_command_carries_157_octets (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_true (parse_command_with_data (EA_SMS_COMMAND_DATA_MAX, &error));
  assert_false (parse_command_with_data (EA_SMS_COMMAND_DATA_MAX + 1, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static void
test_what_can_not_be_said_is_not_built (void **state)
{
  g_autofree guint8 *zeroes = g_malloc0 (200);
  EaSmsDeliverReport deliver = { .is_error = TRUE, .cause = EA_SMS_FAILURE_CAUSE_MIN - 1 };
  EaSmsSubmitReport submit = { .timestamp = ea_span_init (zeroes, 6) };
  EaSmsStatusReport status = { .timestamp = ea_span_init (zeroes, 8) };
  EaSmsCommand command = { .data = ea_span_init (zeroes, EA_SMS_COMMAND_DATA_MAX + 1) };
  g_autoptr (GError) error = NULL;

  assert_null (ea_sms_build_deliver_report (&deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (ea_sms_build_submit_report (&submit, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (ea_sms_build_status_report (&status, &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
  assert_null (ea_sms_build_command (&command, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);

  deliver
      = (EaSmsDeliverReport){ .parameters = { .has_user_data = TRUE, .has_dcs = TRUE, .dcs = 4 } };
  deliver.parameters.user_data.payload = ea_span_init (zeroes, EA_SMS_DELIVER_REPORT_DATA_MAX + 1);
  assert_null (ea_sms_build_deliver_report (&deliver, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

/* TS 23.040 §9.2.3.22, §9.2.3.15 and §9.2.3.19 */
static void
test_reserved_numbers_have_no_name (void **state)
{
  assert_null (ea_sms_get_failure_cause_name (0x00));
  assert_null (ea_sms_get_failure_cause_name (0xD6));
  assert_string_equal (ea_sms_get_failure_cause_name (0xD4), "(U)SIM application toolkit busy");
  assert_string_equal (ea_sms_get_failure_cause_name (0xE0), "value specific to an application");
  assert_string_equal (ea_sms_get_failure_cause_name (0xFF), "unspecified error cause");
  assert_null (ea_sms_get_status_name (0x03));
  assert_null (ea_sms_get_status_name (0x80));
  assert_string_equal (ea_sms_get_status_name (0x46), "SM validity period expired");
  assert_null (ea_sms_get_command_name (0x04));
  assert_string_equal (ea_sms_get_command_name (0xE0), "value specific for each SC");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_deliver_report_in_an_rp_ack_has_no_cause),
    cmocka_unit_test (test_deliver_report_in_an_rp_error_has_a_cause),
    cmocka_unit_test (test_response_packet_in_a_deliver_report_is_known_by_its_header),
    cmocka_unit_test (test_report_may_be_without_parameters),
    cmocka_unit_test (test_extension_of_the_parameter_indicator_is_passed_over),
    cmocka_unit_test (test_bytes_after_a_report_are_malformed),
    cmocka_unit_test (test_error_about_more_bytes_is_a_sentence),
    cmocka_unit_test (test_message_of_another_type_is_unsupported),
    cmocka_unit_test (test_every_truncation_is_truncated),
    cmocka_unit_test (test_submit_report_has_the_time_of_the_service_centre),
    cmocka_unit_test (test_status_reports_of_networks_are_read),
    cmocka_unit_test (test_status_report_may_have_user_data),
    cmocka_unit_test (test_command_is_read_and_built),
    cmocka_unit_test (test_deliver_report_carries_159_octets_or_158_beside_a_cause),
    cmocka_unit_test (test_command_carries_157_octets),
    cmocka_unit_test (test_what_can_not_be_said_is_not_built),
    cmocka_unit_test (test_reserved_numbers_have_no_name),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
