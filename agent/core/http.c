/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The head of an HTTP message: fields by name (RFC 9110 §5.1: names have no case). */

#include "core/http.h"

const EaHttpField *
ea_http_head_find (const EaHttpHead *head, const char *name)
{
  for (gsize i = 0; i < head->n_fields; i++)
    if (g_ascii_strcasecmp (head->fields[i].name, name) == 0)
      return &head->fields[i];
  return NULL;
}

const char *
ea_http_head_get (const EaHttpHead *head, const char *name)
{
  const EaHttpField *field = ea_http_head_find (head, name);

  return field != NULL ? field->value : NULL;
}
