/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A script over several connections (GlobalPlatform Amendment B §3.8). Each time the server sends it, a new run reads
 * it. The objects that were answered are not given to the card again but answered as before, which tells the run how to
 * go on; whether they are the same, the chain of their digests tells.
 */

#include "core/admin-script.h"

#include <string.h>

#include "core/admin.h"
#include "core/digest.h"
#include "core/tlv.h"

static const guint8 interrupted_end[] = { EA_SCRIPT_TAG_RESPONSE_APDU,
                                          EA_APDU_SW_SIZE,
                                          EA_SCRIPT_SW_INTERRUPTED >> 8,
                                          EA_SCRIPT_SW_INTERRUPTED & 0xFF,
                                          0x00,
                                          0x00 };

#define INTERRUPTED_SIZE 4 /* bytes: the R-APDU in it */

static const guint8 answers_start[]
    = { EA_SCRIPT_TAG_RESPONSES_INDEFINITE, EA_TLV_LENGTH_INDEFINITE };

void
ea_admin_script_init (EaAdminScript *self)
{
  *self = (EaAdminScript){ .answers = g_byte_array_new () };
}

static void
forget_run (EaAdminScript *self)
{
  ea_sgp02_carriage_clear (&self->carriage);
  self->has_carriage = FALSE;
  if (self->has_run)
    ea_script_run_clear (&self->run);
  self->has_run = FALSE;
}

void
ea_admin_script_clear (EaAdminScript *self)
{
  forget_run (self);
  g_clear_pointer (&self->next_uri, g_free);
  g_clear_pointer (&self->target, g_bytes_unref);
  g_clear_pointer (&self->answers, g_byte_array_unref);
}

void
ea_admin_script_open (EaAdminScript *self)
{
  guint n_commands = self->n_commands;

  ea_admin_script_clear (self);
  ea_admin_script_init (self);
  self->n_commands = n_commands;
  self->is_open = TRUE;
}

void
ea_admin_script_suspend (EaAdminScript *self)
{
  forget_run (self);
  self->is_announced = FALSE;
}

void
ea_admin_script_abandon (EaAdminScript *self)
{
  gboolean is_full = self->format == EA_SCRIPT_FORMAT_COMPACT
                     && self->n_answered == EA_SCRIPT_COMPACT_EXECUTED_MAX;
  EaSpan end = EA_SPAN_OF_ARRAY (interrupted_end);

  forget_run (self);
  if (self->answers->len == 0)
    g_byte_array_append (self->answers, answers_start, sizeof answers_start);
  end = ea_span_tail (end, is_full ? INTERRUPTED_SIZE : 0); /* such an answer counts no more */
  g_byte_array_append (self->answers, end.data, (guint) end.size);
  self->n_answered += is_full ? 0 : 1;
  self->has_ended = TRUE;
  self->end = EA_SCRIPT_RUN_END_INTERRUPTED;
  self->last_sw = EA_SCRIPT_SW_INTERRUPTED;
}

GByteArray *
ea_admin_script_close (EaAdminScript *self)
{
  GByteArray *answers = g_steal_pointer (&self->answers);

  forget_run (self);
  self->answers = g_byte_array_new ();
  self->is_open = FALSE;
  return answers;
}

gsize
ea_admin_script_count_rest (const EaAdminScript *self)
{
  return self->has_run ? ea_script_run_count_rest (&self->run) : 0;
}

/* What the run answers and is not there yet. */
static void
collect (EaAdminScript *self)
{
  g_autoptr (GBytes) bytes = ea_script_run_pull (&self->run);
  EaSpan span;

  if (bytes == NULL)
    return;
  span = ea_span_from_bytes (bytes);
  self->n_emitted += span.size;
  if (self->n_emitted <= self->answers->len)
    return;
  span = ea_span_tail (span, span.size - MIN (span.size, self->n_emitted - self->answers->len));
  g_byte_array_append (self->answers, span.data, (guint) span.size);
}

static void
add_to_digest (guint8 *digest, EaSpan object)
{
  ea_digest_compute (digest, ea_span_init (digest, EA_ADMIN_DIGEST_SIZE), object);
}

static gboolean
is_replaying (const EaAdminScript *self)
{
  return self->n_replayed < self->n_answered;
}

/* TRUE when the next object is the one that was answered, as far as is known before the last one. */
static gboolean
is_as_before (EaAdminScript *self)
{
  if (ea_script_run_get_format (&self->run) != self->format)
    return FALSE;
  add_to_digest (self->replay_digest, ea_script_run_get_object (&self->run));
  return self->n_replayed + 1 < self->n_answered
         || memcmp (self->replay_digest, self->digest, EA_ADMIN_DIGEST_SIZE) == 0;
}

/* Answers the object that waits as it was answered before. */
static void
replay (EaAdminScript *self)
{
  EaScriptObject answer;

  if (!is_as_before (self) || !ea_script_cursor_next (&self->replay, &answer, NULL))
    {
      ea_admin_script_abandon (self);
      return;
    }
  self->n_replayed++;
  if (answer.type == EA_SCRIPT_OBJECT_SCP03T)
    ea_script_run_push_sealed (&self->run, answer.object);
  else
    ea_script_run_push_response (&self->run, answer.value);
}

static gboolean
has_object (const EaAdminScript *self)
{
  return ea_script_run_get_object (&self->run).size > 0;
}

gboolean
ea_admin_script_waits (const EaAdminScript *self)
{
  return self->has_run && !self->has_ended && has_object (self);
}

void
ea_admin_script_peek (EaAdminScript *self, EaSpan *apdu)
{
  if (self->has_carriage)
    *apdu = ea_sgp02_carriage_get_block (&self->carriage);
  else
    (void) ea_script_run_pull_command (&self->run, apdu); /* it is no other object */
}

/* An SCP03t object rests on the secure channel of those before it. */
static gboolean
leaves_state (EaAdminScript *self)
{
  EaApduCommand command;
  EaSpan apdu;

  return !ea_script_run_pull_command (&self->run, &apdu)
         || !ea_apdu_parse_command (&command, apdu, NULL) || ea_apdu_leaves_state (&command);
}

void
ea_admin_script_start (EaAdminScript *self)
{
  self->is_in_flight = TRUE;
  if (self->n_started > self->n_answered)
    return;
  self->n_started++;
  add_to_digest (self->digest, ea_script_run_get_object (&self->run));
  self->leaves_state = self->leaves_state || leaves_state (self);
}

/* A C-APDU is answered. */
static void
land (EaAdminScript *self)
{
  ea_admin_script_start (self);
  self->is_in_flight = FALSE;
  self->n_commands++;
}

/* The run is about to go on behind the object that waits. */
static void
end_object (EaAdminScript *self)
{
  ea_sgp02_carriage_clear (&self->carriage);
  self->has_carriage = FALSE;
  self->n_answered = self->n_started;
  self->n_replayed = self->n_answered;
}

static void
interrupt (EaAdminScript *self)
{
  land (self);
  end_object (self);
  ea_script_run_interrupt (&self->run);
}

static gboolean
must_interrupt (EaAdminScript *self)
{
  if (!self->leaves_state)
    self->is_channel_lost = FALSE;
  return self->is_channel_lost || self->n_commands >= EA_ADMIN_COMMANDS_MAX;
}

static void
finish (EaAdminScript *self)
{
  collect (self);
  self->has_ended = TRUE;
  self->end = ea_script_run_get_end (&self->run);
  self->last_sw = ea_script_run_get_last_sw (&self->run);
}

static void
prepare (EaAdminScript *self)
{
  EaSpan object;

  if (self->has_carriage || !ea_script_run_pull_sealed (&self->run, &object))
    return;
  ea_sgp02_carriage_init (&self->carriage, object);
  self->has_carriage = TRUE;
}

/* Does what can be done without the card and without more bytes. Returns: FALSE when there is nothing like that */
static gboolean
act (EaAdminScript *self)
{
  if (is_replaying (self) && ea_script_run_is_ended (&self->run))
    ea_admin_script_abandon (self);
  else if (ea_script_run_is_ended (&self->run))
    finish (self);
  else if (ea_script_run_wants_chaining (&self->run))
    ea_script_run_refuse_chaining (&self->run, EA_SCRIPT_CHAINING_NOT_SUPPORTED);
  else if (has_object (self) && is_replaying (self))
    replay (self);
  else if (has_object (self) && must_interrupt (self))
    interrupt (self);
  else
    {
      collect (self);
      prepare (self);
      return FALSE;
    }
  return TRUE;
}

static void
settle (EaAdminScript *self)
{
  while (self->has_run && !self->has_ended && !self->is_in_flight && act (self))
    ;
}

void
ea_admin_script_read (EaAdminScript *self, EaSpan target)
{
  EaSpan before = self->target != NULL ? ea_span_from_bytes (self->target) : EA_SPAN_EMPTY;

  if (self->n_answered > 0 && !ea_span_equal (before, target))
    {
      ea_admin_script_abandon (self);
      return;
    }
  g_clear_pointer (&self->target, g_bytes_unref);
  self->target = ea_span_to_bytes (target);

  ea_script_run_init (&self->run);
  ea_script_run_set_flags (&self->run, EA_SCRIPT_RUN_SEALED | EA_SCRIPT_RUN_STREAM);
  ea_script_run_set_room (&self->run, EA_ADMIN_ANSWERS_MAX);
  self->has_run = TRUE;
  self->n_emitted = 0;
  self->n_replayed = 0;
  memset (self->replay_digest, 0, sizeof self->replay_digest);
  ea_script_cursor_init (&self->replay, EA_SCRIPT_DIRECTION_RESPONSES, EA_SCRIPT_FORMAT_INDEFINITE,
                         ea_span_tail (ea_span_from_array (self->answers), sizeof answers_start));
}

void
ea_admin_script_feed (EaAdminScript *self, EaSpan bytes)
{
  if (!self->has_run)
    return;
  ea_script_run_feed (&self->run, bytes);
  if (self->n_started == 0)
    self->format = ea_script_run_get_format (&self->run);
  settle (self);
}

void
ea_admin_script_end (EaAdminScript *self)
{
  if (!self->has_run)
    return;
  ea_script_run_end (&self->run);
  settle (self);
}

static void
push_answer (EaAdminScript *self, EaSpan r_apdu, const EaApduResponse *response)
{
  EaSgp02CarriageAnswer answer = self->has_carriage
                                     ? ea_sgp02_carriage_push (&self->carriage, response)
                                     : EA_SGP02_CARRIAGE_STATUS;

  if (answer == EA_SGP02_CARRIAGE_GOES_ON)
    return;
  end_object (self);
  if (answer == EA_SGP02_CARRIAGE_SEALED)
    ea_script_run_push_sealed (&self->run, response->data);
  else
    ea_script_run_push_response (&self->run, r_apdu);
}

void
ea_admin_script_push (EaAdminScript *self, EaSpan r_apdu)
{
  EaApduResponse response;

  if (!ea_apdu_parse_response (&response, r_apdu, NULL))
    {
      ea_admin_script_interrupt (self);
      return;
    }
  land (self);
  push_answer (self, r_apdu, &response);
  settle (self);
}

void
ea_admin_script_interrupt (EaAdminScript *self)
{
  interrupt (self);
  settle (self);
}

void
ea_admin_script_lose_channel (EaAdminScript *self)
{
  self->is_channel_lost = self->leaves_state || self->is_in_flight;
  settle (self);
}
