/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/attachment.h"
#include "session/card-memory.h"
#include "session/euicc.h"
#include "session/identity.h"
#include "session/ota.h"
#include "session/profile-history.h"
#include "session/profile-switch.h"
#include "session/recovery.h"
#include "session/role-retry.h"
#include "session/sealed.h"
#include "session/sessions.h"
#include "session/switch-record.h"
#include "session/toolkit.h"

/* What the files of EaEuicc share: euicc.c its life, euicc-profile.c its profile, euicc-switch.c
 * what becomes of a switch, euicc-sessions.c its sessions,
 * euicc-rescan.c its looking again, euicc-properties.c what it shows. */

struct _EaEuicc
{
  GObject parent_instance;

  EaStore *store;
  EaCardMemory *memory;
  EaProfileHistory *profiles; /* of the eUICC with this EID; NULL: it is not known */
  EaKeyRing *keys;
  EaInhibitor *inhibitor;
  EaHistory *history;
  EaHooks *hooks;
  guint number; /* of its object on the bus */
  char *name;   /* of its records in the store */
  char *device_id;
  char *path; /* NULL: not attached */
  char *modem_object;
  guint slot;

  EaModemManager *modem_manager; /* while attached */
  EaBearerRecord *bearer_record;
  EaBearers *bearers; /* while attached, as the policy */
  EaAddressPolicy *policy;
  EaAttachment *attachment;
  EaModem *modem; /* with its sessions, while the attachment has it */
  EaCard *card;
  EaToolkit *toolkit;
  EaIdentity *identity;
  EaOta *ota;
  EaSealed *sealed;
  EaProfileSwitch *profile_switch;
  EaActivity *activity;
  EaSessions *sessions;
  EaRecovery *recovery;
  gint64 changed_us;         /* when a change was found in this life; 0: none was */
  gint64 read_us;            /* when the ICCID was read last */
  gint64 began_us;           /* when the card began to start anew; 0: it has not, since then */
  gboolean is_refresh;       /* then it had asked for it, by REFRESH */
  gint64 outage_us;          /* how long the network had not served then; 0: it did, or who knows */
  gint64 lost_us;            /* since when the network does not serve; 0: it does, or who knows */
  gboolean has_registered;   /* with the profile that is enabled, in this life */
  guint64 last_notification; /* type and sequence number, to know its repetitions */
  const char *reason;        /* of the last change in this life; NULL: there was none */
  const char *notified_reason;  /* of a change that is not read back yet; NULL: none was told */
  EaSwitchRecord switch_record; /* what is left to be done if the agent ends now */
  gboolean is_recalled;         /* what an earlier life has left of a switch */
  char *trouble;                /* what is wrong with the last switch; NULL: nothing */

  EaLogContext context;
  char *eid;
  gboolean is_eid_fresh; /* read from the card that is there */
  char *iccid;
  char *held_iccid; /* of a card that may be another one, until its EID is known; NULL: of none */
  char *previous_iccid;
  GBytes *atr;
  const char *state;
  char *state_reason;

  guint n_channels; /* that the card has open */

  EaRoleRetry role_retry;

  gboolean is_closing;
  GTask *close_task; /* waits until nothing is on its way */
  guint drain_id;
};

typedef enum
{
  EA_EUICC_PROP_EID = 1,
  EA_EUICC_PROP_ICCID,
  EA_EUICC_PROP_PREVIOUS_ICCID,
  EA_EUICC_PROP_INTENDED_ICCID,
  EA_EUICC_PROP_SWITCH_REASON,
  EA_EUICC_PROP_ATR,
  EA_EUICC_PROP_SLOT,
  EA_EUICC_PROP_MODEM,
  EA_EUICC_PROP_DEVICE,
  EA_EUICC_PROP_DEVICE_ID,
  EA_EUICC_PROP_IMEI,
  EA_EUICC_PROP_ROLE,
  EA_EUICC_PROP_ROLE_REASON,
  EA_EUICC_PROP_STATE,
  EA_EUICC_PROP_STATE_REASON,
  EA_EUICC_PROP_CAPABILITIES,
  EA_EUICC_PROP_CAT_MODE,
  EA_EUICC_PROP_EVENTS,
  EA_EUICC_PROP_KEY_SETS,
  EA_EUICC_PROP_COUNTERS,
  EA_EUICC_PROP_LAST_ACTIVITY,
  EA_EUICC_PROP_LAST_ERROR,
  EA_EUICC_N_PROPS
} EaEuiccProperty;

void ea_euicc_install_properties (GObjectClass *object_class);
void ea_euicc_notify (EaEuicc *self, EaEuiccProperty property);

/* @state is one of the five words, a literal. */
void ea_euicc_set_state (EaEuicc *self, const char *state, const char *reason);

/* The card can be used; @reason: unless there is trouble with a switch */
void ea_euicc_become_ready (EaEuicc *self, const char *reason);

/* Another card may come, or this one starts anew: what was read is shown until then, and not relied upon; messages and
 * sessions wait. */
void ea_euicc_forget_card (EaEuicc *self);

/* The ICCID was read: the EID comes next, unless it is known. */
void ea_euicc_go_on_reading (EaEuicc *self);

/* Sets a string and tells that it changed. */
void ea_euicc_set_string (EaEuicc *self, char **field, const char *value, guint property);

/* @iccid was read back. Of a card that may be another one it is taken when the EID is known. */
void ea_euicc_take_iccid (EaEuicc *self, const char *iccid);

/* The EID was read back. @eid: (nullable): it can't be read */
void ea_euicc_take_eid (EaEuicc *self, const char *eid);

/* The eUICC has told its SM-SR why the profile changed: EaSgp02NotificationType. */
void ea_euicc_take_notification (EaEuicc *self, guint type, guint sequence);

/* An entry about this eUICC; @result, @detail: (nullable) */
void ea_euicc_add_history (EaEuicc *self, const char *event, const char *result,
                           const char *detail);

/* What becomes of switches is followed: from the beginning; with what comes and goes with the
 * modem; from when the card may be read on. */
void ea_euicc_make_recovery (EaEuicc *self);
void ea_euicc_watch_switch (EaEuicc *self);
void ea_euicc_watch_card (EaEuicc *self);
void ea_euicc_set_switch_times (EaEuicc *self, const EaConfig *config);

/* (nullable): of the last change, "first" included; %NULL: none is known */
const char *ea_euicc_get_reason (EaEuicc *self);

/* The hooks of the site are run; @cause: (nullable): of what @event says */
void ea_euicc_run_hooks (EaEuicc *self, const char *event, const char *cause);

/* @trouble: (transfer full) (nullable): with the last switch, for people */
void ea_euicc_set_trouble (EaEuicc *self, char *trouble);

/* @iccid, @cause: (nullable): as in EaSwitchRecord; stored before anything comes of it. No switch is promised any more. */
void ea_euicc_remember_switch (EaEuicc *self, const char *iccid, const char *cause);

/* The first time that the card is read: TRUE when a switch that an earlier life has left is followed on. */
gboolean ea_euicc_recall_switch (EaEuicc *self);

typedef enum
{
  EA_EUICC_SIGNAL_PROFILE_CHANGED,
  EA_EUICC_SIGNAL_CHANNEL_OPENED,
  EA_EUICC_SIGNAL_CHANNEL_CLOSED,
  EA_EUICC_SIGNAL_SESSION_ADDED,
  EA_EUICC_SIGNAL_SESSION_REMOVED,
  EA_EUICC_N_SIGNALS
} EaEuiccSignal;

/* For the signals with one object. */
void ea_euicc_emit (EaEuicc *self, EaEuiccSignal signal, gpointer object);

/* A role that was refused by what may be over soon is asked for again, after pauses that grow. */
void ea_euicc_watch_role (EaEuicc *self);

/* EaRoleRetryFunc of an EaEuicc */
gboolean ea_euicc_ask_for_role (gpointer user_data);

void ea_euicc_make_sessions (EaEuicc *self);

/* The sessions go through the modem that is there now, and its packets may ask for one. */
void ea_euicc_attach_sessions (EaEuicc *self);

/* Emits the signal. */
void ea_euicc_tell_profile_change (EaEuicc *self, const char *old, const char *reason);
