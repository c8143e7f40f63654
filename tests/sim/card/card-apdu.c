/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The four cases of a short command APDU, and what its CLA says (TS 102 221 §10.1.1). Secure
 * messaging and chaining are recognised to be refused.
 */

#include "card-apdu.h"

#define CLA_PROPRIETARY 0x80
#define CLA_FURTHER_CHANNELS 0x40
#define CLA_CHAINING 0x10
#define CLA_SECURE_MESSAGING 0x0C
#define CLA_FURTHER_SECURE_MESSAGING 0x20
#define FIRST_FURTHER_CHANNEL 4

static guint16
parse_class (SimApdu *apdu, guint8 cla)
{
  gboolean is_further = (cla & CLA_FURTHER_CHANNELS) != 0;
  guint8 secure_messaging = is_further ? CLA_FURTHER_SECURE_MESSAGING : CLA_SECURE_MESSAGING;

  if (cla == G_MAXUINT8 || (!is_further && (cla & 0x60) != 0))
    return SIM_SW_WRONG_CLASS;
  if ((cla & CLA_CHAINING) != 0)
    return SIM_SW_NO_CHAINING;
  if ((cla & secure_messaging) != 0)
    return SIM_SW_NO_SECURE_MESSAGING;
  apdu->is_proprietary = (cla & CLA_PROPRIETARY) != 0;
  apdu->channel = is_further ? FIRST_FURTHER_CHANNEL + (cla & 0x0Fu) : cla & 0x03u;
  return SIM_SW_OK;
}

static void
parse_le (SimApdu *apdu, EaReader *reader)
{
  guint8 le = ea_reader_u8 (reader);

  apdu->has_le = TRUE;
  apdu->le = le == 0 ? SIM_LE_MAX : le;
}

guint16
sim_apdu_parse (SimApdu *out, EaSpan command)
{
  SimApdu apdu = { 0 };
  EaReader reader;
  guint16 sw;

  ea_reader_init (&reader, command);
  sw = parse_class (&apdu, ea_reader_u8 (&reader));
  apdu.ins = ea_reader_u8 (&reader);
  apdu.p1 = ea_reader_u8 (&reader);
  apdu.p2 = ea_reader_u8 (&reader);
  if (ea_reader_remaining (&reader) == 1)
    {
      parse_le (&apdu, &reader);
    }
  else if (ea_reader_remaining (&reader) > 1)
    {
      apdu.data = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
      if (apdu.data.size == 0)
        ea_reader_fail (&reader);
      if (ea_reader_remaining (&reader) == 1)
        parse_le (&apdu, &reader);
    }

  if (!ea_reader_done (&reader))
    return SIM_SW_WRONG_LENGTH;
  if (sw == SIM_SW_OK)
    *out = apdu;
  return sw;
}

gboolean
sim_apdu_accepts (const SimApdu *apdu, gsize size)
{
  if (!apdu->has_le)
    return apdu->data.size > 0;
  return apdu->le == size || (apdu->le == SIM_LE_MAX && size <= SIM_LE_MAX);
}

guint16
sim_apdu_status_with_length (guint16 sw, gsize length)
{
  return (guint16) (sw | (MIN (length, SIM_LE_MAX) & 0xFF));
}
