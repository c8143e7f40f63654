/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "host/store.h"

G_BEGIN_DECLS

/*
 * Script chaining (TS 102 226 §5.2.1.4): scripts that go on where the one before has stopped, on the same
 * logical channel. A chain that shall outlive a reset of the card outlives the agent as well ("chain-NAME"); the
 * channel does not, so that the application is selected anew.
 */

typedef struct
{
  EaStore *store;
  char *record;
  gboolean is_open; /* a script may follow */
  gboolean is_kept; /* across resets of the card */
  EaScp80Target target;
  guint channel; /* 0: none is open */
} EaChain;

/* @store: borrowed for the life of the chain; @name: of this eUICC's records. A chain that was kept is open. */
void ea_chain_init (EaChain *self, EaStore *store, const char *name);
void ea_chain_clear (EaChain *self);

/**
 * ea_chain_join:
 * @value: of the script's chaining object
 *
 * A script with @value begins or goes on.
 *
 * Returns: 0 when it may, otherwise the value of the chaining response
 */
guint8 ea_chain_join (EaChain *self, const EaScp80Target *target, guint8 value);

/**
 * ea_chain_advance:
 * @channel: that the script ran on and that is still open; 0: none
 * @change: what becomes durable with the end of the script
 *
 * The script with @value has ended well: another may follow, or not.
 */
void ea_chain_advance (EaChain *self, const EaScp80Target *target, guint8 value, guint channel,
                       EaStoreChange *change);

/* No script may follow any more. */
void ea_chain_end (EaChain *self, EaStoreChange *change);

/* TRUE when the script with @value is not the last, and when it is not the first. */
gboolean ea_chain_goes_on (guint8 value);
gboolean ea_chain_is_follower (guint8 value);

/* The card was reset. */
void ea_chain_reset (EaChain *self);

G_END_DECLS
