/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record as text: "iccid=8988…", "cause=…", "promised=true", "disabled=true", each where it is so. */

#include "session/switch-record.h"

#include <string.h>

#define GROUP "switch"
#define ICCID_DIGITS_MAX 20

void
ea_switch_record_clear (EaSwitchRecord *self)
{
  g_clear_pointer (&self->iccid, g_free);
  g_clear_pointer (&self->cause, g_free);
  self->is_promised = FALSE;
  self->is_disabled = FALSE;
}

GBytes *
ea_switch_record_to_bytes (const EaSwitchRecord *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gsize size;
  char *text;

  if (self->iccid == NULL && !self->is_promised && !self->is_disabled)
    return NULL;
  if (self->iccid != NULL)
    g_key_file_set_string (file, GROUP, "iccid", self->iccid);
  if (self->iccid != NULL && self->cause != NULL)
    g_key_file_set_string (file, GROUP, "cause", self->cause);
  if (self->is_promised)
    g_key_file_set_boolean (file, GROUP, "promised", TRUE);
  if (self->is_disabled)
    g_key_file_set_boolean (file, GROUP, "disabled", TRUE);
  text = g_key_file_to_data (file, &size, NULL);
  return g_bytes_new_take (text, size);
}

/* There and unreadable is damaged. */
static gboolean
read_string (GKeyFile *file, const char *key, gsize max, char **out)
{
  *out = g_key_file_get_string (file, GROUP, key, NULL);
  if (*out == NULL)
    return !g_key_file_has_key (file, GROUP, key, NULL);
  return (*out)[0] != '\0' && strlen (*out) <= max;
}

static gboolean
is_number (const char *text)
{
  return text == NULL || text[strspn (text, "0123456789")] == '\0';
}

gboolean
ea_switch_record_parse (EaSwitchRecord *out, GBytes *bytes, GError **error)
{
  g_auto (EaSwitchRecord) record = { 0 };
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_NONE, NULL)
      || !read_string (file, "iccid", ICCID_DIGITS_MAX, &record.iccid)
      || !read_string (file, "cause", EA_SWITCH_RECORD_CAUSE_MAX, &record.cause)
      || !is_number (record.iccid))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "The record of the last switch is damaged");
      return FALSE;
    }
  record.is_promised = g_key_file_get_boolean (file, GROUP, "promised", NULL);
  record.is_disabled = g_key_file_get_boolean (file, GROUP, "disabled", NULL);
  *out = record;
  record = (EaSwitchRecord){ 0 };
  return TRUE;
}
