/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Key files are read line by line, since GKeyFile does not tell the line of what it finds. Values have no
 * escapes and no locales.
 */

#include "host/config.h"

#include <gio/gio.h>
#include <linux/if.h>
#include <string.h>

#include "ea-build.h"

#define MAIN_FILE EA_SYSCONFDIR "/euicc-agent/agent.conf"
#define DROP_IN_DIRECTORY "euicc-agent/agent.conf.d"
#define DROP_IN_SUFFIX ".conf"
#define WORDS_MAX 8
#define BITS_PER_BYTE 8
#define APN_CHARACTERS_MAX 100 /* TS 23.003 §9.1 */
#define APN_LABEL_MAX 63       /* RFC 1035 §2.3.4 */

/* Later directories win over earlier ones for the same file name. */
static const char *const drop_in_roots[] = { EA_VENDORDIR, "/run", EA_SYSCONFDIR };

typedef enum
{
  KIND_CHOICE,    /* one of @words */
  KIND_NUMBER,    /* from @minimum to @maximum */
  KIND_INTERFACE, /* name of a network interface, of at most @maximum characters, perhaps empty */
  KIND_APN,       /* access point name, perhaps empty */
  KIND_PATHS,     /* absolute paths, separated by semicolons */
  KIND_RANGES,    /* of addresses, ADDRESS or ADDRESS/BITS, separated by semicolons, perhaps none */
} Kind;

typedef struct
{
  const char *section;
  const char *key;
  Kind kind;
  const char *standard; /* the default */
  const char *words[WORDS_MAX];
  guint minimum;
  guint maximum;
  gboolean is_for_all; /* means nothing in "[section GLOB]" */
} Key;

static const Key keys[] = {
  { .section = "agent",
    .key = "LogLevel",
    .kind = KIND_CHOICE,
    .standard = "notice",
    .words = { "error", "warning", "notice", "info", "debug" } },
  { .section = "modem",
    .key = "Device",
    .kind = KIND_PATHS,
    .standard = "/dev/cdc-wdm*",
    .is_for_all = TRUE },
  { .section = "modem",
    .key = "Proxy",
    .kind = KIND_CHOICE,
    .standard = "auto",
    .words = { "auto", "yes", "no" } },
  { .section = "modem",
    .key = "Role",
    .kind = KIND_CHOICE,
    .standard = "auto",
    .words = { "auto", "host", "observer" } },
  { .section = "modem",
    .key = "Slot",
    .kind = KIND_NUMBER,
    .standard = "1",
    .minimum = 1,
    .maximum = 5 },
  { .section = "bearer",
    .key = "Bearer",
    .kind = KIND_CHOICE,
    .standard = "connect",
    .words = { "existing", "connect", "any" } },
  { .section = "bearer",
    .key = "Apn",
    .kind = KIND_APN,
    .standard = "",
    .maximum = APN_CHARACTERS_MAX },
  { .section = "bearer",
    .key = "Interface",
    .kind = KIND_INTERFACE,
    .standard = "",
    .maximum = IFNAMSIZ - 1 },
  { .section = "bearer",
    .key = "AllowAddresses",
    .kind = KIND_RANGES,
    .standard = "",
    .is_for_all = TRUE },
  { .section = "bearer",
    .key = "DenyAddresses",
    .kind = KIND_RANGES,
    .standard = "",
    .is_for_all = TRUE },
};

/* Sections that may be repeated for those that match a glob. */
static const char *const matched_sections[] = { "modem", "bearer" };

/* A value that was set, in the order of setting. */
typedef struct
{
  const Key *key;
  char *glob; /* NULL: for all */
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

  g_free (setting->glob);
  g_free (setting->value);
  g_free (setting);
}

static const Key *
find_key (const char *section, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].key, name) == 0)
      return &keys[i];
  return NULL;
}

static gboolean
is_section (const char *section)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0)
      return TRUE;
  return FALSE;
}

/* "modem /dev/x*" → "modem" and the glob; FALSE when there is no such section */
static gboolean
split_group (const char *group, char **section, char **glob)
{
  const char *space = strchr (group, ' ');
  g_autofree char *name = space != NULL ? g_strndup (group, (gsize) (space - group)) : NULL;

  if (space == NULL)
    {
      *section = g_strdup (group);
      *glob = NULL;
      return is_section (group);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (matched_sections); i++)
    if (strcmp (matched_sections[i], name) == 0)
      {
        *section = g_steal_pointer (&name);
        *glob = g_strstrip (g_strdup (space));
        return (*glob)[0] == '/' || (*glob)[0] == '*'; /* a device path is absolute */
      }
  return FALSE;
}

static int
find_word (const Key *key, const char *value)
{
  for (int i = 0; i < WORDS_MAX && key->words[i] != NULL; i++)
    if (strcmp (key->words[i], value) == 0)
      return i;
  return -1;
}

/* (transfer full): the elements of a list, without those that are empty. */
static GStrv
split_list (const char *value)
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
is_apn_label (const char *label)
{
  gsize length = strlen (label);

  if (length == 0 || length > APN_LABEL_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (label[i]) && (label[i] != '-' || i == 0 || i == length - 1))
      return FALSE;
  return TRUE;
}

/* TS 23.003 §9.1: labels as of host names */
static gboolean
is_apn (const char *value, guint n_characters_max)
{
  g_auto (GStrv) labels = g_strsplit (value, ".", -1); /* none when it is empty */

  for (guint i = 0; labels[i] != NULL; i++)
    if (!is_apn_label (labels[i]))
      return FALSE;
  return strlen (value) <= n_characters_max;
}

static gboolean
are_paths (const char *value)
{
  g_auto (GStrv) paths = split_list (value);

  for (guint i = 0; paths[i] != NULL; i++)
    if (!g_path_is_absolute (paths[i]))
      return FALSE;
  return paths[0] != NULL;
}

static gboolean
has_port (const char *text)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;
  g_autoptr (GInetAddress) address = host != NULL ? g_inet_address_new_from_string (host) : NULL;

  return text[0] == '[' || address != NULL;
}

static gboolean
has_letter (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_isalpha (*text))
      return TRUE;
  return FALSE;
}

/* What to do about @text, which is no address */
static const char *
get_address_advice (const char *text)
{
  if (strpbrk (text, ", ") != NULL)
    return "; several are separated by semicolons";
  if (has_port (text))
    return "; write it without brackets and port";
  return has_letter (text) && strchr (text, ':') == NULL ? "; names are not resolved here" : "";
}

/* (transfer full): with zeros after the first bits */
static char *
mask_address (GInetAddress *address, guint n_bits)
{
  gsize size = g_inet_address_get_native_size (address);
  g_autofree guint8 *bytes = g_memdup2 (g_inet_address_to_bytes (address), size);
  g_autoptr (GInetAddress) masked = NULL;

  for (gsize i = n_bits; i < size * BITS_PER_BYTE; i++)
    bytes[i / BITS_PER_BYTE] &= (guint8) ~(0x80 >> i % BITS_PER_BYTE);
  masked = g_inet_address_new_from_bytes (bytes, g_inet_address_get_family (address));
  return g_inet_address_to_string (masked);
}

/* (transfer full) (nullable): what is wrong. GLib's own reader of ranges takes any number of bits. */
static char *
check_range (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (parts[0]);
  g_autoptr (GInetAddressMask) range = NULL;
  g_autofree char *masked = NULL;
  guint n_bits_max;
  guint64 n_bits;

  if (address == NULL)
    return g_strdup_printf ("'%s' is no IP address%s", parts[0], get_address_advice (parts[0]));
  if (parts[1] == NULL)
    return NULL;
  n_bits_max = (guint) (BITS_PER_BYTE * g_inet_address_get_native_size (address));
  if (!g_ascii_string_to_unsigned (parts[1], 10, 0, n_bits_max, &n_bits, NULL))
    return g_strdup_printf ("'%s' does not end in a number of bits from 0 to %u", text, n_bits_max);
  range = g_inet_address_mask_new (address, (guint) n_bits, NULL);
  if (range != NULL)
    return NULL;
  masked = mask_address (address, (guint) n_bits);
  return g_strdup_printf ("'%s' has bits set after its first %u: write %s/%u", text, (guint) n_bits,
                          masked, (guint) n_bits);
}

/* (transfer full) (nullable): what is wrong with the first wrong one */
static char *
check_ranges (const char *value)
{
  g_auto (GStrv) ranges = split_list (value);
  char *wrong = NULL;

  for (guint i = 0; wrong == NULL && ranges[i] != NULL; i++)
    wrong = check_range (ranges[i]);
  return wrong;
}

/* (transfer full) (nullable): what is wrong with @value */
static char *
check_value (const Key *key, const char *value)
{
  g_autofree char *words = NULL;
  guint64 number;

  switch (key->kind)
    {
    case KIND_CHOICE:
      if (find_word (key, value) >= 0)
        return NULL;
      words = g_strjoinv (", ", (char **) key->words);
      return g_strdup_printf ("'%s' is none of %s", value, words);
    case KIND_NUMBER:
      if (g_ascii_string_to_unsigned (value, 10, key->minimum, key->maximum, &number, NULL))
        return NULL;
      return g_strdup_printf ("'%s' is no number from %u to %u", value, key->minimum, key->maximum);
    case KIND_INTERFACE:
      if (is_interface (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no name of a network interface", value);
    case KIND_APN:
      if (is_apn (value, key->maximum))
        return NULL;
      return g_strdup_printf ("'%s' is no access point name: up to %u letters, digits and hyphens, "
                              "with dots between the labels",
                              value, key->maximum);
    case KIND_PATHS:
      if (are_paths (value))
        return NULL;
      return g_strdup_printf ("'%s' is no list of absolute paths", value);
    case KIND_RANGES:
      return check_ranges (value);
    }
  return NULL;
}

static void
set_value (EaConfig *self, const Key *key, const char *glob, const char *value)
{
  Setting *setting = g_new0 (Setting, 1);

  setting->key = key;
  setting->glob = g_strdup (glob);
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
  char *glob;
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
  g_clear_pointer (&reading->glob, g_free);
  if (line[length - 1] != ']' || length < 3)
    {
      add_problem (reading, "'%s' is no section", line);
      return;
    }
  group = g_strndup (line + 1, length - 2);
  if (!split_group (group, &reading->section, &reading->glob))
    {
      g_clear_pointer (&reading->section, g_free);
      g_clear_pointer (&reading->glob, g_free);
      add_problem (reading, "Unknown section [%s]", group);
    }
}

static void
take_assignment (Reading *reading, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, "=", 2);
  g_autofree char *wrong = NULL;
  const Key *key;

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
  key = find_key (reading->section, parts[0]);
  if (key == NULL)
    {
      add_problem (reading, "Unknown key '%s' in section [%s]", parts[0], reading->section);
      return;
    }
  wrong = check_value (key, parts[1]);
  if (reading->glob != NULL && key->is_for_all)
    add_problem (reading, "Key '%s' belongs into section [%s] only", parts[0], reading->section);
  else if (wrong != NULL)
    add_problem (reading, "Key '%s': %s", parts[0], wrong);
  else
    set_value (reading->config, key, reading->glob, parts[1]);
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
  g_free (reading.glob);
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

/* The last setting wins; one that is for this instance wins over one for all. */
const char *
ea_config_get (const EaConfig *self, const char *section, const char *instance, const char *key)
{
  const Key *row = find_key (section, key);
  const char *for_all = NULL;
  const char *for_instance = NULL;

  g_return_val_if_fail (row != NULL, NULL);
  for (guint i = 0; i < self->settings->len; i++)
    {
      const Setting *setting = g_ptr_array_index (self->settings, i);

      if (setting->key != row)
        continue;
      if (setting->glob == NULL)
        for_all = setting->value;
      else if (instance != NULL && g_pattern_match_simple (setting->glob, instance))
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
  int position = find_word (find_key (section, key), ea_config_get (self, section, instance, key));

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
  return split_list (ea_config_get (self, section, NULL, key));
}

gboolean
ea_config_override (EaConfig *self, const char *section, const char *key, const char *value,
                    GError **error)
{
  const Key *row = find_key (section, key);
  g_autofree char *wrong = NULL;

  g_return_val_if_fail (row != NULL, FALSE);
  wrong = check_value (row, value);
  if (wrong != NULL)
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, wrong);
      return FALSE;
    }
  set_value (self, row, NULL, value);
  return TRUE;
}
