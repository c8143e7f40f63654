/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/bytes.h"

/* DNS messages of RFC 1035 and RFC 3596 as a server reads and writes them, over UDP without extensions. */

#define SIM_DNS_TYPE_A 1
#define SIM_DNS_TYPE_AAAA 28

/* RFC 1035 §4.2.1 */
#define SIM_DNS_MESSAGE_MAX 512

typedef enum
{
  SIM_DNS_NO_ERROR = 0,
  SIM_DNS_FORMAT_ERROR = 1,
  SIM_DNS_SERVER_FAILURE = 2,
  SIM_DNS_NAME_ERROR = 3,
  SIM_DNS_NOT_IMPLEMENTED = 4,
} SimDnsStatus;

/* @name: with dots, as it was asked for, without one at the end; @question: the octets of the whole
 * question: borrowed */
typedef struct
{
  guint16 id;
  guint16 flags;
  char *name;
  guint16 type;
  EaSpan question;
} SimDnsQuery;

void sim_dns_query_clear (SimDnsQuery *query);

/* FALSE when @message is no query with one question. Clear @out afterwards. */
gboolean sim_dns_query_parse (SimDnsQuery *out, EaSpan message);

/* TRUE for A and AAAA with an address of their family */
gboolean sim_dns_fits (guint16 type, GInetAddress *address);

/**
 * sim_dns_build_response:
 * @addresses: (element-type GInetAddress): those of the other family are left out
 * @is_truncated: TC is set and no answer is there. It is set, too, when not all answers have room.
 *
 * Returns: (transfer full): at most SIM_DNS_MESSAGE_MAX octets
 */
GBytes *sim_dns_build_response (const SimDnsQuery *query, SimDnsStatus status,
                                const GPtrArray *addresses, guint32 ttl_s, gboolean is_truncated);
