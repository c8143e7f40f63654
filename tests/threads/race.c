/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two threads count in one place: "guarded" by a lock of GLib's, or "bare". ThreadSanitizer has to see the
 * difference. */

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 1000

static struct
{
  GMutex mutex;
  guint number;
} counter;

static gpointer
count (gpointer is_guarded)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      if (GPOINTER_TO_INT (is_guarded))
        g_mutex_lock (&counter.mutex);
      counter.number++;
      if (GPOINTER_TO_INT (is_guarded))
        g_mutex_unlock (&counter.mutex);
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  gpointer is_guarded = GINT_TO_POINTER (argc == 2 && strcmp (argv[1], "guarded") == 0);
  GThread *threads[2];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("count", count, is_guarded);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    (void) g_thread_join (threads[i]);
  return EXIT_SUCCESS;
}
