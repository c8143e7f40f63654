/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_UNKNOWN 80
#define WIDTH_MAX 10000

#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"

gsize
ea_terminal_get_width (void)
{
  const char *wanted = g_getenv ("COLUMNS");
  struct winsize size = { 0 };
  guint64 width;

  if (!isatty (STDOUT_FILENO))
    return 0;
  if (wanted != NULL && g_ascii_string_to_unsigned (wanted, 10, 1, WIDTH_MAX, &width, NULL))
    return (gsize) width;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return WIDTH_UNKNOWN;
}

gboolean
ea_terminal_can_redraw (void)
{
  return isatty (STDOUT_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/* no-color.org: set, and not empty */
static gboolean
has_colours (void)
{
  const char *refused = g_getenv ("NO_COLOR");

  return ea_terminal_can_redraw () && (refused == NULL || refused[0] == '\0');
}

const char *
ea_terminal_get_bold (void)
{
  return has_colours () ? "\033[1m" : "";
}

const char *
ea_terminal_get_plain (void)
{
  return has_colours () ? "\033[0m" : "";
}

const char *
ea_terminal_get_colour (const char *state)
{
  static const char *const good[]
      = { "ready", "running", "established", "listening", "exchanging", "ok", NULL };
  static const char *const bad[] = { "failed", "dropped", "interrupted", NULL };

  if (!has_colours ())
    return "";
  if (g_strv_contains (good, state))
    return GREEN;
  return g_strv_contains (bad, state) ? RED : YELLOW;
}
