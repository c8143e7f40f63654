/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Command and response packets of ETSI TS 102 225 §5.1 and §5.2, both ways: what the simulated
 * SM-SR seals the simulated card opens, and the other way round. It shares nothing with agent/core but the
 * cursors over bytes, so that tests of the agent can take it as their peer, with keys of their own.
 *
 * KIc: low nibble 2 is AES (keys of 16, 24 or 32 octets); 1, 5 and 9 are DES in CBC mode (8 octets) or triple
 * DES (16 or 24), as the key is long; D is the same in ECB mode. KID: the same for a cryptographic checksum; 1
 * is CRC 16, 5 and 0 are CRC 32 for a redundancy check.
 */

/**
 * SimScp80Form:
 * @SIM_SCP80_FORM_SMS: two-octet packet length, no packet identifier (3GPP TS 31.115 §4.2)
 * @SIM_SCP80_FORM_CAT_TP: packet identifier 01 or 02, lengths coded as in BER
 */
typedef enum
{
  SIM_SCP80_FORM_SMS,
  SIM_SCP80_FORM_CAT_TP,
} SimScp80Form;

/* TS 102 225 §5.1.1: SPI1 b2b1, SPI2 b4b3 */
#define SIM_SCP80_INTEGRITY_NONE 0
#define SIM_SCP80_INTEGRITY_RC 1
#define SIM_SCP80_INTEGRITY_CC 2
#define SIM_SCP80_INTEGRITY_DS 3

/* SPI1 b3 and b5b4 */
#define SIM_SCP80_SPI1_CIPHERED 0x04
#define SIM_SCP80_SPI1_COUNTER_HIGHER 0x10
#define SIM_SCP80_SPI1_COUNTER_NEXT 0x18
#define SIM_SCP80_SPI1_COUNTER_MASK 0x18

/* SPI2 b2b1, b5 and b6 */
#define SIM_SCP80_SPI2_POR_ALWAYS 0x01
#define SIM_SCP80_SPI2_POR_ON_ERROR 0x02
#define SIM_SCP80_SPI2_POR_MASK 0x03
#define SIM_SCP80_SPI2_CIPHERED 0x10
#define SIM_SCP80_SPI2_SUBMIT 0x20

/* Highest value of the five octets of CNTR: a counter that stands there is blocked */
#define SIM_SCP80_COUNTER_MAX G_GUINT64_CONSTANT (0xFFFFFFFFFF)

/* Response status codes, TS 102 225 §5.2 */
typedef enum
{
  SIM_SCP80_STATUS_OK = 0x00,
  SIM_SCP80_STATUS_COUNTER_LOW = 0x02,
  SIM_SCP80_STATUS_COUNTER_HIGH = 0x03,
  SIM_SCP80_STATUS_COUNTER_BLOCKED = 0x04,
  SIM_SCP80_STATUS_TAR_UNKNOWN = 0x09,
  SIM_SCP80_STATUS_SECURITY_LEVEL = 0x0A,
} SimScp80Status;

/* Borrowed: ciphering key and checksum key */
typedef struct
{
  EaSpan kic;
  EaSpan kid;
} SimScp80Keys;

/* @counter and @padding are known only after opening; sealing chooses @padding itself. */
typedef struct
{
  guint8 spi1;
  guint8 spi2;
  guint8 kic;
  guint8 kid;
  guint32 tar;
  guint64 counter;
  guint8 padding;
  gboolean is_corrupt; /* sealing inverts one bit of the checksum, before ciphering */
} SimScp80Command;

typedef struct
{
  guint32 tar;
  guint64 counter;
  guint8 padding;
  guint8 status;
} SimScp80Response;

guint sim_scp80_get_integrity (guint8 spi1);
guint sim_scp80_get_response_integrity (guint8 spi2);

/**
 * sim_scp80_parse_command:
 * @packet: a command packet from its packet length (SMS) or packet identifier (CAT_TP) on
 *
 * Reads what is in clear in every command packet, SPI to TAR, and checks both lengths.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED. @out is untouched on error.
 */
gboolean sim_scp80_parse_command (SimScp80Command *out, SimScp80Form form, EaSpan packet,
                                  GError **error);

/**
 * sim_scp80_open_command:
 * @out: (out): all of the header
 *
 * Deciphers and verifies. Looks at no counter: that is the receiver's business.
 *
 * Returns: (transfer full) (nullable): the secured data without padding
 *
 * Errors: as above, and EA_CORE_ERROR_SECURITY (RC or CC wrong), _UNSUPPORTED (algorithm, DS).
 */
GBytes *sim_scp80_open_command (SimScp80Command *out, SimScp80Form form, EaSpan packet,
                                const SimScp80Keys *keys, GError **error);

/* (transfer full) (nullable): the packet; errors: EA_CORE_ERROR_UNSUPPORTED. */
GBytes *sim_scp80_seal_command (const SimScp80Command *command, SimScp80Form form, EaSpan data,
                                const SimScp80Keys *keys, GError **error);

/**
 * sim_scp80_open_response:
 * @command: the command packet's header: its SPI2, KIc and KID say how the response is secured
 * @packet: a response packet from its packet length (SMS, without the header 02 71 00, which counts
 *   in the checksum all the same) or packet identifier (CAT_TP) on
 *
 * Returns: (transfer full) (nullable): the response data without padding; errors as for commands
 */
GBytes *sim_scp80_open_response (SimScp80Response *out, const SimScp80Command *command,
                                 SimScp80Form form, EaSpan packet, const SimScp80Keys *keys,
                                 GError **error);

/* (transfer full) (nullable): the packet, without the SMS header 02 71 00 */
GBytes *sim_scp80_seal_response (const SimScp80Response *response, const SimScp80Command *command,
                                 SimScp80Form form, EaSpan data, const SimScp80Keys *keys,
                                 GError **error);
