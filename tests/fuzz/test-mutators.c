/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mutators of the fuzz targets (mutate.h): what they make gets behind the first checks of a parser. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/cat-command.h"
#include "core/cattp-pdu.h"
#include "core/http-reader.h"
#include "core/scp80-seal.h"
#include "core/tlv.h"
#include "helpers.h"
#include "mutate.h"
#include "scp80-keys.h"
#include "stand-in.h"

#define N_SEEDS 1000

typedef GByteArray *(*MutateFunc) (EaSpan input, EaSpan other, FuzzRandom *random);

typedef gboolean (*CheckFunc) (EaSpan input);

/* tests/vectors: ofono-stk-open_channel_data_211, go-01-setup-one-sdu-each-way-4 */
#define PROACTIVE_COMMAND                                                                          \
  "D036810301400182028182350702030403041F02390205780D08F4557365724C6F67"                           \
  "0D08F4557365725077643C0301AD9C3E052101010101"
#define PACKET                                                                                     \
  "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define QMI_TLVS "1A010000140700FFFFFFFF0100D0"
#define PDU "40000012C00109290016CF87CF86000A744C0218120000010000000004000EAB0880010123029000"
#define RESPONSE                                                                                   \
  "HTTP/1.1 200 OK\r\n"                                                                            \
  "X-Admin-Next-URI: /1\r\n"                                                                       \
  "Content-Length: 4\r\n\r\n"                                                                      \
  "\xAA\x02\x22\x00"

/* (transfer full): the result of a mutator that is seeded with @seed */
static GByteArray *
mutate (MutateFunc mutate_input, EaSpan input, guint32 seed)
{
  FuzzRandom random;

  stand_in_seed (seed);
  fuzz_random_init (&random, seed);
  return mutate_input (input, seed % 2 == 0 ? input : EA_SPAN_EMPTY, &random);
}

/* How many of a thousand results satisfy @check */
static guint
count (MutateFunc mutate_input, EaSpan input, CheckFunc check)
{
  guint n_good = 0;

  for (guint32 seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GByteArray) result = mutate (mutate_input, input, seed);

      n_good += check (ea_span_from_array (result)) ? 1 : 0;
    }
  return n_good;
}

static guint
count_of_hex (MutateFunc mutate_input, const char *hex, CheckFunc check)
{
  g_autoptr (GBytes) input = bytes_of (hex);

  return count (mutate_input, ea_span_from_bytes (input), check);
}

static gboolean
is_opened (EaSpan input, EaScp80Form form, gsize key_size)
{
  EaSpan key = ea_span_init (scp80_key, key_size);
  EaScp80Keys keys = { EA_SCP80_ALGORITHM_AES, key, key };
  g_auto (EaScp80Contents) contents = { 0 };
  EaScp80Packet packet;
  EaScp80Status status;
  guint64 highest = 0;

  return ea_scp80_parse (&packet, EA_SCP80_COMMAND, form, input, NULL)
         && ea_scp80_unwrap_command (&packet, &keys, &highest, &contents, &status, NULL);
}

static gboolean
is_accepted_command_packet (EaSpan input)
{
  return is_opened (input, EA_SCP80_FORM_SMS, 16) || is_opened (input, EA_SCP80_FORM_SMS, 24)
         || is_opened (input, EA_SCP80_FORM_SMS, 32) || is_opened (input, EA_SCP80_FORM_CAT_TP, 16);
}

/* With a CC, ciphered, by what the TAR says (fuzz-scp80.c) */
static gboolean
is_accepted_response_packet (EaSpan input)
{
  const gsize key_sizes[] = { 16, 24, 32 };
  EaScp80Packet packet;

  if (!ea_scp80_parse (&packet, EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS, input, NULL))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (key_sizes); i++)
    {
      EaSpan key = ea_span_init (scp80_key, key_sizes[i]);
      EaScp80Keys keys = { EA_SCP80_ALGORITHM_AES, key, key };
      EaScp80Header command = { .spi = (guint8) (packet.header.tar >> 16),
                                .kic = (guint8) (packet.header.tar >> 8),
                                .kid = (guint8) packet.header.tar };
      EaScp80Security security = ea_scp80_get_response_security (&command);
      g_auto (EaScp80Contents) contents = { 0 };

      if (security.integrity == EA_SCP80_INTEGRITY_CC && security.is_ciphered
          && ea_scp80_unwrap_response (&packet, &security, &keys, &contents, NULL))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_sequence (EaSpan input)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, input);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_ber (&reader, &tlv, NULL))
      return FALSE;
  return input.size > 0;
}

static gboolean
is_command (EaSpan input)
{
  EaCatCommand command;

  return ea_cat_parse_command (&command, input, NULL);
}

static gboolean
is_qmi_sequence (EaSpan input)
{
  EaReader reader;

  ea_reader_init (&reader, input);
  while (ea_reader_remaining (&reader) > 0 && ea_reader_is_ok (&reader))
    {
      (void) ea_reader_u8 (&reader);
      (void) ea_reader_bytes (&reader, ea_reader_u16le (&reader));
    }
  return ea_reader_done (&reader);
}

static gboolean
is_good_pdu (EaSpan input)
{
  EaCattpPdu pdu;

  return ea_cattp_pdu_parse (&pdu, input, NULL) && pdu.is_checksum_good;
}

static gboolean
is_whole_response (EaSpan input)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (EA_HTTP_RESPONSE, FALSE);
  EaHttpEvent event = EA_HTTP_EVENT_NEEDS_BYTES;
  EaSpan piece;

  ea_http_reader_feed (reader, input);
  ea_http_reader_feed_end (reader);
  while (event != EA_HTTP_EVENT_COMPLETE)
    if (!ea_http_reader_next (reader, &event, &piece, NULL))
      return FALSE;
  return TRUE;
}

static void
test_same_seed_makes_the_same (void **state)
{
  const MutateFunc functions[] = { fuzz_mutate_tlv,   fuzz_mutate_qmi,       fuzz_mutate_http,
                                   fuzz_mutate_admin, fuzz_mutate_cattp_pdu,
#ifdef FUZZ_WITH_NETTLE
                                   fuzz_mutate_scp80
#endif
  };
  g_autoptr (GBytes) input = bytes_of (PROACTIVE_COMMAND);
  guint n_unlike = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    for (guint32 seed = 0; seed < N_SEEDS; seed++)
      {
        g_autoptr (GByteArray) once = mutate (functions[i], ea_span_from_bytes (input), seed);
        g_autoptr (GByteArray) again = mutate (functions[i], ea_span_from_bytes (input), seed);
        g_autoptr (GByteArray) other = mutate (functions[i], ea_span_from_bytes (input), seed + 1);

        assert_true (ea_span_equal (ea_span_from_array (once), ea_span_from_array (again)));
        n_unlike += ea_span_equal (ea_span_from_array (once), ea_span_from_array (other)) ? 0 : 1;
      }
  assert_true (n_unlike > G_N_ELEMENTS (functions) * N_SEEDS * 8 / 10);
}

static void
test_nothing_can_be_mutated_too (void **state)
{
  assert_true (count (fuzz_mutate_tlv, EA_SPAN_EMPTY, is_sequence) > N_SEEDS / 2);
  assert_true (count (fuzz_mutate_qmi, EA_SPAN_EMPTY, is_qmi_sequence) > N_SEEDS / 2);
  (void) count (fuzz_mutate_http, EA_SPAN_EMPTY, is_whole_response);
  (void) count (fuzz_mutate_admin, EA_SPAN_EMPTY, is_whole_response);
  (void) count (fuzz_mutate_cattp_pdu, EA_SPAN_EMPTY, is_good_pdu);
}

static void
test_lengths_of_objects_fit_mostly (void **state)
{
  assert_true (count_of_hex (fuzz_mutate_tlv, PROACTIVE_COMMAND, is_sequence) > N_SEEDS * 8 / 10);
  assert_true (count_of_hex (fuzz_mutate_tlv, PROACTIVE_COMMAND, is_command) > N_SEEDS / 10);
  assert_true (count_of_hex (fuzz_mutate_qmi, QMI_TLVS, is_qmi_sequence) > N_SEEDS * 8 / 10);
}

static void
test_now_and_then_a_length_is_wrong (void **state)
{
  assert_true (count_of_hex (fuzz_mutate_tlv, PROACTIVE_COMMAND, is_sequence) < N_SEEDS);
}

static void
test_checksums_of_pdus_are_good_mostly (void **state)
{
  guint n_good = count_of_hex (fuzz_mutate_cattp_pdu, PDU, is_good_pdu);

  assert_true (n_good > N_SEEDS / 2 && n_good < N_SEEDS);
}

static void
test_messages_are_whole_mostly (void **state)
{
  guint n_good
      = count (fuzz_mutate_http, ea_span_init ((const guint8 *) RESPONSE, sizeof RESPONSE - 1),
               is_whole_response);

  assert_true (n_good > N_SEEDS / 3 && n_good < N_SEEDS);
}

#ifdef FUZZ_WITH_NETTLE
static void
test_packets_get_behind_their_checksum (void **state)
{
  guint n_commands = count_of_hex (fuzz_mutate_scp80, PACKET, is_accepted_command_packet);
  guint n_responses = count_of_hex (fuzz_mutate_scp80, PACKET, is_accepted_response_packet);

  assert_true (n_commands > N_SEEDS / 10 && n_commands < N_SEEDS);
  assert_true (n_responses > 0);
}
#endif

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_same_seed_makes_the_same),
    cmocka_unit_test (test_nothing_can_be_mutated_too),
    cmocka_unit_test (test_lengths_of_objects_fit_mostly),
    cmocka_unit_test (test_now_and_then_a_length_is_wrong),
    cmocka_unit_test (test_checksums_of_pdus_are_good_mostly),
    cmocka_unit_test (test_messages_are_whole_mostly),
#ifdef FUZZ_WITH_NETTLE
    cmocka_unit_test (test_packets_get_behind_their_checksum),
#endif
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
