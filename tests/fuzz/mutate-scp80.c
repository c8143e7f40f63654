/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Secured packets, TS 102 225 §5.1 and §5.2. A packet is opened with the keys that fuzz-scp80.c opens it with, one or
 * two of its parts are changed, and it is sealed again: what is checked behind the checksum is met so. Nothing here is
 * the agent's: ciphers and checksums are those of Nettle, and redundancy checks are reckoned bit by bit.
 */

#include <string.h>

#include <nettle/cbc.h>
#include <nettle/cmac.h>
#include <nettle/des.h>
#include <nettle/nettle-meta.h>

#include "mutate.h"
#include "scp80-keys.h"

#define CPI_COMMAND 0x01
#define RPI_RESPONSE 0x02
#define COMMAND_HEADER_MIN 13
#define RESPONSE_HEADER_MIN 10
#define COUNTER_SIZE 5
#define TAR_SIZE 3
#define BLOCK_MAX 16
#define KEY_MAX 32
#define CC_SIZE 8
#define CC_SHORT_SIZE 4

#define SPI1_INTEGRITY 0x03
#define SPI1_CIPHERED 0x04
#define SPI2_INTEGRITY_SHIFT 2
#define SPI2_CIPHERED 0x10
#define INTEGRITY_RC 1
#define INTEGRITY_CC 2
#define KID_CRC32 5

#define CHANGES_MAX 3
#define BROKEN_ONE_IN 12
#define OTHER_KEY_ONE_IN 12

/* What a packet is made of. Of a response packet, fuzz-scp80.c reads in its TAR how it is protected: SPI2, KIc, KID. */
typedef struct
{
  gboolean is_response;
  gboolean is_cat_tp;
  guint8 spi1;
  guint8 spi2;
  guint8 kic;
  guint8 kid;
  guint8 tar[TAR_SIZE];
  guint8 counter[COUNTER_SIZE];
  guint8 status;
  guint surplus_padding; /* what PCNTR says too much */
  gsize integrity_size;
  GByteArray *data;
} Plan;

static void
set_des3_key (void *context, const guint8 *key)
{
  (void) des3_set_key (context, key);
}

static const struct nettle_cipher triple_des = {
  "des3",
  sizeof (struct des3_ctx),
  DES3_BLOCK_SIZE,
  DES3_KEY_SIZE,
  set_des3_key,
  set_des3_key,
  (nettle_cipher_func *) des3_encrypt,
  (nettle_cipher_func *) des3_decrypt,
};

/* The cipher that the low half of KIc or KID names, and its key. AES has keys of three sizes: the number of the key set
 * chooses one, so that a packet is opened as it was sealed. Left implicit, it is AES. */
static const struct nettle_cipher *
get_cipher (guint8 octet, guint8 key[KEY_MAX])
{
  static const struct nettle_cipher *const aes[]
      = { &nettle_aes128, &nettle_aes192, &nettle_aes256 };

  memcpy (key, scp80_key, KEY_MAX);
  switch (octet & 0x0F)
    {
    case 0x1: /* DES: three times the same */
    case 0xD:
      memcpy (key + DES_KEY_SIZE, key, DES_KEY_SIZE);
      memcpy (key + 2 * DES_KEY_SIZE, key, DES_KEY_SIZE);
      return &triple_des;
    case 0x5: /* two keys */
      memcpy (key + 2 * DES_KEY_SIZE, key, DES_KEY_SIZE);
      return &triple_des;
    case 0x9:
      return &triple_des;
    default:
      return aes[(octet >> 4) % G_N_ELEMENTS (aes)];
    }
}

static gboolean
is_ecb (guint8 octet)
{
  return (octet & 0x0F) == 0xD;
}

/* @size: whole blocks */
static void
run_cipher (guint8 octet, gboolean is_encrypting, guint8 *data, gsize size)
{
  guint8 initial[BLOCK_MAX] = { 0 };
  guint8 key[KEY_MAX];
  const struct nettle_cipher *cipher = get_cipher (octet, key);
  g_autofree void *context = g_malloc (cipher->context_size);

  if (is_encrypting)
    cipher->set_encrypt_key (context, key);
  else
    cipher->set_decrypt_key (context, key);
  if (is_ecb (octet))
    (is_encrypting ? cipher->encrypt : cipher->decrypt) (context, size, data, data);
  else if (is_encrypting)
    cbc_encrypt (context, cipher->encrypt, cipher->block_size, initial, size, data, data);
  else
    cbc_decrypt (context, cipher->decrypt, cipher->block_size, initial, size, data, data);
}

static gsize
get_block_size (guint8 octet)
{
  guint8 key[KEY_MAX];

  return get_cipher (octet, key)->block_size;
}

/* CMAC of AES, or the last block of DES in CBC mode over what is filled up with zeros, §5.1.3.2 */
static void
compute_cc (guint8 octet, const GByteArray *covered, guint8 out[BLOCK_MAX])
{
  guint8 key[KEY_MAX];
  const struct nettle_cipher *cipher = get_cipher (octet, key);
  g_autofree void *context = g_malloc (cipher->context_size);
  guint8 state[BLOCK_MAX] = { 0 };
  struct cmac128_key cmac_key;
  struct cmac128_ctx cmac;

  cipher->set_encrypt_key (context, key);
  if (cipher->block_size == CMAC128_DIGEST_SIZE)
    {
      cmac128_set_key (&cmac_key, context, cipher->encrypt);
      cmac128_init (&cmac);
      cmac128_update (&cmac, context, cipher->encrypt, covered->len, covered->data);
      cmac128_digest (&cmac, &cmac_key, context, cipher->encrypt, CMAC128_DIGEST_SIZE, out);
      return;
    }
  for (guint i = 0; i < covered->len; i += DES_BLOCK_SIZE)
    {
      for (guint j = 0; j < DES_BLOCK_SIZE && i + j < covered->len; j++)
        state[j] ^= covered->data[i + j];
      cipher->encrypt (context, DES_BLOCK_SIZE, state, state);
    }
  memcpy (out, state, DES_BLOCK_SIZE);
}

/* CRC 16 or CRC 32 of ISO 3309, §5.1.3.1, big-endian */
static void
compute_rc (gsize size, const GByteArray *covered, guint8 *out)
{
  guint32 polynomial = size == 2 ? 0x8408 : 0xEDB88320;
  guint32 ones = size == 2 ? 0xFFFF : 0xFFFFFFFF;
  guint32 crc = ones;

  for (guint i = 0; i < covered->len; i++)
    {
      crc ^= covered->data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
    }
  crc ^= ones;
  for (gsize i = 0; i < size; i++)
    out[i] = (guint8) (crc >> 8 * (size - 1 - i));
}

static guint8
get_integrity (const Plan *plan)
{
  return (plan->is_response ? plan->tar[0] >> SPI2_INTEGRITY_SHIFT : plan->spi1) & SPI1_INTEGRITY;
}

static gboolean
is_ciphered (const Plan *plan)
{
  return plan->is_response ? (plan->tar[0] & SPI2_CIPHERED) != 0
                           : (plan->spi1 & SPI1_CIPHERED) != 0;
}

static guint8
get_kic (const Plan *plan)
{
  return plan->is_response ? plan->tar[1] : plan->kic;
}

static guint8
get_kid (const Plan *plan)
{
  return plan->is_response ? plan->tar[2] : plan->kid;
}

static void
append (GByteArray *out, const void *data, gsize size)
{
  g_byte_array_append (out, data, (guint) size);
}

static void
append_octet (GByteArray *out, gsize octet)
{
  append (out, &(guint8){ (guint8) octet }, 1);
}

static void
append_length (GByteArray *out, gsize length)
{
  if (length >= 0x100)
    append_octet (out, 0x82);
  else if (length >= 0x80)
    append_octet (out, 0x81);
  if (length >= 0x100)
    append_octet (out, length >> 8);
  append_octet (out, length);
}

/* From CPI, CPL, RPI or RPL to TAR */
static void
append_clear (GByteArray *out, const Plan *plan, gsize data_size)
{
  gsize header_length
      = (plan->is_response ? RESPONSE_HEADER_MIN : COMMAND_HEADER_MIN) + plan->integrity_size;
  gsize length = 1 + header_length + data_size;

  if (plan->is_cat_tp)
    {
      append_octet (out, plan->is_response ? RPI_RESPONSE : CPI_COMMAND);
      append_length (out, length);
    }
  else
    {
      append_octet (out, length >> 8);
      append_octet (out, length);
    }
  append_octet (out, header_length);
  if (!plan->is_response)
    {
      append_octet (out, plan->spi1);
      append_octet (out, plan->spi2);
      append_octet (out, plan->kic);
      append_octet (out, plan->kid);
    }
  append (out, plan->tar, TAR_SIZE);
}

static gsize
get_padding (const Plan *plan, gsize before)
{
  gsize block = get_block_size (get_kic (plan));

  return is_ciphered (plan) ? (block - (before + plan->data->len) % block) % block : 0;
}

static GByteArray *
seal (const Plan *plan)
{
  static const guint8 user_data_header[] = { 0x02, 0x71, 0x00 };
  gsize before_size = COUNTER_SIZE + 1 + (plan->is_response ? 1 : 0);
  gsize padding = get_padding (plan, before_size + plan->integrity_size);
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) before = g_byte_array_new ();
  g_autoptr (GByteArray) after = g_byte_array_new ();
  g_autoptr (GByteArray) covered = g_byte_array_new ();
  guint8 integrity[BLOCK_MAX] = { 0 };
  gsize clear_size;

  append_clear (out, plan, plan->data->len + padding);
  clear_size = out->len;
  append (before, plan->counter, COUNTER_SIZE);
  append_octet (before, padding + plan->surplus_padding);
  if (plan->is_response)
    append_octet (before, plan->status);
  append (after, plan->data->data, plan->data->len);
  for (gsize i = 0; i < padding; i++)
    append_octet (after, 0);

  if (plan->is_response && !plan->is_cat_tp)
    append (covered, user_data_header, sizeof user_data_header);
  append (covered, out->data, out->len);
  append (covered, before->data, before->len);
  append (covered, after->data, after->len);
  if (get_integrity (plan) == INTEGRITY_RC)
    compute_rc (plan->integrity_size, covered, integrity);
  else if (get_integrity (plan) == INTEGRITY_CC)
    compute_cc (get_kid (plan), covered, integrity);
  append (out, before->data, before->len);
  append (out, integrity, plan->integrity_size);
  append (out, after->data, after->len);
  if (is_ciphered (plan))
    run_cipher (get_kic (plan), TRUE, out->data + clear_size, out->len - clear_size);
  return out;
}

/* The size that RC, CC or DS can have */
static void
fit_integrity (Plan *plan)
{
  guint8 kid = get_kid (plan);

  switch (get_integrity (plan))
    {
    case 0:
      plan->integrity_size = 0;
      break;
    case INTEGRITY_RC:
      plan->integrity_size = (kid & 0x0F) == KID_CRC32 ? 4 : 2;
      break;
    case INTEGRITY_CC:
      if (plan->integrity_size != CC_SHORT_SIZE || get_block_size (kid) != BLOCK_MAX)
        plan->integrity_size = CC_SIZE;
      break;
    default:
      plan->integrity_size = CC_SIZE;
      break;
    }
}

/* What follows the clear header; FALSE when it is too short. */
static gboolean
open_body (Plan *plan, EaSpan body)
{
  g_autoptr (GByteArray) plain
      = g_byte_array_append (g_byte_array_new (), body.data, (guint) body.size);
  gsize block = get_block_size (get_kic (plan));
  EaReader reader;
  gsize padding;
  EaSpan rest;

  if (is_ciphered (plan))
    run_cipher (get_kic (plan), FALSE, plain->data, body.size / block * block);
  ea_reader_init (&reader, ea_span_from_array (plain));
  rest = ea_reader_bytes (&reader, COUNTER_SIZE);
  padding = ea_reader_u8 (&reader);
  plan->status = plan->is_response ? ea_reader_u8 (&reader) : 0;
  if (!ea_reader_is_ok (&reader))
    return FALSE;
  memcpy (plan->counter, rest.data, COUNTER_SIZE);
  (void) ea_reader_bytes (&reader, plan->integrity_size);
  rest = ea_reader_rest (&reader);
  append (plan->data, rest.data, padding <= rest.size ? rest.size - padding : rest.size);
  return TRUE;
}

/* FALSE when it can't be one. */
static gboolean
open_packet (Plan *plan, EaSpan input)
{
  EaReader reader;
  gsize header_length;
  EaSpan tar;

  ea_reader_init (&reader, input);
  if (plan->is_cat_tp)
    {
      guint8 first;

      if (ea_reader_u8 (&reader) != (plan->is_response ? RPI_RESPONSE : CPI_COMMAND))
        return FALSE;
      first = ea_reader_u8 (&reader);
      (void) ea_reader_bytes (&reader, first > 0x80 ? first - 0x80 : 0);
    }
  else
    (void) ea_reader_u16be (&reader);
  header_length = ea_reader_u8 (&reader);
  if (!plan->is_response)
    {
      plan->spi1 = ea_reader_u8 (&reader);
      plan->spi2 = ea_reader_u8 (&reader);
      plan->kic = ea_reader_u8 (&reader);
      plan->kid = ea_reader_u8 (&reader);
    }
  tar = ea_reader_bytes (&reader, TAR_SIZE);
  if (!ea_reader_is_ok (&reader))
    return FALSE;
  memcpy (plan->tar, tar.data, TAR_SIZE);
  plan->integrity_size
      = header_length - (plan->is_response ? RESPONSE_HEADER_MIN : COMMAND_HEADER_MIN);
  if (plan->integrity_size > CC_SIZE)
    return FALSE;
  return open_body (plan, ea_reader_rest (&reader));
}

/* What can't be opened becomes the secured data of a packet that can. */
static void
make_plan (Plan *plan, EaSpan input, FuzzRandom *random)
{
  GByteArray *data = g_byte_array_new ();

  for (guint form = 0; form < 4; form++)
    {
      *plan = (Plan){ .is_cat_tp = form < 2, .is_response = form % 2 == 1, .data = data };
      if (open_packet (plan, input))
        return;
    }
  *plan = (Plan){ .is_cat_tp = fuzz_random_one_in (random, 2),
                  .spi1 = 0x16,
                  .spi2 = 0x39,
                  .kic = 0x12,
                  .kid = 0x12,
                  .tar = { 0, 0, 1 },
                  .counter = { 0, 0, 0, 0, 2 },
                  .data = data };
  append (data, input.data, input.size);
}

static void
change_protection (Plan *plan, FuzzRandom *random)
{
  static const guint8 octets[]
      = { 0x12, 0x22, 0x32, 0x10, 0x20, 0x30, 0x15, 0x19, 0x11, 0x1D, 0x02, 0x00, 0x25, 0x13 };
  guint8 kic = octets[fuzz_random_below (random, G_N_ELEMENTS (octets))];
  guint8 kid = fuzz_random_one_in (random, OTHER_KEY_ONE_IN)
                   ? octets[fuzz_random_below (random, G_N_ELEMENTS (octets))]
                   : kic;

  if (plan->is_response)
    {
      plan->tar[0] = (guint8) fuzz_random_below (random, 0x40);
      plan->tar[1] = kic;
      plan->tar[2] = kid;
      return;
    }
  plan->kic = kic;
  plan->kid = kid;
  plan->spi1 = (guint8) fuzz_random_below (random, fuzz_random_one_in (random, 8) ? 0x100 : 0x20);
  plan->spi2 = (guint8) fuzz_random_below (random, fuzz_random_one_in (random, 8) ? 0x100 : 0x40);
}

static void
change_counter (Plan *plan, FuzzRandom *random)
{
  guint8 octet = (guint8) (fuzz_random_one_in (random, 2) ? 0x00 : 0xFF);

  memset (plan->counter, octet, COUNTER_SIZE);
  plan->counter[COUNTER_SIZE - 1] = (guint8) (octet + fuzz_random_below (random, 5) - 2);
}

static void
change (Plan *plan, FuzzRandom *random)
{
  switch (fuzz_random_below (random, 8))
    {
    case 0:
      plan->is_response = !plan->is_response;
      break;
    case 1:
      plan->is_cat_tp = !plan->is_cat_tp;
      break;
    case 2:
      change_protection (plan, random);
      break;
    case 3:
      change_counter (plan, random);
      break;
    case 4:
      plan->surplus_padding = fuzz_random_below (random, 0x100);
      break;
    case 5:
      plan->status = (guint8) fuzz_random_below (random, 0x10);
      plan->tar[fuzz_random_below (random, TAR_SIZE)] = (guint8) fuzz_random_below (random, 0x100);
      break;
    case 6:
      plan->integrity_size = fuzz_random_one_in (random, 2) ? CC_SIZE : CC_SHORT_SIZE;
      break;
    default:
      fuzz_mutate_bytes (plan->data);
      break;
    }
}

/* The secured data come from another packet. */
static void
cross (Plan *plan, EaSpan other, FuzzRandom *random)
{
  Plan donor;

  make_plan (&donor, other, random);
  g_byte_array_unref (plan->data);
  plan->data = donor.data;
}

GByteArray *
fuzz_mutate_scp80 (EaSpan input, EaSpan other, FuzzRandom *random)
{
  GByteArray *out;
  Plan plan;

  make_plan (&plan, input, random);
  if (other.size > 0)
    cross (&plan, other, random);
  for (guint i = fuzz_random_below (random, CHANGES_MAX) + 1; i > 0; i--)
    change (&plan, random);
  fit_integrity (&plan);
  out = seal (&plan);
  g_byte_array_unref (plan.data);
  if (fuzz_random_one_in (random, BROKEN_ONE_IN))
    fuzz_mutate_bytes (out);
  return out;
}
