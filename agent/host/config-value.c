/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a value of each kind may be. Addresses are in config-address.c. */

#include "host/config-value.h"

#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */

int
ea_config_value_find_word (const EaConfigKey *key, const char *value)
{
  for (int i = 0; i < EA_CONFIG_WORDS_MAX && key->words[i] != NULL; i++)
    if (strcmp (key->words[i], value) == 0)
      return i;
  return -1;
}

GStrv
ea_config_value_split (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ";", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

/* As dev_valid_name() of the kernel has it. */
static gboolean
is_interface (const char *value, guint n_characters_max)
{
  gsize length = 0;

  for (; value[length] != '\0'; length++)
    if (!g_ascii_isgraph (value[length]) || value[length] == '/' || value[length] == ':')
      return FALSE;
  return length <= n_characters_max && strcmp (value, ".") != 0 && strcmp (value, "..") != 0;
}

static gboolean
is_label (const char *label)
{
  gsize length = strlen (label);

  if (length == 0 || length > LABEL_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (label[i]) && (label[i] != '-' || i == 0 || i == length - 1))
      return FALSE;
  return TRUE;
}

/* None are good, too. */
static gboolean
are_labels (const char *value, gsize n_characters_max)
{
  g_auto (GStrv) labels = g_strsplit (value, ".", -1); /* none when it is empty */

  for (guint i = 0; labels[i] != NULL; i++)
    if (!is_label (labels[i]))
      return FALSE;
  return strlen (value) <= n_characters_max;
}

static gboolean
are_paths (const char *value)
{
  g_auto (GStrv) paths = ea_config_value_split (value);

  for (guint i = 0; paths[i] != NULL; i++)
    if (!g_path_is_absolute (paths[i]))
      return FALSE;
  return paths[0] != NULL;
}

static char *
check_number (const EaConfigKey *key, const char *value)
{
  if (g_ascii_string_to_unsigned (value, 10, key->minimum, key->maximum, NULL, NULL))
    return NULL;
  return g_strdup_printf ("'%s' is no number from %u to %u", value, key->minimum, key->maximum);
}

static char *
check_word (const EaConfigKey *key, const char *value)
{
  g_autofree char *words = NULL;

  if (ea_config_value_find_word (key, value) >= 0)
    return NULL;
  words = g_strjoinv (", ", (char **) key->words);
  return g_strdup_printf ("'%s' is none of %s", value, words);
}

char *
ea_config_value_check (const EaConfigKey *key, const char *value)
{
  switch (key->kind)
    {
    case EA_CONFIG_CHOICE:
      return check_word (key, value);
    case EA_CONFIG_NUMBER:
      return check_number (key, value);
    case EA_CONFIG_INTERFACE:
      if (is_interface (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no name of a network interface", value);
    case EA_CONFIG_APN:
      if (are_labels (value, key->maximum)) /* TS 23.003 §9.1: labels as of host names */
        return NULL;
      return g_strdup_printf ("'%s' is no access point name: up to %u letters, digits and hyphens, "
                              "with dots between the labels",
                              value, key->maximum);
    case EA_CONFIG_PATHS:
      if (are_paths (value))
        return NULL;
      return g_strdup_printf ("'%s' is no list of absolute paths", value);
    case EA_CONFIG_RANGES:
      return ea_config_value_check_ranges (value);
    }
  return NULL;
}
