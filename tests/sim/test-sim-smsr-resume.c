/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions of an agent that break and are resumed, and what it downloads in them. */
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test-isdp.h"
#include "test-smsr-host.h"

#define FALLBACK_SCRIPT "AE80221A80E28800153A05124F10A0000005591010FFFFFFFF89000011000000"
#define PROFILE_SIZE 20000

/* What an agent does with a profile: it knows what it has run, and goes on with that over the next connection. */
typedef struct
{
  TestSmsrHost *host;
  TestIsdp *isdp;
  char *target;
  GBytes *body; /* NULL: the first POST has none */
  gboolean has_posted;
  gboolean is_over;
  guint n_broken;
} Fetch;

static SimHttpMessage *
fetch_post (Fetch *fetch, TestAdminClient *client, gboolean is_resumed)
{
  const char *const fields[] = {
    "X-Admin-Protocol: globalplatform-remote-admin/1.0",
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0",
    is_resumed ? "X-Admin-Resume: true" : "X-Nothing: here",
    fetch->body == NULL ? NULL : "X-Admin-Script-Status: ok",
    NULL,
  };

  fetch->has_posted = TRUE;
  return test_admin_client_send (client, fetch->target, fields, fetch->body);
}

static void
fetch_run (Fetch *fetch, const SimHttpMessage *response)
{
  gboolean is_isdr = sim_http_message_get_field (response, "x-admin-targeted-application") == NULL;

  g_clear_pointer (&fetch->body, g_bytes_unref);
  fetch->body = is_isdr ? ea_bytes_from_hex ("af8023030090000000", NULL)
                        : test_isdp_run (fetch->isdp, ea_span_from_bytes (response->body));
  g_free (fetch->target);
  fetch->target = g_strdup (sim_http_message_get_field (response, "x-admin-next-uri"));
}

static void
fetch_over_connection (Fetch *fetch)
{
  g_autoptr (TestAdminClient) client
      = test_admin_client_new (sim_smsr_server_get_address (fetch->host->server), EID);
  gboolean is_resumed = fetch->has_posted;

  if (!test_admin_client_open (client))
    return;
  while (!fetch->is_over)
    {
      g_autoptr (SimHttpMessage) response = fetch_post (fetch, client, is_resumed);

      if (response == NULL)
        return;
      is_resumed = FALSE;
      fetch->is_over = response->status == 204;
      if (!fetch->is_over)
        fetch_run (fetch, response);
    }
  test_admin_client_close (client);
}

static void
test_a_profile_is_downloaded_in_scripts_as_large_as_ordered (void **state)
{
  static const struct
  {
    const char *options;
    guint n_scripts;
  } sizes[] = { { "", 5 }, { " --segments 1", 23 }, { " --segments 20", 4 } };
  TestSmsrHost *host = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *words
          = g_strconcat ("download-profile ", path, " --via https", sizes[i].options, NULL);
      g_autofree char *expected
          = g_strdup_printf ("ok scripts=%u aid=A0000005591010FFFFFFFF890000%u00 bytes=20000 "
                             "sha256=%s transport=https connections=1 resumed=0",
                             sizes[i].n_scripts, 13 + i, hash);
      g_autoptr (TestIsdp) isdp = test_isdp_new ();
      Fetch fetch = { .host = host, .isdp = isdp, .target = g_strdup (ADMIN_URI) };

      test_smsr_start (host->smsr, words);
      fetch_over_connection (&fetch);
      test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
      test_smsr_assert_reply (host->smsr, expected);
      g_free (fetch.target);
      g_clear_pointer (&fetch.body, g_bytes_unref);
    }
  assert_int_equal (g_remove (path), 0);
}

static void
test_a_download_survives_20_kills_at_random_octets (void **state)
{
  TestSmsrHost *host = *state;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *path = test_isdp_make_file (PROFILE_SIZE, &content);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  g_autofree char *words = g_strconcat ("download-profile ", path, " --via https", NULL);
  g_autofree char *expected = g_strdup_printf (" bytes=20000 sha256=%s transport=https ", hash);

  for (guint seed = 1; seed <= 10; seed++)
    {
      const SimSmsrFault fault
          = { .kind = SIM_SMSR_FAULT_RANDOM, .count = 20, .seed = seed, .after = 10000 };
      g_autoptr (TestIsdp) isdp = test_isdp_new ();
      g_autofree char *reply = NULL;
      Fetch fetch = { .host = host, .isdp = isdp, .target = g_strdup (ADMIN_URI) };

      test_smsr_start (host->smsr, words);
      assert_true (sim_smsr_server_set_fault (host->server, &fault, NULL));
      for (; !fetch.is_over; fetch.n_broken++)
        fetch_over_connection (&fetch);
      reply = sim_smsr_pull_reply (host->smsr);
      if (reply == NULL)
        {
          sim_smsr_give_up (host->smsr);
          reply = sim_smsr_pull_reply (host->smsr);
        }
      test_isdp_assert_profile (isdp, ea_span_from_bytes (content));
      assert_true (fetch.n_broken > 1);
      if (!g_str_has_prefix (reply, "ok scripts=") || strstr (reply, expected) == NULL)
        fail_msg ("seed %u: %s", seed, reply);
      g_free (fetch.target);
      g_clear_pointer (&fetch.body, g_bytes_unref);
    }
  assert_int_equal (g_remove (path), 0);
}

/* The connection breaks when everything was said: nobody has to come again. */
static void
test_an_end_that_nobody_asks_for_again_has_come (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  sim_smsr_set_fault (host->smsr, TRUE);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       FALLBACK_SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_smsr_host_break_off (host, client);
  assert_int_equal (sim_smsr_get_wait (host->smsr), 20);

  test_smsr_assert_gives_up (host->smsr,
                             "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                             "transport=https connections=1 resumed=0 failed=1");
}

static SimHttpMessage *
resume_with_status (TestAdminClient *client, const char *target, const char *status)
{
  g_autofree char *field = g_strconcat ("X-Admin-Script-Status: ", status, NULL);
  const char *const fields[] = {
    "X-Admin-From: //se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100",
    "X-Admin-Resume: true",
    field,
    NULL,
  };

  return test_admin_client_send (client, target, fields, NULL);
}

/* The answers to a whole script go to the target that came with it, whether they were on their way before
 * the connection broke, or had come and only the response was lost. */
static void
test_answers_are_resumed_at_the_next_target (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  sim_smsr_set_fault (host->smsr, TRUE);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       FALLBACK_SCRIPT);
  test_smsr_host_break_off (host, client);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_smsr_host_break_off (host, client);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (test_smsr_host_resume (client, next, OK_RESPONSE));
  test_admin_client_close (client);
  test_admin_client_free (client);

  test_smsr_assert_reply (host->smsr,
                          "ok scripts=1 executed=1 sw=9000 aid=A0000005591010FFFFFFFF8900001100 "
                          "transport=https connections=3 resumed=2 failed=2");
}

/* So does what a script that was not executed has for an answer. */
static void
test_a_status_is_resumed_at_the_next_target (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autofree char *next = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  sim_smsr_set_fault (host->smsr, TRUE);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       FALLBACK_SCRIPT);
  test_smsr_host_break_off (host, client);
  client = test_smsr_host_connect (host, EID);
  test_smsr_host_assert_end (resume_with_status (client, next, "security-error"));
  test_admin_client_close (client);
  test_admin_client_free (client);

  test_smsr_assert_reply (host->smsr, "error X-Admin-Script-Status is 'security-error'");
}

/* Whoever runs a script twice has other answers. */
static void
test_a_post_is_repeated_as_it_was (void **state)
{
  TestSmsrHost *host = *state;
  TestAdminClient *client;
  g_autoptr (SimHttpMessage) refusal = NULL;
  g_autofree char *next = NULL;
  g_autofree char *expected = NULL;

  test_smsr_start (host->smsr, "set-fallback 1100 --via https");
  sim_smsr_set_fault (host->smsr, TRUE);
  client = test_smsr_host_connect (host, EID);
  next = test_smsr_host_assert_script (test_admin_client_post (client, EID, ADMIN_URI, NULL),
                                       FALLBACK_SCRIPT);
  test_smsr_host_assert_end (test_admin_client_post (client, EID, next, OK_RESPONSE));
  test_smsr_host_break_off (host, client);
  client = test_smsr_host_connect (host, EID);
  refusal = test_smsr_host_resume (client, next, "af80230269850000");
  assert_int_equal (refusal->status, 400);
  test_admin_client_wait_end (client);
  test_admin_client_free (client);

  expected = g_strdup_printf ("error The POST to '%s' is repeated with another body", next);
  test_smsr_assert_reply (host->smsr, expected);
}

#define host_test(name)                                                                            \
  cmocka_unit_test_setup_teardown (name, test_smsr_host_set_up, test_smsr_host_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    host_test (test_a_profile_is_downloaded_in_scripts_as_large_as_ordered),
    host_test (test_a_download_survives_20_kills_at_random_octets),
    host_test (test_an_end_that_nobody_asks_for_again_has_come),
    host_test (test_answers_are_resumed_at_the_next_target),
    host_test (test_a_status_is_resumed_at_the_next_target),
    host_test (test_a_post_is_repeated_as_it_was),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
