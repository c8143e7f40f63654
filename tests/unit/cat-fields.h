/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/cat-layout.h"
#include "core/cat.h"
#include "vectors.h"

/* Comparisons of what oFono's and Gecko's tests expect of a proactive command with what is read from it. */

/* One member of "expected", and the object of the command that it tells of. */
typedef struct
{
  const Vector *vector;
  const EaCatCommand *command;
  JsonNode *node;
  EaCatTag tag;
  EaCatRole role;
} Field;

/* The object's value; the test fails when it is absent. */
EaSpan field_get_value (const Field *field);

/* A number of @object, 0 when it is absent. */
guint64 field_get_number (JsonObject *object, const char *member);

/* The standard's number for one of oFono's constants; the test fails for others. */
guint64 field_get_constant (const char *name);
guint64 field_get_member_constant (JsonObject *object, const char *member);

/* Fail the test, with the row's id, unless the field is read alike. */
void check_nothing (const Field *field);
void check_qualifier (const Field *field);
void check_hex_qualifier (const Field *field);
void check_hex_type (const Field *field);
void check_destination (const Field *field);
void check_tshark (const Field *field);
void check_alpha (const Field *field);
void check_text (const Field *field);
void check_icon (const Field *field);
void check_hex_icon (const Field *field);
void check_item_icons (const Field *field);
void check_text_attribute (const Field *field);
void check_item_text_attributes (const Field *field);
void check_duration (const Field *field);
void check_response_length (const Field *field);
void check_octet (const Field *field);
void check_items (const Field *field);
void check_number (const Field *field);
void check_ussd (const Field *field);
void check_octets (const Field *field);
void check_digits (const Field *field);
void check_characters (const Field *field);
void check_timer_value (const Field *field);
void check_c_apdu (const Field *field);
