/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking up keys by what a packet or a session says. The file is read in keys.c. */

#include "core/keys.h"

static gboolean
is_for_tar (const EaKeysScp80 *set, guint32 tar)
{
  for (gsize i = 0; i < set->n_tars; i++)
    if (set->tars[i] == tar)
      return TRUE;
  return FALSE;
}

/* Whether a section for @section_eid (NULL: any) serves @eid (NULL: not known). */
static gboolean
serves (const char *section_eid, const char *eid)
{
  return section_eid == NULL || g_strcmp0 (section_eid, eid) == 0;
}

const EaKeysScp80 *
ea_keys_find_scp80 (const EaKeys *keys, const char *eid, guint8 version, guint32 tar)
{
  const EaKeysScp80 *found = NULL;

  for (gsize i = 0; i < ea_keys_get_n_scp80 (keys); i++)
    {
      const EaKeysScp80 *set = ea_keys_get_scp80 (keys, i);

      if (set->version == version && serves (set->eid, eid) && is_for_tar (set, tar)
          && (found == NULL || found->eid == NULL))
        found = set;
    }
  return found;
}

const EaKeysScp81 *
ea_keys_find_scp81 (const EaKeys *keys, const char *eid)
{
  const EaKeysScp81 *found = NULL;

  for (gsize i = 0; i < ea_keys_get_n_scp81 (keys); i++)
    {
      const EaKeysScp81 *key = ea_keys_get_scp81 (keys, i);

      if (!serves (key->eid, eid))
        continue;
      if (found == NULL || (found->eid == NULL && key->eid != NULL)
          || ((found->eid == NULL) == (key->eid == NULL) && key->version < found->version))
        found = key;
    }
  return found;
}

const EaKeysScp81 *
ea_keys_find_scp81_version (const EaKeys *keys, const char *eid, guint8 version,
                            guint8 key_identifier)
{
  const EaKeysScp81 *found = NULL;

  for (gsize i = 0; i < ea_keys_get_n_scp81 (keys); i++)
    {
      const EaKeysScp81 *key = ea_keys_get_scp81 (keys, i);

      if (key->version == version && key->key_identifier == key_identifier && serves (key->eid, eid)
          && (found == NULL || found->eid == NULL))
        found = key;
    }
  return found;
}

const EaKeysApplication *
ea_keys_find_application (const EaKeysScp80 *set, guint32 tar)
{
  for (gsize i = 0; i < set->n_applications; i++)
    if (set->applications[i].tar == tar)
      return &set->applications[i];
  return NULL;
}

static void
add_identifier (GPtrArray *identifiers, char *identifier)
{
  if (g_ptr_array_find_with_equal_func (identifiers, identifier, g_str_equal, NULL))
    g_free (identifier);
  else
    g_ptr_array_add (identifiers, identifier);
}

char **
ea_keys_list_identifiers (const EaKeys *keys, const char *eid)
{
  GPtrArray *identifiers = g_ptr_array_new ();

  for (gsize i = 0; i < ea_keys_get_n_scp80 (keys); i++)
    {
      const EaKeysScp80 *set = ea_keys_get_scp80 (keys, i);

      for (gsize j = 0; j < set->n_tars && (eid == NULL || serves (set->eid, eid)); j++)
        add_identifier (identifiers,
                        g_strdup_printf ("scp80:%02X:%06X", set->version, set->tars[j]));
    }
  for (gsize i = 0; i < ea_keys_get_n_scp81 (keys); i++)
    {
      const EaKeysScp81 *key = ea_keys_get_scp81 (keys, i);

      if (eid == NULL || serves (key->eid, eid))
        add_identifier (identifiers,
                        g_strdup_printf ("scp81:%02X:%02X", key->version, key->key_identifier));
    }
  g_ptr_array_add (identifiers, NULL);
  return (char **) g_ptr_array_free (identifiers, FALSE);
}
