/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-smsr-host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
on_changed (gpointer user_data)
{
  TestSmsrHost *host = user_data;

  host->n_changes++;
}

int
test_smsr_host_set_up (void **state)
{
  TestSmsrHost *host = g_new0 (TestSmsrHost, 1);

  host->server = sim_smsr_server_new ("127.0.0.1", NULL);
  assert_non_null (host->server);
  host->smsr = sim_smsr_new (EID);
  host->other = sim_smsr_new (OTHER_EID);
  sim_smsr_server_add (host->server, EID, host->smsr, on_changed, host);
  sim_smsr_server_add (host->server, OTHER_EID, host->other, on_changed, host);
  *state = host;
  return 0;
}

int
test_smsr_host_tear_down (void **state)
{
  TestSmsrHost *host = *state;

  sim_smsr_server_remove (host->server, host->smsr);
  sim_smsr_server_remove (host->server, host->other);
  sim_smsr_free (host->smsr);
  sim_smsr_free (host->other);
  sim_smsr_server_free (host->server);
  g_free (host);
  return 0;
}

TestAdminClient *
test_smsr_host_connect (TestSmsrHost *host, const char *eid)
{
  TestAdminClient *client = test_admin_client_new (sim_smsr_server_get_address (host->server), eid);

  assert_true (test_admin_client_open (client));
  return client;
}

char *
test_smsr_host_assert_script (SimHttpMessage *response, const char *script)
{
  g_autofree char *hex = NULL;
  char *next;

  assert_non_null (response);
  assert_int_equal (response->status, 200);
  assert_string_equal (sim_http_message_get_field (response, "content-type"),
                       "application/vnd.globalplatform.card-content-mgt;version=1.0");
  assert_string_equal (sim_http_message_get_field (response, "x-admin-protocol"),
                       "globalplatform-remote-admin/1.0");
  hex = ea_span_to_hex (ea_span_from_bytes (response->body));
  assert_string_equal (hex, script);
  next = g_strdup (sim_http_message_get_field (response, "x-admin-next-uri"));
  assert_non_null (next);
  sim_http_message_free (response);
  return next;
}

void
test_smsr_host_assert_end (SimHttpMessage *response)
{
  assert_non_null (response);
  assert_int_equal (response->status, 204);
  assert_null (sim_http_message_get_field (response, "x-admin-next-uri"));
  sim_http_message_free (response);
}

void
test_smsr_host_run_session (TestSmsrHost *host, const char *target, const char *script)
{
  g_autoptr (TestAdminClient) client = test_smsr_host_connect (host, EID);
  g_autofree char *next
      = test_smsr_host_assert_script (test_admin_client_post (client, EID, target, NULL), script);

  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_admin_client_close (client);
}

void
test_smsr_host_break_off (TestSmsrHost *host, TestAdminClient *client)
{
  guint n_changes = host->n_changes;

  test_admin_client_free (client);
  while (host->n_changes == n_changes)
    g_main_context_iteration (NULL, TRUE);
}

SimHttpMessage *
test_smsr_host_resume (TestAdminClient *client, const char *target, const char *script)
{
  static const char *const fields[] = {
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    "X-Admin-Resume: true",
    "X-Admin-Script-Status: ok",
    "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0",
    NULL,
  };
  g_autoptr (GBytes) body = script == NULL ? NULL : ea_bytes_from_hex (script, NULL);

  return test_admin_client_send (client, target, fields, body);
}

void
test_smsr_host_set_fault (TestSmsrHost *host, SimSmsrFaultKind kind, gsize after)
{
  const SimSmsrFault fault = { .kind = kind, .after = after };

  assert_true (sim_smsr_server_set_fault (host->server, &fault, NULL));
}
