/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a session is to be like, by triggers, options and the configuration. The triggers are those that pySim's decoder
 * has read (global_platform/http.py), and parts of them.
 */

#include "session/session-order.h"

#include <glib/gstdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "session/cattp-peer.h"

#define EID "89001012012341234012345678901224"
#define AGENT_ID "//se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100"
#define DEVICE "/dev/cdc-wdm0"

/* 192.0.2.1 in text, and /gsma/adminagent */
#define HOST_HEX "8a093139322e302e322e31"
#define URI_HEX "8c102f67736d612f61646d696e6167656e74"
#define CONNECTION_HEX                                                                             \
  "84133501033902057"                                                                              \
  "83c030201bb3e0521c0000201"

/* The agent identifier in the full trigger */
#define AGENT_HEX                                                                                  \
  "8b5a2f2f73652d69642f6569642f38393030313031323031323334313233343031323334353637383930313232343b" \
  "2f2f61612d69642f6169642f413030303030303535392f3130313046464646464646463839303030303031"         \
  "3030"

#define FULL_TRIGGER                                                                               \
  "8181cf8381cc"                                                                                   \
  "8413350103390205783c030201bb3e0521c0000201"                                                     \
  "85312d8001028110890010120123412340123456789012244f10a0000005591010ffffffff89000001008201018301" \
  "40024001"                                                                                       \
  "860700032503000010"                                                                             \
  "8979" HOST_HEX AGENT_HEX URI_HEX

/* The PSK identity of the full trigger, as a handshake has it */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"

static EaConfig *
load_config (const char *text)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = NULL;
  EaConfig *config;
  int fd = g_file_open_tmp ("config-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  assert_true (g_close (fd, NULL) && g_file_set_contents (path, text, -1, NULL));
  config = ea_config_load (path, problems);
  (void) g_unlink (path); /* a file of the test */
  if (config == NULL)
    fail_msg ("%s", (const char *) problems->pdata[0]);
  return config;
}

static EaSessionOrder *
order_for (const char *config_text, const char *hex, GError **error)
{
  g_autoptr (EaConfig) config = load_config (config_text);
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (hex, NULL);
  EaPushTrigger trigger;

  assert_non_null (bytes);
  assert_true (ea_push_parse_trigger (&trigger, ea_span_from_bytes (bytes), NULL));
  return ea_session_order_new_for_trigger (config, EID, DEVICE, &trigger, error);
}

static EaSessionOrder *
order_well_for (const char *config_text, const char *hex)
{
  g_autoptr (GError) error = NULL;
  EaSessionOrder *order = order_for (config_text, hex, &error);

  if (order == NULL)
    fail_msg ("%s", error->message);
  return order;
}

static void
test_a_full_trigger_says_everything (void **state)
{
  g_autoptr (EaSessionOrder) order
      = order_well_for ("[sm-sr]\nHost=other.example\nPort=1\n", FULL_TRIGGER);
  g_autofree char *peer = ea_session_order_get_peer (order);

  assert_int_equal (order->origin, EA_SESSION_TRIGGER);
  assert_string_equal (order->eid, EID);
  assert_string_equal (peer, "192.0.2.1:443");
  assert_string_equal (order->host, "192.0.2.1");
  assert_string_equal (order->uri, "/gsma/adminagent");
  assert_string_equal (order->agent_id, AGENT_ID);
  assert_true (order->has_key);
  assert_int_equal (order->key_version, 0x40);
  assert_int_equal (order->key_identifier, 0x01);
  assert_int_equal (g_bytes_get_size (order->psk_identity), strlen (IDENTITY));
  assert_memory_equal (g_bytes_get_data (order->psk_identity, NULL), IDENTITY, strlen (IDENTITY));
  assert_int_equal (order->retry.n_max, 3);
  assert_int_equal (order->retry.delay_s, 1);
  assert_int_equal (order->retry.delay_max_s, 1);
  assert_null (order->dns_server);
}

static void
test_what_a_trigger_leaves_out_is_configured (void **state)
{
  g_autoptr (EaSessionOrder) order
      = order_well_for ("[sm-sr]\nHost=smsr.example.com\nUri=/here\n"
                        "[sm-sr smsr.example.com]\nPort=8443\n"
                        "[session]\nRetryLimit=7\nRetryDelay=2\nRetryMaximum=9\nTimeout=11\n"
                        "[bearer]\nApn=internet\n",
                        "8100");
  g_autofree char *peer = ea_session_order_get_peer (order);

  assert_string_equal (peer, "smsr.example.com:8443");
  assert_string_equal (order->host, "smsr.example.com:8443");
  assert_string_equal (order->uri, "/here");
  assert_string_equal (order->apn, "internet");
  assert_null (order->agent_id);
  assert_false (order->has_key);
  assert_null (order->psk_identity);
  assert_int_equal (order->retry.n_max, 7);
  assert_int_equal (order->retry.delay_s, 2);
  assert_int_equal (order->retry.delay_max_s, 9);
  assert_int_equal (order->timeout_s, 11);
}

/* B3 { D6 "smsr.example.com", FA { default bearer, 1024, UDP 53, 192.0.2.53 } } */
static void
test_a_name_goes_with_its_name_server (void **state)
{
  g_autoptr (EaSessionOrder) order
      = order_well_for ("", "813b8310"
                            "840c350103390205783c03020d05"
                            "8900"
                            "b327d610736d73722e6578616d706c652e636f6d"
                            "fa13350103390204003c030100353e0521c0000235");
  g_autofree char *server
      = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (order->dns_server));

  assert_string_equal (order->name, "smsr.example.com");
  assert_int_equal (order->port, 0x0D05);
  assert_string_equal (server, "192.0.2.53:53");
}

/* 89 { 8A "smsr.example.com:8443" } */
static void
test_the_administration_host_names_the_server (void **state)
{
  g_autoptr (EaSessionOrder) order = order_well_for (
      "[sm-sr]\nHost=stored.example\n", "811b83198917"
                                        "8a15736d73722e6578616d706c652e636f6d3a38343433");

  assert_string_equal (order->name, "smsr.example.com");
  assert_int_equal (order->port, 8443);
  assert_string_equal (order->host, "smsr.example.com:8443");
}

static void
assert_refused (const char *config, const char *hex)
{
  g_autoptr (GError) error = NULL;

  assert_null (order_for (config, hex, &error));
  assert_non_null (error);
  assert_true (strlen (error->message) > 10);
}

static void
test_what_can_be_no_session_is_refused (void **state)
{
  assert_refused ("", "8100"); /* no server anywhere */
  assert_refused ("", "810883068904"
                      "8a02620a"); /* a line feed in the host */
  assert_refused ("", "810883068904"
                      "8a026200"); /* NUL */
  assert_refused ("", "810983078905"
                      "8a03612f62"); /* "a/b" */
  assert_refused ("", "810a83088906"
                      "8a01618c0178"); /* a URI without '/' */
  assert_refused ("", "810a83088906"
                      "8a0161"
                      "8c010a"); /* a URI of a line feed */
  assert_refused ("", "810b83098907"
                      "8a05613a39393a"); /* a port that is none */
}

static GVariant *
options (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

static void
test_options_go_before_the_configuration (void **state)
{
  g_autoptr (EaConfig) config = load_config ("[sm-sr]\nHost=stored.example\n"
                                             "[sm-sr 2001:db8::1]\nUri=/six\n");
  g_autoptr (GVariant) given = options (
      "{'host': <'2001:db8::1'>, 'port': <@q 8443>, 'interface': <'wwan0'>, 'timeout': <@u 5>}");
  g_autoptr (EaSessionOrder) order
      = ea_session_order_new (config, EID, DEVICE, EA_SESSION_HTTPS, EA_SESSION_DBUS, given, NULL);
  g_autofree char *peer = ea_session_order_get_peer (order);

  assert_string_equal (peer, "[2001:db8::1]:8443");
  assert_string_equal (order->host, "[2001:db8::1]:8443");
  assert_string_equal (order->uri, "/six");
  assert_string_equal (order->interface, "wwan0");
  assert_int_equal (order->timeout_s, 5);
}

static void
test_wrong_options_are_refused (void **state)
{
  static const char *const wrong[] = {
    "{'hosts': <'a.example'>}", "{'host': <1>}",          "{'host': <''>}",
    "{'host': <'a b'>}",        "{'port': <@q 0>}",       "{'port': <443>}",
    "{'uri': <'here'>}",        "{'uri': <'/a\\nb'>}",    "{'timeout': <@u 0>}",
    "{'timeout': <@u 3601>}",   "{'interface': <'a b'>}", "{'host': <'a.example:443'>}",
  };
  g_autoptr (EaConfig) config = load_config ("[sm-sr]\nHost=stored.example\n");

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GVariant) given = options (wrong[i]);
      g_autoptr (GError) error = NULL;

      if (ea_session_order_new (config, EID, DEVICE, EA_SESSION_HTTPS, EA_SESSION_DBUS, given,
                                &error)
          != NULL)
        fail_msg ("%s is taken", wrong[i]);
      assert_true (g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID));
    }
}

static EaSessionOrder *
order_cattp (const char *options_text, GError **error)
{
  g_autoptr (EaConfig) config = load_config ("[sm-sr]\nHost=stored.example\n");
  g_autoptr (GVariant) given = options (options_text);

  return ea_session_order_new (config, EID, DEVICE, EA_SESSION_CAT_TP, EA_SESSION_RETRY, given,
                               error);
}

static void
test_peer_of_cat_tp_has_a_name_and_both_ports (void **state)
{
  g_autoptr (EaSessionOrder) order
      = order_cattp ("{'host': <'2001:db8::1'>, 'port': <@q 65535>, 'cat-tp-port': <@q 9>}", NULL);
  g_autofree char *peer = ea_session_order_get_cattp_peer (order);
  g_autofree char *name = NULL;
  guint16 port, cattp_port;

  assert_string_equal (peer, "2001:db8::1 65535 9");
  assert_true (ea_cattp_peer_split (peer, &name, &port, &cattp_port));
  assert_string_equal (name, "2001:db8::1");
  assert_int_equal (port, 65535);
  assert_int_equal (cattp_port, 9);
}

static void
test_text_that_is_no_peer_is_not_split (void **state)
{
  static const char *const texts[] = {
    "",          " ",         "a.b",       "a.b 1",    "a.b 1 ",      " 1 2",
    "a.b 0 1",   "a.b 1 0",   "a.b 01 2",  "a.b 1 02", "a.b 65536 1", "a.b 1 65536",
    "a.b  1 2",  "a.b 1 2 ",  "a.b 1 2 3", "a.b -1 2", "a.b +1 2",    "a_b 1 2",
    "1.2.3 1 2", "[::1] 1 2", "a.b\t1\t2", "a.b x 2",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *name = NULL;
      guint16 port = 7, cattp_port = 8;

      if (ea_cattp_peer_split (texts[i], &name, &port, &cattp_port))
        fail_msg ("'%s' is a peer", texts[i]);
      assert_null (name);
      assert_true (port == 7 && cattp_port == 8);
    }
}

/* The peer of the order, an address with a zone, has so many characters. */
static EaSessionOrder *
order_with_peer_of (gsize n_characters)
{
  gsize n_zone = n_characters - strlen ("fe80::1%") - strlen (" 9 65535");
  g_autofree char *zone = g_strnfill (n_zone, 'z');
  g_autofree char *text = g_strdup_printf (
      "{'host': <'fe80::1%%%s'>, 'port': <@q 9>, 'cat-tp-port': <@q 65535>}", zone);

  return order_cattp (text, NULL);
}

static void
test_peer_of_cat_tp_is_limited (void **state)
{
  g_autoptr (EaSessionOrder) longest = order_with_peer_of (EA_CATTP_PEER_MAX);
  g_autofree char *peer = NULL;

  assert_non_null (longest);
  peer = ea_session_order_get_cattp_peer (longest);
  assert_int_equal (strlen (peer), EA_CATTP_PEER_MAX);
  assert_null (order_with_peer_of (EA_CATTP_PEER_MAX + 1));
}

/* Which is read again as it was, unless something is missing */
static void
test_peer_is_read_from_a_record (void **state)
{
  g_autoptr (GBytes) whole = bytes_of ("000F3139322E302E322E37203920353132");
  char peer[EA_CATTP_PEER_MAX + 1] = "untouched";
  EaReader reader;

  for (gsize size = 0; size < g_bytes_get_size (whole); size++)
    {
      ea_reader_init (&reader, ea_span_head (ea_span_from_bytes (whole), size));
      assert_false (ea_cattp_peer_read (&reader, peer));
      assert_string_equal (peer, "untouched");
    }
  ea_reader_init (&reader, ea_span_from_bytes (whole));
  assert_true (ea_cattp_peer_read (&reader, peer));
  assert_string_equal (peer, "192.0.2.7 9 512");
}

/* @size of a peer with a zone, in a record */
static gboolean
is_read (gsize size)
{
  g_autofree char *zone = g_strnfill (size - strlen ("fe80::1% 9 9"), 'z');
  g_autofree char *text = g_strdup_printf ("fe80::1%%%s 9 9", zone);
  g_auto (EaWriter) writer = { 0 };
  char peer[EA_CATTP_PEER_MAX + 1];
  EaReader reader;

  ea_writer_init (&writer);
  ea_cattp_peer_write (&writer, text);
  ea_reader_init (&reader, ea_writer_span (&writer));
  return ea_cattp_peer_read (&reader, peer) && g_str_equal (peer, text);
}

static void
test_peer_that_is_too_long_is_not_read (void **state)
{
  assert_true (is_read (EA_CATTP_PEER_MAX));
  assert_false (is_read (EA_CATTP_PEER_MAX + 1));
  assert_false (is_read (0xFFFF));
}

static void
assert_same (const EaSessionOrder *a, const EaSessionOrder *b)
{
  g_autoptr (GBytes) left = ea_session_order_save (a);
  g_autoptr (GBytes) right = NULL;

  ((EaSessionOrder *) b)->origin = a->origin; /* of an earlier life, it is another one */
  right = ea_session_order_save (b);
  assert_true (g_bytes_equal (left, right));
}

static void
test_what_is_stored_is_the_same_and_a_retry (void **state)
{
  g_autoptr (EaSessionOrder) order = order_well_for ("", FULL_TRIGGER);
  g_autoptr (GBytes) saved = ea_session_order_save (order);
  g_autoptr (EaSessionOrder) restored = ea_session_order_restore (saved, NULL);

  assert_int_equal (restored->origin, EA_SESSION_RETRY);
  assert_string_equal (restored->uri, "/gsma/adminagent");
  assert_same (order, restored);
}

static void
test_no_truncated_record_is_believed (void **state)
{
  g_autoptr (EaSessionOrder) order = order_well_for ("", FULL_TRIGGER);
  g_autoptr (GBytes) saved = ea_session_order_save (order);

  for (gsize size = 0; size < g_bytes_get_size (saved); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (saved, NULL), size);
      g_autoptr (GError) error = NULL;

      assert_null (ea_session_order_restore (cut, &error));
      assert_non_null (error);
    }
}

/* Whatever a byte becomes: an order that works, or an error. */
static void
test_damaged_records_do_no_harm (void **state)
{
  g_autoptr (EaSessionOrder) order = order_well_for ("", FULL_TRIGGER);
  g_autoptr (GBytes) saved = ea_session_order_save (order);

  for (gsize i = 0; i < g_bytes_get_size (saved); i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        gsize size;
        guint8 *bytes = g_bytes_unref_to_data (g_bytes_ref (saved), &size);
        g_autoptr (GBytes) damaged = NULL;
        g_autoptr (EaSessionOrder) restored = NULL;
        g_autoptr (GError) error = NULL;

        bytes[i] ^= (guint8) (1 << bit);
        damaged = g_bytes_new_take (bytes, size);
        restored = ea_session_order_restore (damaged, &error);
        assert_true ((restored == NULL) == (error != NULL));
      }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_full_trigger_says_everything),
    cmocka_unit_test (test_what_a_trigger_leaves_out_is_configured),
    cmocka_unit_test (test_a_name_goes_with_its_name_server),
    cmocka_unit_test (test_the_administration_host_names_the_server),
    cmocka_unit_test (test_what_can_be_no_session_is_refused),
    cmocka_unit_test (test_options_go_before_the_configuration),
    cmocka_unit_test (test_wrong_options_are_refused),
    cmocka_unit_test (test_peer_of_cat_tp_has_a_name_and_both_ports),
    cmocka_unit_test (test_text_that_is_no_peer_is_not_split),
    cmocka_unit_test (test_peer_of_cat_tp_is_limited),
    cmocka_unit_test (test_peer_is_read_from_a_record),
    cmocka_unit_test (test_peer_that_is_too_long_is_not_read),
    cmocka_unit_test (test_what_is_stored_is_the_same_and_a_retry),
    cmocka_unit_test (test_no_truncated_record_is_believed),
    cmocka_unit_test (test_damaged_records_do_no_harm),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
