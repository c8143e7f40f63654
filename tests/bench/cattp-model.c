/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the agent's CAT_TP makes of bad links, in virtual time: a table of goodput, of the time that a command of
 * 1 KiB and its response take, and of the octets that pass. It is for tuning: it runs in a second, and has no TCP
 * beside it.
 */

#include <stdio.h>

#include "cattp-net.h"
#include "session/cattp-link.h"

#define BULK 0x10000
#define COMMAND 1024
#define RESPONSE 64
#define N_SEEDS 100
#define LIMIT_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  const char *name;
  CattpLink link;
} Row;

static const Row rows[] = {
  { "A 40k/600 ms 0 %", { 40000, 600000, 0, 0, 0, 0, 24000, 0 } },
  { "A 40k/600 ms 5 %", { 40000, 600000, 0, 50, 0, 0, 24000, 0 } },
  { "A 40k/600 ms 15 %", { 40000, 600000, 0, 150, 0, 0, 24000, 0 } },
  { "B 236k/800 ms 0 %", { 236000, 800000, 0, 0, 0, 0, 24000, 0 } },
  { "B 236k/800 ms 5 %", { 236000, 800000, 0, 50, 0, 0, 24000, 0 } },
  { "C 20k/1500 ms 30 %", { 20000, 1500000, 500000, 300, 0, 0, 24000, 0 } },
  { "1M/100 ms 2 %", { 1000000, 100000, 10000, 20, 0, 0, 24000, 0 } },
};

/* One transfer: the passive side sends @command octets and is answered by @response. */
typedef struct
{
  gsize command;
  gsize response;
  gsize n_taken;
  gint64 first_us;
  gint64 done_us;
  gboolean is_done;
  gboolean has_failed;
} Transfer;

static void
send_zeros (EaCattp *machine, gsize size, gint64 now_us)
{
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (size), size);

  (void) ea_cattp_send (machine, sdu, now_us, NULL);
}

static void
take_server_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  Transfer *transfer = user_data;
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      if (event.type == EA_CATTP_EVENT_OPENED)
        for (gsize i = 0; i < transfer->command; i += MIN (transfer->command - i, COMMAND * 8))
          send_zeros (machine, MIN (transfer->command - i, COMMAND * 8), now_us);
      if (event.type == EA_CATTP_EVENT_SDU || event.type == EA_CATTP_EVENT_CLOSED)
        {
          transfer->has_failed |= event.type == EA_CATTP_EVENT_CLOSED;
          transfer->done_us = now_us;
          transfer->is_done = TRUE;
        }
      ea_cattp_event_clear (&event);
    }
}

static void
take_client_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  Transfer *transfer = user_data;
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      if (event.type == EA_CATTP_EVENT_SDU)
        {
          transfer->n_taken += g_bytes_get_size (event.bytes);
          if (transfer->n_taken >= transfer->command)
            {
              transfer->first_us = now_us;
              send_zeros (machine, transfer->response, now_us);
            }
        }
      if (event.type == EA_CATTP_EVENT_CLOSED)
        {
          transfer->has_failed = TRUE;
          transfer->is_done = TRUE;
        }
      ea_cattp_event_clear (&event);
    }
}

static const EaCattpParameters client_parameters = { .source_port = 0xC001,
                                                     .destination_port = 0x0929,
                                                     .initial_sequence = 100,
                                                     .max_pdu = EA_CATTP_LINK_PDU_MAX,
                                                     .max_sdu = EA_CATTP_SDU_MAX,
                                                     .window = EA_CATTP_LINK_WINDOW };

static void
run_once (const CattpLink *link, Transfer *transfer, gint64 *start_us, guint64 *n_octets,
          EaCattpCounters *counters)
{
  EaCattpParameters server_parameters = client_parameters;
  g_autoptr (EaCattp) client = NULL;
  g_autoptr (EaCattp) server = NULL;
  g_auto (CattpNet) net = { 0 };

  server_parameters.source_port = client_parameters.destination_port;
  server_parameters.destination_port = client_parameters.source_port;
  cattp_net_init (&net, link);
  client = ea_cattp_new_active (&client_parameters, net.now_us);
  server = ea_cattp_new_passive (&server_parameters);
  cattp_net_set_machine (&net, 0, client, take_client_news, transfer);
  cattp_net_set_machine (&net, 1, server, take_server_news, transfer);
  *start_us = net.now_us;
  (void) cattp_net_run (&net, &transfer->is_done, net.now_us + LIMIT_US);
  *n_octets = net.ways[0].n_octets + net.ways[1].n_octets;
  *counters = ea_cattp_get_counters (server);
}

static int
compare_times (const void *a, const void *b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return difference < 0 ? -1 : difference > 0;
}

static void
run_row (const Row *row, gsize command, gsize response)
{
  gint64 times_us[N_SEEDS];
  guint64 n_sum = 0;
  guint n_failed = 0;
  guint64 n_again = 0;
  guint64 n_spurious = 0;

  for (guint32 i = 0; i < N_SEEDS; i++)
    {
      CattpLink link = row->link;
      Transfer transfer = { .command = command, .response = response };
      EaCattpCounters counters;
      gint64 start_us;
      guint64 n_octets;

      link.seed = i + 1;
      run_once (&link, &transfer, &start_us, &n_octets, &counters);
      times_us[i] = (command == BULK ? transfer.first_us : transfer.done_us) - start_us;
      n_failed += transfer.has_failed || !transfer.is_done ? 1 : 0;
      n_sum += n_octets;
      n_again += counters.n_retransmitted;
      n_spurious += counters.n_spurious;
    }
  qsort (times_us, N_SEEDS, sizeof *times_us, compare_times);
  printf ("%-20s %6" G_GSIZE_FORMAT " failed %u median %6.2f s p95 %6.2f s max %6.2f s", row->name,
          command, n_failed, (double) times_us[N_SEEDS / 2] / G_USEC_PER_SEC,
          (double) times_us[N_SEEDS * 95 / 100] / G_USEC_PER_SEC,
          (double) times_us[N_SEEDS - 1] / G_USEC_PER_SEC);
  printf (" goodput %6.1f kbit/s octets/payload*(1-loss) %.3f again %.1f spurious %.1f\n",
          (double) command * 8 * 1000 / (double) times_us[N_SEEDS / 2],
          (double) n_sum / N_SEEDS / (double) command * (1000 - row->link.loss) / 1000,
          (double) n_again / N_SEEDS, (double) n_spurious / N_SEEDS);
}

int
main (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      run_row (&rows[i], BULK, 1);
      run_row (&rows[i], COMMAND, RESPONSE);
    }
  return 0;
}
