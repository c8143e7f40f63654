/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every datagram of a CAT_TP connection on a link that loses, doubles and delays some: commands and answers of several
 * PDUs, an identification, a probe, and the end.
 */

#include "cattp-net.h"
#include "core/cattp.h"
#include "emit.h"

#define N_SDUS 8
#define SDU_SIZE 3000
#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  guint n_taken;
  gboolean closes;
  gboolean is_closed;
} End;

static void
send_all (EaCattp *machine, gint64 now_us)
{
  for (guint i = 0; i < N_SDUS; i++)
    {
      g_autoptr (GBytes) sdu = g_bytes_new_take (g_strnfill (SDU_SIZE, (char) ('a' + i)), SDU_SIZE);

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

/* @log: datagrams as hexadecimal, one a line */
static void
emit_log (const char *log)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autofree char *name = g_strdup_printf ("connection_%u", i + 1);

      emit ("cat-tp", name, ea_bytes_from_hex (lines[i], NULL),
            "cattp.checksum.status=1;cattp.version=0");
    }
}

void
emit_connection (void)
{
  static const guint8 eid[] = { 0x89, 0x00, 0x10, 0x12, 0x01, 0x23, 0x41, 0x23 };
  const CattpLink link = { .rate = 40000,
                           .rtt_us = 600000,
                           .jitter_us = 100000,
                           .loss = 150,
                           .reorder = 50,
                           .duplicate = 50,
                           .queue = 24000,
                           .seed = 11 };
  EaCattpParameters parameters = { .source_port = 0xC001,
                                   .destination_port = 0x0929,
                                   .initial_sequence = 0xFFF0,
                                   .max_pdu = 1400,
                                   .max_sdu = SDU_SIZE,
                                   .window = 16,
                                   .identification = EA_SPAN_OF_ARRAY (eid),
                                   .keep_alive_us = G_USEC_PER_SEC };
  g_auto (CattpNet) net = { 0 };
  g_autoptr (EaCattp) active = NULL;
  g_autoptr (EaCattp) passive = NULL;
  End ends[2] = { { .closes = TRUE } };

  cattp_net_init (&net, &link);
  net.log = g_string_new (NULL);
  active = ea_cattp_new_active (&parameters, net.now_us);
  parameters.source_port = 0x0929;
  parameters.destination_port = 0xC001;
  parameters.identification = EA_SPAN_EMPTY;
  passive = ea_cattp_new_passive (&parameters);
  cattp_net_set_machine (&net, 0, active, take_news, &ends[0]);
  cattp_net_set_machine (&net, 1, passive, take_news, &ends[1]);
  (void) cattp_net_run (&net, &ends[0].is_closed, net.now_us + HOUR_US);
  if (!ends[0].is_closed || ends[1].n_taken != N_SDUS)
    g_error ("the connection did not end as it should");
  emit_log (net.log->str);
}
