/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a hostile modem can put into the TLVs that are read here (agent/modem/qmi-tlv.h, qmi-network.h). The
 * input is a message's TLVs {type u8, length u16 LE, value}, and as a whole the value of one more.
 */

#include "modem/qmi-tlv.h"

#include <string.h>

#include "modem/qmi-network.h"

#include "fuzz.h"

#define TAG_PROACTIVE_COMMAND 0xD0
#define SLOT_MAX 5
#define TOKENS_MAX 4
#define UNTOUCHED 0x5A5A5A5A
#define TIMING_ADVANCE_MAX 219
#define AREA_MAX 0xFFFFFF
#define IMEISV_DIGITS 16

static void
check_event_report (EaQmiEventReport *report, guint8 type, EaSpan value)
{
  EaQmiEventReport before = *report;
  EaReader reader;

  ea_qmi_event_report_take (report, type, value);
  FUZZ_CLAIM (report->refresh_stage <= EA_QMI_REFRESH_FAILED);
  FUZZ_CLAIM (report->is_session_ended || !before.is_session_ended);
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
  EaReader reader;
  EaSpan content;

  fuzz_poison (&content, sizeof content);
  if (ea_qmi_parse_lv8 (value, &content))
    {
      ea_reader_init (&reader, value);
      FUZZ_CLAIM (ea_reader_u8 (&reader) == content.size);
      FUZZ_CLAIM (ea_span_equal (ea_reader_rest (&reader), content));
      FUZZ_CLAIM (fuzz_is_inside (content, value));
    }
  else
    FUZZ_CLAIM (fuzz_is_poisoned (&content, sizeof content));

  fuzz_poison (&content, sizeof content);
  if (ea_qmi_parse_lv16 (value, &content))
    {
      ea_reader_init (&reader, value);
      FUZZ_CLAIM (ea_reader_u16le (&reader) == content.size);
      FUZZ_CLAIM (ea_span_equal (ea_reader_rest (&reader), content));
      FUZZ_CLAIM (fuzz_is_inside (content, value));
    }
  else
    FUZZ_CLAIM (fuzz_is_poisoned (&content, sizeof content));
}

static void
check_numbers (EaSpan value)
{
  guint8 byte = (guint8) UNTOUCHED;
  guint32 number = UNTOUCHED;
  guint32 token = UNTOUCHED;
  guint16 total = (guint16) UNTOUCHED;
  EaReader reader;

  FUZZ_CLAIM (ea_qmi_parse_u8 (value, &byte) == (value.size == 1));
  FUZZ_CLAIM (value.size == 1 || byte == (guint8) UNTOUCHED);
  if (ea_qmi_parse_u32 (value, &number))
    {
      ea_reader_init (&reader, value);
      FUZZ_CLAIM (ea_reader_u32le (&reader) == number && ea_reader_done (&reader));
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

/* Every byte has the bits that it has itself; a mask with one more byte has a bit too many. */
static void
check_bits (EaSpan value)
{
  EaSpan head = ea_span_head (value, value.size / 2);
  EaSpan tail = ea_span_tail (value, value.size / 2);
  gboolean is_zero = TRUE;
  EaReader reader;

  ea_reader_init (&reader, tail);
  while (ea_reader_remaining (&reader) > 0)
    is_zero &= ea_reader_u8 (&reader) == 0;
  FUZZ_CLAIM (ea_qmi_has_bits (value, value));
  FUZZ_CLAIM (ea_qmi_has_bits (value, head));
  FUZZ_CLAIM (ea_qmi_has_bits (head, value) == is_zero);
}

static gboolean
is_digits (const char *text, gsize min, gsize max)
{
  gsize length = strlen (text);

  return length >= min && length <= max && strspn (text, "0123456789") == length;
}

/* What is told of a network can be written into the objects of the toolkit. */
static void
check_network (const EaQmiSystemInfo *info)
{
  EaModemNetwork network;

  fuzz_poison (&network, sizeof network);
  if (!ea_qmi_system_info_get_network (info, &network))
    {
      FUZZ_CLAIM (fuzz_is_poisoned (&network, sizeof network));
      return;
    }
  FUZZ_CLAIM (network.service <= EA_MODEM_SERVICE_NORMAL);
  FUZZ_CLAIM (network.has_technology == (network.service != EA_MODEM_SERVICE_NONE));
  FUZZ_CLAIM (is_digits (network.mcc, 3, 3) || network.mcc[0] == '\0');
  FUZZ_CLAIM (is_digits (network.mnc, 2, 3) || network.mnc[0] == '\0');
  FUZZ_CLAIM ((network.mcc[0] == '\0') == (network.mnc[0] == '\0'));
  FUZZ_CLAIM (network.area_code <= (network.has_area ? AREA_MAX : 0));
  FUZZ_CLAIM (network.has_cell || network.cell == 0);
}

static void
check_timing_advance (EaSpan value)
{
  guint8 bit_periods = (guint8) UNTOUCHED;

  if (ea_qmi_parse_timing_advance (value, &bit_periods))
    FUZZ_CLAIM (bit_periods <= TIMING_ADVANCE_MAX);
  else
    FUZZ_CLAIM (bit_periods == (guint8) UNTOUCHED);
}

/* The input as an IMEI and a software version, on both sides of its middle */
static void
check_identity (EaSpan input)
{
  EaSpan head = ea_span_head (input, input.size / 2);
  EaSpan tail = ea_span_tail (input, input.size / 2);
  g_autofree char *imei = g_strndup ((const char *) head.data, head.size);
  g_autofree char *version = g_strndup ((const char *) tail.data, tail.size);
  g_autofree char *imeisv = ea_qmi_build_imeisv (imei, version);

  FUZZ_CLAIM (imeisv == NULL || is_digits (imeisv, IMEISV_DIGITS, IMEISV_DIGITS));
}

static void
check_plmn (EaSpan value)
{
  char mcc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  char mnc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  EaReader reader;
  guint16 mcc_number;
  guint16 mnc_number;

  ea_reader_init (&reader, value);
  mcc_number = ea_reader_u16le (&reader);
  mnc_number = ea_reader_u16le (&reader);
  ea_qmi_format_plmn (mcc_number, mnc_number, ea_reader_u8 (&reader) != 0, mcc, mnc);
  FUZZ_CLAIM (is_digits (mcc, 3, 3) ? is_digits (mnc, 2, 3) : mcc[0] == '\0' && mnc[0] == '\0');
}

static void
check_value (EaSpan value)
{
  check_bits (value);
  check_timing_advance (value);
  check_plmn (value);
  check_card_status (value);
  check_card_response (value);
  check_lists (value);
  check_numbers (value);
}

static void
check_message (EaSpan input, EaQmiAssembly *assembly)
{
  EaQmiEventReport report = { 0 };
  EaQmiSystemInfo response = { 0 };
  EaQmiSystemInfo indication = { .is_indication = TRUE };
  EaReader reader;

  ea_reader_init (&reader, input);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 type = ea_reader_u8 (&reader);
      EaSpan value = ea_reader_bytes (&reader, ea_reader_u16le (&reader));

      if (!ea_reader_is_ok (&reader))
        return;
      check_event_report (&report, type, value);
      ea_qmi_system_info_take (&response, type, value);
      ea_qmi_system_info_take (&indication, type, value);
      check_network (&response);
      check_network (&indication);
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
  check_identity (input);
  return 0;
}
