/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Secured packets: command packets (ETSI TS 102 225 §5.1) and response packets (§5.2), in the form of short
 * messages (3GPP TS 31.115 §4) and in that of CAT_TP and BIP. The header is read without a key.
 *
 * A packet is "clear header | CNTR PCNTR [status] RC/CC/DS secured data padding". What follows the clear
 * header is its body, and may be ciphered. Lengths and sizes are bytes.
 */

/**
 * EA_SCP80_PACKET_MAX: the largest SDU of CAT_TP (TS 102 127 §5.5: two octets), which is also beyond the
 * 34168 bytes that 255 concatenated short messages carry (TS 23.040 §9.2.3.24.1).
 */
#define EA_SCP80_PACKET_MAX 65535

/* The highest value of CNTR, five octets: a counter that stands there is blocked, §5.1.4 */
#define EA_SCP80_COUNTER_MAX G_GUINT64_CONSTANT (0xFFFFFFFFFF)

/* Sizes of an RC (CRC 16, CRC 32, §5.1.3.1) and of a CC (§5.1.3.2; four octets of an AES-CMAC) */
#define EA_SCP80_RC_16_SIZE 2
#define EA_SCP80_RC_32_SIZE 4
#define EA_SCP80_CC_SIZE 8
#define EA_SCP80_CC_SHORT_SIZE 4

/* Bits of SPI1 (b8 to b6) and SPI2 (b8b7) that are reserved, §5.1.1; the SPI is one number, SPI1 above SPI2 */
#define EA_SCP80_SPI_RESERVED 0xE0C0

/* The low half of KIc and KID: algorithm and mode, §5.1.2 and §5.1.3. DES_ECB is for KIc only. */
#define EA_SCP80_ALGORITHM_MASK 0x0F
#define EA_SCP80_IMPLICIT 0x0
#define EA_SCP80_DES_CBC 0x1
#define EA_SCP80_AES 0x2
#define EA_SCP80_PROPRIETARY 0x3
#define EA_SCP80_3DES_2_KEYS 0x5
#define EA_SCP80_3DES_3_KEYS 0x9
#define EA_SCP80_DES_ECB 0xD

/* The low half of KID where the SPI asks for an RC */
#define EA_SCP80_KID_CRC16 0x1
#define EA_SCP80_KID_CRC32 0x5

typedef enum
{
  EA_SCP80_COMMAND,
  EA_SCP80_RESPONSE,
} EaScp80Kind;

/* The user data header, with its length, that stands before a packet of @kind in the SMS form: TS 31.115 §4.2 and
 * §4.3. Static. */
EaSpan ea_scp80_get_user_data_header (EaScp80Kind kind);

/**
 * EaScp80Form:
 * @EA_SCP80_FORM_SMS: from CPL (RPL) on, two octets, CHL (RHL) one; the user data header stands outside
 * @EA_SCP80_FORM_CAT_TP: from CPI 01 (RPI 02) on, with lengths as in BER
 */
typedef enum
{
  EA_SCP80_FORM_SMS,
  EA_SCP80_FORM_CAT_TP,
} EaScp80Form;

/* SPI1 b2b1, SPI2 b4b3: none, redundancy check, cryptographic checksum, digital signature */
typedef enum
{
  EA_SCP80_INTEGRITY_NONE,
  EA_SCP80_INTEGRITY_RC,
  EA_SCP80_INTEGRITY_CC,
  EA_SCP80_INTEGRITY_DS,
} EaScp80Integrity;

/**
 * EaScp80CounterMode: SPI1 b5b4
 * @EA_SCP80_COUNTER_NONE: no counter available
 * @EA_SCP80_COUNTER_AVAILABLE: counter available, no replay or sequence checking
 * @EA_SCP80_COUNTER_HIGHER: process if and only if the counter is higher than the last one
 * @EA_SCP80_COUNTER_NEXT: process if and only if the counter is one higher than the last one
 */
typedef enum
{
  EA_SCP80_COUNTER_NONE,
  EA_SCP80_COUNTER_AVAILABLE,
  EA_SCP80_COUNTER_HIGHER,
  EA_SCP80_COUNTER_NEXT,
} EaScp80CounterMode;

/* SPI2 b2b1: when a response packet (proof of receipt) is wanted */
typedef enum
{
  EA_SCP80_POR_NONE,
  EA_SCP80_POR_ALWAYS,
  EA_SCP80_POR_ON_ERROR,
  EA_SCP80_POR_RESERVED,
} EaScp80Por;

/* Response status code, §5.2 */
typedef enum
{
  EA_SCP80_STATUS_OK = 0x00,
  EA_SCP80_STATUS_INTEGRITY_FAILED = 0x01,
  EA_SCP80_STATUS_COUNTER_LOW = 0x02,
  EA_SCP80_STATUS_COUNTER_HIGH = 0x03,
  EA_SCP80_STATUS_COUNTER_BLOCKED = 0x04,
  EA_SCP80_STATUS_CIPHERING_ERROR = 0x05,
  EA_SCP80_STATUS_SECURITY_ERROR = 0x06,
  EA_SCP80_STATUS_INSUFFICIENT_MEMORY = 0x07,
  EA_SCP80_STATUS_MORE_TIME = 0x08,
  EA_SCP80_STATUS_TAR_UNKNOWN = 0x09,
  EA_SCP80_STATUS_INSUFFICIENT_SECURITY = 0x0A,
  EA_SCP80_STATUS_RESPONSE_BY_SMS_SUBMIT = 0x0B,
  EA_SCP80_STATUS_RESPONSE_BY_USSD = 0x0C,
} EaScp80Status;

/**
 * EaScp80Spi:
 * @is_por_submit: the response packet comes as an SMS-SUBMIT rather than in the delivery report
 *
 * What the two octets of the security parameter indicator say, §5.1.1.
 */
typedef struct
{
  EaScp80Integrity integrity;
  gboolean is_ciphered;
  EaScp80CounterMode counter_mode;
  EaScp80Por por;
  EaScp80Integrity por_integrity;
  gboolean is_por_ciphered;
  gboolean is_por_submit;
} EaScp80Spi;

/* @spi: SPI1 and SPI2 as one number; the bits that the standard reserves are not looked at. */
EaScp80Spi ea_scp80_read_spi (guint16 spi);

/**
 * EaScp80Header:
 * @spi: @kic: @kid: of a command packet only
 * @tar: toolkit application reference, three octets
 *
 * What the sender of a packet chooses for its clear header.
 */
typedef struct
{
  EaScp80Kind kind;
  EaScp80Form form;
  guint16 spi;
  guint8 kic;
  guint8 kid;
  guint32 tar;
} EaScp80Header;

/**
 * EaScp80Packet:
 * @length: CPL or RPL
 * @header_length: CHL or RHL
 * @integrity_size: of RC/CC/DS
 * @clear: borrowed: from CPI, CPL, RPI or RPL up to and with TAR
 * @fields: borrowed: the end of @clear, SPI to TAR (7 bytes) of a command packet, TAR (3) of a response packet
 * @body: borrowed: CNTR to padding
 */
typedef struct
{
  EaScp80Header header;
  gsize length;
  gsize header_length;
  gsize integrity_size;
  EaSpan clear;
  EaSpan fields;
  EaSpan body;
} EaScp80Packet;

/**
 * ea_scp80_parse:
 * @packet: the whole packet in @form
 * @out: (out): untouched on failure
 *
 * Reads the clear header of a packet of at most %EA_SCP80_PACKET_MAX bytes. Nothing is deciphered or checked.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (lengths that contradict each other or the SPI, bytes after the
 * packet), _LIMIT, _UNSUPPORTED (the user data header of the other kind stands in front).
 */
gboolean ea_scp80_parse (EaScp80Packet *out, EaScp80Kind kind, EaScp80Form form, EaSpan packet,
                         GError **error);

/**
 * EaScp80Target:
 * @spi: SPI1 and SPI2, for ea_scp80_read_spi()
 * @key_set: number of the key set that KID names, 0 for implicit
 *
 * Whom a command packet is for, and how it is protected.
 */
typedef struct
{
  guint16 spi;
  guint8 key_set;
  guint32 tar;
} EaScp80Target;

/**
 * ea_scp80_read_target:
 * @beginning: of a command packet in the SMS form, at least %EA_SCP80_TARGET_SIZE bytes of it, as they stand
 *   in the first segment of a concatenated message
 * @out: (out): untouched when FALSE
 *
 * Returns: FALSE when there are fewer
 */
#define EA_SCP80_TARGET_SIZE 10
gboolean ea_scp80_read_target (EaSpan beginning, EaScp80Target *out);

/* The same of a command packet that was parsed, in either form. */
EaScp80Target ea_scp80_get_target (const EaScp80Header *command);

/**
 * ea_scp80_write_header:
 * @integrity_size: of RC or CC, at most 8
 * @tail_size: of secured data and padding together; the packet has at most %EA_SCP80_PACKET_MAX bytes
 *
 * The opposite of ea_scp80_parse(): writes the clear header, from CPI, CPL, RPI or RPL up to and with TAR.
 */
void ea_scp80_write_header (EaWriter *writer, const EaScp80Header *header, gsize integrity_size,
                            gsize tail_size);

/**
 * ea_scp80_find_form:
 * @item: a packet in either form, or in the SMS form after its user data header (02 70 00, 02 71 00)
 * @form: (out): @packet: (out): borrowed: the packet without a user data header; untouched on failure
 *
 * Chooses the form whose length equals what there is. If there is none, the error is about the form that the
 * first octets speak for, up to KID; where they speak for both, about the one whose length is nearer.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (the length goes beyond the end), _MALFORMED (there are more bytes), _LIMIT,
 * _UNSUPPORTED (the user data header of the other kind stands in front).
 */
gboolean ea_scp80_find_form (EaSpan item, EaScp80Kind kind, EaScp80Form *form, EaSpan *packet,
                             GError **error);

/* TRUE when an RC/CC/DS of @size can stand in a packet with @kid: 0; 2 or 4; 8 or 4; any but 0. */
gboolean ea_scp80_is_integrity_size (EaScp80Integrity integrity, guint8 kid, gsize size);

/* @packet without the user data header of its kind, if it has that. */
EaSpan ea_scp80_skip_user_data_header (EaSpan packet, EaScp80Kind kind);

/* The words of TS 102 225: "none", "rc", "cc", "ds". */
const char *ea_scp80_get_integrity_name (EaScp80Integrity integrity);

/* "no-counter", "counter-available", "process-if-higher", "process-if-one-higher". */
const char *ea_scp80_get_counter_mode_name (EaScp80CounterMode mode);

/* "none", "always", "on-error", "reserved". */
const char *ea_scp80_get_por_name (EaScp80Por por);

/* (nullable): %NULL for a code that the standard reserves. */
const char *ea_scp80_get_status_name (guint8 status);

/* The algorithm that the low half of an octet KIc or KID names, "implicit", "proprietary" or "reserved". */
const char *ea_scp80_get_kic_name (guint8 kic);
const char *ea_scp80_get_kid_name (guint8 kid, EaScp80Integrity integrity);

/* The number of the key set in the high half of an octet KIc or KID: the key version, or 0 for implicit. Of a
 * command packet with a CC, KID's selects the key set, see ea_keys_find_scp80(). */
guint8 ea_scp80_get_key_set (guint8 octet);
