/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sim-http-answer.h"

#include <string.h>

#define CRLF "\r\n"
#define STATUS_NO_CONTENT 204
#define CHUNK_BY_TURNS 1024
#define RANDOM_CHUNK_MAX 2048
#define BLANKS_BY_TURNS 2
#define BLANKS_MAX 1000

const SimHttpStyle sim_http_style_default
    = { .framing = SIM_HTTP_FRAMING_TURNS, .is_spelt_by_turns = TRUE };

SimHttpAnswer *
sim_http_answer_new (guint status, EaSpan body, guint number)
{
  SimHttpAnswer *answer = g_new0 (SimHttpAnswer, 1);

  answer->status = status;
  answer->fields = g_ptr_array_new_with_free_func (g_free);
  answer->body = body.size == 0 ? NULL : ea_span_to_bytes (body);
  answer->number = number;
  return answer;
}

SimHttpAnswer *
sim_http_answer_copy (const SimHttpAnswer *answer)
{
  SimHttpAnswer *copy
      = sim_http_answer_new (answer->status, ea_span_from_bytes (answer->body), answer->number);

  for (guint i = 0; i < answer->fields->len; i++)
    g_ptr_array_add (copy->fields, g_strdup (g_ptr_array_index (answer->fields, i)));
  return copy;
}

void
sim_http_answer_free (SimHttpAnswer *answer)
{
  if (answer == NULL)
    return;
  g_ptr_array_unref (answer->fields);
  g_clear_pointer (&answer->body, g_bytes_unref);
  g_free (answer);
}

void
sim_http_answer_add (SimHttpAnswer *answer, const char *name, const char *value)
{
  g_ptr_array_add (answer->fields, g_strdup (name));
  g_ptr_array_add (answer->fields, g_strdup (value));
}

void
sim_http_answer_replace (SimHttpAnswer *answer, const char *name, const char *value)
{
  for (guint i = 0; i < answer->fields->len; i += 2)
    {
      if (g_ascii_strcasecmp (g_ptr_array_index (answer->fields, i), name) != 0)
        continue;
      g_free (answer->fields->pdata[i + 1]);
      answer->fields->pdata[i + 1] = g_strdup (value);
      return;
    }
  sim_http_answer_add (answer, name, value);
}

static gboolean
parse_chunks (SimHttpStyle *style, const char *value)
{
  guint64 number;

  style->framing = SIM_HTTP_FRAMING_CHUNKS;
  if (strcmp (value, "all") == 0)
    return TRUE;
  if (g_str_has_prefix (value, "random:"))
    {
      style->framing = SIM_HTTP_FRAMING_RANDOM_CHUNKS;
      if (!g_ascii_string_to_unsigned (strchr (value, ':') + 1, 10, 0, G_MAXUINT32, &number, NULL))
        return FALSE;
      style->seed = (guint32) number;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT32, &number, NULL))
    return FALSE;
  style->chunk_size = (gsize) number;
  return TRUE;
}

static gboolean
parse_word (SimHttpStyle *style, const char *word)
{
  static const struct
  {
    const char *word;
    gsize offset;
  } switches[] = {
    { "tight", G_STRUCT_OFFSET (SimHttpStyle, is_tight) },
    { "lower", G_STRUCT_OFFSET (SimHttpStyle, is_lower) },
    { "reverse", G_STRUCT_OFFSET (SimHttpStyle, is_reversed) },
    { "close", G_STRUCT_OFFSET (SimHttpStyle, closes) },
  };
  guint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      if (strcmp (switches[i].word, word) != 0)
        continue;
      G_STRUCT_MEMBER (gboolean, style, switches[i].offset) = TRUE;
      return TRUE;
    }
  if (g_str_has_prefix (word, "chunks="))
    return parse_chunks (style, strchr (word, '=') + 1);
  if (g_str_has_prefix (word, "blanks="))
    {
      if (!g_ascii_string_to_unsigned (strchr (word, '=') + 1, 10, 0, BLANKS_MAX, &number, NULL))
        return FALSE;
      style->n_blanks = (guint) number;
      return TRUE;
    }
  style->framing = SIM_HTTP_FRAMING_LENGTH;
  return strcmp (word, "length") == 0;
}

gboolean
sim_http_style_parse (SimHttpStyle *out, const char *const *words)
{
  SimHttpStyle style = { 0 };

  if (words[0] == NULL)
    return FALSE;
  if (strcmp (words[0], "default") == 0)
    {
      if (words[1] != NULL)
        return FALSE;
      *out = sim_http_style_default;
      return TRUE;
    }
  for (; *words != NULL; words++)
    {
      if (!parse_word (&style, *words))
        return FALSE;
    }
  *out = style;
  return TRUE;
}

/* What by turns means for the answer with this number */
static SimHttpStyle
resolve (const SimHttpStyle *given, guint number)
{
  SimHttpStyle style = *given;

  if (style.is_spelt_by_turns && number % 4 >= 2)
    {
      style.is_tight = TRUE;
      style.is_lower = TRUE;
      style.n_blanks = BLANKS_BY_TURNS;
    }
  if (style.framing == SIM_HTTP_FRAMING_TURNS)
    {
      style.framing = number % 2 == 0 ? SIM_HTTP_FRAMING_CHUNKS : SIM_HTTP_FRAMING_LENGTH;
      style.chunk_size = CHUNK_BY_TURNS;
    }
  if (style.length != NULL)
    style.framing = SIM_HTTP_FRAMING_LENGTH;
  if ((style.chunk_length != NULL || style.is_endless) && style.framing == SIM_HTTP_FRAMING_LENGTH)
    style.framing = SIM_HTTP_FRAMING_CHUNKS;
  return style;
}

static const char *
get_reason (guint status)
{
  switch (status)
    {
    case 200:
      return "OK";
    case STATUS_NO_CONTENT:
      return "No Content";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
    }
}

static void
write_text (EaWriter *writer, const char *text)
{
  ea_writer_bytes (writer, ea_span_init (text, strlen (text)));
}

static void
write_field (EaWriter *writer, const SimHttpStyle *style, const char *name, const char *value)
{
  g_autofree char *spelt = style->is_lower ? g_ascii_strdown (name, -1) : g_strdup (name);
  g_autofree char *blanks = g_strnfill (style->n_blanks, ' ');

  write_text (writer, spelt);
  write_text (writer, style->is_tight ? ":" : ": ");
  write_text (writer, value);
  write_text (writer, blanks);
  write_text (writer, CRLF);
}

/* Copies the fields with those that the framing adds. */
static SimHttpAnswer *
complete (const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  SimHttpAnswer *completed = sim_http_answer_copy (answer);
  gsize size = answer->body == NULL ? 0 : g_bytes_get_size (answer->body);
  g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT, size);

  if (style->closes)
    sim_http_answer_add (completed, "Connection", "close");
  if (style->length != NULL)
    sim_http_answer_add (completed, "Content-Length", style->length);
  else if (answer->body != NULL && style->framing != SIM_HTTP_FRAMING_LENGTH)
    sim_http_answer_add (completed, "Transfer-Encoding", "chunked");
  else if (answer->body != NULL || answer->status != STATUS_NO_CONTENT)
    sim_http_answer_add (completed, "Content-Length", length);
  return completed;
}

static void
write_head (EaWriter *writer, const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  g_autoptr (SimHttpAnswer) completed = complete (answer, style);
  g_autofree char *line
      = g_strdup_printf ("HTTP/1.1 %u %s" CRLF, answer->status, get_reason (answer->status));
  const GPtrArray *fields = completed->fields;

  write_text (writer, line);
  for (guint i = 0; i < fields->len; i += 2)
    {
      guint k = style->is_reversed ? fields->len - 2 - i : i;

      write_field (writer, style, fields->pdata[k], fields->pdata[k + 1]);
    }
  write_text (writer, CRLF);
}

static gsize
choose_chunk (const SimHttpStyle *style, GRand *random, gsize left)
{
  gsize size = style->chunk_size == 0 ? left : style->chunk_size;

  if (style->framing == SIM_HTTP_FRAMING_RANDOM_CHUNKS)
    size = (gsize) g_rand_int_range (random, 1, RANDOM_CHUNK_MAX + 1);
  return MIN (size, left);
}

static void
write_chunks (EaWriter *writer, const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  EaSpan body = ea_span_from_bytes (answer->body);
  GRand *random = g_rand_new_with_seed (style->seed + answer->number);
  const char *lie = style->chunk_length;

  while (body.size > 0)
    {
      EaSpan chunk = ea_span_head (body, choose_chunk (style, random, body.size));
      g_autofree char *size = g_strdup_printf ("%" G_GSIZE_MODIFIER "X", chunk.size);

      write_text (writer, lie != NULL ? lie : size);
      write_text (writer, CRLF);
      ea_writer_bytes (writer, chunk);
      write_text (writer, CRLF);
      body = ea_span_tail (body, chunk.size);
      lie = NULL;
    }
  g_rand_free (random);
  if (!style->is_endless)
    write_text (writer, "0" CRLF CRLF);
}

GBytes *
sim_http_answer_write (const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  SimHttpStyle resolved = resolve (style, answer->number);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  write_head (&writer, answer, &resolved);
  if (answer->body != NULL && resolved.framing == SIM_HTTP_FRAMING_LENGTH)
    ea_writer_bytes (&writer, ea_span_from_bytes (answer->body));
  else if (answer->body != NULL)
    write_chunks (&writer, answer, &resolved);
  return ea_writer_steal (&writer);
}
