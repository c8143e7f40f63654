/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * TERMINAL PROFILE (ETSI TS 102 223 §5.2, 3GPP TS 31.111 §5.2): what a terminal tells the UICC that it can
 * do. Nearly every bit is a facility; some bits together are a number.
 */

#define EA_CAT_PROFILE_MAX 255        /* bytes: the data of one APDU */
#define EA_CAT_PROFILE_NAMED_BYTES 39 /* bytes that the standards give a meaning to */

/* Channels that a terminal can have: three bits of byte 13, and seven device identities (§8.7). */
#define EA_CAT_CHANNELS_MAX 7

/*
 * One bit of the profile as the standard counts: ten times the byte, from 1, and the bit, from 1 for the
 * lowest. 132 is byte 13, bit 2.
 */
typedef guint16 EaCatFacility;

#define EA_CAT_FACILITY(byte, bit) ((EaCatFacility) ((byte) *10 + (bit)))

/**
 * EaCatProfileNumber:
 * @EA_CAT_PROFILE_SOFT_KEYS: soft keys available; 255 is reserved (byte 11)
 * @EA_CAT_PROFILE_CHANNELS: BIP channels at once (byte 13)
 * @EA_CAT_PROFILE_DISPLAY_HEIGHT: characters down the display (byte 14, §5.3.1)
 * @EA_CAT_PROFILE_DISPLAY_WIDTH: characters across the display (byte 15, §5.3.2)
 * @EA_CAT_PROFILE_MENU_WIDTH_REDUCTION: characters less within a menu (byte 16, §5.3.6)
 * @EA_CAT_PROFILE_TIA_EIA_VERSION: protocol version of TIA/EIA-136-270 (byte 19)
 * @EA_CAT_PROFILE_CCAT: reserved for 3GPP2 C.S0035 (byte 20)
 * @EA_CAT_PROFILE_FRAMES: frames on the screen at once (byte 24)
 *
 * The numbers of a profile.
 */
typedef enum
{
  EA_CAT_PROFILE_SOFT_KEYS,
  EA_CAT_PROFILE_CHANNELS,
  EA_CAT_PROFILE_DISPLAY_HEIGHT,
  EA_CAT_PROFILE_DISPLAY_WIDTH,
  EA_CAT_PROFILE_MENU_WIDTH_REDUCTION,
  EA_CAT_PROFILE_TIA_EIA_VERSION,
  EA_CAT_PROFILE_CCAT,
  EA_CAT_PROFILE_FRAMES,
  EA_CAT_PROFILE_N_NUMBERS,
} EaCatProfileNumber;

/**
 * EaCatProfile:
 * @octets: the profile, borrowed
 * @numbers: by EaCatProfileNumber; 0 where the profile ends before
 */
typedef struct
{
  EaSpan octets;
  guint8 numbers[EA_CAT_PROFILE_N_NUMBERS];
} EaCatProfile;

/**
 * ea_cat_parse_profile:
 * @out: (out): untouched on failure
 * @octets: the data of a TERMINAL PROFILE command. It may end anywhere: what is left out is not supported
 *
 * Errors: EA_CORE_ERROR_TRUNCATED (no byte at all), EA_CORE_ERROR_LIMIT (over %EA_CAT_PROFILE_MAX).
 */
gboolean ea_cat_parse_profile (EaCatProfile *out, EaSpan octets, GError **error);

/* TRUE when the profile reaches to the byte of @number, so that its value says something. */
gboolean ea_cat_profile_has_number (const EaCatProfile *profile, EaCatProfileNumber number);

/* FALSE also beyond the end of the profile, and for what is no byte and bit. */
gboolean ea_cat_profile_has_facility (const EaCatProfile *profile, EaCatFacility facility);

/**
 * ea_cat_profile_next_facility:
 * @after: 0 to begin, else what the last call returned
 *
 * Returns: the next bit of @profile that is set and not part of a number, named or not; 0 after the last
 */
EaCatFacility ea_cat_profile_next_facility (const EaCatProfile *profile, EaCatFacility after);

/* (nullable): the standard's name of a facility; %NULL for a bit that is reserved or part of a number. */
const char *ea_cat_get_facility_name (EaCatFacility facility);

/* The byte, from 1, that holds @number. */
guint ea_cat_get_profile_number_byte (EaCatProfileNumber number);

/**
 * ea_cat_build_profile:
 * @facilities: @n_facilities: bits to set, in any order; each within %EA_CAT_PROFILE_MAX bytes; what is no
 *   byte and bit is dropped
 * @numbers: by EaCatProfileNumber; bits that a number has no room for are dropped
 *
 * Returns: (transfer full): the profile up to its last byte that is not 0, at least one byte
 */
GBytes *ea_cat_build_profile (const EaCatFacility *facilities, gsize n_facilities,
                              const guint8 numbers[EA_CAT_PROFILE_N_NUMBERS]);

/**
 * ea_cat_build_agent_profile:
 *
 * The profile of the agent as a terminal: neither display nor keypad, SMS-PP download, timers, the network's
 * events, and BIP over packet data with TCP and UDP (class e) on %EA_CAT_CHANNELS_MAX channels.
 *
 * Returns: (transfer full)
 */
GBytes *ea_cat_build_agent_profile (void);

/* (transfer full): the bits of it without which no UICC opens a channel and moves data. */
GBytes *ea_cat_build_bip_profile (void);
