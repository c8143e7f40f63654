/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Both roles of the simulator's TLS against each other, in memory. What another implementation makes
 * of them is tested in test-sim-tls-peer.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "sim-keys.h"
#include "sim-tls.h"
#include "test-support.h"

/* The published example of SGP.02 §2.4.4.1 */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10000102030405060708090A0B0C0D0E0F820101830140"

#define FRAGMENT_MAX 512

/* RFC 5246 §6.2: header of a record; types of those that are no application data */
#define RECORD_HEADER_SIZE 5
#define TYPE_ALERT 21

/* A fragment of 512 octets protected: GCM adds 8 octets of nonce and 16 of tag; CBC adds 16 octets of
 * initialisation vector, 32 of MAC and up to 16 of padding. */
#define GCM_PAYLOAD_MAX 536
#define CBC_PAYLOAD_MAX 576

typedef struct
{
  SimTls *client;
  SimTls *server;
  gsize payload_max; /* of records in both directions */
  guint last_type;
} Link;

static const guint8 wrong_key[] = { 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                                    0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x50 };

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  if (!ea_span_equal (identity, ea_span_init (IDENTITY, strlen (IDENTITY))))
    return FALSE;
  *key = sim_keys_psk;
  return TRUE;
}

static void
note_records (Link *link, EaSpan bytes)
{
  EaReader reader;

  ea_reader_init (&reader, bytes);
  while (ea_reader_remaining (&reader) > 0)
    {
      EaSpan payload;

      link->last_type = ea_reader_u8 (&reader);
      assert_int_equal (ea_reader_u16be (&reader) >> 8, 3);
      payload = ea_reader_bytes (&reader, ea_reader_u16be (&reader));
      assert_true (ea_reader_is_ok (&reader));
      link->payload_max = MAX (link->payload_max, payload.size);
    }
}

/* Moves what @from has to @to in pieces of @piece octets; FALSE when there is nothing. */
static gboolean
carry (Link *link, SimTls *from, SimTls *to, gsize piece)
{
  g_autoptr (GBytes) bytes = sim_tls_pull (from, G_MAXSIZE);
  EaSpan rest;

  if (bytes == NULL)
    return FALSE;
  rest = ea_span_from_bytes (bytes);
  note_records (link, rest);
  for (; rest.size > 0; rest = ea_span_tail (rest, piece))
    sim_tls_receive (to, ea_span_head (rest, piece));
  return TRUE;
}

static void
run_in_pieces (Link *link, gsize piece)
{
  while (carry (link, link->client, link->server, piece)
         || carry (link, link->server, link->client, piece))
    continue;
}

static void
run (Link *link)
{
  run_in_pieces (link, G_MAXSIZE);
}

static Link
make_link (EaSpan key, guint record_max, SimTlsSuite suite)
{
  Link link = { 0 };

  link.client = sim_tls_new_client_with_suite (ea_span_init (IDENTITY, strlen (IDENTITY)), key,
                                               record_max, suite);
  link.server = sim_tls_new_server (find_key, NULL);
  return link;
}

static Link
open_link (guint record_max, SimTlsSuite suite)
{
  Link link = make_link (sim_keys_psk, record_max, suite);

  run (&link);
  assert_true (sim_tls_is_open (link.client));
  assert_true (sim_tls_is_open (link.server));
  return link;
}

static void
clear_link (Link *link)
{
  sim_tls_free (link->client);
  sim_tls_free (link->server);
}

static GBytes *
read_all (SimTls *tls)
{
  g_autoptr (GError) error = NULL;
  g_auto (EaWriter) writer = { 0 };
  GBytes *plain;

  ea_writer_init (&writer);
  while ((plain = sim_tls_read (tls, &error)) != NULL)
    {
      ea_writer_bytes (&writer, ea_span_from_bytes (plain));
      g_bytes_unref (plain);
    }
  assert_null (error);
  return ea_writer_steal (&writer);
}

static GBytes *
make_text (gsize size)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (gsize i = 0; i < size; i++)
    ea_writer_u8 (&writer, (guint8) i);
  return ea_writer_steal (&writer);
}

static void
assert_carried (Link *link, SimTls *from, SimTls *to, gsize size)
{
  g_autoptr (GBytes) text = make_text (size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) read = NULL;

  assert_true (sim_tls_send (from, ea_span_from_bytes (text), &error));
  run (link);
  read = read_all (to);
  assert_true (g_bytes_equal (read, text));
}

static void
assert_suite (SimTlsSuite suite, const char *name, gsize payload_max)
{
  Link link = open_link (FRAGMENT_MAX, suite);

  assert_string_equal (sim_tls_describe (link.client), name);
  assert_string_equal (sim_tls_describe (link.server), name);
  link.payload_max = 0;
  assert_carried (&link, link.client, link.server, 5000);
  assert_int_equal (link.payload_max, payload_max);
  link.payload_max = 0;
  assert_carried (&link, link.server, link.client, 5000);
  assert_int_equal (link.payload_max, payload_max);
  clear_link (&link);
}

static void
test_both_suites_carry_data_in_fragments_of_at_most_512_octets (void **state)
{
  assert_suite (SIM_TLS_SUITE_AES_128_GCM_SHA256, "TLS_PSK_WITH_AES_128_GCM_SHA256",
                GCM_PAYLOAD_MAX);
  assert_suite (SIM_TLS_SUITE_AES_128_CBC_SHA256, "TLS_PSK_WITH_AES_128_CBC_SHA256",
                CBC_PAYLOAD_MAX);
}

static void
test_a_client_that_offers_both_gets_gcm (void **state)
{
  Link link = { 0 };

  link.client
      = sim_tls_new_client (ea_span_init (IDENTITY, strlen (IDENTITY)), sim_keys_psk, FRAGMENT_MAX);
  link.server = sim_tls_new_server (find_key, NULL);
  assert_string_equal (sim_tls_describe (link.client), "none");
  run (&link);

  assert_string_equal (sim_tls_describe (link.client), "TLS_PSK_WITH_AES_128_GCM_SHA256");
  assert_int_equal (sim_tls_get_record_max (link.client), FRAGMENT_MAX);
  assert_int_equal (sim_tls_get_record_max (link.server), FRAGMENT_MAX);
  clear_link (&link);
}

static void
test_no_limit_is_there_when_none_was_asked_for (void **state)
{
  Link link = open_link (0, SIM_TLS_SUITE_BOTH);

  assert_carried (&link, link.server, link.client, 5000);
  assert_in_range (link.payload_max, 5000, 5100);
  clear_link (&link);
}

static void
test_octets_may_come_one_by_one (void **state)
{
  Link link = make_link (sim_keys_psk, FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GBytes) text = make_text (700);
  g_autoptr (GBytes) read = NULL;

  run_in_pieces (&link, 1);
  assert_true (sim_tls_send (link.client, ea_span_from_bytes (text), NULL));
  run_in_pieces (&link, 1);

  read = read_all (link.server);
  assert_true (g_bytes_equal (read, text));
  clear_link (&link);
}

static void
test_records_are_pulled_in_pieces (void **state)
{
  Link link = open_link (FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GBytes) text = make_text (400);
  g_autoptr (GBytes) piece = NULL;

  assert_true (sim_tls_send (link.client, ea_span_from_bytes (text), NULL));
  assert_int_equal (sim_tls_get_pending (link.client), RECORD_HEADER_SIZE + 8 + 400 + 16);
  piece = sim_tls_pull (link.client, 237);
  assert_int_equal (g_bytes_get_size (piece), 237);
  assert_int_equal (sim_tls_get_pending (link.client), RECORD_HEADER_SIZE + 8 + 400 + 16 - 237);
  clear_link (&link);
}

static void
test_a_wrong_key_fails_on_both_sides (void **state)
{
  Link link = make_link (EA_SPAN_OF_ARRAY (wrong_key), FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GError) error = NULL;

  run (&link);

  assert_false (sim_tls_is_open (link.client));
  assert_false (sim_tls_is_open (link.server));
  assert_true (
      g_error_matches (sim_tls_get_error (link.server), EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
  assert_true (
      g_error_matches (sim_tls_get_error (link.client), EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
  assert_int_equal (link.last_type, TYPE_ALERT);
  assert_false (sim_tls_send (link.client, sim_keys_psk, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
  clear_link (&link);
}

static void
test_an_unknown_identity_fails_on_both_sides (void **state)
{
  Link link = { 0 };

  link.client = sim_tls_new_client (ea_span_init (IDENTITY, strlen (IDENTITY) - 1), sim_keys_psk,
                                    FRAGMENT_MAX);
  link.server = sim_tls_new_server (find_key, NULL);
  run (&link);

  assert_non_null (sim_tls_get_error (link.client));
  assert_non_null (sim_tls_get_error (link.server));
  clear_link (&link);
}

static void
test_an_identity_is_octets_with_a_length (void **state)
{
  Link link = { 0 };

  link.client = sim_tls_new_client (ea_span_init (IDENTITY "\0x", strlen (IDENTITY) + 2),
                                    sim_keys_psk, FRAGMENT_MAX);
  link.server = sim_tls_new_server (find_key, NULL);
  run (&link);

  assert_non_null (sim_tls_get_error (link.server));
  clear_link (&link);
}

static void
test_close_notify_is_the_end_after_the_data (void **state)
{
  Link link = open_link (FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GBytes) text = make_text (10);
  g_autoptr (GBytes) read = NULL;
  g_autoptr (GError) error = NULL;

  assert_true (sim_tls_send (link.client, ea_span_from_bytes (text), NULL));
  sim_tls_close (link.client);
  sim_tls_close (link.client);
  run (&link);
  sim_tls_receive_end (link.server);
  read = read_all (link.server);

  assert_true (g_bytes_equal (read, text));
  assert_true (sim_tls_has_peer_closed (link.server));
  assert_null (sim_tls_get_error (link.server));
  assert_int_equal (link.last_type, TYPE_ALERT);
  assert_false (sim_tls_send (link.client, sim_keys_psk, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT));
  assert_false (sim_tls_is_open (link.server));
  clear_link (&link);
}

static void
test_an_end_without_close_notify_is_a_truncation (void **state)
{
  Link link = open_link (FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GBytes) text = make_text (10);
  g_autoptr (GBytes) read = NULL;
  g_autoptr (GError) error = NULL;

  assert_true (sim_tls_send (link.client, ea_span_from_bytes (text), NULL));
  run (&link);
  sim_tls_receive_end (link.server);
  read = sim_tls_read (link.server, &error);
  assert_true (g_bytes_equal (read, text));
  assert_null (sim_tls_read (link.server, &error));

  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED));
  assert_false (sim_tls_has_peer_closed (link.server));
  clear_link (&link);
}

static void
test_a_handshake_that_breaks_off_is_a_truncation (void **state)
{
  Link link = make_link (sim_keys_psk, FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);

  assert_true (carry (&link, link.client, link.server, G_MAXSIZE));
  sim_tls_receive_end (link.client);

  assert_true (
      g_error_matches (sim_tls_get_error (link.client), EA_CORE_ERROR, EA_CORE_ERROR_TRUNCATED));
  clear_link (&link);
}

static void
test_a_changed_record_is_refused (void **state)
{
  Link link = open_link (FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GError) error = NULL;
  static const guint8 zeros[16] = { 0 };
  EaSpan span;

  assert_true (sim_tls_send (link.client, sim_keys_psk, NULL));
  record = sim_tls_pull (link.client, G_MAXSIZE);
  span = ea_span_from_bytes (record);
  sim_tls_receive (link.server, ea_span_head (span, span.size - sizeof (zeros)));
  sim_tls_receive (link.server, EA_SPAN_OF_ARRAY (zeros));

  assert_null (sim_tls_read (link.server, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
  clear_link (&link);
}

static void
test_nothing_is_sent_before_the_connection_is_open (void **state)
{
  Link link = make_link (sim_keys_psk, FRAGMENT_MAX, SIM_TLS_SUITE_BOTH);
  g_autoptr (GError) error = NULL;

  assert_false (sim_tls_send (link.client, sim_keys_psk, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_LIMIT));
  sim_tls_close (link.server);
  assert_null (sim_tls_pull (link.server, G_MAXSIZE));
  clear_link (&link);
  sim_tls_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_both_suites_carry_data_in_fragments_of_at_most_512_octets),
    cmocka_unit_test (test_a_client_that_offers_both_gets_gcm),
    cmocka_unit_test (test_no_limit_is_there_when_none_was_asked_for),
    cmocka_unit_test (test_octets_may_come_one_by_one),
    cmocka_unit_test (test_records_are_pulled_in_pieces),
    cmocka_unit_test (test_a_wrong_key_fails_on_both_sides),
    cmocka_unit_test (test_an_unknown_identity_fails_on_both_sides),
    cmocka_unit_test (test_an_identity_is_octets_with_a_length),
    cmocka_unit_test (test_close_notify_is_the_end_after_the_data),
    cmocka_unit_test (test_an_end_without_close_notify_is_a_truncation),
    cmocka_unit_test (test_a_handshake_that_breaks_off_is_a_truncation),
    cmocka_unit_test (test_a_changed_record_is_refused),
    cmocka_unit_test (test_nothing_is_sent_before_the_connection_is_open),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
