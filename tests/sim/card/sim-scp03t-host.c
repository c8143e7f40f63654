/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The SM-SR's end of SCP03t. Many commands go into one script before any is answered, so it remembers
 * the chaining value that each of them left.
 */

#include "core/error.h"
#include "sim-keys.h"
#include "sim-scp03t-session.h"
#include "sim-scp03t.h"
#include "sim-tlv.h"

#define DIVERSIFICATION_SIZE 10
#define SEQUENCE_COUNTER_SIZE 3
#define SCP_IDENTIFIER 0x03
#define SCP_OPTIONS 0x70
#define ERROR_TAG_BASE 0x9F00

typedef struct
{
  guint8 tag;
  GBytes *chaining;
} Command;

struct _SimScp03tHost
{
  GBytes *challenge;
  SimScp03tSession session;
  GQueue unanswered;
};

static void
free_command (Command *command)
{
  g_bytes_unref (command->chaining);
  g_free (command);
}

SimScp03tHost *
sim_scp03t_host_new (EaSpan host_challenge)
{
  SimScp03tHost *self = g_new0 (SimScp03tHost, 1);

  g_assert (host_challenge.size == SIM_SCP03T_CHALLENGE_SIZE);
  self->challenge = ea_span_to_bytes (host_challenge);
  g_queue_init (&self->unanswered);
  return self;
}

void
sim_scp03t_host_free (SimScp03tHost *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->challenge);
  sim_scp03t_session_clear (&self->session);
  g_queue_clear_full (&self->unanswered, (GDestroyNotify) free_command);
  g_free (self);
}

GBytes *
sim_scp03t_host_build_initialize_update (SimScp03tHost *self)
{
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&value);
  ea_writer_u8 (&value, SIM_KEYS_SCP03T_VERSION);
  ea_writer_u8 (&value, SIM_KEYS_SCP03T_IDENTIFIER);
  ea_writer_bytes (&value, ea_span_from_bytes (self->challenge));
  ea_writer_init (&writer);
  sim_tlv_write (&writer, SIM_SCP03T_TAG_INITIALIZE_UPDATE, ea_writer_span (&value));
  return ea_writer_steal (&writer);
}

gboolean
sim_scp03t_host_take_initialize_update (SimScp03tHost *self, EaSpan response_value, GError **error)
{
  EaReader reader;
  EaSpan challenge;
  EaSpan cryptogram;
  guint8 scp;
  guint8 options;

  ea_reader_init (&reader, response_value);
  (void) ea_reader_bytes (&reader, DIVERSIFICATION_SIZE);
  (void) ea_reader_u8 (&reader); /* key version: the one that was asked for */
  scp = ea_reader_u8 (&reader);
  options = ea_reader_u8 (&reader);
  challenge = ea_reader_bytes (&reader, SIM_SCP03T_CHALLENGE_SIZE);
  cryptogram = ea_reader_bytes (&reader, SIM_SCP03T_CRYPTOGRAM_SIZE);
  (void) ea_reader_bytes (&reader, SEQUENCE_COUNTER_SIZE);
  if (!ea_reader_done (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "The response to INITIALIZE UPDATE has %" G_GSIZE_FORMAT " octets",
                              response_value.size);
  if (scp != SCP_IDENTIFIER || options != SCP_OPTIONS)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                              "The card has SCP%02X, i=%02X", scp, options);

  sim_scp03t_session_start (&self->session, ea_span_from_bytes (self->challenge), challenge);
  if (!ea_span_equal (cryptogram, ea_span_from_bytes (self->session.card_cryptogram)))
    {
      sim_scp03t_session_clear (&self->session);
      return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                                "The card's cryptogram is wrong");
    }
  return TRUE;
}

/* Adds the MAC and remembers that an answer is due. */
static GBytes *
finish (SimScp03tHost *self, guint8 tag, EaSpan value)
{
  g_autoptr (GBytes) mac = sim_scp03t_session_sign_command (&self->session, tag, value);
  Command *command = g_new0 (Command, 1);
  g_auto (EaWriter) signed_value = { 0 };
  g_auto (EaWriter) writer = { 0 };

  command->tag = tag;
  command->chaining = g_bytes_ref (self->session.chaining);
  g_queue_push_tail (&self->unanswered, command);

  ea_writer_init (&signed_value);
  ea_writer_bytes (&signed_value, value);
  ea_writer_bytes (&signed_value, ea_span_from_bytes (mac));
  ea_writer_init (&writer);
  sim_tlv_write (&writer, tag, ea_writer_span (&signed_value));
  return ea_writer_steal (&writer);
}

GBytes *
sim_scp03t_host_build_external_authenticate (SimScp03tHost *self)
{
  g_auto (EaWriter) value = { 0 };

  g_assert (self->session.enc != NULL);
  ea_writer_init (&value);
  ea_writer_u8 (&value, SIM_SCP03T_LEVEL);
  ea_writer_bytes (&value, ea_span_from_bytes (self->session.host_cryptogram));
  return finish (self, SIM_SCP03T_TAG_EXTERNAL_AUTHENTICATE, ea_writer_span (&value));
}

GBytes *
sim_scp03t_host_seal (SimScp03tHost *self, EaSpan plain)
{
  g_autoptr (GBytes) ciphered = NULL;

  g_assert (self->session.enc != NULL && plain.size <= SIM_SCP03T_PLAIN_MAX);
  ciphered = sim_scp03t_session_encipher (&self->session, plain);
  return finish (self, SIM_SCP03T_TAG_DATA, ea_span_from_bytes (ciphered));
}

static gboolean
check_data_response (SimScp03tHost *self, GBytes *chaining, EaSpan value, GError **error)
{
  g_autoptr (GBytes) expected = NULL;
  EaSpan data;

  if (value.size < SIM_SCP03T_MAC_SIZE
      || (value.size - SIM_SCP03T_MAC_SIZE) % SIM_SCP03T_BLOCK_SIZE != 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "An answer of %" G_GSIZE_FORMAT " octets is not blocks and a MAC",
                              value.size);
  data = ea_span_head (value, value.size - SIM_SCP03T_MAC_SIZE);
  expected = sim_scp03t_session_sign_response (&self->session, ea_span_from_bytes (chaining),
                                               SIM_SCP03T_TAG_DATA, data);
  if (!ea_span_equal (ea_span_tail (value, data.size), ea_span_from_bytes (expected)))
    return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL, "The answer's MAC is wrong");
  return TRUE;
}

static gboolean
check_response (SimScp03tHost *self, const Command *command, guint tag, EaSpan value,
                GError **error)
{
  if (tag == (ERROR_TAG_BASE | command->tag))
    {
      EaReader reader;

      ea_reader_init (&reader, value);
      return ea_core_error_set (error, EA_CORE_ERROR_SECURITY, NULL,
                                "The card refused command %02X with status %02X", command->tag,
                                ea_reader_peek_u8 (&reader));
    }
  if (tag != command->tag)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "Command %02X was answered with tag %02X", command->tag, tag);
  if (tag == SIM_SCP03T_TAG_DATA)
    return check_data_response (self, command->chaining, value, error);
  if (value.size != 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "The answer to EXTERNAL AUTHENTICATE has data");
  return TRUE;
}

gboolean
sim_scp03t_host_take_response (SimScp03tHost *self, guint tag, EaSpan response_value,
                               GError **error)
{
  Command *command = g_queue_pop_head (&self->unanswered);
  gboolean is_good;

  if (command == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, NULL,
                              "There are more answers than commands");
  is_good = check_response (self, command, tag, response_value, error);
  free_command (command);
  return is_good;
}
