/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The default notification of an eUICC and its confirmation, SGP.02 §3.15 and §4.1.1.11 to §4.1.1.12. */

/* Notification type, SGP.02 §4.1.1.11. Others are reserved and kept as they are. */
typedef enum
{
  EA_SGP02_NOTIFICATION_DECLARATION = 0x01,
  EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED = 0x02,
  EA_SGP02_NOTIFICATION_ROLL_BACK = 0x03,
  EA_SGP02_NOTIFICATION_VOID = 0x04,
  EA_SGP02_NOTIFICATION_FALL_BACK = 0x05,
} EaSgp02NotificationType;

#define EA_SGP02_IMEI_SIZE 8 /* swapped BCD after the IMEI's own first octet */
#define EA_SGP02_MEID_SIZE_MIN 7
#define EA_SGP02_MEID_SIZE_MAX 8

/**
 * EaSgp02Notification:
 * @objects: all that is in the notification, as it stands; nothing that is built heeds it
 * @eid: 16 bytes of BCD
 * @type: an EaSgp02NotificationType, or a reserved value
 * @sequence: counts notifications; a confirmation names it
 * @aid: 5 to 16 bytes: the enabled ISD-P
 * @imei: @meid: of the device; empty when absent
 *
 * Spans borrow from the notification.
 */
typedef struct
{
  EaSpan objects;
  EaSpan eid;
  guint8 type;
  guint16 sequence;
  EaSpan aid;
  EaSpan imei;
  EaSpan meid;
} EaSgp02Notification;

/**
 * ea_sgp02_parse_notification:
 * @out: (out): untouched on failure
 * @notification: the object E1 and nothing else
 *
 * The AID may have the tag 2F, AF or 4F, as there are cards with each. Objects that the standard does not
 * have are passed over.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (an object of the wrong size, or twice), _MISSING, _UNSUPPORTED
 * (not E1).
 */
gboolean ea_sgp02_parse_notification (EaSgp02Notification *out, EaSpan notification,
                                      GError **error);

/**
 * ea_sgp02_find_notification:
 * @out: (out): untouched on failure; borrows from @tpdu
 * @tpdu: an SMS-SUBMIT of the eUICC
 *
 * The notification in a command packet that stands alone and is not ciphered (§3.15.1). What protects it is not
 * checked: only the SM-SR has the key.
 *
 * Errors: as ea_sms_parse_submit(), ea_scp80_parse() and ea_sgp02_parse_notification(); EA_CORE_ERROR_UNSUPPORTED (no
 * command packet, one of several messages, or ciphered).
 */
gboolean ea_sgp02_find_notification (EaSgp02Notification *out, EaSpan tpdu, GError **error);

/* TRUE when @tag is that of an object in a notification. */
gboolean ea_sgp02_is_notification_tag (guint32 tag);

/* (transfer full): the AID with tag 2F; sizes as in EaSgp02Notification */
GBytes *ea_sgp02_build_notification (const EaSgp02Notification *notification);

/* For people; %NULL for reserved types. */
const char *ea_sgp02_get_notification_name (guint8 type);

/* (transfer full) (nullable): the digits of @imei in its order, 15 of them; %NULL when it has others, or another
 * type of identity (TS 24.008 §10.5.1.4) */
char *ea_sgp02_get_imei_digits (EaSpan imei);

/**
 * ea_sgp02_parse_confirmation:
 * @sequence: (out): the notification that is confirmed; untouched on failure
 * @command: a STORE DATA with DGI 3A08
 *
 * Errors: as ea_apdu_parse_command(); EA_CORE_ERROR_UNSUPPORTED (another command), _MALFORMED.
 */
gboolean ea_sgp02_parse_confirmation (guint16 *sequence, EaSpan command, GError **error);

/* (transfer full): the C-APDU for the ISD-R */
GBytes *ea_sgp02_build_confirmation (guint16 sequence);
