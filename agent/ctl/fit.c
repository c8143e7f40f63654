/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts and the columns of a terminal. */

#include "ctl/fit.h"

#include <string.h>

/* Fewer columns than this are not worth a line of their own. */
#define WRAP_COLUMNS_MIN 8

static gsize
get_character_width (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

/* (transfer full): without what a terminal would obey */
static char *
clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      g_string_append_unichar (clean, g_unichar_iscntrl (character) ? '?' : character);
    }
  return g_string_free (clean, FALSE);
}

gsize
ea_fit_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += get_character_width (g_utf8_get_char (p));
  return width;
}

/* In a locale that has no such character there are three. */
static const char *
get_ellipsis (void)
{
  return g_get_charset (NULL) ? "…" : "...";
}

/* Bytes of @text that take at most @n_columns */
static gsize
measure (const char *text, gsize n_columns)
{
  const char *p = text;
  gsize width = 0;

  while (*p != '\0' && width + get_character_width (g_utf8_get_char (p)) <= n_columns)
    {
      width += get_character_width (g_utf8_get_char (p));
      p = g_utf8_next_char (p);
    }
  return (gsize) (p - text);
}

char *
ea_fit_shorten (const char *text, gsize n_columns)
{
  g_autofree char *whole = clean (text);
  const char *ellipsis = get_ellipsis ();
  gsize n_kept;

  if (n_columns == 0 || ea_fit_width (whole) <= n_columns)
    return g_steal_pointer (&whole);
  n_kept = measure (whole, n_columns - MIN (ea_fit_width (ellipsis), n_columns));
  return g_strdup_printf ("%.*s%s", (int) n_kept, whole, ellipsis);
}

char *
ea_fit_shorten_number (const char *text, gsize n_columns)
{
  g_autofree char *whole = clean (text);
  const char *ellipsis = get_ellipsis ();
  gsize n_kept;

  if (n_columns == 0 || ea_fit_width (whole) <= n_columns)
    return g_steal_pointer (&whole);
  n_kept = n_columns - MIN (ea_fit_width (ellipsis), n_columns);
  while (ea_fit_width (whole) > n_kept)
    memmove (whole, g_utf8_next_char (whole), strlen (g_utf8_next_char (whole)) + 1);
  return g_strconcat (ellipsis, whole, NULL);
}

/* Bytes of @text for a line of @n_columns: up to the last blank that is in it, else as many as there is room for */
static gsize
find_break (const char *text, gsize n_columns)
{
  gsize n_fit = measure (text, n_columns);
  gsize n_taken = n_fit;

  if (text[n_fit] == '\0' || text[n_fit] == ' ')
    return n_fit;
  while (n_taken > 0 && text[n_taken - 1] != ' ')
    n_taken--;
  return n_taken > 0 ? n_taken : n_fit;
}

static void
append_line (GString *out, const char *text, gsize size)
{
  while (size > 0 && text[size - 1] == ' ')
    size--;
  g_string_append_len (out, text, (gssize) size);
}

char *
ea_fit_wrap (const char *text, gsize begin, gsize indent, gsize n_columns)
{
  g_autofree char *whole = clean (text);
  const char *rest = whole;
  gsize used = begin;
  GString *out;

  if (n_columns == 0 || n_columns < MAX (begin, indent) + WRAP_COLUMNS_MIN)
    return g_steal_pointer (&whole);
  out = g_string_new (NULL);
  while (ea_fit_width (rest) > n_columns - used)
    {
      gsize size = find_break (rest, n_columns - used);

      append_line (out, rest, size);
      g_string_append_printf (out, "\n%*s", (int) indent, "");
      rest += size;
      rest += strspn (rest, " ");
      used = indent;
    }
  g_string_append (out, rest);
  return g_string_free (out, FALSE);
}
