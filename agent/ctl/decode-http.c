/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the microscope shows of the HTTP messages of an administration session (GlobalPlatform
 * Amendment B §3.4, SGP.02 §2.4.4.3 and §3.15.2). The item is the raw message, its body with the
 * framing.
 */

#include <string.h>

#include "core/error.h"
#include "core/http-reader.h"
#include "ctl/decode.h"

#define CLAUSE_HTTP "RFC 9112"
#define CLAUSE_ADMIN "GlobalPlatform Amendment B §3.4"
#define CLAUSE_NOTIFICATION "SGP.02 §3.15.2"
#define NOTIFICATION_PARAMETER "msg="
#define RESUMED "true"
#define NOT_RESUMED "false"

/* Of a value: it is a text where it is UTF-8 and octets elsewhere. */
typedef struct
{
  const char *text;
  const char *octets;
} Key;

#define KEY(name)                                                                                  \
  {                                                                                                \
    name, name "_octets"                                                                           \
  }

static const struct
{
  const char *field;
  Key key;
  const char *clause;
} named_fields[] = {
  { EA_HTTP_HOST, KEY ("host"), CLAUSE_HTTP },
  { EA_HTTP_CONTENT_TYPE, KEY ("content_type"), CLAUSE_HTTP },
  { EA_HTTP_ADMIN_PROTOCOL, KEY ("admin_protocol"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_FROM, KEY ("from"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_SE_LIST, KEY ("se_list"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_TARGETED_SE, KEY ("targeted_se"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_SCRIPT_STATUS, KEY ("script_status"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_NEXT_URI, KEY ("next_uri"), CLAUSE_ADMIN },
  { EA_HTTP_ADMIN_TARGETED_APPLICATION, KEY ("targeted_application"), CLAUSE_ADMIN },
};

static const Key uri_key = KEY ("uri");
static const Key reason_key = KEY ("reason");
static const Key resume_key = KEY ("resume");
static const Key name_key = KEY ("name");
static const Key value_key = KEY ("value");

/* Texts of HTTP may have any byte; a view has UTF-8. */
static void
add_text (EaView *view, const Key *key, const char *text)
{
  if (g_utf8_validate (text, -1, NULL))
    ea_view_add_string (view, key->text, text);
  else
    ea_view_add_bytes (view, key->octets, ea_span_init (text, strlen (text)));
}

static const char *
get_framing_name (EaHttpFraming framing)
{
  switch (framing)
    {
    case EA_HTTP_FRAMING_NONE:
      return "none";
    case EA_HTTP_FRAMING_LENGTH:
      return "length";
    case EA_HTTP_FRAMING_CHUNKED:
      return "chunked";
    case EA_HTTP_FRAMING_CLOSE:
      return "close";
    }
  return NULL;
}

/* An empty value has no place. */
static void
place_value (EaView *view, const EaHttpField *field, const char *clause)
{
  if (*field->value != '\0')
    ea_view_at_offset (view, field->value_offset);
  ea_view_cite (view, clause);
}

static void
add_value (EaView *view, const EaHttpField *field, const Key *key, const char *clause)
{
  place_value (view, field, clause);
  add_text (view, key, field->value);
}

/* A word that the standard does not have is shown as it is. */
static void
add_resume (EaView *view, const EaHttpField *field)
{
  gboolean is_resumed = g_ascii_strcasecmp (field->value, RESUMED) == 0;

  if (!is_resumed && g_ascii_strcasecmp (field->value, NOT_RESUMED) != 0)
    {
      add_value (view, field, &resume_key, CLAUSE_ADMIN);
      return;
    }
  place_value (view, field, CLAUSE_ADMIN);
  ea_view_add_boolean (view, resume_key.text, is_resumed);
}

static void
add_named_fields (EaView *view, const EaHttpHead *head)
{
  const EaHttpField *resume = ea_http_head_find (head, EA_HTTP_ADMIN_RESUME);

  for (gsize i = 0; i < G_N_ELEMENTS (named_fields); i++)
    {
      const EaHttpField *field = ea_http_head_find (head, named_fields[i].field);

      if (field != NULL)
        add_value (view, field, &named_fields[i].key, named_fields[i].clause);
    }
  if (resume != NULL)
    add_resume (view, resume);
}

static void
add_headers (EaView *view, const EaHttpHead *head)
{
  ea_view_cite (view, CLAUSE_HTTP);
  ea_view_begin_list (view, "headers");
  for (gsize i = 0; i < head->n_fields; i++)
    {
      const EaHttpField *field = &head->fields[i];

      ea_view_at_offset (view, field->name_offset);
      ea_view_begin_object (view, NULL);
      ea_view_at_offset (view, field->name_offset);
      add_text (view, &name_key, field->name);
      add_value (view, field, &value_key, NULL);
      ea_view_end_object (view);
    }
  ea_view_end_list (view);
}

/* (transfer full) (nullable): the bytes of @text, which has two digits for each and nothing else. */
static GBytes *
read_hex (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isxdigit (*c))
      return NULL;
  return *text != '\0' ? ea_bytes_from_hex (text, NULL) : NULL;
}

/* The value of the first parameter of that name in the query; %NULL when there is none. */
static const char *
find_notification (char **parameters)
{
  for (; *parameters != NULL; parameters++)
    if (g_str_has_prefix (*parameters, NOTIFICATION_PARAMETER))
      return *parameters + strlen (NOTIFICATION_PARAMETER);
  return NULL;
}

/* The notification that a request carries in the query of its URI, where it is hexadecimal. */
static void
add_notification (EaView *view, const EaHttpHead *head, const EaDecodeOptions *options)
{
  const char *query = strchr (head->uri, '?');
  g_auto (GStrv) parameters = g_strsplit (query != NULL ? query + 1 : "", "&", -1);
  const char *value = find_notification (parameters);
  g_autoptr (GBytes) bytes = value != NULL ? read_hex (value) : NULL;

  if (bytes == NULL)
    return;
  ea_view_cite (view, CLAUSE_NOTIFICATION);
  ea_decode_add_nested (view, "notification", ea_decode_notification, ea_span_from_bytes (bytes),
                        options);
}

static void
add_request_line (EaView *view, const EaHttpHead *head)
{
  ea_view_at_offset (view, 0);
  ea_view_cite (view, CLAUSE_HTTP);
  ea_view_add_string (view, "method", head->method);
  ea_view_at_offset (view, head->text_offset);
  ea_view_cite (view, CLAUSE_HTTP);
  add_text (view, &uri_key, head->uri);
}

static void
add_status_line (EaView *view, const EaHttpHead *head)
{
  ea_view_cite (view, CLAUSE_HTTP);
  ea_view_add_number (view, "status", head->status);
  if (*head->reason != '\0')
    ea_view_at_offset (view, head->text_offset);
  ea_view_cite (view, CLAUSE_HTTP);
  add_text (view, &reason_key, head->reason);
}

static void
add_head (EaView *view, const EaHttpHead *head, const EaDecodeOptions *options)
{
  switch (head->kind)
    {
    case EA_HTTP_REQUEST:
      add_request_line (view, head);
      break;
    case EA_HTTP_RESPONSE:
      add_status_line (view, head);
      break;
    }
  ea_view_cite (view, CLAUSE_HTTP);
  ea_view_add_string (view, "version", head->minor == 0 ? "1.0" : "1.1");
  add_named_fields (view, head);
  if (head->kind == EA_HTTP_REQUEST)
    add_notification (view, head, options);
  ea_view_cite (view, CLAUSE_HTTP);
  ea_view_add_string (view, "framing", get_framing_name (head->framing));
  if (head->framing == EA_HTTP_FRAMING_LENGTH)
    ea_view_add_number (view, "content_length", head->content_length);
  ea_view_add_boolean (view, "keep_alive", head->keeps_alive);
  add_headers (view, head);
}

static gboolean
decode (EaView *view, EaSpan item, EaHttpKind kind, const EaDecodeOptions *options, GError **error)
{
  g_autoptr (EaHttpReader) reader = ea_http_reader_new (kind, TRUE);
  g_auto (EaWriter) body = { 0 };
  EaHttpEvent event;
  EaSpan first = EA_SPAN_EMPTY;
  EaSpan piece;
  EaSpan rest;

  ea_writer_init (&body);
  ea_http_reader_feed (reader, item);
  ea_http_reader_feed_end (reader);
  do
    {
      if (!ea_http_reader_next (reader, &event, &piece, error))
        return FALSE;
      if (event == EA_HTTP_EVENT_HEAD)
        add_head (view, ea_http_reader_get_head (reader), options);
      if (first.size == 0)
        first = piece;
      ea_writer_bytes (&body, piece);
    }
  while (event != EA_HTTP_EVENT_COMPLETE);

  rest = ea_http_reader_get_rest (reader);
  if (rest.size > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, rest.data,
                              "%" G_GSIZE_FORMAT " bytes follow the message", rest.size);
  if (first.size > 0)
    {
      ea_view_at (view, first);
      ea_view_cite (view, CLAUSE_HTTP);
      ea_view_add_bytes (view, "body", ea_writer_span (&body));
      ea_decode_add_secured_data (view, ea_writer_span (&body), options);
    }
  return TRUE;
}

gboolean
ea_decode_http_request (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  return decode (view, item, EA_HTTP_REQUEST, options, error);
}

gboolean
ea_decode_http_response (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  return decode (view, item, EA_HTTP_RESPONSE, options, error);
}
