/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a value of each kind may be. Addresses are in config-address.c. */

#include "host/config-value.h"

#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */
#define HOST_MAX 253 /* the same, as it is written */
#define QRTR_SCHEME "qrtr://"

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

/* What has digits and dots only was meant to be an address. */
gboolean
ea_config_value_is_host (const char *name)
{
  if (g_hostname_is_ip_address (name))
    return TRUE;
  return name[0] != '\0' && are_labels (name, HOST_MAX)
         && strspn (name, "0123456789.") != strlen (name);
}

static gboolean
is_uri (const char *value, guint n_characters_max)
{
  gsize length = 0;

  for (; value[length] != '\0'; length++)
    if (!g_ascii_isgraph (value[length]))
      return FALSE;
  return value[0] == '/' && length <= n_characters_max;
}

static gboolean
is_phone (const char *value, guint n_digits_max)
{
  const char *digits = value[0] == '+' ? value + 1 : value;
  gsize n_digits = strspn (digits, "0123456789");

  return n_digits > 0 && n_digits <= n_digits_max && digits[n_digits] == '\0';
}

static gboolean
is_qrtr_node (const char *value)
{
  guint64 node;

  return g_str_has_prefix (value, QRTR_SCHEME)
         && g_ascii_string_to_unsigned (value + strlen (QRTR_SCHEME), 10, 0, G_MAXUINT32, &node,
                                        NULL);
}

static gboolean
are_paths (const char *value)
{
  g_auto (GStrv) paths = ea_config_value_split (value);

  for (guint i = 0; paths[i] != NULL; i++)
    if (!g_path_is_absolute (paths[i]) && !is_qrtr_node (paths[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_socket (const char *value, guint n_characters_max)
{
  gsize length = 0;

  for (; value[length] != '\0'; length++)
    if (!g_ascii_isgraph (value[length]))
      return FALSE;
  return length <= n_characters_max;
}

/* Spans of time */

static const struct
{
  const char *name;
  guint seconds;
} units[] = {
  { "", 1 },         { "s", 1 },       { "sec", 1 },       { "second", 1 },     { "seconds", 1 },
  { "m", 60 },       { "min", 60 },    { "minute", 60 },   { "minutes", 60 },   { "h", 3600 },
  { "hr", 3600 },    { "hour", 3600 }, { "hours", 3600 },  { "d", 86400 },      { "day", 86400 },
  { "days", 86400 }, { "w", 604800 },  { "week", 604800 }, { "weeks", 604800 },
};

/* @text: (inout): moved behind "90", "2 h" and the blanks after it */
static gboolean
take_part (const char **text, guint64 *seconds)
{
  gsize n_digits = strspn (*text, "0123456789");
  const char *unit = *text + n_digits + strspn (*text + n_digits, " ");
  gsize length = strcspn (unit, " 0123456789");
  guint64 number;

  if (n_digits == 0 || n_digits > 9)
    return FALSE;
  number = g_ascii_strtoull (*text, NULL, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (strlen (units[i].name) == length && strncmp (units[i].name, unit, length) == 0)
      {
        *seconds += number * units[i].seconds;
        *text = unit + length + strspn (unit + length, " ");
        return TRUE;
      }
  return FALSE;
}

gboolean
ea_config_value_parse_time (const char *value, guint64 *seconds)
{
  guint64 sum = 0;

  if (value[0] == '\0')
    return FALSE;
  if (strcmp (value, "off") == 0)
    value = "0";
  while (*value != '\0')
    if (!take_part (&value, &sum))
      return FALSE;
  *seconds = sum;
  return TRUE;
}

/* (transfer full): in the largest unit that leaves no rest */
static char *
format_time (guint seconds)
{
  if (seconds % 86400 == 0 && seconds > 0)
    return g_strdup_printf ("%ud", seconds / 86400);
  if (seconds % 3600 == 0 && seconds > 0)
    return g_strdup_printf ("%uh", seconds / 3600);
  return g_strdup_printf ("%us", seconds);
}

static char *
check_time (const EaConfigKey *key, const char *value)
{
  g_autofree char *minimum = NULL;
  g_autofree char *maximum = format_time (key->maximum);
  guint64 seconds;

  if (ea_config_value_parse_time (value, &seconds) && seconds >= key->minimum
      && seconds <= key->maximum)
    return NULL;
  if (key->minimum == 0)
    return g_strdup_printf ("'%s' is neither off nor a time up to %s, such as 90 (seconds) or "
                            "1h 30min",
                            value, maximum);
  minimum = format_time (key->minimum);
  return g_strdup_printf ("'%s' is no time from %s to %s, such as 90 (seconds) or 1min 30s", value,
                          minimum, maximum);
}

static char *
check_number (const EaConfigKey *key, const char *value)
{
  if ((key->is_optional && value[0] == '\0')
      || g_ascii_string_to_unsigned (value, 10, key->minimum, key->maximum, NULL, NULL))
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

static char *
check_host (const char *value)
{
  if (value[0] == '\0' || ea_config_value_is_host (value))
    return NULL;
  return g_strdup_printf (
      "'%s' is no host name and no address: names have up to %d letters, digits "
      "and hyphens, with dots between labels of up to %d",
      value, HOST_MAX, LABEL_MAX);
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
    case EA_CONFIG_TIME:
      return check_time (key, value);
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
    case EA_CONFIG_HOST:
      return check_host (value);
    case EA_CONFIG_URI:
      if (is_uri (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no path on a server: it begins with '/' and has up to %u "
                              "printable ASCII characters without blanks",
                              value, key->maximum);
    case EA_CONFIG_PATH:
      if (value[0] == '\0' || g_path_is_absolute (value))
        return NULL;
      return g_strdup_printf ("'%s' is no absolute path", value);
    case EA_CONFIG_PATHS:
      if (are_paths (value))
        return NULL;
      return g_strdup_printf ("'%s' is no list of absolute paths or qrtr://NODE", value);
    case EA_CONFIG_SOCKET:
      if (is_socket (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no name of a socket: up to %u printable ASCII characters "
                              "without blanks",
                              value, key->maximum);
    case EA_CONFIG_RANGES:
      return ea_config_value_check_ranges (value);
    case EA_CONFIG_PHONE:
      if (is_phone (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no phone number: 1 to %u digits, with '+' in front of an "
                              "international one",
                              value, key->maximum);
    case EA_CONFIG_SERVERS:
      return ea_config_value_check_servers (value);
    }
  return NULL;
}
