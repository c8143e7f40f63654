/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-cattp-fault.h"

#include "card/sim-cattp-pdu.h"
#include "card/sim-keys.h"
#include "card/sim-scp80.h"

/* Second octet of a PDU's checksum */
#define CHECKSUM_OFFSET 17

/* KIc and KID of a key set that nobody has, AES */
#define UNKNOWN_KEY 0xF2

void
sim_cattp_fault_order (SimCattpFault *self, const SimSmsrFault *fault)
{
  self->fault = *fault;
  self->n_left = fault->count;
}

gboolean
sim_cattp_fault_hits (SimCattpFault *self, SimSmsrFaultKind kind, gsize n_pdus)
{
  if (self->fault.kind != kind || n_pdus < self->fault.after
      || (self->fault.count > 0 && self->n_left == 0))
    return FALSE;
  self->n_left -= self->fault.count > 0 ? 1 : 0;
  return TRUE;
}

gboolean
sim_cattp_fault_is_syn (EaSpan datagram)
{
  SimCattpPdu pdu = { 0 };

  return sim_cattp_pdu_parse (&pdu, datagram)
         && (pdu.flags & (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_ACK)) == SIM_CATTP_FLAG_SYN;
}

GBytes *
sim_cattp_fault_refuse (EaSpan datagram, guint reason)
{
  SimCattpPdu syn = { 0 };
  SimCattpPdu reset = { .flags = SIM_CATTP_FLAG_RST | SIM_CATTP_FLAG_ACK };

  if (!sim_cattp_fault_is_syn (datagram) || !sim_cattp_pdu_parse (&syn, datagram))
    return NULL;
  reset.source_port = syn.destination_port;
  reset.destination_port = syn.source_port;
  reset.acknowledgement = syn.sequence;
  reset.reason = (guint8) reason;
  return sim_cattp_pdu_build (&reset);
}

GBytes *
sim_cattp_fault_spoil (EaSpan pdu)
{
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;

  ea_reader_init (&reader, pdu);
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_reader_bytes (&reader, CHECKSUM_OFFSET));
  ea_writer_u8 (&writer, ea_reader_u8 (&reader) ^ 1);
  ea_writer_bytes (&writer, ea_reader_rest (&reader));
  return ea_writer_steal (&writer);
}

/* (transfer full) (nullable): a socket whose datagrams come from elsewhere */
static GSocket *
open_elsewhere (GInetAddress *address)
{
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string ("127.0.0.66");
  gboolean is_local = g_inet_address_get_is_loopback (address)
                      && g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (is_local ? other : address, 0);
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (address),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);

  return socket != NULL && g_socket_bind (socket, local, FALSE, NULL) ? g_steal_pointer (&socket)
                                                                      : NULL;
}

static void
send_forged (GSocket *socket, GSocketAddress *peer, const SimCattpPdu *forged)
{
  g_autoptr (GBytes) pdu = sim_cattp_pdu_build (forged);

  (void) g_socket_send_to (socket, peer, g_bytes_get_data (pdu, NULL), g_bytes_get_size (pdu), NULL,
                           NULL); /* UDP may lose it */
}

void
sim_cattp_fault_forge (GInetAddress *address, GSocketAddress *peer, EaSpan pdu)
{
  static const guint8 data[] = { 0xF0, 0x4B, 0xED };
  g_autoptr (GSocket) socket = open_elsewhere (address);
  SimCattpPdu forged = { 0 };

  if (socket == NULL || !sim_cattp_pdu_parse (&forged, pdu))
    return;
  if ((forged.flags & (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_NUL)) != 0 || forged.data.size > 0)
    forged.sequence++;
  forged.eak = EA_SPAN_EMPTY;
  forged.data = EA_SPAN_EMPTY;
  forged.flags = SIM_CATTP_FLAG_ACK;
  forged.acknowledgement++;
  send_forged (socket, peer, &forged);
  forged.data = EA_SPAN_OF_ARRAY (data);
  send_forged (socket, peer, &forged);
  forged.data = EA_SPAN_EMPTY;
  forged.flags = SIM_CATTP_FLAG_SYN;
  send_forged (socket, peer, &forged);
  forged.flags = SIM_CATTP_FLAG_RST;
  send_forged (socket, peer, &forged);
}

GBytes *
sim_cattp_fault_build_unknown (void)
{
  static const guint8 script[] = { 0xAA, 0x07, 0x22, 0x05, 0x80, 0xCA, 0x00, 0x5A, 0x00 };
  const SimScp80Command command = { .spi1 = 0x16,
                                    .spi2 = 0x39,
                                    .kic = UNKNOWN_KEY,
                                    .kid = UNKNOWN_KEY,
                                    .tar = SIM_TAR_ISD_R,
                                    .counter = 1 };
  GBytes *packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_CAT_TP,
                                           EA_SPAN_OF_ARRAY (script), &sim_keys, NULL);

  g_assert (packet != NULL); /* the keys fit the algorithm */
  return packet;
}
