/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/attachment.h"
#include "session/card-memory.h"
#include "session/euicc.h"
#include "session/identity.h"
#include "session/ota.h"
#include "session/profile-history.h"
#include "session/profile-switch.h"
#include "session/sealed.h"
#include "session/sessions.h"
#include "session/toolkit.h"

/* What the files of EaEuicc share: euicc.c its life, euicc-profile.c its profile, euicc-sessions.c its sessions,
 * euicc-properties.c what it shows. */

struct _EaEuicc
{
  GObject parent_instance;

  EaStore *store;
  EaCardMemory *memory;
  EaProfileHistory *profiles; /* of the eUICC with this EID; NULL: it is not known */
  EaKeyRing *keys;
  EaInhibitor *inhibitor;
  EaHistory *history;
  char *name; /* of its records in the store */
  char *device_id;
  char *path; /* NULL: not attached */
  char *modem_object;
  guint slot;

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
  guint64 n_orders_before; /* of the SM-SR, when the ICCID was read last */

  EaLogContext context;
  char *eid;
  gboolean is_eid_fresh; /* read from the card that is there */
  char *iccid;
  char *previous_iccid;
  GBytes *atr;
  const char *state;
  char *state_reason;

  GTask *close_task; /* waits until nothing is on its way */
  guint drain_id;
};

typedef enum
{
  EA_EUICC_PROP_EID = 1,
  EA_EUICC_PROP_ICCID,
  EA_EUICC_PROP_PREVIOUS_ICCID,
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

/* Sets a string and tells that it changed. */
void ea_euicc_set_string (EaEuicc *self, char **field, const char *value, guint property);

/* @iccid was read back. */
void ea_euicc_take_iccid (EaEuicc *self, const char *iccid);

/* What was enabled when this eUICC was seen last, in an earlier life of the agent perhaps */
void ea_euicc_recall_profile (EaEuicc *self);

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

void ea_euicc_make_sessions (EaEuicc *self);

/* The sessions go through the modem that is there now, and its packets may ask for one. */
void ea_euicc_attach_sessions (EaEuicc *self);

/* Emits the signal. */
void ea_euicc_tell_profile_change (EaEuicc *self, const char *old, const char *reason);
