/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Command and response scripts in expanded remote format (ETSI TS 102 226 §5.2). Left out:
 * immediate and error actions and script chaining, which are answered as unknown.
 */

#include "card-scp80.h"
#include "sim-tlv.h"

#define TAG_SCRIPT_DEFINITE 0xAA
#define TAG_SCRIPT_INDEFINITE 0xAE
#define TAG_RESPONSE_DEFINITE 0xAB
#define TAG_RESPONSE_INDEFINITE 0xAF
#define TAG_C_APDU 0x22
#define TAG_R_APDU 0x23
#define TAG_EXECUTED 0x80
#define TAG_BAD_FORMAT 0x90
#define INDEFINITE_LENGTH 0x80

/* Octets of responses that the card keeps: what a command has beyond them is lost, and the script ends. */
#define RESPONSES_MAX (1024 * 1024)

/* Values of the bad format object */
#define BAD_FORMAT_UNKNOWN_TAG 0x01
#define BAD_FORMAT_WRONG_LENGTH 0x02

typedef struct
{
  SimChannel channel;
  guint n_executed;
  EaWriter responses;
  gboolean has_ended;
} Run;

/* Warnings let a script go on. */
static gboolean
is_success (guint16 sw)
{
  guint8 sw1 = (guint8) (sw >> 8);

  return sw1 == 0x62 || sw1 == 0x63 || sw1 >> 4 == 0x09;
}

static void
run_command (SimCard *card, Run *run, EaSpan command)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_auto (EaWriter) response = { 0 };
  SimApdu apdu = { 0 };
  guint16 sw = sim_apdu_parse (&apdu, command);

  ea_writer_init (&response);
  if (sw == SIM_SW_OK)
    sw = sim_card_execute (card, &run->channel, &apdu, data);
  if (ea_writer_span (&run->responses).size + data->len > RESPONSES_MAX)
    {
      sw = SIM_SW_NO_MEMORY;
      g_byte_array_set_size (data, 0);
    }
  ea_writer_bytes (&response, ea_span_from_array (data));
  ea_writer_u16be (&response, sw);
  sim_tlv_write (&run->responses, TAG_R_APDU, ea_writer_span (&response));
  run->n_executed++;
  run->has_ended = !is_success (sw);
}

static gboolean
is_scp03t (const Run *run, guint tag)
{
  return run->channel.application == SIM_APPLICATION_ISD_P
         && tag >= SIM_SCP03T_TAG_INITIALIZE_UPDATE && tag <= SIM_SCP03T_TAG_DATA;
}

static void
run_scp03t (SimCard *card, Run *run, const SimTlv *tlv)
{
  g_autoptr (GBytes) response = sim_card_process_scp03t (
      card, NULL, ea_span_from_bytes (run->channel.aid), tlv, &run->has_ended);

  ea_writer_bytes (&run->responses, ea_span_from_bytes (response));
  run->n_executed++;
}

static void
end_with_bad_format (Run *run, guint8 cause)
{
  const guint8 value[] = { cause };

  sim_tlv_write (&run->responses, TAG_BAD_FORMAT, EA_SPAN_OF_ARRAY (value));
  run->has_ended = TRUE;
}

static void
run_commands (SimCard *card, Run *run, EaSpan commands, gboolean is_indefinite)
{
  EaReader reader;

  ea_reader_init (&reader, commands);
  while (!run->has_ended && ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read (&reader);

      if (!ea_reader_is_ok (&reader))
        end_with_bad_format (run, BAD_FORMAT_WRONG_LENGTH);
      else if (tlv.tag == TAG_C_APDU)
        run_command (card, run, tlv.value);
      else if (is_scp03t (run, tlv.tag))
        run_scp03t (card, run, &tlv);
      else if (is_indefinite && tlv.tag == 0 && ea_reader_remaining (&reader) == 0)
        run->has_ended = TRUE; /* end of contents */
      else
        end_with_bad_format (run, BAD_FORMAT_UNKNOWN_TAG);
    }
}

/* As many octets as a positive number needs, X.690 §8.3 */
static void
write_integer (EaWriter *writer, guint number)
{
  if (number > G_MAXINT16)
    ea_writer_u24be (writer, number);
  else if (number > G_MAXINT8)
    ea_writer_u16be (writer, (guint16) number);
  else
    ea_writer_u8 (writer, (guint8) number);
}

static GBytes *
build_response (const Run *run, gboolean is_indefinite)
{
  g_auto (EaWriter) n_executed = { 0 };
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&body);
  ea_writer_init (&writer);
  if (is_indefinite)
    {
      ea_writer_u8 (&writer, TAG_RESPONSE_INDEFINITE);
      ea_writer_u8 (&writer, INDEFINITE_LENGTH);
      ea_writer_bytes (&writer, ea_writer_span (&run->responses));
      ea_writer_u16be (&writer, 0);
      return ea_writer_steal (&writer);
    }
  ea_writer_init (&n_executed);
  write_integer (&n_executed, run->n_executed);
  sim_tlv_write (&body, TAG_EXECUTED, ea_writer_span (&n_executed));
  ea_writer_bytes (&body, ea_writer_span (&run->responses));
  sim_tlv_write (&writer, TAG_RESPONSE_DEFINITE, ea_writer_span (&body));
  return ea_writer_steal (&writer);
}

/* The commands between the script's tag and its end; FALSE when there is no script */
static gboolean
get_commands (EaSpan script, EaSpan *commands, gboolean *is_indefinite)
{
  EaReader reader;
  guint8 tag;

  ea_reader_init (&reader, script);
  tag = ea_reader_u8 (&reader);
  *is_indefinite = tag == TAG_SCRIPT_INDEFINITE;
  if (*is_indefinite)
    {
      *commands
          = ea_reader_u8 (&reader) == INDEFINITE_LENGTH ? ea_reader_rest (&reader) : EA_SPAN_EMPTY;
      return commands->size > 0;
    }
  *commands = ea_reader_bytes (&reader, sim_tlv_read_length (&reader));
  return tag == TAG_SCRIPT_DEFINITE && ea_reader_done (&reader);
}

GBytes *
sim_card_run_script (SimCard *card, SimApplication application, EaSpan aid, EaSpan script)
{
  Run run = { .channel = { .is_open = TRUE, .is_secured = TRUE } };
  gboolean is_indefinite = FALSE;
  EaSpan commands = EA_SPAN_EMPTY;
  GBytes *response;

  ea_writer_init (&run.responses);
  sim_card_select_application (&run.channel, application, aid);
  if (get_commands (script, &commands, &is_indefinite))
    run_commands (card, &run, commands, is_indefinite);
  else
    end_with_bad_format (&run, BAD_FORMAT_WRONG_LENGTH);
  response = build_response (&run, is_indefinite);
  sim_card_leave_application (card, &run.channel);
  sim_channel_reset (&run.channel);
  ea_writer_clear (&run.responses);
  return response;
}
