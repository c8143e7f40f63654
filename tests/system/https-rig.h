/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rig.h"

/*
 * What tests of sessions share: keys, a configuration that says where the simulated SM-SR is, profiles to download,
 * and what the bus tells of sessions.
 */

/* Of the simulator: key set 01 for secured packets, and the eUICC's pre-shared key */
#define HTTPS_KEYS                                                                                 \
  "[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n"     \
  "[* scp81 40]\nKeyIdentifier=01\nPsk=404142434445464748494A4B4C4D4E4F\n"

#define HTTPS_ISD_R "A0000005591010FFFFFFFF8900000100"

/* Simulator and agent, ready, with the SM-SR in the configuration; @more (nullable): lines after those of [sm-sr] */
void https_start (Rig *rig, const char *more);

/*
 * The same with lines of its own for [session] (nullable), and for the SM-SR under a name that the simulator's name server
 * is asked for, or an address.
 */
void https_start_with (Rig *rig, const char *session, const char *host);

/* The same with a key file of its own, and an option of the simulator (nullable) */
void https_start_with_keys (Rig *rig, const char *option, const char *keys, const char *session);

/* The agent alone, again, with the same files */
void https_start_agent (Rig *rig);

/* (transfer full): a profile of @size bytes in a file, that is not the same for another @seed; its hash with @sha256 */
char *https_write_profile (Rig *rig, gsize size, guint seed, char **sha256);

/* A number of the simulator's state, by its key; the first that there is */
gint64 https_get_number (Rig *rig, const char *key);

/* (transfer full): what the simulator's name server was asked since the last time, "NAME A\n" and the like */
char *https_take_queries (Rig *rig);

/* Wants a session over HTTPS, or another transport, by the bus. @options: a{sv} as text; returns its number */
guint https_open_session (Rig *rig, const char *options);
guint https_open_session_over (Rig *rig, const char *transport, const char *options);

/*
 * Adds the commands of "send-script --generate" that the ledger has since the last time to @numbers, a set of their
 * numbers; fails the test when there is one twice.
 */
void https_count_runs (Rig *rig, GHashTable *numbers);

/* A number from the environment, of @variable, or @otherwise */
guint https_get_setting (const char *variable, guint otherwise);

/* How often @part is in @text */
guint https_count (const char *text, const char *part);

/* How many files and sockets the agent has open now; and when that does not change for some time */
guint https_count_files (Rig *rig);
guint https_count_settled_files (Rig *rig);

/* Waits until the agent has @n_files of them, and the card no logical channel. */
void https_await_nothing_left (Rig *rig, guint n_files);

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

/* (transfer full): a property of Session/@number that is a string */
char *https_get_property (Rig *rig, guint number, const char *property);

/* A property of Session/@number that is a number */
guint64 https_get_count (Rig *rig, guint number, const char *property);
