/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/keys.h"
#include "host/config.h"
#include "host/inhibitor.h"
#include "host/journal.h"
#include "host/store.h"
#include "modem/bearers.h"
#include "net/address-policy.h"
#include "net/resolver.h"
#include "session/activity.h"
#include "session/card.h"
#include "session/endpoint.h"
#include "session/key-ring.h"
#include "session/sealed.h"

G_BEGIN_DECLS

/**
 * EaSessionContext:
 * @name: of this eUICC's records in @store
 * @config: (nullable): @policy: (nullable): @bearers: (nullable): @card: (nullable): while there is a modem
 * @device: (nullable): its path
 * @is_ready: the card is there and was read: it has @eid
 * @eid: (nullable): @iccid: (nullable): of the card
 *
 * What the sessions of one eUICC have in common. It belongs to EaSessions, and what it points to changes.
 */
typedef struct
{
  EaStore *store;
  char *name;
  EaKeyRing *keys;
  EaResolver *resolver;
  EaInhibitor *inhibitor;
  EaActivity *activity;
  const EaLogContext *log;

  const EaConfig *config;
  const EaAddressPolicy *policy;
  EaBearers *bearers;
  EaModem *modem;
  EaCard *card;
  EaEndpoint *endpoint;
  EaSealed *sealed;
  char *device;
  gboolean is_ready;
  char *eid;
  char *iccid;
} EaSessionContext;

G_END_DECLS
