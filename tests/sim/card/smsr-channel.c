/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The SM-SR's side of the eUICC's own connection, or an agent's: what goes over HTTPS, and what the end of
 * any connection means for the operation.
 */

#include "core/error.h"
#include "smsr-private.h"
#include "smsr-reply.h"
#include "smsr-script.h"

gboolean
sim_smsr_is_connected (const SimSmsr *smsr, SimSmsrProtocol protocol)
{
  return smsr->connection.is_open && smsr->connection.protocol == protocol;
}

void
sim_smsr_open_connection (SimSmsr *smsr, SimSmsrProtocol protocol)
{
  sim_smsr_closed (smsr, smsr->connection.protocol, "the eUICC has made another one");
  smsr->connection = (SimSmsrConnection){
    .is_open = TRUE,
    .protocol = protocol,
    .is_own
    = smsr->operation != NULL && !smsr->is_over && sim_smsr_get_protocol (smsr->via) == protocol,
  };
  smsr->n_connections += smsr->connection.is_own ? 1 : 0;
}

void
sim_smsr_https_opened (SimSmsr *smsr)
{
  g_autoptr (GError) error = NULL;

  sim_smsr_open_connection (smsr, SIM_SMSR_PROTOCOL_HTTPS);
  smsr->is_broken = FALSE;
  smsr->is_end_lost = FALSE;
  sim_smsr_admin_begin (smsr->admin);
  if (smsr->connection.is_own && !sim_smsr_check_addressee (smsr, &error))
    sim_smsr_fail (smsr, error);
}

/* The ISD-P that is enabled now, as far as the EIS knows */
static void
expect_notification (SimSmsr *smsr)
{
  GBytes *aid = sim_eis_find_state (&smsr->eis, SIM_SMSR_ENABLED);

  if (aid != NULL)
    sim_smsr_admin_expect (smsr->admin, ea_span_from_bytes (aid));
}

/* What has ordered a switch is told of it, unless nobody has promised that. */
static gboolean
is_notification_missing (const SimSmsr *smsr)
{
  return sim_smsr_operation_is_switch (smsr->operation) && smsr->notified == 0
         && (smsr->via == SIM_SMSR_VIA_BIP_HTTPS || smsr->options.awaits_notification);
}

gboolean
sim_smsr_await_notification (SimSmsr *smsr)
{
  if (!is_notification_missing (smsr))
    return FALSE;
  smsr->is_switched = TRUE;
  expect_notification (smsr);
  g_clear_pointer (&smsr->failure, g_free);
  return TRUE;
}

gboolean
sim_smsr_take_notified (SimSmsr *smsr, guint8 type, GError **error)
{
  smsr->notified = type;
  if (type == SIM_SMSR_NOTIFICATION_CHANGED)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
               "notification %02X: the profile was not changed as told", type);
  return FALSE;
}

void
sim_smsr_close_well (SimSmsr *smsr)
{
  if (smsr->verdict != NULL)
    sim_smsr_finish (smsr, g_steal_pointer (&smsr->verdict));
  else if (!sim_smsr_check_steps (smsr))
    return;
  else if (smsr->via == SIM_SMSR_VIA_CAT_TP && !smsr->is_proven)
    smsr->is_over = TRUE;
  else if (!sim_smsr_await_notification (smsr))
    sim_smsr_finish_well (smsr);
}

/* (transfer full): how the peer has ended a connection of which more was expected. An agent without a key for the packet
 * that it got says so to its own side only. */
static char *
describe_closing (const SimSmsr *smsr)
{
  const SimScp80Command *command = &smsr->packets.command;

  if (smsr->via != SIM_SMSR_VIA_CAT_TP)
    return g_strdup ("the eUICC has closed it");
  if (smsr->unanswered == NULL || smsr->options.is_sealed)
    return g_strdup ("the agent has closed it");
  return g_strdup_printf ("the agent has closed it and may have no key for TAR %06X and key set %d",
                          command->tar, command->kic >> 4);
}

/* An HTTPS session that broke is resumed by the eUICC, as the trigger's retry policy has it, and an agent takes up
 * its CAT_TP link, too. Either may end one in good form when it does not like what it gets. */
static void
lose (SimSmsr *smsr, const char *why, const char *awaited)
{
  g_autofree char *closed = describe_closing (smsr);
  g_autofree char *text = g_strdup_printf ("connection lost: %s, while waiting for %s",
                                           why == NULL ? closed : why, awaited);

  smsr->is_broken = smsr->via != SIM_SMSR_VIA_BIP_CAT_TP && (why != NULL || smsr->is_fault_ordered);
  if (smsr->is_broken)
    sim_smsr_note_failure (smsr, text);
  else
    sim_smsr_finish (smsr, g_strconcat ("error ", text, NULL));
}

void
sim_smsr_closed (SimSmsr *smsr, SimSmsrProtocol protocol, const char *why)
{
  SimSmsrConnection connection = smsr->connection;
  g_autofree char *awaited = NULL;

  if (!sim_smsr_is_connected (smsr, protocol))
    return; /* another one has taken its place */
  awaited = connection.is_own ? sim_smsr_describe_wait (smsr) : NULL;
  g_clear_pointer (&smsr->connection.sdu, g_bytes_unref);
  smsr->connection = (SimSmsrConnection){ 0 };
  if (!connection.is_own)
    return;
  if (smsr->verdict != NULL || (connection.is_done && why == NULL))
    sim_smsr_close_well (smsr);
  else if (connection.is_done && !smsr->is_fault_ordered)
    sim_smsr_finish (smsr, g_strdup_printf ("error connection lost at its end: %s", why));
  else
    {
      smsr->is_end_lost = connection.is_done;
      lose (smsr, why, awaited);
    }
}

gboolean
sim_smsr_is_waiting (const SimSmsr *smsr, SimSmsrProtocol protocol)
{
  return smsr->operation != NULL && sim_smsr_get_protocol (smsr->via) == protocol && !smsr->is_over
         && !smsr->connection.is_own;
}

void
sim_smsr_note_failure (SimSmsr *smsr, const char *why)
{
  g_free (smsr->failure);
  smsr->failure = g_strdup (why);
  smsr->n_failures++;
}

void
sim_smsr_set_fault (SimSmsr *smsr, gboolean is_on)
{
  smsr->is_fault_on = is_on;
  smsr->is_fault_ordered |= is_on;
}

static gboolean
check_confirmation (EaSpan script, GError **error)
{
  g_autoptr (GArray) answers = NULL;
  guint executed = 0;

  answers = sim_smsr_parse_answers (script, &executed, error);
  return answers != NULL && sim_smsr_check_answers (answers, executed, error);
}

static gboolean
take_confirmation (SimSmsr *smsr, EaSpan script, GError **error)
{
  if (!check_confirmation (script, error))
    {
      g_prefix_error (error, "HandleNotificationConfirmation: ");
      return FALSE;
    }
  sim_smsr_admin_confirm (smsr->admin, smsr->notification.sequence);
  sim_smsr_notifications_settle (smsr->notifications, script);
  if (!smsr->connection.is_own || !smsr->is_switched)
    return TRUE;
  return sim_smsr_take_notified (smsr, smsr->notification.type, error);
}

static gboolean
check_script_status (const SimSmsrPost *post, GError **error)
{
  if (g_strcmp0 (post->status, "ok") == 0)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "X-Admin-Script-Status is '%s'",
               post->status == NULL ? "" : post->status);
  return FALSE;
}

static gboolean
check_nothing (const SimSmsrPost *post, GError **error)
{
  if (post->status == NULL && post->script.size == 0)
    return TRUE;
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
               "The eUICC answers what nobody asked: status '%s', %" G_GSIZE_FORMAT " octets",
               post->status == NULL ? "" : post->status, post->script.size);
  return FALSE;
}

static gboolean
take_post (SimSmsr *smsr, const SimSmsrPost *post, GError **error)
{
  switch (smsr->sent)
    {
    case SIM_SMSR_SENT_NOTHING:
      return check_nothing (post, error);
    case SIM_SMSR_SENT_STEP:
      return !smsr->connection.is_own
             || (check_script_status (post, error)
                 && sim_smsr_operation_take (smsr->operation, post->script, error));
    case SIM_SMSR_SENT_CONFIRMATION:
      return check_script_status (post, error) && take_confirmation (smsr, post->script, error);
    }
  g_assert_not_reached ();
}

/* The session ends with a script whose response nobody wants. */
static SimHttpAnswer *
build_last_step (SimSmsr *smsr, const SimSmsrStep *step)
{
  SimHttpAnswer *answer
      = sim_smsr_admin_build_last_script (smsr->admin, step->target, step->script);

  smsr->sent = SIM_SMSR_SENT_NOTHING;
  smsr->connection.is_done = TRUE;
  sim_smsr_operation_skip (smsr->operation);
  return answer;
}

static SimHttpAnswer *
build_step (SimSmsr *smsr, const SimSmsrStep *step)
{
  if (smsr->n_pauses_left > 0)
    {
      smsr->n_pauses_left--;
      smsr->sent = SIM_SMSR_SENT_NOTHING;
      return sim_smsr_admin_build_pause (smsr->admin);
    }
  smsr->n_pauses_left = smsr->options.n_pauses;
  if (smsr->options.is_unanswered)
    return build_last_step (smsr, step);
  smsr->sent = SIM_SMSR_SENT_STEP;
  return sim_smsr_admin_build_script (smsr->admin, step->target, step->script);
}

static SimHttpAnswer *
build_answer (SimSmsr *smsr, const SimSmsrPost *post)
{
  g_autoptr (GBytes) confirmation = NULL;
  SimSmsrStep step = { 0 };

  if (post->has_notification
      && sim_smsr_notifications_add (smsr->notifications, &post->notification, "https"))
    {
      smsr->sent = SIM_SMSR_SENT_CONFIRMATION;
      smsr->notification = post->notification;
      confirmation
          = sim_smsr_build_confirmation (post->notification.sequence, SIM_SMSR_FORMAT_INDEFINITE);
      return sim_smsr_admin_build_script (smsr->admin, EA_SPAN_EMPTY,
                                          ea_span_from_bytes (confirmation));
    }
  if (!post->has_notification && smsr->connection.is_own && smsr->verdict == NULL
      && sim_smsr_operation_get_step (smsr->operation, &step))
    return build_step (smsr, &step);
  smsr->sent = SIM_SMSR_SENT_NOTHING;
  smsr->connection.is_done = TRUE;
  return sim_smsr_admin_build_end (smsr->admin);
}

/* The operation goes on waiting for the connection that it has asked for. */
static void
disown (SimSmsr *smsr, const GError *error)
{
  if (smsr->connection.is_own)
    {
      g_free (smsr->failure);
      smsr->failure = g_strdup (error->message);
      smsr->n_connections--;
    }
  smsr->connection.is_own = FALSE;
}

SimHttpAnswer *
sim_smsr_answer (SimSmsr *smsr, const SimHttpMessage *request, gboolean *must_close)
{
  g_autoptr (GError) error = NULL;
  SimSmsrPost post = { 0 };

  *must_close = !sim_smsr_is_connected (smsr, SIM_SMSR_PROTOCOL_HTTPS);
  if (*must_close)
    return sim_smsr_admin_build_refusal (smsr->admin);
  if (!sim_smsr_admin_take (smsr->admin, request, &post, &error))
    {
      if (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY))
        disown (smsr, error);
      if (smsr->connection.is_own)
        sim_smsr_fail (smsr, error);
      smsr->connection.is_done = TRUE;
      *must_close = TRUE;
      return sim_smsr_admin_build_refusal (smsr->admin);
    }
  if (post.is_resumed && smsr->connection.is_own)
    smsr->n_resumed++;
  if (post.is_repeated)
    {
      smsr->connection.is_done = sim_smsr_admin_is_over (smsr->admin);
      return sim_smsr_admin_repeat (smsr->admin);
    }
  if (post.is_first)
    smsr->sent = SIM_SMSR_SENT_NOTHING;
  if (!take_post (smsr, &post, &error) && smsr->connection.is_own)
    sim_smsr_fail (smsr, error);
  return build_answer (smsr, &post);
}

void
sim_smsr_lose_answer (SimSmsr *smsr)
{
  smsr->connection.is_done = FALSE;
}
