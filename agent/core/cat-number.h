/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Values of toolkit objects that are made of decimal digits, two in an octet: see core/cat-object.h for the
 * common contract. Spans borrow from the value.
 */

/* Digits of an IMEI with its check digit, and of an IMEISV. */
#define EA_CAT_IMEI_DIGITS 15
#define EA_CAT_IMEISV_DIGITS 16

/* TS 102 223 §8.37: timers are 1 to 8. */
#define EA_CAT_TIMER_MAX 8

/**
 * ea_cat_digits_to_text:
 * @octets: extended BCD as in EF_ADN (TS 31.102 §4.4.2.3), the first digit in the low half; F ends it
 *
 * Returns: (transfer full): "0" to "9", "*", "#", and "c", "d", "e" for the DTMF separator, the wild value
 * and the reserved one
 */
char *ea_cat_digits_to_text (EaSpan octets);

/* The inverse: nothing is written on failure. Errors: EA_CORE_ERROR_UNSUPPORTED (another character). */
gboolean ea_cat_write_digits (EaWriter *writer, const char *digits, GError **error);

/**
 * EaCatAddress:
 * @ton: @npi: type of number and numbering plan, 0 to 7 and 0 to 15
 * @type: the octet that they are in
 * @digits: for ea_cat_digits_to_text()
 *
 * Address, TS 102 223 §8.1, and SS string, TS 31.111 §8.14. A writer heeds @type and @digits.
 */
typedef struct
{
  guint8 type;
  guint8 ton;
  guint8 npi;
  EaSpan digits;
} EaCatAddress;

gboolean ea_cat_parse_address (EaCatAddress *out, EaSpan value, GError **error);
gboolean ea_cat_parse_ss_string (EaCatAddress *out, EaSpan value, GError **error);
void ea_cat_write_address (EaWriter *writer, const EaCatAddress *address);

/**
 * EaCatEquipmentIdentity:
 * @digits: %EA_CAT_IMEI_DIGITS or %EA_CAT_IMEISV_DIGITS decimal digits
 *
 * IMEI and IMEISV, TS 102 223 §8.20 and §8.74, coded as in TS 24.008 §10.5.1.4: A or 3 before the digits (type
 * of identity, with bit 4 for an odd number of digits), and F after those of an IMEISV.
 */
typedef struct
{
  char digits[EA_CAT_IMEISV_DIGITS + 1];
} EaCatEquipmentIdentity;

gboolean ea_cat_parse_imei (EaCatEquipmentIdentity *out, EaSpan value, GError **error);
gboolean ea_cat_parse_imeisv (EaCatEquipmentIdentity *out, EaSpan value, GError **error);

/* The same for terminals that take liberties: whatever stands before and after the digits. */
gboolean ea_cat_parse_imei_digits (EaCatEquipmentIdentity *out, EaSpan value, GError **error);
gboolean ea_cat_parse_imeisv_digits (EaCatEquipmentIdentity *out, EaSpan value, GError **error);

void ea_cat_write_imei (EaWriter *writer, const EaCatEquipmentIdentity *identity);
void ea_cat_write_imeisv (EaWriter *writer, const EaCatEquipmentIdentity *identity);

/* TS 102 223 §8.38 */
typedef struct
{
  guint8 hours;
  guint8 minutes;
  guint8 seconds;
} EaCatTimerValue;

gboolean ea_cat_parse_timer_value (EaCatTimerValue *out, EaSpan value, GError **error);
void ea_cat_write_timer_value (EaWriter *writer, const EaCatTimerValue *timer);

/**
 * EaCatDateTime:
 * @year: 0 to 99, as short messages count them: ea_sms_get_year()
 * @has_zone: FALSE: the time zone is unknown (FF)
 * @zone_quarters: local time less UTC in quarters of an hour, -79 to 79
 *
 * Date-time and time zone, TS 102 223 §8.39.
 */
typedef struct
{
  guint8 year;
  guint8 month;
  guint8 day;
  guint8 hour;
  guint8 minute;
  guint8 second;
  gboolean has_zone;
  gint8 zone_quarters;
} EaCatDateTime;

gboolean ea_cat_parse_date_time (EaCatDateTime *out, EaSpan value, GError **error);
void ea_cat_write_date_time (EaWriter *writer, const EaCatDateTime *date_time);

/* (transfer full): ISO 8601: "2022-07-25T12:34:56+02:00", without the zone where it is unknown. */
char *ea_cat_date_time_to_text (const EaCatDateTime *date_time);
