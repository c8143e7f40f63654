/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pulls the messages of one operation and delivers them one after the other, brings back what the
 * card sends, and knows when to give up.
 */
#include "smsr-runner.h"

#include <string.h>

#include "network.h"
#include "smsr.h"

/* Longer than the network waits for an acknowledgement from a client that has been killed, and than another one
 * needs to start */
#define DEFAULT_TIMEOUT_S 60
#define TIMEOUT_MAX_S 3600

struct _SimSmsrRunner
{
  SimNetwork *network;
  SimSmsrServer *server; /* NULL: there is none */
  SimSmsr *smsr;
  SimReply *reply; /* NULL: no operation */
  guint timeout;
  guint timeout_s;
  gboolean is_delivering;
  guint n_stale; /* deliveries of operations that have ended */
};

static void pump (SimSmsrRunner *runner);
static void start_timeout (SimSmsrRunner *runner);

gboolean
sim_smsr_runner_give_up (SimSmsrRunner *runner)
{
  if (runner->reply == NULL)
    return FALSE;
  g_clear_handle_id (&runner->timeout, g_source_remove);
  sim_smsr_give_up (runner->smsr);
  if (runner->server != NULL)
    sim_smsr_server_settle (runner->server, runner->smsr);
  pump (runner);
  if (runner->reply != NULL)
    start_timeout (runner);
  return TRUE;
}

static gboolean
on_timeout (gpointer user_data)
{
  SimSmsrRunner *runner = user_data;

  runner->timeout = 0;
  (void) sim_smsr_runner_give_up (runner); /* there is an operation as long as there is a timeout */
  return G_SOURCE_REMOVE;
}

static void
start_timeout (SimSmsrRunner *runner)
{
  guint wait_s = sim_smsr_get_wait (runner->smsr);

  g_clear_handle_id (&runner->timeout, g_source_remove);
  runner->timeout
      = g_timeout_add_seconds (wait_s > 0 ? wait_s : runner->timeout_s, on_timeout, runner);
}

static void
on_changed (gpointer user_data)
{
  SimSmsrRunner *runner = user_data;

  if (runner->reply == NULL)
    return;
  start_timeout (runner);
  pump (runner);
}

SimSmsrRunner *
sim_smsr_runner_new (SimNetwork *network, SimSmsrServer *server, SimCard *card)
{
  const char *eid = sim_card_get_eid (card);
  SimSmsrRunner *runner = g_new0 (SimSmsrRunner, 1);

  runner->network = network;
  runner->server = server;
  runner->smsr = sim_smsr_new (eid);
  sim_smsr_set_card (runner->smsr, card);
  if (server != NULL)
    sim_smsr_server_add (server, eid, runner->smsr, on_changed, runner);
  return runner;
}

void
sim_smsr_runner_free (SimSmsrRunner *runner)
{
  g_clear_handle_id (&runner->timeout, g_source_remove);
  g_clear_pointer (&runner->reply, sim_reply_free);
  if (runner->server != NULL)
    sim_smsr_server_remove (runner->server, runner->smsr);
  sim_smsr_free (runner->smsr);
  g_free (runner);
}

void
sim_smsr_runner_set_agent_keys (SimSmsrRunner *runner, guint8 key_set)
{
  sim_smsr_set_agent_keys (runner->smsr, key_set);
}

static void
on_delivered (const SimOutcome *outcome, gpointer user_data)
{
  SimSmsrRunner *runner = user_data;

  if (runner->n_stale > 0)
    {
      runner->n_stale--;
      return;
    }
  runner->is_delivering = FALSE;
  sim_smsr_delivered (runner->smsr, outcome->was_accepted, outcome->rp_cause, outcome->tp_cause);
  sim_smsr_receive_report (runner->smsr, outcome->report);
  start_timeout (runner);
  pump (runner);
}

static void
on_confirmed (const SimOutcome *outcome, gpointer user_data)
{
}

/* A notification may come when no operation is under way. */
static void
pump_confirmations (SimSmsrRunner *runner)
{
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_confirmation (runner->smsr)) != NULL)
    {
      sim_network_deliver_insistently (runner->network, tpdu, on_confirmed, NULL, NULL);
      g_bytes_unref (tpdu);
    }
}

static void
finish (SimSmsrRunner *runner, const char *text)
{
  g_clear_handle_id (&runner->timeout, g_source_remove);
  if (runner->is_delivering)
    runner->n_stale++;
  runner->is_delivering = FALSE;
  sim_network_stop_repeating (runner->network, runner);
  sim_reply_finish (g_steal_pointer (&runner->reply), text);
}

static void
pump (SimSmsrRunner *runner)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) tpdu = NULL;

  pump_confirmations (runner);
  if (runner->reply == NULL)
    return;
  text = sim_smsr_pull_reply (runner->smsr);
  if (text != NULL)
    {
      finish (runner, text);
      return;
    }
  if (runner->is_delivering || (tpdu = sim_smsr_pull_tpdu (runner->smsr)) == NULL)
    return;
  runner->is_delivering = TRUE;
  sim_network_deliver_insistently (runner->network, tpdu, on_delivered, runner, NULL);
}

/* (transfer container): @words without "--timeout S"; NULL when S is no number of seconds */
static GPtrArray *
take_timeout (const char *const *words, guint *timeout_s)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  guint64 seconds;

  for (; *words != NULL; words++)
    {
      if (strcmp (*words, "--timeout") != 0)
        {
          g_ptr_array_add (rest, (gpointer) *words);
          continue;
        }
      words++;
      if (*words == NULL
          || !g_ascii_string_to_unsigned (*words, 10, 1, TIMEOUT_MAX_S, &seconds, NULL))
        return NULL;
      *timeout_s = (guint) seconds;
    }
  g_ptr_array_add (rest, NULL);
  return g_steal_pointer (&rest);
}

void
sim_smsr_runner_start (SimSmsrRunner *runner, const char *const *words, SimReply *reply)
{
  g_autoptr (GPtrArray) rest = NULL;
  g_autoptr (GError) error = NULL;
  guint timeout_s = DEFAULT_TIMEOUT_S;

  rest = take_timeout (words, &timeout_s);
  if (rest == NULL)
    {
      sim_reply_finish (reply, "error --timeout wants a number of seconds");
      return;
    }
  if (runner->reply != NULL)
    {
      sim_reply_finish (reply, "error busy: an operation is under way");
      return;
    }
  if (!sim_smsr_start (runner->smsr, (const char *const *) rest->pdata, &error))
    {
      sim_reply_finish_printf (reply, "error %s", error->message);
      return;
    }
  runner->reply = reply;
  runner->timeout_s = timeout_s;
  start_timeout (runner);
  pump (runner);
}

void
sim_smsr_runner_receive (SimSmsrRunner *runner, EaSpan submit_tpdu)
{
  sim_smsr_receive (runner->smsr, submit_tpdu);
  pump (runner);
}

SimSmsr *
sim_smsr_runner_get_smsr (SimSmsrRunner *runner)
{
  return runner->smsr;
}
