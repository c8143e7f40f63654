/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card-carriage.h"

void
sim_carriage_clear (SimCarriage *carriage)
{
  g_clear_pointer (&carriage->tlv, g_byte_array_unref);
  carriage->next = 0;
}

guint16
sim_carriage_take (SimCarriage *carriage, const SimApdu *apdu, GBytes **tlv)
{
  if (apdu->data.size == 0)
    return SIM_SW_WRONG_LENGTH;
  if (apdu->p2 != carriage->next)
    sim_carriage_clear (carriage);
  if (apdu->p2 != carriage->next)
    return SIM_SW_WRONG_DATA;
  if (carriage->tlv == NULL)
    carriage->tlv = g_byte_array_new ();
  if (carriage->tlv->len + apdu->data.size > SIM_CARRIAGE_MAX)
    {
      sim_carriage_clear (carriage);
      return SIM_SW_NO_MEMORY;
    }
  g_byte_array_append (carriage->tlv, apdu->data.data, (guint) apdu->data.size);
  carriage->next++;
  if (apdu->p1 != SIM_CARRIAGE_LAST_BLOCK)
    return SIM_SW_OK;
  *tlv = g_byte_array_free_to_bytes (g_steal_pointer (&carriage->tlv));
  sim_carriage_clear (carriage);
  return SIM_SW_OK;
}
