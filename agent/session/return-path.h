/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "core/sms-address.h"
#include "session/cattp-peer.h"

G_BEGIN_DECLS

/**
 * EaReturnPath:
 * @form: of the command packet, and so of its answer
 * @originator: who gets the answer in short messages (SMS form)
 * @max_response: bytes of the largest SDU that the peer takes, at most %EA_SCP80_PACKET_MAX (CAT_TP form)
 * @peer: who gets the answer over CAT_TP (CAT_TP form)
 *
 * The way that the answer to a command packet takes.
 */
typedef struct
{
  EaScp80Form form;
  EaSmsAddress originator;
  guint16 max_response;
  char peer[EA_CATTP_PEER_MAX + 1];
} EaReturnPath;

G_END_DECLS
