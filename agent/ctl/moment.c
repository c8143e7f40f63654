/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/moment.h"

#include <string.h>

#define DATE_CHARACTERS 10
#define DIGITS_MAX 9

static const struct
{
  const char *name;
  guint seconds;
} units[] = { { "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 604800 } };

static gboolean
parse_span (const char *text, guint64 *span_us)
{
  gsize n_digits = strspn (text, "0123456789");

  if (n_digits == 0 || n_digits > DIGITS_MAX)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].name, text + n_digits) == 0)
      {
        *span_us = g_ascii_strtoull (text, NULL, 10) * units[i].seconds * G_USEC_PER_SEC;
        return TRUE;
      }
  return FALSE;
}

/* (transfer full) (nullable) */
static GDateTime *
parse_date (const char *text)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autofree char *whole
      = strlen (text) == DATE_CHARACTERS ? g_strconcat (text, "T00:00:00", NULL) : g_strdup (text);

  return g_date_time_new_from_iso8601 (whole, zone);
}

gboolean
ea_moment_parse (const char *text, guint64 now_us, guint64 *moment_us)
{
  g_autoptr (GDateTime) date = NULL;
  guint64 span_us;

  if (parse_span (text, &span_us))
    {
      *moment_us = now_us - MIN (span_us, now_us);
      return TRUE;
    }
  date = parse_date (text);
  if (date == NULL || g_date_time_to_unix (date) < 0)
    return FALSE;
  *moment_us = (guint64) g_date_time_to_unix (date) * G_USEC_PER_SEC
               + (guint64) g_date_time_get_microsecond (date);
  return TRUE;
}
