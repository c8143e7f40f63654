/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SGP.02 §2.2.2: the EID is 16 bytes of BCD, not swapped, in GET DATA 5A of the ECASD. §2.2.3: the AIDs of
 * the security domains differ in three octets, which are their TAR.
 */

#include "core/sgp02.h"

#include <string.h>

#include "core/apdu.h"
#include "core/error.h"
#include "core/tlv.h"

#define TAG_EID 0x5A

#define DIGITS "0123456789"
#define EID_CHECK_MODULUS 97

/* What the AIDs of SGP.02 have before and after their TAR. */
static const guint8 aid_start[]
    = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89 };
#define AID_LAST_OCTET 0x00

GBytes *
ea_sgp02_build_aid (guint32 tar)
{
  g_auto (EaWriter) writer = { 0 };

  g_return_val_if_fail (tar <= EA_SGP02_TAR_MAX, NULL);

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (aid_start));
  ea_writer_u24be (&writer, tar);
  ea_writer_u8 (&writer, AID_LAST_OCTET);
  return ea_writer_steal (&writer);
}

GBytes *
ea_sgp02_get_ecasd_aid (void)
{
  return ea_sgp02_build_aid (EA_SGP02_TAR_ECASD);
}

gboolean
ea_sgp02_find_tar (EaSpan aid, guint32 *tar)
{
  EaReader reader;
  guint32 found;
  guint8 last;

  if (!ea_span_has_prefix (aid, EA_SPAN_OF_ARRAY (aid_start)))
    return FALSE;
  ea_reader_init (&reader, ea_span_tail (aid, sizeof aid_start));
  found = ea_reader_u24be (&reader);
  last = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader) || last != AID_LAST_OCTET)
    return FALSE;

  *tar = found;
  return TRUE;
}

const char *
ea_sgp02_get_tar_name (guint32 tar)
{
  switch (tar)
    {
    case EA_SGP02_TAR_ISD_R:
      return "ISD-R";
    case EA_SGP02_TAR_ECASD:
      return "ECASD";
    case EA_SGP02_TAR_ISD_P_FILE:
      return "ISD-P executable load file";
    case EA_SGP02_TAR_ISD_P_MODULE:
      return "ISD-P executable module";
    default:
      return tar >= EA_SGP02_TAR_ISD_P_FIRST && tar <= EA_SGP02_TAR_ISD_P_LAST ? "ISD-P" : NULL;
    }
}

const char *
ea_sgp02_get_aid_name (EaSpan aid)
{
  guint32 tar;

  return ea_sgp02_find_tar (aid, &tar) ? ea_sgp02_get_tar_name (tar) : NULL;
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
      ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED,
                         ea_span_end (ea_span_head (response, response.size - EA_APDU_SW_SIZE)),
                         "The ECASD answered %04X", parsed.sw);
      return NULL;
    }
  ea_reader_init (&reader, parsed.data);
  if (!ea_tlv_read_ber (&reader, &eid, error))
    return NULL;

  digits = ea_span_to_hex (eid.value);
  if (eid.tag != TAG_EID || !ea_sgp02_is_eid (digits))
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, eid.object.data,
                         "The ECASD's data object %02X of %" G_GSIZE_FORMAT " bytes is no EID",
                         eid.tag, eid.value.size);
      return NULL;
    }
  return g_steal_pointer (&digits);
}

gboolean
ea_sgp02_is_eid (const char *eid)
{
  return strlen (eid) == EA_SGP02_EID_DIGITS && strspn (eid, DIGITS) == EA_SGP02_EID_DIGITS;
}

gboolean
ea_sgp02_has_check_digits (const char *eid)
{
  guint remainder = 0;

  if (!ea_sgp02_is_eid (eid))
    return FALSE;
  for (const char *digit = eid; *digit != '\0'; digit++)
    remainder = (remainder * 10 + (guint) g_ascii_digit_value (*digit)) % EID_CHECK_MODULUS;
  return remainder == 1;
}
