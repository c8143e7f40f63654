/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sources of another context among those of the default one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/context-source.h"

#define N_IDLES 1000

typedef struct
{
  GMainContext *inner;
  GMainContext *outer;
  GSource *source;
  guint n_dispatched; /* in the outer context's thread */
} Rig;

static int
setup (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->inner = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);
  rig->outer = g_main_context_new ();
  *state = rig;
  return 0;
}

static int
teardown (void **state)
{
  Rig *rig = *state;

  g_source_destroy (rig->source);
  g_source_unref (rig->source);
  g_main_context_unref (rig->inner);
  g_main_context_unref (rig->outer);
  g_free (rig);
  return 0;
}

static void
begin (Rig *rig)
{
  rig->source = ea_context_source_new (rig->inner);
  g_source_attach (rig->source, rig->outer);
}

static gboolean
on_idle (gpointer user_data)
{
  ((Rig *) user_data)->n_dispatched++;
  return G_SOURCE_REMOVE;
}

static void
add_idle (Rig *rig, gint priority)
{
  g_autoptr (GSource) idle = g_idle_source_new ();

  g_source_set_priority (idle, priority);
  g_source_set_callback (idle, on_idle, rig, NULL);
  g_source_attach (idle, rig->inner);
}

static void
run_until (Rig *rig, guint n_dispatched)
{
  while (rig->n_dispatched < n_dispatched)
    (void) g_main_context_iteration (rig->outer, TRUE);
}

/* Nothing is left that would wake the loop up. */
static void
assert_silent (Rig *rig)
{
  while (g_main_context_iteration (rig->outer, FALSE))
    ;
  assert_false (g_main_context_pending (rig->outer));
}

static void
test_sources_that_wait_already_are_dispatched (void **state)
{
  Rig *rig = *state;

  add_idle (rig, G_PRIORITY_DEFAULT);
  begin (rig);

  run_until (rig, 1);
  assert_silent (rig);
}

static void
test_sources_of_all_priorities_are_dispatched (void **state)
{
  Rig *rig = *state;

  begin (rig);
  assert_silent (rig);
  add_idle (rig, G_PRIORITY_LOW);
  add_idle (rig, G_PRIORITY_DEFAULT);
  add_idle (rig, G_PRIORITY_HIGH);

  run_until (rig, 3);
  assert_silent (rig);
}

static gpointer
add_many (gpointer user_data)
{
  for (guint i = 0; i < N_IDLES; i++)
    add_idle (user_data, i % 2 == 0 ? G_PRIORITY_DEFAULT : G_PRIORITY_LOW);
  return NULL;
}

static void
test_sources_of_another_thread_are_dispatched (void **state)
{
  Rig *rig = *state;
  GThread *thread;

  begin (rig);
  assert_silent (rig);
  thread = g_thread_new ("adds", add_many, rig);
  run_until (rig, N_IDLES);
  (void) g_thread_join (thread);

  assert_int_equal (rig->n_dispatched, N_IDLES);
  assert_silent (rig);
}

static gboolean
on_chain (gpointer user_data)
{
  Rig *rig = user_data;

  if (++rig->n_dispatched < N_IDLES)
    {
      g_autoptr (GSource) next = g_idle_source_new ();

      g_source_set_callback (next, on_chain, rig, NULL);
      g_source_attach (next, rig->inner);
    }
  return G_SOURCE_REMOVE;
}

static void
test_a_source_that_adds_another_one_has_it_dispatched (void **state)
{
  Rig *rig = *state;
  g_autoptr (GSource) first = g_idle_source_new ();

  begin (rig);
  g_source_set_callback (first, on_chain, rig, NULL);
  g_source_attach (first, rig->inner);

  run_until (rig, N_IDLES);
  assert_silent (rig);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WITH_RIG (test_sources_that_wait_already_are_dispatched),
    WITH_RIG (test_sources_of_all_priorities_are_dispatched),
    WITH_RIG (test_sources_of_another_thread_are_dispatched),
    WITH_RIG (test_a_source_that_adds_another_one_has_it_dispatched),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
