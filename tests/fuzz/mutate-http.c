/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sessions of HTTP messages: their order, their fields and bodies are changed as such; length and chunks then fit, or
 * one of them is wrong. Bodies are scripts. In fuzz-admin.c's input a line of "%%" stands between two messages.
 */

#include <string.h>

#include "mutate.h"

#define LINE_END "\r\n"
#define SEPARATOR "\n%%\n"
#define FIELD_LENGTH "content-length:"
#define FIELD_CODING "transfer-encoding:"
#define CHANGES_MAX 4
#define MESSAGES_MAX 16
#define WRONG_ONE_IN 10
#define CHUNK_MAX 32

typedef enum
{
  FRAMING_NONE,
  FRAMING_LENGTH,
  FRAMING_CHUNKED,
  N_FRAMINGS,
} Framing;

typedef enum
{
  FAULT_NONE,
  FAULT_LENGTH,
  FAULT_CHUNK_SIZE,
  FAULT_LAST_CHUNK,
  FAULT_CHUNK_EXTENSION,
  FAULT_TRAILER,
  FAULT_BOTH_FRAMINGS,
  N_FAULTS,
} Fault;

/* @lines: the start line and the fields, but for those of the framing */
typedef struct
{
  GPtrArray *lines;
  Framing framing;
  Fault fault;
  GByteArray *body;
} Message;

static const char *const known_start_lines[] = {
  "HTTP/1.1 200 OK",           "HTTP/1.1 204 No Content",        "HTTP/1.0 200 OK",
  "HTTP/1.1 100 Continue",     "HTTP/1.1 404 Not Found",         "HTTP/1.1 503 ",
  "HTTP/1.1 304 Not Modified", "POST /gsma/adminagent HTTP/1.1", "POST /next?a=1 HTTP/1.1",
  "HEAD / HTTP/1.1",
};

static const char *const known_fields[] = {
  "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0",
  "Content-Type: application/vnd.globalplatform.card-content-mgt-response;version=1.0",
  "X-Admin-Next-URI: /next?a=1",
  "X-Admin-Next-URI:",
  "x-admin-next-uri:/n",
  "X-Admin-Protocol: globalplatform-remote-admin/1.0",
  "X-Admin-From: //se-id/eid/89001012012341234012345678901224;//aa-id/aid/A000000559/1010",
  "X-Admin-Script-Status: ok",
  "X-Admin-Script-Status: unknown-application",
  "X-Admin-Targeted-Application: //aid/A000000559/1010FFFFFFFF8900000100",
  "X-Admin-Targeted-Application: //aid/A000000151/53504153",
  "X-Admin-Resume: true",
  "X-Admin-Resume: false",
  "Host: 192.0.2.1",
  "Connection: close",
  "Connection: keep-alive",
  "Content-Length: 0",
  "Content-Length: 18446744073709551615",
  "Transfer-Encoding: identity",
  "Expect: 100-continue",
  " folded",
};

static void
message_free (gpointer pointer)
{
  Message *message = pointer;

  g_ptr_array_unref (message->lines);
  g_byte_array_unref (message->body);
  g_free (message);
}

static Message *
message_new (void)
{
  Message *message = g_new0 (Message, 1);

  message->lines = g_ptr_array_new_with_free_func (g_free);
  message->body = g_byte_array_new ();
  return message;
}

static Message *
message_copy (const Message *message)
{
  Message *copy = message_new ();

  for (guint i = 0; i < message->lines->len; i++)
    g_ptr_array_add (copy->lines, g_strdup (g_ptr_array_index (message->lines, i)));
  g_byte_array_append (copy->body, message->body->data, message->body->len);
  copy->framing = message->framing;
  return copy;
}

/* (transfer full) (nullable): the next line, without its end and up to a NUL; NULL when no line ends */
static char *
take_line (EaSpan *rest)
{
  const guint8 *end = rest->size > 0 ? memchr (rest->data, '\n', rest->size) : NULL;
  gsize size = end != NULL ? (gsize) (end - rest->data) : 0;
  char *line;

  if (end == NULL)
    return NULL;
  line = g_strndup ((const char *) rest->data, size);
  *rest = ea_span_tail (*rest, size + 1);
  return g_strchomp (line);
}

static gboolean
has_name (const char *line, const char *name)
{
  return g_ascii_strncasecmp (line, name, strlen (name)) == 0;
}

static void
take_chunks (Message *message, EaSpan *rest)
{
  for (;;)
    {
      g_autofree char *line = take_line (rest);
      g_autofree char *end = NULL;
      EaSpan chunk;

      if (line == NULL)
        return;
      chunk = ea_span_head (*rest, g_ascii_strtoull (line, NULL, 16));
      g_byte_array_append (message->body, chunk.data, (guint) chunk.size);
      *rest = ea_span_tail (*rest, chunk.size);
      end = take_line (rest);
      if (chunk.size == 0)
        return;
    }
}

static Message *
take_message (EaSpan *rest, gboolean is_alone)
{
  Message *message = message_new ();
  gsize length = is_alone ? rest->size : 0;
  EaSpan body;
  char *line;

  while ((line = take_line (rest)) != NULL && *line != '\0')
    {
      if (has_name (line, FIELD_LENGTH))
        length = g_ascii_strtoull (line + strlen (FIELD_LENGTH), NULL, 10);
      if (has_name (line, FIELD_LENGTH))
        message->framing = FRAMING_LENGTH;
      else if (has_name (line, FIELD_CODING))
        message->framing = FRAMING_CHUNKED;
      else
        g_ptr_array_add (message->lines, g_steal_pointer (&line));
      g_free (line);
    }
  g_free (line);
  if (message->framing == FRAMING_CHUNKED)
    {
      take_chunks (message, rest);
      return message;
    }
  body = ea_span_head (*rest, length);
  g_byte_array_append (message->body, body.data, (guint) body.size);
  *rest = ea_span_tail (*rest, body.size);
  return message;
}

static GPtrArray *
read_messages (EaSpan input, gboolean is_separated)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func (message_free);

  while (input.size > 0 && messages->len < MESSAGES_MAX)
    {
      const char *end
          = is_separated ? g_strstr_len ((const char *) input.data, (gssize) input.size, SEPARATOR)
                         : NULL;
      gsize size = end != NULL ? (gsize) (end - (const char *) input.data) : input.size;
      EaSpan one = is_separated ? ea_span_head (input, size) : input;
      gsize before = one.size;

      g_ptr_array_add (messages, take_message (&one, is_separated));
      if (is_separated)
        input = ea_span_tail (input, size + strlen (SEPARATOR));
      else
        input = one.size < before ? one : EA_SPAN_EMPTY;
    }
  return messages;
}

static void
append_text (GByteArray *out, const char *text)
{
  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
}

static void
append_chunks (GByteArray *out, const Message *message, FuzzRandom *random)
{
  guint n_done = 0;

  while (n_done < message->body->len)
    {
      guint wanted = fuzz_random_below (random, CHUNK_MAX) + 1;
      guint size = MIN (wanted, message->body->len - n_done);
      guint told = size + (message->fault == FAULT_CHUNK_SIZE ? 1 : 0);
      g_autofree char *head = g_strdup_printf (
          "%x%s" LINE_END, told, message->fault == FAULT_CHUNK_EXTENSION ? ";name=\"value\"" : "");

      append_text (out, head);
      g_byte_array_append (out, message->body->data + n_done, size);
      append_text (out, LINE_END);
      n_done += size;
    }
  if (message->fault != FAULT_LAST_CHUNK)
    append_text (out, "0" LINE_END);
  if (message->fault == FAULT_TRAILER)
    append_text (out, "X-Admin-Next-URI: /trailer" LINE_END);
  append_text (out, LINE_END);
}

static void
append_message (GByteArray *out, const Message *message, FuzzRandom *random)
{
  g_autofree char *length = g_strdup_printf (
      "Content-Length: %u" LINE_END,
      message->body->len + (message->fault == FAULT_LENGTH ? fuzz_random_below (random, 5) : 0));

  for (guint i = 0; i < message->lines->len; i++)
    {
      append_text (out, g_ptr_array_index (message->lines, i));
      append_text (out, LINE_END);
    }
  if (message->framing == FRAMING_LENGTH || message->fault == FAULT_BOTH_FRAMINGS)
    append_text (out, length);
  if (message->framing == FRAMING_CHUNKED)
    append_text (out, "Transfer-Encoding: chunked" LINE_END);
  append_text (out, LINE_END);
  if (message->framing == FRAMING_CHUNKED)
    append_chunks (out, message, random);
  else
    g_byte_array_append (out, message->body->data, message->body->len);
}

static void
change_body (Message *message, FuzzRandom *random)
{
  GByteArray *changed = fuzz_mutate_tlv (ea_span_from_array (message->body), EA_SPAN_EMPTY, random);

  g_byte_array_unref (message->body);
  message->body = changed;
}

static void
change_line (GPtrArray *lines, guint index)
{
  const char *before = g_ptr_array_index (lines, index);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  append_text (bytes, before);
  fuzz_mutate_bytes (bytes);
  g_free (lines->pdata[index]);
  lines->pdata[index] = g_strndup ((const char *) bytes->data, bytes->len);
}

static void
replace_start_line (GPtrArray *lines, FuzzRandom *random)
{
  guint choice = fuzz_random_below (random, G_N_ELEMENTS (known_start_lines));

  g_free (lines->pdata[0]);
  lines->pdata[0] = g_strdup (known_start_lines[choice]);
}

static void
change_lines (GPtrArray *lines, FuzzRandom *random)
{
  guint index = lines->len > 0 ? fuzz_random_below (random, lines->len) : 0;

  if (lines->len == 0 || fuzz_random_one_in (random, 3))
    {
      guint choice = fuzz_random_below (random, G_N_ELEMENTS (known_fields));

      g_ptr_array_insert (lines, (gint) MIN (index + 1, lines->len),
                          g_strdup (known_fields[choice]));
    }
  else if (fuzz_random_one_in (random, 4))
    g_ptr_array_remove_index (lines, index);
  else if (fuzz_random_one_in (random, 4))
    g_ptr_array_insert (lines, (gint) index, g_strdup (g_ptr_array_index (lines, index)));
  else if (fuzz_random_one_in (random, 4))
    replace_start_line (lines, random);
  else
    change_line (lines, index);
}

/* One message more, less, or elsewhere */
static void
change_order (GPtrArray *messages, FuzzRandom *random)
{
  guint from = fuzz_random_below (random, messages->len);
  gint to = (gint) fuzz_random_below (random, messages->len);
  Message *copy = message_copy (g_ptr_array_index (messages, from));

  if (fuzz_random_one_in (random, 2))
    g_ptr_array_remove_index (messages, from);
  g_ptr_array_insert (messages, MIN (to, (gint) messages->len), copy);
}

static void
change (GPtrArray *messages, FuzzRandom *random)
{
  Message *message = g_ptr_array_index (messages, fuzz_random_below (random, messages->len));

  switch (fuzz_random_below (random, 8))
    {
    case 0:
      change_order (messages, random);
      break;
    case 1:
      if (messages->len > 1)
        g_ptr_array_remove (messages, message);
      break;
    case 2:
      message->framing = (Framing) fuzz_random_below (random, N_FRAMINGS);
      break;
    case 3:
    case 4:
      change_body (message, random);
      break;
    default:
      change_lines (message->lines, random);
      break;
    }
}

/* One of another session */
static void
insert_message (GPtrArray *messages, EaSpan other, gboolean is_separated, FuzzRandom *random)
{
  g_autoptr (GPtrArray) others = read_messages (other, is_separated);
  const Message *message = g_ptr_array_index (others, fuzz_random_below (random, others->len));

  g_ptr_array_insert (messages, (gint) fuzz_random_below (random, messages->len + 1),
                      message_copy (message));
}

static GByteArray *
mutate (EaSpan input, EaSpan other, gboolean is_separated, FuzzRandom *random)
{
  g_autoptr (GPtrArray) messages = read_messages (input, is_separated);
  GByteArray *out = g_byte_array_new ();

  if (messages->len == 0)
    g_ptr_array_add (messages, message_new ());
  for (guint i = fuzz_random_below (random, CHANGES_MAX) + 1; i > 0; i--)
    change (messages, random);
  if (other.size > 0)
    insert_message (messages, other, is_separated, random);
  if (fuzz_random_one_in (random, WRONG_ONE_IN))
    {
      Message *message = g_ptr_array_index (messages, fuzz_random_below (random, messages->len));

      message->fault = (Fault) fuzz_random_below (random, N_FAULTS);
    }
  for (guint i = 0; i < messages->len; i++)
    {
      if (i > 0 && is_separated)
        append_text (out, SEPARATOR);
      append_message (out, g_ptr_array_index (messages, i), random);
    }
  return out;
}

GByteArray *
fuzz_mutate_http (EaSpan input, EaSpan other, FuzzRandom *random)
{
  return mutate (input, other, FALSE, random);
}

GByteArray *
fuzz_mutate_admin (EaSpan input, EaSpan other, FuzzRandom *random)
{
  return mutate (input, other, TRUE, random);
}
