/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Parameters of OPEN CHANNEL. A local address, which stands before the transport level, is left
 * out: the terminal gives one.
 */

#include "card-bip-parameters.h"

#include "sim-tlv.h"

#define TAG_ALPHA_IDENTIFIER 0x05
#define TAG_TEXT_STRING 0x0D
#define TAG_BEARER_DESCRIPTION 0x35
#define TAG_BUFFER_SIZE 0x39
#define TAG_TRANSPORT_LEVEL 0x3C
#define TAG_OTHER_ADDRESS 0x3E
#define TAG_NETWORK_ACCESS_NAME 0x47
#define TRANSPORT_UDP_CLIENT 0x01

static const guint8 default_bearer[] = { 0x03 };
static const guint8 default_buffer_size[] = { 0x05, 0x78 };

static const guint8 order[]
    = { TAG_ALPHA_IDENTIFIER, TAG_BEARER_DESCRIPTION, TAG_BUFFER_SIZE,  TAG_NETWORK_ACCESS_NAME,
        TAG_TEXT_STRING,      TAG_TRANSPORT_LEVEL,    TAG_OTHER_ADDRESS };

static gboolean
is_list (EaSpan objects)
{
  EaReader reader;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      (void) sim_tlv_read_comprehension (&reader);
      if (!ea_reader_is_ok (&reader))
        return FALSE;
    }
  return TRUE;
}

/* Two text strings, login and password, stay in their order; of two addresses the second one is the
 * destination. */
static gboolean
copy (EaWriter *writer, EaSpan objects, guint8 tag)
{
  SimTlv last = { 0 };
  gboolean has_one = FALSE;
  EaReader reader;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read_comprehension (&reader);

      if (tlv.tag != tag)
        continue;
      has_one = TRUE;
      last = tlv;
      if (tag == TAG_TEXT_STRING)
        sim_tlv_write (writer, tag, tlv.value);
    }
  if (has_one && tag != TAG_TEXT_STRING)
    sim_tlv_write (writer, tag, last.value);
  return has_one;
}

static gboolean
write_default (EaWriter *writer, guint8 tag)
{
  switch (tag)
    {
    case TAG_BEARER_DESCRIPTION:
      sim_tlv_write (writer, tag, EA_SPAN_OF_ARRAY (default_bearer));
      return TRUE;
    case TAG_BUFFER_SIZE:
      sim_tlv_write (writer, tag, EA_SPAN_OF_ARRAY (default_buffer_size));
      return TRUE;
    case TAG_TRANSPORT_LEVEL:
    case TAG_OTHER_ADDRESS:
      return FALSE;
    default:
      return TRUE;
    }
}

GBytes *
sim_bip_complete_parameters (EaSpan given, EaSpan stored)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (!is_list (given))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      if (!copy (&writer, given, order[i]) && !copy (&writer, stored, order[i])
          && !write_default (&writer, order[i]))
        return NULL;
    }
  return ea_writer_steal (&writer);
}

guint16
sim_bip_get_buffer_size (EaSpan parameters)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  (void) sim_tlv_find_comprehension (parameters, TAG_BUFFER_SIZE, &value);
  ea_reader_init (&reader, value);
  return ea_reader_u16be (&reader);
}

gboolean
sim_bip_is_datagram (EaSpan parameters)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  (void) sim_tlv_find_comprehension (parameters, TAG_TRANSPORT_LEVEL, &value);
  ea_reader_init (&reader, value);
  return ea_reader_u8 (&reader) == TRANSPORT_UDP_CLIENT;
}
