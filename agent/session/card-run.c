/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One APDU with its 61XX and 6CXX follow-ups (TS 102 221 §7.3.1.1.4), and a run: open a channel, send each
 * command, close the channel whatever happened. One channel for the whole run keeps the card's state
 * between STORE DATA segments.
 */

#include "session/card-run.h"

#include "core/apdu.h"
#include "core/error.h"
#include "session/card.h"

typedef struct
{
  guint channel;
  GBytes *apdu;     /* what was sent last */
  GByteArray *data; /* of all responses so far that were followed up; NULL: none was */
  guint n_follow_ups;
} FollowUp;

static void
follow_up_free (gpointer data)
{
  FollowUp *follow_up = data;

  g_bytes_unref (follow_up->apdu);
  g_clear_pointer (&follow_up->data, g_byte_array_unref);
  g_free (follow_up);
}

static void transmit (GTask *task);

/* The next APDU of the chain; NULL when the exchange is complete. */
static GBytes *
get_next_command (const FollowUp *follow_up, guint16 sw)
{
  EaApduCommand command = { 0 };

  switch (ea_apdu_get_next (sw))
    {
    case EA_APDU_NEXT_NONE:
      return NULL;
    case EA_APDU_NEXT_GET_RESPONSE:
      command.cla = ea_apdu_code_channel (0x00, follow_up->channel);
      command.ins = EA_APDU_INS_GET_RESPONSE;
      break;
    case EA_APDU_NEXT_REPEAT:
      if (!ea_apdu_parse_command (&command, ea_span_from_bytes (follow_up->apdu), NULL))
        return NULL;
      break;
    }
  command.ne = ea_apdu_get_length (sw);
  return ea_apdu_build_command (&command);
}

static void
add_data (FollowUp *follow_up, EaSpan data)
{
  if (follow_up->data == NULL)
    follow_up->data = g_byte_array_new ();
  if (data.size > 0)
    g_byte_array_append (follow_up->data, data.data, (guint) data.size);
}

/* @last: the response that needs no follow-up, which most commands have at once */
static GBytes *
build_response (FollowUp *follow_up, GBytes *last)
{
  if (follow_up->data == NULL)
    return g_bytes_ref (last);
  add_data (follow_up, ea_span_from_bytes (last));
  return g_byte_array_free_to_bytes (g_steal_pointer (&follow_up->data));
}

static void
on_transmitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FollowUp *follow_up = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) response = ea_modem_transmit_finish (EA_MODEM (source), result, &error);
  g_autoptr (GBytes) next = NULL;
  EaApduResponse parsed;

  if (response == NULL || !ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  next = get_next_command (follow_up, parsed.sw);
  if (next == NULL)
    g_task_return_pointer (task, build_response (follow_up, response),
                           (GDestroyNotify) g_bytes_unref);
  else if (++follow_up->n_follow_ups > EA_CARD_FOLLOW_UPS_MAX)
    g_task_return_new_error (task, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT,
                             "The card answers %04X without end", parsed.sw);
  else
    {
      add_data (follow_up, parsed.data);
      g_bytes_unref (follow_up->apdu);
      follow_up->apdu = g_steal_pointer (&next);
      transmit (g_steal_pointer (&task));
    }
}

static void
transmit (GTask *task)
{
  const FollowUp *follow_up = g_task_get_task_data (task);

  ea_modem_transmit_async (g_task_get_source_object (task), follow_up->channel, follow_up->apdu,
                           g_task_get_cancellable (task), on_transmitted, task);
}

void
ea_card_follow_up_async (EaModem *modem, guint channel, GBytes *apdu, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (modem, cancellable, callback, user_data);
  FollowUp *follow_up = g_new0 (FollowUp, 1);

  follow_up->channel = channel;
  follow_up->apdu = g_bytes_ref (apdu);
  g_task_set_task_data (task, follow_up, follow_up_free);
  transmit (task);
}

GBytes *
ea_card_follow_up_finish (EaModem *modem, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  EaCardScript script;
  gpointer script_data;
  guint channel;
  guint n_commands; /* pulled */
  GError *error;    /* why the run ends early */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_clear_error (&run->error);
  g_free (run);
}

static void
on_channel_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);

  /* A channel that does not close stays in the modem's record and is closed at the next start. */
  (void) ea_modem_close_channel_finish (EA_MODEM (source), result, NULL);
  run->channel = 0;
  if (run->error != NULL)
    g_task_return_error (task, g_steal_pointer (&run->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void run_next (GTask *task);

static void
on_command_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GBytes) response = ea_card_follow_up_finish (EA_MODEM (source), result, &run->error);

  if (response != NULL)
    run->script.push (response, run->script_data);
  else
    g_prefix_error (&run->error, "Command %u: ", run->n_commands);
  run_next (task);
}

/* (transfer full) (nullable): the command with the channel in its class byte */
static GBytes *
code_channel (GBytes *apdu, guint channel, GError **error)
{
  EaApduCommand command;

  if (!ea_apdu_parse_command (&command, ea_span_from_bytes (apdu), error))
    return NULL;
  command.cla = ea_apdu_code_channel (command.cla, channel);
  return ea_apdu_build_command (&command);
}

/* (transfer full) (nullable): the next command for the channel; %NULL at the end */
static GBytes *
pull_command (Run *run)
{
  g_autoptr (GBytes) apdu = NULL;

  if (run->error != NULL)
    return NULL;
  apdu = run->script.pull (run->script_data);
  if (apdu == NULL)
    return NULL;
  run->n_commands++;
  return code_channel (apdu, run->channel, &run->error);
}

static gboolean
keeps_channel (const Run *run)
{
  return run->error == NULL && run->script.keeps_channel != NULL
         && run->script.keeps_channel (run->script_data);
}

static void
run_next (GTask *task)
{
  EaModem *modem = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  g_autoptr (GBytes) apdu = pull_command (run);

  if (apdu != NULL)
    ea_card_follow_up_async (modem, run->channel, apdu, NULL, on_command_done, task);
  else if (keeps_channel (run))
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
  else
    ea_modem_close_channel_async (modem, run->channel, NULL, on_channel_closed, task);
}

static void
on_channel_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;

  run->channel = ea_modem_open_channel_finish (EA_MODEM (source), result, &error);
  if (run->channel != 0)
    {
      run_next (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
ea_card_script_async (EaModem *modem, GBytes *aid, guint channel, const EaCardScript *script,
                      gpointer script_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (modem, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->script = *script;
  run->script_data = script_data;
  run->channel = channel;
  g_task_set_task_data (task, run, run_free);
  if (channel != 0)
    run_next (task);
  else /* Not cancellable: a channel that opens after all could not be closed. */
    ea_modem_open_channel_async (modem, aid, NULL, on_channel_opened, task);
}

gboolean
ea_card_script_finish (EaModem *modem, GAsyncResult *result, guint *channel, GError **error)
{
  const Run *run = g_task_get_task_data (G_TASK (result));
  gboolean is_run = g_task_propagate_boolean (G_TASK (result), error);

  *channel = is_run ? run->channel : 0;
  return is_run;
}
