/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * HTTP/1.1 messages (RFC 9112) as bytes: a writer of requests and responses, and a reader that is fed
 * pieces of any size. The simulated card is the client of GlobalPlatform Amendment B, the simulated
 * SM-SR its server.
 */

/* Limits of the reader */
#define SIM_HTTP_HEAD_MAX 8192
#define SIM_HTTP_BODY_MAX (1024 * 1024)

/**
 * SimHttpMessage:
 * @method: (nullable): "POST"; %NULL in a response
 * @target: (nullable): request target, octet for octet; %NULL in a response
 * @status: of a response; 0 in a request
 * @fields: lower-case name → value without white space around it; the values of a name that comes
 *   twice are joined by ", "
 * @body: never %NULL; without the framing of chunks
 */
typedef struct
{
  char *method;
  char *target;
  guint status;
  GHashTable *fields;
  GBytes *body;
} SimHttpMessage;

void sim_http_message_free (SimHttpMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimHttpMessage, sim_http_message_free)

/* (nullable): the value of a field; @name in lower case */
const char *sim_http_message_get_field (const SimHttpMessage *message, const char *name);

typedef struct _SimHttpReader SimHttpReader;

/* (transfer full) */
SimHttpReader *sim_http_reader_new (gboolean is_request);
void sim_http_reader_free (SimHttpReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimHttpReader, sim_http_reader_free)

/**
 * sim_http_reader_feed:
 * @bytes: what the connection brought: part of a message or several one after another
 *
 * Errors: EA_CORE_ERROR_MALFORMED, EA_CORE_ERROR_LIMIT; EA_CORE_ERROR_UNSUPPORTED for a response
 * whose body ends with the connection. After an error every feed fails.
 */
gboolean sim_http_reader_feed (SimHttpReader *self, EaSpan bytes, GError **error);

/* (transfer full) (nullable): the next whole message, %NULL: not yet */
SimHttpMessage *sim_http_reader_pull (SimHttpReader *self);

/**
 * sim_http_build_request:
 * @target: written verbatim
 * @fields: (array zero-terminated=1): "Name: value"; those of the framing are added
 * @body: (nullable): %NULL: no body and no field about it
 * @is_chunked: the body as chunks of at most 1024 octets instead of Content-Length
 *
 * Returns: (transfer full)
 */
GBytes *sim_http_build_request (const char *method, const char *target, const char *const *fields,
                                GBytes *body, gboolean is_chunked);

/* (transfer full): as above; without a body it says Content-Length: 0 unless @status is 204 */
GBytes *sim_http_build_response (guint status, const char *const *fields, GBytes *body,
                                 gboolean is_chunked);
