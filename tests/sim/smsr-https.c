/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection either waits for octets or for room to send, never for both: the eUICC is half duplex,
 * and who does not read is not read from.
 */

#include "smsr-https.h"

#include <sys/socket.h>

#include "card/sim-http.h"
#include "card/sim-keys.h"
#include "card/sim-tls.h"

#define BACKLOG 16
#define CHUNK 16384
#define CONNECTIONS_MAX 64
#define HANDSHAKE_MAX_S 30

struct _SimSmsrHttps
{
  GInetAddress *address;
  guint16 port;
  const GPtrArray *peers;
  GSocket *listener; /* NULL: nobody listens */
  GSource *accept_source;
  GPtrArray *connections; /* of Connection */
  SimSmsrFault fault;
};

typedef struct
{
  SimSmsrHttps *server;
  GSocket *socket;
  GSource *source;
  guint handshake;        /* its time limit; 0: it is done */
  GIOCondition condition; /* that the source waits for */
  SimTls *tls;
  SimHttpReader *reader;
  const SimSmsrPeer *peer; /* NULL: not known yet */
  gboolean is_announced;   /* its SM-SR knows of the connection */
  gboolean must_close;     /* when all is sent */
  GByteArray *output;
  gsize n_sent;
} Connection;

/* No record of TLS looks like this. */
static const guint8 noise[CHUNK];

static void watch (Connection *connection);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  g_clear_handle_id (&connection->handshake, g_source_remove);
  clear_source (&connection->source);
  (void) g_socket_close (connection->socket, NULL); /* gone in any case */
  g_object_unref (connection->socket);
  sim_tls_free (connection->tls);
  sim_http_reader_free (connection->reader);
  g_byte_array_unref (connection->output);
  g_free (connection);
}

/* Tells the SM-SR and frees the connection. */
static void
end (Connection *connection, const char *why)
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
end_with_error (Connection *connection, const char *what, const GError *error)
{
  g_autofree char *why = g_strdup_printf ("%s: %s", what, error->message);

  end (connection, why);
}

/* The other side gets RST instead of FIN. */
static void
reset (Connection *connection)
{
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  (void) setsockopt (g_socket_get_fd (connection->socket), SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof (at_once)); /* a FIN is nearly as good */
  end (connection, "the SM-SR has reset it");
}

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  Connection *connection = user_data;

  connection->peer = sim_smsr_peers_find_identity (connection->server->peers, identity);
  *key = sim_keys_psk;
  return connection->peer != NULL;
}

/* An eUICC has one connection: an older one is forgotten. */
static void
end_others (const Connection *connection)
{
  const GPtrArray *connections = connection->server->connections;

  for (guint i = connections->len; i > 0; i--)
    {
      Connection *other = g_ptr_array_index (connections, i - 1);

      if (other != connection && other->peer == connection->peer && other->is_announced)
        end (other, "the eUICC has made another one");
    }
}

static void
announce (Connection *connection)
{
  end_others (connection);
  g_clear_handle_id (&connection->handshake, g_source_remove);
  connection->is_announced = TRUE;
  sim_smsr_https_opened (connection->peer->smsr);
}

static void
answer (Connection *connection, const SimHttpMessage *request)
{
  gboolean must_close = FALSE;
  g_autoptr (GBytes) response = sim_smsr_answer (connection->peer->smsr, request, &must_close);

  (void) sim_tls_send (connection->tls, ea_span_from_bytes (response),
                       NULL); /* its error stays and is seen when reading */
  connection->must_close |= must_close;
}

static gboolean
take_plain (Connection *connection, EaSpan plain, GError **error)
{
  if (!sim_http_reader_feed (connection->reader, plain, error))
    return FALSE;
  while (!connection->must_close)
    {
      g_autoptr (SimHttpMessage) request = sim_http_reader_pull (connection->reader);

      if (request == NULL)
        break;
      answer (connection, request);
    }
  return TRUE;
}

/* Takes what TLS has received. FALSE: the connection is gone. */
static gboolean
process (Connection *connection)
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
  if (connection->must_close)
    sim_tls_close (connection->tls);
  if (connection->is_announced)
    connection->peer->changed (connection->peer->user_data);
  return TRUE;
}

/* Puts off the fault's time as long as octets may still go. TRUE: the connection goes on. */
static gboolean
misbehave (Connection *connection, gsize *size)
{
  const SimSmsrFault *fault = &connection->server->fault;
  gboolean is_due = connection->n_sent >= fault->after;

  if (fault->kind == SIM_SMSR_FAULT_NONE || fault->kind == SIM_SMSR_FAULT_REFUSE)
    return TRUE;
  if (!is_due)
    {
      *size = MIN (*size, fault->after - connection->n_sent);
      return TRUE;
    }
  if (fault->kind == SIM_SMSR_FAULT_FLOOD)
    return TRUE;
  if (fault->kind == SIM_SMSR_FAULT_STALL)
    clear_source (&connection->source);
  else if (fault->kind == SIM_SMSR_FAULT_RESET)
    reset (connection);
  else
    end (connection, "the SM-SR has closed it");
  return FALSE;
}

static gboolean
is_flooding (const Connection *connection)
{
  const SimSmsrFault *fault = &connection->server->fault;

  return fault->kind == SIM_SMSR_FAULT_FLOOD && connection->n_sent >= fault->after;
}

static void
refill (Connection *connection)
{
  g_autoptr (GBytes) records = NULL;

  if (is_flooding (connection))
    {
      g_byte_array_set_size (connection->output, 0);
      g_byte_array_append (connection->output, noise, sizeof (noise));
    }
  if (connection->output->len > 0)
    return;
  records = sim_tls_pull (connection->tls, CHUNK);
  if (records != NULL)
    g_byte_array_append (connection->output, g_bytes_get_data (records, NULL),
                         (guint) g_bytes_get_size (records));
}

static void
end_when_sent (Connection *connection)
{
  const GError *error = sim_tls_get_error (connection->tls);

  if (!connection->must_close)
    watch (connection);
  else if (error != NULL)
    end_with_error (connection, "TLS", error);
  else
    end (connection, NULL);
}

/* Sends what can be sent, and waits for what comes next. */
static void
flush (Connection *connection)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  gssize n_sent;

  refill (connection);
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
  if (connection->output->len > 0)
    watch (connection);
  else
    end_when_sent (connection);
}

static void
receive (Connection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc (CHUNK);
  gssize n_read = g_socket_receive (connection->socket, buffer, CHUNK, NULL, &error);

  if (n_read < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return;
  if (n_read < 0)
    {
      end_with_error (connection, "TCP", error);
      return;
    }
  if (n_read == 0)
    sim_tls_receive_end (connection->tls);
  else
    sim_tls_receive (connection->tls, ea_span_init (buffer, (gsize) n_read));
  if (process (connection))
    flush (connection);
}

static gboolean
on_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Connection *connection = user_data;

  if (connection->condition == G_IO_OUT)
    flush (connection);
  else
    receive (connection);
  return G_SOURCE_CONTINUE;
}

static void
watch (Connection *connection)
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
  Connection *connection = user_data;

  connection->handshake = 0;
  if (connection->source != NULL)
    end (connection, "the handshake has taken too long");
  return G_SOURCE_REMOVE;
}

static gboolean
on_incoming (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  SimSmsrHttps *self = user_data;
  GSocket *socket = g_socket_accept (listener, NULL, NULL);
  Connection *connection;

  if (socket == NULL)
    return G_SOURCE_CONTINUE; /* it has gone already */
  if (self->connections->len == CONNECTIONS_MAX)
    {
      g_object_unref (socket);
      return G_SOURCE_CONTINUE;
    }
  g_socket_set_blocking (socket, FALSE);
  connection = g_new0 (Connection, 1);
  connection->server = self;
  connection->socket = socket;
  connection->tls = sim_tls_new_server (find_key, connection);
  connection->reader = sim_http_reader_new (TRUE);
  connection->output = g_byte_array_new ();
  connection->handshake = g_timeout_add_seconds (HANDSHAKE_MAX_S, on_handshake_limit, connection);
  g_ptr_array_add (self->connections, connection);
  watch (connection);
  return G_SOURCE_CONTINUE;
}

static gboolean
start_listening (SimSmsrHttps *self, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (self->address, self->port);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) listener = g_socket_new (g_inet_address_get_family (self->address),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (listener == NULL)
    return FALSE;
  g_socket_set_blocking (listener, FALSE);
  g_socket_set_listen_backlog (listener, BACKLOG);
  if (!g_socket_bind (listener, address, TRUE, error) || !g_socket_listen (listener, error))
    return FALSE;
  local = g_socket_get_local_address (listener, error);
  if (local == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->listener = g_steal_pointer (&listener);
  self->accept_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->accept_source, NULL);
  return TRUE;
}

static void
stop_listening (SimSmsrHttps *self)
{
  clear_source (&self->accept_source);
  g_clear_object (&self->listener);
}

SimSmsrHttps *
sim_smsr_https_new (GInetAddress *address, const GPtrArray *peers, GError **error)
{
  g_autoptr (SimSmsrHttps) self = g_new0 (SimSmsrHttps, 1);

  self->address = g_object_ref (address);
  self->peers = peers;
  self->connections = g_ptr_array_new_with_free_func (connection_free);
  return start_listening (self, error) ? g_steal_pointer (&self) : NULL;
}

void
sim_smsr_https_free (SimSmsrHttps *self)
{
  if (self == NULL)
    return;
  stop_listening (self);
  g_ptr_array_unref (self->connections);
  g_object_unref (self->address);
  g_free (self);
}

guint16
sim_smsr_https_get_port (const SimSmsrHttps *self)
{
  return self->port;
}

static void
end_stalled (SimSmsrHttps *self)
{
  for (guint i = self->connections->len; i > 0; i--)
    {
      Connection *connection = g_ptr_array_index (self->connections, i - 1);

      if (connection->source == NULL)
        end (connection, "it had stalled");
    }
}

gboolean
sim_smsr_https_set_fault (SimSmsrHttps *self, const SimSmsrFault *fault, GError **error)
{
  end_stalled (self);
  self->fault = *fault;
  if (fault->kind == SIM_SMSR_FAULT_REFUSE)
    {
      stop_listening (self);
      return TRUE;
    }
  return self->listener != NULL || start_listening (self, error);
}

/* Nobody listens while a fault says so. */
static gboolean
listen_again (SimSmsrHttps *self, GError **error)
{
  return self->fault.kind == SIM_SMSR_FAULT_REFUSE || start_listening (self, error);
}

gboolean
sim_smsr_https_move (SimSmsrHttps *self, GInetAddress *address, GError **error)
{
  g_autoptr (GInetAddress) former = self->address;

  stop_listening (self);
  self->address = g_object_ref (address);
  if (listen_again (self, error))
    {
      return TRUE;
    }
  g_set_object (&self->address, former);
  (void) listen_again (self, NULL); /* where it was a moment ago */
  return FALSE;
}

void
sim_smsr_https_forget (SimSmsrHttps *self, const SimSmsrPeer *peer)
{
  for (guint i = self->connections->len; i > 0; i--)
    {
      const Connection *connection = g_ptr_array_index (self->connections, i - 1);

      if (connection->peer == peer)
        g_ptr_array_remove_index_fast (self->connections, i - 1);
    }
}
