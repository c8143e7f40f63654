/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wait.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#define DEADLINE_S 30

static guint deadline_id;
static gboolean is_late;

static gboolean
on_deadline (gpointer user_data)
{
  is_late = TRUE;
  return G_SOURCE_CONTINUE;
}

void
wait_begin (void)
{
  g_autoptr (GSource) deadline = NULL;

  if (deadline_id != 0)
    g_source_remove (deadline_id); /* of a wait that failed */
  is_late = FALSE;
  deadline
      = g_timeout_source_new_seconds (DEADLINE_S); /* this one takes its time where others fly */
  g_source_set_callback (deadline, on_deadline, NULL, NULL);
  deadline_id = g_source_attach (deadline, NULL);
}

void
wait_step (const char *condition)
{
  if (is_late)
    fail_msg ("'%s' did not come true", condition);
  g_main_context_iteration (NULL, TRUE);
}

gboolean
wait_end (void)
{
  g_source_remove (deadline_id);
  deadline_id = 0;
  return FALSE;
}

void
run_ready (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}
