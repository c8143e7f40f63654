/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/push-trigger.h"
#include "core/push.h"
#include "session/session-context.h"
#include "session/session.h"

G_BEGIN_DECLS

/*
 * EaSessions: the sessions that the agent holds with the SM-SR of one eUICC. One runs at a time (SGP.02 §2.4.4), in the order
 * of asking; the others wait. They outlive the modem's coming and going, and the agent.
 *
 * Signals:
 *   "added"   (EaSession *session)
 *   "removed" (EaSession *session)  some time after it was closed
 *   "idle"    ()                    nothing is on its way to the card
 */

/* Sessions that were closed are shown so long, and so many. */
#define EA_SESSIONS_SHOWN_S 300
#define EA_SESSIONS_SHOWN_MAX 16

/* So often an ended session is tried to be forgotten that a bad disk has kept. */
#define EA_SESSIONS_SETTLE_MS 30000

/**
 * EaSessionsOptions:
 * @store: @log: borrowed for the life of the process
 * @name: of this eUICC's records
 */
typedef struct
{
  EaStore *store;
  const char *name;
  EaKeyRing *keys;
  EaResolver *resolver;
  EaInhibitor *inhibitor;
  EaActivity *activity;
  const EaLogContext *log;
} EaSessionsOptions;

#define EA_TYPE_SESSIONS (ea_sessions_get_type ())
G_DECLARE_FINAL_TYPE (EaSessions, ea_sessions, EA, SESSIONS, GObject)

EaSessions *ea_sessions_new (const EaSessionsOptions *options);

/* @config: @policy: borrowed until others are set; for what begins from now on */
void ea_sessions_set_config (EaSessions *self, const EaConfig *config,
                             const EaAddressPolicy *policy);

/* The same for @policy alone. */
void ea_sessions_set_policy (EaSessions *self, const EaAddressPolicy *policy);

/* What a modem brings; borrowed until ea_sessions_detach() */
typedef struct
{
  EaModem *modem;
  EaCard *card;
  EaBearers *bearers;
  EaEndpoint *endpoint;
  EaSealed *sealed;
} EaSessionsModem;

/* The modem is there, and gone. @device: its path */
void ea_sessions_attach (EaSessions *self, const EaSessionsModem *modem, const char *device);
void ea_sessions_detach (EaSessions *self);

/* The card is ready: sessions that an earlier life has left begin as well, and the schedule runs. @eid: (nullable): without
 * it nothing begins */
void ea_sessions_resume (EaSessions *self, const char *eid, const char *iccid);

/* The card is gone. */
void ea_sessions_suspend (EaSessions *self);

/* As ea_euicc_open_session(). @reason: (out) (nullable): why "auto" is what it has become; %NULL: it was not asked for */
EaSession *ea_sessions_open (EaSessions *self, const char *transport, GVariant *options,
                             const char **reason, GError **error);

/**
 * ea_sessions_take_trigger:
 * @trigger: that came under the agent's key
 *
 * Returns: FALSE when no session comes of it
 *
 * Errors: EA_STORE_ERROR (it may work another time), EA_SESSION_ERROR, EA_CORE_ERROR.
 */
gboolean ea_sessions_take_trigger (EaSessions *self, const EaPushTrigger *trigger, GError **error);

/**
 * ea_sessions_take_push:
 * @push: that came under the agent's key
 *
 * Two make a CAT_TP session: the first says where the server is and is kept until the second, which wants the link
 * (TS 102 226 §9.1.1); without the first it is the SM-SR of the configuration. What is kept does not outlive the agent.
 *
 * Returns: FALSE when it can't be carried out
 *
 * Errors: EA_STORE_ERROR, EA_SESSION_ERROR, EA_CORE_ERROR.
 */
gboolean ea_sessions_take_push (EaSessions *self, const EaPush *push, GError **error);

/* The profile was switched: the SM-SR is told when the card is ready, where the configuration wants that. */
void ea_sessions_note_switch (EaSessions *self);

/* The end is near: nothing begins any more, and what the card has is awaited. */
void ea_sessions_drain (EaSessions *self);
gboolean ea_sessions_is_idle (EaSessions *self);

/* TRUE while a session talks to its SM-SR, or is about to. */
gboolean ea_sessions_is_talking (EaSessions *self);

G_END_DECLS
