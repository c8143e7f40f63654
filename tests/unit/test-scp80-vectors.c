/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets of other implementations (agent/core/scp80.h, scp80-seal.h): each is read, opened with its
 * keys, checked and built again from what was read. Rows that do not obey the standard say why, here, beside
 * the check that shows it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/scp80-crypto.h"
#include "core/scp80-seal.h"
#include "core/sms.h"
#include "helpers.h"
#include "vectors.h"

#define COMMANDS "scp80-command.tsv"
#define RESPONSES "scp80-response.tsv"

/* A row's keys, and the bytes that they borrow from. */
typedef struct
{
  GBytes *kic;
  GBytes *kid;
  EaScp80Keys keys;
} RowKeys;

static void
row_keys_clear (RowKeys *row)
{
  g_clear_pointer (&row->kic, g_bytes_unref);
  g_clear_pointer (&row->kid, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RowKeys, row_keys_clear)

static guint64
get_number (const Vector *vector, const char *member, guint base, guint64 otherwise)
{
  guint64 number;

  return json_get_number_string (vector->expected, member, base, &number) ? number : otherwise;
}

/* The family that KIc names, or KID where KIc leaves it open. */
static EaScp80Algorithm
get_algorithm (const Vector *vector, guint8 kic, guint8 kid)
{
  const char *type = vector_get_string (vector, "key_type");
  guint8 octet = (kic & 0x0F) != 0 ? kic : kid;

  if (type != NULL)
    return strcmp (type, "AES") == 0 ? EA_SCP80_ALGORITHM_AES : EA_SCP80_ALGORITHM_3DES;
  if ((octet & 0x0F) == EA_SCP80_DES_CBC || (octet & 0x0F) == EA_SCP80_DES_ECB)
    return EA_SCP80_ALGORITHM_DES;
  return (octet & 0x0F) == EA_SCP80_AES ? EA_SCP80_ALGORITHM_AES : EA_SCP80_ALGORITHM_3DES;
}

static void
load_keys (const Vector *vector, guint8 kic, guint8 kid, RowKeys *row)
{
  const char *kic_key = vector_get_string (vector, "kic_key");
  const char *kid_key = vector_get_string (vector, "kid_key");

  row->kic = bytes_of (kic_key != NULL ? kic_key : "");
  row->kid = bytes_of (kid_key != NULL ? kid_key : "");
  row->keys = (EaScp80Keys){ get_algorithm (vector, kic, kid), ea_span_from_bytes (row->kic),
                             ea_span_from_bytes (row->kid) };
}

static void
check_bytes (const Vector *vector, const char *what, EaSpan actual, const char *hex)
{
  g_autofree char *text = ea_span_to_hex (actual);
  g_autofree char *expected = g_ascii_strup (hex, -1);

  vector_assert_string (vector, what, text, expected);
}

static void
check_header (const Vector *vector, const EaScp80Packet *packet)
{
  const EaScp80Header *header = &packet->header;

  vector_assert_number (vector, "SPI", header->spi, get_number (vector, "spi", 16, 0x10000));
  vector_assert_number (vector, "KIc", header->kic, get_number (vector, "kic", 16, 0x100));
  vector_assert_number (vector, "KID", header->kid, get_number (vector, "kid", 16, 0x100));
  vector_assert_number (vector, "TAR", header->tar, get_number (vector, "tar", 16, 0x1000000));
  vector_assert_number (vector, "SPI asked for", header->spi,
                        get_number (vector, "spi_requested", 16, header->spi));
  vector_assert_number (vector, "size of the clear header and the body",
                        packet->clear.size + packet->body.size, g_bytes_get_size (vector->bytes));
  vector_assert_number (vector, "CHL", packet->header_length, 13 + packet->integrity_size);
}

/* What gsm0348 says in words about the SPI. */
static void
check_spi_words (const Vector *vector, guint16 spi_octets)
{
  static const char *const certificates[] = { "NO_SECURITY", "RC", "CC", "DS" };
  static const char *const counters[]
      = { "NO_COUNTER", "COUNTER_NO_REPLAY_NO_CHECK", "COUNTER_REPLAY_OR_CHECK",
          "COUNTER_REPLAY_OR_CHECK_INCREMENT" };
  EaScp80Spi spi = ea_scp80_read_spi (spi_octets);

  if (vector_get_string (vector, "cmd_cert") == NULL)
    return;
  vector_assert_string (vector, "integrity", certificates[spi.integrity],
                        vector_get_string (vector, "cmd_cert"));
  vector_assert_string (vector, "PoR integrity", certificates[spi.por_integrity],
                        vector_get_string (vector, "por_cert"));
  vector_assert_string (vector, "counter", counters[spi.counter_mode],
                        vector_get_string (vector, "counter_mode"));
  vector_assert_string (vector, "ciphered", spi.is_ciphered ? "true" : "false",
                        vector_get_string (vector, "ciphered"));
  vector_assert_string (vector, "PoR ciphered", spi.is_por_ciphered ? "true" : "false",
                        vector_get_string (vector, "por_ciphered"));
}

static void
check_command_contents (const Vector *vector, const EaScp80Contents *contents)
{
  const char *cc = vector_get_string (vector, "cc");
  gint64 padding;

  vector_assert_number (vector, "CNTR", contents->counter,
                        get_number (vector, "cntr", 16, G_MAXUINT64));
  if (json_get_integer (vector->expected, "pcntr", &padding))
    vector_assert_number (vector, "PCNTR", contents->padding, (guint64) padding);
  if (cc != NULL)
    check_bytes (vector, "RC/CC", contents->integrity, cc);
  vector_assert (vector, contents->is_padded, "the padding is there");
  check_bytes (vector, "secured data", contents->data,
               vector_get_string (vector, "plaintext_secured_data"));
}

/* Building with the padding that was found gives the very packet. njiwa fills up to 16 octets whether it
 * ciphers or not and whatever the block is, where §5.1.2 has padding for ciphering only and to its block:
 * those of its packets we would make without. */
static void
check_command_build (const Vector *vector, const EaScp80Packet *packet, const EaScp80Keys *keys,
                     const EaScp80Contents *contents)
{
  EaScp80Security security = ea_scp80_get_security (&packet->header);
  gboolean is_njiwa_unciphered
      = g_str_has_prefix (vector->id, "njiwa-") && !security.is_ciphered && contents->padding > 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GBytes) wrapped = NULL;

  security.integrity_size = packet->integrity_size;
  built = ea_scp80_build (&packet->header, &security, keys, contents, &error);
  vector_assert (vector, built != NULL && g_bytes_equal (built, vector->bytes), "is built alike");
  wrapped = ea_scp80_wrap (&packet->header, &security, keys, contents, &error);
  vector_assert (vector, wrapped != NULL, "is wrapped");
  vector_assert (vector, g_bytes_equal (wrapped, vector->bytes) != is_njiwa_unciphered,
                 "is wrapped alike, but for padding without ciphering");
}

/* njiwa's receiving side puts 02 70 00 in front of what a CC covers; the published CC of that is computed
 * alike, and is another than the one in the packet. */
static void
check_prefixed_cc (const Vector *vector, const EaScp80Packet *packet, const EaScp80Keys *keys,
                   const EaScp80Contents *contents)
{
  const char *expected = vector_get_string (vector, "cc_with_027000_prefix");
  static const guint8 prefix[] = { 0x02, 0x70, 0x00 };
  g_auto (EaWriter) covered = { 0 };
  g_autoptr (GError) error = NULL;
  EaScp80Mac mac;

  if (expected == NULL || keys->algorithm != EA_SCP80_ALGORITHM_AES
      || packet->integrity_size != EA_SCP80_CC_SIZE)
    return;
  ea_writer_init (&covered);
  ea_writer_bytes (&covered, EA_SPAN_OF_ARRAY (prefix));
  ea_writer_bytes (&covered, packet->clear);
  ea_writer_bytes (&covered, ea_span_head (contents->body, 6));
  ea_writer_bytes (&covered, ea_span_tail (contents->body, 6 + EA_SCP80_CC_SIZE));
  assert_true (ea_scp80_compute_cc (EA_SCP80_CIPHER_AES_CBC, keys->kid, ea_writer_span (&covered),
                                    &mac, &error));
  check_bytes (vector, "CC with a user data header", ea_span_init (mac.octets, EA_SCP80_CC_SIZE),
               expected);
}

/* For execution a CC of eight octets is needed, and a counter that is checked. */
static void
check_command_unwrap (const Vector *vector, const EaScp80Packet *packet, const EaScp80Keys *keys,
                      const EaScp80Contents *contents)
{
  guint integrity = packet->header.spi >> 8 & 3;
  guint mode = packet->header.spi >> 11 & 3;
  gboolean is_checked = mode >= 2;
  guint64 highest = contents->counter - 1;
  g_auto (EaScp80Contents) unwrapped = { 0 };
  g_autoptr (GError) error = NULL;
  EaScp80Status status;

  if (integrity != EA_SCP80_INTEGRITY_CC || packet->integrity_size != 8 || !is_checked)
    {
      assert_false (ea_scp80_unwrap_command (packet, keys, &highest, &unwrapped, &status, &error));
      assert_core_error (&error, EA_CORE_ERROR_SECURITY);
      vector_assert_number (vector, "status", status, EA_SCP80_STATUS_INSUFFICIENT_SECURITY);
      return;
    }

  vector_assert (vector,
                 ea_scp80_unwrap_command (packet, keys, &highest, &unwrapped, &status, &error),
                 "is unwrapped");
  vector_assert (vector, ea_span_equal (unwrapped.data, contents->data), "has the same data");
  vector_assert_number (vector, "highest counter", highest, contents->counter);
  ea_scp80_contents_clear (&unwrapped);
  assert_false (ea_scp80_unwrap_command (packet, keys, &highest, &unwrapped, &status, &error));
  assert_core_error (&error, EA_CORE_ERROR_REPLAY);
  vector_assert_number (vector, "status", status, EA_SCP80_STATUS_COUNTER_LOW);
}

/* gsm0348's KIc 04 and 08 are names of its own for triple DES in ECB, which TS 102 225 does not have. Its
 * blocks, each deciphered alone, say what is expected; we refuse to guess. */
static void
check_triple_ecb (const Vector *vector, const EaScp80Packet *packet, const EaScp80Keys *keys)
{
  EaScp80Security security = ea_scp80_get_security (&packet->header);
  g_auto (EaScp80Contents) contents = { 0 };
  g_auto (EaWriter) plain = { 0 };
  g_autoptr (GError) error = NULL;
  EaReader reader;

  assert_false (ea_scp80_open (packet, &security, keys, &contents, &error));
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);

  ea_writer_init (&plain);
  ea_reader_init (&reader, packet->body);
  while (ea_reader_remaining (&reader) > 0)
    {
      g_autoptr (GByteArray) block = ea_scp80_decipher (EA_SCP80_CIPHER_3DES_CBC, keys->kic,
                                                        ea_reader_bytes (&reader, 8), &error);

      assert_non_null (block);
      ea_writer_bytes (&plain, ea_span_from_array (block));
    }
  check_bytes (vector, "CNTR and PCNTR", ea_span_head (ea_writer_span (&plain), 6), "000000000100");
  check_bytes (vector, "secured data", ea_span_tail (ea_writer_span (&plain), 6),
               vector_get_string (vector, "plaintext_secured_data"));
}

static void
check_parts (const Vector *vector)
{
  JsonNode *node = json_object_get_member (vector->expected, "udh_of_parts");
  JsonArray *parts = node != NULL ? json_node_get_array (node) : NULL;
  gsize room = 0;

  if (parts == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      g_autoptr (GBytes) udh = bytes_of (json_array_get_string_element (parts, i));
      EaSmsUserData data = { 0 };

      assert_true (
          ea_sms_parse_user_data_header (ea_span_tail (ea_span_from_bytes (udh), 1), &data, NULL));
      vector_assert_number (vector, "part", data.concatenation.index, i + 1);
      vector_assert_number (vector, "parts", data.concatenation.total,
                            json_array_get_length (parts));
      vector_assert_number (vector, "command packet", data.secured,
                            i == 0 ? EA_SMS_SECURED_COMMAND : EA_SMS_SECURED_NONE);
      vector_assert (vector, room < g_bytes_get_size (vector->bytes), "the part is needed");
      room += EA_SMS_USER_DATA_MAX - g_bytes_get_size (udh);
    }
  vector_assert (vector, room >= g_bytes_get_size (vector->bytes), "the parts suffice");
}

static void
check_command (const Vector *vector)
{
  const char *format = vector_get_string (vector, "format");
  EaScp80Form form = format != NULL && g_str_has_prefix (format, "CPI") ? EA_SCP80_FORM_CAT_TP
                                                                        : EA_SCP80_FORM_SMS;
  EaSpan bytes = ea_span_from_bytes (vector->bytes);
  g_auto (EaScp80Contents) contents = { 0 };
  g_auto (RowKeys) row = { 0 };
  g_autoptr (GError) error = NULL;
  EaScp80Form found;
  EaSpan rest;
  EaScp80Packet packet;
  EaScp80Security security;

  vector_assert (vector, ea_scp80_find_form (bytes, EA_SCP80_COMMAND, &found, &rest, &error),
                 "its form is found");
  vector_assert_number (vector, "form", found, form);
  vector_assert (vector, ea_scp80_parse (&packet, EA_SCP80_COMMAND, form, rest, &error),
                 "its header is read");
  check_header (vector, &packet);
  check_spi_words (vector, packet.header.spi);
  check_parts (vector);
  load_keys (vector, packet.header.kic, packet.header.kid, &row);
  if ((packet.header.kic & 0x0F) == 0x04 || (packet.header.kic & 0x0F) == 0x08)
    {
      check_triple_ecb (vector, &packet, &row.keys);
      return;
    }

  security = ea_scp80_get_security (&packet.header);
  vector_assert (vector, ea_scp80_open (&packet, &security, &row.keys, &contents, &error),
                 "it is opened");
  check_command_contents (vector, &contents);
  vector_assert (vector, ea_scp80_verify (&packet, &security, &row.keys, &contents, &error),
                 "it is verified");
  check_command_build (vector, &packet, &row.keys, &contents);
  check_prefixed_cc (vector, &packet, &row.keys, &contents);
  check_command_unwrap (vector, &packet, &row.keys, &contents);
}

/* pySim prints unciphered packets without CPL; as printed it is none, with CPL it is. */
static void
check_without_length (Vector *vector)
{
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) whole = { 0 };
  EaScp80Packet packet;

  assert_false (ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                                ea_span_from_bytes (vector->bytes), &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);

  ea_writer_init (&whole);
  ea_writer_u16be (&whole, 0x0015);
  ea_writer_bytes (&whole, ea_span_from_bytes (vector->bytes));
  g_bytes_unref (vector->bytes);
  vector->bytes = ea_writer_steal (&whole);
  check_command (vector);
}

/* Rows that are no packets but what an algorithm gives. */
static void
check_primitive (const Vector *vector)
{
  const char *message = vector_get_string (vector, "message");
  gboolean is_cmac = message != NULL;
  g_autoptr (GBytes) input = is_cmac ? bytes_of (message) : g_bytes_ref (vector->bytes);
  g_autoptr (GBytes) key
      = bytes_of (is_cmac ? vector_get_string (vector, "key") : "aabbccddeeff11220000000000000000");
  g_autoptr (GError) error = NULL;
  EaScp80Mac mac;

  assert_true (ea_scp80_compute_cc (is_cmac ? EA_SCP80_CIPHER_AES_CBC : EA_SCP80_CIPHER_3DES_CBC,
                                    ea_span_from_bytes (key), ea_span_from_bytes (input), &mac,
                                    &error));
  vector_assert_number (vector, "size", mac.size, is_cmac ? 16 : 8);
  check_bytes (vector, "checksum", ea_span_init (mac.octets, 8),
               vector_get_string (vector, is_cmac ? "mac8" : "cc"));
}

static void
test_command_packets_of_others_are_opened_and_built_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load (COMMANDS);

  for (guint i = 0; i < vectors->len; i++)
    {
      Vector *vector = g_ptr_array_index (vectors, i);

      if (vector_get_string (vector, "primitive") != NULL)
        check_primitive (vector);
      else if (strcmp (vector->id, "pysim-cmd-none") == 0)
        check_without_length (vector);
      else
        check_command (vector);
    }
  vectors_report (COMMANDS, vectors->len, vectors->len, NULL);
}

/* How the command asked for the response to be protected. */
static EaScp80Security
get_asked_security (const Vector *vector)
{
  const char *por = vector_get_string (vector, "por_cc");
  const char *certificate = vector_get_string (vector, "por_cert");
  const char *ciphered = vector_get_string (vector, "por_ciphered");
  const char *mode = vector_get_string (vector, "kic_mode");
  guint8 octet
      = mode != NULL && strcmp (mode, "DES_CBC") == 0 ? EA_SCP80_DES_CBC : EA_SCP80_3DES_2_KEYS;

  return (EaScp80Security){
    .integrity = g_strcmp0 (por, "cc") == 0 || g_strcmp0 (certificate, "CC") == 0
                     ? EA_SCP80_INTEGRITY_CC
                     : EA_SCP80_INTEGRITY_NONE,
    .is_ciphered = g_strcmp0 (ciphered, "true") == 0,
    .kic = (guint8) get_number (vector, "kic", 16, octet),
    .kid = (guint8) get_number (vector, "kid", 16, octet),
  };
}

static void
check_response_contents (const Vector *vector, const EaScp80Contents *contents)
{
  const char *last_sw = vector_get_string (vector, "last_sw");
  guint64 counter = get_number (vector, "cntr", 16, G_MAXUINT64);
  EaReader reader;
  gint64 number;

  vector_assert_number (vector, "CNTR", contents->counter,
                        get_number (vector, "resp_cntr", 16, counter));
  vector_assert_number (vector, "PCNTR", contents->padding,
                        json_get_integer (vector->expected, "pcntr", &number)
                            ? (guint64) number
                            : get_number (vector, "pcntr", 10, 0x100));
  vector_assert_number (vector, "status", contents->status, EA_SCP80_STATUS_OK);
  check_bytes (vector, "data", contents->data, vector_get_string (vector, "secured_data"));
  ea_reader_init (&reader, contents->data);
  if (json_get_integer (vector->expected, "number_of_commands", &number))
    vector_assert_number (vector, "commands", ea_reader_u8 (&reader), (guint64) number);
  if (last_sw != NULL)
    check_bytes (vector, "status word", ea_reader_bytes (&reader, 2), last_sw);
}

/* gsm0348's mode without user data header is older than TS 31.115: its CC covers RPL to the end. */
static void
check_unprefixed_cc (const Vector *vector, const EaScp80Packet *packet, const EaScp80Keys *keys,
                     const EaScp80Contents *contents)
{
  g_auto (EaWriter) covered = { 0 };
  EaScp80Mac mac;

  ea_writer_init (&covered);
  ea_writer_bytes (&covered, packet->clear);
  ea_writer_bytes (&covered, ea_span_head (contents->body, 7));
  ea_writer_bytes (&covered, ea_span_tail (contents->body, 7 + EA_SCP80_CC_SIZE));
  assert_true (ea_scp80_compute_cc (EA_SCP80_CIPHER_AES_CBC, keys->kid, ea_writer_span (&covered),
                                    &mac, NULL));
  vector_assert (vector, ea_scp80_mac_has_prefix (&mac, contents->integrity),
                 "the CC fits without a user data header");
}

static void
check_response_build (const Vector *vector, const EaScp80Packet *packet, EaSpan bytes,
                      const EaScp80Security *security, const EaScp80Keys *keys,
                      const EaScp80Contents *contents)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = ea_scp80_wrap (&packet->header, security, keys, contents, &error);

  vector_assert (vector, built != NULL, "is wrapped");
  vector_assert (vector, ea_span_equal (ea_span_from_bytes (built), bytes), "is wrapped alike");
}

static void
check_response (const Vector *vector)
{
  gboolean is_old = strstr (vector->id, "noudhl") != NULL;
  gboolean must_fail = is_old || vector_get_string (vector, "expect") != NULL;
  EaScp80Security security = get_asked_security (vector);
  g_auto (EaScp80Contents) contents = { 0 };
  g_auto (EaScp80Contents) unwrapped = { 0 };
  g_auto (RowKeys) row = { 0 };
  g_autoptr (GError) error = NULL;
  EaScp80Form form;
  EaScp80Packet packet;
  EaSpan bytes;

  vector_assert (vector,
                 ea_scp80_find_form (ea_span_from_bytes (vector->bytes), EA_SCP80_RESPONSE, &form,
                                     &bytes, &error),
                 "its form is found");
  vector_assert_number (vector, "form", form, EA_SCP80_FORM_SMS);
  vector_assert (vector, ea_scp80_parse (&packet, EA_SCP80_RESPONSE, form, bytes, &error),
                 "its header is read");
  vector_assert_number (vector, "TAR", packet.header.tar,
                        get_number (vector, "tar", 16, 0x1000000));
  load_keys (vector, security.kic, security.kid, &row);
  vector_assert (vector, ea_scp80_open (&packet, &security, &row.keys, &contents, &error),
                 "it is opened");
  check_response_contents (vector, &contents);

  if (!must_fail)
    {
      vector_assert (vector,
                     ea_scp80_unwrap_response (&packet, &security, &row.keys, &unwrapped, &error),
                     "it is unwrapped");
      check_response_build (vector, &packet, bytes, &security, &row.keys, &contents);
      return;
    }
  assert_false (ea_scp80_unwrap_response (&packet, &security, &row.keys, &unwrapped, &error));
  assert_core_error (&error, EA_CORE_ERROR_SECURITY);
  if (is_old)
    check_unprefixed_cc (vector, &packet, &row.keys, &contents);
}

static void
test_response_packets_of_others_are_opened_and_built_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load (RESPONSES);

  for (guint i = 0; i < vectors->len; i++)
    check_response (g_ptr_array_index (vectors, i));
  vectors_report (RESPONSES, vectors->len, vectors->len, NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_command_packets_of_others_are_opened_and_built_alike),
    cmocka_unit_test (test_response_packets_of_others_are_opened_and_built_alike),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
