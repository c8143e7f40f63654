/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * EaSwitchLadder: what is done, and in which order, until a modem is registered with the profile that its eUICC was
 * switched to. Each step has its time; the next one is taken when that is over, and none any more when the goal is
 * reached. The gentle ones come first. A machine without clock and modem: times are microseconds of any monotonic clock.
 *
 * The goal: the ICCID was read back, it is another one where a switch was promised, and the modem is registered.
 *
 * Another profile or promise in the middle of a climb begins it anew, at most %EA_SWITCH_ROUNDS_MAX times by profiles; a
 * refresh alone does not. For a promise that is not kept a modem that is registered has only its card started anew.
 */

/* A card that has another profile after each of our steps is not disturbed without end. */
#define EA_SWITCH_ROUNDS_MAX 3

typedef enum
{
  EA_SWITCH_STEP_NONE, /* at rest */
  EA_SWITCH_STEP_WAIT_REFRESH,
  EA_SWITCH_STEP_WAIT_ICCID,
  EA_SWITCH_STEP_WAIT_REGISTRATION,
  EA_SWITCH_STEP_POWER_CYCLE, /* of the card */
  EA_SWITCH_STEP_AIRPLANE_MODE,
  EA_SWITCH_STEP_RESET,     /* of the modem */
  EA_SWITCH_STEP_EXHAUSTED, /* nothing is left to be tried: the goal is waited for without end */
  EA_SWITCH_N_STEPS
} EaSwitchStep;

/**
 * EaSwitchLadderOptions:
 * @times_s: of the steps between rest and exhaustion; 0: the step is left out
 * @has_network: the modem tells whether it is registered; else that is no part of the goal
 */
typedef struct
{
  guint times_s[EA_SWITCH_N_STEPS];
  gboolean has_network;
} EaSwitchLadderOptions;

typedef enum
{
  EA_SWITCH_NEWS_STEP,      /* a step begins: it is to be taken */
  EA_SWITCH_NEWS_READ,      /* the ICCID is to be read, whatever was told of a refresh */
  EA_SWITCH_NEWS_UNCHANGED, /* a switch was promised, and the ICCID is the same */
  EA_SWITCH_NEWS_NOT_REGISTERED, /* the profile was switched, the network does not have it: once for each profile */
  EA_SWITCH_NEWS_REGISTERED, /* the goal is reached after a switch */
  EA_SWITCH_NEWS_SETTLED, /* the end without one of the two: nothing was switched, or nobody can tell */
} EaSwitchNewsKind;

/**
 * EaSwitchNews:
 * @step: where the ladder is then; for the last two, the step by which they were reached
 * @overdue: of a step that begins: the one whose time was over before; %EA_SWITCH_STEP_NONE when it was not
 * @elapsed_us: since the ladder was entered
 */
typedef struct
{
  EaSwitchNewsKind kind;
  EaSwitchStep step;
  EaSwitchStep overdue;
  gint64 elapsed_us;
} EaSwitchNews;

/* News that wait to be pulled; a caller that pulls after each call never has as many. */
#define EA_SWITCH_NEWS_MAX 16

typedef struct
{
  EaSwitchLadderOptions options;
  EaSwitchStep step;
  gint64 entered_us;
  gint64 deadline_us;
  gint64 refresh_deadline_us; /* of a refresh in the middle of a climb */
  guint n_rounds;             /* begun by another profile */
  gboolean is_promised;
  gboolean is_due; /* something was or may have been switched: steps that disturb are allowed */
  gboolean is_refreshing;
  gboolean is_iccid_known;
  gboolean has_changed;
  gboolean is_registered;
  gboolean is_told; /* that it is not registered */
  gboolean is_unchanged_told;
  EaSwitchNews news[EA_SWITCH_NEWS_MAX];
  guint n_news;
} EaSwitchLadder;

void ea_switch_ladder_init (EaSwitchLadder *self, const EaSwitchLadderOptions *options);

/* A function that enables another profile was carried out: a REFRESH follows. */
void ea_switch_ladder_expect (EaSwitchLadder *self, gint64 now_us);

/* @is_reset: of the whole card, TS 102 223 §6.4.7: what a switch comes with */
void ea_switch_ladder_refresh_began (EaSwitchLadder *self, gboolean is_reset, gint64 now_us);
void ea_switch_ladder_refresh_ended (EaSwitchLadder *self, gint64 now_us);

/* The card starts anew: what was read of it does not count any more. */
void ea_switch_ladder_card_started (EaSwitchLadder *self);

/* EF_ICCID was read. @is_new: it is not what it was when it was read before */
void ea_switch_ladder_iccid (EaSwitchLadder *self, gboolean is_new, gint64 now_us);

void ea_switch_ladder_network (EaSwitchLadder *self, gboolean is_registered, gint64 now_us);

/* A network has refused to register the modem. */
void ea_switch_ladder_rejected (EaSwitchLadder *self, gint64 now_us);

/* An earlier life has switched to the profile that is enabled, and did not see the modem registered with it. @is_told: but
 * has told so */
void ea_switch_ladder_recall (EaSwitchLadder *self, gboolean is_told, gint64 now_us);

/* The modem did not let @step be taken. */
void ea_switch_ladder_refused (EaSwitchLadder *self, EaSwitchStep step, gint64 now_us);

/* The modem was away and is back: the step has its time anew, and nothing is known of card and network. */
void ea_switch_ladder_resume (EaSwitchLadder *self, gint64 now_us);

void ea_switch_ladder_tick (EaSwitchLadder *self, gint64 now_us);

/* When to tick next; %G_MAXINT64: not at all */
gint64 ea_switch_ladder_deadline (const EaSwitchLadder *self);

/* A promise is waited for: not kept yet, and not given up either. */
gboolean ea_switch_ladder_is_promised (const EaSwitchLadder *self);

/* FALSE: nothing is new, and @news is untouched. */
gboolean ea_switch_ladder_pull (EaSwitchLadder *self, EaSwitchNews *news);

/* The step's name, as the history has it: "power-cycle" */
const char *ea_switch_step_to_string (EaSwitchStep step);

G_END_DECLS
