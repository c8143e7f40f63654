/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Digits in toolkit objects: addresses, equipment identities, date and time; TS 102 223 §8. */

#include "core/cat-number.h"

#include <string.h>

#include "core/cat-object.h"
#include "core/error.h"
#include "core/sms-time.h"

#define DIGIT_NONE 0x0F
#define TYPE_NO_EXTENSION 0x80

/* TS 24.008 §10.5.1.4: the low half of the first octet has the type of identity, and bit 4 for an odd
 * number of digits; after an even number there is an F. */
#define IDENTITY_IMEI 0x0A
#define IDENTITY_IMEISV 0x03

/* TS 23.040 §9.2.3.11: the time zone's sign stands in its first digit; FF says that it is unknown */
#define ZONE_UNKNOWN 0xFF
#define ZONE_NEGATIVE 0x08
#define ZONE_QUARTERS_MAX 79

static const char extended_digits[] = "0123456789*#cde";

char *
ea_cat_digits_to_text (EaSpan octets)
{
  GString *text = g_string_sized_new (octets.size * 2);
  EaReader reader;

  ea_reader_init (&reader, octets);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 octet = ea_reader_u8 (&reader);

      if ((octet & 0x0F) == DIGIT_NONE)
        break;
      g_string_append_c (text, extended_digits[octet & 0x0F]);
      if (octet >> 4 == DIGIT_NONE)
        break;
      g_string_append_c (text, extended_digits[octet >> 4]);
    }
  return g_string_free (text, FALSE);
}

static guint8
get_digit (char digit)
{
  const char *found = strchr (extended_digits, digit);

  return digit == '\0' || found == NULL ? DIGIT_NONE : (guint8) (found - extended_digits);
}

gboolean
ea_cat_write_digits (EaWriter *writer, const char *digits, GError **error)
{
  gsize n_digits = strlen (digits);
  gsize n_good = strspn (digits, extended_digits);

  if (n_good != n_digits)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, digits + n_good,
                              "Character %" G_GSIZE_FORMAT " of the number \"%s\" is no digit",
                              n_good + 1, digits);
  for (gsize i = 0; i < n_digits; i += 2)
    ea_writer_u8 (writer, (guint8) (get_digit (digits[i + 1]) << 4 | get_digit (digits[i])));
  return TRUE;
}

static gboolean
parse_number (EaCatAddress *out, EaCatTag tag, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (tag, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->type = ea_reader_u8 (&reader);
  out->ton = out->type >> 4 & 0x07;
  out->npi = out->type & 0x0F;
  out->digits = ea_reader_rest (&reader);
  return TRUE;
}

gboolean
ea_cat_parse_address (EaCatAddress *out, EaSpan value, GError **error)
{
  return parse_number (out, EA_CAT_TAG_ADDRESS, value, error);
}

gboolean
ea_cat_parse_ss_string (EaCatAddress *out, EaSpan value, GError **error)
{
  return parse_number (out, EA_CAT_TAG_SS_STRING, value, error);
}

void
ea_cat_write_address (EaWriter *writer, const EaCatAddress *address)
{
  ea_writer_u8 (writer, address->type);
  ea_writer_bytes (writer, address->digits);
}

static gboolean
parse_digits (EaCatEquipmentIdentity *out, EaCatTag tag, gsize n_digits, EaSpan value,
              GError **error)
{
  EaCatEquipmentIdentity identity = { { 0 } };
  gsize size = n_digits / 2 + 1;
  EaReader reader;
  guint8 octet;

  if (!ea_cat_check_size (tag, value, size, size, error))
    return FALSE;
  ea_reader_init (&reader, value);
  octet = ea_reader_u8 (&reader);
  for (gsize i = 0; i < n_digits; i++)
    {
      guint8 digit;

      if (i % 2 == 1)
        octet = ea_reader_u8 (&reader);
      digit = i % 2 == 1 ? octet & 0x0F : octet >> 4;
      if (digit > 9)
        return ea_core_error_set (
            error, EA_CORE_ERROR_MALFORMED, ea_span_tail (value, (i + 1) / 2).data,
            "Digit %" G_GSIZE_FORMAT " of the %s is %X", i + 1, ea_cat_get_tag_name (tag), digit);
      identity.digits[i] = (char) ('0' + digit);
    }
  *out = identity;
  return TRUE;
}

static void
write_identity (EaWriter *writer, const char *digits, gsize n_digits, guint8 type)
{
  ea_writer_u8 (writer, (guint8) (get_digit (digits[0]) << 4 | type));
  for (gsize i = 1; i < n_digits; i += 2)
    ea_writer_u8 (writer, (guint8) (get_digit (digits[i + 1]) << 4 | get_digit (digits[i])));
}

/* @type: what must stand before the digits */
static gboolean
check_identity (EaCatTag tag, guint8 type, EaSpan value, GError **error)
{
  EaSpan last = ea_span_tail (value, value.size - 1);
  const char *name = ea_cat_get_tag_name ((guint32) tag);
  EaReader reader;
  guint8 octet;

  ea_reader_init (&reader, value);
  octet = ea_reader_u8 (&reader) & 0x0F;
  if (octet != type)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                              "Type of identity before the digits of the %s is %X, not %X", name,
                              octet, type);
  ea_reader_init (&reader, last);
  octet = ea_reader_u8 (&reader) >> 4;
  if (tag == EA_CAT_TAG_IMEISV && octet != DIGIT_NONE)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, last.data,
                              "Filler after the digits of the %s is %X, not %X", name, octet,
                              DIGIT_NONE);
  return TRUE;
}

gboolean
ea_cat_parse_imei_digits (EaCatEquipmentIdentity *out, EaSpan value, GError **error)
{
  return parse_digits (out, EA_CAT_TAG_IMEI, EA_CAT_IMEI_DIGITS, value, error);
}

gboolean
ea_cat_parse_imeisv_digits (EaCatEquipmentIdentity *out, EaSpan value, GError **error)
{
  return parse_digits (out, EA_CAT_TAG_IMEISV, EA_CAT_IMEISV_DIGITS, value, error);
}

static gboolean
parse_identity (EaCatEquipmentIdentity *out, EaCatTag tag, guint8 type, gsize n_digits,
                EaSpan value, GError **error)
{
  EaCatEquipmentIdentity identity;

  if (!parse_digits (&identity, tag, n_digits, value, error)
      || !check_identity (tag, type, value, error))
    return FALSE;
  *out = identity;
  return TRUE;
}

gboolean
ea_cat_parse_imei (EaCatEquipmentIdentity *out, EaSpan value, GError **error)
{
  return parse_identity (out, EA_CAT_TAG_IMEI, IDENTITY_IMEI, EA_CAT_IMEI_DIGITS, value, error);
}

gboolean
ea_cat_parse_imeisv (EaCatEquipmentIdentity *out, EaSpan value, GError **error)
{
  return parse_identity (out, EA_CAT_TAG_IMEISV, IDENTITY_IMEISV, EA_CAT_IMEISV_DIGITS, value,
                         error);
}

void
ea_cat_write_imei (EaWriter *writer, const EaCatEquipmentIdentity *identity)
{
  write_identity (writer, identity->digits, EA_CAT_IMEI_DIGITS, IDENTITY_IMEI);
}

void
ea_cat_write_imeisv (EaWriter *writer, const EaCatEquipmentIdentity *identity)
{
  write_identity (writer, identity->digits, EA_CAT_IMEISV_DIGITS, IDENTITY_IMEISV);
}

/* Two decimal digits, the first one in the low half; G_MAXUINT8 for others. */
static guint8
read_swapped (EaReader *reader)
{
  guint8 octet = ea_reader_u8 (reader);
  guint8 tens = octet & 0x0F;
  guint8 ones = octet >> 4;

  return tens > 9 || ones > 9 ? G_MAXUINT8 : (guint8) (10 * tens + ones);
}

static void
write_swapped (EaWriter *writer, guint8 value)
{
  ea_writer_u8 (writer, (guint8) ((value % 10) << 4 | value / 10));
}

gboolean
ea_cat_parse_timer_value (EaCatTimerValue *out, EaSpan value, GError **error)
{
  EaCatTimerValue timer;
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_TIMER_VALUE, value, 3, 3, error))
    return FALSE;
  ea_reader_init (&reader, value);
  timer.hours = read_swapped (&reader);
  timer.minutes = read_swapped (&reader);
  timer.seconds = read_swapped (&reader);
  if (timer.hours > 23 || timer.minutes > 59 || timer.seconds > 59)
    {
      g_autofree char *hex = ea_span_to_hex (value);

      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                                "Timer value %s is no time of at most 23:59:59", hex);
    }
  *out = timer;
  return TRUE;
}

void
ea_cat_write_timer_value (EaWriter *writer, const EaCatTimerValue *timer)
{
  write_swapped (writer, timer->hours);
  write_swapped (writer, timer->minutes);
  write_swapped (writer, timer->seconds);
}

static gboolean
is_date_time (const EaCatDateTime *date_time)
{
  const EaSmsTime time = { .year = ea_sms_get_year (date_time->year),
                           .month = date_time->month,
                           .day = date_time->day,
                           .hour = date_time->hour,
                           .minute = date_time->minute,
                           .second = date_time->second };

  return date_time->year <= 99 && ea_sms_is_time (&time);
}

/* TRUE when @octet is a time zone, or says that it is unknown. */
static gboolean
read_zone (EaCatDateTime *date_time, guint8 octet)
{
  guint quarters = 10u * (octet & 0x07) + (octet >> 4);

  date_time->has_zone = octet != ZONE_UNKNOWN;
  if (!date_time->has_zone)
    return TRUE;
  date_time->zone_quarters
      = (gint8) ((octet & ZONE_NEGATIVE) != 0 ? -(int) quarters : (int) quarters);
  return octet >> 4 <= 9 && quarters <= ZONE_QUARTERS_MAX;
}

gboolean
ea_cat_parse_date_time (EaCatDateTime *out, EaSpan value, GError **error)
{
  EaCatDateTime date_time = { 0 };
  g_autofree char *hex = NULL;
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, value, 7, 7, error))
    return FALSE;
  ea_reader_init (&reader, value);
  date_time.year = read_swapped (&reader);
  date_time.month = read_swapped (&reader);
  date_time.day = read_swapped (&reader);
  date_time.hour = read_swapped (&reader);
  date_time.minute = read_swapped (&reader);
  date_time.second = read_swapped (&reader);
  if (!read_zone (&date_time, ea_reader_u8 (&reader)) || !is_date_time (&date_time))
    {
      hex = ea_span_to_hex (value);
      return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                                "Value %s is no date, time and time zone", hex);
    }
  *out = date_time;
  return TRUE;
}

void
ea_cat_write_date_time (EaWriter *writer, const EaCatDateTime *date_time)
{
  guint8 quarters = (guint8) ABS (date_time->zone_quarters);

  write_swapped (writer, date_time->year);
  write_swapped (writer, date_time->month);
  write_swapped (writer, date_time->day);
  write_swapped (writer, date_time->hour);
  write_swapped (writer, date_time->minute);
  write_swapped (writer, date_time->second);
  if (!date_time->has_zone)
    ea_writer_u8 (writer, ZONE_UNKNOWN);
  else
    ea_writer_u8 (writer, (guint8) ((quarters % 10) << 4 | quarters / 10
                                    | (date_time->zone_quarters < 0 ? ZONE_NEGATIVE : 0)));
}

char *
ea_cat_date_time_to_text (const EaCatDateTime *date_time)
{
  int minutes = ABS (date_time->zone_quarters) * 15;
  g_autofree char *zone = NULL;

  if (date_time->has_zone)
    zone = g_strdup_printf ("%c%02d:%02d", date_time->zone_quarters < 0 ? '-' : '+', minutes / 60,
                            minutes % 60);
  return g_strdup_printf ("%04u-%02u-%02uT%02u:%02u:%02u%s", ea_sms_get_year (date_time->year),
                          date_time->month, date_time->day, date_time->hour, date_time->minute,
                          date_time->second, zone != NULL ? zone : "");
}
