/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * HTTP/1.1 (RFC 9112) as far as remote administration needs it (GlobalPlatform Amendment B, SGP.02
 * §2.4.4.3): the head of a message and its limits. Reading is in http-reader.h, writing in
 * http-request.h.
 */

/* Limits of a head. More is refused. */
#define EA_HTTP_URI_MAX 4096   /* bytes of a request's URI */
#define EA_HTTP_REASON_MAX 256 /* bytes of a reason phrase */
#define EA_HTTP_NAME_MAX 128   /* bytes of a field's name */
#define EA_HTTP_VALUE_MAX 4096 /* bytes of a field's value, with blanks after it */
#define EA_HTTP_FIELDS_MAX 64  /* fields of a head */
#define EA_HTTP_HEAD_MAX 16384 /* bytes of a head with its line ends */
#define EA_HTTP_INTERIM_MAX 8  /* responses 1xx in front of one response */

#define EA_HTTP_STATUS_OK 200
#define EA_HTTP_STATUS_NO_CONTENT 204

/* Names of fields. */
#define EA_HTTP_HOST "Host"
#define EA_HTTP_CONTENT_TYPE "Content-Type"
#define EA_HTTP_CONTENT_LENGTH "Content-Length"
#define EA_HTTP_TRANSFER_ENCODING "Transfer-Encoding"
#define EA_HTTP_ADMIN_PROTOCOL "X-Admin-Protocol"
#define EA_HTTP_ADMIN_FROM "X-Admin-From"
#define EA_HTTP_ADMIN_SCRIPT_STATUS "X-Admin-Script-Status"
#define EA_HTTP_ADMIN_RESUME "X-Admin-Resume"
#define EA_HTTP_ADMIN_NEXT_URI "X-Admin-Next-URI"
#define EA_HTTP_ADMIN_TARGETED_APPLICATION "X-Admin-Targeted-Application"
#define EA_HTTP_ADMIN_SE_LIST "X-Admin-SE-List"
#define EA_HTTP_ADMIN_TARGETED_SE "X-Admin-Targeted-SE"

/* Values of fields. */
#define EA_HTTP_PROTOCOL_1_0 "globalplatform-remote-admin/1.0"
#define EA_HTTP_PROTOCOL_1_1_1 "globalplatform-remote-admin/1.1.1"
#define EA_HTTP_TYPE_COMMAND "application/vnd.globalplatform.card-content-mgt;version=1.0"
#define EA_HTTP_TYPE_RESPONSE "application/vnd.globalplatform.card-content-mgt-response;version=1.0"
#define EA_HTTP_TYPE_RFM_COMMAND "application/vnd.etsi.scp.command-data;version=1.0"
#define EA_HTTP_TYPE_RFM_RESPONSE "application/vnd.etsi.scp.response-data;version=1.0"

typedef enum
{
  EA_HTTP_REQUEST,
  EA_HTTP_RESPONSE,
} EaHttpKind;

/**
 * EaHttpFraming:
 * @EA_HTTP_FRAMING_NONE: there is no body
 * @EA_HTTP_FRAMING_LENGTH: Content-Length
 * @EA_HTTP_FRAMING_CHUNKED: Transfer-Encoding: chunked
 * @EA_HTTP_FRAMING_CLOSE: the end of the connection ends the body (responses only)
 */
typedef enum
{
  EA_HTTP_FRAMING_NONE,
  EA_HTTP_FRAMING_LENGTH,
  EA_HTTP_FRAMING_CHUNKED,
  EA_HTTP_FRAMING_CLOSE,
} EaHttpFraming;

/**
 * EaHttpField:
 * @value: verbatim, without blanks around it; never has control characters other than a tab
 * @name_offset: @value_offset: where they begin in the stream that was read
 */
typedef struct
{
  const char *name;
  const char *value;
  gsize name_offset;
  gsize value_offset;
} EaHttpField;

/**
 * EaHttpHead:
 * @minor: of the version HTTP/1.@minor
 * @method: @uri: requests only
 * @text_offset: where the URI or the reason phrase begins in the stream
 * @status: @reason: responses only; @reason may be empty
 * @content_length: bytes of the body with %EA_HTTP_FRAMING_LENGTH
 * @keeps_alive: the connection may be used again after this message
 * @fields: @n_fields: all fields in their order; not those that come after a chunked body
 *
 * What comes in front of a body. It belongs to the reader.
 */
typedef struct
{
  EaHttpKind kind;
  guint minor;
  const char *method;
  const char *uri;
  gsize text_offset;
  guint status;
  const char *reason;
  EaHttpFraming framing;
  guint64 content_length;
  gboolean keeps_alive;
  const EaHttpField *fields;
  gsize n_fields;
} EaHttpHead;

/* The first field whose name is @name, without regard to case; %NULL when there is none. */
const EaHttpField *ea_http_head_find (const EaHttpHead *head, const char *name);

/* Its value; %NULL when there is none. */
const char *ea_http_head_get (const EaHttpHead *head, const char *name);
