/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulated UICC's command interpreter: ETSI TS 102 221 §10 and §11. A command is parsed, its
 * channel and instruction are looked up, and what the handler gives is put in the form that the
 * case of the command wants.
 */

#include "card.h"

#include "card-isdr.h"
#include "card-private.h"
#include "card-scp80.h"
#include "sim-tlv.h"

#define INS_TERMINAL_PROFILE 0x10
#define INS_FETCH 0x12
#define INS_TERMINAL_RESPONSE 0x14
#define INS_GET_RESPONSE 0xC0
#define INS_ENVELOPE 0xC2
#define MANAGE_CHANNEL_OPEN 0x00
#define MANAGE_CHANNEL_CLOSE 0x80
#define PIN_APPLICATION 0x01
#define PIN_UNIVERSAL 0x11
#define PIN_LOCAL 0x81
#define TAG_SMS_PP_DOWNLOAD 0xD1
#define TAG_EVENT_DOWNLOAD 0xD6
#define TAG_TIMER_EXPIRATION 0xD7
#define TAG_TIMER_IDENTIFIER 0x24
#define GET_STATUS_APPLICATIONS 0x40

typedef guint16 (*Handler) (SimCard *card, SimChannel *channel, const SimApdu *apdu,
                            GByteArray *data);

void
sim_channel_reset (SimChannel *channel)
{
  gboolean is_open = channel->is_open;

  g_clear_pointer (&channel->aid, g_bytes_unref);
  g_clear_pointer (&channel->response, g_bytes_unref);
  sim_carriage_clear (&channel->carriage);
  *channel = (SimChannel){ .is_open = is_open, .directory = sim_file_get_mf () };
}

SimIsdp *
sim_card_get_enabled (SimCard *card)
{
  for (guint i = 0; i < card->isdps->len; i++)
    {
      SimIsdp *isdp = g_ptr_array_index (card->isdps, i);

      if (isdp->state == SIM_ISDP_ENABLED)
        return isdp;
    }
  g_assert_not_reached ();
}

GBytes *
sim_card_process_scp03t (SimCard *card, const SimChannel *channel, EaSpan aid,
                         const SimTlv *command, gboolean *has_failed)
{
  SimIsdp *isdp = sim_isdps_find (card->isdps, aid);
  g_auto (EaWriter) challenge = { 0 };

  ea_writer_init (&challenge);
  ea_writer_u32be (&challenge, 0);
  ea_writer_u32be (&challenge, ++card->n_challenges);
  return sim_isdp_process (isdp, channel, ea_writer_span (&challenge), (guint8) command->tag,
                           command->value, has_failed);
}

void
sim_card_leave_application (SimCard *card, SimChannel *channel)
{
  SimIsdp *isdp = sim_isdps_find (card->isdps, ea_span_from_bytes (channel->aid));

  sim_carriage_clear (&channel->carriage);
  if (isdp != NULL)
    sim_isdp_leave (isdp, channel);
}

static SimFileSubscriber
get_subscriber (SimCard *card)
{
  const SimIsdp *isdp = sim_card_get_enabled (card);

  return (SimFileSubscriber){ isdp->iccid, isdp->imsi };
}

static guint16
handle_read_binary (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  SimFileSubscriber subscriber = get_subscriber (card);

  return sim_file_read_binary (channel->directory, channel->file, &subscriber, apdu, data);
}

static guint16
handle_read_record (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  SimFileSubscriber subscriber = get_subscriber (card);

  return sim_file_read_record (channel->directory, channel->file, &subscriber, apdu, data);
}

static guint
count_open_channels (const SimCard *card)
{
  guint n_open = 0;

  for (guint i = 1; i < G_N_ELEMENTS (card->channels); i++)
    n_open += card->channels[i].is_open ? 1 : 0;
  return n_open;
}

static guint16
open_channel (SimCard *card, const SimApdu *apdu, GByteArray *data)
{
  guint8 number = 1;

  if (!apdu->has_le || !sim_apdu_accepts (apdu, 1))
    return sim_apdu_status_with_length (SIM_SW_WRONG_LE, 1);
  if (count_open_channels (card) >= MIN (card->options.max_channels, SIM_CHANNEL_MAX))
    return SIM_SW_NOT_SUPPORTED;
  while (card->channels[number].is_open)
    number++;
  sim_channel_reset (&card->channels[number]);
  card->channels[number].is_open = TRUE;
  g_byte_array_append (data, &number, 1);
  return SIM_SW_OK;
}

/* §11.1.17 */
static guint16
handle_manage_channel (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  if (apdu->data.size > 0)
    return SIM_SW_WRONG_LENGTH;
  if (apdu->p1 == MANAGE_CHANNEL_OPEN && apdu->p2 == 0)
    return open_channel (card, apdu, data);
  if (apdu->p1 != MANAGE_CHANNEL_CLOSE || apdu->p2 == 0 || apdu->p2 > SIM_CHANNEL_MAX
      || !card->channels[apdu->p2].is_open)
    return SIM_SW_WRONG_PARAMETERS;
  sim_card_leave_application (card, &card->channels[apdu->p2]);
  card->channels[apdu->p2].is_open = FALSE;
  sim_channel_reset (&card->channels[apdu->p2]);
  return SIM_SW_OK;
}

/* §11.1.9: the PIN is disabled, so there is nothing to verify and no counter to tell. */
static guint16
handle_verify (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  if (apdu->p1 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->p2 != PIN_APPLICATION && apdu->p2 != PIN_UNIVERSAL && apdu->p2 != PIN_LOCAL)
    return SIM_SW_NO_REFERENCE;
  return SIM_SW_DATA_INVALIDATED;
}

/* §11.1.18, for whatever the last command on this channel left */
static guint16
handle_get_response (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  g_autoptr (GBytes) response = NULL;
  EaReader reader;
  EaSpan chunk;

  if (apdu->p1 != 0 || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->data.size > 0 || !apdu->has_le)
    return SIM_SW_WRONG_LENGTH;
  if (channel->response == NULL)
    return SIM_SW_CONDITIONS;
  response = g_steal_pointer (&channel->response);
  ea_reader_init (&reader, ea_span_from_bytes (response));
  chunk = ea_reader_bytes (&reader, MIN (apdu->le, ea_reader_remaining (&reader)));
  g_byte_array_append (data, chunk.data, (guint) chunk.size);
  if (ea_reader_remaining (&reader) == 0)
    return SIM_SW_OK;
  channel->response = ea_span_to_bytes (ea_reader_rest (&reader));
  return sim_apdu_status_with_length (SIM_SW_MORE_DATA, g_bytes_get_size (channel->response));
}

/* Platform management through a channel in clear is for test set-ups only; the real one is
 * secured. */
static guint16
run_isdr (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data,
          guint16 (*run) (SimCard *, const SimApdu *, GByteArray *))
{
  if (channel->application == SIM_APPLICATION_NONE || channel->application == SIM_APPLICATION_USIM)
    return SIM_SW_WRONG_INSTRUCTION;
  if (channel->application != SIM_APPLICATION_ISD_R
      || (!channel->is_secured && !card->options.is_isdr_plain))
    return SIM_SW_SECURITY_STATUS;
  return run (card, apdu, data);
}

static guint16
store_in_isdp (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  EaSpan aid = ea_span_from_bytes (channel->aid);
  g_autoptr (GBytes) object = NULL;
  g_autoptr (GBytes) response = NULL;
  gboolean has_failed;
  EaReader reader;
  SimTlv command;
  guint16 sw = sim_carriage_take (&channel->carriage, apdu, &object);

  if (object == NULL)
    return sw;
  if (sim_isdps_find (card->isdps, aid) == NULL)
    return SIM_SW_NO_REFERENCE;
  ea_reader_init (&reader, ea_span_from_bytes (object));
  command = sim_tlv_read (&reader);
  if (!ea_reader_done (&reader) || command.tag < SIM_SCP03T_TAG_FIRST
      || command.tag > SIM_SCP03T_TAG_LAST)
    return SIM_SW_WRONG_DATA;
  response = sim_card_process_scp03t (card, channel, aid, &command, &has_failed);
  g_byte_array_append (data, g_bytes_get_data (response, NULL),
                       (guint) g_bytes_get_size (response));
  return SIM_SW_OK;
}

/* Beside the carriage of SCP03t an ISD-P takes whatever is to be stored in it: nothing here reads that. */
static guint16
handle_store_data (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  if (channel->application != SIM_APPLICATION_ISD_P || !card->options.is_isdr_plain)
    return run_isdr (card, channel, apdu, data, sim_isdr_store_data);
  if (apdu->p1 == SIM_CARRIAGE_MORE_BLOCKS || apdu->p1 == SIM_CARRIAGE_LAST_BLOCK)
    return store_in_isdp (card, channel, apdu, data);
  return apdu->data.size > 0 ? SIM_SW_OK : SIM_SW_WRONG_LENGTH;
}

static guint16
handle_delete (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  return run_isdr (card, channel, apdu, data, sim_isdr_delete);
}

static guint16
handle_install (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  return run_isdr (card, channel, apdu, data, sim_isdr_install);
}

static guint16
handle_push (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  return run_isdr (card, channel, apdu, data, sim_session_push);
}

/* §11.1.2; an ISD-R knows the same instruction as GlobalPlatform's GET STATUS. */
static guint16
handle_status (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  gboolean is_usim = channel->directory == sim_file_get_usim ();
  g_auto (EaWriter) writer = { 0 };
  EaSpan span;

  if (apdu->p1 == GET_STATUS_APPLICATIONS)
    return run_isdr (card, channel, apdu, data, sim_isdr_get_status);
  if (apdu->data.size > 0)
    return SIM_SW_WRONG_LENGTH;
  if (apdu->p1 > 0x02)
    return SIM_SW_WRONG_PARAMETERS;
  switch (apdu->p2)
    {
    case 0x00:
      sim_file_describe (channel->directory,
                         is_usim ? ea_span_from_bytes (channel->aid) : EA_SPAN_EMPTY, data);
      return SIM_SW_OK;
    case 0x01:
      ea_writer_init (&writer);
      sim_tlv_write (&writer, 0x84, ea_span_from_bytes (channel->aid));
      span = ea_writer_span (&writer);
      g_byte_array_append (data, span.data, (guint) span.size);
      return SIM_SW_OK;
    case 0x0C:
      return SIM_SW_OK;
    default:
      return SIM_SW_WRONG_PARAMETERS;
    }
}

/* Certificates are not there: the ECASD only tells the EID. */
static guint16
handle_get_data (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  if (channel->application == SIM_APPLICATION_ISD_R
      || (channel->application == SIM_APPLICATION_ECASD && apdu->p1 == 0x00 && apdu->p2 == 0x5A))
    return sim_isdr_get_data (card, apdu, data);
  if (channel->application == SIM_APPLICATION_ECASD
      || channel->application == SIM_APPLICATION_ISD_P)
    return SIM_SW_NO_REFERENCE;
  return SIM_SW_WRONG_INSTRUCTION;
}

static guint16
handle_terminal_profile (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  if (apdu->p1 != 0 || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->data.size == 0)
    return SIM_SW_WRONG_LENGTH;
  g_clear_pointer (&card->toolkit.profile, g_bytes_unref);
  card->toolkit.profile = ea_span_to_bytes (apdu->data);
  sim_session_take_profile (card);
  return SIM_SW_OK;
}

static void
take_expiration (SimCard *card, EaSpan body)
{
  EaSpan identifier = EA_SPAN_EMPTY;
  EaReader reader;

  (void) sim_tlv_find_comprehension (body, TAG_TIMER_IDENTIFIER, &identifier); /* empty: 0 */
  ea_reader_init (&reader, identifier);
  switch (ea_reader_u8 (&reader))
    {
    case SIM_TIMER_SERVICE:
      sim_fallback_expire (card);
      return;
    case SIM_TIMER_CONFIRMATION:
      sim_notification_expire (card);
      return;
    }
}

/* §11.2.2. Menu selections end here: no applet listens to them. */
static guint16
handle_envelope (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  EaReader reader;
  SimTlv tlv;

  if (apdu->p1 != 0 || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->data.size == 0)
    return SIM_SW_WRONG_LENGTH;
  if (sim_toolkit_is_busy (&card->toolkit))
    return SIM_SW_TOOLKIT_BUSY;
  ea_reader_init (&reader, apdu->data);
  tlv.tag = ea_reader_u8 (&reader);
  tlv.value = ea_reader_bytes (&reader, sim_tlv_read_length (&reader));
  if (!ea_reader_done (&reader))
    return SIM_SW_FAILURE;
  if (tlv.tag == TAG_SMS_PP_DOWNLOAD)
    return sim_card_download (card, tlv.value, data);
  if (tlv.tag == TAG_TIMER_EXPIRATION)
    take_expiration (card, tlv.value);
  if (tlv.tag != TAG_EVENT_DOWNLOAD)
    return SIM_SW_OK;
  sim_bip_judge_envelope (&card->bip.judge, apdu->data);
  sim_session_take_event (card, tlv.value);
  return SIM_SW_OK;
}

/* §11.2.3; a wrong Le does not take the command from the queue. */
static guint16
handle_fetch (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  gsize pending = sim_toolkit_get_pending (&card->toolkit);
  EaSpan command;

  if (apdu->p1 != 0 || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->data.size > 0)
    return SIM_SW_WRONG_LENGTH;
  if (pending == 0)
    return SIM_SW_CONDITIONS;
  if (!sim_apdu_accepts (apdu, pending))
    return sim_apdu_status_with_length (SIM_SW_WRONG_LE, pending);
  command = ea_span_from_bytes (sim_toolkit_fetch (&card->toolkit));
  g_byte_array_append (data, command.data, (guint) command.size);
  return SIM_SW_OK;
}

static guint16
handle_terminal_response (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  gboolean is_for_channel = sim_toolkit_is_channel_open (&card->toolkit);

  if (apdu->p1 != 0 || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  if (apdu->data.size == 0)
    return SIM_SW_WRONG_LENGTH;
  if (!sim_toolkit_answer (&card->toolkit, apdu->data))
    return SIM_SW_FAILURE;
  if (is_for_channel)
    sim_bip_answer (&card->bip, apdu->data, card->now_us);
  return SIM_SW_OK;
}

/* CLA 8X or CX where TS 102 221 table 10.2 and GlobalPlatform want it, 0X or 4X otherwise */
static const struct
{
  guint8 ins;
  gboolean is_interindustry;
  gboolean is_proprietary;
  Handler handle;
} instructions[] = {
  { INS_TERMINAL_PROFILE, FALSE, TRUE, handle_terminal_profile },
  { INS_FETCH, FALSE, TRUE, handle_fetch },
  { INS_TERMINAL_RESPONSE, FALSE, TRUE, handle_terminal_response },
  { 0x20, TRUE, FALSE, handle_verify },
  { 0x70, TRUE, FALSE, handle_manage_channel },
  { 0xA4, TRUE, FALSE, sim_card_select },
  { 0xB0, TRUE, FALSE, handle_read_binary },
  { 0xB2, TRUE, FALSE, handle_read_record },
  { INS_GET_RESPONSE, TRUE, TRUE, handle_get_response },
  { INS_ENVELOPE, FALSE, TRUE, handle_envelope },
  { 0xCA, TRUE, TRUE, handle_get_data },
  { 0xE2, FALSE, TRUE, handle_store_data },
  { 0xE4, FALSE, TRUE, handle_delete },
  { 0xE6, FALSE, TRUE, handle_install },
  { 0xEC, FALSE, TRUE, handle_push },
  { 0xF2, FALSE, TRUE, handle_status },
};

guint16
sim_card_execute (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (instructions); i++)
    {
      if (instructions[i].ins != apdu->ins)
        continue;
      if (!(apdu->is_proprietary ? instructions[i].is_proprietary
                                 : instructions[i].is_interindustry))
        return SIM_SW_WRONG_CLASS;
      return instructions[i].handle (card, channel, apdu, data);
    }
  return SIM_SW_WRONG_INSTRUCTION;
}

/* Response data that the command has no Le for, or a wrong one, wait for GET RESPONSE (case 4, and what is too long
 * for one response) or for the command again with the right Le (case 2): TS 102 221 §7.3.1.1.5. */
static guint16
finish (SimChannel *channel, const SimApdu *apdu, guint16 sw, GByteArray *data)
{
  gsize size = data->len;

  if (size == 0 || apdu->ins == INS_GET_RESPONSE)
    return sw;
  if (apdu->has_le && sim_apdu_accepts (apdu, size))
    return sw;
  if (apdu->data.size > 0 || size > SIM_LE_MAX)
    {
      channel->response = ea_span_to_bytes (ea_span_from_array (data));
      g_byte_array_set_size (data, 0);
      return sim_apdu_status_with_length (SIM_SW_MORE_DATA, size);
    }
  g_byte_array_set_size (data, 0);
  return sim_apdu_status_with_length (SIM_SW_WRONG_LE, size);
}

/* The status word that a test ordered for this instruction; 0 for none */
static guint16
take_failure (SimCard *card, guint8 ins)
{
  SimFailure *failure = g_hash_table_lookup (card->failures, GUINT_TO_POINTER (ins));
  guint16 sw;

  if (failure == NULL)
    return 0;
  sw = failure->sw;
  if (!failure->is_endless && --failure->left == 0)
    g_hash_table_remove (card->failures, GUINT_TO_POINTER (ins));
  return sw;
}

/* What has to do with the toolkit is not the ledger's, and a command that the card wants to have again with
 * another Le has not been executed yet. */
static gboolean
belongs_into_ledger (const SimApdu *apdu, guint16 sw)
{
  switch (apdu->ins)
    {
    case INS_TERMINAL_PROFILE:
    case INS_FETCH:
    case INS_TERMINAL_RESPONSE:
    case INS_GET_RESPONSE:
    case INS_ENVELOPE:
      return FALSE;
    default:
      return (sw & 0xFF00) != SIM_SW_WRONG_LE;
    }
}

/* What a test ordered for this instruction, or what the card does itself */
static guint16
execute (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  gsize size = GPOINTER_TO_SIZE (
      g_hash_table_lookup (card->answers, GUINT_TO_POINTER ((guint) apdu->ins)));

  if (size == 0)
    return sim_card_execute (card, channel, apdu, data);
  for (gsize i = 0; i < size; i++)
    g_byte_array_append (data, (const guint8[]){ (guint8) i }, 1);
  return SIM_SW_OK;
}

static guint16
execute_on_channel (SimCard *card, const SimApdu *apdu, EaSpan command, GByteArray *data)
{
  SimChannel *channel = &card->channels[apdu->channel];
  g_autoptr (GBytes) aid = channel->aid == NULL ? NULL : g_bytes_ref (channel->aid);
  guint16 sw;

  if (apdu->ins != INS_GET_RESPONSE)
    g_clear_pointer (&channel->response, g_bytes_unref);
  sw = finish (channel, apdu, execute (card, channel, apdu, data), data);
  if (belongs_into_ledger (apdu, sw))
    sim_ledger_add (&card->ledger, apdu->channel, ea_span_from_bytes (aid), command, sw);
  return sw;
}

static guint16
transmit (SimCard *card, EaSpan command, GByteArray *data)
{
  SimApdu apdu = { 0 };
  guint16 sw = sim_apdu_parse (&apdu, command);
  guint16 failure;
  gsize pending;

  if (sw != SIM_SW_OK)
    return sw;
  if (!card->channels[apdu.channel].is_open)
    return SIM_SW_NO_CHANNEL;
  failure = take_failure (card, apdu.ins);
  if (failure != 0)
    return failure;

  sw = execute_on_channel (card, &apdu, command, data);

  /* Behind a proof of receipt, which is still the old profile's to send, and behind a session. */
  sim_session_pump (card);
  if (card->change.wants_refresh && sim_session_is_idle (card))
    {
      sim_toolkit_queue_refresh (&card->toolkit);
      card->change.wants_refresh = FALSE;
    }
  pending = sim_toolkit_get_pending (&card->toolkit);
  if (sw == SIM_SW_OK && apdu.channel == 0 && pending > 0)
    return sim_apdu_status_with_length (SIM_SW_PROACTIVE, pending);
  return sw;
}

GBytes *
sim_card_transmit (SimCard *card, EaSpan command)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_auto (EaWriter) response = { 0 };
  guint16 sw = transmit (card, command, data);

  ea_writer_init (&response);
  ea_writer_bytes (&response, ea_span_from_array (data));
  ea_writer_u16be (&response, sw);
  return ea_writer_steal (&response);
}
