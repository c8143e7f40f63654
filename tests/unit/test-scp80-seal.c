/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets with their keys (agent/core/scp80-seal.h): the counter, what may be executed, what can be
 * built. The literal packets of the key set KIC, KID were made and checked with pySim and openssl.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/scp80-crypto.h"
#include "core/scp80-seal.h"
#include "helpers.h"

#define KIC "30313233343536373839414243444546"
#define KID "50515253545556575859616263646566"
#define DES_KEY "0123456789ABCDEF"
#define GET_EID "AA07220580CA005A00"
#define GET_EID_PACKET                                                                             \
  "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286D5B96F54940F"
#define ENABLE_PACKET                                                                              \
  "0038151639121200000186AE99FDDE7B3FA7E66144278CA14D9BE35B979E1AD6951174EF452307FCA4E1"           \
  "661E81B819B4092292667C62E7F30352"
#define EID_RESPONSE                                                                               \
  "003412000001"                                                                                   \
  "34DBD031A252426AFC40A64ED871448198EE21DCA8250BE1C87CAEC9E56C131FF88C51CAC504DD1B1240FAF7D99571" \
  "32"

#define EMPTY_BODY "000000000000"

/* What pySim and openssl made for the key set KIC, KID. */
static const EaScp80Header get_eid_header
    = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0x1639, 0x12, 0x12, 0x000001 };

typedef struct
{
  GBytes *kic;
  GBytes *kid;
  EaScp80Keys keys;
} KeySet;

static void
key_set_init (KeySet *set, EaScp80Algorithm algorithm, const char *kic, const char *kid)
{
  set->kic = bytes_of (kic);
  set->kid = bytes_of (kid);
  set->keys
      = (EaScp80Keys){ algorithm, ea_span_from_bytes (set->kic), ea_span_from_bytes (set->kid) };
}

static void
key_set_clear (KeySet *set)
{
  g_bytes_unref (set->kic);
  g_bytes_unref (set->kid);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KeySet, key_set_clear)

/* A command packet of the AES key set KIC, KID: parsed from @hex, which must live on. */
static EaScp80Packet
parse_command (GBytes *bytes)
{
  EaScp80Packet packet;

  assert_true (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                               ea_span_from_bytes (bytes), NULL));
  return packet;
}

static void
test_command_is_unwrapped_and_raises_the_counter (void **state)
{
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) bytes = bytes_of (ENABLE_PACKET);
  EaScp80Packet packet = parse_command (bytes);
  g_auto (EaScp80Contents) contents = { 0 };
  EaScp80Status status;
  guint64 highest = 1;

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  assert_true (ea_scp80_unwrap_command (&packet, &set.keys, &highest, &contents, &status, NULL));

  assert_int_equal (status, EA_SCP80_STATUS_OK);
  assert_int_equal (contents.counter, 2);
  assert_int_equal (highest, 2);
  assert_span_is (contents.data, "AA1C221A80E28800153A03124F10A0000005591010FFFFFFFF8900001100");
}

static void
test_response_is_unwrapped_as_the_command_asked_for_it (void **state)
{
  EaScp80Security security = ea_scp80_get_response_security (&get_eid_header);
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) bytes = bytes_of (EID_RESPONSE);
  g_auto (EaScp80Contents) contents = { 0 };
  g_autoptr (GError) error = NULL;
  EaScp80Packet packet;

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  assert_true (ea_scp80_parse (&packet, EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS,
                               ea_span_from_bytes (bytes), NULL));
  assert_true (ea_scp80_unwrap_response (&packet, &security, &set.keys, &contents, &error));

  assert_int_equal (contents.counter, 1);
  assert_int_equal (contents.status, EA_SCP80_STATUS_OK);
  assert_int_equal (contents.padding, 6);
  assert_span_is (contents.integrity, "95C76B30FEBE61DC");
  assert_span_is (contents.data, "AB1980010123145A10890010120123412340123456789012249000");
}

static void
test_command_and_response_are_wrapped_as_others_do (void **state)
{
  EaScp80Security asked = ea_scp80_get_security (&get_eid_header);
  EaScp80Security response = ea_scp80_get_response_security (&get_eid_header);
  EaScp80Header response_header = { EA_SCP80_RESPONSE, EA_SCP80_FORM_SMS, 0, 0, 0, 0x000001 };
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) command_data = bytes_of (GET_EID);
  g_autoptr (GBytes) response_data
      = bytes_of ("AB1980010123145A10890010120123412340123456789012249000");
  EaScp80Contents contents = { .counter = 1, .data = ea_span_from_bytes (command_data) };
  g_autoptr (GBytes) command = NULL;
  g_autoptr (GBytes) answer = NULL;

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  command = ea_scp80_wrap (&get_eid_header, &asked, &set.keys, &contents, NULL);
  contents.data = ea_span_from_bytes (response_data);
  answer = ea_scp80_wrap (&response_header, &response, &set.keys, &contents, NULL);

  assert_bytes_are (command, GET_EID_PACKET);
  assert_bytes_are (answer, EID_RESPONSE);
}

static void
expect_unwrap_failure (const char *hex, const EaScp80Keys *keys, guint64 highest, EaCoreError code,
                       EaScp80Status expected)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaScp80Packet packet = parse_command (bytes);
  g_autoptr (GError) error = NULL;
  guint64 counter = highest;
  EaScp80Contents contents;
  EaScp80Status status;

  poison (&contents, sizeof contents);
  assert_false (ea_scp80_unwrap_command (&packet, keys, &counter, &contents, &status, &error));
  assert_core_error (&error, code);
  assert_int_equal (status, expected);
  assert_int_equal (counter, highest);
  assert_true (is_poisoned (&contents, sizeof contents));
}

/* One bit, anywhere: the lengths, SPI, keys, target and all that is ciphered */
static void
test_no_changed_bit_of_a_command_is_accepted (void **state)
{
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) bytes = bytes_of (GET_EID_PACKET);
  gsize size = g_bytes_get_size (bytes);

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  for (gsize bit = 0; bit < 8 * size; bit++)
    {
      g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GError) error = NULL;
      g_auto (EaScp80Contents) contents = { 0 };
      EaScp80Packet packet;
      EaScp80Status status;
      guint64 highest = 0;

      changed[bit / 8] ^= (guint8) (1u << bit % 8);
      if (!ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                           ea_span_init (changed, size), NULL))
        continue;
      assert_false (
          ea_scp80_unwrap_command (&packet, &set.keys, &highest, &contents, &status, &error));
      assert_int_equal (highest, 0);
    }
}

static void
test_wrong_keys_are_refused (void **state)
{
  g_auto (KeySet) other_kid = { 0 };
  g_auto (KeySet) other_kic = { 0 };
  g_auto (KeySet) triple_des = { 0 };
  g_auto (KeySet) cut = { 0 };

  key_set_init (&other_kid, EA_SCP80_ALGORITHM_AES, KIC, KIC);
  key_set_init (&other_kic, EA_SCP80_ALGORITHM_AES, KID, KID);
  key_set_init (&triple_des, EA_SCP80_ALGORITHM_3DES, KIC, KID);
  key_set_init (&cut, EA_SCP80_ALGORITHM_AES, "0102030405060708090A0B0C0D0E0F", KID);
  expect_unwrap_failure (GET_EID_PACKET, &other_kid.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_INTEGRITY_FAILED);
  expect_unwrap_failure (GET_EID_PACKET, &other_kic.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_INTEGRITY_FAILED);
  expect_unwrap_failure (GET_EID_PACKET, &triple_des.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_CIPHERING_ERROR);
  expect_unwrap_failure (GET_EID_PACKET, &cut.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_CIPHERING_ERROR);
}

/* (transfer full): a command packet with @spi and @counter, as hexadecimal */
static char *
make_command (const EaScp80Keys *keys, guint16 spi, guint8 kic_kid, guint64 counter)
{
  EaScp80Header header = get_eid_header;
  EaScp80Contents contents = { .counter = counter, .data = ea_span_init ("command", 7) };
  g_autoptr (GBytes) packet = NULL;
  EaScp80Security security;

  header.spi = spi;
  header.kic = kic_kid;
  header.kid = kic_kid;
  security = ea_scp80_get_security (&header);
  packet = ea_scp80_wrap (&header, &security, keys, &contents, NULL);
  assert_non_null (packet);
  return ea_span_to_hex (ea_span_from_bytes (packet));
}

static void
expect_counter (const EaScp80Keys *keys, guint16 spi, guint64 counter, guint64 highest,
                EaScp80Status expected)
{
  g_autofree char *hex = make_command (keys, spi, 0x12, counter);
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaScp80Packet packet = parse_command (bytes);
  g_auto (EaScp80Contents) contents = { 0 };
  guint64 raised = highest;
  EaScp80Status status;

  if (expected != EA_SCP80_STATUS_OK)
    {
      expect_unwrap_failure (hex, keys, highest, EA_CORE_ERROR_REPLAY, expected);
      return;
    }
  assert_true (ea_scp80_unwrap_command (&packet, keys, &raised, &contents, &status, NULL));
  assert_int_equal (raised, counter);
  assert_int_equal (contents.counter, counter);
}

#define SPI_HIGHER 0x1600
#define SPI_NEXT 0x1E00
#define SPI_NOT_CIPHERED 0x1200

static void
test_counter_must_be_higher_or_one_higher (void **state)
{
  const guint64 most = EA_SCP80_COUNTER_MAX;
  g_auto (KeySet) set = { 0 };

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  expect_counter (&set.keys, SPI_HIGHER, 8, 8, EA_SCP80_STATUS_COUNTER_LOW);
  expect_counter (&set.keys, SPI_HIGHER, 7, 8, EA_SCP80_STATUS_COUNTER_LOW);
  expect_counter (&set.keys, SPI_HIGHER, 9, 8, EA_SCP80_STATUS_OK);
  expect_counter (&set.keys, SPI_HIGHER, most, 8, EA_SCP80_STATUS_OK);
  expect_counter (&set.keys, SPI_HIGHER, most, most - 1, EA_SCP80_STATUS_OK);
  expect_counter (&set.keys, SPI_HIGHER, most, most, EA_SCP80_STATUS_COUNTER_BLOCKED);
  expect_counter (&set.keys, SPI_HIGHER, 1, most, EA_SCP80_STATUS_COUNTER_BLOCKED);
  expect_counter (&set.keys, SPI_NEXT, 8, 8, EA_SCP80_STATUS_COUNTER_LOW);
  expect_counter (&set.keys, SPI_NEXT, 9, 8, EA_SCP80_STATUS_OK);
  expect_counter (&set.keys, SPI_NEXT, 10, 8, EA_SCP80_STATUS_COUNTER_HIGH);
  expect_counter (&set.keys, SPI_NEXT, most, most - 1, EA_SCP80_STATUS_OK);
  expect_counter (&set.keys, SPI_NEXT, most, most, EA_SCP80_STATUS_COUNTER_BLOCKED);
}

static void
test_commands_without_enough_security_are_not_executed (void **state)
{
  static const guint16 bad_spis[]
      = { 0x0000, 0x0100, 0x0200, 0x0400, 0x0600, 0x0A00, 0x0E00, 0x1100, 0x1400, 0x1500 };
  g_auto (KeySet) set = { 0 };

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  for (guint i = 0; i < G_N_ELEMENTS (bad_spis); i++)
    {
      g_autofree char *hex = make_command (&set.keys, bad_spis[i],
                                           (bad_spis[i] & 0x0300) == 0x0100 ? 0x10 : 0x12, 9);

      expect_unwrap_failure (hex, &set.keys, 0, EA_CORE_ERROR_SECURITY,
                             EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
    }
}

static void
test_no_algorithm_may_do_without_a_checked_counter (void **state)
{
  static const struct
  {
    EaScp80Algorithm algorithm;
    guint8 kic_kid;
    const char *key;
  } rows[] = {
    { EA_SCP80_ALGORITHM_AES, 0x12, KIC },
    { EA_SCP80_ALGORITHM_3DES, 0x15, KIC },
    { EA_SCP80_ALGORITHM_3DES, 0x10, KIC },
    { EA_SCP80_ALGORITHM_DES, 0x11, DES_KEY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (KeySet) set = { 0 };
      g_autofree char *without = NULL;
      g_autofree char *unchecked = NULL;

      key_set_init (&set, rows[i].algorithm, rows[i].key, rows[i].key);
      without = make_command (&set.keys, 0x0600, rows[i].kic_kid, 9);
      unchecked = make_command (&set.keys, 0x0E00, rows[i].kic_kid, 9);
      expect_unwrap_failure (without, &set.keys, 5, EA_CORE_ERROR_SECURITY,
                             EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
      expect_unwrap_failure (unchecked, &set.keys, 5, EA_CORE_ERROR_SECURITY,
                             EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
    }
}

/* (transfer full): a command packet of @keys with counter 1, as hexadecimal */
static char *
make_other_command (const EaScp80Keys *keys, guint16 spi, guint8 kic, guint8 kid, gsize cc_size)
{
  EaScp80Header header = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, spi, kic, kid, 0x000001 };
  EaScp80Security security = ea_scp80_get_security (&header);
  EaScp80Contents contents = { .counter = 1, .data = ea_span_init ("command", 7) };
  g_autoptr (GBytes) packet = NULL;

  security.integrity_size = cc_size;
  packet = ea_scp80_wrap (&header, &security, keys, &contents, NULL);
  assert_non_null (packet);
  return ea_span_to_hex (ea_span_from_bytes (packet));
}

static void
test_checksum_of_four_octets_is_verified_but_not_executed (void **state)
{
  g_auto (KeySet) set = { 0 };
  g_auto (EaScp80Contents) contents = { 0 };
  g_autofree char *hex = NULL;
  g_autoptr (GBytes) bytes = NULL;
  EaScp80Security security;
  EaScp80Packet packet;

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  hex = make_other_command (&set.keys, SPI_HIGHER, 0x12, 0x12, EA_SCP80_CC_SHORT_SIZE);
  bytes = bytes_of (hex);
  packet = parse_command (bytes);
  security = ea_scp80_get_security (&packet.header);

  assert_true (ea_scp80_open (&packet, &security, &set.keys, &contents, NULL));
  assert_true (ea_scp80_verify (&packet, &security, &set.keys, &contents, NULL));
  expect_unwrap_failure (hex, &set.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
}

static void
expect_executed (const EaScp80Keys *keys, guint16 spi, guint8 kic, guint8 kid)
{
  g_autofree char *hex = make_other_command (keys, spi, kic, kid, EA_SCP80_CC_SIZE);
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaScp80Packet packet = parse_command (bytes);
  g_auto (EaScp80Contents) contents = { 0 };
  EaScp80Status status;
  guint64 highest = 0;

  assert_true (ea_scp80_unwrap_command (&packet, keys, &highest, &contents, &status, NULL));
}

static void
expect_not_executed (const EaScp80Keys *keys, guint16 spi, guint8 kic, guint8 kid,
                     EaScp80Status expected)
{
  g_autofree char *hex = make_other_command (keys, spi, kic, kid, EA_SCP80_CC_SIZE);

  expect_unwrap_failure (hex, keys, 0, EA_CORE_ERROR_SECURITY, expected);
}

/* Where KIc ciphers nothing, its key set does not matter. */
static void
test_kic_and_kid_of_a_ciphered_command_name_one_key_set (void **state)
{
  g_auto (KeySet) set = { 0 };

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  expect_not_executed (&set.keys, SPI_HIGHER, 0x22, 0x12, EA_SCP80_STATUS_SECURITY_ERROR);
  expect_not_executed (&set.keys, SPI_HIGHER, 0x02, 0x12, EA_SCP80_STATUS_SECURITY_ERROR);
  expect_not_executed (&set.keys, SPI_HIGHER, 0x12, 0x02, EA_SCP80_STATUS_SECURITY_ERROR);
  expect_executed (&set.keys, SPI_HIGHER, 0x12, 0x12);
  expect_executed (&set.keys, SPI_HIGHER, 0x10, 0x12);
  expect_executed (&set.keys, SPI_NOT_CIPHERED, 0x00, 0x12);
}

static void
test_reserved_bits_of_the_spi_are_zero_in_what_is_executed (void **state)
{
  g_auto (KeySet) set = { 0 };

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  for (guint bit = 0; bit < 16; bit++)
    {
      guint16 spi = (guint16) (SPI_HIGHER | 1u << bit);

      if (bit >= 13 || bit == 7 || bit == 6)
        expect_not_executed (&set.keys, spi, 0x12, 0x12, EA_SCP80_STATUS_SECURITY_ERROR);
      else if (bit < 6)
        expect_executed (&set.keys, spi, 0x12, 0x12);
    }
}

static void
test_des_in_ecb_mode_is_opened_but_not_executed (void **state)
{
  g_auto (KeySet) set = { 0 };
  g_auto (EaScp80Contents) contents = { 0 };
  g_autofree char *hex = NULL;
  g_autoptr (GBytes) bytes = NULL;
  EaScp80Security security;
  EaScp80Packet packet;

  key_set_init (&set, EA_SCP80_ALGORITHM_DES, DES_KEY, DES_KEY);
  hex = make_other_command (&set.keys, SPI_HIGHER, 0x1D, 0x11, EA_SCP80_CC_SIZE);
  bytes = bytes_of (hex);
  packet = parse_command (bytes);
  security = ea_scp80_get_security (&packet.header);

  assert_true (ea_scp80_open (&packet, &security, &set.keys, &contents, NULL));
  expect_unwrap_failure (hex, &set.keys, 0, EA_CORE_ERROR_SECURITY,
                         EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
  expect_not_executed (&set.keys, SPI_NOT_CIPHERED, 0x1D, 0x11,
                       EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
  expect_executed (&set.keys, SPI_HIGHER, 0x11, 0x11);
}

static void
test_deciphered_octets_are_wiped_when_contents_are_cleared (void **state)
{
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) bytes = bytes_of (GET_EID_PACKET);
  EaScp80Packet packet = parse_command (bytes);
  EaScp80Security security = ea_scp80_get_security (&packet.header);
  g_autoptr (GByteArray) plain = NULL;
  EaScp80Contents contents;

  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  assert_true (ea_scp80_open (&packet, &security, &set.keys, &contents, NULL));
  plain = g_byte_array_ref (contents.plain);
  ea_scp80_contents_clear (&contents);

  assert_int_equal (plain->len, packet.body.size);
  for (guint i = 0; i < plain->len; i++)
    assert_int_equal (plain->data[i], 0);
}

/* KIc 15 and KID 11 in one key set, as some servers have it */
static void
test_triple_des_key_set_may_have_a_key_for_des (void **state)
{
  EaScp80Header header = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0x1600, 0x15, 0x11, 0x000001 };
  EaScp80Security security = ea_scp80_get_security (&header);
  EaScp80Contents contents = { .counter = 1, .data = ea_span_init ("command", 7) };
  g_auto (KeySet) set = { 0 };
  g_auto (EaScp80Contents) opened = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  EaScp80Packet packet;
  EaScp80Status status;
  guint64 highest = 0;

  key_set_init (&set, EA_SCP80_ALGORITHM_3DES, KIC, DES_KEY);
  bytes = ea_scp80_wrap (&header, &security, &set.keys, &contents, NULL);
  packet = parse_command (bytes);
  assert_true (ea_scp80_unwrap_command (&packet, &set.keys, &highest, &opened, &status, NULL));
  assert_true (ea_span_equal (opened.data, contents.data));

  header.kid = 0x15;
  security = ea_scp80_get_security (&header);
  assert_null (ea_scp80_wrap (&header, &security, &set.keys, &contents, NULL));
}

/* PCNTR 8 where seven octets follow the CC; everything else is right. */
static void
test_more_padding_than_data_is_malformed (void **state)
{
  EaScp80Header header = get_eid_header;
  g_auto (KeySet) set = { 0 };
  g_autoptr (GBytes) packet = NULL;
  g_autofree char *hex = NULL;
  EaScp80Packet parsed;
  EaScp80Security security;
  EaScp80Contents contents = { .counter = 1, .padding = 8 };
  g_autoptr (GByteArray) bytes = NULL;
  EaScp80Mac mac;

  header.spi = 0x1200;
  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  security = ea_scp80_get_security (&header);
  packet = ea_scp80_build (&header, &security, &set.keys, &contents, NULL);
  bytes = g_bytes_unref_to_array (g_steal_pointer (&packet));
  g_byte_array_set_size (bytes, bytes->len - 1); /* 8 octets of padding become 7 */
  bytes->data[1]--;
  packet = g_bytes_new (bytes->data, bytes->len);
  parsed = parse_command (packet);
  {
    g_auto (EaWriter) covered = { 0 };

    ea_writer_init (&covered);
    ea_writer_bytes (&covered, parsed.clear);
    ea_writer_bytes (&covered, ea_span_head (parsed.body, 6));
    ea_writer_bytes (&covered, ea_span_tail (parsed.body, 14));
    assert_true (ea_scp80_compute_cc (EA_SCP80_CIPHER_AES_CBC, set.keys.kid,
                                      ea_writer_span (&covered), &mac, NULL));
  }
  memcpy (bytes->data + 16, mac.octets, 8);
  hex = ea_span_to_hex (ea_span_from_array (bytes));

  expect_unwrap_failure (hex, &set.keys, 0, EA_CORE_ERROR_MALFORMED,
                         EA_SCP80_STATUS_SECURITY_ERROR);
}

static void
expect_build_failure (guint16 spi, guint8 kid, gsize integrity_size,
                      const EaScp80Contents *contents, EaCoreError code)
{
  EaScp80Header header = get_eid_header;
  EaScp80Security security;
  g_auto (KeySet) set = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packet = NULL;

  header.spi = spi;
  header.kid = kid;
  security = ea_scp80_get_security (&header);
  security.integrity_size = integrity_size;
  key_set_init (&set, EA_SCP80_ALGORITHM_AES, KIC, KID);
  packet = ea_scp80_build (&header, &security, &set.keys, contents, &error);
  assert_null (packet);
  assert_core_error (&error, code);
}

static void
test_what_the_standard_does_not_have_is_not_built (void **state)
{
  EaScp80Contents contents = { .counter = 1, .data = ea_span_init ("command", 7) };
  EaScp80Contents late = { .counter = EA_SCP80_COUNTER_MAX + 1 };

  expect_build_failure (0x1300, 0x12, 0, &contents, EA_CORE_ERROR_UNSUPPORTED);
  expect_build_failure (0x1200, 0x12, 5, &contents, EA_CORE_ERROR_UNSUPPORTED);
  expect_build_failure (0x1200, 0x1D, 0, &contents, EA_CORE_ERROR_UNSUPPORTED);
  expect_build_failure (0x1200, 0x13, 0, &contents, EA_CORE_ERROR_UNSUPPORTED);
  expect_build_failure (0x1200, 0x15, 0, &contents, EA_CORE_ERROR_SECURITY);
  expect_build_failure (0x1600, 0x12, 0, &contents, EA_CORE_ERROR_MALFORMED);
  expect_build_failure (0x1200, 0x12, 0, &late, EA_CORE_ERROR_LIMIT);
}

static void
test_largest_packet_is_built_and_one_byte_more_is_not (void **state)
{
  const gsize most = EA_SCP80_PACKET_MAX - 16; /* CPL CHL SPI KIc KID TAR CNTR PCNTR */
  g_autofree guint8 *data = g_malloc0 (most + 1);
  EaScp80Header header = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0, 0, 0, 1 };
  EaScp80Security security = ea_scp80_get_security (&header);
  EaScp80Contents contents = { .data = ea_span_init (data, most) };
  g_autoptr (GBytes) packet = ea_scp80_build (&header, &security, NULL, &contents, NULL);
  g_autoptr (GError) error = NULL;
  EaScp80Packet parsed;

  assert_int_equal (g_bytes_get_size (packet), EA_SCP80_PACKET_MAX);
  parsed = parse_command (packet);
  assert_int_equal (parsed.body.size, most + 6);
  contents.data.size = most + 1;
  assert_null (ea_scp80_build (&header, &security, NULL, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_LIMIT);
}

static void
test_lengths_of_cat_tp_are_ber (void **state)
{
  static const struct
  {
    gsize data_size;
    const char *begin;
  } rows[] = {
    { 113, "017F0D" },
    { 114, "0181800D" },
    { 241, "0181FF0D" },
    { 242, "018201000D" },
  };
  EaScp80Header header = { EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP, 0, 0, 0, 1 };
  EaScp80Security security = ea_scp80_get_security (&header);
  static const guint8 data[242] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      EaScp80Contents contents = { .data = ea_span_init (data, rows[i].data_size) };
      g_autoptr (GBytes) packet = ea_scp80_build (&header, &security, NULL, &contents, NULL);
      EaSpan bytes = ea_span_from_bytes (packet);
      EaScp80Packet parsed;

      assert_span_is (ea_span_head (bytes, strlen (rows[i].begin) / 2), rows[i].begin);
      assert_true (ea_scp80_parse (&parsed, EA_SCP80_COMMAND, EA_SCP80_FORM_CAT_TP, bytes, NULL));
      assert_int_equal (parsed.length, 14 + rows[i].data_size);
    }
}

static void
test_checksum_of_des_has_eight_octets (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("00121112001515000001" EMPTY_BODY "01020304");
  EaScp80Packet packet = parse_command (bytes);
  EaScp80Security security = ea_scp80_get_security (&packet.header);
  g_auto (EaScp80Contents) contents = { 0 };
  g_auto (KeySet) set = { 0 };
  g_autoptr (GError) error = NULL;

  key_set_init (&set, EA_SCP80_ALGORITHM_3DES, KIC, KID);
  assert_true (ea_scp80_open (&packet, &security, NULL, &contents, NULL));
  assert_false (ea_scp80_verify (&packet, &security, &set.keys, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_SECURITY);
}

static void
test_signatures_are_read_but_not_verified (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("00100F13000000000001" EMPTY_BODY "0102");
  EaScp80Packet packet = parse_command (bytes);
  EaScp80Security security = ea_scp80_get_security (&packet.header);
  g_auto (EaScp80Contents) contents = { 0 };
  g_autoptr (GError) error = NULL;

  assert_true (ea_scp80_open (&packet, &security, NULL, &contents, NULL));
  assert_span_is (contents.integrity, "0102");
  assert_false (ea_scp80_verify (&packet, &security, NULL, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
}

static void
test_without_keys_nothing_ciphered_is_opened_and_no_cc_verified (void **state)
{
  g_autoptr (GBytes) ciphered = bytes_of (GET_EID_PACKET);
  g_autoptr (GBytes) plain = bytes_of ("00161512000012000001" EMPTY_BODY "0102030405060708");
  EaScp80Packet packet = parse_command (ciphered);
  EaScp80Security security = ea_scp80_get_security (&packet.header);
  g_auto (EaScp80Contents) contents = { 0 };
  g_autoptr (GError) error = NULL;

  assert_false (ea_scp80_open (&packet, &security, NULL, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_SECURITY);

  packet = parse_command (plain);
  security = ea_scp80_get_security (&packet.header);
  assert_true (ea_scp80_open (&packet, &security, NULL, &contents, NULL));
  assert_false (ea_scp80_verify (&packet, &security, NULL, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_SECURITY);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_command_is_unwrapped_and_raises_the_counter),
    cmocka_unit_test (test_response_is_unwrapped_as_the_command_asked_for_it),
    cmocka_unit_test (test_command_and_response_are_wrapped_as_others_do),
    cmocka_unit_test (test_no_changed_bit_of_a_command_is_accepted),
    cmocka_unit_test (test_wrong_keys_are_refused),
    cmocka_unit_test (test_counter_must_be_higher_or_one_higher),
    cmocka_unit_test (test_commands_without_enough_security_are_not_executed),
    cmocka_unit_test (test_no_algorithm_may_do_without_a_checked_counter),
    cmocka_unit_test (test_checksum_of_four_octets_is_verified_but_not_executed),
    cmocka_unit_test (test_kic_and_kid_of_a_ciphered_command_name_one_key_set),
    cmocka_unit_test (test_reserved_bits_of_the_spi_are_zero_in_what_is_executed),
    cmocka_unit_test (test_des_in_ecb_mode_is_opened_but_not_executed),
    cmocka_unit_test (test_deciphered_octets_are_wiped_when_contents_are_cleared),
    cmocka_unit_test (test_triple_des_key_set_may_have_a_key_for_des),
    cmocka_unit_test (test_more_padding_than_data_is_malformed),
    cmocka_unit_test (test_what_the_standard_does_not_have_is_not_built),
    cmocka_unit_test (test_largest_packet_is_built_and_one_byte_more_is_not),
    cmocka_unit_test (test_lengths_of_cat_tp_are_ber),
    cmocka_unit_test (test_checksum_of_des_has_eight_octets),
    cmocka_unit_test (test_signatures_are_read_but_not_verified),
    cmocka_unit_test (test_without_keys_nothing_ciphered_is_opened_and_no_cc_verified),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
