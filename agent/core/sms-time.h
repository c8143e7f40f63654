/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Times in short messages: time stamps (TS 23.040 §9.2.3.11) and validity periods (§9.2.3.12). */

#define EA_SMS_TIMESTAMP_SIZE 7
#define EA_SMS_VALIDITY_RELATIVE_SIZE 1
#define EA_SMS_VALIDITY_LONG_SIZE 7 /* absolute and enhanced */
#define EA_SMS_TIME_QUARTERS_MAX 79 /* of an hour: what the seven bits of a time zone can say */

/**
 * EaSmsTime:
 * @year: 1990 to 2089: the two digits of the wire say no more
 * @quarters: local time minus UTC in quarters of an hour
 *
 * Local time at the place of the time zone.
 */
typedef struct
{
  guint16 year;
  guint8 month;
  guint8 day;
  guint8 hour;
  guint8 minute;
  guint8 second;
  gint8 quarters;
} EaSmsTime;

/* The year of its last two digits, 0 to 99: 1990 to 2089. */
guint16 ea_sms_get_year (guint two_digits);

/* TRUE when the calendar has the date, the day the time, and the wire the time zone and the year. */
gboolean ea_sms_is_time (const EaSmsTime *time);

/**
 * ea_sms_parse_time:
 * @out: (out): untouched on failure
 * @timestamp: %EA_SMS_TIMESTAMP_SIZE octets of swapped BCD
 *
 * Errors: EA_CORE_ERROR_TRUNCATED and _MALFORMED (another size), _MALFORMED (a digit above 9, or a date or
 * time that does not exist). Nothing is guessed.
 */
gboolean ea_sms_parse_time (EaSmsTime *out, EaSpan timestamp, GError **error);

/* Errors: EA_CORE_ERROR_MALFORMED (what ea_sms_parse_time() would not accept); nothing is written then. */
gboolean ea_sms_write_time (EaWriter *writer, const EaSmsTime *time, GError **error);

/* (transfer full): "2022-07-25T10:00:00+02:00", ISO 8601. */
char *ea_sms_format_time (const EaSmsTime *time);

/* TP-VPF, §9.2.3.3; the values are those of the wire. */
typedef enum
{
  EA_SMS_VALIDITY_NONE = 0,
  EA_SMS_VALIDITY_ENHANCED = 1,
  EA_SMS_VALIDITY_RELATIVE = 2,
  EA_SMS_VALIDITY_ABSOLUTE = 3,
} EaSmsValidityFormat;

/**
 * EaSmsValidity:
 * @seconds: how long the message is valid: relative, and enhanced with @has_period
 * @end: when it ends: absolute
 * @is_single_shot: enhanced: delivery is tried once
 * @has_period: enhanced: the format says a period
 */
typedef struct
{
  EaSmsValidityFormat format;
  guint32 seconds;
  EaSmsTime end;
  gboolean is_single_shot;
  gboolean has_period;
} EaSmsValidity;

/* Octets of TP-VP in @format. */
gsize ea_sms_get_validity_size (EaSmsValidityFormat format);

/**
 * ea_sms_parse_validity:
 * @out: (out): untouched on failure
 * @octets: TP-VP as ea_sms_get_validity_size() says
 *
 * Errors: EA_CORE_ERROR_MALFORMED (another size; as ea_sms_parse_time()), _UNSUPPORTED (an enhanced format
 * that is reserved).
 */
gboolean ea_sms_parse_validity (EaSmsValidity *out, EaSpan octets, EaSmsValidityFormat format,
                                GError **error);

/**
 * ea_sms_write_validity:
 *
 * Writes the shortest period that the format has and that is not shorter than @seconds.
 *
 * Errors: EA_CORE_ERROR_LIMIT (longer than the format can say), _MALFORMED (a time that does not exist).
 * Nothing is written then.
 */
gboolean ea_sms_write_validity (EaWriter *writer, const EaSmsValidity *validity, GError **error);
