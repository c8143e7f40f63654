/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Words for status words and instructions. Status words are those of TS 102 221 §10.2.1, those of
 * GlobalPlatform Card Specification §11.1.3 that differ, and those of SGP.02's functions; instructions are
 * those of TS 102 221 §10.1.2, TS 102 226 and GlobalPlatform §11.
 */

#include "core/apdu.h"

#define SW_EXACT 0xFFFF
#define SW_CLASS 0xFF00
#define SW_COUNTER 0xFFF0

/* Bit 8 of the class: TS 102 221 §10.1.1 for toolkit commands, TS 102 226, GlobalPlatform §11.1.4 */
#define CLASS_PROPRIETARY 0x80

#define INS_STATUS 0xF2
#define STATUS_P1_MAX 0x0F

/* The first entry that fits counts. */
static const struct
{
  guint16 sw;
  guint16 mask;
  const char *name;
} status_words[] = {
  { 0x9000, SW_EXACT, "normal ending of the command" },
  { 0x9100, SW_CLASS, "normal ending, a proactive command is waiting" },
  { 0x9200, SW_CLASS, "normal ending, a data transfer session goes on" },
  { 0x9300, SW_EXACT, "toolkit is busy" },
  { 0x9400, SW_EXACT, "no EF selected" },
  { 0x9484, SW_EXACT, "algorithm not supported" },
  { 0x9485, SW_EXACT, "invalid key check value" },
  { 0x9840, SW_EXACT, "verification failed and blocked" },
  { 0x9850, SW_EXACT, "increase cannot be performed" },
  { 0x9862, SW_EXACT, "authentication error" },
  { 0x6100, SW_CLASS, "normal ending, response data are available" },
  { 0x6200, SW_EXACT, "no information given, memory unchanged" },
  { 0x6281, SW_EXACT, "part of the returned data may be corrupted" },
  { 0x6282, SW_EXACT, "end of file reached before Le bytes" },
  { 0x6283, SW_EXACT, "selected file invalidated" },
  { 0x6285, SW_EXACT, "selected file in termination state" },
  { 0x62F1, SW_EXACT, "more data available" },
  { 0x62F2, SW_EXACT, "more data available and a proactive command is waiting" },
  { 0x62F3, SW_EXACT, "response data available" },
  { 0x6200, SW_CLASS, "warning, memory unchanged" },
  { 0x6310, SW_EXACT, "more data available" },
  { 0x63C0, SW_COUNTER, "verification failed, retries remain" },
  { 0x63F1, SW_EXACT, "more data expected" },
  { 0x63F2, SW_EXACT, "more data expected and a proactive command is waiting" },
  { 0x6300, SW_CLASS, "warning, memory changed" },
  { 0x6400, SW_CLASS, "execution error, memory unchanged" },
  { 0x6581, SW_EXACT, "memory problem" },
  { 0x6500, SW_CLASS, "execution error, memory changed" },
  { 0x6600, SW_CLASS, "security problem" },
  { 0x6700, SW_EXACT, "wrong length" },
  { 0x6881, SW_EXACT, "logical channel not supported" },
  { 0x6882, SW_EXACT, "secure messaging not supported" },
  { 0x6800, SW_CLASS, "function in the class not supported" },
  { 0x6981, SW_EXACT, "command incompatible with file structure" },
  { 0x6982, SW_EXACT, "security status not satisfied" },
  { 0x6983, SW_EXACT, "authentication method blocked" },
  { 0x6984, SW_EXACT, "referenced data invalidated" },
  { 0x6985, SW_EXACT, "conditions of use not satisfied" },
  { 0x6986, SW_EXACT, "command not allowed, no EF selected" },
  { 0x6989, SW_EXACT, "command not allowed, secure channel" },
  { 0x69E1, SW_EXACT, "POL1 of the profile forbids it" },
  { 0x6900, SW_CLASS, "command not allowed" },
  { 0x6A80, SW_EXACT, "incorrect parameters in the data field" },
  { 0x6A81, SW_EXACT, "function not supported" },
  { 0x6A82, SW_EXACT, "file or application not found" },
  { 0x6A83, SW_EXACT, "record not found" },
  { 0x6A84, SW_EXACT, "not enough memory space" },
  { 0x6A86, SW_EXACT, "incorrect parameters P1 to P2" },
  { 0x6A87, SW_EXACT, "Lc inconsistent with P1 to P2" },
  { 0x6A88, SW_EXACT, "referenced data not found" },
  { 0x6A00, SW_CLASS, "wrong parameters" },
  { 0x6B00, SW_EXACT, "wrong parameters P1 to P2" },
  { 0x6C00, SW_CLASS, "wrong length Le, exact length given" },
  { 0x6D00, SW_EXACT, "instruction code not supported or invalid" },
  { 0x6E00, SW_EXACT, "class not supported" },
  { 0x6F00, SW_CLASS, "technical problem" },
};

typedef struct
{
  guint8 ins;
  const char *name;
} Instruction;

/* TS 102 221 §10.1.2, table 10.5, of either class; TS 102 226 §9 */
static const Instruction telecom_instructions[] = {
  { 0x04, "DEACTIVATE FILE" },
  { 0x0E, "ERASE BINARY" },
  { 0x10, "TERMINAL PROFILE" },
  { 0x12, "FETCH" },
  { 0x14, "TERMINAL RESPONSE" },
  { 0x20, "VERIFY PIN" },
  { 0x24, "CHANGE PIN" },
  { 0x26, "DISABLE PIN" },
  { 0x28, "ENABLE PIN" },
  { 0x2C, "UNBLOCK PIN" },
  { 0x32, "INCREASE" },
  { 0x44, "ACTIVATE FILE" },
  { 0x70, "MANAGE CHANNEL" },
  { 0x73, "MANAGE SECURE CHANNEL" },
  { 0x75, "TRANSACT DATA" },
  { 0x76, "SUSPEND UICC" },
  { 0x78, "GET IDENTITY" },
  { 0x84, "GET CHALLENGE" },
  { 0x88, "AUTHENTICATE" },
  { 0x89, "AUTHENTICATE" },
  { 0xA2, "SEARCH RECORD" },
  { 0xA4, "SELECT" },
  { 0xAA, "TERMINAL CAPABILITY" },
  { 0xB0, "READ BINARY" },
  { 0xB2, "READ RECORD" },
  { 0xC0, "GET RESPONSE" },
  { 0xC2, "ENVELOPE" },
  { 0xCB, "RETRIEVE DATA" },
  { 0xD4, "RESIZE FILE" },
  { 0xD6, "UPDATE BINARY" },
  { 0xDB, "SET DATA" },
  { 0xDC, "UPDATE RECORD" },
  { 0xE0, "CREATE FILE" },
  { 0xE8, "TERMINATE CARD USAGE" },
  { 0xF2, "STATUS" },
};

/* GlobalPlatform Card Specification §11.1.2 and Amendment D; PUSH of TS 102 226 §9 */
static const Instruction management_instructions[] = {
  { 0x50, "INITIALIZE UPDATE" },
  { 0x82, "EXTERNAL AUTHENTICATE" },
  { 0xCA, "GET DATA" },
  { 0xCB, "GET DATA" },
  { 0xD8, "PUT KEY" },
  { 0xE2, "STORE DATA" },
  { 0xE4, "DELETE" },
  { 0xE6, "INSTALL" },
  { 0xE8, "LOAD" },
  { 0xEC, "PUSH" },
  { 0xF0, "SET STATUS" },
  { 0xF2, "GET STATUS" },
};

gboolean
ea_apdu_is_success (guint16 sw)
{
  switch (sw >> 8)
    {
    case 0x61:
    case 0x62:
    case 0x63:
    case 0x91:
    case 0x92:
      return TRUE;
    default:
      return sw == EA_APDU_SW_OK;
    }
}

const char *
ea_apdu_get_sw_name (guint16 sw)
{
  for (gsize i = 0; i < G_N_ELEMENTS (status_words); i++)
    if ((sw & status_words[i].mask) == status_words[i].sw)
      return status_words[i].name;
  return NULL;
}

/* STATUS of TS 102 221 §11.1.2 and GET STATUS of GlobalPlatform §11.4 share a class and an instruction; what
 * the latter asks for is in the high half of P1. */
static gboolean
is_telecom_status (const EaApduCommand *command)
{
  return command->ins == INS_STATUS && command->p1 <= STATUS_P1_MAX;
}

static const char *
find_instruction (const Instruction *instructions, gsize n_instructions, guint8 ins)
{
  for (gsize i = 0; i < n_instructions; i++)
    if (instructions[i].ins == ins)
      return instructions[i].name;
  return NULL;
}

const char *
ea_apdu_get_command_name (const EaApduCommand *command)
{
  const char *name = NULL;

  if ((command->cla & CLASS_PROPRIETARY) != 0 && !is_telecom_status (command))
    name = find_instruction (management_instructions, G_N_ELEMENTS (management_instructions),
                             command->ins);
  if (name == NULL)
    name = find_instruction (telecom_instructions, G_N_ELEMENTS (telecom_instructions),
                             command->ins);
  return name;
}
