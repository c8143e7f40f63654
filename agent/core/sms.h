/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Short message TPDUs (3GPP TS 23.040 §9.2) as bytes and back, addresses, user data headers, and what
 * makes a message a data download to the eUICC (TS 31.111 §7.1.1).
 */

#define EA_SMS_DIGITS_MAX 20
#define EA_SMS_USER_DATA_MAX 140 /* bytes of TP-UD with its header (§9.2.3.24) */
#define EA_SMS_TPDU_MAX 164      /* bytes: DELIVER with the longest address and user data */
#define EA_SMS_SMSC_MAX 11       /* bytes of an RP address: TON/NPI and 20 digits */
#define EA_SMS_TIMESTAMP_SIZE 7
#define EA_SMS_PID_USIM_DOWNLOAD 0x7F /* TP-PID of (U)SIM data download, §9.2.3.9 */

/* TP-FCS in an RP-ERROR (§9.2.3.22) and the RP cause that goes with it (TS 24.011 §8.2.5.4). */
#define EA_SMS_TP_CAUSE_TOOLKIT_BUSY 0xD4
#define EA_SMS_TP_CAUSE_DOWNLOAD_ERROR 0xD5
#define EA_SMS_TP_CAUSE_UNSPECIFIED 0xFF
#define EA_SMS_RP_CAUSE_PROTOCOL_ERROR 0x6F

/* TP-MTI (§9.2.3.1); the direction tells which of the two meanings a value has. */
typedef enum
{
  EA_SMS_TYPE_DELIVER = 0,
  EA_SMS_TYPE_SUBMIT = 1,
  EA_SMS_TYPE_STATUS_REPORT = 2,
} EaSmsType;

/* Message class of TP-DCS (TS 23.038 §4). */
typedef enum
{
  EA_SMS_CLASS_NONE = -1,
  EA_SMS_CLASS_0 = 0,
  EA_SMS_CLASS_1 = 1,
  EA_SMS_CLASS_2 = 2,
  EA_SMS_CLASS_3 = 3,
} EaSmsClass;

/* The three alphabets of TP-DCS; the first counts TP-UDL in septets, the others in octets. */
typedef enum
{
  EA_SMS_ALPHABET_7BIT,
  EA_SMS_ALPHABET_8BIT,
  EA_SMS_ALPHABET_UCS2,
} EaSmsAlphabet;

/* Which security header of TS 31.115 §4 the user data carry. */
typedef enum
{
  EA_SMS_SECURED_NONE,
  EA_SMS_SECURED_COMMAND,  /* IEI 70 */
  EA_SMS_SECURED_RESPONSE, /* IEI 71 */
} EaSmsSecured;

/**
 * EaSmsAddress:
 * @ton: type of number, 0 to 7 (5: alphanumeric)
 * @npi: numbering plan, 0 to 15
 * @digits: 0-9 * # a b c, NUL-terminated; for TON 5 the packed text in hexadecimal
 *
 * TP-OA or TP-DA, §9.1.2.5.
 */
typedef struct
{
  guint8 ton;
  guint8 npi;
  char digits[EA_SMS_DIGITS_MAX + 1];
} EaSmsAddress;

/**
 * EaSmsConcatenation:
 * @total: number of segments; 0 when the message stands alone
 * @index: of this segment, from 1
 *
 * IEI 00 or 08, §9.2.3.24.1 and .8.
 */
typedef struct
{
  guint16 reference;
  guint8 total;
  guint8 index;
} EaSmsConcatenation;

/**
 * EaSmsUserData:
 * @header: the information elements, without TP-UDHL; empty without TP-UDHI
 * @payload: what follows the header. Septets stay packed
 * @length: TP-UDL as it came: octets, or septets where the alphabet is 7 bit
 */
typedef struct
{
  EaSpan header;
  EaSpan payload;
  guint8 length;
  EaSmsConcatenation concatenation;
  EaSmsSecured secured;
} EaSmsUserData;

/* SMS-DELIVER, §9.2.2.1. Spans borrow from the TPDU. */
typedef struct
{
  gboolean has_more_messages; /* TP-MMS 0 */
  gboolean has_reply_path;
  gboolean has_header;
  gboolean wants_status_report;
  EaSmsAddress originator;
  guint8 pid;
  guint8 dcs;
  EaSpan timestamp; /* %EA_SMS_TIMESTAMP_SIZE swapped BCD octets */
  EaSmsUserData user_data;
} EaSmsDeliver;

/* SMS-SUBMIT, §9.2.2.2. Spans borrow from the TPDU. */
typedef struct
{
  gboolean has_reply_path;
  gboolean has_header;
  gboolean wants_status_report;
  gboolean rejects_duplicates;
  guint8 reference;
  EaSmsAddress destination;
  guint8 pid;
  guint8 dcs;
  EaSpan validity; /* 0, 1 or 7 octets */
  EaSmsUserData user_data;
} EaSmsSubmit;

/* TP-MTI of a TPDU's first octet; 3 is reserved. */
guint8 ea_sms_get_type (EaSpan tpdu);

/**
 * ea_sms_parse_deliver:
 * @out: (out): untouched on failure
 * @tpdu: a TPDU from the network, without an SMSC address in front
 *
 * A TP-UDL that is smaller than what follows it is kept in @length and not believed: the payload goes to
 * the end of the TPDU.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (address, user data or header with impossible lengths),
 * _UNSUPPORTED (not an SMS-DELIVER).
 */
gboolean ea_sms_parse_deliver (EaSmsDeliver *out, EaSpan tpdu, GError **error);

/* The same for a TPDU to the network. Errors as ea_sms_parse_deliver(). */
gboolean ea_sms_parse_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error);

EaSmsClass ea_sms_get_class (guint8 dcs);
EaSmsAlphabet ea_sms_get_alphabet (guint8 dcs);

/* TRUE for TP-PID 7F and class 2: the message goes to the UICC by ENVELOPE (TS 31.111 §7.1.1). */
gboolean ea_sms_is_data_download (const EaSmsDeliver *deliver);

/**
 * ea_sms_parse_user_data_header:
 * @header: information elements without TP-UDHL
 * @out: (inout): gets @concatenation and @secured; untouched on failure
 *
 * A concatenation element whose numbers make no sense is ignored, as §9.2.3.24.1 wants.
 */
gboolean ea_sms_parse_user_data_header (EaSpan header, EaSmsUserData *out, GError **error);

/**
 * ea_sms_pack_submit:
 * @tpdu: an SMS-SUBMIT with 8-bit user data without header
 *
 * What SEND SHORT MESSAGE with "packing required" wants (TS 102 223 §6.4.10): the same message with its
 * text packed into septets and TP-DCS in the default alphabet.
 *
 * Returns: (transfer full) (nullable): the new TPDU
 *
 * Errors: as ea_sms_parse_submit(); EA_CORE_ERROR_UNSUPPORTED (user data with a header).
 */
GBytes *ea_sms_pack_submit (EaSpan tpdu, GError **error);

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
 * ea_sms_build_smsc:
 * @number: digits, with "+" in front of an international number
 *
 * Returns: (transfer full) (nullable): TON/NPI and swapped BCD digits, at most %EA_SMS_SMSC_MAX bytes;
 * %NULL when @number is not a number of 1 to 20 digits
 */
GBytes *ea_sms_build_smsc (const char *number);
