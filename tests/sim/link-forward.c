/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link-forward.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX 65536
#define PACKETS_AT_ONCE 64
#define NS_PER_S 1000000000

static gint64
get_time_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * NS_PER_S + now.tv_nsec;
}

static gboolean
is_ipv4 (EaSpan packet)
{
  EaReader reader;

  ea_reader_init (&reader, packet);
  return ea_reader_u8 (&reader) >> 4 == 4;
}

/* FALSE: the interface is gone */
static gboolean
take_in (SimLinkLane *lane, int fd)
{
  guint8 buffer[PACKET_MAX];

  for (guint i = 0; i < PACKETS_AT_ONCE; i++)
    {
      gssize size = read (fd, buffer, sizeof (buffer));
      EaSpan packet;

      if (size < 0)
        return errno == EAGAIN || errno == EINTR;
      packet = ea_span_init (buffer, (gsize) size);
      if (is_ipv4 (packet))
        sim_link_lane_put (lane, packet, get_time_ns ());
    }
  return TRUE;
}

static void
give_out (SimLinkLane *lane, int fd)
{
  GBytes *packet;

  while ((packet = sim_link_lane_take (lane, get_time_ns ())) != NULL)
    {
      /* An interface that takes no more loses the packet, as any does */
      (void) !write (fd, g_bytes_get_data (packet, NULL), g_bytes_get_size (packet));
      g_bytes_unref (packet);
    }
}

static void
await (struct pollfd *polled, gint64 due_ns)
{
  gint64 left_ns = MAX (due_ns - get_time_ns (), 0);
  const struct timespec left
      = { .tv_sec = left_ns / NS_PER_S, .tv_nsec = (long) (left_ns % NS_PER_S) };

  (void) ppoll (polled, SIM_LINK_LANES, due_ns == G_MAXINT64 ? NULL : &left,
                NULL); /* both are tried */
}

void
sim_link_forward (const int fds[SIM_LINK_LANES], const SimLinkOptions *options,
                  SimLinkCounts counts[SIM_LINK_LANES])
{
  g_autoptr (SimLinkLane) to_smsr
      = sim_link_lane_new (options, SIM_LINK_TO_SMSR, &counts[SIM_LINK_TO_SMSR]);
  g_autoptr (SimLinkLane) to_host
      = sim_link_lane_new (options, SIM_LINK_TO_HOST, &counts[SIM_LINK_TO_HOST]);
  struct pollfd polled[SIM_LINK_LANES] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 } };

  while (take_in (to_smsr, fds[0]) && take_in (to_host, fds[1]))
    {
      give_out (to_smsr, fds[1]);
      give_out (to_host, fds[0]);
      await (polled, MIN (sim_link_lane_get_due_ns (to_smsr), sim_link_lane_get_due_ns (to_host)));
    }
}
