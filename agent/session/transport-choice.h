/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "session/session.h"

G_BEGIN_DECLS

/**
 * EaTransportFacts:
 * @has_key: a key for HTTPS is held
 * @has_port: the SM-SR's port of CAT_TP is known
 * @is_gsm: the modem is registered in a network of GSM or EDGE
 * @has_timed_out: the last HTTPS session failed because nobody answered in time
 *
 * What the choice of a transport goes by.
 */
typedef struct
{
  gboolean has_key;
  gboolean has_port;
  gboolean is_gsm;
  gboolean has_timed_out;
} EaTransportFacts;

/* HTTPS where there is a key for it and the network is good, else CAT_TP, if its port is known. @reason: (out): for people */
EaSessionTransport ea_transport_choose (const EaTransportFacts *facts, const char **reason);

G_END_DECLS
