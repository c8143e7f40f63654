/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cattp.h"
#include "net/link.h"

G_BEGIN_DECLS

/*
 * EaCattpLink: a CAT_TP connection (core/cattp) that the agent opens over a UDP link, one PDU a datagram.
 *
 * Signals, none of them from within a call of the owner; handlers may call anything here and drop the object:
 *   "opened"    (guint max_sdu)          SDUs of up to @max_sdu octets may be sent
 *   "sdu"       (GBytes *) → gboolean    one has come; FALSE: there is no room for it now. It comes again after
 *                                        ea_cattp_link_resume(); the peer is slowed down meanwhile, and the
 *                                        end of the connection is told after it
 *   "delivered" ()                       the peer has the oldest SDU that was sent and not yet told of
 *   "closed"    (const GError *error)    the last signal; %NULL: one of both has ended it as it should be
 */

/* Octets of the largest PDU: with the headers of UDP and IPv6 it passes every link that IPv6 may use but the narrowest. */
#define EA_CATTP_LINK_PDU_MAX 1400

/* How long SDUs without room are kept once the connection has ended */
#define EA_CATTP_LINK_HELD_LIMIT_S 30

/* PDUs that the peer may have under way */
#define EA_CATTP_LINK_WINDOW 64

#define EA_CATTP_LINK_ERROR (ea_cattp_link_error_quark ())
GQuark ea_cattp_link_error_quark (void);

/**
 * EaCattpLinkError:
 * @EA_CATTP_LINK_ERROR_NO_ANSWER: the peer does not answer, or does no longer
 * @EA_CATTP_LINK_ERROR_REFUSED: the peer does not want the connection: the message has its reason
 * @EA_CATTP_LINK_ERROR_RESET: the peer has ended the connection, not as it should be
 * @EA_CATTP_LINK_ERROR_PROTOCOL: what came is not CAT_TP, or not of this connection
 * @EA_CATTP_LINK_ERROR_LIMIT: an SDU of the peer is larger than was said
 */
typedef enum
{
  EA_CATTP_LINK_ERROR_NO_ANSWER,
  EA_CATTP_LINK_ERROR_REFUSED,
  EA_CATTP_LINK_ERROR_RESET,
  EA_CATTP_LINK_ERROR_PROTOCOL,
  EA_CATTP_LINK_ERROR_LIMIT,
} EaCattpLinkError;

#define EA_TYPE_CATTP_LINK (ea_cattp_link_get_type ())
G_DECLARE_FINAL_TYPE (EaCattpLink, ea_cattp_link, EA, CATTP_LINK, GObject)

/**
 * ea_cattp_link_new:
 * @link: connected, and nobody else's
 * @destination_port: of CAT_TP
 * @max_sdu: octets of the largest SDU that is taken
 * @identification: of at most %EA_CATTP_IDENTIFICATION_MAX octets
 * @keep_alive_ms: so long after the last PDU of the peer it is asked whether it is there; 0: never
 *
 * Opens the connection.
 */
EaCattpLink *ea_cattp_link_new (EaLink *link, guint16 destination_port, guint16 max_sdu,
                                EaSpan identification, guint keep_alive_ms);

/* Errors: as ea_cattp_send(). */
gboolean ea_cattp_link_send (EaCattpLink *self, GBytes *sdu, GError **error);

/* There is room for SDUs again. */
void ea_cattp_link_resume (EaCattpLink *self);

/* Ends the connection when the peer has everything that was sent. */
void ea_cattp_link_close (EaCattpLink *self);

/* Ends the connection at once, with this reason in the RST; no signal follows. */
void ea_cattp_link_abort (EaCattpLink *self, EaCattpResetReason reason);

/* (transfer full): EA_CATTP_LINK_ERROR_NO_ANSWER, for who does not wait for the peer as long as the link does; with what the
 * network has said last, which is nothing to rely on */
GError *ea_cattp_link_make_silence_error (const EaCattpLink *self);

/* Octets of all datagrams */
guint64 ea_cattp_link_get_bytes_sent (EaCattpLink *self);
guint64 ea_cattp_link_get_bytes_received (EaCattpLink *self);

G_END_DECLS
