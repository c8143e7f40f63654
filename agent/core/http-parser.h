/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/http.h"

/*
 * The grammar of HTTP/1.1 is read by a library: llhttp where the system has it, http_parser
 * elsewhere. This is what both can do; it has no limits and no opinion. Everybody but http-reader.c
 * uses EaHttpReader.
 */

typedef struct _EaHttpParser EaHttpParser;

typedef enum
{
  EA_HTTP_TEXT_URI,
  EA_HTTP_TEXT_REASON,
  EA_HTTP_TEXT_NAME,
  EA_HTTP_TEXT_VALUE,
} EaHttpText;

/**
 * EaHttpParserSink:
 * @take_text: gets a piece of a text, which may come in several pieces or be empty; FALSE stops the
 *   parser. Fields that follow a chunked body come here, too
 * @take_body: gets a piece of the body, borrowed from what is parsed
 */
typedef struct
{
  gboolean (*take_text) (gpointer user_data, EaHttpText text, EaSpan piece);
  void (*take_body) (gpointer user_data, EaSpan piece);
} EaHttpParserSink;

/**
 * EaHttpParserState:
 * @EA_HTTP_PARSER_NEEDS_BYTES: all bytes were used
 * @EA_HTTP_PARSER_HEAD: a head is complete: go on after it
 * @EA_HTTP_PARSER_COMPLETE: a message is complete: restart before the next one
 * @EA_HTTP_PARSER_STOPPED: the sink wanted it
 * @EA_HTTP_PARSER_FAILED: this is not HTTP
 */
typedef enum
{
  EA_HTTP_PARSER_NEEDS_BYTES,
  EA_HTTP_PARSER_HEAD,
  EA_HTTP_PARSER_COMPLETE,
  EA_HTTP_PARSER_STOPPED,
  EA_HTTP_PARSER_FAILED,
} EaHttpParserState;

/**
 * EaHttpParserHead:
 * @method: static; empty in a response
 * @status: 0 in a request
 * @is_upgrade: the connection would not be HTTP any more
 */
typedef struct
{
  guint major;
  guint minor;
  const char *method;
  guint status;
  gboolean is_chunked;
  gboolean has_length;
  guint64 length;
  gboolean is_upgrade;
  gboolean keeps_alive;
} EaHttpParserHead;

/* (transfer full) */
EaHttpParser *ea_http_parser_new (EaHttpKind kind, const EaHttpParserSink *sink,
                                  gpointer user_data);
void ea_http_parser_free (EaHttpParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaHttpParser, ea_http_parser_free)

/* Forgets everything: a message begins. */
void ea_http_parser_restart (EaHttpParser *parser);

/**
 * ea_http_parser_run:
 * @bytes: what comes after the bytes that were used before; may be empty
 * @n_used: (out): how many were used; with FAILED, how many come before the wrong one
 *
 * Reads up to the next event.
 */
EaHttpParserState ea_http_parser_run (EaHttpParser *parser, EaSpan bytes, gsize *n_used);

/* What was read, from %EA_HTTP_PARSER_HEAD on. */
EaHttpParserHead ea_http_parser_get_head (const EaHttpParser *parser);

/* Why it failed; static. */
const char *ea_http_parser_get_problem (const EaHttpParser *parser);

/* TRUE when no body may follow a response of @status, whatever its fields say (RFC 9112 §6.3). */
gboolean ea_http_status_has_no_body (guint status);
