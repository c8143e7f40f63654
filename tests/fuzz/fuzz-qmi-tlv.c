/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a hostile modem can put into the TLVs that are read here (agent/modem/qmi-tlv.h). The input is a
 * message's TLVs {type u8, length u16 LE, value}, and as a whole the value of one more.
 */

#include "modem/qmi-tlv.h"

#include "fuzz.h"

#define TAG_PROACTIVE_COMMAND 0xD0
#define SLOT_MAX 5
#define TOKENS_MAX 4
#define UNTOUCHED 0x5A5A5A5A

static void
check_event_report (EaQmiEventReport *report, guint8 type, EaSpan value)
{
  EaQmiEventReport before = *report;
  EaReader reader;

  ea_qmi_event_report_take (report, type, value);
  if (ea_span_equal (report->command, before.command))
    return;

  ea_reader_init (&reader, report->command);
  FUZZ_CLAIM (fuzz_is_inside (report->command, value));
  FUZZ_CLAIM (ea_reader_peek_u8 (&reader) == TAG_PROACTIVE_COMMAND);
  FUZZ_CLAIM (report->slot == before.slot);
}

/* A command in the shape that a TERMINAL RESPONSE has too is recognised in any TLV. */
static void
check_command (EaSpan input)
{
  EaQmiEventReport report = { 0 };
  g_autoptr (GBytes) value = NULL;
  EaReader reader;

  ea_reader_init (&reader, input);
  if (ea_reader_peek_u8 (&reader) != TAG_PROACTIVE_COMMAND || input.size > G_MAXUINT16)
    return;
  value = ea_qmi_build_terminal_response (UNTOUCHED, input);
  ea_qmi_event_report_take (&report, 0, ea_span_from_bytes (value));
  FUZZ_CLAIM (report.reference == UNTOUCHED);
  FUZZ_CLAIM (ea_span_equal (report.command, input));
}

static void
check_card_status (EaSpan value)
{
  for (guint slot = 0; slot <= SLOT_MAX; slot++)
    {
      EaQmiCard card;

      fuzz_poison (&card, sizeof card);
      if (ea_qmi_parse_card_status (value, slot, &card))
        FUZZ_CLAIM (card == EA_QMI_CARD_ABSENT
                    || (slot > 0 && card > EA_QMI_CARD_ABSENT && card <= EA_QMI_CARD_READY));
      else
        FUZZ_CLAIM (fuzz_is_poisoned (&card, sizeof card));
    }
}

/* SW1 and SW2 come first from the modem and last in an R-APDU. */
static void
check_card_response (EaSpan value)
{
  g_autoptr (GBytes) response = ea_qmi_parse_card_response (value);
  EaSpan apdu;
  EaReader reader;
  EaSpan sw;

  if (response == NULL)
    return;
  apdu = ea_span_from_bytes (response);
  FUZZ_CLAIM (apdu.size >= 2 && apdu.size <= value.size);
  ea_reader_init (&reader, value);
  sw = ea_reader_bytes (&reader, 2);
  ea_reader_init (&reader, apdu);
  (void) ea_reader_bytes (&reader, apdu.size - 2); /* the data */
  FUZZ_CLAIM (ea_span_equal (ea_reader_rest (&reader), sw));
}

static void
check_lists (EaSpan value)
{
  EaSpan content;

  fuzz_poison (&content, sizeof content);
  if (ea_qmi_parse_lv8 (value, &content))
    {
      g_autoptr (GBytes) built = ea_qmi_build_lv8 (content);

      FUZZ_CLAIM (fuzz_is_inside (content, value));
      FUZZ_CLAIM (ea_span_equal (ea_span_from_bytes (built), value));
    }
  else
    FUZZ_CLAIM (fuzz_is_poisoned (&content, sizeof content));

  fuzz_poison (&content, sizeof content);
  if (ea_qmi_parse_lv16 (value, &content))
    {
      g_autoptr (GBytes) built = ea_qmi_build_lv16 (content);

      FUZZ_CLAIM (fuzz_is_inside (content, value));
      FUZZ_CLAIM (ea_span_equal (ea_span_from_bytes (built), value));
    }
  else
    FUZZ_CLAIM (fuzz_is_poisoned (&content, sizeof content));
}

static void
check_numbers (EaSpan value)
{
  guint32 number = UNTOUCHED;
  guint32 token = UNTOUCHED;
  guint16 total = (guint16) UNTOUCHED;

  if (ea_qmi_parse_u32 (value, &number))
    {
      g_autoptr (GBytes) built = ea_qmi_build_u32 (number);

      FUZZ_CLAIM (ea_span_equal (ea_span_from_bytes (built), value));
    }
  else
    FUZZ_CLAIM (number == UNTOUCHED);

  if (!ea_qmi_parse_long_response (value, &total, &token))
    FUZZ_CLAIM (value.size != 6 && total == (guint16) UNTOUCHED && token == UNTOUCHED);
}

/* A response is whole or not there, it is given once, and few are kept. */
static void
check_assembly (EaQmiAssembly *assembly, EaSpan value)
{
  g_autoptr (GBytes) response = NULL;
  g_autoptr (GBytes) again = NULL;
  gboolean is_taken = ea_qmi_assembly_take (assembly, value);
  EaReader reader;
  guint32 token;
  guint16 total;

  FUZZ_CLAIM (g_hash_table_size (assembly->responses) <= TOKENS_MAX);
  if (!is_taken)
    return;
  ea_reader_init (&reader, value);
  token = ea_reader_u32le (&reader);
  total = ea_reader_u16le (&reader);
  response = ea_qmi_assembly_steal (assembly, token, total);
  if (response == NULL)
    return;
  FUZZ_CLAIM (g_bytes_get_size (response) == total);
  again = ea_qmi_assembly_steal (assembly, token, total);
  FUZZ_CLAIM (again == NULL);
}

static void
check_envelope (EaSpan input)
{
  g_autoptr (GBytes) built = NULL;

  if (input.size > G_MAXUINT16)
    return;
  built = ea_qmi_build_envelope (input);
  FUZZ_CLAIM (g_bytes_get_size (built) == input.size + 4); /* type u16, length u16 */
}

static void
check_value (EaSpan value)
{
  check_card_status (value);
  check_card_response (value);
  check_lists (value);
  check_numbers (value);
}

static void
check_message (EaSpan input, EaQmiAssembly *assembly)
{
  EaQmiEventReport report = { 0 };
  EaReader reader;

  ea_reader_init (&reader, input);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 type = ea_reader_u8 (&reader);
      EaSpan value = ea_reader_bytes (&reader, ea_reader_u16le (&reader));

      if (!ea_reader_is_ok (&reader))
        return;
      check_event_report (&report, type, value);
      check_value (value);
      check_assembly (assembly, value);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaQmiAssembly assembly;

  ea_qmi_assembly_init (&assembly);
  check_message (input, &assembly);
  check_value (input);
  check_assembly (&assembly, input);
  ea_qmi_assembly_clear (&assembly);
  check_command (input);
  check_envelope (input);
  return 0;
}
