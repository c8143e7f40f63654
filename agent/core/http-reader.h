/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/http.h"

/*
 * Reads a stream of HTTP/1.1 messages, fed in pieces of any size: where they are cut makes no
 * difference. A loop looks like this:
 *
 *   ea_http_reader_feed (reader, bytes);
 *   while (ea_http_reader_next (reader, &event, &body, &error)
 *          && event != EA_HTTP_EVENT_NEEDS_BYTES)
 *     …
 *
 * The body is passed on as it comes and is not limited; the head is, by the constants of
 * core/http.h.
 */

typedef struct _EaHttpReader EaHttpReader;

/**
 * EaHttpEvent:
 * @EA_HTTP_EVENT_NEEDS_BYTES: all that was fed was used
 * @EA_HTTP_EVENT_HEAD: ea_http_reader_get_head() has a new head
 * @EA_HTTP_EVENT_BODY: a piece of the body, without its chunks' framing
 * @EA_HTTP_EVENT_COMPLETE: the message ends; another may follow
 */
typedef enum
{
  EA_HTTP_EVENT_NEEDS_BYTES,
  EA_HTTP_EVENT_HEAD,
  EA_HTTP_EVENT_BODY,
  EA_HTTP_EVENT_COMPLETE,
} EaHttpEvent;

/**
 * ea_http_reader_new:
 * @may_close: a response without Content-Length and chunks is taken to last until the connection
 *   ends, otherwise it is refused
 *
 * Returns: (transfer full)
 */
EaHttpReader *ea_http_reader_new (EaHttpKind kind, gboolean may_close);
void ea_http_reader_free (EaHttpReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaHttpReader, ea_http_reader_free)

/* Adds @bytes, which must live until %EA_HTTP_EVENT_NEEDS_BYTES or an error. All fed before must
 * have been used. */
void ea_http_reader_feed (EaHttpReader *reader, EaSpan bytes);

/* Says that no more bytes come: the connection ended. */
void ea_http_reader_feed_end (EaHttpReader *reader);

/**
 * ea_http_reader_next:
 * @event: (out): untouched on failure
 * @body: (out): what %EA_HTTP_EVENT_BODY brings, borrowed from what was fed; empty with other
 *   events, untouched on failure
 *
 * Takes the next event. Responses 1xx are skipped. After an error all calls give the same error
 * again.
 *
 * Errors: EA_CORE_ERROR_MALFORMED (no HTTP, a folded line or a control character in a head, two
 * fields of a name that may come once), _LIMIT (see core/http.h), _UNSUPPORTED (another version or
 * transfer coding, an upgrade, a body that only the connection ends), _TRUNCATED (the connection
 * ended within a message or before it).
 */
gboolean ea_http_reader_next (EaHttpReader *reader, EaHttpEvent *event, EaSpan *body,
                              GError **error);

/* The last head; it lives until the call of ea_http_reader_next() after %EA_HTTP_EVENT_COMPLETE. */
const EaHttpHead *ea_http_reader_get_head (const EaHttpReader *reader);

/* What was fed and not used yet, borrowed. */
EaSpan ea_http_reader_get_rest (const EaHttpReader *reader);
