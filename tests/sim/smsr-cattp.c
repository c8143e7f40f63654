/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Links are told apart by the UDP address that they come from. The state machine is sim-cattp; here
 * are the socket, one timer a link, and what links and the SM-SR have to say to each other.
 */

#include "smsr-cattp.h"

#include "card/sim-cattp.h"
#include "smsr-cattp-fault.h"

#define DATAGRAM_MAX 65536
#define LINKS_MAX 64
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

struct _SimSmsrCattp
{
  GInetAddress *address;
  guint16 port;
  const GPtrArray *peers;
  GSocket *socket; /* NULL: closed */
  GSource *source;
  GPtrArray *links; /* of Link */
  SimCattpFault fault;
};

typedef struct
{
  SimSmsrCattp *server;
  GSocketAddress *address;
  SimCattp *cattp;
  const SimSmsrPeer *peer; /* NULL: not known yet */
  gboolean is_announced;   /* its SM-SR knows of the link */
  const char *why;         /* what is wrong, when it is closed from here */
  gint64 kept_until_us;    /* 0: it is not kept */
  gint64 repeat_us;        /* when RST is sent again */
  gboolean is_agents;      /* it is not the eUICC's */
  gboolean is_lingering;   /* its SM-SR knows that it has ended */
  guint n_resets;          /* sent again while it lingers */
  guint timer;
  gsize n_sent; /* octets */
  gsize n_pdus_sent;
  gsize n_pdus_received;
} Link;

static void pump (Link *link);

static gboolean on_timer (gpointer user_data);

static void
link_free (gpointer data)
{
  Link *link = data;

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

/* Tells the SM-SR and frees the link. */
static void
end (Link *link, const char *why)
{
  const SimSmsrPeer *peer = link->is_announced ? link->peer : NULL;
  SimCattpRepairs repairs = sim_cattp_get_repairs (link->cattp);
  g_autofree char *text = g_strdup (why);

  g_ptr_array_remove_fast (link->server->links, link);
  if (peer != NULL)
    tell_end (peer, repairs, text);
}

static void
end_reset (Link *link)
{
  int reason = sim_cattp_get_reset_reason (link->cattp);
  g_autofree char *why = reason == SIM_CATTP_REASON_NORMAL
                             ? NULL
                             : g_strdup_printf ("CAT_TP reset, reason %d", reason);

  end (link, link->why != NULL ? link->why : why);
}

/* An eUICC or its agent has one link: an older one is forgotten. */
static void
end_others (const Link *link)
{
  const GPtrArray *links = link->server->links;

  for (guint i = links->len; i > 0; i--)
    {
      Link *other = g_ptr_array_index (links, i - 1);

      if (other != link && (other->is_announced || other->is_lingering)
          && other->peer == link->peer)
        end (other, "another one was made");
    }
}

static void
note_stranger (const Link *link)
{
  const SimSmsrPeer *peer
      = sim_smsr_peers_find_waiting (link->server->peers, SIM_SMSR_PROTOCOL_CAT_TP);
  g_autofree char *name = ea_span_to_hex (sim_cattp_get_identification (link->cattp));
  g_autofree char *why = g_strconcat ("a link came from '", name, "'", NULL);

  if (peer != NULL)
    sim_smsr_note_failure (peer->smsr, why);
}

static void
announce (Link *link, gint64 now_us)
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

static void
close_link (Link *link, const char *why, gint64 now_us)
{
  link->why = why;
  sim_cattp_close (link->cattp, now_us);
}

/* Zeros, one more than the other side takes */
static void
send_oversize (Link *link, gint64 now_us)
{
  gsize size = (gsize) sim_cattp_get_sdu_max (link->cattp) + 1;
  g_autofree guint8 *octets = g_malloc0 (size);

  sim_cattp_send_anyway (link->cattp, ea_span_init (octets, size), now_us);
}

static void
send_sdu (Link *link, EaSpan sdu, gint64 now_us)
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
    close_link (link, "an SDU is larger than the eUICC takes", now_us);
}

static void
exchange (Link *link, gint64 now_us)
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
flood (const Link *link)
{
  static const guint8 noise[SIM_SMSR_BUFFER_SIZE]
      = { 0x40, 0x00, 0x00, 0x12, 0x09, 0x29, 0xC0, 0x01, 0x05, 0x66 };

  for (guint i = 0; i < FLOOD_DATAGRAMS; i++)
    (void) g_socket_send_to (link->server->socket, link->address, (const char *) noise,
                             sizeof (noise), NULL, NULL); /* UDP may lose it */
}

static gboolean
is_fault_due (const Link *link, SimSmsrFaultKind kind)
{
  return link->server->fault.fault.kind == kind && link->n_sent >= link->server->fault.fault.after;
}

static void
send_datagram (const SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  (void) g_socket_send_to (self->socket, address, (const char *) datagram.data, datagram.size, NULL,
                           NULL); /* CAT_TP repeats what UDP loses */
}

static void
send_pdu (Link *link, EaSpan pdu)
{
  SimSmsrCattp *self = link->server;
  g_autoptr (GBytes) spoilt = NULL;
  gsize n_pdus = link->n_pdus_sent++;

  if (is_fault_due (link, SIM_SMSR_FAULT_STALL) || self->socket == NULL
      || sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_DROP, n_pdus))
    return;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_CHECKSUM, n_pdus))
    spoilt = sim_cattp_fault_spoil (pdu);
  send_datagram (self, link->address, spoilt == NULL ? pdu : ea_span_from_bytes (spoilt));
  link->n_sent += pdu.size;
  if (is_fault_due (link, SIM_SMSR_FAULT_FLOOD))
    flood (link);
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_FORGE, n_pdus))
    sim_cattp_fault_forge (self->address, link->address, pdu);
}

static void
pull_pdus (Link *link)
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
is_kept (const Link *link, gint64 now_us)
{
  return now_us < link->kept_until_us && !sim_smsr_has_card_closed (link->peer->smsr);
}

/* The operation goes on as long as the link is kept. */
static void
keep (Link *link, gint64 now_us)
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
  Link *link = user_data;

  link->timer = 0;
  if (link->n_resets == LINGER_RESETS)
    {
      end (link, NULL);
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
linger (Link *link)
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
  Link *link = user_data;

  link->timer = 0;
  sim_cattp_tick (link->cattp, g_get_monotonic_time ());
  pump (link);
  return G_SOURCE_REMOVE;
}

static void
arm (Link *link, gint64 now_us)
{
  gint64 deadline_us = sim_cattp_get_deadline (link->cattp);
  gint64 wait_ms;

  g_clear_handle_id (&link->timer, g_source_remove);
  if (deadline_us < 0 || is_fault_due (link, SIM_SMSR_FAULT_STALL))
    return;
  wait_ms = MAX (deadline_us - now_us, 0) / G_TIME_SPAN_MILLISECOND + 1;
  link->timer = g_timeout_add ((guint) MIN (wait_ms, G_MAXINT), on_timer, link);
}

static void
close_socket (SimSmsrCattp *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->socket);
}

static void
end_all (SimSmsrCattp *self, const char *why)
{
  while (self->links->len > 0)
    end (g_ptr_array_index (self->links, 0), why);
}

/* What faults do once PDUs are sent. FALSE: links are gone, this one with them. */
static gboolean
suffer (Link *link)
{
  SimSmsrCattp *self = link->server;
  SimCattpState state = sim_cattp_get_state (link->cattp);

  if (is_fault_due (link, SIM_SMSR_FAULT_RESET))
    {
      close_socket (self);
      end_all (self, "the SM-SR has closed its socket");
      return FALSE;
    }
  if (state != SIM_CATTP_SYN_RECEIVED && state != SIM_CATTP_OPEN)
    return TRUE;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_FORGET, link->n_pdus_sent))
    {
      end_all (self, "the SM-SR has forgotten it");
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

/* Does everything that can be done now. The link may be gone afterwards. */
static void
pump (Link *link)
{
  gint64 now_us = g_get_monotonic_time ();
  SimCattpState state;

  if (is_fault_due (link, SIM_SMSR_FAULT_STALL))
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
  if (is_fault_due (link, SIM_SMSR_FAULT_CLOSE)
      && sim_cattp_get_state (link->cattp) == SIM_CATTP_OPEN)
    close_link (link, "the SM-SR has closed it", now_us);
  pull_pdus (link);
  if (!suffer (link))
    return;
  state = sim_cattp_get_state (link->cattp);
  if (link->is_lingering)
    linger (link);
  else if (state == SIM_CATTP_CLOSED && is_kept (link, now_us))
    keep (link, now_us);
  else if (state == SIM_CATTP_CLOSED)
    end_reset (link);
  else if (state == SIM_CATTP_LISTEN)
    end (link, NULL); /* what came was no SYN */
  else
    arm (link, now_us);
}

static Link *
find_link (const SimSmsrCattp *self, GSocketAddress *address)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);

  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);
      GInetSocketAddress *known = G_INET_SOCKET_ADDRESS (link->address);

      if (g_inet_socket_address_get_port (known) == g_inet_socket_address_get_port (inet)
          && g_inet_address_equal (g_inet_socket_address_get_address (known),
                                   g_inet_socket_address_get_address (inet)))
        return link;
    }
  return NULL;
}

static Link *
link_new (SimSmsrCattp *self, GSocketAddress *address)
{
  const SimCattpOptions options = { .source_port = SIM_SMSR_CAT_TP_PORT,
                                    .pdu_max = SIM_SMSR_BUFFER_SIZE,
                                    .sdu_max = SIM_SMSR_SDU_MAX,
                                    .initial_sequence = 1 };
  Link *link = g_new0 (Link, 1);

  link->server = self;
  link->address = g_object_ref (address);
  link->cattp = sim_cattp_new_server (&options);
  g_ptr_array_add (self->links, link);
  return link;
}

/* What comes is not for the link that was at its address: it has ended, and nobody waits for that. */
static gboolean
is_of_the_past (const Link *link, EaSpan datagram)
{
  if (link->is_lingering)
    return sim_cattp_fault_is_syn (datagram);
  return link->kept_until_us > 0 && !is_kept (link, g_get_monotonic_time ());
}

/* A SYN that a fault lets make no link */
static gboolean
is_turned_away (SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  g_autoptr (GBytes) reset = NULL;

  if (!sim_cattp_fault_is_syn (datagram))
    return FALSE;
  if (sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_SILENCE, 0))
    return TRUE;
  if (!sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_REFUSE, 0))
    return FALSE;
  reset = sim_cattp_fault_refuse (datagram, self->fault.fault.reason);
  send_datagram (self, address, ea_span_from_bytes (reset));
  return TRUE;
}

static void
receive (SimSmsrCattp *self, GSocketAddress *address, EaSpan datagram)
{
  Link *link = find_link (self, address);
  const SimSmsrPeer *peer;

  if (link != NULL && is_of_the_past (link, datagram))
    {
      end_reset (link);
      link = NULL;
    }
  if (link == NULL && (self->links->len == LINKS_MAX || is_turned_away (self, address, datagram)))
    return;
  if (link == NULL)
    link = link_new (self, address);
  if (is_fault_due (link, SIM_SMSR_FAULT_STALL)
      || sim_cattp_fault_hits (&self->fault, SIM_SMSR_FAULT_LINK_DEAF, link->n_pdus_received++))
    return;
  sim_cattp_receive (link->cattp, datagram, g_get_monotonic_time ());
  peer = link->is_announced ? link->peer : NULL;
  pump (link);
  if (peer != NULL)
    peer->changed (peer->user_data);
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SimSmsrCattp *self = user_data;
  g_autofree char *buffer = g_malloc (DATAGRAM_MAX);
  g_autoptr (GSocketAddress) address = NULL;
  gssize size = g_socket_receive_from (socket, &address, buffer, DATAGRAM_MAX, NULL, NULL);

  if (size >= 0 && address != NULL)
    receive (self, address, ea_span_init (buffer, (gsize) size));
  return G_SOURCE_CONTINUE;
}

static gboolean
open_socket (SimSmsrCattp *self, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (self->address, self->port);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (self->address),
                                             G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL)
    return FALSE;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, address, FALSE, error))
    return FALSE;
  local = g_socket_get_local_address (socket, error);
  if (local == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->socket = g_steal_pointer (&socket);
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return TRUE;
}

SimSmsrCattp *
sim_smsr_cattp_new (GInetAddress *address, const GPtrArray *peers, GError **error)
{
  g_autoptr (SimSmsrCattp) self = g_new0 (SimSmsrCattp, 1);

  self->address = g_object_ref (address);
  self->peers = peers;
  self->links = g_ptr_array_new_with_free_func (link_free);
  return open_socket (self, error) ? g_steal_pointer (&self) : NULL;
}

void
sim_smsr_cattp_free (SimSmsrCattp *self)
{
  if (self == NULL)
    return;
  close_socket (self);
  g_ptr_array_unref (self->links);
  g_object_unref (self->address);
  g_free (self);
}

guint16
sim_smsr_cattp_get_port (const SimSmsrCattp *self)
{
  return self->port;
}

/* What stalled until now ends with RST, so that the eUICC need not wait for ever. */
static void
mark_stalled (SimSmsrCattp *self)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      Link *link = g_ptr_array_index (self->links, i);

      if (is_fault_due (link, SIM_SMSR_FAULT_STALL))
        close_link (link, "it had stalled", g_get_monotonic_time ());
    }
}

/* Pumping a link may end it, or all of them. */
static void
pump_all (SimSmsrCattp *self, const SimSmsr *smsr)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new ();

  for (guint i = 0; i < self->links->len; i++)
    g_ptr_array_add (links, g_ptr_array_index (self->links, i));
  for (guint i = 0; i < links->len; i++)
    {
      Link *link = g_ptr_array_index (links, i);

      if (!g_ptr_array_find (self->links, link, NULL))
        continue;
      if (smsr == NULL || (link->is_announced && link->peer->smsr == smsr))
        pump (link);
    }
}

void
sim_smsr_cattp_settle (SimSmsrCattp *self, const SimSmsr *smsr)
{
  pump_all (self, smsr);
}

static gboolean
set_fault (SimSmsrCattp *self, const SimSmsrFault *fault, GError **error)
{
  sim_cattp_fault_order (&self->fault, fault);
  if (fault->kind == SIM_SMSR_FAULT_REFUSE)
    {
      close_socket (self);
      end_all (self, "the SM-SR has closed its socket");
      return TRUE;
    }
  return self->socket != NULL || open_socket (self, error);
}

gboolean
sim_smsr_cattp_set_fault (SimSmsrCattp *self, const SimSmsrFault *fault, GError **error)
{
  gboolean is_set;

  mark_stalled (self);
  is_set = set_fault (self, fault, error);
  pump_all (self, NULL);
  return is_set;
}

/* Nobody listens while a fault says so. */
static gboolean
listen_again (SimSmsrCattp *self, GError **error)
{
  return self->fault.fault.kind == SIM_SMSR_FAULT_REFUSE || open_socket (self, error);
}

gboolean
sim_smsr_cattp_move (SimSmsrCattp *self, GInetAddress *address, GError **error)
{
  g_autoptr (GInetAddress) former = self->address;

  close_socket (self);
  self->address = g_object_ref (address);
  if (listen_again (self, error))
    {
      end_all (self, "the SM-SR has gone elsewhere");
      return TRUE;
    }
  g_set_object (&self->address, former);
  (void) listen_again (self, NULL); /* where it was a moment ago */
  return FALSE;
}

void
sim_smsr_cattp_forget (SimSmsrCattp *self, const SimSmsrPeer *peer)
{
  for (guint i = self->links->len; i > 0; i--)
    {
      const Link *link = g_ptr_array_index (self->links, i - 1);

      if (link->peer == peer)
        g_ptr_array_remove_index_fast (self->links, i - 1);
    }
}
