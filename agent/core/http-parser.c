/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One face for two libraries. They are siblings: the callbacks are the same, but one is told where
 * it stopped by a pointer and the other by a count, and only one can be resumed without bytes.
 * Debian builds http_parser without its strict mode: it takes any octet for the LF after a CR, for
 * one. Both refuse what would make a body longer or shorter than its sender meant it: two lengths,
 * or a length besides chunks.
 */

#include "core/http-parser.h"

#ifdef EA_HTTP_WITH_LLHTTP
#include <llhttp.h>
typedef llhttp_t Parser;
typedef llhttp_settings_t Settings;
#else
#include <http_parser.h>
typedef http_parser Parser;
typedef http_parser_settings Settings;
#endif

#define CONTINUE 0
#define STOP (-1)

#define STATUS_NOT_MODIFIED 304

struct _EaHttpParser
{
  Parser parser;
  Settings settings;
  EaHttpKind kind;
  const EaHttpParserSink *sink;
  gpointer user_data;
  EaHttpParserState event;
  EaHttpParserHead head;
};

gboolean
ea_http_status_has_no_body (guint status)
{
  return status / 100 == 1 || status == EA_HTTP_STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
}

static int
take_text (Parser *parser, EaHttpText text, const char *data, gsize size)
{
  EaHttpParser *self = parser->data;

  if (self->sink->take_text (self->user_data, text, ea_span_init (data, size)))
    return CONTINUE;
  self->event = EA_HTTP_PARSER_STOPPED;
  return STOP;
}

static int
on_uri (Parser *parser, const char *data, gsize size)
{
  return take_text (parser, EA_HTTP_TEXT_URI, data, size);
}

static int
on_reason (Parser *parser, const char *data, gsize size)
{
  return take_text (parser, EA_HTTP_TEXT_REASON, data, size);
}

static int
on_name (Parser *parser, const char *data, gsize size)
{
  return take_text (parser, EA_HTTP_TEXT_NAME, data, size);
}

static int
on_value (Parser *parser, const char *data, gsize size)
{
  return take_text (parser, EA_HTTP_TEXT_VALUE, data, size);
}

static int
on_body (Parser *parser, const char *data, gsize size)
{
  EaHttpParser *self = parser->data;

  self->sink->take_body (self->user_data, ea_span_init (data, size));
  return CONTINUE;
}

#ifdef EA_HTTP_WITH_LLHTTP

static int
pause_at (EaHttpParser *self, EaHttpParserState event)
{
  self->event = event;
  return HPE_PAUSED;
}

static void
read_library_head (const Parser *parser, EaHttpParserHead *head)
{
  head->method = llhttp_method_name (parser->method);
  head->has_length = (parser->flags & F_CONTENT_LENGTH) != 0;
  head->keeps_alive = llhttp_should_keep_alive (parser) != 0;
}

static EaHttpParserState
run (EaHttpParser *self, EaSpan bytes, gsize *n_used)
{
  static const char nothing[] = "";
  const char *start = bytes.size > 0 ? (const char *) bytes.data : nothing;
  llhttp_errno_t result;

  if (llhttp_get_errno (&self->parser) == HPE_PAUSED)
    llhttp_resume (&self->parser);
  result = llhttp_execute (&self->parser, start, bytes.size);
  if (result == HPE_OK)
    {
      *n_used = bytes.size;
      return EA_HTTP_PARSER_NEEDS_BYTES;
    }
  *n_used = (gsize) (llhttp_get_error_pos (&self->parser) - start);
  return result == HPE_PAUSED || self->event == EA_HTTP_PARSER_STOPPED ? self->event
                                                                       : EA_HTTP_PARSER_FAILED;
}

const char *
ea_http_parser_get_problem (const EaHttpParser *parser)
{
  return llhttp_get_error_reason (&parser->parser);
}

#else

static int
pause_at (EaHttpParser *self, EaHttpParserState event)
{
  self->event = event;
  http_parser_pause (&self->parser, TRUE);
  return CONTINUE;
}

static void
read_library_head (const Parser *parser, EaHttpParserHead *head)
{
  head->method = http_method_str ((enum http_method) parser->method);
  head->has_length = (parser->flags & F_CONTENTLENGTH) != 0;
  head->keeps_alive = http_should_keep_alive (parser) != 0;
}

/* Nothing is pending in this library when it has no bytes, and an empty span would mean the end. */
static EaHttpParserState
run (EaHttpParser *self, EaSpan bytes, gsize *n_used)
{
  enum http_errno result;

  *n_used = 0;
  if (bytes.size == 0)
    return EA_HTTP_PARSER_NEEDS_BYTES;
  if (HTTP_PARSER_ERRNO (&self->parser) == HPE_PAUSED)
    http_parser_pause (&self->parser, FALSE);
  *n_used
      = http_parser_execute (&self->parser, &self->settings, (const char *) bytes.data, bytes.size);
  result = HTTP_PARSER_ERRNO (&self->parser);
  if (result == HPE_OK)
    return EA_HTTP_PARSER_NEEDS_BYTES;
  return result == HPE_PAUSED || self->event == EA_HTTP_PARSER_STOPPED ? self->event
                                                                       : EA_HTTP_PARSER_FAILED;
}

const char *
ea_http_parser_get_problem (const EaHttpParser *parser)
{
  return http_errno_description (HTTP_PARSER_ERRNO (&parser->parser));
}

#endif

static int
on_head (Parser *parser)
{
  EaHttpParser *self = parser->data;
  EaHttpParserHead *head = &self->head;

  *head = (EaHttpParserHead){
    .major = parser->http_major,
    .minor = parser->http_minor,
    .is_chunked = (parser->flags & F_CHUNKED) != 0,
    .length = parser->content_length,
    .is_upgrade = parser->upgrade != 0,
  };
  read_library_head (parser, head);
  if (self->kind == EA_HTTP_RESPONSE)
    {
      head->method = "";
      head->status = parser->status_code;
      if (ea_http_status_has_no_body (head->status))
        parser->flags |= F_SKIPBODY;
    }
  return pause_at (self, EA_HTTP_PARSER_HEAD);
}

static int
on_complete (Parser *parser)
{
  return pause_at (parser->data, EA_HTTP_PARSER_COMPLETE);
}

EaHttpParser *
ea_http_parser_new (EaHttpKind kind, const EaHttpParserSink *sink, gpointer user_data)
{
  EaHttpParser *self = g_new0 (EaHttpParser, 1);

  self->kind = kind;
  self->sink = sink;
  self->user_data = user_data;
  self->settings.on_url = on_uri;
  self->settings.on_status = on_reason;
  self->settings.on_header_field = on_name;
  self->settings.on_header_value = on_value;
  self->settings.on_headers_complete = on_head;
  self->settings.on_body = on_body;
  self->settings.on_message_complete = on_complete;
  ea_http_parser_restart (self);
  return self;
}

void
ea_http_parser_free (EaHttpParser *parser)
{
  g_free (parser);
}

void
ea_http_parser_restart (EaHttpParser *parser)
{
#ifdef EA_HTTP_WITH_LLHTTP
  llhttp_init (&parser->parser, parser->kind == EA_HTTP_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE,
               &parser->settings);
#else
  http_parser_init (&parser->parser,
                    parser->kind == EA_HTTP_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE);
#endif
  parser->parser.data = parser;
  parser->event = EA_HTTP_PARSER_NEEDS_BYTES;
}

EaHttpParserState
ea_http_parser_run (EaHttpParser *parser, EaSpan bytes, gsize *n_used)
{
  parser->event = EA_HTTP_PARSER_NEEDS_BYTES;
  return run (parser, bytes, n_used);
}

EaHttpParserHead
ea_http_parser_get_head (const EaHttpParser *parser)
{
  return parser->head;
}
