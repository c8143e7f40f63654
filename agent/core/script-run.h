/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/script.h"

/*
 * Carries out a remote command script, TS 102 226 §5: its bytes in, C-APDUs out one at a time, their R-APDUs
 * in, the response script out, in the format of the script. The same script and the same R-APDUs always give
 * the same response, wherever the script was cut: so a script goes on after a restart.
 *
 * The script ends with the first C-APDU whose status word is an error: none of 9XXX, 61XX, 62XX and 63XX, but
 * 62F1 (§5.2.1.1); with what is no command, which is answered by a bad format TLV (§5.2.2); and with an immediate
 * action, which is answered as a suspension error: here is no toolkit session that could be suspended for it. An
 * error action is taken and never carried out. The number of executed commands is that of C-APDUs.
 *
 * Deviation: SCP03t (SGP.02 §4.1.3.3) is answered as an unknown tag, but with %EA_SCRIPT_RUN_SEALED: its TLVs are no
 * C-APDUs, so somebody has to know how a card is given them.
 */

/* SW of a command whose response did not fit into the answer (§5.2.1.1), and of one whose outcome is unknown. */
#define EA_SCRIPT_SW_TRUNCATED 0x62F1
#define EA_SCRIPT_SW_INTERRUPTED 0x6FF1

/**
 * EaScriptRunFlags:
 * @EA_SCRIPT_RUN_SEALED: an SCP03t object waits in ea_script_run_pull_sealed() as a command does
 * @EA_SCRIPT_RUN_STREAM: whatever the format of the script, each answer can be pulled as soon as it is there: what
 *   ea_script_run_pull() gives is a response of indefinite length, of which the user makes one of
 *   ea_script_run_get_format(). An expanded script ends where its template does, and what follows is not looked at
 */
typedef enum
{
  EA_SCRIPT_RUN_SEALED = 1 << 0,
  EA_SCRIPT_RUN_STREAM = 1 << 1,
} EaScriptRunFlags;

/**
 * EaScriptRunEnd:
 * @EA_SCRIPT_RUN_END_NONE: it has not ended
 * @EA_SCRIPT_RUN_END_COMPLETE: all of it was carried out
 * @EA_SCRIPT_RUN_END_ERROR: with a command that was answered by an error
 * @EA_SCRIPT_RUN_END_INTERRUPTED: with one whose outcome is unknown
 * @EA_SCRIPT_RUN_END_BAD_FORMAT: with what is no command
 * @EA_SCRIPT_RUN_END_ACTION: with an immediate action
 * @EA_SCRIPT_RUN_END_CHAINING: its script chaining was refused
 * @EA_SCRIPT_RUN_END_FULL: a compact script with more commands than its response can count
 */
typedef enum
{
  EA_SCRIPT_RUN_END_NONE,
  EA_SCRIPT_RUN_END_COMPLETE,
  EA_SCRIPT_RUN_END_ERROR,
  EA_SCRIPT_RUN_END_INTERRUPTED,
  EA_SCRIPT_RUN_END_BAD_FORMAT,
  EA_SCRIPT_RUN_END_ACTION,
  EA_SCRIPT_RUN_END_CHAINING,
  EA_SCRIPT_RUN_END_FULL,
} EaScriptRunEnd;

/* A plain struct; its members are private. */
typedef struct
{
  EaScriptReader reader;
  EaScriptWriter writer;
  GByteArray *input;
  gsize n_read;
  gsize n_pulled;
  gsize n_rest;
  gsize room;
  EaScriptObject command;
  guint n_commands;
  guint16 last_sw;
  EaScriptRunFlags flags;
  EaScriptFormat format;
  EaScriptRunEnd end;
  guint8 phase;
  guint8 chaining;
  gboolean has_chaining;
  gboolean has_format;
  gboolean is_all;
} EaScriptRun;

void ea_script_run_init (EaScriptRun *self);
void ea_script_run_clear (EaScriptRun *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaScriptRun, ea_script_run_clear)

/* Before anything is fed. */
void ea_script_run_set_flags (EaScriptRun *self, EaScriptRunFlags flags);

/* The response script that waits to be pulled has at most @size bytes, or what its format allows; before anything is
 * fed. With %EA_SCRIPT_RUN_STREAM, that is all of the response, pulled or not. What has no room is answered by
 * %EA_SCRIPT_SW_TRUNCATED. */
void ea_script_run_set_room (EaScriptRun *self, gsize size);

/**
 * ea_script_run_feed:
 * @data: the script or its next piece, of any size; copied, and kept until it was carried out
 *
 * For a script of any length in little memory, feed it when neither a command nor script chaining waits. Never
 * fails: what is no script ends it with an answer. What comes after the script has ended is not looked at.
 */
void ea_script_run_feed (EaScriptRun *self, EaSpan data);

/* No more bytes come. A script does not end well without this; nothing may be fed after it. */
void ea_script_run_end (EaScriptRun *self);

/**
 * ea_script_run_pull_command:
 * @apdu: (out): at most %EA_APDU_SIZE_MAX bytes, as they stand in the script; borrowed until the command is answered.
 *   Untouched when there is none
 *
 * Returns: TRUE when a command waits, which is the same one until it was answered; FALSE when the script has
 * ended, or needs more bytes or an answer to its script chaining, or an SCP03t object waits
 */
gboolean ea_script_run_pull_command (EaScriptRun *self, EaSpan *apdu);

/**
 * ea_script_run_pull_sealed:
 * @object: (out): an SCP03t object with its tag and length, at most %EA_SCRIPT_VALUE_MAX bytes of value; borrowed until
 *   it is answered. Untouched when there is none
 *
 * Returns: TRUE when one waits, which is the same one until it was answered by ea_script_run_push_sealed(), or by
 * ea_script_run_push_response() or ea_script_run_interrupt() as a command
 */
gboolean ea_script_run_pull_sealed (EaScriptRun *self, EaSpan *object);

/* The object of the command or SCP03t object that waits, with its tag and length where the format has them; empty when
 * none waits. Borrowed until it is answered. */
EaSpan ea_script_run_get_object (const EaScriptRun *self);

/**
 * ea_script_run_push_response:
 * @response: R-APDU of the command that waits: all its data, and the status word after GET RESPONSE and the like
 *
 * The data are kept for the response script, of a compact one only the last. If it would have more than
 * %EA_SCRIPT_BODY_MAX bytes or ea_script_run_set_room() allows, or the R-APDU more than %EA_SCRIPT_VALUE_MAX, the command is answered by
 * %EA_SCRIPT_SW_TRUNCATED without data. An R-APDU without a status word is as ea_script_run_interrupt().
 */
void ea_script_run_push_response (EaScriptRun *self, EaSpan response);

/* @response: to the SCP03t object that waits: one SCP03t object, which goes into the response script as it stands, and
 * ends the script when it reports an error. What is none is as ea_script_run_interrupt(). */
void ea_script_run_push_sealed (EaScriptRun *self, EaSpan response);

/* Nobody can know what became of the command that waits: it is answered by %EA_SCRIPT_SW_INTERRUPTED and the script
 * ends. */
void ea_script_run_interrupt (EaScriptRun *self);

/**
 * ea_script_run_is_ended:
 *
 * Returns: TRUE when the response script is complete. A compact script ends at the latest after
 * %EA_SCRIPT_COMPACT_EXECUTED_MAX commands, which is all that its response can count
 */
gboolean ea_script_run_is_ended (const EaScriptRun *self);

/**
 * ea_script_run_pull:
 *
 * A compact command that is cut off has no bad format TLV: it is answered and counted as one of wrong length
 * (6700). A script without a single byte has no format, so it ends without an answer.
 *
 * Returns: (transfer full) (nullable): bytes of the response script that can go out now; %NULL when there are none.
 * Only indefinite length has any before the script has ended
 */
GBytes *ea_script_run_pull (EaScriptRun *self);

/**
 * ea_script_run_get_chaining:
 * @value: (out): of the script chaining TLV, such as %EA_SCRIPT_CHAINING_FIRST, or one that has no meaning; untouched
 *   when the script has none
 *
 * Returns: TRUE when the script is one of several (§5.2.1.4), known once its first object was read. No command comes
 * before it was accepted; refused, the script ends
 */
gboolean ea_script_run_get_chaining (const EaScriptRun *self, guint8 *value);

/* TRUE while ea_script_run_accept_chaining() or ea_script_run_refuse_chaining() is waited for. */
gboolean ea_script_run_wants_chaining (const EaScriptRun *self);
void ea_script_run_accept_chaining (EaScriptRun *self);

/* @answer: such as %EA_SCRIPT_CHAINING_NO_PREVIOUS */
void ea_script_run_refuse_chaining (EaScriptRun *self, guint8 answer);

/* Commands and SCP03t objects that were answered, by R-APDUs or as interrupted. */
guint ea_script_run_count_commands (const EaScriptRun *self);

/* Status word of the last answer, 9000 for an SCP03t object; 0 before the first. */
guint16 ea_script_run_get_last_sw (const EaScriptRun *self);

/* The format of the script, once its first byte was fed. */
EaScriptFormat ea_script_run_get_format (const EaScriptRun *self);

EaScriptRunEnd ea_script_run_get_end (const EaScriptRun *self);

/* Bytes that were fed and not looked at, because the script had ended before them. */
gsize ea_script_run_count_rest (const EaScriptRun *self);

/* TRUE when the script ended before its end: a script that is chained to it has no previous script then. */
gboolean ea_script_run_has_failed (const EaScriptRun *self);
