/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One line of progress, as wide as a terminal. */

#include "ctl/progress.h"

#include <string.h>

#include "ctl/fit.h"

#define GAP "  "
#define MARK "<=>"

/* What is left and right of the mark's way, and how long that is */
#define BAR_FRAME_COLUMNS 2
#define BAR_COLUMNS_MIN 7
#define BAR_COLUMNS_MAX 24

void
ea_progress_rate_add (EaProgressRate *self, gint64 now_us, guint64 n_bytes)
{
  guint at = self->n_samples++ % EA_PROGRESS_RATE_SAMPLES;

  self->times_us[at] = now_us;
  self->n_bytes[at] = n_bytes;
}

guint64
ea_progress_rate_get (const EaProgressRate *self)
{
  guint newest = (self->n_samples - 1) % EA_PROGRESS_RATE_SAMPLES;
  guint oldest
      = self->n_samples > EA_PROGRESS_RATE_SAMPLES ? self->n_samples % EA_PROGRESS_RATE_SAMPLES : 0;
  gint64 span_us;

  if (self->n_samples < 2)
    return 0;
  span_us = MAX (self->times_us[newest] - self->times_us[oldest], 1);
  return (guint64) ((double) (self->n_bytes[newest] - self->n_bytes[oldest]) * G_USEC_PER_SEC
                    / (double) span_us);
}

char *
ea_progress_format_size (guint64 n_bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB" };
  double size = (double) n_bytes / 1000;
  gsize unit = 0;

  if (n_bytes < 1000)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", n_bytes);
  while (size >= 999.95 && unit < G_N_ELEMENTS (units) - 1)
    {
      size /= 1000;
      unit++;
    }
  return g_strdup_printf ("%.1f %s", size, units[unit]);
}

char *
ea_progress_format_duration (gint64 seconds)
{
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600,
                          (int) (seconds / 60 % 60), (int) (seconds % 60));
}

/* Counts keep their place while they grow. */
static void
append_size (GString *line, guint64 n_bytes, const char *what)
{
  g_autofree char *size = ea_progress_format_size (n_bytes);

  g_string_append_printf (line, GAP "%8s%s", size, what);
}

/* To the right, and back */
static void
append_bar (GString *line, guint n_moves, gsize n_columns)
{
  guint n_places = (guint) (n_columns - BAR_FRAME_COLUMNS - strlen (MARK));
  guint place = n_moves % (2 * n_places);

  if (place > n_places)
    place = 2 * n_places - place;
  g_string_append_printf (line, GAP "[%*s" MARK "%*s]", (int) place, "", (int) (n_places - place),
                          "");
}

typedef enum
{
  PART_STATE,
  PART_BYTES,
  PART_ELAPSED,
  PART_APDUS,
  PART_RATE,
  N_PARTS
} Part;

/* The first @n_parts, in the order in which they are given up, written in the order of the line */
static GString *
build_line (const EaProgress *self, Part n_parts)
{
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "%-10s", self->state);
  if (n_parts > PART_ELAPSED)
    {
      g_autofree char *elapsed = ea_progress_format_duration (self->elapsed_s);

      g_string_append_printf (line, GAP "%5s", elapsed);
    }
  if (n_parts > PART_BYTES && !self->is_queued)
    {
      append_size (line, self->bytes_received, " in");
      append_size (line, self->bytes_sent, " out");
    }
  if (n_parts > PART_RATE && !self->is_queued)
    append_size (line, self->bytes_per_second, "/s");
  if (n_parts > PART_APDUS && !self->is_queued)
    g_string_append_printf (line, GAP "%5u APDU%s", self->n_apdus, self->n_apdus == 1 ? "" : "s");
  return line;
}

char *
ea_progress_format (const EaProgress *self, gsize n_columns)
{
  Part n_parts = N_PARTS;
  GString *line = build_line (self, n_parts);
  gsize room;
  g_autofree char *whole = NULL;

  while (ea_fit_width (line->str) > n_columns && n_parts > PART_STATE + 1)
    {
      g_string_free (line, TRUE);
      line = build_line (self, --n_parts);
    }
  room = n_columns - MIN (n_columns, ea_fit_width (line->str) + strlen (GAP));
  if (n_parts == N_PARTS && room >= BAR_COLUMNS_MIN && !self->is_queued)
    append_bar (line, self->n_moves, MIN (room, BAR_COLUMNS_MAX));
  whole = g_string_free (line, FALSE);
  return ea_fit_shorten (whole, n_columns);
}
