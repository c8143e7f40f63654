/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "message-store.h"
#include "modem.h"
#include "smsr-runner.h"

/*
 * The short message service of the modem's firmware and of the network behind it. Mobile terminated
 * messages go where the routes say, one at a time: the next one waits until the network has its
 * answer.
 */

/* Message classes of a route: 0 to 3 as in TP-DCS, and messages without a class. */
#define SIM_CLASS_2 2
#define SIM_CLASS_NONE 4
#define SIM_CLASSES 5

typedef enum
{
  SIM_ACTION_DISCARD,
  SIM_ACTION_STORE_AND_NOTIFY,
  SIM_ACTION_TRANSFER_ONLY,
  SIM_ACTION_TRANSFER_AND_ACK,
} SimRouteAction;

typedef struct
{
  guint8 storage; /* 0 UIM, 1 NV, 0xFF none */
  guint8 action;
} SimRoute;

/* How a delivery ended: for the network, and in the words of the control command "sms". */
typedef struct
{
  gboolean was_accepted;
  guint8 rp_cause;
  guint8 tp_cause;
  const char *text;
  EaSpan report; /* TP-UD of the SMS-DELIVER-REPORT; empty: none */
} SimOutcome;

typedef void (*SimDeliveredFunc) (const SimOutcome *outcome, gpointer user_data);

struct _SimNetwork
{
  SimModem *modem;
  SimRoute routes[SIM_CLASSES];
  SimMessageStore store;
  SimRecord submitted;
  SimSmsrRunner *runner;
  GQueue deliveries; /* of a private type; the head is under way */
  GQueue postponed;  /* of the same: to be delivered again */
  guint retry_timer;
  gboolean is_delivering;
  gboolean awaits_ack;
  gboolean has_lost_client; /* one that was told of the message under way has left */
  guint ack_timeout;
  guint pump_source;
  guint32 last_transaction;
  guint16 last_message_id;
};

SimNetwork *sim_network_new (SimModem *modem);
void sim_network_free (SimNetwork *network);

/* The service centre's address: BCD with its length in front, as in a stored message. */
EaSpan sim_network_get_smsc (void);

void sim_network_reset_routes (SimNetwork *network);

/* Delivers after all messages given before. @func is called once, or @destroy (nullable) when the
 * network is freed first. */
void sim_network_deliver (SimNetwork *network, GBytes *tpdu, SimDeliveredFunc func,
                          gpointer user_data, GDestroyNotify destroy);

/* As above, but a message that nobody acknowledges, or that is refused for the time being (no memory, the
 * toolkit is busy), is delivered again, until sim_network_stop_repeating() or another outcome. */
void sim_network_deliver_insistently (SimNetwork *network, GBytes *tpdu, SimDeliveredFunc func,
                                      gpointer user_data, GDestroyNotify destroy);

/* What was given with @user_data is not delivered again. If it only waits for that, it ends at once as it
 * ended the last time. */
void sim_network_stop_repeating (SimNetwork *network, gpointer user_data);

/* A client leaves, or wants messages or other routes from now on. */
void sim_network_forget_client (SimNetwork *network, const SimClient *client);
void sim_network_welcome_client (SimNetwork *network);

/* Goes on with messages that waited for the card to be ready. */
void sim_network_pump (SimNetwork *network);

/* A client's Send Ack. FALSE: nothing with this transaction waits for one. */
gboolean sim_network_acknowledge (SimNetwork *network, guint32 transaction, gboolean is_success,
                                  guint8 rp_cause, guint8 tp_cause);

/* An SMS-SUBMIT goes out. Returns: its message id */
guint16 sim_network_submit (SimNetwork *network, EaSpan tpdu);

/* The CauseInfo TLV of a Raw Send that failed with one of the errors that have it. */
void sim_network_write_cause (SimQmiError error, EaWriter *tlvs);
