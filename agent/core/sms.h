/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/sms-address.h"
#include "core/sms-time.h"
#include "core/sms-user-data.h"

/*
 * Short messages (3GPP TS 23.040 §9.2) as bytes and back, and what makes a message a data download to the
 * eUICC (TS 31.111 §7.1.1). Reports and commands are in sms-report.h.
 */

#define EA_SMS_TPDU_MAX 164     /* bytes: DELIVER with the longest address and user data */
#define EA_SMS_UNPACKED_MAX 160 /* bytes of text that the terminal packs, TS 102 223 §6.4.10 */
#define EA_SMS_PID_USIM_DOWNLOAD 0x7F /* TP-PID of (U)SIM data download, §9.2.3.9 */
#define EA_SMS_DCS_CLASS_2_8BIT 0xF6  /* TP-DCS of 8-bit data for the UICC, TS 23.038 §4 */

/* TP-FCS in an RP-ERROR (§9.2.3.22) and the RP cause that goes with it (TS 24.011 §8.2.5.4). */
#define EA_SMS_TP_CAUSE_MEMORY_EXCEEDED 0xD3
#define EA_SMS_TP_CAUSE_TOOLKIT_BUSY 0xD4
#define EA_SMS_TP_CAUSE_DOWNLOAD_ERROR 0xD5
#define EA_SMS_TP_CAUSE_UNSPECIFIED 0xFF
#define EA_SMS_RP_CAUSE_MEMORY_EXCEEDED 0x16
#define EA_SMS_RP_CAUSE_PROTOCOL_ERROR 0x6F

/* TP-MTI (§9.2.3.1) and the bits of the first octet that several kinds of message share. */
#define EA_SMS_FLAG_TYPE 0x03
#define EA_SMS_FLAG_NO_MORE_MESSAGES 0x04 /* DELIVER, STATUS-REPORT */
#define EA_SMS_FLAG_LOOP_PREVENTION 0x08  /* DELIVER, STATUS-REPORT */
#define EA_SMS_FLAG_STATUS_REPORT 0x20
#define EA_SMS_FLAG_HEADER 0x40

/* TP-MTI (§9.2.3.1); the direction tells which of the two meanings a value has. */
typedef enum
{
  EA_SMS_TYPE_DELIVER = 0,
  EA_SMS_TYPE_DELIVER_REPORT = 0,
  EA_SMS_TYPE_SUBMIT = 1,
  EA_SMS_TYPE_SUBMIT_REPORT = 1,
  EA_SMS_TYPE_STATUS_REPORT = 2,
  EA_SMS_TYPE_COMMAND = 2,
} EaSmsType;

/**
 * EaSmsDeliver:
 * @has_more_messages: TP-MMS 0
 * @is_loop_prevented: TP-LP: no other message shall come of it by itself
 * @wants_status_report: TP-SRI: the sender gets a status report
 * @timestamp: %EA_SMS_TIMESTAMP_SIZE octets for ea_sms_parse_time(); not always a time
 *
 * SMS-DELIVER, §9.2.2.1. Spans borrow from the TPDU.
 */
typedef struct
{
  gboolean has_more_messages;
  gboolean is_loop_prevented;
  gboolean has_reply_path;
  gboolean wants_status_report;
  EaSmsAddress originator;
  guint8 pid;
  guint8 dcs;
  EaSpan timestamp;
  EaSmsUserData user_data;
} EaSmsDeliver;

/**
 * EaSmsSubmit:
 * @validity: octets for ea_sms_parse_validity() with @validity_format
 *
 * SMS-SUBMIT, §9.2.2.2. Spans borrow from the TPDU.
 */
typedef struct
{
  gboolean has_reply_path;
  gboolean wants_status_report;
  gboolean rejects_duplicates;
  guint8 reference;
  EaSmsAddress destination;
  guint8 pid;
  guint8 dcs;
  EaSmsValidityFormat validity_format;
  EaSpan validity;
  EaSmsUserData user_data;
} EaSmsSubmit;

/* TP-MTI of a TPDU's first octet; 3 is reserved. */
guint8 ea_sms_get_type (EaSpan tpdu);

/**
 * ea_sms_check_type:
 * @flags: the first octet
 * @position: of the first octet
 * @name: of the kind of message, for the error
 *
 * Errors: EA_CORE_ERROR_UNSUPPORTED (TP-MTI says another kind).
 */
gboolean ea_sms_check_type (guint8 flags, EaSmsType type, const guint8 *position, const char *name,
                            GError **error);

/**
 * ea_sms_parse_deliver:
 * @out: (out): untouched on failure
 * @tpdu: a TPDU from the network, without an SMSC address in front
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (address, user data or header with impossible lengths),
 * _UNSUPPORTED (not an SMS-DELIVER).
 */
gboolean ea_sms_parse_deliver (EaSmsDeliver *out, EaSpan tpdu, GError **error);

/**
 * ea_sms_build_deliver:
 *
 * Returns: (transfer full) (nullable): the TPDU
 *
 * Errors: as ea_sms_write_address() and ea_sms_write_user_data(); EA_CORE_ERROR_MALFORMED (a time stamp of
 * another size).
 */
GBytes *ea_sms_build_deliver (const EaSmsDeliver *deliver, GError **error);

/* The same for a TPDU to the network. Errors as ea_sms_parse_deliver(). */
gboolean ea_sms_parse_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error);

/* The same for a TPDU whose text the terminal has yet to pack: up to %EA_SMS_UNPACKED_MAX bytes of it. */
gboolean ea_sms_parse_unpacked_submit (EaSmsSubmit *out, EaSpan tpdu, GError **error);

/* (transfer full) (nullable): the TPDU. Errors as ea_sms_build_deliver(), for the validity period. */
GBytes *ea_sms_build_submit (const EaSmsSubmit *submit, GError **error);

/**
 * ea_sms_submit_packet:
 * @packet: a response packet from RPL on, or a command packet from CPL on
 * @secured: which of them
 * @reference: of the concatenation; not used where one message is enough
 *
 * The messages that carry a packet, in their order: a proof of receipt to the originator of the command (TS 31.115
 * §4.4), divided as ea_sms_segment_packet() does. TP-PID and TP-DCS are those of data download; there is no validity
 * period, and TP-MR, which is the modem's, is 0.
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): the TPDU of each message
 *
 * Errors: as ea_sms_segment_packet() and ea_sms_write_address().
 */
GPtrArray *ea_sms_submit_packet (const EaSmsAddress *destination, EaSpan packet,
                                 EaSmsSecured secured, guint8 reference, GError **error);

/**
 * ea_sms_deliver_packet:
 * @time: TP-SCTS
 *
 * The same for messages from the network, as a service centre delivers them: SMS-PP data downloads of 140 bytes of TP-UD
 * at most, each with TP-MMS 1.
 *
 * Errors: as ea_sms_submit_packet() and ea_sms_write_time().
 */
GPtrArray *ea_sms_deliver_packet (const EaSmsAddress *originator, const EaSmsTime *time,
                                  EaSpan packet, EaSmsSecured secured, guint8 reference,
                                  GError **error);

/* TRUE for TP-PID 7F and class 2: the message goes to the UICC by ENVELOPE (TS 31.111 §7.1.1). */
gboolean ea_sms_is_data_download (const EaSmsDeliver *deliver);

/**
 * ea_sms_pack_submit:
 * @tpdu: an SMS-SUBMIT with at most %EA_SMS_UNPACKED_MAX bytes of 8-bit user data without header
 *
 * What SEND SHORT MESSAGE with "packing required" wants (TS 102 223 §6.4.10): the same message with its
 * text packed into septets and TP-DCS in the default alphabet. User data that are not 8-bit data stay as
 * they are, and may be more than ea_sms_parse_submit() takes.
 *
 * Returns: (transfer full) (nullable): the new TPDU
 *
 * Errors: as ea_sms_parse_submit(); EA_CORE_ERROR_UNSUPPORTED (user data with a header, or compressed),
 * _MALFORMED (an octet above 7F, which seven bits do not hold; the error tells its position).
 */
GBytes *ea_sms_pack_submit (EaSpan tpdu, GError **error);
