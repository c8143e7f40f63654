/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "hostility.h"

/* A name server over UDP for tests: it knows what it was told, and says on demand what it should not. */

typedef struct _SimDnsServer SimDnsServer;

#define SIM_DNS_TTL_DEFAULT_S 60

/**
 * SimDnsFault:
 * @SIM_DNS_FAULT_NXDOMAIN: there is no such name
 * @SIM_DNS_FAULT_SERVFAIL: the server has failed
 * @SIM_DNS_FAULT_SILENT: no answer
 * @SIM_DNS_FAULT_TRUNCATED: the answer had no room
 * @SIM_DNS_FAULT_LIE: first forged answers with another id and to another question, both with an
 *   address at which nobody is (192.0.2.66, 2001:db8::66); then the right one, when there is one
 */
typedef enum
{
  SIM_DNS_FAULT_NONE,
  SIM_DNS_FAULT_NXDOMAIN,
  SIM_DNS_FAULT_SERVFAIL,
  SIM_DNS_FAULT_SILENT,
  SIM_DNS_FAULT_TRUNCATED,
  SIM_DNS_FAULT_LIE,
} SimDnsFault;

/* What is known of a name */
typedef struct
{
  GPtrArray *addresses; /* of GInetAddress, in the order of the answers */
  guint32 ttl_s;
  SimDnsFault fault;
  guint n_left; /* queries with the fault; 0: all */
} SimDnsEntry;

/* (transfer full): without addresses and fault */
SimDnsEntry *sim_dns_entry_new (void);
void sim_dns_entry_free (SimDnsEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDnsEntry, sim_dns_entry_free)

/* Listens at @address on a port that is free. Errors: G_IO_ERROR. */
SimDnsServer *sim_dns_server_new (GInetAddress *address, GError **error);
void sim_dns_server_free (SimDnsServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDnsServer, sim_dns_server_free)

guint16 sim_dns_server_get_port (const SimDnsServer *self);

/* @name: in any case, with or without a dot at the end; @entry: (transfer full) (nullable): NULL: it is not
 * known any more, which is answered as SIM_DNS_FAULT_NXDOMAIN */
void sim_dns_server_set (SimDnsServer *self, const char *name, SimDnsEntry *entry);

/* What spoils some of its answers, or %NULL; borrowed */
void sim_dns_server_set_hostility (SimDnsServer *self, SimHostility *hostility);

/* (transfer full): the queries since the last call, "NAME A", "NAME AAAA" or "NAME TYPE<number>" one a line,
 * and a closing "." */
char *sim_dns_server_take_queries (SimDnsServer *self);
