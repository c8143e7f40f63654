/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes sealed over an agent's CAT_TP link to the simulated card, with nothing but ENVELOPEs and SEND SHORT
 * MESSAGE between the link and the card. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim-sms.h"
#include "smsr.h"
#include "test-card.h"

#define SDU_MAX 2048
#define HEADER_SIZE 3
#define TERMINAL_RESPONSE "801400000c810301130082028281830100"

/* Proactive commands: octets before the TPDU of SEND SHORT MESSAGE, with a length of one octet or of two */
#define BEFORE_TPDU 22
#define BEFORE_LONG_TPDU 24

/* TP-OA of whoever carries: +4912345 */
static const guint8 originator[] = { 0x07, 0x91, 0x94, 0x21, 0x43, 0xF5 };

static void
start (SimSmsr *smsr, SimCard *card, const char *words)
{
  g_auto (GStrv) arguments = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) octets = from_hex ("c0000201");
  const SimSmsrAddress address = { .host = (char *) "192.0.2.1", .address = octets };

  sim_smsr_set_card (smsr, card);
  sim_smsr_set_address (smsr, &address);
  if (!sim_smsr_start (smsr, (const char *const *) arguments, &error))
    fail_msg ("%s: %s", words, error->message);
}

/* (transfer full): R-APDU of the last ENVELOPE; @n_messages: (out) */
static GBytes *
carry_to_card (SimSmsr *smsr, SimCard *card, guint *n_messages)
{
  g_autoptr (GBytes) sdu = sim_smsr_pull_sdu (smsr);
  GBytes *response = NULL;
  g_autoptr (GPtrArray) tpdus = NULL;

  assert_non_null (sdu);
  assert_memory_equal (g_bytes_get_data (sdu, NULL), "\x02\x70\x00", HEADER_SIZE);
  tpdus = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (originator),
                                 ea_span_tail (ea_span_from_bytes (sdu), HEADER_SIZE), 9);
  *n_messages = tpdus->len;
  for (guint i = 0; i < tpdus->len; i++)
    {
      g_clear_pointer (&response, g_bytes_unref);
      response = deliver_tpdu (card, g_ptr_array_index (tpdus, i));
    }
  return response;
}

/* (transfer full) (nullable): the response packet of the short messages that the card sends */
static GBytes *
collect (SimCard *card)
{
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_RESPONSE);
  GBytes *packet = NULL;

  while (packet == NULL && sim_card_get_pending_proactive (card) > 0)
    {
      g_autoptr (GBytes) proactive = fetch (card);
      gsize size = g_bytes_get_size (proactive);
      SimSms sms = { 0 };

      assert_true (
          sim_sms_parse_submit (&sms,
                                ea_span_tail (ea_span_from_bytes (proactive),
                                              size < 0x82 ? BEFORE_TPDU : BEFORE_LONG_TPDU),
                                NULL));
      assert_true (ea_span_equal (sms.address, EA_SPAN_OF_ARRAY (originator)));
      packet = sim_sms_assembly_add (assembly, &sms);
      g_bytes_unref (transmit (card, TERMINAL_RESPONSE));
    }
  return packet;
}

static void
give_back (SimSmsr *smsr, EaSpan packet)
{
  g_auto (EaWriter) sdu = { 0 };

  ea_writer_init (&sdu);
  ea_writer_u24be (&sdu, 0x027100);
  ea_writer_bytes (&sdu, packet);
  sim_smsr_receive_sdu (smsr, ea_writer_span (&sdu));
}

static void
assert_end (SimSmsr *smsr, const char *expected)
{
  g_autofree char *reply = NULL;

  assert_true (sim_smsr_is_cattp_done (smsr));
  sim_smsr_closed (smsr, SIM_SMSR_PROTOCOL_CAT_TP, NULL);
  reply = sim_smsr_pull_reply (smsr);
  assert_string_equal (reply, expected);
}

static void
test_the_cards_short_message_is_the_answer (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GBytes) packet = NULL;
  guint n_messages = 0;

  start (smsr, *state, "set-fallback 1200 --via cat-tp --sealed --no-trigger");
  sim_smsr_cattp_opened (smsr, SDU_MAX);
  response = carry_to_card (smsr, *state, &n_messages);
  packet = collect (*state);
  assert_non_null (packet);
  give_back (smsr, ea_span_from_bytes (packet));

  assert_int_equal (n_messages, 1);
  assert_end (smsr, "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001200 transport=cat-tp connections=1 "
                    "resumed=0 retransmitted=0");
}

/* SPI 1619: by SMS-DELIVER-REPORT, which is the response data of the ENVELOPE */
static void
test_the_envelopes_response_is_the_answer (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autofree char *get_response = NULL;
  const guint8 *status;
  guint n_messages = 0;

  start (smsr, *state, "set-fallback 1200 --via cat-tp --sealed --no-trigger --spi 1619");
  sim_smsr_cattp_opened (smsr, SDU_MAX);
  response = carry_to_card (smsr, *state, &n_messages);
  assert_int_equal (g_bytes_get_size (response), 2);
  status = g_bytes_get_data (response, NULL);
  assert_int_equal (status[0], 0x61);
  get_response = g_strdup_printf ("00c00000%02x", status[1]);
  data = transmit (*state, get_response);
  sim_smsr_receive_sdu (smsr, ea_span_head (ea_span_from_bytes (data), status[1]));

  assert_end (smsr, "ok packets=1 counter=1 status=00 executed=1 sw=9000 "
                    "aid=A0000005591010FFFFFFFF8900001200 transport=cat-tp connections=1 "
                    "resumed=0 retransmitted=0");
}

static void
test_what_is_long_goes_in_several_messages (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GBytes) packet = NULL;
  guint n_messages = 0;

  start (smsr, *state, "send-script --generate 20 --via cat-tp --sealed --no-trigger");
  sim_smsr_cattp_opened (smsr, SDU_MAX);
  response = carry_to_card (smsr, *state, &n_messages);
  packet = collect (*state);
  assert_non_null (packet);
  give_back (smsr, ea_span_from_bytes (packet));

  assert_int_equal (n_messages, 3);
  assert_end (smsr, "ok packets=1 counter=1 status=00 executed=20 "
                    "sw=9000,9000,9000,9000,9000,9000,9000,9000,9000,9000,"
                    "9000,9000,9000,9000,9000,9000,9000,9000,9000,9000 "
                    "numbers=1-20 transport=cat-tp connections=1 resumed=0 retransmitted=0");
}

/* Nobody gets the short messages. */
static void
drop (SimSmsr *smsr)
{
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_tpdu (smsr)) != NULL)
    {
      sim_smsr_delivered (smsr, TRUE, 0, 0);
      g_bytes_unref (tpdu);
    }
}

static void
deliver (SimSmsr *smsr, SimCard *card)
{
  GBytes *tpdu;

  while ((tpdu = sim_smsr_pull_tpdu (smsr)) != NULL)
    {
      g_bytes_unref (deliver_tpdu (card, tpdu));
      sim_smsr_delivered (smsr, TRUE, 0, 0);
      g_bytes_unref (tpdu);
    }
}

static void
assert_gives_up (SimSmsr *smsr, const char *expected)
{
  g_autofree char *reply = NULL;

  sim_smsr_give_up (smsr);
  reply = sim_smsr_pull_reply (smsr);
  assert_string_equal (reply, expected);
}

/* The push is for whoever has keys beside the eUICC. */
static void
test_an_euicc_that_takes_the_push_is_told_of (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));

  g_bytes_unref (transmit (*state, "8010000014ffffffffffffffffffffffffffffffffffffffff"));
  start (smsr, *state, "push-cat-tp --via cat-tp");
  deliver (smsr, *state);

  assert_gives_up (smsr, "error The trigger has gone to the eUICC: no agent has its keys");
}

/* It has the one key set alone. */
static void
test_an_euicc_that_refuses_the_push_is_told_of (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));

  start (smsr, *state, "push-cat-tp --via cat-tp --key-set 2");
  deliver (smsr, *state);

  assert_gives_up (smsr, "error The trigger has gone to the eUICC, which refuses it: no agent has "
                         "its keys");
}

/* Whoever comes is no eUICC that has got no push and has opened no channel. */
static void
test_an_agent_that_takes_the_push_of_the_euicc_is_told_of (void **state)
{
  g_autoptr (SimSmsr) smsr = sim_smsr_new (sim_card_get_eid (*state));

  start (smsr, *state, "push-cat-tp --via bip-cat-tp");
  drop (smsr);
  sim_smsr_cattp_opened (smsr, SDU_MAX);

  assert_end (smsr, "error The trigger has gone to the agent, which has its keys");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    card_test (test_the_cards_short_message_is_the_answer),
    card_test (test_the_envelopes_response_is_the_answer),
    card_test (test_what_is_long_goes_in_several_messages),
    card_test (test_an_euicc_that_takes_the_push_is_told_of),
    card_test (test_an_euicc_that_refuses_the_push_is_told_of),
    card_test (test_an_agent_that_takes_the_push_of_the_euicc_is_told_of),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
