/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "core/bytes.h"
#include "hostility.h"
#include "record.h"

/*
 * The modem's slot with the card in it: what the firmware's UICC driver does. It sends APDUs, follows
 * procedure bytes, opens logical channels and reads files (ETSI TS 102 221).
 */

typedef enum
{
  SIM_SLOT_ABSENT, /* between two answers to reset, without power or without a card */
  SIM_SLOT_POWERED_DOWN,
  SIM_SLOT_STARTING, /* the card has answered to reset, the application isn't ready */
  SIM_SLOT_READY,
} SimSlotState;

typedef void (*SimSlotFunc) (gpointer user_data);

typedef struct
{
  SimCard *card;
  SimSlotState state;
  gboolean is_empty; /* somebody has taken the card out */
  SimRecord apdus;
  SimRecord envelopes;
  SimSlotFunc on_activity; /* after every APDU: the card may want to be fetched from */
  gpointer user_data;
  SimHostility *hostility; /* (nullable) */
} SimSlot;

SimSlot *sim_slot_new (const SimCardOptions *options, SimSlotFunc on_activity, gpointer user_data);
void sim_slot_free (SimSlot *slot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSlot, sim_slot_free)

/* AID of the USIM application on every profile. */
EaSpan sim_slot_get_usim_aid (void);

/* (transfer full): the R-APDU to exactly this C-APDU; both are recorded. */
GBytes *sim_slot_transmit (SimSlot *slot, EaSpan command);

/* (transfer full): as sim_slot_transmit(), but 61XX and 6CXX are followed until the data is there;
 * the data of all parts and the last status word (TS 102 221 §7.3.1). */
GBytes *sim_slot_exchange (SimSlot *slot, EaSpan command);

/* Splits an R-APDU; one that is too short to have a status word has 0. */
guint16 sim_apdu_status_word (GBytes *response);
EaSpan sim_apdu_data (GBytes *response);

/* TRUE for 9000 and 91XX. */
gboolean sim_apdu_is_success (guint16 status_word);

/* @command with @channel coded in its class (TS 102 221 §10.1.1): (transfer full) */
GBytes *sim_apdu_set_channel (EaSpan command, guint8 channel);

/**
 * sim_slot_open_channel:
 * @aid: the application to select; empty: none
 * @select_p2: P2 of SELECT: what the card tells about the application
 * @channel: (out): the channel, 1 to 19
 * @response: (out) (transfer full) (nullable): the answer to SELECT
 *
 * Opens a logical channel. Nothing stays open on failure.
 *
 * Returns: the status word that ended it; success as in sim_apdu_is_success()
 */
guint16 sim_slot_open_channel (SimSlot *slot, EaSpan aid, guint8 select_p2, guint8 *channel,
                               GBytes **response);

/* Returns: the card's status word */
guint16 sim_slot_close_channel (SimSlot *slot, guint8 channel);

/* What SELECT says about a file (TS 102 221 §11.1.1.3). Sizes in bytes, 0 where unknown. */
typedef struct
{
  guint8 descriptor; /* file descriptor byte */
  guint16 size;
  guint16 record_size;
  guint16 n_records;
  GBytes *fcp; /* (owned) */
} SimFile;

void sim_file_clear (SimFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimFile, sim_file_clear)

/* @path: file ids from the MF on, big-endian pairs; 7FFF is the USIM. Returns: status word */
guint16 sim_slot_select (SimSlot *slot, EaSpan path, SimFile *file);

/* @length: 0 for all that is there after @offset. @content: (out) (transfer full): set on success.
 * Returns: status word */
guint16 sim_slot_read_transparent (SimSlot *slot, EaSpan path, guint16 offset, guint16 length,
                                   GBytes **content);

/* @record: from 1. @length: 0: as long as it is. Returns: status word */
guint16 sim_slot_read_record (SimSlot *slot, EaSpan path, guint8 record, guint8 length,
                              GBytes **content);
