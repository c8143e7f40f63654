/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "card/sim-http-answer.h"
#include "card/sim-http.h"
#include "card/smsr-trigger.h"
#include "card/smsr-words.h"
#include "core/bytes.h"

/*
 * The simulated SM-SR of one eUICC: turns a command line into scripts, sends them in short messages or
 * triggers the eUICC to fetch them over a channel of its own, and checks what comes back. No I/O:
 * TPDUs, HTTP messages and SDUs of CAT_TP are pulled and pushed.
 */

typedef struct _SimSmsr SimSmsr;

SimSmsr *sim_smsr_new (const char *eid);
void sim_smsr_free (SimSmsr *smsr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSmsr, sim_smsr_free)

/* What triggers say. Without it no operation over a channel can begin. */
void sim_smsr_set_address (SimSmsr *smsr, const SimSmsrAddress *address);

/* The card that is asked what it has seen when an operation ends: with a complaint, it does not end well.
 * Outlives the SM-SR. */
void sim_smsr_set_card (SimSmsr *smsr, SimCard *card);

/* An agent beside the eUICC holds the keys of this key set, and the eUICC's PSK: "auto" reckons with it, and
 * its triggers are sealed with them. 0: there is none. */
void sim_smsr_set_agent_keys (SimSmsr *smsr, guint8 key_set);

/**
 * sim_smsr_start:
 * @arguments: (array zero-terminated=1): "enable", "disable", "audit" … and their options, as in the
 *   control command "smsr"
 *
 * Begins one operation. At most one runs at a time.
 *
 * Returns: FALSE with @error when the words are wrong or an operation runs already
 */
gboolean sim_smsr_start (SimSmsr *smsr, const char *const *arguments, GError **error);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU for the network to deliver */
GBytes *sim_smsr_pull_tpdu (SimSmsr *smsr);

/* The network's word on the TPDU pulled last: delivered, or refused with RP and TP cause (0: none). */
void sim_smsr_delivered (SimSmsr *smsr, gboolean was_accepted, guint8 rp_cause, guint8 tp_cause);

/* An SMS-SUBMIT came from the card. It is checked only if it is a response packet to this SM-SR. */
void sim_smsr_receive (SimSmsr *smsr, EaSpan submit_tpdu);

/* The network got TP-UD in the SMS-DELIVER-REPORT for the TPDU pulled last. */
void sim_smsr_receive_report (SimSmsr *smsr, EaSpan user_data);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU that confirms a notification. The network does not say what
 * becomes of it. */
GBytes *sim_smsr_pull_confirmation (SimSmsr *smsr);

/* The next @count notifications are not confirmed. */
void sim_smsr_withhold_confirmations (SimSmsr *smsr, guint count);

/* (transfer full): all that came, as in sim_smsr_notifications_describe() */
char *sim_smsr_describe_notifications (const SimSmsr *smsr);

/* Seconds for which what comes next is to be waited for from now on; 0: as long as for anything else */
guint sim_smsr_get_wait (const SimSmsr *smsr);

/* (transfer full) (nullable): "ok …" or "error …" when the operation has ended, once */
char *sim_smsr_pull_reply (SimSmsr *smsr);

/* Ends a running operation with "error timeout: waiting for …", or well when only an error would have been
 * answered, or when nothing is missing but the other side's word that it knows of the end. Then a
 * notification may still have to be waited for: no reply is there. */
void sim_smsr_give_up (SimSmsr *smsr);

/*
 * The eUICC's own connection: at most one, a new one takes the place of the one before. An operation
 * gets its scripts to the first connection after its beginning, and ends with the connection's end.
 */

/* The TLS handshake is done, and with it it is known who the eUICC is. */
void sim_smsr_https_opened (SimSmsr *smsr);

/**
 * sim_smsr_answer:
 * @must_close: (out): the request was wrong: the connection is of no use any more
 *
 * Returns: (transfer full): the response
 */
SimHttpAnswer *sim_smsr_answer (SimSmsr *smsr, const SimHttpMessage *request, gboolean *must_close);

/* The answer given last has not come as it was given: the eUICC has to ask for it again. */
void sim_smsr_lose_answer (SimSmsr *smsr);

/* The CAT_TP link is open. @sdu_max: octets that the other side takes at once */
void sim_smsr_cattp_opened (SimSmsr *smsr, guint16 sdu_max);

/* Borrowed: what the SYN of the next link is to say; empty: the EID */
EaSpan sim_smsr_get_identification (const SimSmsr *smsr);

/* TRUE for a link that the operation wants from an agent, or nobody has asked for while the eUICC has no channel */
gboolean sim_smsr_is_agents_link (const SimSmsr *smsr);

/* (transfer full) (nullable): the next SDU for the eUICC */
GBytes *sim_smsr_pull_sdu (SimSmsr *smsr);

void sim_smsr_receive_sdu (SimSmsr *smsr, EaSpan sdu);

/* TRUE when nothing more is to be done over the CAT_TP link: it is to be closed. */
gboolean sim_smsr_is_cattp_done (const SimSmsr *smsr);

/* FALSE while the card has not followed the end of its link: it may not have heard of it. */
gboolean sim_smsr_has_card_closed (const SimSmsr *smsr);

/* What CAT_TP had to repair on this side, before the link's end is told */
void sim_smsr_note_repairs (SimSmsr *smsr, SimCattpRepairs repairs);

/* The connection or link has ended. @why: (nullable): what is wrong with its end; NULL only after
 * close_notify or a normal RST */
void sim_smsr_closed (SimSmsr *smsr, SimSmsrProtocol protocol, const char *why);

/* The listeners misbehave from now on, or no longer. Without it an eUICC has no reason to come twice: an
 * operation that needed repairs does not end well. */
void sim_smsr_set_fault (SimSmsr *smsr, gboolean is_on);

/* Whether an operation waits for a connection of this kind */
gboolean sim_smsr_is_waiting (const SimSmsr *smsr, SimSmsrProtocol protocol);

/* A connection that ended before it was open: said when the operation is given up */
void sim_smsr_note_failure (SimSmsr *smsr, const char *why);
