/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is left of keys in a process that has worked with them (agent/core/scp80-crypto.h): nothing but the memory that
 * they were given in. The test starts itself once more as that process, gives it keys through a pipe, so that it has
 * them nowhere else, and searches its memory for them and for the schedules that nettle makes of them.
 */

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nettle/aes.h>
#include <nettle/des.h>

#include "core/scp80-crypto.h"
#include "core/scp80-seal.h"
#include "memory-search.h"

#define AREA_SIZE 4096
#define WORKER "worker"
#define LEAKY_WORKER "leaky-worker"
#define PART_SIZE 16

static const char *program;

/* The keys in the order in which they go through the pipe */
static const struct
{
  const char *name;
  EaScp80Cipher cipher;
  gsize size;
} rows[] = {
  { "AES-128", EA_SCP80_CIPHER_AES_CBC, 16 },
  { "AES-192", EA_SCP80_CIPHER_AES_CBC, 24 },
  { "AES-256", EA_SCP80_CIPHER_AES_CBC, 32 },
  { "3DES-2", EA_SCP80_CIPHER_3DES_CBC, 16 },
  { "3DES-3", EA_SCP80_CIPHER_3DES_CBC, 24 },
  { "DES", EA_SCP80_CIPHER_DES_CBC, 8 },
  { "DES in ECB", EA_SCP80_CIPHER_DES_ECB, 8 },
  { "KIc of a packet", EA_SCP80_CIPHER_AES_CBC, 16 },
  { "KID of a packet", EA_SCP80_CIPHER_AES_CBC, 16 },
};

static EaSpan
take_key (EaReader *reader, guint i)
{
  return ea_reader_bytes (reader, rows[i].size);
}

static gboolean
use_key (EaScp80Cipher cipher, EaSpan key)
{
  static const guint8 message[48] = "a message of three blocks, or of six short ones";
  EaSpan plain = ea_span_init (message, sizeof message);
  g_autoptr (GByteArray) ciphered = ea_scp80_encipher (cipher, key, plain, NULL);
  g_autoptr (GByteArray) opened
      = ciphered != NULL ? ea_scp80_decipher (cipher, key, ea_span_from_array (ciphered), NULL)
                         : NULL;
  EaScp80Mac mac;

  return opened != NULL && ea_span_equal (ea_span_from_array (opened), plain)
         && ea_scp80_compute_cc (cipher, key, plain, &mac, NULL);
}

/* There and back, with counter 1. */
static gboolean
use_key_set (EaSpan kic, EaSpan kid)
{
  static const EaScp80Header header
      = { EA_SCP80_COMMAND, EA_SCP80_FORM_SMS, 0x1639, 0x12, 0x12, 0x000001 };
  EaScp80Security security = ea_scp80_get_security (&header);
  EaScp80Keys keys = { EA_SCP80_ALGORITHM_AES, kic, kid };
  EaScp80Contents contents = { .counter = 1, .data = ea_span_init ("command", 7) };
  g_autoptr (GBytes) bytes = ea_scp80_wrap (&header, &security, &keys, &contents, NULL);
  g_auto (EaScp80Contents) opened = { 0 };
  EaScp80Packet packet;
  EaScp80Status status;
  guint64 highest = 0;

  return bytes != NULL
         && ea_scp80_parse (&packet, EA_SCP80_COMMAND, EA_SCP80_FORM_SMS,
                            ea_span_from_bytes (bytes), NULL)
         && ea_scp80_unwrap_command (&packet, &keys, &highest, &opened, &status, NULL);
}

static gboolean
use_keys (EaReader *reader)
{
  gboolean is_good = TRUE;
  EaSpan kic;

  for (guint i = 0; i < G_N_ELEMENTS (rows) - 2; i++)
    is_good &= use_key (rows[i].cipher, take_key (reader, i));
  kic = take_key (reader, G_N_ELEMENTS (rows) - 2);
  return is_good && use_key_set (kic, take_key (reader, G_N_ELEMENTS (rows) - 1));
}

static guint8 *
get_locked_area (void)
{
  void *area = mmap (NULL, AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (area == MAP_FAILED || mlock (area, AREA_SIZE) != 0
      || madvise (area, AREA_SIZE, MADV_DONTDUMP) != 0)
    _exit (EXIT_FAILURE);
  return area;
}

/* The other process: keys from standard input, a byte to standard output when it has worked with them, and its
 * end with that of standard input. */
static int
work (gboolean is_leaky)
{
  guint8 *area = get_locked_area ();
  g_autofree guint8 *copy = NULL;
  gsize size = 0;
  gsize wanted = 0;
  EaReader reader;
  char byte = 'k';

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    wanted += rows[i].size;
  while (size < wanted)
    {
      gssize n = read (STDIN_FILENO, area + size, wanted - size);

      if (n <= 0)
        return EXIT_FAILURE;
      size += (gsize) n;
    }
  ea_reader_init (&reader, ea_span_init (area, size));
  if (is_leaky)
    copy = g_memdup2 (area, rows[0].size);
  if (!use_keys (&reader) || write (STDOUT_FILENO, &byte, 1) != 1)
    return EXIT_FAILURE;
  return read (STDIN_FILENO, &byte, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Not written anywhere, since the other process has this program in its memory, too */
static void
make_key (const char *name, guint8 *key, gsize size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_size = sizeof digest;

  g_checksum_update (checksum, (const guchar *) name, -1);
  g_checksum_get_digest (checksum, digest, &digest_size);
  memcpy (key, digest, size);
}

static void
add_parts (GPtrArray *patterns, const char *name, gconstpointer schedule, gsize size)
{
  for (gsize i = 0; i + PART_SIZE <= size; i += PART_SIZE)
    memory_patterns_add (patterns, name, (const guint8 *) schedule + i, PART_SIZE);
}

/* Of any round key the others can be computed. */
static void
add_aes_schedules (GPtrArray *patterns, const char *name, const guint8 *key, gsize size)
{
  union
  {
    struct aes128_ctx aes128;
    struct aes192_ctx aes192;
    struct aes256_ctx aes256;
  } schedules[2];

  for (guint i = 0; i < G_N_ELEMENTS (schedules); i++)
    {
      gboolean is_opening = i > 0;

      if (size == AES128_KEY_SIZE)
        (is_opening ? aes128_set_decrypt_key : aes128_set_encrypt_key) (&schedules[i].aes128, key);
      else if (size == AES192_KEY_SIZE)
        (is_opening ? aes192_set_decrypt_key : aes192_set_encrypt_key) (&schedules[i].aes192, key);
      else
        (is_opening ? aes256_set_decrypt_key : aes256_set_encrypt_key) (&schedules[i].aes256, key);
      add_parts (patterns, name, &schedules[i],
                 size == AES128_KEY_SIZE   ? sizeof schedules[i].aes128
                 : size == AES192_KEY_SIZE ? sizeof schedules[i].aes192
                                           : sizeof schedules[i].aes256);
    }
}

static void
add_des_schedules (GPtrArray *patterns, const char *name, const guint8 *key, gsize size)
{
  struct des_ctx des;

  for (gsize i = 0; i < size; i += DES_KEY_SIZE)
    {
      (void) des_set_key (&des, key + i); /* no weak key comes out of a checksum */
      memory_patterns_add (patterns, name, key + i, DES_KEY_SIZE);
      add_parts (patterns, name, &des, sizeof des);
    }
}

static void
add_key (GPtrArray *patterns, guint i, const guint8 *key)
{
  memory_patterns_add (patterns, rows[i].name, key, rows[i].size);
  if (rows[i].cipher == EA_SCP80_CIPHER_AES_CBC)
    add_aes_schedules (patterns, rows[i].name, key, rows[i].size);
  else
    add_des_schedules (patterns, rows[i].name, key, rows[i].size);
}

/* (transfer full): where keys are in the memory of a process that has worked with them */
static char *
search_worker (const char *kind, guint *n_locked)
{
  g_autoptr (GSubprocess) worker = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, program, kind, NULL);
  g_autoptr (GPtrArray) patterns = memory_patterns_new ();
  char *found;
  char byte;

  assert_non_null (worker);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 key[EA_SCP80_KEY_SIZE_MAX];

      make_key (rows[i].name, key, rows[i].size);
      add_key (patterns, i, key);
      assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (worker), key,
                                              rows[i].size, NULL, NULL, NULL));
    }
  assert_int_equal (
      g_input_stream_read (g_subprocess_get_stdout_pipe (worker), &byte, 1, NULL, NULL), 1);
  found = memory_search (atoi (g_subprocess_get_identifier (worker)), patterns, n_locked);
  g_output_stream_close (g_subprocess_get_stdin_pipe (worker), NULL, NULL);

  assert_true (g_subprocess_wait_check (worker, NULL, NULL));
  return found;
}

static void
test_nothing_of_a_key_is_left_behind (void **state)
{
  g_autofree char *found = NULL;
  guint n_locked;

  if (!memory_can_be_searched ())
    skip ();
  found = search_worker (WORKER, &n_locked);

  assert_string_equal (found, "");
  assert_true (n_locked >= G_N_ELEMENTS (rows));
}

static void
test_a_copy_would_be_found (void **state)
{
  g_autofree char *found = NULL;

  if (!memory_can_be_searched ())
    skip ();
  found = search_worker (LEAKY_WORKER, NULL);

  assert_true (g_str_has_prefix (found, rows[0].name));
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_nothing_of_a_key_is_left_behind),
    cmocka_unit_test (test_a_copy_would_be_found),
  };

  if (argc == 2)
    return work (strcmp (argv[1], LEAKY_WORKER) == 0);
  program = argv[0];
  return cmocka_run_group_tests (tests, NULL, NULL);
}
