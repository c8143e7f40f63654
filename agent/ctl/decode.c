/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The frame of the microscope: which decoder belongs to which kind, and one item from hexadecimal text to
 * what is printed, errors included.
 */

#include "ctl/decode.h"

#include <string.h>

#include "core/error.h"

#define ERROR_WITHOUT_CODE "malformed"

/* @alias: what files of test vectors call the kind */
static const struct
{
  const char *name;
  const char *alias;
  const char *description;
  EaDecodeFunc decode;
} kinds[] = {
  { "proactive", NULL, "a proactive command of the card: D0…", ea_decode_proactive },
  { "terminal-response", NULL, "the terminal's answer to one: 81…", ea_decode_terminal_response },
  { "envelope", NULL, "what a terminal tells the card: D1…, D6… and others", ea_decode_envelope },
  { "terminal-profile", NULL, "what a terminal can do", ea_decode_terminal_profile },
  { "sms-deliver", NULL, "a short message to the device", ea_decode_sms_deliver },
  { "sms-submit", NULL, "a short message of the device", ea_decode_sms_submit },
  { "sms-deliver-report", NULL, "the acknowledgement of a short message",
    ea_decode_sms_deliver_report },
  { "sms-status-report", NULL, "what became of a short message", ea_decode_sms_status_report },
  { "command-packet", "scp80-command", "a secured packet to the card (SCP80)",
    ea_decode_command_packet },
  { "response-packet", "scp80-response", "a secured packet of the card, its proof of receipt",
    ea_decode_response_packet },
  { "script", NULL, "a command script, compact or expanded: AA…, AE80…", ea_decode_script },
  { "script-response", NULL, "the response to one: AB…, AF80…", ea_decode_script_response },
  { "push", NULL, "a PUSH command: 80EC01…", ea_decode_push },
  { "session-trigger", NULL, "parameters that trigger an HTTPS session: 81…",
    ea_decode_session_trigger },
  { "cat-tp", "cattp-pdu", "a CAT_TP PDU", ea_decode_cat_tp },
  { "psk-identity", NULL, "a PSK identity, in binary or as its text", ea_decode_psk_identity },
  { "notification", NULL, "a notification of the eUICC: E1…", ea_decode_notification },
  { "http-request", NULL, "a request of an administration session", ea_decode_http_request },
  { "http-response", NULL, "a response of an administration session", ea_decode_http_response },
  { "tlv", "comprehension-tlv", "data objects, BER or COMPREHENSION-TLV", ea_decode_tlv },
};

static const struct
{
  const char *word;
  EaDecodeForm form;
} forms[] = {
  { "auto", EA_DECODE_FORM_AUTO },
  { "sms", EA_DECODE_FORM_SMS },
  { "cat-tp", EA_DECODE_FORM_CAT_TP },
  { "ber", EA_DECODE_FORM_BER },
  { "comprehension", EA_DECODE_FORM_COMPREHENSION },
};

/* First octets of what secured packets and HTTP bodies carry, TS 102 226 §5.2, Amendment B §3.3.3, SGP.02
 * §4.1.1.11 */
static const struct
{
  guint8 tag;
  const char *name;
  EaDecodeFunc decode;
} contents[] = {
  { 0xAA, "script", ea_decode_script },
  { 0xAE, "script", ea_decode_script },
  { 0xAB, "script_response", ea_decode_script_response },
  { 0xAF, "script_response", ea_decode_script_response },
  { 0x81, "session_trigger", ea_decode_session_trigger },
  { 0xE1, "notification", ea_decode_notification },
};

EaDecodeFunc
ea_decode_find (const char *kind, const char **name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, kind) == 0 || g_strcmp0 (kinds[i].alias, kind) == 0)
      {
        *name = kinds[i].name;
        return kinds[i].decode;
      }
  return NULL;
}

char *
ea_decode_describe_kinds (void)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_string_append_printf (text, "%-20s%s\n", kinds[i].name, kinds[i].description);
  return g_string_free (text, FALSE);
}

gboolean
ea_decode_parse_form (const char *word, EaDecodeForm *form)
{
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    if (strcmp (forms[i].word, word) == 0)
      {
        *form = forms[i].form;
        return TRUE;
      }
  return FALSE;
}

static const char *
get_error_name (const GError *error)
{
  if (error->domain != EA_CORE_ERROR)
    return ERROR_WITHOUT_CODE;
  return ea_core_error_get_name ((EaCoreError) error->code);
}

/* (transfer full): the sentence of @error, which arose in @item; @offset gets where, 0 when that is not known. */
static char *
describe_error (const GError *error, EaSpan item, const char *advice, gsize *offset)
{
  GString *text = g_string_new (error->message);

  *offset = 0;
  if (ea_core_error_get_offset (error, item.data, item.size, offset))
    g_string_append_printf (text, ", at offset %" G_GSIZE_FORMAT, *offset);
  if (advice != NULL)
    g_string_append_printf (text, " (%s)", advice);
  return g_string_free (text, FALSE);
}

static void
add_error (EaView *view, const GError *error, gsize offset, const char *message)
{
  ea_view_begin_object (view, "error");
  ea_view_add_string (view, "name", get_error_name (error));
  ea_view_add_number (view, "offset", offset);
  ea_view_add_string (view, "message", message);
  ea_view_end_object (view);
}

static gboolean
add_nested (EaView *view, const char *name, EaDecodeFunc decode, EaSpan item,
            const EaDecodeOptions *options, GError **error)
{
  const EaDecodeOptions bare = { .keys = options->keys };
  EaViewMark mark = ea_view_get_mark (view);

  ea_view_at (view, item);
  ea_view_begin_object (view, name);
  if (!decode (view, item, &bare, error))
    {
      ea_view_rewind (view, mark);
      return FALSE;
    }
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_try_nested (EaView *view, const char *name, EaDecodeFunc decode, EaSpan item,
                      const EaDecodeOptions *options)
{
  return add_nested (view, name, decode, item, options, NULL);
}

void
ea_decode_add_nested (EaView *view, const char *name, EaDecodeFunc decode, EaSpan item,
                      const EaDecodeOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  gsize offset;

  if (add_nested (view, name, decode, item, options, &error))
    return;
  message = describe_error (error, ea_view_get_item (view, item), NULL, &offset);
  ea_view_at (view, item);
  ea_view_begin_object (view, name);
  add_error (view, error, offset, message);
  ea_view_end_object (view);
}

void
ea_decode_add_secured_data (EaView *view, EaSpan data, const EaDecodeOptions *options)
{
  EaReader reader;

  ea_reader_init (&reader, data);
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    if (contents[i].tag == ea_reader_peek_u8 (&reader))
      (void) ea_decode_try_nested (view, contents[i].name, contents[i].decode, data, options);
}

void
ea_decoder_init (EaDecoder *decoder, const char *kind, const EaDecodeOptions *options,
                 EaReportFormat format)
{
  *decoder = (EaDecoder){ .options = options, .format = format };
  decoder->decode = ea_decode_find (kind, &decoder->kind);
  decoder->view = ea_view_new ();
  decoder->out = g_string_new (NULL);
}

void
ea_decoder_clear (EaDecoder *decoder)
{
  g_clear_pointer (&decoder->view, ea_view_free);
  if (decoder->out != NULL)
    g_string_free (g_steal_pointer (&decoder->out), TRUE);
}

static void
print (EaDecoder *decoder)
{
  if (decoder->format == EA_REPORT_TABLE)
    ea_view_print_tree (decoder->view, decoder->is_coloured, decoder->out);
  else
    ea_view_print_json (decoder->view, decoder->format == EA_REPORT_JSON_PRETTY, decoder->out);
}

/* A word of advice for items that begin as another kind does; @decode NULL: for every kind of the toolkit. */
static const struct
{
  EaDecodeFunc decode;
  guint8 prefix[4];
  gsize size;
  const char *advice;
} advices[] = {
  { ea_decode_proactive, { 0x80, 0x12 }, 2, "this is a FETCH: leave out its APDU header" },
  { ea_decode_terminal_response, { 0x80, 0x14 }, 2, "leave out the APDU header, 5 bytes" },
  { ea_decode_terminal_profile, { 0x80, 0x10 }, 2, "leave out the APDU header, 5 bytes" },
  { ea_decode_envelope, { 0x80, 0xC2 }, 2, "leave out the APDU header, 5 bytes" },
  { ea_decode_push, { 0xAA }, 1, "this is a script: use kind script" },
  { ea_decode_push, { 0xAE }, 1, "this is a script: use kind script" },
  { ea_decode_push, { 0x22 }, 1, "this is an object of a script: leave out tag and length" },
  { ea_decode_session_trigger, { 0x80, 0xEC, 0x01 }, 3, "this is a PUSH: use kind push" },
  { ea_decode_command_packet, { 0x02, 0x71, 0x00 }, 3, "use kind response-packet" },
  { ea_decode_response_packet, { 0x02, 0x70, 0x00 }, 3, "use kind command-packet" },
};

/* (nullable): what the user may have meant with an item that can't be decoded */
static const char *
find_advice (const EaDecoder *decoder, EaSpan item)
{
  EaDecodeOptions with_smsc = *decoder->options;
  gboolean is_message
      = decoder->decode == ea_decode_sms_deliver || decoder->decode == ea_decode_sms_submit;

  for (gsize i = 0; i < G_N_ELEMENTS (advices); i++)
    if (advices[i].decode == decoder->decode
        && ea_span_has_prefix (item, ea_span_init (advices[i].prefix, advices[i].size)))
      return advices[i].advice;

  with_smsc.has_smsc = TRUE;
  ea_view_begin (decoder->view, EA_SPAN_EMPTY);
  if (is_message && !decoder->options->has_smsc
      && decoder->decode (decoder->view, item, &with_smsc, NULL))
    return "it is one with --smsc, after the address of a service centre";
  return NULL;
}

/* An item that fails leaves nothing behind but its error. */
static void
print_error (EaDecoder *decoder, const GError *error, EaSpan item, const char *advice)
{
  gsize offset;
  g_autofree char *message = describe_error (error, item, advice, &offset);

  if (decoder->format == EA_REPORT_TABLE)
    {
      g_string_append_printf (decoder->out, "%s: %s: ", decoder->kind, get_error_name (error));
      ea_view_append_printable (decoder->out, message);
      g_string_append_c (decoder->out, '\n');
      return;
    }

  ea_view_begin (decoder->view, EA_SPAN_EMPTY);
  ea_view_begin_object (decoder->view, NULL);
  add_error (decoder->view, error, offset, message);
  ea_view_end_object (decoder->view);
  print (decoder);
}

static gboolean
decode_item (EaDecoder *decoder, EaSpan item)
{
  g_autoptr (GError) error = NULL;

  if (item.size == 0)
    {
      ea_core_error_set (&error, EA_CORE_ERROR_TRUNCATED, NULL, "Item is empty");
      print_error (decoder, error, item, NULL);
      return FALSE;
    }
  ea_view_begin (decoder->view, item);
  ea_view_begin_object (decoder->view, NULL);
  ea_view_add_string (decoder->view, "kind", decoder->kind);
  if (!decoder->decode (decoder->view, item, decoder->options, &error))
    {
      print_error (decoder, error, item, find_advice (decoder, item));
      return FALSE;
    }
  ea_view_end_object (decoder->view);
  print (decoder);
  return TRUE;
}

/* ea_bytes_from_hex() ends at a NUL. */
static GBytes *
read_hex (const char *hex, gsize size, GError **error)
{
  const char *end = memchr (hex, '\0', size);

  if (end == NULL)
    return ea_bytes_from_hex (hex, error);
  ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, end, "Octet 00 is not a hexadecimal digit");
  return NULL;
}

gboolean
ea_decoder_run (EaDecoder *decoder, const char *hex, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = read_hex (hex, size, &error);

  g_string_truncate (decoder->out, 0);
  if (bytes != NULL)
    return decode_item (decoder, ea_span_from_bytes (bytes));
  print_error (decoder, error, ea_span_init (hex, size), NULL); /* the offset counts characters */
  return FALSE;
}
