/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-eis.h"

#include <string.h>

#include "core/error.h"
#include "smsr-script.h"

#define AID_DIGITS 32
#define ENDING_DIGITS 4
/* SGP.02 §2.2.3: AIDs of ISD-Ps differ in the two octets before the last, from 0010 on */
#define AID_FAMILY "A0000005591010FFFFFFFF8900"
#define AID_PREFIX AID_FAMILY "00"
#define FIRST_NUMBER 0x0010

static void
isdp_free (gpointer data)
{
  SimEisIsdp *isdp = data;

  g_bytes_unref (isdp->aid);
  g_free (isdp);
}

void
sim_eis_init (SimEis *eis)
{
  static const char *const endings[] = { "1000", "1100", "1200" };

  eis->isdps = g_ptr_array_new_with_free_func (isdp_free);
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *hex = g_strconcat (AID_PREFIX, endings[i], NULL);
      SimEisIsdp *isdp = g_new0 (SimEisIsdp, 1);

      isdp->aid = ea_bytes_from_hex (hex, NULL);
      isdp->state = i == 0 ? SIM_SMSR_ENABLED : SIM_SMSR_DISABLED;
      isdp->is_fallback = i == 0;
      g_ptr_array_add (eis->isdps, isdp);
    }
}

void
sim_eis_clear (SimEis *eis)
{
  g_clear_pointer (&eis->isdps, g_ptr_array_unref);
}

static SimEisIsdp *
find (const SimEis *eis, EaSpan aid)
{
  for (guint i = 0; i < eis->isdps->len; i++)
    {
      SimEisIsdp *isdp = g_ptr_array_index (eis->isdps, i);

      if (ea_span_equal (ea_span_from_bytes (isdp->aid), aid))
        return isdp;
    }
  return NULL;
}

static GBytes *
resolve_position (const SimEis *eis, const char *word, GError **error)
{
  guint64 position = 0;
  const SimEisIsdp *isdp;

  if (!g_ascii_string_to_unsigned (word, 10, 0, eis->isdps->len - 1, &position, NULL))
    {
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MISSING,
                   "'%s' is neither the AID nor the position of an ISD-P", word);
      return NULL;
    }
  isdp = g_ptr_array_index (eis->isdps, position);
  return g_bytes_ref (isdp->aid);
}

GBytes *
sim_eis_resolve (const SimEis *eis, const char *word, GError **error)
{
  g_autofree char *hex = NULL;

  if (strlen (word) == AID_DIGITS)
    return ea_bytes_from_hex (word, error);
  if (strlen (word) != ENDING_DIGITS)
    return resolve_position (eis, word, error);
  hex = g_strconcat (AID_PREFIX, word, NULL);
  return ea_bytes_from_hex (hex, error);
}

GBytes *
sim_eis_find_state (const SimEis *eis, guint8 state)
{
  for (guint i = 0; i < eis->isdps->len; i++)
    {
      const SimEisIsdp *isdp = g_ptr_array_index (eis->isdps, i);

      if (isdp->state == state)
        return isdp->aid;
    }
  return NULL;
}

GBytes *
sim_eis_choose_aid (const SimEis *eis)
{
  for (guint number = FIRST_NUMBER;; number++)
    {
      g_autofree char *hex = g_strdup_printf ("%s%04X00", AID_FAMILY, number);
      g_autoptr (GBytes) aid = ea_bytes_from_hex (hex, NULL);

      if (find (eis, ea_span_from_bytes (aid)) == NULL)
        return g_steal_pointer (&aid);
    }
}

void
sim_eis_set_enabled (SimEis *eis, EaSpan aid)
{
  for (guint i = 0; i < eis->isdps->len; i++)
    {
      SimEisIsdp *isdp = g_ptr_array_index (eis->isdps, i);

      if (isdp->state == SIM_SMSR_ENABLED)
        isdp->state = SIM_SMSR_DISABLED;
    }
  sim_eis_set_state (eis, aid, SIM_SMSR_ENABLED);
}

void
sim_eis_enable_fallback (SimEis *eis)
{
  for (guint i = 0; i < eis->isdps->len; i++)
    {
      const SimEisIsdp *isdp = g_ptr_array_index (eis->isdps, i);

      if (isdp->is_fallback)
        {
          sim_eis_set_enabled (eis, ea_span_from_bytes (isdp->aid));
          return;
        }
    }
}

void
sim_eis_set_fallback (SimEis *eis, EaSpan aid)
{
  for (guint i = 0; i < eis->isdps->len; i++)
    {
      SimEisIsdp *isdp = g_ptr_array_index (eis->isdps, i);

      isdp->is_fallback = ea_span_equal (ea_span_from_bytes (isdp->aid), aid);
    }
}

void
sim_eis_remove (SimEis *eis, EaSpan aid)
{
  SimEisIsdp *isdp = find (eis, aid);

  if (isdp != NULL)
    g_ptr_array_remove (eis->isdps, isdp);
}

void
sim_eis_set_state (SimEis *eis, EaSpan aid, guint8 state)
{
  SimEisIsdp *isdp = find (eis, aid);

  if (isdp == NULL)
    {
      isdp = g_new0 (SimEisIsdp, 1);
      isdp->aid = ea_span_to_bytes (aid);
      g_ptr_array_add (eis->isdps, isdp);
    }
  isdp->state = state;
}
