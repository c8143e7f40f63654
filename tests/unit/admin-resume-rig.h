/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "admin-server.h"
#include "core/admin.h"

/*
 * A whole administration session between the machine (agent/core/admin.h), a server and a card, in steps: a byte goes to
 * the server, a piece comes from it, a command is started, given to the card, answered. At any of them the connection can
 * break, or the agent start anew with what was stored by then.
 */

typedef enum
{
  CUT_NONE,
  CUT_CONNECTION,
  CUT_AGENT,
} Cut;

/* One object of a script: its last C-APDU is answered by @answer in the response script. */
typedef struct
{
  guint n_commands;
  const char *answer;
} Object;

/* The answer to a whole script: what its format puts before and behind the objects. */
typedef enum
{
  FORMAT_INDEFINITE,
  FORMAT_DEFINITE,
  FORMAT_COMPACT,
} Format;

/* What a script asks of the card, each list ended by %NULL. */
typedef struct
{
  Format format;
  const char *const *commands;
  const char *const *responses;
  const Object *objects; /* ended by one without commands */
  guint n_stateless;     /* commands before the first that leaves state on the logical channel */
} Script;

/* What a session of two scripts is like. */
typedef struct
{
  const char *name;
  const AdminServerAnswer *answers;
  Script scripts[2];
  const char *posts[4]; /* that the server gets when nothing breaks: "URI STATUS BODY" */
  gboolean is_stateless;
} Session;

extern const Session sessions[];
extern const gsize n_sessions;

/* How it is held. */
typedef struct
{
  gsize piece; /* bytes that come at a time */
  EaHttpFraming framing;
  gboolean stores_answers; /* as soon as they are there; else when the machine wants it */
  gboolean is_late;        /* a command in flight is answered over the next connection only */
} Manner;

/* Bytes as they were stored last. */
typedef struct
{
  GBytes *head;
  GBytes *sent;
  GBytes *answers;
  guint32 revision;
} Stored;

typedef struct
{
  const Session *session;
  Manner manner;
  EaAdmin *admin;
  AdminServer server;
  Stored stored;
  gboolean is_connected;
  gboolean is_finished;
  GPtrArray *given[2];        /* of char *: what the card got */
  gboolean is_given;          /* a command is with the card */
  gboolean is_in_flight;      /* so it was stored */
  gboolean was_in_flight;     /* when the agent started anew */
  gboolean has_lost_state[2]; /* no more commands of that script may come */
  guint n_steps;
  guint cut_at; /* the step, from 1 */
  Cut cut;
  guint32 random; /* cuts at random steps when it is not 0 */
  guint mean;
  guint n_cuts; /* that are left of these */
} Rig;

void rig_init (Rig *rig, const Session *session, const Manner *manner);
void rig_clear (Rig *rig);

/* Holds the session to its end, with the cut at its step. Returns: FALSE when the session had fewer steps */
gboolean rig_run (Rig *rig, Cut cut, guint cut_at);

/* The same with @n_cuts cuts of both kinds, each at about one of @mean steps. */
void rig_run_at_random (Rig *rig, guint32 seed, guint mean, guint n_cuts);

/* Fails the test unless all was as in a session that nothing broke. */
void rig_assert_unbroken (Rig *rig);

/* Fails the test unless the card got no command twice and the server an answer to each, 6FF1 at most as the last. */
void rig_assert_answered_once (Rig *rig);
