/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-cattp.h"

#include "sim-cattp-pdu.h"

#define SOURCE_PORT 0xC001

/* What stands before the data length in a PDU, TS 102 127: flags, RFU, header length, two ports */
#define BEFORE_HEADER_LENGTH 3
#define PORTS 4

/* A link is given up when so long nothing comes and nothing is to be sent; TS 102 127 keeps it. */
#define IDLE_US (60 * (gint64) G_USEC_PER_SEC)

struct _SimCardLink
{
  SimCattp *cattp;
  gint64 end_us; /* when the link is given up */
};

SimCardLink *
sim_card_link_new (const SimPushParameters *parameters, guint16 pdu_max, gint64 now_us)
{
  SimCardLink *link;
  const SimCattpOptions options = {
    .source_port = SOURCE_PORT,
    .destination_port = parameters->port,
    .pdu_max = pdu_max,
    .sdu_max = parameters->sdu_max,
    .identification
    = ea_span_head (ea_span_from_bytes (parameters->identification), SIM_CATTP_IDENTIFICATION_MAX),
    .initial_sequence = 1,
  };

  if (pdu_max < SIM_CATTP_SYN_SIZE + options.identification.size)
    return NULL;
  link = g_new0 (SimCardLink, 1);
  link->cattp = sim_cattp_new_client (&options, now_us);
  link->end_us = now_us + IDLE_US;
  return link;
}

void
sim_card_link_free (SimCardLink *link)
{
  if (link == NULL)
    return;
  sim_cattp_free (link->cattp);
  g_free (link);
}

static gboolean
is_one_pdu (EaSpan datagram)
{
  EaReader reader;
  gsize n_header;
  gsize n_data;

  ea_reader_init (&reader, datagram);
  (void) ea_reader_bytes (&reader, BEFORE_HEADER_LENGTH);
  n_header = ea_reader_u8 (&reader);
  (void) ea_reader_bytes (&reader, PORTS);
  n_data = ea_reader_u16be (&reader);
  return ea_reader_is_ok (&reader) && n_header + n_data == datagram.size;
}

gboolean
sim_card_link_receive (SimCardLink *link, EaSpan datagram, gint64 now_us)
{
  if (!is_one_pdu (datagram))
    return FALSE;
  link->end_us = now_us + IDLE_US;
  sim_cattp_receive (link->cattp, datagram, now_us);
  return TRUE;
}

GBytes *
sim_card_link_pull (SimCardLink *link)
{
  return sim_cattp_pull_pdu (link->cattp);
}

GBytes *
sim_card_link_pull_packet (SimCardLink *link)
{
  return sim_cattp_pull_sdu (link->cattp);
}

void
sim_card_link_send (SimCardLink *link, EaSpan packet, gint64 now_us)
{
  if (!sim_cattp_send (link->cattp, packet, now_us))
    sim_cattp_close (link->cattp, now_us);
}

SimCattpRepairs
sim_card_link_get_repairs (const SimCardLink *link)
{
  return sim_cattp_get_repairs (link->cattp);
}

gboolean
sim_card_link_is_closed (const SimCardLink *link)
{
  return sim_cattp_get_state (link->cattp) == SIM_CATTP_CLOSED;
}

gint64
sim_card_link_get_deadline (const SimCardLink *link)
{
  gint64 deadline_us = sim_cattp_get_deadline (link->cattp);

  return deadline_us >= 0 || sim_card_link_is_closed (link) ? deadline_us : link->end_us;
}

void
sim_card_link_tick (SimCardLink *link, gint64 now_us)
{
  sim_cattp_tick (link->cattp, now_us);
  if (now_us >= link->end_us && sim_cattp_is_idle (link->cattp) && !sim_card_link_is_closed (link))
    sim_cattp_close (link->cattp, now_us);
}
