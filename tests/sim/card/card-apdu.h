/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* Command APDUs of ETSI TS 102 221 §10.1, short lengths only. */

/* Status words, TS 102 221 §10.2.1 and GlobalPlatform Card Specification §11.1.3 */
#define SIM_SW_OK 0x9000
#define SIM_SW_PROACTIVE 0x9100
#define SIM_SW_TOOLKIT_BUSY 0x9300
#define SIM_SW_MORE_DATA 0x6100
#define SIM_SW_WRONG_LENGTH 0x6700
#define SIM_SW_NO_CHANNEL 0x6881
#define SIM_SW_NO_SECURE_MESSAGING 0x6882
#define SIM_SW_NO_CHAINING 0x6884
#define SIM_SW_NOT_FOR_FILE 0x6981
#define SIM_SW_SECURITY_STATUS 0x6982
#define SIM_SW_DATA_INVALIDATED 0x6984
#define SIM_SW_CONDITIONS 0x6985
#define SIM_SW_NO_FILE_SELECTED 0x6986
#define SIM_SW_POL1 0x69E1
#define SIM_SW_WRONG_DATA 0x6A80
#define SIM_SW_NOT_SUPPORTED 0x6A81
#define SIM_SW_NOT_FOUND 0x6A82
#define SIM_SW_RECORD_NOT_FOUND 0x6A83
#define SIM_SW_NO_MEMORY 0x6A84
#define SIM_SW_NO_REFERENCE 0x6A88
#define SIM_SW_WRONG_PARAMETERS 0x6B00
#define SIM_SW_WRONG_LE 0x6C00
#define SIM_SW_WRONG_INSTRUCTION 0x6D00
#define SIM_SW_WRONG_CLASS 0x6E00
#define SIM_SW_FAILURE 0x6F00

/* Number of the highest logical channel that a CLA can name */
#define SIM_CHANNEL_MAX 19

/* Response data that one command can ask for, bytes */
#define SIM_LE_MAX 256

typedef struct
{
  gboolean is_proprietary; /* GlobalPlatform's and TS 102 221's 8X, CX */
  guint channel;
  guint8 ins;
  guint8 p1;
  guint8 p2;
  EaSpan data;
  gboolean has_le;
  gsize le; /* 1 to 256 */
} SimApdu;

/* Returns: SIM_SW_OK, or the status word that answers @command; then @out is untouched. */
guint16 sim_apdu_parse (SimApdu *out, EaSpan command);

/* Whether @size octets can answer this Le: it is absent in a case 4 command, 256 and @size is no more, or exactly
 * @size. */
gboolean sim_apdu_accepts (const SimApdu *apdu, gsize size);

/* @sw with a length in its second octet, where 0 stands for 256 and more */
guint16 sim_apdu_status_with_length (guint16 sw, gsize length);
