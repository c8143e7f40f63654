/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-packets.h"

#include "core/error.h"
#include "sim-keys.h"
#include "smsr-reply.h"

/* SGP.02 §2.4.3: checksum, ciphered, counter higher; response always, secured alike, by SMS-SUBMIT
 * where short messages carry it */
#define SPI1_OF_COMMANDS 0x16
#define SPI2_OF_COMMANDS 0x39

/* SGP.02 §2.2.3: the TAR of an application is octets 13 to 15 of its AID */
#define TAR_OFFSET 12

void
sim_smsr_packets_init (SimSmsrPackets *packets)
{
  *packets = (SimSmsrPackets){ .command = { .spi1 = SPI1_OF_COMMANDS,
                                            .spi2 = SPI2_OF_COMMANDS,
                                            .kic = SIM_KEYS_AES_IDENTIFIER,
                                            .kid = SIM_KEYS_AES_IDENTIFIER,
                                            .tar = SIM_TAR_ISD_R } };
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

GBytes *
sim_smsr_packets_seal (SimSmsrPackets *packets, SimScp80Form form, EaSpan target, EaSpan data)
{
  GBytes *packet;

  packets->command.counter++;
  packets->command.tar = get_tar (target);
  packet = sim_scp80_seal_command (&packets->command, form, data, &sim_keys, NULL);
  g_assert (packet != NULL); /* the keys fit the algorithm */
  return packet;
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
