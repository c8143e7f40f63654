/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The line that `open-session --wait` redraws on a terminal. How much there is to come is never known: the SM-SR sends one
 * script after the other until it has no more. So there is no bar that fills: a mark moves to and fro while bytes flow, and
 * stands still while none do.
 */

/* Samples that a rate is taken over: those of the last seconds */
#define EA_PROGRESS_RATE_SAMPLES 20

typedef struct
{
  gint64 times_us[EA_PROGRESS_RATE_SAMPLES];
  guint64 n_bytes[EA_PROGRESS_RATE_SAMPLES];
  guint n_samples; /* ever added */
} EaProgressRate;

/* @n_bytes: in all, at @now_us of a monotonic clock */
void ea_progress_rate_add (EaProgressRate *self, gint64 now_us, guint64 n_bytes);

/* Bytes in a second between the oldest sample that is kept and the newest; 0 before there are two */
guint64 ea_progress_rate_get (const EaProgressRate *self);

/* @state: for people; @is_queued: nothing can flow yet; @n_moves: how often the mark was moved */
typedef struct
{
  const char *state;
  gboolean is_queued;
  gint64 elapsed_s;
  guint64 bytes_received;
  guint64 bytes_sent;
  guint64 bytes_per_second;
  guint n_apdus;
  guint n_moves;
} EaProgress;

/* (transfer full): in at most @n_columns, without the parts that there is no room for */
char *ea_progress_format (const EaProgress *self, gsize n_columns);

/* (transfer full): "512 B", "98.3 kB"; "0:12", "1:02:03" */
char *ea_progress_format_size (guint64 n_bytes);
char *ea_progress_format_duration (gint64 seconds);
