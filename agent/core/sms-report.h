/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/sms-address.h"
#include "core/sms-user-data.h"

/*
 * What answers or follows short messages, TS 23.040 §9.2.2: SMS-DELIVER-REPORT, SMS-SUBMIT-REPORT,
 * SMS-STATUS-REPORT and SMS-COMMAND.
 *
 * All spans borrow from the TPDU. The parsers leave @out untouched on failure. Their errors:
 * EA_CORE_ERROR_TRUNCATED, _MALFORMED (impossible lengths, bytes after the end), _UNSUPPORTED (a TPDU of
 * another type). The builders return (transfer full) (nullable) TPDUs; their errors are those of
 * ea_sms_write_address() and ea_sms_write_user_data(), and _MALFORMED (a time stamp of another size, a
 * failure cause below %EA_SMS_FAILURE_CAUSE_MIN).
 */

#define EA_SMS_DELIVER_REPORT_DATA_MAX 159 /* bytes of TP-UD, §9.2.2.1a; one less with a cause */
#define EA_SMS_SUBMIT_REPORT_DATA_MAX 152  /* bytes of TP-UD, §9.2.2.2a; one less with a cause */
#define EA_SMS_STATUS_REPORT_DATA_MAX 131  /* bytes of TP-UD, §9.2.2.3 */
#define EA_SMS_COMMAND_DATA_MAX 157        /* bytes of TP-CD, §9.2.2.4 */
#define EA_SMS_FAILURE_CAUSE_MIN 0x80      /* TP-FCS, §9.2.3.22: below it an octet is TP-PI */
#define EA_SMS_INDICATOR_EXTENDED 0x80     /* TP-PI, §9.2.3.27: another octet of it follows */

/**
 * EaSmsParameters:
 * @indicator: TP-PI as it came, §9.2.3.27; a builder makes it from the others
 * @pid: @dcs: 0 where absent
 *
 * What TP-PI announces at the end of a report.
 */
typedef struct
{
  guint8 indicator;
  gboolean has_pid;
  gboolean has_dcs;
  gboolean has_user_data;
  guint8 pid;
  guint8 dcs;
  EaSmsUserData user_data;
} EaSmsParameters;

/**
 * EaSmsDeliverReport:
 * @is_error: it goes into an RP-ERROR and has a @cause; else into an RP-ACK
 * @cause: TP-FCS, from %EA_SMS_FAILURE_CAUSE_MIN
 *
 * SMS-DELIVER-REPORT, §9.2.2.1a, from the terminal. The two forms are told apart by their second octet.
 */
typedef struct
{
  gboolean is_error;
  guint8 cause;
  EaSmsParameters parameters;
} EaSmsDeliverReport;

gboolean ea_sms_parse_deliver_report (EaSmsDeliverReport *out, EaSpan tpdu, GError **error);
GBytes *ea_sms_build_deliver_report (const EaSmsDeliverReport *report, GError **error);

/**
 * EaSmsSubmitReport:
 * @timestamp: of the service centre, %EA_SMS_TIMESTAMP_SIZE octets
 *
 * SMS-SUBMIT-REPORT, §9.2.2.2a, from the service centre; otherwise as #EaSmsDeliverReport.
 */
typedef struct
{
  gboolean is_error;
  guint8 cause;
  EaSpan timestamp;
  EaSmsParameters parameters;
} EaSmsSubmitReport;

gboolean ea_sms_parse_submit_report (EaSmsSubmitReport *out, EaSpan tpdu, GError **error);
GBytes *ea_sms_build_submit_report (const EaSmsSubmitReport *report, GError **error);

/**
 * EaSmsStatusReport:
 * @is_of_command: TP-SRQ: it follows an SMS-COMMAND, not an SMS-SUBMIT
 * @reference: TP-MR of the message that it is about
 * @recipient: of that message
 * @timestamp: when the service centre got that message, %EA_SMS_TIMESTAMP_SIZE octets
 * @discharge: when it was delivered, or last tried, %EA_SMS_TIMESTAMP_SIZE octets
 * @status: TP-ST, §9.2.3.15
 * @has_parameters: TP-PI is there
 *
 * SMS-STATUS-REPORT, §9.2.2.3.
 */
typedef struct
{
  gboolean has_more_messages;
  gboolean is_loop_prevented;
  gboolean is_of_command;
  guint8 reference;
  EaSmsAddress recipient;
  EaSpan timestamp;
  EaSpan discharge;
  guint8 status;
  gboolean has_parameters;
  EaSmsParameters parameters;
} EaSmsStatusReport;

gboolean ea_sms_parse_status_report (EaSmsStatusReport *out, EaSpan tpdu, GError **error);
GBytes *ea_sms_build_status_report (const EaSmsStatusReport *report, GError **error);

/**
 * EaSmsCommand:
 * @command: TP-CT, §9.2.3.19
 * @message: TP-MN: the reference of the message that it is about
 * @data: TP-CD; it begins with a header where @has_header
 *
 * SMS-COMMAND, §9.2.2.4, to the service centre.
 */
typedef struct
{
  gboolean has_header;
  gboolean wants_status_report;
  guint8 reference;
  guint8 pid;
  guint8 command;
  guint8 message;
  EaSmsAddress destination;
  EaSpan data;
} EaSmsCommand;

gboolean ea_sms_parse_command (EaSmsCommand *out, EaSpan tpdu, GError **error);
GBytes *ea_sms_build_command (const EaSmsCommand *command, GError **error);

/* The standard's words for TP-FCS, TP-ST and TP-CT; %NULL where it has none. */
const char *ea_sms_get_failure_cause_name (guint8 cause);
const char *ea_sms_get_status_name (guint8 status);
const char *ea_sms_get_command_name (guint8 type);
