/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CAT_TP PDUs (agent/core/cattp-pdu.h): what is read and built again is the same, and good. */

#include "core/cattp-pdu.h"
#include "fuzz.h"

static void
check_spans (const EaCattpPdu *pdu, EaSpan input)
{
  FUZZ_CLAIM (fuzz_is_inside (pdu->identification, input));
  FUZZ_CLAIM (fuzz_is_inside (pdu->extended_acknowledgements, input));
  FUZZ_CLAIM (fuzz_is_inside (pdu->data, input));
  FUZZ_CLAIM (pdu->identification.size <= EA_CATTP_IDENTIFICATION_MAX);
  FUZZ_CLAIM (pdu->extended_acknowledgements.size <= EA_CATTP_EXTENDED_ACKNOWLEDGEMENTS_MAX * 2);
  FUZZ_CLAIM (pdu->data.size <= EA_CATTP_DATA_MAX);
}

static void
check_equal (const EaCattpPdu *a, const EaCattpPdu *b)
{
  FUZZ_CLAIM (a->flags == b->flags && a->version == b->version && a->reserved == b->reserved);
  FUZZ_CLAIM (a->source_port == b->source_port && a->destination_port == b->destination_port);
  FUZZ_CLAIM (a->sequence == b->sequence && a->acknowledgement == b->acknowledgement);
  FUZZ_CLAIM (a->window == b->window && a->reset_reason == b->reset_reason);
  FUZZ_CLAIM (a->max_pdu == b->max_pdu && a->max_sdu == b->max_sdu);
  FUZZ_CLAIM (ea_span_equal (a->identification, b->identification));
  FUZZ_CLAIM (ea_span_equal (a->extended_acknowledgements, b->extended_acknowledgements));
  FUZZ_CLAIM (ea_span_equal (a->data, b->data));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaCattpPdu pdu;
  EaCattpPdu again;

  fuzz_poison (&pdu, sizeof pdu);
  if (!ea_cattp_pdu_parse (&pdu, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&pdu, sizeof pdu));
      return 0;
    }

  FUZZ_CLAIM (error == NULL);
  check_spans (&pdu, input);
  built = ea_cattp_pdu_build (&pdu, &error);
  FUZZ_CLAIM (built != NULL && error == NULL);
  FUZZ_CLAIM (g_bytes_get_size (built) == size);
  FUZZ_CLAIM (ea_cattp_pdu_parse (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.is_checksum_good);
  FUZZ_CLAIM (!pdu.is_checksum_good || again.checksum == pdu.checksum
              || (again.checksum ^ pdu.checksum) == G_MAXUINT16); /* zero has two forms */
  check_equal (&pdu, &again);
  return 0;
}
