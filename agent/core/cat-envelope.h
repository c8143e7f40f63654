/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cat-layout.h"
#include "core/cat-number.h"

/*
 * ENVELOPE (ETSI TS 102 223 §7, 3GPP TS 31.111 §7): what a terminal tells the toolkit applications of the
 * UICC. The functions handle the data of the command from the BER-TLV tag on, without the APDU header.
 */

/* BER-TLV tags from the terminal to the UICC, TS 101 220 §7.2. */
typedef enum
{
  EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD = 0xD1,
  EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD = 0xD2,
  EA_CAT_ENVELOPE_MENU_SELECTION = 0xD3,
  EA_CAT_ENVELOPE_CALL_CONTROL = 0xD4,
  EA_CAT_ENVELOPE_MO_SHORT_MESSAGE_CONTROL = 0xD5,
  EA_CAT_ENVELOPE_EVENT_DOWNLOAD = 0xD6,
  EA_CAT_ENVELOPE_TIMER_EXPIRATION = 0xD7,
  EA_CAT_ENVELOPE_USSD_DOWNLOAD = 0xD9,
  EA_CAT_ENVELOPE_MMS_TRANSFER_STATUS = 0xDA,
  EA_CAT_ENVELOPE_MMS_NOTIFICATION_DOWNLOAD = 0xDB,
  EA_CAT_ENVELOPE_TERMINAL_APPLICATIONS = 0xDC,
  EA_CAT_ENVELOPE_GEOGRAPHICAL_LOCATION_REPORTING = 0xDD,
  EA_CAT_ENVELOPE_ENVELOPE_CONTAINER = 0xDE,
  EA_CAT_ENVELOPE_PROSE_REPORT = 0xDF,
} EaCatEnvelopeType;

/**
 * EaCatEnvelope:
 * @event: of an EVENT DOWNLOAD, an EaCatEvent or a value that is none yet; 0 otherwise
 * @source: @destination: device identities, TS 102 223 §8.7
 * @objects: the COMPREHENSION-TLVs after the event list and the device identities, all readable, borrowed
 */
typedef struct
{
  EaCatEnvelopeType type;
  guint8 event;
  guint8 source;
  guint8 destination;
  EaSpan objects;
} EaCatEnvelope;

/**
 * ea_cat_parse_envelope:
 * @out: (out): untouched on failure
 * @bytes: one envelope from its tag D1 to DF to the end
 *
 * That the mandatory objects are there is checked, what is in them is not. Objects that do not belong there
 * are no error: the UICC decides what it understands. The device identities are taken as they are.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (an object that can't be read, an event list of more or less
 * than one event, bytes after the end), _MISSING (a mandatory object), _UNSUPPORTED (another tag).
 */
gboolean ea_cat_parse_envelope (EaCatEnvelope *out, EaSpan bytes, GError **error);

/* (nullable): name ("EVENT DOWNLOAD") and objects of a kind of envelope; %NULL for a tag that is none. */
const EaCatLayout *ea_cat_get_envelope_layout (guint32 type);

/* (nullable): the objects of an EaCatEvent; %NULL for a value that is none yet. */
const EaCatLayout *ea_cat_get_event_layout (guint8 event);

/* The objects of @envelope: those of its event, or of its kind. */
const EaCatLayout *ea_cat_envelope_get_layout (const EaCatEnvelope *envelope);

/**
 * ea_cat_build_envelope:
 * @envelope: checked as ea_cat_parse_envelope() does
 *
 * Returns: (transfer full) (nullable): the ENVELOPE's data
 *
 * Errors: as ea_cat_parse_envelope(), and EA_CORE_ERROR_LIMIT when it would not fit one APDU (255 bytes).
 */
GBytes *ea_cat_build_envelope (const EaCatEnvelope *envelope, GError **error);

/**
 * ea_cat_build_sms_pp_download:
 * @smsc: TON/NPI and digits of the service centre; empty leaves the object out
 * @tpdu: the SMS-DELIVER, untouched
 *
 * Returns: (transfer full) (nullable): the ENVELOPE's data, D1…, at most 188 bytes for a TPDU of 164
 * (TS 31.111 §7.1.1.2)
 *
 * Errors: EA_CORE_ERROR_LIMIT when the message would not fit one APDU.
 */
GBytes *ea_cat_build_sms_pp_download (EaSpan smsc, EaSpan tpdu, GError **error);

/* (transfer full) (nullable): of a page of cell broadcast. Errors: EA_CORE_ERROR_MALFORMED (not 88 bytes). */
GBytes *ea_cat_build_cell_broadcast_download (EaSpan page, GError **error);

/* (transfer full): @item of the menu was chosen, or help on it was asked for. */
GBytes *ea_cat_build_menu_selection (guint8 item, gboolean is_help_requested);

/**
 * ea_cat_build_timer_expiration:
 * @timer: 1 to 8
 * @elapsed: from its start to this envelope
 *
 * Returns: (transfer full): TS 102 223 §7.4
 */
GBytes *ea_cat_build_timer_expiration (guint8 timer, const EaCatTimerValue *elapsed);

/**
 * ea_cat_build_mo_short_message_control:
 * @smsc: @destination: TON/NPI and digits of the service centre and of who shall get the message
 * @location: location information, TS 102 223 §8.19
 *
 * Returns: (transfer full) (nullable): TS 31.111 §7.3.2
 *
 * Errors: EA_CORE_ERROR_LIMIT when it would not fit one APDU.
 */
GBytes *ea_cat_build_mo_short_message_control (EaSpan smsc, EaSpan destination, EaSpan location,
                                               GError **error);
