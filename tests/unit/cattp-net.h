/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cattp.h"

/*
 * A bad link between two CAT_TP endpoints, in virtual time: an hour of it takes milliseconds. The same seed and the
 * same datagrams have the same fate.
 */

/* Octets of the headers of UDP and IPv4, which the link carries too */
#define CATTP_NET_OVERHEAD 28

/**
 * CattpLink:
 * @rate: bits a second, each way; 0: no limit
 * @rtt_us: of an empty datagram
 * @jitter_us: longest that a datagram takes more, each way
 * @loss: @reorder: @duplicate: chances of a datagram in the thousand
 * @queue: octets that wait at most; more are dropped; 0: no limit
 */
typedef struct
{
  guint rate;
  gint64 rtt_us;
  gint64 jitter_us;
  gint loss;
  gint reorder;
  gint duplicate;
  gsize queue;
  guint32 seed;
} CattpLink;

/**
 * CattpEnd:
 * @machine: passed to the functions, which are those of core/cattp.h or of the simulator
 * @take_news: takes all events
 */
typedef struct
{
  gpointer machine;
  void (*receive) (gpointer machine, EaSpan datagram, gint64 now_us);
  void (*tick) (gpointer machine, gint64 now_us);
  GBytes *(*pull) (gpointer machine, gint64 now_us);
  gint64 (*get_deadline) (gpointer machine);
  void (*take_news) (gpointer machine, gpointer user_data, gint64 now_us);
  gpointer user_data;
} CattpEnd;

/* What passed one way. */
typedef struct
{
  gint64 busy_us;
  guint64 n_datagrams;
  guint64 n_octets; /* with the headers of UDP and IPv4 */
  guint64 n_lost;
  guint64 n_overflowed;
} CattpWay;

/**
 * CattpNet:
 * @ends: what ends[0] sends passes ways[0]
 * @is_cut: all datagrams are lost
 * @log: (nullable): gets each datagram that is sent, as hexadecimal and a line end
 */
typedef struct
{
  CattpLink link;
  CattpEnd ends[2];
  CattpWay ways[2];
  GRand *rand;
  GSequence *flying;
  gint64 now_us;
  gboolean is_cut;
  GString *log;
} CattpNet;

void cattp_net_init (CattpNet *net, const CattpLink *link);
void cattp_net_clear (CattpNet *net);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CattpNet, cattp_net_clear)

/* One of the agent's machines is end @i. */
void cattp_net_set_machine (CattpNet *net, guint i, EaCattp *machine,
                            void (*take_news) (gpointer machine, gpointer user_data, gint64 now_us),
                            gpointer user_data);

/* Takes what the ends have to say now. */
void cattp_net_pump (CattpNet *net);

/* Goes on until *@is_done (nullable), or the time @until_us. Returns: FALSE when nothing will happen any more */
gboolean cattp_net_run (CattpNet *net, const gboolean *is_done, gint64 until_us);

/* A datagram of somebody else comes to end @i now. */
void cattp_net_inject (CattpNet *net, guint i, EaSpan datagram);
