/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bip-request.h"
#include "core/cat-bearer.h"
#include "core/cat.h"

/*
 * TERMINAL RESPONSEs of the bearer independent protocol, TS 102 223 §6.8. Each object has the comprehension
 * bit of the object in the command that it answers to, as cards that are particular about it write both;
 * without such an object there it has none. All are (transfer full) and fit an APDU.
 */

/* Why there is no link, or none any more. */
typedef enum
{
  EA_BIP_FAILURE_UNABLE,       /* the terminal is busy or stops; the card may try again */
  EA_BIP_FAILURE_BUSY_ON_CALL, /* no packet data beside a call */
  EA_BIP_FAILURE_NO_SERVICE,   /* not registered */
  EA_BIP_FAILURE_NETWORK,      /* the network refuses the bearer; it has a cause */
  EA_BIP_FAILURE_NOT_REACHABLE, /* the peer refuses, does not answer, has no route or must not be reached */
  EA_BIP_FAILURE_PORT_IN_USE, /* UICC in server mode */
  EA_BIP_FAILURE_TRANSPORT,   /* no such protocol or family of addresses on this link */
  EA_BIP_FAILURE_OTHER,
} EaBipFailure;

/* A general result and its additional information, where the standard wants one. */
typedef struct
{
  EaCatResult general;
  gboolean has_additional;
  guint8 additional;
} EaBipResult;

#define EA_BIP_RESULT(general) ((EaBipResult){ (general), FALSE, 0 })
#define EA_BIP_RESULT_ERROR(cause) ((EaBipResult){ EA_CAT_RESULT_BIP_ERROR, TRUE, (cause) })

/**
 * ea_bip_get_result:
 * @cause: of the network for EA_BIP_FAILURE_NETWORK (TS 24.008 §10.5.6.6, TS 24.301 §9.9.4.4), 0 for none
 *
 * Returns: what a response says about @failure, TS 102 223 §8.12
 */
EaBipResult ea_bip_get_result (EaBipFailure failure, guint8 cause);

/* The response without further objects. @result says "partial comprehension" where it would say "performed"
 * and something in @command was not understood (§6.10). */
GBytes *ea_bip_build_response (const EaCatCommand *command, EaBipResult result);

/**
 * ea_bip_build_open_response:
 * @result: when it says "performed" and less buffer was granted than asked for, or none was asked for, the
 *   response says "performed with modification"
 * @status: (nullable): of the channel, on success
 * @servers: (nullable): addresses of DNS servers; told on success to a card that wants to know them
 */
GBytes *ea_bip_build_open_response (const EaCatCommand *command, const EaBipRequest *request,
                                    EaBipResult result, const EaCatChannelStatus *status,
                                    const EaCatOtherAddress *servers, gsize n_servers);

/* @n_free: bytes that the transmit buffer takes; 255 is said for more as well. */
GBytes *ea_bip_build_send_response (const EaCatCommand *command, gsize n_free);

/* @data: at most %EA_CAT_RECEIVE_DATA_MAX bytes; @n_left: as @n_free above. */
GBytes *ea_bip_build_receive_response (const EaCatCommand *command, EaBipResult result, EaSpan data,
                                       gsize n_left);

/* One object for each of @statuses; one that names no channel when there are none. */
GBytes *ea_bip_build_status_response (const EaCatCommand *command,
                                      const EaCatChannelStatus *statuses, gsize n_statuses);
