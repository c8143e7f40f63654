/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cattp-net.h"

#define START_US (1000 * G_USEC_PER_SEC)
#define THOUSAND 1000

/* A datagram that is to be overtaken takes a quarter of a round trip more. */
#define REORDER_PART 4

typedef struct
{
  gint64 due_us;
  guint way;
  GBytes *datagram;
} Flight;

static void
free_flight (gpointer data)
{
  g_bytes_unref (((Flight *) data)->datagram);
  g_free (data);
}

void
cattp_net_init (CattpNet *net, const CattpLink *link)
{
  *net = (CattpNet){ .link = *link, .now_us = START_US };
  net->rand = g_rand_new_with_seed (link->seed);
  net->flying = g_sequence_new (free_flight);
}

void
cattp_net_clear (CattpNet *net)
{
  g_clear_pointer (&net->rand, g_rand_free);
  g_clear_pointer (&net->flying, g_sequence_free);
  if (net->log != NULL)
    g_string_free (net->log, TRUE);
  net->log = NULL;
}

static void
receive_by_machine (gpointer machine, EaSpan datagram, gint64 now_us)
{
  ea_cattp_receive (machine, datagram, now_us);
}

static void
tick_machine (gpointer machine, gint64 now_us)
{
  ea_cattp_tick (machine, now_us);
}

static GBytes *
pull_from_machine (gpointer machine, gint64 now_us)
{
  return ea_cattp_pull_pdu (machine, now_us);
}

static gint64
get_machine_deadline (gpointer machine)
{
  return ea_cattp_deadline (machine);
}

void
cattp_net_set_machine (CattpNet *net, guint i, EaCattp *machine,
                       void (*take_news) (gpointer machine, gpointer user_data, gint64 now_us),
                       gpointer user_data)
{
  net->ends[i] = (CattpEnd){ .machine = machine,
                             .receive = receive_by_machine,
                             .tick = tick_machine,
                             .pull = pull_from_machine,
                             .get_deadline = get_machine_deadline,
                             .take_news = take_news,
                             .user_data = user_data };
}

static gint
compare_flights (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 difference_us = ((const Flight *) a)->due_us - ((const Flight *) b)->due_us;

  return difference_us < 0 ? -1 : difference_us > 0;
}

static void
fly (CattpNet *net, guint way, GBytes *datagram, gint64 due_us)
{
  Flight *flight = g_new (Flight, 1);

  *flight = (Flight){ .due_us = due_us, .way = way, .datagram = g_bytes_ref (datagram) };
  g_sequence_insert_sorted (net->flying, flight, compare_flights, NULL);
}

/* Passes the bottleneck. Returns: when it is behind it, or -1 where the queue is full */
static gint64
serialize (CattpNet *net, CattpWay *way, gsize n_octets)
{
  gint64 waiting_us = MAX (way->busy_us - net->now_us, 0);
  guint64 n_waiting = (guint64) waiting_us * net->link.rate / 8 / G_USEC_PER_SEC;

  if (net->link.rate == 0)
    return net->now_us;
  if (net->link.queue > 0 && n_waiting + n_octets > net->link.queue)
    return -1;
  way->busy_us
      = net->now_us + waiting_us + (gint64) (n_octets * 8 * G_USEC_PER_SEC / net->link.rate);
  return way->busy_us;
}

static void
carry (CattpNet *net, guint i, GBytes *datagram)
{
  CattpWay *way = &net->ways[i];
  gsize n_octets = g_bytes_get_size (datagram) + CATTP_NET_OVERHEAD;
  gboolean is_lost = g_rand_int_range (net->rand, 0, THOUSAND) < net->link.loss;
  gboolean is_late = g_rand_int_range (net->rand, 0, THOUSAND) < net->link.reorder;
  gboolean is_double = g_rand_int_range (net->rand, 0, THOUSAND) < net->link.duplicate;
  gint64 jitter_us = (gint64) (g_rand_double (net->rand) * (double) net->link.jitter_us);
  gint64 due_us;

  way->n_datagrams++;
  way->n_octets += n_octets;
  due_us = serialize (net, way, n_octets);
  way->n_overflowed += due_us < 0 ? 1 : 0;
  way->n_lost += is_lost ? 1 : 0;
  if (due_us < 0 || is_lost || net->is_cut)
    return;
  due_us += net->link.rtt_us / 2 + jitter_us + (is_late ? net->link.rtt_us / REORDER_PART : 0);
  fly (net, i, datagram, due_us);
  if (is_double)
    fly (net, i, datagram, due_us + 1);
}

static gboolean
pump_end (CattpNet *net, guint i)
{
  CattpEnd *end = &net->ends[i];
  gboolean has_sent = FALSE;
  GBytes *datagram;

  end->take_news (end->machine, end->user_data, net->now_us);
  while ((datagram = end->pull (end->machine, net->now_us)) != NULL)
    {
      if (net->log != NULL)
        {
          g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (datagram));

          g_string_append_printf (net->log, "%s\n", hex);
        }
      carry (net, i, datagram);
      g_bytes_unref (datagram);
      has_sent = TRUE;
    }
  return has_sent;
}

void
cattp_net_pump (CattpNet *net)
{
  guint n_rounds = 0;

  while (pump_end (net, 0) | pump_end (net, 1))
    g_assert_cmpuint (n_rounds++, <, THOUSAND);
}

static gint64
get_next_time (CattpNet *net)
{
  gint64 next_us = MIN (net->ends[0].get_deadline (net->ends[0].machine),
                        net->ends[1].get_deadline (net->ends[1].machine));

  if (!g_sequence_is_empty (net->flying))
    next_us = MIN (next_us,
                   ((Flight *) g_sequence_get (g_sequence_get_begin_iter (net->flying)))->due_us);
  return next_us;
}

static void
land (CattpNet *net)
{
  while (!g_sequence_is_empty (net->flying))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (net->flying);
      const Flight *flight = g_sequence_get (first);
      CattpEnd *to = &net->ends[1 - flight->way];

      if (flight->due_us > net->now_us)
        return;
      to->receive (to->machine, ea_span_from_bytes (flight->datagram), net->now_us);
      g_sequence_remove (first);
    }
}

gboolean
cattp_net_run (CattpNet *net, const gboolean *is_done, gint64 until_us)
{
  guint n_idle = 0;

  cattp_net_pump (net);
  while (is_done == NULL || !*is_done)
    {
      gint64 next_us = get_next_time (net);

      if (next_us > until_us)
        {
          net->now_us = MAX (net->now_us, until_us);
          return next_us != EA_CATTP_NEVER;
        }
      n_idle = next_us <= net->now_us ? n_idle + 1 : 0;
      g_assert_cmpuint (n_idle, <, THOUSAND); /* a deadline that does not pass */
      net->now_us = MAX (net->now_us, next_us);
      land (net);
      for (guint i = 0; i < G_N_ELEMENTS (net->ends); i++)
        if (net->ends[i].get_deadline (net->ends[i].machine) <= net->now_us)
          net->ends[i].tick (net->ends[i].machine, net->now_us);
      cattp_net_pump (net);
    }
  return TRUE;
}

void
cattp_net_inject (CattpNet *net, guint i, EaSpan datagram)
{
  net->ends[i].receive (net->ends[i].machine, datagram, net->now_us);
}
