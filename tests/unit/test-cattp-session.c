/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One CAT_TP session (agent/session/cattp-session.h) with the simulator's endpoint as the SM-SR. The card is played: what it
 * is to get is seen, and answered when the test says so.
 */

#include "session/cattp-session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cattp-peer.h"
#include "endpoint-rig.h"
#include "wait.h"

#define RECORD_NAME "0"
#define SM_SR "127.0.0.1"
#define LOOPBACK "lo"
#define RETRIES 2
#define STRANGERS 17 /* one more than a link may bring */

/* The command packet of tests/unit/test-sms.c, which tshark and pySim read, as a whole TP-UD, and what is its answer */
#define SEALED                                                                                     \
  "0270000028151619"                                                                               \
  "1212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define ANSWER "027100000B0A000000000000000000000000"
#define OTHER_ANSWER "027100000B0A000000000000000000000001"

/* The script of tests/unit/test-endpoint-sdu.c, with CNTR 4, and its answer: made with openssl */
#define AGENTS_SDU                                                                                 \
  "0128151639121200000187CB920B574B4A289C74CBAE1C0CEDE1FB1EF62F2B94E5C9B96AA91A72A209CE"
#define AGENTS_ANSWER                                                                              \
  "023412000001902ED881B16C6B8B70AB30FD5F2DC2A6333A4E577F5B3A1F2FD293E62898550131016FC106452DC470" \
  "287269F61645D7"
#define EID_DATA "5A10" RIG_EID
#define RUN RIG_OPEN "\napdu 1 81CA005A00\nclose 1"

void __wrap_ea_sealed_carry_async (EaSealed *self, GBytes *sdu, const char *originator,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean __wrap_ea_sealed_carry_finish (EaSealed *self, GAsyncResult *result, GBytes **answer,
                                        GError **error);

/* What the card has, of GTask: the oldest first */
static GQueue carried;

typedef struct
{
  EndpointRig *endpoint;
  CattpPeer *peer;
  EaSessionContext context;
  EaModemManager *modem_manager;
  EaAddressPolicy *policy;
  EaConfig *config;
  EaCattpSession *runner; /* NULL: it has ended */
  EaSession *session;
  guint n_ended;
  guint n_idle;
} Bench;

void
__wrap_ea_sealed_carry_async (EaSealed *self, GBytes *sdu, const char *originator,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  assert_bytes_are (sdu, SEALED);
  g_queue_push_tail (&carried, task);
}

gboolean
__wrap_ea_sealed_carry_finish (EaSealed *self, GAsyncResult *result, GBytes **answer,
                               GError **error)
{
  *answer = g_task_propagate_pointer (G_TASK (result), error);
  return *answer != NULL;
}

/* The card answers what it has had for longest; after a cancellation nobody hears it. */
static void
answer_as_card (const char *answer)
{
  g_autoptr (GTask) task = g_queue_pop_head (&carried);

  g_task_return_pointer (task, bytes_of (answer), (GDestroyNotify) g_bytes_unref);
}

static void
on_ended (EaSessionRunner *runner, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_ended++;
  g_clear_object (&bench->runner);
}

static void
on_idle (EaSessionRunner *runner, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_idle++;
}

static EaSessionOrder *
make_order (Bench *bench)
{
  EaSessionOrder *order = g_new0 (EaSessionOrder, 1);

  order->transport = EA_SESSION_CAT_TP;
  order->eid = g_strdup (RIG_EID);
  order->name = g_strdup (SM_SR);
  order->port = bench->peer->port;
  order->host = g_strdup ("");
  order->uri = g_strdup ("");
  order->cattp_port = CATTP_PEER_PORT;
  order->max_sdu = EA_SESSION_SDU_MAX;
  order->interface = g_strdup (LOOPBACK);
  order->apn = g_strdup ("");
  order->retry.n_max = RETRIES;
  order->timeout_s = 20;
  return order;
}

static void
fill_context (Bench *bench)
{
  static const EaBearersOptions bearers
      = { .use = EA_BEARER_USE_EXISTING, .apn = "", .interface = LOOPBACK, .path = "/dev/null" };
  EndpointRig *rig = bench->endpoint;

  bench->context = (EaSessionContext){
    .store = rig->store,
    .name = (char *) RECORD_NAME,
    .keys = rig->keys,
    .resolver = ea_resolver_new (),
    .activity = rig->activity,
    .log = &rig->log,
    .config = bench->config,
    .policy = bench->policy,
    .bearers = ea_bearers_new (bench->modem_manager, &bearers),
    .modem = EA_MODEM (rig->modem),
    .card = rig->card,
    .endpoint = ea_ota_get_endpoint (rig->ota),
    .sealed = ea_sealed_new (EA_MODEM (rig->modem), rig->card, &rig->log),
    .is_ready = TRUE,
    .eid = (char *) RIG_EID,
  };
}

static void
begin (Bench *bench)
{
  EaSessionOrder *order = make_order (bench);
  EaSessionStore *store = ea_session_store_new (bench->context.store, RECORD_NAME, order, NULL);

  assert_non_null (store);
  bench->runner = ea_cattp_session_new (&bench->context, order, store);
  bench->session = g_object_ref (ea_session_runner_get_session (EA_SESSION_RUNNER (bench->runner)));
  g_signal_connect (bench->runner, "ended", G_CALLBACK (on_ended), bench);
  g_signal_connect (bench->runner, "idle", G_CALLBACK (on_idle), bench);
  ea_session_runner_start (EA_SESSION_RUNNER (bench->runner));
}

static int
setup (void **state)
{
  static const char *const allowed[] = { SM_SR, NULL };
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = NULL;
  Bench *bench = g_new0 (Bench, 1);

  g_queue_init (&carried);
  bench->endpoint = endpoint_rig_new ();
  path = g_build_filename (bench->endpoint->keys_directory, "agent.conf", NULL);
  assert_true (g_file_set_contents (path, "", -1, NULL));
  bench->config = ea_config_load (path, problems);
  bench->policy = ea_address_policy_new (allowed, NULL, NULL);
  bench->modem_manager = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);
  bench->peer = cattp_peer_new ();
  fill_context (bench);
  begin (bench);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  g_clear_object (&bench->runner);
  g_object_unref (bench->session);
  while (carried.length > 0)
    answer_as_card (ANSWER);
  fake_time_let_fly (); /* links linger */
  cattp_peer_leave (bench->peer);
  run_ready ();
  fake_time_stop ();
  g_object_unref (bench->context.sealed);
  g_object_unref (bench->context.bearers);
  g_object_unref (bench->context.resolver);
  g_object_unref (bench->modem_manager);
  ea_address_policy_free (bench->policy);
  ea_config_free (bench->config);
  cattp_peer_free (bench->peer);
  endpoint_rig_free (bench->endpoint);
  g_free (bench);
  return 0;
}

static void
expect_sdu (Bench *bench, const char *sdu)
{
  g_autofree char *taken = cattp_peer_await_sdu (bench->peer);

  assert_string_equal (taken, sdu);
}

/* The SM-SR has a link, and the card a packet of it. */
static void
open_and_carry (Bench *bench)
{
  cattp_peer_await_link (bench->peer, 1);
  cattp_peer_send (bench->peer, SEALED);
  WAIT_FOR (carried.length == 1);
}

static void
expect_end (Bench *bench, EaSessionResult result)
{
  g_auto (GStrv) records = NULL;

  WAIT_FOR (bench->n_ended > 0);
  assert_int_equal (bench->n_ended, 1);
  assert_int_equal (ea_session_get_state (bench->session), EA_SESSION_CLOSED);
  assert_int_equal (ea_session_get_result (bench->session), result);
  records = ea_session_store_list (bench->context.store, RECORD_NAME);
  assert_int_equal (g_strv_length (records), 0);
}

static void
test_a_packet_for_the_euicc_is_answered_by_the_card (void **state)
{
  Bench *bench = *state;

  open_and_carry (bench);
  answer_as_card (ANSWER);
  expect_sdu (bench, ANSWER);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);

  expect_end (bench, EA_SESSION_OK);
}

static void
test_the_link_is_opened_in_the_name_of_the_euicc (void **state)
{
  Bench *bench = *state;

  cattp_peer_await_link (bench->peer, 1);
  assert_span_is (sim_cattp_get_identification (bench->peer->link), RIG_EID);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);

  expect_end (bench, EA_SESSION_OK);
}

static void
test_a_packet_for_the_agent_is_answered_by_the_agent (void **state)
{
  Bench *bench = *state;

  endpoint_rig_answer (bench->endpoint, "01|" EID_DATA "9000");
  cattp_peer_await_link (bench->peer, 1);
  cattp_peer_send (bench->peer, AGENTS_SDU);
  expect_sdu (bench, AGENTS_ANSWER);
  endpoint_rig_expect (bench->endpoint, RUN);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);

  expect_end (bench, EA_SESSION_OK);
}

/* The card does not answer the packet again: its counter is used up. */
static void
test_an_answer_of_the_card_that_a_broken_link_lost_comes_on_the_next (void **state)
{
  Bench *bench = *state;
  guint64 n_octets;

  open_and_carry (bench);
  WAIT_FOR (sim_cattp_is_idle (bench->peer->link));
  bench->peer->is_mute = TRUE;
  n_octets = bench->peer->n_octets_received;
  answer_as_card (ANSWER);
  WAIT_FOR (bench->peer->n_octets_received > n_octets);
  bench->peer->is_mute = FALSE;
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_MAXIMUM_RETRIES);
  cattp_peer_await_link (bench->peer, 2);
  expect_sdu (bench, ANSWER);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);

  expect_end (bench, EA_SESSION_OK);
}

static void
test_answers_that_a_broken_link_lost_keep_their_order (void **state)
{
  Bench *bench = *state;
  guint64 n_octets;

  open_and_carry (bench);
  cattp_peer_send (bench->peer, SEALED);
  WAIT_FOR (carried.length == 2);
  WAIT_FOR (sim_cattp_is_idle (bench->peer->link));
  bench->peer->is_mute = TRUE;
  n_octets = bench->peer->n_octets_received;
  answer_as_card (ANSWER);
  WAIT_FOR (bench->peer->n_octets_received > n_octets);
  n_octets = bench->peer->n_octets_received;
  answer_as_card (OTHER_ANSWER);
  WAIT_FOR (bench->peer->n_octets_received > n_octets);
  bench->peer->is_mute = FALSE;
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_MAXIMUM_RETRIES);
  cattp_peer_await_link (bench->peer, 2);

  expect_sdu (bench, ANSWER);
  expect_sdu (bench, OTHER_ANSWER);
}

static void
test_an_answer_that_comes_between_two_links_goes_out_on_the_second (void **state)
{
  Bench *bench = *state;

  open_and_carry (bench);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_MAXIMUM_RETRIES);
  WAIT_FOR (ea_session_get_state (bench->session) == EA_SESSION_WAITING);
  answer_as_card (ANSWER);
  cattp_peer_await_link (bench->peer, 2);

  expect_sdu (bench, ANSWER);
}

static void
test_a_session_that_is_ended_while_the_card_has_a_packet_waits_for_its_answer (void **state)
{
  Bench *bench = *state;

  open_and_carry (bench);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);
  WAIT_FOR (ea_session_get_state (bench->session) == EA_SESSION_WAITING);
  run_ready ();
  assert_int_equal (bench->peer->n_links, 1);
  answer_as_card (ANSWER);
  cattp_peer_await_link (bench->peer, 2);
  expect_sdu (bench, ANSWER);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_NORMAL);

  expect_end (bench, EA_SESSION_OK);
}

static void
test_cancelling_ends_the_link_and_what_the_card_has_is_for_nobody (void **state)
{
  Bench *bench = *state;

  open_and_carry (bench);
  ea_session_cancel (bench->session);

  expect_end (bench, EA_SESSION_WAS_CANCELLED);
  cattp_peer_await_reset (bench->peer, SIM_CATTP_REASON_NORMAL);
  assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (carried.head->data)));
  answer_as_card (ANSWER);
  run_ready ();
  assert_int_equal (bench->peer->sdus.length, 0);
}

static void
test_cancelling_between_two_links_opens_no_other (void **state)
{
  Bench *bench = *state;

  cattp_peer_await_link (bench->peer, 1);
  cattp_peer_reset (bench->peer, SIM_CATTP_REASON_UNEXPECTED_PDU);
  WAIT_FOR (ea_session_get_state (bench->session) == EA_SESSION_WAITING);
  ea_session_cancel (bench->session);
  expect_end (bench, EA_SESSION_WAS_CANCELLED);
  run_ready ();

  assert_int_equal (bench->peer->n_links, 1);
}

static void
test_a_drain_waits_until_the_sm_sr_has_what_the_card_answers (void **state)
{
  Bench *bench = *state;
  EaSessionRunner *runner = EA_SESSION_RUNNER (bench->runner);

  open_and_carry (bench);
  ea_session_runner_drain (runner);
  assert_false (ea_session_runner_is_idle (runner));
  cattp_peer_send (bench->peer, SEALED); /* which is for the next life */
  answer_as_card (ANSWER);
  expect_sdu (bench, ANSWER);
  WAIT_FOR (bench->n_idle == 1);

  assert_true (ea_session_runner_is_idle (runner));
  cattp_peer_await_reset (bench->peer, SIM_CATTP_REASON_TEMPORARILY_UNABLE);
  assert_int_equal (carried.length, 0);
  assert_int_equal (bench->n_ended, 0); /* the next life goes on with it */
}

static void
test_a_drain_without_packets_ends_the_link_at_once (void **state)
{
  Bench *bench = *state;
  EaSessionRunner *runner = EA_SESSION_RUNNER (bench->runner);

  cattp_peer_await_link (bench->peer, 1);
  ea_session_runner_drain (runner);

  assert_true (ea_session_runner_is_idle (runner));
  cattp_peer_await_reset (bench->peer, SIM_CATTP_REASON_TEMPORARILY_UNABLE);
}

static void
test_packets_wait_on_the_link_while_the_card_is_away (void **state)
{
  Bench *bench = *state;
  EaSessionRunner *runner = EA_SESSION_RUNNER (bench->runner);

  cattp_peer_await_link (bench->peer, 1);
  bench->context.is_ready = FALSE;
  ea_session_runner_suspend (runner);
  cattp_peer_send (bench->peer, SEALED);
  cattp_peer_await_acknowledgement (bench->peer);
  run_ready ();
  assert_int_equal (carried.length, 0);

  bench->context.is_ready = TRUE;
  ea_session_runner_resume (runner);
  WAIT_FOR (carried.length == 1);
  answer_as_card (ANSWER);
  expect_sdu (bench, ANSWER);
  assert_int_equal (bench->peer->n_links, 1);
}

static void
test_a_modem_that_comes_back_brings_another_link (void **state)
{
  Bench *bench = *state;
  EaSessionRunner *runner = EA_SESSION_RUNNER (bench->runner);

  cattp_peer_await_link (bench->peer, 1);
  ea_session_runner_detach (runner);
  cattp_peer_await_reset (bench->peer, SIM_CATTP_REASON_TEMPORARILY_UNABLE);
  assert_int_equal (ea_session_get_state (bench->session), EA_SESSION_WAITING);
  ea_session_runner_resume (runner);
  cattp_peer_await_link (bench->peer, 2);
  cattp_peer_send (bench->peer, SEALED);

  WAIT_FOR (carried.length == 1);
}

static void
test_links_that_break_use_the_retries_up (void **state)
{
  Bench *bench = *state;

  for (guint i = 1; i <= RETRIES + 1; i++)
    {
      cattp_peer_await_link (bench->peer, i);
      cattp_peer_reset (bench->peer, SIM_CATTP_REASON_UNEXPECTED_PDU);
    }

  expect_end (bench, EA_SESSION_FAILED);
}

/* Nobody is authenticated by a link. */
static void
test_packets_for_nobody_neither_keep_the_link_nor_count_as_progress (void **state)
{
  Bench *bench = *state;
  guint n_scripts;

  for (guint i = 1; i <= RETRIES + 1; i++)
    {
      cattp_peer_await_link (bench->peer, i);
      for (guint k = 0; k < STRANGERS; k++)
        cattp_peer_send (bench->peer, "FF");
      cattp_peer_await_reset (bench->peer, SIM_CATTP_REASON_MAXIMUM_RETRIES);
    }
  expect_end (bench, EA_SESSION_FAILED);

  g_object_get (bench->session, "scripts", &n_scripts, NULL);
  assert_int_equal (n_scripts, 0);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_a_packet_for_the_euicc_is_answered_by_the_card),
    ON_BENCH (test_the_link_is_opened_in_the_name_of_the_euicc),
    ON_BENCH (test_a_packet_for_the_agent_is_answered_by_the_agent),
    ON_BENCH (test_an_answer_of_the_card_that_a_broken_link_lost_comes_on_the_next),
    ON_BENCH (test_answers_that_a_broken_link_lost_keep_their_order),
    ON_BENCH (test_an_answer_that_comes_between_two_links_goes_out_on_the_second),
    ON_BENCH (test_a_session_that_is_ended_while_the_card_has_a_packet_waits_for_its_answer),
    ON_BENCH (test_cancelling_ends_the_link_and_what_the_card_has_is_for_nobody),
    ON_BENCH (test_cancelling_between_two_links_opens_no_other),
    ON_BENCH (test_a_drain_waits_until_the_sm_sr_has_what_the_card_answers),
    ON_BENCH (test_a_drain_without_packets_ends_the_link_at_once),
    ON_BENCH (test_packets_wait_on_the_link_while_the_card_is_away),
    ON_BENCH (test_a_modem_that_comes_back_brings_another_link),
    ON_BENCH (test_links_that_break_use_the_retries_up),
    ON_BENCH (test_packets_for_nobody_neither_keep_the_link_nor_count_as_progress),
  };

  return cmocka_run_group_tests_name ("cattp-session", tests, NULL, NULL);
}
