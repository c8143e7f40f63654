/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Waiting for something that the main loop brings, with a deadline. */

/* Runs the main loop until @condition holds; fails the test when that takes too long. */
#define WAIT_FOR(condition)                                                                        \
  for (wait_begin (); !(condition) || wait_end ();)                                                \
  wait_step (#condition)

void wait_begin (void);
void wait_step (const char *condition);
gboolean wait_end (void);

/* Runs what the main loop has to do now, without waiting. */
void run_ready (void);
