/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-admin-client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-keys.h"

#define DEADLINE_MS 10000
#define RECORD_MAX 512
#define CHUNK 4096

static gboolean
on_deadline (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
read_plain (TestAdminClient *client)
{
  g_autoptr (GBytes) plain = NULL;

  while ((plain = sim_tls_read (client->tls, NULL)) != NULL)
    {
      if (client->raw != NULL)
        g_byte_array_append (client->raw, g_bytes_get_data (plain, NULL),
                             (guint) g_bytes_get_size (plain));
      else
        assert_true (sim_http_reader_feed (client->reader, ea_span_from_bytes (plain), NULL));
      g_clear_pointer (&plain, g_bytes_unref);
    }
}

void
test_admin_client_flush (TestAdminClient *client)
{
  g_autoptr (GBytes) records = NULL;

  while ((records = sim_tls_pull (client->tls, CHUNK)) != NULL)
    {
      (void) g_socket_send_with_blocking (client->socket, g_bytes_get_data (records, NULL),
                                          g_bytes_get_size (records), TRUE, NULL,
                                          NULL); /* reading tells of a connection that is gone */
      g_clear_pointer (&records, g_bytes_unref);
    }
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  TestAdminClient *client = user_data;
  char buffer[CHUNK];
  gssize size = g_socket_receive_with_blocking (socket, buffer, sizeof (buffer), FALSE, NULL, NULL);

  if (size <= 0)
    {
      client->has_ended = TRUE;
      sim_tls_receive_end (client->tls);
      read_plain (client);
      return G_SOURCE_REMOVE;
    }
  client->n_first = client->n_received == 0 ? (gsize) size : client->n_first;
  client->n_received += (gsize) size;
  sim_tls_receive (client->tls, ea_span_init (buffer, (gsize) size));
  read_plain (client);
  test_admin_client_flush (client);
  return G_SOURCE_CONTINUE;
}

TestAdminClient *
test_admin_client_new (const SimSmsrAddress *address, const char *eid)
{
  TestAdminClient *client = g_new0 (TestAdminClient, 1);
  g_autoptr (GSocketAddress) peer
      = g_inet_socket_address_new_from_string (address->host, address->https);
  g_autoptr (GBytes) identity = sim_smsr_build_psk_identity (eid);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (identity));

  client->socket = g_socket_new (g_socket_address_get_family (peer), G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL);
  client->tls = sim_tls_new_client (ea_span_init (hex, strlen (hex)), sim_keys_psk, RECORD_MAX);
  client->reader = sim_http_reader_new (FALSE);
  client->has_ended = !g_socket_connect (client->socket, peer, NULL, NULL);
  if (client->has_ended)
    return client;
  client->source = g_socket_create_source (client->socket, G_IO_IN, NULL);
  g_source_set_callback (client->source, G_SOURCE_FUNC (on_readable), client, NULL);
  g_source_attach (client->source, NULL);
  test_admin_client_flush (client);
  return client;
}

void
test_admin_client_free (TestAdminClient *client)
{
  if (client->source != NULL)
    g_source_destroy (client->source);
  g_clear_pointer (&client->source, g_source_unref);
  g_object_unref (client->socket);
  sim_tls_free (client->tls);
  sim_http_reader_free (client->reader);
  g_clear_pointer (&client->raw, g_byte_array_unref);
  g_free (client);
}

gboolean
test_admin_client_open (TestAdminClient *client)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, &is_over);

  while (!sim_tls_is_open (client->tls) && !client->has_ended && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_false (is_over);
  return sim_tls_is_open (client->tls);
}

void
test_admin_client_keep_raw (TestAdminClient *client)
{
  client->raw = g_byte_array_new ();
}

void
test_admin_client_wait_raw (TestAdminClient *client, gsize size)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, &is_over);

  while (client->raw->len < size && !client->has_ended && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_false (is_over);
}

void
test_admin_client_write (TestAdminClient *client, const char *target, const char *const *fields,
                         GBytes *body)
{
  g_autoptr (GBytes) request = sim_http_build_request ("POST", target, fields, body, body != NULL);

  assert_true (sim_tls_send (client->tls, ea_span_from_bytes (request), NULL));
  test_admin_client_flush (client);
}

SimHttpMessage *
test_admin_client_send (TestAdminClient *client, const char *target, const char *const *fields,
                        GBytes *body)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, &is_over);
  SimHttpMessage *response;

  test_admin_client_write (client, target, fields, body);
  while ((response = sim_http_reader_pull (client->reader)) == NULL && !client->has_ended
         && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_false (is_over);
  return response;
}

SimHttpMessage *
test_admin_client_post (TestAdminClient *client, const char *eid, const char *target,
                        const char *script)
{
  g_autoptr (GBytes) body = script == NULL ? NULL : ea_bytes_from_hex (script, NULL);
  g_autofree char *from = g_strdup_printf (
      "X-Admin-From: //se-id/eid/%s;//aa-id/aid/A000000559/1010FFFFFFFF8900000100", eid);
  const char *const fields[] = {
    "Host: 127.0.0.1",
    "X-Admin-Protocol: globalplatform-remote-admin/1.0",
    from,
    body == NULL ? NULL : "X-Admin-Script-Status: ok",
    "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0",
    NULL,
  };

  return test_admin_client_send (client, target, fields, body);
}

void
test_admin_client_wait_end (TestAdminClient *client)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, &is_over);

  while (!client->has_ended && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_false (is_over);
}

void
test_admin_client_close (TestAdminClient *client)
{
  sim_tls_close (client->tls);
  test_admin_client_flush (client);
  test_admin_client_wait_end (client);
}
