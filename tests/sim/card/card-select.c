/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SELECT (ETSI TS 102 221 §11.1.1, GlobalPlatform Card Specification §11.9). File control
 * information of security domains is GlobalPlatform's 6F, that of files an FCP template.
 */

#include "card-private.h"
#include "sim-tlv.h"

#define P1_BY_FILE_ID 0x00
#define P1_BY_AID 0x04
#define P1_BY_PATH_FROM_MF 0x08
#define P1_BY_PATH 0x09
#define P2_NEXT_MASK 0x03
#define P2_NEXT 0x02
#define P2_CONTENT_MASK 0x1C
#define P2_NO_DATA 0x0C
#define AID_MAX 16

static const guint8 usim_aid[] = { 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00 };
static const guint8 isd_r_aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                    0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };
static const guint8 ecasd_aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                    0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x02, 0x00 };

const EaSpan sim_aid_isd_r = { isd_r_aid, sizeof (isd_r_aid) };

typedef struct
{
  SimApplication application;
  EaSpan aid;
} Instance;

#define FIXED_INSTANCES 3

/* The order in which a partial AID finds applications; FALSE behind the last one */
static gboolean
get_instance (SimCard *card, guint index, Instance *out)
{
  static const Instance fixed[FIXED_INSTANCES] = {
    { SIM_APPLICATION_USIM, { usim_aid, sizeof (usim_aid) } },
    { SIM_APPLICATION_ISD_R, { isd_r_aid, sizeof (isd_r_aid) } },
    { SIM_APPLICATION_ECASD, { ecasd_aid, sizeof (ecasd_aid) } },
  };
  const SimIsdp *isdp;

  if (index < FIXED_INSTANCES)
    {
      *out = fixed[index];
      return TRUE;
    }
  if (index - FIXED_INSTANCES >= card->isdps->len)
    return FALSE;
  isdp = g_ptr_array_index (card->isdps, index - FIXED_INSTANCES);
  *out = (Instance){ SIM_APPLICATION_ISD_P, ea_span_from_bytes (isdp->aid) };
  return TRUE;
}

/* "Next" begins behind the application that is selected on the channel. */
static gboolean
find_instance (SimCard *card, const SimChannel *channel, EaSpan aid, gboolean is_next,
               Instance *out)
{
  EaSpan current = ea_span_from_bytes (channel->aid);
  gboolean is_behind = !is_next;
  Instance instance;

  for (guint i = 0; get_instance (card, i, &instance); i++)
    {
      if (is_behind && ea_span_has_prefix (instance.aid, aid))
        {
          *out = instance;
          return TRUE;
        }
      is_behind = is_behind || ea_span_equal (instance.aid, current);
    }
  return FALSE;
}

void
sim_card_select_application (SimChannel *channel, SimApplication application, EaSpan aid)
{
  g_clear_pointer (&channel->aid, g_bytes_unref);
  channel->application = application;
  channel->aid = ea_span_to_bytes (aid);
  channel->directory
      = application == SIM_APPLICATION_USIM ? sim_file_get_usim () : sim_file_get_mf ();
  channel->file = NULL;
}

static void
describe_security_domain (EaSpan aid, GByteArray *out)
{
  static const guint8 maximum_length[] = { 0x9F, 0x65, 0x01, 0xFF };
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) writer = { 0 };
  EaSpan span;

  ea_writer_init (&value);
  ea_writer_init (&writer);
  sim_tlv_write (&value, 0x84, aid);
  sim_tlv_write (&value, 0xA5, EA_SPAN_OF_ARRAY (maximum_length));
  sim_tlv_write (&writer, 0x6F, ea_writer_span (&value));
  span = ea_writer_span (&writer);
  g_byte_array_append (out, span.data, (guint) span.size);
}

static guint16
select_aid (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  Instance instance;

  if (apdu->data.size > AID_MAX)
    return SIM_SW_WRONG_LENGTH;
  if (!find_instance (card, channel, apdu->data, (apdu->p2 & P2_NEXT_MASK) == P2_NEXT, &instance))
    return SIM_SW_NOT_FOUND;
  sim_card_leave_application (card, channel);
  sim_card_select_application (channel, instance.application, instance.aid);
  if ((apdu->p2 & P2_CONTENT_MASK) == P2_NO_DATA)
    return SIM_SW_OK;
  if (instance.application == SIM_APPLICATION_USIM)
    sim_file_describe (channel->directory, instance.aid, data);
  else
    describe_security_domain (instance.aid, data);
  return SIM_SW_OK;
}

static const SimFile *
follow_path (const SimFile *start, EaSpan path)
{
  const SimFile *file = start;
  EaReader reader;

  ea_reader_init (&reader, path);
  while (file != NULL && ea_reader_remaining (&reader) > 0)
    {
      guint16 id = ea_reader_u16be (&reader);

      /* Readers that are used to absolute paths write the MF in front: no other file has its
       * name. */
      if (id != SIM_FILE_MF || file != sim_file_get_mf ())
        file = sim_file_find (file, id);
    }
  return ea_reader_done (&reader) ? file : NULL;
}

static guint16
select_file (SimChannel *channel, const SimFile *file, const SimApdu *apdu, GByteArray *data)
{
  if (file == NULL)
    return SIM_SW_NOT_FOUND;
  channel->directory = sim_file_get_directory (file);
  channel->file = sim_file_is_directory (file) ? NULL : file;
  if ((apdu->p2 & P2_CONTENT_MASK) != P2_NO_DATA)
    sim_file_describe (file,
                       file == sim_file_get_usim () ? (EaSpan){ usim_aid, sizeof (usim_aid) }
                                                    : EA_SPAN_EMPTY,
                       data);
  return SIM_SW_OK;
}

guint16
sim_card_select (SimCard *card, SimChannel *channel, const SimApdu *apdu, GByteArray *data)
{
  EaReader reader;

  if (apdu->data.size == 0)
    return SIM_SW_WRONG_LENGTH;
  ea_reader_init (&reader, apdu->data);
  switch (apdu->p1)
    {
    case P1_BY_FILE_ID:
      if (apdu->data.size != sizeof (guint16))
        return SIM_SW_WRONG_LENGTH;
      return select_file (channel, sim_file_reach (channel->directory, ea_reader_u16be (&reader)),
                          apdu, data);
    case P1_BY_AID:
      return select_aid (card, channel, apdu, data);
    case P1_BY_PATH_FROM_MF:
      return select_file (channel, follow_path (sim_file_get_mf (), apdu->data), apdu, data);
    case P1_BY_PATH:
      return select_file (channel, follow_path (channel->directory, apdu->data), apdu, data);
    default:
      return SIM_SW_WRONG_PARAMETERS;
    }
}
