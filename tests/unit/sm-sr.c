/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sm-sr.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-keys.h"
#include "helpers.h"
#include "wait.h"

#define CHUNK 4096
#define BACKLOG 4
#define PROTOCOL "X-Admin-Protocol: globalplatform-remote-admin/1.0"
#define TYPE "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0"

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
forget_connection (SmSr *self)
{
  clear_source (&self->source);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->tls, sim_tls_free);
  g_clear_pointer (&self->reader, sim_http_reader_free);
}

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  SmSr *self = user_data;

  g_free (self->identity);
  self->identity = g_strndup ((const char *) identity.data, identity.size);
  *key = sim_keys_psk;
  return TRUE;
}

static void
flush (SmSr *self)
{
  GBytes *records;

  while ((records = sim_tls_pull (self->tls, CHUNK)) != NULL)
    {
      (void) g_socket_send_with_blocking (self->socket, g_bytes_get_data (records, NULL),
                                          g_bytes_get_size (records), TRUE, NULL,
                                          NULL); /* reading tells of a connection that is gone */
      g_bytes_unref (records);
    }
}

static void
read_plain (SmSr *self)
{
  GBytes *plain;

  while ((plain = sim_tls_read (self->tls, NULL)) != NULL)
    {
      assert_true (sim_http_reader_feed (self->reader, ea_span_from_bytes (plain), NULL));
      g_bytes_unref (plain);
    }
}

/* Whoever has said that there is nothing more hears the same. */
static void
close_when_closed (SmSr *self)
{
  if (!sim_tls_has_peer_closed (self->tls))
    return;
  self->has_ended = TRUE;
  sim_tls_close (self->tls);
  flush (self);
  (void) g_socket_shutdown (self->socket, FALSE, TRUE, NULL); /* it may be gone already */
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  SmSr *self = user_data;
  char buffer[CHUNK];
  gssize size = g_socket_receive_with_blocking (socket, buffer, sizeof buffer, FALSE, NULL, NULL);

  if (size <= 0)
    {
      self->has_ended = TRUE;
      g_clear_pointer (&self->source, g_source_unref);
      return G_SOURCE_REMOVE;
    }
  sim_tls_receive (self->tls, ea_span_init (buffer, (gsize) size));
  read_plain (self);
  flush (self);
  close_when_closed (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  SmSr *self = user_data;

  forget_connection (self);
  self->socket = g_socket_accept (listener, NULL, NULL);
  self->tls = sim_tls_new_server (find_key, self);
  self->reader = sim_http_reader_new (TRUE);
  self->has_ended = FALSE;
  self->n_connections++;
  if (self->socket == NULL || self->is_mute)
    return G_SOURCE_CONTINUE;
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return G_SOURCE_CONTINUE;
}

SmSr *
sm_sr_new (void)
{
  SmSr *self = g_new0 (SmSr, 1);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) local = NULL;

  self->listener
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_socket_set_listen_backlog (self->listener, BACKLOG);
  assert_true (g_socket_bind (self->listener, any, TRUE, NULL));
  assert_true (g_socket_listen (self->listener, NULL));
  local = g_socket_get_local_address (self->listener, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->accept_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->accept_source, NULL);
  return self;
}

void
sm_sr_free (SmSr *self)
{
  forget_connection (self);
  clear_source (&self->accept_source);
  g_object_unref (self->listener);
  g_free (self->identity);
  g_free (self);
}

/* (transfer full) */
static SimHttpMessage *
await_message (SmSr *self)
{
  SimHttpMessage *message = NULL;

  WAIT_FOR (self->reader != NULL && (message = sim_http_reader_pull (self->reader)) != NULL);
  return message;
}

void
sm_sr_await_post_with (SmSr *self, const char *target, const char *body, const char *name,
                       const char *value)
{
  g_autoptr (SimHttpMessage) message = await_message (self);
  const char *found = name != NULL ? sim_http_message_get_field (message, name) : NULL;

  assert_string_equal (message->method, "POST");
  assert_string_equal (message->target, target);
  assert_bytes_are (message->body, body);
  if (g_strcmp0 (found, value) != 0)
    fail_msg ("%s is '%s', not '%s'", name, found, value);
}

void
sm_sr_await_post (SmSr *self, const char *target, const char *body)
{
  sm_sr_await_post_with (self, target, body, NULL, NULL);
}

gboolean
sm_sr_is_unasked (SmSr *self)
{
  g_autoptr (SimHttpMessage) message = NULL;

  run_ready ();
  message = self->reader != NULL ? sim_http_reader_pull (self->reader) : NULL;
  return message == NULL;
}

static void
send (SmSr *self, GBytes *plain)
{
  assert_true (sim_tls_send (self->tls, ea_span_from_bytes (plain), NULL));
  flush (self);
}

void
sm_sr_send_script (SmSr *self, const char *next_uri, const char *application, const char *script)
{
  g_autofree char *next = g_strconcat ("X-Admin-Next-URI: ", next_uri, NULL);
  g_autofree char *target = application != NULL
                                ? g_strconcat ("X-Admin-Targeted-Application: ", application, NULL)
                                : NULL;
  const char *const fields[] = { PROTOCOL, TYPE, next, target, NULL };
  g_autoptr (GBytes) body = bytes_of (script);
  g_autoptr (GBytes) response = sim_http_build_response (200, fields, body, TRUE);

  send (self, response);
}

static void
send_text (SmSr *self, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  send (self, bytes);
}

void
sm_sr_begin_script (SmSr *self, const char *next_uri)
{
  g_autofree char *head = g_strconcat ("HTTP/1.1 200 OK\r\n" PROTOCOL "\r\n" TYPE
                                       "\r\nTransfer-Encoding: chunked\r\nX-Admin-Next-URI: ",
                                       next_uri, "\r\n\r\n", NULL);

  send_text (self, head);
}

void
sm_sr_send_piece (SmSr *self, const char *piece)
{
  g_autoptr (GBytes) bytes = bytes_of (piece);
  g_autofree char *length = g_strdup_printf ("%zx\r\n", g_bytes_get_size (bytes));

  send_text (self, length);
  send (self, bytes);
  send_text (self, "\r\n");
}

void
sm_sr_end_script (SmSr *self)
{
  send_text (self, "0\r\n\r\n");
}

void
sm_sr_end_session (SmSr *self)
{
  static const char *const fields[] = { PROTOCOL, NULL };
  g_autoptr (GBytes) response = sim_http_build_response (204, fields, NULL, FALSE);

  send (self, response);
}

void
sm_sr_break (SmSr *self)
{
  forget_connection (self);
}

void
sm_sr_await_connection (SmSr *self)
{
  WAIT_FOR (self->tls != NULL && sim_tls_is_open (self->tls));
}

void
sm_sr_await_end (SmSr *self)
{
  WAIT_FOR (self->has_ended);
}
