/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Proactive commands as the modem's firmware reads them, and its responses (TS 102 223 §6.6, §6.8). */

typedef enum
{
  SIM_CAT_REFRESH = 0x01,
  SIM_CAT_MORE_TIME = 0x02,
  SIM_CAT_POLL_INTERVAL = 0x03,
  SIM_CAT_POLLING_OFF = 0x04,
  SIM_CAT_SET_UP_EVENT_LIST = 0x05,
  SIM_CAT_SET_UP_CALL = 0x10,
  SIM_CAT_SEND_SS = 0x11,
  SIM_CAT_SEND_USSD = 0x12,
  SIM_CAT_SEND_SHORT_MESSAGE = 0x13,
  SIM_CAT_SEND_DTMF = 0x14,
  SIM_CAT_LAUNCH_BROWSER = 0x15,
  SIM_CAT_PLAY_TONE = 0x20,
  SIM_CAT_DISPLAY_TEXT = 0x21,
  SIM_CAT_GET_INKEY = 0x22,
  SIM_CAT_GET_INPUT = 0x23,
  SIM_CAT_SELECT_ITEM = 0x24,
  SIM_CAT_SET_UP_MENU = 0x25,
  SIM_CAT_PROVIDE_LOCAL_INFORMATION = 0x26,
  SIM_CAT_TIMER_MANAGEMENT = 0x27,
  SIM_CAT_SET_UP_IDLE_MODE_TEXT = 0x28,
  SIM_CAT_LANGUAGE_NOTIFICATION = 0x35,
  SIM_CAT_OPEN_CHANNEL = 0x40,
  SIM_CAT_CLOSE_CHANNEL = 0x41,
  SIM_CAT_RECEIVE_DATA = 0x42,
  SIM_CAT_SEND_DATA = 0x43,
  SIM_CAT_GET_CHANNEL_STATUS = 0x44,
  SIM_CAT_ACTIVATE = 0x70,
} SimCatType;

/* General results (TS 102 223 §8.12) */
typedef enum
{
  SIM_CAT_RESULT_OK = 0x00,
  SIM_CAT_RESULT_TERMINAL_UNABLE = 0x20,
  SIM_CAT_RESULT_TIMER_STATE = 0x24,
  SIM_CAT_RESULT_BEYOND_CAPABILITIES = 0x30,
  SIM_CAT_RESULT_TYPE_UNKNOWN = 0x31,
  SIM_CAT_RESULT_DATA_UNKNOWN = 0x32,
  SIM_CAT_RESULT_SMS_RP_ERROR = 0x35,
  SIM_CAT_RESULT_VALUES_MISSING = 0x36,
} SimCatResult;

/* @objects: everything behind the command details; borrowed */
typedef struct
{
  guint8 number;
  guint8 type;
  guint8 qualifier;
  EaSpan objects;
} SimProactive;

/* FALSE: not even the command details can be read; @out has zeros then. Errors in the objects don't
 * matter here, because a client may have to see them. */
gboolean sim_proactive_parse (SimProactive *out, EaSpan command);

/* Begins a TERMINAL RESPONSE: command details, device identities, the result and, where @additional
 * isn't negative, its additional information. */
void sim_proactive_begin_response (EaWriter *response, const SimProactive *command,
                                   SimCatResult result, int additional);

/* The general result of a TERMINAL RESPONSE; FALSE when there is none. */
gboolean sim_proactive_read_result (EaSpan terminal_response, guint8 *result);
