/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How the SM-SR's listeners misbehave when a test wants it: the control command "fail smsr". */

/**
 * SimSmsrFaultKind:
 * @SIM_SMSR_FAULT_REFUSE: nobody listens
 * @SIM_SMSR_FAULT_STALL: a connection is kept, but nothing is read or sent any more; it ends with the
 *   fault
 * @SIM_SMSR_FAULT_CLOSE: a connection ends with FIN, a CAT_TP link with RST
 * @SIM_SMSR_FAULT_RESET: a connection is reset; CAT_TP's socket is closed
 * @SIM_SMSR_FAULT_FLOOD: a connection gets octets without sense or end, a CAT_TP link many PDUs that
 *   are wrong with each that is right
 * @SIM_SMSR_FAULT_RANDOM: each connection ends by turns with FIN and with RST, after a number of octets in
 *   either direction that is drawn for it: small numbers of each magnitude are as likely as large ones
 * @SIM_SMSR_FAULT_SLOW: a connection gets its octets in small pieces with pauses
 * @SIM_SMSR_FAULT_UNKNOWN_IDENTITY: no PSK identity is known
 * @SIM_SMSR_FAULT_WRONG_KEY: the pre-shared key is another one
 * @SIM_SMSR_FAULT_CERTIFICATES: the server has suites with certificates only
 * @SIM_SMSR_FAULT_TLS_1_0: it speaks this version only, and so on
 * @SIM_SMSR_FAULT_LEGACY_SUITE: it has TLS_PSK_WITH_AES_128_CBC_SHA only
 * @SIM_SMSR_FAULT_UNASKED: 204 comes with the end of the handshake, before there is a request
 * @SIM_SMSR_FAULT_EARLY: 204 comes with the first octets of a request that is not there as a whole
 * @SIM_SMSR_FAULT_NEVER: a request has no response
 * @SIM_SMSR_FAULT_STATUS: a response has another status, and nothing else to say
 * @SIM_SMSR_FAULT_HEADER_FLOOD: a response's head has no end
 * @SIM_SMSR_FAULT_ENDLESS_CHUNK: a response's body is a chunk that has no end
 * @SIM_SMSR_FAULT_LENGTH: Content-Length is what the test wants
 * @SIM_SMSR_FAULT_CHUNK_LENGTH: so is the length of the first chunk
 * @SIM_SMSR_FAULT_SHORT_BODY: the body is shorter than Content-Length says; then comes close_notify
 * @SIM_SMSR_FAULT_CUT_BODY: the same without close_notify
 * @SIM_SMSR_FAULT_CUT_SCRIPT: the body is whole, but the script ends within a TLV
 * @SIM_SMSR_FAULT_UNKNOWN_APPLICATION: a script is for an application that is not there
 * @SIM_SMSR_FAULT_WRONG_TYPE: the body is of another content type
 * @SIM_SMSR_FAULT_LINK_REFUSE: SYN is answered with RST
 * @SIM_SMSR_FAULT_LINK_SILENCE: SYN is not answered
 * @SIM_SMSR_FAULT_LINK_RESET: a link ends with RST and a reason
 * @SIM_SMSR_FAULT_LINK_FORGET: all links are forgotten without a word, as by a server that is killed and comes back
 * @SIM_SMSR_FAULT_LINK_CHECKSUM: a PDU goes with a wrong checksum
 * @SIM_SMSR_FAULT_LINK_DROP: a PDU is lost on its way to the other side
 * @SIM_SMSR_FAULT_LINK_DEAF: a PDU is lost on its way from there
 * @SIM_SMSR_FAULT_LINK_FORGE: with a PDU others go that pretend to be of the link, from another address
 * @SIM_SMSR_FAULT_LINK_UNKNOWN_KEY: before an SDU another one goes, in CAT_TP form under a key that nobody has
 * @SIM_SMSR_FAULT_LINK_OVERSIZE: before an SDU another one goes that is larger than the other side takes
 */
typedef enum
{
  SIM_SMSR_FAULT_NONE,
  SIM_SMSR_FAULT_REFUSE,
  SIM_SMSR_FAULT_STALL,
  SIM_SMSR_FAULT_CLOSE,
  SIM_SMSR_FAULT_RESET,
  SIM_SMSR_FAULT_FLOOD,
  SIM_SMSR_FAULT_RANDOM,
  SIM_SMSR_FAULT_SLOW,
  SIM_SMSR_FAULT_UNKNOWN_IDENTITY,
  SIM_SMSR_FAULT_WRONG_KEY,
  SIM_SMSR_FAULT_CERTIFICATES,
  SIM_SMSR_FAULT_TLS_1_0,
  SIM_SMSR_FAULT_TLS_1_1,
  SIM_SMSR_FAULT_TLS_1_3,
  SIM_SMSR_FAULT_LEGACY_SUITE,
  SIM_SMSR_FAULT_UNASKED,
  SIM_SMSR_FAULT_EARLY,
  SIM_SMSR_FAULT_NEVER,
  SIM_SMSR_FAULT_STATUS,
  SIM_SMSR_FAULT_HEADER_FLOOD,
  SIM_SMSR_FAULT_ENDLESS_CHUNK,
  SIM_SMSR_FAULT_LENGTH,
  SIM_SMSR_FAULT_CHUNK_LENGTH,
  SIM_SMSR_FAULT_SHORT_BODY,
  SIM_SMSR_FAULT_CUT_BODY,
  SIM_SMSR_FAULT_CUT_SCRIPT,
  SIM_SMSR_FAULT_UNKNOWN_APPLICATION,
  SIM_SMSR_FAULT_WRONG_TYPE,
  SIM_SMSR_FAULT_LINK_REFUSE,
  SIM_SMSR_FAULT_LINK_SILENCE,
  SIM_SMSR_FAULT_LINK_RESET,
  SIM_SMSR_FAULT_LINK_FORGET,
  SIM_SMSR_FAULT_LINK_CHECKSUM,
  SIM_SMSR_FAULT_LINK_DROP,
  SIM_SMSR_FAULT_LINK_DEAF,
  SIM_SMSR_FAULT_LINK_FORGE,
  SIM_SMSR_FAULT_LINK_UNKNOWN_KEY,
  SIM_SMSR_FAULT_LINK_OVERSIZE,
} SimSmsrFaultKind;

#define SIM_SMSR_FAULT_VALUE_MAX 40

/**
 * SimSmsrFault:
 * @after: octets that each connection gets before the fault begins; the transport's, not TLS's. With
 *   SIM_SMSR_FAULT_RANDOM the most that are drawn; with faults of CAT_TP links, PDUs that it has sent or,
 *   for SIM_SMSR_FAULT_LINK_DEAF, received
 * @counts_both: octets that it has sent bring the fault nearer, too
 * @count: connections, responses, SYNs, links, PDUs or SDUs that the fault hits; 0: all until there is another one
 * @seed: of SIM_SMSR_FAULT_RANDOM
 * @status: of SIM_SMSR_FAULT_STATUS
 * @value: what SIM_SMSR_FAULT_LENGTH and SIM_SMSR_FAULT_CHUNK_LENGTH say
 * @reason: of RST, with SIM_SMSR_FAULT_LINK_REFUSE and SIM_SMSR_FAULT_LINK_RESET
 * @piece: @interval_ms: of SIM_SMSR_FAULT_SLOW
 */
typedef struct
{
  SimSmsrFaultKind kind;
  gsize after;
  gboolean counts_both;
  guint count;
  guint seed;
  guint status;
  guint reason;
  char value[SIM_SMSR_FAULT_VALUE_MAX + 1];
  guint piece;
  guint interval_ms;
} SimSmsrFault;

/* Words of the control command: the fault and what it needs */
#define SIM_SMSR_FAULT_USAGE                                                                       \
  "fail smsr off|refuse|{stall|close|reset|flood [OCTETS [COUNT]]}|random SEED COUNT [OCTETS]|"    \
  "slow OCTETS MS [COUNT]|"                                                                        \
  "{unknown-identity|wrong-key|certificates|tls1.0|tls1.1|tls1.3|"                                 \
  "legacy-suite|unasked|early|never|"                                                              \
  "header-flood|endless-chunk|short-body|cut-body|cut-script|unknown-application|wrong-type "      \
  "[COUNT]}|status CODE [COUNT]|{length|chunk-length} TEXT [COUNT]|"                               \
  "cat-tp-refuse REASON [COUNT]|cat-tp-reset REASON [PDUS [COUNT]]|"                               \
  "{cat-tp-forget|cat-tp-checksum|cat-tp-drop|cat-tp-deaf} [PDUS [COUNT]]|"                        \
  "{cat-tp-silence|cat-tp-forge|cat-tp-unknown-key|cat-tp-oversize} [COUNT]"

/* FALSE when @words (array zero-terminated=1) are not as above: @out is untouched. */
gboolean sim_smsr_fault_parse (SimSmsrFault *out, const char *const *words);

/* TRUE for what hits responses one by one; other faults hit connections. */
gboolean sim_smsr_fault_is_of_responses (SimSmsrFaultKind kind);

/* TRUE for what hits CAT_TP links and nothing else */
gboolean sim_smsr_fault_is_of_links (SimSmsrFaultKind kind);
