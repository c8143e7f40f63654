/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The reader of HTTP/1.1 messages: a library's grammar (llhttp where the system has it, http_parser
 * elsewhere) and the limits. Only the callbacks that both have are used, and none of them pauses, so
 * that messages one after another need nothing special.
 */

#include "sim-http.h"

#include <string.h>

#include "core/error.h"

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

#define STATUS_NO_CONTENT 204
#define STATUS_NOT_MODIFIED 304

struct _SimHttpReader
{
  Parser parser;
  Settings settings;
  gboolean is_request;
  gsize head_size; /* of the texts that came */
  gboolean is_head_complete;
  GString *target;
  GString *name;
  GString *value;
  gboolean has_value; /* perhaps an empty one */
  GHashTable *fields;
  GByteArray *body;
  GQueue messages;
  GError *error;
};

static int
stop (SimHttpReader *self, EaCoreError code, const char *reason)
{
  if (self->error == NULL)
    g_set_error (&self->error, EA_CORE_ERROR, code, "HTTP: %s", reason);
  return STOP;
}

static int
append (SimHttpReader *self, GString *text, const char *data, gsize size)
{
  self->head_size += size;
  if (self->head_size > SIM_HTTP_HEAD_MAX)
    return stop (self, EA_CORE_ERROR_LIMIT, "the head is too long");
  if (memchr (data, '\0', size) != NULL)
    return stop (self, EA_CORE_ERROR_MALFORMED, "a NUL in the head");
  g_string_append_len (text, data, (gssize) size);
  return CONTINUE;
}

/* The field whose name and value are complete: the next name or the head's end has come. Those after
 * a chunked body are read, but nobody wants them. */
static void
finish_field (SimHttpReader *self)
{
  g_autofree char *name = g_ascii_strdown (self->name->str, -1);
  const char *before = g_hash_table_lookup (self->fields, name);

  g_strstrip (self->value->str);
  if (self->name->len > 0 && !self->is_head_complete)
    {
      char *value = before != NULL ? g_strconcat (before, ", ", self->value->str, NULL)
                                   : g_strdup (self->value->str);

      g_hash_table_replace (self->fields, g_steal_pointer (&name), value);
    }
  g_string_truncate (self->name, 0);
  g_string_truncate (self->value, 0);
  self->has_value = FALSE;
}

static int
on_begin (Parser *parser)
{
  SimHttpReader *self = parser->data;

  self->head_size = 0;
  self->is_head_complete = FALSE;
  self->has_value = FALSE;
  g_string_truncate (self->target, 0);
  g_string_truncate (self->name, 0);
  g_string_truncate (self->value, 0);
  g_hash_table_remove_all (self->fields);
  g_byte_array_set_size (self->body, 0);
  return CONTINUE;
}

static int
on_target (Parser *parser, const char *data, gsize size)
{
  SimHttpReader *self = parser->data;

  return append (self, self->target, data, size);
}

static int
on_name (Parser *parser, const char *data, gsize size)
{
  SimHttpReader *self = parser->data;

  if (self->has_value)
    finish_field (self);
  return append (self, self->name, data, size);
}

static int
on_value (Parser *parser, const char *data, gsize size)
{
  SimHttpReader *self = parser->data;

  self->has_value = TRUE;
  return append (self, self->value, data, size);
}

#ifdef EA_HTTP_WITH_LLHTTP
#define FLAG_LENGTH F_CONTENT_LENGTH
#else
#define FLAG_LENGTH F_CONTENTLENGTH
#endif

static gboolean
has_no_body (guint status)
{
  return status / 100 == 1 || status == STATUS_NO_CONTENT || status == STATUS_NOT_MODIFIED;
}

static int
on_head (Parser *parser)
{
  SimHttpReader *self = parser->data;

  finish_field (self);
  self->is_head_complete = TRUE;
  if (parser->upgrade != 0)
    return stop (self, EA_CORE_ERROR_UNSUPPORTED, "an upgrade of the protocol");
  if (!self->is_request && has_no_body (parser->status_code))
    parser->flags |= F_SKIPBODY;
  else if (!self->is_request && (parser->flags & (FLAG_LENGTH | F_CHUNKED)) == 0)
    return stop (self, EA_CORE_ERROR_UNSUPPORTED, "a body that ends with the connection");
  return CONTINUE;
}

static int
on_body (Parser *parser, const char *data, gsize size)
{
  SimHttpReader *self = parser->data;

  if (size > SIM_HTTP_BODY_MAX - self->body->len)
    return stop (self, EA_CORE_ERROR_LIMIT, "the body is too long");
  g_byte_array_append (self->body, (const guint8 *) data, (guint) size);
  return CONTINUE;
}

static const char *
get_method (const Parser *parser)
{
#ifdef EA_HTTP_WITH_LLHTTP
  return llhttp_method_name (parser->method);
#else
  return http_method_str ((enum http_method) parser->method);
#endif
}

static GHashTable *
create_fields (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static int
on_complete (Parser *parser)
{
  SimHttpReader *self = parser->data;
  SimHttpMessage *message = g_new0 (SimHttpMessage, 1);

  if (self->is_request)
    {
      message->method = g_strdup (get_method (parser));
      message->target = g_strdup (self->target->str);
    }
  else
    {
      message->status = parser->status_code;
    }
  message->fields = self->fields;
  message->body = ea_span_to_bytes (ea_span_from_array (self->body));
  self->fields = create_fields ();
  g_queue_push_tail (&self->messages, message);
  return CONTINUE;
}

SimHttpReader *
sim_http_reader_new (gboolean is_request)
{
  SimHttpReader *self = g_new0 (SimHttpReader, 1);

  self->is_request = is_request;
  self->target = g_string_new (NULL);
  self->name = g_string_new (NULL);
  self->value = g_string_new (NULL);
  self->fields = create_fields ();
  self->body = g_byte_array_new ();
  self->settings.on_message_begin = on_begin;
  self->settings.on_url = on_target;
  self->settings.on_header_field = on_name;
  self->settings.on_header_value = on_value;
  self->settings.on_headers_complete = on_head;
  self->settings.on_body = on_body;
  self->settings.on_message_complete = on_complete;
#ifdef EA_HTTP_WITH_LLHTTP
  llhttp_init (&self->parser, is_request ? HTTP_REQUEST : HTTP_RESPONSE, &self->settings);
#else
  http_parser_init (&self->parser, is_request ? HTTP_REQUEST : HTTP_RESPONSE);
#endif
  self->parser.data = self;
  return self;
}

void
sim_http_reader_free (SimHttpReader *self)
{
  if (self == NULL)
    return;
  g_string_free (self->target, TRUE);
  g_string_free (self->name, TRUE);
  g_string_free (self->value, TRUE);
  g_hash_table_unref (self->fields);
  g_byte_array_unref (self->body);
  g_queue_clear_full (&self->messages, (GDestroyNotify) sim_http_message_free);
  g_clear_error (&self->error);
  g_free (self);
}

/* (nullable): why the library stopped */
static const char *
run (SimHttpReader *self, EaSpan bytes)
{
#ifdef EA_HTTP_WITH_LLHTTP
  if (llhttp_execute (&self->parser, (const char *) bytes.data, bytes.size) == HPE_OK)
    return NULL;
  return llhttp_get_error_reason (&self->parser);
#else
  (void) http_parser_execute (&self->parser, &self->settings, (const char *) bytes.data,
                              bytes.size);
  if (HTTP_PARSER_ERRNO (&self->parser) == HPE_OK)
    return NULL;
  return http_errno_description (HTTP_PARSER_ERRNO (&self->parser));
#endif
}

gboolean
sim_http_reader_feed (SimHttpReader *self, EaSpan bytes, GError **error)
{
  const char *problem = NULL;

  if (self->error == NULL && bytes.size > 0)
    problem = run (self, bytes);
  if (problem != NULL)
    (void) stop (self, EA_CORE_ERROR_MALFORMED, problem);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  return TRUE;
}

SimHttpMessage *
sim_http_reader_pull (SimHttpReader *self)
{
  return g_queue_pop_head (&self->messages);
}
