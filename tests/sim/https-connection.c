/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection either waits for octets or for room to send, never for both: the eUICC is half duplex,
 * and who does not read is not read from.
 */

#include "smsr-https-private.h"

#include <sys/socket.h>

#include "card/sim-keys.h"
#include "hostile-answer.h"
#include "smsr-spoil.h"

#define CHUNK 16384
#define HANDSHAKE_MAX_S 30

/* What is sent at once is more than one message seldom: of the octets that carry messages, so many times fewer
 * suffer. */
#define STREAM_ONCE_IN 4

/* No record of TLS looks like this. */
static const guint8 noise[CHUNK];

static void flush (SimHttpsConnection *connection);
static void watch (SimHttpsConnection *connection);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
sim_https_connection_free (gpointer data)
{
  SimHttpsConnection *connection = data;

  g_clear_handle_id (&connection->handshake, g_source_remove);
  g_clear_handle_id (&connection->pause, g_source_remove);
  clear_source (&connection->source);
  (void) g_socket_close (connection->socket, NULL); /* gone in any case */
  g_object_unref (connection->socket);
  sim_tls_free (connection->tls);
  sim_http_reader_free (connection->reader);
  g_byte_array_unref (connection->output);
  g_clear_pointer (&connection->endless, g_bytes_unref);
  g_free (connection);
}

void
sim_https_connection_end (SimHttpsConnection *connection, const char *why)
{
  const GPtrArray *peers = connection->server->peers;
  const SimSmsrPeer *peer = connection->peer != NULL
                                ? connection->peer
                                : sim_smsr_peers_find_waiting (peers, SIM_SMSR_PROTOCOL_HTTPS);
  gboolean is_announced = connection->is_announced;
  gboolean has_ended = sim_tls_has_peer_closed (connection->tls);
  g_autofree char *text = has_ended ? NULL : g_strdup (why); /* what breaks then does no harm */

  g_ptr_array_remove_fast (connection->server->connections, connection);
  if (peer == NULL)
    return;
  if (is_announced)
    sim_smsr_closed (peer->smsr, SIM_SMSR_PROTOCOL_HTTPS, text);
  else
    sim_smsr_note_failure (peer->smsr, text == NULL ? "it closed before the handshake" : text);
  peer->changed (peer->user_data);
}

static void
end_with_error (SimHttpsConnection *connection, const char *what, const GError *error)
{
  g_autofree char *why = g_strdup_printf ("%s: %s", what, error->message);

  sim_https_connection_end (connection, why);
}

/* The other side gets RST instead of FIN. */
static void
reset (SimHttpsConnection *connection)
{
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  (void) setsockopt (g_socket_get_fd (connection->socket), SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof (at_once)); /* a FIN is nearly as good */
  sim_https_connection_end (connection, "the SM-SR has reset it");
}

/* One without a count is everybody's, from now on. */
static const SimSmsrFault *
get_fault (const SimHttpsConnection *connection)
{
  const SimSmsrFault *fault = &connection->server->fault;

  return fault->count > 0 ? &connection->fault : fault;
}

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  static const guint8 other[]
      = { 'n', 'o', 't', ' ', 't', 'h', 'e', ' ', 'r', 'i', 'g', 'h', 't', ' ', 'o', 'n' };
  SimHttpsConnection *connection = user_data;
  SimSmsrFaultKind kind = get_fault (connection)->kind;

  connection->peer = sim_smsr_peers_find_identity (connection->server->peers, identity);
  *key = kind == SIM_SMSR_FAULT_WRONG_KEY ? EA_SPAN_OF_ARRAY (other) : sim_keys_psk;
  return connection->peer != NULL && kind != SIM_SMSR_FAULT_UNKNOWN_IDENTITY;
}

/* An eUICC has one connection: an older one is forgotten. */
static void
end_others (const SimHttpsConnection *connection)
{
  const GPtrArray *connections = connection->server->connections;

  for (guint i = connections->len; i > 0; i--)
    {
      SimHttpsConnection *other = g_ptr_array_index (connections, i - 1);

      if (other != connection && other->peer == connection->peer && other->is_announced)
        sim_https_connection_end (other, "the eUICC has made another one");
    }
}

/* FALSE: @kind has hit as many responses as it should, or is not the fault. */
static gboolean
take_response_fault (SimSmsrHttps *self, SimSmsrFaultKind kind)
{
  if (self->fault.kind != kind || (self->fault.count > 0 && self->n_left == 0))
    return FALSE;
  self->n_left -= self->fault.count > 0 ? 1 : 0;
  return TRUE;
}

static void
send_plain (SimHttpsConnection *connection, GBytes *plain)
{
  (void) sim_tls_send (connection->tls, ea_span_from_bytes (plain),
                       NULL); /* its error stays and is seen when reading */
}

static void
answer_early (SimHttpsConnection *connection)
{
  g_autoptr (GBytes) response = sim_smsr_build_early_answer (&connection->server->style);

  send_plain (connection, response);
}

static void
announce (SimHttpsConnection *connection)
{
  end_others (connection);
  g_clear_handle_id (&connection->handshake, g_source_remove);
  connection->is_announced = TRUE;
  connection->server->last_suite = sim_tls_describe (connection->tls);
  connection->server->last_offer = sim_tls_get_offer (connection->tls);
  sim_smsr_https_opened (connection->peer->smsr);
  if (get_fault (connection)->kind == SIM_SMSR_FAULT_UNASKED)
    answer_early (connection);
}

static void
send_spoilt (SimHttpsConnection *connection, SimSmsrSpoilt spoilt)
{
  if (spoilt.bytes != NULL)
    send_plain (connection, spoilt.bytes);
  g_clear_pointer (&connection->endless, g_bytes_unref);
  connection->endless = spoilt.endless == NULL ? NULL : g_bytes_ref (spoilt.endless);
  connection->must_close |= spoilt.must_close;
  connection->is_torn |= spoilt.is_torn;
  if (spoilt.must_close)
    connection->why = "the SM-SR has closed it";
  if (spoilt.is_lost)
    sim_smsr_lose_answer (connection->peer->smsr);
}

static void
spoil (SimHttpsConnection *connection, const SimHttpAnswer *said)
{
  const SimSmsrHttps *server = connection->server;
  g_auto (SimSmsrSpoilt) spoilt = { 0 };

  sim_smsr_spoil (&spoilt, &server->fault, said, &server->style);
  send_spoilt (connection, spoilt);
}

static void
turn_hostile (SimHttpsConnection *connection, const SimHttpAnswer *said)
{
  const SimSmsrHttps *server = connection->server;
  g_auto (SimSmsrSpoilt) spoilt = { 0 };

  sim_hostile_answer_spoil (server->hostility, &spoilt, said, &server->style);
  send_spoilt (connection, spoilt);
}

static void
answer (SimHttpsConnection *connection, const SimHttpMessage *request)
{
  SimSmsrHttps *server = connection->server;
  gboolean must_close = FALSE;
  g_autoptr (SimHttpAnswer) said = sim_smsr_answer (connection->peer->smsr, request, &must_close);
  g_autoptr (GBytes) response = NULL;

  connection->must_close |= must_close;
  if (sim_smsr_can_spoil (server->fault.kind, said)
      && take_response_fault (server, server->fault.kind))
    {
      spoil (connection, said);
      return;
    }
  if (sim_hostility_strikes (server->hostility, SIM_HOSTILE_HTTPS))
    {
      turn_hostile (connection, said);
      return;
    }
  response = sim_http_answer_write (said, &server->style);
  send_plain (connection, response);
  if (server->style.closes)
    {
      connection->must_close = TRUE;
      connection->why = said->body == NULL ? NULL : "the SM-SR has closed it";
    }
}

static gboolean
take_plain (SimHttpsConnection *connection, EaSpan plain, GError **error)
{
  guint n_requests = 0;

  if (!sim_http_reader_feed (connection->reader, plain, error))
    return FALSE;
  while (!connection->must_close)
    {
      g_autoptr (SimHttpMessage) request = sim_http_reader_pull (connection->reader);

      if (request == NULL)
        break;
      answer (connection, request);
      n_requests++;
    }
  if (n_requests == 0 && take_response_fault (connection->server, SIM_SMSR_FAULT_EARLY))
    answer_early (connection);
  return TRUE;
}

/* Takes what TLS has received. FALSE: the connection is gone. */
static gboolean
process (SimHttpsConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = NULL;

  if (!connection->is_announced && sim_tls_is_open (connection->tls))
    announce (connection);
  while ((plain = sim_tls_read (connection->tls, &error)) != NULL)
    {
      if (!take_plain (connection, ea_span_from_bytes (plain), &error))
        {
          end_with_error (connection, "HTTP", error);
          return FALSE;
        }
      g_clear_pointer (&plain, g_bytes_unref);
    }
  /* The alert still goes out. */
  connection->must_close |= error != NULL || sim_tls_has_peer_closed (connection->tls);
  if (connection->must_close && !connection->is_torn)
    sim_tls_close (connection->tls);
  if (connection->is_announced)
    connection->peer->changed (connection->peer->user_data);
  return TRUE;
}

static gsize
get_progress (const SimHttpsConnection *connection)
{
  return connection->n_sent + (get_fault (connection)->counts_both ? connection->n_received : 0);
}

/* Puts off the fault's time as long as octets may still go. TRUE: the connection goes on. */
static gboolean
misbehave (SimHttpsConnection *connection, gsize *size)
{
  const SimSmsrFault *fault = get_fault (connection);
  gsize progress = get_progress (connection);

  if (fault->kind == SIM_SMSR_FAULT_SLOW)
    *size = MIN (*size, fault->piece);
  if (fault->kind < SIM_SMSR_FAULT_STALL || fault->kind > SIM_SMSR_FAULT_FLOOD)
    return TRUE;
  if (progress < fault->after)
    {
      *size = MIN (*size, fault->after - progress);
      return TRUE;
    }
  if (fault->kind == SIM_SMSR_FAULT_FLOOD)
    return TRUE;
  if (fault->kind == SIM_SMSR_FAULT_STALL)
    clear_source (&connection->source);
  else if (fault->kind == SIM_SMSR_FAULT_RESET)
    reset (connection);
  else
    sim_https_connection_end (connection, "the SM-SR has closed it");
  return FALSE;
}

static gboolean
is_flooding (const SimHttpsConnection *connection)
{
  const SimSmsrFault *fault = get_fault (connection);

  return fault->kind == SIM_SMSR_FAULT_FLOOD && connection->n_sent >= fault->after;
}

static void
refill (SimHttpsConnection *connection)
{
  g_autoptr (GBytes) records = NULL;

  if (is_flooding (connection))
    {
      g_byte_array_set_size (connection->output, 0);
      g_byte_array_append (connection->output, noise, sizeof (noise));
    }
  if (connection->output->len > 0)
    return;
  if (connection->endless != NULL && sim_tls_get_pending (connection->tls) == 0)
    send_plain (connection, connection->endless);
  records = sim_tls_pull (connection->tls, CHUNK);
  if (records != NULL)
    g_byte_array_append (connection->output, g_bytes_get_data (records, NULL),
                         (guint) g_bytes_get_size (records));
}

static void
end_when_sent (SimHttpsConnection *connection)
{
  const GError *error = sim_tls_get_error (connection->tls);

  if (!connection->must_close)
    watch (connection);
  else if (error != NULL)
    end_with_error (connection, "TLS", error);
  else
    sim_https_connection_end (connection, connection->why);
}

static gboolean
on_pause_over (gpointer user_data)
{
  SimHttpsConnection *connection = user_data;

  connection->pause = 0;
  flush (connection);
  return G_SOURCE_REMOVE;
}

/* Waits for what comes next, or for the time when more may go. */
static void
go_on (SimHttpsConnection *connection, gboolean has_sent)
{
  const SimSmsrFault *fault = get_fault (connection);

  if (connection->output->len == 0)
    end_when_sent (connection);
  else if (has_sent && fault->kind == SIM_SMSR_FAULT_SLOW)
    {
      clear_source (&connection->source);
      connection->pause = g_timeout_add (fault->interval_ms, on_pause_over, connection);
    }
  else
    watch (connection);
}

/* FALSE: the connection is gone. */
static gboolean
suffer (SimHttpsConnection *connection)
{
  SimHostility *hostility = connection->server->hostility;
  SimHostileKind kind;

  if (!sim_hostility_strikes (hostility, SIM_HOSTILE_HTTPS)
      || sim_hostility_draw (hostility, STREAM_ONCE_IN) > 0)
    return TRUE;
  kind = sim_hostile_stream_spoil (hostility, connection->output);
  if (kind == SIM_HOSTILE_TCP_RESET)
    {
      reset (connection);
      return FALSE;
    }
  if (kind == SIM_HOSTILE_TCP_HALF)
    (void) g_socket_shutdown (connection->socket, FALSE, TRUE, NULL); /* what is sent then fails */
  return TRUE;
}

/* Sends what can be sent, and waits for what comes next. */
static void
flush (SimHttpsConnection *connection)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  gssize n_sent;

  refill (connection);
  if (connection->output->len > 0 && !suffer (connection))
    return;
  size = connection->output->len;
  if (size == 0)
    {
      end_when_sent (connection);
      return;
    }
  if (!misbehave (connection, &size))
    return;
  n_sent = g_socket_send (connection->socket, (const char *) connection->output->data, size, NULL,
                          &error);
  if (n_sent < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      end_with_error (connection, "TCP", error);
      return;
    }
  if (n_sent > 0)
    {
      connection->n_sent += (gsize) n_sent;
      g_byte_array_remove_range (connection->output, 0, (guint) n_sent);
      refill (connection);
    }
  go_on (connection, n_sent > 0);
}

/* FALSE: the fault has come to its time: the connection is gone, or has stalled. */
static gboolean
may_receive (SimHttpsConnection *connection, gsize *size)
{
  return !get_fault (connection)->counts_both || misbehave (connection, size);
}

static void
receive (SimHttpsConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc (CHUNK);
  gsize size = CHUNK;
  gssize n_read;

  if (!may_receive (connection, &size))
    return;
  n_read = g_socket_receive (connection->socket, buffer, size, NULL, &error);
  if (n_read < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return;
  if (n_read < 0)
    {
      end_with_error (connection, "TCP", error);
      return;
    }
  connection->n_received += (gsize) n_read;
  if (n_read == 0)
    sim_tls_receive_end (connection->tls);
  else
    sim_tls_receive (connection->tls, ea_span_init (buffer, (gsize) n_read));
  if (process (connection) && may_receive (connection, &size))
    flush (connection);
}

static gboolean
on_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SimHttpsConnection *connection = user_data;

  if (connection->condition == G_IO_OUT)
    flush (connection);
  else
    receive (connection);
  return G_SOURCE_CONTINUE;
}

static void
watch (SimHttpsConnection *connection)
{
  GIOCondition condition = connection->output->len > 0 ? G_IO_OUT : G_IO_IN;

  if (connection->source != NULL && connection->condition == condition)
    return;
  clear_source (&connection->source);
  connection->condition = condition;
  connection->source = g_socket_create_source (connection->socket, condition, NULL);
  g_source_set_callback (connection->source, G_SOURCE_FUNC (on_ready), connection, NULL);
  g_source_attach (connection->source, NULL);
}

/* One that stalls because a test wants it does so until the test has had enough. */
static gboolean
on_handshake_limit (gpointer user_data)
{
  SimHttpsConnection *connection = user_data;

  connection->handshake = 0;
  if (!sim_https_connection_has_stalled (connection))
    sim_https_connection_end (connection, "the handshake has taken too long");
  return G_SOURCE_REMOVE;
}

/* (transfer full) */
static SimTls *
create_tls (SimHttpsConnection *connection)
{
  SimSmsrFaultKind kind = get_fault (connection)->kind;

  if (kind < SIM_SMSR_FAULT_CERTIFICATES || kind > SIM_SMSR_FAULT_LEGACY_SUITE)
    return sim_tls_new_server (find_key, connection);
  return sim_tls_new_odd_server (
      (SimTlsOdd) (SIM_TLS_ODD_CERTIFICATES + (kind - SIM_SMSR_FAULT_CERTIFICATES)), find_key,
      connection);
}

gboolean
sim_https_connection_has_stalled (const SimHttpsConnection *connection)
{
  return connection->source == NULL && connection->pause == 0;
}

void
sim_https_connection_start (SimSmsrHttps *server, GSocket *socket, const SimSmsrFault *fault)
{
  SimHttpsConnection *connection = g_new0 (SimHttpsConnection, 1);

  g_socket_set_blocking (socket, FALSE);
  connection->server = server;
  connection->socket = g_object_ref (socket);
  connection->fault = *fault;
  connection->tls = create_tls (connection);
  connection->reader = sim_http_reader_new (TRUE);
  connection->output = g_byte_array_new ();
  connection->handshake = g_timeout_add_seconds (HANDSHAKE_MAX_S, on_handshake_limit, connection);
  g_ptr_array_add (server->connections, connection);
  watch (connection);
}
