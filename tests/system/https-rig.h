/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rig.h"

/*
 * What tests of HTTPS sessions share: keys, a configuration that says where the simulated SM-SR is, profiles to download,
 * and what the bus tells of sessions.
 */

/* Of the simulator: key set 01 for secured packets, and the eUICC's pre-shared key */
#define HTTPS_KEYS                                                                                 \
  "[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"     \
  "[* scp81 40]\nKeyIdentifier=01\nPsk=404142434445464748494A4B4C4D4E4F\n"

#define HTTPS_ISD_R "A0000005591010FFFFFFFF8900000100"

/* Simulator and agent, ready, with the SM-SR in the configuration; @more (nullable): lines after those of [sm-sr] */
void https_start (Rig *rig, const char *more);

/* The agent alone, again, with the same files */
void https_start_agent (Rig *rig);

/* (transfer full): a profile of @size bytes in a file, that is not the same for another @seed; its hash with @sha256 */
char *https_write_profile (Rig *rig, gsize size, guint seed, char **sha256);

/* A number of the simulator's state, by its key; the first that there is */
gint64 https_get_number (Rig *rig, const char *key);

/* What the bus has told of all sessions since then: "Session/0 state=resolving" and the like, in order. */
typedef struct _HttpsNews HttpsNews;

HttpsNews *https_news_new (Rig *rig);
void https_news_free (HttpsNews *news);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpsNews, https_news_free)

/* (transfer none): the states of Session/@number so far, separated by blanks */
const char *https_news_get_states (HttpsNews *news, guint number);

/* Waits until Session/@number is closed; fails the test unless its result is @result. */
void https_news_await_result (HttpsNews *news, guint number, const char *result);

/* (transfer full): the error's name without its prefix, of Session/@number now; "" when there is none */
char *https_get_error (Rig *rig, guint number);
