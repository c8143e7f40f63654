/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GlobalPlatform Amendment D §4.1.5 (key derivation with CMAC in counter mode, NIST SP 800-108), §6.2
 * (keys, cryptograms, C-MAC, C-DECRYPTION, R-MAC), with TLVs for APDUs as in SGP.02 §4.1.3.3. The
 * simulated ISD-P answers without data, so that responses are never ciphered.
 */

#include "sim-scp03t-session.h"

#include "sim-crypto.h"
#include "sim-keys.h"
#include "sim-tlv.h"

/* Derivation constants, Amendment D table 4-1 */
#define CONSTANT_CARD_CRYPTOGRAM 0x00
#define CONSTANT_HOST_CRYPTOGRAM 0x01
#define CONSTANT_S_ENC 0x04
#define CONSTANT_S_MAC 0x06
#define CONSTANT_S_RMAC 0x07

/* The label: eleven octets 00 and the constant */
#define LABEL_ZEROS 11

#define KEY_BITS 0x0080
#define CRYPTOGRAM_BITS 0x0040
#define BITS_PER_OCTET 8

#define PADDING_START 0x80

static const guint8 zeros[SIM_SCP03T_BLOCK_SIZE] = { 0 };

static GBytes *
compute_cmac (EaSpan key, EaSpan message)
{
  g_autoptr (GError) error = NULL;
  GBytes *cmac = sim_crypto_cmac (key, message, &error);

  g_assert_no_error (error);
  return cmac;
}

static GBytes *
derive (EaSpan key, guint8 constant, guint16 bits, EaSpan host_challenge, EaSpan card_challenge)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) derived = NULL;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_init (zeros, LABEL_ZEROS));
  ea_writer_u8 (&writer, constant);
  ea_writer_u8 (&writer, 0); /* separation indicator */
  ea_writer_u16be (&writer, bits);
  ea_writer_u8 (&writer, 1); /* counter: one block is enough */
  ea_writer_bytes (&writer, host_challenge);
  ea_writer_bytes (&writer, card_challenge);
  derived = compute_cmac (key, ea_writer_span (&writer));
  return ea_span_to_bytes (ea_span_head (ea_span_from_bytes (derived), bits / BITS_PER_OCTET));
}

void
sim_scp03t_session_start (SimScp03tSession *self, EaSpan host_challenge, EaSpan card_challenge)
{
  EaSpan mac;

  sim_scp03t_session_clear (self);
  self->enc
      = derive (sim_scp03t_keys.enc, CONSTANT_S_ENC, KEY_BITS, host_challenge, card_challenge);
  self->mac
      = derive (sim_scp03t_keys.mac, CONSTANT_S_MAC, KEY_BITS, host_challenge, card_challenge);
  self->rmac
      = derive (sim_scp03t_keys.mac, CONSTANT_S_RMAC, KEY_BITS, host_challenge, card_challenge);
  mac = ea_span_from_bytes (self->mac);
  self->card_cryptogram
      = derive (mac, CONSTANT_CARD_CRYPTOGRAM, CRYPTOGRAM_BITS, host_challenge, card_challenge);
  self->host_cryptogram
      = derive (mac, CONSTANT_HOST_CRYPTOGRAM, CRYPTOGRAM_BITS, host_challenge, card_challenge);
  self->chaining = ea_span_to_bytes (EA_SPAN_OF_ARRAY (zeros));
}

void
sim_scp03t_session_clear (SimScp03tSession *self)
{
  g_clear_pointer (&self->enc, g_bytes_unref);
  g_clear_pointer (&self->mac, g_bytes_unref);
  g_clear_pointer (&self->rmac, g_bytes_unref);
  g_clear_pointer (&self->card_cryptogram, g_bytes_unref);
  g_clear_pointer (&self->host_cryptogram, g_bytes_unref);
  g_clear_pointer (&self->chaining, g_bytes_unref);
  self->counter = 0;
}

/* (transfer full): the whole CMAC over chaining value, tag, length with the MAC, and value */
static GBytes *
sign (GBytes *key, EaSpan chaining, guint8 tag, EaSpan value)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, chaining);
  ea_writer_u8 (&writer, tag);
  sim_tlv_write_length (&writer, value.size + SIM_SCP03T_MAC_SIZE);
  ea_writer_bytes (&writer, value);
  return compute_cmac (ea_span_from_bytes (key), ea_writer_span (&writer));
}

static GBytes *
cut_mac (GBytes *cmac)
{
  return ea_span_to_bytes (ea_span_head (ea_span_from_bytes (cmac), SIM_SCP03T_MAC_SIZE));
}

GBytes *
sim_scp03t_session_sign_command (SimScp03tSession *self, guint8 tag, EaSpan value)
{
  GBytes *cmac = sign (self->mac, ea_span_from_bytes (self->chaining), tag, value);

  g_bytes_unref (self->chaining);
  self->chaining = cmac;
  return cut_mac (cmac);
}

GBytes *
sim_scp03t_session_sign_response (const SimScp03tSession *self, EaSpan chaining, guint8 tag,
                                  EaSpan value)
{
  g_autoptr (GBytes) cmac = sign (self->rmac, chaining, tag, value);

  return cut_mac (cmac);
}

/* Amendment D §6.2.6: the counter as a block, ciphered */
static GBytes *
compute_initial_value (SimScp03tSession *self)
{
  g_auto (EaWriter) writer = { 0 };
  GBytes *initial;

  self->counter++;
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_init (zeros, sizeof (zeros) - sizeof (guint32)));
  ea_writer_u32be (&writer, self->counter);
  initial = sim_crypto_encrypt (SIM_ALGORITHM_AES, ea_span_from_bytes (self->enc),
                                ea_writer_span (&writer), NULL);
  g_assert (initial != NULL);
  return initial;
}

/* The first block of @data is chained with the initial value, which sim-crypto.h has as zeros. */
static GBytes *
add_initial_value (EaSpan initial, EaSpan data)
{
  g_auto (EaWriter) writer = { 0 };
  EaReader initial_reader;
  EaReader data_reader;

  ea_writer_init (&writer);
  ea_reader_init (&initial_reader, initial);
  ea_reader_init (&data_reader, data);
  while (ea_reader_remaining (&initial_reader) > 0)
    ea_writer_u8 (&writer, ea_reader_u8 (&initial_reader) ^ ea_reader_u8 (&data_reader));
  ea_writer_bytes (&writer, ea_reader_rest (&data_reader));
  return ea_writer_steal (&writer);
}

GBytes *
sim_scp03t_session_encipher (SimScp03tSession *self, EaSpan plain)
{
  g_autoptr (GBytes) initial = compute_initial_value (self);
  g_autoptr (GBytes) chained = NULL;
  g_auto (EaWriter) writer = { 0 };
  GBytes *ciphered;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, plain);
  ea_writer_u8 (&writer, PADDING_START);
  while (ea_writer_span (&writer).size % SIM_SCP03T_BLOCK_SIZE != 0)
    ea_writer_u8 (&writer, 0);
  chained = add_initial_value (ea_span_from_bytes (initial), ea_writer_span (&writer));
  ciphered = sim_crypto_encrypt (SIM_ALGORITHM_AES, ea_span_from_bytes (self->enc),
                                 ea_span_from_bytes (chained), NULL);
  g_assert (ciphered != NULL);
  return ciphered;
}

/* The padding is in the last block: 80, and 00 after it. */
static GBytes *
strip_padding (EaSpan padded)
{
  gsize size = 0;
  EaReader reader;

  ea_reader_init (&reader, padded);
  for (gboolean is_padding = FALSE; ea_reader_remaining (&reader) > 0;)
    {
      gsize offset = ea_reader_offset (&reader);
      guint8 octet = ea_reader_u8 (&reader);

      if (octet == PADDING_START)
        size = offset;
      is_padding = octet == PADDING_START || (is_padding && octet == 0);
      if (!is_padding)
        size = padded.size;
    }
  if (padded.size - size > SIM_SCP03T_BLOCK_SIZE || size == padded.size)
    return NULL;
  return ea_span_to_bytes (ea_span_head (padded, size));
}

GBytes *
sim_scp03t_session_decipher (SimScp03tSession *self, EaSpan ciphered)
{
  g_autoptr (GBytes) initial = compute_initial_value (self);
  g_autoptr (GBytes) chained = NULL;
  g_autoptr (GBytes) padded = NULL;

  chained = sim_crypto_decrypt (SIM_ALGORITHM_AES, ea_span_from_bytes (self->enc), ciphered, NULL);
  g_assert (chained != NULL);
  padded = add_initial_value (ea_span_from_bytes (initial), ea_span_from_bytes (chained));
  return strip_padding (ea_span_from_bytes (padded));
}
