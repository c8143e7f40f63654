/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Of a line that is too long the beginning is kept, of too many lines the first ones. */

#include "host/hook-output.h"

#include "host/hooks.h"

#define LEFT_OUT "(it writes more, which is left out)"

void
ea_hook_output_init (EaHookOutput *self)
{
  ea_hook_output_clear (self);
  self->line = g_string_new (NULL);
  self->n_lines = 0;
}

void
ea_hook_output_clear (EaHookOutput *self)
{
  if (self->line != NULL)
    g_string_free (self->line, TRUE);
  self->line = NULL;
}

/* (transfer full) */
static char *
make_printable (const char *line)
{
  g_autofree char *valid = g_utf8_make_valid (line, -1);
  GString *printable = g_string_new (NULL);

  for (const char *rest = valid; *rest != '\0'; rest = g_utf8_next_char (rest))
    {
      gunichar character = g_utf8_get_char (rest);

      g_string_append_unichar (printable, g_unichar_isprint (character) ? character : ' ');
    }
  return g_string_free (printable, FALSE);
}

static void
tell_line (EaHookOutput *self, EaHookLineFunc func, gpointer user_data)
{
  g_autofree char *printable = NULL;

  if (self->line->len > 0 && self->n_lines <= EA_HOOKS_LINES_MAX)
    {
      printable = make_printable (self->line->str);
      func (self->n_lines < EA_HOOKS_LINES_MAX ? printable : LEFT_OUT, user_data);
      self->n_lines++;
    }
  g_string_truncate (self->line, 0);
}

void
ea_hook_output_take (EaHookOutput *self, const char *data, gsize size, EaHookLineFunc func,
                     gpointer user_data)
{
  for (gsize i = 0; i < size; i++)
    if (data[i] == '\n')
      tell_line (self, func, user_data);
    else if (self->line->len < EA_HOOKS_LINE_MAX)
      g_string_append_c (self->line, data[i] != '\0' ? data[i] : ' ');
}

void
ea_hook_output_end (EaHookOutput *self, EaHookLineFunc func, gpointer user_data)
{
  tell_line (self, func, user_data);
}
