/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The algorithms of secured packets (agent/core/scp80-crypto.h) against the examples of their standards.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/scp80-crypto.h"
#include "helpers.h"

/* What became of the blocks that were enciphered in place last, and of arrays while they grew. The functions below
 * stand in for those of the libraries. */
static struct
{
  guint n_enciphered;
  guint failing; /* the number of the call that the library refuses; 0 for none */
  const void *blocks;
  gsize size;
  gboolean is_wiped;
  guint n_moved;
} watch;

int
gnutls_cipher_encrypt (const gnutls_cipher_hd_t handle, void *text, size_t size)
{
  watch.blocks = text;
  watch.size = size;
  watch.is_wiped = FALSE;
  if (++watch.n_enciphered == watch.failing)
    return GNUTLS_E_INTERNAL_ERROR;
  return gnutls_cipher_encrypt2 (handle, text, size, text, size);
}

void
gnutls_memset (void *data, int value, size_t size)
{
  memset (data, value, size);
  watch.is_wiped |= data == watch.blocks && size >= watch.size;
}

GByteArray *
g_byte_array_append (GByteArray *array, const guint8 *data, guint size)
{
  const guint8 *before = array->data;
  guint used = array->len;

  g_byte_array_set_size (array, used + size);
  memcpy (array->data + used, data, size);
  watch.n_moved += used > 0 && array->data != before;
  return array;
}

static void
assert_cmac (const char *key, const char *message, const char *expected)
{
  g_autoptr (GBytes) key_bytes = bytes_of (key);
  g_autoptr (GBytes) message_bytes = bytes_of (message);
  g_autoptr (GError) error = NULL;
  EaScp80Mac mac;

  assert_true (ea_scp80_compute_cc (EA_SCP80_CIPHER_AES_CBC, ea_span_from_bytes (key_bytes),
                                    ea_span_from_bytes (message_bytes), &mac, &error));
  assert_span_is (ea_span_init (mac.octets, mac.size), expected);
}

#define NIST_16 "6bc1bee22e409f96e93d7e117393172a"
#define NIST_40 NIST_16 "ae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
#define NIST_64 NIST_40 "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

static void
test_cmac_gives_the_examples_of_sp_800_38b_for_every_key_size (void **state)
{
  static const char aes_128[] = "2b7e151628aed2a6abf7158809cf4f3c";
  static const char aes_192[] = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b";
  static const char aes_256[] = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

  assert_cmac (aes_128, "", "bb1d6929e95937287fa37d129b756746");
  assert_cmac (aes_128, NIST_16, "070a16b46b4d4144f79bdd9dd04a287c");
  assert_cmac (aes_128, NIST_40, "dfa66747de9ae63030ca32611497c827");
  assert_cmac (aes_128, NIST_64, "51f0bebf7e3b9d92fc49741779363cfe");
  assert_cmac (aes_192, "", "d17ddf46adaacde531cac483de7a9367");
  assert_cmac (aes_192, NIST_16, "9e99a7bf31e710900662f65e617c5184");
  assert_cmac (aes_192, NIST_40, "8a1de5be2eb31aad089a82e6ee908b0e");
  assert_cmac (aes_192, NIST_64, "a1d5df0eed790f794d77589659f39a11");
  assert_cmac (aes_256, "", "028962f61b7bf89efc6b551f4667d983");
  assert_cmac (aes_256, NIST_16, "28a7023f452e8f82bd4bf28d8c37c35c");
  assert_cmac (aes_256, NIST_40, "aaf3d8f1de5640c232f5b169b9c911e6");
  assert_cmac (aes_256, NIST_64, "e1992190549f6ed5696a2c056c315410");
}

static void
test_redundancy_checks_give_the_values_of_the_crc_catalogue (void **state)
{
  EaSpan digits = ea_span_init ("123456789", 9);
  EaScp80Mac mac;

  ea_scp80_compute_rc (2, digits, &mac);
  assert_span_is (ea_span_init (mac.octets, mac.size), "906E");
  ea_scp80_compute_rc (4, digits, &mac);
  assert_span_is (ea_span_init (mac.octets, mac.size), "CBF43926");
}

/* FIPS 81 and SP 800-67 have no vector with 16 octets of key: K1 K2 K1 must do as the 24 octets do. */
static void
test_triple_des_with_two_keys_is_that_with_the_first_key_again (void **state)
{
  static const char text[] = "0011223344556677";
  g_autoptr (GBytes) two = bytes_of ("0123456789ABCDEF23456789ABCDEF01");
  g_autoptr (GBytes) three = bytes_of ("0123456789ABCDEF23456789ABCDEF010123456789ABCDEF");
  g_autoptr (GBytes) plain = bytes_of (text);
  g_autoptr (GByteArray) a = ea_scp80_encipher (EA_SCP80_CIPHER_3DES_CBC, ea_span_from_bytes (two),
                                                ea_span_from_bytes (plain), NULL);
  g_autoptr (GByteArray) b = ea_scp80_encipher (
      EA_SCP80_CIPHER_3DES_CBC, ea_span_from_bytes (three), ea_span_from_bytes (plain), NULL);
  g_autoptr (GByteArray) back = NULL;

  assert_true (ea_span_equal (ea_span_from_array (a), ea_span_from_array (b)));
  back = ea_scp80_decipher (EA_SCP80_CIPHER_3DES_CBC, ea_span_from_bytes (two),
                            ea_span_from_array (a), NULL);
  assert_span_is (ea_span_from_array (back), text);
}

static void
assert_key_sizes (EaScp80Cipher cipher, const gsize *sizes, gsize n_sizes)
{
  static const guint8 key[64] = { 1 };

  for (gsize size = 0; size <= sizeof key; size++)
    {
      g_autoptr (GError) error = NULL;
      gboolean is_known = FALSE;
      EaScp80Mac mac;

      for (gsize i = 0; i < n_sizes; i++)
        is_known |= sizes[i] == size;
      assert_int_equal (ea_scp80_compute_cc (cipher, ea_span_init (key, size),
                                             ea_span_init ("x", 1), &mac, &error),
                        is_known);
      if (!is_known)
        assert_core_error (&error, EA_CORE_ERROR_SECURITY);
    }
}

static void
test_keys_of_any_other_size_are_refused_before_the_library_sees_them (void **state)
{
  assert_key_sizes (EA_SCP80_CIPHER_DES_CBC, (gsize[]){ 8 }, 1);
  assert_key_sizes (EA_SCP80_CIPHER_DES_ECB, (gsize[]){ 8 }, 1);
  assert_key_sizes (EA_SCP80_CIPHER_3DES_CBC, (gsize[]){ 16, 24 }, 2);
  assert_key_sizes (EA_SCP80_CIPHER_AES_CBC, (gsize[]){ 16, 24, 32 }, 3);
}

static void
test_ciphered_parts_are_whole_blocks (void **state)
{
  static const guint8 bytes[33] = { 0 };

  for (gsize size = 0; size <= sizeof bytes; size++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) plain = ea_scp80_decipher (
          EA_SCP80_CIPHER_AES_CBC, ea_span_init (bytes, 16), ea_span_init (bytes, size), &error);

      assert_int_equal (plain != NULL, size % 16 == 0);
      if (plain == NULL)
        assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
    }
}

static void
expect_wiped (EaScp80Cipher cipher, gsize message_size, guint failing)
{
  static const guint8 bytes[200] = { 1, 2, 3 };
  g_autoptr (GError) error = NULL;
  EaScp80Mac mac;
  gboolean is_computed;

  memset (&watch, 0, sizeof watch);
  watch.failing = failing;
  poison (&mac, sizeof mac);
  is_computed = ea_scp80_compute_cc (cipher, ea_span_init (bytes, 16),
                                     ea_span_init (bytes, message_size), &mac, &error);

  assert_int_equal (is_computed, failing == 0);
  assert_true (watch.is_wiped);
  assert_int_equal (watch.n_moved, 0);
  if (is_computed)
    return;
  assert_core_error (&error, EA_CORE_ERROR_UNSUPPORTED);
  assert_true (is_poisoned (&mac, sizeof mac));
}

/* The first call of the library makes the subkey of a CMAC, the next one the checksum. */
static void
test_blocks_of_a_checksum_never_move_and_are_wiped_whatever_happens (void **state)
{
  for (gsize size = 0; size <= 200; size++)
    {
      expect_wiped (EA_SCP80_CIPHER_AES_CBC, size, 0);
      expect_wiped (EA_SCP80_CIPHER_AES_CBC, size, 1);
      expect_wiped (EA_SCP80_CIPHER_AES_CBC, size, 2);
      if (size == 0)
        continue; /* nothing to encipher */
      expect_wiped (EA_SCP80_CIPHER_3DES_CBC, size, 0);
      expect_wiped (EA_SCP80_CIPHER_3DES_CBC, size, 1);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cmac_gives_the_examples_of_sp_800_38b_for_every_key_size),
    cmocka_unit_test (test_redundancy_checks_give_the_values_of_the_crc_catalogue),
    cmocka_unit_test (test_triple_des_with_two_keys_is_that_with_the_first_key_again),
    cmocka_unit_test (test_keys_of_any_other_size_are_refused_before_the_library_sees_them),
    cmocka_unit_test (test_ciphered_parts_are_whole_blocks),
    cmocka_unit_test (test_blocks_of_a_checksum_never_move_and_are_wiped_whatever_happens),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
