/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SCP03t over a logical channel: the commands of the SM-SR's end in blocks of STORE DATA. The secure channel
 * itself is checked by test-sim-scp03t.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim-scp03t.h"
#include "sim-tlv.h"
#include "test-card.h"

#define ISDP "a0000005591010ffffffff8900001300"
#define SELECT_ISDP "01a4040c10" ISDP
#define CREATE_ISDP                                                                                \
  "80e60c003f10a0000005591010ffffffff8900000d0010a0000005591010ffffffff8900000e0010" ISDP          \
  "0380c00006c904810203700000"
#define BLOCK_MAX 255
#define MORE 0x11
#define LAST 0x91

/* SHA-256 of 3000 octets of 5A */
#define PROFILE_SIZE 3000
#define PROFILE_OCTET 0x5A
#define PROFILE_SHA256 "d8e82711038d0a16eca81944c4f3f3ec4de99d1c58498c5cbd223cac0aef865a"

static const guint8 challenge[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* A plain card whose logical channel 1 is at an ISD-P without a profile */
static int
set_up (void **state)
{
  make_plain_card (state);
  assert_status (*state, SELECT_ISD_R, "611a");
  assert_answer (*state, CREATE_ISDP, "9000");
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, SELECT_ISDP, "9000");
  return 0;
}

/* (transfer full): the R-APDU; a response that waits is fetched */
static GBytes *
store (SimCard *card, guint8 p1, guint8 number, EaSpan data)
{
  g_autofree char *hex = ea_span_to_hex (data);
  g_autofree char *command
      = g_strdup_printf ("81E2%02X%02X%02X%s", p1, number, (guint) data.size, hex);
  g_autoptr (GBytes) answer = transmit (card, command);
  g_autofree char *get = NULL;
  EaReader reader;
  guint16 sw;

  ea_reader_init (&reader, ea_span_from_bytes (answer));
  sw = ea_reader_u16be (&reader);
  if (!ea_reader_done (&reader) || sw >> 8 != 0x61)
    return g_steal_pointer (&answer);
  get = g_strdup_printf ("01C00000%02X", sw & 0xFF);
  return transmit (card, get);
}

/* (transfer full): the R-APDU of the last block; those before are answered with 9000 alone */
static GBytes *
carry (SimCard *card, EaSpan tlv, gsize block_size)
{
  guint8 number = 0;

  while (tlv.size > block_size)
    {
      g_autoptr (GBytes) answer = store (card, MORE, number++, ea_span_head (tlv, block_size));
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (answer));

      assert_string_equal (hex, "9000");
      tlv = ea_span_tail (tlv, block_size);
    }
  return store (card, LAST, number, tlv);
}

/* (transfer full): takes @command; the response TLV, behind which is 9000 */
static GBytes *
run (SimCard *card, GBytes *command, gsize block_size, SimTlv *response)
{
  g_autoptr (GBytes) owned = command;
  GBytes *answer = carry (card, ea_span_from_bytes (owned), block_size);
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (answer));
  *response = sim_tlv_read (&reader);
  assert_int_equal (ea_reader_u16be (&reader), 0x9000);
  assert_true (ea_reader_done (&reader));
  return answer;
}

/* (transfer full): the SM-SR's end of a secure channel that is open */
static SimScp03tHost *
open_secure_channel (SimCard *card, gsize block_size)
{
  SimScp03tHost *host = sim_scp03t_host_new (EA_SPAN_OF_ARRAY (challenge));
  g_autoptr (GBytes) initialized = NULL;
  g_autoptr (GBytes) authenticated = NULL;
  SimTlv response;

  initialized = run (card, sim_scp03t_host_build_initialize_update (host), block_size, &response);
  assert_int_equal (response.tag, SIM_SCP03T_TAG_INITIALIZE_UPDATE);
  assert_true (sim_scp03t_host_take_initialize_update (host, response.value, NULL));
  authenticated
      = run (card, sim_scp03t_host_build_external_authenticate (host), block_size, &response);
  assert_true (sim_scp03t_host_take_response (host, response.tag, response.value, NULL));
  return host;
}

/* (transfer full): "PROF", the size, and so many octets */
static GBytes *
make_package (void)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_u32be (&writer, 0x50524F46);
  ea_writer_u32be (&writer, PROFILE_SIZE);
  for (guint i = 0; i < PROFILE_SIZE; i++)
    ea_writer_u8 (&writer, PROFILE_OCTET);
  return ea_writer_steal (&writer);
}

static void
download (SimCard *card, gsize block_size)
{
  g_autoptr (SimScp03tHost) host = open_secure_channel (card, block_size);
  g_autoptr (GBytes) package = make_package ();
  EaSpan rest = ea_span_from_bytes (package);

  while (rest.size > 0)
    {
      EaSpan piece = ea_span_head (rest, SIM_SCP03T_PLAIN_MAX);
      g_autoptr (GBytes) answer = NULL;
      SimTlv response;

      answer = run (card, sim_scp03t_host_seal (host, piece), block_size, &response);
      assert_true (sim_scp03t_host_take_response (host, response.tag, response.value, NULL));
      rest = ea_span_tail (rest, piece.size);
    }
}

static void
test_a_profile_comes_in_blocks_and_is_hashed (void **state)
{
  download (*state, BLOCK_MAX);

  assert_true (state_has (*state, "\"state\":\"disabled\",\"fallback\":false,"
                                  "\"iccid\":\"8988211000000000045\",\"bytes\":3000,"
                                  "\"sha256\":\"" PROFILE_SHA256 "\""));
}

static void
test_block_numbers_wrap (void **state)
{
  download (*state, 3);

  assert_true (state_has (*state, PROFILE_SHA256));
}

static void
test_a_block_that_is_not_the_next_one_ends_the_chain (void **state)
{
  assert_answer (*state, "81E21101018A", "6a80");
  assert_answer (*state, "81E211000184", "9000");
  assert_answer (*state, "81E21102010A", "6a80");
  assert_answer (*state, "81E21101010A", "6a80");
  assert_answer (*state, "81E291000184", "6a80");
  sim_scp03t_host_free (open_secure_channel (*state, 5));
}

static void
test_block_00_begins_a_new_chain (void **state)
{
  assert_answer (*state, "81E211000186", "9000");
  assert_answer (*state, "81E211010186", "9000");

  sim_scp03t_host_free (open_secure_channel (*state, 5));
}

static void
test_a_chain_is_one_whole_tlv (void **state)
{
  assert_answer (*state, "81E2910003840A30", "6a80");
  assert_answer (*state, "81E291000D840A3000010203040506070800", "6a80");
  assert_answer (*state, "81E29100028300", "6a80");
  assert_answer (*state, "81E29100028900", "6a80");
  assert_answer (*state, "81E29100", "6700");
  assert_answer (*state, "81E29100028700", "6104");
}

static void
test_errors_of_the_secure_channel_are_response_data (void **state)
{
  assert_answer (*state, "81E2910002850000", "9f8501019000");
  assert_answer (*state, "81E2910002860000", "9f8601019000");
  assert_answer (*state, "81E2910002880000", "9f8801019000");
}

/* The tag of the response to the first segment of a package */
static guint
send_first_segment (SimCard *card, SimScp03tHost *host)
{
  g_autoptr (GBytes) package = make_package ();
  EaSpan segment = ea_span_head (ea_span_from_bytes (package), SIM_SCP03T_PLAIN_MAX);
  g_autoptr (GBytes) answer = NULL;
  SimTlv response;

  answer = run (card, sim_scp03t_host_seal (host, segment), BLOCK_MAX, &response);
  return response.tag;
}

static void
test_the_secure_channel_ends_with_the_logical_channel (void **state)
{
  g_autoptr (SimScp03tHost) host = open_secure_channel (*state, BLOCK_MAX);

  assert_answer (*state, "00708001", "9000");
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, SELECT_ISDP, "9000");

  assert_int_equal (send_first_segment (*state, host), 0x9F86);
}

static void
test_the_secure_channel_ends_with_the_next_selection (void **state)
{
  g_autoptr (SimScp03tHost) host = open_secure_channel (*state, BLOCK_MAX);

  assert_status (*state, SELECT_ISDP, "9000");

  assert_int_equal (send_first_segment (*state, host), 0x9F86);
}

static void
test_another_logical_channel_has_not_this_ones_secure_channel (void **state)
{
  g_autoptr (SimScp03tHost) host = open_secure_channel (*state, BLOCK_MAX);

  assert_answer (*state, "0070000001", "029000");
  assert_status (*state, "02a4040c10" ISDP, "9000");
  assert_answer (*state, "82E2910002850000", "9f8501019000");
  assert_answer (*state, "00708002", "9000");

  assert_int_equal (send_first_segment (*state, host), SIM_SCP03T_TAG_DATA);
}

static void
test_a_sealed_card_takes_nothing_in_blocks (void **state)
{
  assert_answer (*state, "0070000001", "019000");
  assert_status (*state, "01a4040c10" OTHER_AID, "9000");

  assert_answer (*state, "81E291000C840A30000102030405060708", "6982");
}

#define carriage_test(name) cmocka_unit_test_setup_teardown (name, set_up, free_card)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    carriage_test (test_a_profile_comes_in_blocks_and_is_hashed),
    carriage_test (test_block_numbers_wrap),
    carriage_test (test_a_block_that_is_not_the_next_one_ends_the_chain),
    carriage_test (test_block_00_begins_a_new_chain),
    carriage_test (test_a_chain_is_one_whole_tlv),
    carriage_test (test_errors_of_the_secure_channel_are_response_data),
    carriage_test (test_the_secure_channel_ends_with_the_logical_channel),
    carriage_test (test_the_secure_channel_ends_with_the_next_selection),
    carriage_test (test_another_logical_channel_has_not_this_ones_secure_channel),
    card_test (test_a_sealed_card_takes_nothing_in_blocks),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
