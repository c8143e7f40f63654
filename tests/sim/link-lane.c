/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link-lane.h"

#define NS_PER_US 1000
#define NS_PER_S 1000000000.0
#define MILLION 1000000

struct _SimLinkLane
{
  SimLinkOptions options;
  SimLinkCounts *counts;
  guint64 random;
  gint64 idle_ns;     /* when all that waits is sent */
  gint64 in_order_ns; /* before that, nothing arrives that keeps its place */
  GQueue arrivals;    /* of Arrival, by time */
};

typedef struct
{
  gint64 due_ns;
  GBytes *packet;
} Arrival;

/* What is drawn for one packet, of a million each */
typedef struct
{
  guint32 loss;
  guint32 jitter;
  guint32 duplicate;
  guint32 reorder;
  guint32 lateness;
} Fate;

/* SplitMix64: each number is a function of the seed and of how many were drawn before */
static guint32
draw (SimLinkLane *lane)
{
  guint64 z = (lane->random += 0x9E3779B97F4A7C15);

  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return (guint32) (((z ^ (z >> 31)) >> 11) % MILLION);
}

/* For every packet the same number of draws, whatever comes of them */
static Fate
draw_fate (SimLinkLane *lane)
{
  Fate fate;

  fate.loss = draw (lane);
  fate.jitter = draw (lane);
  fate.duplicate = draw (lane);
  fate.reorder = draw (lane);
  fate.lateness = draw (lane);
  return fate;
}

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;

  g_bytes_unref (arrival->packet);
  g_free (arrival);
}

SimLinkLane *
sim_link_lane_new (const SimLinkOptions *options, guint number, SimLinkCounts *counts)
{
  SimLinkLane *lane = g_new0 (SimLinkLane, 1);

  lane->options = *options;
  lane->counts = counts;
  lane->random = ((guint64) options->seed << 1) + number;
  lane->random = ((guint64) draw (lane) << 32) + draw (lane);
  g_queue_init (&lane->arrivals);
  return lane;
}

void
sim_link_lane_free (SimLinkLane *lane)
{
  if (lane == NULL)
    return;
  g_queue_clear_full (&lane->arrivals, arrival_free);
  g_free (lane);
}

/* Sends the packet after those that wait. FALSE: there is no room for it */
static gboolean
serialise (SimLinkLane *lane, gsize size, gint64 now_ns, gint64 *sent_ns)
{
  double octets_s = (double) lane->options.rate_bits_s / 8;
  gint64 start_ns = MAX (lane->idle_ns, now_ns);
  double waiting = (double) (start_ns - now_ns) / NS_PER_S * octets_s;

  *sent_ns = start_ns;
  if (lane->options.rate_bits_s == 0)
    return TRUE;
  if (waiting + (double) size > lane->options.queue)
    return FALSE;
  lane->idle_ns = start_ns + (gint64) ((double) size * NS_PER_S / octets_s);
  *sent_ns = lane->idle_ns;
  return TRUE;
}

static gint64
scale (gint64 most_us, guint32 share)
{
  return most_us * share / MILLION * NS_PER_US;
}

static gint64
choose_due (SimLinkLane *lane, const Fate *fate, gint64 sent_ns)
{
  const SimLinkOptions *options = &lane->options;
  gint64 due_ns
      = sent_ns + options->rtt_us * NS_PER_US / 2 + scale (options->jitter_us, fate->jitter);

  if (fate->reorder < options->reorder_ppm)
    {
      lane->counts->reordered++;
      return due_ns + scale (options->rtt_us + options->jitter_us, fate->lateness);
    }
  lane->in_order_ns = MAX (lane->in_order_ns, due_ns);
  return lane->in_order_ns;
}

static void
add_arrival (SimLinkLane *lane, GBytes *packet, gint64 due_ns)
{
  Arrival *arrival = g_new0 (Arrival, 1);
  GList *before = lane->arrivals.tail;

  arrival->due_ns = due_ns;
  arrival->packet = g_bytes_ref (packet);
  while (before != NULL && ((const Arrival *) before->data)->due_ns > due_ns)
    before = before->prev;
  if (before == NULL)
    g_queue_push_head (&lane->arrivals, arrival);
  else
    g_queue_insert_after (&lane->arrivals, before, arrival);
}

void
sim_link_lane_put (SimLinkLane *lane, EaSpan packet, gint64 now_ns)
{
  Fate fate = draw_fate (lane);
  g_autoptr (GBytes) bytes = ea_span_to_bytes (packet);
  gint64 sent_ns, due_ns;

  lane->counts->packets++;
  lane->counts->octets += packet.size;
  if (!serialise (lane, packet.size, now_ns, &sent_ns))
    {
      lane->counts->dropped++;
      return;
    }
  if (fate.loss < lane->options.loss_ppm)
    {
      lane->counts->lost++;
      return;
    }
  due_ns = choose_due (lane, &fate, sent_ns);
  add_arrival (lane, bytes, due_ns);
  if (fate.duplicate >= lane->options.duplicate_ppm)
    return;
  lane->counts->duplicated++;
  add_arrival (lane, bytes, due_ns);
}

gint64
sim_link_lane_get_due_ns (const SimLinkLane *lane)
{
  const Arrival *next = lane->arrivals.head == NULL ? NULL : lane->arrivals.head->data;

  return next == NULL ? G_MAXINT64 : next->due_ns;
}

GBytes *
sim_link_lane_take (SimLinkLane *lane, gint64 now_ns)
{
  Arrival *arrival;
  GBytes *packet;

  if (sim_link_lane_get_due_ns (lane) > now_ns)
    return NULL;
  arrival = g_queue_pop_head (&lane->arrivals);
  packet = g_bytes_ref (arrival->packet);
  arrival_free (arrival);
  lane->counts->delivered++;
  return packet;
}
