/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SCP03t of the simulator. The literal results were computed with "openssl mac" (CMAC) and "openssl enc"
 * (AES-128, ECB and CBC) from GlobalPlatform Amendment D, the keys of sim-keys.c and the two challenges
 * below:
 *
 *   S-ENC f18afc07c4532a4f600fd37c3adf1914   S-MAC f1b9b2c339fc766c9734d4a5f07f9d70
 *   S-RMAC 34a0352c10c4e22112c108315db6ba37
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "sim-keys.h"
#include "sim-scp03t-session.h"
#include "sim-scp03t.h"
#include "sim-tlv.h"
#include "test-support.h"

#define INITIALIZE_UPDATE "840a30000102030405060708"
#define INITIALIZE_RESPONSE "8420000000000000000000003003701112131415161718b3e154436d151ee3000001"
#define EXTERNAL_AUTHENTICATE "8511333bca20f35225f3916a316f1c2e4e5335"
#define AUTHENTICATED "8500"

/* 50524f4600000004deadbeef, then sixteen 00, then nothing, then 1008 octets 00 01 02 …: commands and
 * answers. The last one is known by its SHA-256. */
#define FIRST_PLAIN "50524f4600000004deadbeef"
#define FIRST "861835f2a520ffa32e4fa6eb1b60a3f86f7279c45857b100afa4"
#define FIRST_RESPONSE "86088b4e509ebe553e55"
#define SECOND_PLAIN "00000000000000000000000000000000"
#define SECOND                                                                                     \
  "8628d06b261df67f5b7c877ce3d644bd17ee33a42057cf1f1a665c1675fa7a974088e57ccdd3f2ab18dc"
#define SECOND_RESPONSE "8608ee4ba776e1f9738c"
#define THIRD "8618ca84133a70dbc54edd62daa0828f914abb1f96d822a0c5c3"
#define THIRD_RESPONSE "8608a0ca3fe1924055c8"
#define LONG_SIZE 1036
#define LONG_SHA256 "3f1238353b5055e00dcd3591501b5c3d10ed75625e964404bdb27d7932c2f063"
#define LONG_RESPONSE "86083584ccbd5157a922"

#define REFUSED_84 "9f8401"
#define REFUSED_85 "9f8501"
#define REFUSED_86 "9f8601"

static const guint8 host_challenge[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const guint8 card_challenge[] = { 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18 };

static SimTlv
read_tlv (GBytes *bytes)
{
  EaReader reader;
  SimTlv tlv;

  ea_reader_init (&reader, ea_span_from_bytes (bytes));
  tlv = sim_tlv_read (&reader);
  assert_true (ea_reader_done (&reader));
  return tlv;
}

/* Gives the card one TLV; its answer has to be @expected. */
static void
assert_answer (SimScp03tCard *card, const char *command, GByteArray *plain, const char *expected)
{
  g_autoptr (GBytes) bytes = from_hex (command);
  SimTlv tlv = read_tlv (bytes);
  g_autoptr (GBytes) answer = sim_scp03t_card_process (card, (guint8) tlv.tag, tlv.value, plain);

  assert_bytes (answer, expected);
}

static SimScp03tCard *
make_open_card (void)
{
  SimScp03tCard *card = sim_scp03t_card_new (EA_SPAN_OF_ARRAY (card_challenge));

  assert_answer (card, INITIALIZE_UPDATE, NULL, INITIALIZE_RESPONSE);
  assert_answer (card, EXTERNAL_AUTHENTICATE, NULL, AUTHENTICATED);
  return card;
}

static gboolean
take_initialize (SimScp03tHost *host, const char *response, GError **error)
{
  g_autoptr (GBytes) bytes = from_hex (response);

  return sim_scp03t_host_take_initialize_update (host, read_tlv (bytes).value, error);
}

static gboolean
take (SimScp03tHost *host, const char *response, GError **error)
{
  g_autoptr (GBytes) bytes = from_hex (response);
  SimTlv tlv = read_tlv (bytes);

  return sim_scp03t_host_take_response (host, tlv.tag, tlv.value, error);
}

static void
assert_seals (SimScp03tHost *host, const char *plain, const char *expected)
{
  g_autoptr (GBytes) bytes = from_hex (plain);
  g_autoptr (GBytes) sealed = sim_scp03t_host_seal (host, ea_span_from_bytes (bytes));

  assert_bytes (sealed, expected);
}

/* Before EXTERNAL AUTHENTICATE is answered */
static SimScp03tHost *
make_host (void)
{
  SimScp03tHost *host = sim_scp03t_host_new (EA_SPAN_OF_ARRAY (host_challenge));
  g_autoptr (GBytes) first = sim_scp03t_host_build_initialize_update (host);
  g_autoptr (GBytes) second = NULL;

  assert_bytes (first, INITIALIZE_UPDATE);
  assert_true (take_initialize (host, INITIALIZE_RESPONSE, NULL));
  second = sim_scp03t_host_build_external_authenticate (host);
  assert_bytes (second, EXTERNAL_AUTHENTICATE);
  return host;
}

static GBytes *
make_long_plain (void)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (guint i = 0; i < SIM_SCP03T_PLAIN_MAX; i++)
    ea_writer_u8 (&writer, (guint8) i);
  return ea_writer_steal (&writer);
}

static void
test_session_keys_are_those_of_another_implementation (void **state)
{
  SimScp03tSession session = { 0 };

  sim_scp03t_session_start (&session, EA_SPAN_OF_ARRAY (host_challenge),
                            EA_SPAN_OF_ARRAY (card_challenge));

  assert_bytes (session.enc, "f18afc07c4532a4f600fd37c3adf1914");
  assert_bytes (session.mac, "f1b9b2c339fc766c9734d4a5f07f9d70");
  assert_bytes (session.rmac, "34a0352c10c4e22112c108315db6ba37");
  assert_bytes (session.card_cryptogram, "b3e154436d151ee3");
  assert_bytes (session.host_cryptogram, "3bca20f35225f391");
  sim_scp03t_session_clear (&session);
}

static void
test_the_host_seals_what_another_implementation_seals (void **state)
{
  g_autoptr (SimScp03tHost) host = make_host ();
  g_autoptr (GBytes) plain = make_long_plain ();
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *digest = NULL;

  assert_seals (host, FIRST_PLAIN, FIRST);
  assert_seals (host, SECOND_PLAIN, SECOND);
  assert_seals (host, "", THIRD);
  sealed = sim_scp03t_host_seal (host, ea_span_from_bytes (plain));

  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, sealed);
  assert_int_equal (g_bytes_get_size (sealed), LONG_SIZE);
  assert_string_equal (digest, LONG_SHA256);
}

static void
test_answers_are_checked_in_the_order_of_the_commands (void **state)
{
  g_autoptr (SimScp03tHost) host = make_host ();
  g_autoptr (GError) error = NULL;

  assert_seals (host, FIRST_PLAIN, FIRST);
  assert_seals (host, SECOND_PLAIN, SECOND);
  assert_true (take (host, AUTHENTICATED, NULL));
  assert_true (take (host, FIRST_RESPONSE, NULL));
  assert_true (take (host, SECOND_RESPONSE, NULL));

  assert_false (take (host, SECOND_RESPONSE, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED));
}

static void
test_the_card_opens_what_another_implementation_sealed (void **state)
{
  g_autoptr (SimScp03tCard) card = make_open_card ();
  g_autoptr (GByteArray) plain = g_byte_array_new ();

  assert_answer (card, FIRST, plain, FIRST_RESPONSE);
  assert_hex (ea_span_from_array (plain), FIRST_PLAIN);
  assert_answer (card, SECOND, plain, SECOND_RESPONSE);
  assert_hex (ea_span_from_array (plain), FIRST_PLAIN SECOND_PLAIN);
  assert_answer (card, THIRD, plain, THIRD_RESPONSE);
  assert_hex (ea_span_from_array (plain), FIRST_PLAIN SECOND_PLAIN);
}

static void
test_the_largest_command_is_opened (void **state)
{
  g_autoptr (SimScp03tHost) host = make_host ();
  g_autoptr (SimScp03tCard) card = make_open_card ();
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  g_autoptr (GBytes) expected = make_long_plain ();
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) answer = NULL;

  assert_answer (card, FIRST, plain, FIRST_RESPONSE);
  assert_answer (card, SECOND, plain, SECOND_RESPONSE);
  assert_answer (card, THIRD, plain, THIRD_RESPONSE);
  assert_seals (host, FIRST_PLAIN, FIRST);
  assert_seals (host, SECOND_PLAIN, SECOND);
  assert_seals (host, "", THIRD);
  sealed = sim_scp03t_host_seal (host, ea_span_from_bytes (expected));
  g_byte_array_set_size (plain, 0);
  answer = sim_scp03t_card_process (card, SIM_SCP03T_TAG_DATA, read_tlv (sealed).value, plain);

  assert_bytes (answer, LONG_RESPONSE);
  assert_true (ea_span_equal (ea_span_from_array (plain), ea_span_from_bytes (expected)));
}

/* Each octet of the value changed, and each length of it but the right one. */
static void
assert_refused_when_changed (const char *command, gboolean needs_authentication,
                             const char *refused)
{
  g_autoptr (GBytes) bytes = from_hex (command);
  g_autoptr (GBytes) prefix = from_hex (refused);
  SimTlv tlv = read_tlv (bytes);

  for (gsize i = 0; i < 2 * tlv.value.size; i++)
    {
      g_autoptr (SimScp03tCard) card = sim_scp03t_card_new (EA_SPAN_OF_ARRAY (card_challenge));
      g_autoptr (GByteArray) value = g_byte_array_new ();
      g_autoptr (GByteArray) plain = g_byte_array_new ();
      g_autoptr (GBytes) answer = NULL;
      gboolean is_cut = i >= tlv.value.size;

      assert_answer (card, INITIALIZE_UPDATE, NULL, INITIALIZE_RESPONSE);
      if (needs_authentication)
        assert_answer (card, EXTERNAL_AUTHENTICATE, NULL, AUTHENTICATED);
      g_byte_array_append (value, tlv.value.data,
                           (guint) (is_cut ? i - tlv.value.size : tlv.value.size));
      if (!is_cut)
        value->data[i] ^= 1;
      answer = sim_scp03t_card_process (card, (guint8) tlv.tag, ea_span_from_array (value), plain);

      assert_true (ea_span_has_prefix (ea_span_from_bytes (answer), ea_span_from_bytes (prefix)));
      assert_int_equal (plain->len, 0);
    }
}

static void
test_changed_and_cut_commands_are_refused (void **state)
{
  assert_refused_when_changed (EXTERNAL_AUTHENTICATE, FALSE, REFUSED_85);
  assert_refused_when_changed (FIRST, TRUE, REFUSED_86);
}

static void
test_a_command_twice_or_out_of_order_is_refused (void **state)
{
  g_autoptr (SimScp03tCard) card = make_open_card ();
  g_autoptr (GByteArray) plain = g_byte_array_new ();

  assert_answer (card, FIRST, plain, FIRST_RESPONSE);
  assert_answer (card, FIRST, plain, REFUSED_86 "02");
  assert_answer (card, SECOND, plain, REFUSED_86 "02");
  assert_answer (card, INITIALIZE_UPDATE, plain, INITIALIZE_RESPONSE);
  assert_answer (card, FIRST, plain, REFUSED_86 "02");
  assert_answer (card, EXTERNAL_AUTHENTICATE, plain, REFUSED_85 "02");
  assert_answer (card, INITIALIZE_UPDATE, plain, INITIALIZE_RESPONSE);
  assert_answer (card, EXTERNAL_AUTHENTICATE, plain, AUTHENTICATED);
  assert_answer (card, EXTERNAL_AUTHENTICATE, plain, REFUSED_85 "02");

  assert_hex (ea_span_from_array (plain), FIRST_PLAIN);
}

static void
test_initialize_update_is_checked_by_the_card (void **state)
{
  g_autoptr (SimScp03tCard) card = sim_scp03t_card_new (EA_SPAN_OF_ARRAY (card_challenge));

  assert_answer (card, "840a31000102030405060708", NULL, REFUSED_84 "03");
  assert_answer (card, "8409300001020304050607", NULL, REFUSED_84 "01");
  assert_answer (card, "840b3000010203040506070809", NULL, REFUSED_84 "01");
  assert_answer (card, "840a00000102030405060708", NULL, INITIALIZE_RESPONSE);
}

static void
assert_host_refuses (const char *response, EaCoreError code)
{
  g_autoptr (SimScp03tHost) host = sim_scp03t_host_new (EA_SPAN_OF_ARRAY (host_challenge));
  g_autoptr (GError) error = NULL;

  assert_false (take_initialize (host, response, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, (int) code));
}

static void
test_initialize_update_is_checked_by_the_host (void **state)
{
  assert_host_refuses ("8420000000000000000000003003701112131415161718b3e154436d151ee2000001",
                       EA_CORE_ERROR_SECURITY);
  assert_host_refuses ("8420000000000000000000003003701112131415161719b3e154436d151ee3000001",
                       EA_CORE_ERROR_SECURITY);
  assert_host_refuses ("8420000000000000000000003002701112131415161718b3e154436d151ee3000001",
                       EA_CORE_ERROR_UNSUPPORTED);
  assert_host_refuses ("8420000000000000000000003003601112131415161718b3e154436d151ee3000001",
                       EA_CORE_ERROR_UNSUPPORTED);
  assert_host_refuses ("841f000000000000000000003003701112131415161718b3e154436d151ee30000",
                       EA_CORE_ERROR_MALFORMED);
  assert_host_refuses ("8421000000000000000000003003701112131415161718b3e154436d151ee300000100",
                       EA_CORE_ERROR_MALFORMED);
  assert_host_refuses ("8400", EA_CORE_ERROR_MALFORMED);
}

static void
assert_first_answer_fails (const char *response, EaCoreError code)
{
  g_autoptr (SimScp03tHost) host = make_host ();
  g_autoptr (GError) error = NULL;

  assert_true (take (host, AUTHENTICATED, NULL));
  assert_seals (host, FIRST_PLAIN, FIRST);
  assert_false (take (host, response, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, (int) code));
}

static void
test_wrong_answers_are_refused_by_the_host (void **state)
{
  g_autoptr (SimScp03tHost) host = make_host ();
  g_autoptr (GError) error = NULL;

  assert_first_answer_fails ("86088b4e509ebe553e54", EA_CORE_ERROR_SECURITY);
  assert_first_answer_fails (SECOND_RESPONSE, EA_CORE_ERROR_SECURITY);
  assert_first_answer_fails ("9f860102", EA_CORE_ERROR_SECURITY);
  assert_first_answer_fails ("86078b4e509ebe553e", EA_CORE_ERROR_MALFORMED);
  assert_first_answer_fails ("86098b4e509ebe553e5500", EA_CORE_ERROR_MALFORMED);
  assert_first_answer_fails ("8600", EA_CORE_ERROR_MALFORMED);
  assert_first_answer_fails ("8500", EA_CORE_ERROR_MALFORMED);
  assert_false (take (host, "850100", &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED));
  sim_scp03t_host_free (NULL);
  sim_scp03t_card_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_session_keys_are_those_of_another_implementation),
    cmocka_unit_test (test_the_host_seals_what_another_implementation_seals),
    cmocka_unit_test (test_answers_are_checked_in_the_order_of_the_commands),
    cmocka_unit_test (test_the_card_opens_what_another_implementation_sealed),
    cmocka_unit_test (test_the_largest_command_is_opened),
    cmocka_unit_test (test_changed_and_cut_commands_are_refused),
    cmocka_unit_test (test_a_command_twice_or_out_of_order_is_refused),
    cmocka_unit_test (test_initialize_update_is_checked_by_the_card),
    cmocka_unit_test (test_initialize_update_is_checked_by_the_host),
    cmocka_unit_test (test_wrong_answers_are_refused_by_the_host),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
