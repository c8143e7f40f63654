/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "smsr-admin.h"
#include "smsr-late.h"
#include "smsr-operation.h"
#include "smsr-packets.h"
#include "smsr-parts.h"
#include "smsr-sms.h"
#include "smsr-words.h"
#include "smsr.h"

/* What the SM-SR's parts share: operations (smsr.c), their short messages (smsr-proof.c) and the eUICC's
 * connection (smsr-channel.c, and smsr-link.c for CAT_TP). */

/* What the eUICC's next words in its connection answer */
typedef enum
{
  SIM_SMSR_SENT_NOTHING,
  SIM_SMSR_SENT_STEP,
  SIM_SMSR_SENT_CONFIRMATION,
} SimSmsrSent;

typedef struct
{
  gboolean is_open;
  SimSmsrProtocol protocol;
  gboolean is_own; /* of the operation that runs: opened after its beginning */
  gboolean is_done;
  GBytes *sdu; /* not yet pulled */
} SimSmsrConnection;

struct _SimSmsr
{
  char *eid;
  SimSmsrAddress address;
  SimCard *card;            /* NULL: nobody is asked */
  guint8 agent_key_set;     /* 0: no agent has keys */
  SimSmsrAddress elsewhere; /* where a session is pushed to that is none with this SM-SR */
  SimEis eis;
  SimSmsrPackets packets;
  SimSmsrPackets trigger; /* the short messages' packets: the last one, the last proof */
  SimSmsrSms sms;
  SimSmsrAdmin *admin;
  SimSmsrConnection connection;
  SimSmsrSent sent;    /* a session may go on over another connection */
  gsize script_max;    /* octets of what the peer of the link takes in one SDU */
  SimSmsrParts *parts; /* of the step that is underway over CAT_TP; NULL: none is */
  GBytes *unanswered;  /* the SDU sent last; NULL: it has its answer */
  SimSmsrLate late;
  SimSmsrNotification notification;
  SimSmsrNotifications *notifications; /* all that came */

  SimSmsrOperation *operation; /* NULL: none runs */
  SimSmsrOperation *past;      /* the last one, when it was in short messages: it can be repeated */
  SimSmsrOptions options;      /* of the messages sent last */
  guint32 n_generated;         /* commands that had a number */
  GBytes *identification;      /* what the agent's link is to say; NULL: the EID */
  GBytes *proof;               /* the response packet that answered a short message last */
  guint64 proven_counter;      /* of that message */
  SimSmsrVia via;
  guint n_pauses_left;   /* before the next script */
  guint n_card_triggers; /* that the card had accepted before */
  guint n_card_rejected; /* packets that it had refused */
  guint n_packets;
  guint n_connections; /* of the operation's */
  guint n_resumed;
  SimCattpRepairs repairs;   /* on both sides */
  guint n_failures;          /* connections that broke or did not open */
  gboolean is_fault_on;      /* a test wants the listeners to misbehave */
  gboolean is_fault_ordered; /* it is on, or was since the operation began */
  gboolean is_proven;        /* the short message's proof of receipt came */
  gboolean is_broken;        /* the session is to be resumed */
  gboolean is_end_lost;      /* it broke when all was said: perhaps nobody will resume it */
  gboolean is_switched;      /* the notification is all that is missing */
  gboolean is_over;          /* the short message's proof of receipt is */
  guint8 notified;           /* its type, once confirmed; 0: not yet */
  char *verdict;             /* the error that becomes the reply with the connection's end */
  char *failure;             /* of a connection that did not open */
  char *reply;
};

/* Ends the operation; takes @reply. */
void sim_smsr_finish (SimSmsr *smsr, char *reply);

/* The operation has failed; its connection still has to end as it should. */
void sim_smsr_fail (SimSmsr *smsr, const GError *error);

/* FALSE, and the operation has ended: some of its scripts were never asked for. */
gboolean sim_smsr_check_steps (SimSmsr *smsr);

void sim_smsr_finish_well (SimSmsr *smsr);

/* Ends the step that is underway over CAT_TP; the answer to its packet may come all the same. */
void sim_smsr_forget_step (SimSmsr *smsr);

/* Whether there is a connection of this kind; takes its place, and is the operation's if one waits for it */
gboolean sim_smsr_is_connected (const SimSmsr *smsr, SimSmsrProtocol protocol);
void sim_smsr_open_connection (SimSmsr *smsr, SimSmsrProtocol protocol);

/* The connection has ended as it should: so does the operation, unless a notification is still to come, or the proof of
 * receipt of the short message that has asked for a link: a link may be faster. */
void sim_smsr_close_well (SimSmsr *smsr);

/* TRUE when the operation, which has ended otherwise, waits for the notification of its switch from now on. */
gboolean sim_smsr_await_notification (SimSmsr *smsr);

/* The notification that is waited for is confirmed. Errors: EA_CORE_ERROR_UNSUPPORTED: it tells no success. */
gboolean sim_smsr_take_notified (SimSmsr *smsr, guint8 type, GError **error);

/* Ends an operation in short messages that has no proof of receipt, and needs none. */
void sim_smsr_finish_unproven (SimSmsr *smsr);

/* When the receipt of the short messages is to be proven: POR of SPI2 */
guint8 sim_smsr_get_por (const SimSmsr *smsr);

/* A session is pushed to a server that is not this SM-SR. */
gboolean sim_smsr_is_elsewhere (const SimSmsr *smsr);

/* FALSE with an error when the trigger for an agent has gone to the eUICC instead, or the other way round */
gboolean sim_smsr_check_addressee (const SimSmsr *smsr, GError **error);

/* (transfer full): what the operation waits for */
char *sim_smsr_describe_wait (const SimSmsr *smsr);
