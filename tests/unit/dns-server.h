/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * A DNS server (RFC 1035) for tests, run by the main loop, at one port of UDP and TCP. It knows what the test tells it,
 * and can be told to misbehave. Its encoder is its own and knows no compression.
 */

typedef enum
{
  DNS_A = 1,
  DNS_CNAME = 5,
  DNS_AAAA = 28,
} DnsType;

typedef enum
{
  DNS_NOERROR = 0,
  DNS_FORMERR = 1,
  DNS_SERVFAIL = 2,
  DNS_NXDOMAIN = 3,
  DNS_NOTIMP = 4,
  DNS_REFUSED = 5,
} DnsCode;

/**
 * DnsForgeFunc:
 * @query: as it came
 * @answer: (transfer full): what an honest server would answer
 *
 * Returns: (transfer full) (nullable): what is answered instead; %NULL: nothing
 */
typedef GByteArray *(*DnsForgeFunc) (GBytes *query, GByteArray *answer, gboolean is_tcp,
                                     gpointer user_data);

/**
 * DnsServer:
 * @code: the answer to everything unless it is DNS_NOERROR
 * @is_silent: queries are counted, and not answered
 * @is_holding: answers by UDP are kept until dns_server_release()
 * @is_truncating: UDP is answered without records, and the bit that says so
 * @forge: (nullable): the last word
 * @text: address and port
 * @asked: of char *, such as "AAAA smsr.example.com", as it was written
 * @askers: of char *, the address that each datagram and each connection came from
 */
typedef struct
{
  guint16 port;
  GInetSocketAddress *address;
  char *text;
  DnsCode code;
  gboolean is_silent;
  gboolean is_holding;
  gboolean is_truncating;
  DnsForgeFunc forge;
  gpointer user_data;
  GPtrArray *asked;
  GPtrArray *askers;
  guint n_tcp; /* of the queries */

  int udp;
  int tcp;
  guint udp_source;
  guint tcp_source;
  GPtrArray *records;
  GPtrArray *connections;
  GPtrArray *held;
} DnsServer;

/* @port: 0 for a free one */
DnsServer *dns_server_new (const char *address, guint16 port);
void dns_server_free (DnsServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnsServer, dns_server_free)

/* @value: an address, or the name that a CNAME means; %NULL: the name exists, and that is all */
void dns_server_add (DnsServer *self, const char *name, DnsType type, guint32 ttl_s,
                     const char *value);

/* Forgets all names. */
void dns_server_clear (DnsServer *self);

/* Sends the answers that were held, in order, and holds no more. */
void dns_server_release (DnsServer *self);

/* How often @question ("A smsr.example.com") came. */
guint dns_server_count (DnsServer *self, const char *question);

/* For forgers: appends a record of the name in @query to @answer, and counts it in ANCOUNT. */
void dns_append_record (GByteArray *answer, GBytes *query, DnsType type, guint32 ttl_s,
                        const guint8 *data, gsize size);
