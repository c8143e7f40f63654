/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole operations: the SM-SR with its listeners and the card with a terminal whose channel is a real
 * socket. There is no modem and no agent between them.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "card/sim-cattp-pdu.h"
#include "card/test-card.h"
#include "card/test-terminal.h"
#include "smsr-server.h"
#include "test-isdp.h"
#include "test-smsr.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define MISCHIEF_DEADLINE_US (1 * G_USEC_PER_SEC)
#define RETRANSMISSION_US (1 * G_USEC_PER_SEC)
#define POLL_MS 5
#define PROFILE_SIZE (256 * 1024)
#define CHUNK 1400
#define TURNS_MAX 1000
#define TURNS_TO_FIRST_POST 3
#define SERVICE_TIMER 1
#define CONFIRMATION_TIMER 2
#define NEW_AID "A0000005591010FFFFFFFF8900001300"

typedef struct
{
  SimSmsrServer *server;
  SimSmsr *smsr;
  TestTerminal terminal;
  GSocket *socket;      /* of the open channel */
  guint n_opened;       /* channels that got a socket */
  gint64 clock_skip_us; /* that the card's clock is ahead */
  guint n_lost;         /* flushes that do not get to the SM-SR */
  guint n_resets_lost;  /* RST that do not get to the card */
  gint64 deadline_us;   /* of an operation */
  guint poll;
} Fixture;

static void
on_changed (gpointer user_data)
{
}

static gboolean
on_poll (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static int
set_up (void **state)
{
  const SimCardOptions options = { .index = 0, .max_channels = 4 };
  Fixture *fixture = g_new0 (Fixture, 1);
  SimCard *card = sim_card_new (&options);

  test_terminal_init (&fixture->terminal, card);
  fixture->server = sim_smsr_server_new ("127.0.0.1", NULL);
  assert_non_null (fixture->server);
  fixture->smsr = sim_smsr_new (sim_card_get_eid (card));
  sim_smsr_server_add (fixture->server, sim_card_get_eid (card), fixture->smsr, on_changed, NULL);
  sim_smsr_set_card (fixture->smsr, card);
  fixture->deadline_us = DEADLINE_US;
  fixture->poll = g_timeout_add (POLL_MS, on_poll, NULL);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  g_source_remove (fixture->poll);
  g_clear_object (&fixture->socket);
  sim_card_free (fixture->terminal.card);
  test_terminal_clear (&fixture->terminal);
  sim_smsr_server_remove (fixture->server, fixture->smsr);
  sim_smsr_free (fixture->smsr);
  sim_smsr_server_free (fixture->server);
  g_free (fixture);
  return 0;
}

static void
carry_messages (Fixture *fixture)
{
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_tpdu (fixture->smsr)) != NULL)
    {
      g_bytes_unref (deliver_tpdu (fixture->terminal.card, tpdu));
      sim_smsr_delivered (fixture->smsr, TRUE, 0, 0);
      g_bytes_unref (tpdu);
    }
  while ((tpdu = g_queue_pop_head (&fixture->terminal.messages)) != NULL)
    {
      sim_smsr_receive (fixture->smsr, ea_span_from_bytes (tpdu));
      g_bytes_unref (tpdu);
    }
}

/* The channel has a socket, from OPEN CHANNEL to CLOSE CHANNEL. */
static void
follow_channel (Fixture *fixture)
{
  const SimSmsrAddress *address = sim_smsr_server_get_address (fixture->server);
  gboolean is_datagram = fixture->terminal.is_datagram;
  g_autoptr (GSocketAddress) peer = g_inet_socket_address_new_from_string (
      address->host, is_datagram ? address->cat_tp : address->https);

  if (!fixture->terminal.has_channel || fixture->n_opened != fixture->terminal.n_opened)
    g_clear_object (&fixture->socket);
  if (!fixture->terminal.has_channel || fixture->n_opened == fixture->terminal.n_opened)
    return;
  fixture->n_opened = fixture->terminal.n_opened;
  fixture->socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, is_datagram ? G_SOCKET_TYPE_DATAGRAM : G_SOCKET_TYPE_STREAM,
      is_datagram ? G_SOCKET_PROTOCOL_UDP : G_SOCKET_PROTOCOL_TCP, NULL);
  if (!g_socket_connect (fixture->socket, peer, NULL, NULL))
    test_terminal_drop (&fixture->terminal);
  g_socket_set_blocking (fixture->socket, FALSE);
}

static gboolean
loses_reset (Fixture *fixture, EaSpan datagram)
{
  EaReader reader;

  ea_reader_init (&reader, datagram);
  if (!fixture->terminal.is_datagram || fixture->n_resets_lost == 0
      || (ea_reader_u8 (&reader) & SIM_CATTP_FLAG_RST) == 0)
    return FALSE;
  fixture->n_resets_lost--;
  return TRUE;
}

static gboolean
carry_data (Fixture *fixture)
{
  TestTerminal *terminal = &fixture->terminal;
  char buffer[CHUNK];
  gboolean has_moved = FALSE;
  GBytes *data;
  gssize size;
  g_autoptr (GError) error = NULL;

  while ((data = test_terminal_pull (terminal)) != NULL)
    {
      has_moved = TRUE;
      if (fixture->n_lost > 0)
        fixture->n_lost--;
      else if (fixture->socket != NULL)
        (void) g_socket_send (fixture->socket, g_bytes_get_data (data, NULL),
                              g_bytes_get_size (data), NULL, NULL); /* receiving tells */
      g_bytes_unref (data);
    }
  if (fixture->socket == NULL || terminal->received->len > 0)
    return has_moved;
  size = g_socket_receive (fixture->socket, buffer, sizeof (buffer), NULL, &error);
  if (size > 0 && loses_reset (fixture, ea_span_init (buffer, (gsize) size)))
    return TRUE;
  if (size > 0)
    test_terminal_push (terminal, ea_span_init (buffer, (gsize) size));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      test_terminal_drop (terminal);
      g_clear_object (&fixture->socket);
    }
  return has_moved || size >= 0;
}

/* Without a channel nobody but the card's clock waits: it may go on faster. */
static void
let_time_pass (Fixture *fixture)
{
  gint64 now_us = g_get_monotonic_time () + fixture->clock_skip_us;
  gint64 deadline_us = sim_card_get_deadline (fixture->terminal.card);

  if (!fixture->terminal.has_channel && deadline_us > now_us)
    {
      fixture->clock_skip_us += deadline_us - now_us;
      now_us = deadline_us;
    }
  test_terminal_tick (&fixture->terminal, now_us);
}

static void
turn (Fixture *fixture)
{
  let_time_pass (fixture);
  carry_messages (fixture);
  test_terminal_run (&fixture->terminal);
  carry_messages (fixture);
  follow_channel (fixture);
  g_main_context_iteration (NULL, !carry_data (fixture));
}

/* (transfer full): the reply */
static char *
finish_operation (Fixture *fixture)
{
  gint64 deadline_us = g_get_monotonic_time () + fixture->deadline_us;
  char *reply;

  while ((reply = sim_smsr_pull_reply (fixture->smsr)) == NULL)
    {
      if (g_get_monotonic_time () > deadline_us)
        sim_smsr_give_up (fixture->smsr);
      turn (fixture);
    }
  return reply;
}

static char *
run_operation (Fixture *fixture, const char *words)
{
  test_smsr_begin (fixture->smsr, words);
  return finish_operation (fixture);
}

static void
assert_operation (Fixture *fixture, const char *words, const char *expected)
{
  g_autofree char *reply = run_operation (fixture, words);

  assert_string_equal (reply, expected);
}

static void
assert_download (Fixture *fixture, const char *via, const char *begin, const char *end)
{
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, " --via ", via, NULL);
  g_autofree char *results = g_strdup_printf (
      "aid=" NEW_AID " bytes=262144 sha256=%s transport=%s connections=", hash, via);
  g_autofree char *isdp
      = g_strdup_printf ("{\"aid\":\"" NEW_AID "\",\"state\":\"disabled\",\"fallback\":false,"
                         "\"iccid\":\"8988211000000000045\",\"bytes\":262144,\"sha256\":\"%s\"}",
                         hash);
  g_autofree char *expected = g_strconcat (begin, results, end, NULL);

  assert_operation (fixture, words, expected);
  if (!state_has (fixture->terminal.card, isdp))
    {
      g_autofree char *state = sim_card_get_state (fixture->terminal.card);

      fail_msg ("%s is not in %s", isdp, state);
    }
  assert_int_equal (g_remove (path), 0);
}

static void
test_a_profile_of_256_kib_comes_whole_over_https (void **state)
{
  assert_download (*state, "bip-https", "ok scripts=20 ", "1 resumed=0");
}

static void
test_a_profile_of_256_kib_comes_whole_over_cat_tp (void **state)
{
  assert_download (*state, "bip-cat-tp", "ok packets=265 counter=265 status=00 ",
                   "1 resumed=0 retransmitted=0");
}

static void
test_a_switch_over_https_ends_with_its_notification (void **state)
{
  Fixture *fixture = *state;

  fixture->terminal.tells_location = TRUE;
  assert_operation (fixture, "enable --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                    "transport=bip-https connections=2 resumed=0 notification=02");
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), OTHER_ICCID);
  assert_int_equal (fixture->terminal.n_refreshes, 1);
  assert_operation (fixture, "disable --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                    "transport=bip-https connections=2 resumed=0 notification=02");
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), FALLBACK_ICCID);
}

static void
test_a_notification_that_service_did_not_ask_for_is_told (void **state)
{
  assert_operation (*state, "enable --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                    "transport=bip-https connections=2 resumed=0 notification=unasked");
}

static void
set_policy (Fixture *fixture, SimCardPolicy policy)
{
  sim_card_set_policy (fixture->terminal.card, &policy);
  fixture->terminal.tells_location = TRUE;
}

static void
assert_notified (Fixture *fixture, const char *expected)
{
  g_autofree char *text = NULL;

  for (guint i = 0; i < TURNS_MAX; i++)
    {
      g_free (text);
      text = sim_smsr_describe_notifications (fixture->smsr);
      if (strstr (text, expected) != NULL)
        return;
      turn (fixture);
    }
  fail_msg ("%s is not in %s", expected, text);
}

static void
test_a_fall_back_is_notified_over_https_and_deletes_the_old_profile (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) aid = from_hex (OTHER_AID);

  set_policy (fixture, (SimCardPolicy){ .by = SIM_NOTIFY_BY_HTTPS, .fallback_s = 60 });
  assert_true (
      sim_card_set_pol1 (fixture->terminal.card, ea_span_from_bytes (aid), SIM_POL1_DELETE_ALWAYS));
  assert_operation (fixture, "enable --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                    "transport=bip-https connections=2 resumed=0 notification=02");
  while (fixture->terminal.has_channel)
    turn (fixture);
  test_terminal_command (&fixture->terminal, "80c200000cd60a990103820282819b0102");
  test_terminal_run (&fixture->terminal);
  test_terminal_expire (&fixture->terminal, SERVICE_TIMER);
  assert_notified (fixture, "05 2 A0000005591010FFFFFFFF8900001000 https confirmed "
                            "deleted=A0000005591010FFFFFFFF8900001100\n");
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), FALLBACK_ICCID);
  assert_operation (fixture, "delete 1100 --via bip-cat-tp",
                    "error sw 6A88: referenced data not found (command 1)");
}

static void
test_a_switch_that_is_not_confirmed_over_https_is_rolled_back (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *reply = NULL;

  set_policy (
      fixture,
      (SimCardPolicy){ .by = SIM_NOTIFY_BY_HTTPS, .wait_s = 60, .n_tries = 1, .rolls_back = TRUE });
  sim_smsr_withhold_confirmations (fixture->smsr, 1);
  test_smsr_begin (fixture->smsr, "enable --via bip-https");
  while (fixture->terminal.timers_s[CONFIRMATION_TIMER] == 0)
    turn (fixture);
  test_terminal_expire (&fixture->terminal, CONFIRMATION_TIMER);
  reply = finish_operation (fixture);
  assert_string_equal (reply, "error notification 03: the profile was not changed as told");
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), FALLBACK_ICCID);
  assert_notified (fixture, "02 1 A0000005591010FFFFFFFF8900001100 https withheld\n"
                            "03 2 A0000005591010FFFFFFFF8900001000 https confirmed\n");
}

static void
test_a_switch_over_cat_tp_ends_with_the_link (void **state)
{
  Fixture *fixture = *state;

  assert_operation (fixture, "enable --via bip-cat-tp",
                    "ok packets=2 counter=2 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001100 transport=bip-cat-tp connections=1 "
                    "resumed=0 retransmitted=0 switched=unconfirmed");
  for (guint i = 0; i < TURNS_MAX && fixture->terminal.n_refreshes == 0; i++)
    turn (fixture);
  assert_string_equal (sim_card_get_iccid (fixture->terminal.card), OTHER_ICCID);
}

static void
test_an_audit_says_the_same_over_every_bearer (void **state)
{
  static const char results[]
      = " executed=2 sw=9000,9000 isdps=A0000005591010FFFFFFFF8900001000:enabled,"
        "A0000005591010FFFFFFFF8900001100:disabled,A0000005591010FFFFFFFF8900001200:disabled "
        "memory=327680";
  Fixture *fixture = *state;
  g_autofree char *sms = run_operation (fixture, "audit");
  g_autofree char *https = run_operation (fixture, "audit --via bip-https");
  g_autofree char *cat_tp = run_operation (fixture, "audit --via bip-cat-tp");

  assert_non_null (strstr (sms, results));
  assert_non_null (strstr (https, results));
  assert_non_null (strstr (cat_tp, results));
}

static void
test_isdps_are_managed_over_both_channels (void **state)
{
  Fixture *fixture = *state;

  assert_operation (fixture, "create-isdp 1300 --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=" NEW_AID
                    " transport=bip-https connections=1 resumed=0");
  assert_operation (fixture, "delete 1300 --via bip-cat-tp",
                    "ok packets=2 counter=3 status=00 executed=1 sw=9000 aid=" NEW_AID
                    " transport=bip-cat-tp connections=1 resumed=0 retransmitted=0");
  assert_operation (fixture, "set-fallback 1100 --via bip-https",
                    "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                    "transport=bip-https connections=1 resumed=0");
  assert_operation (fixture, "delete 1100 --via bip-https",
                    "error sw 6985: conditions of use not satisfied (command 1)");
}

static void
test_pushes_open_and_close_a_channel (void **state)
{
  Fixture *fixture = *state;

  assert_operation (fixture, "push-https",
                    "ok scripts=0 transport=bip-https connections=1 resumed=0");
  assert_operation (fixture, "push-cat-tp",
                    "ok packets=1 counter=2 status=00 transport=bip-cat-tp connections=1 resumed=0 "
                    "retransmitted=0");
  assert_int_equal (fixture->terminal.n_opened, 2);
}

static void
set_fault (Fixture *fixture, SimSmsrFaultKind kind, gsize after)
{
  const SimSmsrFault fault = { .kind = kind, .after = after };

  assert_true (sim_smsr_server_set_fault (fixture->server, &fault, NULL));
}

/* Each connection is reset after 100 000 octets: the card comes back with what has no answer. */
static void
test_a_download_survives_connections_that_are_reset (void **state)
{
  Fixture *fixture = *state;

  set_fault (fixture, SIM_SMSR_FAULT_RESET, 100000);
  assert_download (fixture, "bip-https", "ok scripts=20 ", "4 resumed=3 failed=3");
  assert_int_equal (fixture->terminal.n_opened, 4);
}

/* The same when nobody has ordered it: the link has dropped on this side. */
static void
test_a_session_that_had_to_be_repaired_does_not_end_well (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *reply = NULL;

  test_smsr_begin (fixture->smsr, "audit --via bip-https");
  while (fixture->n_opened == 0 || sim_card_get_deadline (fixture->terminal.card) >= 0)
    turn (fixture);
  for (guint i = 0; i < TURNS_TO_FIRST_POST; i++)
    turn (fixture);
  test_terminal_drop (&fixture->terminal);
  g_clear_object (&fixture->socket);
  reply = finish_operation (fixture);

  assert_true (
      g_str_has_prefix (reply, "error repaired: something was lost and tried again; otherwise ok"));
}

/* The datagrams that are lost are the terminal's to carry. */
static void
test_a_link_that_had_to_be_repaired_does_not_end_well (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *reply = NULL;

  fixture->n_lost = 1;
  reply = run_operation (fixture, "audit --via bip-cat-tp");

  assert_non_null (
      strstr (reply, "error repaired: something was lost and tried again; otherwise ok"));
  assert_non_null (strstr (reply, " retransmitted=1"));
}

/* The RST that ends the link is lost: it comes again, and the operation ends with the card's channel. */
static void
test_a_lost_end_of_a_link_is_repeated (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *reply = NULL;

  fixture->n_resets_lost = 1;
  sim_smsr_set_fault (fixture->smsr, TRUE);
  reply = run_operation (fixture, "push-cat-tp");

  assert_string_equal (reply, "ok packets=1 counter=1 status=00 transport=bip-cat-tp connections=1 "
                              "resumed=0 retransmitted=1");
  assert_int_equal (fixture->n_resets_lost, 0);
  assert_false (fixture->terminal.has_channel);
}

/* What stays unanswered is given up sooner here. */
static void
test_whatever_a_terminal_does_wrong_is_seen (void **state)
{
  for (gsize i = 0; i < test_n_mischiefs; i++)
    {
      const TestMischief *mischief = &test_mischiefs[i];
      g_autofree char *words = g_strconcat ("audit --via ", mischief->via, NULL);
      g_autofree char *reply = NULL;
      void *other = NULL;
      Fixture *fixture;

      set_up (&other);
      fixture = other;
      fixture->terminal.mischief = mischief;
      fixture->deadline_us = MISCHIEF_DEADLINE_US;
      if (g_str_equal (mischief->via, "bip-cat-tp"))
        fixture->deadline_us += RETRANSMISSION_US;
      reply = run_operation (fixture, words);
      if (fixture->terminal.n_mischiefs == 0 || !g_str_has_prefix (reply, "error")
          || strstr (reply, mischief->complaint) == NULL)
        fail_msg ("%s: %s", mischief->name, reply);
      tear_down (&other);
    }
}

/* The card has the same keys as an agent would have: without one the trigger is the card's. */
static void
test_a_trigger_that_no_agent_takes_is_the_operations_error (void **state)
{
  Fixture *fixture = *state;

  assert_operation (fixture, "audit --via https",
                    "error The trigger has gone to the eUICC: no agent has its keys");
  while (fixture->terminal.n_opened < 1 || fixture->terminal.has_channel)
    turn (fixture);
  assert_operation (fixture, "push-https",
                    "ok scripts=0 transport=bip-https connections=1 resumed=0");
}

/* Nothing was posted when the connection broke: there is nothing to be resumed, and the script comes. */
static void
test_an_operation_after_a_push_that_breaks_at_once_is_carried_out (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *reply = run_operation (fixture, "push-https");

  set_fault (fixture, SIM_SMSR_FAULT_RESET, 0);
  test_smsr_begin (fixture->smsr, "audit --via bip-https");
  while (fixture->terminal.n_opened < 2 || fixture->terminal.has_channel)
    turn (fixture);
  set_fault (fixture, SIM_SMSR_FAULT_NONE, 0);
  g_clear_pointer (&reply, g_free);
  reply = finish_operation (fixture);

  assert_true (g_str_has_prefix (reply, "ok scripts=1 executed=2 "));
}

static void
test_a_refused_connection_is_told_when_the_operation_is_given_up (void **state)
{
  Fixture *fixture = *state;

  set_fault (fixture, SIM_SMSR_FAULT_REFUSE, 0);
  test_smsr_begin (fixture->smsr, "audit --via bip-https");
  carry_messages (fixture);
  test_terminal_run (&fixture->terminal);
  carry_messages (fixture);

  test_smsr_assert_gives_up (fixture->smsr,
                             "error timeout: waiting for the eUICC's HTTPS connection");
}

#define campaign_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    campaign_test (test_a_profile_of_256_kib_comes_whole_over_https),
    campaign_test (test_a_profile_of_256_kib_comes_whole_over_cat_tp),
    campaign_test (test_a_switch_over_https_ends_with_its_notification),
    campaign_test (test_a_notification_that_service_did_not_ask_for_is_told),
    campaign_test (test_a_fall_back_is_notified_over_https_and_deletes_the_old_profile),
    campaign_test (test_a_switch_that_is_not_confirmed_over_https_is_rolled_back),
    campaign_test (test_a_switch_over_cat_tp_ends_with_the_link),
    campaign_test (test_an_audit_says_the_same_over_every_bearer),
    campaign_test (test_isdps_are_managed_over_both_channels),
    campaign_test (test_pushes_open_and_close_a_channel),
    campaign_test (test_a_download_survives_connections_that_are_reset),
    campaign_test (test_a_session_that_had_to_be_repaired_does_not_end_well),
    campaign_test (test_a_link_that_had_to_be_repaired_does_not_end_well),
    campaign_test (test_a_lost_end_of_a_link_is_repeated),
    cmocka_unit_test (test_whatever_a_terminal_does_wrong_is_seen),
    campaign_test (test_an_operation_after_a_push_that_breaks_at_once_is_carried_out),
    campaign_test (test_a_trigger_that_no_agent_takes_is_the_operations_error),
    campaign_test (test_a_refused_connection_is_told_when_the_operation_is_given_up),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
