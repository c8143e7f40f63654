/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "core/keys.h"

G_BEGIN_DECLS

/*
 * EaKeyRing: the keys that the agent holds. They are in the locked memory of one EaSecret and nowhere else, and are
 * overwritten with the ring.
 *
 * Signal "changed" (): the file was read again, and what was borrowed from the keys before is gone.
 */

/* Bytes of a key file */
#define EA_KEY_RING_FILE_MAX (1024 * 1024)

#define EA_TYPE_KEY_RING (ea_key_ring_get_type ())
G_DECLARE_FINAL_TYPE (EaKeyRing, ea_key_ring, EA, KEY_RING, GObject)

/**
 * ea_key_ring_load:
 * @directory: (nullable): where the file "keys" is, $CREDENTIALS_DIRECTORY
 *
 * Returns: (transfer full) (nullable): a ring, which is empty where there is no directory or no file
 *
 * Errors: those of ea_secret_read_file() but for G_FILE_ERROR_NOENT, and of ea_keys_parse(). The message names the file
 * and the line, and never a value.
 */
EaKeyRing *ea_key_ring_load (const char *directory, GError **error);

/* The same for a file of any name; @path: (nullable) */
EaKeyRing *ea_key_ring_load_file (const char *path, GError **error);

/* Reads the file again. FALSE with @error leaves the ring as it was; else it emits "changed". @is_same: (out)
 * (optional): the file has not changed */
gboolean ea_key_ring_reload (EaKeyRing *self, gboolean *is_same, GError **error);

/* (nullable) (transfer none): the keys; %NULL when there are none, which ea_keys_find_scp80() and its like take. What is
 * borrowed from them lives until the ring changes: nobody keeps it beyond a return to the main loop. */
const EaKeys *ea_key_ring_get_keys (EaKeyRing *self);

/* (transfer full): names of the keys for @eid, see ea_keys_list_identifiers(); %NULL while it is not known: of those
 * for any eUICC. */
char **ea_key_ring_list (EaKeyRing *self, const char *eid);

G_END_DECLS
