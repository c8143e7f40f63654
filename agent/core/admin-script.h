/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/digest.h"
#include "core/script-run.h"
#include "core/sgp02-carriage.h"

/*
 * The script of an administration session that is carried out, over as many connections as it takes. What it has
 * answered is one response script of indefinite length, whatever the format of the script; of what it was asked there
 * is a chain of digests only. Only core/admin includes this.
 */

#define EA_ADMIN_DIGEST_SIZE EA_DIGEST_SIZE

/**
 * EaAdminScript:
 * @is_open: it has begun to come, and what became of it is not in the next POST yet
 * @next_uri: (nullable): where its answers go
 * @target: (nullable): AID
 * @is_rfm: it came as what ETSI has for remote file management
 * @answers: a response script of indefinite length, as far as it goes
 * @n_started: objects whose first C-APDU was given to the card
 * @n_answered: objects that have an answer in @answers; one less while one is on its way
 * @digest: of those that were started: SHA-256 of the digest before and the object
 * @leaves_state: those have left state on the logical channel
 * @n_commands: C-APDUs that were answered in the session
 * @is_channel_lost: so that where state was left, the next object is interrupted
 * @run: @n_emitted: the script as it came over this connection, and bytes of @answers that came of it
 * @replay: @n_replayed: @replay_digest: what was answered before, of a script that comes again
 * @is_in_flight: a C-APDU is with the card
 * @is_announced: its first command over this connection was told
 */
typedef struct
{
  gboolean is_open;
  char *next_uri;
  GBytes *target;
  gboolean is_rfm;
  EaScriptFormat format;
  GByteArray *answers;
  guint n_started;
  guint n_answered;
  guint8 digest[EA_ADMIN_DIGEST_SIZE];
  gboolean leaves_state;
  guint n_commands;

  gboolean is_channel_lost;
  gboolean has_run;
  EaScriptRun run;
  gsize n_emitted;
  EaScriptCursor replay;
  guint n_replayed;
  guint8 replay_digest[EA_ADMIN_DIGEST_SIZE];
  gboolean has_carriage;
  EaSgp02Carriage carriage;
  gboolean is_in_flight;
  gboolean is_announced;
  gboolean has_ended;
  EaScriptRunEnd end;
  guint16 last_sw;
} EaAdminScript;

void ea_admin_script_init (EaAdminScript *self);
void ea_admin_script_clear (EaAdminScript *self);

/* A new script comes. */
void ea_admin_script_open (EaAdminScript *self);

/* The script that is open comes from its beginning, for the first time or again; @target: the server's. */
void ea_admin_script_read (EaAdminScript *self, EaSpan target);
void ea_admin_script_feed (EaAdminScript *self, EaSpan bytes);
void ea_admin_script_end (EaAdminScript *self);

/* No more of it comes over this connection, and all that came was carried out. */
void ea_admin_script_suspend (EaAdminScript *self);

/* What was answered is all that is carried out: it ends interrupted. */
void ea_admin_script_abandon (EaAdminScript *self);

/* It has ended, and its answers are somebody else's. Returns: (transfer full): the answers */
GByteArray *ea_admin_script_close (EaAdminScript *self);

/* TRUE when a command waits. */
gboolean ea_admin_script_waits (const EaAdminScript *self);

/* As the functions of core/admin.h; @apdu of ea_admin_script_peek() only while one waits. */
void ea_admin_script_peek (EaAdminScript *self, EaSpan *apdu);
void ea_admin_script_start (EaAdminScript *self);
void ea_admin_script_push (EaAdminScript *self, EaSpan r_apdu);
void ea_admin_script_interrupt (EaAdminScript *self);
void ea_admin_script_lose_channel (EaAdminScript *self);

/* Bytes that came behind its end. */
gsize ea_admin_script_count_rest (const EaAdminScript *self);
