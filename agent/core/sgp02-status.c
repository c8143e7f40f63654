/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GET STATUS, as far as it says which profile is enabled. */

#include "core/sgp02-status.h"

#include "core/apdu.h"
#include "core/error.h"
#include "core/sgp02.h"
#include "core/tlv.h"

/* GlobalPlatform Card Specification table 11-36 */
#define TAG_ENTRY 0xE3
#define TAG_AID 0x4F
#define TAG_STATE 0x9F70

GBytes *
ea_sgp02_build_get_status (void)
{
  /* 40: applications and security domains; 02: all that fit, in the format of TLVs; an empty AID fits all */
  static const guint8 command[] = { 0x80, 0xF2, 0x40, 0x02, 0x02, 0x4F, 0x00, 0x00 };

  return g_bytes_new_static (command, sizeof command);
}

typedef struct
{
  EaSpan aid;
  EaSpan state;
} Entry;

static gboolean
read_entry (Entry *entry, EaSpan objects, GError **error)
{
  EaReader reader;
  EaTlv object;

  *entry = (Entry){ 0 };
  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_tlv_read_ber (&reader, &object, error))
        return FALSE;
      if (object.tag == TAG_AID)
        entry->aid = object.value;
      else if (object.tag == TAG_STATE)
        entry->state = object.value;
    }
  return TRUE;
}

/* The ISD-R and the ECASD have states of their own, which may be the same number. */
static gboolean
is_enabled (const Entry *entry)
{
  EaReader reader;
  guint32 tar;

  ea_reader_init (&reader, entry->state);
  return ea_reader_u8 (&reader) == EA_SGP02_STATE_ENABLED && ea_reader_is_ok (&reader)
         && ea_sgp02_find_tar (entry->aid, &tar) && tar >= EA_SGP02_TAR_ISD_P_FIRST
         && tar <= EA_SGP02_TAR_ISD_P_LAST;
}

static gboolean
find_enabled (EaSpan entries, EaSpan *aid, GError **error)
{
  EaReader reader;
  EaTlv object;
  Entry entry;

  ea_reader_init (&reader, entries);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_tlv_read_ber (&reader, &object, error))
        return FALSE;
      if (object.tag != TAG_ENTRY)
        continue;
      if (!read_entry (&entry, object.value, error))
        return FALSE;
      if (is_enabled (&entry))
        {
          *aid = entry.aid;
          return TRUE;
        }
    }
  g_set_error_literal (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
                       "The ISD-R tells of no profile that is enabled");
  return FALSE;
}

gboolean
ea_sgp02_find_enabled (EaSpan response, EaSpan *aid, GError **error)
{
  EaApduResponse parsed;

  if (!ea_apdu_parse_response (&parsed, response, error))
    return FALSE;
  if (parsed.sw == EA_APDU_SW_OK)
    return find_enabled (parsed.data, aid, error);
  g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_UNSUPPORTED,
               "The ISD-R answers GET STATUS with %04X", parsed.sw);
  return FALSE;
}
