/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The words of TS 102 225 §5 for what stands in the header of a secured packet. */

#include "core/scp80.h"

const char *
ea_scp80_get_integrity_name (EaScp80Integrity integrity)
{
  switch (integrity)
    {
    case EA_SCP80_INTEGRITY_NONE:
      break;
    case EA_SCP80_INTEGRITY_RC:
      return "rc";
    case EA_SCP80_INTEGRITY_CC:
      return "cc";
    case EA_SCP80_INTEGRITY_DS:
      return "ds";
    }
  return "none";
}

const char *
ea_scp80_get_counter_mode_name (EaScp80CounterMode mode)
{
  switch (mode)
    {
    case EA_SCP80_COUNTER_NONE:
      break;
    case EA_SCP80_COUNTER_AVAILABLE:
      return "counter-available";
    case EA_SCP80_COUNTER_HIGHER:
      return "process-if-higher";
    case EA_SCP80_COUNTER_NEXT:
      return "process-if-one-higher";
    }
  return "no-counter";
}

const char *
ea_scp80_get_por_name (EaScp80Por por)
{
  switch (por)
    {
    case EA_SCP80_POR_NONE:
      break;
    case EA_SCP80_POR_ALWAYS:
      return "always";
    case EA_SCP80_POR_ON_ERROR:
      return "on-error";
    case EA_SCP80_POR_RESERVED:
      return "reserved";
    }
  return "none";
}

const char *
ea_scp80_get_status_name (guint8 status)
{
  static const char *const names[] = {
    [EA_SCP80_STATUS_OK] = "PoR OK",
    [EA_SCP80_STATUS_INTEGRITY_FAILED] = "RC/CC/DS failed",
    [EA_SCP80_STATUS_COUNTER_LOW] = "CNTR low",
    [EA_SCP80_STATUS_COUNTER_HIGH] = "CNTR high",
    [EA_SCP80_STATUS_COUNTER_BLOCKED] = "CNTR blocked",
    [EA_SCP80_STATUS_CIPHERING_ERROR] = "ciphering error",
    [EA_SCP80_STATUS_SECURITY_ERROR] = "unidentified security error",
    [EA_SCP80_STATUS_INSUFFICIENT_MEMORY] = "insufficient memory to process incoming message",
    [EA_SCP80_STATUS_MORE_TIME] = "more time",
    [EA_SCP80_STATUS_TAR_UNKNOWN] = "TAR unknown",
    [EA_SCP80_STATUS_INSUFFICIENT_SECURITY] = "insufficient security level",
    [EA_SCP80_STATUS_RESPONSE_BY_SMS_SUBMIT] = "actual response data to be sent using SMS-SUBMIT",
    [EA_SCP80_STATUS_RESPONSE_BY_USSD]
    = "actual response data to be sent using ProcessUnstructuredSS-Request",
  };

  return status < G_N_ELEMENTS (names) ? names[status] : NULL;
}

/* §5.1.2, table 4: b2b1 say the algorithm, b4b3 the mode of DES */
const char *
ea_scp80_get_kic_name (guint8 kic)
{
  switch (kic & EA_SCP80_ALGORITHM_MASK)
    {
    case EA_SCP80_IMPLICIT:
      return "implicit";
    case EA_SCP80_DES_CBC:
      return "DES-CBC";
    case EA_SCP80_AES:
      return "AES-CBC";
    case EA_SCP80_3DES_2_KEYS:
      return "3DES-CBC-2-keys";
    case EA_SCP80_3DES_3_KEYS:
      return "3DES-CBC-3-keys";
    case EA_SCP80_DES_ECB:
      return "DES-ECB";
    case EA_SCP80_PROPRIETARY:
      return "proprietary";
    default:
      return "reserved";
    }
}

static const char *
get_rc_name (guint8 algorithm)
{
  switch (algorithm)
    {
    case EA_SCP80_IMPLICIT:
      return "implicit";
    case EA_SCP80_KID_CRC16:
      return "CRC16";
    case EA_SCP80_KID_CRC32:
      return "CRC32";
    case EA_SCP80_PROPRIETARY:
      return "proprietary";
    default:
      return "reserved";
    }
}

/* §5.1.3, tables 5 and 6 */
const char *
ea_scp80_get_kid_name (guint8 kid, EaScp80Integrity integrity)
{
  guint8 algorithm = kid & EA_SCP80_ALGORITHM_MASK;

  if (integrity == EA_SCP80_INTEGRITY_RC)
    return get_rc_name (algorithm);
  switch (algorithm)
    {
    case EA_SCP80_IMPLICIT:
      return "implicit";
    case EA_SCP80_DES_CBC:
      return "DES-CBC-MAC";
    case EA_SCP80_AES:
      return "AES-CMAC";
    case EA_SCP80_3DES_2_KEYS:
      return "3DES-CBC-MAC-2-keys";
    case EA_SCP80_3DES_3_KEYS:
      return "3DES-CBC-MAC-3-keys";
    case EA_SCP80_PROPRIETARY:
      return "proprietary";
    default:
      return "reserved";
    }
}

guint8
ea_scp80_get_key_set (guint8 octet)
{
  return octet >> 4;
}
