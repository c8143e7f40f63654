/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record as text: one line each, "instance=…", "routes=0/2/255/2 …", "cat-mode=2", "cat-profile=3301…",
 * "clients=11/3 …", "channels=1 …", "usual-channel=1", "radio=low-power".
 */

#include "modem/qmi-record.h"

#include <string.h>

#include "modem/port.h"

#define GROUP "modem"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define ROUTES_MAX 32
#define CLIENTS_MAX 32
#define CHANNELS_MAX 19
#define RADIO_LAST EA_QMI_RADIO_OFFLINE
#define PROFILE_MAX 255 /* bytes: the data of one APDU */

static const char *const radio_names[] = {
  [EA_QMI_RADIO_UNTOUCHED] = "untouched",
  [EA_QMI_RADIO_LOW_POWER] = "low-power",
  [EA_QMI_RADIO_OFFLINE] = "offline",
};

EaQmiConfiguration *
ea_qmi_configuration_new (guint8 mode, EaSpan profile)
{
  EaQmiConfiguration *self = g_new0 (EaQmiConfiguration, 1);

  self->mode = mode;
  self->profile = ea_span_to_bytes (profile);
  return self;
}

void
ea_qmi_configuration_free (EaQmiConfiguration *self)
{
  if (self == NULL)
    return;

  g_bytes_unref (self->profile);
  g_free (self);
}

void
ea_qmi_record_init (EaQmiRecord *self, const char *instance)
{
  *self = (EaQmiRecord){
    .instance = g_strdup (instance),
    .clients = g_array_new (FALSE, FALSE, sizeof (EaQmiClientId)),
    .channels = g_array_new (FALSE, FALSE, sizeof (guint8)),
  };
}

void
ea_qmi_record_clear (EaQmiRecord *self)
{
  g_clear_pointer (&self->instance, g_free);
  g_clear_pointer (&self->routes, g_array_unref);
  g_clear_pointer (&self->configuration, ea_qmi_configuration_free);
  g_clear_pointer (&self->clients, g_array_unref);
  g_clear_pointer (&self->channels, g_array_unref);
}

/* Numbers separated by "/" within an element and by spaces between elements. */
static char *
format_elements (const GArray *elements)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint size = g_array_get_element_size ((GArray *) elements);

  for (guint i = 0; i < elements->len * size; i++)
    g_string_append_printf (text, "%s%u", i == 0 ? "" : (i % size == 0 ? " " : "/"),
                            g_array_index (elements, guint8, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
append_element (GArray *elements, const char *text)
{
  g_auto (GStrv) numbers = g_strsplit (text, "/", -1);
  guint size = g_array_get_element_size (elements);
  guint8 element[sizeof (EaQmiRoute)] = { 0 };

  if (g_strv_length (numbers) != size)
    return FALSE;
  for (guint i = 0; i < size; i++)
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (numbers[i], 10, 0, G_MAXUINT8, &number, NULL))
        return FALSE;
      element[i] = (guint8) number;
    }
  g_array_append_vals (elements, element, 1);
  return TRUE;
}

/* (transfer full) (nullable): elements of @size numbers, at most @max */
static GArray *
parse_elements (const char *text, guint size, guint max)
{
  g_autoptr (GArray) elements = g_array_new (FALSE, FALSE, size);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] == '\0')
        continue;
      if (elements->len == max || !append_element (elements, words[i]))
        return NULL;
    }
  return g_steal_pointer (&elements);
}

static void
write_configuration (GKeyFile *file, const EaQmiConfiguration *configuration)
{
  g_autofree char *profile = ea_span_to_hex (ea_span_from_bytes (configuration->profile));

  g_key_file_set_integer (file, GROUP, "cat-mode", configuration->mode);
  g_key_file_set_string (file, GROUP, "cat-profile", profile);
}

GBytes *
ea_qmi_record_to_bytes (const EaQmiRecord *self)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autofree char *clients = format_elements (self->clients);
  g_autofree char *channels = format_elements (self->channels);
  gsize size;
  char *text;

  if (self->routes == NULL && self->configuration == NULL && self->clients->len == 0
      && self->channels->len == 0 && self->radio == EA_QMI_RADIO_UNTOUCHED)
    return NULL;

  file = g_key_file_new ();
  g_key_file_set_string (file, GROUP, "instance", self->instance);
  g_key_file_set_string (file, GROUP, "clients", clients);
  g_key_file_set_string (file, GROUP, "channels", channels);
  if (self->usual_channel != 0)
    g_key_file_set_integer (file, GROUP, "usual-channel", self->usual_channel);
  if (self->radio != EA_QMI_RADIO_UNTOUCHED)
    g_key_file_set_string (file, GROUP, "radio", radio_names[self->radio]);
  if (self->routes != NULL)
    {
      g_autofree char *routes = format_elements (self->routes);

      g_key_file_set_string (file, GROUP, "routes", routes);
    }
  if (self->configuration != NULL)
    write_configuration (file, self->configuration);
  text = g_key_file_to_data (file, &size, NULL);
  return g_bytes_new_take (text, size);
}

static gboolean
parse_list (GKeyFile *file, const char *key, guint size, guint max, GArray **out)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);

  if (text == NULL)
    return !g_key_file_has_key (file, GROUP, key, NULL); /* there and unreadable is damaged */
  g_clear_pointer (out, g_array_unref);
  *out = parse_elements (text, size, max);
  return *out != NULL;
}

/* Both keys or none */
static gboolean
parse_configuration (GKeyFile *file, EaQmiConfiguration **out)
{
  g_autofree char *mode_text = g_key_file_get_string (file, GROUP, "cat-mode", NULL);
  g_autofree char *profile_text = g_key_file_get_string (file, GROUP, "cat-profile", NULL);
  g_autoptr (GBytes) profile = NULL;
  guint64 mode;

  if (mode_text == NULL && profile_text == NULL)
    return !g_key_file_has_key (file, GROUP, "cat-mode", NULL)
           && !g_key_file_has_key (file, GROUP, "cat-profile", NULL);
  if (mode_text == NULL || profile_text == NULL
      || !g_ascii_string_to_unsigned (mode_text, 10, 0, G_MAXUINT8, &mode, NULL))
    return FALSE;
  profile = ea_bytes_from_hex (profile_text, NULL);
  if (profile == NULL || g_bytes_get_size (profile) > PROFILE_MAX)
    return FALSE;

  *out = ea_qmi_configuration_new ((guint8) mode, ea_span_from_bytes (profile));
  return TRUE;
}

static gboolean
parse_usual_channel (GKeyFile *file, guint8 *out)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, "usual-channel", NULL);
  guint64 number;

  if (text == NULL)
    return !g_key_file_has_key (file, GROUP, "usual-channel", NULL);
  if (!g_ascii_string_to_unsigned (text, 10, 1, CHANNELS_MAX, &number, NULL))
    return FALSE;
  *out = (guint8) number;
  return TRUE;
}

static gboolean
parse_radio (GKeyFile *file, EaQmiRadio *out)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, "radio", NULL);

  if (text == NULL)
    return !g_key_file_has_key (file, GROUP, "radio", NULL);
  for (EaQmiRadio radio = EA_QMI_RADIO_LOW_POWER; radio <= RADIO_LAST; radio++)
    if (strcmp (text, radio_names[radio]) == 0)
      {
        *out = radio;
        return TRUE;
      }
  return FALSE;
}

gboolean
ea_qmi_record_parse (EaQmiRecord *out, GBytes *bytes, GError **error)
{
  g_auto (EaQmiRecord) record = { 0 };
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *instance = NULL;
  gboolean is_read = g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_NONE, NULL);

  if (is_read)
    instance = g_key_file_get_string (file, GROUP, "instance", NULL);
  ea_qmi_record_init (&record, instance != NULL ? instance : "");
  if (instance == NULL
      || !parse_list (file, "clients", sizeof (EaQmiClientId), CLIENTS_MAX, &record.clients)
      || !parse_list (file, "channels", sizeof (guint8), CHANNELS_MAX, &record.channels)
      || !parse_list (file, "routes", sizeof (EaQmiRoute), ROUTES_MAX, &record.routes)
      || !parse_usual_channel (file, &record.usual_channel) || !parse_radio (file, &record.radio)
      || !parse_configuration (file, &record.configuration))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "The record of what was changed in the modem is damaged");
      return FALSE;
    }

  *out = record;
  record = (EaQmiRecord){ 0 };
  return TRUE;
}

void
ea_qmi_record_add_client (EaQmiRecord *self, guint8 service, guint8 cid)
{
  EaQmiClientId client = { service, cid };

  g_array_append_val (self->clients, client);
}

void
ea_qmi_record_remove_client (EaQmiRecord *self, guint8 service, guint8 cid)
{
  for (guint i = self->clients->len; i > 0; i--)
    {
      EaQmiClientId *client = &g_array_index (self->clients, EaQmiClientId, i - 1);

      if (client->service == service && client->cid == cid)
        g_array_remove_index (self->clients, i - 1);
    }
}

void
ea_qmi_record_add_channel (EaQmiRecord *self, guint8 channel)
{
  ea_qmi_record_remove_channel (self, channel);
  g_array_append_val (self->channels, channel);
}

void
ea_qmi_record_remove_channel (EaQmiRecord *self, guint8 channel)
{
  for (guint i = self->channels->len; i > 0; i--)
    if (g_array_index (self->channels, guint8, i - 1) == channel)
      g_array_remove_index (self->channels, i - 1);
}

char *
ea_qmi_record_get_instance (const char *path)
{
  g_autoptr (GFile) node = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = NULL;
  g_autofree char *boot = NULL;

  info = g_file_query_info (node, "unix::inode,unix::rdev,time::changed,time::changed-usec",
                            G_FILE_QUERY_INFO_NONE, NULL, NULL);
  (void) g_file_get_contents (BOOT_ID, &boot, NULL, NULL); /* not there in some sandboxes */
  if (ea_port_is_qrtr (path))
    return g_strdup_printf ("%s:%s", boot != NULL ? g_strstrip (boot) : "", path);
  if (info == NULL)
    return g_strdup ("");
  return g_strdup_printf (
      "%s:%" G_GUINT64_FORMAT ":%u:%" G_GUINT64_FORMAT ".%06u",
      boot != NULL ? g_strstrip (boot) : "",
      g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_UNIX_INODE),
      g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_RDEV),
      g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_CHANGED),
      g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_CHANGED_USEC));
}
