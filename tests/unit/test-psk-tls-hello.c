/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session offers (agent/net/psk-tls.h), as it is on the wire: ClientHello (RFC 5246 §7.4.1.2) and
 * ClientKeyExchange (RFC 4279 §2). */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "tls-rig.h"

/* The suites in their order: TLS_PSK_WITH_AES_128_GCM_SHA256 (RFC 5487), TLS_PSK_WITH_AES_128_CBC_SHA256; and then
 * TLS_PSK_WITH_AES_128_CBC_SHA, TLS_PSK_WITH_3DES_EDE_CBC_SHA (RFC 4279), TLS_PSK_WITH_NULL_SHA256,
 * TLS_PSK_WITH_NULL_SHA (RFC 4785) */
#define SUITES "00A8 00AE"
#define LEGACY_SUITES "00A8 00AE 008C 008B 00B0 002C"

/* Extensions by their numbers: max_fragment_length 1 (0x0001), signature_algorithms (0x000D) with RSA and SHA-256,
 * encrypt_then_mac (0x0016), extended_master_secret (0x0017), record_size_limit (0x001C), renegotiation_info
 * (0xFF01) of a first handshake */
#define SIGNATURES "000D=00020401"
#define ETM "0016="
#define EMS "0017="
#define NO_LIMIT "001C=4000"
#define LIMIT_512 "001C=0200"
#define LIMIT_4096 "001C=1000"
#define FRAGMENT_512 "0001=01"
#define FRAGMENT_4096 "0001=04"
#define RENEGOTIATION "FF01=00"

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO 1
#define CLIENT_KEY_EXCHANGE 16
#define TLS_1_2 0x0303
#define RANDOM_SIZE 32
#define READ_SIZE 4096

/* A server that is but a socket */
static TlsOwner *
connect_raw (const EaPskTlsOptions *options, int *fd)
{
  guint16 port;
  int listener = peer_listen (LOOPBACK, 1, &port);
  TlsOwner *owner = tls_owner_new (port, options);

  *fd = peer_accept (listener);
  close (listener);
  return owner;
}

/* Appends what comes to @bytes until a whole record is there. */
static EaSpan
read_record (int fd, GByteArray *bytes, guint8 *type)
{
  for (;;)
    {
      guint8 piece[READ_SIZE];
      EaReader reader;
      EaSpan body;
      gssize n;

      ea_reader_init (&reader, ea_span_from_array (bytes));
      *type = ea_reader_u8 (&reader);
      (void) ea_reader_u16be (&reader);
      body = ea_reader_bytes (&reader, ea_reader_u16be (&reader));
      if (ea_reader_is_ok (&reader))
        return body;
      n = recv (fd, piece, sizeof piece, 0);
      assert_true (n > 0);
      g_byte_array_append (bytes, piece, (guint) n);
    }
}

static char *
list_suites (EaSpan suites)
{
  GString *text = g_string_new (NULL);
  EaReader reader;

  ea_reader_init (&reader, suites);
  while (ea_reader_remaining (&reader) > 0)
    g_string_append_printf (text, "%s%04X", text->len > 0 ? " " : "", ea_reader_u16be (&reader));
  assert_true (ea_reader_done (&reader));
  return g_string_free (text, FALSE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* By their numbers: their order means nothing, and newer versions of GnuTLS shuffle them. */
static char *
list_extensions (EaSpan extensions)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  EaReader reader;

  ea_reader_init (&reader, extensions);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint16 number = ea_reader_u16be (&reader);
      EaSpan data = ea_reader_bytes (&reader, ea_reader_u16be (&reader));
      g_autofree char *hex = ea_span_to_hex (data);

      g_ptr_array_add (texts, g_strdup_printf ("%04X=%s", number, hex));
    }
  assert_true (ea_reader_done (&reader));
  g_ptr_array_sort (texts, compare);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" ", (char **) texts->pdata);
}

static void
assert_is_hello (EaSpan hello, const char *suites, const char *extensions)
{
  g_autofree char *got_suites = NULL;
  g_autofree char *got_extensions = NULL;
  EaReader reader;

  ea_reader_init (&reader, hello);
  assert_int_equal (ea_reader_u8 (&reader), CLIENT_HELLO);
  assert_int_equal (ea_reader_u24be (&reader), hello.size - 4);
  assert_int_equal (ea_reader_u16be (&reader), TLS_1_2);
  (void) ea_reader_bytes (&reader, RANDOM_SIZE);
  assert_int_equal (ea_reader_u8 (&reader), 0); /* no session to resume */
  got_suites = list_suites (ea_reader_bytes (&reader, ea_reader_u16be (&reader)));
  assert_int_equal (ea_reader_u16be (&reader), 0x0100); /* no compression */
  got_extensions = list_extensions (ea_reader_bytes (&reader, ea_reader_u16be (&reader)));
  assert_true (ea_reader_done (&reader));

  assert_string_equal (got_suites, suites);
  assert_string_equal (got_extensions, extensions);
}

static void
assert_offers (const EaPskTlsOptions *options, const char *suites, const char *extensions)
{
  int fd;
  g_autoptr (TlsOwner) owner = connect_raw (options, &fd);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  EaSpan hello;
  guint8 type;

  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
  WAIT_FOR (ea_psk_tls_get_bytes_sent (owner->tls) > 0);
  hello = read_record (fd, bytes, &type);

  assert_int_equal (type, RECORD_HANDSHAKE);
  assert_is_hello (hello, suites, extensions);
  ea_psk_tls_abort (owner->tls);
  WAIT_FOR (owner->handshake_error != NULL);
  close (fd);
}

static void
test_two_suites_and_no_needless_extension_are_offered (void **state)
{
  assert_offers (&tls_options, SUITES, SIGNATURES " " ETM " " EMS " " NO_LIMIT " " RENEGOTIATION);
}

static void
test_legacy_suites_are_offered_after_them (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.suites = EA_PSK_TLS_SUITES_LEGACY;
  assert_offers (&options, LEGACY_SUITES,
                 SIGNATURES " " ETM " " EMS " " NO_LIMIT " " RENEGOTIATION);
}

static void
test_presets_offer_less (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.preset = EA_PSK_TLS_NO_ETM;
  assert_offers (&options, SUITES, SIGNATURES " " EMS " " NO_LIMIT " " RENEGOTIATION);
  options.preset = EA_PSK_TLS_NO_ETM_NO_EMS;
  assert_offers (&options, SUITES, SIGNATURES " " NO_LIMIT " " RENEGOTIATION);
}

static void
test_the_maximum_fragment_length_is_asked_for (void **state)
{
  EaPskTlsOptions options = tls_options;

  options.max_fragment_length = 512;
  assert_offers (&options, SUITES,
                 FRAGMENT_512 " " SIGNATURES " " ETM " " EMS " " LIMIT_512 " " RENEGOTIATION);
  options.max_fragment_length = 4096;
  assert_offers (&options, SUITES,
                 FRAGMENT_4096 " " SIGNATURES " " ETM " " EMS " " LIMIT_4096 " " RENEGOTIATION);
}

/* ServerHello with TLS_PSK_WITH_AES_128_GCM_SHA256, and ServerHelloDone */
static void
say_hello (int fd)
{
  static const guint8 done[] = { 22, 3, 3, 0, 4, 14, 0, 0, 0 };
  static const guint8 random[RANDOM_SIZE];
  g_auto (EaWriter) writer = { 0 };
  EaSpan bytes;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, RECORD_HANDSHAKE);
  ea_writer_u16be (&writer, TLS_1_2);
  ea_writer_u16be (&writer, 42);
  ea_writer_u32be (&writer, 0x02000026); /* ServerHello of 38 bytes */
  ea_writer_u16be (&writer, TLS_1_2);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (random));
  ea_writer_u8 (&writer, 0);
  ea_writer_u16be (&writer, 0x00A8);
  ea_writer_u8 (&writer, 0);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (done));
  bytes = ea_writer_span (&writer);
  assert_int_equal (send (fd, bytes.data, bytes.size, MSG_NOSIGNAL), (gssize) bytes.size);
}

static void
assert_names_itself (EaSpan identity)
{
  EaPskTlsOptions options = tls_options;
  int fd;
  g_autoptr (TlsOwner) owner = NULL;
  g_autoptr (GByteArray) hello = g_byte_array_new ();
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  guint64 n_hello;
  EaSpan message;
  EaReader reader;
  guint8 type;

  options.identity = identity;
  owner = connect_raw (&options, &fd);
  tls_owner_start (owner, HANDSHAKE_TIMEOUT_MS, NULL);
  WAIT_FOR (ea_psk_tls_get_bytes_sent (owner->tls) > 0);
  (void) read_record (fd, hello, &type);
  n_hello = ea_psk_tls_get_bytes_sent (owner->tls);
  say_hello (fd);
  WAIT_FOR (ea_psk_tls_get_bytes_sent (owner->tls) > n_hello);
  message = read_record (fd, rest, &type);

  assert_int_equal (type, RECORD_HANDSHAKE);
  ea_reader_init (&reader, message);
  assert_int_equal (ea_reader_u8 (&reader), CLIENT_KEY_EXCHANGE);
  assert_int_equal (ea_reader_u24be (&reader), identity.size + 2);
  assert_int_equal (ea_reader_u16be (&reader), identity.size);
  assert_true (ea_span_equal (ea_reader_rest (&reader), identity));
  ea_psk_tls_abort (owner->tls);
  WAIT_FOR (owner->handshake_error != NULL);
  close (fd);
}

static void
test_the_identity_is_any_bytes (void **state)
{
  static const guint8 with_zeros[] = { 0x00, 0x80, 0x00, 0xFF, '%', 'n', 0x0A, 0x00 };
  static const guint8 one[] = { 0 };
  guint8 longest[EA_PSK_TLS_IDENTITY_MAX];

  memset (longest, 0xA5, sizeof longest);
  assert_names_itself (tls_options.identity);
  assert_names_itself (EA_SPAN_OF_ARRAY (with_zeros));
  assert_names_itself (EA_SPAN_OF_ARRAY (one));
  assert_names_itself (EA_SPAN_OF_ARRAY (longest));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_two_suites_and_no_needless_extension_are_offered),
    cmocka_unit_test (test_legacy_suites_are_offered_after_them),
    cmocka_unit_test (test_presets_offer_less),
    cmocka_unit_test (test_the_maximum_fragment_length_is_asked_for),
    cmocka_unit_test (test_the_identity_is_any_bytes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
