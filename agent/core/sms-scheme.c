/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TP-DCS, TS 23.038 §4: alphabet, class, message waiting. */

#include "core/sms-user-data.h"

#define GROUP_BITS 4
#define GROUP_DELETION 0x4 /* 4 to 7: as 0 to 3, for messages to be deleted automatically */
#define GROUP_RESERVED 0x8 /* 8 to B */
#define GROUP_WAITING_DISCARD 0xC
#define GROUP_WAITING_STORE 0xD
#define GROUP_WAITING_STORE_UCS2 0xE
#define GROUP_CLASS 0xF

#define HAS_CLASS 0x10
#define CLASS 0x03
#define WAITING_ACTIVE 0x08
#define WAITING_INDICATION 0x03

EaSmsClass
ea_sms_get_class (guint8 dcs)
{
  guint group = dcs >> GROUP_BITS;
  gboolean has_class = group == GROUP_CLASS || (group < GROUP_RESERVED && (dcs & HAS_CLASS) != 0);

  return has_class ? (EaSmsClass) (dcs & CLASS) : EA_SMS_CLASS_NONE;
}

static EaSmsWaiting
get_waiting (guint group)
{
  if (group == GROUP_WAITING_DISCARD)
    return EA_SMS_WAITING_DISCARD;
  if (group == GROUP_WAITING_STORE || group == GROUP_WAITING_STORE_UCS2)
    return EA_SMS_WAITING_STORE;
  return EA_SMS_WAITING_NONE;
}

EaSmsScheme
ea_sms_parse_scheme (guint8 dcs)
{
  guint group = dcs >> GROUP_BITS;
  EaSmsScheme scheme = { .alphabet = ea_text_get_alphabet (dcs),
                         .message_class = ea_sms_get_class (dcs),
                         .is_compressed = ea_text_is_compressed (dcs),
                         .waiting = get_waiting (group) };

  scheme.is_deleted_automatically = group >= GROUP_DELETION && group < GROUP_RESERVED;
  scheme.is_reserved = group >= GROUP_RESERVED && group < GROUP_WAITING_DISCARD;
  if (scheme.waiting != EA_SMS_WAITING_NONE)
    {
      scheme.is_active = (dcs & WAITING_ACTIVE) != 0;
      scheme.indication = (EaSmsIndication) (dcs & WAITING_INDICATION);
    }
  return scheme;
}
