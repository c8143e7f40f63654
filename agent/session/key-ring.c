/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One key file, read anew when the service is reloaded. The old keys go only when the new ones are good. */

#include "session/key-ring.h"

#include <string.h>

#include "core/error.h"
#include "host/secret.h"

#define FILE_NAME "keys"

/* No eUICC has this name: what is for it is for any. */
#define NO_EID ""

struct _EaKeyRing
{
  GObject parent_instance;

  char *path; /* NULL: no directory */
  EaSecret *secret;
  EaKeys *keys; /* in the secret */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EaKeyRing, ea_key_ring, G_TYPE_OBJECT)

/* What systemd-creds(1) has made, and handed over as it is by a unit that asks for a plain credential: base64 */
static gboolean
is_encrypted (const guint8 *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) && memchr ("+/=\n", text[i], 4) == NULL)
      return FALSE;
  return size > 0;
}

static EaKeys *
parse (const char *path, EaSecret *content, GError **error)
{
  gsize size;
  guint8 *text = ea_secret_get (content, &size);
  gboolean is_sealed = is_encrypted (text, size); /* the parser writes to it */
  EaKeys *keys = ea_keys_parse (text, size, error);

  if (keys == NULL && is_sealed)
    {
      g_clear_error (error);
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%s: It is encrypted: a drop-in of the unit has to have "
                   "LoadCredentialEncrypted=, see KEYS in euicc-agent.conf(5)",
                   path);
    }
  else if (keys == NULL)
    g_prefix_error (error, "%s: ", path);
  return keys;
}

/* A missing file is an empty one: then @secret and @keys are %NULL. */
static gboolean
read_file (const char *path, EaSecret **secret, EaKeys **keys, GError **error)
{
  g_autoptr (EaSecret) content = NULL;
  g_autoptr (GError) local_error = NULL;

  if (path != NULL)
    content = ea_secret_read_file (path, EA_KEY_RING_FILE_MAX, &local_error);
  if (path == NULL || g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  if (content != NULL)
    *keys = parse (path, content, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *secret = g_steal_pointer (&content);
  return TRUE;
}

static void
clear (EaKeyRing *self)
{
  g_clear_pointer (&self->keys, ea_keys_free);
  g_clear_pointer (&self->secret, ea_secret_free);
}

static gboolean
are_same (EaSecret *a, EaSecret *b)
{
  gsize sizes[2];
  const guint8 *texts[2];

  if (a == NULL || b == NULL)
    return a == b;
  texts[0] = ea_secret_get (a, &sizes[0]);
  texts[1] = ea_secret_get (b, &sizes[1]);
  return sizes[0] == sizes[1] && memcmp (texts[0], texts[1], sizes[0]) == 0;
}

gboolean
ea_key_ring_reload (EaKeyRing *self, gboolean *is_same, GError **error)
{
  EaSecret *secret = NULL;
  EaKeys *keys = NULL;

  if (!read_file (self->path, &secret, &keys, error))
    return FALSE;
  if (is_same != NULL)
    *is_same = are_same (self->secret, secret);
  clear (self);
  self->secret = secret;
  self->keys = keys;
  g_signal_emit (self, changed_signal, 0);
  return TRUE;
}

const EaKeys *
ea_key_ring_get_keys (EaKeyRing *self)
{
  return self->keys;
}

char **
ea_key_ring_list (EaKeyRing *self, const char *eid)
{
  return ea_keys_list_identifiers (self->keys, eid != NULL ? eid : NO_EID);
}

static void
ea_key_ring_finalize (GObject *object)
{
  EaKeyRing *self = EA_KEY_RING (object);

  clear (self);
  g_free (self->path);
  G_OBJECT_CLASS (ea_key_ring_parent_class)->finalize (object);
}

static void
ea_key_ring_class_init (EaKeyRingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_key_ring_finalize;
  changed_signal = g_signal_new ("changed", EA_TYPE_KEY_RING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ea_key_ring_init (EaKeyRing *self)
{
}

EaKeyRing *
ea_key_ring_load (const char *directory, GError **error)
{
  g_autofree char *path = directory != NULL ? g_build_filename (directory, FILE_NAME, NULL) : NULL;

  return ea_key_ring_load_file (path, error);
}

EaKeyRing *
ea_key_ring_load_file (const char *path, GError **error)
{
  g_autoptr (EaKeyRing) self = g_object_new (EA_TYPE_KEY_RING, NULL);

  self->path = g_strdup (path);
  if (!ea_key_ring_reload (self, NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}
