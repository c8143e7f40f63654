/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "smsr-server.h"
#include "test-admin-client.h"
#include "test-smsr.h"

/* The SM-SRs of two eUICCs behind one HTTPS server, and what a client of it does in a test. */

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89001012012341234012345678901321"
#define ADMIN_URI "/gsma/adminagent"
#define OK_RESPONSE                                                                                \
  "af8023029000"                                                                                   \
  "0000"

typedef struct
{
  SimSmsrServer *server;
  SimSmsr *smsr;
  SimSmsr *other;
  guint n_changes;
} TestSmsrHost;

/* cmocka fixtures */
int test_smsr_host_set_up (void **state);
int test_smsr_host_tear_down (void **state);

void test_smsr_host_set_fault (TestSmsrHost *host, SimSmsrFaultKind kind, gsize after);

/* (transfer full): its handshake is done. */
TestAdminClient *test_smsr_host_connect (TestSmsrHost *host, const char *eid);

/* (transfer full): the target of the next POST; checks the script of @response, which it takes */
char *test_smsr_host_assert_script (SimHttpMessage *response, const char *script);

/* Takes @response, which is 204 and says no target. */
void test_smsr_host_assert_end (SimHttpMessage *response);

/* One connection whose only script is answered with 9000 */
void test_smsr_host_run_session (TestSmsrHost *host, const char *target, const char *script);

/* Ends the connection as a lost link does, without a word of TLS; frees @client. */
void test_smsr_host_break_off (TestSmsrHost *host, TestAdminClient *client);

/* (transfer full): the answer to a POST with X-Admin-Resume; @script: NULL: none */
SimHttpMessage *test_smsr_host_resume (TestAdminClient *client, const char *target,
                                       const char *script);
