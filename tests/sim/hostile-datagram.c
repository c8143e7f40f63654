/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "hostile-datagram.h"

#include "card/sim-cattp-pdu.h"

#define DNS_ID_SIZE 2
#define DNS_FLAGS_SIZE 4
#define DNS_HEADER_SIZE 12

/* Numbers that are near are in the window, or just outside. */
#define NEAR 16

static guint16
draw_near (SimHostility *self, guint16 number)
{
  return (guint16) (number + sim_hostility_draw (self, NEAR) - NEAR / 2);
}

/* The checksum is right. */
static GBytes *
spoil_field (SimHostility *self, SimCattpPdu *pdu)
{
  switch (sim_hostility_draw (self, 7))
    {
    case 0:
      pdu->flags = (guint8) (sim_hostility_draw (self, 64) << 2);
      break;
    case 1:
      pdu->sequence = draw_near (self, pdu->sequence);
      break;
    case 2:
      pdu->acknowledgement = draw_near (self, pdu->acknowledgement);
      break;
    case 3:
      pdu->window = (guint16) sim_hostility_draw (self, G_MAXUINT16 + 1);
      break;
    case 4:
      pdu->pdu_max = (guint16) sim_hostility_draw (self, 64);
      pdu->sdu_max = (guint16) sim_hostility_draw (self, 64);
      break;
    case 5:
      pdu->source_port = draw_near (self, pdu->source_port);
      break;
    default:
      pdu->version = (guint8) sim_hostility_draw (self, 4);
    }
  return sim_cattp_pdu_build (pdu);
}

static GBytes *
spoil_data (SimHostility *self, SimCattpPdu *pdu)
{
  g_autoptr (GBytes) data = sim_hostility_spoil (self, pdu->data);

  pdu->data = ea_span_from_bytes (data);
  return sim_cattp_pdu_build (pdu);
}

GBytes *
sim_hostile_pdu_spoil (SimHostility *self, EaSpan pdu, gboolean *is_twice)
{
  SimHostileKind kind = sim_hostility_choose (self, SIM_HOSTILE_PDU_FIELD, SIM_HOSTILE_PDU_LOST);
  SimCattpPdu parsed = { 0 };

  *is_twice = kind == SIM_HOSTILE_PDU_TWICE;
  if (kind == SIM_HOSTILE_PDU_LOST)
    return NULL;
  if (*is_twice)
    return ea_span_to_bytes (pdu);
  if (kind == SIM_HOSTILE_PDU_OCTETS || !sim_cattp_pdu_parse (&parsed, pdu))
    return sim_hostility_spoil (self, pdu);
  return kind == SIM_HOSTILE_PDU_FIELD ? spoil_field (self, &parsed) : spoil_data (self, &parsed);
}

GBytes *
sim_hostile_dns_spoil (SimHostility *self, EaSpan message)
{
  SimHostileKind kind = sim_hostility_choose (self, SIM_HOSTILE_DNS_OCTETS, SIM_HOSTILE_DNS_COUNTS);
  gsize kept = kind == SIM_HOSTILE_DNS_COUNTS ? DNS_FLAGS_SIZE : DNS_ID_SIZE;
  gsize behind = kind == SIM_HOSTILE_DNS_COUNTS ? DNS_HEADER_SIZE : message.size;
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) middle = NULL;

  if (kind == SIM_HOSTILE_DNS_COUNTS)
    middle = sim_hostility_draw_octets (self, DNS_HEADER_SIZE - DNS_FLAGS_SIZE);
  else
    middle = sim_hostility_spoil (self, ea_span_tail (message, kept));
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_span_head (message, kept));
  ea_writer_bytes (&writer, ea_span_from_bytes (middle));
  ea_writer_bytes (&writer, ea_span_tail (message, behind));
  return ea_writer_steal (&writer);
}
