/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-spoil.h"

#include <string.h>

#define STATUS_NO_CONTENT 204
#define STATUS_REDIRECTION 300
#define STATUS_CLIENT_ERROR 400
#define STATUS_UNAVAILABLE 503

/* Octets that a body lacks; those of the end of a script and the last one before it */
#define MISSING 16
#define CUT 3

#define ENDLESS_LENGTH "7FFFFFFF"
#define ENDLESS_SIZE 4096
#define UNKNOWN_APPLICATION "//aid/A000000559/1010FFFFFFFF8900FFFF00"
#define OTHER_TYPE "text/html"

void
sim_smsr_spoilt_clear (SimSmsrSpoilt *spoilt)
{
  g_clear_pointer (&spoilt->bytes, g_bytes_unref);
  g_clear_pointer (&spoilt->endless, g_bytes_unref);
}

gboolean
sim_smsr_can_spoil (SimSmsrFaultKind kind, const SimHttpAnswer *answer)
{
  if (!sim_smsr_fault_is_of_responses (kind) || kind == SIM_SMSR_FAULT_EARLY)
    return FALSE;
  return kind <= SIM_SMSR_FAULT_HEADER_FLOOD || answer->body != NULL;
}

static GBytes *
build_other_status (guint status, const SimHttpStyle *style)
{
  g_autoptr (SimHttpAnswer) answer = sim_http_answer_new (status, EA_SPAN_EMPTY, 0);

  if (status >= STATUS_REDIRECTION && status < STATUS_CLIENT_ERROR)
    sim_http_answer_add (answer, "Location", "https://127.0.0.1/elsewhere");
  if (status == STATUS_UNAVAILABLE)
    sim_http_answer_add (answer, "Retry-After", "1");
  return sim_http_answer_write (answer, style);
}

/* Fields that all look alike */
static GBytes *
build_flood (void)
{
  GString *text = g_string_new (NULL);

  while (text->len < ENDLESS_SIZE)
    g_string_append (text, "X-Flood: 0123456789ABCDEF0123456789ABCDEF\r\n");
  return g_string_free_to_bytes (text);
}

/* A response whose head does not end */
static GBytes *
build_open_head (const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  g_autoptr (GBytes) whole = sim_http_answer_write (answer, style);
  gsize size = 0;
  const char *text = g_bytes_get_data (whole, &size);
  const char *end = g_strstr_len (text, (gssize) size, "\r\n");

  return g_bytes_new (text, (gsize) (end - text) + strlen ("\r\n"));
}

static GBytes *
build_longer (const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  g_autofree char *length
      = g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (answer->body) + MISSING);
  SimHttpStyle lie = *style;

  lie.length = length;
  return sim_http_answer_write (answer, &lie);
}

static GBytes *
build_cut_script (const SimHttpAnswer *answer, const SimHttpStyle *style)
{
  g_autoptr (SimHttpAnswer) cut = sim_http_answer_copy (answer);

  g_bytes_unref (cut->body);
  cut->body = g_bytes_new_from_bytes (answer->body, 0, g_bytes_get_size (answer->body) - CUT);
  return sim_http_answer_write (cut, style);
}

static GBytes *
build_with_field (const SimHttpAnswer *answer, const SimHttpStyle *style, const char *name,
                  const char *value)
{
  g_autoptr (SimHttpAnswer) other = sim_http_answer_copy (answer);

  sim_http_answer_replace (other, name, value);
  return sim_http_answer_write (other, style);
}

static void
spoil_length (SimSmsrSpoilt *out, const SimSmsrFault *fault, const SimHttpAnswer *answer,
              const SimHttpStyle *style)
{
  SimHttpStyle lie = *style;

  if (fault->kind == SIM_SMSR_FAULT_LENGTH)
    lie.length = fault->value;
  else
    lie.chunk_length = fault->kind == SIM_SMSR_FAULT_CHUNK_LENGTH ? fault->value : ENDLESS_LENGTH;
  lie.is_endless = fault->kind == SIM_SMSR_FAULT_ENDLESS_CHUNK;
  out->bytes = sim_http_answer_write (answer, &lie);
  if (lie.is_endless)
    out->endless = g_bytes_new_take (g_malloc0 (ENDLESS_SIZE), ENDLESS_SIZE);
}

static void
spoil_body (SimSmsrSpoilt *out, const SimSmsrFault *fault, const SimHttpAnswer *answer,
            const SimHttpStyle *style)
{
  out->bytes = build_longer (answer, style);
  out->must_close = TRUE;
  out->is_torn = fault->kind == SIM_SMSR_FAULT_CUT_BODY;
}

static void
spoil_meaning (SimSmsrSpoilt *out, const SimSmsrFault *fault, const SimHttpAnswer *answer,
               const SimHttpStyle *style)
{
  if (fault->kind == SIM_SMSR_FAULT_CUT_SCRIPT)
    out->bytes = build_cut_script (answer, style);
  else if (fault->kind == SIM_SMSR_FAULT_UNKNOWN_APPLICATION)
    out->bytes
        = build_with_field (answer, style, "X-Admin-Targeted-Application", UNKNOWN_APPLICATION);
  else
    out->bytes = build_with_field (answer, style, "Content-Type", OTHER_TYPE);
  out->is_lost = fault->kind == SIM_SMSR_FAULT_WRONG_TYPE;
}

void
sim_smsr_spoil (SimSmsrSpoilt *out, const SimSmsrFault *fault, const SimHttpAnswer *answer,
                const SimHttpStyle *style)
{
  *out = (SimSmsrSpoilt){ .is_lost = TRUE };
  switch ((int) fault->kind)
    {
    case SIM_SMSR_FAULT_NEVER:
      return;
    case SIM_SMSR_FAULT_STATUS:
      out->bytes = build_other_status (fault->status, style);
      return;
    case SIM_SMSR_FAULT_HEADER_FLOOD:
      out->bytes = build_open_head (answer, style);
      out->endless = build_flood ();
      return;
    case SIM_SMSR_FAULT_ENDLESS_CHUNK:
    case SIM_SMSR_FAULT_LENGTH:
    case SIM_SMSR_FAULT_CHUNK_LENGTH:
      spoil_length (out, fault, answer, style);
      return;
    case SIM_SMSR_FAULT_SHORT_BODY:
    case SIM_SMSR_FAULT_CUT_BODY:
      spoil_body (out, fault, answer, style);
      return;
    case SIM_SMSR_FAULT_CUT_SCRIPT:
    case SIM_SMSR_FAULT_UNKNOWN_APPLICATION:
    case SIM_SMSR_FAULT_WRONG_TYPE:
      spoil_meaning (out, fault, answer, style);
      return;
    }
  g_assert_not_reached ();
}

GBytes *
sim_smsr_build_early_answer (const SimHttpStyle *style)
{
  g_autoptr (SimHttpAnswer) answer = sim_http_answer_new (STATUS_NO_CONTENT, EA_SPAN_EMPTY, 0);

  return sim_http_answer_write (answer, style);
}
