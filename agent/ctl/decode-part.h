/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/push.h"
#include "core/sgp02-identity.h"
#include "core/tlv.h"
#include "ctl/view.h"

/* Parts that several kinds of items have in common, added to an object that is open. */

/* "tag": the octets of the tag as they came. */
void ea_decode_add_tag (EaView *view, const EaTlv *tlv, gboolean is_comprehension);

/* An AID under @name, and "application" when SGP.02 has a name for it. */
void ea_decode_add_aid (EaView *view, const char *name, EaSpan aid);

/* A text under @name; what is no printable UTF-8 as bytes. */
void ea_decode_add_text (EaView *view, const char *name, EaSpan text);

/* The members of a PSK identity, and whether its EID's check digits are right. */
void ea_decode_add_psk_identity (EaView *view, const EaSgp02PskIdentity *identity);

/* "psk_identity" as it stands, and its members as "psk_identity_parts" when it is SGP.02's, in binary or text. */
void ea_decode_add_psk_identity_value (EaView *view, EaSpan identity);

/* TRUE when an object with @tag belongs into one with @parent. */
typedef gboolean (*EaDecodePlaceFunc) (guint32 parent, guint32 tag);

/* "unexpected": [{ "tag", "value" }] of the BER-TLVs in @objects, those of @parent, that do not belong there; nothing
 * when there are none. */
void ea_decode_add_unexpected (EaView *view, EaSpan objects, guint32 parent,
                               EaDecodePlaceFunc has_place);

/* "command", "p2" and the parameters of a PUSH. */
gboolean ea_decode_add_push (EaView *view, const EaPush *push, EaSpan command, GError **error);
