/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One link of the SM-SR's CAT_TP server. The state machine is sim-cattp; here are one timer a link, and what
 * links and the SM-SR have to say to each other.
 */

#include "hostile-datagram.h"
#include "smsr-cattp-private.h"

/* A link that this side has closed is kept until the eUICC has closed its channel, or has surely given up. How
 * often that is looked at, and RST is sent again */
#define KEEP_US (90 * (gint64) G_USEC_PER_SEC)
#define LOOK_MS 20
#define REPEAT_US G_USEC_PER_SEC

/* A link of an agent's that this side has closed lingers: nobody says that RST was lost. It is sent again after this
 * time, then after twice as long, and so on. */
#define LINGER_MS 1000
#define LINGER_RESETS 5

/* Datagrams of noise after each one that is due, when a fault wants it */
#define FLOOD_DATAGRAMS 32

static gboolean on_timer (gpointer user_data);

void
sim_cattp_link_free (gpointer data)
{
  SimCattpLink *link = data;

  g_clear_handle_id (&link->timer, g_source_remove);
  g_object_unref (link->address);
  sim_cattp_free (link->cattp);
  g_free (link);
}

static void
tell_end (const SimSmsrPeer *peer, SimCattpRepairs repairs, const char *why)
{
  sim_smsr_note_repairs (peer->smsr, repairs);
  sim_smsr_closed (peer->smsr, SIM_SMSR_PROTOCOL_CAT_TP, why);
  peer->changed (peer->user_data);
}

void
sim_cattp_link_end (SimCattpLink *link, const char *why)
{
  const SimSmsrPeer *peer = link->is_announced ? link->peer : NULL;
  SimCattpRepairs repairs = sim_cattp_get_repairs (link->cattp);
  g_autofree char *text = g_strdup (why);

  g_ptr_array_remove_fast (link->server->links, link);
  if (peer != NULL)
    tell_end (peer, repairs, text);
}

void
sim_cattp_link_end_reset (SimCattpLink *link)
{
  int reason = sim_cattp_get_reset_reason (link->cattp);
  g_autofree char *why = reason == SIM_CATTP_REASON_NORMAL
                             ? NULL
                             : g_strdup_printf ("CAT_TP reset, reason %d", reason);

  sim_cattp_link_end (link, link->why != NULL ? link->why : why);
}

/* An eUICC or its agent has one link: an older one is forgotten. */
static void
end_others (const SimCattpLink *link)
{
  const GPtrArray *links = link->server->links;

  for (guint i = links->len; i > 0; i--)
    {
      SimCattpLink *other = g_ptr_array_index (links, i - 1);

      if (other != link && (other->is_announced || other->is_lingering)
          && other->peer == link->peer)
        sim_cattp_link_end (other, "another one was made");
    }
}

static void
note_stranger (const SimCattpLink *link)
{
  const SimSmsrPeer *peer
      = sim_smsr_peers_find_waiting (link->server->peers, SIM_SMSR_PROTOCOL_CAT_TP);
  g_autofree char *name = ea_span_to_hex (sim_cattp_get_identification (link->cattp));
  g_autofree char *why = g_strconcat ("a link came from '", name, "'", NULL);

  if (peer != NULL)
    sim_smsr_note_failure (peer->smsr, why);
}

static void
announce (SimCattpLink *link, gint64 now_us)
{
  link->peer = sim_smsr_peers_find_identification (link->server->peers,
                                                   sim_cattp_get_identification (link->cattp));
  if (link->peer == NULL)
    {
      note_stranger (link);
      sim_cattp_close (link->cattp, now_us);
      return;
    }
  end_others (link);
  link->is_announced = TRUE;
  sim_smsr_cattp_opened (link->peer->smsr, sim_cattp_get_sdu_max (link->cattp));
  link->is_agents = sim_smsr_is_agents_link (link->peer->smsr);
}

void
sim_cattp_link_close (SimCattpLink *link, const char *why, gint64 now_us)
{
  link->why = why;
  sim_cattp_close (link->cattp, now_us);
}

/* Zeros, one more than the other side takes */
static void
send_oversize (SimCattpLink *link, gint64 now_us)
{
  gsize size = (gsize) sim_cattp_get_sdu_max (link->cattp) + 1;
  g_autofree guint8 *octets = g_malloc0 (size);

  sim_cattp_send_anyway (link->cattp, ea_span_init (octets, size), now_us);
}

static void
send_sdu (SimCattpLink *link, EaSpan sdu, gint64 now_us)
{
  SimCattpFault *fault = &link->server->fault;
  g_autoptr (GBytes) unknown = NULL;

  if (sim_cattp_fault_hits (fault, SIM_SMSR_FAULT_LINK_UNKNOWN_KEY, link->n_pdus_sent))
    {
      unknown = sim_cattp_fault_build_unknown ();
      sim_cattp_send_anyway (link->cattp, ea_span_from_bytes (unknown), now_us);
    }
  if (sim_cattp_fault_hits (fault, SIM_SMSR_FAULT_LINK_OVERSIZE, link->n_pdus_sent))
    send_oversize (link, now_us);
  if (!sim_cattp_send (link->cattp, sdu, now_us))
    sim_cattp_link_close (link, "an SDU is larger than the eUICC takes", now_us);
}

static void
exchange (SimCattpLink *link, gint64 now_us)
{
  g_autoptr (GBytes) sdu = NULL;

  while ((sdu = sim_cattp_pull_sdu (link->cattp)) != NULL)
    {
      sim_smsr_receive_sdu (link->peer->smsr, ea_span_from_bytes (sdu));
      g_clear_pointer (&sdu, g_bytes_unref);
    }
  while ((sdu = sim_smsr_pull_sdu (link->peer->smsr)) != NULL)
    {
      send_sdu (link, ea_span_from_bytes (sdu), now_us);
      g_clear_pointer (&sdu, g_bytes_unref);
    }
  if (!sim_smsr_is_cattp_done (link->peer->smsr)
      || sim_cattp_get_state (link->cattp) != SIM_CATTP_OPEN)
    return;
  sim_cattp_close (link->cattp, now_us);
  link->is_lingering = link->is_agents;
  link->kept_until_us = link->is_lingering ? 0 : now_us + KEEP_US;
  link->repeat_us = now_us + REPEAT_US;
}

/* The noise has the header of a PDU with 1382 octets of data and a wrong checksum. */
static void
flood (const SimCattpLink *link)
{
  static const guint8 noise[SIM_SMSR_BUFFER_SIZE]
      = { 0x40, 0x00, 0x00, 0x12, 0x09, 0x29, 0xC0, 0x01, 0x05, 0x66 };

  for (guint i = 0; i < FLOOD_DATAGRAMS; i++)
    (void) g_socket_send_to (link->server->socket, link->address, (const char *) noise,
                             sizeof (noise), NULL, NULL); /* UDP may lose it */
}

gboolean
sim_cattp_link_is_fault_due (const SimCattpLink *link, SimSmsrFaultKind kind)
{
  return link->server->fault.fault.kind == kind && link->n_sent >= link->server->fault.fault.after;
}

static void
send_spoilt (const SimCattpLink *link, EaSpan pdu)
{
  gboolean is_twice = FALSE;
  g_autoptr (GBytes) spoilt = sim_hostile_pdu_spoil (link->server->hostility, pdu, &is_twice);

  for (guint i = 0; spoilt != NULL && i < (is_twice ? 2 : 1); i++)
    sim_smsr_cattp_send (link->server, link->address, ea_span_from_bytes (spoilt));
}

static void
send_pdu (SimCattpLink *link, EaSpan pdu)
{
  SimSmsrCattp *self = link->server;
  g_autoptr (GBytes) spoilt = NULL;
  gsize n_pdus = link->n_pdus_sent++;

  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_STALL) || self->socket == NULL
      || sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_DROP, n_pdus))
    return;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_CHECKSUM, n_pdus))
    spoilt = sim_cattp_fault_spoil (pdu);
  if (sim_hostility_strikes (self->hostility, SIM_HOSTILE_CAT_TP))
    send_spoilt (link, pdu);
  else
    sim_smsr_cattp_send (self, link->address, spoilt == NULL ? pdu : ea_span_from_bytes (spoilt));
  link->n_sent += pdu.size;
  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_FLOOD))
    flood (link);
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_FORGE, n_pdus))
    sim_cattp_fault_forge (self->address, link->address, pdu);
}

static void
pull_pdus (SimCattpLink *link)
{
  GBytes *pdu;

  while ((pdu = sim_cattp_pull_pdu (link->cattp)) != NULL)
    {
      send_pdu (link, ea_span_from_bytes (pdu));
      g_bytes_unref (pdu);
    }
}

/* FALSE: the eUICC has closed its channel, too, or it is of no use to wait any longer. */
static gboolean
is_kept (const SimCattpLink *link, gint64 now_us)
{
  return now_us < link->kept_until_us && !sim_smsr_has_card_closed (link->peer->smsr);
}

/* The operation goes on as long as the link is kept. */
static void
keep (SimCattpLink *link, gint64 now_us)
{
  if (now_us >= link->repeat_us)
    {
      link->repeat_us = now_us + REPEAT_US;
      sim_cattp_repeat_reset (link->cattp);
      pull_pdus (link);
      link->peer->changed (link->peer->user_data);
    }
  g_clear_handle_id (&link->timer, g_source_remove);
  link->timer = g_timeout_add (LOOK_MS, on_timer, link);
}

static gboolean
on_linger (gpointer user_data)
{
  SimCattpLink *link = user_data;

  link->timer = 0;
  if (link->n_resets == LINGER_RESETS)
    {
      sim_cattp_link_end (link, NULL);
      return G_SOURCE_REMOVE;
    }
  sim_cattp_repeat_reset (link->cattp);
  pull_pdus (link);
  link->n_resets++;
  link->timer = g_timeout_add (LINGER_MS << link->n_resets, on_linger, link);
  return G_SOURCE_REMOVE;
}

/* The SM-SR need not wait for the agent's side: it hears of the end at once. */
static void
linger (SimCattpLink *link)
{
  const SimSmsrPeer *peer = link->peer;

  g_clear_handle_id (&link->timer, g_source_remove);
  link->timer = g_timeout_add (LINGER_MS, on_linger, link);
  link->is_announced = FALSE;
  tell_end (peer, sim_cattp_get_repairs (link->cattp), NULL);
}

static gboolean
on_timer (gpointer user_data)
{
  SimCattpLink *link = user_data;

  link->timer = 0;
  sim_cattp_tick (link->cattp, g_get_monotonic_time ());
  sim_cattp_link_pump (link);
  return G_SOURCE_REMOVE;
}

static void
arm (SimCattpLink *link, gint64 now_us)
{
  gint64 deadline_us = sim_cattp_get_deadline (link->cattp);
  gint64 wait_ms;

  g_clear_handle_id (&link->timer, g_source_remove);
  if (deadline_us < 0 || sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_STALL))
    return;
  wait_ms = MAX (deadline_us - now_us, 0) / G_TIME_SPAN_MILLISECOND + 1;
  link->timer = g_timeout_add ((guint) MIN (wait_ms, G_MAXINT), on_timer, link);
}

SimCattpLink *
sim_cattp_link_new (SimSmsrCattp *self, GSocketAddress *address)
{
  const SimCattpOptions options = { .source_port = SIM_SMSR_CAT_TP_PORT,
                                    .pdu_max = SIM_SMSR_BUFFER_SIZE,
                                    .sdu_max = SIM_SMSR_SDU_MAX,
                                    .initial_sequence = 1 };
  SimCattpLink *link = g_new0 (SimCattpLink, 1);

  link->server = self;
  link->address = g_object_ref (address);
  link->cattp = sim_cattp_new_server (&options);
  g_ptr_array_add (self->links, link);
  return link;
}

static const char *
get_state_name (const SimCattpLink *link)
{
  switch (sim_cattp_get_state (link->cattp))
    {
    case SIM_CATTP_LISTEN:
      return "listen";
    case SIM_CATTP_SYN_SENT:
      return "syn-sent";
    case SIM_CATTP_SYN_RECEIVED:
      return "syn-received";
    case SIM_CATTP_OPEN:
      return "open";
    case SIM_CATTP_CLOSED:
      return "closed";
    }
  g_assert_not_reached ();
}

void
sim_cattp_link_describe (const SimCattpLink *link, GString *json)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (link->address);
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  g_autofree char *name = ea_span_to_hex (sim_cattp_get_identification (link->cattp));
  SimCattpRepairs repairs = sim_cattp_get_repairs (link->cattp);

  g_string_append_printf (
      json,
      "{\"address\":\"%s\",\"port\":%u,\"state\":\"%s\",\"identification\":\"%s\","
      "\"eid\":\"%s\",\"max_pdu\":%u,\"max_sdu\":%u,\"retransmitted\":%u,"
      "\"duplicated\":%u,\"damaged\":%u}",
      host, g_inet_socket_address_get_port (inet), get_state_name (link), name,
      link->peer == NULL ? "" : link->peer->eid, sim_cattp_get_pdu_max (link->cattp),
      sim_cattp_get_sdu_max (link->cattp), repairs.n_retransmitted, repairs.n_duplicated,
      repairs.n_damaged);
}

gboolean
sim_cattp_link_is_of_the_past (const SimCattpLink *link, EaSpan datagram)
{
  if (link->is_lingering)
    return sim_cattp_fault_is_syn (datagram);
  return link->kept_until_us > 0 && !is_kept (link, g_get_monotonic_time ());
}

/* What faults do once PDUs are sent. FALSE: links are gone, this one with them. */
static gboolean
suffer (SimCattpLink *link)
{
  SimSmsrCattp *self = link->server;
  SimCattpState state = sim_cattp_get_state (link->cattp);

  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_RESET))
    {
      sim_smsr_cattp_close_socket (self);
      sim_smsr_cattp_end_all (self, "the SM-SR has closed its socket");
      return FALSE;
    }
  if (state != SIM_CATTP_SYN_RECEIVED && state != SIM_CATTP_OPEN)
    return TRUE;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_FORGET, link->n_pdus_sent))
    {
      sim_smsr_cattp_end_all (self, "the SM-SR has forgotten it");
      return FALSE;
    }
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_RESET, link->n_pdus_sent))
    {
      link->why = "the SM-SR has reset it";
      sim_cattp_abort (link->cattp, (guint8) self->fault.fault.reason);
      pull_pdus (link);
    }
  return TRUE;
}

void
sim_cattp_link_pump (SimCattpLink *link)
{
  gint64 now_us = g_get_monotonic_time ();
  SimCattpState state;

  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_STALL))
    return;
  if (link->is_lingering)
    {
      pull_pdus (link);
      return;
    }
  if (!link->is_announced && sim_cattp_get_state (link->cattp) == SIM_CATTP_OPEN)
    announce (link, now_us);
  if (link->is_announced)
    exchange (link, now_us);
  if (sim_cattp_link_is_fault_due (link, SIM_SMSR_FAULT_CLOSE)
      && sim_cattp_get_state (link->cattp) == SIM_CATTP_OPEN)
    sim_cattp_link_close (link, "the SM-SR has closed it", now_us);
  pull_pdus (link);
  if (!suffer (link))
    return;
  state = sim_cattp_get_state (link->cattp);
  if (link->is_lingering)
    linger (link);
  else if (state == SIM_CATTP_CLOSED && is_kept (link, now_us))
    keep (link, now_us);
  else if (state == SIM_CATTP_CLOSED)
    sim_cattp_link_end_reset (link);
  else if (state == SIM_CATTP_LISTEN)
    sim_cattp_link_end (link, NULL); /* what came was no SYN */
  else
    arm (link, now_us);
}
