/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-packets.h"

#include "core/error.h"
#include "sim-keys.h"
#include "smsr-reply.h"

/* SGP.02 §2.4.3: checksum, ciphered, counter higher; response always, secured alike, by SMS-SUBMIT
 * where short messages carry it */
#define SPI1_OF_COMMANDS 0x16
#define SPI2_OF_COMMANDS 0x39

/* Low nibble of KIc and KID; CRC 32 or triple DES with two keys */
#define ALGORITHM_MASK 0x0F
#define KID_CRC_32 0x05

/* SGP.02 §2.2.3: the TAR of an application is octets 13 to 15 of its AID */
#define TAR_OFFSET 12

static const SimScp80Command ordinary = {
  .spi1 = SPI1_OF_COMMANDS,
  .spi2 = SPI2_OF_COMMANDS,
  .kic = SIM_KEYS_AES_IDENTIFIER,
  .kid = SIM_KEYS_AES_IDENTIFIER,
  .tar = SIM_TAR_ISD_R,
};

void
sim_smsr_packets_init (SimSmsrPackets *packets)
{
  *packets = (SimSmsrPackets){ .command = ordinary };
}

static guint32
get_tar (EaSpan aid)
{
  EaReader reader;

  if (aid.size == 0)
    return SIM_TAR_ISD_R;
  ea_reader_init (&reader, ea_span_tail (aid, TAR_OFFSET));
  return ea_reader_u24be (&reader);
}

static guint64
get_next_counter (const SimSmsrPackets *packets)
{
  return MIN (packets->counter + 1, SIM_SCP80_COUNTER_MAX);
}

/* One KID names the algorithm of both directions (TS 102 225 §5.1.3): where one of them has a redundancy
 * check, that is CRC 32, and the other's checksum triple DES with two keys. */
static guint8
choose_kid (const SimScp80Command *command)
{
  if (sim_scp80_get_integrity (command->spi1) == SIM_SCP80_INTEGRITY_RC
      || sim_scp80_get_response_integrity (command->spi2) == SIM_SCP80_INTEGRITY_RC)
    return KID_CRC_32;
  return SIM_KEYS_AES_IDENTIFIER & ALGORITHM_MASK;
}

static guint64
choose_counter (SimSmsrPackets *packets, const SimSmsrOptions *options)
{
  if (options->has_counter)
    return options->counter;
  if (!options->is_corrupt)
    packets->counter = get_next_counter (packets);
  return options->is_corrupt ? get_next_counter (packets) : packets->counter;
}

GBytes *
sim_smsr_packets_seal (SimSmsrPackets *packets, SimScp80Form form, const SimSmsrOptions *options,
                       EaSpan target, EaSpan data)
{
  guint8 key_set = options->key_set == 0 ? SIM_KEYS_VERSION : options->key_set;
  SimScp80Command command = ordinary;
  GBytes *packet;

  if (options->has_spi)
    {
      command.spi1 = options->spi1;
      command.spi2 = options->spi2;
    }
  command.tar = options->has_tar ? options->tar : get_tar (target);
  command.kic = (guint8) (key_set << 4 | (SIM_KEYS_AES_IDENTIFIER & ALGORITHM_MASK));
  command.kid = (guint8) (key_set << 4 | choose_kid (&command));
  command.counter = choose_counter (packets, options);
  command.is_corrupt = options->is_corrupt;
  packets->command = command;
  packet = sim_scp80_seal_command (&packets->command, form, data, &sim_keys, NULL);
  g_assert (packet != NULL); /* the keys fit the algorithm */
  return packet;
}

void
sim_smsr_packets_settle (SimSmsrPackets *packets)
{
  if (!packets->command.is_corrupt)
    packets->counter = MAX (packets->counter, packets->command.counter);
}

static gboolean
check_response (const SimSmsrPackets *packets, const SimScp80Response *response, GError **error)
{
  if (response->tar != packets->command.tar)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "proof of receipt: TAR %06X, not %06X", response->tar, packets->command.tar);
      return FALSE;
    }
  if (response->counter != packets->command.counter)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_REPLAY,
                   "proof of receipt: counter %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT,
                   response->counter, packets->command.counter);
      return FALSE;
    }
  if (response->status != SIM_SCP80_STATUS_OK)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY, "status %02X: %s",
                   response->status, sim_smsr_get_status_name (response->status));
      return FALSE;
    }
  return TRUE;
}

GBytes *
sim_smsr_packets_open (SimSmsrPackets *packets, SimScp80Form form, EaSpan packet,
                       SimScp80Response *response, GError **error)
{
  g_autoptr (GBytes) data
      = sim_scp80_open_response (response, &packets->command, form, packet, &sim_keys, error);

  if (data == NULL)
    {
      g_prefix_error (error, "proof of receipt: ");
      return NULL;
    }
  if (response->counter == packets->answered && response->counter != packets->command.counter)
    return NULL;
  if (!check_response (packets, response, error))
    return NULL;
  packets->answered = response->counter;
  return g_steal_pointer (&data);
}
