/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fault-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SCRIPT "80CA005A00\n80F24002024F0000\n80CAFF2100\n"
#define GOOD_REPLY " executed=3 sw=9000,9000,9000 "

static void
assert_begins (const char *actual, const char *expected, const char *when)
{
  if (!g_str_has_prefix (actual, expected))
    fail_msg ("%s: '%s' does not begin with '%s'", when, actual, expected);
}

void
fault_rig_order (FaultRig *self, const char *command)
{
  g_autofree char *reply = rig_control (self->rig, "%s", command);

  assert_begins (reply, "ok", command);
}

void
fault_rig_tell_name (FaultRig *self, const char *words)
{
  g_autofree char *command = g_strconcat ("dns " FAULT_NAME " --ttl 0 ", words, NULL);

  fault_rig_order (self, command);
}

/* There may be others between: for answers that were left. */
void
fault_rig_open_session (FaultRig *self)
{
  self->n_sessions = https_open_session_over (self->rig, self->setup->via, "{}") + 1;
}

/* The second session of an agent needs nothing that the first has not opened for good. */
void
fault_rig_start (FaultRig *self, Rig *rig, const FaultSetup *setup)
{
  rig_keep_log (rig);
  https_start_with (rig, setup->session, setup->host);
  *self = (FaultRig){ .rig = rig, .setup = setup, .news = https_news_new (rig) };
  fault_rig_tell_name (self, FAULT_ADDRESS);
  fault_rig_open_session (self);
  https_news_await_result (self->news, 0, "ok");
  rig_await_simulator (rig, "\"logical_channels\":[]");
  self->n_files = https_count_settled_files (rig);
}

void
fault_rig_end (FaultRig *self)
{
  https_news_free (self->news);
  rig_stop_agent (self->rig);
}

void
fault_rig_begin_operation (FaultRig *self, const char *options)
{
  g_autofree char *path = g_build_filename (self->rig->directory, "script", NULL);

  assert_true (g_file_set_contents (path, SCRIPT, -1, NULL));
  rig_begin_control (self->rig, "smsr send-script %s --via %s %s %s", path, self->setup->via,
                     self->setup->options, options);
  g_free (rig_control (self->rig, "state")); /* it has begun before */
}

void
fault_rig_expect_good_reply (FaultRig *self, const char *when)
{
  g_autofree char *reply = rig_end_control (self->rig);

  assert_begins (reply, "ok ", when);
  if (strstr (reply, GOOD_REPLY) == NULL)
    fail_msg ("%s: '%s' does not have '%s'", when, reply, GOOD_REPLY);
}

void
fault_rig_expect_end (FaultRig *self, const FaultRow *row, gsize log_size)
{
  guint number = self->n_sessions - 1;
  g_autofree char *error = NULL;
  g_autofree char *log = NULL;
  g_autofree char *line = NULL;

  https_news_await_result (self->news, number, row->result);
  error = https_get_error (self->rig, number);
  log = rig_read_log (self->rig);
  if (strcmp (error, row->error) != 0)
    fail_msg ("%s: the error is '%s', not '%s'", row->fault, error, row->error);
  line = g_strconcat (strcmp (row->result, "failed") == 0 ? "has failed: " : "", row->line, NULL);
  if (strstr (log + log_size, line) == NULL)
    fail_msg ("%s: the journal has no '%s':\n%s", row->fault, line, log + log_size);
  https_await_nothing_left (self->rig, self->n_files);
}

void
fault_rig_end_fault (FaultRig *self)
{
  fault_rig_order (self, "fail smsr off");
  fault_rig_order (self, "fail card C2 0");
  fault_rig_order (self, "fail card F2 0");
  fault_rig_order (self, "fail uim 0x3B 0");
}

void
fault_rig_have_clean_session (FaultRig *self, const char *when)
{
  g_autofree char *error = NULL;

  fault_rig_open_session (self);
  https_news_await_result (self->news, self->n_sessions - 1, "ok");
  error = https_get_error (self->rig, self->n_sessions - 1);
  if (error[0] != '\0')
    fail_msg ("after %s: %s", when, error);
  https_await_nothing_left (self->rig, self->n_files);
}

static void
expect_reply (FaultRig *self, const FaultRow *row)
{
  g_autofree char *reply = rig_end_control (self->rig);

  assert_begins (reply, row->reply, row->fault);
}

static void
meet_one (FaultRig *self, const FaultRow *row)
{
  g_autofree char *log = rig_read_log (self->rig);

  fault_rig_order (self, row->fault);
  fault_rig_begin_operation (self, "--no-trigger");
  fault_rig_open_session (self);
  fault_rig_expect_end (self, row, strlen (log));
  fault_rig_end_fault (self);
  if (row->reply != NULL)
    {
      expect_reply (self, row);
      fault_rig_begin_operation (self, "--no-trigger");
    }
  fault_rig_have_clean_session (self, row->fault);
  fault_rig_expect_good_reply (self, row->fault);
}

void
fault_rig_meet (Rig *rig, const FaultSetup *setup, const FaultRow *rows, gsize n_rows)
{
  FaultRig self;

  fault_rig_start (&self, rig, setup);
  for (gsize i = 0; i < n_rows; i++)
    meet_one (&self, &rows[i]);
  fault_rig_end (&self);
}

static gboolean
is_waiting (gpointer data)
{
  const FaultRig *self = data;
  const char *states = https_news_get_states (self->news, self->n_sessions - 1);

  return strstr (states, "waiting") != NULL || strstr (states, "closed") != NULL;
}

/* Whatever was repeated, the card has got each command once. */
static void
expect_each_once (FaultRig *self, const FaultRow *row)
{
  static const char *const commands[] = { " 81CA005A00 ", " 81F24002024F0000 ", " 81CAFF2100 " };
  g_autofree char *ledger = rig_control (self->rig, "ledger");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (https_count (ledger, commands[i]) != 1)
      fail_msg ("%s: command %zu has not run once:\n%s", row->fault, i + 1, ledger);
}

static void
recover_one (FaultRig *self, const FaultRow *row)
{
  const FaultRow recovered = { row->fault, row->error, "ok", row->line, NULL };
  g_autofree char *log = rig_read_log (self->rig);

  g_free (rig_control (self->rig, "ledger"));
  fault_rig_order (self, row->fault);
  fault_rig_begin_operation (self, "");
  self->n_sessions++;
  if (!rig_await_that (is_waiting, self))
    fail_msg ("%s: no attempt has failed", row->fault);
  fault_rig_end_fault (self);
  fault_rig_expect_end (self, &recovered, strlen (log));
  fault_rig_expect_good_reply (self, row->fault);
  expect_each_once (self, row);
}

void
fault_rig_recover (Rig *rig, const FaultSetup *setup, const FaultRow *rows, gsize n_rows)
{
  FaultRig self;

  fault_rig_start (&self, rig, setup);
  for (gsize i = 0; i < n_rows; i++)
    recover_one (&self, &rows[i]);
  fault_rig_end (&self);
}
