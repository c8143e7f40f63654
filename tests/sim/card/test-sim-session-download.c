/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP links of the card, and profiles that are downloaded through HTTP and through CAT_TP: SCP03t's
 * commands come from the SM-SR's half of the building blocks.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim-cattp.h"
#include "sim-keys.h"
#include "sim-scp03t.h"
#include "sim-tlv.h"
#include "test-card.h"
#include "test-server.h"

/* Published push pair: UDP 2345 at 192.0.2.1, buffer 1024; CAT_TP port 2345, SDUs of 2048 */
#define PUSH                                                                                       \
  "aa2a221880ec010113350103390204003c030109293e0521c0000201"                                       \
  "220e80ec0102093c0300092939020800"
#define TRIGGER                                                                                    \
  "813683348413350103390205783c030201bb3e0521c0000201"                                             \
  "891d8a093139322e302e322e318c102f67736d612f61646d696e6167656e74"

/* The published SDU: GET DATA, EID, with counter 4 */
#define EID_SDU                                                                                    \
  "0128151639121200000187cb920b574b4a289c74cbae1c0cede1fb1ef62f2b94e5c9b96aa91a72a209ce"

#define CREATE                                                                                     \
  "224580e60c003f10a0000005591010ffffffff8900000d0010a0000005591010ffffffff8900000e00"             \
  "10a0000005591010ffffffff89000013000380c00006c904810203700000"
#define APPLICATION "//aid/A000000559/1010FFFFFFFF8900001300"
#define TAR 0x000013
#define NEW_ISDP "\"aid\":\"A0000005591010FFFFFFFF8900001300\",\"state\":\"%s\",\"fallback\":false,"
#define NEW_ICCID "8988211000000000045"

#define PROFILE_SIZE 65000
#define SEGMENT_SIZE 1000
#define SEGMENTS_PER_SCRIPT 8
#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct
{
  TestServer server;
  SimCattp *link;
  guint64 counter;
  guint n_lost; /* datagrams of the card to be lost */
} Fixture;

static int
set_up (void **state)
{
  const SimCardOptions options = { .index = 0, .max_channels = 4 };
  const SimCattpOptions cattp
      = { .source_port = 2345, .pdu_max = 1400, .sdu_max = 2048, .initial_sequence = 1 };
  Fixture *fixture = g_new0 (Fixture, 1);

  test_server_init (&fixture->server, sim_card_new (&options));
  fixture->link = sim_cattp_new_server (&cattp);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  sim_card_free (fixture->server.terminal.card);
  test_server_clear (&fixture->server);
  sim_cattp_free (fixture->link);
  g_free (fixture);
  return 0;
}

static void
deliver (Fixture *fixture, const char *data)
{
  SimScp80Command command = make_command (++fixture->counter);
  g_autoptr (GPtrArray) tpdus = NULL;
  g_autoptr (GBytes) response = NULL;

  command.spi2 = 0;
  tpdus = make_tpdus (&command, data);
  assert_int_equal (tpdus->len, 1);
  response = deliver_tpdu (fixture->server.terminal.card, g_ptr_array_index (tpdus, 0));
  assert_int_equal (g_bytes_get_size (response), 2);
}

/* FALSE: nothing has moved. */
static gboolean
exchange_datagrams (Fixture *fixture)
{
  TestTerminal *terminal = &fixture->server.terminal;
  gboolean has_moved = FALSE;
  GBytes *datagram;

  test_terminal_run (terminal);
  while ((datagram = test_terminal_pull (terminal)) != NULL)
    {
      has_moved = TRUE;
      if (fixture->n_lost == 0)
        sim_cattp_receive (fixture->link, ea_span_from_bytes (datagram), terminal->now_us);
      else
        fixture->n_lost--;
      g_bytes_unref (datagram);
    }
  while ((datagram = sim_cattp_pull_pdu (fixture->link)) != NULL)
    {
      has_moved = TRUE;
      test_terminal_push (terminal, ea_span_from_bytes (datagram));
      g_bytes_unref (datagram);
    }
  return has_moved;
}

static void
run_link (Fixture *fixture)
{
  while (exchange_datagrams (fixture))
    ;
}

static void
open_link (Fixture *fixture)
{
  deliver (fixture, PUSH);
  run_link (fixture);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_OPEN);
}

static void
assert_commands_begin (Fixture *fixture, const char *expected)
{
  const char *commands = fixture->server.terminal.commands->str;

  if (!g_str_has_prefix (commands, expected))
    fail_msg ("The card's commands were %s", commands);
}

static void
test_a_push_pair_makes_the_card_open_a_link_and_say_its_eid (void **state)
{
  Fixture *fixture = *state;

  open_link (fixture);
  assert_commands_begin (fixture, "05 40 43 ");
  assert_int_equal (fixture->server.terminal.buffer_size, 0x400);
  assert_hex (sim_cattp_get_identification (fixture->link), "89001012012341234012345678901224");
}

static void
test_a_secured_packet_in_an_sdu_is_executed_and_answered (void **state)
{
  Fixture *fixture = *state;
  SimScp80Command command = make_command (4);
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) packet = from_hex (EID_SDU);
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) script = NULL;

  open_link (fixture);
  assert_true (sim_cattp_send (fixture->link, ea_span_from_bytes (packet), 0));
  run_link (fixture);
  sdu = sim_cattp_pull_sdu (fixture->link);
  assert_non_null (sdu);
  script = sim_scp80_open_response (&response, &command, SIM_SCP80_FORM_CAT_TP,
                                    ea_span_from_bytes (sdu), &sim_keys, NULL);

  assert_bytes (script, "ab1980010123145a10890010120123412340123456789012249000");
  assert_int_equal (response.status, 0);
  assert_int_equal (response.counter, 4);
}

static void
test_a_reset_of_the_link_makes_the_card_close_the_channel (void **state)
{
  Fixture *fixture = *state;

  open_link (fixture);
  sim_cattp_close (fixture->link, 0);
  run_link (fixture);
  assert_false (fixture->server.terminal.has_channel);
  assert_int_equal (sim_card_get_deadline (fixture->server.terminal.card), -1);
}

static void
test_a_lost_datagram_is_sent_again_when_it_is_time (void **state)
{
  Fixture *fixture = *state;
  gint64 deadline_us;

  fixture->n_lost = 1;
  deliver (fixture, PUSH);
  run_link (fixture);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_LISTEN);
  deadline_us = sim_card_get_deadline (fixture->server.terminal.card);
  assert_true (deadline_us > 0);

  test_terminal_tick (&fixture->server.terminal, deadline_us);
  run_link (fixture);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_OPEN);
}

static void
test_a_datagram_that_is_not_one_pdu_is_dropped_whole (void **state)
{
  Fixture *fixture = *state;
  TestTerminal *terminal = &fixture->server.terminal;
  g_autoptr (GBytes) datagram = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_auto (EaWriter) doubled = { 0 };
  g_autofree char *complaints = NULL;

  deliver (fixture, PUSH);
  test_terminal_run (terminal);
  datagram = test_terminal_pull (terminal);
  sim_cattp_receive (fixture->link, ea_span_from_bytes (datagram), 0);
  answer = sim_cattp_pull_pdu (fixture->link);
  ea_writer_init (&doubled);
  ea_writer_bytes (&doubled, ea_span_from_bytes (answer));
  ea_writer_bytes (&doubled, ea_span_from_bytes (answer));
  test_terminal_push (terminal, ea_writer_span (&doubled));
  test_terminal_run (terminal);
  assert_null (test_terminal_pull (terminal));
  complaints = sim_card_take_bip_faults (terminal->card);
  assert_string_equal (complaints, "datagram=1");

  test_terminal_push (terminal, ea_span_from_bytes (answer));
  run_link (fixture);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_OPEN);
}

/* 38 octets and not the 39 that a SYN with the EID has */
static void
test_a_buffer_that_a_syn_does_not_fit_is_no_channel (void **state)
{
  Fixture *fixture = *state;

  fixture->server.terminal.buffer_max = 38;
  deliver (fixture, PUSH);
  run_link (fixture);
  assert_commands_begin (fixture, "05 40 41 ");
  assert_false (fixture->server.terminal.has_channel);

  fixture->server.terminal.buffer_max = 39;
  deliver (fixture, PUSH);
  run_link (fixture);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_OPEN);
}

static void
test_a_peer_that_never_answers_is_given_up (void **state)
{
  Fixture *fixture = *state;
  SimCard *card = fixture->server.terminal.card;
  guint n_ticks = 0;

  fixture->n_lost = G_MAXUINT;
  deliver (fixture, PUSH);
  run_link (fixture);
  for (; sim_card_get_deadline (card) >= 0 && n_ticks < 100; n_ticks++)
    {
      test_terminal_tick (&fixture->server.terminal, sim_card_get_deadline (card));
      run_link (fixture);
    }
  assert_in_range (n_ticks, SIM_CATTP_TRANSMISSIONS_MAX - 1, SIM_CATTP_TRANSMISSIONS_MAX + 1);
  assert_false (fixture->server.terminal.has_channel);
}

static void
test_a_link_without_a_word_for_a_minute_is_given_up (void **state)
{
  Fixture *fixture = *state;
  SimCard *card = fixture->server.terminal.card;

  open_link (fixture);
  assert_int_equal (sim_card_get_deadline (card), 60 * SECOND);
  test_terminal_tick (&fixture->server.terminal, 60 * SECOND);
  run_link (fixture);

  assert_false (fixture->server.terminal.has_channel);
  assert_int_equal (sim_cattp_get_state (fixture->link), SIM_CATTP_CLOSED);
  assert_int_equal (sim_cattp_get_reset_reason (fixture->link), SIM_CATTP_REASON_NORMAL);
}

static void
test_pushes_that_say_too_little_or_nonsense_are_refused (void **state)
{
  static const struct
  {
    const char *command;
    const char *expected;
  } pushes[] = {
    { "80ec0102093c0300092939020800", "6a80" }, /* no channel was ever told */
    { "80ec0101053c03010929", "6a80" },         /* no destination */
    { "80ec010102350f", "6a80" },
    { "80ec0103053c03020929", "6b00" },
    { "80ec010113350103390204003c030109293e0521c0000201", "9000" },
    { "80ec0102033c0109", "6a80" },
    { "80ec010205390108 3900", "6a80" },
  };

  assert_status (*state, TEST_TERMINAL_PROFILE, "9000");
  assert_status (*state, SELECT_ISD_R, "611a");
  for (gsize i = 0; i < G_N_ELEMENTS (pushes); i++)
    assert_status (*state, pushes[i].command, pushes[i].expected);
  assert_int_equal (sim_card_get_pending_proactive (*state), 0);
  assert_status (*state, "80ec0102033c03000929", "6700");
  assert_status (*state, "80ec0102053c03000929", "9110");
}

/* The profile of a modem that knows no channels, and the full one without TCP and UDP, the events, and one of the
 * commands */
static void
test_a_push_is_refused_by_a_terminal_without_channels (void **state)
{
  static const char *const profiles[] = {
    "80100000093301e8421100000780",
    "80100000193301e842111c00078000001fe2600000404000000000000050",
    "80100000193301e842111800078000001fe2600000434000000000000050",
    "80100000193301e842111c00078000001be2600000434000000000000050",
  };
  g_autofree char *complaints = NULL;

  assert_status (*state, SELECT_ISD_R, "611a");
  assert_status (*state, "80ec010113350103390204003c030109293e0521c0000201", "6985");
  for (gsize i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      assert_status (*state, profiles[i], "9000");
      assert_status (*state, "80ec010113350103390204003c030109293e0521c0000201", "6985");
    }
  complaints = sim_card_take_bip_faults (*state);
  assert_string_equal (complaints, "profile=5");
}

static void
test_a_push_to_anything_but_the_isdr_is_refused (void **state)
{
  assert_status (*state, "80ec0102053c03000929", "6d00");
  assert_status (*state, SELECT_ISD_R, "611a");
  assert_status (*state, "80ec0102053c03000929", "6982");
}

/* (transfer full): AE 80, TLVs, 00 00 */
static GBytes *
wrap (EaSpan tlvs)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u16be (&writer, 0xAE80);
  ea_writer_bytes (&writer, tlvs);
  ea_writer_u16be (&writer, 0);
  return ea_writer_steal (&writer);
}

/* (transfer full): what is between AF 80 and 00 00 */
static GBytes *
unwrap (GBytes *response)
{
  gsize size = g_bytes_get_size (response);
  EaReader reader;

  assert_true (size >= 4);
  ea_reader_init (&reader, ea_span_from_bytes (response));
  assert_int_equal (ea_reader_u16be (&reader), 0xAF80);
  return g_bytes_new_from_bytes (response, 2, size - 4);
}

/* Each brings TLVs to the ISD-P, or to the ISD-R, and gives those of the answer. */
typedef GBytes *(*Carry) (Fixture *fixture, gboolean is_isdr, EaSpan tlvs);

static GBytes *
carry_by_https (Fixture *fixture, gboolean is_isdr, EaSpan tlvs)
{
  g_autoptr (GBytes) script = wrap (tlvs);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (script));

  test_server_send_script (&fixture->server, hex, "/next", is_isdr ? NULL : APPLICATION);
  test_server_assert_field (&fixture->server, "x-admin-script-status", "ok");
  return unwrap (fixture->server.request->body);
}

static GBytes *
carry_by_cattp (Fixture *fixture, gboolean is_isdr, EaSpan tlvs)
{
  SimScp80Command command = make_command (++fixture->counter);
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) script = wrap (tlvs);
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GBytes) sdu = NULL;
  g_autoptr (GBytes) answer = NULL;

  command.tar = is_isdr ? SIM_TAR_ISD_R : TAR;
  packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_CAT_TP, ea_span_from_bytes (script),
                                   &sim_keys, NULL);
  assert_true (sim_cattp_send (fixture->link, ea_span_from_bytes (packet), 0));
  run_link (fixture);
  sdu = sim_cattp_pull_sdu (fixture->link);
  assert_non_null (sdu);
  answer = sim_scp80_open_response (&response, &command, SIM_SCP80_FORM_CAT_TP,
                                    ea_span_from_bytes (sdu), &sim_keys, NULL);
  assert_int_equal (response.status, 0);
  return unwrap (answer);
}

static SimTlv
read_one (GBytes *answer)
{
  EaReader reader;
  SimTlv tlv;

  ea_reader_init (&reader, ea_span_from_bytes (answer));
  tlv = sim_tlv_read (&reader);
  assert_true (ea_reader_done (&reader));
  return tlv;
}

/* Creates the ISD-P and begins its secure channel. */
static SimScp03tHost *
begin_download (Fixture *fixture, Carry carry)
{
  static const guint8 challenge[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
  SimScp03tHost *host = sim_scp03t_host_new (EA_SPAN_OF_ARRAY (challenge));
  g_autoptr (GBytes) create = from_hex (CREATE);
  g_autoptr (GBytes) created = carry (fixture, TRUE, ea_span_from_bytes (create));
  g_autoptr (GBytes) update = sim_scp03t_host_build_initialize_update (host);
  g_autoptr (GBytes) updated = carry (fixture, FALSE, ea_span_from_bytes (update));
  g_autoptr (GBytes) authenticate = NULL;
  g_autoptr (GBytes) authenticated = NULL;

  assert_bytes (created, "23029000");
  assert_int_equal (read_one (updated).tag, SIM_SCP03T_TAG_INITIALIZE_UPDATE);
  assert_true (sim_scp03t_host_take_initialize_update (host, read_one (updated).value, NULL));
  authenticate = sim_scp03t_host_build_external_authenticate (host);
  authenticated = carry (fixture, FALSE, ea_span_from_bytes (authenticate));
  assert_true (sim_scp03t_host_take_response (host, read_one (authenticated).tag,
                                              read_one (authenticated).value, NULL));
  return host;
}

/* (transfer full): "PROF", size and the profile, whose octets are those of a counter */
static GBytes *
make_package (gsize size)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u32be (&writer, 0x50524F46);
  ea_writer_u32be (&writer, (guint32) size);
  for (gsize i = 0; i < size; i++)
    ea_writer_u8 (&writer, (guint8) (i * 7 + i / 256));
  return ea_writer_steal (&writer);
}

static void
send_segments (Fixture *fixture, Carry carry, SimScp03tHost *host, EaReader *package, guint n_max)
{
  g_auto (EaWriter) segments = { 0 };
  g_autoptr (GBytes) answer = NULL;
  EaReader reader;
  guint n = 0;

  ea_writer_init (&segments);
  for (; n < n_max && ea_reader_remaining (package) > 0; n++)
    {
      gsize size = MIN (SEGMENT_SIZE, ea_reader_remaining (package));
      g_autoptr (GBytes) segment = sim_scp03t_host_seal (host, ea_reader_bytes (package, size));

      ea_writer_bytes (&segments, ea_span_from_bytes (segment));
    }
  answer = carry (fixture, FALSE, ea_writer_span (&segments));
  ea_reader_init (&reader, ea_span_from_bytes (answer));
  for (; n > 0; n--)
    {
      SimTlv tlv = sim_tlv_read (&reader);

      assert_true (sim_scp03t_host_take_response (host, tlv.tag, tlv.value, NULL));
    }
  assert_true (ea_reader_done (&reader));
}

static void
assert_isdp (Fixture *fixture, const char *state, const char *iccid, gsize size, const char *sha256)
{
  g_autofree char *head = g_strdup_printf (NEW_ISDP, state);
  g_autofree char *text
      = g_strdup_printf ("%s\"iccid\":\"%s\",\"bytes\":%" G_GSIZE_FORMAT ",\"sha256\":\"%s\"}",
                         head, iccid, size, sha256);
  g_autofree char *json = sim_card_get_state (fixture->server.terminal.card);

  if (strstr (json, text) == NULL)
    fail_msg ("%s is not in %s", text, json);
}

static void
download (Fixture *fixture, Carry carry, guint n_segments)
{
  g_autoptr (SimScp03tHost) host = begin_download (fixture, carry);
  g_autoptr (GBytes) package = make_package (PROFILE_SIZE);
  EaSpan profile = ea_span_tail (ea_span_from_bytes (package), 8);
  g_autofree char *sha256
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, profile.data, profile.size);
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (package));
  send_segments (fixture, carry, host, &reader, 1);
  assert_isdp (fixture, "selectable", "", SEGMENT_SIZE - 8, "");
  while (ea_reader_remaining (&reader) > 0)
    send_segments (fixture, carry, host, &reader, n_segments);
  assert_isdp (fixture, "disabled", NEW_ICCID, PROFILE_SIZE, sha256);
}

static void
test_a_profile_is_downloaded_through_https (void **state)
{
  Fixture *fixture = *state;

  deliver (fixture, TRIGGER);
  test_server_run (&fixture->server);
  download (fixture, carry_by_https, SEGMENTS_PER_SCRIPT);
  test_server_send_nothing (&fixture->server, NULL);
  assert_false (fixture->server.terminal.has_channel);
}

static void
test_a_profile_is_downloaded_through_cattp (void **state)
{
  Fixture *fixture = *state;

  open_link (fixture);
  download (fixture, carry_by_cattp, 1);
  sim_cattp_close (fixture->link, 0);
  run_link (fixture);
  assert_false (fixture->server.terminal.has_channel);
}

/* Nothing but an error comes back, and the ISD-P is as before. */
static void
assert_refused (Fixture *fixture, SimScp03tHost *host, const char *plain)
{
  g_autoptr (GBytes) bytes = from_hex (plain);
  g_autoptr (GBytes) segment = sim_scp03t_host_seal (host, ea_span_from_bytes (bytes));
  g_autoptr (GBytes) answer = carry_by_https (fixture, FALSE, ea_span_from_bytes (segment));

  assert_bytes (answer, "9f860101");
}

static void
test_a_package_without_its_header_or_with_too_much_in_it_is_refused (void **state)
{
  static const char *const packages[]
      = { "50524f4600000002010203", "50524f47000000010a", "50524f46000000", "0102" };

  for (gsize i = 0; i < G_N_ELEMENTS (packages); i++)
    {
      void *fixture = NULL;
      g_autoptr (SimScp03tHost) host = NULL;

      set_up (&fixture);
      deliver (fixture, TRIGGER);
      test_server_run (&((Fixture *) fixture)->server);
      host = begin_download (fixture, carry_by_https);
      assert_refused (fixture, host, packages[i]);
      assert_isdp (fixture, "selectable", "", 0, "");
      assert_refused (fixture, host, "50524f46000000010a"); /* the secure channel is gone */
      tear_down (&fixture);
    }
}

static void
test_an_isdp_that_has_a_profile_takes_no_other (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (SimScp03tHost) host = NULL;
  g_autoptr (GBytes) package = from_hex ("50524f46000000010a");
  g_autoptr (GBytes) segment = NULL;
  g_autoptr (GBytes) answer = NULL;

  deliver (fixture, TRIGGER);
  test_server_run (&fixture->server);
  host = begin_download (fixture, carry_by_https);
  segment = sim_scp03t_host_seal (host, ea_span_from_bytes (package));
  answer = carry_by_https (fixture, FALSE, ea_span_from_bytes (segment));
  assert_int_equal (read_one (answer).tag, SIM_SCP03T_TAG_DATA);
  assert_refused (fixture, host, "50524f46000000010a");
}

static void
test_a_reset_ends_a_download_that_is_under_way (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (SimScp03tHost) host = NULL;

  deliver (fixture, TRIGGER);
  test_server_run (&fixture->server);
  host = begin_download (fixture, carry_by_https);
  sim_card_reset (fixture->server.terminal.card);
  test_terminal_command (&fixture->server.terminal, TEST_TERMINAL_PROFILE);
  fixture->server.terminal.has_channel = FALSE;
  deliver (fixture, "8100");
  test_server_run (&fixture->server);
  assert_refused (fixture, host, "50524f46000000010a");
}

#define download_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    download_test (test_a_push_pair_makes_the_card_open_a_link_and_say_its_eid),
    download_test (test_a_secured_packet_in_an_sdu_is_executed_and_answered),
    download_test (test_a_reset_of_the_link_makes_the_card_close_the_channel),
    download_test (test_a_lost_datagram_is_sent_again_when_it_is_time),
    download_test (test_a_datagram_that_is_not_one_pdu_is_dropped_whole),
    download_test (test_a_buffer_that_a_syn_does_not_fit_is_no_channel),
    download_test (test_a_peer_that_never_answers_is_given_up),
    download_test (test_a_link_without_a_word_for_a_minute_is_given_up),
    plain_card_test (test_pushes_that_say_too_little_or_nonsense_are_refused),
    plain_card_test (test_a_push_is_refused_by_a_terminal_without_channels),
    card_test (test_a_push_to_anything_but_the_isdr_is_refused),
    download_test (test_a_profile_is_downloaded_through_https),
    download_test (test_a_profile_is_downloaded_through_cattp),
    cmocka_unit_test (test_a_package_without_its_header_or_with_too_much_in_it_is_refused),
    download_test (test_an_isdp_that_has_a_profile_takes_no_other),
    download_test (test_a_reset_ends_a_download_that_is_under_way),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
