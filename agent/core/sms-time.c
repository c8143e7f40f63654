/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Time stamps, TS 23.040 §9.2.3.11, and validity periods, §9.2.3.12: relative, absolute and enhanced.
 */

#include "core/sms-time.h"

#include "core/error.h"

#define BCD_BASE 10
#define SEMI_OCTET_BITS 4
#define YEARS_IN_CENTURY 100
#define YEAR_MIN 1990 /* 90 to 99 are of the 20th century: no short message is older */
#define YEAR_MAX (YEAR_MIN + YEARS_IN_CENTURY - 1)
#define ZONE_NEGATIVE 0x08 /* the sign of a time zone is bit 4 of the octet as it comes */
#define QUARTERS_PER_HOUR 4
#define MINUTES_PER_QUARTER 15

#define MINUTE_S 60u
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)
#define WEEK_S (7 * DAY_S)

/* §9.2.3.12.1: steps of 5 minutes to 12 hours, of 30 minutes to a day, of days to 30, of weeks to 63 */
#define RELATIVE_STEP_S (5 * MINUTE_S)
#define RELATIVE_STEP_LAST 143
#define RELATIVE_HALF_HOUR_S (30 * MINUTE_S)
#define RELATIVE_HALF_HOUR_BASE_S (12 * HOUR_S)
#define RELATIVE_HALF_HOUR_LAST 167
#define RELATIVE_DAY_OFFSET 166
#define RELATIVE_DAY_LAST 196
#define RELATIVE_WEEK_OFFSET 192
#define RELATIVE_LAST 255

/* §9.2.3.12.3: the functionality indicator */
#define ENHANCED_EXTENDED 0x80
#define ENHANCED_SINGLE_SHOT 0x40
#define ENHANCED_FORMAT 0x07
#define ENHANCED_NONE 0
#define ENHANCED_RELATIVE 1
#define ENHANCED_SECONDS 2
#define ENHANCED_CLOCK 3
#define ENHANCED_SECONDS_MAX 255
#define CLOCK_SIZE 3 /* hours, minutes and seconds */
#define ENHANCED_CLOCK_MAX_S (100 * HOUR_S - 1)

/* Two swapped decimal digits; FALSE for digits above 9. */
static gboolean
read_swapped (EaReader *reader, guint8 mask, guint *out)
{
  guint8 octet = ea_reader_u8 (reader) & mask;
  guint tens = octet & 0x0F;
  guint ones = octet >> SEMI_OCTET_BITS;

  *out = tens * BCD_BASE + ones;
  return tens < BCD_BASE && ones < BCD_BASE;
}

static void
write_swapped (EaWriter *writer, guint value)
{
  ea_writer_u8 (writer, (guint8) (value % BCD_BASE << SEMI_OCTET_BITS | value / BCD_BASE));
}

guint16
ea_sms_get_year (guint two_digits)
{
  return (guint16) (YEAR_MIN
                    + (two_digits + YEARS_IN_CENTURY - YEAR_MIN % YEARS_IN_CENTURY)
                          % YEARS_IN_CENTURY);
}

gboolean
ea_sms_is_time (const EaSmsTime *time)
{
  return time->year >= YEAR_MIN && time->year <= YEAR_MAX
         && g_date_valid_dmy (time->day, (GDateMonth) time->month, time->year) && time->hour < 24
         && time->minute < 60 && time->second < 60 && time->quarters >= -EA_SMS_TIME_QUARTERS_MAX
         && time->quarters <= EA_SMS_TIME_QUARTERS_MAX;
}

static gboolean
fail_time (const guint8 *position, const EaSmsTime *time, GError **error)
{
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                            "No such time: %04u-%02u-%02u %02u:%02u:%02u", time->year, time->month,
                            time->day, time->hour, time->minute, time->second);
}

gboolean
ea_sms_parse_time (EaSmsTime *out, EaSpan timestamp, GError **error)
{
  guint fields[EA_SMS_TIMESTAMP_SIZE] = { 0 };
  EaSmsTime time = { 0 };
  EaReader reader;

  if (timestamp.size != EA_SMS_TIMESTAMP_SIZE)
    return ea_core_error_set (error,
                              timestamp.size < EA_SMS_TIMESTAMP_SIZE ? EA_CORE_ERROR_TRUNCATED
                                                                     : EA_CORE_ERROR_MALFORMED,
                              timestamp.data, "Time stamp has %" G_GSIZE_FORMAT " bytes, not %u",
                              timestamp.size, EA_SMS_TIMESTAMP_SIZE);

  ea_reader_init (&reader, timestamp);
  for (gsize i = 0; i < EA_SMS_TIMESTAMP_SIZE; i++)
    {
      const guint8 *position = ea_reader_position (&reader);
      guint8 octet = ea_reader_peek_u8 (&reader);
      gboolean is_zone = i == EA_SMS_TIMESTAMP_SIZE - 1;

      time.quarters = is_zone && (octet & ZONE_NEGATIVE) != 0 ? -1 : 1;
      if (!read_swapped (&reader, is_zone ? (guint8) ~ZONE_NEGATIVE : 0xFF, &fields[i]))
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                  "Time stamp has octet %02X, which is not two decimal digits",
                                  octet);
    }

  time.year = ea_sms_get_year (fields[0]);
  time.month = (guint8) fields[1];
  time.day = (guint8) fields[2];
  time.hour = (guint8) fields[3];
  time.minute = (guint8) fields[4];
  time.second = (guint8) fields[5];
  time.quarters = (gint8) (time.quarters * (gint) fields[6]);
  if (!ea_sms_is_time (&time))
    return fail_time (timestamp.data, &time, error);

  *out = time;
  return TRUE;
}

gboolean
ea_sms_write_time (EaWriter *writer, const EaSmsTime *time, GError **error)
{
  guint quarters = (guint) ABS (time->quarters);
  guint8 sign = time->quarters < 0 ? ZONE_NEGATIVE : 0;

  if (!ea_sms_is_time (time))
    return fail_time (NULL, time, error);

  write_swapped (writer, time->year % YEARS_IN_CENTURY);
  write_swapped (writer, time->month);
  write_swapped (writer, time->day);
  write_swapped (writer, time->hour);
  write_swapped (writer, time->minute);
  write_swapped (writer, time->second);
  ea_writer_u8 (writer,
                (guint8) (quarters % BCD_BASE << SEMI_OCTET_BITS | quarters / BCD_BASE | sign));
  return TRUE;
}

char *
ea_sms_format_time (const EaSmsTime *time)
{
  guint quarters = (guint) ABS (time->quarters);

  return g_strdup_printf ("%04u-%02u-%02uT%02u:%02u:%02u%c%02u:%02u", time->year, time->month,
                          time->day, time->hour, time->minute, time->second,
                          time->quarters < 0 ? '-' : '+', quarters / QUARTERS_PER_HOUR,
                          quarters % QUARTERS_PER_HOUR * MINUTES_PER_QUARTER);
}

gsize
ea_sms_get_validity_size (EaSmsValidityFormat format)
{
  switch (format)
    {
    case EA_SMS_VALIDITY_NONE:
      break;
    case EA_SMS_VALIDITY_RELATIVE:
      return EA_SMS_VALIDITY_RELATIVE_SIZE;
    case EA_SMS_VALIDITY_ENHANCED:
    case EA_SMS_VALIDITY_ABSOLUTE:
      return EA_SMS_VALIDITY_LONG_SIZE;
    }
  return 0;
}

static guint32
get_relative_seconds (guint value)
{
  if (value <= RELATIVE_STEP_LAST)
    return (value + 1) * RELATIVE_STEP_S;
  if (value <= RELATIVE_HALF_HOUR_LAST)
    return RELATIVE_HALF_HOUR_BASE_S + (value - RELATIVE_STEP_LAST) * RELATIVE_HALF_HOUR_S;
  if (value <= RELATIVE_DAY_LAST)
    return (value - RELATIVE_DAY_OFFSET) * DAY_S;
  return (value - RELATIVE_WEEK_OFFSET) * WEEK_S;
}

/* Hours, minutes and seconds in swapped BCD. */
static gboolean
read_clock (EaReader *reader, guint32 *seconds, GError **error)
{
  EaSpan octets = ea_span_head (ea_reader_rest (reader), CLOCK_SIZE);
  guint hours = 0;
  guint minutes = 0;
  guint rest = 0;
  gboolean is_decimal;
  EaReader clock;

  ea_reader_init (&clock, octets);
  is_decimal = read_swapped (&clock, 0xFF, &hours);
  is_decimal = read_swapped (&clock, 0xFF, &minutes) && is_decimal;
  is_decimal = read_swapped (&clock, 0xFF, &rest) && is_decimal;
  if (!is_decimal || minutes >= 60 || rest >= 60)
    {
      g_autofree char *hex = ea_span_to_hex (octets);

      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, octets.data,
                                "Validity period %s is no time of at most 99:59:59", hex);
    }
  *seconds = hours * HOUR_S + minutes * MINUTE_S + rest;
  return TRUE;
}

static gboolean
parse_enhanced (EaSmsValidity *validity, EaSpan octets, GError **error)
{
  EaReader reader;
  guint8 indicator;

  ea_reader_init (&reader, octets);
  indicator = ea_reader_u8 (&reader);
  validity->is_single_shot = (indicator & ENHANCED_SINGLE_SHOT) != 0;
  validity->has_period = (indicator & ENHANCED_FORMAT) != ENHANCED_NONE;
  if ((indicator & ENHANCED_EXTENDED) != 0 || (indicator & ENHANCED_FORMAT) > ENHANCED_CLOCK)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, octets.data,
                              "Functionality indicator %02X of the validity period is reserved",
                              indicator);

  if ((indicator & ENHANCED_FORMAT) == ENHANCED_CLOCK)
    return read_clock (&reader, &validity->seconds, error);
  if ((indicator & ENHANCED_FORMAT) == ENHANCED_RELATIVE)
    validity->seconds = get_relative_seconds (ea_reader_u8 (&reader));
  else if ((indicator & ENHANCED_FORMAT) == ENHANCED_SECONDS)
    validity->seconds = ea_reader_u8 (&reader);
  return TRUE;
}

gboolean
ea_sms_parse_validity (EaSmsValidity *out, EaSpan octets, EaSmsValidityFormat format,
                       GError **error)
{
  EaSmsValidity validity = { .format = format };
  gboolean is_parsed = TRUE;
  EaReader reader;

  if (octets.size != ea_sms_get_validity_size (format))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, octets.data,
                              "Validity period has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT,
                              octets.size, ea_sms_get_validity_size (format));

  ea_reader_init (&reader, octets);
  switch (format)
    {
    case EA_SMS_VALIDITY_NONE:
      break;
    case EA_SMS_VALIDITY_RELATIVE:
      validity.seconds = get_relative_seconds (ea_reader_u8 (&reader));
      break;
    case EA_SMS_VALIDITY_ABSOLUTE:
      is_parsed = ea_sms_parse_time (&validity.end, octets, error);
      break;
    case EA_SMS_VALIDITY_ENHANCED:
      is_parsed = parse_enhanced (&validity, octets, error);
      break;
    }
  if (is_parsed)
    *out = validity;
  return is_parsed;
}

static gboolean
write_relative (EaWriter *writer, guint32 seconds, GError **error)
{
  for (guint value = 0; value <= RELATIVE_LAST; value++)
    if (get_relative_seconds (value) >= seconds)
      {
        ea_writer_u8 (writer, (guint8) value);
        return TRUE;
      }
  return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                            "Validity period of %u s is longer than %u s", seconds,
                            get_relative_seconds (RELATIVE_LAST));
}

/* Seconds where they fit, else hours, minutes and seconds, else the steps of the relative format. */
static gboolean
write_enhanced (EaWriter *writer, const EaSmsValidity *validity, GError **error)
{
  guint8 single = validity->is_single_shot ? ENHANCED_SINGLE_SHOT : 0;
  guint32 seconds = validity->seconds;

  if (!validity->has_period)
    ea_writer_u8 (writer, single | ENHANCED_NONE);
  else if (seconds <= ENHANCED_SECONDS_MAX)
    {
      ea_writer_u8 (writer, single | ENHANCED_SECONDS);
      ea_writer_u8 (writer, (guint8) seconds);
    }
  else if (seconds <= ENHANCED_CLOCK_MAX_S)
    {
      ea_writer_u8 (writer, single | ENHANCED_CLOCK);
      write_swapped (writer, seconds / HOUR_S);
      write_swapped (writer, seconds % HOUR_S / MINUTE_S);
      write_swapped (writer, seconds % MINUTE_S);
    }
  else
    {
      ea_writer_u8 (writer, single | ENHANCED_RELATIVE);
      return write_relative (writer, seconds, error);
    }
  return TRUE;
}

gboolean
ea_sms_write_validity (EaWriter *writer, const EaSmsValidity *validity, GError **error)
{
  g_auto (EaWriter) octets = { 0 };
  gboolean is_written = TRUE;

  ea_writer_init (&octets);
  switch (validity->format)
    {
    case EA_SMS_VALIDITY_NONE:
      break;
    case EA_SMS_VALIDITY_RELATIVE:
      is_written = write_relative (&octets, validity->seconds, error);
      break;
    case EA_SMS_VALIDITY_ABSOLUTE:
      is_written = ea_sms_write_time (&octets, &validity->end, error);
      break;
    case EA_SMS_VALIDITY_ENHANCED:
      is_written = write_enhanced (&octets, validity, error);
      while (ea_writer_span (&octets).size < EA_SMS_VALIDITY_LONG_SIZE)
        ea_writer_u8 (&octets, 0);
      break;
    }
  if (is_written)
    ea_writer_bytes (writer, ea_writer_span (&octets));
  return is_written;
}
