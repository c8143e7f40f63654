/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The name server. The query and the answer with two addresses were checked with the DNS dissector of
 * Wireshark; the others follow from them by RFC 1035 §4.1.
 */

#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns-message.h"
#include "dns-server.h"

#define NAME "04736d7372076578616d706c6503636f6d00"
#define QUERY_A "1a2b01000001000000000000" NAME "00010001"
#define QUERY_AAAA "1a2b01000001000000000000" NAME "001c0001"
#define QUERY_MX "1a2b01000001000000000000" NAME "000f0001"
#define QUERY_UPPER "1a2b0100000100000000000004534d5352076578616d706c6503636f6d0000010001"
#define TWO_ADDRESSES                                                                              \
  "1A2B81800001000200000000"                                                                       \
  "04736D7372076578616D706C6503636F6D0000010001C00C000100010000003C0004C0000201"                   \
  "C00C000100010000003C0004C0000202"
#define NO_ADDRESS                                                                                 \
  "1A2B81800001000000000000"                                                                       \
  "04736D7372076578616D706C6503636F6D00"
#define DEADLINE_MS 10000
#define DATAGRAM_MAX 1024

typedef struct
{
  SimDnsServer *server;
  GSocket *socket;
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("127.0.0.1");
  g_autoptr (GSocketAddress) peer = NULL;

  fixture->server = sim_dns_server_new (address, NULL);
  assert_non_null (fixture->server);
  peer = g_inet_socket_address_new (address, sim_dns_server_get_port (fixture->server));
  fixture->socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  assert_true (g_socket_connect (fixture->socket, peer, NULL, NULL));
  g_socket_set_blocking (fixture->socket, FALSE);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  g_object_unref (fixture->socket);
  sim_dns_server_free (fixture->server);
  g_free (fixture);
  return 0;
}

static SimDnsEntry *
make_entry (SimDnsFault fault, guint n_left, const char *const *addresses)
{
  SimDnsEntry *entry = sim_dns_entry_new ();

  entry->fault = fault;
  entry->n_left = n_left;
  for (; *addresses != NULL; addresses++)
    g_ptr_array_add (entry->addresses, g_inet_address_new_from_string (*addresses));
  return entry;
}

static void
know (Fixture *fixture, SimDnsFault fault, guint n_left)
{
  static const char *const addresses[] = { "192.0.2.1", "2001:db8::1", "192.0.2.2", NULL };

  sim_dns_server_set (fixture->server, "smsr.Example.com.", make_entry (fault, n_left, addresses));
}

static gboolean
on_deadline (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
ask (Fixture *fixture, const char *query)
{
  g_autoptr (GBytes) message = ea_bytes_from_hex (query, NULL);

  assert_true (g_socket_send (fixture->socket, g_bytes_get_data (message, NULL),
                              g_bytes_get_size (message), NULL, NULL)
               > 0);
}

/* (transfer full): the next datagram */
static char *
receive (Fixture *fixture)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, &is_over);
  char buffer[DATAGRAM_MAX];
  gssize size;

  while ((size = g_socket_receive (fixture->socket, buffer, sizeof (buffer), NULL, NULL)) < 0
         && !is_over)
    g_main_context_iteration (NULL, !g_socket_condition_check (fixture->socket, G_IO_IN));
  g_source_remove (deadline);
  assert_true (size > 0);
  return ea_span_to_hex (ea_span_init (buffer, (gsize) size));
}

static void
assert_answer (Fixture *fixture, const char *query, const char *expected)
{
  g_autofree char *answer = NULL;

  ask (fixture, query);
  answer = receive (fixture);
  assert_string_equal (answer, expected);
}

static void
test_addresses_of_the_family_are_told_in_their_order (void **state)
{
  know (*state, SIM_DNS_FAULT_NONE, 0);

  assert_answer (*state, QUERY_A, TWO_ADDRESSES);
  assert_answer (*state, QUERY_AAAA,
                 "1A2B8180000100010000000004736D7372076578616D706C6503636F6D00001C0001"
                 "C00C001C00010000003C001020010DB8000000000000000000000001");
  assert_answer (*state, QUERY_MX, NO_ADDRESS "000F0001");
}

static void
test_names_have_no_case_and_come_back_as_they_were (void **state)
{
  know (*state, SIM_DNS_FAULT_NONE, 0);

  assert_answer (*state, QUERY_UPPER,
                 "1A2B8180000100020000000004534D5352076578616D706C6503636F6D0000010001"
                 "C00C000100010000003C0004C0000201C00C000100010000003C0004C0000202");
}

static void
test_an_unknown_name_does_not_exist (void **state)
{
  Fixture *fixture = *state;

  assert_answer (fixture, QUERY_A,
                 "1A2B8183000100000000000004736D7372076578616D706C6503636F6D0000010001");
  know (fixture, SIM_DNS_FAULT_NONE, 0);
  sim_dns_server_set (fixture->server, "smsr.example.com", NULL);
  assert_answer (fixture, QUERY_A,
                 "1A2B8183000100000000000004736D7372076578616D706C6503636F6D0000010001");
}

static void
test_faults_come_as_often_as_ordered (void **state)
{
  know (*state, SIM_DNS_FAULT_SERVFAIL, 2);
  assert_answer (*state, QUERY_A,
                 "1A2B8182000100000000000004736D7372076578616D706C6503636F6D0000010001");
  assert_answer (*state, QUERY_A,
                 "1A2B8182000100000000000004736D7372076578616D706C6503636F6D0000010001");
  assert_answer (*state, QUERY_A, TWO_ADDRESSES);

  know (*state, SIM_DNS_FAULT_TRUNCATED, 1);
  assert_answer (*state, QUERY_A,
                 "1A2B8380000100000000000004736D7372076578616D706C6503636F6D0000010001");
  assert_answer (*state, QUERY_A, TWO_ADDRESSES);

  know (*state, SIM_DNS_FAULT_NXDOMAIN, 1);
  assert_answer (*state, QUERY_A,
                 "1A2B8183000100000000000004736D7372076578616D706C6503636F6D0000010001");
  assert_answer (*state, QUERY_A, TWO_ADDRESSES);

  know (*state, SIM_DNS_FAULT_SILENT, 1);
  ask (*state, QUERY_AAAA);
  assert_answer (*state, QUERY_A, TWO_ADDRESSES);
}

static void
test_lies_come_before_the_truth (void **state)
{
  static const char *const lies[] = {
    "1A2A8180000100010000000004736D7372076578616D706C6503636F6D0000010001"
    "C00C000100010000003C0004C0000242",
    "1A2B81800001000100000000056F7468657204746573740000010001"
    "C00C000100010000003C0004C0000242",
    TWO_ADDRESSES,
  };

  know (*state, SIM_DNS_FAULT_LIE, 0);
  ask (*state, QUERY_A);
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree char *answer = receive (*state);

      assert_string_equal (answer, lies[i]);
    }
}

static void
test_queries_are_recorded (void **state)
{
  Fixture *fixture = *state;
  g_autofree char *queries = NULL;
  g_autofree char *nothing = NULL;

  know (fixture, SIM_DNS_FAULT_NONE, 0);
  ask (fixture, QUERY_AAAA);
  ask (fixture, QUERY_MX);
  g_free (receive (fixture));
  g_free (receive (fixture));
  assert_answer (fixture, QUERY_A, TWO_ADDRESSES);

  queries = sim_dns_server_take_queries (fixture->server);
  nothing = sim_dns_server_take_queries (fixture->server);
  assert_string_equal (queries, "smsr.example.com AAAA\nsmsr.example.com TYPE15\n"
                                "smsr.example.com A\n.");
  assert_string_equal (nothing, ".");
}

static void
test_every_truncation_of_a_query_is_none (void **state)
{
  g_autoptr (GBytes) query = ea_bytes_from_hex (QUERY_A, NULL);
  EaSpan span = ea_span_from_bytes (query);
  SimDnsQuery found = { 0 };

  for (gsize size = 0; size < span.size; size++)
    assert_false (sim_dns_query_parse (&found, ea_span_head (span, size)));
  assert_true (sim_dns_query_parse (&found, span));
  assert_string_equal (found.name, "smsr.example.com");
  sim_dns_query_clear (&found);
}

static void
test_answers_end_at_512_octets (void **state)
{
  g_autoptr (SimDnsEntry) entry = sim_dns_entry_new ();
  g_autoptr (GBytes) query = ea_bytes_from_hex (QUERY_AAAA, NULL);
  g_autoptr (GBytes) response = NULL;
  SimDnsQuery parsed = { 0 };
  EaReader reader;

  for (guint i = 0; i < 17; i++)
    g_ptr_array_add (entry->addresses, g_inet_address_new_from_string ("2001:db8::1"));
  assert_true (sim_dns_query_parse (&parsed, ea_span_from_bytes (query)));
  response
      = sim_dns_build_response (&parsed, SIM_DNS_NO_ERROR, entry->addresses, entry->ttl_s, FALSE);
  sim_dns_query_clear (&parsed);

  assert_int_equal (g_bytes_get_size (response), 34 + 17 * 28);
  g_ptr_array_add (entry->addresses, g_inet_address_new_from_string ("2001:db8::2"));
  assert_true (sim_dns_query_parse (&parsed, ea_span_from_bytes (query)));
  g_clear_pointer (&response, g_bytes_unref);
  response
      = sim_dns_build_response (&parsed, SIM_DNS_NO_ERROR, entry->addresses, entry->ttl_s, FALSE);
  sim_dns_query_clear (&parsed);
  assert_int_equal (g_bytes_get_size (response), 34 + 17 * 28);
  ea_reader_init (&reader, ea_span_from_bytes (response));
  assert_int_equal (ea_reader_u32be (&reader), 0x1A2B8380);
}

#define dns_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    dns_test (test_addresses_of_the_family_are_told_in_their_order),
    dns_test (test_names_have_no_case_and_come_back_as_they_were),
    dns_test (test_an_unknown_name_does_not_exist),
    dns_test (test_faults_come_as_often_as_ordered),
    dns_test (test_lies_come_before_the_truth),
    dns_test (test_queries_are_recorded),
    cmocka_unit_test (test_every_truncation_of_a_query_is_none),
    cmocka_unit_test (test_answers_end_at_512_octets),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
