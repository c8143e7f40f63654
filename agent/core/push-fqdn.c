/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The name of an SM-SR in a session's trigger, as text or as labels of DNS (RFC 1035 §3.1). */

#include "core/push-fqdn.h"

#include <string.h>

#include "core/error.h"

/* Text begins with a printable character; a label of less octets can be none. */
#define PRINTABLE_MIN 0x21

static gboolean
check_label (const char *label, GError **error)
{
  gsize length = strlen (label);

  if (length == 0)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                           "Name of a server with an empty label");
      return FALSE;
    }
  if (length > EA_PUSH_LABEL_MAX)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                   "Name of a server with a label of %" G_GSIZE_FORMAT " characters, more than %d",
                   length, EA_PUSH_LABEL_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
      {
        g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                             "Name of a server with a character that no name has");
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_name (const char *name, GError **error)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  if (labels[0] == NULL)
    {
      g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED,
                           "Name of a server without a character");
      return FALSE;
    }
  for (gsize i = 0; labels[i] != NULL; i++)
    if (!check_label (labels[i], error))
      return FALSE;
  if (strlen (name) <= EA_PUSH_FQDN_MAX)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
               "Name of a server with %" G_GSIZE_FORMAT " characters, more than %d", strlen (name),
               EA_PUSH_FQDN_MAX);
  return FALSE;
}

/* (transfer full): NUL would end the text before its end, and is no character of a name */
static char *
read_text (EaSpan text)
{
  char *name = g_strndup ((const char *) text.data, text.size);

  for (gsize i = 0; i < text.size; i++)
    if (name[i] == '\0')
      name[i] = ' ';
  return name;
}

/* (transfer full) (nullable): the labels with dots between. The empty one of the root may only be missing where the
 * first byte is no character. */
static char *
read_labels (EaSpan labels)
{
  g_autoptr (GString) name = g_string_new (NULL);
  gboolean has_root = FALSE;
  EaReader reader;

  ea_reader_init (&reader, labels);
  has_root = ea_reader_peek_u8 (&reader) < PRINTABLE_MIN;
  while (ea_reader_remaining (&reader) > 0)
    {
      EaSpan label = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
      g_autofree char *text = read_text (label);

      if (label.size == 0)
        {
          has_root = TRUE;
          break;
        }
      if (name->len > 0)
        g_string_append_c (name, '.');
      g_string_append (name, strchr (text, '.') == NULL ? text : " ");
    }
  if (!ea_reader_done (&reader) || !has_root)
    return NULL;
  return g_string_free (g_steal_pointer (&name), FALSE);
}

char *
ea_push_read_fqdn (EaSpan fqdn, GError **error)
{
  g_autofree char *name = read_labels (fqdn);
  gsize length;

  if (name == NULL)
    name = read_text (fqdn);
  length = strlen (name);
  if (length > 1 && name[length - 1] == '.')
    name[length - 1] = '\0'; /* the root's */
  return check_name (name, error) ? g_steal_pointer (&name) : NULL;
}
