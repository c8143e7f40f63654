/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The ISD-P's end of SCP03t. The card's challenge is given rather than derived from a sequence counter,
 * which is always the same three octets in the answer.
 */

#include "sim-keys.h"
#include "sim-scp03t-session.h"
#include "sim-scp03t.h"
#include "sim-tlv.h"

#define ERROR_TAG_BASE 0x9F00
#define ANY_KEY_VERSION 0x00

typedef enum
{
  STATE_CLOSED,
  STATE_INITIALIZED,
  STATE_OPEN,
} State;

struct _SimScp03tCard
{
  GBytes *challenge;
  State state;
  SimScp03tSession session;
};

static const guint8 diversification[10] = { 0 };
static const guint8 sequence_counter[3] = { 0x00, 0x00, 0x01 };

/* SCP03 with pseudo-random challenges, R-MAC and R-ENCRYPTION */
static const guint8 key_information[3] = { SIM_KEYS_SCP03T_VERSION, 0x03, 0x70 };

SimScp03tCard *
sim_scp03t_card_new (EaSpan card_challenge)
{
  SimScp03tCard *self = g_new0 (SimScp03tCard, 1);

  g_assert (card_challenge.size == SIM_SCP03T_CHALLENGE_SIZE);
  self->challenge = ea_span_to_bytes (card_challenge);
  return self;
}

void
sim_scp03t_card_free (SimScp03tCard *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->challenge);
  sim_scp03t_session_clear (&self->session);
  g_free (self);
}

static GBytes *
build_tlv (guint tag, EaSpan value)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  sim_tlv_write (&writer, tag, value);
  return ea_writer_steal (&writer);
}

static GBytes *
fail (SimScp03tCard *self, guint8 tag, guint8 status)
{
  self->state = STATE_CLOSED;
  return build_tlv (ERROR_TAG_BASE | tag, ea_span_init (&status, 1));
}

static GBytes *
initialize (SimScp03tCard *self, EaSpan value)
{
  g_auto (EaWriter) response = { 0 };
  EaReader reader;
  EaSpan host_challenge;
  guint8 version;

  ea_reader_init (&reader, value);
  version = ea_reader_u8 (&reader);
  (void) ea_reader_u8 (&reader); /* key identifier: there is one set of keys */
  host_challenge = ea_reader_bytes (&reader, SIM_SCP03T_CHALLENGE_SIZE);
  if (!ea_reader_done (&reader))
    return fail (self, SIM_SCP03T_TAG_INITIALIZE_UPDATE, SIM_SCP03T_STATUS_MALFORMED);
  if (version != ANY_KEY_VERSION && version != SIM_KEYS_SCP03T_VERSION)
    return fail (self, SIM_SCP03T_TAG_INITIALIZE_UPDATE, SIM_SCP03T_STATUS_KEY_NOT_FOUND);

  sim_scp03t_session_start (&self->session, host_challenge, ea_span_from_bytes (self->challenge));
  self->state = STATE_INITIALIZED;
  ea_writer_init (&response);
  ea_writer_bytes (&response, EA_SPAN_OF_ARRAY (diversification));
  ea_writer_bytes (&response, EA_SPAN_OF_ARRAY (key_information));
  ea_writer_bytes (&response, ea_span_from_bytes (self->challenge));
  ea_writer_bytes (&response, ea_span_from_bytes (self->session.card_cryptogram));
  ea_writer_bytes (&response, EA_SPAN_OF_ARRAY (sequence_counter));
  return build_tlv (SIM_SCP03T_TAG_INITIALIZE_UPDATE, ea_writer_span (&response));
}

static gboolean
is_mac_good (SimScp03tCard *self, guint8 tag, EaSpan value, EaSpan mac)
{
  g_autoptr (GBytes) expected = sim_scp03t_session_sign_command (&self->session, tag, value);

  return ea_span_equal (mac, ea_span_from_bytes (expected));
}

static GBytes *
authenticate (SimScp03tCard *self, EaSpan value)
{
  const guint8 tag = SIM_SCP03T_TAG_EXTERNAL_AUTHENTICATE;
  EaReader reader;
  EaSpan cryptogram;
  EaSpan mac;
  guint8 level;

  ea_reader_init (&reader, value);
  level = ea_reader_u8 (&reader);
  cryptogram = ea_reader_bytes (&reader, SIM_SCP03T_CRYPTOGRAM_SIZE);
  mac = ea_reader_bytes (&reader, SIM_SCP03T_MAC_SIZE);
  if (!ea_reader_done (&reader))
    return fail (self, tag, SIM_SCP03T_STATUS_MALFORMED);
  if (self->state != STATE_INITIALIZED || level != SIM_SCP03T_LEVEL
      || !ea_span_equal (cryptogram, ea_span_from_bytes (self->session.host_cryptogram))
      || !is_mac_good (self, tag, ea_span_head (value, value.size - mac.size), mac))
    return fail (self, tag, SIM_SCP03T_STATUS_SECURITY);
  self->state = STATE_OPEN;
  return build_tlv (tag, EA_SPAN_EMPTY);
}

static GBytes *
take_data (SimScp03tCard *self, EaSpan value, GByteArray *plain)
{
  const guint8 tag = SIM_SCP03T_TAG_DATA;
  g_autoptr (GBytes) deciphered = NULL;
  g_autoptr (GBytes) mac = NULL;
  EaSpan ciphered;
  EaSpan span;

  if (value.size < SIM_SCP03T_BLOCK_SIZE + SIM_SCP03T_MAC_SIZE
      || value.size % SIM_SCP03T_BLOCK_SIZE != SIM_SCP03T_MAC_SIZE)
    return fail (self, tag, SIM_SCP03T_STATUS_MALFORMED);
  ciphered = ea_span_head (value, value.size - SIM_SCP03T_MAC_SIZE);
  if (self->state != STATE_OPEN
      || !is_mac_good (self, tag, ciphered, ea_span_tail (value, ciphered.size)))
    return fail (self, tag, SIM_SCP03T_STATUS_SECURITY);
  deciphered = sim_scp03t_session_decipher (&self->session, ciphered);
  if (deciphered == NULL)
    return fail (self, tag, SIM_SCP03T_STATUS_MALFORMED);

  span = ea_span_from_bytes (deciphered);
  g_byte_array_append (plain, span.data, (guint) span.size);
  mac = sim_scp03t_session_sign_response (
      &self->session, ea_span_from_bytes (self->session.chaining), tag, EA_SPAN_EMPTY);
  return build_tlv (tag, ea_span_from_bytes (mac));
}

GBytes *
sim_scp03t_card_process (SimScp03tCard *self, guint8 tag, EaSpan value, GByteArray *plain)
{
  switch (tag)
    {
    case SIM_SCP03T_TAG_INITIALIZE_UPDATE:
      return initialize (self, value);
    case SIM_SCP03T_TAG_EXTERNAL_AUTHENTICATE:
      return authenticate (self, value);
    case SIM_SCP03T_TAG_DATA:
      return take_data (self, value, plain);
    default:
      return fail (self, tag, SIM_SCP03T_STATUS_MALFORMED);
    }
}
