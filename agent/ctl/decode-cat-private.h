/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat-object.h"
#include "core/tlv.h"
#include "ctl/view.h"

/* How one object is shown, shared by the files decode-cat-*.c. */

typedef struct _EaCatRow EaCatRow;

/* Adds the value of an object as @row says under @key; @row's tag has its place and clause in @view. */
typedef gboolean (*EaCatAddFunc) (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                  GError **error);

/**
 * EaCatRow:
 * @tag: EaCatTag
 * @key: the key that the object has
 * @parameter: what @add needs to know: EaCatNames for values with names
 */
struct _EaCatRow
{
  guint32 tag;
  const char *key;
  EaCatAddFunc add;
  int parameter;
};

/* The next value is @value of the object @tag. */
void ea_decode_place (EaView *view, guint32 tag, EaSpan value);

/* As ea_decode_add_cat_object(), within a list. */
gboolean ea_decode_add_cat_member (EaView *view, const EaTlv *object, GError **error);

/* Adders of decode-cat-text.c and decode-cat-bearer.c. */
gboolean ea_decode_add_alpha (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                              GError **error);
gboolean ea_decode_add_text_string (EaView *view, const EaCatRow *row, const char *key,
                                    EaSpan value, GError **error);
gboolean ea_decode_add_ussd (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                             GError **error);
gboolean ea_decode_add_characters (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                   GError **error);
gboolean ea_decode_add_item (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                             GError **error);
gboolean ea_decode_add_number (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                               GError **error);
gboolean ea_decode_add_digits (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                               GError **error);
gboolean ea_decode_add_identity (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                 GError **error);
gboolean ea_decode_add_date_time (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                  GError **error);
gboolean ea_decode_add_timer_value (EaView *view, const EaCatRow *row, const char *key,
                                    EaSpan value, GError **error);
gboolean ea_decode_add_text_attributes (EaView *view, const EaCatRow *row, const char *key,
                                        EaSpan value, GError **error);

gboolean ea_decode_add_bearer (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                               GError **error);
gboolean ea_decode_add_transport (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                  GError **error);
gboolean ea_decode_add_ip_address (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                   GError **error);
gboolean ea_decode_add_access_name (EaView *view, const EaCatRow *row, const char *key,
                                    EaSpan value, GError **error);
gboolean ea_decode_add_channel_status (EaView *view, const EaCatRow *row, const char *key,
                                       EaSpan value, GError **error);

gboolean ea_decode_add_location (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                 GError **error);
gboolean ea_decode_add_routing_area (EaView *view, const EaCatRow *row, const char *key,
                                     EaSpan value, GError **error);
gboolean ea_decode_add_tracking_area (EaView *view, const EaCatRow *row, const char *key,
                                      EaSpan value, GError **error);
gboolean ea_decode_add_plmn_list (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                  GError **error);
gboolean ea_decode_add_plmn_access_list (EaView *view, const EaCatRow *row, const char *key,
                                         EaSpan value, GError **error);
gboolean ea_decode_add_timing_advance (EaView *view, const EaCatRow *row, const char *key,
                                       EaSpan value, GError **error);
gboolean ea_decode_add_location_parameters (EaView *view, const EaCatRow *row, const char *key,
                                            EaSpan value, GError **error);
