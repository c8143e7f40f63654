/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Proactive commands of other implementations (oFono's unit tests, Gecko's STK tests), field by field: each
 * member of what they expect is compared with what agent/core/cat-*.h reads, and none is passed over.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cat-fields.h"
#include "core/cat-channel.h"
#include "core/cat-command.h"
#include "core/cat-number.h"
#include "core/sms.h"
#include "core/text.h"
#include "helpers.h"
#include "vectors.h"

typedef void (*CheckFunc) (const Field *field);

static char *
decode_message (const EaSmsSubmit *submit)
{
  EaSpan payload = submit->user_data.payload;

  switch (ea_text_get_alphabet (submit->dcs))
    {
    case EA_TEXT_ALPHABET_UCS2:
      return ea_text_decode_ucs2 (payload, NULL);
    case EA_TEXT_ALPHABET_8BIT:
      return ea_text_decode_8bit (payload, NULL);
    case EA_TEXT_ALPHABET_7BIT:
      break;
    }
  return ea_text_decode_septets (payload, submit->user_data.length, 0, NULL);
}

/* oFono shows a message with its text packed where the card wants that, TS 102 223 §8.6. */
static void
check_submit (const Field *field, JsonObject *expected, EaSpan tpdu)
{
  g_autoptr (GBytes) packed = NULL;
  JsonObject *destination = json_object_get_object_member (expected, "daddr");
  g_autofree char *text = NULL;
  EaSmsSubmit submit;

  if ((field->command->qualifier & EA_CAT_QUALIFIER_PACKING_REQUIRED) != 0)
    {
      packed = ea_sms_pack_submit (tpdu, NULL);
      tpdu = ea_span_from_bytes (packed);
    }
  vector_assert (field->vector, ea_sms_parse_submit (&submit, tpdu, NULL), "an SMS-SUBMIT");
  vector_assert_number (field->vector, "TP-MR", submit.reference,
                        field_get_number (expected, "mr"));
  vector_assert_number (field->vector, "TP-PID", submit.pid, field_get_number (expected, "pid"));
  vector_assert_number (field->vector, "TP-DCS", submit.dcs, field_get_number (expected, "dcs"));
  vector_assert_number (field->vector, "TP-UDL", submit.user_data.length,
                        field_get_number (expected, "udl"));
  vector_assert_string (field->vector, "TP-DA", submit.destination.digits,
                        json_object_get_string_member (destination, "address"));
  text = decode_message (&submit);
  vector_assert_string (field->vector, "text", text,
                        json_object_get_string_member (expected, "ud"));
}

static void
check_message (const Field *field)
{
  JsonArray *array = json_node_get_array (field->node);
  JsonNode *smsc = json_array_get_element (array, 0);
  JsonObject *submit
      = json_object_get_object_member (json_array_get_object_element (array, 2), "submit");
  g_autofree char *digits = NULL;
  EaCatAddress address;
  EaSpan value;

  vector_assert_string (field->vector, "kind", json_array_get_string_element (array, 1),
                        "SMS_TYPE_SUBMIT");
  if (JSON_NODE_HOLDS_OBJECT (smsc))
    {
      vector_assert (
          field->vector,
          ea_cat_command_find (field->command, EA_CAT_TAG_ADDRESS, EA_CAT_ROLE_ONLY, &value)
              && ea_cat_parse_address (&address, value, NULL),
          "a service centre");
      digits = ea_cat_digits_to_text (address.digits);
      vector_assert_number (field->vector, "TON", address.ton, 1);
      vector_assert_number (field->vector, "NPI", address.npi, 1);
      vector_assert_string (field->vector, "service centre", digits,
                            json_object_get_string_member (json_node_get_object (smsc), "address"));
    }
  check_submit (field, submit, field_get_value (field));
}

static void
check_bearer (const Field *field)
{
  static const struct
  {
    const char *name;
    const char *member;
  } names[] = {
    { "precedence_class", "precedence" },   { "delay_class", "delay" },
    { "reliability_class", "reliability" }, { "peak_throughput_class", "peak" },
    { "mean_throughput_class", "mean" },    { "packet_data_protocol_type", "pdp_type" },
  };
  JsonObject *object = json_node_get_object (field->node);
  JsonObject *gprs = json_object_get_object_member (object, "gprs");
  const EaCatBearerField *fields;
  EaCatBearerDescription bearer;
  EaReader reader;
  gsize n_fields;

  vector_assert (field->vector,
                 ea_cat_parse_bearer_description (&bearer, field_get_value (field), NULL),
                 "a bearer");
  vector_assert_number (field->vector, "type", bearer.type,
                        field_get_member_constant (object, "type"));
  fields = ea_cat_get_bearer_fields (&bearer, &n_fields);
  vector_assert_number (field->vector, "parameters", n_fields, json_object_get_size (gprs));
  ea_reader_init (&reader, bearer.parameters);
  for (gsize i = 0; i < n_fields; i++)
    {
      assert_string_equal (fields[i].name, names[i].name);
      vector_assert_number (field->vector, names[i].name, ea_reader_u8 (&reader),
                            field_get_number (gprs, names[i].member));
    }
}

static void
check_hex_bearer (const Field *field)
{
  assert_string_equal (json_node_get_string (field->node), "GPRS 03 04 03 04 1f 02");
  assert_span_is (field_get_value (field), "02 03 04 03 04 1F 02");
}

static void
check_u16 (const Field *field)
{
  guint16 number;

  vector_assert (field->vector,
                 ea_cat_parse_u16 (&number, field->tag, field_get_value (field), NULL),
                 "two octets");
  vector_assert_number (field->vector, "number", number, (guint64) json_node_get_int (field->node));
}

static void
check_access_name (const Field *field)
{
  g_autofree char *name = ea_cat_parse_network_access_name (field_get_value (field), NULL);

  vector_assert_string (field->vector, "access name", name, json_node_get_string (field->node));
}

static EaCatTransport
get_transport (const Field *field)
{
  EaCatTransport transport = { 0 };

  vector_assert (field->vector, ea_cat_parse_transport (&transport, field_get_value (field), NULL),
                 "a transport level");
  return transport;
}

static void
check_transport (const Field *field)
{
  JsonObject *object = json_node_get_object (field->node);

  vector_assert_number (field->vector, "protocol", get_transport (field).protocol,
                        field_get_member_constant (object, "protocol"));
  vector_assert_number (field->vector, "port", get_transport (field).port,
                        field_get_number (object, "port"));
}

static void
check_protocol (const Field *field)
{
  vector_assert_number (field->vector, "protocol", get_transport (field).protocol,
                        g_ascii_strtoull (json_node_get_string (field->node), NULL, 16));
}

static void
check_port (const Field *field)
{
  vector_assert_number (field->vector, "port", get_transport (field).port,
                        (guint64) json_node_get_int (field->node));
}

static void
check_address (const Field *field)
{
  g_autofree char *text = NULL;
  EaCatOtherAddress address;

  vector_assert (field->vector,
                 ea_cat_parse_other_address (&address, field_get_value (field), NULL),
                 "an address");
  vector_assert_number (field->vector, "family", address.family, 0x21);
  text = ea_cat_other_address_to_text (&address);
  if (JSON_NODE_HOLDS_VALUE (field->node))
    vector_assert_string (field->vector, "address", text, json_node_get_string (field->node));
  else /* 16843009, which is the same in both orders of octets */
    vector_assert_string (field->vector, "address", text, "1.1.1.1");
}

static void
check_channel (const Field *field)
{
  vector_assert_number (field->vector, "channel", ea_cat_command_get_channel (field->command),
                        (guint64) json_node_get_int (field->node));
}

/* oFono wants "command data not understood" for an icon without a text, TS 102 223 §6.5.4. */
static void
check_status (const Field *field)
{
  g_autoptr (GError) error = NULL;
  gboolean is_partial;

  vector_assert_string (field->vector, "status", json_node_get_string (field->node),
                        "STK_PARSE_RESULT_DATA_NOT_UNDERSTOOD");
  vector_assert (field->vector, !ea_cat_check_command (field->command, &is_partial, &error),
                 "it is not understood");
  vector_assert_number (field->vector, "result", ea_cat_get_result (error->code), 0x32);
}

static const struct
{
  const char *member;
  CheckFunc check;
  EaCatTag tag;
  EaCatRole role;
} members[] = {
  { "struct", check_nothing, 0, 0 },  /* the name of the C structure */
  { "comment", check_nothing, 0, 0 }, /* words */
  { "note", check_nothing, 0, 0 },    /* words */
  { "name", check_nothing, 0, 0 },    /* the row's id once more */
  { "qualifier", check_qualifier, 0, 0 },
  { "qual", check_hex_qualifier, 0, 0 },
  { "type", check_hex_type, 0, 0 },
  { "dst", check_destination, 0, 0 },
  { "tshark", check_tshark, 0, 0 },
  { "status", check_status, 0, 0 },
  { "channel", check_channel, 0, 0 },
  { "alpha", check_alpha, EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "alpha_id", check_alpha, EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "alpha_id_usr_cfm", check_alpha, EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "alpha_id_call_setup", check_alpha, EA_CAT_TAG_ALPHA_IDENTIFIER, EA_CAT_ROLE_CALL_SET_UP },
  { "text", check_text, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_ONLY },
  { "default_text", check_text, EA_CAT_TAG_DEFAULT_TEXT, EA_CAT_ROLE_ONLY },
  { "login", check_text, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_LOGIN },
  { "text_usr", check_text, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_LOGIN },
  { "password", check_text, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_PASSWORD },
  { "text_passwd", check_text, EA_CAT_TAG_TEXT_STRING, EA_CAT_ROLE_PASSWORD },
  { "icon", check_hex_icon, EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "icon_id", check_icon, EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "icon_id_usr_cfm", check_icon, EA_CAT_TAG_ICON_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "item_icon_id_list", check_item_icons, EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, 0 },
  { "text_attr", check_text_attribute, EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_ROLE_ONLY },
  { "text_attr_usr_cfm", check_text_attribute, EA_CAT_TAG_TEXT_ATTRIBUTE, EA_CAT_ROLE_ONLY },
  { "text_attr_call_setup", check_text_attribute, EA_CAT_TAG_TEXT_ATTRIBUTE,
    EA_CAT_ROLE_CALL_SET_UP },
  { "item_text_attr_list", check_item_text_attributes, EA_CAT_TAG_ITEM_TEXT_ATTRIBUTE_LIST, 0 },
  { "duration", check_duration, EA_CAT_TAG_DURATION, EA_CAT_ROLE_ONLY },
  { "resp_len", check_response_length, EA_CAT_TAG_RESPONSE_LENGTH, EA_CAT_ROLE_ONLY },
  { "tone", check_octet, EA_CAT_TAG_TONE, EA_CAT_ROLE_ONLY },
  { "items", check_items, EA_CAT_TAG_ITEM, EA_CAT_ROLE_LIST },
  { "gsm_sms", check_message, EA_CAT_TAG_SMS_TPDU, EA_CAT_ROLE_ONLY },
  { "ss", check_number, EA_CAT_TAG_SS_STRING, EA_CAT_ROLE_ONLY },
  { "addr", check_number, EA_CAT_TAG_ADDRESS, EA_CAT_ROLE_ONLY },
  { "ussd", check_ussd, EA_CAT_TAG_USSD_STRING, EA_CAT_ROLE_ONLY },
  { "ccp", check_octets, EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, EA_CAT_ROLE_ONLY },
  { "dtmf", check_digits, EA_CAT_TAG_DTMF_STRING, EA_CAT_ROLE_ONLY },
  { "at_command", check_characters, EA_CAT_TAG_AT_COMMAND, EA_CAT_ROLE_ONLY },
  { "language", check_characters, EA_CAT_TAG_LANGUAGE, EA_CAT_ROLE_ONLY },
  { "url", check_characters, EA_CAT_TAG_URL, EA_CAT_ROLE_ONLY },
  { "timer_id", check_octet, EA_CAT_TAG_TIMER_IDENTIFIER, EA_CAT_ROLE_ONLY },
  { "timer_value", check_timer_value, EA_CAT_TAG_TIMER_VALUE, EA_CAT_ROLE_ONLY },
  { "c_apdu", check_c_apdu, EA_CAT_TAG_C_APDU, EA_CAT_ROLE_ONLY },
  { "length", check_octet, EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_ROLE_ONLY },
  { "bearer", check_hex_bearer, EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_ROLE_ONLY },
  { "bearer_desc", check_bearer, EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_ROLE_ONLY },
  { "buffer", check_u16, EA_CAT_TAG_BUFFER_SIZE, EA_CAT_ROLE_ONLY },
  { "buf_size", check_u16, EA_CAT_TAG_BUFFER_SIZE, EA_CAT_ROLE_ONLY },
  { "apn", check_access_name, EA_CAT_TAG_NETWORK_ACCESS_NAME, EA_CAT_ROLE_ONLY },
  { "uti", check_transport, EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_ROLE_ONLY },
  { "proto", check_protocol, EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_ROLE_ONLY },
  { "port", check_port, EA_CAT_TAG_TRANSPORT_LEVEL, EA_CAT_ROLE_ONLY },
  { "data_dest_addr", check_address, EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_ROLE_DESTINATION_ADDRESS },
  { "dest", check_address, EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_ROLE_DESTINATION_ADDRESS },
};

static void
check_member (JsonObject *object, const char *member, JsonNode *node, gpointer user_data)
{
  Field *field = user_data;

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (members[i].member, member) == 0)
      {
        field->node = node;
        field->tag = members[i].tag;
        field->role = members[i].role;
        members[i].check (field);
        return;
      }
  fail_msg ("%s: member %s is not compared", field->vector->id, member);
}

static void
test_each_field_of_each_command_of_other_implementations_is_read_alike (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("proactive.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];
      g_autoptr (GError) error = NULL;
      EaCatCommand command;
      Field field = { .vector = vector, .command = &command };

      if (!ea_cat_parse_command (&command, ea_span_from_bytes (vector->bytes), &error))
        fail_msg ("%s: %s", vector->id, error->message);
      json_object_foreach_member (vector->expected, check_member, &field);
    }
  vectors_report ("proactive.tsv", vectors->len, vectors->len, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_each_field_of_each_command_of_other_implementations_is_read_alike),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
