/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-layout.h"
#include "core/tlv.h"
#include "ctl/view.h"

/**
 * ea_decode_add_cat_object:
 * @object: its tag is what was read, or an EaCatTag where several objects have one tag
 * @name: (nullable): static; the key, when it is not the one that the object has everywhere
 *
 * Adds one COMPREHENSION-TLV of TS 102 223 §8 or TS 31.111 §8 under its key, with its place and clause. An
 * object of no known tag becomes "object": { "tag", "value" }, with the octets of the tag as they came. Most
 * add one key; device identities add "source" and "destination", texts add "dcs" too.
 *
 * Errors: those of the object's parser in core. What was added before stays.
 */
gboolean ea_decode_add_cat_object (EaView *view, const EaTlv *object, const char *name,
                                   GError **error);

/**
 * ea_decode_add_cat_objects:
 * @layout: (nullable): what belongs into the message
 * @objects: a sequence of COMPREHENSION-TLVs
 *
 * Adds all of them: those that may be there several times as lists, those that do not belong into the
 * message, or are there once too often, as "unexpected": [{ "tag", "name", "value" }], and those that are
 * not known as "unknown": [{ "tag", "value" }]. A tag is its octets as they came.
 *
 * Errors: those of the parsers in core.
 */
gboolean ea_decode_add_cat_objects (EaView *view, const EaCatLayout *layout, EaSpan objects,
                                    GError **error);
