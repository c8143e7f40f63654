/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * HTTP/1.1 messages (RFC 9110, RFC 9112) on top of the library's grammar: limits, heads as a whole,
 * events that are pulled. Field names have no case, blanks around values are optional, as servers
 * in the field use both.
 */

#include "core/http-reader.h"

#include <string.h>

#include "core/error.h"
#include "core/http-parser.h"

#define MAJOR_VERSION 1
#define STATUS_SWITCHING_PROTOCOLS 101
#define DELETE 0x7F
#define CODING_CHUNKED "chunked"

/* Where a name or value begins in the text that was collected, and in the stream. */
typedef struct
{
  gsize at;
  gsize offset;
  gsize size;
} Place;

typedef struct
{
  Place name;
  Place value;
} FieldPlaces;

typedef enum
{
  PHASE_HEAD,
  PHASE_BODY,
  PHASE_COMPLETE,
} Phase;

struct _EaHttpReader
{
  EaHttpKind kind;
  gboolean may_close;
  gboolean has_ended;
  EaHttpParser *parser;
  GError *failure;

  EaSpan fed;       /* what was fed last */
  gsize fed_offset; /* of @fed in the stream */
  EaSpan rest;      /* what is not used of it */

  Phase phase;
  gboolean has_state;
  EaHttpParserState state; /* how the last run ended, to be told after all pieces of the body */
  GArray *pieces;          /* of EaSpan: the body in @rest */
  guint next_piece;

  gsize head_size;   /* bytes of this head up to now */
  guint64 body_size; /* bytes of this body that were told */
  guint n_interim;
  GString *text; /* every text of the head, each ended by a NUL */
  EaHttpText last_text;
  gboolean has_text;
  Place line;     /* the URI or the reason phrase */
  GArray *places; /* of FieldPlaces */
  GArray *fields; /* of EaHttpField */
  EaHttpHead head;
};

static const char *
get_noun (const EaHttpReader *self)
{
  return self->kind == EA_HTTP_REQUEST ? "Request" : "Response";
}

/* The byte at @offset of the stream; %NULL when it was fed before. */
static const guint8 *
get_position (const EaHttpReader *self, gsize offset)
{
  return offset >= self->fed_offset ? ea_span_tail (self->fed, offset - self->fed_offset).data
                                    : NULL;
}

/* Of a piece that is not empty. */
static gsize
get_stream_offset (const EaHttpReader *self, EaSpan piece)
{
  gsize offset = 0;

  (void) ea_span_find_offset (self->fed, piece, &offset); /* always within */
  return self->fed_offset + offset;
}

static const char *
get_text_name (EaHttpText text)
{
  switch (text)
    {
    case EA_HTTP_TEXT_URI:
      return "URI";
    case EA_HTTP_TEXT_REASON:
      return "Reason phrase";
    case EA_HTTP_TEXT_NAME:
      return "Field name";
    case EA_HTTP_TEXT_VALUE:
      return "Field value";
    }
  return NULL;
}

static gsize
get_text_limit (EaHttpText text)
{
  switch (text)
    {
    case EA_HTTP_TEXT_URI:
      return EA_HTTP_URI_MAX;
    case EA_HTTP_TEXT_REASON:
      return EA_HTTP_REASON_MAX;
    case EA_HTTP_TEXT_NAME:
      return EA_HTTP_NAME_MAX;
    case EA_HTTP_TEXT_VALUE:
      return EA_HTTP_VALUE_MAX;
    }
  return 0;
}

/* Names have no blanks: one library lets them through. */
static gboolean
is_character_of (EaHttpText text, guint8 character)
{
  if (character < ' ' || character == DELETE)
    return character == '\t' && text != EA_HTTP_TEXT_NAME;
  return character != ' ' || text != EA_HTTP_TEXT_NAME;
}

static gboolean
check_characters (EaHttpReader *self, EaHttpText text, EaSpan piece)
{
  EaReader reader;

  ea_reader_init (&reader, piece);
  while (ea_reader_remaining (&reader) > 0)
    {
      const guint8 *position = ea_reader_position (&reader);
      guint8 character = ea_reader_u8 (&reader);

      if (!is_character_of (text, character))
        return ea_core_error_set (&self->failure, EA_CORE_ERROR_MALFORMED, position,
                                  "%s has the character %02X", get_text_name (text), character);
    }
  return TRUE;
}

/* A text begins: the one before gets its end. Its place is known when its first byte comes. */
static gboolean
begin_text (EaHttpReader *self, EaHttpText text, const guint8 *position)
{
  if (text == EA_HTTP_TEXT_NAME && self->places->len == EA_HTTP_FIELDS_MAX)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_LIMIT, position,
                              "%s has more than %d fields", get_noun (self), EA_HTTP_FIELDS_MAX);
  if (self->has_text)
    g_string_append_c (self->text, '\0');
  if (text == EA_HTTP_TEXT_NAME)
    g_array_set_size (self->places, self->places->len + 1);
  self->has_text = TRUE;
  self->last_text = text;
  return TRUE;
}

static Place *
get_last_place (EaHttpReader *self)
{
  FieldPlaces *field;

  if (self->last_text == EA_HTTP_TEXT_URI || self->last_text == EA_HTTP_TEXT_REASON)
    return &self->line;
  field = &g_array_index (self->places, FieldPlaces, self->places->len - 1);
  return self->last_text == EA_HTTP_TEXT_NAME ? &field->name : &field->value;
}

static gboolean
append_text (EaHttpReader *self, EaHttpText text, EaSpan piece)
{
  Place *place = get_last_place (self);
  gsize offset = get_stream_offset (self, piece);

  if (place->size == 0)
    *place = (Place){ self->text->len, offset, 0 };
  else if (place->offset + place->size != offset)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_MALFORMED, piece.data,
                              "%s goes on in another line", get_text_name (text));

  place->size += piece.size;
  if (place->size > get_text_limit (text))
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_LIMIT, piece.data,
                              "%s has more than %" G_GSIZE_FORMAT " bytes", get_text_name (text),
                              get_text_limit (text));
  g_string_append_len (self->text, (const char *) piece.data, (gssize) piece.size);
  return TRUE;
}

static gboolean
take_text (gpointer user_data, EaHttpText text, EaSpan piece)
{
  EaHttpReader *self = user_data;

  if (!check_characters (self, text, piece))
    return FALSE;
  if (self->phase != PHASE_HEAD)
    return TRUE; /* a field after a chunked body */
  if ((!self->has_text || text != self->last_text) && !begin_text (self, text, piece.data))
    return FALSE;
  return piece.size == 0 || append_text (self, text, piece);
}

static void
take_body (gpointer user_data, EaSpan piece)
{
  EaHttpReader *self = user_data;

  if (piece.size > 0)
    g_array_append_val (self->pieces, piece);
}

static const EaHttpParserSink sink = { take_text, take_body };

static void
begin_message (EaHttpReader *self)
{
  ea_http_parser_restart (self->parser);
  self->phase = PHASE_HEAD;
  self->head_size = 0;
  self->body_size = 0;
  self->has_text = FALSE;
  self->line = (Place){ 0 };
  g_string_truncate (self->text, 0);
  g_array_set_size (self->places, 0);
  g_array_set_size (self->fields, 0);
}

EaHttpReader *
ea_http_reader_new (EaHttpKind kind, gboolean may_close)
{
  EaHttpReader *self = g_new0 (EaHttpReader, 1);

  self->kind = kind;
  self->may_close = may_close;
  self->parser = ea_http_parser_new (kind, &sink, self);
  self->pieces = g_array_new (FALSE, FALSE, sizeof (EaSpan));
  self->text = g_string_new (NULL);
  self->places = g_array_new (FALSE, TRUE, sizeof (FieldPlaces));
  self->fields = g_array_new (FALSE, TRUE, sizeof (EaHttpField));
  begin_message (self);
  return self;
}

void
ea_http_reader_free (EaHttpReader *reader)
{
  if (reader == NULL)
    return;
  ea_http_parser_free (reader->parser);
  g_clear_error (&reader->failure);
  g_array_unref (reader->pieces);
  g_string_free (reader->text, TRUE);
  g_array_unref (reader->places);
  g_array_unref (reader->fields);
  g_free (reader);
}

void
ea_http_reader_feed (EaHttpReader *reader, EaSpan bytes)
{
  g_return_if_fail (reader->rest.size == 0 && !reader->has_ended);

  reader->fed_offset += reader->fed.size;
  reader->fed = bytes;
  reader->rest = bytes;
}

void
ea_http_reader_feed_end (EaHttpReader *reader)
{
  reader->has_ended = TRUE;
}

/* @text as a string without blanks at its end; an empty one has no place. */
static const char *
get_string (EaHttpReader *self, const Place *place)
{
  return place->size > 0 ? g_strchomp (self->text->str + place->at) : "";
}

static void
collect_fields (EaHttpReader *self)
{
  g_string_append_c (self->text, '\0');
  for (guint i = 0; i < self->places->len; i++)
    {
      const FieldPlaces *places = &g_array_index (self->places, FieldPlaces, i);
      EaHttpField field = {
        .name = get_string (self, &places->name),
        .value = get_string (self, &places->value),
        .name_offset = places->name.offset,
        .value_offset = places->value.offset,
      };

      g_array_append_val (self->fields, field);
    }
}

static EaHttpFraming
get_framing (const EaHttpReader *self, const EaHttpParserHead *head)
{
  if (self->kind == EA_HTTP_RESPONSE && ea_http_status_has_no_body (head->status))
    return EA_HTTP_FRAMING_NONE;
  if (head->is_chunked)
    return EA_HTTP_FRAMING_CHUNKED;
  if (head->has_length)
    return EA_HTTP_FRAMING_LENGTH;
  return self->kind == EA_HTTP_REQUEST ? EA_HTTP_FRAMING_NONE : EA_HTTP_FRAMING_CLOSE;
}

static void
collect_head (EaHttpReader *self)
{
  EaHttpParserHead head = ea_http_parser_get_head (self->parser);
  const char *line;

  collect_fields (self);
  line = get_string (self, &self->line);
  self->head = (EaHttpHead){
    .kind = self->kind,
    .minor = head.minor,
    .method = head.method,
    .uri = self->kind == EA_HTTP_REQUEST ? line : "",
    .text_offset = self->line.offset,
    .status = head.status,
    .reason = self->kind == EA_HTTP_RESPONSE ? line : "",
    .framing = get_framing (self, &head),
    .keeps_alive = head.keeps_alive,
    .fields = (const EaHttpField *) self->fields->data,
    .n_fields = self->fields->len,
  };
  if (self->head.framing == EA_HTTP_FRAMING_LENGTH)
    self->head.content_length = head.length;
}

/* A field that decides something must not come with two values. */
static gboolean
check_repetitions (EaHttpReader *self)
{
  static const char *const once[] = {
    EA_HTTP_HOST,           EA_HTTP_CONTENT_TYPE,      EA_HTTP_TRANSFER_ENCODING,
    EA_HTTP_ADMIN_PROTOCOL, EA_HTTP_ADMIN_FROM,        EA_HTTP_ADMIN_SCRIPT_STATUS,
    EA_HTTP_ADMIN_RESUME,   EA_HTTP_ADMIN_NEXT_URI,    EA_HTTP_ADMIN_TARGETED_APPLICATION,
    EA_HTTP_ADMIN_SE_LIST,  EA_HTTP_ADMIN_TARGETED_SE,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (once); i++)
    {
      const EaHttpField *first = ea_http_head_find (&self->head, once[i]);
      EaHttpHead others = self->head;
      const EaHttpField *second;

      if (first == NULL)
        continue;
      others.n_fields -= (gsize) (first + 1 - others.fields);
      others.fields = first + 1;
      second = ea_http_head_find (&others, once[i]);
      if (second != NULL)
        return ea_core_error_set (&self->failure, EA_CORE_ERROR_MALFORMED,
                                  get_position (self, second->name_offset),
                                  "%s has the field %s twice", get_noun (self), once[i]);
    }
  return TRUE;
}

static gboolean
check_protocol (EaHttpReader *self, const EaHttpParserHead *head)
{
  if (head->major != MAJOR_VERSION || head->minor > 1)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_UNSUPPORTED, self->rest.data,
                              "%s has the version HTTP/%u.%u, not 1.0 or 1.1", get_noun (self),
                              head->major, head->minor);
  if (head->is_upgrade || head->status == STATUS_SWITCHING_PROTOCOLS)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_UNSUPPORTED, self->rest.data,
                              "%s leaves HTTP for another protocol", get_noun (self));
  return TRUE;
}

static gboolean
check_framing (EaHttpReader *self)
{
  const EaHttpField *coding = ea_http_head_find (&self->head, EA_HTTP_TRANSFER_ENCODING);

  if (self->head.framing == EA_HTTP_FRAMING_NONE)
    return TRUE;
  if (coding != NULL && g_ascii_strcasecmp (coding->value, CODING_CHUNKED) != 0)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_UNSUPPORTED,
                              get_position (self, coding->value_offset),
                              "Transfer coding of %" G_GSIZE_FORMAT " bytes is not \"%s\"",
                              strlen (coding->value), CODING_CHUNKED);
  if (self->head.framing == EA_HTTP_FRAMING_CLOSE && !self->may_close)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_UNSUPPORTED, self->rest.data,
                              "%s %u has neither a length nor chunks", get_noun (self),
                              self->head.status);
  return TRUE;
}

static gboolean
is_interim (const EaHttpReader *self)
{
  return self->kind == EA_HTTP_RESPONSE && self->head.status / 100 == 1;
}

static gboolean
check_interim (EaHttpReader *self)
{
  if (!is_interim (self))
    self->n_interim = 0;
  else if (++self->n_interim > EA_HTTP_INTERIM_MAX)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_LIMIT, self->rest.data,
                              "More than %d responses come before the final one",
                              EA_HTTP_INTERIM_MAX);
  return TRUE;
}

static gboolean
finish_head (EaHttpReader *self)
{
  EaHttpParserHead head = ea_http_parser_get_head (self->parser);

  collect_head (self);
  if (!check_protocol (self, &head) || !check_repetitions (self) || !check_framing (self)
      || !check_interim (self))
    return FALSE;
  self->phase = PHASE_BODY;
  return TRUE;
}

/* Up to the limit of a head, at which it must be complete. */
static EaSpan
get_next_bytes (const EaHttpReader *self)
{
  if (self->phase != PHASE_HEAD)
    return self->rest;
  return ea_span_head (self->rest, EA_HTTP_HEAD_MAX - self->head_size);
}

static gboolean
run (EaHttpReader *self)
{
  EaSpan bytes = get_next_bytes (self);
  gsize n_used = 0;

  g_array_set_size (self->pieces, 0);
  self->next_piece = 0;
  self->state = ea_http_parser_run (self->parser, bytes, &n_used);
  if (self->phase == PHASE_HEAD)
    self->head_size += n_used;
  self->rest
      = ea_span_init (ea_span_end (ea_span_head (self->rest, n_used)), self->rest.size - n_used);

  switch (self->state)
    {
    case EA_HTTP_PARSER_NEEDS_BYTES:
      if (self->phase == PHASE_HEAD && self->head_size == EA_HTTP_HEAD_MAX)
        return ea_core_error_set (&self->failure, EA_CORE_ERROR_LIMIT, self->rest.data,
                                  "%s has a head of more than %d bytes", get_noun (self),
                                  EA_HTTP_HEAD_MAX);
      return TRUE;
    case EA_HTTP_PARSER_HEAD:
    case EA_HTTP_PARSER_COMPLETE:
    case EA_HTTP_PARSER_FAILED: /* told after the pieces in front of it */
      return TRUE;
    case EA_HTTP_PARSER_STOPPED:
      return FALSE;
    }
  return FALSE;
}

/* The connection ended and all was used: right only where that ends the body. */
static gboolean
end_stream (EaHttpReader *self)
{
  const EaHttpHead *head = &self->head;

  if (self->phase == PHASE_BODY && head->framing == EA_HTTP_FRAMING_CLOSE)
    {
      self->state = EA_HTTP_PARSER_COMPLETE;
      return TRUE;
    }
  if (self->phase == PHASE_BODY && head->framing == EA_HTTP_FRAMING_LENGTH)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_TRUNCATED, self->rest.data,
                              "%s ends after %" G_GUINT64_FORMAT
                              " bytes of its body, not %" G_GUINT64_FORMAT,
                              get_noun (self), self->body_size, head->content_length);
  if (self->phase == PHASE_BODY)
    return ea_core_error_set (&self->failure, EA_CORE_ERROR_TRUNCATED, self->rest.data,
                              "%s ends after %" G_GUINT64_FORMAT
                              " bytes of its body, before the last chunk",
                              get_noun (self), self->body_size);
  return ea_core_error_set (&self->failure, EA_CORE_ERROR_TRUNCATED, self->rest.data,
                            "%s ends after %" G_GSIZE_FORMAT " bytes of its head", get_noun (self),
                            self->phase == PHASE_HEAD ? self->head_size : 0);
}

/* TRUE when there is a @body to tell. */
static gboolean
take_piece (EaHttpReader *self, EaSpan *body)
{
  if (self->next_piece == self->pieces->len)
    return FALSE;
  *body = g_array_index (self->pieces, EaSpan, self->next_piece);
  self->next_piece++;
  self->body_size += body->size;
  return TRUE;
}

/* A message that is complete is forgotten when something follows it. */
static gboolean
run_or_wait (EaHttpReader *self)
{
  if (self->phase != PHASE_COMPLETE)
    return run (self);
  if (self->rest.size > 0)
    {
      begin_message (self);
      return run (self);
    }
  self->state = EA_HTTP_PARSER_NEEDS_BYTES;
  return TRUE;
}

/* TRUE when the @state is an @event to tell. */
static gboolean
take_state (EaHttpReader *self, EaHttpEvent *event)
{
  self->has_state = FALSE;
  switch (self->state)
    {
    case EA_HTTP_PARSER_HEAD:
      *event = EA_HTTP_EVENT_HEAD;
      return finish_head (self) && !is_interim (self);
    case EA_HTTP_PARSER_COMPLETE:
      *event = EA_HTTP_EVENT_COMPLETE;
      self->phase = PHASE_COMPLETE;
      return !is_interim (self);
    case EA_HTTP_PARSER_NEEDS_BYTES:
      *event = EA_HTTP_EVENT_NEEDS_BYTES;
      self->has_state = self->has_ended && end_stream (self);
      return !self->has_ended;
    case EA_HTTP_PARSER_FAILED:
      return ea_core_error_set (&self->failure, EA_CORE_ERROR_MALFORMED, self->rest.data,
                                "%s is not HTTP: %s", get_noun (self),
                                ea_http_parser_get_problem (self->parser));
    case EA_HTTP_PARSER_STOPPED:
      return FALSE;
    }
  return FALSE;
}

gboolean
ea_http_reader_next (EaHttpReader *reader, EaHttpEvent *event, EaSpan *body, GError **error)
{
  do
    {
      EaHttpEvent next = EA_HTTP_EVENT_BODY;
      EaSpan piece = EA_SPAN_EMPTY;

      if (take_piece (reader, &piece) || (reader->has_state && take_state (reader, &next)))
        {
          *event = next;
          *body = piece;
          return TRUE;
        }
      if (reader->failure == NULL && !reader->has_state)
        reader->has_state = run_or_wait (reader);
    }
  while (reader->failure == NULL || reader->next_piece < reader->pieces->len);

  g_propagate_error (error, g_error_copy (reader->failure));
  return FALSE;
}

const EaHttpHead *
ea_http_reader_get_head (const EaHttpReader *reader)
{
  return &reader->head;
}

EaSpan
ea_http_reader_get_rest (const EaHttpReader *reader)
{
  return reader->rest;
}
