/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/admin-retry.h"
#include "core/push-trigger.h"
#include "host/config.h"
#include "session/session.h"

G_BEGIN_DECLS

/* Bytes of an order that was stored, and characters of one of its texts */
#define EA_SESSION_ORDER_SIZE_MAX 16384
#define EA_SESSION_ORDER_TEXT_MAX 4096

/* How long an SM-SR may be silent at most */
#define EA_SESSION_TIMEOUT_MAX_S 3600

/* Octets of the largest SDU, unless a push says less */
#define EA_SESSION_SDU_MAX 0xFFFF

/**
 * EaSessionOrder:
 * @eid: of the eUICC that it is for
 * @name: of the SM-SR: in the DNS, or its address in digits
 * @port: of TCP for HTTPS, of UDP for CAT_TP
 * @host: HTTPS: Host of the requests
 * @uri: HTTPS: of the first request
 * @agent_id: (nullable): HTTPS: X-Admin-From; %NULL: SGP.02's (§2.4.4.3)
 * @cattp_port: CAT_TP: the SM-SR's port of CAT_TP itself
 * @max_sdu: CAT_TP: octets of the largest SDU that is taken
 * @identification: (nullable): CAT_TP: what the SYN says; %NULL: the EID
 * @interface: network interface; "": that of a bearer
 * @apn: of the bearer; "": the default
 * @dns_server: (nullable): to be asked for @name instead of any other
 * @has_key: @key_version and @key_identifier tell which key; else the agent takes the one that it has
 * @psk_identity: (nullable): that goes with it, as it goes into the handshake
 * @timeout_s: how long the SM-SR may be silent
 *
 * What a session is to be like: from a trigger, from the bus or from the configuration, which says what the others leave
 * out.
 */
typedef struct
{
  EaSessionTransport transport;
  EaSessionOrigin origin;
  char *eid;
  char *name;
  guint16 port;
  char *host;
  char *uri;
  char *agent_id;
  guint16 cattp_port;
  guint16 max_sdu;
  GBytes *identification;
  char *interface;
  char *apn;
  GInetSocketAddress *dns_server;
  gboolean has_key;
  guint8 key_version;
  guint8 key_identifier;
  GBytes *psk_identity;
  EaAdminRetry retry;
  guint timeout_s;
} EaSessionOrder;

void ea_session_order_free (EaSessionOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaSessionOrder, ea_session_order_free)

/**
 * ea_session_order_new:
 * @eid: @device: of the eUICC, and its modem's, for what the configuration says about its bearer
 * @options: (nullable): a{sv}, as ea_euicc_open_session() has them
 *
 * Returns: (transfer full) (nullable)
 *
 * Errors: EA_SESSION_ERROR_INVALID.
 */
EaSessionOrder *ea_session_order_new (const EaConfig *config, const char *eid, const char *device,
                                      EaSessionTransport transport, EaSessionOrigin origin,
                                      GVariant *options, GError **error);

/**
 * ea_session_order_new_for_trigger:
 *
 * The server is that of the connection parameters, else that of the DNS parameters, else the administration host, else
 * that of the configuration. What these say about bearer, login and buffer is passed over, but for the access point
 * name: the agent is not the terminal of its own sessions.
 *
 * Errors: EA_SESSION_ERROR_INVALID, EA_CORE_ERROR.
 */
EaSessionOrder *ea_session_order_new_for_trigger (const EaConfig *config, const char *eid,
                                                  const char *device, const EaPushTrigger *trigger,
                                                  GError **error);

/**
 * ea_session_order_new_for_push:
 * @channel: (nullable): objects of the push for the BIP channel (TS 102 226 §9.1.1)
 * @link: objects of the push for the CAT_TP link on it
 *
 * A CAT_TP session with the server of @channel, else with that of the configuration. What @channel says about bearer, login
 * and buffer is passed over, but for the access point name.
 *
 * Errors: EA_SESSION_ERROR_INVALID (another protocol than UDP, too), EA_CORE_ERROR.
 */
EaSessionOrder *ea_session_order_new_for_push (const EaConfig *config, const char *eid,
                                               const char *device, const EaSpan *channel,
                                               EaSpan link, GError **error);

/* (transfer full): for the store; nothing in it is secret */
GBytes *ea_session_order_save (const EaSessionOrder *order);

/* Errors: EA_SESSION_ERROR_INVALID: nothing that was saved. */
EaSessionOrder *ea_session_order_restore (GBytes *saved, GError **error);

/* (transfer full): "smsr.example.com:443", an IPv6 address in brackets */
char *ea_session_order_get_peer (const EaSessionOrder *order);

/* (transfer full): the peer of a CAT_TP session, for ea_cattp_peer_split() and for answers to find it again */
char *ea_session_order_get_cattp_peer (const EaSessionOrder *order);

G_END_DECLS
