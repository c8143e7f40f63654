/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cat-fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/cat-command.h"
#include "core/cat-number.h"
#include "core/cat-value.h"
#include "core/text.h"
#include "helpers.h"

EaSpan
field_get_value (const Field *field)
{
  EaSpan value = EA_SPAN_EMPTY;

  vector_assert (field->vector,
                 ea_cat_command_find (field->command, field->tag, field->role, &value),
                 ea_cat_get_tag_name ((guint32) field->tag));
  return value;
}

guint64
field_get_number (JsonObject *object, const char *member)
{
  return json_object_has_member (object, member)
             ? (guint64) json_object_get_int_member (object, member)
             : 0;
}

/* The last word of a constant's name, as a number of the standard */
guint64
field_get_constant (const char *name)
{
  static const struct
  {
    const char *name;
    guint64 value;
  } constants[] = {
    { "STK_ICON_QUALIFIER_TYPE_SELF_EXPLANATORY", 0 },
    { "STK_ICON_QUALIFIER_TYPE_NON_SELF_EXPLANATORY", 1 },
    { "STK_DURATION_TYPE_MINUTES", 0 },
    { "STK_DURATION_TYPE_SECONDS", 1 },
    { "STK_TONE_TYPE_DIAL_TONE", 0x01 },
    { "STK_TONE_TYPE_BUSY_TONE", 0x02 },
    { "STK_TONE_TYPE_CALL_DROPPED", 0x05 },
    { "STK_TONE_TYPE_ERROR", 0x06 },
    { "STK_TONE_TYPE_POSITIVE_ACK", 0x11 },
    { "STK_DEVICE_IDENTITY_TYPE_CARD_READER_1", 0x11 },
    { "STK_DEVICE_IDENTITY_TYPE_CARD_READER_7", 0x17 },
    { "STK_DEVICE_IDENTITY_TYPE_CHANNEL_1", 0x21 },
    { "STK_OPEN_CHANNEL_FLAG_IMMEDIATE", 0x01 },
    { "STK_BEARER_TYPE_GPRS_UTRAN", 0x02 },
    { "STK_TRANSPORT_PROTOCOL_UDP_CLIENT_REMOTE", 0x01 },
    { "STK_ADDRESS_IPV4", 0x21 },
    { "STK_INS_SELECT", 0xA4 },
    { "STK_INS_UPDATE_BINARY_D6", 0xD6 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strcmp (constants[i].name, name) == 0)
      return constants[i].value;
  fail_msg ("constant %s is not known", name);
  return 0;
}

guint64
field_get_member_constant (JsonObject *object, const char *member)
{
  return field_get_constant (json_object_get_string_member (object, member));
}

static void
assert_octets (const Field *field, const char *what, EaSpan actual, JsonArray *expected)
{
  EaReader reader;

  vector_assert_number (field->vector, what, actual.size, json_array_get_length (expected));
  ea_reader_init (&reader, actual);
  for (guint i = 0; i < json_array_get_length (expected); i++)
    vector_assert_number (field->vector, what, ea_reader_u8 (&reader),
                          (guint64) json_array_get_int_element (expected, i));
}

void
check_nothing (const Field *field)
{
}

void
check_qualifier (const Field *field)
{
  guint64 expected;

  if (json_node_get_value_type (field->node) == G_TYPE_STRING)
    expected = field_get_constant (json_node_get_string (field->node));
  else
    expected = (guint64) json_node_get_int (field->node);
  vector_assert_number (field->vector, "qualifier", field->command->qualifier, expected);
}

void
check_hex_qualifier (const Field *field)
{
  guint64 expected = g_ascii_strtoull (json_node_get_string (field->node), NULL, 16);

  vector_assert_number (field->vector, "qualifier", field->command->qualifier, expected);
}

void
check_hex_type (const Field *field)
{
  guint64 expected = g_ascii_strtoull (json_node_get_string (field->node), NULL, 16);

  vector_assert_number (field->vector, "type", field->command->type, expected);
}

void
check_destination (const Field *field)
{
  vector_assert_number (field->vector, "destination", field->command->destination,
                        field_get_constant (json_node_get_string (field->node)));
}

void
check_tshark (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  guint64 value;

  vector_assert (field->vector, json_get_number_string (object, "cmd_nr", 16, &value), "a number");
  vector_assert_number (field->vector, "number", field->command->number, value);
  vector_assert (field->vector, json_get_number_string (object, "cmd_type", 16, &value), "a type");
  vector_assert_number (field->vector, "type", field->command->type, value);
  vector_assert (field->vector, json_get_number_string (object, "src", 16, &value), "a source");
  vector_assert_number (field->vector, "source", field->command->source, value);
  vector_assert (field->vector, json_get_number_string (object, "dst", 16, &value), "a target");
  vector_assert_number (field->vector, "destination", field->command->destination, value);
}

void
check_alpha (const Field *field)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ea_text_decode_alpha (field_get_value (field), &error);

  vector_assert_string (field->vector, "alpha", text, json_node_get_string (field->node));
}

void
check_text (const Field *field)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ea_text_decode_text_string (field_get_value (field), NULL, &error);

  vector_assert_string (field->vector, "text", text, json_node_get_string (field->node));
}

void
check_icon (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaCatIcon icon;
  EaReader reader;

  vector_assert (field->vector, ea_cat_parse_icon_identifier (&icon, field_get_value (field), NULL),
                 "an icon");
  vector_assert_number (field->vector, "icon qualifier", icon.qualifier,
                        field_get_member_constant (object, "qualifier"));
  ea_reader_init (&reader, icon.identifiers);
  vector_assert_number (field->vector, "icon", ea_reader_u8 (&reader),
                        field_get_number (object, "id"));
}

void
check_hex_icon (const Field *field)
{
  assert_span_is (field_get_value (field), json_node_get_string (field->node));
}

void
check_item_icons (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaCatIcon icon;

  vector_assert (field->vector,
                 ea_cat_parse_item_icon_identifier_list (&icon, field_get_value (field), NULL),
                 "icons");
  vector_assert_number (field->vector, "icon qualifier", icon.qualifier,
                        field_get_member_constant (object, "qualifier"));
  vector_assert_number (field->vector, "icons", icon.identifiers.size,
                        field_get_number (object, "len"));
  assert_octets (field, "icons", icon.identifiers, json_object_get_array_member (object, "list"));
}

void
check_text_attribute (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  JsonArray *octets = json_object_get_array_member (object, "attributes");
  EaCatTextAttribute attribute;

  vector_assert (field->vector,
                 ea_cat_parse_text_attribute (&attribute, field_get_value (field), NULL),
                 "a text attribute");
  vector_assert_number (field->vector, "size", field_get_value (field).size,
                        field_get_number (object, "len"));
  vector_assert_number (field->vector, "start", attribute.start,
                        (guint64) json_array_get_int_element (octets, 0));
  vector_assert_number (field->vector, "length", attribute.length,
                        (guint64) json_array_get_int_element (octets, 1));
  vector_assert_number (field->vector, "mode", attribute.mode,
                        (guint64) json_array_get_int_element (octets, 2));
  vector_assert_number (field->vector, "colour", attribute.colour,
                        (guint64) json_array_get_int_element (octets, 3));
}

void
check_item_text_attributes (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);

  assert_octets (field, "text attributes", field_get_value (field),
                 json_object_get_array_member (object, "list"));
}

void
check_duration (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaCatDuration duration;

  vector_assert (field->vector, ea_cat_parse_duration (&duration, field_get_value (field), NULL),
                 "a duration");
  vector_assert_number (field->vector, "unit", duration.unit,
                        field_get_member_constant (object, "unit"));
  vector_assert_number (field->vector, "interval", duration.interval,
                        field_get_number (object, "interval"));
}

void
check_response_length (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaCatResponseLength length;

  vector_assert (field->vector,
                 ea_cat_parse_response_length (&length, field_get_value (field), NULL),
                 "a response length");
  vector_assert_number (field->vector, "minimum", length.minimum, field_get_number (object, "min"));
  vector_assert_number (field->vector, "maximum", length.maximum, field_get_number (object, "max"));
}

void
check_octet (const Field *field)
{
  guint64 expected;
  guint8 octet;

  if (json_node_get_value_type (field->node) == G_TYPE_STRING)
    expected = field_get_constant (json_node_get_string (field->node));
  else
    expected = (guint64) json_node_get_int (field->node);
  vector_assert (field->vector,
                 ea_cat_parse_octet (&octet, field->tag, field_get_value (field), NULL),
                 "an octet");
  vector_assert_number (field->vector, ea_cat_get_tag_name ((guint32) field->tag), octet, expected);
}

/* oFono's tests write one item as an object, and none of its arrays has an end that is no item. */
static JsonObject *
get_expected_item (const Field *field, guint i)
{
  if (JSON_NODE_HOLDS_OBJECT (field->node))
    return i == 0 ? json_node_get_object (field->node) : NULL;
  if (i >= json_array_get_length (json_node_get_array (field->node)))
    return NULL;
  return json_array_get_object_element (json_node_get_array (field->node), i);
}

void
check_items (const Field *field)
{
  EaCatObject object;
  EaCatWalk walk;
  guint n_items = 0;

  ea_cat_walk_init (&walk, ea_cat_get_command_layout (field->command->type),
                    field->command->objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      g_autofree char *text = NULL;
      JsonObject *expected;
      EaCatItem item;

      if (object.tag != EA_CAT_TAG_ITEM)
        continue;
      expected = get_expected_item (field, n_items++);
      vector_assert (field->vector, expected != NULL, "as many items");
      assert_true (ea_cat_parse_item (&item, object.tlv.value, NULL));
      vector_assert_number (field->vector, "item", item.identifier,
                            field_get_number (expected, "id"));
      text = ea_text_decode_alpha (item.text, NULL);
      vector_assert_string (field->vector, "item", text,
                            json_object_get_string_member (expected, "text"));
    }
  vector_assert (field->vector, get_expected_item (field, n_items) == NULL, "as few items");
}

void
check_number (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  const char *member = field->tag == EA_CAT_TAG_SS_STRING ? "ss" : "number";
  g_autofree char *digits = NULL;
  EaCatAddress address;

  vector_assert (field->vector, ea_cat_parse_address (&address, field_get_value (field), NULL),
                 "an address");
  digits = ea_cat_digits_to_text (address.digits);
  vector_assert_number (field->vector, "type of number", address.type,
                        field_get_number (object, "ton_npi"));
  vector_assert_string (field->vector, "number", digits,
                        json_object_get_string_member (object, member));
}

void
check_ussd (const Field *field)
{
  g_autofree char *text = NULL;
  EaSpan value = field_get_value (field);
  EaReader reader;

  /* F0: the default alphabet, packed */
  ea_reader_init (&reader, value);
  vector_assert_number (field->vector, "data coding scheme", ea_reader_u8 (&reader), 0xF0);
  text = ea_text_decode_text_string (value, NULL, NULL);
  vector_assert_string (field->vector, "USSD", text, json_node_get_string (field->node));
}

void
check_octets (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);

  assert_octets (field, "octets", field_get_value (field),
                 json_object_get_array_member (object, "ccp"));
}

void
check_digits (const Field *field)
{
  g_autofree char *digits = ea_cat_digits_to_text (field_get_value (field));

  vector_assert_string (field->vector, "digits", digits, json_node_get_string (field->node));
}

void
check_characters (const Field *field)
{
  EaSpan value = field_get_value (field);
  g_autofree char *text = g_strndup ((const char *) value.data, value.size);

  vector_assert_string (field->vector, ea_cat_get_tag_name ((guint32) field->tag),
                        text != NULL ? text : "", json_node_get_string (field->node));
}

void
check_timer_value (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaCatTimerValue timer;

  vector_assert (field->vector, ea_cat_parse_timer_value (&timer, field_get_value (field), NULL),
                 "a timer value");
  vector_assert_number (field->vector, "hours", timer.hours, field_get_number (object, "hour"));
  vector_assert_number (field->vector, "minutes", timer.minutes,
                        field_get_number (object, "minute"));
  vector_assert_number (field->vector, "seconds", timer.seconds,
                        field_get_number (object, "second"));
}

void
check_c_apdu (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);
  EaApduCommand apdu;

  vector_assert (field->vector, ea_apdu_parse_command (&apdu, field_get_value (field), NULL),
                 "an APDU");
  vector_assert_number (field->vector, "CLA", apdu.cla, field_get_number (object, "cla"));
  vector_assert_number (field->vector, "INS", apdu.ins, field_get_member_constant (object, "ins"));
  vector_assert_number (field->vector, "P1", apdu.p1, field_get_number (object, "p1"));
  vector_assert_number (field->vector, "P2", apdu.p2, field_get_number (object, "p2"));
  vector_assert_number (field->vector, "Lc", apdu.data.size, field_get_number (object, "lc"));
  assert_octets (field, "APDU", apdu.data, json_object_get_array_member (object, "data"));
}
