/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The walk through the objects of a toolkit message, TS 102 223 §6.6, §6.8 and §6.10: what belongs where,
 * what is missing, what is not understood.
 */

#include "core/cat-layout.h"

#include "core/error.h"

void
ea_cat_walk_init (EaCatWalk *walk, const EaCatLayout *layout, EaSpan objects)
{
  *walk = (EaCatWalk){ .layout = layout };
  ea_reader_init (&walk->reader, objects);
}

/* The slots that come after the gateway's, one bit for each; 0 when the layout has no gateway. */
static guint32
get_slots_after_gateway (const EaCatLayout *layout)
{
  for (gsize i = 0; i + 1 < layout->n_slots; i++)
    if (layout->slots[i].role == EA_CAT_ROLE_GATEWAY)
      return ~0u << (i + 1);
  return 0;
}

/* Of two addresses the one before the transport level is the local one, the one after it the destination. Of
 * the texts of LAUNCH BROWSER the gateway comes before the alpha identifier and the network access name, login
 * and password after them. */
static gboolean
fits_role (const EaCatWalk *walk, const EaCatSlot *slot)
{
  guint32 later = get_slots_after_gateway (walk->layout);

  if (slot->role == EA_CAT_ROLE_GATEWAY)
    return (walk->used & later) == 0;
  if (slot->role == EA_CAT_ROLE_LOGIN || slot->role == EA_CAT_ROLE_PASSWORD)
    return later == 0 || (walk->used & later) != 0;
  if (slot->role == EA_CAT_ROLE_LOCAL_ADDRESS)
    return !walk->has_transport;
  if (slot->role == EA_CAT_ROLE_DESTINATION_ADDRESS)
    return walk->has_transport;
  return TRUE;
}

static const EaCatSlot *
take_slot (EaCatWalk *walk, guint32 tag)
{
  if (walk->layout == NULL)
    return NULL;
  for (gsize i = 0; i < walk->layout->n_slots; i++)
    {
      const EaCatSlot *slot = &walk->layout->slots[i];
      guint32 bit = 1u << i;

      if (((guint32) slot->tag & EA_CAT_TAG_ON_WIRE) != tag || !fits_role (walk, slot))
        continue;
      if ((walk->used & bit) != 0 && slot->role != EA_CAT_ROLE_LIST)
        continue;
      walk->used |= bit;
      return slot;
    }
  return NULL;
}

gboolean
ea_cat_walk_next (EaCatWalk *walk, EaCatObject *out)
{
  EaCatObject object = { 0 };

  if (ea_reader_remaining (&walk->reader) == 0
      || !ea_tlv_read_comprehension (&walk->reader, &object.tlv, NULL))
    return FALSE;

  object.slot = take_slot (walk, object.tlv.tag);
  object.tag = object.slot != NULL ? (guint32) object.slot->tag : object.tlv.tag;
  if (object.tag == EA_CAT_TAG_TRANSPORT_LEVEL)
    walk->has_transport = TRUE;
  *out = object;
  return TRUE;
}

gboolean
ea_cat_check_sequence (EaSpan objects, GError **error)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_comprehension (&reader, &tlv, error))
      return FALSE;
  return TRUE;
}

gboolean
ea_cat_layout_has_slot (const EaCatLayout *layout, EaCatTag tag, EaCatRole role)
{
  for (gsize i = 0; i < layout->n_slots; i++)
    if (layout->slots[i].tag == tag && layout->slots[i].role == role)
      return TRUE;
  return FALSE;
}

static gboolean
has_tag (const EaCatLayout *layout, guint32 tag)
{
  for (gsize i = 0; i < layout->n_slots; i++)
    if (((guint32) layout->slots[i].tag & EA_CAT_TAG_ON_WIRE) == tag)
      return TRUE;
  return FALSE;
}

gboolean
ea_cat_layout_check (const EaCatLayout *layout, EaSpan objects, gboolean *is_partial,
                     GError **error)
{
  gboolean has_unknown = FALSE;
  EaCatObject object;
  EaCatWalk walk;

  if (!ea_cat_check_sequence (objects, error))
    return FALSE;
  ea_cat_walk_init (&walk, layout, objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      has_unknown = has_unknown || object.slot == NULL;
      if (object.tlv.is_comprehension_required && !has_tag (layout, object.tlv.tag))
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, object.tlv.object.data,
                                  "%s has object %02X, which must be understood", layout->name,
                                  object.tlv.tag);
    }
  for (gsize i = 0; i < layout->n_slots; i++)
    if (layout->slots[i].presence == EA_CAT_MANDATORY && (walk.used & 1u << i) == 0)
      return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (objects), "%s has no %s",
                                layout->name, ea_cat_get_tag_name ((guint32) layout->slots[i].tag));
  *is_partial = has_unknown;
  return TRUE;
}
