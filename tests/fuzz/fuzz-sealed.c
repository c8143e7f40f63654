/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A sealed packet and its answer (agent/session/sealed-exchange.h). The input is an SDU with its length of two octets in
 * front, then TP-UDs with theirs of one, as the card sends them. The card gets all of the packet in its order, and an
 * answer has the header of a message that stands alone.
 */

#include "core/cat-envelope.h"
#include "core/cat-value.h"
#include "core/sms.h"
#include "core/tlv.h"
#include "fuzz.h"
#include "session/sealed-exchange.h"

#define HEADER_SIZE 3
#define REFERENCE 0x2A

/* The user data that the card gets, without their header; the bytes are @envelope's. */
static EaSmsUserData
open_envelope (GBytes *envelope)
{
  EaCatEnvelope parsed;
  EaSmsDeliver deliver;
  EaTlv tpdu;

  FUZZ_CLAIM (ea_cat_parse_envelope (&parsed, ea_span_from_bytes (envelope), NULL));
  FUZZ_CLAIM (parsed.type == EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD);
  FUZZ_CLAIM (ea_tlv_find_comprehension (parsed.objects, EA_CAT_TAG_SMS_TPDU, &tpdu));
  FUZZ_CLAIM (ea_sms_parse_deliver (&deliver, tpdu.value, NULL));
  FUZZ_CLAIM (ea_sms_is_data_download (&deliver));
  return deliver.user_data;
}

static void
check_envelopes (const EaSealedExchange *exchange, EaSpan packet)
{
  guint total = exchange->envelopes->len;

  for (guint i = 0; i < total; i++)
    {
      EaSmsUserData data = open_envelope (exchange->envelopes->pdata[i]);

      FUZZ_CLAIM (data.concatenation.total == (total > 1 ? total : 0));
      FUZZ_CLAIM (total == 1 || data.concatenation.index == i + 1);
      FUZZ_CLAIM (total == 1 || data.concatenation.reference == REFERENCE);
      FUZZ_CLAIM (data.secured == (i == 0 ? EA_SMS_SECURED_COMMAND : EA_SMS_SECURED_NONE));
      FUZZ_CLAIM (ea_span_has_prefix (packet, data.payload));
      packet = ea_span_tail (packet, data.payload.size);
    }
  FUZZ_CLAIM (packet.size == 0);
}

static void
check_answer (EaSealedExchange *exchange, EaReader *reader)
{
  EaSpan header = ea_scp80_get_user_data_header (EA_SCP80_RESPONSE);

  while (ea_reader_remaining (reader) > 0)
    {
      gsize size = MIN (ea_reader_u8 (reader), ea_reader_remaining (reader));
      EaSpan octets = ea_reader_bytes (reader, size);
      g_autoptr (GBytes) answer = NULL;
      EaSmsUserData data;

      if (!ea_sms_parse_user_data (&data, octets, NULL))
        continue;
      FUZZ_CLAIM (ea_sealed_exchange_gather (exchange, &data, 0, &answer) || answer == NULL);
      FUZZ_CLAIM (answer == NULL || ea_span_has_prefix (ea_span_from_bytes (answer), header));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (EaSealedExchange) exchange = NULL;
  g_autoptr (GError) error = NULL;
  EaReader reader;
  gsize n_sdu;
  EaSpan sdu;

  ea_reader_init (&reader, ea_span_init (data, size));
  n_sdu = ea_reader_u16be (&reader);
  sdu = ea_reader_bytes (&reader, MIN (n_sdu, ea_reader_remaining (&reader)));
  exchange = ea_sealed_exchange_new (sdu, "+491234", REFERENCE, &error);
  FUZZ_CLAIM ((exchange == NULL) == (error != NULL));
  FUZZ_CLAIM ((exchange != NULL) == ea_sealed_exchange_check (sdu, NULL));
  if (exchange == NULL)
    return 0;

  check_envelopes (exchange, ea_span_tail (sdu, HEADER_SIZE));
  exchange->n_begun = exchange->envelopes->len;
  check_answer (exchange, &reader);
  return 0;
}
