/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Platform management on the simulated eUICC (SGP.02 §4.1.1). Left out: key establishment and master
 * delete.
 */

#include "card-isdr.h"

#include "sim-tlv.h"

/* Data grouping identifiers of STORE DATA */
#define DGI_ENABLE_PROFILE 0x3A03
#define DGI_DISABLE_PROFILE 0x3A04
#define DGI_SET_FALL_BACK 0x3A05
#define DGI_UPDATE_ADDRESSING 0x3A07
#define DGI_CONFIRM_NOTIFICATION 0x3A08

#define STORE_DATA_LAST_BLOCK 0x88
#define STORE_DATA_LAST_BLOCK_WITH_RESPONSE 0x89
#define TAG_AID 0x4F
#define TAG_STATE 0x9F70
#define TAG_STATUS 0xE3
#define TAG_TAG_LIST 0x5C
#define TAG_ADDRESSING 0xA3
#define TAG_SEQUENCE_NUMBER 0x4E
#define TAG_DELETED 0x80
#define ISDPS_MAX 8
#define MEMORY_TOTAL 0x00080000u
#define MEMORY_OF_ISDP 0x00010000u

static void
append (GByteArray *out, EaSpan span)
{
  g_byte_array_append (out, span.data, (guint) span.size);
}

/* 4F and an AID, alone */
static gboolean
parse_aid (EaSpan value, EaSpan *aid)
{
  EaReader reader;
  SimTlv tlv;

  ea_reader_init (&reader, value);
  tlv = sim_tlv_read (&reader);
  if (!ea_reader_done (&reader) || tlv.tag != TAG_AID)
    return FALSE;
  *aid = tlv.value;
  return TRUE;
}

static guint16
find_isdp (SimCard *card, EaSpan value, SimIsdp **isdp)
{
  EaSpan aid;

  if (!parse_aid (value, &aid))
    return SIM_SW_WRONG_DATA;
  *isdp = sim_isdps_find (card->isdps, aid);
  return *isdp == NULL ? SIM_SW_NO_REFERENCE : SIM_SW_OK;
}

static guint16
enable_profile (SimCard *card, EaSpan value)
{
  SimIsdp *isdp = NULL;
  guint16 sw = find_isdp (card, value, &isdp);

  if (sw != SIM_SW_OK)
    return sw;
  return isdp->state == SIM_ISDP_DISABLED ? sim_switch_order (card, isdp) : SIM_SW_CONDITIONS;
}

static guint16
disable_profile (SimCard *card, EaSpan value)
{
  SimIsdp *isdp = NULL;
  guint16 sw = find_isdp (card, value, &isdp);

  if (sw != SIM_SW_OK)
    return sw;
  if (isdp->state != SIM_ISDP_ENABLED || isdp->is_fallback)
    return SIM_SW_CONDITIONS;
  return sim_switch_order (card, sim_switch_get_fallback (card));
}

static guint16
set_fall_back (SimCard *card, EaSpan value)
{
  SimIsdp *isdp = NULL;
  guint16 sw = find_isdp (card, value, &isdp);

  if (sw != SIM_SW_OK)
    return sw;
  if (isdp->state == SIM_ISDP_SELECTABLE)
    return SIM_SW_CONDITIONS;
  sim_switch_get_fallback (card)->is_fallback = FALSE;
  isdp->is_fallback = TRUE;
  return SIM_SW_OK;
}

static guint16
update_addressing (SimCard *card, EaSpan value)
{
  EaReader reader;
  SimTlv tlv;

  ea_reader_init (&reader, value);
  tlv = sim_tlv_read (&reader);
  if (!ea_reader_done (&reader) || tlv.tag != TAG_ADDRESSING)
    return SIM_SW_WRONG_DATA;
  g_clear_pointer (&card->smsr_addressing, g_bytes_unref);
  card->smsr_addressing = ea_span_to_bytes (tlv.value);
  return SIM_SW_OK;
}

/* The list of the ISD-Ps that POL1 has deleted; the answer to a number that is not the last one's is empty. */
static guint16
confirm_notification (SimCard *card, EaSpan value, GByteArray *out)
{
  g_auto (EaWriter) deleted = { 0 };
  g_auto (EaWriter) list = { 0 };
  EaSpan sequence_number = EA_SPAN_EMPTY;
  EaReader reader;

  if (!sim_tlv_find (value, TAG_SEQUENCE_NUMBER, &sequence_number)
      || sequence_number.size != sizeof (guint16))
    return SIM_SW_WRONG_DATA;
  ea_writer_init (&deleted);
  ea_writer_init (&list);
  ea_reader_init (&reader, sequence_number);
  if (sim_notification_confirm (card, ea_reader_u16be (&reader)))
    sim_switch_settle (card, &deleted);
  sim_tlv_write (&list, TAG_DELETED, ea_writer_span (&deleted));
  append (out, ea_writer_span (&list));
  return SIM_SW_OK;
}

guint16
sim_isdr_store_data (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  guint16 identifier;
  EaReader reader;
  EaSpan value;

  if ((apdu->p1 != STORE_DATA_LAST_BLOCK && apdu->p1 != STORE_DATA_LAST_BLOCK_WITH_RESPONSE)
      || apdu->p2 != 0)
    return SIM_SW_WRONG_PARAMETERS;
  ea_reader_init (&reader, apdu->data);
  identifier = ea_reader_u16be (&reader);
  value = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (!ea_reader_done (&reader))
    return SIM_SW_WRONG_DATA;

  switch (identifier)
    {
    case DGI_ENABLE_PROFILE:
      return enable_profile (card, value);
    case DGI_DISABLE_PROFILE:
      return disable_profile (card, value);
    case DGI_SET_FALL_BACK:
      return set_fall_back (card, value);
    case DGI_UPDATE_ADDRESSING:
      return update_addressing (card, value);
    case DGI_CONFIRM_NOTIFICATION:
      return confirm_notification (card, value, out);
    default:
      return SIM_SW_WRONG_DATA;
    }
}

guint16
sim_isdr_delete (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  static const guint8 no_confirmation[] = { 0x00 };
  SimIsdp *isdp = NULL;
  guint16 sw;

  if (apdu->p1 != 0x00 || apdu->p2 != 0x40)
    return SIM_SW_WRONG_PARAMETERS;
  sw = find_isdp (card, apdu->data, &isdp);
  if (sw != SIM_SW_OK)
    return sw;
  if (isdp->state == SIM_ISDP_ENABLED || isdp->is_fallback || isdp == card->change.pending)
    return SIM_SW_CONDITIONS;
  if (isdp->pol1 == SIM_POL1_NO_DELETE)
    return SIM_SW_POL1;
  sim_switch_forget (card, isdp);
  g_ptr_array_remove (card->isdps, isdp);
  append (out, EA_SPAN_OF_ARRAY (no_confirmation));
  return SIM_SW_OK;
}

/* A000000559 1010 FFFFFFFF 89 XXXX 00 with XXXX of 0010 and above: SGP.02 §2.2.3 */
static gboolean
is_isdp_aid (EaSpan aid)
{
  static const guint8 prefix[]
      = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00 };
  EaReader reader;
  guint16 number;
  guint8 last;

  ea_reader_init (&reader, aid);
  (void) ea_reader_bytes (&reader, sizeof (prefix));
  number = ea_reader_u16be (&reader);
  last = ea_reader_u8 (&reader);
  return ea_reader_done (&reader) && ea_span_has_prefix (aid, EA_SPAN_OF_ARRAY (prefix))
         && number >= 0x0010 && last == 0;
}

static guint16
create_isdp (SimCard *card, EaSpan aid)
{
  if (!is_isdp_aid (aid))
    return SIM_SW_WRONG_DATA;
  if (sim_isdps_find (card->isdps, aid) != NULL)
    return SIM_SW_CONDITIONS;
  if (card->isdps->len == ISDPS_MAX)
    return SIM_SW_NO_MEMORY;
  card->n_isdps_created++;
  g_ptr_array_add (card->isdps, sim_isdp_new (aid, SIM_ISDP_SELECTABLE, card->options.index,
                                              card->n_isdps_created));
  return SIM_SW_OK;
}

/* INSTALL [for install and make selectable], GP Card Specification §11.5.2.3.2 */
guint16
sim_isdr_install (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  static const guint8 load_file[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                      0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x0D, 0x00 };
  static const guint8 module[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x0E, 0x00 };
  EaSpan given_load_file;
  EaSpan given_module;
  EaSpan aid;
  EaReader reader;

  if (apdu->p1 != 0x0C || apdu->p2 != 0x00)
    return SIM_SW_WRONG_PARAMETERS;
  ea_reader_init (&reader, apdu->data);
  given_load_file = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  given_module = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  aid = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader)); /* privileges */
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader)); /* parameters */
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader)); /* token */
  if (!ea_reader_done (&reader))
    return SIM_SW_WRONG_DATA;
  if (!ea_span_equal (given_load_file, EA_SPAN_OF_ARRAY (load_file))
      || !ea_span_equal (given_module, EA_SPAN_OF_ARRAY (module)))
    return SIM_SW_NO_REFERENCE;
  return create_isdp (card, aid);
}

static void
write_status (EaWriter *writer, const SimIsdp *isdp)
{
  const guint8 state[] = { (guint8) isdp->state };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  sim_tlv_write (&value, TAG_AID, ea_span_from_bytes (isdp->aid));
  sim_tlv_write (&value, TAG_STATE, EA_SPAN_OF_ARRAY (state));
  sim_tlv_write (writer, TAG_STATUS, ea_writer_span (&value));
}

guint16
sim_isdr_get_status (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  EaSpan aid = EA_SPAN_EMPTY;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (apdu->p1 != 0x40 || apdu->p2 != 0x02)
    return SIM_SW_WRONG_PARAMETERS;
  if (!sim_tlv_find (apdu->data, TAG_AID, &aid))
    return SIM_SW_WRONG_DATA;
  for (guint i = 0; i < card->isdps->len; i++)
    {
      const SimIsdp *isdp = g_ptr_array_index (card->isdps, i);

      if (ea_span_has_prefix (ea_span_from_bytes (isdp->aid), aid))
        write_status (&writer, isdp);
    }
  if (ea_writer_span (&writer).size == 0)
    return SIM_SW_NO_REFERENCE;
  append (out, ea_writer_span (&writer));
  return SIM_SW_OK;
}

static guint16
get_eid (SimCard *card, GByteArray *out)
{
  g_autoptr (GBytes) eid = ea_bytes_from_hex (card->eid, NULL);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  sim_tlv_write (&writer, 0x5A, ea_span_from_bytes (eid));
  append (out, ea_writer_span (&writer));
  return SIM_SW_OK;
}

static void
write_u32 (EaWriter *writer, guint tag, guint32 value)
{
  ea_writer_u8 (writer, (guint8) tag);
  ea_writer_u8 (writer, sizeof (value));
  ea_writer_u32be (writer, value);
}

/* Extended card resources, ETSI TS 102 226 §8.2.1.7.2 */
static guint16
get_memory (SimCard *card, GByteArray *out)
{
  const guint8 n_applications[] = { (guint8) card->isdps->len };
  guint32 left = MEMORY_TOTAL - card->isdps->len * MEMORY_OF_ISDP;
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&value);
  ea_writer_init (&writer);
  sim_tlv_write (&value, 0x81, EA_SPAN_OF_ARRAY (n_applications));
  write_u32 (&value, 0x82, left);
  write_u32 (&value, 0x83, 0x4000);
  sim_tlv_write (&writer, 0xFF21, ea_writer_span (&value));
  append (out, ea_writer_span (&writer));
  return SIM_SW_OK;
}

/* Card recognition data, GP Card Specification annex H.2: GP 2.2, SCP80 and SCP03 with i = 70 */
static guint16
get_recognition (EaSpan request, GByteArray *out)
{
  static const guint8 recognition[]
      = { 0x66, 0x30, 0x73, 0x2E, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01,
          0x60, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x02, 0x02, 0x02,
          0x63, 0x09, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x03, 0x64, 0x0B,
          0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x03, 0x70 };
  g_auto (EaWriter) writer = { 0 };
  EaSpan tags = EA_SPAN_EMPTY;
  EaReader reader;

  ea_writer_init (&writer);
  if (!sim_tlv_find (request, TAG_TAG_LIST, &tags))
    return SIM_SW_WRONG_DATA;
  ea_reader_init (&reader, tags);
  if (ea_reader_u8 (&reader) != 0x66 || !ea_reader_done (&reader))
    return SIM_SW_NO_REFERENCE;
  sim_tlv_write (&writer, 0xBF30, EA_SPAN_OF_ARRAY (recognition));
  append (out, ea_writer_span (&writer));
  return SIM_SW_OK;
}

guint16
sim_isdr_get_data (SimCard *card, const SimApdu *apdu, GByteArray *out)
{
  guint16 tag = (guint16) (apdu->p1 << 8 | apdu->p2);

  switch (tag)
    {
    case 0x005A:
      return get_eid (card, out);
    case 0xFF21:
      return get_memory (card, out);
    case 0xBF30:
      return get_recognition (apdu->data, out);
    default:
      return SIM_SW_NO_REFERENCE;
    }
}
