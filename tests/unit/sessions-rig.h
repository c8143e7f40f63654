/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake-modem.h"
#include "fake-store.h"
#include "helpers.h"
#include "session/admin-session.h"
#include "session/sessions.h"
#include "sm-sr.h"

/*
 * What tests of sessions share: the sessions of one eUICC in front of a modem that does what the test says and an SM-SR
 * that does, too, with a store, a key file and a configuration of their own. Link with fake-store.c, and with
 * --wrap=g_timeout_add: see sessions_rig_hurry().
 */

#define RIG_EID "89001012012341234012345678901224"
#define RIG_OTHER_EID "89033023001211360000000003671234"
#define RIG_ICCID "8988211000000000011"
#define RIG_URI "/gsma/adminagent"

/* The ISD-R, which scripts are for that name no target; and an ISD-P, as the SM-SR names it */
#define RIG_ISD_R "A0000005591010FFFFFFFF8900000100"
#define RIG_ISD_P "A0000005591010FFFFFFFF8900001200"
#define RIG_ISD_P_FIELD "//aid/A000000559/1010FFFFFFFF8900001200"

typedef struct
{
  char *directory;
  char *keys_directory;
  SmSr *sm_sr;
  FakeModem *modem;
  EaCard *card;
  EaModemManager *modem_manager;
  EaBearers *bearers;
  EaAddressPolicy *policy;
  EaConfig *config;
  EaResolver *resolver;
  EaKeyRing *keys;
  EaActivity *activity;
  EaLogContext log;
  EaStore *store;
  EaSessions *sessions;
  GPtrArray *added; /* of EaSession, since the process has begun */
  GString *states;  /* of the last of them, in words */
  guint n_idle;
} SessionsRig;

/* cmocka fixtures: the card is ready, and no session is there */
int sessions_rig_setup (void **state);
int sessions_rig_teardown (void **state);

#define SESSIONS_TEST(function)                                                                    \
  cmocka_unit_test_setup_teardown (function, sessions_rig_setup, sessions_rig_teardown)

/* Timeouts from @from_ms to @to_ms are over at once from now on; others take their time. */
void sessions_rig_hurry (guint from_ms, guint to_ms);

/* %EA_ADMIN_SESSION_STALL_LIMIT_S are over, since the exchange with the SM-SR has begun or this was called. */
void sessions_rig_let_stall (void);

/* The process ends; the store stays. Another begins, with a modem of its own. */
void sessions_rig_end (SessionsRig *rig);
void sessions_rig_begin (SessionsRig *rig, const char *eid);

/* The modem is there, and gone. */
void sessions_rig_attach (SessionsRig *rig);
void sessions_rig_detach (SessionsRig *rig);

/* The configuration is this from now on, behind what says where the SM-SR is. */
void sessions_rig_configure (SessionsRig *rig, const char *more);

/* (transfer none): fails the test unless a session comes of it. */
EaSession *sessions_rig_open (SessionsRig *rig);

/* The same, and its first POST has come. */
EaSession *sessions_rig_open_to_post (SessionsRig *rig);

/* What the modem answers, divided by "|": bytes in hexadecimal, or the number of an EaModemError with "!" before it */
void sessions_rig_answer (SessionsRig *rig, const char *answers);

/* The modem is asked for these things next, one a line. */
void sessions_rig_expect (SessionsRig *rig, const char *lines);

/* The modem is asked for nothing more, as far as the main loop has something to do now. */
void sessions_rig_expect_nothing (SessionsRig *rig);

/* Waits until @session is closed; fails the test unless that is its result, and its last error has that name. */
void sessions_rig_expect_end (SessionsRig *rig, EaSession *session, EaSessionResult result,
                              const char *error);

/* (transfer full): name of the session's last error, without its prefix; "": none */
char *sessions_rig_get_error (EaSession *session);

/* Records in the store whose names begin with "session-" */
guint sessions_rig_count_records (SessionsRig *rig);
