/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* After each event: is the goal reached, else is that of the step, else is its time over? */

#include "session/switch-ladder.h"

#include <string.h>

static const char *const step_names[EA_SWITCH_N_STEPS] = {
  [EA_SWITCH_STEP_NONE] = "none",
  [EA_SWITCH_STEP_WAIT_REFRESH] = "wait-refresh",
  [EA_SWITCH_STEP_WAIT_ICCID] = "wait-iccid",
  [EA_SWITCH_STEP_WAIT_REGISTRATION] = "wait-registration",
  [EA_SWITCH_STEP_POWER_CYCLE] = "power-cycle",
  [EA_SWITCH_STEP_AIRPLANE_MODE] = "airplane-mode",
  [EA_SWITCH_STEP_RESET] = "reset",
  [EA_SWITCH_STEP_EXHAUSTED] = "exhausted",
};

void
ea_switch_ladder_init (EaSwitchLadder *self, const EaSwitchLadderOptions *options)
{
  *self = (EaSwitchLadder){
    .options = *options,
    .deadline_us = G_MAXINT64,
    .refresh_deadline_us = G_MAXINT64,
  };
}

static void
tell (EaSwitchLadder *self, EaSwitchNewsKind kind, EaSwitchStep overdue, gint64 now_us)
{
  g_return_if_fail (self->n_news < EA_SWITCH_NEWS_MAX);

  self->news[self->n_news++]
      = (EaSwitchNews){ kind, self->step, overdue, now_us - self->entered_us };
}

static gboolean
has_new_profile (const EaSwitchLadder *self)
{
  return self->is_iccid_known && (self->has_changed || !self->is_promised);
}

static gboolean
is_goal_reached (const EaSwitchLadder *self)
{
  if (self->is_refreshing || !has_new_profile (self))
    return FALSE;
  return !self->has_changed || !self->options.has_network || self->is_registered;
}

/* Nothing that disturbs the modem would help: it serves with the profile that the card has. */
static gboolean
is_served_unchanged (const EaSwitchLadder *self)
{
  return self->is_iccid_known && self->is_registered && !self->has_changed;
}

/* Whether @step is worth its time; the last one always is. */
static gboolean
is_wanted (const EaSwitchLadder *self, EaSwitchStep step)
{
  if (step == EA_SWITCH_STEP_EXHAUSTED)
    return TRUE;
  if (self->options.times_s[step] == 0)
    return FALSE;
  if (step == EA_SWITCH_STEP_WAIT_REGISTRATION)
    return has_new_profile (self);
  if (step == EA_SWITCH_STEP_POWER_CYCLE && self->is_promised)
    return TRUE; /* only a card that starts anew keeps a promise */
  return step < EA_SWITCH_STEP_WAIT_REGISTRATION || (self->is_due && !is_served_unchanged (self));
}

static void
forget_refresh (EaSwitchLadder *self)
{
  self->is_refreshing = FALSE;
  self->refresh_deadline_us = G_MAXINT64;
}

static void
set_deadline (EaSwitchLadder *self, gint64 now_us)
{
  gboolean is_timed = self->step != EA_SWITCH_STEP_NONE && self->step != EA_SWITCH_STEP_EXHAUSTED;

  self->deadline_us = is_timed
                          ? now_us + (gint64) self->options.times_s[self->step] * G_USEC_PER_SEC
                          : G_MAXINT64;
}

static void
take_step (EaSwitchLadder *self, EaSwitchStep step, EaSwitchStep overdue, gint64 now_us)
{
  self->step = step;
  if (step > EA_SWITCH_STEP_WAIT_REFRESH)
    forget_refresh (self); /* its end is not waited for any more */
  set_deadline (self, now_us);
  tell (self, EA_SWITCH_NEWS_STEP, overdue, now_us);
}

static void
tell_not_registered (EaSwitchLadder *self, gint64 now_us)
{
  if (self->is_told || !self->has_changed || !self->options.has_network)
    return;
  self->is_told = TRUE;
  tell (self, EA_SWITCH_NEWS_NOT_REGISTERED, EA_SWITCH_STEP_NONE, now_us);
}

static void
tell_unchanged (EaSwitchLadder *self, gint64 now_us)
{
  if (self->is_unchanged_told || !self->is_promised || !self->is_iccid_known || self->has_changed)
    return;
  self->is_unchanged_told = TRUE;
  tell (self, EA_SWITCH_NEWS_UNCHANGED, EA_SWITCH_STEP_NONE, now_us);
}

static void
rest (EaSwitchLadder *self, gint64 now_us)
{
  tell (self,
        self->has_changed && self->options.has_network ? EA_SWITCH_NEWS_REGISTERED
                                                       : EA_SWITCH_NEWS_SETTLED,
        EA_SWITCH_STEP_NONE, now_us);
  self->step = EA_SWITCH_STEP_NONE;
  self->deadline_us = G_MAXINT64;
  self->n_rounds = 0;
  self->is_promised = FALSE;
  self->is_due = FALSE;
  self->has_changed = FALSE;
  self->is_told = FALSE;
  self->is_unchanged_told = FALSE;
}

/* The next step that is wanted after @from. */
static void
climb (EaSwitchLadder *self, EaSwitchStep from, EaSwitchStep overdue, gint64 now_us)
{
  EaSwitchStep next = from + 1;

  while (!is_wanted (self, next))
    next++;
  if (next > EA_SWITCH_STEP_WAIT_ICCID)
    tell_unchanged (self, now_us);
  if (from < EA_SWITCH_STEP_WAIT_ICCID && next > EA_SWITCH_STEP_WAIT_ICCID && !self->is_iccid_known)
    tell (self, EA_SWITCH_NEWS_READ, EA_SWITCH_STEP_NONE, now_us);
  if (next > EA_SWITCH_STEP_WAIT_REGISTRATION)
    tell_not_registered (self, now_us);
  if (next == EA_SWITCH_STEP_EXHAUSTED && !self->is_due)
    rest (self, now_us); /* whoever reads the card goes on alone */
  else
    take_step (self, next, overdue, now_us);
}

static gboolean
is_step_done (const EaSwitchLadder *self)
{
  switch (self->step)
    {
    case EA_SWITCH_STEP_WAIT_REFRESH:
      return !self->is_refreshing && (self->has_changed || !self->is_promised);
    case EA_SWITCH_STEP_WAIT_ICCID:
      return has_new_profile (self);
    case EA_SWITCH_STEP_NONE:
    case EA_SWITCH_STEP_WAIT_REGISTRATION:
    case EA_SWITCH_STEP_POWER_CYCLE:
    case EA_SWITCH_STEP_AIRPLANE_MODE:
    case EA_SWITCH_STEP_RESET:
    case EA_SWITCH_STEP_EXHAUSTED:
    case EA_SWITCH_N_STEPS:
      break;
    }
  return FALSE; /* only with the goal itself */
}

/* One step of waiting may be over at once when another one is. */
static void
advance (EaSwitchLadder *self, gint64 now_us)
{
  if (now_us >= self->refresh_deadline_us)
    {
      forget_refresh (self);
      tell (self, EA_SWITCH_NEWS_READ, EA_SWITCH_STEP_NONE, now_us);
    }
  while (self->step != EA_SWITCH_STEP_NONE)
    if (is_goal_reached (self))
      rest (self, now_us);
    else if (is_step_done (self))
      climb (self, self->step, EA_SWITCH_STEP_NONE, now_us);
    else if (now_us >= self->deadline_us)
      climb (self, self->step, self->step, now_us);
    else
      return;
}

/* From the bottom, be it in the middle of another climb. */
static void
enter (EaSwitchLadder *self, gint64 now_us)
{
  if (self->step == EA_SWITCH_STEP_NONE)
    self->entered_us = now_us;
  self->is_registered = FALSE;
  climb (self, EA_SWITCH_STEP_NONE, EA_SWITCH_STEP_NONE, now_us);
}

void
ea_switch_ladder_expect (EaSwitchLadder *self, gint64 now_us)
{
  self->is_promised = TRUE;
  self->is_due = TRUE;
  self->has_changed = FALSE;
  self->is_iccid_known = FALSE;
  self->is_told = FALSE;
  self->is_unchanged_told = FALSE;
  self->n_rounds = 0;
  forget_refresh (self);
  enter (self, now_us);
  advance (self, now_us);
}

/* It may be one that follows from the step itself: that goes on, and its time. */
static void
stay (EaSwitchLadder *self, gint64 now_us)
{
  self->is_registered = FALSE;
  self->refresh_deadline_us
      = now_us + (gint64) self->options.times_s[EA_SWITCH_STEP_WAIT_REFRESH] * G_USEC_PER_SEC;
}

void
ea_switch_ladder_refresh_began (EaSwitchLadder *self, gboolean is_reset, gint64 now_us)
{
  self->is_refreshing = TRUE;
  self->is_iccid_known = FALSE;
  self->is_due |= is_reset;
  if (self->step < EA_SWITCH_STEP_WAIT_REGISTRATION)
    enter (self, now_us);
  else
    stay (self, now_us);
  advance (self, now_us);
}

/* Of a promise this is the refresh: from here on the ICCID tells. */
void
ea_switch_ladder_refresh_ended (EaSwitchLadder *self, gint64 now_us)
{
  gboolean is_waited_for = self->is_refreshing && self->step == EA_SWITCH_STEP_WAIT_REFRESH;

  forget_refresh (self);
  if (is_waited_for)
    climb (self, self->step, EA_SWITCH_STEP_NONE, now_us);
  advance (self, now_us);
}

void
ea_switch_ladder_card_started (EaSwitchLadder *self)
{
  self->is_iccid_known = FALSE;
}

/* What was told and tried was of the profile before. */
static void
begin_round (EaSwitchLadder *self, gint64 now_us)
{
  if (self->step == EA_SWITCH_STEP_NONE)
    self->entered_us = now_us;
  if (self->step == EA_SWITCH_STEP_NONE || self->step == EA_SWITCH_STEP_EXHAUSTED)
    self->n_rounds = 0;
  if (self->n_rounds == EA_SWITCH_ROUNDS_MAX)
    return;
  self->n_rounds++;
  climb (self, EA_SWITCH_STEP_WAIT_ICCID, EA_SWITCH_STEP_NONE, now_us);
}

/* A change shows that the refresh has done its work, whether or not its end was told. */
static void
take_change (EaSwitchLadder *self, gint64 now_us)
{
  self->has_changed = TRUE;
  self->is_due = TRUE;
  self->is_told = FALSE;
  self->is_unchanged_told = FALSE;
  forget_refresh (self);
  if (self->step == EA_SWITCH_STEP_NONE || self->step >= EA_SWITCH_STEP_WAIT_REGISTRATION)
    begin_round (self, now_us);
}

void
ea_switch_ladder_iccid (EaSwitchLadder *self, gboolean is_new, gint64 now_us)
{
  self->is_iccid_known = TRUE;
  if (is_new)
    take_change (self, now_us);
  if (self->step > EA_SWITCH_STEP_WAIT_ICCID)
    tell_unchanged (self, now_us);
  advance (self, now_us);
}

void
ea_switch_ladder_network (EaSwitchLadder *self, gboolean is_registered, gint64 now_us)
{
  self->is_registered = is_registered;
  advance (self, now_us);
}

void
ea_switch_ladder_rejected (EaSwitchLadder *self, gint64 now_us)
{
  self->is_registered = FALSE;
  if (self->step >= EA_SWITCH_STEP_WAIT_REGISTRATION)
    tell_not_registered (self, now_us);
}

void
ea_switch_ladder_recall (EaSwitchLadder *self, gboolean is_told, gint64 now_us)
{
  self->is_iccid_known = TRUE;
  take_change (self, now_us);
  self->is_told |= is_told;
  advance (self, now_us);
}

void
ea_switch_ladder_refused (EaSwitchLadder *self, EaSwitchStep step, gint64 now_us)
{
  if (self->step != step)
    return;
  climb (self, step, step, now_us);
  advance (self, now_us);
}

void
ea_switch_ladder_resume (EaSwitchLadder *self, gint64 now_us)
{
  forget_refresh (self);
  self->is_iccid_known = FALSE;
  self->is_registered = FALSE;
  set_deadline (self, now_us);
}

void
ea_switch_ladder_tick (EaSwitchLadder *self, gint64 now_us)
{
  advance (self, now_us);
}

gint64
ea_switch_ladder_deadline (const EaSwitchLadder *self)
{
  return MIN (self->deadline_us, self->refresh_deadline_us);
}

gboolean
ea_switch_ladder_is_promised (const EaSwitchLadder *self)
{
  return self->is_promised && !self->has_changed && self->step != EA_SWITCH_STEP_EXHAUSTED;
}

gboolean
ea_switch_ladder_pull (EaSwitchLadder *self, EaSwitchNews *news)
{
  if (self->n_news == 0)
    return FALSE;

  *news = self->news[0];
  self->n_news--;
  memmove (self->news, self->news + 1, self->n_news * sizeof self->news[0]);
  return TRUE;
}

const char *
ea_switch_step_to_string (EaSwitchStep step)
{
  return step_names[step];
}
