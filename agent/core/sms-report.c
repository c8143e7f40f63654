/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SMS-DELIVER-REPORT, SMS-SUBMIT-REPORT, SMS-STATUS-REPORT and SMS-COMMAND, TS 23.040 §9.2.2. */

#include "core/sms-report.h"

#include "core/error.h"
#include "core/sms.h"

#define TIMESTAMP_SIZE EA_SMS_TIMESTAMP_SIZE

/* §9.2.3.27: TP-PI */
#define INDICATOR_PID 0x01
#define INDICATOR_DCS 0x02
#define INDICATOR_USER_DATA 0x04

static gboolean
check_done (const EaReader *reader, GError **error)
{
  gsize n_left = ea_reader_remaining (reader);

  if (!ea_reader_is_ok (reader))
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                              "Report of %" G_GSIZE_FORMAT
                              " bytes ends before its mandatory elements do",
                              reader->span.size);
  return n_left == 0
         || ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (reader),
                               "Report is followed by %" G_GSIZE_FORMAT " bytes", n_left);
}

/* The first octet of TP-PI says it all; what further ones announce is not known. */
static void
read_indicator (EaReader *reader, EaSmsParameters *parameters)
{
  guint8 octet = ea_reader_u8 (reader);

  parameters->indicator = octet;
  while ((octet & EA_SMS_INDICATOR_EXTENDED) != 0)
    octet = ea_reader_u8 (reader);
  parameters->has_pid = (parameters->indicator & INDICATOR_PID) != 0;
  parameters->has_dcs = (parameters->indicator & INDICATOR_DCS) != 0;
  parameters->has_user_data = (parameters->indicator & INDICATOR_USER_DATA) != 0;
}

/* What TP-PI has announced, to the end of the report. */
static gboolean
read_parameters (EaReader *reader, EaSmsParameters *parameters, guint8 flags, gsize size_max,
                 GError **error)
{
  gboolean has_header = (flags & EA_SMS_FLAG_HEADER) != 0;

  if (parameters->has_pid)
    parameters->pid = ea_reader_u8 (reader);
  if (parameters->has_dcs)
    parameters->dcs = ea_reader_u8 (reader);
  if (parameters->has_user_data)
    return ea_sms_read_user_data (reader, parameters->dcs, has_header, size_max,
                                  &parameters->user_data, error);
  return check_done (reader, error);
}

static void
write_indicator (EaWriter *writer, const EaSmsParameters *parameters)
{
  ea_writer_u8 (writer, (guint8) ((parameters->has_pid ? INDICATOR_PID : 0)
                                  | (parameters->has_dcs ? INDICATOR_DCS : 0)
                                  | (parameters->has_user_data ? INDICATOR_USER_DATA : 0)));
}

static gboolean
write_parameters (EaWriter *writer, const EaSmsParameters *parameters, gsize size_max,
                  GError **error)
{
  guint8 dcs = parameters->has_dcs ? parameters->dcs : 0;

  if (parameters->has_pid)
    ea_writer_u8 (writer, parameters->pid);
  if (parameters->has_dcs)
    ea_writer_u8 (writer, parameters->dcs);
  return !parameters->has_user_data
         || ea_sms_write_user_data (writer, &parameters->user_data, dcs, size_max, error);
}

static guint8
get_header_flag (const EaSmsParameters *parameters)
{
  return parameters->has_user_data && parameters->user_data.has_header ? EA_SMS_FLAG_HEADER : 0;
}

/* TP-FCS, where the second octet is one, and TP-PI. */
static void
read_cause (EaReader *reader, gboolean *is_error, guint8 *cause, EaSmsParameters *parameters)
{
  *is_error = ea_reader_peek_u8 (reader) >= EA_SMS_FAILURE_CAUSE_MIN;
  if (*is_error)
    *cause = ea_reader_u8 (reader);
  read_indicator (reader, parameters);
}

static gboolean
write_cause (EaWriter *writer, gboolean is_error, guint8 cause, const EaSmsParameters *parameters,
             GError **error)
{
  if (is_error && cause < EA_SMS_FAILURE_CAUSE_MIN)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Failure cause is %02X, below %02X", cause, EA_SMS_FAILURE_CAUSE_MIN);
  if (is_error)
    ea_writer_u8 (writer, cause);
  write_indicator (writer, parameters);
  return TRUE;
}

static gboolean
write_timestamp (EaWriter *writer, EaSpan timestamp, GError **error)
{
  if (timestamp.size != TIMESTAMP_SIZE)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, timestamp.data,
                              "Time stamp has %" G_GSIZE_FORMAT " bytes, not %u", timestamp.size,
                              TIMESTAMP_SIZE);
  ea_writer_bytes (writer, timestamp);
  return TRUE;
}

static gboolean
read_flags (EaReader *reader, EaSmsType type, const char *name, guint8 *flags, GError **error)
{
  const guint8 *position = ea_reader_position (reader);

  *flags = ea_reader_u8 (reader);
  return !ea_reader_is_ok (reader) || ea_sms_check_type (*flags, type, position, name, error);
}

gboolean
ea_sms_parse_deliver_report (EaSmsDeliverReport *out, EaSpan tpdu, GError **error)
{
  EaSmsDeliverReport report = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  if (!read_flags (&reader, EA_SMS_TYPE_DELIVER_REPORT, "SMS-DELIVER-REPORT", &flags, error))
    return FALSE;
  read_cause (&reader, &report.is_error, &report.cause, &report.parameters);
  if (!read_parameters (&reader, &report.parameters, flags,
                        EA_SMS_DELIVER_REPORT_DATA_MAX - (report.is_error ? 1 : 0), error))
    return FALSE;

  *out = report;
  return TRUE;
}

GBytes *
ea_sms_build_deliver_report (const EaSmsDeliverReport *report, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, EA_SMS_TYPE_DELIVER_REPORT | get_header_flag (&report->parameters));
  if (!write_cause (&writer, report->is_error, report->cause, &report->parameters, error)
      || !write_parameters (&writer, &report->parameters,
                            EA_SMS_DELIVER_REPORT_DATA_MAX - (report->is_error ? 1 : 0), error))
    return NULL;
  return ea_writer_steal (&writer);
}

gboolean
ea_sms_parse_submit_report (EaSmsSubmitReport *out, EaSpan tpdu, GError **error)
{
  EaSmsSubmitReport report = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  if (!read_flags (&reader, EA_SMS_TYPE_SUBMIT_REPORT, "SMS-SUBMIT-REPORT", &flags, error))
    return FALSE;
  read_cause (&reader, &report.is_error, &report.cause, &report.parameters);
  report.timestamp = ea_reader_bytes (&reader, TIMESTAMP_SIZE);
  if (!read_parameters (&reader, &report.parameters, flags,
                        EA_SMS_SUBMIT_REPORT_DATA_MAX - (report.is_error ? 1 : 0), error))
    return FALSE;

  *out = report;
  return TRUE;
}

GBytes *
ea_sms_build_submit_report (const EaSmsSubmitReport *report, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, EA_SMS_TYPE_SUBMIT_REPORT | get_header_flag (&report->parameters));
  if (!write_cause (&writer, report->is_error, report->cause, &report->parameters, error)
      || !write_timestamp (&writer, report->timestamp, error)
      || !write_parameters (&writer, &report->parameters,
                            EA_SMS_SUBMIT_REPORT_DATA_MAX - (report->is_error ? 1 : 0), error))
    return NULL;
  return ea_writer_steal (&writer);
}

gboolean
ea_sms_parse_status_report (EaSmsStatusReport *out, EaSpan tpdu, GError **error)
{
  EaSmsStatusReport report = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  if (!read_flags (&reader, EA_SMS_TYPE_STATUS_REPORT, "SMS-STATUS-REPORT", &flags, error))
    return FALSE;
  report.has_more_messages = (flags & EA_SMS_FLAG_NO_MORE_MESSAGES) == 0;
  report.is_loop_prevented = (flags & EA_SMS_FLAG_LOOP_PREVENTION) != 0;
  report.is_of_command = (flags & EA_SMS_FLAG_STATUS_REPORT) != 0;
  report.reference = ea_reader_u8 (&reader);
  if (!ea_sms_read_address (&reader, &report.recipient, error))
    return FALSE;
  report.timestamp = ea_reader_bytes (&reader, TIMESTAMP_SIZE);
  report.discharge = ea_reader_bytes (&reader, TIMESTAMP_SIZE);
  report.status = ea_reader_u8 (&reader);

  report.has_parameters = ea_reader_remaining (&reader) > 0;
  if (report.has_parameters)
    read_indicator (&reader, &report.parameters);
  if (!read_parameters (&reader, &report.parameters, flags, EA_SMS_STATUS_REPORT_DATA_MAX, error))
    return FALSE;

  *out = report;
  return TRUE;
}

GBytes *
ea_sms_build_status_report (const EaSmsStatusReport *report, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) (EA_SMS_TYPE_STATUS_REPORT
                                   | (report->has_more_messages ? 0 : EA_SMS_FLAG_NO_MORE_MESSAGES)
                                   | (report->is_loop_prevented ? EA_SMS_FLAG_LOOP_PREVENTION : 0)
                                   | (report->is_of_command ? EA_SMS_FLAG_STATUS_REPORT : 0)
                                   | get_header_flag (&report->parameters)));
  ea_writer_u8 (&writer, report->reference);
  if (!ea_sms_write_address (&writer, &report->recipient, error)
      || !write_timestamp (&writer, report->timestamp, error)
      || !write_timestamp (&writer, report->discharge, error))
    return NULL;
  ea_writer_u8 (&writer, report->status);
  if (report->has_parameters)
    write_indicator (&writer, &report->parameters);
  if (report->has_parameters
      && !write_parameters (&writer, &report->parameters, EA_SMS_STATUS_REPORT_DATA_MAX, error))
    return NULL;
  return ea_writer_steal (&writer);
}

gboolean
ea_sms_parse_command (EaSmsCommand *out, EaSpan tpdu, GError **error)
{
  EaSmsCommand command = { 0 };
  EaReader reader;
  guint8 flags;

  ea_reader_init (&reader, tpdu);
  if (!read_flags (&reader, EA_SMS_TYPE_COMMAND, "SMS-COMMAND", &flags, error))
    return FALSE;
  command.has_header = (flags & EA_SMS_FLAG_HEADER) != 0;
  command.wants_status_report = (flags & EA_SMS_FLAG_STATUS_REPORT) != 0;
  command.reference = ea_reader_u8 (&reader);
  command.pid = ea_reader_u8 (&reader);
  command.command = ea_reader_u8 (&reader);
  command.message = ea_reader_u8 (&reader);
  if (!ea_sms_read_address (&reader, &command.destination, error))
    return FALSE;
  command.data = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (!check_done (&reader, error))
    return FALSE;
  if (command.data.size > EA_SMS_COMMAND_DATA_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, command.data.data,
                              "Command data have %" G_GSIZE_FORMAT " bytes, more than %u",
                              command.data.size, EA_SMS_COMMAND_DATA_MAX);

  *out = command;
  return TRUE;
}

GBytes *
ea_sms_build_command (const EaSmsCommand *command, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  if (command->data.size > EA_SMS_COMMAND_DATA_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, command->data.data,
                         "Command data have %" G_GSIZE_FORMAT " bytes, more than %u",
                         command->data.size, EA_SMS_COMMAND_DATA_MAX);
      return NULL;
    }

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) (EA_SMS_TYPE_COMMAND
                                   | (command->wants_status_report ? EA_SMS_FLAG_STATUS_REPORT : 0)
                                   | (command->has_header ? EA_SMS_FLAG_HEADER : 0)));
  ea_writer_u8 (&writer, command->reference);
  ea_writer_u8 (&writer, command->pid);
  ea_writer_u8 (&writer, command->command);
  ea_writer_u8 (&writer, command->message);
  if (!ea_sms_write_address (&writer, &command->destination, error))
    return NULL;
  ea_writer_u8 (&writer, (guint8) command->data.size);
  ea_writer_bytes (&writer, command->data);
  return ea_writer_steal (&writer);
}
