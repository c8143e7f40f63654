/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * The values of the QMI TLVs that libqmi has no functions for: service CAT2 (0x0A, and CAT 0xE0 with the
 * same layout) and the APDU messages of UIM (0x0B). Numbers are little-endian. Pure functions; spans
 * borrow from the value.
 */

/* Messages and TLVs of CAT and CAT2. */
#define EA_QMI_CAT_SET_EVENT_REPORT 0x0001
#define EA_QMI_CAT_EVENT_REPORT 0x0001
#define EA_QMI_CAT_SEND_TERMINAL_RESPONSE 0x0021
#define EA_QMI_CAT_SEND_ENVELOPE 0x0022
#define EA_QMI_CAT_EVENT_CONFIRMATION 0x0026
#define EA_QMI_CAT_GET_TERMINAL_PROFILE 0x002C
#define EA_QMI_CAT_SET_CONFIGURATION 0x002D
#define EA_QMI_CAT_GET_CONFIGURATION 0x002E
#define EA_QMI_CAT_TLV_RAW_MASK 0x10
#define EA_QMI_CAT_TLV_SLOT_MASK 0x12
#define EA_QMI_CAT_TLV_FULL_FUNCTION_MASK 0x13
#define EA_QMI_CAT_TLV_FAILED_RAW_MASK 0x10
#define EA_QMI_CAT_TLV_FAILED_FULL_FUNCTION_MASK 0x12
#define EA_QMI_CAT_TLV_CARD_RESPONSE 0x10
#define EA_QMI_CAT_TLV_SLOT 0x10
#define EA_QMI_CAT_TLV_MODE 0x10
#define EA_QMI_CAT_TLV_CUSTOM_PROFILE 0x11
#define EA_QMI_CAT_TLV_NEW_MODE 0x01
#define EA_QMI_CAT_TLV_NEW_CUSTOM_PROFILE 0x10
#define EA_QMI_CAT_TLV_TERMINAL_PROFILE 0x10

/* The configuration mode in which the host's own terminal profile is used. */
#define EA_QMI_CAT_MODE_CUSTOM_RAW 5

/* Bits of the raw event mask and of the full-function mask. */
#define EA_QMI_CAT_EVENT_SEND_SMS (1u << 5)
#define EA_QMI_CAT_EVENT_USER_ACTIVITY (1u << 6)
#define EA_QMI_CAT_EVENT_IDLE_SCREEN (1u << 7)
#define EA_QMI_CAT_EVENT_LANGUAGE_SELECTION (1u << 8)
#define EA_QMI_CAT_EVENT_REFRESH (1u << 11)
#define EA_QMI_CAT_EVENT_END_SESSION (1u << 12)
#define EA_QMI_CAT_EVENT_LOCAL_INFO_LANGUAGE (1u << 19)
#define EA_QMI_CAT_EVENT_BIP (1u << 20)
#define EA_QMI_CAT_EVENT_BROWSER_TERMINATION (1u << 21)
#define EA_QMI_CAT_EVENT_LOCAL_INFO_TIME (1u << 22)
#define EA_QMI_CAT_EVENT_HCI_CONNECTIVITY (1u << 25)
#define EA_QMI_CAT_FULL_FUNCTION_SEND_SMS (1u << 0)

/* Messages and TLVs of UIM. */
#define EA_QMI_UIM_REFRESH_OK 0x002B
#define EA_QMI_UIM_GET_CARD_STATUS 0x002F
#define EA_QMI_UIM_CARD_STATUS 0x0032
#define EA_QMI_UIM_TLV_CARD_STATUS 0x10
#define EA_QMI_UIM_SEND_APDU 0x003B
#define EA_QMI_UIM_LOGICAL_CHANNEL 0x003F
#define EA_QMI_UIM_GET_ATR 0x0041
#define EA_QMI_UIM_OPEN_LOGICAL_CHANNEL 0x0042

/* How far a refresh is, as an Event Report tells it. */
typedef enum
{
  EA_QMI_REFRESH_NONE,
  EA_QMI_REFRESH_START,
  EA_QMI_REFRESH_DONE,
  EA_QMI_REFRESH_FAILED,
} EaQmiRefreshStage;

/**
 * EaQmiEventReport:
 * @reference: @command: a proactive command D0…; empty when there is none
 * @wants_confirmation: the modem wants Event Confirmation, not a TERMINAL RESPONSE
 * @is_session_ended: the card has no more proactive commands
 * @refresh_stage: @refresh_mode: a refresh that the modem executes; the mode as in QMI
 * @slot: 1 to 5; 0 when not told
 *
 * What the agent reads of one CAT Event Report indication.
 */
typedef struct
{
  guint32 reference;
  EaSpan command;
  gboolean wants_confirmation;
  gboolean is_session_ended;
  EaQmiRefreshStage refresh_stage;
  guint16 refresh_mode;
  guint8 slot;
} EaQmiEventReport;

/**
 * ea_qmi_event_report_take:
 * @type: of the TLV
 *
 * Takes one TLV of an Event Report indication into @report. A proactive command is recognised by its shape
 * {reference u32, length u16, D0…} in whatever TLV it comes. TLVs of no interest are passed over.
 */
void ea_qmi_event_report_take (EaQmiEventReport *report, guint8 type, EaSpan value);

/* What Get Card Status says of one slot. */
typedef enum
{
  EA_QMI_CARD_ABSENT,
  EA_QMI_CARD_FAILED,
  EA_QMI_CARD_INITIALIZING, /* present, no application can be used yet */
  EA_QMI_CARD_READY,        /* usable, if need be without its PIN */
} EaQmiCard;

/**
 * ea_qmi_parse_card_status:
 * @value: TLV 0x10 of Get Card Status or of its indication
 * @slot: from 1; a slot that is not told is absent
 *
 * Read here because the structures that libqmi makes of it differ between its versions 1.32 and 1.36.
 */
gboolean ea_qmi_parse_card_status (EaSpan value, guint slot, EaQmiCard *out);

/* {SW1, SW2, lv8 data} → R-APDU (transfer full) (nullable) */
GBytes *ea_qmi_parse_card_response (EaSpan value);

/* lv16 → R-APDU, borrowed; FALSE when the length does not fit. */
gboolean ea_qmi_parse_lv16 (EaSpan value, EaSpan *out);

/* lv8, borrowed. */
gboolean ea_qmi_parse_lv8 (EaSpan value, EaSpan *out);

/* u8 of exactly one byte, u32 of exactly four. */
gboolean ea_qmi_parse_u8 (EaSpan value, guint8 *out);
gboolean ea_qmi_parse_u32 (EaSpan value, guint32 *out);

/* {total u16, token u32}: a response that comes in indications. */
gboolean ea_qmi_parse_long_response (EaSpan value, guint16 *total, guint32 *token);

/* The words of the D-Bus property CatMode for a configuration mode. */
const char *ea_qmi_get_cat_mode_name (guint8 mode);

/* QMI's refresh mode as the command qualifier of REFRESH (TS 102 223 §8.6). */
guint ea_qmi_get_refresh_qualifier (guint mode);

/* TRUE when @bytes has every bit that @mask has; what is behind its end is 0. */
gboolean ea_qmi_has_bits (EaSpan bytes, EaSpan mask);

/* (transfer full): request TLVs */
GBytes *ea_qmi_build_terminal_response (guint32 reference, EaSpan response);
GBytes *ea_qmi_build_envelope (EaSpan envelope);

/**
 * EaQmiAssembly:
 *
 * Long APDU responses in the making. Chunks may come before the response that names their token, so a few
 * tokens are kept apart.
 */
typedef struct
{
  GHashTable *responses; /* token → pending response */
} EaQmiAssembly;

void ea_qmi_assembly_init (EaQmiAssembly *self);
void ea_qmi_assembly_clear (EaQmiAssembly *self);

/* Takes {token u32, total u16, offset u16, lv16}. FALSE when it contradicts what came before. */
gboolean ea_qmi_assembly_take (EaQmiAssembly *self, EaSpan value);

/* (transfer full) (nullable): the response of @token when it is complete; it is forgotten then. */
GBytes *ea_qmi_assembly_steal (EaQmiAssembly *self, guint32 token, guint16 total);
