/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Ciphering, cryptographic checksums and redundancy checks of secured packets, TS 102 225 §5.1.2 and
 * §5.1.3, on the block ciphers of GnuTLS in CBC mode.
 *
 * CMAC is built here on AES-CBC, for every size of key: GnuTLS has none for AES-192 and ends the process
 * when it is asked for it.
 */

#include "core/scp80-crypto.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "core/error.h"
#include "core/scp80.h"

#define DES_BLOCK_SIZE 8
#define AES_BLOCK_SIZE 16

/* NIST SP 800-38B §5.3 and §6.2: Rb for blocks of 128 bits, and the bit that begins the padding */
#define CMAC_RB 0x87
#define CMAC_PAD 0x80

/* ISO 3309, bits reflected: polynomials, and the preset and final complement of both checks */
#define CRC16_POLYNOMIAL 0x8408
#define CRC32_POLYNOMIAL 0xEDB88320
#define CRC16_PRESET 0xFFFF
#define CRC32_PRESET 0xFFFFFFFF
#define BITS_PER_BYTE 8

/* Bytes of the stack that the library may use, with the dynamic linker below it */
#define STACK_WIPED 0x4000

#ifdef EA_CAN_CLEAR_REGISTERS
#define CLEARS_REGISTERS __attribute__ ((zero_call_used_regs ("all")))
#else
#define CLEARS_REGISTERS
#endif

/* One AES block as a number. */
typedef struct
{
  guint64 high;
  guint64 low;
} Block;

gsize
ea_scp80_get_block_size (EaScp80Cipher cipher)
{
  return cipher == EA_SCP80_CIPHER_AES_CBC ? AES_BLOCK_SIZE : DES_BLOCK_SIZE;
}

gboolean
ea_scp80_is_key_size (EaScp80Cipher cipher, gsize size)
{
  switch (cipher)
    {
    case EA_SCP80_CIPHER_DES_CBC:
    case EA_SCP80_CIPHER_DES_ECB:
      return size == EA_SCP80_DES_KEY_SIZE;
    case EA_SCP80_CIPHER_3DES_CBC:
      return size == EA_SCP80_3DES_2_KEY_SIZE || size == EA_SCP80_3DES_3_KEY_SIZE;
    case EA_SCP80_CIPHER_AES_CBC:
      return size == EA_SCP80_AES_128_KEY_SIZE || size == EA_SCP80_AES_192_KEY_SIZE
             || size == EA_SCP80_AES_256_KEY_SIZE;
    }
  return FALSE;
}

static gnutls_cipher_algorithm_t
get_algorithm (EaScp80Cipher cipher, gsize key_size)
{
  switch (cipher)
    {
    case EA_SCP80_CIPHER_DES_CBC:
    case EA_SCP80_CIPHER_DES_ECB:
      return GNUTLS_CIPHER_DES_CBC;
    case EA_SCP80_CIPHER_3DES_CBC:
      return GNUTLS_CIPHER_3DES_CBC;
    case EA_SCP80_CIPHER_AES_CBC:
      break;
    }
  if (key_size == EA_SCP80_AES_128_KEY_SIZE)
    return GNUTLS_CIPHER_AES_128_CBC;
  return key_size == EA_SCP80_AES_192_KEY_SIZE ? GNUTLS_CIPHER_AES_192_CBC
                                               : GNUTLS_CIPHER_AES_256_CBC;
}

/* The handle copies the initial value and the key's schedule, never the span. */
static void
reset_initial_value (gnutls_cipher_hd_t handle, EaScp80Cipher cipher)
{
  guint8 zeros[AES_BLOCK_SIZE] = { 0 };

  gnutls_cipher_set_iv (handle, zeros, ea_scp80_get_block_size (cipher));
}

static gboolean
start_cipher (gnutls_cipher_hd_t *out, EaScp80Cipher cipher, EaSpan key, GError **error)
{
  gnutls_cipher_algorithm_t algorithm = get_algorithm (cipher, key.size);
  guint8 zeros[AES_BLOCK_SIZE] = { 0 };
  gnutls_datum_t iv = { zeros, (guint) ea_scp80_get_block_size (cipher) };
  gnutls_datum_t datum = { (guint8 *) key.data, (guint) key.size };
  gnutls_cipher_hd_t handle = NULL;
  int result = gnutls_cipher_init (&handle, algorithm, &datum, &iv);

  if (result < 0)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                              "Cryptographic library refuses %s: %s",
                              gnutls_cipher_get_name (algorithm), gnutls_strerror (result));
  *out = handle;
  return TRUE;
}

/* Triple DES with two keys is K1 K2 K1. */
static gboolean
start_3des_2_keys (gnutls_cipher_hd_t *out, EaSpan key, GError **error)
{
  GByteArray *three = g_byte_array_sized_new (EA_SCP80_3DES_3_KEY_SIZE);
  gboolean is_started;

  g_byte_array_append (three, key.data, (guint) key.size);
  g_byte_array_append (three, key.data, EA_SCP80_DES_KEY_SIZE);
  is_started = start_cipher (out, EA_SCP80_CIPHER_3DES_CBC, ea_span_from_array (three), error);
  gnutls_memset (three->data, 0, three->len);
  g_byte_array_unref (three);
  return is_started;
}

static gboolean
start (gnutls_cipher_hd_t *out, EaScp80Cipher cipher, EaSpan key, GError **error)
{
  if (!ea_scp80_is_key_size (cipher, key.size))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                              "Key of %" G_GSIZE_FORMAT " bytes does not suit its algorithm",
                              key.size);
  if (cipher == EA_SCP80_CIPHER_3DES_CBC && key.size == EA_SCP80_3DES_2_KEY_SIZE)
    return start_3des_2_keys (out, key, error);
  return start_cipher (out, cipher, key, error);
}

static void
end (gnutls_cipher_hd_t handle)
{
  gnutls_cipher_deinit (handle); /* wipes the schedule */
  ea_scp80_wipe_traces ();
}

typedef int (*RunFunc) (gnutls_cipher_hd_t handle, const void *in, gsize in_size, void *out,
                        gsize out_size);

/* In ECB each block stands alone, which is CBC that starts anew with zeros. */
static int
run_ecb (gnutls_cipher_hd_t handle, RunFunc run, EaSpan in, GByteArray *out)
{
  EaReader reader;
  int code = 0;

  ea_reader_init (&reader, in);
  while (code >= 0 && ea_reader_remaining (&reader) > 0)
    {
      guint8 block[DES_BLOCK_SIZE];

      reset_initial_value (handle, EA_SCP80_CIPHER_DES_ECB);
      code = run (handle, ea_reader_bytes (&reader, sizeof block).data, sizeof block, block,
                  sizeof block);
      g_byte_array_append (out, block, sizeof block);
    }
  return code;
}

static int
run_cbc (gnutls_cipher_hd_t handle, RunFunc run, EaSpan in, GByteArray *out)
{
  g_byte_array_set_size (out, (guint) in.size);
  return in.size > 0 ? run (handle, in.data, in.size, out->data, out->len) : 0;
}

static GByteArray *
run_cipher (EaScp80Cipher cipher, EaSpan key, RunFunc run, EaSpan in, GError **error)
{
  gsize block_size = ea_scp80_get_block_size (cipher);
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint) in.size);
  gnutls_cipher_hd_t handle;
  int code;

  if (in.size % block_size != 0)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, in.data,
                         "Ciphered part of %" G_GSIZE_FORMAT
                         " bytes is no multiple of %" G_GSIZE_FORMAT,
                         in.size, block_size);
      return NULL;
    }
  if (!start (&handle, cipher, key, error))
    return NULL;
  code = cipher == EA_SCP80_CIPHER_DES_ECB ? run_ecb (handle, run, in, out)
                                           : run_cbc (handle, run, in, out);
  end (handle);
  if (code < 0)
    {
      ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL, "Cryptographic library fails: %s",
                         gnutls_strerror (code));
      return NULL;
    }
  return g_steal_pointer (&out);
}

GByteArray *
ea_scp80_encipher (EaScp80Cipher cipher, EaSpan key, EaSpan plain, GError **error)
{
  return run_cipher (cipher, key, gnutls_cipher_encrypt2, plain, error);
}

GByteArray *
ea_scp80_decipher (EaScp80Cipher cipher, EaSpan key, EaSpan ciphered, GError **error)
{
  return run_cipher (cipher, key, gnutls_cipher_decrypt2, ciphered, error);
}

static Block
read_block (EaSpan span)
{
  EaReader reader;
  Block block;

  ea_reader_init (&reader, span);
  block.high = ea_reader_u64be (&reader);
  block.low = ea_reader_u64be (&reader);
  return block;
}

static void
write_block (EaWriter *writer, Block block)
{
  ea_writer_u64be (writer, block.high);
  ea_writer_u64be (writer, block.low);
}

/* NIST SP 800-38B §6.1, without a branch that depends on the key */
static Block
double_block (Block block)
{
  guint64 carry = block.high >> 63;

  return (Block){ block.high << 1 | block.low >> 63, block.low << 1 ^ carry * CMAC_RB };
}

static Block
xor_blocks (Block a, Block b)
{
  return (Block){ a.high ^ b.high, a.low ^ b.low };
}

/* K1 or K2 of NIST SP 800-38B §6.1: of the cipher of a block of zeros */
static int
make_subkey (gnutls_cipher_hd_t handle, gboolean is_last_whole, Block *out)
{
  guint8 octets[AES_BLOCK_SIZE] = { 0 };
  int result = gnutls_cipher_encrypt (handle, octets, sizeof octets);
  Block subkey = double_block (read_block (ea_span_init (octets, sizeof octets)));

  gnutls_memset (octets, 0, sizeof octets);
  *out = is_last_whole ? subkey : double_block (subkey);
  gnutls_memset (&subkey, 0, sizeof subkey);
  return result;
}

/* The last block of a message (§6.2), filled up where it is not whole. */
static Block
read_last_block (EaSpan last)
{
  g_auto (EaWriter) writer = { 0 };

  if (last.size == AES_BLOCK_SIZE)
    return read_block (last);
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, last);
  ea_writer_u8 (&writer, CMAC_PAD);
  while (ea_writer_span (&writer).size < AES_BLOCK_SIZE)
    ea_writer_u8 (&writer, 0);
  return read_block (ea_writer_span (&writer));
}

/* Writes the blocks whose CBC ends with the CMAC of @message (§6.2). */
static int
write_cmac_blocks (EaWriter *writer, gnutls_cipher_hd_t handle, EaSpan message)
{
  gsize before = message.size > 0 ? (message.size - 1) / AES_BLOCK_SIZE * AES_BLOCK_SIZE : 0;
  EaSpan last = ea_span_tail (message, before);
  Block subkey;
  int result = make_subkey (handle, last.size == AES_BLOCK_SIZE, &subkey);

  ea_writer_bytes (writer, ea_span_head (message, before));
  write_block (writer, xor_blocks (read_last_block (last), subkey));
  gnutls_memset (&subkey, 0, sizeof subkey);
  reset_initial_value (handle, EA_SCP80_CIPHER_AES_CBC);
  return result;
}

/* §5.1.3.2: filled up with zeros, which are not sent */
static void
write_cbc_blocks (EaWriter *writer, EaSpan message)
{
  ea_writer_bytes (writer, message);
  while (ea_writer_span (writer).size % DES_BLOCK_SIZE != 0)
    ea_writer_u8 (writer, 0);
}

static EaScp80Mac
make_mac (EaSpan octets)
{
  EaScp80Mac mac = { .size = MIN (octets.size, EA_SCP80_MAC_MAX) };

  if (mac.size > 0)
    memcpy (mac.octets, octets.data, mac.size);
  return mac;
}

/* Writes the blocks of @message and enciphers them in place; the last one is then the checksum. */
static int
run_cc (EaWriter *writer, gnutls_cipher_hd_t handle, EaScp80Cipher cipher, EaSpan message)
{
  int result = 0;

  if (cipher == EA_SCP80_CIPHER_AES_CBC)
    result = write_cmac_blocks (writer, handle, message);
  else
    write_cbc_blocks (writer, message);
  return result < 0 ? result
                    : gnutls_cipher_encrypt (handle, writer->bytes->data, writer->bytes->len);
}

/* The blocks hold what is derived from the key. There is room for all of them from the beginning, since an array
 * that grows leaves a copy behind; and they are wiped whatever the library says. */
gboolean
ea_scp80_compute_cc (EaScp80Cipher cipher, EaSpan key, EaSpan message, EaScp80Mac *out,
                     GError **error)
{
  gsize block_size = ea_scp80_get_block_size (cipher);
  g_auto (EaWriter) writer = { 0 };
  gnutls_cipher_hd_t handle;
  int result;

  if (!start (&handle, cipher, key, error))
    return FALSE;
  writer.bytes = g_byte_array_sized_new ((guint) (message.size + block_size));
  result = run_cc (&writer, handle, cipher, message);
  end (handle);
  if (result >= 0)
    *out = make_mac (ea_span_tail (ea_writer_span (&writer), writer.bytes->len - block_size));
  ea_scp80_wipe (writer.bytes->data, writer.bytes->len);
  return result >= 0
         || ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                               "Cryptographic library fails: %s", gnutls_strerror (result));
}

/* A check with bits reflected: the preset is also what complements it in the end. */
static guint32
compute_crc (EaSpan message, guint32 polynomial, guint32 preset)
{
  guint32 crc = preset;
  EaReader reader;

  ea_reader_init (&reader, message);
  while (ea_reader_remaining (&reader) > 0)
    {
      crc ^= ea_reader_u8 (&reader);
      for (guint i = 0; i < BITS_PER_BYTE; i++)
        crc = crc >> 1 ^ (polynomial & (0u - (crc & 1)));
    }
  return crc ^ preset;
}

void
ea_scp80_compute_rc (gsize size, EaSpan message, EaScp80Mac *out)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (size == EA_SCP80_RC_16_SIZE)
    ea_writer_u16be (&writer, (guint16) compute_crc (message, CRC16_POLYNOMIAL, CRC16_PRESET));
  else
    ea_writer_u32be (&writer, compute_crc (message, CRC32_POLYNOMIAL, CRC32_PRESET));
  *out = make_mac (ea_writer_span (&writer));
}

gboolean
ea_scp80_mac_has_prefix (const EaScp80Mac *mac, EaSpan expected)
{
  return expected.size > 0 && expected.size <= mac->size
         && gnutls_memcmp (mac->octets, expected.data, expected.size) == 0;
}

void
ea_scp80_wipe (void *memory, gsize size)
{
  gnutls_memset (memory, 0, size);
}

/* Round keys and what is compared sixteen bytes at a time lie in vector registers, which go to the stack whenever a
 * function is bound or a signal comes. */
static G_NO_INLINE CLEARS_REGISTERS void
clear_registers (void)
{
  __asm__ volatile("" ::: "memory"); /* else the call is left out */
}

static G_NO_INLINE void
wipe_stack (void)
{
  guint8 below[STACK_WIPED];

  gnutls_memset (below, 0, sizeof below);
}

void
ea_scp80_wipe_traces (void)
{
  clear_registers ();
  wipe_stack ();
}
