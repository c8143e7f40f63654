/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-apdu.h"
#include "card-bip.h"
#include "card-carriage.h"
#include "card-fallback.h"
#include "card-files.h"
#include "card-isdp.h"
#include "card-ledger.h"
#include "card-notification.h"
#include "card-session.h"
#include "card-switch.h"
#include "card-toolkit.h"
#include "card.h"
#include "sim-sms.h"
#include "sim-tlv.h"

/* What the parts of the simulated card know of each other. */

typedef enum
{
  SIM_APPLICATION_NONE, /* the file system */
  SIM_APPLICATION_USIM,
  SIM_APPLICATION_ISD_R,
  SIM_APPLICATION_ECASD,
  SIM_APPLICATION_ISD_P,
} SimApplication;

/* A logical channel, or the context in which the commands of one secured packet run */
typedef struct
{
  gboolean is_open;
  gboolean is_secured; /* the commands came in a packet that verified */
  SimApplication application;
  GBytes *aid; /* of @application; NULL with SIM_APPLICATION_NONE */
  const SimFile *directory;
  const SimFile *file;  /* NULL: no elementary file is selected */
  GBytes *response;     /* waits for GET RESPONSE */
  SimCarriage carriage; /* to an ISD-P */
} SimChannel;

/* One command packet that was executed, for sim_card_get_state() */
typedef struct
{
  GBytes *packet;
  GBytes *result;
} SimExecuted;

void sim_executed_free (gpointer data);

typedef struct
{
  guint16 sw;
  guint left;
  gboolean is_endless;
} SimFailure;

struct _SimCard
{
  SimCardOptions options;
  char *eid;
  GPtrArray *isdps;        /* SimIsdp */
  guint n_isdps_created;   /* numbers the next ISD-P's profile */
  GBytes *smsr_addressing; /* value of A3, NULL until it is updated */
  GBytes *smsr_number; /* TP-DA of notifications: who has sent the last packet that was executed */
  SimChannel channels[SIM_CHANNEL_MAX + 1];
  SimToolkit toolkit;
  SimBip bip;
  SimSession session;
  SimCardPolicy policy;
  SimSwitch change;
  SimNotification notification;
  gboolean has_service_timer; /* the terminal's timer runs that ends the wait for service */
  gint64 now_us;              /* as sim_card_tick() told last */
  SimSmsAssembly *assembly;
  guint32 n_challenges;
  guint64 counter; /* highest CNTR accepted with the one key set */
  guint n_rejected;
  guint8 por_reference;
  GQueue executed;      /* SimExecuted */
  GHashTable *failures; /* INS → SimFailure */
  GHashTable *answers;  /* INS → bytes of its response data */
  SimLedger ledger;
};

/* Forgets selection and response; the channel stays as open as it was. */
void sim_channel_reset (SimChannel *channel);

/**
 * sim_card_execute:
 * @data: response data are appended here
 *
 * Executes one parsed command on @channel, whose CLA was looked at before.
 *
 * Returns: the status word; Le and proactive commands are not regarded
 */
guint16 sim_card_execute (SimCard *card, SimChannel *channel, const SimApdu *apdu,
                          GByteArray *data);

/**
 * sim_card_process_scp03t:
 * @channel: (nullable): over which it came; NULL: in a script of the eUICC's own
 * @aid: of an ISD-P that is there
 * @command: tag 84 to 88
 * @has_failed: (out): the response is an error
 *
 * Returns: (transfer full): the response's TLV
 */
GBytes *sim_card_process_scp03t (SimCard *card, const SimChannel *channel, EaSpan aid,
                                 const SimTlv *command, gboolean *has_failed);

/* Another application or none is to be selected on @channel: a secure channel that was begun over it
 * ends. */
void sim_card_leave_application (SimCard *card, SimChannel *channel);

/* SELECT by AID, file or path, TS 102 221 §11.1.1 */
guint16 sim_card_select (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data);

/* The named instance, as SELECT with this complete AID would do */
void sim_card_select_application (SimChannel *channel, SimApplication application, EaSpan aid);

extern const EaSpan sim_aid_isd_r;

/* The profile whose files are there; never NULL */
SimIsdp *sim_card_get_enabled (SimCard *card);
