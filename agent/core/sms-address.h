/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Addresses of short messages: TP-OA, TP-DA and TP-RA (TS 23.040 §9.1.2.5), and of service centres as in
 * RP addresses (TS 24.011 §8.2.5.1). */

#define EA_SMS_DIGITS_MAX 20       /* semi-octets, §9.1.2.5 */
#define EA_SMS_ADDRESS_TEXT_MAX 22 /* bytes of UTF-8 in 20 semi-octets: 11 septets of 2 */
#define EA_SMS_SMSC_MAX 11         /* bytes of an RP address: TON/NPI and 20 digits */

/* Type of number, §9.1.2.5; 7 is reserved. */
typedef enum
{
  EA_SMS_TON_UNKNOWN = 0,
  EA_SMS_TON_INTERNATIONAL = 1,
  EA_SMS_TON_NATIONAL = 2,
  EA_SMS_TON_NETWORK_SPECIFIC = 3,
  EA_SMS_TON_SUBSCRIBER = 4,
  EA_SMS_TON_ALPHANUMERIC = 5,
  EA_SMS_TON_ABBREVIATED = 6,
} EaSmsTon;

/**
 * EaSmsAddress:
 * @ton: type of number, 0 to 7, see #EaSmsTon
 * @npi: numbering plan, 0 to 15
 * @n_semi_octets: the length as it came. A builder takes it where it is not smaller than the number of
 *   digits, as senders fill up differently, and for text where it says as many septets; else it counts.
 *   0 makes it count
 * @digits: 0-9 * # a b c, NUL-terminated; the text in UTF-8 where @ton is alphanumeric
 * @has_digit_beyond: the length was odd and its last octet was filled up with a digit, which is in @digits,
 *   not with F. A builder takes the length for that many digits then: who changes @digits makes it %FALSE
 */
typedef struct
{
  guint8 ton;
  guint8 npi;
  guint8 n_semi_octets;
  char digits[EA_SMS_ADDRESS_TEXT_MAX + 1];
  gboolean has_digit_beyond;
} EaSmsAddress;

/**
 * ea_sms_read_address:
 * @out: (out): untouched on failure
 *
 * Reads the length in semi-octets, TON/NPI and the digits, which end at an F or with the last octet.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (more than %EA_SMS_DIGITS_MAX semi-octets).
 */
gboolean ea_sms_read_address (EaReader *reader, EaSmsAddress *out, GError **error);

/**
 * ea_sms_write_address:
 *
 * Errors: EA_CORE_ERROR_MALFORMED (a digit that does not exist, TON or NPI out of range),
 * _LIMIT (over %EA_SMS_DIGITS_MAX semi-octets), _UNSUPPORTED (text that the default alphabet does not have).
 * Nothing is written then.
 */
gboolean ea_sms_write_address (EaWriter *writer, const EaSmsAddress *address, GError **error);

/* TRUE when type, plan and digits are the same. */
gboolean ea_sms_address_equal (const EaSmsAddress *a, const EaSmsAddress *b);

/**
 * ea_sms_parse_smsc:
 * @out: (out): untouched on failure
 * @smsc: TON/NPI and digits, without a length
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (no bytes), _LIMIT (over %EA_SMS_SMSC_MAX).
 */
gboolean ea_sms_parse_smsc (EaSmsAddress *out, EaSpan smsc, GError **error);

/**
 * ea_sms_split_smsc:
 * @message: a message as modems store it: length octet, SMSC address, TPDU
 * @smsc: (out): TON/NPI and digits; empty when the length octet is 0
 * @tpdu: (out): what follows
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, EA_CORE_ERROR_LIMIT (address over %EA_SMS_SMSC_MAX).
 */
gboolean ea_sms_split_smsc (EaSpan message, EaSpan *smsc, EaSpan *tpdu, GError **error);

/* (transfer full): the inverse of ea_sms_split_smsc(); @smsc has at most %EA_SMS_SMSC_MAX bytes. */
GBytes *ea_sms_join_smsc (EaSpan smsc, EaSpan tpdu);

/**
 * ea_sms_parse_number:
 * @out: (out): untouched on failure
 * @number: 1 to %EA_SMS_DIGITS_MAX digits of a number of E.164, with "+" in front of an international one
 *
 * Errors: EA_CORE_ERROR_MALFORMED.
 */
gboolean ea_sms_parse_number (EaSmsAddress *out, const char *number, GError **error);

/**
 * ea_sms_build_smsc:
 * @number: digits, with "+" in front of an international number
 *
 * Returns: (transfer full) (nullable): TON/NPI and swapped BCD digits, at most %EA_SMS_SMSC_MAX bytes;
 * %NULL when @number is not a number of 1 to 20 digits
 */
GBytes *ea_sms_build_smsc (const char *number);
