/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Key files are read line by line, since GKeyFile does not tell the line of what it finds. Values have no
 * escapes and no locales.
 */

#include "host/config.h"

#include <string.h>

#include "ea-build.h"
#include "host/config-value.h"

#define MAIN_FILE EA_SYSCONFDIR "/euicc-agent/agent.conf"
#define DROP_IN_DIRECTORY "euicc-agent/agent.conf.d"
#define DROP_IN_SUFFIX ".conf"

/* Later directories win over earlier ones for the same file name. */
static const char *const drop_in_roots[] = { EA_VENDORDIR, "/run", EA_SYSCONFDIR };

/* Sections that may be repeated for some: "[modem GLOB]" for devices, "[sm-sr NAME]" for a server. */
static const struct
{
  const char *name;
  gboolean is_of_devices;
} instance_sections[]
    = { { "modem", TRUE }, { "bearer", TRUE }, { "switch", TRUE }, { "sm-sr", FALSE } };

/* A value that was set, in the order of setting. */
typedef struct
{
  const EaConfigKey *key;
  char *instance; /* glob or name; NULL: for all */
  char *value;
} Setting;

struct _EaConfig
{
  GPtrArray *settings;
};

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_free (setting->instance);
  g_free (setting->value);
  g_free (setting);
}

static gboolean
is_instance (gboolean is_of_devices, const char *instance)
{
  if (!is_of_devices)
    return ea_config_value_is_host (instance);
  /* A device path is absolute. */
  return instance[0] == '/' || instance[0] == '*' || g_str_has_prefix (instance, "qrtr:");
}

/* "modem /dev/x*" → "modem" and the glob; FALSE when there is no such section */
static gboolean
split_group (const char *group, char **section, char **instance)
{
  const char *space = strchr (group, ' ');
  g_autofree char *name = space != NULL ? g_strndup (group, (gsize) (space - group)) : NULL;

  if (space == NULL)
    {
      *section = g_strdup (group);
      *instance = NULL;
      return ea_config_key_has_section (group);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (instance_sections); i++)
    if (strcmp (instance_sections[i].name, name) == 0)
      {
        *section = g_steal_pointer (&name);
        *instance = g_strstrip (g_strdup (space));
        return is_instance (instance_sections[i].is_of_devices, *instance);
      }
  return FALSE;
}

static void
set_value (EaConfig *self, const EaConfigKey *key, const char *instance, const char *value)
{
  Setting *setting = g_new0 (Setting, 1);

  setting->key = key;
  setting->instance = g_strdup (instance);
  setting->value = g_strdup (value);
  g_ptr_array_add (self->settings, setting);
}

/* A file while it is read. */
typedef struct
{
  EaConfig *config;
  GPtrArray *problems;
  const char *path;
  guint line;
  char *section; /* NULL before the first and within an unknown section */
  char *instance;
} Reading;

static void G_GNUC_PRINTF (2, 3) add_problem (Reading *reading, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (reading->problems,
                   g_strdup_printf ("%s:%u: %s", reading->path, reading->line, text));
}

static void
begin_section (Reading *reading, const char *line)
{
  gsize length = strlen (line);
  g_autofree char *group = NULL;

  g_clear_pointer (&reading->section, g_free);
  g_clear_pointer (&reading->instance, g_free);
  if (line[length - 1] != ']' || length < 3)
    {
      add_problem (reading, "'%s' is no section", line);
      return;
    }
  group = g_strndup (line + 1, length - 2);
  if (!split_group (group, &reading->section, &reading->instance))
    {
      g_clear_pointer (&reading->section, g_free);
      g_clear_pointer (&reading->instance, g_free);
      add_problem (reading, "Unknown section [%s]", group);
    }
}

static void
take_assignment (Reading *reading, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, "=", 2);
  g_autofree char *wrong = NULL;
  const EaConfigKey *key;

  if (!g_utf8_validate (line, -1, NULL) || g_strv_length (parts) != 2)
    {
      add_problem (reading, "This line is no section, no 'Key=value' and no comment");
      return;
    }
  g_strstrip (parts[0]);
  g_strstrip (parts[1]);
  if (reading->section == NULL)
    {
      add_problem (reading, "Key '%s' is in no known section", parts[0]);
      return;
    }
  key = ea_config_key_find (reading->section, parts[0]);
  if (key == NULL)
    {
      add_problem (reading, "Unknown key '%s' in section [%s]", parts[0], reading->section);
      return;
    }
  wrong = ea_config_value_check (key, parts[1]);
  if (reading->instance != NULL && key->is_for_all)
    add_problem (reading, "Key '%s' belongs into section [%s] only", parts[0], reading->section);
  else if (wrong != NULL)
    add_problem (reading, "Key '%s': %s", parts[0], wrong);
  else
    set_value (reading->config, key, reading->instance, parts[1]);
}

static void
take_line (Reading *reading, char *line)
{
  g_strstrip (line);
  if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
    return;
  if (line[0] == '[')
    begin_section (reading, line);
  else
    take_assignment (reading, line);
}

static void
read_file (EaConfig *self, const char *path, gboolean must_exist, GPtrArray *problems)
{
  Reading reading = { .config = self, .problems = problems, .path = path };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &error))
    {
      if (must_exist || !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_ptr_array_add (problems, g_strdup (error->message));
      return;
    }
  if (strlen (text) != size)
    {
      g_ptr_array_add (problems, g_strdup_printf ("%s: this is no text file", path));
      return;
    }

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      reading.line = i + 1;
      take_line (&reading, lines[i]);
    }
  g_free (reading.section);
  g_free (reading.instance);
}

/* file name → path, the later directory's where several have it */
static GHashTable *
find_drop_ins (void)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (drop_in_roots); i++)
    {
      g_autofree char *directory = g_build_filename (drop_in_roots[i], DROP_IN_DIRECTORY, NULL);
      g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        if (g_str_has_suffix (name, DROP_IN_SUFFIX))
          g_hash_table_replace (found, g_strdup (name), g_build_filename (directory, name, NULL));
    }
  return found;
}

static void
read_drop_ins (EaConfig *self, GPtrArray *problems)
{
  g_autoptr (GHashTable) found = find_drop_ins ();
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (found), (GCompareFunc) strcmp);

  for (GList *link = names; link != NULL; link = link->next)
    read_file (self, g_hash_table_lookup (found, link->data), TRUE, problems);
}

EaConfig *
ea_config_load (const char *path, GPtrArray *problems)
{
  g_autoptr (EaConfig) self = g_new0 (EaConfig, 1);
  guint n_problems = problems->len;

  self->settings = g_ptr_array_new_with_free_func (setting_free);
  read_file (self, path != NULL ? path : MAIN_FILE, path != NULL, problems);
  if (path == NULL)
    read_drop_ins (self, problems);
  return problems->len == n_problems ? g_steal_pointer (&self) : NULL;
}

void
ea_config_free (EaConfig *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->settings);
  g_free (self);
}

static gboolean
is_of_devices (const char *section)
{
  for (gsize i = 0; i < G_N_ELEMENTS (instance_sections); i++)
    if (strcmp (instance_sections[i].name, section) == 0)
      return instance_sections[i].is_of_devices;
  return FALSE;
}

static gboolean
is_meant (const Setting *setting, const char *instance)
{
  if (is_of_devices (setting->key->section))
    return g_pattern_match_simple (setting->instance, instance);
  return g_ascii_strcasecmp (setting->instance, instance) == 0;
}

/* The last setting wins; one that is for this instance wins over one for all. */
const char *
ea_config_get (const EaConfig *self, const char *section, const char *instance, const char *key)
{
  const EaConfigKey *row = ea_config_key_find (section, key);
  const char *for_all = NULL;
  const char *for_instance = NULL;

  g_return_val_if_fail (row != NULL, NULL);
  for (guint i = 0; i < self->settings->len; i++)
    {
      const Setting *setting = g_ptr_array_index (self->settings, i);

      if (setting->key != row)
        continue;
      if (setting->instance == NULL)
        for_all = setting->value;
      else if (instance != NULL && is_meant (setting, instance))
        for_instance = setting->value;
    }
  if (for_instance != NULL)
    return for_instance;
  return for_all != NULL ? for_all : row->standard;
}

guint
ea_config_get_choice (const EaConfig *self, const char *section, const char *instance,
                      const char *key)
{
  int position = ea_config_value_find_word (ea_config_key_find (section, key),
                                            ea_config_get (self, section, instance, key));

  return (guint) MAX (position, 0);
}

guint
ea_config_get_number (const EaConfig *self, const char *section, const char *instance,
                      const char *key)
{
  return (guint) g_ascii_strtoull (ea_config_get (self, section, instance, key), NULL, 10);
}

GStrv
ea_config_get_list (const EaConfig *self, const char *section, const char *key)
{
  return ea_config_value_split (ea_config_get (self, section, NULL, key));
}

guint
ea_config_get_time_s (const EaConfig *self, const char *section, const char *instance,
                      const char *key)
{
  guint64 seconds = 0;

  (void) ea_config_value_parse_time (ea_config_get (self, section, instance, key),
                                     &seconds); /* it was looked at when it was read */
  return (guint) seconds;
}

GPtrArray *
ea_config_get_servers (const EaConfig *self, const char *section, const char *instance,
                       const char *key, guint16 port)
{
  return ea_config_value_parse_servers (ea_config_get (self, section, instance, key), port);
}

gboolean
ea_config_override (EaConfig *self, const char *section, const char *key, const char *value,
                    GError **error)
{
  const EaConfigKey *row = ea_config_key_find (section, key);
  g_autofree char *wrong = NULL;

  g_return_val_if_fail (row != NULL, FALSE);
  wrong = ea_config_value_check (row, value);
  if (wrong != NULL)
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, wrong);
      return FALSE;
    }
  set_value (self, row, NULL, value);
  return TRUE;
}
