/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every datagram of CAT_TP connections on a link that loses, doubles and delays some: commands and answers of several
 * PDUs, an identification, a probe, and the end. One is between two ends of the agent's, in the other the server is the
 * simulator's, whose PDUs the agent's parser has to read as others do.
 */

#include "cattp-net.h"
#include "core/cattp-pdu.h"
#include "core/cattp.h"
#include "emit.h"
#include "peer-end.h"

#define N_SDUS 8
#define SDU_SIZE 3000
#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static const guint8 eid[] = { 0x89, 0x00, 0x10, 0x12, 0x01, 0x23, 0x41, 0x23 };

static const EaCattpParameters agent_parameters = { .source_port = 0xC001,
                                                    .destination_port = 0x0929,
                                                    .initial_sequence = 0xFFF0,
                                                    .max_pdu = 1400,
                                                    .max_sdu = SDU_SIZE,
                                                    .window = 16,
                                                    .identification = EA_SPAN_OF_ARRAY (eid),
                                                    .keep_alive_us = G_USEC_PER_SEC };

static const CattpLink bad_link = { .rate = 40000,
                                    .rtt_us = 600000,
                                    .jitter_us = 100000,
                                    .loss = 150,
                                    .reorder = 50,
                                    .duplicate = 50,
                                    .queue = 24000,
                                    .seed = 11 };

typedef struct
{
  gboolean has_sent;
  guint n_taken;
  gboolean closes;
  gboolean is_closed;
} End;

static GBytes *
make_sdu (guint number)
{
  return g_bytes_new_take (g_strnfill (SDU_SIZE, (char) ('a' + number)), SDU_SIZE);
}

static void
send_all (EaCattp *machine, gint64 now_us)
{
  for (guint i = 0; i < N_SDUS; i++)
    {
      g_autoptr (GBytes) sdu = make_sdu (i);

      (void) ea_cattp_send (machine, sdu, now_us, NULL);
    }
}

static void
take_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  End *end = user_data;
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      if (event.type == EA_CATTP_EVENT_OPENED)
        send_all (machine, now_us);
      end->n_taken += event.type == EA_CATTP_EVENT_SDU ? 1 : 0;
      end->is_closed |= event.type == EA_CATTP_EVENT_CLOSED;
      ea_cattp_event_clear (&event);
      if (end->closes && end->n_taken == N_SDUS)
        ea_cattp_close (machine, now_us);
    }
}

static void
take_peer_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  End *end = user_data;
  GBytes *taken;

  if (sim_cattp_get_state (machine) == SIM_CATTP_OPEN && !end->has_sent)
    for (guint i = 0; i < N_SDUS; i++)
      {
        g_autoptr (GBytes) sdu = make_sdu (i);

        end->has_sent = sim_cattp_send (machine, ea_span_from_bytes (sdu), now_us);
      }
  while ((taken = sim_cattp_pull_sdu (machine)) != NULL)
    {
      end->n_taken++;
      g_bytes_unref (taken);
    }
}

/* (transfer full): what a decoder must read as the agent's parser does */
static char *
describe (EaSpan datagram)
{
  GString *text = g_string_new ("cattp.checksum.status=1;cattp.version=0");
  EaCattpPdu pdu;
  EaReader reader;

  if (!ea_cattp_pdu_parse (&pdu, datagram, NULL))
    g_error ("the agent reads no PDU");
  g_string_append_printf (text,
                          ";cattp.flags=%u;cattp.srcport=%u;cattp.dstport=%u;cattp.seq=%u"
                          ";cattp.ack=%u;cattp.windowsize=%u;cattp.datalen=%" G_GSIZE_FORMAT,
                          pdu.flags, pdu.source_port, pdu.destination_port, pdu.sequence,
                          pdu.acknowledgement, pdu.window, pdu.data.size);
  ea_reader_init (&reader, pdu.extended_acknowledgements);
  for (const char *prefix = ";cattp.eak="; ea_reader_remaining (&reader) > 0; prefix = ",")
    g_string_append_printf (text, "%s%u", prefix, ea_reader_u16be (&reader));
  return g_string_free (text, FALSE);
}

/* @log: datagrams as hexadecimal, one a line */
static void
emit_log (const char *title, const char *log)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s_%u", title, i + 1);
      GBytes *datagram = ea_bytes_from_hex (lines[i], NULL);
      g_autofree char *expected = describe (ea_span_from_bytes (datagram));

      emit ("cat-tp", name, datagram, expected);
    }
}

/* Until ends[0] is closed; the other end is in @net. */
static void
run_agent (CattpNet *net, const char *title, const End *ends)
{
  net->log = g_string_new (NULL);
  (void) cattp_net_run (net, &ends[0].is_closed, net->now_us + HOUR_US);
  if (!ends[0].is_closed || ends[1].n_taken != N_SDUS)
    g_error ("the connection did not end as it should");
  emit_log (title, net->log->str);
}

static void
emit_own_connection (void)
{
  EaCattpParameters parameters = agent_parameters;
  g_auto (CattpNet) net = { 0 };
  g_autoptr (EaCattp) active = NULL;
  g_autoptr (EaCattp) passive = NULL;
  End ends[2] = { { .closes = TRUE } };

  cattp_net_init (&net, &bad_link);
  active = ea_cattp_new_active (&parameters, net.now_us);
  parameters.source_port = agent_parameters.destination_port;
  parameters.destination_port = agent_parameters.source_port;
  parameters.identification = EA_SPAN_EMPTY;
  passive = ea_cattp_new_passive (&parameters);
  cattp_net_set_machine (&net, 0, active, take_news, &ends[0]);
  cattp_net_set_machine (&net, 1, passive, take_news, &ends[1]);
  run_agent (&net, "connection", ends);
}

static void
emit_connection_to_simulator (void)
{
  const SimCattpOptions options = { .source_port = agent_parameters.destination_port,
                                    .pdu_max = 1200,
                                    .sdu_max = SDU_SIZE,
                                    .initial_sequence = 0xFFF8 };
  g_auto (CattpNet) net = { 0 };
  g_autoptr (EaCattp) agent = NULL;
  g_autoptr (SimCattp) server = sim_cattp_new_server (&options);
  End ends[2] = { { .closes = TRUE } };

  cattp_net_init (&net, &bad_link);
  agent = ea_cattp_new_active (&agent_parameters, net.now_us);
  cattp_net_set_machine (&net, 0, agent, take_news, &ends[0]);
  peer_end_set (&net, 1, server, take_peer_news, &ends[1]);
  run_agent (&net, "simulator", ends);
}

void
emit_connections (void)
{
  emit_own_connection ();
  emit_connection_to_simulator ();
}
