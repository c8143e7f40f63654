/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS has neither single DES nor CMAC with AES-192, so DES is triple DES with equal keys, and
 * CMAC (NIST SP 800-38B) is made from CBC for all three sizes of key.
 */

#include "sim-crypto.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "core/error.h"

#define DES_KEY_SIZE 8
#define TRIPLE_DES_KEY_SIZE 24
#define AES_BLOCK_SIZE 16
#define DES_BLOCK_SIZE 8
#define CMAC_POLYNOMIAL 0x87
#define CRC16_POLYNOMIAL 0x8408u
#define CRC32_POLYNOMIAL 0xEDB88320u

gsize
sim_crypto_block_size (SimAlgorithm algorithm)
{
  return algorithm == SIM_ALGORITHM_AES ? AES_BLOCK_SIZE : DES_BLOCK_SIZE;
}

static gnutls_cipher_algorithm_t
get_cipher (SimAlgorithm algorithm, gsize key_size)
{
  if (algorithm != SIM_ALGORITHM_AES)
    return key_size == TRIPLE_DES_KEY_SIZE ? GNUTLS_CIPHER_3DES_CBC : GNUTLS_CIPHER_UNKNOWN;
  switch (key_size)
    {
    case 16:
      return GNUTLS_CIPHER_AES_128_CBC;
    case 24:
      return GNUTLS_CIPHER_AES_192_CBC;
    case 32:
      return GNUTLS_CIPHER_AES_256_CBC;
    default:
      return GNUTLS_CIPHER_UNKNOWN;
    }
}

/* K → KKK, K1 K2 → K1 K2 K1 */
static GBytes *
expand_key (SimAlgorithm algorithm, EaSpan key)
{
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;
  EaSpan first;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, key);
  ea_reader_init (&reader, key);
  first = ea_reader_bytes (&reader, DES_KEY_SIZE);
  while (algorithm != SIM_ALGORITHM_AES && first.size > 0
         && ea_writer_span (&writer).size < TRIPLE_DES_KEY_SIZE)
    ea_writer_bytes (&writer, first);
  return ea_writer_steal (&writer);
}

static gnutls_cipher_hd_t
start_cipher (SimAlgorithm algorithm, EaSpan key, GError **error)
{
  static const guint8 zeros[AES_BLOCK_SIZE] = { 0 };
  g_autoptr (GBytes) expanded = expand_key (algorithm, key);
  EaSpan span = ea_span_from_bytes (expanded);
  gnutls_datum_t datum = { (guchar *) span.data, (guint) span.size };
  gnutls_datum_t iv = { (guchar *) zeros, (guint) sim_crypto_block_size (algorithm) };
  gnutls_cipher_algorithm_t cipher = get_cipher (algorithm, span.size);
  gnutls_cipher_hd_t handle = NULL;

  if (cipher == GNUTLS_CIPHER_UNKNOWN || gnutls_cipher_init (&handle, cipher, &datum, &iv) < 0)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
                   "A key of %" G_GSIZE_FORMAT " octets does not fit the algorithm", key.size);
      return NULL;
    }
  return handle;
}

typedef int (*CipherFunc) (gnutls_cipher_hd_t, const void *, gsize, void *, gsize);

static gboolean
run_cipher (EaWriter *writer, CipherFunc run, gnutls_cipher_hd_t handle, EaSpan in)
{
  g_autofree guint8 *out = g_malloc (in.size);

  if (run (handle, in.data, in.size, out, in.size) < 0)
    return FALSE;
  ea_writer_bytes (writer, ea_span_init (out, in.size));
  return TRUE;
}

/* Without chaining each block is a message of its own, for the chaining value is zero. */
static GBytes *
crypt_blocks (SimAlgorithm algorithm, EaSpan key, EaSpan in, CipherFunc run, GError **error)
{
  gsize block_size = sim_crypto_block_size (algorithm);
  gsize step = algorithm == SIM_ALGORITHM_DES_ECB ? block_size : in.size;
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;

  ea_writer_init (&writer);
  if (in.size == 0 || in.size % block_size != 0)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "%" G_GSIZE_FORMAT " octets are not whole blocks of %" G_GSIZE_FORMAT, in.size,
                   block_size);
      return NULL;
    }

  ea_reader_init (&reader, in);
  while (ea_reader_remaining (&reader) > 0)
    {
      gnutls_cipher_hd_t handle = start_cipher (algorithm, key, error);
      gboolean is_done;

      if (handle == NULL)
        return NULL;
      is_done = run_cipher (&writer, run, handle, ea_reader_bytes (&reader, step));
      gnutls_cipher_deinit (handle);
      g_assert (is_done);
    }
  return ea_writer_steal (&writer);
}

GBytes *
sim_crypto_encrypt (SimAlgorithm algorithm, EaSpan key, EaSpan plain, GError **error)
{
  return crypt_blocks (algorithm, key, plain, gnutls_cipher_encrypt2, error);
}

GBytes *
sim_crypto_decrypt (SimAlgorithm algorithm, EaSpan key, EaSpan ciphered, GError **error)
{
  return crypt_blocks (algorithm, key, ciphered, gnutls_cipher_decrypt2, error);
}

/* One AES block as two big-endian halves: what CMAC doubles and adds */
typedef struct
{
  guint64 high;
  guint64 low;
} Block;

static Block
read_block (EaReader *reader)
{
  Block block;

  block.high = (guint64) ea_reader_u32be (reader) << 32;
  block.high |= ea_reader_u32be (reader);
  block.low = (guint64) ea_reader_u32be (reader) << 32;
  block.low |= ea_reader_u32be (reader);
  return block;
}

static void
write_block (EaWriter *writer, Block block)
{
  ea_writer_u32be (writer, (guint32) (block.high >> 32));
  ea_writer_u32be (writer, (guint32) block.high);
  ea_writer_u32be (writer, (guint32) (block.low >> 32));
  ea_writer_u32be (writer, (guint32) block.low);
}

static Block
double_block (Block block)
{
  Block doubled = { block.high << 1 | block.low >> 63, block.low << 1 };

  if (block.high >> 63 != 0)
    doubled.low ^= CMAC_POLYNOMIAL;
  return doubled;
}

static void
pad_to_block (EaWriter *writer, gsize block_size)
{
  while (ea_writer_span (writer).size == 0 || ea_writer_span (writer).size % block_size != 0)
    ea_writer_u8 (writer, 0);
}

/* The message as CMAC has it chained: padded with 80 00… where needed, a subkey added to the end.
 * */
static GBytes *
prepare_cmac (Block subkey, EaSpan message)
{
  gsize last = message.size % AES_BLOCK_SIZE;
  gboolean is_whole = message.size > 0 && last == 0;
  g_auto (EaWriter) tail = { 0 };
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;
  Block block;

  last = is_whole ? AES_BLOCK_SIZE : last;
  ea_writer_init (&tail);
  ea_writer_init (&writer);
  ea_reader_init (&reader, message);
  ea_writer_bytes (&writer, ea_reader_bytes (&reader, message.size - last));
  ea_writer_bytes (&tail, ea_reader_rest (&reader));
  if (!is_whole)
    ea_writer_u8 (&tail, 0x80);
  pad_to_block (&tail, AES_BLOCK_SIZE);

  ea_reader_init (&reader, ea_writer_span (&tail));
  block = read_block (&reader);
  subkey = double_block (subkey);
  if (!is_whole)
    subkey = double_block (subkey);
  write_block (&writer, (Block){ block.high ^ subkey.high, block.low ^ subkey.low });
  return ea_writer_steal (&writer);
}

static GBytes *
prepare_message (SimAlgorithm algorithm, EaSpan key, EaSpan message, GError **error)
{
  static const guint8 zeros[AES_BLOCK_SIZE] = { 0 };
  g_autoptr (GBytes) ciphered_zeros = NULL;
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;

  ea_writer_init (&writer);
  if (algorithm != SIM_ALGORITHM_AES)
    {
      ea_writer_bytes (&writer, message);
      pad_to_block (&writer, DES_BLOCK_SIZE);
      return ea_writer_steal (&writer);
    }

  ciphered_zeros = sim_crypto_encrypt (algorithm, key, EA_SPAN_OF_ARRAY (zeros), error);
  if (ciphered_zeros == NULL)
    return NULL;
  ea_reader_init (&reader, ea_span_from_bytes (ciphered_zeros));
  return prepare_cmac (read_block (&reader), message);
}

/* (transfer full) (nullable): the last block of the chain */
static GBytes *
chain (SimAlgorithm algorithm, EaSpan key, EaSpan message, GError **error)
{
  g_autoptr (GBytes) prepared = prepare_message (algorithm, key, message, error);
  g_autoptr (GBytes) chained = NULL;
  EaSpan span;

  if (prepared == NULL)
    return NULL;
  chained = sim_crypto_encrypt (algorithm, key, ea_span_from_bytes (prepared), error);
  if (chained == NULL)
    return NULL;
  span = ea_span_from_bytes (chained);
  return ea_span_to_bytes (ea_span_tail (span, span.size - sim_crypto_block_size (algorithm)));
}

GBytes *
sim_crypto_mac (SimAlgorithm algorithm, EaSpan key, EaSpan message, GError **error)
{
  g_autoptr (GBytes) last = chain (algorithm, key, message, error);

  if (last == NULL)
    return NULL;
  return ea_span_to_bytes (ea_span_head (ea_span_from_bytes (last), SIM_CRYPTO_MAC_SIZE));
}

GBytes *
sim_crypto_cmac (EaSpan key, EaSpan message, GError **error)
{
  return chain (SIM_ALGORITHM_AES, key, message, error);
}

static guint32
crc (EaSpan message, guint32 remainder, guint32 polynomial)
{
  EaReader reader;

  ea_reader_init (&reader, message);
  while (ea_reader_remaining (&reader) > 0)
    {
      remainder ^= ea_reader_u8 (&reader);
      for (guint bit = 0; bit < 8; bit++)
        remainder = (remainder & 1) != 0 ? remainder >> 1 ^ polynomial : remainder >> 1;
    }
  return remainder;
}

guint16
sim_crypto_crc16 (EaSpan message)
{
  return (guint16) ~crc (message, 0xFFFFu, CRC16_POLYNOMIAL);
}

guint32
sim_crypto_crc32 (EaSpan message)
{
  return ~crc (message, 0xFFFFFFFFu, CRC32_POLYNOMIAL);
}
