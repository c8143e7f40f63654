/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TERMINAL RESPONSE, TS 102 223 §6.8: the answer to each command, and what it may bring along. */

#include "core/cat-response.h"

#include "core/cat-command.h"
#include "core/cat-name.h"
#include "core/error.h"

static const EaCatSlot call_control[] = {
  { EA_CAT_TAG_CALL_CONTROL_REQUESTED_ACTION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_RESULT, EA_CAT_CONDITIONAL, EA_CAT_ROLE_CALL_CONTROL },
};

static const EaCatSlot send_ussd[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CALL_CONTROL_REQUESTED_ACTION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_RESULT, EA_CAT_CONDITIONAL, EA_CAT_ROLE_CALL_CONTROL },
};

static const EaCatSlot poll_interval[] = {
  { EA_CAT_TAG_DURATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_POLL_INTERVAL },
};

static const EaCatSlot get_inkey[] = {
  { EA_CAT_TAG_TEXT_STRING, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DURATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot select_item[] = {
  { EA_CAT_TAG_ITEM_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot display_text[] = {
  { EA_CAT_TAG_DURATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot provide_local_information[] = {
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMEI, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_MEASUREMENT_RESULTS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BCCH_CHANNEL_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LANGUAGE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TIMING_ADVANCE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ESN, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IMEISV, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_SEARCH_MODE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BATTERY_STATE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MEID, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_WLAN_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BROADCAST_NETWORK_INFORMATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_CSG_ID_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_IP_ADDRESS_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SURROUNDING_MACROCELLS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_SUPPORTED_RADIO_ACCESS_TECHNOLOGIES, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

/* With 0F and 10 (TS 31.111 §6.4.15) there is one for each access technology. */
static const EaCatSlot provide_several_locations[] = {
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_LOCATION_INFORMATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
};

static const EaCatSlot provide_several_measurements[] = {
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_NETWORK_MEASUREMENT_RESULTS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_BCCH_CHANNEL_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot timer_management[] = {
  { EA_CAT_TAG_TIMER_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_TIMER_VALUE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot perform_card_apdu[] = {
  { EA_CAT_TAG_R_APDU, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot power_on_card[] = {
  { EA_CAT_TAG_CARD_ATR, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot get_reader_status[] = {
  { EA_CAT_TAG_CARD_READER_STATUS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_CARD_READER_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot run_at_command[] = {
  { EA_CAT_TAG_AT_RESPONSE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot open_channel[] = {
  { EA_CAT_TAG_CHANNEL_STATUS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_BEARER_DESCRIPTION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_BUFFER_SIZE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_OTHER_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
  { EA_CAT_TAG_CALL_CONTROL_REQUESTED_ACTION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_RESULT, EA_CAT_CONDITIONAL, EA_CAT_ROLE_CALL_CONTROL },
};

static const EaCatSlot receive_data[] = {
  { EA_CAT_TAG_CHANNEL_DATA, EA_CAT_CONDITIONAL, EA_CAT_ROLE_RECEIVED },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_CONDITIONAL, EA_CAT_ROLE_AVAILABLE },
};

static const EaCatSlot send_data[] = {
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, EA_CAT_CONDITIONAL, EA_CAT_ROLE_AVAILABLE },
};

static const EaCatSlot get_channel_status[] = {
  { EA_CAT_TAG_CHANNEL_STATUS, EA_CAT_CONDITIONAL, EA_CAT_ROLE_LIST },
};

static const EaCatSlot service_search[] = {
  { EA_CAT_TAG_SERVICE_AVAILABILITY, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot get_service_information[] = {
  { EA_CAT_TAG_SERVICE_RECORD, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot set_frames[] = {
  { EA_CAT_TAG_FRAMES_INFORMATION, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot retrieve_multimedia_message[] = {
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot command_container[] = {
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_MAC, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

static const EaCatSlot encapsulated_session_control[] = {
  { EA_CAT_TAG_SA_TEMPLATE, EA_CAT_CONDITIONAL, EA_CAT_ROLE_ONLY },
};

#define SLOTS(array) array, G_N_ELEMENTS (array)
#define CLAUSE "TS 102 223 §6.8"

/* Commands whose response has the result only are not in this table. */
static const struct
{
  guint8 type;
  EaCatLayout layout;
} responses[] = {
  { 0x03, { "POLL INTERVAL", CLAUSE, SLOTS (poll_interval) } },
  { 0x10, { "SET UP CALL", CLAUSE, SLOTS (call_control) } },
  { 0x11, { "SEND SS", CLAUSE, SLOTS (call_control) } },
  { 0x12, { "SEND USSD", CLAUSE, SLOTS (send_ussd) } },
  { 0x13, { "SEND SHORT MESSAGE", CLAUSE, SLOTS (call_control) } },
  { 0x21, { "DISPLAY TEXT", CLAUSE, SLOTS (display_text) } },
  { 0x22, { "GET INKEY", CLAUSE, SLOTS (get_inkey) } },
  { 0x23, { "GET INPUT", CLAUSE, SLOTS (get_inkey) } },
  { 0x24, { "SELECT ITEM", CLAUSE, SLOTS (select_item) } },
  { 0x26, { "PROVIDE LOCAL INFORMATION", CLAUSE, SLOTS (provide_local_information) } },
  { 0x27, { "TIMER MANAGEMENT", CLAUSE, SLOTS (timer_management) } },
  { 0x30, { "PERFORM CARD APDU", CLAUSE, SLOTS (perform_card_apdu) } },
  { 0x31, { "POWER ON CARD", CLAUSE, SLOTS (power_on_card) } },
  { 0x33, { "GET READER STATUS", CLAUSE, SLOTS (get_reader_status) } },
  { 0x34, { "RUN AT COMMAND", CLAUSE, SLOTS (run_at_command) } },
  { 0x40, { "OPEN CHANNEL", CLAUSE, SLOTS (open_channel) } },
  { 0x42, { "RECEIVE DATA", CLAUSE, SLOTS (receive_data) } },
  { 0x43, { "SEND DATA", CLAUSE, SLOTS (send_data) } },
  { 0x44, { "GET CHANNEL STATUS", CLAUSE, SLOTS (get_channel_status) } },
  { 0x45, { "SERVICE SEARCH", CLAUSE, SLOTS (service_search) } },
  { 0x46, { "GET SERVICE INFORMATION", CLAUSE, SLOTS (get_service_information) } },
  { 0x50, { "SET FRAMES", CLAUSE, SLOTS (set_frames) } },
  { 0x51, { "GET FRAMES STATUS", CLAUSE, SLOTS (set_frames) } },
  { 0x60, { "RETRIEVE MULTIMEDIA MESSAGE", CLAUSE, SLOTS (retrieve_multimedia_message) } },
  { 0x61, { "SUBMIT MULTIMEDIA MESSAGE", CLAUSE, SLOTS (retrieve_multimedia_message) } },
  { 0x72, { "COMMAND CONTAINER", CLAUSE, SLOTS (command_container) } },
  { 0x73, { "ENCAPSULATED SESSION CONTROL", CLAUSE, SLOTS (encapsulated_session_control) } },
};

/* Qualifiers of PROVIDE LOCAL INFORMATION, TS 31.111 §8.6: of multiple access technologies */
#define INFORMATION_SEVERAL_LOCATIONS 0x0F
#define INFORMATION_SEVERAL_MEASUREMENTS 0x10

/* In the response to SET UP CALL and its like the network's cause has its extension bit set. */
#define CAUSE_VALUE 0x7F

const EaCatLayout *
ea_cat_get_response_layout (guint8 type)
{
  static const EaCatLayout nothing = { "TERMINAL RESPONSE", CLAUSE, NULL, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (responses); i++)
    if (responses[i].type == type)
      return &responses[i].layout;
  return &nothing;
}

const EaCatLayout *
ea_cat_response_get_layout (const EaCatResponse *response)
{
  static const EaCatLayout locations
      = { "PROVIDE LOCAL INFORMATION", CLAUSE, SLOTS (provide_several_locations) };
  static const EaCatLayout measurements
      = { "PROVIDE LOCAL INFORMATION", CLAUSE, SLOTS (provide_several_measurements) };

  if (response->details.type == EA_CAT_TYPE_PROVIDE_LOCAL_INFORMATION)
    {
      if (response->details.qualifier == INFORMATION_SEVERAL_LOCATIONS)
        return &locations;
      if (response->details.qualifier == INFORMATION_SEVERAL_MEASUREMENTS)
        return &measurements;
    }
  return ea_cat_get_response_layout (response->details.type);
}

/* Reads the next object, which has to be @tag. */
static gboolean
read_head (EaTlv *out, EaReader *reader, EaCatTag tag, GError **error)
{
  const guint8 *position = ea_reader_position (reader);

  if (ea_reader_remaining (reader) == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position,
                              "TERMINAL RESPONSE ends before its %s",
                              ea_cat_get_tag_name ((guint32) tag));
  if (!ea_tlv_read_comprehension (reader, out, error))
    return FALSE;
  if (out->tag == (guint32) tag)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position,
                            "TERMINAL RESPONSE has object %02X in the place of its %s", out->tag,
                            ea_cat_get_tag_name ((guint32) tag));
}

gboolean
ea_cat_parse_response (EaCatResponse *out, EaSpan response, GError **error)
{
  EaCatResponse parsed = { 0 };
  EaReader reader;
  EaTlv tlv;

  if (response.size > EA_CAT_RESPONSE_MAX)
    return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, response.data,
                              "TERMINAL RESPONSE has %" G_GSIZE_FORMAT " bytes, more than %d",
                              response.size, EA_CAT_RESPONSE_MAX);
  ea_reader_init (&reader, response);
  if (!read_head (&tlv, &reader, EA_CAT_TAG_COMMAND_DETAILS, error)
      || !ea_cat_parse_command_details (&parsed.details, tlv.value, error))
    return FALSE;
  parsed.has_comprehension_tags = tlv.is_comprehension_required;
  if (!read_head (&tlv, &reader, EA_CAT_TAG_DEVICE_IDENTITIES, error)
      || !ea_cat_parse_device_identities (&parsed.devices, tlv.value, error)
      || !read_head (&tlv, &reader, EA_CAT_TAG_RESULT, error)
      || !ea_cat_parse_result (&parsed.result, tlv.value, error))
    return FALSE;
  parsed.objects = ea_reader_rest (&reader);
  if (!ea_cat_check_sequence (parsed.objects, error))
    return FALSE;
  *out = parsed;
  return TRUE;
}

GBytes *
ea_cat_build_response (const EaCatResponse *response)
{
  gboolean style = response->has_comprehension_tags;
  g_auto (EaWriter) value = { 0 };
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_init (&value);
  ea_cat_write_command_details (&value, &response->details);
  ea_cat_write_object (&writer, EA_CAT_TAG_COMMAND_DETAILS, style, ea_writer_span (&value));
  ea_writer_reset (&value);
  ea_cat_write_device_identities (&value, &response->devices);
  ea_cat_write_object (&writer, EA_CAT_TAG_DEVICE_IDENTITIES, style, ea_writer_span (&value));
  ea_writer_reset (&value);
  ea_cat_write_result (&value, &response->result);
  ea_cat_write_object (&writer, EA_CAT_TAG_RESULT, style, ea_writer_span (&value));
  ea_writer_bytes (&writer, response->objects);
  return ea_writer_steal (&writer);
}

GBytes *
ea_cat_build_response_to (const EaCatCommand *command, EaCatResult result, EaSpan additional,
                          EaSpan objects)
{
  const EaCatResponse response = {
    .details = { command->number, command->type, command->qualifier },
    .devices = { EA_CAT_DEVICE_TERMINAL, EA_CAT_DEVICE_UICC },
    .result = { (guint8) result, additional },
    .has_comprehension_tags = command->has_comprehension_tags,
    .objects = objects,
  };

  return ea_cat_build_response (&response);
}

GBytes *
ea_cat_answer_command (const EaCatCommand *command, EaCatResult result, EaSpan additional,
                       EaSpan objects)
{
  gboolean is_partial = FALSE;

  if (result == EA_CAT_RESULT_OK && ea_cat_check_command (command, &is_partial, NULL) && is_partial)
    result = EA_CAT_RESULT_PARTIAL_COMPREHENSION;
  return ea_cat_build_response_to (command, result, additional, objects);
}

gboolean
ea_cat_result_needs_additional (guint8 general)
{
  static const guint8 results[] = {
    EA_CAT_RESULT_TERMINAL_UNABLE,        EA_CAT_RESULT_NETWORK_UNABLE,
    EA_CAT_RESULT_LAUNCH_BROWSER_ERROR,   EA_CAT_RESULT_MULTIPLE_CARD_ERROR,
    EA_CAT_RESULT_CALL_CONTROL_PERMANENT, EA_CAT_RESULT_BIP_ERROR,
    EA_CAT_RESULT_FRAMES_ERROR,           EA_CAT_RESULT_MMS_ERROR,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i] == general)
      return TRUE;
  return FALSE;
}

const char *
ea_cat_get_result_cause_name (guint8 type, guint8 general, guint8 additional)
{
  gboolean is_packet = type >= EA_CAT_TYPE_OPEN_CHANNEL && type <= EA_CAT_TYPE_GET_CHANNEL_STATUS;

  switch (general)
    {
    case EA_CAT_RESULT_TERMINAL_UNABLE:
      return ea_cat_get_name (EA_CAT_NAMES_TERMINAL_CAUSE, additional);
    case EA_CAT_RESULT_NETWORK_UNABLE:
      if (additional == 0)
        return "no specific cause can be given";
      return ea_cat_get_name (is_packet ? EA_CAT_NAMES_SESSION_CAUSE : EA_CAT_NAMES_CALL_CAUSE,
                              additional & CAUSE_VALUE);
    case EA_CAT_RESULT_CALL_CONTROL_TEMPORARY:
    case EA_CAT_RESULT_CALL_CONTROL_PERMANENT:
      return ea_cat_get_name (EA_CAT_NAMES_CALL_CONTROL_CAUSE, additional);
    case EA_CAT_RESULT_LAUNCH_BROWSER_ERROR:
      return ea_cat_get_name (EA_CAT_NAMES_LAUNCH_BROWSER_CAUSE, additional);
    case EA_CAT_RESULT_SMS_RP_ERROR:
      return ea_cat_get_name (EA_CAT_NAMES_RP_CAUSE, additional);
    case EA_CAT_RESULT_MULTIPLE_CARD_ERROR:
      return ea_cat_get_name (EA_CAT_NAMES_MULTIPLE_CARD_CAUSE, additional);
    case EA_CAT_RESULT_BIP_ERROR:
      return ea_cat_get_name (EA_CAT_NAMES_BIP_CAUSE, additional);
    case EA_CAT_RESULT_FRAMES_ERROR:
      return ea_cat_get_name (EA_CAT_NAMES_FRAMES_CAUSE, additional);
    default:
      return NULL;
    }
}
