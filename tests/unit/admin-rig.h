/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/admin.h"

/* What tests of administration sessions share: the session of one eUICC, and bytes as a server writes them. */

#define RIG_HOST "192.0.2.1"
#define RIG_URI "/gsma/adminagent"
#define RIG_FROM                                                                                   \
  "//se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"
#define RIG_ISD_R "A0000005591010FFFFFFFF8900000100"
#define RIG_ISD_P "A0000005591010FFFFFFFF8900001200"

/* What every POST has, from its Host to its X-Admin-From. */
#define RIG_FIELDS                                                                                 \
  "Host: " RIG_HOST "\r\n"                                                                         \
  "X-Admin-Protocol: globalplatform-remote-admin/1.0\r\n"                                          \
  "X-Admin-From: " RIG_FROM "\r\n"

/* A POST that answers a script, up to X-Admin-Resume. */
#define RIG_ANSWER(uri)                                                                            \
  "POST " uri " HTTP/1.1\r\n" RIG_FIELDS                                                           \
  "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0\r\n"         \
  "X-Admin-Script-Status: ok\r\n"

/* GET DATA, which leaves nothing behind on its channel, of two objects */
#define RIG_GET_1 "80CA008501"
#define RIG_GET_2 "80CA008502"

/* The options of SGP.02: protocol 1.0, chunks, the ISD-R. */
EaAdminOptions rig_get_options (void);

/* (transfer full): the text @head, and the body of @hex in one chunk or, where it is empty, none. */
GBytes *rig_make_chunked (const char *head, const char *hex);

/* (transfer full): the text @head and the bytes of @hex. */
GBytes *rig_make_message (const char *head, const char *hex);

void rig_receive (EaAdmin *admin, const char *head, const char *hex);
void rig_receive_chunked (EaAdmin *admin, const char *head, const char *hex);

/* (transfer full): all that can be sent now. */
GBytes *rig_pull_all (EaAdmin *admin);

/* Fails the test unless what can be sent now is the text @head and the bytes of @hex. */
void rig_assert_sent (EaAdmin *admin, const char *head, const char *hex);
void rig_assert_nothing_sent (EaAdmin *admin);

/* Fails the test unless the command @hex waits; answers it with @response. */
void rig_answer (EaAdmin *admin, const char *hex, const char *response);

/* Fails the test unless the next event is of @type; what it says is forgotten. */
void rig_assert_event (EaAdmin *admin, EaAdminEventType type);
void rig_assert_no_event (EaAdmin *admin);

/* Fails the test unless the next event says that the connection is broken by @code. */
void rig_assert_broken (EaAdmin *admin, EaAdminError code);

/* (transfer full): a session with the first POST gone out over its first connection. */
EaAdmin *rig_start (const EaAdminOptions *options);

/* (transfer full): one whose connection broke behind RIG_GET_1 and RIG_GET_2, the first two commands of a script of
 * indefinite length, which were answered by AA9000 and 9000; then it goes on at /next. */
EaAdmin *rig_break_behind_two (const EaAdminOptions *options);
