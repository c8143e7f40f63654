/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SGP.02 §2.2: the EID is 16 bytes of BCD, not swapped, in GET DATA 5A of the ECASD. */

#include "core/sgp02.h"

#include <string.h>

#include "core/apdu.h"
#include "core/error.h"
#include "core/tlv.h"

#define TAG_EID 0x5A
#define EID_SIZE 16

GBytes *
ea_sgp02_get_ecasd_aid (void)
{
  static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x02, 0x00 };

  return g_bytes_new_static (aid, sizeof aid);
}

GBytes *
ea_sgp02_build_get_eid (void)
{
  const EaApduCommand command = {
    .cla = 0x80,
    .ins = EA_APDU_INS_GET_DATA,
    .p1 = 0x00,
    .p2 = TAG_EID,
    .ne = EA_APDU_NE_MAX,
  };

  return ea_apdu_build_command (&command);
}

char *
ea_sgp02_parse_eid (EaSpan response, GError **error)
{
  g_autofree char *digits = NULL;
  EaApduResponse parsed;
  EaReader reader;
  EaTlv eid;

  if (!ea_apdu_parse_response (&parsed, response, error))
    return NULL;
  if (parsed.sw != EA_APDU_SW_OK)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED, "The ECASD answered %04X",
                   parsed.sw);
      return NULL;
    }
  ea_reader_init (&reader, parsed.data);
  if (!ea_tlv_read_ber (&reader, &eid, error))
    return NULL;

  digits = ea_span_to_hex (eid.value);
  if (eid.tag != TAG_EID || eid.value.size != EID_SIZE
      || strspn (digits, "0123456789") != EA_SGP02_EID_DIGITS)
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED,
                   "The ECASD's data object %02X of %" G_GSIZE_FORMAT " bytes is no EID", eid.tag,
                   eid.value.size);
      return NULL;
    }
  return g_steal_pointer (&digits);
}
