/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/scp80-seal.h"

/*
 * The key file: which keys the agent holds, for which eUICC. Its form is that of a GKeyFile; sections are
 * `[EID-or-* scp80 KVN]` and `[EID-or-* scp81 KVN]`. Keys stay where the caller has read them to, and are nowhere
 * else. No error and no identifier tells a key's value.
 */

/* More sections than any device has profiles and servers. */
#define EA_KEYS_SECTIONS_MAX 1024

/* Targets of one key set */
#define EA_KEYS_TARS_MAX 64

/* SGP.02 §2.2.3: the key version numbers of SCP80 are those that fit in KIc; 0 leaves it implicit */
#define EA_KEYS_SCP80_VERSION_MAX 0x0F

/* SGP.02 §2.2.3, GlobalPlatform Amendment B: key version numbers of SCP81 */
#define EA_KEYS_SCP81_VERSION_MIN 0x40
#define EA_KEYS_SCP81_VERSION_MAX 0x4F

/* Bytes of a pre-shared key: 128 bits (SGP.02 §2.4.4) to what any cipher suite can use */
#define EA_KEYS_PSK_MIN 16
#define EA_KEYS_PSK_MAX 64

/* Bytes of a PSK identity */
#define EA_KEYS_IDENTITY_MAX 255

typedef struct _EaKeys EaKeys;

/**
 * EaKeysApplication:
 * @aid: 5 to 16 bytes, borrowed from the text
 *
 * The application that @tar addresses, beyond those of SGP.02.
 */
typedef struct
{
  guint32 tar;
  EaSpan aid;
} EaKeysApplication;

/**
 * EaKeysScp80:
 * @eid: 32 digits; %NULL for `*`, any eUICC
 * @version: key version number, 0 to 15
 * @tars: the targets that @keys are for
 * @applications: (array length=n_applications)
 *
 * A key set for secured packets. Keys are borrowed from the text, all else from EaKeys.
 */
typedef struct
{
  const char *eid;
  guint8 version;
  EaScp80Keys keys;
  const guint32 *tars;
  gsize n_tars;
  const EaKeysApplication *applications;
  gsize n_applications;
} EaKeysScp80;

/**
 * EaKeysScp81:
 * @eid: 32 digits; %NULL for `*`
 * @version: key version number, 0x40 to 0x4F
 * @key_identifier: of the key in that version
 * @psk: %EA_KEYS_PSK_MIN to %EA_KEYS_PSK_MAX bytes
 * @identity: empty for the one that SGP.02 §2.4.4 makes of EID, version and identifier
 *
 * A pre-shared key for HTTPS sessions. Key and identity are borrowed from the text, all else from EaKeys.
 */
typedef struct
{
  const char *eid;
  guint8 version;
  guint8 key_identifier;
  EaSpan psk;
  EaSpan identity;
} EaKeysScp81;

/**
 * ea_keys_parse:
 * @text: (inout): of a key file; owned by the caller, outlives EaKeys and is wiped after it
 *
 * Keys are decoded in place: afterwards @text has what EaKeys borrows from it (keys, PSK identities and AIDs, each
 * where its value began) and zeros everywhere else. On an error it has nothing but zeros.
 *
 * Returns: (transfer full) (nullable): free it with ea_keys_free()
 *
 * Errors: EA_CORE_ERROR_MALFORMED (form, section, key or value that is not understood, or comes twice),
 * _MISSING (a key that its section needs), _LIMIT. The message names line, section and key; a key only if its name
 * is one of those that there are, in whatever case: anything else may be a secret in the wrong place.
 */
EaKeys *ea_keys_parse (guint8 *text, gsize size, GError **error);

/* Leaves the text alone, with the keys in it. */
void ea_keys_free (EaKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaKeys, ea_keys_free)

/* From here on @keys may be %NULL where no index goes with it: there are no keys. */
gsize ea_keys_get_n_scp80 (const EaKeys *keys);
const EaKeysScp80 *ea_keys_get_scp80 (const EaKeys *keys, gsize index);
gsize ea_keys_get_n_scp81 (const EaKeys *keys);
const EaKeysScp81 *ea_keys_get_scp81 (const EaKeys *keys, gsize index);

/**
 * ea_keys_find_scp80:
 * @eid: (nullable): of the eUICC; %NULL while it is not known: then only `*` fits
 * @version: for a command packet with a CC the key set that KID names, see ea_scp80_get_key_set(): KIc has no say
 *
 * Returns: (nullable): the key set for @tar; one with @eid goes before one with `*`
 */
const EaKeysScp80 *ea_keys_find_scp80 (const EaKeys *keys, const char *eid, guint8 version,
                                       guint32 tar);

/* (nullable): the key with the lowest version for @eid; one with @eid goes before one with `*`. */
const EaKeysScp81 *ea_keys_find_scp81 (const EaKeys *keys, const char *eid);

/* (nullable): the key with this version and identifier for @eid; one with @eid goes before one with `*`. */
const EaKeysScp81 *ea_keys_find_scp81_version (const EaKeys *keys, const char *eid, guint8 version,
                                               guint8 key_identifier);

/* (nullable): the application that @set has for @tar. */
const EaKeysApplication *ea_keys_find_application (const EaKeysScp80 *set, guint32 tar);

/* (transfer full): names of the keys for @eid (nullable: all), without values: "scp80:01:000001" (version and
 * target), "scp81:40:01" (version and key identifier). */
char **ea_keys_list_identifiers (const EaKeys *keys, const char *eid);
