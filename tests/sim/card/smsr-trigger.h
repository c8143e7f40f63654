/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What makes the eUICC open a channel of its own: the session trigger of GlobalPlatform Amendment B
 * (§3.3.3) for HTTPS, the PUSH commands of ETSI TS 102 226 §9 for CAT_TP.
 */

/* Where the eUICC finds its SM-SR */
typedef struct
{
  char *host;      /* the address in digits */
  GBytes *address; /* 4 or 16 octets */
  guint16 https;   /* TCP port */
  guint16 cat_tp;  /* UDP port */
  GBytes *dns;     /* address of its name server; NULL: there is none */
  guint16 dns_port;
} SimSmsrAddress;

void sim_smsr_address_clear (SimSmsrAddress *address);
void sim_smsr_address_copy (SimSmsrAddress *to, const SimSmsrAddress *from);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimSmsrAddress, sim_smsr_address_clear)

/* @text: "192.0.2.1:443"; there is no UDP port. Errors: EA_CORE_ERROR_MALFORMED; @out is untouched then. */
gboolean sim_smsr_address_parse (SimSmsrAddress *out, const char *text, GError **error);

/* CAT_TP port of the SM-SR, independent of the UDP port */
#define SIM_SMSR_CAT_TP_PORT 0x0929

/* What the SM-SR takes at once: CAT_TP PDU, which is the channel's buffer, and SDU */
#define SIM_SMSR_BUFFER_SIZE 0x0578
#define SIM_SMSR_SDU_MAX 0x5000

/* SDU that an eUICC is asked to take. An agent, which has more memory and counts round trips, may take what the SM-SR
 * does: 16 sealed segments of a profile with what secures them. */
#define SIM_SMSR_CARD_SDU_MAX 2048

/* What the eUICC shall ask for on a UDP channel: less than an SDU, which then needs several PDUs */
#define SIM_SMSR_UDP_BUFFER_SIZE 0x0200

/* Retries that a trigger asks for, unless an option has another number */
#define SIM_SMSR_RETRIES 3

/* First request target of the eUICC */
#define SIM_SMSR_ADMIN_URI "/gsma/adminagent"

/* (transfer full): the PSK identity of SGP.02 §2.4.4.1 as TLVs; on the wire their hexadecimal digits */
GBytes *sim_smsr_build_psk_identity (const char *eid);

/* (transfer full): X-Admin-From of this eUICC's ISD-R */
char *sim_smsr_build_agent_identifier (const char *eid);

/**
 * sim_smsr_build_https_trigger:
 * @name: (nullable): by which the SM-SR's address is to be asked for; NULL: it is told
 * @n_retries: of a session that breaks; each comes after a second
 *
 * Returns: (transfer full): 81 {83 {84 85 86 89}}, or with a name 81 {83 {84 85 86 89} B3 {D6 FA}}, whose 84 has
 * no address
 */
GBytes *sim_smsr_build_https_trigger (const char *eid, const SimSmsrAddress *address,
                                      const char *name, guint n_retries);

/**
 * sim_smsr_build_cat_tp_push:
 * @sdu_max: what whoever opens the link shall take at once
 * @identification: what SYN shall say, of at most 64 octets; empty: whoever opens the link chooses
 *
 * Returns: (transfer full): a script with PUSH for the BIP channel and for the CAT_TP link
 */
GBytes *sim_smsr_build_cat_tp_push (const SimSmsrAddress *address, guint16 sdu_max,
                                    EaSpan identification);
