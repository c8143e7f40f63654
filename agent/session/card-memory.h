/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"
#include "session/toolkit.h"

G_BEGIN_DECLS

/*
 * EaCardMemory: what a card relies on, kept durably for the next life of the agent, with which the card is not
 * reset: the list of SET UP EVENT LIST, which it has no reason to send again, the channels that it believes
 * open, and the timers that it has started.
 */
typedef struct _EaCardMemory EaCardMemory;

/**
 * ea_card_memory_new:
 * @store: borrowed for the life of the process
 * @name: of its record in @store
 * @log: borrowed; what log messages are about
 */
EaCardMemory *ea_card_memory_new (EaStore *store, const char *name, const EaLogContext *log);
void ea_card_memory_free (EaCardMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaCardMemory, ea_card_memory_free)

/* The card of @toolkit is ready: it gets what is remembered, and from now on what changes is recorded. Does
 * nothing for a toolkit that has it already. */
void ea_card_memory_attach (EaCardMemory *self, EaToolkit *toolkit);

/* What the toolkit does from now on does not count: the card does not hear of it any more. */
void ea_card_memory_detach (EaCardMemory *self);

G_END_DECLS
