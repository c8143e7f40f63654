/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim-keys.h"
#include "test-support.h"

/* SGP.02 §2.4.4.1 for the EID and key of the first card */
#define IDENTITY                                                                                   \
  "8001028110890010120123412340123456789012244F10A0000005591010FFFFFFFF8900000100820101830140"

static gboolean
find_key (EaSpan identity, EaSpan *key, gpointer user_data)
{
  if (!ea_span_equal (identity, ea_span_init (IDENTITY, strlen (IDENTITY))))
    return FALSE;
  *key = sim_keys_psk;
  return TRUE;
}

void
test_server_init (TestServer *server, SimCard *card)
{
  *server = (TestServer){ 0 };
  test_terminal_init (&server->terminal, card);
}

static void
disconnect (TestServer *server)
{
  g_clear_pointer (&server->tls, sim_tls_free);
  g_clear_pointer (&server->reader, sim_http_reader_free);
  g_clear_pointer (&server->request, sim_http_message_free);
}

void
test_server_clear (TestServer *server)
{
  disconnect (server);
  test_terminal_clear (&server->terminal);
}

static void
accept_connection (TestServer *server)
{
  disconnect (server);
  server->n_connections = server->terminal.n_opened;
  server->tls = sim_tls_new_server (find_key, NULL);
  server->reader = sim_http_reader_new (TRUE);
}

static void
read_requests (TestServer *server)
{
  SimHttpMessage *request;
  GBytes *plain;

  while ((plain = sim_tls_read (server->tls, NULL)) != NULL)
    {
      assert_true (sim_http_reader_feed (server->reader, ea_span_from_bytes (plain), NULL));
      g_bytes_unref (plain);
    }
  if (sim_tls_get_error (server->tls) != NULL)
    fail_msg ("%s", sim_tls_get_error (server->tls)->message);
  while ((request = sim_http_reader_pull (server->reader)) != NULL)
    {
      g_clear_pointer (&server->request, sim_http_message_free);
      server->request = request;
    }
}

/* FALSE: nothing has moved. */
static gboolean
exchange (TestServer *server)
{
  gboolean has_moved = FALSE;
  GBytes *bytes;

  test_terminal_run (&server->terminal);
  while ((bytes = test_terminal_pull (&server->terminal)) != NULL)
    {
      has_moved = TRUE;
      if (server->n_connections != server->terminal.n_opened)
        accept_connection (server);
      sim_tls_receive (server->tls, ea_span_from_bytes (bytes));
      read_requests (server);
      g_bytes_unref (bytes);
    }
  while (server->tls != NULL && (bytes = sim_tls_pull (server->tls, G_MAXSIZE)) != NULL)
    {
      has_moved = TRUE;
      test_terminal_push (&server->terminal, ea_span_from_bytes (bytes));
      g_bytes_unref (bytes);
    }
  return has_moved;
}

void
test_server_run (TestServer *server)
{
  while (exchange (server))
    ;
}

void
test_server_respond (TestServer *server, GBytes *response)
{
  assert_non_null (server->tls);
  assert_true (sim_tls_send (server->tls, ea_span_from_bytes (response), NULL));
  g_bytes_unref (response);
  test_server_run (server);
}

void
test_server_send_script (TestServer *server, const char *script, const char *next_uri,
                         const char *application)
{
  g_autoptr (GBytes) body = from_hex (script);
  g_autofree char *next = g_strconcat ("X-Admin-Next-URI: ", next_uri, NULL);
  g_autofree char *target = g_strconcat ("X-Admin-Targeted-Application: ", application, NULL);
  const char *fields[4]
      = { "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0" };
  gsize n = 1;

  if (next_uri != NULL)
    fields[n++] = next;
  if (application != NULL)
    fields[n++] = target;
  test_server_respond (server, sim_http_build_response (200, fields, body, TRUE));
}

void
test_server_send_nothing (TestServer *server, const char *next_uri)
{
  g_autofree char *next = g_strconcat ("X-Admin-Next-URI: ", next_uri, NULL);
  const char *fields[] = { next_uri == NULL ? NULL : next, NULL };

  test_server_respond (server, sim_http_build_response (204, fields, NULL, FALSE));
}

void
test_server_assert_request (TestServer *server, const char *target, const char *body)
{
  assert_non_null (server->request);
  assert_string_equal (server->request->method, "POST");
  assert_string_equal (server->request->target, target);
  assert_bytes (server->request->body, body);
}

void
test_server_assert_field (TestServer *server, const char *name, const char *value)
{
  const char *found;

  assert_non_null (server->request);
  found = sim_http_message_get_field (server->request, name);
  if (value == NULL)
    assert_null (found);
  else
    assert_string_equal (found, value);
}
