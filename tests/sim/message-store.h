/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The modem's short message store: up to 255 messages in each storage. */

#define SIM_STORAGE_UIM 0
#define SIM_STORAGE_NV 1

#define SIM_TAG_MT_READ 0
#define SIM_TAG_MT_NOT_READ 1

typedef struct
{
  guint8 storage;
  guint8 tag;
  guint32 index;
  GBytes *raw; /* SMSC address, TPDU */
} SimStoredMessage;

typedef struct
{
  GPtrArray *messages; /* of SimStoredMessage */
} SimMessageStore;

void sim_message_store_init (SimMessageStore *store);
void sim_message_store_clear (SimMessageStore *store);

/* @raw: (transfer full). FALSE: the storage is full. */
gboolean sim_message_store_add (SimMessageStore *store, guint8 storage, guint8 tag, GBytes *raw,
                                guint32 *index);

/* (nullable) (transfer none) */
SimStoredMessage *sim_message_store_find (const SimMessageStore *store, guint8 storage,
                                          guint32 index);
void sim_message_store_remove (SimMessageStore *store, SimStoredMessage *message);
