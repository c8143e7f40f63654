/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/http.h"

/*
 * Writes the POST requests of an administration session (GlobalPlatform Amendment B §3.4, SGP.02
 * §2.4.4.3). A request is begun with its head, its body is written in pieces of any size, and it is
 * ended.
 */

/**
 * EaHttpRequestHead:
 * @uri: the one of the trigger, later X-Admin-Next-URI, verbatim
 * @host: name or address, with a port where it is not the usual one
 * @protocol: %EA_HTTP_PROTOCOL_1_0 or %EA_HTTP_PROTOCOL_1_1_1
 * @from: (nullable): the agent's identifier, "//se-id/eid/…;//aa-id/aid/…"
 * @se_list: @targeted_se: (nullable): of protocol 1.1.1
 * @content_type: (nullable): of a body
 * @script_status: (nullable): what became of the script that this request answers
 * @is_resumed: the session goes on after a break
 * @framing: not %EA_HTTP_FRAMING_CLOSE
 * @content_length: bytes of the body with %EA_HTTP_FRAMING_LENGTH
 *
 * All strings are borrowed. Fields are written in this order, those that are %NULL are not; @uri,
 * @host and @protocol must be there.
 */
typedef struct
{
  const char *uri;
  const char *host;
  const char *protocol;
  const char *from;
  const char *se_list;
  const char *targeted_se;
  const char *content_type;
  const char *script_status;
  gboolean is_resumed;
  EaHttpFraming framing;
  guint64 content_length;
} EaHttpRequestHead;

/* A request that is being written: a plain value, nothing to clear. */
typedef struct
{
  EaHttpFraming framing;
  guint64 n_left;
  gboolean has_ended;
} EaHttpRequest;

/**
 * ea_http_request_begin:
 * @request: (out): untouched on failure
 * @writer: gets the head; untouched on failure
 *
 * Errors: EA_CORE_ERROR_MALFORMED (no URI, host or protocol; a text that is empty or has a control
 * character; a URI with a blank; a value with a blank at an end), _LIMIT (%EA_HTTP_URI_MAX,
 * %EA_HTTP_VALUE_MAX, %EA_HTTP_HEAD_MAX), _UNSUPPORTED (@framing).
 */
gboolean ea_http_request_begin (EaHttpRequest *request, const EaHttpRequestHead *head,
                                EaWriter *writer, GError **error);

/**
 * ea_http_request_write:
 * @body: the next bytes of the body, as one chunk where there are chunks; may be empty
 *
 * Errors: EA_CORE_ERROR_MALFORMED (more than the head said, or after the request's end). Nothing is
 * written then.
 */
gboolean ea_http_request_write (EaHttpRequest *request, EaSpan body, EaWriter *writer,
                                GError **error);

/* Errors: EA_CORE_ERROR_MALFORMED (fewer bytes than the head said, or a second end). Nothing is
 * written then. */
gboolean ea_http_request_end (EaHttpRequest *request, EaWriter *writer, GError **error);
