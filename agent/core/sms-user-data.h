/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/text.h"

/*
 * TP-UD: what a short message carries (TS 23.040 §9.2.3.24), with its header of information elements, its
 * data coding scheme (TS 23.038 §4), and secured packets in it (TS 31.115 §4).
 */

#define EA_SMS_USER_DATA_MAX 140 /* bytes of TP-UD with its header, of DELIVER and SUBMIT */
#define EA_SMS_SEGMENTS_MAX 255  /* §9.2.3.24.1 */

/* Information element identifiers, §9.2.3.24 */
#define EA_SMS_IEI_CONCATENATION_8 0x00
#define EA_SMS_IEI_SPECIAL_INDICATION 0x01
#define EA_SMS_IEI_PORTS_8 0x04
#define EA_SMS_IEI_PORTS_16 0x05
#define EA_SMS_IEI_SMSC_CONTROL 0x06
#define EA_SMS_IEI_SOURCE_INDICATOR 0x07
#define EA_SMS_IEI_CONCATENATION_16 0x08
#define EA_SMS_IEI_NATIONAL_SINGLE_SHIFT 0x24
#define EA_SMS_IEI_NATIONAL_LOCKING_SHIFT 0x25
#define EA_SMS_IEI_COMMAND_PACKET 0x70  /* TS 31.115 §4.1 */
#define EA_SMS_IEI_RESPONSE_PACKET 0x71 /* TS 31.115 §4.2 */

/* Message class of TP-DCS (TS 23.038 §4). */
typedef enum
{
  EA_SMS_CLASS_NONE = -1,
  EA_SMS_CLASS_0 = 0,
  EA_SMS_CLASS_1 = 1,
  EA_SMS_CLASS_2 = 2,
  EA_SMS_CLASS_3 = 3,
} EaSmsClass;

/* What a message waiting indication of TP-DCS asks for besides (TS 23.038 §4). */
typedef enum
{
  EA_SMS_WAITING_NONE,
  EA_SMS_WAITING_DISCARD, /* the message may be discarded */
  EA_SMS_WAITING_STORE,
} EaSmsWaiting;

/* Which messages wait. */
typedef enum
{
  EA_SMS_INDICATION_VOICEMAIL = 0,
  EA_SMS_INDICATION_FAX = 1,
  EA_SMS_INDICATION_EMAIL = 2,
  EA_SMS_INDICATION_OTHER = 3,
} EaSmsIndication;

/**
 * EaSmsScheme:
 * @is_compressed: TS 23.042
 * @is_deleted_automatically: the message is to be deleted after it was read
 * @is_reserved: a coding group that is reserved; it is to be read as the default alphabet
 * @waiting: the others below only where it is not %EA_SMS_WAITING_NONE
 * @is_active: messages wait; else they no longer do
 */
typedef struct
{
  EaTextAlphabet alphabet;
  EaSmsClass message_class;
  gboolean is_compressed;
  gboolean is_deleted_automatically;
  gboolean is_reserved;
  EaSmsWaiting waiting;
  gboolean is_active;
  EaSmsIndication indication;
} EaSmsScheme;

/* All that TP-DCS says, in all its coding groups. */
EaSmsScheme ea_sms_parse_scheme (guint8 dcs);
EaSmsClass ea_sms_get_class (guint8 dcs);

/* Which security header of TS 31.115 §4 the user data carry. */
typedef enum
{
  EA_SMS_SECURED_NONE,
  EA_SMS_SECURED_COMMAND,  /* IEI 70 */
  EA_SMS_SECURED_RESPONSE, /* IEI 71 */
} EaSmsSecured;

/**
 * EaSmsConcatenation:
 * @total: number of segments; 0 when the message stands alone
 * @index: of this segment, from 1
 * @has_wide_reference: the reference has 16 bits
 *
 * IEI 00 or 08, §9.2.3.24.1 and .8.
 */
typedef struct
{
  guint16 reference;
  guint8 total;
  guint8 index;
  gboolean has_wide_reference;
} EaSmsConcatenation;

/**
 * EaSmsUserData:
 * @has_header: TP-UDHI
 * @header: the information elements, without TP-UDHL; empty without TP-UDHI
 * @payload: what follows the header. Septets stay packed, with the fill bits after a header
 * @length: TP-UDL as it came: octets, or septets where the alphabet is 7 bit and the text not compressed,
 *   those of the header included. A builder takes it for septets only, and counts octets itself
 * @concatenation: from the header, as the two below; a builder takes them from @header only
 * @has_national_language: the text is in tables of a national language
 */
typedef struct
{
  gboolean has_header;
  EaSpan header;
  EaSpan payload;
  guint8 length;
  EaSmsConcatenation concatenation;
  EaSmsSecured secured;
  gboolean has_national_language;
} EaSmsUserData;

/**
 * ea_sms_read_user_data:
 * @reader: at TP-UDL
 * @dcs: TP-DCS; 00 where the message has none
 * @size_max: octets that this kind of message may carry
 * @out: (out): untouched on failure. Borrows from the reader's buffer
 *
 * A TP-UDL that is smaller than what follows it is kept in @length and not believed: the payload goes to
 * the end of the buffer. ea_sms_length_agrees() tells.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (more than @size_max; a header with impossible lengths).
 */
gboolean ea_sms_read_user_data (EaReader *reader, guint8 dcs, gboolean has_header, gsize size_max,
                                EaSmsUserData *out, GError **error);

/* TRUE when header and payload take the octets that TP-UDL says. @dcs: as of ea_sms_read_user_data() */
gboolean ea_sms_length_agrees (const EaSmsUserData *data, guint8 dcs);

/**
 * ea_sms_write_user_data:
 *
 * Writes TP-UDL, the header and the payload.
 *
 * Errors: EA_CORE_ERROR_LIMIT (more than @size_max), _MALFORMED (a count of septets that the payload does
 * not hold, a header that is not wanted). Nothing is written then.
 */
gboolean ea_sms_write_user_data (EaWriter *writer, const EaSmsUserData *data, guint8 dcs,
                                 gsize size_max, GError **error);

/**
 * ea_sms_parse_user_data_header:
 * @header: information elements without TP-UDHL
 * @out: (inout): gets @concatenation, @secured and @has_national_language; untouched on failure
 *
 * A concatenation element whose numbers make no sense is ignored, as §9.2.3.24.1 wants.
 *
 * Errors: EA_CORE_ERROR_MALFORMED (an element goes beyond the end).
 */
gboolean ea_sms_parse_user_data_header (EaSpan header, EaSmsUserData *out, GError **error);

/* One information element; @value borrows from the header. */
typedef struct
{
  guint8 identifier;
  EaSpan value;
} EaSmsElement;

/* Errors: EA_CORE_ERROR_MALFORMED (it goes beyond the end); @out is untouched then. */
gboolean ea_sms_read_element (EaReader *header, EaSmsElement *out, GError **error);

/* @value has at most 255 bytes. */
void ea_sms_write_element (EaWriter *writer, guint8 identifier, EaSpan value);

/* The element 00 or 08 for @concatenation. */
void ea_sms_write_concatenation (EaWriter *writer, const EaSmsConcatenation *concatenation);

/* The standard's name of an information element, in lower case; of its range where it has no own one. */
const char *ea_sms_get_element_name (guint8 identifier);

/**
 * ea_sms_has_text:
 *
 * Returns: TRUE when the user data are text for a person: in septets or UCS-2, not compressed, with a
 * TP-PID that does not hand them to the UICC, the terminal or another service (§9.2.3.9)
 */
gboolean ea_sms_has_text (const EaSmsUserData *data, guint8 pid, guint8 dcs);

/**
 * ea_sms_decode_text:
 *
 * Returns: (transfer full) (nullable): the text of the user data in UTF-8
 *
 * Errors: EA_CORE_ERROR_UNSUPPORTED (8-bit data, compressed text, tables of a national language),
 * _TRUNCATED and _MALFORMED as ea_text_decode_ucs2().
 */
char *ea_sms_decode_text (const EaSmsUserData *data, guint8 dcs, GError **error);

/**
 * ea_sms_segment_packet:
 * @packet: a command or response packet from CPL or RPL on
 * @secured: which of them
 * @reference: for the segments; not used where one is enough. Its upper half is 0 without
 *   @has_wide_reference
 *
 * Divides a secured packet as TS 31.115 §4 does: 137 bytes of it in a message that stands alone, else 132
 * (131 with a wide reference) in the first segment and 134 (133) in each other one.
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): the TP-UD of each segment, with TP-UDHL
 *
 * Errors: EA_CORE_ERROR_LIMIT (over %EA_SMS_SEGMENTS_MAX segments).
 */
GPtrArray *ea_sms_segment_packet (EaSpan packet, EaSmsSecured secured, guint16 reference,
                                  gboolean has_wide_reference, GError **error);

/**
 * ea_sms_parse_user_data:
 * @out: (out): untouched on failure. Borrows from @octets
 * @octets: TP-UD with its header, of 8-bit data
 *
 * Makes user data of what ea_sms_segment_packet() returns.
 *
 * Errors: EA_CORE_ERROR_MALFORMED (a header with impossible lengths), _LIMIT (over %EA_SMS_USER_DATA_MAX).
 */
gboolean ea_sms_parse_user_data (EaSmsUserData *out, EaSpan octets, GError **error);
