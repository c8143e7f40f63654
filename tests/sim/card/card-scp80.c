/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The receiver of command packets. Only packets with a cryptographic checksum and a counter that
 * protects against replay are executed. In short messages the ISD-R is the only application with a
 * TAR.
 */

#include "card-scp80.h"

#include "card-session.h"
#include "sim-keys.h"
#include "sim-tlv.h"

#define TAG_DEVICE_IDENTITIES 0x02
#define TAG_ADDRESS 0x06
#define TAG_SMS_TPDU 0x0B
#define DEVICES_NETWORK_TO_UICC 0x8381
#define EXECUTED_MAX 1000

/* What a SMS-DELIVER-REPORT has room for, 3GPP TS 23.040 §9.2.2.1a */
#define REPORT_USER_DATA_MAX 132

/* How a packet came and where an answer goes: both spans borrow from the ENVELOPE, and are empty for
 * CAT_TP. */
typedef struct
{
  SimScp80Form form;
  EaSpan service_centre;
  EaSpan address;
} Origin;

static void
executed_add (SimCard *card, EaSpan packet, GBytes *result)
{
  SimExecuted *executed = g_new0 (SimExecuted, 1);

  executed->packet = ea_span_to_bytes (packet);
  executed->result = g_bytes_ref (result);
  g_queue_push_tail (&card->executed, executed);
  if (card->executed.length > EXECUTED_MAX)
    sim_executed_free (g_queue_pop_head (&card->executed));
}

/* SGP.02 §2.4.3: what has less than this is not even answered. */
static gboolean
is_acceptable (const SimScp80Command *command)
{
  gboolean is_ciphered = (command->spi1 & SIM_SCP80_SPI1_CIPHERED) != 0;

  return sim_scp80_get_integrity (command->spi1) == SIM_SCP80_INTEGRITY_CC
         && command->kid == SIM_KEYS_AES_IDENTIFIER
         && (!is_ciphered || command->kic == SIM_KEYS_AES_IDENTIFIER);
}

/* TS 102 225 §5.1.4 */
static SimScp80Status
check_counter (const SimCard *card, const SimScp80Command *command)
{
  guint8 mode = command->spi1 & SIM_SCP80_SPI1_COUNTER_MASK;

  if (mode != SIM_SCP80_SPI1_COUNTER_HIGHER && mode != SIM_SCP80_SPI1_COUNTER_NEXT)
    return SIM_SCP80_STATUS_SECURITY_LEVEL;
  if (card->counter == SIM_SCP80_COUNTER_MAX)
    return SIM_SCP80_STATUS_COUNTER_BLOCKED;
  if (command->counter <= card->counter)
    return SIM_SCP80_STATUS_COUNTER_LOW;
  if (mode == SIM_SCP80_SPI1_COUNTER_NEXT && command->counter > card->counter + 1)
    return SIM_SCP80_STATUS_COUNTER_HIGH;
  return SIM_SCP80_STATUS_OK;
}

static gboolean
wants_response (const SimScp80Command *command, SimScp80Status status)
{
  switch (command->spi2 & SIM_SCP80_SPI2_POR_MASK)
    {
    case SIM_SCP80_SPI2_POR_ALWAYS:
      return TRUE;
    case SIM_SCP80_SPI2_POR_ON_ERROR:
      return status != SIM_SCP80_STATUS_OK;
    default:
      return FALSE;
    }
}

static void
submit (SimCard *card, const Origin *origin, EaSpan packet)
{
  g_autoptr (GPtrArray) tpdus = sim_sms_build_submit (origin->address, SIM_SMS_PACKET_RESPONSE,
                                                      packet, card->por_reference);

  if (tpdus->len > 1)
    card->por_reference++;
  for (guint i = 0; i < tpdus->len; i++)
    sim_toolkit_queue_short_message (&card->toolkit, origin->service_centre,
                                     ea_span_from_bytes (g_ptr_array_index (tpdus, i)));
}

/* A packet that does not fit the report goes by SMS-SUBMIT although the sender did not ask for
 * that. */
static void
send_response (SimCard *card, const SimScp80Command *command, SimScp80Status status, EaSpan result,
               const Origin *origin, GByteArray *data)
{
  static const guint8 header[] = { 0x02, 0x71, 0x00 };
  const SimScp80Response response
      = { .tar = command->tar, .counter = command->counter, .status = (guint8) status };
  g_autoptr (GBytes) packet
      = sim_scp80_seal_response (&response, command, origin->form, result, &sim_keys, NULL);
  EaSpan span = ea_span_from_bytes (packet);

  if (packet == NULL)
    return; /* the sender asks for a response secured as the keys can't */
  if (origin->form == SIM_SCP80_FORM_CAT_TP)
    {
      g_byte_array_append (data, span.data, (guint) span.size);
      return;
    }
  if ((command->spi2 & SIM_SCP80_SPI2_SUBMIT) != 0
      || sizeof (header) + span.size > REPORT_USER_DATA_MAX)
    {
      submit (card, origin, span);
      return;
    }
  g_byte_array_append (data, header, sizeof (header));
  g_byte_array_append (data, span.data, (guint) span.size);
}

/* (transfer full) (nullable): the AID that @tar stands for; TAR octets 13 to 15 of an ISD-P's AID */
static GBytes *
find_target (const SimCard *card, const SimScp80Command *command, SimScp80Form form)
{
  static const guint8 prefix[]
      = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89 };
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) aid = NULL;

  if (command->tar == SIM_TAR_ISD_R)
    return ea_span_to_bytes (sim_aid_isd_r);
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (prefix));
  ea_writer_u24be (&writer, command->tar);
  ea_writer_u8 (&writer, 0);
  aid = ea_writer_steal (&writer);
  if (form == SIM_SCP80_FORM_SMS || sim_isdps_find (card->isdps, ea_span_from_bytes (aid)) == NULL)
    return NULL;
  return g_steal_pointer (&aid);
}

static GBytes *
run (SimCard *card, const SimScp80Command *command, EaSpan aid, EaSpan data)
{
  gboolean is_isdr = command->tar == SIM_TAR_ISD_R;

  if (!is_isdr || !sim_trigger_is_one (data))
    return sim_card_run_script (card, is_isdr ? SIM_APPLICATION_ISD_R : SIM_APPLICATION_ISD_P, aid,
                                data);
  sim_card_take_trigger (card, data);
  return g_bytes_new (NULL, 0);
}

/* What comes by CAT_TP is not kept: it may be large and is many. */
static void
execute (SimCard *card, const SimScp80Command *command, EaSpan packet, EaSpan aid, EaSpan script,
         const Origin *origin, GByteArray *data)
{
  g_autoptr (GBytes) result = NULL;

  card->counter = command->counter;
  if (origin->form == SIM_SCP80_FORM_SMS)
    {
      g_bytes_unref (card->smsr_number);
      card->smsr_number = ea_span_to_bytes (origin->address);
    }
  result = run (card, command, aid, script);
  if (origin->form == SIM_SCP80_FORM_SMS)
    executed_add (card, packet, result);
  if (wants_response (command, SIM_SCP80_STATUS_OK))
    send_response (card, command, SIM_SCP80_STATUS_OK, ea_span_from_bytes (result), origin, data);
}

static void
receive_packet (SimCard *card, EaSpan packet, const Origin *origin, GByteArray *data)
{
  g_autoptr (GBytes) script = NULL;
  g_autoptr (GBytes) aid = NULL;
  SimScp80Command command = { 0 };
  SimScp80Status status;

  if (sim_scp80_parse_command (&command, origin->form, packet, NULL) && is_acceptable (&command))
    script = sim_scp80_open_command (&command, origin->form, packet, &sim_keys, NULL);
  if (script == NULL)
    {
      card->n_rejected++;
      return;
    }

  status = check_counter (card, &command);
  aid = find_target (card, &command, origin->form);
  if (status == SIM_SCP80_STATUS_OK && aid == NULL)
    status = SIM_SCP80_STATUS_TAR_UNKNOWN;
  if (status == SIM_SCP80_STATUS_OK)
    {
      execute (card, &command, packet, ea_span_from_bytes (aid), ea_span_from_bytes (script),
               origin, data);
      return;
    }
  card->n_rejected++;
  if (wants_response (&command, status))
    send_response (card, &command, status, EA_SPAN_EMPTY, origin, data);
}

void
sim_card_receive_packet (SimCard *card, EaSpan packet, GByteArray *data)
{
  const Origin origin = { .form = SIM_SCP80_FORM_CAT_TP };

  receive_packet (card, packet, &origin, data);
}

guint16
sim_card_download (SimCard *card, EaSpan body, GByteArray *data)
{
  EaSpan devices = EA_SPAN_EMPTY;
  EaSpan tpdu = EA_SPAN_EMPTY;
  g_autoptr (GBytes) packet = NULL;
  Origin origin = { .form = SIM_SCP80_FORM_SMS };
  SimSms sms = { 0 };
  EaReader reader;

  if (!sim_tlv_find_comprehension (body, TAG_DEVICE_IDENTITIES, &devices)
      || !sim_tlv_find_comprehension (body, TAG_SMS_TPDU, &tpdu))
    return SIM_SW_FAILURE;
  ea_reader_init (&reader, devices);
  if (ea_reader_u16be (&reader) != DEVICES_NETWORK_TO_UICC || !ea_reader_done (&reader))
    return SIM_SW_FAILURE;
  if (!sim_sms_parse_deliver (&sms, tpdu, NULL))
    return SIM_SW_FAILURE;

  origin.address = sms.address;
  (void) sim_tlv_find_comprehension (body, TAG_ADDRESS, &origin.service_centre);
  packet = sim_sms_assembly_add (card->assembly, &sms);
  if (packet != NULL)
    receive_packet (card, ea_span_from_bytes (packet), &origin, data);
  return SIM_SW_OK;
}
