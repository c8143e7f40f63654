/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "mortal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KILLS_PER_MODEM 200
#define SCRIPTS_PER_KILL_MAX 20 /* else nothing is watched */
#define COMMANDS_MAX 40

void
mortal_init (Mortal *self, Rig *rig, guint n_otherwise, guint operations_max)
{
  guint seed = https_get_setting ("EA_TEST_SEED", g_random_int ());

  *self = (Mortal){
    .rig = rig,
    .operations_max = operations_max,
    .n_wanted = https_get_setting ("EA_TEST_KILLS", n_otherwise),
    .directory = realpath (rig->directory, NULL),
    .dice = g_rand_new_with_seed (seed),
    .n_until_renewal = KILLS_PER_MODEM,
    .runs = g_hash_table_new (NULL, NULL),
  };
  print_message ("EA_TEST_SEED=%u\n", seed);
}

void
mortal_clear (Mortal *self)
{
  free (self->directory);
  g_free (self->reply);
  g_hash_table_unref (self->runs);
  g_rand_free (self->dice);
}

/* The end of an agent that was replaced is no news. */
static void
on_agent_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Mortal *self = user_data;
  GSubprocess *agent = G_SUBPROCESS (source);

  if (agent != self->rig->agent)
    return;
  if (!self->is_mortal || !g_subprocess_get_if_signaled (agent)
      || g_subprocess_get_term_sig (agent) != SIGKILL)
    fail_msg ("the agent ended by itself, with wait status %d", g_subprocess_get_status (agent));
  self->has_ended = TRUE;
}

static guint
roll (Mortal *self)
{
  return (guint) g_rand_int_range (self->dice, 1, (gint) self->operations_max);
}

/* An agent that dies at the operation @at; 0: it lives. */
static void
spawn_agent (Mortal *self, guint at)
{
  static const char *const moments[] = { "before", "after", "half" };
  Rig *rig = self->rig;
  g_autofree char *number = g_strdup_printf ("%u", at);
  const char *const fatal[] = { "LD_PRELOAD",
                                g_getenv ("EA_TEST_KILL_AT"),
                                "ASAN_OPTIONS",
                                "verify_asan_link_order=0",
                                "EA_KILL_DIRECTORY",
                                self->directory,
                                "EA_KILL_AT",
                                number,
                                "EA_KILL_WHEN",
                                moments[g_rand_int_range (self->dice, 0, 3)],
                                NULL };

  rig->environment = at != 0 ? fatal : NULL;
  rig_spawn_agent (rig, NULL);
  rig->environment = NULL;
  self->is_mortal = at != 0;
  self->has_ended = FALSE;
  g_subprocess_wait_async (rig->agent, NULL, on_agent_ended, self);
}

static gboolean
is_over (gpointer data)
{
  const Mortal *self = data;

  return self->has_ended || self->reply != NULL;
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Mortal *self = user_data;
  g_autoptr (GError) error = NULL;

  self->reply = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result,
                                                           NULL, &error);
  if (self->reply == NULL)
    fail_msg ("the simulator has no reply: %s", error != NULL ? error->message : "it is gone");
}

/* The SM-SR's word, while one agent after the other dies */
static void
await_reply (Mortal *self)
{
  Rig *rig = self->rig;
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (rig->begun)));

  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_reply, self);
  for (;;)
    {
      if (!rig_await_that (is_over, self))
        fail_msg ("nothing happens any more");
      if (self->reply != NULL)
        break;
      self->n_kills++;
      g_clear_object (&rig->agent);
      spawn_agent (self, g_rand_boolean (self->dice) ? roll (self) : 0);
    }
  g_clear_object (&rig->begun);
}

guint
mortal_send (Mortal *self, const char *via)
{
  guint n_commands = (guint) g_rand_int_range (self->dice, 1, COMMANDS_MAX + 1);
  guint first = self->n_commands + 1;

  self->n_scripts++;
  self->n_commands += n_commands;
  if (!self->is_mortal)
    {
      rig_kill_agent (self->rig); /* if there is one */
      spawn_agent (self, roll (self));
    }
  g_clear_pointer (&self->reply, g_free);
  rig_begin_control (self->rig, "smsr send-script --generate %u --via %s", n_commands, via);
  await_reply (self);
  https_count_runs (self->rig, self->runs);
  return first;
}

void
mortal_judge (Mortal *self, const char *verdict, guint first)
{
  guint interrupted = 0; /* from 1; 0: none */

  if (sscanf (verdict, "error interrupted at command %u", &interrupted) == 1)
    self->n_interrupted++;
  else if (!g_str_has_prefix (verdict, "ok "))
    fail_msg ("%s", self->reply);
  for (guint number = first; number <= self->n_commands; number++)
    {
      guint place = number - first + 1;
      gboolean has_run = g_hash_table_contains (self->runs, GUINT_TO_POINTER (number));

      if ((interrupted == 0 || place < interrupted) && !has_run)
        fail_msg ("command %u was answered and not run: %s", number, self->reply);
      if (interrupted != 0 && place > interrupted && has_run)
        fail_msg ("command %u was run after an interrupted one: %s", number, self->reply);
    }
}

gboolean
mortal_renew_modem (Mortal *self)
{
  if (self->n_kills < self->n_until_renewal)
    return FALSE;
  rig_kill_agent (self->rig);
  rig_expect_control (self->rig, "ok", "hangup");
  rig_expect_control (self->rig, "ok", "replug");
  self->is_mortal = FALSE;
  self->n_until_renewal += KILLS_PER_MODEM;
  return TRUE;
}

gboolean
mortal_goes_on (Mortal *self)
{
  assert_true (self->n_scripts < SCRIPTS_PER_KILL_MAX * (self->n_kills + 10));
  return self->n_kills < self->n_wanted;
}
