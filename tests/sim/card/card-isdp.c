/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISD-Ps and identities. ICCIDs are ITU-T E.118 numbers of 19 digits with a Luhn digit.
 */

#include "card-isdp.h"

#define EID_PREFIX "890010120123412340123456"
#define EID_FIRST_SERIAL 789012u
#define EID_SERIAL_MODULUS 1000000u
#define CHECK_MODULUS 97u

static guint
get_remainder (const char *digits)
{
  guint remainder = 0;

  for (const char *digit = digits; *digit != '\0'; digit++)
    remainder = (remainder * 10 + (guint) g_ascii_digit_value (*digit)) % CHECK_MODULUS;
  return remainder;
}

char *
sim_eid_new (guint card_index)
{
  g_autofree char *digits
      = g_strdup_printf (EID_PREFIX "%06u", (EID_FIRST_SERIAL + card_index) % EID_SERIAL_MODULUS);
  g_autofree char *with_zeros = g_strconcat (digits, "00", NULL);

  return g_strdup_printf ("%s%02u", digits, CHECK_MODULUS + 1 - get_remainder (with_zeros));
}

static guint
get_luhn_digit (const char *digits)
{
  g_autofree char *reversed = g_strreverse (g_strdup (digits));
  gboolean is_doubled = TRUE;
  guint sum = 0;

  for (const char *digit = reversed; *digit != '\0'; digit++, is_doubled = !is_doubled)
    {
      guint value = (guint) g_ascii_digit_value (*digit) << (is_doubled ? 1 : 0);

      sum += value > 9 ? value - 9 : value;
    }
  return (10 - sum % 10) % 10;
}

static char *
make_iccid (guint card_index, guint number)
{
  g_autofree char *digits = g_strdup_printf ("8988211%06u%05u", card_index % 1000000, number);

  return g_strdup_printf ("%s%u", digits, get_luhn_digit (digits));
}

SimIsdp *
sim_isdp_new (EaSpan aid, SimIsdpState state, guint card_index, guint number)
{
  SimIsdp *isdp = g_new0 (SimIsdp, 1);
  gboolean has_profile = state != SIM_ISDP_SELECTABLE;

  isdp->aid = ea_span_to_bytes (aid);
  isdp->state = state;
  isdp->iccid = has_profile ? make_iccid (card_index, number) : g_strdup ("");
  isdp->imsi = has_profile ? g_strdup_printf ("00101%05u%05u", card_index % 100000, number)
                           : g_strdup ("");
  return isdp;
}

void
sim_isdp_free (SimIsdp *isdp)
{
  g_bytes_unref (isdp->aid);
  g_free (isdp->iccid);
  g_free (isdp->imsi);
  g_free (isdp);
}

SimIsdp *
sim_isdps_find (GPtrArray *isdps, EaSpan aid)
{
  for (guint i = 0; i < isdps->len; i++)
    {
      SimIsdp *isdp = g_ptr_array_index (isdps, i);

      if (ea_span_equal (ea_span_from_bytes (isdp->aid), aid))
        return isdp;
    }
  return NULL;
}
