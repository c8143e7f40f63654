/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which names are asked for: host names of RFC 1123 §2.1, and the underscore, which is in use. What a library could
 * take for an escape, a pattern or an address of another notation ("127.1", "0x7f.1") doesn't get as far as that.
 */

#include "net/resolver-private.h"

#include <string.h>

static const char *
find_fault_of_label (const char *label, gsize size)
{
  if (size == 0)
    return "a label is empty";
  if (size > EA_RESOLVER_LABEL_MAX)
    return "a label is longer than 63 characters";
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
      return "a host name has only letters, digits, hyphens and dots";
  return NULL;
}

/* The last label of an address in one of the notations of inet_aton(3). */
static gboolean
looks_like_number (const char *label)
{
  return g_str_has_prefix (label, "0x") || label[strspn (label, "0123456789")] == '\0';
}

/* Returns: (nullable): what is wrong with @name, which has no dot at its end */
static const char *
find_fault (const char *name)
{
  const char *label = name;
  const char *fault = NULL;

  if (strlen (name) > EA_RESOLVER_NAME_MAX)
    return "it is longer than 253 characters";
  for (const char *dot = strchr (label, '.'); dot != NULL && fault == NULL;
       dot = strchr (label, '.'))
    {
      fault = find_fault_of_label (label, (gsize) (dot - label));
      label = dot + 1;
    }
  if (fault == NULL)
    fault = find_fault_of_label (label, strlen (label));
  if (fault == NULL && looks_like_number (label))
    fault = "it is no address either";
  return fault;
}

char *
ea_resolver_canonicalize (const char *name, GError **error)
{
  gsize size = strlen (name);
  g_autofree char *canonical = g_ascii_strdown (name, (gssize) size);
  g_autofree char *shown = NULL;
  const char *fault;

  if (size > 0 && canonical[size - 1] == '.')
    canonical[size - 1] = '\0';
  fault = find_fault (canonical);
  if (fault == NULL)
    return g_steal_pointer (&canonical);

  shown = g_strescape (name, NULL);
  g_set_error (error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_BAD_NAME, "'%s' is not a host name: %s",
               shown, fault);
  return NULL;
}
