/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Objects of terminal responses. Only received data are read strictly: there a length of the wrong
 * form does the harm.
 */

#include "card-bip-response.h"

#include "sim-tlv.h"

#define TAG_RESULT 0x03
#define TAG_CHANNEL_DATA 0x36
#define TAG_CHANNEL_DATA_LENGTH 0x37
#define TAG_CHANNEL_STATUS 0x38
#define TAG_BUFFER_SIZE 0x39
#define COMPREHENSION_REQUIRED 0x80
#define CHANNEL_MASK 0x07
#define RESULT_NOT_UNDERSTOOD 0x32
#define RESULT_BIP_ERROR_NO_BUFFER 0x3A04
#define LENGTH_OF_TWO_OCTETS 0x81

static EaReader
find (EaSpan response, guint tag)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  (void) sim_tlv_find_comprehension (response, tag, &value);
  ea_reader_init (&reader, value);
  return reader;
}

guint8
sim_bip_response_get_result (EaSpan response)
{
  EaReader reader = find (response, TAG_RESULT);
  guint8 result = ea_reader_u8 (&reader);

  return ea_reader_is_ok (&reader) ? result : RESULT_NOT_UNDERSTOOD;
}

gboolean
sim_bip_response_is_buffer_full (EaSpan response)
{
  EaReader reader = find (response, TAG_RESULT);

  return ea_reader_u16be (&reader) == RESULT_BIP_ERROR_NO_BUFFER;
}

guint8
sim_bip_response_get_channel (EaSpan response)
{
  EaReader reader = find (response, TAG_CHANNEL_STATUS);

  return ea_reader_u8 (&reader) & CHANNEL_MASK;
}

guint16
sim_bip_response_get_buffer_size (EaSpan response, guint16 otherwise)
{
  EaReader reader = find (response, TAG_BUFFER_SIZE);
  guint16 size = ea_reader_u16be (&reader);

  return ea_reader_is_ok (&reader) ? size : otherwise;
}

guint8
sim_bip_response_get_length (EaSpan response)
{
  EaReader reader = find (response, TAG_CHANNEL_DATA_LENGTH);

  return ea_reader_u8 (&reader);
}

/* One object whose length has the only right form: one octet below 128, 81 and one from there on */
static SimTlv
read_strictly (EaReader *reader)
{
  SimTlv tlv = { .tag = ea_reader_u8 (reader) & (guint) ~COMPREHENSION_REQUIRED };
  guint8 length = ea_reader_u8 (reader);

  if (length == LENGTH_OF_TWO_OCTETS)
    {
      length = ea_reader_u8 (reader);
      if (length < 0x80)
        ea_reader_fail (reader);
    }
  else if (length >= 0x80)
    ea_reader_fail (reader);
  tlv.value = ea_reader_bytes (reader, length);
  return tlv;
}

gboolean
sim_bip_response_read_data (EaSpan response, gsize n_asked, EaSpan *data)
{
  gboolean has_data = FALSE;
  gboolean has_length = FALSE;
  EaSpan found = EA_SPAN_EMPTY;
  EaReader reader;

  ea_reader_init (&reader, response);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = read_strictly (&reader);

      if (!ea_reader_is_ok (&reader))
        return FALSE;
      if (tlv.tag == TAG_CHANNEL_DATA)
        {
          found = tlv.value;
          has_data = TRUE;
        }
      else if (tlv.tag == TAG_CHANNEL_DATA_LENGTH)
        has_length = tlv.value.size == 1;
    }
  if (!has_data || !has_length || found.size > n_asked)
    return FALSE;
  *data = found;
  return TRUE;
}
