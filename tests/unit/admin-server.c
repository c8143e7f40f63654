/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "admin-server.h"
#include "helpers.h"

#define HEAD_END "\r\n\r\n"
#define CHUNKED "\r\nTransfer-Encoding: chunked\r\n"

void
admin_server_init (AdminServer *self, const AdminServerAnswer *answers)
{
  *self = (AdminServer){
    .answers = answers,
    .posts = g_ptr_array_new_with_free_func (g_free),
    .input = g_byte_array_new (),
    .output = g_byte_array_new (),
  };
}

void
admin_server_clear (AdminServer *self)
{
  g_ptr_array_unref (self->posts);
  g_byte_array_unref (self->input);
  g_byte_array_unref (self->output);
}

void
admin_server_break (AdminServer *self)
{
  g_byte_array_set_size (self->input, 0);
  g_byte_array_set_size (self->output, 0);
}

/* (transfer full): the value of a field, or "-". */
static char *
get_field (const char *head, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\r\n%s: ", name);
  const char *found = strstr (head, start);

  if (found == NULL)
    return g_strdup ("-");
  found += strlen (start);
  return g_strndup (found, strcspn (found, "\r"));
}

/* (transfer full) (nullable): what is in the chunks, in hexadecimal; %NULL when they are not whole. */
static char *
read_chunks (EaSpan body)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (;;)
    {
      const guint8 *line_end = body.size > 0 ? memchr (body.data, '\n', body.size) : NULL;
      gsize line, size;

      if (line_end == NULL)
        return NULL;
      line = (gsize) (line_end + 1 - body.data);
      size = (gsize) g_ascii_strtoull ((const char *) body.data, NULL, 16);
      if (body.size < line + size + 2)
        return NULL;
      ea_span_append_hex (ea_span_head (ea_span_tail (body, line), size), hex);
      body = ea_span_tail (body, line + size + 2);
      if (size == 0)
        return g_string_free (g_steal_pointer (&hex), FALSE);
    }
}

/* (transfer full) (nullable): the body in hexadecimal; %NULL when it is not whole. */
static char *
read_body (const char *head, EaSpan body)
{
  g_autofree char *length = get_field (head, "Content-Length");

  if (strstr (head, CHUNKED) != NULL)
    return read_chunks (body);
  if (body.size < g_ascii_strtoull (length, NULL, 10))
    return NULL;
  return ea_span_to_hex (body);
}

static void
add_text (GByteArray *output, const char *text)
{
  g_byte_array_append (output, (const guint8 *) text, (guint) strlen (text));
}

static void
add_chunks (GByteArray *output, EaSpan body, gsize chunk)
{
  while (body.size > 0)
    {
      EaSpan piece = ea_span_head (body, chunk);
      g_autofree char *line = g_strdup_printf ("%zx\r\n", piece.size);

      add_text (output, line);
      g_byte_array_append (output, piece.data, (guint) piece.size);
      add_text (output, "\r\n");
      body = ea_span_tail (body, chunk);
    }
  add_text (output, "0\r\n\r\n");
}

static void
answer (AdminServer *self)
{
  const AdminServerAnswer *answer = &self->answers[self->posts->len - 1];
  g_autoptr (GBytes) body = bytes_of (answer->body);
  g_autofree char *length
      = g_strdup_printf ("Content-Length: %zu\r\n\r\n", g_bytes_get_size (body));

  assert_non_null (answer->head);
  add_text (self->output, answer->head);
  if (answer->chunk > 0)
    {
      add_text (self->output, "Transfer-Encoding: chunked\r\n\r\n");
      add_chunks (self->output, ea_span_from_bytes (body), answer->chunk);
      return;
    }
  add_text (self->output, length);
  g_byte_array_append (self->output, g_bytes_get_data (body, NULL),
                       (guint) g_bytes_get_size (body));
}

static void
take_post (AdminServer *self, const char *head, const char *body)
{
  g_autofree char *uri = g_strndup (head + 5, strcspn (head + 5, " "));
  g_autofree char *status = get_field (head, "X-Admin-Script-Status");
  g_autofree char *resume = get_field (head, "X-Admin-Resume");
  g_autofree char *post = g_strdup_printf ("%s %s %s", uri, status, body);
  gboolean is_resumed = strcmp (resume, "true") == 0;
  guint n_posts = self->posts->len;

  assert_true (g_str_has_prefix (head, "POST "));
  self->n_posts++;
  self->n_resumed += is_resumed ? 1 : 0;
  if (!is_resumed || n_posts == 0
      || strcmp (g_ptr_array_index (self->posts, n_posts - 1), post) != 0)
    g_ptr_array_add (self->posts, g_steal_pointer (&post));
  answer (self);
}

void
admin_server_receive (AdminServer *self, guint8 byte)
{
  EaSpan input;
  const char *head_end;
  g_autofree char *head = NULL;
  g_autofree char *body = NULL;

  assert_int_equal (self->output->len, 0); /* one POST at a time */
  g_byte_array_append (self->input, &byte, 1);
  input = ea_span_from_array (self->input);
  head_end = g_strstr_len ((const char *) input.data, (gssize) input.size, HEAD_END);
  if (head_end == NULL)
    return;
  head = g_strndup ((const char *) input.data, (gsize) (head_end + 2 - (const char *) input.data));
  body = read_body (head, ea_span_tail (input, strlen (head) + 2));
  if (body == NULL)
    return;
  take_post (self, head, body);
  g_byte_array_set_size (self->input, 0);
}

GBytes *
admin_server_take (AdminServer *self, gsize size)
{
  gsize taken = MIN (size, self->output->len);
  GBytes *bytes;

  if (taken == 0)
    return NULL;
  bytes = g_bytes_new (self->output->data, taken);
  g_byte_array_remove_range (self->output, 0, (guint) taken);
  return bytes;
}
