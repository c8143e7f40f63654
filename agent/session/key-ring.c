/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One key file, read anew when the service is reloaded. The old keys go only when the new ones are good. */

#include "session/key-ring.h"

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

/* A missing file is an empty one: then @secret and @keys are %NULL. */
static gboolean
read_file (const char *path, EaSecret **secret, EaKeys **keys, GError **error)
{
  g_autoptr (EaSecret) content = NULL;
  g_autoptr (GError) local_error = NULL;
  guint8 *text;
  gsize size;

  if (path != NULL)
    content = ea_secret_read_file (path, EA_KEY_RING_FILE_MAX, &local_error);
  if (path == NULL || g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  if (content != NULL)
    {
      text = ea_secret_get (content, &size);
      *keys = ea_keys_parse (text, size, &local_error);
      if (*keys == NULL)
        g_prefix_error (&local_error, "%s: ", path);
    }
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

gboolean
ea_key_ring_reload (EaKeyRing *self, GError **error)
{
  EaSecret *secret = NULL;
  EaKeys *keys = NULL;

  if (!read_file (self->path, &secret, &keys, error))
    return FALSE;
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
  g_autoptr (EaKeyRing) self = g_object_new (EA_TYPE_KEY_RING, NULL);

  if (directory != NULL)
    self->path = g_build_filename (directory, FILE_NAME, NULL);
  if (!ea_key_ring_reload (self, error))
    return NULL;
  return g_steal_pointer (&self);
}
