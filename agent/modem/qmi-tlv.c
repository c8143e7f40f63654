/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of raw QMI TLVs, CAT2 and the APDU part of UIM. */

#include "modem/qmi-tlv.h"

#define TLV_REFRESH 0x19
#define TLV_END_SESSION 0x1A
#define TLV_SLOT 0x50
#define TLV_RESPONSE_TYPE 0x68

#define RESPONSE_TYPE_EVENT_CONFIRMATION 1

/* Envelope types of Send Envelope: SMS-PP data download has its own, all else is "unknown". */
#define ENVELOPE_UNKNOWN 5
#define ENVELOPE_SMS_PP 9
#define TAG_SMS_PP_DOWNLOAD 0xD1

#define ASSEMBLY_TOKENS_MAX 4

/* Card status: indexes of the provisioned applications; per card its PIN states and error; per
 * application its personalisation and PIN states */
#define CARD_INDEXES_SIZE 8
#define CARD_PIN_SIZE 4
#define CARD_STATE_ABSENT 0
#define CARD_STATE_PRESENT 1
#define APPLICATION_PERSONALIZATION_SIZE 4
#define APPLICATION_PIN_SIZE 7
#define APPLICATION_PIN_REQUIRED 2
#define APPLICATION_PUK_REQUIRED 3
#define APPLICATION_PIN_BLOCKED 5
#define APPLICATION_ILLEGAL 6
#define APPLICATION_READY 7

typedef struct
{
  guint16 total;
  GByteArray *bytes;
} Response;

static gboolean
take_command (EaQmiEventReport *report, EaSpan value)
{
  static const guint8 proactive_command[] = { 0xD0 };
  EaReader reader;
  guint32 reference;
  EaSpan command;

  ea_reader_init (&reader, value);
  reference = ea_reader_u32le (&reader);
  command = ea_reader_bytes (&reader, ea_reader_u16le (&reader));
  if (!ea_reader_done (&reader)
      || !ea_span_has_prefix (command, EA_SPAN_OF_ARRAY (proactive_command)))
    return FALSE;

  report->reference = reference;
  report->command = command;
  return TRUE;
}

/* Mode u16 and stage, which has 8 bits on older firmware and 16 on newer. */
static void
take_refresh (EaQmiEventReport *report, EaSpan value)
{
  EaReader reader;
  guint16 mode;
  guint stage;

  ea_reader_init (&reader, value);
  mode = ea_reader_u16le (&reader);
  stage = ea_reader_remaining (&reader) == 1 ? ea_reader_u8 (&reader) : ea_reader_u16le (&reader);
  if (!ea_reader_done (&reader) || stage > EA_QMI_REFRESH_FAILED)
    return;

  report->refresh_mode = mode;
  report->refresh_stage = (EaQmiRefreshStage) stage;
}

void
ea_qmi_event_report_take (EaQmiEventReport *report, guint8 type, EaSpan value)
{
  EaReader reader;
  guint32 response_type;

  if (take_command (report, value))
    return;

  ea_reader_init (&reader, value);
  if (type == TLV_SLOT && value.size == 1)
    report->slot = ea_reader_u8 (&reader);
  else if (type == TLV_END_SESSION && value.size == 1)
    report->is_session_ended = TRUE; /* by the card or within the modem */
  else if (type == TLV_REFRESH)
    take_refresh (report, value);
  else if (type == TLV_RESPONSE_TYPE && ea_qmi_parse_u32 (value, &response_type))
    report->wants_confirmation = response_type == RESPONSE_TYPE_EVENT_CONFIRMATION;
}

/* An ENVELOPE, EF_ICCID and the ECASD want no PIN. */
static gboolean
is_usable (guint8 application_state)
{
  return application_state == APPLICATION_READY || application_state == APPLICATION_PIN_REQUIRED
         || application_state == APPLICATION_PUK_REQUIRED
         || application_state == APPLICATION_PIN_BLOCKED
         || application_state == APPLICATION_ILLEGAL;
}

static EaQmiCard
read_card (EaReader *reader)
{
  guint8 state = ea_reader_u8 (reader);
  gboolean is_ready = FALSE;
  guint8 n_applications;

  (void) ea_reader_bytes (reader, CARD_PIN_SIZE);
  n_applications = ea_reader_u8 (reader);
  for (guint i = 0; i < n_applications && ea_reader_is_ok (reader); i++)
    {
      (void) ea_reader_u8 (reader); /* type of application */
      is_ready |= is_usable (ea_reader_u8 (reader));
      (void) ea_reader_bytes (reader, APPLICATION_PERSONALIZATION_SIZE);
      (void) ea_reader_bytes (reader, ea_reader_u8 (reader)); /* AID */
      (void) ea_reader_bytes (reader, APPLICATION_PIN_SIZE);
    }

  switch (state)
    {
    case CARD_STATE_PRESENT:
      return is_ready ? EA_QMI_CARD_READY : EA_QMI_CARD_INITIALIZING;
    case CARD_STATE_ABSENT:
      return EA_QMI_CARD_ABSENT;
    default:
      return EA_QMI_CARD_FAILED;
    }
}

gboolean
ea_qmi_parse_card_status (EaSpan value, guint slot, EaQmiCard *out)
{
  EaQmiCard card = EA_QMI_CARD_ABSENT;
  EaReader reader;
  guint8 n_cards;

  ea_reader_init (&reader, value);
  (void) ea_reader_bytes (&reader, CARD_INDEXES_SIZE);
  n_cards = ea_reader_u8 (&reader);
  for (guint i = 1; i <= n_cards && ea_reader_is_ok (&reader); i++)
    {
      EaQmiCard read = read_card (&reader);

      if (i == slot)
        card = read;
    }
  if (!ea_reader_is_ok (&reader))
    return FALSE;

  *out = card;
  return TRUE;
}

GBytes *
ea_qmi_parse_card_response (EaSpan value)
{
  EaReader reader;
  EaWriter writer;
  EaSpan data;
  EaSpan sw;

  ea_reader_init (&reader, value);
  sw = ea_reader_bytes (&reader, 2);
  data = ea_reader_remaining (&reader) > 0 ? ea_reader_bytes (&reader, ea_reader_u8 (&reader))
                                           : EA_SPAN_EMPTY;
  if (!ea_reader_done (&reader))
    return NULL;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, data);
  ea_writer_bytes (&writer, sw);
  return ea_writer_steal (&writer);
}

static gboolean
finish_span (const EaReader *reader, EaSpan span, EaSpan *out)
{
  if (!ea_reader_done (reader))
    return FALSE;

  *out = span;
  return TRUE;
}

gboolean
ea_qmi_parse_lv16 (EaSpan value, EaSpan *out)
{
  EaReader reader;
  EaSpan content;

  ea_reader_init (&reader, value);
  content = ea_reader_bytes (&reader, ea_reader_u16le (&reader));
  return finish_span (&reader, content, out);
}

gboolean
ea_qmi_parse_lv8 (EaSpan value, EaSpan *out)
{
  EaReader reader;
  EaSpan content;

  ea_reader_init (&reader, value);
  content = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  return finish_span (&reader, content, out);
}

gboolean
ea_qmi_parse_u8 (EaSpan value, guint8 *out)
{
  EaReader reader;
  guint8 number;

  ea_reader_init (&reader, value);
  number = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return FALSE;

  *out = number;
  return TRUE;
}

gboolean
ea_qmi_parse_u32 (EaSpan value, guint32 *out)
{
  EaReader reader;
  guint32 number;

  ea_reader_init (&reader, value);
  number = ea_reader_u32le (&reader);
  if (!ea_reader_done (&reader))
    return FALSE;

  *out = number;
  return TRUE;
}

gboolean
ea_qmi_parse_long_response (EaSpan value, guint16 *total, guint32 *token)
{
  EaReader reader;
  guint16 size;
  guint32 name;

  ea_reader_init (&reader, value);
  size = ea_reader_u16le (&reader);
  name = ea_reader_u32le (&reader);
  if (!ea_reader_done (&reader))
    return FALSE;

  *total = size;
  *token = name;
  return TRUE;
}

const char *
ea_qmi_get_cat_mode_name (guint8 mode)
{
  static const char *const names[]
      = { "disabled",          "gobi",       "android",       "decoded",
          "decoded-pull-only", "custom-raw", "custom-decoded" };

  return mode < G_N_ELEMENTS (names) ? names[mode] : "unknown";
}

guint
ea_qmi_get_refresh_qualifier (guint mode)
{
  /* By the modem's mode: reset, init, init and FCN, FCN, init and full FCN, application reset, session reset */
  static const guint8 qualifiers[] = { 4, 3, 2, 1, 0, 5, 6 };

  return mode < G_N_ELEMENTS (qualifiers) ? qualifiers[mode] : mode;
}

gboolean
ea_qmi_has_bits (EaSpan bytes, EaSpan mask)
{
  EaReader byte_reader;
  EaReader mask_reader;

  ea_reader_init (&byte_reader, bytes);
  ea_reader_init (&mask_reader, mask);
  while (ea_reader_remaining (&mask_reader) > 0)
    if ((ea_reader_u8 (&mask_reader) & ~ea_reader_u8 (&byte_reader)) != 0)
      return FALSE;
  return TRUE;
}

static void
write_lv16 (EaWriter *writer, EaSpan content)
{
  ea_writer_u16le (writer, (guint16) content.size);
  ea_writer_bytes (writer, content);
}

GBytes *
ea_qmi_build_terminal_response (guint32 reference, EaSpan response)
{
  EaWriter writer;

  g_return_val_if_fail (response.size <= G_MAXUINT16, NULL);

  ea_writer_init (&writer);
  ea_writer_u32le (&writer, reference);
  write_lv16 (&writer, response);
  return ea_writer_steal (&writer);
}

GBytes *
ea_qmi_build_envelope (EaSpan envelope)
{
  static const guint8 sms_pp[] = { TAG_SMS_PP_DOWNLOAD };
  gboolean is_sms_pp = ea_span_has_prefix (envelope, EA_SPAN_OF_ARRAY (sms_pp));
  EaWriter writer;

  g_return_val_if_fail (envelope.size <= G_MAXUINT16, NULL);

  ea_writer_init (&writer);
  ea_writer_u16le (&writer, is_sms_pp ? ENVELOPE_SMS_PP : ENVELOPE_UNKNOWN);
  write_lv16 (&writer, envelope);
  return ea_writer_steal (&writer);
}

static void
response_free (gpointer data)
{
  Response *response = data;

  g_byte_array_unref (response->bytes);
  g_free (response);
}

void
ea_qmi_assembly_init (EaQmiAssembly *self)
{
  self->responses = g_hash_table_new_full (NULL, NULL, NULL, response_free);
}

void
ea_qmi_assembly_clear (EaQmiAssembly *self)
{
  g_clear_pointer (&self->responses, g_hash_table_unref);
}

static Response *
ensure_response (EaQmiAssembly *self, guint32 token, guint16 total)
{
  Response *response = g_hash_table_lookup (self->responses, GUINT_TO_POINTER (token));

  if (response != NULL)
    return response;

  /* Tokens that nobody asked for any more make room; there is one command at a time. */
  if (g_hash_table_size (self->responses) >= ASSEMBLY_TOKENS_MAX)
    g_hash_table_remove_all (self->responses);
  response = g_new0 (Response, 1);
  response->total = total;
  response->bytes = g_byte_array_new ();
  g_hash_table_insert (self->responses, GUINT_TO_POINTER (token), response);
  return response;
}

gboolean
ea_qmi_assembly_take (EaQmiAssembly *self, EaSpan value)
{
  Response *response;
  EaReader reader;
  guint32 token;
  guint16 total;
  guint16 offset;
  EaSpan chunk;

  ea_reader_init (&reader, value);
  token = ea_reader_u32le (&reader);
  total = ea_reader_u16le (&reader);
  offset = ea_reader_u16le (&reader);
  chunk = ea_reader_bytes (&reader, ea_reader_u16le (&reader));
  if (!ea_reader_done (&reader))
    return FALSE;

  response = ensure_response (self, token, total);
  if (total != response->total || offset != response->bytes->len
      || chunk.size > (gsize) total - response->bytes->len)
    {
      g_hash_table_remove (self->responses, GUINT_TO_POINTER (token));
      return FALSE;
    }

  if (chunk.size > 0)
    g_byte_array_append (response->bytes, chunk.data, (guint) chunk.size);
  return TRUE;
}

GBytes *
ea_qmi_assembly_steal (EaQmiAssembly *self, guint32 token, guint16 total)
{
  Response *response = g_hash_table_lookup (self->responses, GUINT_TO_POINTER (token));
  GBytes *bytes;

  if (response == NULL || response->total != total || response->bytes->len != total)
    return NULL;

  bytes = g_bytes_new (response->bytes->data, response->bytes->len);
  g_hash_table_remove (self->responses, GUINT_TO_POINTER (token));
  return bytes;
}
