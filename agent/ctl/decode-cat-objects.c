/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All data objects of one toolkit message: keys by what each is there for, lists, and what is not known. */

#include "ctl/decode-cat-object.h"
#include "ctl/decode-cat-private.h"
#include "ctl/decode-part.h"

/* Keys of objects that are there for more than their tag says. */
static const struct
{
  EaCatTag tag;
  EaCatRole role;
  const char *key;
} role_keys[] = {
  { EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_CALL_SET_UP, "alpha_call_set_up" },
  { EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_ROLE_CALL_SET_UP, "icon_call_set_up" },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_ROLE_CALL_SET_UP, "text_attribute_call_set_up" },
  { EA_CAT_TAG_ADDRESS, EA_CAT_ROLE_CALLED, "called_address" },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_GATEWAY, "gateway" },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_LOGIN, "login" },
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_PASSWORD, "password" },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_ROLE_LOCAL_ADDRESS, "local_address" },
  { EA_CAT_TAG_DURATION, EA_CAT_ROLE_POLL_INTERVAL, "interval" },
  { EA_CAT_TAG_DURATION, EA_CAT_ROLE_LIST, "durations" },
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_ROLE_RECEIVED, "channel_data" },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_ROLE_AVAILABLE, "available" },
  { EA_CAT_TAG_RESULT, EA_CAT_ROLE_CALL_CONTROL, "call_control_result" },
  { EA_CAT_TAG_ADDRESS, EA_CAT_ROLE_SECOND, "tp_destination_address" },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, EA_CAT_ROLE_SECOND,
    "capability_configuration_2" },
  { EA_CAT_TAG_ITEM, EA_CAT_ROLE_LIST, "items" },
  { EA_CAT_TAG_CHANNEL_STATUS, EA_CAT_ROLE_LIST, "channel_status" },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, EA_CAT_ROLE_LIST, "dns_servers" },
  { EA_CAT_TAG_PROVISIONING_FILE_REFERENCE, EA_CAT_ROLE_LIST, "provisioning_files" },
  { EA_CAT_TAG_FRAME_IDENTIFIER, EA_CAT_ROLE_LIST, "frame_identifiers" },
  { EA_CAT_TAG_CARD_READER_STATUS, EA_CAT_ROLE_LIST, "card_reader_status" },
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, EA_CAT_ROLE_LIST, "transaction_identifiers" },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_ROLE_LIST, "locations" },
  { EA_CAT_TAG_NETWORK_MEASUREMENT_RESULTS, EA_CAT_ROLE_LIST, "network_measurement_results" },
  { EA_CAT_TAG_REGISTRY_APPLICATION_DATA, EA_CAT_ROLE_LIST, "registry_application_data" },
};

/* (nullable): %NULL for the key that the object has everywhere */
static const char *
find_key (const EaCatSlot *slot)
{
  for (gsize i = 0; i < G_N_ELEMENTS (role_keys); i++)
    if (role_keys[i].tag == slot->tag && role_keys[i].role == slot->role)
      return role_keys[i].key;
  return NULL;
}

/* @first and all that come after it with the same slot; @walk is a copy. */
static gboolean
add_list (EaView *view, EaCatWalk walk, const EaCatObject *first, GError **error)
{
  EaCatObject object = *first;
  EaTlv tlv;
  const char *key = find_key (first->slot);

  ea_view_begin_list (view, key != NULL ? key : "list");
  do
    {
      tlv = object.tlv;
      tlv.tag = object.tag;
      if (object.slot == first->slot && !ea_decode_add_cat_member (view, &tlv, error))
        return FALSE;
    }
  while (ea_cat_walk_next (&walk, &object));
  ea_view_end_list (view);
  return TRUE;
}

static guint32
get_slot_bit (const EaCatWalk *walk, const EaCatSlot *slot)
{
  return 1u << (slot - walk->layout->slots);
}

static gboolean
add_expected (EaView *view, EaCatWalk *walk, guint *n_others, GError **error)
{
  EaCatObject object;
  guint32 listed = 0;

  while (ea_cat_walk_next (walk, &object))
    {
      if (object.slot == NULL)
        (*n_others)++;
      else if (object.slot->role != EA_CAT_ROLE_LIST)
        {
          object.tlv.tag = object.tag;
          if (!ea_decode_add_cat_object (view, &object.tlv, find_key (object.slot), error))
            return FALSE;
        }
      else if ((listed & get_slot_bit (walk, object.slot)) == 0)
        {
          listed |= get_slot_bit (walk, object.slot);
          if (!add_list (view, *walk, &object, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* What the object would say in its place. */
static void
add_decoded (EaView *view, const EaTlv *tlv)
{
  EaViewMark mark = ea_view_get_mark (view);
  g_autoptr (GError) error = NULL;

  ea_view_begin_object (view, "decoded");
  if (ea_decode_add_cat_object (view, tlv, NULL, &error))
    ea_view_end_object (view);
  else
    ea_view_rewind (view, mark);
}

static void
add_other (EaView *view, const EaTlv *tlv)
{
  const char *name = ea_cat_get_tag_name (tlv->tag);

  ea_view_begin_object (view, NULL);
  ea_decode_add_tag (view, tlv, TRUE);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  ea_view_add_bytes_here (view, "value", tlv->value);
  if (name != NULL)
    add_decoded (view, tlv);
  ea_view_end_object (view);
}

/* Objects without a place: those of a known tag as "unexpected", others as "unknown". */
static void
add_others (EaView *view, const EaCatLayout *layout, EaSpan objects, const char *key,
            gboolean is_known)
{
  EaCatObject object;
  EaCatWalk walk;
  gboolean is_open = FALSE;

  ea_cat_walk_init (&walk, layout, objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      if (object.slot != NULL || (ea_cat_get_tag_name (object.tag) != NULL) != is_known)
        continue;
      if (!is_open)
        ea_view_begin_list (view, key);
      is_open = TRUE;
      add_other (view, &object.tlv);
    }
  if (is_open)
    ea_view_end_list (view);
}

gboolean
ea_decode_add_cat_objects (EaView *view, const EaCatLayout *layout, EaSpan objects, GError **error)
{
  EaCatWalk walk;
  guint n_others = 0;

  ea_cat_walk_init (&walk, layout, objects);
  if (!add_expected (view, &walk, &n_others, error))
    return FALSE;
  if (n_others > 0)
    {
      add_others (view, layout, objects, "unexpected", TRUE);
      add_others (view, layout, objects, "unknown", FALSE);
    }
  return TRUE;
}
