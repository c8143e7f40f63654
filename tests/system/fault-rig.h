/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "https-rig.h"

/*
 * What tests of faults share: operations that meet a fault of the SM-SR or of the card. Each session ends with the error's
 * own name, a line in the journal, and nothing left open; the next one goes well, with the same agent.
 */

#define FAULT_ADDRESS "127.0.0.1"
#define FAULT_NAME "smsr.example"

/**
 * FaultSetup:
 * @via: of operations and sessions
 * @session: lines for [session]
 * @host: the SM-SR, by name or address
 * @options: of each operation
 */
typedef struct
{
  const char *via;
  const char *session;
  const char *host;
  const char *options;
} FaultSetup;

/**
 * FaultRow:
 * @fault: of the SM-SR or of the card, as a control command
 * @error: @result: of the session that meets it
 * @line: why, in the journal
 * @reply: (nullable): what the SM-SR makes of the agent's answer; %NULL: it got none, and the next session brings it
 */
typedef struct
{
  const char *fault;
  const char *error;
  const char *result;
  const char *line;
  const char *reply;
} FaultRow;

typedef struct
{
  Rig *rig;
  const FaultSetup *setup;
  HttpsNews *news;
  guint n_sessions; /* so far */
  guint n_files;    /* of the agent without a session */
} FaultRig;

/* Simulator and agent; one session was well. */
void fault_rig_start (FaultRig *self, Rig *rig, const FaultSetup *setup);
void fault_rig_end (FaultRig *self);

/* @words: what the name server is to do, or to say, of %FAULT_NAME, which nobody keeps */
void fault_rig_tell_name (FaultRig *self, const char *words);

/* Fails the test unless the simulator says "ok". */
void fault_rig_order (FaultRig *self, const char *command);

/* The SM-SR has a script of three commands from now on, and @options more. */
void fault_rig_begin_operation (FaultRig *self, const char *options);

/* Waits for its reply, which has to say that all three commands have run. */
void fault_rig_expect_good_reply (FaultRig *self, const char *when);

void fault_rig_open_session (FaultRig *self);

/* Of the session that was opened last: as @row says; the journal has the line behind its first @log_size characters. */
void fault_rig_expect_end (FaultRig *self, const FaultRow *row, gsize log_size);

/* Neither SM-SR nor card has a fault any more. */
void fault_rig_end_fault (FaultRig *self);

/* The next session has no error. */
void fault_rig_have_clean_session (FaultRig *self, const char *when);

/* A session by the bus meets each fault, and the next one does not. */
void fault_rig_meet (Rig *rig, const FaultSetup *setup, const FaultRow *rows, gsize n_rows);

/* A session by a trigger or a push meets each fault, which is over before the retries are. */
void fault_rig_recover (Rig *rig, const FaultSetup *setup, const FaultRow *rows, gsize n_rows);
