/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* What a push tells the card about the session that it shall begin. */

/* Administration over HTTP, GlobalPlatform Amendment B §3.8 */
typedef struct
{
  GBytes *connection; /* as of sim_bip_complete_parameters(); NULL: none was ever given */
  char *identity;     /* PSK identity as it is on the wire */
  char *host;
  char *agent;
  char *uri;
  guint n_retries;
  gint64 wait_us; /* before each of them */
} SimAdminParameters;

/* A CAT_TP link, TS 102 226 §9 */
typedef struct
{
  GBytes *connection;
  guint16 port;
  guint16 sdu_max;
  GBytes *identification; /* of the SYN */
} SimPushParameters;

/* Those of the ISD-R of the eUICC @eid before the first push: no connection, SGP.02's identities */
void sim_admin_parameters_init (SimAdminParameters *parameters, const char *eid);
void sim_admin_parameters_clear (SimAdminParameters *parameters);
void sim_push_parameters_init (SimPushParameters *parameters, const char *eid);
void sim_push_parameters_clear (SimPushParameters *parameters);

/* Whether the secured data of a command packet are no script but administration session triggering
 * parameters, §3.3.3 */
gboolean sim_trigger_is_one (EaSpan data);

/**
 * sim_trigger_read:
 * @parameters: (inout): what @data leave out stays
 *
 * Returns: FALSE when @data are malformed or nothing tells where to connect to
 */
gboolean sim_trigger_read (SimAdminParameters *parameters, EaSpan data);

/* The data of PUSH, request for opening of a BIP channel (P2 01) and for a CAT_TP link (P2 02):
 * FALSE, with @parameters untouched, when they are wrong or too little is known. */
gboolean sim_push_read_channel (SimPushParameters *parameters, EaSpan data);
gboolean sim_push_read_link (SimPushParameters *parameters, EaSpan data);
