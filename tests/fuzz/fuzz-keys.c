/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key file (agent/core/keys.h). */

#include <string.h>

#include "core/keys.h"
#include "fuzz.h"

static void
check_scp80 (const EaKeys *keys, const EaKeysScp80 *set)
{
  FUZZ_CLAIM (set->version <= EA_KEYS_SCP80_VERSION_MAX);
  FUZZ_CLAIM (set->eid == NULL || strlen (set->eid) == 32);
  FUZZ_CLAIM (ea_scp80_suits_algorithm (set->keys.algorithm, set->keys.kic.size));
  FUZZ_CLAIM (ea_scp80_suits_algorithm (set->keys.algorithm, set->keys.kid.size));
  FUZZ_CLAIM (set->n_tars > 0 && set->n_tars <= EA_KEYS_TARS_MAX);
  FUZZ_CLAIM (ea_keys_find_scp80 (keys, set->eid, set->version, set->tars[0]) == set);
  for (gsize i = 0; i < set->n_applications; i++)
    {
      FUZZ_CLAIM (set->applications[i].aid.size >= 5 && set->applications[i].aid.size <= 16);
      FUZZ_CLAIM (ea_keys_find_application (set, set->applications[i].tar)
                  == &set->applications[i]);
    }
}

static void
check_scp81 (const EaKeysScp81 *key)
{
  FUZZ_CLAIM (key->version >= EA_KEYS_SCP81_VERSION_MIN
              && key->version <= EA_KEYS_SCP81_VERSION_MAX);
  FUZZ_CLAIM (key->psk.size >= EA_KEYS_PSK_MIN && key->psk.size <= EA_KEYS_PSK_MAX);
  FUZZ_CLAIM (key->identity.size <= EA_KEYS_IDENTITY_MAX);
}

/* What an error shows as the name of a key is one, in whatever case, and nothing else from the file. */
static void
check_shown_name (const char *message)
{
  static const char *const names[]
      = { "Kic", "Kid", "Algorithm", "Tars", "Applications", "KeyIdentifier", "Psk", "Identity" };
  const char *start = strstr (message, ": Key '");
  g_autofree char *name = NULL;
  gboolean is_known = FALSE;

  if (start == NULL)
    return;
  name = g_strndup (start + strlen (": Key '"), strcspn (start + strlen (": Key '"), "'"));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    is_known |= g_ascii_strcasecmp (name, names[i]) == 0;
  FUZZ_CLAIM (is_known);
}

/* Overwrites what is borrowed from the text: it has to lie there. */
static void
forget (EaSpan text, EaSpan kept)
{
  FUZZ_CLAIM (fuzz_is_inside (kept, text));
  if (kept.size > 0)
    memset ((guint8 *) kept.data, 0, kept.size);
}

static void
forget_all (const EaKeys *keys, EaSpan text)
{
  for (gsize i = 0; i < ea_keys_get_n_scp80 (keys); i++)
    {
      const EaKeysScp80 *set = ea_keys_get_scp80 (keys, i);

      forget (text, set->keys.kic);
      forget (text, set->keys.kid);
      for (gsize j = 0; j < set->n_applications; j++)
        forget (text, set->applications[j].aid);
    }
  for (gsize i = 0; i < ea_keys_get_n_scp81 (keys); i++)
    {
      forget (text, ea_keys_get_scp81 (keys, i)->psk);
      forget (text, ea_keys_get_scp81 (keys, i)->identity);
    }
}

static gboolean
is_wiped (EaSpan text)
{
  EaReader reader;

  ea_reader_init (&reader, text);
  while (ea_reader_remaining (&reader) > 0)
    if (ea_reader_u8 (&reader) != 0)
      return FALSE;
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *text = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (EaKeys) keys = ea_keys_parse (text, size, &error);
  g_auto (GStrv) identifiers = NULL;

  FUZZ_CLAIM ((keys == NULL) == (error != NULL));
  if (keys == NULL)
    {
      FUZZ_CLAIM (is_wiped (ea_span_init (text, size)));
      FUZZ_CLAIM (g_utf8_validate (error->message, -1, NULL));
      check_shown_name (error->message);
      return 0;
    }
  for (gsize i = 0; i < ea_keys_get_n_scp80 (keys); i++)
    check_scp80 (keys, ea_keys_get_scp80 (keys, i));
  for (gsize i = 0; i < ea_keys_get_n_scp81 (keys); i++)
    check_scp81 (ea_keys_get_scp81 (keys, i));
  identifiers = ea_keys_list_identifiers (keys, NULL);
  FUZZ_CLAIM ((g_strv_length (identifiers) > 0)
              == (ea_keys_get_n_scp80 (keys) + ea_keys_get_n_scp81 (keys) > 0));
  forget_all (keys, ea_span_init (text, size));
  FUZZ_CLAIM (is_wiped (ea_span_init (text, size)));
  return 0;
}
