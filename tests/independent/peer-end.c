/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The simulator's CAT_TP at an end of a link that is made for the agent's. */

#include "peer-end.h"

static void
receive (gpointer machine, EaSpan datagram, gint64 now_us)
{
  sim_cattp_receive (machine, datagram, now_us);
}

static void
tick (gpointer machine, gint64 now_us)
{
  sim_cattp_tick (machine, now_us);
}

static GBytes *
pull (gpointer machine, gint64 now_us)
{
  return sim_cattp_pull_pdu (machine);
}

static gint64
get_deadline (gpointer machine)
{
  gint64 deadline_us = sim_cattp_get_deadline (machine);

  return deadline_us < 0 ? EA_CATTP_NEVER : deadline_us;
}

void
peer_end_set (CattpNet *net, guint i, SimCattp *machine,
              void (*take_news) (gpointer machine, gpointer user_data, gint64 now_us),
              gpointer user_data)
{
  net->ends[i] = (CattpEnd){ .machine = machine,
                             .receive = receive,
                             .tick = tick,
                             .pull = pull,
                             .get_deadline = get_deadline,
                             .take_news = take_news,
                             .user_data = user_data };
}
